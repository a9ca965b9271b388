"""Names as Protobuf itself derives them, and an injective way around names that are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["PYTHON_KEYWORDS", "free_names", "json_name", "python_module_path", "snake_case"]

PYTHON_KEYWORDS = frozenset(
    """
    False None True and as assert async await break class continue def del elif else except finally for from global if
    import in is lambda nonlocal not or pass raise return try while with yield
    """.split()  # noqa: SIM905 - a list of forty strings is harder to read
)
"""`keyword.kwlist` of Python 3.11 to 3.14; written out so that output does not depend on the interpreter."""


def json_name(name: str) -> str:
    """The lowerCamelCase name that protoc gives a field without `json_name`.

    >>> json_name("created_at"), json_name("_a__b1_c")
    ('createdAt', 'AB1C')
    """
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def snake_case(name: str) -> str:
    """A CamelCase name in snake_case.

    >>> snake_case("UserProfile"), snake_case("HTTPServer"), snake_case("User_V2"), snake_case("OAuth2Client")
    ('user_profile', 'http_server', 'user_v2', 'o_auth2_client')
    """
    written: list[str] = []
    for i, letter in enumerate(name):
        if letter.isupper() and i and name[i - 1] != "_":
            before_is_upper = name[i - 1].isupper()
            after_is_lower = name[i + 1 : i + 2].islower()
            if not before_is_upper or after_is_lower:
                written.append("_")
        written.append(letter.lower())
    return "".join(written)


def free_names(
    names: Iterable[str], *, is_taken: Callable[[str], bool], first_try: Callable[[str], str] = str
) -> dict[str, str]:
    """An injective map from `names` to names that are not taken, most of them to themselves.

    A name that is free stays as it is, whatever else is in `names`; any other gets `_` until it is free. So adding a
    field never renames another one that was free.

    >>> free_names(["class", "class_", "x"], is_taken={"class"}.__contains__)
    {'class': 'class__', 'class_': 'class_', 'x': 'x'}
    """
    wanted = list(dict.fromkeys(names))
    chosen = {name: name for name in wanted if first_try(name) == name and not is_taken(name)}
    used = set(chosen.values())
    for name in wanted:
        if name in chosen:
            continue
        candidate = first_try(name)
        while candidate in used or is_taken(candidate):
            candidate += "_"
        chosen[name] = candidate
        used.add(candidate)
    return {name: chosen[name] for name in wanted}


def python_module_path(proto_path: str, suffix: str) -> str:
    """The path of the Python module for a `.proto` file: every part a valid identifier.

    >>> python_module_path("acme/import/user-data.v1.proto", "_models")
    'acme/import_/user_data_v1_models.py'
    """
    *folders, stem = proto_path.removesuffix(".proto").split("/")
    parts = [_identifier(part) for part in folders]
    return "/".join([*parts, _identifier(stem + suffix)]) + ".py"


def _identifier(part: str) -> str:
    cleaned = "".join(c if c.isalnum() or c == "_" else "_" for c in part)
    if cleaned[:1].isdigit():
        cleaned = "_" + cleaned
    return cleaned + "_" if cleaned in PYTHON_KEYWORDS else cleaned

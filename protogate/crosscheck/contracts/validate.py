"""A JSON document to a contract, or to everything that keeps it from being one.

What makes a contract wrong here, and what the published schemas refuse, is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, cast

from protogate.crosscheck.contracts.model import NO_KEYS, Command, Event, Query
from protogate.crosscheck.contracts.nodes import check_block, check_definitions
from protogate.crosscheck.contracts.problems import Problems, described, nearest
from protogate.crosscheck.values import show
from protogate.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.crosscheck.contracts.documents import Document
    from protogate.crosscheck.contracts.model import Contract
    from protogate.crosscheck.contracts.positions import Pointer
    from protogate.findings import Finding

    Check: TypeAlias = Callable[[Any, Pointer, Problems], None]

__all__ = ["SUFFIXES", "Word", "validate", "word_of"]

Word: TypeAlias = Literal["command", "query", "event"]
"""The key that holds the name of a contract, which is also in the name of its file."""

SUFFIXES: Final[dict[str, Word]] = {
    ".command.json": "command",
    ".query.json": "query",
    ".event.json": "event",
}


class _Form(NamedTuple):
    """What a contract of one kind looks like."""

    kinds: tuple[str, ...]
    required: tuple[str, ...]
    checks: dict[str, Check]


def word_of(path: str) -> Word | None:
    """Return which kind of contract a file holds by its name; None for any other file.

    >>> word_of("devices/CreateDevice.command.json")
    'command'
    """
    return next((word for suffix, word in SUFFIXES.items() if path.endswith(suffix)), None)


def validate(document: Document) -> tuple[Contract | None, tuple[Finding, ...]]:
    """Return the contract that a document is, None if it has errors; and what is to be said about it, by place."""
    word = word_of(document.path)
    if word is None:
        raise InternalError(f"{document.path} has not the name of a contract")
    problems = Problems()
    value = document.value
    if isinstance(value, dict):
        _check(value, word, problems)
    else:
        message = f"a contract is an object, not {described(value)}"
        problems.error("contract/not-an-object", (), message)
    contract = None if problems.failed else _contract(word, document, cast("dict[str, Any]", value))
    return contract, problems.findings(document)


def _check(value: dict[str, Any], word: Word, problems: Problems) -> None:
    form = _FORMS[word]
    for key in form.required:
        if key not in value:
            problems.error("contract/missing-key", (), f"required key {key!r} is missing", _missing_hint(key, value))
    for key, part in value.items():
        check = form.checks.get(key)
        if check is not None:
            check(part, (key,), problems)
        elif not key.startswith(("x-", "$")):
            message = f"{key!r} is no key of {_WITH_ARTICLE[word]}"
            problems.warn("contract/unknown-key", (key,), message, nearest(key, tuple(form.checks)), at_key=True)
    if "kind" in value and value["kind"] not in form.kinds:
        allowed = " or ".join(form.kinds)
        message = f"'kind' of {_WITH_ARTICLE[word]} is {allowed}, not {described(value['kind'])}"
        problems.error("contract/wrong-kind", ("kind",), message)


def _missing_hint(key: str, value: dict[str, Any]) -> str:
    other: Word | None = next((word for word in _FORMS if word in value), None)
    if key in _FORMS and other:
        return f"it has {other!r}; if it is {_WITH_ARTICLE[other]}, the name of its file ends with .{other}.json"
    return ""


def _contract(word: Word, document: Document, value: dict[str, Any]) -> Contract:
    name, kind, version = value[word], value["kind"], value["version"]
    about = {"module": value.get("module", ""), "description": value.get("description", "")}
    storage = value.get("storage", NO_KEYS)
    if word == "event":
        return Event(
            name,
            document,
            kind,
            version,
            payload=value["payload"],
            producers=value["producers"],
            consumers=value.get("consumers", []),
            layers=value.get("layers", NO_KEYS),
            transport=value.get("transport", NO_KEYS),
            storage=storage,
            **about,
        )
    parts = {key: value[key] for key in ("input", "output", "transport", "layers")}
    if word == "query":
        return Query(name, document, kind, version, **parts, storage=storage, **about)
    return Command(
        name, document, kind, version, **parts, storage=storage, events=value.get("events", NO_KEYS), **about
    )


def _check_anything(_value: object, _pointer: Pointer, _problems: Problems) -> None:
    """Take any value: `kind` is looked at as a whole."""


def _check_text(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, str):
        problems.wrong_shape(pointer, value, "a string")


def _check_word(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, str) or not value:
        hint = f"write {show(str(value))}" if isinstance(value, int | float) else ""
        problems.wrong_shape(pointer, value, "a string that is not empty", hint)


def _check_object(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.wrong_shape(pointer, value, "an object")


def _check_words(value: object, pointer: Pointer, problems: Problems) -> None:
    _check_object(value, pointer, problems)
    for key, part in value.items() if isinstance(value, dict) else ():
        _check_word(part, (*pointer, key), problems)


def _check_list(value: list[object], pointer: Pointer, problems: Problems) -> None:
    for index, part in enumerate(value):
        _check_word(part, (*pointer, index), problems)


def _check_consumers(value: object, pointer: Pointer, problems: Problems) -> None:
    if isinstance(value, list):
        _check_list(value, pointer, problems)
    elif isinstance(value, dict):
        _check_words(value, pointer, problems)
    else:
        problems.wrong_shape(pointer, value, "an array of names")


def _check_events(value: object, pointer: Pointer, problems: Problems) -> None:
    _check_object(value, pointer, problems)
    for key, part in value.items() if isinstance(value, dict) else ():
        if isinstance(part, list):
            _check_list(part, (*pointer, key), problems)
        else:
            _check_word(part, (*pointer, key), problems)


def _check_transport(value: object, pointer: Pointer, problems: Problems) -> None:
    _check_object(value, pointer, problems)
    for name, part in value.items() if isinstance(value, dict) else ():
        if not isinstance(part, dict):
            problems.wrong_shape((*pointer, name), part, "an object")
            continue
        for key in _TRANSPORTS.get(name, ()):
            if key in part:
                _check_text(part[key], (*pointer, name, key), problems)


_TRANSPORTS: Final = {"http": ("method", "endpoint"), "ws": ("channel",)}
"""What the listing shows of a transport."""

_WITH_ARTICLE: Final[dict[Word, str]] = {"command": "a command", "query": "a query", "event": "an event"}

_EVERYWHERE: Final[dict[str, Check]] = {
    "kind": _check_anything,
    "version": _check_word,
    "module": _check_text,
    "description": _check_text,
    "transport": _check_transport,
    "layers": _check_words,
    "storage": _check_object,
    "definitions": check_definitions,
    "$defs": check_definitions,
}

_FORMS: Final[dict[Word, _Form]] = {
    "command": _Form(
        ("CQRS_COMMAND",),
        ("command", "kind", "version", "input", "output", "transport", "layers"),
        {"command": _check_word, "input": check_block, "output": check_block, "events": _check_events, **_EVERYWHERE},
    ),
    "query": _Form(
        ("CQRS_QUERY",),
        ("query", "kind", "version", "input", "output", "transport", "layers"),
        {"query": _check_word, "input": check_block, "output": check_block, **_EVERYWHERE},
    ),
    "event": _Form(
        ("DOMAIN_EVENT", "INTEGRATION_EVENT"),
        ("event", "kind", "version", "payload", "producers"),
        {
            "event": _check_word,
            "payload": check_block,
            "producers": _check_words,
            "consumers": _check_consumers,
            **_EVERYWHERE,
        },
    ),
}

"""Names of TypeScript declarations: one for every type of a file, none taken twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors.names import free_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.descriptors import Field, File

__all__ = ["FileNames", "TypeNames", "file_names", "is_plain_key", "literal", "object_key", "type_key"]

_NO_TYPES: Final = frozenset(
    """
    break case catch class const continue debugger default delete do else enum export extends false finally for function
    if import in instanceof new null return super switch this throw true try typeof var void while with
    await implements interface let package private protected public static yield
    any bigint boolean never number object string symbol undefined unknown
    infer keyof readonly unique
    """.split()  # noqa: SIM905 - a list of sixty strings is harder to read
)
"""Words that TypeScript refuses as the name of an interface, or reads as an operator in a type."""

_NO_CONSTANTS: Final = _NO_TYPES | {"arguments", "eval", "exports", "require", "Object", "Promise"}
"""Words that TypeScript refuses as the name of a constant, in CommonJS modules too."""


class TypeNames(NamedTuple):
    """The declarations of one message or enum."""

    type: str
    """The parsed value; for an enum also the constant with its names."""
    input: str
    """What the schema accepts; empty for an enum."""
    schema: str


class FileNames(NamedTuple):
    """The declarations of one file."""

    types: dict[str, TypeNames]
    """By full name of the message or enum."""
    extensions: dict[str, str]
    """Constant by full name of the extension."""


def file_names(file: File) -> FileNames:
    """The names of everything that a file declares.

    Types keep their flattened proto name whenever they can. What is derived from it (`UserSchema`, `UserInput`) gives
    way to a message or an enum which the author named so. Types and constants are name spaces of their own.
    """
    messages = list(file.all_messages())
    enums = list(file.all_enums())
    constants = {_flatten(e.local_name) for e in enums}

    def is_taken(name: str) -> bool:
        return name in _NO_TYPES or (name in _NO_CONSTANTS and name in constants)

    # Two types may flatten to one name (`A_B` and `A.B`), so they are told apart by their dots first.
    bases = free_names(
        [m.local_name for m in messages] + [e.local_name for e in enums], is_taken=is_taken, first_try=_flatten
    )
    types = set(bases.values())
    values = {bases[e.local_name] for e in enums}
    chosen: dict[str, TypeNames] = {}
    for message in messages:
        flat = _flatten(message.local_name)
        chosen[message.full_name] = TypeNames(
            bases[message.local_name], _free(f"{flat}Input", types), _free(f"{flat}Schema", values)
        )
    for enum in enums:
        schema = _free(f"{_flatten(enum.local_name)}Schema", values)
        chosen[enum.full_name] = TypeNames(bases[enum.local_name], "", schema)
    extensions = {
        field.full_name: _free(f"{_flatten(_local(field, file))}Extension", values) for field in all_extensions(file)
    }
    return FileNames(chosen, extensions)


def all_extensions(file: File) -> Iterable[Field]:
    """Every extension that a file declares, inside of messages too."""
    yield from file.extensions
    for message in file.all_messages():
        if message.proto.extension:
            yield from message.extensions


def _local(field: Field, file: File) -> str:
    return field.full_name[len(file.package) + 1 :] if file.package else field.full_name


def _flatten(local_name: str) -> str:
    return local_name.replace(".", "_")


def _free(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    used.add(name)
    return name


def is_plain_key(name: str) -> bool:
    """Whether a property needs no quotes."""
    return name.isidentifier() and name.isascii()


def type_key(name: str) -> str:
    """A property name in an interface."""
    return name if is_plain_key(name) else literal(name)


def object_key(name: str) -> str:
    """A property name in an object literal, where a bare `__proto__` would set the prototype."""
    if name == "__proto__":
        return '["__proto__"]'
    return name if is_plain_key(name) else literal(name)


def literal(text: str) -> str:
    """A string literal."""
    import json  # noqa: PLC0415 - rarely needed

    # JSON's escapes are TypeScript's; every character beyond ASCII is escaped.
    return json.dumps(text)

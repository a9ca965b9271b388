"""Proto that puts differences right: declarations that compile when they are pasted into the message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.legacy.contract_proposal import proto_field
from protogate.legacy.diff import DiffKind, DiffSeverity
from protogate.legacy.model import LegacyKind
from protogate.legacy.naming import pascal, snake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.descriptors import Message
    from protogate.legacy.diff import DiffEntry, LegacyDiff
    from protogate.legacy.model import LegacyField

__all__ = ["Suggestion", "advice", "suggest"]

_FIRST: Final = 100
"""Numbers of proposed fields begin here, apart from those of the author."""
_RESERVED: Final = range(19_000, 20_000)
"""Of Protobuf itself."""


_ADVICE: Final[Mapping[DiffKind, str]] = {
    DiffKind.MISSING_IN_PROTO: "declare `{declaration}`, or say in the mapping why the column is ignored",
    DiffKind.TYPE_MISMATCH: "name a conversion in the mapping, or declare `{declaration}`",
    DiffKind.REPEATED_MISMATCH: "declare `{declaration}`, or name a conversion in the mapping",
    DiffKind.REQUIRED_MISMATCH: "give it a default in the mapping, or let it be absent in the contract",
    DiffKind.ENUM_MISMATCH: "say in the mapping with `convert: enum` what each value becomes",
    DiffKind.FORMAT_MISMATCH: "look for rows that break it with `legacy bootstrap --dry-run`",
    DiffKind.LENGTH_MISMATCH: "look for rows that break it with `legacy bootstrap --dry-run`",
    DiffKind.NULLABILITY_MISMATCH: "declare it `optional`, so that null stays null",
    DiffKind.PRECISION_LOSS: "declare `{declaration}`, which holds every value",
}
"""What puts a difference right."""


class Suggestion(NamedTuple):
    """What to add to a message."""

    lines: tuple[str, ...]
    """To be pasted into the message."""
    imports: tuple[str, ...]
    """To be added to its file where they are not there."""

    def text(self) -> str:
        """The lines below each other."""
        return "\n".join(self.lines)


def suggest(diff: LegacyDiff, message: Message) -> Suggestion:
    """Declare what the legacy schema has and the message lacks; nested objects as nested messages."""
    maker = _Maker(message)
    for entry in diff.entries:
        if entry.kind is DiffKind.MISSING_IN_PROTO and entry.legacy is not None and "." not in entry.field_name:
            maker.add(entry.legacy)
    return Suggestion(tuple(maker.lines), tuple(sorted(maker.imports)))


def advice(entry: DiffEntry) -> str:
    """Say in one line what puts an entry right; nothing where it does no harm."""
    if entry.severity is DiffSeverity.INFO or entry.legacy is None:
        return ""
    name = snake(entry.field_name.rpartition(".")[2])
    return _ADVICE[entry.kind].format(declaration=_declaration(entry.legacy, name))


def _declaration(field: LegacyField, name: str) -> str:
    if field.kind is LegacyKind.OBJECT and field.fields:
        return f"{'repeated ' if field.is_repeated else ''}{pascal(field.name)} {name}"
    return proto_field(field, name, "").declaration


class _Maker:
    """Collects declarations with numbers and names that are free."""

    def __init__(self, message: Message) -> None:
        self.lines: list[str] = []
        self.imports: set[str] = set()
        self._scope = message.name
        self._names = {field.name for field in message.fields} | {one.name for one in message.messages}
        self._names |= {one.name for one in message.enums} | set(message.proto.reserved_name)
        self._names |= {value.name for one in message.enums for value in one.values}
        self._numbers = {field.number for field in message.fields}
        self._taken = [*message.reserved_ranges, *message.extension_ranges]
        self._next = _FIRST

    def add(self, field: LegacyField) -> None:
        """Declare one more field."""
        name = self._free(snake(field.name))
        number = self._number()
        if field.kind is LegacyKind.OBJECT and field.fields:
            inner = self._free(pascal(field.name))
            self.lines += _nested(inner, field, self.imports)
            label = "repeated " if field.is_repeated else ""
            self.lines.append(f"{label}{inner} {name} = {number};")
            return
        made = proto_field(field, name, self._scope)
        self.imports |= made.imports
        self.lines += made.enum
        options = f" [{', '.join(made.options)}]" if made.options else ""
        self.lines.append(f"{made.declaration} = {number}{options};")

    def _free(self, name: str) -> str:
        while name in self._names:
            name += "_x" if name.islower() else "X"
        self._names.add(name)
        return name

    def _number(self) -> int:
        while (
            self._next in self._numbers
            or self._next in _RESERVED
            or any(first <= self._next <= last for first, last in self._taken)
        ):
            self._next += 1
        self._next += 1
        return self._next - 1


def _nested(name: str, field: LegacyField, imports: set[str]) -> Iterator[str]:
    """A message for an object, with messages inside for the objects that it holds."""
    yield f"message {name} {{"
    taken: set[str] = set()
    for number, inner in enumerate(field.fields, 1):
        label = snake(inner.name)
        while label in taken:
            label += "_x"
        taken.add(label)
        if inner.kind is LegacyKind.OBJECT and inner.fields:
            type_name = f"{name}{pascal(label)}"
            yield from (f"  {line}" for line in _nested(type_name, inner, imports))
            yield f"  {'repeated ' if inner.is_repeated else ''}{type_name} {label} = {number};"
            continue
        made = proto_field(inner, label, name)
        imports |= made.imports
        yield from (f"  {line}" for line in made.enum)
        options = f" [{', '.join(made.options)}]" if made.options else ""
        yield f"  {made.declaration} = {number}{options};"
    yield "}"

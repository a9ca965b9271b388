"""What Confluent's Schema Registry says of two versions of a subject.

The rules are those of its `SchemaDiff`; a verdict is called as there. A subject is one file: its types go by their
names inside the package, those of other files count only where a field reaches them. FORWARD is BACKWARD with the two
versions swapped. Services, extensions, defaults, reserved numbers, JSON names and options are not looked at there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.compat.changes import Carrier, Direction, spot_of
from protogate.compat.profiles import Verdict
from protogate.compat.rules import Rule
from protogate.compat.shapes import type_text
from protogate.descriptors.features import EDITION_PROTO3
from protogate.descriptors.model import Kind
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from protogate.compat.changes import Change, Descriptor
    from protogate.compat.comparison import Comparison
    from protogate.compat.profiles import Judge
    from protogate.descriptors import Field, File, Message, Oneof, Schema

__all__ = ["EFFECTS", "PROFILES"]


def _judge(comparison: Comparison, direction: Direction) -> Iterator[Verdict]:
    backward = direction is Direction.BACKWARD
    old, new = (comparison.old, comparison.new) if backward else (comparison.new, comparison.old)
    subjects = _Subjects(old, new)
    for one in dict.fromkeys(_differences(subjects, comparison.changes, backward=backward)):
        yield _verdict(one, backward=backward)


PROFILES: Final[Mapping[str, Judge]] = {"confluent": _judge}


class _Difference(NamedTuple):
    """One thing that Confluent refuses: `before` and `after` as it compares them, which FORWARD swaps."""

    kind: str
    before: Descriptor | None
    after: Descriptor | None
    holder: Descriptor
    """What holds it, or held it, in the version that lacks it; else in the later one."""


class _Subjects:
    """The files of two versions that stand for the same subject, the one that Confluent calls original first."""

    __slots__ = ("files", "new", "old")

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old: Final = old
        self.new: Final = new
        olds, news = old.files_to_generate, new.files_to_generate
        self.files: Final[Mapping[str, File]]
        """Later file by the name of the original one; a subject keeps its name whatever its only file is called."""
        if len(olds) == len(news) == 1:
            self.files = {olds[0].name: news[0]}
        else:
            self.files = {file.name: new.files[file.name] for file in olds if new.files.get(file.name) in news}

    def hold(self, before: Message, after: Message) -> bool:
        """Whether the two are compared as types of a subject, not because a field reaches them."""
        return self.files.get(before.file.name) is after.file and before.local_name == after.local_name


def _differences(subjects: _Subjects, changes: Iterable[Change], *, backward: bool) -> Iterator[_Difference]:
    for name, after in subjects.files.items():
        yield from _files(subjects.old.files[name], after)
    reaches_other_types = False
    for change in changes:
        check = _CHECKS.get(change.rule)
        if check is None or change.carrier is Carrier.JSON:
            continue
        seen = _Seen(change.before, change.after) if backward else _Seen(change.after, change.before)
        scopes = (change.old_scope, change.new_scope) if backward else (change.new_scope, change.old_scope)
        messages = _messages_of(seen, scopes)
        if messages is not None and subjects.hold(*messages):
            yield from check(seen, *messages)
        reaches_other_types = reaches_other_types or change.rule is Rule.FIELD_TYPE_NAME_CHANGED
    if reaches_other_types or _imports_differ(subjects):
        yield from _Reached(subjects).differences()


class _Seen(NamedTuple):
    """A field in both versions; None where it is missing."""

    before: Descriptor | None
    after: Descriptor | None


def _messages_of(seen: _Seen, scopes: tuple[Descriptor | None, Descriptor | None]) -> tuple[Message, Message] | None:
    """The two messages whose fields these are; None for extensions and for what only one version has."""
    found: list[Message] = []
    for field, scope in zip(seen, scopes, strict=True):
        holder = field.parent if isinstance(field, FieldType) else scope
        if isinstance(field, FieldType) and field.is_extension:
            return None
        if not isinstance(holder, MessageType):
            return None
        found.append(holder.parent if holder.is_map_entry and holder.parent is not None else holder)
    return found[0], found[1]

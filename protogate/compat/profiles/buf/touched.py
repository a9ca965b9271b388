"""What the changes of a comparison touch: the messages, extensions and files that rules of `buf breaking` look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.rules import Rule
from protogate.descriptors.model import Enum, EnumValue, Field, File, Message, Method, Oneof, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.compat.changes import Change, Descriptor
    from protogate.compat.comparison import Comparison
    from protogate.descriptors import Schema

__all__ = ["Touched"]


_DEFAULTS: Final = frozenset({Rule.ENUM_DEFAULT_CHANGED, Rule.ENUM_VALUE_RENUMBERED})
"""What can give fields of an enum another default: the first value, or a new number for the one that they name."""


class Touched:
    """Pairs with the same name (or extended message and number) on both sides that some change is about."""

    __slots__ = ("_comparison", "_contexts", "_extensions", "_files", "_messages")

    def __init__(self, comparison: Comparison) -> None:
        self._comparison: Final = comparison
        self._files: Final[set[str]] = set()
        self._messages: Final[set[str]] = set()
        self._contexts: Final[set[str]] = set()
        self._extensions = False
        for change in comparison.changes:
            for descriptor in (change.before, change.old_scope, change.after, change.new_scope):
                if descriptor is not None:
                    self._touch(descriptor)
            if change.rule in _DEFAULTS and isinstance(change.old_scope, Enum):
                self._touch_users(change.old_scope.full_name)
            elif _reaches_fields(change):
                self._touch_all(change.element)

    @property
    def files(self) -> tuple[File, ...]:
        """Files of the old version, by name."""
        files = self._comparison.old.files
        return tuple(files[name] for name in sorted(self._files) if name in files)

    def messages(self) -> Iterator[tuple[Message, Message, bool]]:
        """Messages of both versions, the entries of their maps among them, and whether more than they changed."""
        old, new = self._comparison.old.messages, self._comparison.new.messages
        for name in sorted(self._messages | self._contexts):
            if name in old and name in new:
                yield old[name], new[name], name in self._contexts

    def extensions(self) -> Iterator[tuple[Field, Field]]:
        """Extensions of both versions: all of them once one is touched."""
        if not self._extensions:
            return
        new = {_extension_key(one): one for one in _extensions(self._comparison.new)}
        for one in _extensions(self._comparison.old):
            other = new.get(_extension_key(one))
            if other is not None:
                yield one, other

    def _touch(self, descriptor: Descriptor) -> None:
        match descriptor:
            case File():
                self._files.add(descriptor.name)
            case Message():
                self._files.add(descriptor.file.name)
                self._touch_message(descriptor)
            case Field():
                self._files.add(descriptor.file.name)
                if descriptor.is_extension:
                    self._extensions = True
                elif descriptor.parent is not None:
                    self._touch_message(descriptor.parent)
            case Enum() | Service():
                self._files.add(descriptor.file.name)
            case Oneof() | EnumValue() | Method():
                self._touch(descriptor.parent)

    def _touch_message(self, message: Message) -> None:
        self._messages.add(message.full_name)
        for nested in message.proto.nested_type:
            if nested.options.map_entry:
                self._messages.add(f"{message.full_name}.{nested.name}")

    def _touch_users(self, enum: str) -> None:
        """Whoever holds the enum: what it is when not set is another value now."""
        self._extensions = True
        type_name = f".{enum}"
        for message in self._comparison.old.messages.values():
            if any(field.type_name == type_name for field in message.proto.field):
                self._contexts.add(message.full_name)

    def _touch_all(self, file: str) -> None:
        self._extensions = True
        self._contexts.update(m.full_name for m in self._comparison.old.messages.values() if m.file.name == file)


def _reaches_fields(change: Change) -> bool:
    """Whether a change of a file can be one of every field in it: labels end with proto2, Java has an option."""
    if change.rule is Rule.FILE_OPTION_CHANGED:
        return change.facts["option"] == "java_string_check_utf8"
    return change.rule is Rule.FILE_SYNTAX_CHANGED


def _extensions(schema: Schema) -> Iterator[Field]:
    for file in schema.files.values():
        yield from file.all_extensions()


def _extension_key(field: Field) -> tuple[str, int]:
    return field.proto.extendee, field.number

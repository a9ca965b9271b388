"""The rules of `buf breaking` that say what one atomic change says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Change, Paired, Spot
from protogate.compat.profiles.buf.categories import FILE_OPTION_RULES
from protogate.compat.profiles.buf.verdicts import broken
from protogate.compat.rules import Rule
from protogate.descriptors.model import Enum, EnumValue, File, Message, Method, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protogate.compat.comparison import Comparison
    from protogate.compat.profiles import Verdict
    from protogate.descriptors.comments import Path

__all__ = ["project"]

_SYNTAX: Final[Path] = (12,)
_PACKAGE: Final[Path] = (2,)
_FILE_OPTIONS: Final = 8
_MESSAGE_OPTIONS: Final = 7
_NO_ACCESSOR: Final = 2
_MESSAGE_JSON_FORMAT: Final[Path] = (_MESSAGE_OPTIONS, 12, 6)
"""`option features.json_format` of a message."""
_ENUM_JSON_FORMAT: Final[Path] = (3, 7, 6)
_ENUM_TYPE: Final[Path] = (3, 7, 2)
_REQUEST: Final = 2
_RESPONSE: Final = 3
_METHOD_OPTIONS: Final = 4
_IDEMPOTENCY_LEVEL: Final = 34
_ALLOW: Final = "ALLOW"


def project(comparison: Comparison) -> Iterator[Verdict]:
    """The findings that stand in the changes themselves."""
    for change in comparison.changes:
        projection = _PROJECTIONS.get(change.rule)
        # buf compares what has the same full name and, of files, the same path.
        if projection is not None and change.paired is Paired.NAME:
            yield from projection(change, comparison)


def _file_gone(change: Change, comparison: Comparison) -> Iterator[Verdict]:
    if change.element not in comparison.new.files:
        yield _at(change, "FILE_NO_DELETE", _before(change), "")


def _package_gone(change: Change, comparison: Comparison) -> Iterator[Verdict]:
    if all(file.package != change.element for file in comparison.new.files.values()):
        yield _at(change, "PACKAGE_NO_DELETE", _before(change), "")


def _package_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    yield from _of_file(change, "FILE_SAME_PACKAGE", _PACKAGE)


def _syntax_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    # One edition is as good as another.
    if change.old.split()[0] != change.new.split()[0]:
        yield from _of_file(change, "FILE_SAME_SYNTAX", _SYNTAX)


def _file_option_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    option = str(change.facts["option"])
    rule = FILE_OPTION_RULES.get(option)
    if rule is not None and isinstance(change.after, File):
        number = change.after.proto.options.DESCRIPTOR.fields_by_name[option].number
        yield from _of_file(change, rule, (_FILE_OPTIONS, number))


def _of_file(change: Change, rule: str, path: Path) -> Iterator[Verdict]:
    before, after = change.before, change.after
    if isinstance(before, File) and isinstance(after, File) and before.name == after.name:
        yield _at(change, rule, Spot(after, path, ()), "")


def _message_option_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    after = change.after
    if change.facts["option"] != "no_standard_descriptor_accessor" or not isinstance(after, Message):
        return
    if after.proto.options.no_standard_descriptor_accessor:
        spot = Spot(after.file, (*after.path, _MESSAGE_OPTIONS, _NO_ACCESSOR), after.path)
        yield _at(change, "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR", spot, "")


def _message_json_format_changed(change: Change, comparison: Comparison) -> Iterator[Verdict]:
    after = change.after
    if change.old != _ALLOW or not isinstance(after, Message):
        return
    spot = Spot(after.file, (*after.path, *_MESSAGE_JSON_FORMAT), after.path)
    yield _at(change, "MESSAGE_SAME_JSON_FORMAT", spot, "")
    for field in after.fields:
        # buf counts the entries of maps among the messages.
        if field.is_map and field.type_name in comparison.old.messages:
            what = f"json_format of map entry {field.type_name} changed from {change.old} to {change.new}"
            yield broken("MESSAGE_SAME_JSON_FORMAT", Spot(field.file, field.path), field.type_name, what)


def _enum_json_format_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    if change.old == _ALLOW:
        yield from _of_enum(change, "ENUM_SAME_JSON_FORMAT", _ENUM_JSON_FORMAT)


def _enum_type_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    yield from _of_enum(change, "ENUM_SAME_TYPE", _ENUM_TYPE)


def _of_enum(change: Change, rule: str, path: Path) -> Iterator[Verdict]:
    after = change.after
    if isinstance(after, Enum):
        yield _at(change, rule, Spot(after.file, (*after.path, *path), after.path), "")


def _enum_value_gone(change: Change, _: Comparison) -> Iterator[Verdict]:
    enum, names, reserved = change.new_scope, change.facts["names"], change.facts["names_reserved"]
    if not isinstance(enum, Enum) or not isinstance(names, tuple):
        return
    spot = Spot(enum.file, enum.path)
    yield _at(change, "ENUM_VALUE_NO_DELETE", spot, "")
    if not change.facts["number_reserved"]:
        hint = f"reserve {change.facts['number']} in {enum}"
        yield _at(change, "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", spot, hint)
    if names != reserved:
        hint = f"reserve {', '.join(map(repr, names))} in {enum}"
        yield _at(change, "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED", spot, hint)


def _enum_value_renamed(change: Change, _: Comparison) -> Iterator[Verdict]:
    after = change.after
    if isinstance(after, EnumValue):
        for value in after.parent.values:
            # buf tells it of every name that the number has now.
            if value.number == after.number:
                spot = Spot(value.parent.file, value.path)
                yield broken("ENUM_VALUE_SAME_NAME", spot, value.full_name, change.sentence)


def _type_of_method(change: Change, rule: str, part: int) -> Iterator[Verdict]:
    method = change.after
    if isinstance(method, Method):
        yield _at(change, rule, Spot(method.parent.file, (*method.path, part), method.path), "")


def _idempotency_changed(change: Change, _: Comparison) -> Iterator[Verdict]:
    method = change.after
    if isinstance(method, Method):
        path = (*method.path, _METHOD_OPTIONS, _IDEMPOTENCY_LEVEL)
        spot = Spot(method.parent.file, path, method.path)
        yield _at(change, "RPC_SAME_IDEMPOTENCY_LEVEL", spot, "")


def _as(rule: str, hint: str = "") -> _Projection:
    """The rule that says just what the change says, at the place of the change."""

    def projection(change: Change, _: Comparison) -> Iterator[Verdict]:
        yield _at(change, rule, change.spot, hint)

    return projection


def _in_scope(rule: str) -> _Projection:
    """The same, at the message or service that had what is gone."""

    def projection(change: Change, _: Comparison) -> Iterator[Verdict]:
        scope = change.new_scope
        if isinstance(scope, Message | Service):
            yield _at(change, rule, Spot(scope.file, scope.path), "")

    return projection


def _at(change: Change, rule: str, spot: Spot, hint: str) -> Verdict:
    return broken(rule, spot, change.element, change.sentence, hint)


def _before(change: Change) -> Spot:
    return change.old_spot or change.spot


if TYPE_CHECKING:
    _Projection = Callable[[Change, Comparison], Iterator[Verdict]]

_PROJECTIONS: Final[dict[Rule, _Projection]] = {
    Rule.FILE_REMOVED: _file_gone,
    Rule.FILE_RENAMED: _file_gone,
    Rule.PACKAGE_REMOVED: _package_gone,
    Rule.FILE_PACKAGE_CHANGED: _package_changed,
    Rule.FILE_SYNTAX_CHANGED: _syntax_changed,
    Rule.FILE_OPTION_CHANGED: _file_option_changed,
    Rule.MESSAGE_OPTION_CHANGED: _message_option_changed,
    Rule.MESSAGE_JSON_FORMAT_CHANGED: _message_json_format_changed,
    Rule.MESSAGE_RESERVED_RANGE_REMOVED: _as("RESERVED_MESSAGE_NO_DELETE"),
    Rule.MESSAGE_RESERVED_NAME_REMOVED: _as("RESERVED_MESSAGE_NO_DELETE"),
    Rule.MESSAGE_EXTENSION_RANGE_REMOVED: _as("EXTENSION_MESSAGE_NO_DELETE"),
    Rule.ONEOF_REMOVED: _in_scope("ONEOF_NO_DELETE"),
    Rule.ENUM_OPENNESS_CHANGED: _enum_type_changed,
    Rule.ENUM_JSON_FORMAT_CHANGED: _enum_json_format_changed,
    Rule.ENUM_VALUE_REMOVED: _enum_value_gone,
    Rule.ENUM_VALUE_RENAMED: _enum_value_renamed,
    Rule.ENUM_ALIAS_REMOVED: _enum_value_renamed,
    Rule.ENUM_RESERVED_RANGE_REMOVED: _as("RESERVED_ENUM_NO_DELETE"),
    Rule.ENUM_RESERVED_NAME_REMOVED: _as("RESERVED_ENUM_NO_DELETE"),
    Rule.METHOD_REMOVED: _in_scope("RPC_NO_DELETE"),
    Rule.METHOD_REQUEST_TYPE_CHANGED: lambda change, _: _type_of_method(change, "RPC_SAME_REQUEST_TYPE", _REQUEST),
    Rule.METHOD_RESPONSE_TYPE_CHANGED: lambda change, _: _type_of_method(change, "RPC_SAME_RESPONSE_TYPE", _RESPONSE),
    Rule.METHOD_CLIENT_STREAMING_CHANGED: _as("RPC_SAME_CLIENT_STREAMING"),
    Rule.METHOD_SERVER_STREAMING_CHANGED: _as("RPC_SAME_SERVER_STREAMING"),
    Rule.METHOD_IDEMPOTENCY_CHANGED: _idempotency_changed,
}

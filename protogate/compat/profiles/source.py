"""The `source` profile: what happens to code that uses the generated names.

BACKWARD: code written against the old contract meets what the new one generates. FORWARD: the other way round, so
that every addition fails, since the old contract does not generate it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Carrier, Change, Direction, Paired
from protogate.compat.profiles import Verdict
from protogate.compat.rules import Rule
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.compat.comparison import Comparison
    from protogate.compat.profiles import Judge

__all__ = ["PROFILES", "judge"]

_REMOVED: Final = {
    Rule.FILE_REMOVED: Rule.FILE_ADDED,
    Rule.PACKAGE_REMOVED: Rule.PACKAGE_ADDED,
    Rule.MESSAGE_REMOVED: Rule.MESSAGE_ADDED,
    Rule.FIELD_REMOVED: Rule.FIELD_ADDED,
    Rule.EXTENSION_REMOVED: Rule.EXTENSION_ADDED,
    Rule.ONEOF_REMOVED: Rule.ONEOF_ADDED,
    Rule.ENUM_REMOVED: Rule.ENUM_ADDED,
    Rule.ENUM_VALUE_REMOVED: Rule.ENUM_VALUE_ADDED,
    Rule.ENUM_ALIAS_REMOVED: Rule.ENUM_ALIAS_ADDED,
    Rule.SERVICE_REMOVED: Rule.SERVICE_ADDED,
    Rule.METHOD_REMOVED: Rule.METHOD_ADDED,
}
"""What takes names away, and its inverse."""

_CHANGED: Final = {
    Rule.FILE_RENAMED: Severity.ERROR,
    Rule.FILE_PACKAGE_CHANGED: Severity.ERROR,
    Rule.FILE_SYNTAX_CHANGED: Severity.WARNING,
    Rule.MESSAGE_MOVED: Severity.ERROR,
    Rule.MESSAGE_OPTION_CHANGED: Severity.WARNING,
    Rule.ENUM_MOVED: Severity.ERROR,
    Rule.SERVICE_MOVED: Severity.ERROR,
    Rule.EXTENSION_MOVED: Severity.ERROR,
    Rule.FIELD_RENAMED: Severity.ERROR,
    Rule.FIELD_NUMBER_CHANGED: Severity.WARNING,
    Rule.FIELD_TYPE_CHANGED: Severity.ERROR,
    Rule.FIELD_TYPE_NAME_CHANGED: Severity.ERROR,
    Rule.FIELD_CARDINALITY_CHANGED: Severity.ERROR,
    Rule.FIELD_REQUIRED_CHANGED: Severity.WARNING,
    Rule.FIELD_PRESENCE_CHANGED: Severity.ERROR,
    Rule.FIELD_DEFAULT_CHANGED: Severity.WARNING,
    Rule.FIELD_JSTYPE_CHANGED: Severity.ERROR,
    Rule.FIELD_CTYPE_CHANGED: Severity.ERROR,
    Rule.FIELD_ONEOF_CHANGED: Severity.ERROR,
    Rule.ENUM_OPENNESS_CHANGED: Severity.WARNING,
    Rule.ENUM_DEFAULT_CHANGED: Severity.WARNING,
    Rule.ENUM_VALUE_RENAMED: Severity.ERROR,
    Rule.ENUM_VALUE_RENUMBERED: Severity.WARNING,
    Rule.METHOD_REQUEST_TYPE_CHANGED: Severity.ERROR,
    Rule.METHOD_RESPONSE_TYPE_CHANGED: Severity.ERROR,
    Rule.METHOD_CLIENT_STREAMING_CHANGED: Severity.ERROR,
    Rule.METHOD_SERVER_STREAMING_CHANGED: Severity.ERROR,
    Rule.METHOD_IDEMPOTENCY_CHANGED: Severity.WARNING,
}
"""What changes the meaning of names, in both directions."""

_NAMING_OPTIONS: Final = frozenset(
    {
        "csharp_namespace",
        "go_package",
        "java_multiple_files",
        "java_outer_classname",
        "java_package",
        "objc_class_prefix",
        "php_class_prefix",
        "php_metadata_namespace",
        "php_namespace",
        "ruby_package",
        "swift_prefix",
    }
)

_GONE: Final = {
    Direction.BACKWARD: frozenset(_REMOVED),
    Direction.FORWARD: frozenset(_REMOVED.values()),
}
_EFFECTS: Final = {
    Direction.BACKWARD: ("code for the old version does not find it", "code for the old version meets another one"),
    Direction.FORWARD: ("code for the new version does not find it", "code for the new version meets another one"),
}


def judge(comparison: Comparison, direction: Direction) -> Iterator[Verdict]:
    """What code for the one version meets in the other."""
    gone = _GONE[direction]
    lost, other = _EFFECTS[direction]
    for change in comparison.changes:
        # Code knows fields by name; what two types do to each other that a field exchanged is no matter of names.
        if change.carrier is Carrier.WIRE and change.rule is not Rule.FIELD_RENAMED:
            continue
        if change.carrier is Carrier.JSON and change.rule is Rule.FIELD_RENAMED:
            continue
        if change.paired is Paired.FIELD:
            continue
        if change.rule in gone:
            if not change.facts.get("name_kept"):
                yield _verdict(change, Severity.ERROR, lost)
        else:
            severity = _severity(change)
            if severity is not None:
                yield _verdict(change, severity, other)


def _severity(change: Change) -> Severity | None:
    if change.rule is Rule.FILE_OPTION_CHANGED:
        return Severity.ERROR if change.facts["option"] in _NAMING_OPTIONS else Severity.WARNING
    if change.paired is Paired.PACKAGE and _follows_package(change):
        return None  # told once, by the package
    return _CHANGED.get(change.rule)


def _follows_package(change: Change) -> bool:
    """Whether only the package in a name is another one."""
    if change.rule is Rule.FIELD_TYPE_NAME_CHANGED:
        return bool(change.facts["same_local_name"])
    before, after = change.before, change.after
    return change.rule is Rule.FIELD_RENAMED and before is not None and after is not None and before.name == after.name


def _verdict(change: Change, severity: Severity, effect: str) -> Verdict:
    hint = "mark the old one deprecated and keep it" if severity is Severity.ERROR else ""
    return Verdict(change.rule, severity, change.spot, change.element, change.sentence, effect, hint)


PROFILES: Final[Mapping[str, Judge]] = {"source": judge}

"""The atomic changes that a comparison can find: what each one means and which facts it carries."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["FACTS", "SENTENCES", "Rule"]


class Rule(StrEnum):
    """What happened. Rules that end in `_REMOVED` and `_ADDED` are each other's inverse, all others their own."""

    FILE_REMOVED = "FILE_REMOVED"
    FILE_ADDED = "FILE_ADDED"
    FILE_RENAMED = "FILE_RENAMED"
    """Both schemas hold one file to generate, under different names: these two are compared."""
    PACKAGE_REMOVED = "PACKAGE_REMOVED"
    """No file is in the package any more; `before` is its first file."""
    PACKAGE_ADDED = "PACKAGE_ADDED"
    FILE_PACKAGE_CHANGED = "FILE_PACKAGE_CHANGED"
    FILE_SYNTAX_CHANGED = "FILE_SYNTAX_CHANGED"
    """`proto2`, `proto3`, `edition 2023`."""
    FILE_OPTION_CHANGED = "FILE_OPTION_CHANGED"
    """One change an option of `FileOptions` (no features, no custom options), defaults filled in."""

    MESSAGE_REMOVED = "MESSAGE_REMOVED"
    """Map entries are no messages here. `new_scope`: its parent message, else the file, where they still exist."""
    MESSAGE_ADDED = "MESSAGE_ADDED"
    MESSAGE_MOVED = "MESSAGE_MOVED"
    """To another file, under the same full name."""
    MESSAGE_OPTION_CHANGED = "MESSAGE_OPTION_CHANGED"
    """`message_set_wire_format`, `no_standard_descriptor_accessor`."""
    MESSAGE_JSON_FORMAT_CHANGED = "MESSAGE_JSON_FORMAT_CHANGED"
    """Feature `json_format`: `ALLOW`, `LEGACY_BEST_EFFORT`."""
    MESSAGE_RESERVED_RANGE_REMOVED = "MESSAGE_RESERVED_RANGE_REMOVED"
    """One change for an old range that is not reserved in full any more; `old` is the range, `new` what is missing."""
    MESSAGE_RESERVED_RANGE_ADDED = "MESSAGE_RESERVED_RANGE_ADDED"
    MESSAGE_RESERVED_NAME_REMOVED = "MESSAGE_RESERVED_NAME_REMOVED"
    MESSAGE_RESERVED_NAME_ADDED = "MESSAGE_RESERVED_NAME_ADDED"
    MESSAGE_EXTENSION_RANGE_REMOVED = "MESSAGE_EXTENSION_RANGE_REMOVED"
    MESSAGE_EXTENSION_RANGE_ADDED = "MESSAGE_EXTENSION_RANGE_ADDED"

    FIELD_REMOVED = "FIELD_REMOVED"
    """Its number is free now (extensions have a rule of their own)."""
    FIELD_ADDED = "FIELD_ADDED"
    EXTENSION_REMOVED = "EXTENSION_REMOVED"
    """No extension of this message has its number any more."""
    EXTENSION_ADDED = "EXTENSION_ADDED"
    EXTENSION_MOVED = "EXTENSION_MOVED"
    """To another file, under the same full name."""
    FIELD_RENAMED = "FIELD_RENAMED"
    """Same number, other name (for extensions: other full name)."""
    FIELD_JSON_NAME_CHANGED = "FIELD_JSON_NAME_CHANGED"
    """Same number, other key in JSON, also where that follows from a new name. Never for extensions."""
    FIELD_NUMBER_CHANGED = "FIELD_NUMBER_CHANGED"
    """Same name, other number; the numbers themselves show up as removed, added or renamed fields as well."""
    FIELD_TYPE_CHANGED = "FIELD_TYPE_CHANGED"
    """Another kind of value, such as int32 to string; groups and messages are one kind, a map is a message."""
    FIELD_TYPE_NAME_CHANGED = "FIELD_TYPE_NAME_CHANGED"
    """Another message, or another enum; the two are compared with each other."""
    FIELD_ENCODING_CHANGED = "FIELD_ENCODING_CHANGED"
    """Messages only: `length-prefixed` or `delimited` (a group)."""
    FIELD_CARDINALITY_CHANGED = "FIELD_CARDINALITY_CHANGED"
    """`singular`, `repeated`, `map`."""
    FIELD_REQUIRED_CHANGED = "FIELD_REQUIRED_CHANGED"
    """`required`, `not required`; also where a repeated field becomes required."""
    FIELD_PRESENCE_CHANGED = "FIELD_PRESENCE_CHANGED"
    """Singular in both versions: `implicit`, `explicit`. A member of a oneof has explicit presence."""
    FIELD_PACKED_CHANGED = "FIELD_PACKED_CHANGED"
    """Repeated in both versions, of kinds that can be packed: `packed`, `expanded`."""
    FIELD_DEFAULT_CHANGED = "FIELD_DEFAULT_CHANGED"
    """What a reader sees when the field is not set; a change of the enum's first value is `ENUM_DEFAULT_CHANGED`."""
    FIELD_JSTYPE_CHANGED = "FIELD_JSTYPE_CHANGED"
    """64-bit integers in both versions."""
    FIELD_CTYPE_CHANGED = "FIELD_CTYPE_CHANGED"
    """String or bytes in both versions; `(pb.cpp).string_type` counts. `STRING`, `CORD`, `STRING_PIECE`, `VIEW`."""
    FIELD_UTF8_VALIDATION_CHANGED = "FIELD_UTF8_VALIDATION_CHANGED"
    """Strings in both versions: `VERIFY`, `NONE`."""
    FIELD_JAVA_UTF8_VALIDATION_CHANGED = "FIELD_JAVA_UTF8_VALIDATION_CHANGED"
    """The same for Java. A changed `java_string_check_utf8` of the file is told once, as `FILE_OPTION_CHANGED`."""
    FIELD_ONEOF_CHANGED = "FIELD_ONEOF_CHANGED"
    """The name of the oneof that the author put it into; empty for none."""
    ONEOF_REMOVED = "ONEOF_REMOVED"
    """No oneof of the message has its name any more."""
    ONEOF_ADDED = "ONEOF_ADDED"

    ENUM_REMOVED = "ENUM_REMOVED"
    ENUM_ADDED = "ENUM_ADDED"
    ENUM_MOVED = "ENUM_MOVED"
    """To another file, under the same full name."""
    ENUM_OPENNESS_CHANGED = "ENUM_OPENNESS_CHANGED"
    """`open`, `closed`."""
    ENUM_JSON_FORMAT_CHANGED = "ENUM_JSON_FORMAT_CHANGED"
    ENUM_DEFAULT_CHANGED = "ENUM_DEFAULT_CHANGED"
    """The number of the value written first (proto2 and closed enums: elsewhere it is 0)."""
    ENUM_VALUE_REMOVED = "ENUM_VALUE_REMOVED"
    """No value has the number any more; one change a number, `before` is the first of its names."""
    ENUM_VALUE_ADDED = "ENUM_VALUE_ADDED"
    ENUM_VALUE_RENAMED = "ENUM_VALUE_RENAMED"
    """Same number, no name in common."""
    ENUM_VALUE_RENUMBERED = "ENUM_VALUE_RENUMBERED"
    """Same name, other number; the numbers show up as removed, added or renamed as well."""
    ENUM_ALIAS_REMOVED = "ENUM_ALIAS_REMOVED"
    """Same number, and a name is gone while another one stays; one change a number."""
    ENUM_ALIAS_ADDED = "ENUM_ALIAS_ADDED"
    ENUM_RESERVED_RANGE_REMOVED = "ENUM_RESERVED_RANGE_REMOVED"
    ENUM_RESERVED_RANGE_ADDED = "ENUM_RESERVED_RANGE_ADDED"
    ENUM_RESERVED_NAME_REMOVED = "ENUM_RESERVED_NAME_REMOVED"
    ENUM_RESERVED_NAME_ADDED = "ENUM_RESERVED_NAME_ADDED"

    SERVICE_REMOVED = "SERVICE_REMOVED"
    SERVICE_ADDED = "SERVICE_ADDED"
    SERVICE_MOVED = "SERVICE_MOVED"
    METHOD_REMOVED = "METHOD_REMOVED"
    METHOD_ADDED = "METHOD_ADDED"
    METHOD_REQUEST_TYPE_CHANGED = "METHOD_REQUEST_TYPE_CHANGED"
    METHOD_RESPONSE_TYPE_CHANGED = "METHOD_RESPONSE_TYPE_CHANGED"
    METHOD_CLIENT_STREAMING_CHANGED = "METHOD_CLIENT_STREAMING_CHANGED"
    """`unary`, `streaming`."""
    METHOD_SERVER_STREAMING_CHANGED = "METHOD_SERVER_STREAMING_CHANGED"
    METHOD_IDEMPOTENCY_CHANGED = "METHOD_IDEMPOTENCY_CHANGED"
    """`IDEMPOTENCY_UNKNOWN`, `NO_SIDE_EFFECTS`, `IDEMPOTENT`."""


_RANGE: Final = {
    "start": "first number of the range",
    "end": "last number of the range, inclusive",
    "missing": "the parts that the other version lacks, such as ('2', '5-9')",
}
_PACKAGE: Final = {"package_kept": "whether a file of the other version has its package"}
_ONEOF_LIFE: Final = {"fields_kept": "how many of its fields the other version has, wherever they are"}
_EXTENSION_LIFE: Final = {"name_kept": "whether an extension of the other version has its full name"}
_TYPE: Final = {
    **_PACKAGE,
    "moved_to": "full name of the only type of that kind with the same last name in the other version, or ''",
}
_FIELD_LIFE: Final = {
    "number_reserved": "whether the other version reserves the number",
    "name_reserved": "whether the other version reserves the name",
    "name_kept": "whether a field of the other version has the name, under another number",
    "key_kept": "whether a field of the other version reads its JSON key",
    "oneof_kept": "whether the other version has a oneof of the name of the field's oneof",
}
_VALUE_LIFE: Final = {
    "number": "the number",
    "names": "every name that the number had, in the order written",
    "number_reserved": "whether the other version reserves the number",
    "names_reserved": "which of the names the other version reserves",
    "name_kept": "whether the other version has the first of the names, under another number",
}
_VALUE_NAMES: Final = {
    "number": "the number",
    "old_names": "every name that the number had, in the order written",
    "new_names": "every name that the number has, in the order written",
    "swapped": "whether one of the names lives on under another number: the meaning changed, not the name",
    "key_backward": "whether the new version knows the name that the old one writes in JSON",
    "key_forward": "whether the old version knows the name that the new one writes in JSON",
}
_KEYS: Final = {
    "key_backward": "whether a field of the new version reads the key that the old one writes",
    "key_forward": "whether a field of the old version reads the key that the new one writes",
}
_PART: Final = {
    "part": "'key' or 'value' of a map, else ''; then `before` and `after` are fields of the map entry, "
    "and the scopes are the map fields",
}

FACTS: Final[dict[Rule, dict[str, str]]] = {
    Rule.FILE_REMOVED: _PACKAGE,
    Rule.FILE_ADDED: _PACKAGE,
    Rule.FILE_OPTION_CHANGED: {"option": "its name"},
    Rule.MESSAGE_OPTION_CHANGED: {"option": "its name"},
    **dict.fromkeys((Rule.MESSAGE_REMOVED, Rule.MESSAGE_ADDED, Rule.ENUM_REMOVED, Rule.ENUM_ADDED), _TYPE),
    **dict.fromkeys((Rule.SERVICE_REMOVED, Rule.SERVICE_ADDED), _PACKAGE),
    **dict.fromkeys(
        (
            Rule.MESSAGE_RESERVED_RANGE_REMOVED,
            Rule.MESSAGE_RESERVED_RANGE_ADDED,
            Rule.MESSAGE_EXTENSION_RANGE_REMOVED,
            Rule.MESSAGE_EXTENSION_RANGE_ADDED,
            Rule.ENUM_RESERVED_RANGE_REMOVED,
            Rule.ENUM_RESERVED_RANGE_ADDED,
        ),
        _RANGE,
    ),
    **dict.fromkeys((Rule.FIELD_REMOVED, Rule.FIELD_ADDED), _FIELD_LIFE),
    **dict.fromkeys((Rule.EXTENSION_REMOVED, Rule.EXTENSION_ADDED), _EXTENSION_LIFE),
    Rule.FIELD_RENAMED: {
        "swapped": "whether the old or the new name is held under another number by the other version: "
        "the meaning of the number changed, not the name",
    },
    Rule.FIELD_JSON_NAME_CHANGED: _KEYS,
    Rule.FIELD_NUMBER_CHANGED: {"old_number": "the old one", "new_number": "the new one"},
    Rule.FIELD_TYPE_CHANGED: _PART,
    Rule.FIELD_TYPE_NAME_CHANGED: {
        **_PART,
        "same_local_name": "whether the names inside their packages are equal",
        "old_subset": "enums: whether every value of the old one is in the new one, by name and number",
        "new_subset": "enums: whether every value of the new one is in the old one, by name and number",
    },
    Rule.FIELD_ENCODING_CHANGED: _PART,
    Rule.FIELD_UTF8_VALIDATION_CHANGED: _PART,
    Rule.FIELD_JAVA_UTF8_VALIDATION_CHANGED: _PART,
    Rule.FIELD_CTYPE_CHANGED: _PART,
    Rule.FIELD_JSTYPE_CHANGED: _PART,
    Rule.FIELD_ONEOF_CHANGED: {
        "conflict_backward": "whether the old version can set it together with a field that the new one excludes",
        "conflict_forward": "whether the new version can set it together with a field that the old one excludes",
        "moved": "how many fields that were in no oneof are in its new oneof",
        "existing": "how many fields of its new oneof were in a oneof before",
        "moved_out": "how many fields of its old oneof are in no oneof now",
        "existing_out": "how many fields of its old oneof are in a oneof now",
        "old_kept": "whether the new version has a oneof of the old name",
        "new_existed": "whether the old version has a oneof of the new name",
    },
    **dict.fromkeys((Rule.ONEOF_REMOVED, Rule.ONEOF_ADDED), _ONEOF_LIFE),
    **dict.fromkeys((Rule.ENUM_VALUE_REMOVED, Rule.ENUM_VALUE_ADDED), _VALUE_LIFE),
    **dict.fromkeys((Rule.ENUM_VALUE_RENAMED, Rule.ENUM_ALIAS_REMOVED, Rule.ENUM_ALIAS_ADDED), _VALUE_NAMES),
    Rule.ENUM_VALUE_RENUMBERED: {"old_number": "the old one", "new_number": "the new one"},
    Rule.ENUM_DEFAULT_CHANGED: {"old_number": "the old one", "new_number": "the new one"},
}
"""The keys of `Change.facts` by rule; a rule that is not listed has none."""

SENTENCES: Final[dict[Rule, str]] = {
    Rule.FILE_REMOVED: "file {element} was removed",
    Rule.FILE_ADDED: "file {element} was added",
    Rule.FILE_RENAMED: "file {old} is called {new} now",
    Rule.PACKAGE_REMOVED: "package {element} was removed",
    Rule.PACKAGE_ADDED: "package {element} was added",
    Rule.FILE_PACKAGE_CHANGED: "package of {element} changed from {old!r} to {new!r}",
    Rule.FILE_SYNTAX_CHANGED: "syntax of {element} changed from {old} to {new}",
    Rule.FILE_OPTION_CHANGED: "option of {element} changed from {old} to {new}",
    Rule.MESSAGE_REMOVED: "message {element} was removed",
    Rule.MESSAGE_ADDED: "message {element} was added",
    Rule.MESSAGE_MOVED: "message {element} moved from {old} to {new}",
    Rule.MESSAGE_OPTION_CHANGED: "option of message {element} changed from {old} to {new}",
    Rule.MESSAGE_JSON_FORMAT_CHANGED: "json_format of message {element} changed from {old} to {new}",
    Rule.MESSAGE_RESERVED_RANGE_REMOVED: "message {element} does not reserve {new} of {old} any more",
    Rule.MESSAGE_RESERVED_RANGE_ADDED: "message {element} reserves {old} of {new} now",
    Rule.MESSAGE_RESERVED_NAME_REMOVED: "message {element} does not reserve the name {old!r} any more",
    Rule.MESSAGE_RESERVED_NAME_ADDED: "message {element} reserves the name {new!r} now",
    Rule.MESSAGE_EXTENSION_RANGE_REMOVED: "message {element} has no room for extensions at {new} of {old} any more",
    Rule.MESSAGE_EXTENSION_RANGE_ADDED: "message {element} has room for extensions at {old} of {new} now",
    Rule.FIELD_REMOVED: "field {element} = {old} was removed",
    Rule.FIELD_ADDED: "field {element} = {new} was added",
    Rule.EXTENSION_REMOVED: "extension {element} = {old} was removed",
    Rule.EXTENSION_ADDED: "extension {element} = {new} was added",
    Rule.EXTENSION_MOVED: "extension {element} moved from {old} to {new}",
    Rule.FIELD_RENAMED: "field {element} was renamed from {old} to {new}",
    Rule.FIELD_JSON_NAME_CHANGED: "JSON name of field {element} changed from {old!r} to {new!r}",
    Rule.FIELD_NUMBER_CHANGED: "number of field {element} changed from {old} to {new}",
    Rule.FIELD_TYPE_CHANGED: "type of field {element} changed from {old} to {new}",
    Rule.FIELD_TYPE_NAME_CHANGED: "type of field {element} changed from {old} to {new}",
    Rule.FIELD_ENCODING_CHANGED: "encoding of field {element} changed from {old} to {new}",
    Rule.FIELD_CARDINALITY_CHANGED: "field {element} changed from {old} to {new}",
    Rule.FIELD_REQUIRED_CHANGED: "field {element} changed from {old} to {new}",
    Rule.FIELD_PRESENCE_CHANGED: "presence of field {element} changed from {old} to {new}",
    Rule.FIELD_PACKED_CHANGED: "encoding of field {element} changed from {old} to {new}",
    Rule.FIELD_DEFAULT_CHANGED: "default of field {element} changed from {old} to {new}",
    Rule.FIELD_JSTYPE_CHANGED: "jstype of field {element} changed from {old} to {new}",
    Rule.FIELD_CTYPE_CHANGED: "C++ type of field {element} changed from {old} to {new}",
    Rule.FIELD_UTF8_VALIDATION_CHANGED: "UTF-8 validation of field {element} changed from {old} to {new}",
    Rule.FIELD_JAVA_UTF8_VALIDATION_CHANGED: "UTF-8 validation of field {element} in Java changed from {old} to {new}",
    Rule.FIELD_ONEOF_CHANGED: "oneof of field {element} changed from {old!r} to {new!r}",
    Rule.ONEOF_REMOVED: "oneof {element} was removed",
    Rule.ONEOF_ADDED: "oneof {element} was added",
    Rule.ENUM_REMOVED: "enum {element} was removed",
    Rule.ENUM_ADDED: "enum {element} was added",
    Rule.ENUM_MOVED: "enum {element} moved from {old} to {new}",
    Rule.ENUM_OPENNESS_CHANGED: "enum {element} changed from {old} to {new}",
    Rule.ENUM_JSON_FORMAT_CHANGED: "json_format of enum {element} changed from {old} to {new}",
    Rule.ENUM_DEFAULT_CHANGED: "default of enum {element} changed from {old} to {new}",
    Rule.ENUM_VALUE_REMOVED: "enum value {element} = {old} was removed",
    Rule.ENUM_VALUE_ADDED: "enum value {element} = {new} was added",
    Rule.ENUM_VALUE_RENAMED: "enum value {element} was renamed from {old} to {new}",
    Rule.ENUM_VALUE_RENUMBERED: "number of enum value {element} changed from {old} to {new}",
    Rule.ENUM_ALIAS_REMOVED: "enum value {element} changed its names from {old} to {new}",
    Rule.ENUM_ALIAS_ADDED: "enum value {element} changed its names from {old} to {new}",
    Rule.ENUM_RESERVED_RANGE_REMOVED: "enum {element} does not reserve {new} of {old} any more",
    Rule.ENUM_RESERVED_RANGE_ADDED: "enum {element} reserves {old} of {new} now",
    Rule.ENUM_RESERVED_NAME_REMOVED: "enum {element} does not reserve the name {old!r} any more",
    Rule.ENUM_RESERVED_NAME_ADDED: "enum {element} reserves the name {new!r} now",
    Rule.SERVICE_REMOVED: "service {element} was removed",
    Rule.SERVICE_ADDED: "service {element} was added",
    Rule.SERVICE_MOVED: "service {element} moved from {old} to {new}",
    Rule.METHOD_REMOVED: "rpc {element} was removed",
    Rule.METHOD_ADDED: "rpc {element} was added",
    Rule.METHOD_REQUEST_TYPE_CHANGED: "request type of rpc {element} changed from {old} to {new}",
    Rule.METHOD_RESPONSE_TYPE_CHANGED: "response type of rpc {element} changed from {old} to {new}",
    Rule.METHOD_CLIENT_STREAMING_CHANGED: "requests of rpc {element} changed from {old} to {new}",
    Rule.METHOD_SERVER_STREAMING_CHANGED: "responses of rpc {element} changed from {old} to {new}",
    Rule.METHOD_IDEMPOTENCY_CHANGED: "idempotency level of rpc {element} changed from {old} to {new}",
}
"""What happened, in the words of findings."""

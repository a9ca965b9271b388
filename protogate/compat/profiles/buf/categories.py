"""Which rules of `buf breaking` belong to which category, as `buf config ls-breaking-rules` of buf 1.75 lists them."""

from __future__ import annotations

from typing import Final

__all__ = ["CATEGORIES", "FILE_OPTION_RULES", "RULES"]

CATEGORIES: Final = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")

FILE_OPTION_RULES: Final = {
    option: f"FILE_SAME_{option.upper()}"
    for option in (
        "cc_enable_arenas",
        "cc_generic_services",
        "csharp_namespace",
        "go_package",
        "java_generic_services",
        "java_multiple_files",
        "java_outer_classname",
        "java_package",
        "objc_class_prefix",
        "optimize_for",
        "php_class_prefix",
        "php_metadata_namespace",
        "php_namespace",
        "py_generic_services",
        "ruby_package",
        "swift_prefix",
    )
}
"""The rule that watches an option of `FileOptions`, by the name of the option."""

_FILE: Final = frozenset({"FILE"})
_PACKAGE: Final = frozenset({"PACKAGE"})
_SOURCE: Final = _FILE | _PACKAGE
_WIRE: Final = frozenset({"WIRE"})
_WIRE_JSON: Final = frozenset({"WIRE_JSON"})
_DATA: Final = _WIRE_JSON | _WIRE
_NAMES: Final = _SOURCE | _WIRE_JSON
_ALL: Final = _SOURCE | _DATA

RULES: Final[dict[str, frozenset[str]]] = {
    "ENUM_NO_DELETE": _FILE,
    "EXTENSION_NO_DELETE": _FILE,
    "FILE_NO_DELETE": _FILE,
    "MESSAGE_NO_DELETE": _FILE,
    "SERVICE_NO_DELETE": _FILE,
    "PACKAGE_ENUM_NO_DELETE": _PACKAGE,
    "PACKAGE_EXTENSION_NO_DELETE": _PACKAGE,
    "PACKAGE_MESSAGE_NO_DELETE": _PACKAGE,
    "PACKAGE_NO_DELETE": _PACKAGE,
    "PACKAGE_SERVICE_NO_DELETE": _PACKAGE,
    "ENUM_SAME_TYPE": _SOURCE,
    "ENUM_VALUE_NO_DELETE": _SOURCE,
    "EXTENSION_MESSAGE_NO_DELETE": _SOURCE,
    "FIELD_NO_DELETE": _SOURCE,
    "FIELD_SAME_CARDINALITY": _SOURCE,
    "FIELD_SAME_CPP_STRING_TYPE": _SOURCE,
    "FIELD_SAME_JAVA_UTF8_VALIDATION": _SOURCE,
    "FIELD_SAME_JSTYPE": _SOURCE,
    "FIELD_SAME_TYPE": _SOURCE,
    "FIELD_SAME_UTF8_VALIDATION": _SOURCE,
    **dict.fromkeys(FILE_OPTION_RULES.values(), _SOURCE),
    "FILE_SAME_SYNTAX": _SOURCE,
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": _SOURCE,
    "ONEOF_NO_DELETE": _SOURCE,
    "RPC_NO_DELETE": _SOURCE,
    "ENUM_SAME_JSON_FORMAT": _NAMES,
    "ENUM_VALUE_SAME_NAME": _NAMES,
    "FIELD_SAME_JSON_NAME": _NAMES,
    "FIELD_SAME_NAME": _NAMES,
    "MESSAGE_SAME_JSON_FORMAT": _NAMES,
    "FIELD_SAME_DEFAULT": _ALL,
    "FIELD_SAME_ONEOF": _ALL,
    "FILE_SAME_PACKAGE": _ALL,
    "MESSAGE_SAME_REQUIRED_FIELDS": _ALL,
    "RESERVED_ENUM_NO_DELETE": _ALL,
    "RESERVED_MESSAGE_NO_DELETE": _ALL,
    "RPC_SAME_CLIENT_STREAMING": _ALL,
    "RPC_SAME_IDEMPOTENCY_LEVEL": _ALL,
    "RPC_SAME_REQUEST_TYPE": _ALL,
    "RPC_SAME_RESPONSE_TYPE": _ALL,
    "RPC_SAME_SERVER_STREAMING": _ALL,
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": _WIRE_JSON,
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": _WIRE_JSON,
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": _WIRE_JSON,
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": _WIRE_JSON,
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": _DATA,
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": _DATA,
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": _WIRE,
    "FIELD_WIRE_COMPATIBLE_TYPE": _WIRE,
}
"""Categories by rule; every rule that some category uses is here."""

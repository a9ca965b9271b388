"""Editions features: defaults of every edition and their inheritance down the descriptor tree.

Source of the rules: https://protobuf.dev/editions/features/ and the `FeatureSet` message of descriptor.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors.wire import iterate_fields, read_varint
from protogate.errors import UserError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FeatureSet, FileDescriptorProto

__all__ = [
    "CLOSED",
    "CPP_CORD",
    "CPP_STRING",
    "CPP_VIEW",
    "DELIMITED",
    "EDITION_2023",
    "EDITION_2024",
    "EDITION_PROTO2",
    "EDITION_PROTO3",
    "EXPLICIT",
    "IMPLICIT",
    "JAVA_VERIFY",
    "LEGACY_REQUIRED",
    "PACKED",
    "VERIFY",
    "Features",
    "edition_of",
    "file_features",
    "inherit",
]

EDITION_PROTO2: Final = 998
EDITION_PROTO3: Final = 999
EDITION_2023: Final = 1000
EDITION_2024: Final = 1001

EXPLICIT: Final = 1
IMPLICIT: Final = 2
LEGACY_REQUIRED: Final = 3
OPEN: Final = 1
CLOSED: Final = 2
PACKED: Final = 1
EXPANDED: Final = 2
VERIFY: Final = 2
NO_UTF8_CHECK: Final = 3
LENGTH_PREFIXED: Final = 1
DELIMITED: Final = 2
ALLOW: Final = 1
LEGACY_BEST_EFFORT: Final = 2
CPP_VIEW: Final = 1
CPP_CORD: Final = 2
CPP_STRING: Final = 3
JAVA_DEFAULT: Final = 1
JAVA_VERIFY: Final = 2


class Features(NamedTuple):
    """The features that change what a descriptor means; values as in `FeatureSet`."""

    field_presence: int
    enum_type: int
    repeated_field_encoding: int
    utf8_validation: int
    message_encoding: int
    json_format: int
    cpp_string_type: int = CPP_STRING
    """`(pb.cpp).string_type`."""
    java_utf8_validation: int = JAVA_DEFAULT
    """`(pb.java).utf8_validation`."""


_EDITIONS_DEFAULT = Features(EXPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED, ALLOW)

_DEFAULTS: Final = {
    EDITION_PROTO2: Features(EXPLICIT, CLOSED, EXPANDED, NO_UTF8_CHECK, LENGTH_PREFIXED, LEGACY_BEST_EFFORT),
    EDITION_PROTO3: Features(IMPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED, ALLOW),
    EDITION_2023: _EDITIONS_DEFAULT,
    EDITION_2024: _EDITIONS_DEFAULT._replace(cpp_string_type=CPP_VIEW),
}


def edition_of(file: FileDescriptorProto) -> int:
    """The edition number of a file; proto2 and proto3 have one too."""
    syntax = file.syntax
    if syntax == "proto3":
        return EDITION_PROTO3
    if syntax == "editions":
        return file.edition
    return EDITION_PROTO2


def file_features(file: FileDescriptorProto) -> Features:
    """The features that everything in `file` starts from.

    Raises:
        UserError: the edition is newer than the ones Protogate knows.
    """
    edition = edition_of(file)
    defaults = _DEFAULTS.get(edition)
    if defaults is None:
        raise UserError(
            f"{file.name}:1: edition {edition} is not supported; use proto2, proto3, edition 2023 or edition 2024"
        )
    if file.HasField("options") and file.options.HasField("features"):
        return inherit(defaults, file.options.features)
    return defaults


def inherit(parent: Features, own: FeatureSet) -> Features:
    """The parent's features with those that the descriptor sets itself on top."""
    cpp_string_type, java_utf8_validation = _of_languages(own)
    return Features(
        own.field_presence or parent.field_presence,
        own.enum_type or parent.enum_type,
        own.repeated_field_encoding or parent.repeated_field_encoding,
        own.utf8_validation or parent.utf8_validation,
        own.message_encoding or parent.message_encoding,
        own.json_format or parent.json_format,
        cpp_string_type or parent.cpp_string_type,
        java_utf8_validation or parent.java_utf8_validation,
    )


_CPP: Final = 1000
_JAVA: Final = 1001
_WATCHED: Final = 2
"""`string_type` in the one, `utf8_validation` in the other."""
_TWO_BYTE_TAG: Final = b"\x3e"
"""The second byte of the tag of both extensions, 1000 and 1001."""


def _of_languages(own: FeatureSet) -> tuple[int, int]:
    """What extensions of `FeatureSet` say; they are read as bytes, since their modules need not be loaded."""
    data = own.SerializeToString()
    found = {_CPP: 0, _JAVA: 0}
    if _TWO_BYTE_TAG in data:
        for extension in iterate_fields(data, 0, len(data)):
            if extension.number in found:
                for field in iterate_fields(data, extension.value, extension.end):
                    if field.number == _WATCHED:
                        found[extension.number], _ = read_varint(data, field.value)
    return found[_CPP], found[_JAVA]

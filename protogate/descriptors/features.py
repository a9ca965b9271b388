"""Editions features: defaults of every edition and their inheritance down the descriptor tree.

Source of the rules: https://protobuf.dev/editions/features/ and the `FeatureSet` message of descriptor.proto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FeatureSet, FileDescriptorProto

__all__ = [
    "CLOSED",
    "DELIMITED",
    "EDITION_2023",
    "EDITION_2024",
    "EDITION_PROTO2",
    "EDITION_PROTO3",
    "EXPLICIT",
    "IMPLICIT",
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


class Features(NamedTuple):
    """The features that change what a descriptor means; values as in `FeatureSet`."""

    field_presence: int
    enum_type: int
    repeated_field_encoding: int
    utf8_validation: int
    message_encoding: int
    json_format: int


_EDITIONS_DEFAULT = Features(EXPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED, ALLOW)

_DEFAULTS: Final = {
    EDITION_PROTO2: Features(EXPLICIT, CLOSED, EXPANDED, NO_UTF8_CHECK, LENGTH_PREFIXED, LEGACY_BEST_EFFORT),
    EDITION_PROTO3: Features(IMPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED, ALLOW),
    EDITION_2023: _EDITIONS_DEFAULT,
    EDITION_2024: _EDITIONS_DEFAULT,
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
    return Features(
        own.field_presence or parent.field_presence,
        own.enum_type or parent.enum_type,
        own.repeated_field_encoding or parent.repeated_field_encoding,
        own.utf8_validation or parent.utf8_validation,
        own.message_encoding or parent.message_encoding,
        own.json_format or parent.json_format,
    )

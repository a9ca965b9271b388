"""What a field is in the code of one language, by options and features of that language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldOptions

from protogate.descriptors.features import (
    CPP_CORD,
    CPP_STRING,
    CPP_VIEW,
    EDITION_PROTO3,
    JAVA_VERIFY,
    VERIFY,
)

if TYPE_CHECKING:
    from protogate.descriptors import Field

__all__ = ["cpp_string_type", "java_utf8_validation", "utf8_validation"]

_STRING_TYPES: Final = {CPP_VIEW: "VIEW", CPP_CORD: "CORD", CPP_STRING: "STRING"}


def cpp_string_type(field: Field) -> str:
    """`STRING`, `CORD`, `STRING_PIECE` or `VIEW`: what C++ keeps its text or bytes in."""
    proto = field.proto
    if proto.HasField("options") and proto.options.HasField("ctype"):
        return FieldOptions.CType.Name(proto.options.ctype)
    return _STRING_TYPES[field.features.cpp_string_type]


def utf8_validation(field: Field) -> str:
    """`VERIFY` or `NONE`: whether text that is no UTF-8 is refused."""
    return "VERIFY" if field.features.utf8_validation == VERIFY else "NONE"


def java_utf8_validation(field: Field) -> str:
    """`VERIFY` or `NONE` for Java, which may be stricter by an option of the file, since editions by a feature."""
    options = field.file.proto.options
    if options.java_string_check_utf8:
        return "VERIFY"
    if field.file.edition > EDITION_PROTO3 and not options.HasField("java_string_check_utf8"):
        return "VERIFY" if field.features.java_utf8_validation == JAVA_VERIFY else utf8_validation(field)
    return utf8_validation(field)

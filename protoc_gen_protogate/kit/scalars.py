"""The scalar types of Protobuf as ProtoJSON tells them apart, and the messages that wrap them."""

from __future__ import annotations

from typing import Final

from protogate.descriptors import Kind

__all__ = ["INTEGER_RANGES", "SCALAR_NAMES", "WRAPPERS"]

INTEGER_RANGES: Final = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}

SCALAR_NAMES: Final = {
    Kind.DOUBLE: "double",
    Kind.FLOAT: "float",
    Kind.INT64: "int64",
    Kind.UINT64: "uint64",
    Kind.INT32: "int32",
    Kind.FIXED64: "uint64",
    Kind.FIXED32: "uint32",
    Kind.BOOL: "bool",
    Kind.STRING: "string",
    Kind.BYTES: "bytes",
    Kind.UINT32: "uint32",
    Kind.SFIXED32: "int32",
    Kind.SFIXED64: "int64",
    Kind.SINT32: "int32",
    Kind.SINT64: "int64",
}

WRAPPERS: Final = {
    "google.protobuf.DoubleValue": Kind.DOUBLE,
    "google.protobuf.FloatValue": Kind.FLOAT,
    "google.protobuf.Int64Value": Kind.INT64,
    "google.protobuf.UInt64Value": Kind.UINT64,
    "google.protobuf.Int32Value": Kind.INT32,
    "google.protobuf.UInt32Value": Kind.UINT32,
    "google.protobuf.BoolValue": Kind.BOOL,
    "google.protobuf.StringValue": Kind.STRING,
    "google.protobuf.BytesValue": Kind.BYTES,
}

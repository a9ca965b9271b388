"""The annotation and the default of a field."""

from __future__ import annotations

from typing import Final

from protogate.descriptors import Kind

__all__ = ["KEY_TYPES", "SCALAR_TYPES", "WELL_KNOWN", "ZEROS"]

SCALAR_TYPES: Final = {
    Kind.DOUBLE: "_pg.Double",
    Kind.FLOAT: "_pg.Float",
    Kind.INT64: "_pg.Int64",
    Kind.UINT64: "_pg.UInt64",
    Kind.INT32: "_pg.Int32",
    Kind.FIXED64: "_pg.UInt64",
    Kind.FIXED32: "_pg.UInt32",
    Kind.BOOL: "_pg.Bool",
    Kind.STRING: "str",
    Kind.BYTES: "_pg.Bytes",
    Kind.UINT32: "_pg.UInt32",
    Kind.SFIXED32: "_pg.Int32",
    Kind.SFIXED64: "_pg.Int64",
    Kind.SINT32: "_pg.Int32",
    Kind.SINT64: "_pg.Int64",
}

ZEROS: Final = {
    **dict.fromkeys(SCALAR_TYPES, "0"),
    Kind.DOUBLE: "0.0",
    Kind.FLOAT: "0.0",
    Kind.BOOL: "False",
    Kind.STRING: '""',
    Kind.BYTES: 'b""',
}

KEY_TYPES: Final = {
    kind: "str" if kind is Kind.STRING else f"{SCALAR_TYPES[kind]}Key"
    for kind in SCALAR_TYPES
    if kind not in {Kind.DOUBLE, Kind.FLOAT, Kind.BYTES}
}

WELL_KNOWN: Final = {
    "google.protobuf.Any": "_pg.Any",
    "google.protobuf.BoolValue": "_pg.Bool",
    "google.protobuf.BytesValue": "_pg.Bytes",
    "google.protobuf.DoubleValue": "_pg.Double",
    "google.protobuf.Duration": "_pg.Duration",
    "google.protobuf.Empty": "_pg.Empty",
    "google.protobuf.FieldMask": "_pg.FieldMask",
    "google.protobuf.FloatValue": "_pg.Float",
    "google.protobuf.Int32Value": "_pg.Int32",
    "google.protobuf.Int64Value": "_pg.Int64",
    "google.protobuf.ListValue": "_pg.ListValue",
    "google.protobuf.StringValue": "str",
    "google.protobuf.Struct": "_pg.Struct",
    "google.protobuf.Timestamp": "_pg.Timestamp",
    "google.protobuf.UInt32Value": "_pg.UInt32",
    "google.protobuf.UInt64Value": "_pg.UInt64",
}
"""Messages that are a Python value of their own; Value and NullValue depend on where they stand."""

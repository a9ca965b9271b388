"""A field as TypeScript: what it parses to, what it accepts, the schema between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protogate.descriptors import Field

__all__ = [
    "NULL_VALUE",
    "WELL_KNOWN",
    "Element",
    "FieldText",
    "Scalars",
    "checked",
    "field_text",
    "map_text",
    "repeated_element",
    "repeated_text",
    "scalars",
    "singular_text",
]


class Element(NamedTuple):
    """One value: its types and the expression of its schema."""

    output: str
    input: str
    schema: str


class FieldText(NamedTuple):
    """What follows the field's name in the two interfaces and in the schema."""

    output: str
    input: str
    schema: str


_INT32 = Element("number", "$.IntInput", "$.int32")
_UINT32 = Element("number", "$.IntInput", "$.uint32")
_INT64 = Element("string", "$.Int64Input", "$.int64")
_UINT64 = Element("string", "$.Int64Input", "$.uint64")
_INT64_BIGINT = Element("bigint", "$.Int64Input", "$.int64AsBigint")
_UINT64_BIGINT = Element("bigint", "$.Int64Input", "$.uint64AsBigint")
_FLOAT = Element("$.Float", "$.FloatInput", "$.float")
_DOUBLE = Element("$.Float", "$.FloatInput", "$.double")
_BOOL = Element("boolean", "boolean", "$.bool")
_STRING = Element("string", "string", "$.string")
_BYTES = Element("string", "string | $.Bytes", "$.bytes")
_BYTES_ARRAY = Element("$.Bytes", "string | $.Bytes", "$.bytesAsUint8Array")

_WRAPPERS: Final = {
    "google.protobuf.BoolValue": Kind.BOOL,
    "google.protobuf.BytesValue": Kind.BYTES,
    "google.protobuf.DoubleValue": Kind.DOUBLE,
    "google.protobuf.FloatValue": Kind.FLOAT,
    "google.protobuf.Int32Value": Kind.INT32,
    "google.protobuf.Int64Value": Kind.INT64,
    "google.protobuf.StringValue": Kind.STRING,
    "google.protobuf.UInt32Value": Kind.UINT32,
    "google.protobuf.UInt64Value": Kind.UINT64,
}

NULL_VALUE: Final = "google.protobuf.NullValue"

WELL_KNOWN: Final = {
    "google.protobuf.Any": Element("$.AnyMessage", "$.AnyMessage", "$.any"),
    "google.protobuf.Duration": Element("string", "string", "$.duration"),
    "google.protobuf.Empty": Element("$.EmptyMessage", "$.EmptyMessage", "$.empty"),
    "google.protobuf.FieldMask": Element("string", "string", "$.fieldMask"),
    "google.protobuf.ListValue": Element("$.JsonValue[]", "$.JsonValue[]", "$.listValue"),
    NULL_VALUE: Element("null", '"NULL_VALUE" | 0 | null', "$.nullValue"),
    "google.protobuf.Struct": Element("$.JsonObject", "$.JsonObject", "$.struct"),
    "google.protobuf.Timestamp": Element("string", "string", "$.timestamp"),
    "google.protobuf.Value": Element("$.JsonValue", "$.JsonValue", "$.value"),
}
"""Types whose JSON form is not an object of fields, wrappers aside."""


class Scalars(NamedTuple):
    """The elements that options have a say in."""

    by_kind: Mapping[Kind, Element]
    well_known: Mapping[str, Element]


def scalars(*, int64: str, bytes_: str) -> Scalars:
    """The elements of scalar kinds and well-known types under the plugin's options."""
    signed, unsigned = (_INT64, _UINT64) if int64 == "string" else (_INT64_BIGINT, _UINT64_BIGINT)
    by_kind = {
        Kind.DOUBLE: _DOUBLE,
        Kind.FLOAT: _FLOAT,
        Kind.INT64: signed,
        Kind.UINT64: unsigned,
        Kind.INT32: _INT32,
        Kind.FIXED64: unsigned,
        Kind.FIXED32: _UINT32,
        Kind.BOOL: _BOOL,
        Kind.STRING: _STRING,
        Kind.BYTES: _BYTES if bytes_ == "base64" else _BYTES_ARRAY,
        Kind.UINT32: _UINT32,
        Kind.SFIXED32: _INT32,
        Kind.SFIXED64: signed,
        Kind.SINT32: _INT32,
        Kind.SINT64: signed,
    }
    wrappers = {name: by_kind[kind] for name, kind in _WRAPPERS.items()}
    return Scalars(by_kind, {**WELL_KNOWN, **wrappers})


_KEYS: Final = {
    Kind.BOOL: "boolKey",
    Kind.INT32: "int32Key",
    Kind.SINT32: "int32Key",
    Kind.SFIXED32: "int32Key",
    Kind.UINT32: "uint32Key",
    Kind.FIXED32: "uint32Key",
    Kind.INT64: "int64Key",
    Kind.SINT64: "int64Key",
    Kind.SFIXED64: "int64Key",
    Kind.UINT64: "uint64Key",
    Kind.FIXED64: "uint64Key",
    Kind.STRING: "stringKey",
}


def field_text(field: Field, element_of: Callable[[Field], Element]) -> FieldText:
    """A field without rules."""
    if field.map_key is not None and field.map_value is not None:
        return map_text(field.map_key.kind, element_of(field.map_value))
    element = element_of(field)
    if field.is_repeated:
        return repeated_text(element)
    return singular_text(element, presence=field.presence, required=field.is_required)


def map_text(key: Kind, value: Element, key_checks: Sequence[str] = (), checks: Sequence[str] = ()) -> FieldText:
    """A map, with the checks of its keys and of itself."""
    index = '{ [key in "true" | "false"]?: %s }' if key is Kind.BOOL else "{ [key: string]: %s }"
    return FieldText(
        f": {index % value.output};",
        f"?: {index % value.input} | null;",
        f": $.map({', '.join([checked(f'$.{_KEYS[key]}', key_checks), value.schema, *checks])}),",
    )


def checked(schema: str, checks: Sequence[str]) -> str:
    """The schema with checks."""
    return f"$.checked({', '.join([schema, *checks])})" if checks else schema


def repeated_text(element: Element, checks: Sequence[str] = ()) -> FieldText:
    """A list, with the checks of itself."""
    output, input_, schema = repeated_element(element, checks)
    return FieldText(f": {output};", f"?: {input_} | null;", f": {schema},")


def repeated_element(element: Element, checks: Sequence[str] = ()) -> Element:
    """The list as one value."""
    return Element(
        f"{_item(element.output)}[]",
        f"readonly {_item(element.input)}[]",
        f"$.repeated({', '.join([element.schema, *checks])})",
    )


def _item(type_: str) -> str:
    return f"({type_})" if " " in type_ else type_


def singular_text(element: Element, *, presence: bool, required: bool) -> FieldText:
    """A field that is neither list nor map."""
    if required:
        return FieldText(f": {element.output};", f": {element.input};", f": {element.schema},")
    nullable = element.input if element.input.endswith("| null") else f"{element.input} | null"
    if presence:
        return FieldText(f"?: {element.output};", f"?: {nullable};", f": $.optional({element.schema}),")
    return FieldText(f": {element.output};", f"?: {nullable};", f": $.implicit({element.schema}),")

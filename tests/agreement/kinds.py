"""Names the kind of a field: the word under which pools keep values and tables group results."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

__all__ = ["element_kind", "enum_of", "is_map", "map_entry", "message_of", "shape"]

_SCALARS = {
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_SINT32: "int32",
    FieldDescriptor.TYPE_SFIXED32: "int32",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_FIXED32: "uint32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_SINT64: "int64",
    FieldDescriptor.TYPE_SFIXED64: "int64",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_FIXED64: "uint64",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_GROUP: "message",
}
_WELL_KNOWN = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "google.protobuf.FieldMask": "fieldmask",
    "google.protobuf.Struct": "struct",
    "google.protobuf.Value": "value",
    "google.protobuf.ListValue": "listvalue",
    "google.protobuf.Any": "any",
    "google.protobuf.Empty": "empty",
    "google.protobuf.Int32Value": "int32",
    "google.protobuf.UInt32Value": "uint32",
    "google.protobuf.Int64Value": "int64",
    "google.protobuf.UInt64Value": "uint64",
    "google.protobuf.FloatValue": "float",
    "google.protobuf.DoubleValue": "double",
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.StringValue": "string",
    "google.protobuf.BytesValue": "bytes",
}


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is written as an object of keys."""
    message = field.message_type
    return message is not None and field.is_repeated and message.GetOptions().map_entry


def map_entry(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """The key and the value of a map field."""
    key, value = message_of(field).fields
    return key, value


def message_of(field: FieldDescriptor) -> Descriptor:
    """The message type of a field that has one."""
    assert field.message_type is not None, f"{field.full_name} is no message"
    return field.message_type


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """The enum type of a field that has one."""
    assert field.enum_type is not None, f"{field.full_name} is no enum"
    return field.enum_type


def element_kind(field: FieldDescriptor) -> str:
    """The kind of one value of the field: a pool's word, `enum` or `message`."""
    if field.type == FieldDescriptor.TYPE_ENUM:
        return "nullvalue" if enum_of(field).full_name == "google.protobuf.NullValue" else "enum"
    if field.message_type is not None:
        return well_known(field.message_type) or "message"
    return _SCALARS[field.type]


def well_known(message: Descriptor) -> str | None:
    """The pool's word for a well-known type that has a JSON form of its own."""
    return _WELL_KNOWN.get(message.full_name)


def shape(field: FieldDescriptor) -> str:
    """Kind and cardinality: fields of one shape must behave alike."""
    if is_map(field):
        key, value = map_entry(field)
        return f"map<{element_kind(key)}, {_named(value)}>"
    if field.is_repeated:
        return f"repeated {_named(field)}"
    if field.containing_oneof is not None and len(field.containing_oneof.fields) > 1:
        return f"oneof {_named(field)}"
    if field.is_required:
        return f"required {_named(field)}"
    return f"{'optional' if field.has_presence else 'implicit'} {_named(field)}"


def _named(field: FieldDescriptor) -> str:
    kind = element_kind(field)
    if kind == "enum":
        return "closed enum" if enum_of(field).is_closed else "open enum"
    message = field.message_type
    if message is not None and message.full_name.endswith("Value") and well_known(message):
        return message.name
    return kind

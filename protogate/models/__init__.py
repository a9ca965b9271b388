"""What generated pydantic models are made of."""

from protogate.models.anys import AnyMessage as Any
from protogate.models.enums import ClosedEnum, NullValue, OpenEnum
from protogate.models.message import Message
from protogate.models.scalars import (
    Bool,
    BoolKey,
    Bytes,
    Double,
    Float,
    Int32,
    Int32Key,
    Int64,
    Int64Key,
    UInt32,
    UInt32Key,
    UInt64,
    UInt64Key,
)
from protogate.models.times import Duration, Timestamp
from protogate.models.wellknown import FieldMask, ListValue, OptionalNull, Struct, Value, ValueItem

__all__ = [
    "Any",
    "Bool",
    "BoolKey",
    "Bytes",
    "ClosedEnum",
    "Double",
    "Duration",
    "Empty",
    "FieldMask",
    "Float",
    "Int32",
    "Int32Key",
    "Int64",
    "Int64Key",
    "ListValue",
    "Message",
    "NullValue",
    "OpenEnum",
    "OptionalNull",
    "Struct",
    "Timestamp",
    "UInt32",
    "UInt32Key",
    "UInt64",
    "UInt64Key",
    "Value",
    "ValueItem",
]


class Empty(Message):
    """`google.protobuf.Empty`: a message without fields."""

    __proto__ = "google.protobuf.Empty"

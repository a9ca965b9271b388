"""Hypothesis strategies for messages of any contract."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message as ProtoMessage

__all__ = ["messages"]

_INT32 = st.integers(-(2**31), 2**31 - 1)
_UINT32 = st.integers(0, 2**32 - 1)
_INT64 = st.integers(-(2**63), 2**63 - 1)
_UINT64 = st.integers(0, 2**64 - 1)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)

_SCALARS = {
    # A document has one NaN only.
    FieldDescriptor.TYPE_DOUBLE: st.floats(allow_nan=False) | st.just(math.nan),
    # The largest ones json_format writes as texts that it does not read.
    FieldDescriptor.TYPE_FLOAT: st.floats(-(2.0**127), 2.0**127, width=32) | st.sampled_from([math.nan, math.inf]),
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_UINT64: _UINT64,
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_FIXED64: _UINT64,
    FieldDescriptor.TYPE_FIXED32: _UINT32,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: _TEXT,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=5),
    FieldDescriptor.TYPE_UINT32: _UINT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SINT64: _INT64,
}

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_DEPTH = 2


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> ProtoMessage:
    """Any initialized message of a type."""
    message: Any = GetMessageClass(descriptor)()
    special = _SPECIAL.get(descriptor.full_name)
    if special is not None:
        special(draw, message)
        return cast("ProtoMessage", message)
    for field in descriptor.fields:
        if field.is_required or (draw(st.integers(0, 2)) == 0 and (field.message_type is None or depth < _DEPTH)):
            _set(draw, message, field, depth)
    return cast("ProtoMessage", message)


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        if value.enum_type is not None and value.enum_type.name == "NullValue":
            return  # as below
        target = getattr(message, field.name)
        for name in draw(st.lists(_SCALARS[key.type], max_size=2, unique=True)):
            if value.message_type is None:
                target[name] = draw(_scalar(value))
            else:
                target[name].CopyFrom(draw(messages(value.message_type, depth + 1)))
    elif field.message_type is not None:
        parts = draw(st.lists(messages(field.message_type, depth + 1), min_size=not field.is_repeated, max_size=2))
        if field.is_repeated:
            getattr(message, field.name).extend(parts)
        else:
            getattr(message, field.name).CopyFrom(parts[0])
            getattr(message, field.name).SetInParent()
    elif field.is_repeated and field.enum_type is not None and field.enum_type.name == "NullValue":
        # json_format refuses the nulls in a list that it has written itself.
        return
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(_scalar(field), max_size=2)))
    else:
        setattr(message, field.name, draw(_scalar(field)))


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is None:
        return _SCALARS[field.type]
    known = st.sampled_from([value.number for value in field.enum_type.values])
    return known if field.enum_type.is_closed or field.enum_type.name == "NullValue" else known | _INT32


def _timestamp(draw: st.DrawFn, message: Any) -> None:
    message.seconds = draw(st.integers(-62135596800, 253402300799))
    message.nanos = draw(st.sampled_from([0, 1, 1000, 500_000_000, 999_999_999]))


def _duration(draw: st.DrawFn, message: Any) -> None:
    sign = draw(st.sampled_from([1, -1]))
    message.seconds = sign * draw(st.integers(0, 315_576_000_000 - 1))
    message.nanos = sign * draw(st.sampled_from([0, 1, 1000, 500_000_000, 999_999_999]))


def _mask(draw: st.DrawFn, message: Any) -> None:
    message.paths.extend(
        draw(st.lists(st.from_regex(r"[a-z]{1,3}(_[a-z]{1,3})?(\.[a-z]{1,3})?", fullmatch=True), max_size=2))
    )


def _struct(draw: st.DrawFn, message: Any) -> None:
    message.update(draw(st.dictionaries(_TEXT, _JSON, max_size=2)))


def _list(draw: st.DrawFn, message: Any) -> None:
    message.extend(draw(st.lists(_JSON, max_size=2)))


def _value(draw: st.DrawFn, message: Any) -> None:
    value = draw(_JSON)
    if value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, dict):
        message.struct_value.update(value)
        message.struct_value.SetInParent()
    elif isinstance(value, list):
        message.list_value.extend(value)
        message.list_value.SetInParent()
    else:
        assert math.isfinite(value)
        message.number_value = value


def _any(draw: st.DrawFn, message: Any) -> None:
    if draw(st.booleans()):
        duration = GetMessageClass(message.DESCRIPTOR.file.pool.FindMessageTypeByName("google.protobuf.Duration"))()
        _duration(draw, duration)
        message.Pack(duration)


_SPECIAL = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    "google.protobuf.FieldMask": _mask,
    "google.protobuf.Struct": _struct,
    "google.protobuf.ListValue": _list,
    "google.protobuf.Value": _value,
    "google.protobuf.Any": _any,
}

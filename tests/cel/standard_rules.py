"""The expressions that protovalidate itself is made of: the predefined rules in buf/validate/validate.proto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from protogate.cel import types
from tests.cel.contract import validate_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.cel import Type

_SCALARS = {
    FieldDescriptor.CPPTYPE_BOOL: types.BOOL,
    FieldDescriptor.CPPTYPE_DOUBLE: types.DOUBLE,
    FieldDescriptor.CPPTYPE_ENUM: types.INT,
    FieldDescriptor.CPPTYPE_FLOAT: types.DOUBLE,
    FieldDescriptor.CPPTYPE_INT32: types.INT,
    FieldDescriptor.CPPTYPE_INT64: types.INT,
    FieldDescriptor.CPPTYPE_STRING: types.STRING,
    FieldDescriptor.CPPTYPE_UINT32: types.UINT,
    FieldDescriptor.CPPTYPE_UINT64: types.UINT,
}

_TARGETS = {
    "AnyRules": types.message("google.protobuf.Any"),
    "BoolRules": types.BOOL,
    "BytesRules": types.BYTES,
    "DoubleRules": types.DOUBLE,
    "DurationRules": types.DURATION,
    "EnumRules": types.INT,
    "FieldMaskRules": types.message("google.protobuf.FieldMask"),
    "FloatRules": types.DOUBLE,
    "MapRules": types.map_of(types.STRING, types.STRING),
    "RepeatedRules": types.list_of(types.STRING),
    "StringRules": types.STRING,
    "TimestampRules": types.TIMESTAMP,
}


class StandardRule(NamedTuple):
    """A predefined rule: `field` is the option it belongs to."""

    rules: str
    field: str
    id: str
    expression: str

    @property
    def env(self) -> types.Env:
        """The names that the expression may use."""
        name = self.rules.removesuffix("Rules")
        target = _TARGETS.get(self.rules) or (types.UINT if name in _UNSIGNED else types.INT)
        rules = types.message(f"buf.validate.{self.rules}")
        return types.Env({"this": target, "rules": rules, "now": types.TIMESTAMP}, fields_of)


_UNSIGNED = {"UInt32", "UInt64", "Fixed32", "Fixed64"}


def fields_of(message: str) -> dict[str, types.FieldType] | None:
    """The fields of a message that validate.proto knows."""
    try:
        found = validate_pool().FindMessageTypeByName(message)
    except KeyError:
        return None
    return {f.name: types.FieldType(f.name, _type(f), f.has_presence) for f in found.fields}


def _type(field: FieldDescriptor) -> Type:
    if field.message_type is not None:
        of = types.message(field.message_type.full_name)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        of = types.BYTES
    else:
        of = _SCALARS[field.cpp_type]
    return types.list_of(of) if field.is_repeated else of


def standard_rules() -> Iterator[StandardRule]:
    """All of them, in the order of the file."""
    pool = validate_pool()
    options = GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FieldOptions"))
    predefined = pool.FindExtensionByName("buf.validate.predefined")
    file = pool.FindFileByName("buf/validate/validate.proto")
    for message in file.message_types_by_name.values():
        for field in message.fields:
            read: Any = options.FromString(field.GetOptions().SerializeToString())
            for rule in read.Extensions[predefined].cel:
                yield StandardRule(message.name, field.name, rule.id, rule.expression)

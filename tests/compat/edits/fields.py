"""Edits of fields: they come, go, and change in type, label, name, number and options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    FeatureSet,
    FieldOptions,
)

from tests.compat.edits.contract import (
    NAMED,
    SCALARS,
    F,
    Unfit,
    add_field,
    any_message,
    drop,
    edit,
    entries_of,
    free_number,
    free_value,
    in_oneof,
    is_group_type,
    reserve_number,
    settle_oneofs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import (
        FieldDescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
        OfField,
    )

__all__ = ["default_fields", "make_plain", "retype"]

_LONG = (F.TYPE_INT64, F.TYPE_UINT64, F.TYPE_FIXED64, F.TYPE_SFIXED64, F.TYPE_SINT64)
_NEVER_PACKED = (F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE, F.TYPE_GROUP)
_DEFAULTS = {F.TYPE_STRING: ("x", "none"), F.TYPE_BYTES: ("ab", "q"), F.TYPE_BOOL: ("true", "false")}


def remove_field(found: OfField) -> None:
    message = found.message.proto
    entry = entries_of(found.message).get(found.proto.type_name)
    if entry is not None:
        drop(message.nested_type, entry)
    drop(message.field, found.proto)
    settle_oneofs(message)


def _removable(contract: Contract) -> OfField:
    return contract.pick(f for f in contract.fields() if len(f.message.proto.field) > 1)


@edit("field added")
def _(contract: Contract) -> None:
    add_field(contract, any_message(contract))


@edit("two fields added")
def _(contract: Contract) -> None:
    found = any_message(contract)
    add_field(contract, found)
    add_field(contract, found)


@edit("field removed")
def _(contract: Contract) -> None:
    remove_field(_removable(contract))


@edit("field removed, number and name reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    remove_field(found)
    reserve_number(found.message.proto, found.proto.number)
    found.message.proto.reserved_name.append(found.proto.name)


@edit("field removed, number reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    remove_field(found)
    reserve_number(found.message.proto, found.proto.number)


@edit("field removed, name reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    remove_field(found)
    found.message.proto.reserved_name.append(found.proto.name)


@edit("map field added")
def _(contract: Contract) -> None:
    found = any_message(contract)
    name = contract.new_name("Lookup")
    entry = found.proto.nested_type.add(name=f"{name}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=F.LABEL_OPTIONAL, type=F.TYPE_STRING)
    entry.field.add(name="value", number=2, label=F.LABEL_OPTIONAL, type=contract.pick(SCALARS))
    found.proto.field.add(
        name=name[:1].lower() + name[1:],
        number=free_number(contract, found.proto),
        label=F.LABEL_REPEATED,
        type=F.TYPE_MESSAGE,
        type_name=f".{found.full_name}.{entry.name}",
    )


@edit("map field removed")
def _(contract: Contract) -> None:
    remove_field(contract.pick(contract.maps())[0])


@edit("group removed")
def _(contract: Contract) -> None:
    found, field = contract.pick((m, f) for m in contract.messages() for f in m.proto.field if f.type == F.TYPE_GROUP)
    nested = next(n for n in found.proto.nested_type if field.type_name.endswith(f".{n.name}"))
    drop(found.proto.nested_type, nested)
    drop(found.proto.field, field)
    settle_oneofs(found.proto)


@edit("group becomes a message field")
def _(contract: Contract) -> None:
    field = contract.pick(f for m in contract.messages() for f in m.proto.field if f.type == F.TYPE_GROUP)
    field.type = F.TYPE_MESSAGE


@edit("field of a group removed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if is_group_type(f.message))
    remove_field(found)


@edit("number of a reservation used")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.proto.reserved_range)
    old = contract.pick(found.proto.reserved_range)
    start, end = old.start, old.end
    drop(found.proto.reserved_range, old)
    if end - start > 1:
        found.proto.reserved_range.add(start=start + 1, end=end)
    found.proto.field.add(
        name=contract.new_name("revived_"), number=start, label=F.LABEL_OPTIONAL, type=contract.pick(SCALARS)
    )


@edit("field renamed")
def _(contract: Contract) -> None:
    field = contract.pick(contract.fields()).proto
    field.name = contract.new_name("renamed_")
    field.ClearField("json_name")


@edit("field renamed, json_name kept")
def _(contract: Contract) -> None:
    field = contract.pick(contract.fields()).proto
    field.name = contract.new_name("renamed_")


@edit("map field renamed")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    name = contract.new_name("Moved")
    found.proto.name = name[:1].lower() + name[1:]
    found.proto.ClearField("json_name")
    entry.name = f"{name}Entry"
    found.proto.type_name = f".{found.message.full_name}.{entry.name}"


@edit("field renumbered")
def _(contract: Contract) -> None:
    found = contract.pick(contract.fields())
    found.proto.number = free_number(contract, found.message.proto)


@edit("two fields swap numbers")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if len(m.proto.field) > 1)
    one, other = contract.random.sample(list(found.proto.field), 2)
    one.number, other.number = other.number, one.number


@edit("two fields swap names")
def _(contract: Contract) -> None:
    found = contract.pick(contract.fields())
    alike = [f for f in contract.fields() if f.message.proto is found.message.proto and f.proto is not found.proto]
    other = contract.pick(alike)
    found.proto.name, other.proto.name = other.proto.name, found.proto.name
    for one in (found, other):
        one.proto.ClearField("json_name")
    settle_oneofs(found.message.proto)


def _scalar_fields(contract: Contract) -> Iterator[OfField]:
    return (f for f in contract.fields() if f.proto.type not in NAMED)


def make_plain(field: FieldDescriptorProto) -> None:
    """Take away what another type may not have."""
    field.ClearField("default_value")
    field.ClearField("type_name")
    features = field.options.features
    features.ClearField("message_encoding")
    features.ClearField("repeated_field_encoding")
    features.ClearField("utf8_validation")
    for option in ("packed", "jstype", "ctype"):
        field.options.ClearField(option)
    if not features.ByteSize():
        field.options.ClearField("features")
    if not field.options.ByteSize():
        field.ClearField("options")


def retype(contract: Contract, field: FieldDescriptorProto, types: Iterable[F.Type.ValueType]) -> None:
    new = contract.pick(t for t in types if t != field.type)
    make_plain(field)
    field.type = new


@edit("scalar type changed")
def _(contract: Contract) -> None:
    retype(contract, contract.pick(_scalar_fields(contract)).proto, SCALARS)


@edit("scalar type changed within its family")
def _(contract: Contract) -> None:
    families = (
        (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_BOOL),
        (F.TYPE_SINT32, F.TYPE_SINT64),
        (F.TYPE_STRING, F.TYPE_BYTES),
        (F.TYPE_FIXED32, F.TYPE_SFIXED32),
        (F.TYPE_FIXED64, F.TYPE_SFIXED64),
        (F.TYPE_FLOAT, F.TYPE_DOUBLE),
    )
    field = contract.pick(_scalar_fields(contract)).proto
    retype(contract, field, next(family for family in families if field.type in family))


@edit("scalar type changed, default kept")
def _(contract: Contract) -> None:
    numbers = (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_FLOAT, F.TYPE_DOUBLE)
    field = contract.pick(
        f.proto for f in contract.fields() if f.proto.default_value.isdigit() and f.proto.type in numbers
    )
    field.type = contract.pick(t for t in numbers if t != field.type)


@edit("type of text or of a fraction changed, default kept")
def _(contract: Contract) -> None:
    pairs = {F.TYPE_STRING: F.TYPE_BYTES, F.TYPE_FLOAT: F.TYPE_DOUBLE}
    others = pairs | {other: one for one, other in pairs.items()}
    # Quotes and line breaks are escaped in the default of bytes only.
    plain = re.compile(r"[\w.+-]+", re.ASCII)
    field = contract.pick(
        f.proto for f in contract.fields() if f.proto.type in others and plain.fullmatch(f.proto.default_value)
    )
    field.type = others[field.type]
    field.options.ClearField("features")
    field.options.ClearField("ctype")


@edit("special default of a fraction")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in default_fields(contract) if f.proto.type in {F.TYPE_FLOAT, F.TYPE_DOUBLE})
    choices = ("inf", "-inf", "nan", "1e+40", "0.1", "-0", "16777217")
    field.default_value = contract.pick(c for c in choices if c != field.default_value)


@edit("scalar becomes an enum")
def _(contract: Contract) -> None:
    found = contract.pick(_scalar_fields(contract))
    name = contract.pick(contract.visible_enums(found.file))
    make_plain(found.proto)
    found.proto.type = F.TYPE_ENUM
    found.proto.type_name = name


@edit("scalar becomes a message")
def _(contract: Contract) -> None:
    found = contract.pick(_scalar_fields(contract))
    name = contract.pick(contract.visible_messages(found.file))
    make_plain(found.proto)
    found.proto.options.features.ClearField("field_presence")
    if not found.proto.options.features.ByteSize():
        found.proto.options.ClearField("features")
    found.proto.type = F.TYPE_MESSAGE
    found.proto.type_name = name


@edit("enum or message field becomes a scalar")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type_name)
    retype(contract, field, SCALARS)


@edit("message type of a field changed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.type == F.TYPE_MESSAGE)
    found.proto.type_name = contract.pick(
        name for name in contract.visible_messages(found.file) if name != found.proto.type_name
    )


@edit("enum type of a field changed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.type == F.TYPE_ENUM)
    found.proto.type_name = contract.pick(
        name for name in contract.visible_enums(found.file) if name != found.proto.type_name
    )
    found.proto.ClearField("default_value")


@edit("enum type of a field becomes its copy elsewhere")
def _(contract: Contract) -> None:
    found = contract.pick(
        f for f in contract.fields() if f.proto.type == F.TYPE_ENUM and not f.message.proto.options.map_entry
    )
    enum = next(e for e in contract.enums() if f".{e.full_name}" == found.proto.type_name)
    if found.file.name != enum.file.name:
        raise Unfit
    holder = found.file.message_type.add(name=contract.new_name("Copies"))
    copy = holder.enum_type.add()
    copy.CopyFrom(enum.proto)
    if contract.random.random() < 0.5:
        copy.value.add(name=contract.new_name("COPY_ONLY_"), number=free_value(contract, copy))
    if contract.random.random() < 0.3 and not copy.options.allow_alias:
        copy.value[-1].number = free_value(contract, copy)
    found.proto.type_name = f".{found.file.package}.{holder.name}.{copy.name}"


@edit("key or value type of a map changed")
def _(contract: Contract) -> None:
    _, entry = contract.pick(contract.maps())
    if contract.random.random() < 0.3:
        retype(contract, entry.field[0], (F.TYPE_STRING, F.TYPE_INT32, F.TYPE_INT64, F.TYPE_BOOL, F.TYPE_UINT64))
    else:
        retype(contract, entry.field[1], SCALARS)


@edit("value type of a map becomes a message")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    name = contract.pick(n for n in contract.visible_messages(found.file) if n != entry.field[1].type_name)
    entry.field[1].type = F.TYPE_MESSAGE
    entry.field[1].type_name = name


@edit("map becomes a repeated message")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    entry.ClearField("options")
    del found


@edit("singular becomes repeated")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.label != F.LABEL_REPEATED and not in_oneof(f.proto))
    field = found.proto
    field.label = F.LABEL_REPEATED
    field.ClearField("proto3_optional")
    field.ClearField("default_value")
    field.options.features.ClearField("field_presence")
    if not field.options.features.ByteSize():
        field.options.ClearField("features")
    settle_oneofs(found.message.proto)


@edit("repeated becomes singular")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.label == F.LABEL_REPEATED)
    field.label = F.LABEL_OPTIONAL
    field.options.ClearField("packed")
    field.options.features.ClearField("repeated_field_encoding")
    if not field.options.features.ByteSize():
        field.options.ClearField("features")


@edit("presence changed")
def _(contract: Contract) -> None:
    found = contract.pick(
        f
        for f in contract.fields()
        if f.file.syntax == "proto3" and f.proto.label == F.LABEL_OPTIONAL and not in_oneof(f.proto)
    )
    if found.proto.proto3_optional:
        found.proto.ClearField("proto3_optional")
        found.proto.ClearField("oneof_index")
    else:
        found.proto.proto3_optional = True
    settle_oneofs(found.message.proto)


@edit("presence feature changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.file.syntax == "editions"
        and f.proto.label != F.LABEL_REPEATED
        and not in_oneof(f.proto)
        and f.proto.type not in NAMED
        and not f.proto.HasField("default_value")
    )
    choices = (FeatureSet.EXPLICIT, FeatureSet.IMPLICIT, FeatureSet.LEGACY_REQUIRED)
    now = field.options.features.field_presence
    field.options.features.field_presence = contract.pick(c for c in choices if c != now)


@edit("requirement changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.file.syntax in {"", "proto2"} and f.proto.label != F.LABEL_REPEATED and not in_oneof(f.proto)
    )
    required = field.label == F.LABEL_REQUIRED
    field.label = F.LABEL_OPTIONAL if required else F.LABEL_REQUIRED


@edit("required field added")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.file.syntax in {"", "proto2"})
    field = add_field(contract, found)
    field.label = F.LABEL_REQUIRED


@edit("json_name changed")
def _(contract: Contract) -> None:
    contract.pick(contract.fields()).proto.json_name = contract.new_name("json")


@edit("jstype changed")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type in _LONG)
    choices = (FieldOptions.JS_STRING, FieldOptions.JS_NUMBER, FieldOptions.JS_NORMAL)
    field.options.jstype = contract.pick(c for c in choices if c != field.options.jstype)


@edit("ctype changed")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type in {F.TYPE_STRING, F.TYPE_BYTES})
    choices = [FieldOptions.CORD, FieldOptions.STRING_PIECE, FieldOptions.STRING]
    if field.label == F.LABEL_REPEATED:
        choices = choices[1:]
    field.options.ctype = contract.pick(c for c in choices if c != field.options.ctype)


@edit("packed changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.proto.label == F.LABEL_REPEATED and f.proto.type not in _NEVER_PACKED and f.file.syntax != "editions"
    )
    field.options.packed = not field.options.packed


@edit("deprecated")
def _(contract: Contract) -> None:
    contract.pick(contract.fields()).proto.options.deprecated = True


def default_fields(contract: Contract) -> Iterator[OfField]:
    return (
        f
        for f in contract.fields()
        if f.file.syntax != "proto3"
        and f.proto.label != F.LABEL_REPEATED
        and f.proto.type != F.TYPE_MESSAGE
        and f.proto.options.features.field_presence != FeatureSet.IMPLICIT
    )


@edit("default changed")
def _(contract: Contract) -> None:
    found = contract.pick(default_fields(contract))
    choices: Iterable[str] = _DEFAULTS.get(found.proto.type, ("0", "5", "17"))
    if found.proto.type == F.TYPE_ENUM:
        enum = next(e for e in contract.enums() if f".{e.full_name}" == found.proto.type_name)
        choices = (value.name for value in enum.proto.value)
    found.proto.default_value = contract.pick(c for c in choices if c != found.proto.default_value)


@edit("default removed")
def _(contract: Contract) -> None:
    contract.pick(f for f in contract.fields() if f.proto.HasField("default_value")).proto.ClearField("default_value")


@edit("fields reordered")
def _(contract: Contract) -> None:
    found = any_message(contract)
    fields = [*found.proto.field]
    contract.random.shuffle(fields)
    found.proto.ClearField("field")
    found.proto.field.extend(fields)
    settle_oneofs(found.proto)


@edit("utf8_validation changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto for f in contract.fields() if f.file.syntax == "editions" and f.proto.type == F.TYPE_STRING
    )
    now = field.options.features.utf8_validation
    field.options.features.utf8_validation = FeatureSet.VERIFY if now == FeatureSet.NONE else FeatureSet.NONE


@edit("message_encoding changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto for f in contract.fields() if f.file.syntax == "editions" and f.proto.type == F.TYPE_MESSAGE
    )
    features = field.options.features
    delimited = features.message_encoding == FeatureSet.DELIMITED
    features.message_encoding = FeatureSet.LENGTH_PREFIXED if delimited else FeatureSet.DELIMITED

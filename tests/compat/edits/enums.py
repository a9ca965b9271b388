"""Edits of enums and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    FeatureSet,
    FileDescriptorProto,
)

from tests.compat.edits.contract import (
    Unfit,
    drop,
    edit,
    free_value,
    walk,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        EnumValueDescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
    )


def _later_value(contract: Contract) -> tuple[EnumDescriptorProto, EnumValueDescriptorProto]:
    """Not the first value, and none that is a default."""
    defaults = {f.proto.default_value for f in contract.fields()}
    defaults |= {field.default_value for _, _, field in contract.extensions()}
    return contract.pick((e.proto, v) for e in contract.enums() for v in e.proto.value[1:] if v.name not in defaults)


def _remove_value(enum: EnumDescriptorProto, value: EnumValueDescriptorProto) -> None:
    drop(enum.value, value)
    numbers = [v.number for v in enum.value]
    if len(set(numbers)) == len(numbers):
        # A compiler refuses allow_alias where nothing is an alias.
        enum.options.ClearField("allow_alias")
        if not enum.options.ByteSize():
            enum.ClearField("options")


@edit("enum value added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    enum.value.add(name=contract.new_name("MORE_"), number=free_value(contract, enum))


@edit("enum value removed")
def _(contract: Contract) -> None:
    _remove_value(*_later_value(contract))


@edit("enum value removed, number and name reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    if all(v.number != value.number for v in enum.value):
        enum.reserved_range.add(start=value.number, end=value.number)
    enum.reserved_name.append(value.name)


@edit("enum value removed, number reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    if any(v.number == value.number for v in enum.value):
        raise Unfit
    enum.reserved_range.add(start=value.number, end=value.number)


@edit("enum value removed, name reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    enum.reserved_name.append(value.name)


@edit("enum value renamed")
def _(contract: Contract) -> None:
    _, value = _later_value(contract)
    value.name = contract.new_name("OTHER_")


@edit("enum value renumbered")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    if enum.options.allow_alias:
        raise Unfit
    value.number = free_value(contract, enum)


@edit("enum values swap numbers")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if len(e.proto.value) > 2)
    one, other = contract.random.sample(list(enum.value)[1:], 2)
    one.number, other.number = other.number, one.number


@edit("enum alias added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    enum.options.allow_alias = True
    enum.value.add(name=contract.new_name("ALIAS_"), number=contract.pick(enum.value).number)


@edit("enum alias removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.options.allow_alias)
    numbers = [value.number for value in enum.value]
    _remove_value(enum, contract.pick(v for v in enum.value if numbers.count(v.number) > 1))
    if enum.value[0].number != 0:
        raise Unfit


@edit("enum values reordered")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if len(e.proto.value) > 1)
    values = [*enum.value]
    if values[0].number == 0:
        first, *rest = values
        contract.random.shuffle(rest)
        values = [first, *rest]
    else:
        values.reverse()
    enum.ClearField("value")
    enum.value.extend(values)


@edit("enum added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    owner: FileDescriptorProto | DescriptorProto = file
    if contract.random.random() < 0.5:
        owner = contract.pick(walk(file, file.package, file.message_type)).proto
    name = contract.new_name("NewEnum")
    enum = owner.enum_type.add(name=name)
    enum.value.add(name=f"{name.upper()}_ZERO", number=0)


@edit("enum removed")
def _(contract: Contract) -> None:
    found = contract.pick(e for e in contract.enums() if not contract.uses_of(e.full_name))
    drop(found.owner.enum_type, found.proto)


@edit("enum becomes a message of the same name")
def _(contract: Contract) -> None:
    found = contract.pick(e for e in contract.enums() if not contract.uses_of(e.full_name))
    drop(found.owner.enum_type, found.proto)
    owner = found.owner
    (owner.message_type if isinstance(owner, FileDescriptorProto) else owner.nested_type).add(name=found.proto.name)


@edit("enum renamed")
def _(contract: Contract) -> None:
    found = contract.pick(contract.enums())
    name = contract.new_name("Renamed")
    contract.rename(found.full_name, f"{found.full_name.rpartition('.')[0]}.{name}")
    found.proto.name = name


@edit("enum moved to the top or into a message")
def _(contract: Contract) -> None:
    found = contract.pick(contract.enums())
    target: FileDescriptorProto | DescriptorProto = found.file
    scope = found.file.package
    if found.owner is found.file:
        owner = contract.pick(walk(found.file, found.file.package, found.file.message_type))
        target, scope = owner.proto, owner.full_name
    copy = target.enum_type.add()
    copy.CopyFrom(found.proto)
    drop(found.owner.enum_type, found.proto)
    contract.rename(found.full_name, f"{scope}.{copy.name}")


@edit("enum reservation removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.reserved_range)
    drop(enum.reserved_range, contract.pick(enum.reserved_range))


@edit("enum reservation narrowed")
def _(contract: Contract) -> None:
    one = contract.pick(r for e in contract.enums() for r in e.proto.reserved_range if r.end > r.start)
    one.start += 1


@edit("enum reserved name removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.reserved_name)
    enum.reserved_name.remove(contract.pick(enum.reserved_name))


@edit("enum reservation added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    number = free_value(contract, enum)
    enum.reserved_range.add(start=number, end=number)
    enum.reserved_name.append(contract.new_name("NEVER_"))


@edit("enum_type changed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.file.syntax == "editions")
    if enum.options.features.enum_type == FeatureSet.CLOSED:
        if enum.value[0].number:
            raise Unfit
        enum.options.features.enum_type = FeatureSet.OPEN
    else:
        enum.options.features.enum_type = FeatureSet.CLOSED


@edit("json_format of an enum changed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.file.syntax == "editions")
    features = enum.options.features
    legacy = features.json_format == FeatureSet.LEGACY_BEST_EFFORT
    features.json_format = FeatureSet.ALLOW if legacy else FeatureSet.LEGACY_BEST_EFFORT

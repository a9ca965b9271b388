"""Edits of messages and of what they reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    FeatureSet,
    FileDescriptorProto,
)

from tests.compat.edits.contract import (
    SCALARS,
    F,
    Unfit,
    drop,
    edit,
    free_number,
    is_group_type,
    refers,
    reserve_number,
)

if TYPE_CHECKING:
    from tests.compat.edits.contract import (
        Contract,
    )


def _common_file(contract: Contract) -> FileDescriptorProto:
    found = next((file for file in contract.files if file.name.endswith("/common.proto")), None)
    if found is None:
        # An edit before this one gave it another name.
        raise Unfit
    return found


@edit("message added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    message = file.message_type.add(name=contract.new_name("New"))
    message.field.add(name="a", number=1, label=F.LABEL_OPTIONAL, type=contract.pick(SCALARS))


@edit("nested message added")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not is_group_type(m))
    found.proto.nested_type.add(name=contract.new_name("Inner"))


@edit("message removed")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not contract.uses_of(m.full_name) and not is_group_type(m))
    drop(found.siblings, found.proto)


@edit("message renamed")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not is_group_type(m))
    name = contract.new_name("Renamed")
    contract.rename(found.full_name, f"{found.full_name.rpartition('.')[0]}.{name}")
    found.proto.name = name


@edit("message nested into another")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.proto in m.file.message_type)
    target = contract.pick(
        m
        for m in contract.messages()
        if m.file is found.file and m.proto is not found.proto and not refers(f".{m.full_name}", found.full_name)
    )
    target.proto.nested_type.add().CopyFrom(found.proto)
    new_name = f"{target.full_name}.{found.proto.name}"
    drop(found.file.message_type, found.proto)
    contract.rename(found.full_name, new_name)


@edit("nested message moved to the top")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.proto not in m.file.message_type and not is_group_type(m))
    found.file.message_type.add().CopyFrom(found.proto)
    name = f"{found.file.package}.{found.proto.name}"
    drop(found.siblings, found.proto)
    contract.rename(found.full_name, name)


@edit("message moved to another file of the package")
def _(contract: Contract) -> None:
    target = _common_file(contract)
    found = contract.pick(
        m
        for m in contract.messages()
        if m.proto in m.file.message_type
        and m.file is not target
        and m.file.syntax == "proto3"
        and not any(f.type_name for f in m.proto.field)
        and not m.proto.nested_type
    )
    target.message_type.add().CopyFrom(found.proto)
    drop(found.file.message_type, found.proto)
    if found.file.package != target.package:
        contract.rename(found.full_name, f"{target.package}.{found.proto.name}")


@edit("enum and message split off into a new file")
def _(contract: Contract) -> None:
    source = _common_file(contract)
    name = source.name.replace("common", contract.new_name("split"))
    moved = FileDescriptorProto(name=name, syntax="proto3", package=source.package)
    for enum in [*source.enum_type]:
        moved.enum_type.add().CopyFrom(enum)
    source.ClearField("enum_type")
    if contract.random.random() < 0.5:
        found = contract.pick(m for m in source.message_type if not any(f.type_name for f in m.field))
        moved.message_type.add().CopyFrom(found)
        drop(source.message_type, found)
    contract.files.insert(0, moved)
    for file in contract.files[1:]:
        file.dependency.append(name)


@edit("messages reordered")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    messages = [*file.message_type]
    contract.random.shuffle(messages)
    file.ClearField("message_type")
    file.message_type.extend(messages)


@edit("reservation removed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.reserved_range)
    drop(message.reserved_range, contract.pick(message.reserved_range))


@edit("reservation narrowed")
def _(contract: Contract) -> None:
    one = contract.pick(r for m in contract.messages() for r in m.proto.reserved_range if r.end - r.start > 2)
    if contract.random.random() < 0.5:
        one.start += 1
    else:
        one.end -= 1


@edit("reservation split")
def _(contract: Contract) -> None:
    message, one = contract.pick(
        (m.proto, r) for m in contract.messages() for r in m.proto.reserved_range if r.end - r.start > 3
    )
    middle = contract.random.randrange(one.start + 1, one.end - 1)
    gap = contract.random.randrange(2)
    end, one.end = one.end, middle
    message.reserved_range.add(start=middle + gap, end=end)


@edit("reservation widened")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages())
    reserve_number(message, free_number(contract, message))
    message.reserved_name.append(contract.new_name("never_"))


@edit("reserved name removed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.reserved_name)
    message.reserved_name.remove(contract.pick(message.reserved_name))


@edit("no_standard_descriptor_accessor changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.messages()).proto.options
    options.no_standard_descriptor_accessor = not options.no_standard_descriptor_accessor


@edit("json_format of a message changed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.file.syntax == "editions")
    features = message.options.features
    legacy = features.json_format == FeatureSet.LEGACY_BEST_EFFORT
    features.json_format = FeatureSet.ALLOW if legacy else FeatureSet.LEGACY_BEST_EFFORT

"""Edits of oneofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.compat.edits.contract import (
    SCALARS,
    F,
    drop,
    edit,
    free_number,
    in_oneof,
    settle_oneofs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import (
        FieldDescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
        OfField,
        OfMessage,
    )


def _movable(contract: Contract) -> Iterator[OfField]:
    return (
        f
        for f in contract.fields()
        if f.proto.label == F.LABEL_OPTIONAL and not in_oneof(f.proto) and not f.proto.options.features.field_presence
    )


def _into(field: FieldDescriptorProto, index: int) -> None:
    field.ClearField("proto3_optional")
    field.ClearField("default_value")
    field.oneof_index = index


@edit("field moved into a new oneof")
def _(contract: Contract) -> None:
    found = contract.pick(_movable(contract))
    message = found.message.proto
    message.oneof_decl.add(name=contract.new_name("choice_"))
    _into(found.proto, len(message.oneof_decl) - 1)
    settle_oneofs(message)


@edit("two fields moved into a new oneof")
def _(contract: Contract) -> None:
    found = contract.pick(_movable(contract))
    message = found.message.proto
    alike = [f for f in _movable(contract) if f.message.proto is message and f.proto is not found.proto]
    other = contract.pick(alike)
    message.oneof_decl.add(name=contract.new_name("choice_"))
    for one in (found, other):
        _into(one.proto, len(message.oneof_decl) - 1)
    settle_oneofs(message)


def _with_oneofs(contract: Contract) -> OfMessage:
    return contract.pick(m for m in contract.messages() if any(in_oneof(f) for f in m.proto.field))


@edit("field moved into an existing oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    found = contract.pick(f for f in _movable(contract) if f.message.proto is message)
    _into(found.proto, contract.pick(f.oneof_index for f in message.field if in_oneof(f)))
    settle_oneofs(message)


@edit("field moved out of its oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    contract.pick(f for f in message.field if in_oneof(f)).ClearField("oneof_index")
    settle_oneofs(message)


@edit("field moved to another oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    field = contract.pick(f for f in message.field if in_oneof(f))
    field.oneof_index = contract.pick(
        f.oneof_index for f in message.field if in_oneof(f) and f.oneof_index != field.oneof_index
    )
    settle_oneofs(message)


@edit("oneof renamed")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if in_oneof(f))
    message.oneof_decl[index].name = contract.new_name("chosen_")


@edit("oneof dissolved")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if in_oneof(f))
    for field in message.field:
        if in_oneof(field) and field.oneof_index == index:
            field.ClearField("oneof_index")
    settle_oneofs(message)


@edit("oneof removed with its fields")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if in_oneof(f))
    for field in [f for f in message.field if in_oneof(f) and f.oneof_index == index]:
        drop(message.field, field)
    settle_oneofs(message)


@edit("field added to a oneof")
def _(contract: Contract) -> None:
    found = _with_oneofs(contract)
    index = contract.pick(f.oneof_index for f in found.proto.field if in_oneof(f))
    found.proto.field.add(
        name=contract.new_name("more_"),
        number=free_number(contract, found.proto),
        label=F.LABEL_OPTIONAL,
        type=contract.pick(SCALARS),
        oneof_index=index,
    )
    settle_oneofs(found.proto)

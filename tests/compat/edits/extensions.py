"""Edits of extensions and of the ranges that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
)

from tests.compat.edits.contract import (
    SCALARS,
    F,
    Unfit,
    drop,
    edit,
    is_group_type,
    walk,
)
from tests.compat.edits.fields import (
    retype,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
    )


def _spare_ranges(contract: Contract) -> list[tuple[DescriptorProto, DescriptorProto.ExtensionRange]]:
    numbers = {(field.extendee, field.number) for _, _, field in contract.extensions()}
    return [
        (m.proto, r)
        for m in contract.messages()
        for r in m.proto.extension_range
        if not any((f".{m.full_name}", n) in numbers for n in range(r.start, min(r.end, r.start + 200)))
    ]


@edit("extension range removed")
def _(contract: Contract) -> None:
    message, one = contract.pick(_spare_ranges(contract))
    drop(message.extension_range, one)


@edit("extension range narrowed")
def _(contract: Contract) -> None:
    _, one = contract.pick(_spare_ranges(contract))
    one.start += 1


@edit("extension range added")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.extension_range)
    start = 300 + contract.random.randrange(50)
    if any(r.start <= start < r.end for r in message.extension_range):
        raise Unfit
    message.extension_range.add(start=start, end=start + 1)


@edit("extension added")
def _(contract: Contract) -> None:
    file, owner, field = contract.pick(contract.extensions())
    taken = {f.number for _, _, f in contract.extensions()}
    owner.extension.add(
        name=contract.new_name("extra_"),
        number=contract.pick(n for n in range(field.number + 5, field.number + 20) if n not in taken),
        label=F.LABEL_OPTIONAL,
        type=contract.pick(SCALARS),
        extendee=field.extendee,
    )
    del file


@edit("extension removed")
def _(contract: Contract) -> None:
    _, owner, field = contract.pick(contract.extensions())
    drop(owner.extension, field)


@edit("extension renamed")
def _(contract: Contract) -> None:
    contract.pick(contract.extensions())[2].name = contract.new_name("renamed_ext_")


@edit("extension renumbered")
def _(contract: Contract) -> None:
    field = contract.pick(contract.extensions())[2]
    taken = {f.number for _, _, f in contract.extensions()}
    field.number = contract.pick(n for n in range(field.number + 1, field.number + 20) if n not in taken)


@edit("extension type changed")
def _(contract: Contract) -> None:
    field = contract.pick(e for e in contract.extensions() if not e[2].type_name)[2]
    retype(contract, field, SCALARS)


@edit("extension label changed")
def _(contract: Contract) -> None:
    field = contract.pick(contract.extensions())[2]
    repeated = field.label == F.LABEL_REPEATED
    field.ClearField("default_value")
    field.label = F.LABEL_OPTIONAL if repeated else F.LABEL_REPEATED


@edit("default of an extension changed")
def _(contract: Contract) -> None:
    field = contract.pick(e for e in contract.extensions() if e[2].type == F.TYPE_INT32)[2]
    if field.label == F.LABEL_REPEATED:
        raise Unfit
    field.default_value = contract.pick(c for c in ("0", "8", "9") if c != field.default_value)


@edit("extension moved into a message")
def _(contract: Contract) -> None:
    file, owner, field = contract.pick(e for e in contract.extensions() if e[0] is e[1])
    target = contract.pick(walk(file, file.package, file.message_type))
    if is_group_type(target) or any(f.name == field.name for f in target.proto.field):
        raise Unfit
    target.proto.extension.add().CopyFrom(field)
    drop(owner.extension, field)


@edit("extensions moved to a new file of the package")
def _(contract: Contract) -> None:
    source = contract.pick(f for f in contract.files if f.extension)
    name = source.name.replace(".proto", f"_{contract.random.randrange(100)}.proto")
    moved = FileDescriptorProto(name=name, package=source.package, dependency=[*source.dependency, source.name])
    moved.syntax = source.syntax
    if source.HasField("edition"):
        moved.edition = source.edition
    for field in [*source.extension][: contract.random.randrange(1, len(source.extension) + 1)]:
        moved.extension.add().CopyFrom(field)
        drop(source.extension, field)
    contract.files.append(moved)

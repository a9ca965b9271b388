"""Edits of services and their methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    MethodOptions,
)

from tests.compat.edits.contract import (
    drop,
    edit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import (
        FileDescriptorProto,
        ServiceDescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
    )


@edit("rpc added")
def _(contract: Contract) -> None:
    _, service, method = contract.pick(contract.methods())
    service.method.add(name=contract.new_name("New"), input_type=method.input_type, output_type=method.output_type)


@edit("rpc removed")
def _(contract: Contract) -> None:
    _, service, method = contract.pick(contract.methods())
    drop(service.method, method)


@edit("rpc renamed")
def _(contract: Contract) -> None:
    contract.pick(contract.methods())[2].name = contract.new_name("Renamed")


@edit("request type changed")
def _(contract: Contract) -> None:
    file, _, method = contract.pick(contract.methods())
    method.input_type = contract.pick(n for n in contract.visible_messages(file) if n != method.input_type)


@edit("response type changed")
def _(contract: Contract) -> None:
    file, _, method = contract.pick(contract.methods())
    method.output_type = contract.pick(n for n in contract.visible_messages(file) if n != method.output_type)


@edit("client streaming changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    method.client_streaming = not method.client_streaming


@edit("server streaming changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    method.server_streaming = not method.server_streaming


@edit("idempotency_level changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    choices = (MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT, MethodOptions.IDEMPOTENCY_UNKNOWN)
    method.options.idempotency_level = contract.pick(c for c in choices if c != method.options.idempotency_level)


def _services(contract: Contract) -> Iterator[tuple[FileDescriptorProto, ServiceDescriptorProto]]:
    return ((file, service) for file in contract.files for service in file.service)


@edit("service added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    file.service.add(name=contract.new_name("NewService"))


@edit("service removed")
def _(contract: Contract) -> None:
    file, service = contract.pick(_services(contract))
    drop(file.service, service)


@edit("service renamed")
def _(contract: Contract) -> None:
    contract.pick(_services(contract))[1].name = contract.new_name("RenamedService")


@edit("services reordered")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if len(f.service) > 1)
    services = [*file.service]
    services.reverse()
    file.ClearField("service")
    file.service.extend(services)

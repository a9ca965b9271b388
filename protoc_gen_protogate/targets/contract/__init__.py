"""CQRS contracts in JSON: one for each method of a service and for each event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoc_gen_protogate.kit import Choice, NotCarried, OutputFile, Plugin, Text
from protoc_gen_protogate.targets.contract.documents import Writer
from protoc_gen_protogate.targets.contract.layers import Templates
from protoc_gen_protogate.targets.contract.naming import NAMES
from protoc_gen_protogate.targets.contract.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.descriptors import Schema

__all__ = ["PLUGIN", "main"]


def main() -> int:
    """Run as an executable; returns the exit code."""
    return PLUGIN.main()


def _generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterable[OutputFile | NotCarried]:
    writer = Writer(
        schema,
        Settings(
            names=str(options["names"]),
            version=str(options["version"]),
            event_kind=f"{options['event_kind']}_EVENT".upper(),
            templates=Templates.of({name: str(value) for name, value in options.items()}),
        ),
    )
    for file in schema.files_to_generate:
        yield from writer.file(file)


PLUGIN = Plugin(
    target="contract",
    summary="a CQRS contract in JSON for every method and every event",
    options=(
        Choice("names", NAMES, "CreateUser, user.v1.CreateUser, or user.v1.UserCommandService.CreateUser"),
        Text("models", "folder of the pydantic target's output, below the layers root; makes python_* layers"),
        Text("python_layer", "layers.python of commands and queries, a template"),
        Text("python_input", "layers.python_input of commands and queries, a template; wins over models"),
        Text("python_output", "layers.python_output of commands and queries, a template; wins over models"),
        Text("python_payload", "layers.python_payload of events, a template; wins over models"),
        Text("typescript", "layers.typescript of commands and queries, a template"),
        Text("version", "version of every contract; without it that of the package, 2.0.0 for user.v2"),
        Choice("event_kind", ("domain", "integration"), "DOMAIN_EVENT or INTEGRATION_EVENT"),
    ),
    generate=_generate,
)

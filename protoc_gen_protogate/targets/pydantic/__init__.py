"""Pydantic v2 models that read and write ProtoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoc_gen_protogate.kit import Flag, OutputFile, Plugin, Text
from protoc_gen_protogate.kit.model_names import WITH_RUNTIME
from protoc_gen_protogate.targets.pydantic.module import module_text
from protoc_gen_protogate.targets.pydantic.names import Names
from protogate.descriptors import python_module_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.kit import NotCarried
    from protogate.descriptors import Schema

__all__ = ["PLUGIN", "main"]


def generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterator[OutputFile | NotCarried]:
    """One module for every file; those of Protobuf itself come with `protogate.models`."""
    names = Names(schema, str(options["import_prefix"]))
    for file in schema.files_to_generate:
        if file.name not in WITH_RUNTIME:
            text, not_carried = module_text(file, names, rules=bool(options["rules"]))
            yield OutputFile(python_module_path(file.name, "_models"), text)
            yield from not_carried


PLUGIN = Plugin(
    target="pydantic",
    summary="pydantic v2 models that read and write ProtoJSON",
    options=(
        Flag("rules", "check the buf.validate rules of the contract", default=True),
        Text("import_prefix", "package of the output folder, when that is not a root of imports itself"),
    ),
    generate=generate,
)


def main() -> int:
    """Run as an executable."""
    return PLUGIN.main()

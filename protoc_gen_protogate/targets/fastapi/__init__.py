"""FastAPI routers and typed handlers from services and `google.api.http`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoc_gen_protogate.kit import OutputFile, Plugin, Text
from protoc_gen_protogate.targets.fastapi.module import module_text
from protogate.descriptors import python_module_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.kit import NotCarried
    from protogate.descriptors import Schema

__all__ = ["PLUGIN", "main"]


def _generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterator[OutputFile | NotCarried]:
    """One module for every file with a service; none for others."""
    for file in schema.files_to_generate:
        if file.services:
            text, not_carried = module_text(file, str(options["import_prefix"]))
            if text:
                yield OutputFile(python_module_path(file.name, "_routes"), text)
            yield from not_carried


PLUGIN = Plugin(
    target="fastapi",
    summary="FastAPI routers and typed handlers",
    options=(Text("import_prefix", "package of the pydantic models, when that is not a root of imports itself"),),
    generate=_generate,
)


def main() -> int:
    """Run as an executable."""
    return PLUGIN.main()

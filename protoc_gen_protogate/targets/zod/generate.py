"""The outputs of a request: one module for every contract, and the runtime that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.zod.fields import scalars
from protoc_gen_protogate.targets.zod.module import Module, Writer
from protoc_gen_protogate.targets.zod.runtime import runtime_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.kit import NotCarried, OutputFile
    from protogate.descriptors import File, Schema

__all__ = ["generate"]

_GOOGLE: Final = "google/protobuf/"


def generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterator[OutputFile | NotCarried]:
    """Write the modules of a request."""
    writer = Writer(
        scalars(int64=str(options["int64"]), bytes_=str(options["bytes"])),
        import_extension=str(options["import_extension"]),
        descriptions=bool(options["descriptions"]),
    )
    runtimes: set[str] = set()
    for module in _modules(schema, writer):
        runtimes |= module.runtimes
        yield module.output
        yield from module.not_carried
    if schema.files_to_generate:
        yield from runtime_files(runtimes, writer.import_suffix)


def _modules(schema: Schema, writer: Writer) -> Iterator[Module]:
    """The modules of the contracts, and of the files of google.protobuf which they use.

    Everybody imports those without ever generating them, so they come along with the module that needs them.
    """
    files: list[File] = list(schema.files_to_generate)
    known = {file.name for file in files}
    for file in files:
        if not (file.messages or file.enums or file.extensions):
            continue
        module = writer.write(file)
        yield module
        for name in sorted(module.imports):
            if name.startswith(_GOOGLE) and name not in known:
                known.add(name)
                files.append(schema.files[name])

"""Two versions of one contract, compiled in this process: hundreds of them must not take minutes."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

from protoc_gen_protogate.targets.sql import Settings, tables_of
from protogate.descriptors import Schema
from tests.support.compiler import vendored_protos

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.tables import Table

__all__ = ["HEAD", "compiled", "file_set", "tables"]

_CONTRACTS = Path(__file__).parents[4] / "contracts"
HEAD = """syntax = "proto3";
package shop.v1;
import "protogate/options/v1/options.proto";
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
"""


@cache
def file_set(text: str) -> FileDescriptorSet:
    """The file `shop.proto` and its imports; a text without a syntax gets the usual head."""
    whole = text if "syntax =" in text or "edition =" in text else HEAD + text
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop.proto").write_text(whole)
        image = folder / "image.binpb"
        roots = [folder, vendored_protos(), _CONTRACTS, Path(protoc.__file__).parent / "_proto"]
        code = protoc.main(
            [
                "protoc",
                *(f"-I{root}" for root in roots),
                "--include_imports",
                f"--descriptor_set_out={image}",
                "shop.proto",
            ]
        )
        assert code == 0, whole
        return FileDescriptorSet.FromString(image.read_bytes())


def compiled(text: str) -> Schema:
    """The schema of a contract."""
    return Schema(file_set(text).file, ["shop.proto"])


def tables(text: str, settings: Settings) -> tuple[Table, ...]:
    """The tables of a contract."""
    return tables_of(compiled(text), "shop.proto", settings)

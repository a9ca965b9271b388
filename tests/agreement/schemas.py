"""The contracts that get probed: protobuf's conformance messages, our fixtures, `contracts/`."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, descriptor_pool

from protogate.vendor import write_vendored_protos
from tests.agreement import conformance
from tests.agreement.workspace import ROOT, STATE, digest, locked, run, tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor

__all__ = ["SCHEMAS", "Schema", "load"]

_PROTOS = Path(__file__).parent / "protos"


@dataclass(frozen=True)
class Schema:
    """One compiled set of contracts."""

    name: str
    image: bytes
    """A serialised FileDescriptorSet, imports included."""
    files: tuple[str, ...]
    """The files that are ours to generate: not imports."""
    place: Path
    """A folder for what is built from this schema."""

    @cached_property
    def file_set(self) -> descriptor_pb2.FileDescriptorSet:
        """The image, parsed."""
        return descriptor_pb2.FileDescriptorSet.FromString(self.image)

    @cached_property
    def pool(self) -> descriptor_pool.DescriptorPool:
        """A pool of its own, so that schemas never see each other."""
        pool = descriptor_pool.DescriptorPool()
        for file in self.file_set.file:
            pool.Add(file)
        return pool

    @cached_property
    def messages(self) -> tuple[Descriptor, ...]:
        """Every message of our files, nested ones too; map entries are no messages to a user."""
        found: list[Descriptor] = []
        for name in self.files:
            for message in self.pool.FindFileByName(name).message_types_by_name.values():
                found.extend(_with_nested(message))
        return tuple(found)

    @property
    def has_rules(self) -> bool:
        """Whether any file speaks of `buf.validate`."""
        return any(file.name == "buf/validate/validate.proto" for file in self.file_set.file)

    @property
    def image_path(self) -> Path:
        """Where the image lies as a file, for `buf`."""
        return self.place / "image.binpb"


def _with_nested(message: Descriptor) -> list[Descriptor]:
    if message.GetOptions().map_entry:
        return []
    return [message, *(deep for inner in message.nested_types for deep in _with_nested(inner))]


def load(name: str) -> Schema:
    """Compile the protos of a schema, when they are not those of the last time."""
    place = STATE / name
    with locked(place), tempfile.TemporaryDirectory(dir=place) as scratch:
        sources = Path(scratch) / "protos"
        sources.mkdir()
        SCHEMAS[name](sources)
        files = tuple(sorted(path.relative_to(sources).as_posix() for path in sources.rglob("*.proto")))
        key = digest(*(part for file in files for part in (file.encode(), (sources / file).read_bytes())))
        image = place / "image.binpb"
        stamp = place / "image.key"
        if not (image.exists() and stamp.exists() and stamp.read_text() == key):
            _compile(Path(scratch), image)
            stamp.write_text(key)
        return Schema(name, image.read_bytes(), files, place)


def _compile(workspace: Path, image: Path) -> None:
    write_vendored_protos(workspace / "vendored")
    (workspace / "buf.yaml").write_text("version: v2\nmodules:\n  - path: protos\n  - path: vendored\n")
    # Sources are left out: nothing here reads comments, and the image is a cache key.
    run([tool("buf"), "build", "protos", "--exclude-source-info", "-o", str(image)], cwd=workspace)


def generation_key(schema: Schema, template: str) -> str:
    """Changes when the contracts, the plugins or their options change."""
    plugins = sorted((ROOT / "protoc_gen_protogate").rglob("*.py"))
    shared = sorted((ROOT / "protogate").rglob("*.py"))
    code = b"".join(path.read_bytes() for path in (*plugins, *shared))
    return digest(schema.image, template.encode(), code)


def _copy(source: Path) -> Callable[[Path], None]:
    def copy(into: Path) -> None:
        shutil.copytree(source, into, dirs_exist_ok=True, ignore=_only_protos)

    return copy


def _only_protos(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_file() and not name.endswith(".proto")]


SCHEMAS: dict[str, Callable[[Path], None]] = {
    "conformance": conformance.copy_protos,
    "fixtures": _copy(_PROTOS / "fixtures"),
    "rules": _copy(_PROTOS / "rules"),
    "contracts": _copy(ROOT / "contracts"),
}
"""How to lay the `.proto` files of each schema into an import root."""

"""Python messages, type stubs and gRPC stubs, written by grpcio-tools behind the plugin protocol.

buf runs plugins only, and the gRPC generator inside grpcio-tools is none: it is reachable through protoc alone. So this
target hands the request's descriptors to that protoc, in this very process, and passes on what it wrote. protoc reads
and writes files only, hence a private temporary directory, the one side effect of the target: it is gone when the
answer leaves, and nothing in the answer depends on it.

What it costs is what protoc's own Python generator costs; nothing here could make that cheaper.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from protoc_gen_protogate.kit import Flag, NotCarried, OutputFile, Plugin, header_lines
from protogate.descriptors.names import PYTHON_KEYWORDS
from protogate.descriptors.wire import iterate_fields
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogate.descriptors import File, Schema

__all__ = ["PLUGIN", "main"]

_STDERR: Final = 2
_STUB_IMPORT: Final = re.compile(
    rf"^from ([\w.]*\b(?:{'|'.join(sorted(PYTHON_KEYWORDS))})\b[\w.]*) import (\w+) as (\w+)$", re.MULTILINE
)


def main() -> int:
    """Run as an executable; returns the exit code."""
    return PLUGIN.main()


def _generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterable[OutputFile | NotCarried]:
    files = schema.files_to_generate
    if not files:
        return
    with TemporaryDirectory(prefix="protogate-grpc-") as folder:
        root = Path(folder)
        _run_protoc(schema, files, options, root)
        for file in files:
            yield from _outputs_of(file, options, root)


def _run_protoc(schema: Schema, files: Iterable[File], options: Mapping[str, str | bool], root: Path) -> None:
    # A compiled module without stubs; imported late because --help need not pay 30 ms.
    from grpc_tools import (  # noqa: PLC0415
        _protoc_compiler,  # pyright: ignore[reportAttributeAccessIssue]
    )

    image = root / "image.binpb"
    with image.open("wb") as file:
        file.writelines(_image_parts(schema, files))
    arguments = ["protoc", f"--descriptor_set_in={image}", f"--python_out={root}"]
    if options["pyi"]:
        arguments.append(f"--pyi_out={root}")
    if options["stubs"]:
        arguments.append(f"--grpc_python_out={root}")
    arguments += [file.name for file in files]
    with _stderr_to(root / "stderr.txt"):
        failed = _protoc_compiler.run_main([argument.encode() for argument in arguments])
    if failed:
        raise UserError(_told_by_protoc((root / "stderr.txt").read_text(encoding="utf-8", errors="replace")))


def _image_parts(schema: Schema, files: Iterable[File]) -> Iterator[bytes]:
    """A serialized `FileDescriptorSet`, with the comments that the stubs carry and no others.

    All comments of a large contract set would make protoc need half a gigabyte more.
    """
    with_services = {file.name for file in files if file.services}
    for proto in schema.raw:
        body = proto.SerializeToString(deterministic=True)
        if proto.name in with_services and not proto.HasField("source_code_info"):
            comments = b"".join(_service_locations(schema.files[proto.name].source_info))
            body += _field(FileDescriptorProto.SOURCE_CODE_INFO_FIELD_NUMBER, comments)
        yield _field(FileDescriptorSet.FILE_FIELD_NUMBER, body)


def _service_locations(source_info: bytes) -> Iterator[bytes]:
    """The locations of services and their methods, as they stand in a serialized `SourceCodeInfo`."""
    for location in iterate_fields(source_info, 0, len(source_info)):
        # A location starts with its path (tag and length), the path with the number of the field in the file.
        if source_info[location.value + 2] == FileDescriptorProto.SERVICE_FIELD_NUMBER:
            yield source_info[location.start : location.end]


def _field(number: int, value: bytes) -> bytes:
    size, encoded = len(value), bytearray([number << 3 | 2])
    while size > 0x7F:  # noqa: PLR2004 - seven bits a byte
        encoded.append((size & 0x7F) | 0x80)
        size >>= 7
    encoded.append(size)
    return bytes(encoded) + value


@contextmanager
def _stderr_to(path: Path) -> Iterator[None]:
    """Send what the compiler writes to descriptor 2 to a file; it knows nothing of `sys.stderr`."""
    saved = os.dup(_STDERR)
    with path.open("wb") as file:
        os.dup2(file.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(saved, _STDERR)
            os.close(saved)


def _told_by_protoc(stderr: str) -> str:
    """The first complaint as `file:line: what`; descriptors have no columns and often no lines."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    if not lines:
        return "grpcio-tools failed and did not say why; run protoc on the same files to see"
    return re.sub(r"^(\S+\.proto): ", r"\1:1: ", lines[0])


def _outputs_of(file: File, options: Mapping[str, str | bool], root: Path) -> Iterator[OutputFile | NotCarried]:
    stem = file.stem.replace("-", "_").replace(".", "/")
    yield _read(root, f"{stem}_pb2.py")
    header = "".join(f"# {line}\n" for line in header_lines("grpc", file.name))
    if options["pyi"]:
        types = _read(root, f"{stem}_pb2.pyi")
        yield types._replace(content=f"{header}{types.content}")
    if options["stubs"] and file.services:
        unsayable = list(_unsayable(file))
        if unsayable:
            yield from unsayable
            return
        stubs = _read(root, f"{stem}_pb2_grpc.py")
        yield stubs._replace(content=f"{header}{_importable(stubs.content)}")


def _unsayable(file: File) -> Iterator[NotCarried]:
    """Methods for which the gRPC generator writes a syntax error: it puts names into code as they are."""
    for service in file.services:
        for method in service.methods:
            types = [*method.input.local_name.split("."), *method.output.local_name.split(".")]
            keywords = [name for name in (method.name, *types) if name in PYTHON_KEYWORDS]
            if keywords:
                reason = f"'{keywords[0]}' is a Python keyword, which gRPC's stubs cannot spell; the file has no stubs"
                yield NotCarried(file.name, method.full_name, "grpc.stubs", reason)


def _read(root: Path, name: str) -> OutputFile:
    return OutputFile(name, (root / name).read_text(encoding="utf-8"))


def _importable(stubs: str) -> str:
    """The stubs with imports from packages such as `acme.import`, which the grammar has no statement for.

    protoc's message modules go through importlib there; the gRPC generator writes a syntax error.
    """
    if not _STUB_IMPORT.search(stubs):
        return stubs
    imported = _STUB_IMPORT.sub(r'\3 = importlib.import_module("\1.\2")', stubs)
    return imported.replace("import grpc\n", "import importlib\n\nimport grpc\n", 1)


PLUGIN = Plugin(
    target="grpc",
    summary="Python messages, type stubs and gRPC stubs, as grpcio-tools writes them",
    options=(
        Flag("stubs", "write <file>_pb2_grpc.py for files with services", default=True),
        Flag("pyi", "write <file>_pb2.pyi with the types of the messages", default=True),
    ),
    generate=_generate,
)

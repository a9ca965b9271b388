from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

if TYPE_CHECKING:
    from collections.abc import Mapping

Files = dict[str, FileDescriptorProto]


class Compiler(Protocol):
    """Compiles .proto texts, given by path, to their descriptors and those of their imports."""

    def __call__(self, texts: Mapping[str, str]) -> Files: ...


@pytest.fixture(params=["buf", "protoc"])
def compile_texts(request: pytest.FixtureRequest, tmp_path: Path) -> Compiler:
    run = {"buf": run_buf, "protoc": run_protoc}[request.param]

    def compile_(texts: Mapping[str, str]) -> Files:
        root = tmp_path / "protos"
        shutil.rmtree(root, ignore_errors=True)
        for name, text in texts.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return run(root, sorted(texts))

    return compile_


def run_buf(root: Path, _names: list[str]) -> Files:
    buf = shutil.which("buf", path=Path(sys.executable).parent) or "buf"
    output = root.parent / "files.binpb"
    run(buf, "build", root, "-o", output, "--exclude-source-info", "--as-file-descriptor-set")
    return read_files(output)


def run_protoc(root: Path, names: list[str]) -> Files:
    output = root.parent / "files.binpb"
    protoc = (sys.executable, "-m", "grpc_tools.protoc")
    run(*protoc, f"-I{root}", f"-o{output}", "--include_imports", *names)
    return read_files(output)


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def read_files(path: Path) -> Files:
    return {file.name: file for file in FileDescriptorSet.FromString(path.read_bytes()).file}


@pytest.fixture(scope="session")
def googleapis_texts() -> dict[str, str]:
    """Every .proto text of googleapis-common-protos."""
    package = metadata.distribution("googleapis-common-protos")
    return {
        str(path): Path(str(path.locate())).read_text(encoding="utf-8")
        for path in package.files or ()
        if path.suffix == ".proto"
    }

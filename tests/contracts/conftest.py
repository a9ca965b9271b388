from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protogate.vendor import write_vendored_protos

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

ROOT = Path(__file__).parents[2]


class Workspace:
    """A copy of the contracts with their buf configuration and the vendored protos."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "contracts", root / "contracts")
        for name in ("buf.yaml", "buf.gen.yaml"):
            shutil.copy(ROOT / name, root)
        write_vendored_protos(root / ".protogate" / "protos")

    def buf(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run buf here; says what it said, whatever the exit code."""
        scripts = str(Path(sys.executable).parent)
        return subprocess.run(
            [shutil.which("buf", path=scripts) or "buf", *map(str, arguments)],
            cwd=self.root,
            # Where the plugins are, and the ruff that betterproto2 calls.
            env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("contracts"))


@pytest.fixture
def own_workspace(tmp_path: Path) -> Workspace:
    """A workspace that the test may spoil."""
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def image(workspace: Workspace) -> FileDescriptorSet:
    """All contracts and what they import, comments included."""
    done = workspace.buf("build", "-o", "image.binpb", "--as-file-descriptor-set")
    assert done.returncode == 0, done.stderr
    return FileDescriptorSet.FromString((workspace.root / "image.binpb").read_bytes())


@pytest.fixture(scope="session")
def contracts(workspace: Workspace, image: FileDescriptorSet) -> tuple[FileDescriptorProto, ...]:
    """The files of this repository, without those that they import."""
    return tuple(file for file in image.file if (workspace.root / "contracts" / file.name).is_file())


@pytest.fixture(scope="session")
def pool(image: FileDescriptorSet) -> descriptor_pool.DescriptorPool:
    """The descriptors of all contracts; options can be read by extension."""
    built = descriptor_pool.DescriptorPool()
    for file in image.file:
        built.AddSerializedFile(file.SerializeToString())
    return built

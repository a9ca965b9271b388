"""Real contracts to measure on: three corpora from package registries, laid under `.protogate/corpora/`."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.process import STATE, finish, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["CORPORA", "Corpus", "CorpusError", "ensure", "imports_of"]

_IMPORT = re.compile(r'^\s*import\s+(?:public\s+|weak\s+|option\s+)?"([^"]+)"\s*;', re.MULTILINE)


class CorpusError(Exception):
    """A corpus cannot be had; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where a corpus comes from, and which of its files belong to it."""

    name: str
    package: str
    """Pinned, in the words of its package manager."""
    fetch: Callable[[str, Path], Path]
    roots: tuple[str, ...]
    """Folders in the package that are import roots."""
    excluded: tuple[str, ...] = ()
    """Folders below the roots that stay out."""
    files: int = 0
    """How many files it must have: other numbers mean that something else was measured."""

    @property
    def place(self) -> Path:
        """Its buf workspace; the protos are in `proto/`."""
        return STATE / "corpora" / self.name

    @property
    def image(self) -> Path:
        """The compiled corpus, comments included."""
        return self.place / "image.binpb"

    def protos(self) -> list[str]:
        """Every proto path of the corpus, sorted."""
        root = self.place / "proto"
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.proto"))


def ensure(corpus: Corpus) -> Corpus:
    """Have the corpus on disk and compiled; a second call finds it there."""
    stamp = corpus.place / "corpus.json"
    wanted = {"package": corpus.package, "roots": list(corpus.roots), "excluded": list(corpus.excluded)}
    if not (stamp.exists() and json.loads(stamp.read_text()) == wanted and corpus.image.exists()):
        _make(corpus)
        stamp.write_text(json.dumps(wanted))
    return corpus


def _make(corpus: Corpus) -> None:
    shutil.rmtree(corpus.place, ignore_errors=True)
    corpus.place.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        unpacked = corpus.fetch(corpus.package, Path(scratch))
        for path, source in _buildable(dict(_files(corpus, unpacked))).items():
            target = corpus.place / "proto" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    found = len(corpus.protos())
    if found != corpus.files:
        raise CorpusError(f"corpus {corpus.name}: {corpus.package} gave {found} files instead of {corpus.files}")
    (corpus.place / "buf.yaml").write_text("version: v2\nmodules:\n  - path: proto\n")
    finish([tool("buf"), "build", ".", "-o", str(corpus.image)], cwd=corpus.place)


def _files(corpus: Corpus, unpacked: Path) -> Iterator[tuple[str, Path]]:
    for root in corpus.roots:
        folder = unpacked / root
        if not folder.is_dir():
            raise CorpusError(f"corpus {corpus.name}: {corpus.package} has no folder {root}")
        for path in folder.rglob("*.proto"):
            name = path.relative_to(folder).as_posix()
            if not name.startswith(corpus.excluded):
                yield name, path


def _buildable(files: Mapping[str, Path]) -> dict[str, Path]:
    """The files less those that import, directly or not, what the package does not carry."""
    imports = {name: imports_of(path) for name, path in files.items()}
    kept = set(files)
    while True:
        broken = {
            name
            for name in kept
            if any(wanted not in kept and not wanted.startswith("google/protobuf/") for wanted in imports[name])
        }
        if not broken:
            return {name: files[name] for name in sorted(kept)}
        kept -= broken


def imports_of(path: Path) -> list[str]:
    """What a file imports, as its text says."""
    return _IMPORT.findall(path.read_text())


def _from_pypi(package: str, scratch: Path) -> Path:
    pip = [tool("python"), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    finish([*pip, "--dest", str(scratch), package], cwd=scratch)
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".proto"):
                archive.extract(name, scratch / "unpacked")
    return scratch / "unpacked"


def _from_npm(package: str, scratch: Path) -> Path:
    finish([tool("npm"), "pack", "--silent", package], cwd=scratch)
    (archive,) = scratch.glob("*.tgz")
    with tarfile.open(archive) as tar:
        protos = [member for member in tar.getmembers() if member.name.endswith(".proto") and member.isfile()]
        tar.extractall(scratch / "unpacked", protos, filter="data")
    return scratch / "unpacked" / "package"


CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            "small",
            "temporalio==1.35.0",
            _from_pypi,
            ("temporalio/bridge/sdk-core/crates/protos/protos/api_upstream",),
            files=67,
        ),
        Corpus(
            "medium",
            "@grpc/grpc-js-xds@1.14.1",
            _from_npm,
            ("deps/envoy-api", "deps/xds", "deps/googleapis", "deps/protoc-gen-validate"),
            excluded=(
                "java/",
                "tests/",
                # These need a newer validate.proto than the one that the package carries.
                "envoy/config/core/v3/protocol.proto",
                "envoy/extensions/filters/http/oauth2/v3/oauth.proto",
                "envoy/extensions/geoip_providers/common/v3/common.proto",
                "envoy/extensions/http/injected_credentials/generic/v3/generic.proto",
            ),
            files=469,
        ),
        Corpus(
            "large",
            "google-proto-files@5.0.3",
            _from_npm,
            (".",),
            excluded=("google/ads/", "google/protobuf/"),
            files=3217,
        ),
    )
}
"""The corpora by name."""

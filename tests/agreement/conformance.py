"""Protobuf's own conformance messages, from the Debian source package `protobuf`.

No package of PyPI or npm carries these two files; Debian's source package does, and `apt-get
source` needs no privilege beyond a readable list of mirrors. The texts are pinned by their hash.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.agreement.workspace import ROOT, ToolError, run, tool

__all__ = ["copy_protos"]

_CACHE = ROOT / ".protogate" / "corpora" / "conformance"
_PINNED = {
    "test_messages_proto2.proto": "30518da031f9a586544e90eb00dfc2435021082964b2db89f260d6aacb1fd41f",
    "test_messages_proto3.proto": "e4412e2c8de677f158e783bb34bea44cd5ead44e0167263946334cd9949e0223",
}


def copy_protos(into: Path) -> None:
    """Lay the conformance messages into an import root, as `conformance/*.proto`.

    Not as google/protobuf/*.proto: Python modules below `google.protobuf` would have to live in
    the folder of the installed protobuf package.
    """
    if not all(_is_pinned(_CACHE / name) for name in _PINNED):
        _fetch()
    (into / "conformance").mkdir()
    for name in _PINNED:
        shutil.copy(_CACHE / name, into / "conformance" / name)


def _is_pinned(path: Path) -> bool:
    return path.exists() and sha256(path.read_bytes()).hexdigest() == _PINNED[path.name]


def _fetch() -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        archive = _download(Path(scratch))
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                name = member.name.rpartition("/src/google/protobuf/")[2]
                if name in _PINNED and (content := tar.extractfile(member)):
                    (_CACHE / name).write_bytes(content.read())
    for name in _PINNED:
        if not _is_pinned(_CACHE / name):
            raise ToolError(f"{name}: Debian's source package holds another text than the pinned one")


def _download(scratch: Path) -> Path:
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    sources = scratch / "private.sources"
    sources.write_text(_source_entries())
    options = [
        f"Dir::Etc::sourcelist={sources}",
        "Dir::Etc::sourceparts=-",
        f"Dir::State::lists={scratch}/lists",
        f"Dir::Cache={scratch}/cache",
        "APT::Sandbox::User=root",
        "Acquire::Languages=none",
    ]
    apt = [tool("apt-get"), *(part for option in options for part in ("-o", option))]
    run([*apt, "update"], cwd=scratch)
    run([*apt, "source", "--download-only", "--tar-only", "protobuf"], cwd=scratch)
    archives = list(scratch.glob("protobuf_*.orig.tar.*"))
    if len(archives) != 1:
        raise ToolError(f"apt-get source protobuf: expected one archive, found {archives}")
    return archives[0]


def _source_entries() -> str:
    """The machine's own Debian mirrors, asked for sources instead of binaries."""
    texts = [path.read_text() for path in Path("/etc/apt/sources.list.d").glob("*.sources")]
    entries = [
        re.sub(r"(?m)^Types:.*$", "Types: deb-src", entry)
        for text in texts
        for entry in re.split(r"\n\s*\n", text)
        if re.search(r"(?m)^Types:.*\bdeb\b", entry) and "debian-archive" in entry
    ]
    if not entries:
        raise ToolError("no Debian mirror in /etc/apt/sources.list.d: cannot fetch the source of protobuf")
    return "\n\n".join(entries) + "\n"

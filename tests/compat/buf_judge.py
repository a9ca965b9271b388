"""What the real `buf breaking` says about pairs of contracts: one process builds a side, one judges all pairs.

Every pair stands below a folder and a package of its own. No rule of buf looks from one package or file path to
another, so the findings of many pairs in one module are the findings of each pair alone.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protogate.descriptors import Schema
from tests.compat.generated_pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["CATEGORIES", "BufFinding", "Judged", "buf_rules", "judge", "judge_alone"]

_BUF = shutil.which("buf", path=Path(sys.executable).parent) or "buf"
CATEGORIES = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")


@dataclass(frozen=True, slots=True, order=True)
class BufFinding:
    """A line of buf's output."""

    rule: str
    path: str
    """Empty where buf names no file: a file or package that is gone."""
    line: int
    """0 where buf means the whole file."""
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair as buf compiled it, and what buf finds."""

    pair: Pair
    old: Schema
    new: Schema
    findings: tuple[BufFinding, ...]
    """Of all categories that were asked for; see `buf_rules` for which category has which rule."""


@cache
def buf_rules() -> Mapping[str, frozenset[str]]:
    """The categories of every rule, as buf lists them."""
    command = [_BUF, "config", "ls-breaking-rules", "--version", "v2", "--format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rules = map(json.loads, listed.splitlines())
    return {rule["id"]: frozenset(rule["categories"]) for rule in rules}


def judge(pairs: Sequence[Pair], work: Path, *, categories: Iterable[str] = CATEGORIES) -> tuple[Judged, ...]:
    """Each pair with what `buf breaking new --against old` finds."""
    shared = _shared_imports(pairs)
    old = _build(shared | {path: text for pair in pairs for path, text in pair.old.items()}, work / "old")
    new = _build(shared | {path: text for pair in pairs for path, text in pair.new.items()}, work / "new")
    found: dict[str, list[BufFinding]] = {pair.root: [] for pair in pairs}
    for finding in _breaking(old, new, categories):
        found[_root_of(finding)].append(finding)
    before, after = _schemas(old), _schemas(new)
    return tuple(Judged(pair, before[pair.root], after[pair.root], tuple(sorted(found[pair.root]))) for pair in pairs)


def judge_alone(old: Mapping[str, str], new: Mapping[str, str], work: Path) -> Judged:
    """One pair whose files stand below no root, in processes of its own."""
    images = _build(old, work / "old"), _build(new, work / "new")
    before, after = (
        Schema(FileDescriptorSet.FromString(image.read_bytes()).file, files)
        for image, files in zip(images, (old, new), strict=True)
    )
    return Judged(Pair("", "alone", old, new), before, after, tuple(sorted(_breaking(*images, CATEGORIES))))


def _shared_imports(pairs: Iterable[Pair]) -> dict[str, str]:
    """A file that imports what any pair imports of protobuf: else buf finds it gone where the last user is."""
    texts = [text for pair in pairs for side in (pair.old, pair.new) for text in side.values()]
    imports = {line for text in texts for line in re.findall(r'^import "google/.*;$', text, re.MULTILINE)}
    return {"shared.proto": "\n".join(('syntax = "proto3";', *sorted(imports))) + "\n"}


def _build(files: Mapping[str, str], folder: Path) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    image = folder.with_suffix(".binpb")
    built = subprocess.run([_BUF, "build", ".", "-o", image], cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return image


def _breaking(old: Path, new: Path, categories: Iterable[str]) -> list[BufFinding]:
    config = json.dumps({"version": "v2", "breaking": {"use": [*categories]}})
    command = [_BUF, "breaking", str(new), "--against", str(old), "--error-format", "json", "--config", config]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    # buf exits 100 when it found something.
    assert finished.returncode in {0, 100}, finished.stderr
    entries = map(json.loads, finished.stdout.splitlines())
    return [BufFinding(one["type"], one.get("path", ""), _line_of(one), one["message"]) for one in entries]


def _line_of(entry: Mapping[str, int]) -> int:
    """The line; where buf knows none it writes an empty span at the start of the file."""
    known = entry["end_line"] > 1 or entry["end_column"] > 1
    return entry["start_line"] if known else 0


def _root_of(finding: BufFinding) -> str:
    match = re.search(r"\b[cs]\d{6}\b", finding.path or finding.message)
    assert match is not None, finding
    return match[0]


def _schemas(image: Path) -> Mapping[str, Schema]:
    """The schema of every pair, by root; what all pairs import (google/protobuf) is in each of them."""
    shared: list[FileDescriptorProto] = []
    by_root: dict[str, list[FileDescriptorProto]] = {}
    for file in FileDescriptorSet.FromString(image.read_bytes()).file:
        root = file.name.partition("/")[0]
        if root == "google":
            shared.append(file)
        elif "/" in file.name:
            by_root.setdefault(root, []).append(file)
    return {root: Schema([*shared, *files], [file.name for file in files]) for root, files in by_root.items()}

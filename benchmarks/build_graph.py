"""Times `doit` in a repository that has the contracts of a whole corpus: nothing to do, and one leaf changed."""

from __future__ import annotations

import json
import shutil
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.corpora import imports_of
from benchmarks.process import STATE, finish, measure, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.corpora import Corpus
    from benchmarks.process import Cost

__all__ = ["BuildTimes", "measure_build"]

_TARGETS = ("grpc", "pydantic", "zod", "jsonschema", "sql")


@dataclass(frozen=True, slots=True)
class BuildTimes:
    """Seconds of wall time; medians where there are several runs."""

    files: int
    rounds: int
    everything: float
    nothing: float
    leaf: float
    leaf_name: str


def measure_build(corpus: Corpus, rounds: int, say: Callable[[str], None]) -> BuildTimes:
    """Build everything once, then time runs with nothing to do and runs after a change to one leaf."""
    project = _project(corpus)
    leaf = project / "contracts" / _leaf(corpus)
    everything = _doit(project)
    say(f"doit, everything: {everything.wall:.2f} s")
    nothing: list[Cost] = []
    changed: list[Cost] = []
    for number in range(rounds):
        nothing.append(_doit(project))
        leaf.write_text(f"{leaf.read_text()}\nmessage BenchmarkChange{number} {{\n  string id = 1;\n}}\n")
        changed.append(_doit(project))
        say(f"doit, round {number + 1}: nothing {nothing[-1].wall:.2f} s, one leaf {changed[-1].wall:.2f} s")
    _assert_built(project, leaf, rounds - 1)
    return BuildTimes(
        files=corpus.files,
        rounds=rounds,
        everything=everything.wall,
        nothing=statistics.median(run.wall for run in nothing),
        leaf=statistics.median(run.wall for run in changed),
        leaf_name=leaf.name,
    )


def _project(corpus: Corpus) -> Path:
    """A fresh repository as a user has it: contracts, two files for buf, a dodo.py of one line."""
    project = STATE / "bench" / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(corpus.place / "proto", project / "contracts")
    (project / "buf.yaml").write_text("version: v2\nmodules:\n  - path: contracts\n")
    plugins = [
        {"local": f"protoc-gen-protogate-{name}", "out": f"generated/{name}", "strategy": "all"} for name in _TARGETS
    ]
    template = {"version": "v2", "inputs": [{"directory": "contracts"}], "plugins": plugins}
    (project / "buf.gen.yaml").write_text(json.dumps(template, indent=2))
    (project / "dodo.py").write_text("from protogate.tasks import *\n")
    finish(["git", "init", "--quiet"], cwd=project)
    return project


def _leaf(corpus: Corpus) -> str:
    """A file that nobody imports and whose directory has few others, the last one by name."""
    root = corpus.place / "proto"
    imported = {wanted for name in corpus.protos() for wanted in imports_of(root / name)}
    return [name for name in corpus.protos() if name not in imported][-1]


def _doit(project: Path) -> Cost:
    return measure([tool("doit"), "generate"], cwd=project)


def _assert_built(project: Path, leaf: Path, number: int) -> None:
    """A run that did nothing would be quick, too."""
    stem = leaf.relative_to(project / "contracts").with_suffix("")
    output = project / "generated" / "pydantic" / f"{stem}_models.py"
    if f"BenchmarkChange{number}" not in output.read_text():
        raise AssertionError(f"{output}: the last change to {leaf.name} has not arrived")

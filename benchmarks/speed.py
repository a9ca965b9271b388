"""Times all plugins side by side on the corpora."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from benchmarks.contenders import PARSE_ONLY, Contender, capture_request, contenders
from benchmarks.process import STATE, Cost, ProcessError, measure, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.corpora import Corpus

__all__ = ["Series", "SpeedResult", "measure_speed"]

_SLOW = 60.0
"""Seconds after which a plugin is measured once only: a fifth of an hour a round buys no insight."""


@dataclass(slots=True)
class Series:
    """All runs of one plugin on one corpus."""

    contender: Contender
    runs: list[Cost] = field(default_factory=list)
    failure: str = ""

    @property
    def wall(self) -> float:
        """Median wall seconds."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """Median CPU seconds of the process tree."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def peak(self) -> int:
        """The largest resident set of one process, in bytes."""
        return max(run.peak for run in self.runs)


@dataclass(frozen=True, slots=True)
class SpeedResult:
    """What was measured on one corpus."""

    corpus: Corpus
    fields: int
    under_buf: dict[str, Series]
    """`buf generate` of the whole image."""
    alone: dict[str, Series]
    """The plugin process alone on the captured request."""


def measure_speed(corpus: Corpus, rounds: int, out: Path, say: Callable[[str], None]) -> SpeedResult:
    """Run every plugin in turn, round after round, so that all of them see the same machine.

    Outputs of every run stay below the folder `out`, which the caller removes when all is measured.
    """
    everyone = contenders()
    request = capture_request(corpus.image, STATE / "bench" / f"{corpus.name}.request")
    alone = _rounds([one for one in everyone if one.ours or one.name == PARSE_ONLY], rounds, _alone(request), say)
    under_buf = _rounds(everyone, rounds, _under_buf(corpus, out), say)
    return SpeedResult(corpus, _count_fields(corpus), under_buf, alone)


def _rounds(
    everyone: Sequence[Contender], rounds: int, run: Callable[[Contender], Cost], say: Callable[[str], None]
) -> dict[str, Series]:
    found = {one.name: Series(one) for one in everyone}
    for number in range(rounds):
        for series in found.values():
            if series.failure or (series.runs and series.runs[0].wall > _SLOW):
                continue
            try:
                series.runs.append(run(series.contender))
            except ProcessError as error:
                series.failure = str(error)
                say(f"{series.contender.name}: {error}")
                continue
            last = series.runs[-1]
            say(f"round {number + 1} {series.contender.name}: {last.wall:.2f} s wall, {last.cpu:.2f} s CPU")
    return found


def _under_buf(corpus: Corpus, out: Path) -> Callable[[Contender], Cost]:
    number = count()

    def run(one: Contender) -> Cost:
        # A new folder each time, because replacing files costs more than making them; and nothing is deleted before
        # all is measured, because ext4 searches long for an inode while others were freed in the last five seconds.
        place = out / f"{corpus.name}-{next(number)}"
        options = [one.options] if one.options else []
        plugin = {"local": one.program, "out": str(place), "strategy": "all", "opt": options}
        template = json.dumps({"version": "v2", "plugins": [plugin]})
        return measure([tool("buf"), "generate", str(corpus.image), "--template", template], cwd=corpus.place)

    return run


def _alone(request: Path) -> Callable[[Contender], Cost]:
    return lambda one: measure([one.program], stdin=request)


def _count_fields(corpus: Corpus) -> int:
    files = descriptor_pb2.FileDescriptorSet.FromString(corpus.image.read_bytes()).file

    def count(message: descriptor_pb2.DescriptorProto) -> int:
        return len(message.field) + sum(map(count, message.nested_type))

    return sum(count(message) for file in files for message in file.message_type)

"""Samples of what the discovery said that people looked up in the code, and how much of it was right."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.discovery_figures import Section
from benchmarks.gateway_figures import at_least
from benchmarks.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.registry_speed import Goal

__all__ = ["SAMPLES", "Judged", "judged", "precision_section", "read_sample"]

SAMPLES: Final = {"lines to cut": "cut-edges.tsv", "requests and their routes": "route-calls.tsv"}
_PLACE: Final = ROOT / "tests" / "discovery" / "samples"
_RIGHT: Final = "right"
_SHARE: Final = 0.97


class Judged(NamedTuple):
    """How much of the sample of one repository was right."""

    repository: str
    right: int
    total: int


def read_sample(path: Path) -> list[dict[str, str]]:
    """Return the rows of a sample: `repository`, `place`, `verdict`, `note`, and what was said of the place."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def judged(rows: Sequence[dict[str, str]]) -> list[Judged]:
    """Return how much was right of each repository, sorted by name."""
    total = Counter(row["repository"] for row in rows)
    right = Counter(row["repository"] for row in rows if row["verdict"] == _RIGHT)
    return [Judged(name, right[name], total[name]) for name in sorted(total)]


def precision_section(place: Path = _PLACE) -> Section:
    """Return the section about all samples; one that is not there is said to be missing."""
    goals: list[Goal] = []
    table: list[tuple[str, ...]] = [("sample", "repository", "right", "of", "share")]
    wrong: list[tuple[str, ...]] = [("sample", "what was wrong", "why")]
    for what, file in SAMPLES.items():
        if not (place / file).exists():
            table.append((what, "not looked up", "", "", ""))
            continue
        rows = read_sample(place / file)
        found = judged(rows)
        table += [_line(what, one) for one in found]
        everything = Judged("all", sum(one.right for one in found), len(rows))
        table.append(_line(what, everything))
        goals.append(at_least(f"{what}: share that is right", _SHARE, everything.right / everything.total, ""))
        wrong += [(what, _shown(row), row["note"]) for row in rows if row["verdict"] != _RIGHT]
    text = (
        "Drawn at random from what a run wrote, each row looked up in the code of the repository, and kept in\n"
        "`tests/discovery/samples/`. A line to cut is right when the symbol that it names is used there and is\n"
        "defined where it says; a request, when the route that is named answers it. A sample is of the day when\n"
        "it was drawn: what it found wrong may have been mended since, and its share says nothing of what was\n"
        "overlooked."
    )
    return Section("Precision, by hand", text, tuple(goals), (table, wrong) if len(wrong) > 1 else (table,))


def _shown(row: Mapping[str, str]) -> str:
    return f"`{row['place']}` {row.get('symbol') or row.get('request', '')}".rstrip()


def _line(what: str, one: Judged) -> tuple[str, ...]:
    return (what, one.repository, str(one.right), str(one.total), f"{one.right / one.total:.0%}")

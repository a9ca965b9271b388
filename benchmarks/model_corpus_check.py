"""Holds the static facts of a package against what pydantic says of it at run time, field by field."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.model_corpus import PLACE, runtime_answer
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Altered, Unresolved
from protogate.findings import Finding
from tests.support.model_schemas import Comparison, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from benchmarks.model_corpus import Package
    from protogate.crosscheck.shapes import Direction, Shape

__all__ = ["Outcome", "check_answer", "check_package"]

_DIRECTIONS: tuple[Direction, Direction] = ("input", "output")
_WORD = re.compile(r"\w+")
_PLACE = re.compile(r" \([^()]*:\d+(?::\d+)?\)$")
_NAMED = re.compile(r"'[^']*'|\b[\w.]+\(\)|\b[\w.]*\d[\w.]*\b")


@dataclass(slots=True)
class Outcome:
    """What became of the models of one package, or of a few."""

    models: int = 0
    equal: int = 0
    open: int = 0
    """Places of which neither side says anything, because code stands in between."""
    unresolved: list[Verdict] = field(default_factory=list)
    wrong: list[Verdict] = field(default_factory=list)
    silent: Mapping[str, str] = field(default_factory=dict)
    """Models of which pydantic itself could say nothing."""
    unimportable: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """Of the static side."""

    @property
    def fields(self) -> int:
        """All places that were compared, in both directions."""
        return self.equal + len(self.unresolved) + len(self.wrong)

    def add(self, verdict: Verdict) -> None:
        """Count one place."""
        match verdict.outcome:
            case "equal":
                self.equal += 1
            case "open":
                self.open += 1
            case "unresolved":
                self.unresolved.append(verdict)
            case "wrong":
                self.wrong.append(verdict)

    def reasons(self) -> Counter[str]:
        """How often each reason was given, without the names in it."""
        return Counter(reason_of(one) for one in self.unresolved)


def reason_of(verdict: Verdict) -> str:
    """Return why a place is unresolved, in words that do not name it."""
    if verdict.detail.startswith("static "):
        return "altered by code"
    return _NAMED.sub("…", _PLACE.sub("", verdict.detail))


def check_package(package: Package, say: Callable[[str], None]) -> Outcome:
    """Compare every model of a package, both directions."""
    say(package.name)
    workspace = Workspace(str(PLACE), site=[str(PLACE)])
    answer = runtime_answer(package)
    outcome = check_answer(answer, workspace)
    known = answer["input"]["schemas"]
    if names := sorted({_model_of(one, known) for one in outcome.wrong}):
        alone = runtime_answer(package, names)
        confirmed = {(_model_of(one, known), one.detail) for one in _wrong_alone(alone, names, workspace)}
        found = [one for one in outcome.wrong if (_model_of(one, known), one.detail) in confirmed]
        outcome.equal += len(outcome.wrong) - len(found)
        outcome.wrong = found
    return outcome


def _model_of(verdict: Verdict, known: Container[str]) -> str:
    """The model by its file and name, as the run-time side calls it; the longest name that it knows."""
    path, _, places = verdict.path.partition(" ")[2].partition("::")
    words = _WORD.findall(places)
    names = (f"{PLACE}/{path}::{'.'.join(words[:length])}" for length in range(len(words), 0, -1))
    return next(name for name in names if name in known)


def _wrong_alone(answers: Mapping[str, Any], names: Iterable[str], workspace: Workspace) -> Iterator[Verdict]:
    for name in names:
        for direction in _DIRECTIONS:
            answer = answers[name][direction]
            comparison = Comparison(answer["definitions"])
            shown = f"{direction} {name.removeprefix(f'{PLACE}/')}"
            verdicts = _verdicts(comparison, shown, _shape(workspace, name, direction), answer["schemas"][name])
            yield from (one for one in verdicts if one.outcome == "wrong")


def check_answer(answer: Mapping[str, Any], workspace: Workspace) -> Outcome:
    """Compare what was said at run time with what the source says."""
    outcome = Outcome(silent=answer["silent"], unimportable=answer["unimportable"])
    outcome.models = len(answer["input"]["schemas"])
    for direction in _DIRECTIONS:
        comparison = Comparison(answer[direction]["definitions"])
        for name, schema in answer[direction]["schemas"].items():
            start = time.perf_counter()
            shape = _shape(workspace, name, direction)
            outcome.seconds += time.perf_counter() - start
            shown = f"{direction} {name.removeprefix(f'{workspace.layers_root}/')}"
            for verdict in _verdicts(comparison, shown, shape, schema):
                outcome.add(verdict)
    return outcome


def _shape(workspace: Workspace, name: str, direction: Direction) -> Shape:
    path, _, dotted = name.partition("::")
    found = workspace.symbol(path, dotted)
    if isinstance(found, Finding):
        return Unresolved(found.message, found.place)
    return workspace.shape_of(found, direction)


def _verdicts(comparison: Comparison, name: str, shape: Shape, schema: object) -> Iterator[Verdict]:
    inner = shape.shape if isinstance(shape, Altered) else shape
    if isinstance(inner, Unresolved):
        # Nothing is known of the model: of none of its fields.
        yield from [Verdict(name, "unresolved", f"{inner.reason} ({inner.place})")] * comparison.properties(schema)
        return
    # The model itself is no field.
    yield from (one for one in comparison.verdicts(name, shape, schema) if one.path != name or one.outcome != "equal")

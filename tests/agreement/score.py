"""Compares candidates with decided probes and renders what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.agreement.candidates import Document, Target, Verdict
from tests.agreement.rules import RuleJudge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.agreement.oracles import Decision
    from tests.agreement.schemas import Schema

__all__ = ["Miss", "Score", "render", "score"]


_EXAMPLES = 4
"""How many documents to show of each group of misses."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One document on which a candidate is wrong."""

    what: str
    """`accepts`, `refuses`, `canonical refused` or `defect`."""
    kind: str
    value: str
    message: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How one candidate did on one schema with one pool."""

    target: str
    schema: str
    pool: str
    decided: int
    undecided: int
    reported: int
    """Documents left out, because they break only rules that the target reports as not carried."""
    canonical: int
    misses: tuple[Miss, ...]

    def count(self, what: str) -> int:
        """How many misses are of that sort."""
        return sum(miss.what == what for miss in self.misses)

    @property
    def agreement(self) -> float:
        """Percent of the decided probes, canonical documents apart."""
        wrong = sum(miss.what != "canonical refused" for miss in self.misses)
        return 100 * (1 - wrong / self.decided) if self.decided else 100.0


def score(schema: Schema, target: Target, pool: str, decisions: Sequence[Decision]) -> Score:
    """Judge a target on decided probes and on the canonical documents that came of them."""
    every = [one for one in decisions if one.valid is not None]
    decided = _expected_of(schema, target, every)
    canonical = list(
        dict.fromkeys((one.probe.message, text, one.probe.kind) for one in decided for text in one.canonical)
    )
    documents = [Document(one.probe.message, one.probe.text) for one in decided]
    documents += [Document(message, text) for message, text, _ in canonical]
    verdicts = target.verdicts(schema, documents)
    misses = [_miss(one, verdict) for one, verdict in zip(decided, verdicts, strict=False)]
    refused = [
        Miss("canonical refused", kind, text, message, text, verdict.defect)
        for (message, text, kind), verdict in zip(canonical, verdicts[len(decided) :], strict=True)
        if not verdict.accepts
    ]
    found = (*(miss for miss in misses if miss), *refused)
    return Score(
        target=target.name,
        schema=schema.name,
        pool=pool,
        decided=len(decided),
        undecided=len(decisions) - len(every),
        reported=len(every) - len(decided),
        canonical=len(canonical),
        misses=found,
    )


def _expected_of(schema: Schema, target: Target, decided: list[Decision]) -> list[Decision]:
    """The documents that the target can be asked about: it has said which rules it does not carry."""
    silent = target.not_carried(schema) if schema.has_rules else frozenset()
    if not silent:
        return decided
    judge = RuleJudge(schema)

    def is_asked(one: Decision) -> bool:
        if not one.breaks_rules:
            return True
        return not judge.breaks_only(one.probe.message, one.probe.text, silent)

    return [one for one in decided if is_asked(one)]


def _miss(decision: Decision, verdict: Verdict) -> Miss | None:
    if verdict.accepts == decision.valid and not verdict.defect:
        return None
    what = "defect" if verdict.defect else "accepts" if verdict.accepts else "refuses"
    probe = decision.probe
    return Miss(what, probe.kind, probe.value, probe.message, probe.text, verdict.defect or decision.votes)


def render(scores: Sequence[Score], show: int) -> str:
    """A table of all scores, and the most frequent misses of the ones that may be looked at."""
    head = (
        f"{'target':20} {'schema':12} {'pool':12} {'agree %':>8} {'decided':>8} {'open':>5} {'reported':>8}"
        f" {'false +':>8} {'false -':>8} {'defects':>8} {'canonical refused':>18}"
    )
    lines = [head, "-" * len(head)]
    for one in scores:
        refused = f"{one.count('canonical refused')} of {one.canonical}"
        lines.append(
            f"{one.target:20} {one.schema:12} {one.pool:12} {one.agreement:8.2f}"
            f" {one.decided:8} {one.undecided:5} {one.reported:8}"
            f" {one.count('accepts'):8} {one.count('refuses'):8} {one.count('defect'):8} {refused:>18}"
        )
    for one in scores:
        if one.pool != "holdout":
            lines.extend(_top(one, show))
    return "\n".join(lines)


def _top(one: Score, show: int) -> list[str]:
    groups: dict[tuple[str, str], list[Miss]] = {}
    for miss in one.misses:
        groups.setdefault((miss.what, miss.kind), []).append(miss)
    if not groups or not show:
        return []
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))
    lines = ["", f"{one.target} on {one.schema}, {one.pool} pool: {len(groups)} groups of misses, the largest first"]
    for (what, kind), misses in largest[:show]:
        lines.append(f"{len(misses):6} x {what} {kind}")
        distinct = {miss.value: miss for miss in misses}
        lines.extend(
            f"           {miss.value[:60]:30} {miss.detail[:120]:24} {miss.message} {miss.text[:160]}"
            for miss in list(distinct.values())[:_EXAMPLES]
        )
    return lines

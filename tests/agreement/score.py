"""Compares candidates with decided probes and renders what came out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.agreement.candidates import Document, Target, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.agreement.oracles import Decision
    from tests.agreement.schemas import Schema

__all__ = ["Miss", "Score", "render", "score"]


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
    decided = [one for one in decisions if one.valid is not None]
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
    return Score(target.name, schema.name, pool, len(decided), len(decisions) - len(decided), len(canonical), found)


def _miss(decision: Decision, verdict: Verdict) -> Miss | None:
    if verdict.accepts == decision.valid and not verdict.defect:
        return None
    what = "defect" if verdict.defect else "accepts" if verdict.accepts else "refuses"
    probe = decision.probe
    return Miss(what, probe.kind, probe.value, probe.message, probe.text, verdict.defect or decision.votes)


def render(scores: Sequence[Score], show: int) -> str:
    """A table of all scores, and the most frequent misses of the ones that may be looked at."""
    head = (
        f"{'target':20} {'schema':12} {'pool':12} {'agree %':>8} {'decided':>8} {'open':>5}"
        f" {'false +':>8} {'false -':>8} {'defects':>8} {'canonical refused':>18}"
    )
    lines = [head, "-" * len(head)]
    for one in scores:
        refused = f"{one.count('canonical refused')} of {one.canonical}"
        lines.append(
            f"{one.target:20} {one.schema:12} {one.pool:12} {one.agreement:8.2f} {one.decided:8} {one.undecided:5}"
            f" {one.count('accepts'):8} {one.count('refuses'):8} {one.count('defect'):8} {refused:>18}"
        )
    for one in scores:
        if one.pool != "holdout":
            lines.extend(_top(one, show))
    return "\n".join(lines)


def _top(one: Score, show: int) -> list[str]:
    groups = Counter((miss.what, miss.kind, miss.value) for miss in one.misses)
    example = {(miss.what, miss.kind, miss.value): miss for miss in reversed(one.misses)}
    if not groups or not show:
        return []
    lines = ["", f"{one.target} on {one.schema}, {one.pool} pool: {len(groups)} groups of misses, the largest first"]
    for group, count in groups.most_common(show):
        miss = example[group]
        lines.append(f"  {count:4} x {miss.what:17} {miss.kind:28} {miss.value[:70]:40} {miss.detail[:200]}")
        lines.append(f"         e.g. {miss.message} {miss.text[:160]}")
    return lines

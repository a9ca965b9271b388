"""The table of the model corpus: how many facts both sides share, what is left open, what is wrong and where."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from benchmarks.model_corpus import Package
    from benchmarks.model_corpus_check import Outcome

__all__ = ["GOAL", "render", "share"]

GOAL = 0.99
"""Of all fields, in both directions, that must be equal."""

_REASONS = 25


def share(outcomes: Collection[Outcome]) -> float:
    """Return the part of all fields that are equal."""
    fields = sum(one.fields for one in outcomes)
    return sum(one.equal for one in outcomes) / fields if fields else 0.0


def render(by_package: Mapping[Package, Outcome], show: int) -> str:
    """Return the result as Markdown.

    Args:
        by_package: what became of each.
        show: how many wrong fields are listed.
    """
    outcomes = [one for package, one in by_package.items() if package.is_counted]
    wrong = list(chain.from_iterable(one.wrong for one in by_package.values()))
    reasons: Counter[str] = Counter()
    for one in outcomes:
        reasons += one.reasons()
    lines = [
        "| package | kind of code | models | fields | equal | unresolved | wrong | open | s |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(package, one) for package, one in by_package.items() if package.is_counted),
        _total(outcomes),
        *(_row(package, one) for package, one in by_package.items() if not package.is_counted),
        "",
        "| unresolved because | fields |",
        "|---|---|",
        *(f"| {reason} | {count:,} |" for reason, count in reasons.most_common(_REASONS)),
    ]
    others = sum(reasons.values()) - sum(count for _, count in reasons.most_common(_REASONS))
    lines += [f"| other reasons | {others:,} |"] if others else []
    lines += ["", *(f"- wrong: {one.path}: {one.detail}" for one in wrong[:show])] if wrong else []
    return "\n".join(lines) + "\n"


def _row(package: Package, one: Outcome) -> str:
    counts = f"{one.models:,} | {one.fields:,} | {one.equal:,} | {len(one.unresolved):,} | {len(one.wrong):,}"
    return f"| {package.name} {package.version} | {package.style} | {counts} | {one.open:,} | {one.seconds:.1f} |"


def _total(outcomes: Collection[Outcome]) -> str:
    def total(values: list[int]) -> str:
        return f"{sum(values):,}"

    return (
        f"| {len(outcomes)} packages | {share(outcomes):.2%} equal | {total([one.models for one in outcomes])} "
        f"| {total([one.fields for one in outcomes])} | {total([one.equal for one in outcomes])} "
        f"| {total([len(one.unresolved) for one in outcomes])} | {total([len(one.wrong) for one in outcomes])} "
        f"| {total([one.open for one in outcomes])} | {sum(one.seconds for one in outcomes):.1f} |"
    )

"""The table of the model corpus: how many facts both sides share, what is left open, what is wrong and where."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from benchmarks.model_corpus import PACKAGES, install
from benchmarks.model_corpus_check import check_package

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from benchmarks.model_corpus import Package
    from benchmarks.model_corpus_check import Outcome

__all__ = ["INTRODUCTION", "measure_models", "render", "share"]

INTRODUCTION = """\
The static facts of every model of these packages (pinned in `benchmarks/model_corpus.txt`) against what
`model_json_schema()` says at run time in both modes, field by field: the key in documents, whether it is required, its
types, values, items and nested records. *Equal*: both say the same. *Unresolved*: the cross-check says that it cannot
tell, or that code may alter the value. *Wrong*: it says something else. *Open*: pydantic says nothing either, because
code makes the document. *s* is what the static side took. Neither the order of unions counts nor what
`json_schema_extra` writes into the text of a schema: documents have nothing of it. A field with a default counts as
required in what is written, because it is always there. Packages below the sum make their types by calls while they are
imported; they are shown, and not counted.
"""

_GOAL = 0.99
"""Of all fields, in both directions, that must be equal."""

_REASONS = 25
_SHOWN = 50


def measure_models(names: Collection[str], say: Callable[[str], None], show: int = _SHOWN) -> tuple[str, bool]:
    """Compare the models of packages, of all without names; give the tables and whether all is as it should be."""
    install()
    found = {one: check_package(one, say) for one in PACKAGES if one.name in names or not names}
    counted = [one for package, one in found.items() if package.is_counted]
    return render(found, show), share(counted) >= _GOAL and not any(one.wrong for one in found.values())


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

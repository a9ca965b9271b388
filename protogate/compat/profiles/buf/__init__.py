"""The rules of `buf breaking` as profiles, one for each category; what buf finds is what these find.

buf knows no direction: it holds the new version against the old one, and FORWARD swaps the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Direction
from protogate.compat.profiles.buf.categories import CATEGORIES, RULES
from protogate.compat.profiles.buf.deletions import find_deletions
from protogate.compat.profiles.buf.fields import compare_fields
from protogate.compat.profiles.buf.imports import lost_imports, report_lost
from protogate.compat.profiles.buf.messages import compare_messages
from protogate.compat.profiles.buf.projections import project
from protogate.compat.profiles.buf.touched import Touched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.compat.comparison import Comparison
    from protogate.compat.profiles import Judge, Verdict

__all__ = ["PROFILES", "breaking"]


def breaking(comparison: Comparison) -> Iterator[Verdict]:
    """Every rule of every category that the new version breaks."""
    lost = lost_imports(comparison.old, comparison.new)
    if not (comparison.changes or lost):
        return
    touched = Touched(comparison)
    yield from project(comparison)
    yield from report_lost(lost, comparison.old, comparison.new)
    yield from find_deletions(comparison.old, comparison.new, (*touched.files, *lost))
    for message, other, context in touched.messages():
        yield from compare_messages(message, other, context=context)
    for field, other_field in touched.extensions():
        yield from compare_fields(field, other_field)


_SWAPPED: Final = "on the way back to the old version"


def _judge(category: str) -> Judge:
    def judge(comparison: Comparison, direction: Direction) -> tuple[Verdict, ...]:
        if direction is Direction.BACKWARD:
            return tuple(verdict for verdict in breaking(comparison) if category in RULES[verdict.rule])
        found = breaking(comparison.swapped)
        return tuple(verdict._replace(effect=_SWAPPED) for verdict in found if category in RULES[verdict.rule])

    return judge


PROFILES: Final[dict[str, Judge]] = {f"buf:{category}": _judge(category) for category in CATEGORIES}

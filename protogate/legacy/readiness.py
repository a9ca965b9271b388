"""How ready a contract is for the rows of a legacy table: the plain share, and a weighted one with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.legacy.diff import DiffKind, DiffSeverity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.legacy.diff import DiffEntry, LegacyDiff

__all__ = ["WeightedReadiness", "readiness", "weighted_readiness"]

_KEY: Final = 3.0
"""A key, without which a row has no identity, counts as three columns."""
_REQUIRED: Final = 2.0
_PLAIN: Final = 1.0
_LOSS: Final = {DiffSeverity.ERROR: 1.0, DiffSeverity.WARNING: 0.25, DiffSeverity.INFO: 0.0}
"""Of the weight of a field, by the worst that is said of it or of anything below it."""


class Lost(NamedTuple):
    """What one field takes away."""

    field: str
    weight: float
    share: float
    """Of the weight, from 0 to 1."""
    reason: str


class WeightedReadiness(NamedTuple):
    """From 0 to 1, and why it is not 1."""

    value: float
    total: float
    """The weight of all fields."""
    lost: tuple[Lost, ...]
    """Heaviest first."""


def readiness(diff: LegacyDiff) -> float:
    """Give `max(0, 1 - errors / fields)`, where fields are the union of both sides; 1 without any field.

    A field with two errors counts twice, so the value may reach 0 before every field has one.
    """
    if not diff.names:
        return 1.0
    return max(0.0, 1.0 - len(diff.errors) / len(diff.names))


def weighted_readiness(diff: LegacyDiff) -> WeightedReadiness:
    """Weigh each legacy field: keys 3, required ones 2, others 1; errors lose all of it, warnings a quarter.

    What is said of a part of a field is said of the field, once: a nested message is as heavy as a column. Fields that
    only the contract has weigh nothing, as no row has to bring them.
    """
    by_field: dict[str, list[DiffEntry]] = {}
    for entry in diff.entries:
        if entry.kind not in {DiffKind.IGNORED, DiffKind.MISSING_IN_LEGACY}:
            by_field.setdefault(entry.field_name.partition(".")[0], []).append(entry)
    total = 0.0
    lost: list[Lost] = []
    for name, entries in by_field.items():
        weight = _weight(entries)
        total += weight
        worst = max(entries, key=lambda one: _LOSS[one.severity])
        if _LOSS[worst.severity]:
            lost.append(Lost(name, weight, _LOSS[worst.severity], f"{worst.kind.value}: {worst.message}"))
    if not total:
        return WeightedReadiness(1.0, 0.0, ())
    value = 1.0 - sum(one.weight * one.share for one in lost) / total
    return WeightedReadiness(max(0.0, value), total, tuple(sorted(lost, key=lambda one: -one.weight * one.share)))


def _weight(entries: Sequence[DiffEntry]) -> float:
    field = next((one.legacy for one in entries if one.legacy is not None and "." not in one.field_name), None)
    if field is None:
        return _PLAIN
    return _KEY if field.is_key else _REQUIRED if field.is_required else _PLAIN

"""Whether two versions of a contract are compatible: what profiles say, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Mode
from protogate.compat.comparison import Comparison
from protogate.compat.profiles import load_profile
from protogate.findings import Finding, Severity, sort_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.compat.changes import Spot
    from protogate.compat.profiles import Verdict
    from protogate.descriptors import Schema

__all__ = ["DEFAULT_PROFILES", "check", "is_compatible"]

DEFAULT_PROFILES: Final = ("confluent", "wire", "wire_json:warn")
"""`confluent` and `wire` fail a check, `wire_json` warns."""


def check(
    old: Schema,
    new: Schema,
    *,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    mode: Mode = Mode.BACKWARD,
) -> tuple[Finding, ...]:
    """What the profiles say of the way from `old` to `new`, sorted by place.

    One comparison serves all profiles and both directions.

    Raises:
        UserError: a profile is not known, or a schema lacks a type that a field holds.
    """
    loaded = [load_profile(name) for name in profiles]
    directions = mode.directions
    if not directions:
        return ()
    comparison = Comparison(old, new)
    merged: dict[tuple[str, Spot, str], tuple[Verdict, list[str], Severity]] = {}
    for name, judge, only_warns in loaded:
        for direction in directions:
            for verdict in judge(comparison, direction):
                _merge(merged, f"{name}/{verdict.rule}", verdict, only_warns=only_warns)
    return _findings(merged)


def is_compatible(findings: Iterable[Finding]) -> bool:
    """Whether nothing among the findings fails a check."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def _merge(
    merged: dict[tuple[str, Spot, str], tuple[Verdict, list[str], Severity]],
    rule: str,
    verdict: Verdict,
    *,
    only_warns: bool,
) -> None:
    """Add a verdict to the one on the same change in the other direction."""
    severity = min(verdict.severity, Severity.WARNING) if only_warns else verdict.severity
    key = rule, verdict.spot, verdict.what
    known = merged.get(key)
    if known is None:
        merged[key] = verdict, [verdict.effect] if verdict.effect else [], severity
        return
    first, effects, worst = known
    if verdict.effect and verdict.effect not in effects:
        effects.append(verdict.effect)
    merged[key] = first, effects, max(worst, severity)


def _findings(
    merged: dict[tuple[str, Spot, str], tuple[Verdict, list[str], Severity]],
) -> tuple[Finding, ...]:
    # In the order of the source info, so that all lines of a file are found in one walk.
    in_order = sorted(merged, key=lambda key: (key[1].file.name, key[1].path))
    findings: list[Finding] = []
    for key in in_order:
        rule, spot, what = key
        verdict, effects, severity = merged[key]
        message = f"{what}: {', '.join(effects)}" if effects else what
        findings.append(Finding(rule, spot.place, message, verdict.hint, severity, verdict.element))
    return sort_findings(findings)

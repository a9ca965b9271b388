"""Whether two versions of a contract are compatible: what profiles say, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Mode
from protogate.compat.comparison import Comparison
from protogate.compat.profiles import load_profile
from protogate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.compat.changes import Spot
    from protogate.compat.profiles import Verdict
    from protogate.descriptors import Schema
    from protogate.descriptors.comments import Path
    from protogate.findings import Place

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
    merged: _Merged = {}
    for name, judge, only_warns in loaded:
        for direction in directions:
            for verdict in judge(comparison, direction):
                _merge(merged, name, verdict, only_warns=only_warns)
    return _findings(merged)


def is_compatible(findings: Iterable[Finding]) -> bool:
    """Whether nothing among the findings fails a check."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


_Merged = dict[tuple[str, str, "Spot", str], list["Verdict"]]
"""Verdicts of both directions by profile, rule, spot and what happened."""


def _merge(merged: _Merged, profile: str, verdict: Verdict, *, only_warns: bool) -> None:
    if only_warns and verdict.severity is Severity.ERROR:
        verdict = verdict._replace(severity=Severity.WARNING)
    key = profile, verdict.rule, verdict.spot, verdict.what
    known = merged.get(key)
    if known is None:
        merged[key] = [verdict]
    else:
        known.append(verdict)


def _findings(merged: _Merged) -> tuple[Finding, ...]:
    # In the order of the source info, so that all lines of a file are found in one walk.
    in_order = sorted(merged, key=_source_order)
    findings: list[Finding] = []
    places: dict[Spot, Place] = {}
    for key in in_order:
        profile, rule, spot, what = key
        verdicts = merged[key]
        first = verdicts[0]
        severity, message = first.severity, f"{what}: {first.effect}" if first.effect else what
        if len(verdicts) > 1:
            severity = max(one.severity for one in verdicts)
            effects = ", ".join(dict.fromkeys(one.effect for one in verdicts if one.effect))
            message = f"{what}: {effects}" if effects else what
        place = places.get(spot)
        if place is None:
            place = places[spot] = spot.place
        findings.append(Finding(f"{profile}/{rule}", place, message, first.hint, severity, first.element))
    findings.sort(key=_reading_order)
    return tuple(findings)


def _source_order(key: tuple[str, str, Spot, str]) -> tuple[str, Path]:
    spot = key[2]
    return spot.file.name, spot.path


def _reading_order(finding: Finding) -> tuple[str, int, int, str, str]:
    place = finding.place
    return place.file, place.line, place.column, finding.rule, finding.message

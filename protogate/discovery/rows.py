"""Candidates and decisions as the documents show them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeAlias

from protogate.discovery.scores import SERVICE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from protogate.discovery.candidates import Candidate
    from protogate.discovery.slices import Decision

__all__ = [
    "SHOWN",
    "candidate_row",
    "candidate_rows",
    "counted_reasons",
    "decision_row",
    "excluded_row",
    "short_row",
]

SHOWN: Final = 500
"""Candidates that the page has; what is planned is there in any case."""

_Told: TypeAlias = tuple[str, float, int, str]
"""A part: name, points, most, evidence."""
_SERVICE_FROM: Final = 50.0
"""Score from where on a unit may be a service of its own: the second phase."""
_WEB: Final = frozenset({"typescript", "javascript", "vue", "svelte"})


def candidate_rows(ranked: Sequence[Candidate], planned: Collection[str] | None = None) -> list[dict[str, object]]:
    """Return `module-candidates.json`: every unit, what comes out best first.

    Args:
        ranked: all candidates.
        planned: where only those rows are wanted that pages show, the candidates that are planned.
    """
    if planned is None:
        return [candidate_row(one) for one in ranked]
    rest = (one for one in ranked[SHOWN:] if one.unit.name in planned)
    return [candidate_row(one) for one in (*ranked[:SHOWN], *rest)]


def short_row(one: Candidate) -> dict[str, object]:
    """Return what service boundaries need of a candidate."""
    return {
        "module": one.unit.name,
        "modules": sorted(one.unit.modules),
        "score": _number(one.score),
        "archetype": one.archetype,
        "excluded": one.excluded,
    }


def candidate_row(one: Candidate) -> dict[str, object]:
    """Return a row of `module-candidates.json`: the keys of the predecessor, and the parts of each score."""
    of = one.measures
    parts = {name: score.told() for name, score in one.scores.items()}
    reasons = _reasons(parts[SERVICE])
    is_service = one.archetype == SERVICE and not one.excluded and one.score >= _SERVICE_FROM
    return {
        "module": one.unit.name,
        "path": one.unit.path,
        "kind": one.kind,
        "unit": one.unit.kind,
        "archetype": one.archetype,
        "rank": one.rank,
        "archetype_rank": one.archetype_rank,
        "score": _number(one.score),
        "fit": _number(one.fit),
        "scores": {name: _scored(score.total, parts[name]) for name, score in one.scores.items()},
        "phase": one.phase,
        "effort": one.effort,
        "reasons": reasons,
        "service_candidate": is_service,
        "service_score": _number(one.score),
        "service_reasons": reasons[:3] if is_service else [],
        "extraction_target": one.extraction_target,
        "recommended_owner": "legacy-host" if one.excluded else "protogate",
        "excluded": one.excluded,
        "languages": list(one.languages),
        "files": of.files,
        "lines": of.lines,
        "code_lines": of.code_lines,
        "branches": of.branches,
        "cross_module_imports": of.outward + of.kernel,
        "page_imports": one.pages,
        "external_imports": len(one.externals),
        "externals": list(one.externals),
        "api_endpoints_used": of.requests,
        "own_api_routes": of.routes,
        "entrypoints": list(one.entry_points),
        "shared_refs": of.kernel,
        "inbound_modules": of.inbound_modules,
        "interface_modules": of.interface,
        "outward_modules": of.outward,
        "internal_references": of.internal,
        "crossing_references": of.crossing,
        "tables": list(of.tables),
        "shared_tables": list(of.shared_tables),
        "foreign_tables": list(of.foreign_tables),
        "commits": of.commits,
        "owners": list(one.owners),
        "has_module_descriptor": "module.yaml" in one.manifests,
        "has_docker": "dockerfile" in one.manifests or "compose" in one.manifests,
        "has_api_dir": of.routes > 0,
        "has_ui_dir": bool(_WEB.intersection(one.languages)),
        "has_tests": of.tests > 0,
        "has_db_assets": bool(of.tables),
    }


def _scored(total: float, parts: Iterable[_Told]) -> dict[str, object]:
    """Return a score as JSON: its total and every part with the counts behind it."""
    return {
        "total": _number(total),
        "parts": [
            {"name": name, "points": round(points, 3), "most": most, "evidence": evidence}
            for name, points, most, evidence in parts
        ],
    }


def decision_row(one: Decision) -> dict[str, object]:
    """Return a row of `delegation-decisions.json`."""
    return {
        "module": one.candidate.unit.name,
        "path": one.candidate.unit.path,
        "decision": "delegate" if one.is_planned else "keep",
        "reason": one.reason,
        "archetype": one.candidate.archetype,
        "score": _number(one.candidate.score),
        "rank": one.candidate.rank,
        "extraction_target": one.candidate.extraction_target,
    }


def excluded_row(one: Candidate) -> dict[str, object]:
    """Return a row of `excluded-candidates.json`."""
    return {
        "module": one.unit.name,
        "path": one.unit.path,
        "kind": one.kind,
        "reason": one.excluded,
        "score": _number(one.score),
        "rank": one.rank,
        "code_lines": one.measures.code_lines,
    }


def counted_reasons(reasons: Iterable[str]) -> list[dict[str, object]]:
    """Return how often each reason was given, the most frequent first."""
    counts = Counter(reasons)
    return [{"reason": name, "count": counts[name]} for name in sorted(counts, key=lambda name: (-counts[name], name))]


def _reasons(parts: Iterable[_Told]) -> list[str]:
    """Return what speaks for a score, strongest first."""
    told = [(-points, f"{name} {points:.1f} of {most}: {evidence}") for name, points, most, evidence in parts]
    return [text for _, text in sorted(told)]


def _number(value: float) -> float:
    """Return a figure as precise as it is worth; enough digits that unlike candidates stay unlike."""
    return round(value, 3)

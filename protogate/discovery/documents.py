"""Everything that was found, as the documents that are written: one table of JSON a name, without clock or place."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from protogate.discovery.analysis import patterns
from protogate.discovery.cuts import Remedy
from protogate.discovery.profile import profile
from protogate.discovery.rows import counted_reasons, decision_row, excluded_row
from protogate.discovery.scores import LIBRARY, PLUGINS, SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.discovery.analysis import Analysis
    from protogate.discovery.model import Inventory
    from protogate.discovery.plan import PlannedSlice
    from protogate.discovery.slices import Slice

__all__ = [
    "boundary_rows",
    "decisions",
    "delegation_plan",
    "excluded",
    "inventory_document",
    "repository_profile",
    "service_boundary_decisions",
    "summary",
    "wave_plan",
]

_MOST_TOP: Final = 10
_MOST_EVIDENCE: Final = 3
_MOST_LIBRARIES: Final = 12
_PATTERN_NAMES: Final = {SERVICE: "service slices", LIBRARY: "shared packages", PLUGINS: "plugin families"}


def repository_profile(inventory: Inventory) -> dict[str, object]:
    """Return `repository-profile.json`."""
    return profile(inventory)


def boundary_rows(analysis: Analysis) -> dict[str, object]:
    """Return `module-boundaries.json`: every module in exactly one proposed boundary."""
    of = analysis.boundaries.of
    counts = Counter([(of[source], of[target]) for source, target in analysis.graph.references])
    crossing = {pair: count for pair, count in counts.items() if pair[0] != pair[1]}
    evidence: dict[tuple[str, str], list[str]] = {pair: [] for pair in crossing}
    before, listed = ("", ""), None
    for edge in analysis.inventory.edges:
        # Sorted: several edges of two modules come one after the other.
        if edge[:2] != before:
            before = edge[:2]
            listed = evidence.get((of.get(edge[0], ""), of.get(edge[1], "")))
        if listed is not None and len(listed) < _MOST_EVIDENCE:
            listed.append(f"{edge.path}:{edge.line} {edge.symbol}".rstrip())
    return {
        "boundaries": [
            {"name": name, "modules": list(modules), "internal_references": counts[name, name]}
            for name, modules in analysis.boundaries.members.items()
        ],
        "references": [
            {"source": source, "target": target, "references": count, "evidence": evidence[source, target]}
            for (source, target), count in sorted(crossing.items())
        ],
        "hubs": sorted(analysis.graph.hubs),
    }


def excluded(analysis: Analysis) -> dict[str, object]:
    """Return `excluded-candidates.json`."""
    rows = [excluded_row(one) for one in analysis.ranked if one.excluded]
    return {"count": len(rows), "reason_counts": counted_reasons(str(row["reason"]) for row in rows), "rows": rows}


def decisions(analysis: Analysis) -> dict[str, object]:
    """Return `delegation-decisions.json`: of each candidate whether it is planned, and why."""
    rows = [decision_row(one) for one in analysis.decisions]
    reasons = ("planned" if row["decision"] == "delegate" else _general(str(row["reason"])) for row in rows)
    return {"count": len(rows), "reason_counts": counted_reasons(reasons), "rows": rows}


def _general(reason: str) -> str:
    """Return a reason without what is particular to one row, so that it can be counted."""
    return "overlaps with another slice" if " modules are in " in reason else reason


def service_boundary_decisions(document: Mapping[str, object]) -> dict[str, object]:
    """Return `service-boundary-decisions.json`: of each proposed component what is to be done, and why."""
    rows = [
        {
            "service_slug": one.get("service_slug", ""),
            "decision": one.get("action", ""),
            "delivery_mode": one.get("delivery_mode", ""),
            "members": one.get("members", []),
            "priority": one.get("combined_priority", 0),
            "reason": f"{one.get('action', '')}, {one.get('delivery_mode', '')}",
        }
        for one in _rows(document.get("service_components"))
    ]
    return {"count": len(rows), "reason_counts": counted_reasons(str(row["reason"]) for row in rows), "rows": rows}


def delegation_plan(analysis: Analysis) -> list[dict[str, object]]:
    """Return `delegation-plan.generated.json`: one row a slice, in the order of the waves."""
    place = {name: wave.number for wave in analysis.order.waves for name in wave.slices}
    rows = sorted(analysis.planned, key=lambda one: (place[one.name], one.risk, one.name))
    return [{**one.row, "wave": place[one.name] + 1} for one in rows]


def wave_plan(analysis: Analysis, most: int = 0) -> dict[str, object]:
    """Return `migration-wave-plan.json`: wave 0 is what all stand on, then slices that need no later wave.

    Args:
        analysis: of the repository.
        most: waves after wave 0; what lies beyond is listed as `beyond`. 0 for all.
    """
    planned = {one.name: one for one in analysis.planned}
    rows = patterns(analysis.clusters)
    kept = analysis.order.waves[:most] if most else analysis.order.waves
    waves = [_foundation(analysis)] if analysis.planned else []
    waves += [_wave(wave.number + 1, [planned[name] for name in wave.slices], rows) for wave in kept]
    beyond = [name for wave in analysis.order.waves[len(kept) :] for name in wave.slices]
    return {
        "waves": waves,
        "total_waves": len(waves),
        "beyond": beyond,
        "circles": [
            {
                "members": list(circle.members),
                "cut": [{"slice": left, "needs": right} for left, right in circle.cut],
                "points": circle.cost,
            }
            for circle in analysis.order.circles
        ],
    }


def _foundation(analysis: Analysis) -> dict[str, object]:
    """Return wave 0: libraries that slices use, those that most of them use first."""
    users: dict[str, set[str]] = defaultdict(set)
    for one in analysis.planned:
        for cut in one.cuts:
            if cut.direction == "outbound" and cut.remedy is Remedy.PACKAGE:
                users[cut.edge.target].add(one.name)
    ranked = []
    for library in analysis.libraries:
        needed = sorted({name for module in library.modules for name in users.get(module, ())})
        if needed:
            ranked.append((-len(needed), library.candidate.unit.name, needed, library))
    ranked.sort(key=lambda row: row[:2])
    rows = [_library_row(library, needed) for _, _, needed, library in ranked[:_MOST_LIBRARIES]]
    lines = sum(library.candidate.measures.code_lines for _, _, _, library in ranked[:_MOST_LIBRARIES])
    return {
        "wave_number": 0,
        "wave_name": "Shared packages",
        "pattern_type": LIBRARY,
        "extraction_target": "shared-package",
        "priority_reason": "the slices of later waves install them instead of importing them",
        "modules": rows,
        "estimated_effort": {"unit": "lines", "code_lines": lines},
        "entry": ["the packages have an owner and a place to be published"],
        "exit": ["the monolith itself installs the packages, and no slice imports their old modules"],
        "can_run_in_parallel": True,
    }


def _library_row(library: Slice, needed: Sequence[str]) -> dict[str, object]:
    one = library.candidate
    return {
        "module": one.unit.name,
        "pattern": LIBRARY,
        "extraction_target": one.extraction_target,
        "score": round(one.fit, 3),
        "phase": one.phase,
        "cluster_members": sorted(library.modules),
        "needed_by": list(needed),
    }


def _wave(number: int, slices: Sequence[PlannedSlice], rows: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    archetypes = Counter(one.slice.candidate.archetype for one in slices)
    most = min(archetypes, key=lambda name: (-archetypes[name], name))
    effort = [_table(one.row["effort_basis"]) for one in slices]
    kind = _PATTERN_NAMES.get(most, "modules of pages").capitalize()
    needs = sorted({name for one in slices for name in one.needs})
    reason = f"needs only {', '.join(needs)}, of earlier waves" if needs else "needs no other slice"
    return {
        "wave_number": number,
        "wave_name": f"{kind}: {', '.join(one.name for one in slices)}",
        "pattern_type": most,
        "extraction_target": slices[0].slice.candidate.extraction_target,
        "priority_reason": f"{reason}; of what was free, the least risky",
        "modules": [
            {
                "module": one.slice.candidate.unit.name,
                "slice": one.name,
                "pattern": rows.get(one.slice.candidate.unit.name, {}).get("pattern", "none"),
                "extraction_target": one.slice.candidate.extraction_target,
                "score": round(one.slice.candidate.score, 3),
                "phase": one.slice.candidate.phase,
                "cluster_members": list(one.slice.modules),
                "needs": sorted(one.needs),
                "risk": round(one.risk, 3),
                "effort": _table(one.row["effort_basis"]),
            }
            for one in slices
        ],
        "estimated_effort": {
            "unit": "points",
            "p50": round(sum(_float(one["p50"]) for one in effort), 1),
            "p90": round(sum(_float(one["p90"]) for one in effort), 1),
        },
        "entry": [f"wave {number - 1} is done", "answers of the routes are recorded"],
        "exit": [
            "each slice is live and answers as the legacy host did",
            f"{sum(len(one.cuts) for one in slices)} lines that cross the borders are gone or bridged",
        ],
        "can_run_in_parallel": len(slices) > 1,
    }


def summary(analysis: Analysis, made: Mapping[str, object], artifacts: Mapping[str, str]) -> dict[str, object]:
    """Return `migration-discovery.summary.json`.

    Args:
        analysis: of the repository.
        made: the other documents.
        artifacts: the files that are written.
    """
    repository, boundaries = _table(made["repository-profile"]), _table(made["service-boundaries"])
    waves = _table(made["migration-wave-plan"])
    delegable = [one for one in analysis.ranked if not one.excluded]
    rows = _rows(analysis.clusters.get("rows"))
    return {
        "repo_root": analysis.inventory.root,
        "profile": {
            "languages": repository.get("languages", []),
            "frameworks": repository.get("frameworks", []),
            "architecture_hints": repository.get("detected_architecture_hints", []),
        },
        "counts": {
            "modules": len(analysis.inventory.modules),
            "edges": len(analysis.inventory.edges),
            "problems": len(analysis.inventory.problems),
            "candidate_modules": len(analysis.ranked),
            "delegable_candidate_modules": len(delegable),
            "excluded_candidate_modules": len(analysis.ranked) - len(delegable),
            "module_boundaries": len(analysis.boundaries.members),
            "service_boundary_modules": len(_rows(boundaries.get("frontend_modules"))),
            "cqrs_pattern_modules": sum(row.get("pattern") != "none" for row in rows),
            "cqrs_clusters": sum(_float(row.get("size")) > 1 for row in _rows(analysis.clusters.get("clusters"))),
            "migration_waves": len(_rows(waves.get("waves"))),
            "recommended_services": len(_list(boundaries.get("recommended_service_candidates"))),
            "delegation_plan_modules": len(analysis.planned),
            "cut_edges": sum(len(one.cuts) for one in analysis.planned),
        },
        "top_candidates": [_top(one.unit.name, one.score, one.archetype) for one in analysis.ranked[:_MOST_TOP]],
        "top_delegable_candidates": [_top(one.unit.name, one.score, one.archetype) for one in delegable[:_MOST_TOP]],
        "top_service_candidates": [
            _top(one.unit.name, one.score, one.archetype) for one in delegable if one.archetype == SERVICE
        ][:_MOST_TOP],
        "top_shared_libraries": _best(analysis, LIBRARY),
        "top_plugin_families": _best(analysis, PLUGINS),
        "top_cqrs_pattern_candidates": [
            {"module": row.get("module"), "pattern": row.get("pattern")} for row in rows if row.get("pattern") != "none"
        ][:_MOST_TOP],
        "top_migration_waves": [
            {"wave_number": row.get("wave_number"), "wave_name": row.get("wave_name")}
            for row in _rows(waves.get("waves"))
        ],
        "delegation_reasons": _table(made["delegation-decisions"])["reason_counts"],
        "excluded_reasons": _table(made["excluded-candidates"])["reason_counts"],
        "artifacts": dict(sorted(artifacts.items())),
    }


def _best(analysis: Analysis, archetype: str) -> list[dict[str, object]]:
    those = sorted((one for one in analysis.ranked if one.archetype == archetype), key=lambda one: one.archetype_rank)
    return [_top(one.unit.name, one.fit, one.archetype) for one in those if not one.excluded][:_MOST_TOP]


def _top(name: str, score: float, archetype: str) -> dict[str, object]:
    return {"module": name, "score": round(score, 3), "archetype": archetype}


def inventory_document(inventory: Inventory) -> dict[str, object]:
    """Return `repository-inventory.json`: the model itself, every edge with its file and line."""
    return {
        "root": inventory.root,
        "modules": [{**one._asdict(), "features": dict(one.features)} for one in inventory.modules],
        "symbols": [one._asdict() for one in inventory.symbols],
        "edges": [one._asdict() for one in inventory.edges],
        "routes": [one._asdict() for one in inventory.routes],
        "http_calls": [
            {**one._asdict(), "routes": [route._asdict() for route in one.routes]} for one in inventory.http_calls
        ],
        "tables": [one._asdict() for one in inventory.tables],
        "table_uses": [one._asdict() for one in inventory.table_uses],
        "events": [one._asdict() for one in inventory.events],
        "entry_points": [one._asdict() for one in inventory.entry_points],
        "manifests": [{**one._asdict(), "facts": dict(one.facts)} for one in inventory.manifests],
        "co_changes": [one._asdict() for one in inventory.co_changes],
        "history": {name: one._asdict() for name, one in sorted(inventory.history.items())},
        "commits": inventory.commits,
        "problems": [one._asdict() for one in inventory.problems],
    }


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

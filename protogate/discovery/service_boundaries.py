"""Which services a frontend and its backend would make together, and in which order: `service-boundaries.json`."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from protogate.discovery.frontend import Frontend, FrontendModule, FrontendSettings, is_migrated, route_groups
from protogate.discovery.frontend_calls import import_roots
from protogate.discovery.frontend_layout import frontend_files
from protogate.discovery.frontend_scores import DECOMPOSE, FEDERATION, IFRAME, LIBRARY, SHELL
from protogate.discovery.service_boundary_pages import (
    blueprint_markdown,
    cleanup_checklist_markdown,
    execution_plan_markdown,
    pages,
    service_boundaries_markdown,
    target_structure_markdown,
)
from protogate.discovery.service_components import BACKEND, Component, Joiner, jaccard, listed, slugs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.frontend_calls import Claim
    from protogate.discovery.frontend_scores import Score
    from protogate.discovery.model import Edge, Inventory

__all__ = [
    "FrontendSettings",
    "blueprint_markdown",
    "cleanup_checklist_markdown",
    "execution_plan_markdown",
    "pages",
    "service_boundaries",
    "service_boundaries_markdown",
    "settings_of",
    "target_structure_markdown",
]

_TOOL: Final = "protogate service-boundaries"
_WORTH_A_HINT: Final = 0.34
_CROSSINGS_WORTH_A_HINT: Final = 3
_MOST_HINTS: Final = 20
_MOST_TOP: Final = 10
_PROGRAMS: Final = frozenset({"app", "task"})
"""Kinds of entry points that run for long; a command of a command line is a door of its program."""
_PHASE: Final = {
    IFRAME: "phase-1",
    SHELL: "phase-2",
    FEDERATION: "phase-2",
    LIBRARY: "phase-1",
    BACKEND: "phase-2",
    DECOMPOSE: "phase-3",
}
_ACTION: Final = {
    IFRAME: "iframe-first",
    SHELL: "extract-service",
    FEDERATION: "extract-service",
    LIBRARY: "extract-library",
    DECOMPOSE: "decompose",
    BACKEND: "extract-service",
}
_GOAL: Final = {
    IFRAME: "show it in a frame of the host, from its own address, and prove that every request is answered",
    SHELL: "put what it needs of the host behind an interface, then serve it on its own",
    FEDERATION: "serve it on its own and let the host hand it the state that both share",
    LIBRARY: "publish it as a package that modules install",
    DECOMPOSE: "cut what goes across its borders until it can leave on its own",
    BACKEND: "serve its routes from their own process behind the gateway",
}


def settings_of(table: Mapping[str, Any]) -> FrontendSettings:
    """Return the settings of a frontend from those of a run, as `settings.DEFAULTS` has them."""
    frontend, analysis, api = table["frontend"], table["analysis"], table["api"]
    rules = tuple((str(rule["prefix"]), int(rule["segments"])) for rule in frontend["module_prefix_rules"])
    return FrontendSettings(
        roots=tuple(frontend["roots"]),
        extensions=tuple(frontend["extensions"]),
        page_patterns=tuple(frontend["page_patterns"]),
        module_dir_names=tuple(frontend["module_dir_names"]),
        shared_dir_names=tuple(frontend["shared_dir_names"]),
        module_prefix_rules=rules,
        path_regex=api["path_regex"],
        group_depth=api["group_depth"],
        top_services=analysis["top_services"],
        shared_modules=tuple(analysis["shared_modules"]),
        migrated_modules=tuple(analysis["migrated_modules"]),
    )


def service_boundaries(
    inventory: Inventory,
    settings: FrontendSettings,
    clusters: Mapping[str, str],
    ranked: Sequence[Mapping[str, object]],
    facts: Mapping[str, FileFacts] | None = None,
) -> dict[str, object]:
    """Return `service-boundaries.json`: no clock in it, and the same for equal repositories.

    Args:
        inventory: the repository.
        settings: of the run.
        clusters: of modules the name of the boundary that they are proposed to be in.
        ranked: candidates, best first, with `module`, `modules`, `score` and `archetype`; those with `excluded` do not
            count.
        facts: see `frontend_modules`.
    """
    return _Document(inventory, settings, clusters, ranked, facts or {}).made()


class _Document:
    """Makes the document of one repository."""

    def __init__(
        self,
        inventory: Inventory,
        settings: FrontendSettings,
        clusters: Mapping[str, str],
        ranked: Sequence[Mapping[str, object]],
        facts: Mapping[str, FileFacts],
    ) -> None:
        self._inventory = inventory
        self._settings = settings
        self._clusters = clusters
        self._ranked = [row for row in ranked if not is_migrated(str(row["module"]), "", settings)]
        self._frontend = Frontend(inventory, settings, facts)
        self._modules = self._frontend.modules
        self._groups = {
            group.name: group for group in route_groups(inventory, settings.group_depth, settings.path_regex)
        }
        self._names = {one.name: one for one in inventory.modules}
        self._paths = {one.name: one.path for one in inventory.modules}
        self._targets: dict[str, set[str]] = defaultdict(set)
        for edge in inventory.edges if self._groups or self._modules else ():
            self._targets[edge.source].add(edge.target)
        self._slugs = slugs(one.name for one in self._modules)
        self._joiner = Joiner(self._frontend, self._groups, self._ranked, _reached(inventory))
        self._crossings = _crossings(self._modules)

    def made(self) -> dict[str, object]:
        hints = self._hints()
        components = self._joiner.components()
        rows = [self._component_row(one, components) for one in components]
        planned = sorted(
            zip(components, rows, strict=True),
            key=lambda pair: (_PHASE[pair[0].mode], -pair[0].priority, pair[0].slug),
        )[: self._settings.top_services]
        plan = [{**row, "phase": _PHASE[one.mode], "goal": _GOAL[one.mode]} for one, row in planned]
        return {
            "meta": {"tool": _TOOL, "config": _plain(self._settings._asdict()), "root": self._inventory.root},
            "summary": self._summary(components, hints, plan),
            "frontend_modules": [self._module_row(one) for one in self._modules],
            "recommended_service_candidates": [
                {
                    "service_slug": row["service_slug"],
                    "anchor_module": row["anchor_module"],
                    "kind": row["kind"],
                    "action": row["action"],
                    "delivery_mode": row["delivery_mode"],
                    "combined_priority": row["combined_priority"],
                    "reason": row["reason"],
                }
                for row in plan
            ],
            "merge_hints": hints[:_MOST_HINTS],
            "service_components": rows,
            "execution_plan": plan,
            "target_structure": [self._structure(row) for row in plan],
            "cleanup_checklist": [self._checklist(one, row) for (one, _), row in zip(planned, plan, strict=True)],
            "backend_route_groups": [
                {
                    "group": group.name,
                    "file_count": len(group.files),
                    "files": list(group.files),
                    "prefixes": list(group.prefixes),
                    "top_import_roots": list(group.import_roots),
                    "route_count": len(group.routes),
                    "frontend_modules": [one.name for one in self._modules if group.name in one.groups],
                    "routes": [f"{one.method} {one.path} {one.file}:{one.line}" for one in group.routes],
                }
                for group in self._groups.values()
            ],
            "shared_kernel": self._kernel(),
        }

    # What there is

    def _summary(
        self,
        components: Sequence[Component],
        hints: Sequence[Mapping[str, object]],
        plan: Sequence[Mapping[str, object]],
    ) -> dict[str, object]:
        files = frontend_files(self._inventory, self._settings)
        calls = [call for call in self._inventory.http_calls if call.module in files]
        top = sorted(self._groups.values(), key=lambda one: (-len(one.routes), one.name))[:_MOST_TOP]
        return {
            "frontend_file_count": len(files),
            "frontend_module_count": len(self._modules),
            "backend_route_file_count": len({file for group in self._groups.values() for file in group.files}),
            "backend_route_group_count": len(self._groups),
            "top_backend_groups": [
                {"group": one.name, "route_count": len(one.routes), "file_count": len(one.files)} for one in top
            ],
            "backend_route_count": sum(len(one.routes) for one in self._groups.values()),
            "frontend_request_count": len(calls),
            "answered_request_count": sum(bool(call.routes) for call in calls),
            "shell_backend_groups": sorted({name for one in self._modules for name in one.shell_groups}),
            "service_component_count": len(components),
            "backend_only_component_count": sum(one.whole is None for one in components),
            "planned_component_count": len(plan),
            "merge_hint_count": len(hints),
            "migrated_modules": list(self._frontend.migrated),
            "coupling": self._coupling(calls),
        }

    def _coupling(self, calls: Collection[object]) -> str:
        """Say what is known of the seam between both sides: nothing to cut is an answer, too."""
        if not self._modules:
            return "no feature modules of a frontend were found"
        if not calls:
            return "the frontend sends no request that can be seen: there is no seam with the backend to cut"
        if not any(one.groups or one.shell_groups for one in self._modules):
            return "no request of a module is answered by a route that is known"
        count = sum(bool(one.groups) for one in self._modules)
        return f"{count} of {len(self._modules)} modules ask for routes that are known"

    def _kernel(self) -> list[dict[str, object]]:
        """Return the shared files that several modules use themselves: what has to be a package before any leaves."""
        users: dict[str, dict[str, Edge]] = defaultdict(dict)
        for one in self._modules:
            for edge in one.direct_shared:
                users[edge.target].setdefault(one.name, edge)
        rows = sorted(users, key=lambda name: (-len(users[name]), name))
        return [
            {
                "file": self._paths[name],
                "module_count": len(users[name]),
                "modules": sorted(users[name]),
                "symbols": sorted({edge.symbol for edge in users[name].values() if edge.symbol}),
                "evidence": [f"{edge.path}:{edge.line}" for _, edge in sorted(users[name].items())][:_MOST_TOP],
            }
            for name in rows
            if len(users[name]) > 1
        ]

    def _module_row(self, one: FrontendModule) -> dict[str, object]:
        groups = [self._groups[name] for name in one.groups if name in self._groups]
        backend = sorted({name for group in groups for name in group.modules})
        return {
            "module": one.name,
            "service_slug": self._slugs[one.name],
            "owned_file_count": len(one.owned),
            "page_count": len(one.pages),
            "closure_file_count": len(one.closure),
            "direct_api_groups": list(one.direct_api_groups),
            "api_groups": list(one.api_groups),
            "backend_route_groups": list(one.groups),
            "backend_route_files": sorted({file for group in groups for file in group.files}),
            "backend_import_roots": list(import_roots(backend, self._names, self._targets)),
            "cross_module_targets": list(one.targets),
            "cross_module_outgoing_edges": len(one.crossings),
            "shared_shell_dependency_count": len({edge.target for edge in one.direct_shared}),
            "iframe_score": round(one.score.total, 3),
            "iframe_candidate": one.delivery_mode == IFRAME,
            "delivery_mode": one.delivery_mode,
            "extraction_priority": round(self._joiner.priority(one), 3),
            "owned_files": self._files(one.owned),
            "closure_files": self._files(one.closure),
            "shared_dependency_files": self._files(one.shared),
            "path": one.path,
            "frontend_root": one.root or ".",
            "why": one.why,
            "delivery_reason": one.delivery_reason,
            "parts": _parts(one.score),
            "pages": self._files(one.pages),
            "route_files": self._files(one.route_files),
            "features": dict(one.features),
            "code_lines": one.code_lines,
            "mounted_at": [_edge(edge) for edge in one.mounts],
            "cross_module_edges": [_edge(edge) for edge in one.crossings],
            "used_by_edges": [_edge(edge) for edge in one.used_by],
            "shell_backend_groups": list(one.shell_groups),
            "requests": [_request(claim) for claim in one.claims],
            "unattributed_clients": [_edge(edge) for edge in one.vague],
            "boundaries": self._boundaries(backend),
        }

    def _files(self, names: Iterable[str]) -> list[str]:
        return sorted(self._paths[name] for name in names)

    def _boundaries(self, names: Iterable[str]) -> list[dict[str, object]]:
        """Return the proposed boundaries that modules of the backend lie in, most of them first."""
        counts = Counter(self._clusters[name] for name in names if name in self._clusters)
        return [{"boundary": name, "modules": counts[name]} for name in sorted(counts, key=lambda x: (-counts[x], x))]

    def _hints(self) -> list[dict[str, object]]:
        rows = []
        for left, right in combinations(self._modules, 2):
            overlap = sorted(set(left.groups) & set(right.groups))
            edges = self._crossings.get((left.name, right.name), [])
            alike = jaccard(left, right)
            if alike >= _WORTH_A_HINT or len(edges) >= _CROSSINGS_WORTH_A_HINT:
                rows.append(
                    {
                        "left": left.name,
                        "right": right.name,
                        "backend_group_overlap": overlap,
                        "jaccard": round(alike, 3),
                        "cross_edges": len(edges),
                        "evidence": [f"{edge.path}:{edge.line} {edge.symbol}".rstrip() for edge in edges][:_MOST_TOP],
                    }
                )
        rows.sort(
            key=lambda row: (-float(str(row["jaccard"])), -int(str(row["cross_edges"])), row["left"], row["right"])
        )
        return rows

    # How it is written

    def _component_row(self, one: Component, components: Sequence[Component]) -> dict[str, object]:
        groups = [self._groups[name] for name in one.groups if name in self._groups]
        own = {name for row in one.rows for name in listed(row["modules"])}
        backend = sorted(own | {name for group in groups for name in group.modules})
        whole = one.whole
        companions = sorted(
            {
                *(whole.targets if whole else ()),
                *(self._owner_of(edge.source) for edge in (whole.used_by if whole else ())),
                *(
                    other.members[0].name
                    for other in components
                    if other is not one and other.members and set(other.groups) & set(one.groups)
                ),
            }
            - {member.name for member in one.members}
        )
        return {
            "service_slug": one.slug,
            "anchor_module": one.members[0].name if one.members else str(one.rows[0]["module"]),
            "members": [member.name for member in one.members],
            "companion_modules": companions,
            "member_count": len(one.members),
            "page_count": len(whole.pages) if whole else 0,
            "frontend_file_count": len(whole.owned) if whole else 0,
            "backend_route_groups": list(one.groups),
            "backend_route_file_count": len({file for group in groups for file in group.files}),
            "cross_module_targets": list(whole.targets) if whole else [],
            "avg_iframe_score": round(_mean(member.score.total for member in one.members), 3),
            "delivery_mode": one.mode,
            "action": _ACTION[one.mode],
            "combined_priority": round(one.priority, 3),
            "frontend_files": self._files(whole.owned) if whole else [],
            "frontend_guardrail_files": self._files({edge.target for edge in whole.direct_shared}) if whole else [],
            "backend_files": self._files(name for name in backend if name in self._paths),
            "backend_import_roots": list(import_roots(backend, self._names, self._targets)),
            "kind": "backend" if not whole else "full-stack" if backend else "frontend",
            "reason": one.reason,
            "joint_iframe_score": round(whole.score.total, 3) if whole else 0.0,
            "backend_candidates": [
                {"module": str(row["module"]), "score": row["score"], "archetype": row["archetype"]} for row in one.rows
            ],
            "boundaries": self._boundaries(backend),
        }

    def _owner_of(self, name: str) -> str:
        return next((one.name for one in self._modules if name in one.owned), "")

    def _structure(self, row: Mapping[str, object]) -> dict[str, object]:
        slug = str(row["service_slug"])
        name = slug.replace("-", "_")
        return {
            "service_slug": slug,
            "phase": row["phase"],
            "paths": [
                f"contracts/{name}/v1/",
                f"services/{slug}/module.yaml",
                f"services/{slug}/api/",
                f"services/{slug}/ui/",
                f"services/{slug}/db/",
                f"services/{slug}/tests/",
                f"services/{slug}/Dockerfile",
            ],
            "legacy_frontend_sources": row["frontend_files"],
            "legacy_backend_sources": row["backend_files"],
        }

    def _checklist(self, one: Component, row: Mapping[str, object]) -> dict[str, object]:
        """Return what can go once a component has left; a file that answers others stays."""
        needed = {
            file
            for name, group in self._groups.items()
            if name not in one.groups or self._others_ask(name, one)
            for file in group.files
        }
        files = [str(file) for file in listed(row["backend_files"])]
        return {
            "service_slug": one.slug,
            "phase": row["phase"],
            "frontend_files_to_archive": row["frontend_files"],
            "backend_files_to_archive": [file for file in files if file not in needed],
            "shared_guardrail_files": row["frontend_guardrail_files"],
            "companion_modules_to_review": row["companion_modules"],
            "backend_files_that_stay": [file for file in files if file in needed],
        }

    def _others_ask(self, group: str, one: Component) -> bool:
        names = {member.name for member in one.members}
        return any(group in other.groups for other in self._modules if other.name not in names)


def _reached(inventory: Inventory) -> set[str]:
    """Return the modules that answer requests, declare tables or begin programs, without tests."""
    found = {one.module for one in inventory.routes} | {one.module for one in inventory.tables}
    found |= {one.module for one in inventory.entry_points if one.kind in _PROGRAMS}
    return found - {one.name for one in inventory.modules if one.is_test}


def _crossings(modules: Iterable[FrontendModule]) -> dict[tuple[str, str], list[Edge]]:
    """Return the uses between each two modules, in both directions."""
    found: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    owners = {name: one.name for one in modules for name in one.owned}
    for source, one in ((owners[edge.source], edge) for module in modules for edge in module.crossings):
        left, right = sorted((source, owners[one.target]))
        found[left, right].append(one)
    return found


def _parts(score: Score) -> list[dict[str, object]]:
    return [
        {
            "name": part.name,
            "value": part.value,
            "points": round(part.points, 3),
            "most": part.most,
            "evidence": list(part.evidence),
        }
        for part in score.parts
    ]


def _edge(edge: Edge) -> dict[str, object]:
    return {"file": edge.path, "line": edge.line, "target": edge.target, "symbol": edge.symbol, "kind": edge.kind}


def _request(claim: Claim) -> dict[str, object]:
    call, via = claim.call, claim.via
    return {
        "method": call.method,
        "path": call.path,
        "file": call.file,
        "line": call.line,
        "group": claim.group,
        "routes": [f"{one.method} {one.path} {one.file}:{one.line}" for one in call.routes],
        "via": f"{via.path}:{via.line} {via.symbol}".rstrip() if via else "",
        "by_shared_component": claim.is_shown,
    }


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _plain(value: object) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value

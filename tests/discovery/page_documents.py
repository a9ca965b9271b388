"""Documents for the page: those of a real small repository, the same with hostile names, and a very large one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogate.discovery.analysis import analysed
from protogate.discovery.reports import report
from protogate.discovery.settings import settings_from
from tests.support.repositories import SHOP, read, write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HOSTILE", "circle", "handmade", "hostile", "huge", "of_shop"]

HOSTILE = (
    """<img src=x onerror="hacked=1">&amp;"'</script><script>hacked=2</script><!--]]>\u2028\\n{{script}}${hacked=3}"""
)
"""A text that is a danger to whoever takes it for markup, a template or a program."""


def of_shop(root: Path) -> dict[str, Any]:
    """What the discovery says of the shop, its three domains planned."""
    found = read(write(root / "shop", SHOP))
    settings = settings_from({})
    domains = ["shop.orders", "shop.catalog", "shop.billing"]
    return report(analysed(found.inventory, settings, domains), found.facts, settings)


def handmade() -> dict[str, Any]:
    """Documents of three boundaries and two slices, with something of everything that the page can show."""
    score = {"parts": [_part("inbound seam", 22.5, 30, "1 module outside uses 1 module of it")], "total": 71.5}
    return {
        "repository-profile": {
            "repo_root": "shop",
            "languages": [
                {"name": "python", "files": 5, "lines": 900},
                {"name": "typescript", "files": 1, "lines": 100},
            ],
            "frameworks": ["fastapi"],
            "detected_architecture_hints": ["modular-monolith"],
            "counts": {"lines": 1000, "routes": 1, "tables": 2, "tests": 1, "commits": 12, "problems": 1},
            "problems": [{"path": "shop/old.py", "line": 7, "message": "line 7 cannot be read"}],
        },
        "module-candidates": [
            _candidate(1, "shop.orders", 71.5, score),
            _candidate(2, "shop.catalog", 60.25, score, archetype="shared-library", phase="phase-2"),
            _candidate(3, "shop.tiny", 40, score, excluded="too little code"),
        ],
        "delegation-decisions": {"rows": [{"module": "shop.orders", "reason": "service-slice, 71.5 of 100"}]},
        "module-boundaries": {
            "boundaries": [
                {"name": "shop.billing", "modules": ["shop.billing"], "internal_references": 0},
                {"name": "shop.catalog", "modules": ["shop.catalog", "shop.catalog.models"], "internal_references": 1},
                {"name": "shop.orders", "modules": ["shop.orders", "shop.orders.models"], "internal_references": 2},
            ],
            "references": [
                {
                    "source": "shop.billing",
                    "target": "shop.catalog",
                    "references": 1,
                    "evidence": ["shop/billing.py:9 Product"],
                },
                {"source": "shop.billing", "target": "shop.orders", "references": 5},
                {"source": "shop.orders", "target": "shop.catalog", "references": 2},
                {"source": "shop.catalog", "target": "shop.orders", "references": 1},
            ],
            "hubs": ["shop.db"],
        },
        "delegation-plan.generated": [
            _slice("orders", "shop.orders", 1, _ORDER_CUTS),
            _slice("catalog", "shop.catalog", 2, []),
        ],
        "migration-wave-plan": {
            "waves": [
                {
                    "wave_number": 0,
                    "wave_name": "Shared packages",
                    "priority_reason": "the slices install them",
                    "modules": [{"module": "shop.money", "needed_by": ["orders"], "cluster_members": ["shop.money"]}],
                    "estimated_effort": {"unit": "lines", "code_lines": 12},
                    "entry": ["the packages have an owner"],
                    "exit": ["the monolith installs them"],
                },
                _wave(1, "orders", []),
                _wave(2, "catalog", ["orders"]),
            ],
            "beyond": [],
            "circles": [circle()],
        },
        "service-boundaries": {
            "summary": {"coupling": "2 of 3 requests are answered"},
            "service_components": [
                {
                    "service_slug": "orders",
                    "kind": "full-stack",
                    "members": ["orders"],
                    "backend_route_groups": ["orders"],
                    "delivery_mode": "iframe",
                    "action": "extract-service",
                    "combined_priority": 70.5,
                    "reason": "its pages ask nobody else",
                }
            ],
            "frontend_modules": [
                {
                    "module": "orders",
                    "delivery_mode": "iframe",
                    "delivery_reason": "stands alone",
                    "iframe_score": 80,
                    "backend_route_groups": ["orders"],
                    "requests": [
                        {
                            "method": "POST",
                            "path": "/api/orders",
                            "file": "ui/orders.ts",
                            "line": 3,
                            "routes": ["POST /api/orders shop/orders/api.py:8"],
                        }
                    ],
                }
            ],
            "backend_route_groups": [
                {"group": "orders", "routes": ["POST /api/orders shop/orders/api.py:8"], "frontend_modules": ["orders"]}
            ],
        },
        "cqrs-pattern-clusters": {
            "rows": [
                {
                    "module": "shop.orders",
                    "pattern": "manager",
                    "confidence": 0.75,
                    "command_count": 2,
                    "query_count": 1,
                    "event_count": 1,
                    "priority_hint": "now",
                    "evidence": [{"place": "shop/orders/api.py:8", "why": "answers POST"}],
                },
                {"module": "shop.billing", "pattern": "none"},
            ],
            "clusters": [],
        },
        "excluded-candidates": {
            "count": 1,
            "reason_counts": [{"reason": "too little code", "count": 1}],
            "rows": [{"module": "shop.tiny", "reason": "too little code", "score": 40.0, "rank": 3, "code_lines": 9}],
        },
        "migration-discovery.summary": {
            "repo_root": "shop",
            "counts": {"modules": 6, "edges": 9, "module_boundaries": 3, "candidate_modules": 3, "cut_edges": 3},
        },
    }


def circle() -> dict[str, Any]:
    """Two slices that need each other."""
    return {"members": ["catalog", "orders"], "cut": [{"slice": "orders", "needs": "catalog"}], "points": 3.0}


def _part(name: str, points: float, most: float, evidence: str) -> dict[str, Any]:
    return {"name": name, "points": points, "most": most, "evidence": evidence}


def _candidate(  # noqa: PLR0913 - what a row of a table has
    rank: int,
    module: str,
    score: float,
    parts: dict[str, Any],
    *,
    archetype: str = "service-slice",
    phase: str = "phase-1",
    excluded: str = "",
) -> dict[str, Any]:
    names = ("service-slice", "shared-library", "plugin-family")
    return {
        "rank": rank,
        "module": module,
        "path": module.replace(".", "/"),
        "archetype": archetype,
        "phase": phase,
        "effort": "low",
        "score": score,
        "fit": score,
        "scores": dict.fromkeys(names, parts),
        "excluded": excluded,
        "extraction_target": "delegated-slice",
        "files": 2,
        "code_lines": 100 * rank,
        "inbound_modules": rank,
        "outward_modules": 1,
        "own_api_routes": 1,
        "tables": ["orders"],
        "owners": ["Ann"],
    }


def _cut(*row: Any) -> dict[str, Any]:  # noqa: ANN401 - texts and a number
    direction, file, line, source, target, remedy, symbol = row
    return {
        "direction": direction,
        "file": file,
        "line": line,
        "symbol": symbol,
        "source": source,
        "target": target,
        "kind": "call",
        "references": 1,
        "is_lazy": False,
        "remedy": remedy,
        "points": 3,
        "why": f"{symbol} is called",
    }


_ORDER_CUTS = [
    _cut("inbound", "ui/orders.ts", 3, "ui/orders", "shop.orders", "gateway-route", "POST /api/orders"),
    _cut("inbound", "shop/billing.py", 5, "shop.billing", "shop.orders", "api", "place"),
    _cut("outbound", "shop/orders/models.py", 4, "shop.orders.models", "shop.catalog.models", "copy", "Product"),
]


def _slice(name: str, module: str, wave: int, cuts: list[dict[str, Any]]) -> dict[str, Any]:
    path = module.replace(".", "/")
    return {
        "module": module,
        "archetype": "service-slice",
        "score": 71.5,
        "phase": "phase-1",
        "wave": wave,
        "reasons": ["inbound seam 22.5 of 30: 1 module outside uses 1 module of it"],
        "slice": {
            "slice_name": name,
            "contract_dir": f"contracts/{name}/v1",
            "gateway": {
                "commands": [
                    {
                        "name": "PlaceOrder",
                        "gateway": f"POST /commands/{name}/place-order",
                        "method": "POST",
                        "path": "/api/orders",
                        "handler": "place",
                        "file": f"{path}/api.py",
                        "line": 8,
                    }
                ],
                "queries": [],
            },
            "frontend": {"strategy": "keep"},
            "migration": {"checklist": [f"Write 1 command in contracts/{name}/v1."]},
        },
        "cqrs": {"pattern": "manager"},
        "contents": {
            "modules": [{"module": module, "path": f"{path}/api.py", "code_lines": 80, "why": "seed"}],
            "tests": ["tests/test_orders.py"],
            "code_lines": 80,
        },
        "cuts": cuts,
        "data": [
            {
                "table": "orders",
                "owner": "slice",
                "verdict": "share-read",
                "points": 5,
                "file": f"{path}/api.py",
                "line": 2,
                "columns": ["id"],
                "readers": ["shop/billing.py:5"],
                "writers": [],
                "referenced_by": [],
                "sync": "bootstrap and dual write",
            }
        ],
        "shared_code": [
            {"module": "shop.money", "path": "shop/money.py", "remedy": "copy", "code_lines": 3, "symbols": ["rounded"]}
        ],
        "order": {
            "needs": [{"slice": "orders", "points": 3.0}] if wave > 1 else [],
            "needed_by": ["catalog"] if wave == 1 else [],
            "together": [{"with": "orders", "apart": 9, "together": 3}] if wave > 1 else [],
        },
        "effort_basis": {
            "p50": 10.0,
            "p90": 15.5,
            "is_calibrated": False,
            "terms": [{"term": "seams", "points": 9.0, "basis": "3 seams of 3 lines"}],
        },
        "risks": [{"risk": "no-tests", "evidence": "no module of tests uses it"}],
        "confidence": {"level": "medium", "why": "12 commits of history"},
        "parity": [{"check": "rows", "subject": "orders", "file": f"{path}/api.py", "line": 2, "how": "count rows"}],
        "rollback": {"switch": f"protogate slice phase {name} planned", "point_of_no_return": "none"},
    }


def _wave(number: int, name: str, needs: list[str]) -> dict[str, Any]:
    effort = {"p50": 10.0, "p90": 15.5}
    return {
        "wave_number": number,
        "wave_name": f"Service slices: {name}",
        "priority_reason": "needs no other slice",
        "modules": [
            {
                "module": f"shop.{name}",
                "slice": name,
                "needs": needs,
                "effort": effort,
                "cluster_members": [f"shop.{name}"],
            }
        ],
        "estimated_effort": effort,
        "entry": [f"wave {number - 1} is done"],
        "exit": ["each slice is live"],
    }


_KEPT = frozenset({"direction", "remedy", "owner", "slice_name", "pattern"})
"""Of these the page asks whether they are a certain word; what a repository says is none of them."""


def hostile(documents: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same documents with a hostile end at every text."""
    if isinstance(documents, dict):
        return {key: value if key in _KEPT else hostile(value) for key, value in documents.items()}
    if isinstance(documents, list):
        return [hostile(one) for one in documents]
    return f"{documents}{HOSTILE}" if isinstance(documents, str) else documents


def huge(modules: int = 8000, slices: int = 8) -> dict[str, Any]:
    """Documents of as many modules as Home Assistant has, with names as long, and slices of 1,500 lines to cut."""
    documents = handmade()
    names = [f"homeassistant.components.integration_{number:04}.sensor_entity" for number in range(modules)]
    groups = [names[index : index + 8] for index in range(0, modules, 8)]
    boundaries = [group[0].rpartition(".")[0] for group in groups]
    references = [
        {"source": one, "target": boundaries[(index * step) % len(boundaries)], "references": step}
        for index, one in enumerate(boundaries)
        for step in (2, 3, 5, 7, 11, 13, 17)
        if (index * step) % len(boundaries) != index
    ]
    score = documents["module-candidates"][0]["scores"]["service-slice"]
    parts = [_part(f"part {number}", number, 30, f"{number} modules of it use {number}") for number in range(8)]
    documents["module-candidates"] = [
        _candidate(rank, name, 100 - rank / 100, {**score, "parts": parts}) for rank, name in enumerate(names[:3000], 1)
    ]
    documents["module-boundaries"] = {
        "boundaries": [
            {"name": name, "modules": group, "internal_references": 9}
            for name, group in zip(boundaries, groups, strict=True)
        ],
        "references": references,
        "hubs": [],
    }
    documents["delegation-plan.generated"] = [
        {
            **_slice(
                f"slice_{number}",
                boundaries[number],
                1 + number // 3,
                [
                    _cut(
                        "inbound",
                        f"{name.replace('.', '/')}.py",
                        line,
                        name,
                        groups[number][0],
                        "api",
                        f"symbol_{line}",
                    )
                    for line, name in enumerate(names[number * 1500 % 6000 :][:1500])
                ],
            ),
            "contents": {"modules": [{"module": name, "path": name} for name in groups[number]], "code_lines": 1},
        }
        for number in range(slices)
    ]
    return documents

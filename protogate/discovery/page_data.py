"""What the page shows, as one value of JSON that stays small: rows are cut, and every text is in it once.

A text of a row is its place in the list `words`, as paths and names of modules come again in thousands of rows. Beside
the rows that are shown, `total` says how many there are.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from protogate.discovery.drawing import HEIGHT, WIDTH, drawn, grouped, ordered
from protogate.discovery.loose import count, figure, items, rows, table, text, texts
from protogate.discovery.rows import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.discovery.drawing import Groups, Node

__all__ = ["page_data"]

_MOST_SLICES: Final = 60
_MOST_CUTS: Final = 400
"""Of a slice; fewer where there are many slices."""
_MOST_CUTS_IN_ALL: Final = 12_000
_FEWEST_CUTS: Final = 40
_MOST_MATRIX: Final = 60
_MOST_MODULES: Final = 120
"""Of a boundary or a slice."""
_MOST_EXCLUDED: Final = 300
_MOST_ROWS: Final = 150
"""Of what is rarely long: routes, tables, tests, components, problems."""
_MOST_PLACES: Final = 20
_MOST_SYMBOLS: Final = 12
_MOST_EVIDENCE: Final = 5
"""Of the references from one boundary to another."""
_MOST_ANSWERS: Final = 3
"""Routes that may answer a request."""
_EVIDENCE: Final = re.compile(r"(.*?):(\d{1,9})(?: (.*))?", re.DOTALL)
"""`shop/billing.py:9 Product`"""
_BEYOND: Final = 10**6
"""The wave of what is in none."""


class _Words:
    """Texts, each once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, value: object) -> int:
        """Return the place of a text."""
        return self._places.setdefault(text(value), len(self._places))

    def listed(self) -> list[str]:
        """Return all texts in their places."""
        return list(self._places)


def page_data(documents: Mapping[str, object]) -> dict[str, object]:
    """Return everything that the page shows.

    Args:
        documents: by their names; one that is missing is shown as empty.
    """
    words = _Words()
    plan = rows(documents.get("delegation-plan.generated"))
    groups = grouped(documents, _MOST_MATRIX)
    summary = table(documents.get("migration-discovery.summary"))
    profile = table(documents.get("repository-profile"))
    found = {
        "name": text(summary.get("repo_root") or profile.get("repo_root")),
        "counts": dict(table(summary.get("counts"))),
        "profile": _profile(profile),
        "candidates": _candidates(documents, words),
        "slices": _slices(plan, groups, _requests(table(documents.get("service-boundaries"))), words),
        "waves": _waves(table(documents.get("migration-wave-plan"))),
        "graph": _graph(documents),
        "matrix": _matrix(documents, groups, words),
        "pages": _pages(table(documents.get("service-boundaries"))),
        "patterns": _patterns(table(documents.get("cqrs-pattern-clusters"))),
        "excluded": _excluded(table(documents.get("excluded-candidates")), words),
    }
    return {"words": words.listed(), **found}


def _cut(found: Sequence[object], most: int) -> dict[str, object]:
    """Return the first rows, and how many there are."""
    return {"rows": list(found[:most]), "total": len(found)}


def _profile(profile: Mapping[str, object]) -> dict[str, object]:
    counts = table(profile.get("counts"))
    problems = [
        [text(one.get("path")), count(one.get("line")), text(one.get("message"))]
        for one in rows(profile.get("problems"))
    ]
    return {
        "languages": [
            [text(one.get("name")), count(one.get("files")), count(one.get("lines"))]
            for one in rows(profile.get("languages"))
        ],
        "frameworks": texts(profile.get("frameworks")),
        "hints": texts(profile.get("detected_architecture_hints")),
        "counts": {key: count(value) for key, value in counts.items()},
        "problems": {**_cut(problems, _MOST_ROWS), "total": max(len(problems), count(counts.get("problems")))},
    }


# Candidates.


def _candidates(documents: Mapping[str, object], words: _Words) -> dict[str, object]:
    listed = rows(documents.get("module-candidates"))
    counts = table(table(documents.get("migration-discovery.summary")).get("counts"))
    decided = {
        text(row.get("module")): text(row.get("reason"))
        for row in rows(table(documents.get("delegation-decisions")).get("rows"))
    }
    planned = {text(row.get("module")): _name(row) for row in rows(documents.get("delegation-plan.generated"))}
    # What is planned may rank anywhere; it is shown in any case.
    first = [row for index, row in enumerate(listed) if index < SHOWN or text(row.get("module")) in planned]
    return {
        "rows": [_candidate(row, planned, decided, words) for row in first],
        "total": max(len(listed), count(counts.get("candidate_modules"))),
        "archetypes": sorted({text(row.get("archetype")) for row in first}),
        "phases": sorted({text(row.get("phase")) for row in first}),
    }


def _candidate(
    row: Mapping[str, object], planned: Mapping[str, str], decided: Mapping[str, str], words: _Words
) -> dict[str, object]:
    module = text(row.get("module"))
    return {
        "rank": count(row.get("rank")),
        "module": module,
        "path": text(row.get("path")),
        "archetype": text(row.get("archetype")),
        "phase": text(row.get("phase")),
        "effort": text(row.get("effort")),
        "score": figure(row.get("score")),
        "fit": figure(row.get("fit")),
        "lines": count(row.get("code_lines")),
        "files": count(row.get("files")),
        "in": count(row.get("inbound_modules")),
        "out": count(row.get("outward_modules")),
        "routes": count(row.get("own_api_routes")),
        "tables": len(items(row.get("tables"))),
        "slice": planned.get(module, ""),
        "excluded": words(row.get("excluded")),
        "decision": words(decided.get(module)),
        "target": words(row.get("extraction_target")),
        "owners": texts(row.get("owners")),
        "scores": [_score(name, table(score), words) for name, score in table(row.get("scores")).items()],
    }


def _score(name: str, score: Mapping[str, object], words: _Words) -> list[object]:
    """Return the name and total of a score, then its parts: name, points, most, evidence."""
    parts = [
        [words(one.get("name")), figure(one.get("points")), figure(one.get("most")), words(one.get("evidence"))]
        for one in rows(score.get("parts"))
    ]
    return [words(name), figure(score.get("total")), parts]


# Slices.


def _slices(
    plan: Sequence[Mapping[str, object]], groups: Groups, requests: Mapping[str, Sequence[str]], words: _Words
) -> dict[str, object]:
    shown = plan[:_MOST_SLICES]
    most = max(_FEWEST_CUTS, min(_MOST_CUTS, _MOST_CUTS_IN_ALL // max(1, len(shown))))
    return {"rows": [_slice(row, groups, most, requests, words) for row in shown], "total": len(plan)}


def _name(row: Mapping[str, object]) -> str:
    return text(table(row.get("slice")).get("slice_name")) or text(row.get("module"))


def _slice(
    row: Mapping[str, object],
    groups: Groups,
    most_cuts: int,
    requests: Mapping[str, Sequence[str]],
    words: _Words,
) -> dict[str, object]:
    own = table(row.get("slice"))
    contents = table(row.get("contents"))
    effort = table(row.get("effort_basis"))
    gateway = table(own.get("gateway"))
    cuts = rows(row.get("cuts"))
    order = table(row.get("order"))
    confidence = table(row.get("confidence"))
    return {
        "name": _name(row),
        "module": text(row.get("module")),
        "archetype": text(row.get("archetype")),
        "score": figure(row.get("score")),
        "phase": text(row.get("phase")),
        "wave": count(row.get("wave")),
        "contract": text(own.get("contract_dir")),
        "lines": count(contents.get("code_lines")),
        "pattern": text(table(row.get("cqrs")).get("pattern")),
        "frontend": text(table(own.get("frontend")).get("strategy")),
        "p50": figure(effort.get("p50")),
        "p90": figure(effort.get("p90")),
        "calibrated": bool(effort.get("is_calibrated")),
        "terms": [
            [text(one.get("term")), figure(one.get("points")), text(one.get("basis"))]
            for one in rows(effort.get("terms"))
        ],
        "confidence": [text(confidence.get("level")), text(confidence.get("why"))],
        "risks": [[text(one.get("risk")), text(one.get("evidence"))] for one in rows(row.get("risks"))],
        "reasons": texts(row.get("reasons")),
        "modules": _cut([_module(one, words) for one in rows(contents.get("modules"))], _MOST_MODULES),
        "tests": _cut(texts(contents.get("tests")), _MOST_ROWS),
        "commands": _cut([_call(one) for one in rows(gateway.get("commands"))], _MOST_ROWS),
        "queries": _cut([_call(one) for one in rows(gateway.get("queries"))], _MOST_ROWS),
        "cuts": {"rows": [_cut_row(one, words) for one in cuts[:most_cuts]], "total": len(cuts)},
        "counts": _counts(cuts),
        "tables": _cut([_table_row(one) for one in rows(row.get("data"))], _MOST_ROWS),
        "shared": _cut([_shared(one, words) for one in rows(row.get("shared_code"))], _MOST_ROWS),
        "routes": _cut(_routes(gateway, cuts, rows(row.get("data")), requests), _MOST_ROWS),
        "needs": [[text(one.get("slice")), figure(one.get("points"))] for one in rows(order.get("needs"))],
        "users": texts(order.get("needed_by")),
        "together": [
            [text(one.get("with")), figure(one.get("apart")), figure(one.get("together"))]
            for one in rows(order.get("together"))
        ],
        "parity": _cut([_check(one) for one in rows(row.get("parity"))], _MOST_ROWS),
        "rollback": {key: text(value) for key, value in table(row.get("rollback")).items()},
        "checklist": texts(table(own.get("migration")).get("checklist")),
        "home": _home(row, groups),
    }


def _module(one: Mapping[str, object], words: _Words) -> list[object]:
    return [words(one.get("module")), words(one.get("path")), count(one.get("code_lines")), words(one.get("why"))]


def _call(one: Mapping[str, object]) -> list[object]:
    """Return a command or query: name, gateway, what answers now, file, line, callers."""
    now = f"{text(one.get('method'))} {text(one.get('path'))}".strip() or text(one.get("handler"))
    return [
        text(one.get("name")),
        text(one.get("gateway")),
        now,
        text(one.get("file")),
        count(one.get("line")),
        count(one.get("callers")),
    ]


def _cut_row(one: Mapping[str, object], words: _Words) -> list[object]:
    """Return a line to cut: direction, file, line, symbol, source, target, kind, references, remedy, points, why."""
    return [
        int(one.get("direction") == "inbound"),
        words(one.get("file")),
        count(one.get("line")),
        words(one.get("symbol")),
        words(one.get("source")),
        words(one.get("target")),
        words(f"{text(one.get('kind'))}{', lazy' if one.get('is_lazy') else ''}"),
        count(one.get("references")),
        words(one.get("remedy")),
        figure(one.get("points")),
        words(one.get("why")),
    ]


def _counts(cuts: Iterable[Mapping[str, object]]) -> list[list[object]]:
    """Return direction, remedy and number of lines, of all lines."""
    found = Counter((text(one.get("direction")), text(one.get("remedy"))) for one in cuts)
    return [[direction, remedy, found[direction, remedy]] for direction, remedy in sorted(found)]


def _table_row(one: Mapping[str, object]) -> dict[str, object]:
    return {
        "table": text(one.get("table")),
        "owner": text(one.get("owner")),
        "verdict": text(one.get("verdict")),
        "points": figure(one.get("points")),
        "file": text(one.get("file")),
        "line": count(one.get("line")),
        "columns": texts(one.get("columns"))[:_MOST_ROWS],
        "readers": _cut(texts(one.get("readers")), _MOST_PLACES),
        "writers": _cut(texts(one.get("writers")), _MOST_PLACES),
        "keys": _cut(texts(one.get("referenced_by")), _MOST_PLACES),
        "sync": text(one.get("sync")),
    }


def _shared(one: Mapping[str, object], words: _Words) -> list[object]:
    symbols = texts(one.get("symbols"))
    return [
        text(one.get("module")),
        text(one.get("path")),
        words(one.get("remedy")),
        count(one.get("code_lines")),
        symbols[:_MOST_SYMBOLS],
        len(symbols),
    ]


def _check(one: Mapping[str, object]) -> list[object]:
    return [
        text(one.get("check")),
        text(one.get("subject")),
        text(one.get("file")),
        count(one.get("line")),
        text(one.get("how")),
    ]


def _routes(
    gateway: Mapping[str, object],
    cuts: Sequence[Mapping[str, object]],
    data: Sequence[Mapping[str, object]],
    requests: Mapping[str, Sequence[str]],
) -> list[list[object]]:
    """Return each route with the lines that ask it, and the tables that its file is seen to use or declare."""
    asked = {route: set(places) for route, places in requests.items()}
    for cut in cuts:
        if cut.get("direction") == "inbound" and cut.get("remedy") == "gateway-route":
            asked.setdefault(text(cut.get("symbol")), set()).add(f"{text(cut.get('file'))}:{count(cut.get('line'))}")
    used: dict[str, set[str]] = {}
    for one in data:
        places = [place.rpartition(":")[0] for place in [*texts(one.get("readers")), *texts(one.get("writers"))]]
        for file in [*places, text(one.get("file"))]:
            used.setdefault(file, set()).add(text(one.get("table")))
    found: list[list[object]] = []
    for one in [*rows(gateway.get("commands")), *rows(gateway.get("queries"))]:
        if one.get("path"):
            route, file = f"{text(one.get('method'))} {text(one.get('path'))}", text(one.get("file"))
            askers, tables = sorted(asked.get(route, ())), sorted(used.get(file, ()))
            row: list[object] = [route, file, count(one.get("line")), askers[:_MOST_PLACES], tables]
            found.append(row)
    return found


def _requests(document: Mapping[str, object]) -> dict[str, list[str]]:
    """Return of each route the lines of pages that ask it, also of pages that move along."""
    found: dict[str, list[str]] = {}
    for module in rows(document.get("frontend_modules")):
        for row in rows(module.get("requests")):
            for answer in texts(row.get("routes"))[:1]:
                route = answer.rpartition(" ")[0]
                found.setdefault(route, []).append(f"{text(row.get('file'))}:{count(row.get('line'))}")
    return found


def _home(row: Mapping[str, object], groups: Groups) -> int:
    """Return the place in the matrix of the boundary that has most of a slice; -1 where none has."""
    name = _name(row)
    return next((index for index, node in enumerate(groups.nodes) if name in node.slices), -1)


# Waves.


def _waves(document: Mapping[str, object]) -> dict[str, object]:
    return {
        "rows": [_wave(one) for one in rows(document.get("waves"))],
        "beyond": texts(document.get("beyond")),
        "circles": [
            {
                "members": texts(one.get("members")),
                "cut": [[text(pair.get("slice")), text(pair.get("needs"))] for pair in rows(one.get("cut"))],
                "points": figure(one.get("points")),
            }
            for one in rows(document.get("circles"))
        ],
    }


def _wave(one: Mapping[str, object]) -> dict[str, object]:
    effort = table(one.get("estimated_effort"))
    return {
        "number": count(one.get("wave_number")),
        "name": text(one.get("wave_name")),
        "reason": text(one.get("priority_reason")),
        "entry": texts(one.get("entry")),
        "exit": texts(one.get("exit")),
        "lines": count(effort.get("code_lines")),
        "p50": figure(effort.get("p50")),
        "p90": figure(effort.get("p90")),
        "modules": _cut([_wave_module(row) for row in rows(one.get("modules"))], _MOST_ROWS),
    }


def _wave_module(row: Mapping[str, object]) -> dict[str, object]:
    effort = table(row.get("effort"))
    return {
        "module": text(row.get("module")),
        "slice": text(row.get("slice")),
        "p50": figure(effort.get("p50")),
        "p90": figure(effort.get("p90")),
        "needs": texts(row.get("needs")),
        "users": texts(row.get("needed_by")),
        "members": len(items(row.get("cluster_members"))),
    }


# Boundaries.


def _graph(documents: Mapping[str, object]) -> dict[str, object]:
    """Return the picture of the boundaries: nodes, all ties between them, and the lines that are drawn."""
    groups = grouped(documents)
    picture = drawn(groups)
    members = _members(documents)
    return {
        "width": picture.width,
        "height": picture.height,
        "box": [WIDTH, HEIGHT],
        "nodes": [
            {**_node(one, members), "at": list(place)} for one, place in zip(groups.nodes, picture.places, strict=True)
        ],
        "ties": [list(tie) for tie in groups.ties],
        "lines": [[*line.tie[:2], int(line.is_back), [list(point) for point in line.points]] for line in picture.lines],
    }


def _members(documents: Mapping[str, object]) -> dict[str, list[str]]:
    document = table(documents.get("module-boundaries"))
    return {text(row.get("name")): texts(row.get("modules")) for row in rows(document.get("boundaries"))}


def _node(node: Node, members: Mapping[str, Sequence[str]]) -> dict[str, object]:
    listed = members.get(node.name, ()) if node.stands_for == 1 else ()
    return {
        "name": node.name,
        "modules": node.modules,
        "internal": node.internal,
        "slices": list(node.slices),
        "many": node.stands_for,
        "members": list(listed[:_MOST_MODULES]),
    }


def _matrix(documents: Mapping[str, object], groups: Groups, words: _Words) -> dict[str, object]:
    """Return the dependency matrix: rows in the order of the waves, then who uses first."""
    waves = {_name(row): count(row.get("wave")) for row in rows(documents.get("delegation-plan.generated"))}
    order = ordered(len(groups.nodes), groups.ties)
    wave = [min((waves.get(name, _BEYOND) for name in node.slices), default=_BEYOND) for node in groups.nodes]
    places = sorted(
        range(len(groups.nodes)), key=lambda one: (groups.nodes[one].stands_for > 1, wave[one], order.index(one))
    )
    at = {one: index for index, one in enumerate(places)}
    boundary = {module: name for name, modules in _members(documents).items() for module in modules}
    document = table(documents.get("module-boundaries"))
    return {
        "nodes": [
            {
                "name": node.name,
                "modules": node.modules,
                "internal": node.internal,
                "slices": list(node.slices),
                "many": node.stands_for,
                "wave": 0 if wave[one] == _BEYOND else wave[one],
            }
            for one in places
            for node in [groups.nodes[one]]
        ],
        "cells": sorted([at[tie.source], at[tie.target], tie.references] for tie in groups.ties),
        "of": _owners(documents, boundary, groups, at, words),
        "evidence": _evidence(document, groups, at, words),
        "boundaries": len(rows(document.get("boundaries"))),
        "hubs": texts(document.get("hubs"))[:_MOST_ROWS],
    }


def _owners(
    documents: Mapping[str, object],
    boundary: Mapping[str, str],
    groups: Groups,
    at: Mapping[int, int],
    words: _Words,
) -> list[list[int]]:
    """Return of each module that is in a line to cut its word and its row of the matrix."""
    named: set[str] = set()
    for row in rows(documents.get("delegation-plan.generated")):
        for cut in rows(row.get("cuts")):
            named |= {text(cut.get("source")), text(cut.get("target"))}
    found = ((words(name), at[groups.of[boundary[name]]]) for name in sorted(named) if name in boundary)
    return [[word, place] for word, place in found]


def _evidence(
    document: Mapping[str, object], groups: Groups, at: Mapping[int, int], words: _Words
) -> list[list[object]]:
    """Return lines that stand for the references between two boundaries: both rows, file, line, symbol."""
    found: list[list[object]] = []
    for row in rows(document.get("references")):
        source, target = groups.of.get(text(row.get("source"))), groups.of.get(text(row.get("target")))
        # What stands for many would have thousands.
        if source is None or target is None or max(groups.nodes[one].stands_for for one in (source, target)) > 1:
            continue
        lines = map(_EVIDENCE.fullmatch, texts(row.get("evidence"))[:_MOST_EVIDENCE])
        found.extend([at[source], at[target], words(one[1]), int(one[2]), words(one[3])] for one in lines if one)
    return found


# Pages, patterns, what is left out.


def _pages(document: Mapping[str, object]) -> dict[str, object]:
    """Return components and, of each module of pages, the requests that it sends."""
    return {
        "coupling": text(table(document.get("summary")).get("coupling")),
        "components": _cut([_component(one) for one in rows(document.get("service_components"))], _MOST_ROWS),
        "modules": _cut([_frontend(one) for one in rows(document.get("frontend_modules"))], _MOST_ROWS),
        "groups": _cut([_route_group(one) for one in rows(document.get("backend_route_groups"))], _MOST_ROWS),
    }


def _component(one: Mapping[str, object]) -> dict[str, object]:
    return {
        "slug": text(one.get("service_slug")),
        "kind": text(one.get("kind")),
        "members": texts(one.get("members"))[:_MOST_PLACES],
        "groups": texts(one.get("backend_route_groups"))[:_MOST_PLACES],
        "mode": text(one.get("delivery_mode")),
        "action": text(one.get("action")),
        "priority": figure(one.get("combined_priority")),
        "reason": text(one.get("reason")),
    }


def _frontend(one: Mapping[str, object]) -> dict[str, object]:
    return {
        "module": text(one.get("module")),
        "mode": text(one.get("delivery_mode")),
        "reason": text(one.get("delivery_reason")),
        "score": figure(one.get("iframe_score")),
        "groups": texts(one.get("backend_route_groups"))[:_MOST_PLACES],
        "requests": _cut([_request(row) for row in rows(one.get("requests"))], _MOST_PLACES),
    }


def _request(row: Mapping[str, object]) -> list[object]:
    return [
        f"{text(row.get('method'))} {text(row.get('path'))}".strip(),
        text(row.get("file")),
        count(row.get("line")),
        texts(row.get("routes"))[:_MOST_ANSWERS],
    ]


def _route_group(one: Mapping[str, object]) -> dict[str, object]:
    return {
        "group": text(one.get("group")),
        "routes": _cut(texts(one.get("routes")), _MOST_PLACES),
        "users": texts(one.get("frontend_modules"))[:_MOST_PLACES],
    }


def _patterns(document: Mapping[str, object]) -> dict[str, object]:
    told = [one for one in rows(document.get("rows")) if text(one.get("pattern")) not in {"", "none"}]
    return {
        "counts": [list(pair) for pair in sorted(Counter(text(one.get("pattern")) for one in told).items())],
        "rows": [
            [
                text(one.get("module")),
                text(one.get("pattern")),
                figure(one.get("confidence")),
                count(one.get("command_count")),
                count(one.get("query_count")),
                count(one.get("event_count")),
                text(one.get("priority_hint")),
                [[text(why.get("place")), text(why.get("why"))] for why in rows(one.get("evidence"))[:_MOST_PLACES]],
            ]
            for one in told[:_MOST_ROWS]
        ],
        "total": len(told),
    }


def _excluded(document: Mapping[str, object], words: _Words) -> dict[str, object]:
    listed = rows(document.get("rows"))
    return {
        "rows": [
            [
                text(one.get("module")),
                words(one.get("reason")),
                figure(one.get("score")),
                count(one.get("code_lines")),
                count(one.get("rank")),
            ]
            for one in listed[:_MOST_EXCLUDED]
        ],
        "total": len(listed),
        "reasons": [[text(one.get("reason")), count(one.get("count"))] for one in rows(document.get("reason_counts"))],
    }

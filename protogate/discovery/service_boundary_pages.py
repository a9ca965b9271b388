"""The document of service boundaries as pages that people read: the same facts, long lists cut with how many more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "blueprint_markdown",
    "cleanup_checklist_markdown",
    "execution_plan_markdown",
    "pages",
    "service_boundaries_markdown",
    "target_structure_markdown",
]

_MOST_ROWS: Final = 40
_MOST_FILES: Final = 30
_MOST_PLACES: Final = 5
_MOST_NAMES: Final = 6
_MOST_EXPLAINED: Final = 20
_MARKUP: Final = re.compile(r"([\\`*_\[\]#|])")


def pages(document: Mapping[str, object], basename: str = "service-boundaries") -> dict[str, str]:
    """Return the text of every page by the name of its file."""
    found = {
        f"{basename}.md": service_boundaries_markdown(document),
        f"{basename}.execution-plan.md": execution_plan_markdown(document),
        f"{basename}.target-structure.md": target_structure_markdown(document),
        f"{basename}.cleanup-checklist.md": cleanup_checklist_markdown(document),
    }
    for row in _rows(document, "execution_plan"):
        slug = str(row["service_slug"])
        found[f"{basename}.{slug}-blueprint.md"] = blueprint_markdown(document, slug)
    return found


def service_boundaries_markdown(document: Mapping[str, object]) -> str:
    """Return `service-boundaries.md`."""
    summary = _mapping(document["summary"])
    modules = _rows(document, "frontend_modules")
    ordered = sorted(modules, key=lambda row: (-row["iframe_score"], row["module"]))
    lines = [
        "# Service boundaries",
        "",
        "## Summary",
        "",
        f"Repository {_code(_mapping(document['meta'])['root'])}: {_text(summary['coupling'])}.",
        "",
        *_table(("count", "number"), _counts(summary)),
        "",
        "## Frontend modules",
        "",
        *_table(
            ("module", "score", "delivery", "files", "pages", "brings along", "uses modules", "backend groups"),
            [
                (
                    _code(row["module"]),
                    _figure(row["iframe_score"]),
                    row["delivery_mode"],
                    row["owned_file_count"],
                    row["page_count"],
                    row["closure_file_count"] - row["owned_file_count"],
                    _names(row["cross_module_targets"]),
                    _names(row["backend_route_groups"]),
                )
                for row in ordered
            ],
        ),
        "",
        "## Why",
        "",
    ]
    for row in ordered[:_MOST_EXPLAINED]:
        lines += _explained(row)
    lines += _more(len(ordered), _MOST_EXPLAINED, "modules")
    lines += ["", "## Recommended services", "", *_recommended(document)]
    lines += ["", "## Merge hints", "", *_hints(document, summary)]
    lines += ["", "## Service components", "", *_components(document)]
    lines += ["", "## Shared kernel", "", *_kernel(document)]
    lines += ["", "## Backend route groups", "", *_groups(document)]
    return _page(lines)


def execution_plan_markdown(document: Mapping[str, object]) -> str:
    """Return `service-boundaries.execution-plan.md`."""
    plan = _rows(document, "execution_plan")
    count = _mapping(document["summary"])["service_component_count"]
    lines = ["# Execution plan", "", f"{len(plan)} of {count} components, what is easiest first.", ""]
    kernel = _rows(document, "shared_kernel")
    if kernel:
        lines += ["## Before: shared kernel", "", "A package of what several modules use.", "", *_kernel(document), ""]
    for row in plan:
        lines += [
            f"## {row['phase']}: {_text(row['service_slug'])}",
            "",
            f"Goal: {_text(row['goal'])}.",
            "",
            *_facts(row),
            "",
        ]
    return _page(lines if plan else [*lines, "None."])


def target_structure_markdown(document: Mapping[str, object]) -> str:
    """Return `service-boundaries.target-structure.md`."""
    lines = ["# Target structure", ""]
    for row in _rows(document, "target_structure"):
        lines += [f"## {_text(row['service_slug'])}", "", f"{row['phase']}.", "", *_files(row["paths"])]
        lines += ["", "### From the frontend", "", *_files(row["legacy_frontend_sources"])]
        lines += ["", "### From the backend", "", *_files(row["legacy_backend_sources"]), ""]
    return _page(lines if len(lines) > len(("title", "")) else [*lines, "None."])


def cleanup_checklist_markdown(document: Mapping[str, object]) -> str:
    """Return `service-boundaries.cleanup-checklist.md`."""
    lines = ["# Cleanup checklist", ""]
    kinds = (
        ("Frontend files to archive", "frontend_files_to_archive", True),
        ("Backend files to archive", "backend_files_to_archive", True),
        ("Backend files that stay, as they answer others", "backend_files_that_stay", False),
        ("Shared files to guard", "shared_guardrail_files", False),
        ("Modules to review", "companion_modules_to_review", True),
    )
    for row in _rows(document, "cleanup_checklist"):
        lines += [f"## {_text(row['service_slug'])}", "", f"{row['phase']}.", ""]
        for title, key, is_task in kinds:
            if row[key]:
                lines += [f"### {title}", "", *_files(row[key], "- [ ]" if is_task else "-"), ""]
    return _page(lines if len(lines) > len(("title", "")) else [*lines, "None."])


def blueprint_markdown(document: Mapping[str, object], service: str) -> str:
    """Return the page of one service: what leaves, what it needs, what has to be cut.

    Raises:
        KeyError: no component is called so.
    """
    found = next((row for row in _rows(document, "service_components") if row["service_slug"] == service), None)
    if found is None:
        raise KeyError(service)
    members = [row for row in _rows(document, "frontend_modules") if row["module"] in found["members"]]
    groups = [row for row in _rows(document, "backend_route_groups") if row["group"] in found["backend_route_groups"]]
    lines = [f"# Blueprint: {_text(service)}", "", "## Summary", "", *_facts(found), ""]
    if members:
        lines += ["## Frontend", "", *_files(found["frontend_files"]), ""]
        for row in members:
            lines += _explained(row)
        lines += ["## Lines to cut", "", *_cuts(members), ""]
        lines += ["## Requests", "", *_requests(members), ""]
    lines += ["## Routes", "", *_list([route for row in groups for route in row["routes"]]), ""]
    lines += ["## Backend", "", *_files(found["backend_files"]), ""]
    lines += ["## Shared files to guard", "", *_files(found["frontend_guardrail_files"])]
    return _page(lines)


def _counts(summary: Mapping[str, Any]) -> list[tuple[object, ...]]:
    shown = [
        (_text(key.replace("_", " ")), value)
        for key, value in summary.items()
        if isinstance(value, int) and not isinstance(value, bool)
    ]
    named = [("shell backend groups", "shell_backend_groups"), ("migrated modules", "migrated_modules")]
    return [*shown, *((title, _names(summary[key])) for title, key in named if summary[key])]


def _explained(row: Mapping[str, Any]) -> list[str]:
    lines = [f"### {_text(row['module'])}: {_figure(row['iframe_score'])}, {row['delivery_mode']}", ""]
    lines += [f"{_code(row['path'])}, {_text(row['why'])}. {_sentence(row['delivery_reason'])}.", ""]
    table = [
        (
            part["name"],
            part["value"],
            f"{_figure(part['points'])} of {part['most']}",
            "<br>".join(_code(place) for place in part["evidence"][:_MOST_PLACES]),
        )
        for part in row["parts"]
    ]
    return [*lines, *_table(("part", "counted", "points", "seen at"), table), ""]


def _recommended(document: Mapping[str, object]) -> list[str]:
    return _table(
        ("service", "kind", "action", "delivery", "priority", "why"),
        [
            (
                _code(row["service_slug"]),
                row["kind"],
                row["action"],
                row["delivery_mode"],
                _figure(row["combined_priority"]),
                _text(row["reason"]),
            )
            for row in _rows(document, "recommended_service_candidates")
        ],
    )


def _hints(document: Mapping[str, object], summary: Mapping[str, Any]) -> list[str]:
    hints = _rows(document, "merge_hints")
    lines = _table(
        ("left", "right", "alike", "same groups", "uses across", "seen at"),
        [
            (
                _code(row["left"]),
                _code(row["right"]),
                row["jaccard"],
                _names(row["backend_group_overlap"]),
                row["cross_edges"],
                "<br>".join(_code(place) for place in row["evidence"][:_MOST_PLACES]),
            )
            for row in hints
        ],
    )
    return [*lines, *_more(summary["merge_hint_count"], len(hints), "hints")]


def _components(document: Mapping[str, object]) -> list[str]:
    return _table(
        ("service", "kind", "members", "delivery", "priority", "frontend files", "backend files", "candidates"),
        [
            (
                _code(row["service_slug"]),
                row["kind"],
                _names(row["members"]),
                row["delivery_mode"],
                _figure(row["combined_priority"]),
                row["frontend_file_count"],
                len(row["backend_files"]),
                _names([one["module"] for one in row["backend_candidates"]]),
            )
            for row in _rows(document, "service_components")
        ],
    )


def _kernel(document: Mapping[str, object]) -> list[str]:
    return _table(
        ("file", "modules that use it", "symbols"),
        [
            (_code(row["file"]), f"{row['module_count']}: {_names(row['modules'])}", _names(row["symbols"]))
            for row in _rows(document, "shared_kernel")
        ],
    )


def _groups(document: Mapping[str, object]) -> list[str]:
    return _table(
        ("group", "routes", "files", "prefixes", "asked for by", "imports"),
        [
            (
                _code(row["group"]),
                row["route_count"],
                row["file_count"],
                _names(row["prefixes"]),
                _names(row["frontend_modules"]),
                _names(row["top_import_roots"]),
            )
            for row in _rows(document, "backend_route_groups")
        ],
    )


def _facts(row: Mapping[str, Any]) -> list[str]:
    lines = [
        f"- {row['kind']}, {row['action']}, {row['delivery_mode']}: {_text(row['reason'])}",
        f"- priority {_figure(row['combined_priority'])}, score in a frame {_figure(row['joint_iframe_score'])}",
        f"- members: {_names(row['members'])}",
        f"- files of the frontend: {row['frontend_file_count']} with {row['page_count']} pages",
        f"- files of the backend: {len(row['backend_files'])}",
        f"- groups of routes: {_names(row['backend_route_groups'])}",
        f"- companions: {_names(row['companion_modules'])}",
    ]
    candidates = [f"{one['module']} ({one['score']})" for one in row["backend_candidates"]]
    return [*lines, f"- candidates of the backend: {_names(candidates)}"]


def _cuts(members: Iterable[Mapping[str, Any]]) -> list[str]:
    rows = [
        (_code(f"{edge['file']}:{edge['line']}"), _code(edge["symbol"] or edge["target"]), edge["kind"], direction)
        for row in members
        for key, direction in (
            ("cross_module_edges", "outward"),
            ("used_by_edges", "inward"),
            ("mounted_at", "mounted"),
        )
        for edge in row[key]
    ]
    return _table(("place", "what", "kind", "direction"), rows)


def _requests(members: Iterable[Mapping[str, Any]]) -> list[str]:
    rows = [
        (
            _code(f"{one['method']} {one['path']}"),
            _code(f"{one['file']}:{one['line']}"),
            _code(one["via"]) if one["via"] else "",
            "<br>".join(_code(route) for route in one["routes"]) or "not known",
        )
        for row in members
        for one in row["requests"]
    ]
    return _table(("request", "sent at", "by way of", "answered by"), rows)


# Markdown


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    if not rows:
        return ["None."]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows[:_MOST_ROWS]]
    return [*lines, *_more(len(rows), _MOST_ROWS, "rows")]


def _more(count: int, most: int, what: str) -> list[str]:
    return ["", f"{count - most} more {what} in the JSON document."] if count > most else []


def _files(value: object, mark: str = "-") -> list[str]:
    return _list(value, mark)


def _list(value: object, mark: str = "-") -> list[str]:
    listed = list(value) if isinstance(value, list | tuple) else []
    if not listed:
        return ["None."]
    return [*(f"{mark} {_code(one)}" for one in listed[:_MOST_FILES]), *_more(len(listed), _MOST_FILES, "lines")]


def _names(value: object) -> str:
    listed = list(value) if isinstance(value, list | tuple) else []
    if not listed:
        return "none"
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return ", ".join(_code(one) for one in listed[:_MOST_NAMES]) + more


def _text(value: object) -> str:
    """Return a text that stands for itself, in a cell too."""
    flat = " ".join(str(value).split())
    return _MARKUP.sub(r"\\\1", flat).replace("&", "&amp;").replace("<", "&lt;")


def _figure(value: float) -> str:
    return f"{value:.1f}"


def _sentence(value: object) -> str:
    text = _text(value)
    return text[:1].upper() + text[1:]


def _code(value: object) -> str:
    """Return a name as code; even there a pipe would end the cell."""
    flat = " ".join(str(value).split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence, padding = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{padding}{flat}{padding}{fence}"


def _rows(document: Mapping[str, object], key: str) -> list[dict[str, Any]]:
    value = document[key]
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}

"""The documents as pages that people read: the same facts, long lists cut with how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["PAGES", "candidates_page", "decisions_page", "excluded_page", "plan_page", "summary_page", "waves_page"]

_MOST_CANDIDATES: Final = 60
_MOST_CUTS: Final = 60
_MOST_DECISIONS: Final = 80
_MOST_MODULES: Final = 40
_MOST_SHARED: Final = 30


def candidates_page(rows: Sequence[Mapping[str, object]]) -> str:
    """Return `module-candidates.md`."""
    lines = ["# Module candidates", "", f"{len(rows)} units, what comes out best first.", ""]
    lines += _table(
        ("rank", "module", "archetype", "score", "phase", "effort", "files", "lines", "in", "out", "routes", "tables"),
        [
            (
                row["rank"],
                _code(row["module"]),
                row["archetype"],
                _figure(row["score"]),
                row["phase"],
                row["effort"],
                row["files"],
                row["code_lines"],
                row["inbound_modules"],
                row["outward_modules"],
                row["own_api_routes"],
                len(_list(row["tables"])),
            )
            for row in rows[:_MOST_CANDIDATES]
        ],
        _MOST_CANDIDATES,
    )
    lines += _more(len(rows), _MOST_CANDIDATES)
    lines += ["", "## Why", ""]
    for row in rows[:10]:
        lines += [f"### {row['rank']}. {_code(row['module'])}: {_figure(row['score'])}", ""]
        lines += [f"- {_text(reason)}" for reason in _list(row["reasons"])]
        lines += [f"- left out: {_text(row['excluded'])}"] if row["excluded"] else []
        lines.append("")
    return _page(lines)


def plan_page(rows: Sequence[Mapping[str, object]]) -> str:
    """Return `delegation-plan.generated.md`."""
    lines = ["# Delegation plan", "", f"{len(rows)} slices.", ""]
    lines += _table(
        ("wave", "slice", "module", "archetype", "score", "points (P50 to P90)", "cuts", "confidence"),
        [
            (
                row["wave"],
                _code(_of(row, "slice", "slice_name")),
                _code(row["module"]),
                row["archetype"],
                _figure(row["score"]),
                f"{_figure(_of(row, 'effort_basis', 'p50'))} to {_figure(_of(row, 'effort_basis', 'p90'))}",
                len(_list(row["cuts"])),
                _of(row, "confidence", "level"),
            )
            for row in rows
        ],
        len(rows),
    )
    for row in rows:
        lines += ["", *_slice(row)]
    return _page(lines)


def _slice(row: Mapping[str, object]) -> list[str]:
    lines = [f"## {_of(row, 'slice', 'slice_name')}", ""]
    lines.append(f"{_code(row['module'])}, {row['archetype']}, score {_figure(row['score'])}. ")
    lines.append(f"Confidence {_of(row, 'confidence', 'level')}: {_text(_of(row, 'confidence', 'why'))}.")
    lines += ["", "### Checklist", ""]
    migration = _mapping(_of(row, "slice", "migration"))
    lines += [f"{number}. {_text(step)}" for number, step in enumerate(_list(migration["checklist"]), start=1)]
    lines += ["", "### Contents", ""]
    contents = _mapping(row["contents"])
    lines += _table(
        ("file", "lines", "why"),
        [(_code(one["path"]), one["code_lines"], _text(one["why"])) for one in _rows(contents["modules"])],
        _MOST_MODULES,
    )
    lines += ["", "### Contract", "", f"{_code(_of(row, 'slice', 'contract_dir'))}", ""]
    gateway = _mapping(_of(row, "slice", "gateway"))
    for side in ("commands", "queries"):
        lines += [
            f"- {_code(one['gateway'])} for {_code(one['handler'])} at {_code(_place(one))}"
            for one in _rows(gateway[side])[:_MOST_SHARED]
        ]
    lines += ["", "### Cuts", ""]
    lines += _table(
        ("direction", "line", "symbol", "kind", "remedy", "points", "why"),
        [
            (
                one["direction"],
                _code(_place(one)),
                _code(one["symbol"] or one["target"]),
                one["kind"],
                one["remedy"],
                one["points"],
                _text(one["why"]),
            )
            for one in _rows(row["cuts"])
        ],
        _MOST_CUTS,
    )
    lines += ["", "### Data", ""]
    lines += _table(
        ("table", "owner", "verdict", "declared at", "used by others at", "how"),
        [
            (
                _code(one["table"]),
                one["owner"],
                one["verdict"],
                _code(_place(one)),
                ", ".join(map(_text, [*_list(one["readers"]), *_list(one["writers"])][:5])),
                _text(one["sync"]),
            )
            for one in _rows(row["data"])
        ],
        _MOST_SHARED,
    )
    lines += ["", "### Shared code", ""]
    lines += _table(
        ("module", "remedy", "lines", "what of it"),
        [
            (_code(one["module"]), one["remedy"], one["code_lines"], _text(", ".join(map(str, _list(one["symbols"])))))
            for one in _rows(row["shared_code"])
        ],
        _MOST_SHARED,
    )
    return [*lines, *_price(row), *_safety(row)]


def _price(row: Mapping[str, object]) -> list[str]:
    effort = _mapping(row["effort_basis"])
    lines = ["", "### Effort", ""]
    lines += [
        f"- {_text(one['term'])}: {_figure(one['points'])} points, {_text(one['basis'])}"
        for one in _rows(effort["terms"])
    ]
    lines.append(
        f"- in all {_figure(effort['p50'])} points, with bad luck {_figure(effort['p90'])}; not calibrated yet"
    )
    order = _mapping(row["order"])
    lines += [
        f"- needs {_code(one['slice'])}: {_figure(one['points'])} points of seams" for one in _rows(order["needs"])
    ]
    return lines + [
        f"- with {_code(one['with'])}: {_figure(one['apart'])} points apart, {_figure(one['together'])} together"
        for one in _rows(order["together"])
    ]


def _safety(row: Mapping[str, object]) -> list[str]:
    rollback = _mapping(row["rollback"])
    lines = ["", "### Risks", ""]
    lines += [f"- {_text(one['risk'])}: {_text(one['evidence'])}" for one in _rows(row["risks"])] or ["None found."]
    lines += ["", "### Parity", ""]
    checks = _rows(row["parity"])
    lines += [f"- {_text(one['subject'])} ({_code(_place(one))}): {_text(one['how'])}" for one in checks[:_MOST_SHARED]]
    lines += _more(len(checks), _MOST_SHARED) if checks else ["Nothing answers or keeps data."]
    lines += ["", "### Rollback", ""]
    return lines + [f"- {name.replace('_', ' ')}: {_text(text)}" for name, text in rollback.items()]


def waves_page(document: Mapping[str, object]) -> str:
    """Return `migration-wave-plan.md`."""
    lines = ["# Migration wave plan", ""]
    for wave in _rows(document["waves"]):
        effort = _mapping(wave["estimated_effort"])
        lines += [f"## Wave {wave['wave_number']}: {_text(wave['wave_name'])}", ""]
        lines += [f"Why now: {_text(wave['priority_reason'])}.", ""]
        lines += _table(
            ("module", "pattern", "target", "score", "phase", "modules", "needs"),
            [
                (
                    _code(one["module"]),
                    one["pattern"],
                    one["extraction_target"],
                    _figure(one["score"]),
                    one["phase"],
                    len(_list(one["cluster_members"])),
                    ", ".join(map(_text, _list(one.get("needs")) or _list(one.get("needed_by")))),
                )
                for one in _rows(wave["modules"])
            ],
            _MOST_MODULES,
        )
        costs = ", ".join(f"{name} {_figure(value)}" for name, value in effort.items() if name != "unit")
        lines += ["", f"Effort in {effort['unit']}: {costs}."]
        lines += ["", "Done when:", ""]
        lines += [f"- {_text(one)}" for one in _list(wave["exit"])]
        lines.append("")
    lines += ["## Circles", ""]
    circles = _rows(document["circles"])
    for circle in circles:
        cut = "; ".join(f"{one['slice']} no longer needs {one['needs']}" for one in _rows(circle["cut"]))
        members = ", ".join(map(_text, _list(circle["members"])))
        lines.append(f"- {members}: {_text(cut)}, {_figure(circle['points'])} points")
    lines += [] if circles else ["No slices need each other."]
    beyond = _list(document["beyond"])
    lines += ["", f"Beyond these waves: {', '.join(map(_text, beyond))}."] if beyond else []
    return _page(lines)


def decisions_page(title: str) -> Callable[[Mapping[str, object]], str]:
    """Return what writes a page of decisions under a title."""

    def page(document: Mapping[str, object]) -> str:
        lines = [f"# {title}", "", f"{document['count']} rows.", "", "## Reasons", ""]
        reasons = _rows(document["reason_counts"])
        lines += _table(("reason", "count"), [(_text(one["reason"]), one["count"]) for one in reasons], len(reasons))
        rows = _rows(document["rows"])
        head = [key for key in (rows[0] if rows else {}) if key not in {"rank", "members"}]
        lines += ["", "## Rows", ""]
        shown = [tuple(_text(row[key]) for key in head) for row in rows[:_MOST_DECISIONS]]
        lines += [*_table(tuple(head), shown, _MOST_DECISIONS), *_more(len(rows), _MOST_DECISIONS)]
        return _page(lines)

    return page


excluded_page: Final = decisions_page("Excluded candidates")


def summary_page(document: Mapping[str, object]) -> str:
    """Return `migration-discovery.summary.md`."""
    profile = _mapping(document["profile"])
    lines = ["# Migration discovery", "", f"Repository: {_code(document['repo_root'])}.", "", "## Counts", ""]
    counts = _mapping(document["counts"])
    lines += _table(("what", "count"), [(name.replace("_", " "), value) for name, value in counts.items()], len(counts))
    lines += ["", "## Profile", ""]
    for name, value in profile.items():
        shown = ", ".join(_text(_mapping(one).get("name", one)) for one in _list(value))
        lines.append(f"- {name.replace('_', ' ')}: {shown or 'none'}")
    for title, key in (
        ("Service slices", "top_service_candidates"),
        ("Shared libraries", "top_shared_libraries"),
        ("Plugin families", "top_plugin_families"),
    ):
        lines += ["", f"## {title}", ""]
        rows = _rows(document[key])
        lines += _table(("module", "score"), [(_code(one["module"]), _figure(one["score"])) for one in rows], len(rows))
    lines += ["", "## Waves", ""]
    waves = _rows(document["top_migration_waves"])
    lines += [f"- wave {one['wave_number']}: {_text(one['wave_name'])}" for one in waves] or ["None."]
    lines += ["", "## Documents", ""]
    lines += [f"- [{name}]({file})" for name, file in _mapping(document["artifacts"]).items()]
    return _page(lines)


PAGES: Final[Mapping[str, Callable[..., str]]] = {
    "module-candidates": candidates_page,
    "delegation-plan.generated": plan_page,
    "migration-wave-plan": waves_page,
    "delegation-decisions": decisions_page("Delegation decisions"),
    "excluded-candidates": excluded_page,
    "service-boundary-decisions": decisions_page("Service boundary decisions"),
    "migration-discovery.summary": summary_page,
}
"""What writes the page of each document that is written here."""


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]], most: int) -> list[str]:
    if not rows:
        return ["None."]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(value) for value in row)} |" for row in rows[:most]]
    return lines + _more(len(rows), most)


def _more(count: int, most: int) -> list[str]:
    return ["", f"... and {count - most} more in the JSON document."] if count > most else []


def _text(value: object) -> str:
    """Return a text that cannot be taken for Markdown or HTML."""
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    text = " ".join(str(value).split())
    for sign in ("\\", "`", "*", "_", "<", "|", "["):
        text = text.replace(sign, f"\\{sign}")
    return text


def _code(value: object) -> str:
    text = " ".join(str(value).split()).replace("`", "'").replace("|", "\\|")
    return f"`{text}`" if text else ""


def _figure(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _place(row: Mapping[str, object]) -> str:
    return f"{row['file']}:{row['line']}" if row.get("line") else str(row.get("file", ""))


def _of(row: Mapping[str, object], first: str, second: str) -> object:
    return _mapping(row[first])[second]


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _rows(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list | tuple) else []


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []

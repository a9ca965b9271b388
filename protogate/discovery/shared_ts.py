"""What the modules of a frontend declare several times, or all import: candidates for a package that they share."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.discovery.frontend_calls import USED
from protogate.discovery.frontend_layout import FrontendSettings, frontend_files, layouts
from protogate.discovery.model import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.model import Inventory

__all__ = ["shared_ts_candidates", "shared_ts_markdown"]

_KINDS: Final = frozenset({"class", "constant", "enum", "function", "interface", "type"})
_SHAPELESS: Final = frozenset({"function", "constant", "class"})
"""Kinds of which equal length says nothing where the text is not known."""
_EVERYWHERE: Final = frozenset({"default", "props", "state", "_"})
"""Names that files give to what is theirs alone."""
_LEAST_NAME: Final = 3
_LEAST_LINES: Final = 3
"""From where on an equal number of lines is a likeness."""
_COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_SPACE: Final = re.compile(r"[\s;,]+")
_MOST_ROWS: Final = 60
_MOST_PLACES: Final = 4


class _Place(NamedTuple):
    file: str
    line: int
    module: str
    lines: int
    is_exported: bool
    shape: str
    """Equal for equal declarations; empty where nothing is known of them."""


def shared_ts_candidates(
    inventory: Inventory,
    facts: Mapping[str, FileFacts],
    min_occurrences: int = 2,
    min_modules_by_name: int = 3,
    settings: FrontendSettings | None = None,
    texts: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Return `shared-ts-candidates.json`: declarations that several modules repeat, and files that several import.

    A module is a feature module of the frontend, or for other files their directory. Without the texts of files two
    types are similar where their lines and bases are equal; functions and constants never are.

    Args:
        inventory: the repository.
        facts: of files by path.
        min_occurrences: modules that declare the same shape.
        min_modules_by_name: modules that declare the same name, or import the same file.
        settings: of the frontend.
        texts: of files by path, as far as they are known.
    """
    used = settings or FrontendSettings()
    found = _Finder(inventory, facts, used, texts or {})
    names = list(found.candidates(min_occurrences, min_modules_by_name))
    shared = list(found.shared(min_modules_by_name))
    return {
        "meta": {
            "tool": "protogate shared-ts-candidates",
            "root": inventory.root,
            "min_occurrences": min_occurrences,
            "min_modules_by_name": min_modules_by_name,
            "shapes": "texts" if texts else "lines and bases",
        },
        "summary": {
            "file_count": len(found.files),
            "module_count": len(found.modules),
            "declaration_count": found.count,
            "candidate_count": len(names),
            "same_shape_count": sum(row["reason"] != "same-name" for row in names),
            "shared_module_count": len(shared),
        },
        "candidates": names,
        "shared_modules": shared,
    }


class _Finder:
    """Looks for what is declared twice and what is used by many."""

    def __init__(
        self,
        inventory: Inventory,
        facts: Mapping[str, FileFacts],
        settings: FrontendSettings,
        texts: Mapping[str, str],
    ) -> None:
        self.files = frontend_files(inventory, settings)
        self._owners = {name: one.name for one in layouts(inventory, settings) for name in one.owned}
        self.modules = sorted(set(self._owners.values()))
        self._edges = inventory.edges
        self._texts = texts
        self._declared: dict[tuple[str, str], list[_Place]] = defaultdict(list)
        for name, module in self.files.items():
            one = facts.get(module.path)
            if one is not None:
                owner = self._owners.get(name, module.package or ".")
                self._read(module.path, owner, one)
        self.count = sum(map(len, self._declared.values()))

    def _read(self, path: str, owner: str, facts: FileFacts) -> None:
        for one in facts.definitions:
            if one.kind not in _KINDS or len(one.name) < _LEAST_NAME or one.name.lower() in _EVERYWHERE:
                continue
            shape = self._shape(path, one.line, one.end, one.kind, one.bases)
            kind = "type" if one.kind == "interface" else one.kind
            place = _Place(path, one.line, owner, one.end - one.line + 1, one.is_exported, shape)
            self._declared[one.name, kind].append(place)

    def _shape(self, path: str, line: int, end: int, kind: str, bases: Sequence[str]) -> str:
        """Return what is equal for equal declarations, however they are laid out and commented."""
        text = self._texts.get(path)
        if text is None:
            count = end - line + 1
            return "" if kind in _SHAPELESS or count < _LEAST_LINES else f"{count} lines of {','.join(bases)}"
        body = _COMMENT.sub(" ", "\n".join(text.splitlines()[line - 1 : end]))
        body = re.sub(r"\b(?:export|default|declare)\b", " ", body)
        return hashlib.sha256(_SPACE.sub(" ", body).strip().encode()).hexdigest()[:12]

    def candidates(self, min_occurrences: int, min_modules: int) -> Iterator[dict[str, object]]:
        """Yield declarations, those of most modules first."""
        rows = []
        for (name, kind), places in self._declared.items():
            shapes: dict[str, set[str]] = defaultdict(set)
            for place in places:
                shapes[place.shape].add(place.module)
            alike = max((len(listed) for shape, listed in shapes.items() if shape), default=0)
            modules = sorted({place.module for place in places})
            is_alike = alike >= max(2, min_occurrences)
            if is_alike or len(modules) >= max(2, min_modules):
                rows.append((-len(modules), -alike, name, kind, modules, places, is_alike, len(shapes)))
        for _, alike, name, kind, modules, places, is_alike, shapes_count in sorted(rows, key=lambda row: row[:4]):
            alike_reason = "same-shape" if self._texts else "similar-shape"
            yield {
                "name": name,
                "kind": kind,
                "reason": alike_reason if is_alike else "same-name",
                "occurrences": len(places),
                "modules": modules,
                "module_count": len(modules),
                "same_shape_modules": -alike,
                "shapes": shapes_count,
                "action": "move to a shared package" if is_alike else "compare: one name, several meanings or versions",
                "places": [
                    {
                        "file": one.file,
                        "line": one.line,
                        "module": one.module,
                        "lines": one.lines,
                        "is_exported": one.is_exported,
                    }
                    for one in sorted(places)
                ],
            }

    def shared(self, min_modules: int) -> Iterator[dict[str, object]]:
        """Yield files of no module that several modules import, those of most modules first."""
        users: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        places: dict[str, set[str]] = defaultdict(set)
        for edge in self._edges if self._owners else ():
            owner = self._owners.get(edge.source)
            is_use = edge.kind in USED or edge.kind == EdgeKind.TYPE
            if owner is not None and is_use and edge.target in self.files and edge.target not in self._owners:
                users[edge.target][owner].add(edge.symbol)
                places[edge.target].add(f"{edge.path}:{edge.line}")
        for name in sorted(users, key=lambda one: (-len(users[one]), one)):
            if len(users[name]) >= max(2, min_modules):
                yield {
                    "module": name,
                    "path": self.files[name].path,
                    "module_count": len(users[name]),
                    "modules": sorted(users[name]),
                    "symbols": sorted({symbol for symbols in users[name].values() for symbol in symbols if symbol}),
                    "lines": self.files[name].lines,
                    "is_type_only": all(
                        edge.kind == EdgeKind.TYPE
                        for edge in self._edges
                        if edge.target == name and edge.source in self._owners
                    ),
                    "places": sorted(places[name]),
                }


def shared_ts_markdown(document: Mapping[str, object]) -> str:
    """Return `shared-ts-candidates.md`."""
    meta, summary = _mapping(document["meta"]), _mapping(document["summary"])
    lines = [
        "# Shared TypeScript candidates",
        "",
        "## Summary",
        "",
        f"Repository `{meta['root']}`.",
        "",
        f"- {summary['declaration_count']:,} declarations, {summary['file_count']:,} files",
        f"- {summary['module_count']:,} feature modules",
        f"- {summary['candidate_count']:,} names that several modules declare, {summary['same_shape_count']:,} alike",
        f"- {summary['shared_module_count']:,} files are imported by at least {meta['min_modules_by_name']} modules",
        "",
        "## Declared several times",
        "",
        *_table(
            ("name", "kind", "modules", "alike in", "why", "places"),
            [
                (
                    f"`{row['name']}`",
                    row["kind"],
                    row["module_count"],
                    row["same_shape_modules"],
                    row["reason"],
                    _places([f"{one['file']}:{one['line']}" for one in row["places"]]),
                )
                for row in _rows(document["candidates"])
            ],
        ),
        "",
        "## Imported by several modules",
        "",
        *_table(
            ("file", "modules", "symbols", "places"),
            [
                (f"`{row['path']}`", row["module_count"], _places(row["symbols"]), _places(row["places"]))
                for row in _rows(document["shared_modules"])
            ],
        ),
    ]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    if not rows:
        return ["None."]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows[:_MOST_ROWS]]
    more = len(rows) - _MOST_ROWS
    return [*lines, "", f"{more} more rows in the JSON document."] if more > 0 else lines


def _places(values: Iterable[str]) -> str:
    listed = list(values)
    more = f" and {len(listed) - _MOST_PLACES} more" if len(listed) > _MOST_PLACES else ""
    return ", ".join(f"`{one}`" for one in listed[:_MOST_PLACES]) + more


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}

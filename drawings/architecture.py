"""The packages of Protogate and which of them imports which: a picture of what is, not of what was meant.

Imports are read from the sources. A package stands in a row above all that it imports; a line that follows from others
is left out, and so are those to what everybody imports (dashed), so that what is left can be followed by eye.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Box", "drawn", "imports", "reduced", "rows"]

_ROOTS: Final = ("protogate", "protoc_gen_protogate", "gateway", "registry")
_WHOLE: Final = frozenset({"gateway", "registry"})
"""Drawn as one box each: they are programs of their own."""
_LEFT_OUT: Final = frozenset({"protogate.__main__"})
_WIDTH: Final = 158
_HEIGHT: Final = 30
_GAP: Final = 16
_BETWEEN: Final = 48
"""Rows, one below the other."""
_MARGIN: Final = 20
_SWEEPS: Final = 8
_COMMON: Final = 8
"""Packages that import one, from where on it is everybody's, and lines to it would only hide the others."""
_STYLE: Final = """\
  svg { color: #172126; font: 13px ui-sans-serif, system-ui, sans-serif }
  .ground { fill: #ffffff; stroke: none }
  rect:not(.ground) { fill: #eef4f3; stroke: #0b665f } rect.whole { fill: #dff1ee } .common { stroke-dasharray: 4 3 }
  path { fill: none; stroke: #5f6f76; opacity: .6 }
  text { fill: currentColor; text-anchor: middle; dominant-baseline: central }
  @media (prefers-color-scheme: dark) {
    svg { color: #e8efee } .ground { fill: #10201e } path { stroke: #9fb0b5 }
    rect:not(.ground) { fill: #16302d; stroke: #5fb8ae } rect.whole { fill: #0b4a44 }
  }
"""


class Box(NamedTuple):
    """A package, placed."""

    name: str
    x: float
    y: float
    """Of its upper left corner."""


def imports(root: Path) -> dict[str, set[str]]:
    """Return which package imports which others, of those below the root."""
    graph = grimp.build_graph(*_ROOTS, cache_dir=None)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        source = _package(module)
        if source is None or not (root / module.replace(".", "/")).parent.exists():
            continue
        found[source] |= {
            target
            for one in graph.find_modules_directly_imported_by(module)
            if (target := _package(one)) is not None and target != source
        }
    return {name: found[name] for name in sorted(found)}


def _package(module: str) -> str | None:
    first, _, rest = module.partition(".")
    if first in _WHOLE:
        return first
    name = f"{first}.{rest.partition('.')[0]}" if rest else None
    return None if name in _LEFT_OUT else name


def reduced(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the imports that do not follow from others: of a to b to c, not a to c."""
    below: dict[str, set[str]] = {}

    def reached(name: str) -> set[str]:
        if name not in below:
            below[name] = set()
            for one in edges.get(name, ()):
                below[name] |= {one} | reached(one)
        return below[name]

    return {
        name: sorted(one for one in those if not any(one in reached(other) for other in those if other != one))
        for name, those in edges.items()
    }


def rows(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the packages by rows, the uppermost first: each stands above all that it imports."""
    height: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in height:
            height[name] = 0
            height[name] = 1 + max((of(one) for one in edges.get(name, ())), default=-1)
        return height[name]

    names = sorted({*edges, *(one for those in edges.values() for one in those)})
    found: dict[int, list[str]] = defaultdict(list)
    for name in names:
        found[of(name)].append(name)
    return _untangled([found[number] for number in sorted(found, reverse=True)], edges)


def _untangled(listed: list[list[str]], edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Order each row by the middle of what its packages are tied to; a few sweeps take out most crossings."""
    ties: dict[str, set[str]] = defaultdict(set)
    for name, those in edges.items():
        for one in those:
            ties[name].add(one)
            ties[one].add(name)
    for _ in range(_SWEEPS):
        place = {name: index - len(row) / 2 for row in listed for index, name in enumerate(row)}
        listed = [sorted(row, key=lambda name: (_middle(place, ties[name], name), name)) for row in listed]
    return listed


def _middle(place: Mapping[str, float], those: Iterable[str], name: str) -> float:
    known = [place[one] for one in those]
    return sum(known) / len(known) if known else place[name]


def drawn(root: Path) -> str:
    """Return the picture as SVG; the same for the same imports.

    Args:
        root: the repository.
    """
    found = imports(root)
    users = Counter(one for those in found.values() for one in those)
    common = frozenset(name for name, count in users.items() if count >= _COMMON)
    edges = {name: [one for one in those if one not in common] for name, those in reduced(found).items()}
    listed = rows(found)
    width = max(len(row) for row in listed) * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    height = len(listed) * (_HEIGHT + _BETWEEN) - _BETWEEN + 2 * _MARGIN
    boxes = _boxes(listed, width)
    lines = [_line(boxes[name], boxes[one]) for name in sorted(edges) for one in edges[name]]
    shown = [_shown(root, boxes[name], name in common) for row in listed for name in row]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    title = "<title>The packages of Protogate: each stands above what it imports</title>"
    ground = f'<rect class="ground" width="{width}" height="{height}" rx="8"/>'
    return "\n".join([head, title, f"<style>\n{_STYLE}</style>", ground, *lines, *shown, "</svg>", ""])


def _boxes(listed: Sequence[Sequence[str]], width: float) -> dict[str, Box]:
    found = {}
    for number, row in enumerate(listed):
        left = (width - (len(row) * (_WIDTH + _GAP) - _GAP)) / 2
        for index, name in enumerate(row):
            found[name] = Box(name, left + index * (_WIDTH + _GAP), _MARGIN + number * (_HEIGHT + _BETWEEN))
    return found


def _line(upper: Box, lower: Box) -> str:
    x, y = upper.x + _WIDTH / 2, upper.y + _HEIGHT
    to_x, to_y = lower.x + _WIDTH / 2, lower.y
    half = (y + to_y) / 2
    return f'<path d="M{x:g} {y:g}C{x:g} {half:g} {to_x:g} {half:g} {to_x:g} {to_y:g}"/>'


def _shown(root: Path, box: Box, is_common: bool) -> str:  # noqa: FBT001 - one of two looks
    name = box.name.replace("protoc_gen_protogate.", "plugins: ").removeprefix("protogate.")
    look = "whole" if box.name in _WHOLE else "common" if is_common else ""
    frame = f'<rect class="{look}" x="{box.x:g}" y="{box.y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
    label = f'<text x="{box.x + _WIDTH / 2:g}" y="{box.y + _HEIGHT / 2:g}">{escape(name)}</text>'
    return f"<g><title>{escape(_says(root, box.name))}</title>{frame}{label}</g>"


def _says(root: Path, name: str) -> str:
    """Return the first line that a package or module says of itself."""
    place = root / name.replace(".", "/")
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) if path.exists() else ""
    return f"{name}: {(said or '').partition(chr(10))[0]}".rstrip(": ")

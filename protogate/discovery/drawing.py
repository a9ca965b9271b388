"""The boundaries as a picture that can be read: at most 30 nodes in layers, who uses stands above what is used.

Graphs of all boundaries are what people complain of with every tool of this kind, so the picture has the boundaries of
the planned slices, those with the most references, and one node for all others. It is drawn after K. Sugiyama (1981):
an order that few references run against, layers of bounded width, few crossings, and short lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.loose import count, rows, table, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["MOST_NODES", "Groups", "Line", "Node", "Picture", "Tie", "drawn", "grouped", "ordered"]

MOST_NODES: Final = 30
_MOST_HOMES: Final = 20
"""Boundaries of slices in the picture, so that there is room for those that they lean on."""
_STRONG_PER_NODE: Final = 2
_WIDEST: Final = 5
"""Nodes side by side."""
_SWEEPS: Final = 12
WIDTH: Final = 152
HEIGHT: Final = 44
_GAP: Final = 16
"""Between two boxes; what passes between them stands closer."""
_BEND: Final = 8
"""Width that a line takes where it passes a layer."""
_RISE: Final = 72
_MARGIN: Final = 12


class Node(NamedTuple):
    """A boundary, or all those that are not shown on their own."""

    name: str
    modules: int
    internal: int
    """References inside."""
    slices: tuple[str, ...]
    """Planned slices that have most of their modules here."""
    stands_for: int
    """1; or how many boundaries this one node stands for."""


class Tie(NamedTuple):
    """References from one node to another, both by their place in the list."""

    source: int
    target: int
    references: int


class Groups(NamedTuple):
    """Boundaries, the small ones as one."""

    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]
    """Sorted; none from a node to itself."""
    of: Mapping[str, int]
    """The node of each boundary."""


class Line(NamedTuple):
    """A tie that is drawn."""

    tie: Tie
    points: tuple[tuple[int, int], ...]
    """From the source to the target."""
    is_back: bool
    """Whether it runs against the order: one of those that close circles."""


class Picture(NamedTuple):
    """Where everything stands, in pixels."""

    width: int
    height: int
    places: tuple[tuple[int, int], ...]
    """The middle of each node."""
    lines: tuple[Line, ...]
    """The strongest ties, and the strongest of each node."""


def grouped(documents: Mapping[str, object], most: int = MOST_NODES) -> Groups:
    """Return the boundaries that matter most and one node for the others.

    Args:
        documents: all documents by their names.
        most: nodes.
    """
    document = table(documents.get("module-boundaries"))
    listed = {text(row.get("name")): row for row in rows(document.get("boundaries"))}
    references = [
        (text(row.get("source")), text(row.get("target")), count(row.get("references")))
        for row in rows(document.get("references"))
    ]
    homes = _homes(documents, {name: texts(row.get("modules")) for name, row in listed.items()})
    kept = _kept(listed, references, homes, most)
    places = {name: place for place, name in enumerate(kept)}
    of = {name: places.get(name, len(kept)) for name in listed}
    nodes = [_node(name, [listed[name]], homes.get(name, ())) for name in kept]
    others = [row for name, row in listed.items() if of[name] == len(kept)]
    if others:
        nodes.append(_node(f"{len(others)} others", others, ()))
    ties: Counter[tuple[int, int]] = Counter()
    for source, target, number in references:
        if source in of and target in of and of[source] != of[target]:
            ties[of[source], of[target]] += number
    return Groups(tuple(nodes), tuple(Tie(*pair, ties[pair]) for pair in sorted(ties)), of)


def _node(name: str, found: Sequence[Mapping[str, object]], slices: Sequence[str]) -> Node:
    modules = sum(len(texts(row.get("modules"))) for row in found)
    return Node(name, modules, sum(count(row.get("internal_references")) for row in found), tuple(slices), len(found))


def _homes(documents: Mapping[str, object], members: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return of each boundary the slices that have most of their modules in it, in the order of the plan."""
    of = {module: name for name, modules in members.items() for module in modules}
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows(documents.get("delegation-plan.generated")):
        modules = [text(one.get("module")) for one in rows(table(row.get("contents")).get("modules"))]
        votes = Counter(of[module] for module in modules if module in of)
        if votes:
            home = min(votes, key=lambda name: (-votes[name], name))
            found[home].append(text(table(row.get("slice")).get("slice_name")))
    return dict(found)


def _kept(
    listed: Mapping[str, object],
    references: Iterable[tuple[str, str, int]],
    homes: Mapping[str, Sequence[str]],
    most: int,
) -> list[str]:
    """Return the boundaries that are shown on their own, sorted."""
    if len(listed) <= most:
        return sorted(listed)
    weight: Counter[str] = Counter()
    for source, target, number in references:
        weight[source] += number
        weight[target] += number
    first = list(homes)[:_MOST_HOMES]
    rest = sorted((name for name in listed if name not in first), key=lambda name: (-weight[name], name))
    return sorted([*first, *rest][: most - 1])


def ordered(size: int, ties: Iterable[Tie]) -> list[int]:
    """Return nodes so that few references lead back, who uses first (P. Eades, X. Lin and W. Smyth, 1993)."""
    ahead: dict[int, dict[int, int]] = {one: {} for one in range(size)}
    behind: dict[int, dict[int, int]] = {one: {} for one in range(size)}
    for tie in ties:
        ahead[tie.source][tie.target] = behind[tie.target][tie.source] = tie.references
    left, first, last = set(range(size)), list[int](), list[int]()

    def take(one: int) -> None:
        left.discard(one)
        for other in ahead[one]:
            behind[other].pop(one, None)
        for other in behind[one]:
            ahead[other].pop(one, None)

    while left:
        sinks = sorted(one for one in left if not ahead[one])
        sources = sorted(one for one in left if ahead[one] and not behind[one])
        if sinks:
            last[:0] = sinks
        elif not sources:
            sources = [max(left, key=lambda one: (sum(ahead[one].values()) - sum(behind[one].values()), -one))]
        for one in sinks or sources:
            take(one)
        if not sinks:
            first += sources
    return [*first, *last]


def drawn(groups: Groups) -> Picture:
    """Return where the nodes stand and how their strongest ties run."""
    strong = _strong(groups)
    order = ordered(len(groups.nodes), strong)
    place = {one: index for index, one in enumerate(order)}
    # Drawn downwards; those that lead back are turned round at the end.
    down = [tuple(sorted((tie.source, tie.target), key=place.__getitem__)) for tie in strong]
    layers = _layers(order, {(upper, lower) for upper, lower in down})
    grid = _Grid(layers, sorted({(upper, lower) for upper, lower in down}))
    grid.settle()
    lines = []
    for tie in strong:
        is_back = place[tie.source] > place[tie.target]
        upper, lower = (tie.target, tie.source) if is_back else (tie.source, tie.target)
        points = grid.points(upper, lower)
        lines.append(Line(tie, points[::-1] if is_back else points, is_back))
    return Picture(*grid.size(), tuple(grid.place(one) for one in range(len(groups.nodes))), tuple(lines))


def _strong(groups: Groups) -> list[Tie]:
    """Return the ties that are drawn: the strongest of all, and of each node its strongest.

    Not those of the node that stands for many: everything is tied to it, and that says nothing.
    """
    many = {index for index, node in enumerate(groups.nodes) if node.stands_for > 1}
    plain = (tie for tie in groups.ties if not many & {tie.source, tie.target})
    by_weight = sorted(plain, key=lambda tie: (-tie.references, tie))
    found = set(by_weight[: _STRONG_PER_NODE * len(groups.nodes)])
    seen: set[int] = set()
    for tie in by_weight:
        if not {tie.source, tie.target} <= seen:
            found.add(tie)
            seen |= {tie.source, tie.target}
    return sorted(found)


def _layers(order: Sequence[int], down: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the layer of each node: below all that use it, and no more nodes in one than can stand side by side."""
    above: dict[int, list[int]] = defaultdict(list)
    tied: set[int] = set()
    for upper, lower in down:
        above[lower].append(upper)
        tied |= {upper, lower}
    found: dict[int, int] = {}
    sizes: Counter[int] = Counter()
    for one in [*(one for one in order if one in tied), *(one for one in order if one not in tied)]:
        # What has no ties at all stands below the picture.
        lowest = max(found.values(), default=-1)
        layer = max((found[other] + 1 for other in above[one]), default=0) if one in tied else max(0, lowest)
        while sizes[layer] >= _WIDEST:
            layer += 1
        found[one] = layer
        sizes[layer] += 1
    return found


class _Grid:
    """Layers of nodes and of the bends of lines that pass; lines to one node share their bends, as cables a duct."""

    def __init__(self, layers: Mapping[int, int], pairs: Sequence[tuple[int, int]]) -> None:
        self._chains: dict[tuple[int, int], list[tuple[int, ...]]] = {}
        self._rows: list[list[tuple[int, ...]]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
        self._up: dict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
        self._down: dict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
        self._x: dict[tuple[int, ...], float] = {}
        self._layers = layers
        for one in sorted(layers):
            self._rows[layers[one]].append((one,))
        for upper, lower in pairs:
            between = range(layers[upper] + 1, layers[lower])
            chain: list[tuple[int, ...]] = [(upper,), *((lower, layer) for layer in between), (lower,)]
            for layer, bend in zip(between, chain[1:-1], strict=True):
                if bend not in self._down:
                    self._rows[layer].append(bend)
                    self._down[bend].append(chain[layer - layers[upper] + 1])
                    self._up[chain[layer - layers[upper] + 1]].append(bend)
            self._down[upper,].append(chain[1])
            self._up[chain[1]].append((upper,))
            self._chains[upper, lower] = chain

    def settle(self) -> None:
        """Give everything its place: first the order in each layer, then how far to the right."""
        best, fewest = [list(row) for row in self._rows], self._crossings()
        for sweep in range(_SWEEPS):
            self._sweep(down=sweep % 2 == 0, move=self._reorder)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self._rows], crossings
        self._rows = best
        for row in self._rows:
            self._spread(row, [0.0] * len(row))
        for sweep in range(_SWEEPS):
            self._sweep(down=sweep % 2 == 0, move=self._shift)

    def _sweep(
        self, *, down: bool, move: Callable[[int, Mapping[tuple[int, ...], list[tuple[int, ...]]]], None]
    ) -> None:
        numbers = range(len(self._rows)) if down else reversed(range(len(self._rows)))
        for number in numbers:
            move(number, self._up if down else self._down)

    def _reorder(self, number: int, neighbours: Mapping[tuple[int, ...], list[tuple[int, ...]]]) -> None:
        """Order a layer by the middle of what each is tied to in the layer before it."""
        place = {one: index for row in self._rows for index, one in enumerate(row)}
        row = self._rows[number]

        def middle(one: tuple[int, ...]) -> float:
            found = [place[other] for other in neighbours.get(one, ())]
            return sum(found) / len(found) if found else float(place[one])

        self._rows[number] = sorted(row, key=lambda one: (middle(one), place[one]))

    def _shift(self, number: int, neighbours: Mapping[tuple[int, ...], list[tuple[int, ...]]]) -> None:
        """Move a layer as near as its order allows to what it is tied to."""
        row = self._rows[number]
        wanted = []
        for one in row:
            found = [self._x[other] for other in neighbours.get(one, ())]
            wanted.append(sum(found) / len(found) if found else self._x[one])
        self._spread(row, wanted)

    def _spread(self, row: Sequence[tuple[int, ...]], wanted: Sequence[float]) -> None:
        """Place a layer so that nothing overlaps and the squares of the moves are least: neighbours are pooled."""
        offset, offsets = 0.0, []
        for index, one in enumerate(row):
            offset += _apart(row[index - 1], one) if index else 0.0
            offsets.append(offset)
        pools: list[list[float]] = []  # sum, number
        for aim, along in zip(wanted, offsets, strict=True):
            pools.append([aim - along, 1.0])
            while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
                total, number = pools.pop()
                pools[-1][0] += total
                pools[-1][1] += number
        middles = [total / number for total, number in pools for _ in range(int(number))]
        for one, middle, along in zip(row, middles, offsets, strict=True):
            self._x[one] = middle + along

    def _crossings(self) -> int:
        found = 0
        for row, below in zip(self._rows, self._rows[1:], strict=False):
            place = {one: index for index, one in enumerate(below)}
            ends = [sorted(place[other] for other in self._down.get(one, ())) for one in row]
            flat = [end for group in ends for end in group]
            found += sum(left > right for index, left in enumerate(flat) for right in flat[index + 1 :])
        return found

    def _left(self) -> float:
        return min((x - _width(one) / 2 for one, x in self._x.items()), default=0.0) - _MARGIN

    def size(self) -> tuple[int, int]:
        """Return width and height."""
        right = max((x + _width(one) / 2 for one, x in self._x.items()), default=0.0) + _MARGIN
        height = len(self._rows) * (HEIGHT + _RISE) - _RISE + 2 * _MARGIN if self._rows else 0
        return round(right - self._left()), height

    def place(self, node: int) -> tuple[int, int]:
        """Return the middle of a node."""
        return self._at((node,), self._layers[node])

    def _at(self, one: tuple[int, ...], layer: int) -> tuple[int, int]:
        return round(self._x[one] - self._left()), _MARGIN + layer * (HEIGHT + _RISE) + HEIGHT // 2

    def points(self, upper: int, lower: int) -> tuple[tuple[int, int], ...]:
        """Return how a line runs down: out of the box, through the gaps of the layers between, into the box."""
        chain = self._chains[upper, lower]
        first, last = self._at(chain[0], self._layers[upper]), self._at(chain[-1], self._layers[lower])
        found = [(first[0], first[1] + HEIGHT // 2)]
        for layer, bend in enumerate(chain[1:-1], self._layers[upper] + 1):
            x, y = self._at(bend, layer)
            found += [(x, y - HEIGHT // 2), (x, y + HEIGHT // 2)]
        return (*found, (last[0], last[1] - HEIGHT // 2))


def _width(one: tuple[int, ...]) -> int:
    return WIDTH if len(one) == 1 else _BEND


def _apart(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    """Return how far the middles of two neighbours are at least apart."""
    gap = _GAP if len(left) == len(right) == 1 else _BEND
    return (_width(left) + _width(right)) / 2 + gap

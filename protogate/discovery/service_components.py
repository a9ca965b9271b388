"""Modules of a frontend and candidates of a backend that leave together."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.discovery.scores import SERVICE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from protogate.discovery.frontend import Frontend, FrontendModule, RouteGroup

__all__ = ["BACKEND", "Component", "Joiner", "jaccard", "listed", "slugs"]

BACKEND: Final = "service"
"""How a component without pages is delivered."""

_ALIKE: Final = 0.65
"""Jaccard of backend groups from where on modules leave together."""
_MOST_ASKING: Final = 4
_SHARE_ASKING: Final = 4
"""A group that more than four modules and a quarter of all ask for is common to them, and binds none to another."""
_LARGEST_CIRCLE: Final = 3
"""Modules that use each other; more than that are no service but what has to be taken apart."""
_SUBSTANCE: Final = 0.3
_HALF_SUBSTANCE: Final = 150
"""Lines of code of half the worth of size."""
_OVERLAP: Final = 0.1
_MOST_OF_IT: Final = 0.5
"""Share of the files with a group's routes that a candidate must hold to be the backend of a module."""


class Component(NamedTuple):
    """Modules that leave together, with their backend."""

    slug: str
    members: tuple[FrontendModule, ...]
    whole: FrontendModule | None
    """The members taken as one; None where there is only a backend."""
    groups: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    """Candidates of the backend."""
    mode: str
    reason: str
    priority: float


class Joiner:
    """Says what leaves together."""

    def __init__(
        self,
        frontend: Frontend,
        groups: Mapping[str, RouteGroup],
        ranked: Sequence[Mapping[str, object]],
        reached: Collection[str],
    ) -> None:
        """Take what may leave.

        Args:
            frontend: with its modules.
            groups: of routes, by name.
            ranked: candidates, best first.
            reached: modules of the backend that something outside of the code reaches: requests, data, a queue.
        """
        self._frontend = frontend
        self._modules = frontend.modules
        self._groups = groups
        self._ranked = ranked
        self._reached = frozenset(reached)
        users = Counter(name for one in self._modules for name in one.groups)
        most = max(_MOST_ASKING, len(self._modules) // _SHARE_ASKING)
        self._binding = frozenset(name for name, count in users.items() if count <= most)
        self._slugs = slugs(one.name for one in self._modules)

    def priority(self, one: FrontendModule) -> float:
        """Return the score, of which half counts as far as nobody else asks for its routes, and a little for substance.

        A page of a few lines proves nothing as a pilot; from some hundreds of lines on, size adds nothing more.
        """
        users = [sum(name in other.groups for other in self._modules) for name in one.groups]
        alone = sum(1 / count for count in users) / len(users) if users else 0.5
        substance = 1 - _SUBSTANCE + _SUBSTANCE * one.code_lines / (one.code_lines + _HALF_SUBSTANCE)
        return one.score.total * substance * (1 + alone) / 2

    def _together(self) -> list[tuple[FrontendModule, ...]]:
        """Return modules that leave together, the best first: small circles, and those that ask for the same routes."""
        by_name = {one.name: one for one in self._modules}
        circles = [names for names in _circles(by_name) if 1 < len(names) <= _LARGEST_CIRCLE]
        bound = {name: names for names in circles for name in names}
        bound |= {name: {name} for name in by_name if name not in bound}
        pairs = sorted(
            (-self._alike(left, right), left.name, right.name) for left, right in combinations(self._modules, 2)
        )
        for unlike, left, right in pairs:
            here, there = bound[left], bound[right]
            if -unlike < _ALIKE or here is there:
                continue
            # A chain of likenesses would make one component of all: every pair has to be alike.
            if all(self._alike(by_name[one], by_name[other]) >= _ALIKE for one in here for other in there):
                here |= there
                bound |= dict.fromkeys(there, here)
        groups = {min(names): names for names in bound.values()}
        return [
            tuple(sorted((by_name[name] for name in groups[first]), key=lambda one: (-self.priority(one), one.name)))
            for first in sorted(groups)
        ]

    def _alike(self, left: FrontendModule, right: FrontendModule) -> float:
        """Return how alike two modules are, unless all that they share is what very many ask for."""
        shared = set(left.groups) & set(right.groups)
        return jaccard(left, right) if shared & self._binding else 0.0

    def components(self) -> list[Component]:
        """Return what leaves together, best first: modules with their backend, then candidates that no module asks for.

        Of candidates that lie in each other the better one counts, and none that is only reached by other code: such a
        one is a library, whatever its score.
        """
        left = [row for row in self._ranked if row.get("archetype") == SERVICE and not row.get("excluded")]
        found = []
        for members in self._together():
            whole = self._frontend.joined([one.name for one in members])
            groups = tuple(sorted({name for one in members for name in one.groups}))
            rows = self._backends(members, groups, left)
            left = [row for row in left if row not in rows]
            score = [float(str(row["score"])) for row in rows]
            own = self.priority(whole)
            priority = (own + sum(score) / len(score)) / 2 if score else own
            slug = self._slugs[members[0].name]
            reason = whole.delivery_reason
            found.append(Component(slug, members, whole, groups, rows, whole.delivery_mode, reason, priority))
        taken = {one.slug for one in found}
        held: set[str] = {name for one in found for row in one.rows for name in listed(row["modules"])}
        held |= {name for one in self._modules for name in one.owned}
        for row in left:
            modules = set(listed(row["modules"]))
            if self._reached.isdisjoint(modules) or len(modules & held) > _OVERLAP * len(modules):
                continue
            held |= modules
            slug = _slug(str(row["module"]), taken)
            taken.add(slug)
            found.append(self._backend_only(slug, row))
        return sorted(found, key=lambda one: (-one.priority, one.slug))

    def _backend_only(self, slug: str, row: Mapping[str, object]) -> Component:
        modules = set(listed(row["modules"]))
        groups = tuple(name for name, group in self._groups.items() if modules.intersection(group.modules))
        what = f"{len(groups)} groups of routes" if groups else "no routes"
        reason = f"a candidate of the backend with {what}, and no module of a frontend is its own"
        return Component(slug, (), None, groups, (row,), BACKEND, reason, float(str(row["score"])))

    def _backends(
        self, members: Sequence[FrontendModule], groups: Iterable[str], left: Iterable[Mapping[str, object]]
    ) -> tuple[Mapping[str, object], ...]:
        """Return the candidate that answers most of what modules ask for, if theirs are most of its routes."""
        names = {one.name for one in members}
        own = {
            name
            for group in groups
            if {one.name for one in self._modules if group in one.groups} <= names and group in self._groups
            for name in self._groups[group].modules
        }
        answering = {name for group in self._groups.values() for name in group.modules}
        best: tuple[int, int, str] | None = None
        chosen: tuple[Mapping[str, object], ...] = ()
        for row in left:
            modules = set(listed(row["modules"]))
            routes = modules & answering
            shared = routes & own
            if not shared or len(shared) < _MOST_OF_IT * len(own) or len(shared) < _MOST_OF_IT * len(routes):
                continue
            rank = (-len(shared), len(modules), str(row["module"]))
            if best is None or rank < best:
                best, chosen = rank, (row,)
        return chosen


def _circles(modules: Mapping[str, FrontendModule]) -> list[set[str]]:
    """Return the sets of modules that use each other, directly or by way of others, by name."""
    reach: dict[str, set[str]] = {}
    for name in modules:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for target in modules[waiting.pop()].targets:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        reach[name] = seen
    circles: list[set[str]] = []
    for name in sorted(modules):
        if not any(name in circle for circle in circles):
            circles.append({name} | {other for other in reach[name] if name in reach[other]})
    return circles


def jaccard(left: FrontendModule, right: FrontendModule) -> float:
    """Return how alike the groups of routes are that two modules ask for, 0 to 1."""
    both = set(left.groups) | set(right.groups)
    return len(set(left.groups) & set(right.groups)) / len(both) if both else 0.0


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return what the service of each name is called, no two alike."""
    found: dict[str, str] = {}
    for name in names:
        found[name] = _slug(name, set(found.values()))
    return found


def _slug(name: str, taken: Collection[str]) -> str:
    """Return what a service is called: the last part of a name, with more before it where that is taken."""
    parts = [one for part in re.split(r"[./:]", name) if (one := _kebab(part))] or ["service"]
    for count in range(1, len(parts) + 1):
        slug = "-".join(parts[-count:])
        if slug not in taken:
            return slug
    number = 2
    while f"{'-'.join(parts)}-{number}" in taken:
        number += 1
    return f"{'-'.join(parts)}-{number}"


def _kebab(name: str) -> str:
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return re.sub(r"[^a-z0-9]+", "-", humps.lower()).strip("-")


def listed(value: object) -> list[Any]:
    """Return the members of a collection of JSON; none of anything else."""
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []

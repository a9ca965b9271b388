"""The feature modules of a frontend: what each owns, reaches, shares and asks for, and how it would leave."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.candidates import matches
from protogate.discovery.frontend_calls import USED, Claim, Claims, RouteGroup, group_of, route_groups
from protogate.discovery.frontend_layout import COMPONENTS, FrontendSettings, Layout, frontend_files, layouts
from protogate.discovery.frontend_scores import Score, Signals, delivery, score
from protogate.discovery.model import EdgeKind
from protogate.discovery.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.model import Edge, Inventory, Module

__all__ = [
    "Frontend",
    "FrontendModule",
    "FrontendSettings",
    "RouteGroup",
    "frontend_modules",
    "group_of",
    "is_migrated",
    "route_groups",
]

_HOST_STORES: Final = frozenset({"react-redux", "vuex", "vuex-map-fields", "@ngrx/store"})
"""Packages that give components the store of whatever they are shown in."""
_STORE_WORDS: Final = frozenset({"store", "stores", "vuex", "redux", "pinia"})
_LEAST_MODULES: Final = 4
"""From where on what more than half of the modules share is the shell's."""


class FrontendModule(NamedTuple):
    """A module of a frontend with everything that is known of it."""

    name: str
    path: str
    root: str
    why: str
    """What makes it a module: `3 pages, 4 components`."""
    owned: tuple[str, ...]
    """Names of modules, as all below."""
    pages: tuple[str, ...]
    components: tuple[str, ...]
    route_files: tuple[str, ...]
    closure: tuple[str, ...]
    """Its own files and the shared ones that they reach, without those of other modules."""
    shared: tuple[str, ...]
    """Of the closure what is not its own."""
    direct_shared: tuple[Edge, ...]
    """The first use of each name of a shared file."""
    crossings: tuple[Edge, ...]
    """The first use of each name of another module."""
    used_by: tuple[Edge, ...]
    """The same, by other modules."""
    mounts: tuple[Edge, ...]
    """Uses by files that belong to no module: routers, registries."""
    claims: tuple[Claim, ...]
    vague: tuple[Edge, ...]
    """Imports of clients that ask for everything, and so say nothing."""
    groups: tuple[str, ...]
    """Of backend routes, without what the shell asks for."""
    shell_groups: tuple[str, ...]
    """Of backend routes, by way of shared components, or of shared functions that more than half of the modules use."""
    features: Mapping[str, int]
    signals: Signals
    score: Score
    delivery_mode: str
    delivery_reason: str
    targets: Mapping[str, int]
    """Other modules that it uses, and how many of their names."""
    code_lines: int

    @property
    def direct_groups(self) -> tuple[str, ...]:
        """Groups of backend routes that its own files ask for."""
        return _sorted(claim.group for claim in self.claims if claim.via is None)

    @property
    def direct_api_groups(self) -> tuple[str, ...]:
        """Prefixes that its own files ask for, answered or not."""
        return _sorted(claim.api for claim in self.claims if claim.via is None)

    @property
    def api_groups(self) -> tuple[str, ...]:
        """Prefixes that it asks for, answered or not, without what the shell asks for."""
        own = (claim for claim in self.claims if not claim.is_shown)
        return _sorted(claim.api for claim in own if not claim.group or claim.group in self.groups)


def is_migrated(name: str, path: str, settings: FrontendSettings) -> bool:
    """Tell whether something has left already, by its name or by its path."""
    return matches(name, settings.migrated_modules) or matches(path, settings.migrated_modules)


def frontend_modules(
    inventory: Inventory, settings: FrontendSettings, facts: Mapping[str, FileFacts] | None = None
) -> tuple[FrontendModule, ...]:
    """Return the feature modules of all frontends, sorted by name.

    Args:
        inventory: the repository.
        settings: of the run.
        facts: of files by path: with them, requests of a shared file belong to who imports the function that sends
            them; without them, to who imports anything of a file that asks for few groups.
    """
    return Frontend(inventory, settings, facts or {}).modules


class Frontend:
    """All modules of the frontends of a repository, each as it is and several taken as one."""

    def __init__(self, inventory: Inventory, settings: FrontendSettings, facts: Mapping[str, FileFacts]) -> None:
        """Take the arguments of `frontend_modules`."""
        found = layouts(inventory, settings)
        self._describer = _Describer(inventory, settings, found, facts)
        self._kept = {one.name: one for one in found if not is_migrated(one.name, one.path, settings)}
        self.migrated: tuple[str, ...] = tuple(sorted(one.name for one in found if one.name not in self._kept))
        self.modules = _without_shell(tuple(map(self._described, self._kept.values())))
        own = {name for one in self.modules for name in one.groups}
        self._shell = {name for one in self.modules for name in one.shell_groups} - own

    def joined(self, members: Sequence[str]) -> FrontendModule:
        """Return modules as if they were one, named after the first: what is between them is no obstacle any more."""
        listed = [self._kept[name] for name in members]
        one = self._described(
            listed[0]._replace(
                why="; ".join(f"{each.name}: {each.why}" for each in listed),
                owned=_sorted(name for each in listed for name in each.owned),
                pages=_sorted(name for each in listed for name in each.pages),
                components=_sorted(name for each in listed for name in each.components),
                route_files=_sorted(name for each in listed for name in each.route_files),
                is_file_routed=any(each.is_file_routed for each in listed),
            )
        )
        return _parted(one, self._shell)

    def _described(self, layout: Layout) -> FrontendModule:
        return self._describer.module(layout, self._kept)


class _Describer:
    """Says everything of modules, with what is between them counted once."""

    def __init__(
        self,
        inventory: Inventory,
        settings: FrontendSettings,
        listed: Sequence[Layout],
        facts: Mapping[str, FileFacts],
    ) -> None:
        self._files = frontend_files(inventory, settings)
        self._owners = {name: layout.name for layout in listed for name in layout.owned}
        self._claims = Claims(inventory, settings.group_depth, settings.path_regex, self._owners, facts)
        self._from: dict[str, list[Edge]] = defaultdict(list)
        self._to: dict[str, list[Edge]] = defaultdict(list)
        self._told: dict[str, list[Edge]] = defaultdict(list)
        linked = set()
        # A repository without a frontend has many edges all the same.
        edges = inventory.edges if listed else ()
        for edge in edges:
            if edge.kind in USED and edge.source in self._files and edge.target in self._files:
                self._from[edge.source].append(edge)
                self._to[edge.target].append(edge)
                linked.add((edge.source, edge.target))
        for edge in edges:
            is_linked = (edge.source, edge.target) in linked or (edge.target, edge.source) in linked
            if edge.kind == EdgeKind.EVENT and not is_linked:
                self._told[edge.source].append(edge)
                self._told[edge.target].append(edge)

    def module(self, layout: Layout, names: Container[str]) -> FrontendModule:
        """Return what is known of a module; other modules count where their names are among those that are given."""
        own = frozenset(layout.owned)
        out = _first(edge for name in layout.owned for edge in self._from[name] if edge.target not in own)
        into = _first(edge for name in layout.owned for edge in self._to[name] if edge.source not in own)
        crossings = tuple(edge for edge in out if self._owners.get(edge.target, "") in names)
        used_by = tuple(edge for edge in into if self._owners.get(edge.source, "") in names)
        shared = tuple(edge for edge in out if edge.target not in self._owners)
        mounts = tuple(edge for edge in into if edge.source not in self._owners)
        closure = self._closure(layout)
        claims, vague = self._claims.of(layout.owned)
        own_groups = _sorted(claim.group for claim in claims if not claim.is_shown)
        targets = Counter(self._owners[edge.target] for edge in crossings)
        others = tuple(name for name in closure if name not in own)
        signals = self._signals(layout, len(others), out, shared, crossings, used_by, mounts)
        points = score(signals)
        mode, reason = delivery(signals, points.total)
        return FrontendModule(
            name=layout.name,
            path=layout.path,
            root=layout.root,
            why=layout.why,
            owned=layout.owned,
            pages=layout.pages,
            components=layout.components,
            route_files=layout.route_files,
            closure=closure,
            shared=others,
            direct_shared=shared,
            crossings=crossings,
            used_by=used_by,
            mounts=mounts,
            claims=claims,
            vague=vague,
            groups=own_groups,
            shell_groups=tuple(name for name in _sorted(claim.group for claim in claims) if name not in own_groups),
            features=self._features(layout),
            signals=signals,
            score=points,
            delivery_mode=mode,
            delivery_reason=reason,
            targets=dict(sorted(targets.items())),
            code_lines=signals.code_lines,
        )

    def _closure(self, layout: Layout) -> tuple[str, ...]:
        found = set(layout.owned)
        waiting = list(layout.owned)
        while waiting:
            for edge in self._from[waiting.pop()]:
                if edge.target not in found and edge.target not in self._owners:
                    found.add(edge.target)
                    waiting.append(edge.target)
        return tuple(sorted(found))

    def _features(self, layout: Layout) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for name in layout.owned:
            counts.update(self._files[name].features)
        return dict(sorted(counts.items()))

    def _signals(
        self,
        layout: Layout,
        shared_files: int,
        out: Sequence[Edge],
        shared: Sequence[Edge],
        crossings: Sequence[Edge],
        used_by: Sequence[Edge],
        mounts: Sequence[Edge],
    ) -> Signals:
        own = [self._files[name] for name in layout.owned]
        uses = {self._owners[edge.target] for edge in crossings}
        users = {self._owners[edge.source] for edge in used_by}
        host = [f"{one.path}: {name}" for one in own for name in one.externals if name in _HOST_STORES]
        dom, dom_uses = _featured(own, "dom")
        auth, _ = _featured(own, "auth")
        styles, style_uses = _featured(own, "global-css")
        return Signals(
            has_routes=bool(layout.route_files or layout.is_file_routed or (layout.pages and mounts)),
            mounts=tuple(map(_place, mounts)),
            mounting_files=len({edge.path for edge in mounts}),
            crossings=tuple(map(_place, (*crossings, *used_by))),
            stores=(*(_place(edge) for edge in out if self._is_store(edge.target)), *host),
            events=(
                *(_place(edge) for edge in shared if self._is_bus(edge.target)),
                *map(_place, self._told_across(layout)),
            ),
            dom=dom,
            dom_uses=dom_uses,
            auth=auth,
            styles=styles,
            style_uses=style_uses,
            shared=tuple(map(_place, {edge.target: edge for edge in reversed(shared)}.values()))[::-1],
            shared_files=shared_files,
            code_lines=sum(one.code_lines for one in own),
            pages=len(layout.pages),
            targets=len(uses),
            users=len(users),
            circle=tuple(sorted(uses & users)),
        )

    def _told_across(self, layout: Layout) -> tuple[Edge, ...]:
        """Return events between the module and another, where neither file imports the other."""
        found = []
        for name in layout.owned:
            for edge in self._told[name]:
                other = edge.target if edge.source == name else edge.source
                if other in self._owners and other not in layout.owned:
                    found.append(edge)
        return _first(found)

    def _is_store(self, name: str) -> bool:
        module = self._files[name]
        directory, _, file = module.path.rpartition("/")
        if module.path.endswith(COMPONENTS):
            return False
        # `useParamStore` is a store; `useStoreMutation` changes what a server calls one.
        last = words(file.partition(".")[0])[-1:] + words(posixpath.basename(directory))[-1:]
        is_named = not _STORE_WORDS.isdisjoint(last) or file.rpartition(".")[0].endswith(".store")
        return is_named or bool(module.features.get("store"))

    def _is_bus(self, name: str) -> bool:
        module = self._files[name]
        return bool(module.features.get("event-bus")) or "bus" in words(posixpath.basename(module.path))


def _without_shell(modules: Sequence[FrontendModule]) -> tuple[FrontendModule, ...]:
    """Take from modules the groups of the shell: more than half ask for them, by shared functions alone."""
    counts: Counter[str] = Counter()
    direct = {group for one in modules for group in one.direct_groups}
    for one in modules:
        counts.update(set(one.groups))
    shell = {name for name, count in counts.items() if count * 2 > len(modules) and name not in direct}
    return tuple(_parted(one, shell if len(modules) >= _LEAST_MODULES else ()) for one in modules)


def _parted(one: FrontendModule, shell: Collection[str]) -> FrontendModule:
    return one._replace(
        groups=tuple(name for name in one.groups if name not in shell),
        shell_groups=_sorted((*one.shell_groups, *(name for name in one.groups if name in shell))),
    )


def _featured(modules: Iterable[Module], name: str) -> tuple[tuple[str, ...], int]:
    """Return where a feature is seen, the most first, and how often."""
    counts = {one.path: count for one in modules if (count := one.features.get(name, 0))}
    places = tuple(
        f"{path}: {count} times" if count > 1 else path
        for path, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    )
    return places, sum(counts.values())


def _first(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the first use of each name by each file, by place."""
    found: dict[tuple[str, str, str], Edge] = {}
    for edge in sorted(edges, key=lambda one: (one.path, one.line, one.target, one.symbol, one.kind)):
        found.setdefault((edge.source, edge.target, edge.symbol), edge)
    return tuple(found.values())


def _place(edge: Edge) -> str:
    return f"{edge.path}:{edge.line}: {edge.symbol or edge.target}"


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))

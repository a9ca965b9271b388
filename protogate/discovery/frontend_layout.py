"""Where the feature modules of a frontend are: directories with pages, components or routes of their own.

A directory is a module because of what lies in it. Its name alone makes none: `modules/base.module.ts` is a file beside
modules, and `modules/helpers` without a page is shared code.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.model import Inventory, Module

__all__ = ["COMPONENTS", "WEB", "FrontendSettings", "Layout", "frontend_files", "layouts"]

WEB: Final = frozenset({"typescript", "javascript", "vue", "svelte"})

COMPONENTS: Final = (".vue", ".svelte", ".tsx", ".jsx", ".component.ts", ".component.js")
_PAGE_DIRECTORIES: Final = frozenset({"pages", "views", "screens", "routes"})
"""Where a file that lies directly in it is a page."""
_PAGE_NAME: Final = re.compile(r"(?:.*[a-z0-9](?:Page|View|Screen)|.+[._-](?:page|view|screen)|\+?page)")
_NO_PAGES: Final = re.compile(r"_.*|\+?layout.*|\+?error|not-?found|404|500|index|app", re.IGNORECASE)
"""Files in a directory of pages that belong to the frame around them."""
_ROUTE_NAME: Final = re.compile(r"(?:.*[._-])?(?:routes?|router|routing)(?:\.module)?", re.IGNORECASE)
_CLIENT_NAME: Final = re.compile(r"(?:.*[._-])?(?:api|service|services|client|store)|.*(?:Api|Service|Client|Store)")
_FRAME: Final = ("(", "@", "_", "[", "$")
"""Directories that group others or stand for a parameter."""
_GENERAL: Final = frozenset(
    {
        *("api", "assets", "constants", "context", "contexts", "core", "directives", "filters", "fixtures", "fonts"),
        *("helpers", "i18n", "icons", "images", "interfaces", "lang", "layout", "layouts", "locale", "locales"),
        *("middleware", "mixins", "mocks", "models", "plugins", "providers", "public", "queries", "router", "shell"),
        *("state", "store", "stores", "styles", "test", "tests", "theme", "themes", "types", "typings", "ui"),
        *("composables", "schemas", "vendor", "scripts", "server", "environments", "guards", "static", "src"),
    }
)
"""What developers name after a kind of code, never after a subject."""
_BUILT: Final = frozenset({"dist", "build", "out", "vendor"})
"""Directly below a frontend's root: made from the sources beside it."""
_MOST_OF_IT: Final = 0.8
"""Share of the files of a root from where on a directory is only the way to them."""
_LEAST_COMPONENTS: Final = 2
_LEAST_BELOW: Final = 2


class FrontendSettings(NamedTuple):
    """What a repository can say of its frontend and its API; without it, everything is found."""

    roots: tuple[str, ...] = ()
    """Directories of frontends; empty where they are to be found."""
    extensions: tuple[str, ...] = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".svelte")
    page_patterns: tuple[str, ...] = ("pages/**/*.page.ts", "**/*.page.ts")
    module_dir_names: tuple[str, ...] = ("modules", "features", "pages", "views", "apps", "domains", "routes")
    shared_dir_names: tuple[str, ...] = (
        *("services", "utils", "shared", "components", "registry", "config", "lib", "common", "hooks"),
    )
    module_prefix_rules: tuple[tuple[str, int], ...] = ()
    """Prefix, and how many parts joined by `-` name a module: `connect-`, 2 puts `connect-id-list` in `connect-id`."""
    path_regex: str = ""
    """What paths of the API look like; empty for all."""
    group_depth: int = 3
    """Segments of a path that name its group, `api` and the version counted whether they are there or not."""
    top_services: int = 4
    shared_modules: tuple[str, ...] = ("shared", "shell")
    """Names that are never modules."""
    migrated_modules: tuple[str, ...] = ()
    """Names of what has left already: whole, or `x*`."""


class Layout(NamedTuple):
    """A module as its directory shows it."""

    name: str
    """The last part of its path, with as many before as it takes to be the only one."""
    path: str
    root: str
    """Of the frontend; empty for the repository itself."""
    why: str
    owned: tuple[str, ...]
    """Names of modules."""
    pages: tuple[str, ...]
    components: tuple[str, ...]
    route_files: tuple[str, ...]
    is_file_routed: bool
    """Its pages lie where a framework takes the address from the path."""


class _Found(NamedTuple):
    path: str
    root: str
    kind: str
    """`directory`, `page`, `domain`."""


def frontend_files(inventory: Inventory, settings: FrontendSettings) -> dict[str, Module]:
    """Return the modules of frontends by name: neither tests, nor what a program made or built."""
    found = {}
    roots = _Roots(inventory, settings)
    for module in inventory.modules:
        if module.language not in WEB or module.is_test or module.is_generated:
            continue
        if not module.path.endswith(settings.extensions) or not roots.holds(module.path):
            continue
        if roots.below(module.path)[0] not in _BUILT:
            found[module.name] = module
    return found


def layouts(inventory: Inventory, settings: FrontendSettings) -> tuple[Layout, ...]:
    """Return the modules of all frontends, sorted by name; those that have left are among them."""
    finder = _Finder(inventory, settings)
    return tuple(sorted(finder.layouts()))


class _Roots:
    """The directory of the frontend that a file belongs to: the nearest that is built on its own."""

    def __init__(self, inventory: Inventory, settings: FrontendSettings) -> None:
        self._given = tuple(sorted((one.strip("/") for one in settings.roots), key=len, reverse=True))
        self._builds = {posixpath.dirname(one.path) for one in inventory.manifests if one.kind == "package.json"}
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        if self._given:
            return next((one for one in self._given if path.startswith(f"{one}/")), "")
        directory = path.rpartition("/")[0]
        if directory not in self._known:
            self._known[directory] = self._above(path)
        return self._known[directory]

    def _above(self, path: str) -> str:
        place = posixpath.dirname(path)
        while place and place not in self._builds:
            place = posixpath.dirname(place)
        if place or "" in self._builds:
            return place
        parts = path.split("/")
        return parts[0] if len(parts) > 1 and parts[0] not in {"src", "app"} else ""

    def holds(self, path: str) -> bool:
        return not self._given or any(path.startswith(f"{one}/") for one in self._given)

    def below(self, path: str) -> list[str]:
        root = self.of(path)
        return path.removeprefix(f"{root}/" if root else "").split("/")


class _Finder:
    """Looks for modules in all frontends of a repository."""

    def __init__(self, inventory: Inventory, settings: FrontendSettings) -> None:
        self._settings = settings
        self._files = frontend_files(inventory, settings)
        self._roots = _Roots(inventory, settings)
        self._containers = frozenset(name.lower() for name in settings.module_dir_names)
        self._shared = frozenset(name.lower() for name in settings.shared_dir_names)
        self._never = frozenset(name.lower() for name in settings.shared_modules)
        self._patterns = [re.compile(_pattern(one)) for one in settings.page_patterns]
        self._callers = {call.file for call in inventory.http_calls}
        self._passed: set[str] = set()
        """Containers that hold one directory, with all modules in it."""

    def layouts(self) -> Iterator[Layout]:
        by_root: dict[str, list[Module]] = defaultdict(list)
        for module in self._files.values():
            by_root[self._roots.of(module.path)].append(module)
        members: dict[_Found, list[Module]] = defaultdict(list)
        for root in sorted(by_root):
            for found, listed in self._in_root(root, by_root[root]).items():
                members[found] += listed
        names = _unique({found.path for found in members})
        for found, listed in members.items():
            yield self._layout(found, names[found.path], listed)

    def _in_root(self, root: str, modules: Sequence[Module]) -> dict[_Found, list[Module]]:
        self._passed = set()
        self._passed = self._passages(root, modules)
        members: dict[_Found, list[Module]] = defaultdict(list)
        rest = []
        for module in modules:
            found = self._contained(root, module)
            if found is None:
                rest.append(module)
            else:
                members[found].append(module)
        members = _joined(members)
        kept = {found: listed for found, listed in members.items() if self._is_module(found, listed)}
        domains = self._domains(root, modules, rest, kept)
        return kept | {found: listed for found, listed in domains.items() if self._is_module(found, listed)}

    def _passages(self, root: str, modules: Iterable[Module]) -> set[str]:
        """Return directories of containers that are alone in them and have no page but those of their directories."""
        children: dict[str, set[str]] = defaultdict(set)
        pages: dict[str, set[str]] = defaultdict(set)
        for module in modules:
            found = self._contained(root, module)
            if found is not None:
                children[posixpath.dirname(found.path)].add(found.path)
                inner = posixpath.relpath(module.path, found.path)
                if self._is_page(module, found):
                    pages[found.path].add(inner.partition("/")[0] if "/" in inner else "")
        alone = {next(iter(listed)) for listed in children.values() if len(listed) == 1}
        return {one for one in alone if "" not in pages[one] and len(pages[one]) >= _LEAST_BELOW}

    def _contained(self, root: str, module: Module) -> _Found | None:
        """Return the module of a file that lies below `modules/` or a directory of its kind."""
        parts = self._roots.below(module.path)
        start = len(module.path.split("/")) - len(parts)
        whole = module.path.split("/")
        for index, part in enumerate(parts[:-1]):
            place = "/".join(whole[: start + index + 1])
            if part.lower() not in self._containers and place not in self._passed:
                continue
            begin = index + 1
            while begin < len(parts) - 1 and parts[begin].startswith(_FRAME):
                begin += 1
            child = parts[begin]
            if begin < len(parts) - 1 and (child.lower() in self._containers):
                continue
            path = "/".join(whole[: start + begin])
            if begin < len(parts) - 1:
                inner = f"{path}/{self._prefixed(child)}"
                if inner in self._passed:
                    continue
                return _Found(inner, root, "directory")
            stem = child.partition(".")[0]
            if self._prefixed(stem) != stem:
                return _Found(f"{path}/{self._prefixed(stem)}", root, "directory")
            is_paged = part.lower() in _PAGE_DIRECTORIES and child.endswith(COMPONENTS)
            if (is_paged or self._matches(module.path, root)) and not _NO_PAGES.fullmatch(stem):
                return _Found(f"{path}/{stem}", root, "page")
            return None
        return None

    def _prefixed(self, name: str) -> str:
        for prefix, segments in self._settings.module_prefix_rules:
            if name.startswith(prefix):
                return "-".join(name.split("-")[:segments])
        return name

    def _domains(
        self, root: str, modules: Sequence[Module], rest: Iterable[Module], kept: Collection[_Found]
    ) -> dict[_Found, list[Module]]:
        """Return directories named after a subject, below where most of the sources lie."""
        base = self._base(modules)
        general = self._shared | self._never | self._containers | _GENERAL
        members: dict[_Found, list[Module]] = defaultdict(list)
        for module in rest:
            parts = self._roots.below(module.path)
            if parts[: len(base)] != base or len(parts) < len(base) + 2:
                continue
            name = parts[len(base)]
            path = posixpath.join(root, *base, name)
            if name.lower() in general or name.startswith((".", *_FRAME)):
                continue
            if not any(found.path.startswith(f"{path}/") for found in kept):
                members[_Found(path, root, "domain")].append(module)
        return members

    def _base(self, modules: Sequence[Module]) -> list[str]:
        """Return the way from a root to the directory that its sources lie in: `src`, `src/app`, `client/js`."""
        waiting = [self._roots.below(module.path) for module in modules]
        base: list[str] = []
        while True:
            counts = Counter(parts[0] for parts in waiting if len(parts) > 1)
            top = min(counts, key=lambda name: (-counts[name], name), default="")
            is_way = counts[top] >= _MOST_OF_IT * len(waiting) and top.lower() not in self._containers
            if not top or not is_way:
                return base
            inner = [parts[1:] for parts in waiting if parts[0] == top and len(parts) > 1]
            if not any(len(parts) > 1 for parts in inner):
                return base
            base.append(top)
            waiting = inner

    def _is_module(self, found: _Found, modules: Sequence[Module]) -> bool:
        name = posixpath.basename(found.path).lower()
        pages = any(self._is_page(one, found) for one in modules)
        routes = any(_is_route_file(one) for one in modules)
        components = sum(one.path.endswith(COMPONENTS) for one in modules)
        if name in self._never:
            return False
        if name in self._shared:
            return pages and found.kind != "domain"
        if found.kind != "domain":
            return bool(pages or routes or components)
        asks = any(one.path in self._callers or _CLIENT_NAME.fullmatch(_stem(one.path)) for one in modules)
        return pages or routes or (components >= _LEAST_COMPONENTS and asks)

    def _layout(self, found: _Found, name: str, modules: Iterable[Module]) -> Layout:
        listed = sorted(modules, key=lambda one: one.name)
        pages = [one.name for one in listed if self._is_page(one, found)]
        components = [one.name for one in listed if one.path.endswith(COMPONENTS) and one.name not in pages]
        routes = [one.name for one in listed if _is_route_file(one)]
        counts = ((len(pages), "page"), (len(components), "component"), (len(routes), "file of routes"))
        why = ", ".join(f"{count} {_plural(what, count)}" for count, what in counts if count)
        return Layout(
            name,
            found.path,
            found.root,
            why or "no pages",
            tuple(one.name for one in listed),
            tuple(pages),
            tuple(components),
            tuple(routes),
            any(posixpath.basename(one.path).startswith(("+page.", "page.")) for one in listed),
        )

    def _is_page(self, module: Module, found: _Found) -> bool:
        if self._matches(module.path, found.root):
            return True
        directory, _, file = module.path.rpartition("/")
        stem = _stem(module.path)
        if _PAGE_NAME.fullmatch(stem) and not file.endswith((".css.ts", ".d.ts")):
            return True
        if not module.path.endswith(COMPONENTS):
            return False
        if found.kind == "page":
            return True
        above = directory.split("/")
        paged = not _PAGE_DIRECTORIES.isdisjoint(part.lower() for part in above)
        is_direct = above[-1].lower() in _PAGE_DIRECTORIES and not _NO_PAGES.fullmatch(stem)
        return is_direct or (paged and stem.lower() in {"index", above[-1].lower()})

    def _matches(self, path: str, root: str) -> bool:
        below = path.removeprefix(f"{root}/" if root else "")
        return any(one.fullmatch(path) or one.fullmatch(below) for one in self._patterns)


def _joined(members: Mapping[_Found, list[Module]]) -> dict[_Found, list[Module]]:
    """Put a page beside a directory of its name into it: `pages/Orders.tsx` and `pages/Orders/Row.tsx`."""
    directories = {found.path.lower(): found for found in members if found.kind == "directory"}
    joined: dict[_Found, list[Module]] = defaultdict(list)
    for found, listed in members.items():
        joined[directories.get(found.path.lower(), found)] += listed
    return joined


def _is_route_file(module: Module) -> bool:
    directory, _, file = module.path.rpartition("/")
    stem = file.rpartition(".")[0]
    if _ROUTE_NAME.fullmatch(stem):
        return True
    return stem == "index" and posixpath.basename(directory) in {"router", "routes", "routing"}


def _stem(path: str) -> str:
    return posixpath.basename(path).rpartition(".")[0]


def _plural(what: str, count: int) -> str:
    return what if count == 1 else what.replace("file", "files") if " " in what else f"{what}s"


def _unique(paths: Collection[str]) -> dict[str, str]:
    """Return the shortest end of each path that no other has."""
    names: dict[str, str] = {}
    for path in sorted(paths):
        parts = path.split("/")
        count = next(
            (
                count
                for count in range(1, len(parts))
                if sum(f"/{other}".endswith("/" + "/".join(parts[-count:])) for other in paths) == 1
            ),
            len(parts),
        )
        names[path] = "/".join(parts[-count:])
    return names


def _pattern(written: str) -> str:
    """Return the expression of a pattern of paths, where `**/` is any way down and `*` any part of a name."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", written)
    kinds = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(kinds.get(piece, re.escape(piece)) for piece in pieces)

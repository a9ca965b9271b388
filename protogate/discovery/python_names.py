"""Names of Python across files: which module a file is, and which module an import means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import Edge, EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogate.discovery.facts import FileFacts, ImportFact

__all__ = ["Names", "Target", "edges", "module_names"]

_SOURCE_ROOTS: Final = frozenset({"src", "lib", "python"})
_INIT: Final = "__init__.py"
_MOST_HOPS: Final = 8
"""Of re-exports, one behind the other; a circle of them ends here."""
_KINDS: Final = {"call": EdgeKind.CALL, "subclass": EdgeKind.SUBCLASS, "import": EdgeKind.IMPORT}


class Target(NamedTuple):
    """What an import means: a module of the repository, and a name in it."""

    module: str
    symbol: str
    """Empty for the module as a whole."""


def module_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the dotted name of each file of Python, as an import would say it.

    A package begins where no `__init__.py` is above it; files outside of packages are named from the root, or from a
    directory of sources such as `src`. Where two files would have one name, the later ones carry their whole path.
    """
    listed = sorted(paths)
    packages = {path.rpartition("/")[0] for path in listed if path.rpartition("/")[2] == _INIT}
    taken: set[str] = set()
    found = {}
    for path in listed:
        name = _name(path, packages)
        if name in taken:
            name = _dotted(path)
        taken.add(name)
        found[path] = name
    return found


class _Package(NamedTuple):
    """What an `__init__.py` has to offer."""

    passed_on: Mapping[str, ImportFact]
    """Imports by the names under which others may import them again."""
    own: frozenset[str]
    """What it defines itself."""

    @classmethod
    def of(cls, facts: FileFacts) -> _Package:
        """Return what a file offers."""
        passed_on = {one.alias: one for one in facts.imports if one.name not in {"", "*"}}
        return cls(passed_on, frozenset(one.name for one in facts.definitions))


_NO_PACKAGE: Final = _Package({}, frozenset())


class Names:
    """The modules of a repository, and what their `__init__` pass on."""

    def __init__(self, facts: Mapping[str, FileFacts], by_path: Mapping[str, str] | None = None) -> None:
        """Take the facts of files by path, and where it is known already the name of each file of Python.

        Of the facts only those of packages are looked at, when somebody imports from one.
        """
        self.by_path = module_names(facts) if by_path is None else by_path
        self._facts = facts
        self._inits = {name: path for path, name in self.by_path.items() if _is_init(path)}
        self._modules = set(self.by_path.values())
        self._packages: dict[str, _Package] = {}
        self._found: dict[str, str | None] = {}

    def _package(self, name: str) -> _Package:
        """Return what a module passes on; nothing where it is no package."""
        if name not in self._packages:
            path = self._inits.get(name)
            self._packages[name] = _NO_PACKAGE if path is None else _Package.of(self._facts[path])
        return self._packages[name]

    def resolve(self, module: str, fact: ImportFact) -> Target | None:
        """Return what an import of a module means; None for what is not of this repository."""
        place = self._place(module, fact)
        if place is None:
            return None
        whole = self._whole(module, fact, place)
        if whole is not None:
            return Target(whole, "")
        return self._defining(place, fact.name if fact.name != "*" else "", _MOST_HOPS)

    def _whole(self, module: str, fact: ImportFact, place: str) -> str | None:
        """Return the module that `from a.b import c` means where `a.b` is a directory without `__init__.py`."""
        if not fact.name or fact.name == "*" or fact.name in self._package(place).own:
            return None
        written = f"{fact.module}.{fact.name}" if fact.module else fact.name
        if fact.level:
            kept = self._around(module, fact.level)
            found = f"{kept}.{written}" if kept else written
        else:
            found = written
            if self._absolute(fact.module) is None:
                found = f"{self._around(module, 1)}.{written}"
        return found if found in self._modules and found not in self._inits and found != module else None

    def _around(self, module: str, level: int) -> str:
        """Return the package that so many dots in a module mean."""
        name = module if module in self._inits else module.rpartition(".")[0]
        for _ in range(level - 1):
            name = name.rpartition(".")[0]
        return name

    def _place(self, module: str, fact: ImportFact) -> str | None:
        """Return the module or package that an import begins with; its longest part that is one."""
        if fact.level:
            kept = self._around(module, fact.level)
            return self._longest(f"{kept}.{fact.module}".strip("."), len(kept))
        found = self._absolute(fact.module)
        if found is not None:
            return found
        # Python 2: what lies beside a module comes first, without a dot.
        beside = self._around(module, 1)
        return self._longest(f"{beside}.{fact.module}", len(beside)) if beside else None

    def _absolute(self, name: str) -> str | None:
        if name not in self._found:
            self._found[name] = self._longest(name, 0)
        return self._found[name]

    def _longest(self, name: str, least: int) -> str | None:
        """Return the longest beginning of a dotted name that is a module, longer than `least` letters or whole."""
        part = name
        while part not in self._modules:
            part = part.rpartition(".")[0]
            if len(part) <= least:
                return None
        return part

    def _defining(self, module: str, symbol: str, hops: int) -> Target:
        """Follow what a package passes on to where it is defined."""
        if symbol and f"{module}.{symbol}" in self._modules and symbol not in self._package(module).own:
            return Target(f"{module}.{symbol}", "")
        passed = self._package(module).passed_on.get(symbol)
        if symbol and passed is not None and hops:
            place = self._place(module, passed)
            if place is not None and place != module:
                return self._defining(place, passed.name, hops - 1)
        return Target(module, symbol)


def edges(names: Names, facts: Mapping[str, FileFacts]) -> Iterator[Edge]:
    """Yield what each module uses of another: one edge a line of use, or the import itself where no use is seen."""
    for path in sorted(facts):
        module = names.by_path[path]
        for fact in facts[path].imports:
            target = names.resolve(module, fact)
            if target is None or target.module == module:
                continue
            if not fact.uses:
                kind = EdgeKind.TYPE if fact.is_type_only else EdgeKind.IMPORT
                yield Edge(module, target.module, kind, path, fact.line, target.symbol, 1, fact.is_lazy)
                continue
            share, rest = divmod(fact.references, len(fact.uses))
            for index, (line, written, how) in enumerate(fact.uses):
                kind = EdgeKind.TYPE if fact.is_type_only else _KINDS[how]
                symbol = _symbol(fact, target, written)
                yield Edge(module, target.module, kind, path, line, symbol, share + (index < rest), fact.is_lazy)


def _symbol(fact: ImportFact, target: Target, written: str) -> str:
    """Return what is used of the target: of `orders.find` where `orders` is the module, `find`."""
    if target.symbol:
        return target.symbol
    prefix = fact.alias if fact.name or fact.alias != fact.module.partition(".")[0] else fact.module
    return written.removeprefix(prefix).lstrip(".").partition(".")[0]


def _name(path: str, packages: set[str]) -> str:
    directory = path.rpartition("/")[0]
    top = directory
    # A directory without `__init__.py` below a package belongs to it.
    while top and top not in packages:
        top = top.rpartition("/")[0]
    inside = bool(top)
    while top in packages and top:
        top = top.rpartition("/")[0]
    if not inside:
        parts = directory.split("/") if directory else []
        begins = next((index + 1 for index, part in enumerate(parts) if part in _SOURCE_ROOTS), 0)
        top = "/".join(parts[:begins])
    return _dotted(path[len(top) + 1 :] if top else path)


def _is_init(path: str) -> bool:
    return path.rpartition("/")[2] == _INIT


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

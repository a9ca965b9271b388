"""Names of TypeScript, JavaScript, Vue and Svelte across files: which file an import means."""

from __future__ import annotations

import json
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import Edge, EdgeKind, Problem
from protogate.discovery.python_names import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.facts import FileFacts, ImportFact

__all__ = ["WebNames", "edges", "module_name", "module_names", "read_configs"]

_ENDINGS: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts")
"""In the order in which a name without ending is looked for."""
_WRITTEN_FOR: Final = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx",),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
"""ECMAScript modules of TypeScript say the name that the file will have."""
_MOST_HOPS: Final = 8
"""Of re-exports, one behind the other, and of configurations that extend others."""
_KINDS: Final = {"call": EdgeKind.CALL, "subclass": EdgeKind.SUBCLASS, "import": EdgeKind.IMPORT}
_CONDITIONS: Final = ("source", "development", "svelte", "types", "import", "module", "browser", "default", "require")
"""Of `exports`, the closest to what people wrote first."""
_ENTRIES: Final = ("source", "svelte", "module", "main", "types", "typings", "browser")
_BUILT: Final = frozenset({"dist", "build", "lib", "esm", "cjs", "es", "out"})
"""Directories that are made of `src`."""
_DEPENDENCIES: Final = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_COMPILERS: Final = ("tsconfig", "jsconfig")
_PACKAGE: Final = "package.json"
_STRING: Final = r'"(?:\\.|[^"\\])*"'
_COMMENT: Final = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA: Final = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)


class _Passed(NamedTuple):
    """A name that a module passes on."""

    module: str
    """As written."""
    name: str
    """There; `*` for the module as a whole."""


class _Exports(NamedTuple):
    """What a module offers."""

    own: frozenset[str]
    passed: Mapping[str, _Passed]
    stars: tuple[str, ...]
    """Modules, as written, that are passed on as they are."""


class _Aliases(NamedTuple):
    """What a configuration of the compiler says of names."""

    base: str | None
    """The directory that bare names are looked for in."""
    paths: Mapping[str, Sequence[str]]
    place: str
    """What the right sides of `paths` are relative to."""


def module_name(path: str) -> str:
    """Return the path without its ending; of `a/index.ts` the directory that it stands for."""
    stem = _stem(path)
    return stem.removesuffix("/index")


def module_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the name of each file: its path without ending, and no name twice.

    `a/b/index.ts` is `a/b` where no file `a/b.ts` is. Of files with one stem the later ones keep their ending;
    a declaration comes after the file that it declares.
    """
    listed = sorted(paths, key=lambda path: (path.endswith((".d.ts", ".d.mts", ".d.cts")), path))
    plain = {_stem(path) for path in listed}
    taken: set[str] = set()
    found = {}
    for path in listed:
        stem = _stem(path)
        short = module_name(path)
        name = next((one for one in (short, stem) if one not in taken and (one == stem or one not in plain)), path)
        taken.add(name)
        found[path] = name
    return dict(sorted(found.items()))


class WebNames:
    """The modules of a repository, and what stands behind the names that their imports say."""

    def __init__(
        self, facts: Mapping[str, FileFacts], configs: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        """Take the facts of each file by its path, and what `read_configs` read, by path too."""
        self.by_path = module_names(facts)
        self._facts = facts
        self._paths = {name: path for path, name in self.by_path.items()}
        self._configs = configs or {}
        self._packages = _packages(self._configs)
        self._found: dict[tuple[str, str], str | None] = {}
        self._aliases: dict[str, tuple[_Aliases, ...]] = {}
        self._exports: dict[str, _Exports] = {}
        self._definers: dict[tuple[str, str], Target] = {}

    def resolve(self, module: str, fact: ImportFact) -> Target | None:
        """Return what an import of a module means; None for what is not of this repository."""
        place = self.find(self._paths[module], fact.module)
        if place is None:
            return None
        if fact.name in {"", "*"}:
            return Target(self.by_path[place], "")
        return self._defining(place, fact.name)

    def find(self, path: str, written: str) -> str | None:
        """Return the file that a file means by the name of a module; None for what is not of this repository."""
        key = (posixpath.dirname(path), written)
        if key not in self._found:
            self._found[key] = self._look_for(key[0], written.partition("?")[0].partition("!")[0])
        return self._found[key]

    # Where a name leads

    def _look_for(self, directory: str, written: str) -> str | None:
        if not written:
            return None
        if written.startswith(("./", "../")) or written in {".", ".."}:
            return self._file(_joined(directory, written))
        above = _above(directory)
        for place in above:
            found = self._of_aliases(place, written)
            if found is not None:
                return found
        if written.startswith("#"):
            found = self._of_imports(above, written)
            return found if found is not None else self._of_defaults(above, written)
        found = self._of_package(written)
        return found if found is not None else self._of_defaults(above, written)

    def _file(self, path: str | None) -> str | None:
        """Return the file that a path means, as written or with what may be left out."""
        if path is None:
            return None
        if path in self._facts:
            return path
        stem, ending = posixpath.splitext(path)
        others = (stem + other for other in _WRITTEN_FOR.get(ending, ()))
        for candidate in (*(path + other for other in _ENDINGS if path), *others):
            if candidate in self._facts:
                return candidate
        return self._directory(path)

    def _directory(self, path: str) -> str | None:
        package = self._configs.get(_joined(path, _PACKAGE) or "", {})
        for entry in _ENTRIES:
            value = package.get(entry)
            if isinstance(value, str) and (found := self._plain_file(_joined(path, value))) is not None:
                return found
        return self._plain_file(_joined(path, "index"))

    def _plain_file(self, path: str | None) -> str | None:
        """Return a file of a path that is no directory."""
        if path is None or path in self._facts:
            return path
        stem, ending = posixpath.splitext(path)
        others = [path + other for other in _ENDINGS] + [stem + other for other in _WRITTEN_FOR.get(ending, ())]
        return next((one for one in others if one in self._facts), None)

    def _of_aliases(self, directory: str, written: str) -> str | None:
        if directory not in self._aliases:
            self._aliases[directory] = tuple(self._read_aliases(directory))
        for aliases in self._aliases[directory]:
            for target in _mapped(aliases.paths, written):
                found = self._file(_joined(aliases.place, target))
                if found is not None:
                    return found
            if aliases.base is not None and not written.startswith(("@/", "~/", "#", "/")):
                found = self._file(_joined(aliases.base, written))
                if found is not None:
                    return found
        return None

    def _read_aliases(self, directory: str) -> Iterator[_Aliases]:
        """Give what the configurations of a directory say, the one that an editor takes first."""
        waiting = [_joined(directory, f"{name}.json") or "" for name in _COMPILERS]
        prefix = f"{directory}/" if directory else ""
        waiting += sorted(
            path
            for path in self._configs
            if posixpath.dirname(path) == directory
            and path.startswith(tuple(f"{prefix}{name}." for name in _COMPILERS))
        )
        seen: set[str] = set()
        for path in waiting:
            if path in seen or path not in self._configs:
                continue
            seen.add(path)
            yield self._compiler(path, directory, _MOST_HOPS)
            references = self._configs[path].get("references")
            for one in references if isinstance(references, list) else ():
                referred = self._config_of(posixpath.dirname(path), _text(_table(one).get("path")))
                if referred is not None and posixpath.dirname(referred) == directory:
                    waiting.append(referred)

    def _compiler(self, path: str, directory: str, hops: int) -> _Aliases:
        """Read one configuration; what it does not say is said by those that it extends, the last one first."""
        here = posixpath.dirname(path)
        config = self._configs[path]
        options = _table(config.get("compilerOptions"))
        extended = config.get("extends")
        base: str | None = None
        paths: Mapping[str, Sequence[str]] = {}
        place = here
        for one in extended if isinstance(extended, list) else [extended]:
            parent = self._config_of(here, _text(one)) if hops else None
            if parent is not None:
                above = self._compiler(parent, directory, hops - 1)
                base = above.base if above.base is not None else base
                paths, place = (above.paths, above.place) if above.paths else (paths, place)
        written = options.get("baseUrl")
        if isinstance(written, str):
            base = _joined(here, _without_template(written, here, directory))
        if isinstance(options.get("paths"), dict):
            paths = _string_lists(_table(options["paths"]), here, directory)
            place = base if base is not None else here
        return _Aliases(base, paths, place)

    def _config_of(self, directory: str, written: str) -> str | None:
        """Return the path of a configuration that another names."""
        if not written:
            return None
        bases = [directory]
        if not written.startswith("."):
            name, rest = _package_and_rest(written)
            bases = [self._packages[name]] if name in self._packages else []
            written = rest or "."
        for base in bases:
            for ending in ("", ".json", "/tsconfig.json"):
                path = _joined(base, written + ending)
                if path is not None and path in self._configs and posixpath.basename(path) != _PACKAGE:
                    return path
        return None

    def _of_imports(self, above: Iterable[str], written: str) -> str | None:
        """Find `#x` in the `imports` of the nearest package."""
        for place in above:
            package = self._configs.get(_joined(place, _PACKAGE) or "")
            if package is not None:
                return self._mapped_file(place, _table(package.get("imports")), written)
        return None

    def _of_package(self, written: str) -> str | None:
        """Find a package of the same repository, or a part of one."""
        name, rest = _package_and_rest(written)
        place = self._packages.get(name)
        if place is None:
            return None
        package = self._configs[_joined(place, _PACKAGE) or ""]
        exports = package.get("exports")
        table = _table(exports)
        if not any(key.startswith(".") for key in table):
            table = {".": exports}
        found = self._mapped_file(place, table, f"./{rest}" if rest else ".")
        if found is not None:
            return found
        if rest:
            return self._first(_joined(place, rest), _joined(place, f"src/{rest}"))
        entries = (self._built(place, _text(package.get(entry))) for entry in _ENTRIES if package.get(entry))
        found = next((one for one in entries if one is not None), None)
        return found or self._first(_joined(place, "src/index"), _joined(place, "index"), _joined(place, "src/main"))

    def _first(self, *paths: str | None) -> str | None:
        return next((found for path in paths if (found := self._file(path)) is not None), None)

    def _mapped_file(self, place: str, table: Mapping[str, object], written: str) -> str | None:
        """Find what `exports` or `imports` of a package lead to."""
        for key, star in _keys(table, written):
            for target in _conditional(table[key], _MOST_HOPS):
                found = self._built(place, target.replace("*", star))
                if found is not None:
                    return found
        return None

    def _built(self, place: str, target: str) -> str | None:
        """Find a file of a package; of what is built, such as `dist/index.js`, that which it is made of."""
        found = self._plain_file(_joined(place, target)) or self._file(_joined(place, target))
        parts = target.removeprefix("./").split("/")
        if found is not None or parts[0] not in _BUILT:
            return found
        while parts and parts[0] in _BUILT:
            parts = parts[1:]
        return self._plain_file(_joined(place, "/".join(["src", *parts]))) if parts else None

    def _of_defaults(self, above: Sequence[str], written: str) -> str | None:
        """Find what bundlers say where no configuration does: `@/x`, `~/x`, `$lib/x`, `/src/x`, `@components/x`."""
        if written == "$lib" or written.startswith("$lib/"):
            return self._first(*(_joined(place, "src/" + written[1:]) for place in above))
        if written.startswith("/"):
            return self._first(*(_joined(place, written[1:]) for place in above))
        if written.startswith(("@/", "~/", "@@/", "~~/", "#/")):
            rest = written.partition("/")[2]
            return self._first(
                *(path for place in above for path in (_joined(place, f"src/{rest}"), _joined(place, rest)))
            )
        if written[0] in "@~$#" and "/" in written and not self._is_installed(above, written):
            return self._first(*(_joined(place, f"src/{written[1:]}") for place in above))
        return None

    def _is_installed(self, above: Iterable[str], written: str) -> bool:
        """Tell whether a package above names one of this scope among what it needs."""
        scope = written.partition("/")[0] + "/"
        for place in above:
            package = self._configs.get(_joined(place, _PACKAGE) or "", {})
            if any(name.startswith(scope) for key in _DEPENDENCIES for name in _table(package.get(key))):
                return True
        return False

    # What a name of a module leads to

    def _defining(self, path: str, symbol: str) -> Target:
        """Follow what is passed on to where it is defined."""
        key = (path, symbol)
        if key not in self._definers:
            found = self._definer(path, symbol, _MOST_HOPS, set())
            self._definers[key] = found if found is not None else Target(self.by_path[path], symbol)
        return self._definers[key]

    def _definer(self, path: str, symbol: str, hops: int, seen: set[tuple[str, str]]) -> Target | None:
        """Return where a name comes from; None where a module does not offer it."""
        if (path, symbol) in seen:
            return None
        seen.add((path, symbol))
        exports = self._exports_of(path)
        if symbol in exports.own:
            return Target(self.by_path[path], symbol)
        passed = exports.passed.get(symbol)
        if passed is not None:
            place = self.find(path, passed.module) if hops else None
            return self._passed_on(place, passed.name, hops, seen) or Target(self.by_path[path], symbol)
        for written in exports.stars if hops and symbol != "default" else ():
            place = self.find(path, written)
            found = self._definer(place, symbol, hops - 1, seen) if place is not None else None
            if found is not None:
                return found
        return None

    def _passed_on(self, place: str | None, name: str, hops: int, seen: set[tuple[str, str]]) -> Target | None:
        """Return what is behind a name that is passed on from a place; None where the place is not ours."""
        if place is None:
            return None
        if name in {"", "*"}:
            return Target(self.by_path[place], "")
        return self._definer(place, name, hops - 1, seen) or Target(self.by_path[place], name)

    def _exports_of(self, path: str) -> _Exports:
        if path not in self._exports:
            self._exports[path] = _exports(self._facts[path])
        return self._exports[path]


def edges(names: WebNames, facts: Mapping[str, FileFacts]) -> Iterator[Edge]:
    """Yield what each module uses of another: one edge a line of use, or the import itself where no use is seen.

    What a barrel passes on is an edge of the barrel with one reference; who takes it from there has an edge to the
    module that defines it. Facts of files that the names do not know are left out.
    """
    for path in sorted(facts):
        module = names.by_path.get(path)
        for fact in facts[path].imports if module is not None else ():
            target = names.resolve(module, fact) if module is not None else None
            if target is not None and module is not None and target.module != module:
                yield from _edges_of(module, path, fact, target)


def read_configs(root: Path, directories: Iterable[str]) -> tuple[dict[str, dict[str, object]], tuple[Problem, ...]]:
    """Read what configures names in directories with code and in those above them, and what could not be read.

    Args:
        root: of the repository.
        directories: relative to the root, with `/`; the root itself is the empty text.
    """
    found: dict[str, dict[str, object]] = {}
    problems: list[Problem] = []
    waiting = [path for place in sorted(_with_above(directories)) for path in _listed_configs(root, place)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        config = _read_config(root, path)
        if isinstance(config, Problem):
            problems.append(config)
            continue
        found[path] = config
        waiting += _extended(root, path, config)
    return dict(sorted(found.items())), tuple(sorted(problems))


# Edges


def _edges_of(module: str, path: str, fact: ImportFact, target: Target) -> Iterator[Edge]:
    if not fact.uses:
        kind = EdgeKind.TYPE if fact.is_type_only else EdgeKind.IMPORT
        references = max(1, fact.references)
        yield Edge(module, target.module, kind, path, fact.line, target.symbol, references, fact.is_lazy)
        return
    share, rest = divmod(fact.references, len(fact.uses))
    for index, (line, written, how) in enumerate(fact.uses):
        kind = EdgeKind.TYPE if fact.is_type_only else _KINDS[how]
        symbol = target.symbol or written.removeprefix(fact.alias).lstrip(".").partition(".")[0]
        yield Edge(module, target.module, kind, path, line, symbol, share + (index < rest), fact.is_lazy)


# Exports


def _exports(facts: FileFacts) -> _Exports:
    """Gather what a module offers; the name before `as` stands in the import of the same line."""
    sources: dict[tuple[int, str], list[str]] = {}
    for fact in facts.imports:
        if not fact.alias and not fact.is_lazy:
            sources.setdefault((fact.line, fact.module), []).append(fact.name)
    own: set[str] = set()
    passed: dict[str, _Passed] = {}
    stars: list[str] = []
    for one in facts.definitions:
        if one.kind != "re-export":
            own.add(one.name)
            continue
        module = one.bases[0] if one.bases else ""
        written = sources.get((one.line, module))
        if one.name == "*":
            stars.append(module)
        else:
            name = written.pop(0) if written else _imported_name(facts.imports, module, one.name)
            passed[one.name] = _Passed(module, name)
    return _Exports(frozenset(own), passed, tuple(stars))


def _imported_name(imports: Iterable[ImportFact], module: str, shown: str) -> str:
    """Say what `import {a} from "./x"; export {a as b}` takes from there, as far as it is known."""
    names = {fact.alias: fact.name for fact in imports if fact.module == module and fact.alias}
    if shown in names:
        return names[shown]
    return next(iter(names.values())) if len(names) == 1 else shown


# Paths


def _stem(path: str) -> str:
    ending = next((one for one in (".d.ts", ".d.mts", ".d.cts") if path.endswith(one)), "")
    return path.removesuffix(ending) if ending else posixpath.splitext(path)[0]


@lru_cache(maxsize=1 << 16)
def _joined(directory: str, written: str) -> str | None:
    """Return a path from the root; None for what lies outside of it."""
    path = posixpath.normpath(posixpath.join(directory or ".", written.lstrip("/") or "."))
    if path == ".":
        return ""
    return None if path == ".." or path.startswith("../") else path


@lru_cache(maxsize=1 << 14)
def _above(directory: str) -> tuple[str, ...]:
    """Return a directory and all above it, the nearest first."""
    found = [directory]
    while directory:
        directory = posixpath.dirname(directory)
        found.append(directory)
    return tuple(found)


def _with_above(directories: Iterable[str]) -> set[str]:
    return {place for directory in directories for place in _above(directory)}


def _package_and_rest(written: str) -> tuple[str, str]:
    """Part `@scope/name/a/b` into the package and what is taken of it."""
    parts = written.split("/")
    count = 2 if written.startswith("@") else 1
    return "/".join(parts[:count]), "/".join(parts[count:])


def _keys(table: Iterable[str], written: str) -> list[tuple[str, str]]:
    """Return the keys that mean a name, with what their `*` stands for: exact ones first, then the longest."""
    found: list[tuple[int, str, str]] = []
    for key in table:
        head, star, tail = key.partition("*")
        if not star:
            if key == written:
                found.append((-len(key) - len(written), key, ""))
        elif written.startswith(head) and written.endswith(tail) and len(written) >= len(head) + len(tail):
            found.append((-len(head), key, written[len(head) : len(written) - len(tail)]))
    return [(key, star) for _, key, star in sorted(found)]


def _mapped(paths: Mapping[str, Sequence[str]], written: str) -> Iterator[str]:
    for key, star in _keys(paths, written):
        for target in paths[key]:
            yield target.replace("*", star, 1)


# Configurations


def _table(value: object) -> Mapping[str, object]:
    return {str(key): one for key, one in value.items()} if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _string_lists(table: Mapping[str, object], here: str, directory: str) -> dict[str, list[str]]:
    return {
        key: [_without_template(one, here, directory) for one in value if isinstance(one, str)]
        for key, value in table.items()
        if isinstance(value, list)
    }


def _without_template(written: str, here: str, directory: str) -> str:
    """Write `${configDir}/src`, which means the directory of the configuration that extends, from this one."""
    if not written.startswith("${configDir}"):
        return written
    return posixpath.relpath(directory or ".", here or ".") + written.removeprefix("${configDir}")


def _conditional(value: object, depth: int) -> Iterator[str]:
    """Give the files of `exports`, whatever the condition."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth:
        for one in value:
            yield from _conditional(one, depth - 1)
    elif isinstance(value, dict) and depth:
        order = [*(name for name in _CONDITIONS if name in value), *sorted(set(value) - set(_CONDITIONS))]
        for name in order:
            yield from _conditional(value[name], depth - 1)


def _packages(configs: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Return the directory of each package of the repository by its name; of two the one that is less deep."""
    found: dict[str, str] = {}
    for path in sorted(configs, key=lambda path: (path.count("/"), path)):
        name = _text(configs[path].get("name"))
        if posixpath.basename(path) == _PACKAGE and name:
            found.setdefault(name, posixpath.dirname(path))
    return found


def _listed_configs(root: Path, directory: str) -> list[str]:
    place = root / directory
    names = {_PACKAGE} | {path.name for name in _COMPILERS for path in place.glob(f"{name}*.json")}
    if "node_modules" in directory.split("/"):
        return []
    return [path for name in sorted(names) if (place / name).is_file() and (path := _joined(directory, name))]


def _extended(root: Path, path: str, config: Mapping[str, object]) -> Iterator[str]:
    """Give what a configuration extends or refers to, which may lie where no code is."""
    extended = config.get("extends")
    references = config.get("references")
    written = [_text(one) for one in (extended if isinstance(extended, list) else [extended])]
    written += [_text(_table(one).get("path")) for one in (references if isinstance(references, list) else ())]
    for one in written:
        for ending in ("", ".json", "/tsconfig.json") if one.startswith(".") else ():
            other = _joined(posixpath.dirname(path), one + ending)
            if other and "node_modules" not in other.split("/") and (root / other).is_file():
                yield other


def _read_config(root: Path, path: str) -> dict[str, object] | Problem:
    try:
        text = (root / path).read_text("utf-8-sig")
    except OSError as error:
        return Problem(path, 0, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return Problem(path, 0, "is no text in UTF-8; imports that it configures are not followed")
    try:
        value = json.loads(_plain_json(text))
    except (ValueError, RecursionError) as error:
        return Problem(path, 0, f"is no JSON: {error}; imports that it configures are not followed")
    if not isinstance(value, dict):
        return Problem(path, 0, "is JSON, but no object; imports that it configures are not followed")
    return value


def _plain_json(text: str) -> str:
    """Take comments and last commas out; what looks like them inside of strings stays."""
    bare = _COMMENT.sub(lambda match: match[1] or " ", text)
    return _LAST_COMMA.sub(lambda match: match[1] or "", bare)

"""What a repository is at first sight: its languages, frameworks and manifests, and how it seems to be built.

Everything that is concluded has its evidence, a path and why, so that whoever doubts can look. There is no clock and
no place in it: equal inventories make equal profiles.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.model import Inventory, Manifest, Module, Route

__all__ = ["profile", "profile_markdown"]

_MOST_PROBLEMS: Final = 200
_MOST_ENTRY_POINTS: Final = 100
_MOST_ROUTE_ROOTS: Final = 20
_MOST_EVIDENCE: Final = 5
"""Of one framework or hint."""
_ROOT: Final = "."

_FRAMEWORKS: Final = {
    "@angular/core": "angular",
    "@apollo/client": "apollo",
    "@nestjs/core": "nestjs",
    "@prisma/client": "prisma",
    "@reduxjs/toolkit": "redux",
    "@remix-run/react": "remix",
    "@sveltejs/kit": "sveltekit",
    "@tailwindcss/postcss": "tailwind",
    "@tailwindcss/vite": "tailwind",
    "@tanstack/react-query": "tanstack-query",
    "actix-web": "actix-web",
    "aiohttp": "aiohttp",
    "alembic": "alembic",
    "angular": "angularjs",
    "astro": "astro",
    "axum": "axum",
    "bottle": "bottle",
    "celery": "celery",
    "channels": "django-channels",
    "click": "click",
    "django": "django",
    "django-ninja": "django-ninja",
    "djangorestframework": "djangorestframework",
    "dramatiq": "dramatiq",
    "electron": "electron",
    "express": "express",
    "falcon": "falcon",
    "fastapi": "fastapi",
    "fastify": "fastify",
    "flask": "flask",
    "github.com/gin-gonic/gin": "gin",
    "github.com/gofiber/fiber/v2": "fiber",
    "github.com/labstack/echo/v4": "echo",
    "graphene": "graphene",
    "grpcio": "grpc",
    "jquery": "jquery",
    "koa": "koa",
    "litestar": "litestar",
    "mongoose": "mongoose",
    "next": "next",
    "nuxt": "nuxt",
    "peewee": "peewee",
    "pinia": "pinia",
    "preact": "preact",
    "prisma": "prisma",
    "pydantic": "pydantic",
    "pyramid": "pyramid",
    "quart": "quart",
    "react": "react",
    "redux": "redux",
    "rocket": "rocket",
    "rq": "rq",
    "sanic": "sanic",
    "sequelize": "sequelize",
    "solid-js": "solid",
    "sqlalchemy": "sqlalchemy",
    "sqlmodel": "sqlmodel",
    "starlette": "starlette",
    "strawberry-graphql": "strawberry",
    "svelte": "svelte",
    "tailwindcss": "tailwind",
    "tornado": "tornado",
    "tortoise-orm": "tortoise",
    "twisted": "twisted",
    "typeorm": "typeorm",
    "typer": "typer",
    "vite": "vite",
    "vue": "vue",
    "vuex": "vuex",
    "wagtail": "wagtail",
    "zustand": "zustand",
}
"""By the name of the package that brings it."""
_FRAMEWORK_OF_GROUP: Final = {"org.springframework.boot:": "spring-boot", "io.quarkus:": "quarkus"}
_FRAMEWORK_OF_KIND: Final = {
    "alembic.ini": "alembic",
    "angular.json": "angular",
    "astro": "astro",
    "manage.py": "django",
    "next": "next",
    "nuxt": "nuxt",
    "svelte": "svelte",
    "tailwind": "tailwind",
    "vite": "vite",
}
_FRAMEWORK_OF_CODE: Final = {"drf": "djangorestframework"}
"""Readers of code call some by another name."""
_NO_FRAMEWORKS: Final = frozenset({"", "sql"})
_WEB_BUILDS: Final = frozenset({"package.json"})
"""There, what developers need is often the framework itself: it is compiled away."""

_WEB_LANGUAGES: Final = frozenset({"typescript", "javascript", "vue", "svelte"})
_COMPONENT_LANGUAGES: Final = frozenset({"vue", "svelte"})
_COMPONENT_SUFFIXES: Final = (".tsx", ".jsx")
_PAGES: Final = frozenset({"pages", "components"})
_EXAMPLES: Final = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|fixtures?|examples?|samples?|benchmarks?|docs?|demos?|[a-z_]*templates?)(?=/)",
    re.IGNORECASE,
)
"""Directories whose manifests say nothing of the repository itself."""


def _is_example(path: str) -> bool:
    return _holds_examples(path[: path.rfind("/") + 1])


@lru_cache(4096)
def _holds_examples(directory: str) -> bool:
    return _EXAMPLES.search(directory) is not None


_PACKAGE_KINDS: Final = frozenset({"pyproject", "setup.py", "setup.cfg", "package.json", "cargo"})
_PYTHON_BUILDS: Final = frozenset({"pyproject", "setup.py", "setup.cfg", "requirements", "pipfile", "manage.py"})
_RUN_KINDS: Final = frozenset({"compose", "dockerfile", "procfile", "k8s", "helm", "manage.py"})
_BACKEND_NAMES: Final = frozenset({"backend", "server", "api", "apps", "packages", "services"})
_PLUGIN_NAMES: Final = frozenset({"plugins", "extensions", "addons", "integrations", "components", "providers"})
_SHARED_PLUGIN_NAMES: Final = frozenset({"components"})
"""Names of directories that mean something else in web code."""
_LAYERS: Final = {
    "interface": frozenset(
        {"api", "apis", "blueprints", "controllers", "endpoints", "handlers", "routers", "routes", "views"}
    ),
    "application": frozenset({"application", "logic", "service", "services", "use_cases", "usecases"}),
    "domain": frozenset({"domain", "entities", "models", "schemas"}),
    "storage": frozenset({"crud", "dao", "db", "database", "infrastructure", "persistence", "repositories"}),
}
_LAYER_OF: Final = {word: name for name, words in _LAYERS.items() for word in words}
_LEAST_LAYERS: Final = 3
_LEAST_LAYER_DIRECTORIES: Final = 2
_LEAST_MODULES_OF_MONOLITH: Final = 3
_LEAST_SERVICES: Final = 2
_LEAST_PLUGINS: Final = 5
_LEAST_FAMILY: Final = 3


class _Evidence(NamedTuple):
    subject: str
    """The framework or the hint."""
    path: str
    why: str


def profile(inventory: Inventory) -> dict[str, object]:
    """Return what `repository-profile.json` holds, of plain values only."""
    tests = {module.path for module in inventory.modules if module.is_test}
    routes = [route for route in inventory.routes if route.file not in tests]
    frontends = _frontend_roots(inventory)
    roots = _route_roots(routes)
    frameworks = _few(_frameworks(inventory, tests))
    hints = _few(_hints(inventory, routes, frontends))
    return {
        "repo_root": inventory.root,
        "languages": _languages(inventory.modules),
        "frameworks": sorted({one.subject for one in frameworks}),
        "framework_evidence": [
            {"framework": one.subject, "path": one.path, "why": one.why} for one in sorted(frameworks)
        ],
        "manifests": [{"path": one.path, "kind": one.kind} for one in sorted(inventory.manifests, key=_place)],
        "frontend_roots": frontends,
        "backend_route_roots": sorted(roots),
        "backend_route_counts": dict(sorted(roots.items())),
        "detected_architecture_hints": sorted({one.subject for one in hints}),
        "hint_evidence": [{"hint": one.subject, "path": one.path, "why": one.why} for one in sorted(hints)],
        "counts": _counts(inventory),
        "problems": [one._asdict() for one in sorted(inventory.problems)[:_MOST_PROBLEMS]],
        "entry_points": [one._asdict() for one in sorted(inventory.entry_points)[:_MOST_ENTRY_POINTS]],
    }


def _place(manifest: Manifest) -> tuple[str, str]:
    return manifest.path, manifest.kind


def _languages(modules: Iterable[Module]) -> list[dict[str, object]]:
    files: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for module in modules:
        files[module.language] += 1
        lines[module.language] += module.lines
    by_size = sorted(files, key=lambda name: (-lines[name], name))
    return [{"name": name, "files": files[name], "lines": lines[name]} for name in by_size]


def _counts(inventory: Inventory) -> dict[str, int]:
    modules = inventory.modules
    return {
        "files": len(modules),
        "lines": sum(module.lines for module in modules),
        "code_lines": sum(module.code_lines for module in modules),
        "tests": sum(module.is_test for module in modules),
        "routes": len(inventory.routes),
        "http_calls": len(inventory.http_calls),
        "matched_http_calls": sum(bool(call.routes) for call in inventory.http_calls),
        "tables": len(inventory.tables),
        "events": len(inventory.events),
        "entry_points": len(inventory.entry_points),
        "edges": len(inventory.edges),
        "problems": len(inventory.problems),
        "commits": inventory.commits,
    }


def _few(found: Iterable[_Evidence]) -> list[_Evidence]:
    """Return the first of the evidence of each subject: more of it says no more."""
    kept: dict[str, list[_Evidence]] = defaultdict(list)
    for one in found:
        listed = kept[one.subject]
        if len(listed) < _MOST_EVIDENCE and one not in listed:
            listed.append(one)
    return [one for listed in kept.values() for one in listed]


# Frameworks.


def _frameworks(inventory: Inventory, tests: Collection[str]) -> Iterator[_Evidence]:
    """Yield what is used, code first: a dependency may be left over."""
    yield from _frameworks_of_code(inventory, tests)
    for manifest in sorted(inventory.manifests, key=_place):
        if _is_example(manifest.path):
            continue
        if framework := _FRAMEWORK_OF_KIND.get(manifest.kind):
            yield _Evidence(framework, manifest.path, f"is its {manifest.kind}")
        for dependency in _needed(manifest):
            if framework := _framework(dependency):
                yield _Evidence(framework, manifest.path, f"depends on {dependency}")


def _frameworks_of_code(inventory: Inventory, tests: Collection[str]) -> Iterator[_Evidence]:
    routes: dict[tuple[str, str], int] = Counter((one.framework, one.file) for one in inventory.routes)
    tables: dict[tuple[str, str], int] = Counter((one.framework, one.file) for one in inventory.tables)
    for counts, what in ((routes, "routes"), (tables, "tables")):
        # Where there is most to see, first.
        for (name, path), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if name not in _NO_FRAMEWORKS and path not in tests:
                yield _Evidence(_FRAMEWORK_OF_CODE.get(name, name), path, _counted(count, what))
    for module in inventory.modules:
        if module.language in _COMPONENT_LANGUAGES and not module.is_test:
            yield _Evidence(module.language, module.path, "is a component")


def _needed(manifest: Manifest) -> list[str]:
    everything = manifest.facts.get("dependencies", ())
    if manifest.kind in _WEB_BUILDS:
        return list(everything)
    development = set(manifest.facts.get("dev_dependencies", ()))
    return [name for name in everything if name not in development]


def _framework(dependency: str) -> str:
    if ":" in dependency:
        return next((name for group, name in _FRAMEWORK_OF_GROUP.items() if dependency.startswith(group)), "")
    return _FRAMEWORKS.get(dependency, "")


def _counted(count: int, what: str) -> str:
    """Return `1 route` or `2 routes`."""
    return f"{count:,} {what.removesuffix('s') if count == 1 else what}"


# Where things are.


def _frontend_roots(inventory: Inventory) -> list[str]:
    builds = {posixpath.dirname(one.path) for one in inventory.manifests if one.kind == "package.json"}
    roots = set()
    for module in inventory.modules:
        if module.language in _WEB_LANGUAGES and not (module.is_test or module.is_generated) and _is_page(module):
            roots.add(_frontend_root(module.path, builds))
    # What lies in another root is a part of it.
    return sorted(root for root in roots if not any(_is_in(root, other) for other in roots if other != root))


def _is_page(module: Module) -> bool:
    if module.language in _COMPONENT_LANGUAGES or module.path.endswith(_COMPONENT_SUFFIXES):
        return True
    return not _PAGES.isdisjoint(module.path.split("/")[:-1])


def _frontend_root(path: str, builds: Collection[str]) -> str:
    """Return the nearest directory with a package.json, or its `src`; without any what holds pages and components."""
    build = next((above for above in _above(path) if above in builds), None)
    if build is not None:
        source = posixpath.join(build, "src")
        return source if path.startswith(source + "/") else build or _ROOT
    parts = path.split("/")[:-1]
    for index, part in enumerate(parts):
        if part in _PAGES:
            return "/".join(parts[:index]) or _ROOT
    return "/".join(parts) or _ROOT


def _above(path: str) -> Iterator[str]:
    """Yield the directories of a file, the nearest first, at last the root as an empty text."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _is_in(path: str, directory: str) -> bool:
    return directory in {_ROOT, path} or path.startswith(directory + "/")


def _route_roots(routes: Iterable[Route]) -> dict[str, int]:
    """Return the directories of files with routes and how many there are, at most twenty.

    While there are more, the largest group of neighbours becomes the directory that they lie in.
    """
    counts: Counter[str] = Counter(posixpath.dirname(route.file) or _ROOT for route in routes)
    while len(counts) > _MOST_ROUTE_ROOTS:
        groups: dict[str, list[str]] = defaultdict(list)
        for directory in counts:
            if directory != _ROOT:
                groups[posixpath.dirname(directory) or _ROOT].append(directory)
        parent = min(groups, key=lambda name: (-len(groups[name]), -name.count("/"), name))
        for directory in groups[parent]:
            counts[parent] += counts.pop(directory)
    return dict(counts)


# Hints at the architecture.


def _hints(inventory: Inventory, routes: Sequence[Route], frontends: Sequence[str]) -> Iterator[_Evidence]:
    services = _services(inventory, routes)
    if frontends and routes:
        yield from (_Evidence("frontend-backend-repo", root, "holds pages or components") for root in frontends)
        yield _Evidence("frontend-backend-repo", _most_routes(routes), f"answers {_counted(len(routes), 'routes')}")
    if len(services) >= _LEAST_SERVICES:
        for place, count in services.items():
            why = f"is built on its own and answers {_counted(count, 'routes')}"
            yield _Evidence("service-oriented", place, why)
    else:
        yield from _modular(inventory, routes)
        yield from _root_backend(inventory, routes)
    yield from _layered(inventory.modules)
    yield from _plugins(inventory)
    yield from _workspaces(inventory.manifests)
    yield from _library(inventory, routes, frontends)


def _most_routes(routes: Iterable[Route]) -> str:
    counts = Counter(route.file for route in routes)
    return min(counts, key=lambda path: (-counts[path], path))


def _services(inventory: Inventory, routes: Iterable[Route]) -> dict[str, int]:
    """Return the directories that images are built from and that answer routes, with how many."""
    places = set()
    for manifest in inventory.manifests:
        if _is_example(manifest.path):
            continue
        if manifest.kind == "dockerfile":
            places.add(posixpath.dirname(manifest.path) or _ROOT)
        places.update(pair.partition("=")[2] for pair in manifest.facts.get("build_context", ()))
    counts: Counter[str] = Counter()
    for route in routes:
        nearest = next((above or _ROOT for above in _above(route.file) if (above or _ROOT) in places), None)
        if nearest is not None:
            counts[nearest] += 1
    return dict(sorted(counts.items()))


def _modular(inventory: Inventory, routes: Iterable[Route]) -> Iterator[_Evidence]:
    """Find neighbours that each have tables and routes of their own: one program, cut by subject."""
    tests = {module.path for module in inventory.modules if module.is_test}
    with_routes = _directories(route.file for route in routes)
    with_tables = _directories(table.file for table in inventory.tables if table.file not in tests)
    families: dict[str, list[str]] = defaultdict(list)
    for directory in with_routes & with_tables:
        families[posixpath.dirname(directory)].append(directory)
    large = {place: listed for place, listed in families.items() if len(listed) >= _LEAST_MODULES_OF_MONOLITH}
    for place, listed in sorted(large.items(), key=lambda item: (-len(item[1]), item[0])):
        names = ", ".join(sorted(posixpath.basename(one) for one in listed)[:_MOST_EVIDENCE])
        why = f"{len(listed)} directories have routes and tables of their own: {names}"
        yield _Evidence("modular-monolith", place or _ROOT, why)


def _directories(paths: Iterable[str]) -> set[str]:
    """Return all directories that some files lie in, at any depth."""
    found: set[str] = set()
    for path in paths:
        for above in _above(path):
            if not above or above in found:
                break
            found.add(above)
    return found


def _root_backend(inventory: Inventory, routes: Sequence[Route]) -> Iterator[_Evidence]:
    """Find a server whose package lies at the root, beside what builds it."""
    builds = {one.path: one.kind for one in inventory.manifests if "/" not in one.path and one.kind in _PYTHON_BUILDS}
    nested = {
        posixpath.dirname(one.path) for one in inventory.manifests if "/" in one.path and one.kind in _PYTHON_BUILDS
    }
    here = [route for route in routes if nested.isdisjoint(_above(route.file)) and _is_at_root(route.file)]
    if builds and len(here) * 2 > len(routes):
        path = min(builds, key=lambda path: (builds[path] != "manage.py", path))
        why = f"builds what answers {len(here):,} of {_counted(len(routes), 'routes')}"
        yield _Evidence("monolith-root-backend", path, why)


def _is_at_root(path: str) -> bool:
    return path.partition("/")[0] not in _BACKEND_NAMES


def _layered(modules: Iterable[Module]) -> Iterator[_Evidence]:
    """Find directories whose children are named by layers."""
    layers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module in modules:
        parts = module.path.rpartition(".")[0].split("/")
        # Few paths have a layer, and to look at these only takes a tenth of the time.
        if _LAYER_OF.keys().isdisjoint(parts) or module.is_test or _is_example(module.path):
            continue
        for index, part in enumerate(parts):
            layer = _LAYER_OF.get(part)
            if layer is not None:
                is_directory = index < len(parts) - 1
                layers["/".join(parts[:index])][layer].add(part + "/" if is_directory else part)
                break
    found = []
    for place, named in layers.items():
        words = sorted(word for listed in named.values() for word in listed)
        directories = sum(any(word.endswith("/") for word in listed) for listed in named.values())
        if len(named) >= _LEAST_LAYERS and directories >= _LEAST_LAYER_DIRECTORIES:
            found.append((-len(named), place, words))
    for _, place, words in sorted(found):
        yield _Evidence("layered", place or _ROOT, f"has {', '.join(words)}")


def _plugins(inventory: Inventory) -> Iterator[_Evidence]:
    manifests = [one for one in inventory.manifests if not _is_example(one.path)]
    for manifest in manifests:
        for group in manifest.facts.get("entry_point_groups", ()):
            yield _Evidence("plugin-family", manifest.path, f"offers plugins to {group}")
    families: dict[str, set[str]] = defaultdict(set)
    for manifest in manifests:
        if manifest.kind in _PACKAGE_KINDS:
            directory = posixpath.dirname(manifest.path)
            name = next(iter(manifest.facts.get("name", ())), "")
            prefix = re.split(r"[-_/]", name, maxsplit=1)[0] if directory else ""
            if prefix and prefix != name:
                families[f"{posixpath.dirname(directory) or _ROOT}\n{prefix}"].add(name)
    for key, names in sorted(families.items()):
        place, _, prefix = key.partition("\n")
        if len(names) >= _LEAST_FAMILY:
            yield _Evidence("plugin-family", place, f"{len(names)} packages are named after {prefix}")
    for place, count in _plugin_directories(inventory.modules):
        yield _Evidence("plugin-family", place, f"holds {count:,} of a kind")


def _plugin_directories(modules: Iterable[Module]) -> list[tuple[str, int]]:
    children: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        parts = module.path.rpartition(".")[0].split("/")
        if _PLUGIN_NAMES.isdisjoint(parts) or module.is_test or module.is_init or _is_example(module.path):
            continue
        for index, part in enumerate(parts[:-1]):
            if part in _PLUGIN_NAMES and not (part in _SHARED_PLUGIN_NAMES and module.language in _WEB_LANGUAGES):
                children["/".join(parts[: index + 1])].add(parts[index + 1])
                break
    large = ((place, len(names)) for place, names in children.items() if len(names) >= _LEAST_PLUGINS)
    return sorted(large, key=lambda item: (-item[1], item[0]))


def _workspaces(manifests: Iterable[Manifest]) -> Iterator[_Evidence]:
    for manifest in sorted(manifests, key=_place):
        # The modules of buf are directories of contracts, not programs.
        if manifest.kind != "buf" and (members := manifest.facts.get("workspaces")):
            why = f"has the workspaces {', '.join(members[:_MOST_EVIDENCE])}"
            yield _Evidence("monorepo-workspaces", manifest.path, why)


def _library(inventory: Inventory, routes: Sequence[Route], frontends: Sequence[str]) -> Iterator[_Evidence]:
    """Find a package that is published and runs nothing of itself."""
    manifests = [one for one in inventory.manifests if not _is_example(one.path)]
    if routes or frontends or any(one.kind in _RUN_KINDS for one in manifests):
        return
    for manifest in sorted(manifests, key=_place):
        names = manifest.facts.get("name", ())
        if "/" not in manifest.path and manifest.kind in _PACKAGE_KINDS and names and "private" not in manifest.facts:
            yield _Evidence("library", manifest.path, f"publishes {names[0]}, and nothing here answers or is deployed")


# As a page.


def profile_markdown(profile: Mapping[str, object]) -> str:
    """Return a profile as a page of Markdown."""
    counts = profile["counts"]
    totals: Mapping[str, object] = counts if isinstance(counts, dict) else {}
    blocks = [
        f"# Repository Profile: {_text(profile['repo_root'])}",
        _table(["Count", "Number"], [[_text(name.replace("_", " ")), _number(totals[name])] for name in totals]),
        "## Languages",
        _table(
            ["Language", "Files", "Lines"],
            [[_text(row["name"]), _number(row["files"]), _number(row["lines"])] for row in _rows(profile, "languages")],
        ),
        "## Frameworks",
        _evidence(profile, "framework"),
        "## Architecture Hints",
        _evidence(profile, "hint"),
        "## Manifests",
        _table(
            ["Path", "Kind"],
            [[_code(row["path"]), _text(row["kind"])] for row in _rows(profile, "manifests")],
        ),
        "## Routes",
        _routes(profile, totals),
        "## Problems",
        _table(
            ["Place", "Problem"],
            [[_code(_located(row)), _text(row["message"])] for row in _rows(profile, "problems")],
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _evidence(profile: Mapping[str, object], subject: str) -> str:
    rows = [
        [_text(row[subject]), _code(row["path"]), _text(row["why"])] for row in _rows(profile, f"{subject}_evidence")
    ]
    return _table([subject.capitalize(), "Path", "Why"], rows)


def _routes(profile: Mapping[str, object], totals: Mapping[str, object]) -> str:
    roots = profile["backend_route_counts"]
    listed: Mapping[str, object] = roots if isinstance(roots, dict) else {}
    table = _table(["Directory", "Routes"], [[_code(root), _number(count)] for root, count in sorted(listed.items())])
    matched, calls = _number(totals.get("matched_http_calls")), _number(totals.get("http_calls"))
    return f"{table}\n\n{matched} of {calls} requests in the code go to a route of this repository."


def _rows(profile: Mapping[str, object], key: str) -> list[dict[str, object]]:
    rows = profile[key]
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _located(row: Mapping[str, object]) -> str:
    return f"{row['path']}:{row['line']}" if row["line"] else str(row["path"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "None."
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "0"


_MARKUP: Final = re.compile(r"([\\`*_\[\]#|])")


def _text(value: object) -> str:
    """Return a text that stands for itself in a cell."""
    flat = " ".join(str(value).split())
    return _MARKUP.sub(r"\\\1", flat).replace("&", "&amp;").replace("<", "&lt;")


def _code(value: object) -> str:
    """Return a path as code; even there a pipe would end the cell."""
    flat = " ".join(str(value).split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest else ""
    return f"{fence}{padding}{flat}{padding}{fence}"

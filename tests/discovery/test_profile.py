"""What a repository is at first sight, and why it is said to be that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from protogate.discovery.model import EntryPoint, HttpCall, Inventory, Manifest, Module, Problem, Route, Table
from protogate.discovery.profile import profile, profile_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SUFFIXES = {"py": "python", "ts": "typescript", "tsx": "typescript", "js": "javascript", "vue": "vue"}


def _module(path: str, lines: int = 10) -> Module:
    stem, _, suffix = path.rpartition(".")
    language = _SUFFIXES.get(suffix, suffix)
    is_test = "tests/" in path
    is_init = stem.endswith("__init__")
    return Module(stem, path, language, "", lines, lines - 1, 0, 0, is_test, is_generated=False, is_init=is_init)


def _route(path: str, framework: str = "fastapi", line: int = 1) -> Route:
    return Route("GET", "/x", path, path, line, "x", framework)


def _table(path: str, framework: str = "sqlalchemy") -> Table:
    return Table("x", "X", path, path, 1, (), (), framework)


def _inventory(  # noqa: PLR0913 - one argument a part of the model
    *paths: str,
    routes: Iterable[Route] = (),
    tables: Iterable[Table] = (),
    manifests: Iterable[Manifest] = (),
    http_calls: Iterable[HttpCall] = (),
    entry_points: Iterable[EntryPoint] = (),
    problems: Iterable[Problem] = (),
) -> Inventory:
    listed, declared = tuple(routes), tuple(tables)
    files = sorted({*paths, *(one.file for one in listed), *(one.file for one in declared)})
    return Inventory(
        root="shop",
        modules=tuple(_module(path) for path in files),
        edges=(),
        routes=listed,
        http_calls=tuple(http_calls),
        tables=declared,
        table_uses=(),
        events=(),
        entry_points=tuple(entry_points),
        manifests=tuple(manifests),
        co_changes=(),
        history={},
        commits=7,
        problems=tuple(problems),
    )


def _hints(inventory: Inventory) -> dict[str, list[tuple[str, str]]]:
    found = profile(inventory)
    evidence = found["hint_evidence"]
    assert isinstance(evidence, list)
    hints: dict[str, list[tuple[str, str]]] = {}
    for one in evidence:
        hints.setdefault(one["hint"], []).append((one["path"], one["why"]))
    assert found["detected_architecture_hints"] == sorted(hints)
    return hints


def _frameworks(inventory: Inventory) -> dict[str, list[tuple[str, str]]]:
    found = profile(inventory)
    evidence = found["framework_evidence"]
    assert isinstance(evidence, list)
    frameworks: dict[str, list[tuple[str, str]]] = {}
    for one in evidence:
        frameworks.setdefault(one["framework"], []).append((one["path"], one["why"]))
    assert found["frameworks"] == sorted(frameworks)
    return frameworks


def _needs(path: str, kind: str, *names: str, **facts: tuple[str, ...]) -> Manifest:
    return Manifest(path, kind, {"dependencies": names, **facts})


def test_an_empty_repository_has_all_keys() -> None:
    found = profile(_inventory())
    assert json.loads(json.dumps(found)) == found
    assert found == {
        "repo_root": "shop",
        "languages": [],
        "frameworks": [],
        "framework_evidence": [],
        "manifests": [],
        "frontend_roots": [],
        "backend_route_roots": [],
        "backend_route_counts": {},
        "detected_architecture_hints": [],
        "hint_evidence": [],
        "counts": dict.fromkeys(
            [
                *("files", "lines", "code_lines", "tests", "routes", "http_calls", "matched_http_calls", "tables"),
                *("events", "entry_points", "edges", "problems"),
            ],
            0,
        )
        | {"commits": 7},
        "problems": [],
        "entry_points": [],
    }


def test_what_there_is_of_it() -> None:
    inventory = _inventory(
        "a.py",
        "b.py",
        "tests/c.ts",
        routes=[_route("a.py")],
        http_calls=[
            HttpCall("GET", "/x", "c", "c.ts", 1, "fetch", (_route("a.py"),)),
            HttpCall("GET", "/y", "c", "c.ts", 2, "fetch", ()),
        ],
        manifests=[Manifest("z", "makefile"), Manifest("b", "dodo")],
        entry_points=[EntryPoint("main", "x", "a", "a.py", 3)],
        problems=[Problem("b.py", 2, "x"), Problem("a.py", 1, "x")],
    )
    found = profile(inventory)
    assert found["languages"] == [
        {"name": "python", "files": 2, "lines": 20},
        {"name": "typescript", "files": 1, "lines": 10},
    ]
    assert found["manifests"] == [{"path": "b", "kind": "dodo"}, {"path": "z", "kind": "makefile"}]
    assert found["problems"] == [
        {"path": "a.py", "line": 1, "message": "x"},
        {"path": "b.py", "line": 2, "message": "x"},
    ]
    assert found["entry_points"] == [{"kind": "main", "name": "x", "module": "a", "file": "a.py", "line": 3}]
    assert found["counts"] == {
        "files": 3,
        "lines": 30,
        "code_lines": 27,
        "tests": 1,
        "routes": 1,
        "http_calls": 2,
        "matched_http_calls": 1,
        "tables": 0,
        "events": 0,
        "entry_points": 1,
        "edges": 0,
        "problems": 2,
        "commits": 7,
    }


def test_lists_end() -> None:
    found = profile(
        _inventory(
            problems=[Problem("x", line, "y") for line in range(300)],
            entry_points=[EntryPoint("main", "x", "a", "a.py", line) for line in range(300)],
        )
    )
    problems, points = found["problems"], found["entry_points"]
    assert isinstance(problems, list)
    assert isinstance(points, list)
    assert (len(problems), len(points)) == (200, 100)


class TestFrameworks:
    def test_of_dependencies(self) -> None:
        assert _frameworks(
            _inventory(
                manifests=[
                    _needs("pyproject.toml", "pyproject", "django", "flask", "x", dev_dependencies=("flask",)),
                    _needs("web/package.json", "package.json", "svelte", "x", dev_dependencies=("svelte",)),
                    _needs("tests/requirements.txt", "requirements", "celery"),
                    _needs("examples/a/package.json", "package.json", "react"),
                    _needs("pom.xml", "pom", "org.springframework.boot:spring-boot-starter-web"),
                    Manifest("web/vite.config.ts", "vite"),
                ]
            )
        ) == {
            "django": [("pyproject.toml", "depends on django")],
            "spring-boot": [("pom.xml", "depends on org.springframework.boot:spring-boot-starter-web")],
            "svelte": [("web/package.json", "depends on svelte")],
            "vite": [("web/vite.config.ts", "is its vite")],
        }

    def test_of_code(self) -> None:
        found = _frameworks(
            _inventory(
                "web/App.vue",
                routes=[_route("a.py", "drf"), _route("b.py", "drf"), _route("b.py", "drf", 2), _route("tests/c.py")],
                tables=[_table("m.py"), _table("m.sql", "sql"), _table("n.py", "")],
            )
        )
        assert found == {
            "djangorestframework": [("a.py", "1 route"), ("b.py", "2 routes")],
            "sqlalchemy": [("m.py", "1 table")],
            "vue": [("web/App.vue", "is a component")],
        }

    def test_evidence_ends(self) -> None:
        found = _frameworks(_inventory(routes=[_route(f"r{number}.py") for number in range(30)]))
        assert len(found["fastapi"]) == 5


class TestPlaces:
    @pytest.mark.parametrize(
        ("paths", "builds", "roots"),
        [
            (["web/src/pages/a.ts", "web/vite.config.ts"], ["web/package.json"], ["web/src"]),
            (["web/app/a.tsx"], ["web/package.json"], ["web"]),
            (["src/App.vue", "src/x.ts"], ["package.json"], ["src"]),
            (["components/a.js"], ["package.json"], ["."]),
            (["shop/static/app/pages/a.js", "shop/static/app/components/x/b.js"], [], ["shop/static/app"]),
            (["a/src/A.tsx", "b/src/B.tsx"], ["a/package.json", "b/package.json", "package.json"], ["a/src", "b/src"]),
            (["src/routes/users.ts", "src/index.ts"], ["package.json"], []),
            (["web/tests/pages/a.tsx"], ["web/package.json"], []),
            (["pages/a.py"], [], []),
        ],
    )
    def test_frontends(self, paths: list[str], builds: list[str], roots: list[str]) -> None:
        inventory = _inventory(*paths, manifests=[Manifest(path, "package.json") for path in builds])
        assert profile(inventory)["frontend_roots"] == roots

    def test_backends(self) -> None:
        inventory = _inventory(
            routes=[_route("api/users.py"), _route("api/users.py", line=2), _route("main.py"), _route("tests/x.py")]
        )
        found = profile(inventory)
        assert found["backend_route_counts"] == {".": 1, "api": 2}
        assert found["backend_route_roots"] == [".", "api"]

    def test_many_neighbours_become_one(self) -> None:
        plugins = [_route(f"shop/plugins/p{number}/views.py") for number in range(30)]
        few = [_route(f"shop/{name}/views.py") for name in ("users", "orders")]
        found = profile(_inventory(routes=[*plugins, *few]))
        assert found["backend_route_counts"] == {"shop/orders": 1, "shop/plugins": 30, "shop/users": 1}

    def test_many_strangers_become_few(self) -> None:
        found = profile(_inventory(routes=[_route(f"d{number}/e/f/views.py") for number in range(30)]))
        counts = found["backend_route_counts"]
        assert isinstance(counts, dict)
        assert len(counts) <= 20
        assert sum(counts.values()) == 30


class TestHints:
    def test_a_frontend_and_a_backend(self) -> None:
        inventory = _inventory(
            "web/src/App.tsx", routes=[_route("backend/a.py")], manifests=[Manifest("web/package.json", "package.json")]
        )
        assert _hints(inventory) == {
            "frontend-backend-repo": [("backend/a.py", "answers 1 route"), ("web/src", "holds pages or components")]
        }

    def test_a_modular_monolith(self) -> None:
        parts = ("orders", "stock", "users")
        inventory = _inventory(
            routes=[_route(f"src/shop/{name}/api/views.py") for name in parts],
            tables=[_table(f"src/shop/{name}/models.py") for name in (*parts, "other")],
        )
        why = "3 directories have routes and tables of their own: orders, stock, users"
        assert _hints(inventory)["modular-monolith"] == [("src/shop", why)]

    def test_services(self) -> None:
        inventory = _inventory(
            routes=[_route("orders/app.py"), _route("users/src/app.py"), _route("users/src/app.py", line=2)],
            manifests=[
                Manifest("docker-compose.yml", "compose", {"build_context": ("a=users", "b=users", "web=web")}),
                Manifest("orders/Dockerfile", "dockerfile"),
                Manifest("examples/x/Dockerfile", "dockerfile"),
            ],
        )
        assert _hints(inventory) == {
            "service-oriented": [
                ("orders", "is built on its own and answers 1 route"),
                ("users", "is built on its own and answers 2 routes"),
            ]
        }

    def test_one_image_is_no_service(self) -> None:
        inventory = _inventory(
            routes=[_route("a/x.py"), _route("b/y.py")], manifests=[Manifest("Dockerfile", "dockerfile")]
        )
        assert _hints(inventory) == {}

    def test_layers(self) -> None:
        inventory = _inventory(
            "shop/models/order.py", "shop/services/order.py", "shop/routes.py", "shop/routes_x.py", "tests/models/x.py"
        )
        assert _hints(inventory) == {"layered": [("shop", "has models/, routes, services/")]}

    def test_files_alone_are_no_layers(self) -> None:
        assert _hints(_inventory("shop/models.py", "shop/services.py", "shop/views.py")) == {}

    def test_a_backend_at_the_root(self) -> None:
        inventory = _inventory(
            routes=[_route("shop/views.py")],
            manifests=[Manifest("manage.py", "manage.py"), Manifest("a.txt", "requirements")],
        )
        assert _hints(inventory) == {"monolith-root-backend": [("manage.py", "builds what answers 1 of 1 route")]}

    @pytest.mark.parametrize(
        ("file", "build"), [("backend/shop/views.py", "pyproject.toml"), ("x/views.py", "x/pyproject.toml")]
    )
    def test_a_backend_in_its_own_directory(self, file: str, build: str) -> None:
        assert _hints(_inventory(routes=[_route(file)], manifests=[Manifest(build, "pyproject")])) == {}

    def test_plugins_by_directory(self) -> None:
        names = [f"shop/components/c{number}/__init__.py" for number in range(6)]
        more = [f"shop/components/c{number}/sensor.py" for number in range(6)]
        assert _hints(_inventory(*names, *more)) == {"plugin-family": [("shop/components", "holds 6 of a kind")]}
        assert _hints(_inventory(*(f"web/components/C{number}.ts" for number in range(6)))) == {}

    def test_plugins_by_packages(self) -> None:
        inventory = _inventory(
            manifests=[
                *(
                    Manifest(f"{name}/setup.py", "setup.py", {"name": (f"bot-{name}",)})
                    for name in ("www", "db", "cli")
                ),
                Manifest("master/pyproject.toml", "pyproject", {"entry_point_groups": ("bot.steps",)}),
            ]
        )
        assert _hints(inventory) == {
            "plugin-family": [
                (".", "3 packages are named after bot"),
                ("master/pyproject.toml", "offers plugins to bot.steps"),
            ]
        }

    def test_workspaces(self) -> None:
        inventory = _inventory(
            manifests=[
                Manifest("package.json", "package.json", {"workspaces": ("apps/*", "packages/*")}),
                Manifest("buf.yaml", "buf", {"workspaces": ("proto",)}),
            ]
        )
        assert _hints(inventory) == {"monorepo-workspaces": [("package.json", "has the workspaces apps/*, packages/*")]}

    def test_a_library(self) -> None:
        library = Manifest("pyproject.toml", "pyproject", {"name": ("shop",)})
        why = "publishes shop, and nothing here answers or is deployed"
        assert _hints(_inventory("shop/a.py", manifests=[library])) == {"library": [("pyproject.toml", why)]}
        assert _hints(_inventory("shop/a.py", manifests=[library, Manifest("Procfile", "procfile")])) == {}
        private = Manifest("package.json", "package.json", {"name": ("shop",), "private": ("true",)})
        assert _hints(_inventory("shop/a.ts", manifests=[private])) == {}


class TestMarkdown:
    def test_an_empty_repository(self) -> None:
        page = profile_markdown(profile(_inventory()))
        assert [line for line in page.splitlines() if line.startswith("#")] == [
            "# Repository Profile: shop",
            "## Languages",
            "## Frameworks",
            "## Architecture Hints",
            "## Manifests",
            "## Routes",
            "## Problems",
        ]
        assert "## Languages\n\nNone.\n" in page
        assert page.endswith("\n")

    def test_a_profile_that_was_written_and_read_makes_the_same_page(self) -> None:
        found = profile(_inventory("a.py", routes=[_route("a.py")], problems=[Problem("a.py", 0, "x")]))
        read: Mapping[str, object] = json.loads(json.dumps(found))
        assert profile_markdown(read) == profile_markdown(found)

    def test_cells_hold_what_they_are_given(self) -> None:
        strange = "a|b `c` <b>__init__</b> &amp; \\| *x*\nnext"
        page = profile_markdown(profile(_inventory(problems=[Problem("x|`y`/__init__.py", 3, strange)])))
        rendered = MarkdownIt("commonmark").enable("table").render(page)
        assert "<td><code>x|`y`/__init__.py:3</code></td>" in rendered
        assert "<td>a|b `c` &lt;b&gt;__init__&lt;/b&gt; &amp;amp; \\| *x* next</td>" in rendered

    def test_numbers_are_readable(self) -> None:
        page = profile_markdown(profile(_inventory(routes=[_route("a.py", line=line) for line in range(1200)])))
        assert "| `.` | 1,200 |" in page
        assert "0 of 0 requests in the code go to a route of this repository." in page


def test_it_is_the_same_each_time() -> None:
    routes = [_route("b.py"), _route("a.py"), _route("a.py", "flask")]
    manifests = [_needs("b.txt", "requirements", "django"), _needs("a.txt", "requirements", "django")]
    first = profile(_inventory(routes=routes, manifests=manifests))
    again = profile(_inventory(routes=routes[::-1], manifests=manifests[::-1]))
    assert json.dumps(first) == json.dumps(again)

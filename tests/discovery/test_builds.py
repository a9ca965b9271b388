"""What manifests say, each by the rules of its own format; what is broken is said and harms nothing else."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery import builds
from protogate.discovery.files import walked

if TYPE_CHECKING:
    from pathlib import Path


def _facts(path: str, text: str) -> dict[str, tuple[str, ...]]:
    manifest, problems = builds.read_manifest(path, text.encode())
    assert problems == ()
    assert manifest is not None
    return dict(manifest.facts)


def _problems(path: str, text: str | bytes) -> list[tuple[int, str]]:
    _, problems = builds.read_manifest(path, text.encode() if isinstance(text, str) else text)
    return [(problem.line, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pyproject.toml", "pyproject"),
        ("a/Dockerfile", "dockerfile"),
        ("Dockerfile.dev", "dockerfile"),
        ("api.Dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("Dockerfile.dockerignore", ""),
        ("Dockerfile.j2", ""),
        ("Dockerfile.md", ""),
        ("docker-compose.yml", "compose"),
        ("docker-compose.prod.yaml", "compose"),
        ("compose.yaml", "compose"),
        ("dev.compose.yml", "compose"),
        ("composer.json", ""),
        ("decompose.yaml", ""),
        ("requirements.txt", "requirements"),
        ("requirements-dev.txt", "requirements"),
        ("dev-requirements.in", "requirements"),
        ("requirements/base.txt", "requirements"),
        ("requirements.rst", ""),
        ("tsconfig.app.json", "tsconfig"),
        ("GNUmakefile", "makefile"),
        ("rules.mk", "makefile"),
        (".github/workflows/ci.yml", "github-workflow"),
        ("a/.github/workflows/ci.yml", ""),
        (".gitlab-ci.yml", "gitlab-ci"),
        ("charts/x/Chart.yaml", "helm"),
        ("k8s/api.yaml", "k8s"),
        ("data/api.yaml", ""),
        ("buf.gen.web.yaml", "buf"),
        ("vite.config.mts", "vite"),
        ("next.config.js", "next"),
        ("nuxt.config.ts", "nuxt"),
        ("svelte.config.js", "svelte"),
        ("schema.sql", ""),
        ("manifest.json", ""),
    ],
)
def test_a_name_says_the_kind(path: str, kind: str) -> None:
    assert builds.manifest_kind(path) == kind


class TestWalk:
    def test_all_that_count_are_found(self, tmp_path: Path) -> None:
        for name in (
            "pyproject.toml",
            "web/package.json",
            "web/node_modules/x/package.json",
            ".github/workflows/ci.yml",
            ".github/dependabot.yml",
            ".hidden/setup.py",
            ".gitlab-ci.yml",
            "requirements/base.txt",
            "other/base.txt",
            "k8s/base/api.yaml",
            "a/manifest.json",
            "a/schema.sql",
        ):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        assert builds.manifest_paths(walked(tmp_path)[0]) == (
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
            "k8s/base/api.yaml",
            "pyproject.toml",
            "requirements/base.txt",
            "web/package.json",
        )

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "Makefile").write_text("")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        (tmp_path / "a" / "loop").symlink_to(tmp_path)
        (tmp_path / "Makefile").symlink_to(tmp_path / "a" / "Makefile")
        assert builds.manifest_paths(walked(tmp_path)[0]) == ("a/Makefile",)

    def test_it_is_cheap(self, tmp_path: Path) -> None:
        for directory in range(80):
            (tmp_path / f"d{directory}").mkdir()
            for name in range(100):
                (tmp_path / f"d{directory}" / f"module_{name}.py").touch()
        began = time.perf_counter()
        assert builds.manifest_paths(walked(tmp_path)[0]) == ()
        # A tenth of it is usual; a machine that does much else takes longer.
        assert time.perf_counter() - began < 1

    def test_what_cannot_be_read_is_said_and_the_others_are_read(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = [\n  "a"\n  "b"\n]\n')
        (tmp_path / "requirements.txt").write_bytes(b"#" * 4_000_001)
        (tmp_path / "Makefile").write_text("all:\n")
        manifests, problems = builds.read_manifests(
            tmp_path, ["requirements.txt", "Makefile", "pyproject.toml", "go.mod"]
        )
        assert [(one.path, one.kind, one.facts) for one in manifests] == [
            ("Makefile", "makefile", {"targets": ("all",)}),
            ("pyproject.toml", "pyproject", {}),
        ]
        assert [tuple(problem) for problem in problems] == [
            ("go.mod", 0, "cannot be read: No such file or directory"),
            ("pyproject.toml", 5, "cannot be read as TOML: Unclosed array"),
            ("requirements.txt", 0, "has 4,000,001 bytes, more than 4,000,000; left out"),
        ]


class TestPython:
    def test_pyproject(self) -> None:
        assert _facts(
            "pyproject.toml",
            """
[project]
name = "shop"
dependencies = ["FastAPI[all]>=0.1; python_version > '3'", "typing_extensions", "x @ https://x.test/x.whl"]
optional-dependencies.redis = ["redis"]
optional-dependencies.test = ["pytest"]
scripts.shop = "shop.cli:main [extra]"
entry-points."shop.plugins".mail = "shop.mail:Mailer"
[dependency-groups]
lint = ["ruff", {include-group = "x"}]
[tool.uv.workspace]
members = ["packages/*"]
""",
        ) == {
            "name": ("shop",),
            "dependencies": ("fastapi", "pytest", "redis", "ruff", "typing-extensions", "x"),
            "dev_dependencies": ("pytest", "ruff"),
            "scripts": ("shop",),
            "entry_points": ("mail=shop.mail:Mailer", "shop=shop.cli:main"),
            "entry_point_groups": ("shop.plugins",),
            "workspaces": ("packages/*",),
        }

    def test_poetry(self) -> None:
        assert _facts(
            "pyproject.toml",
            """
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.11"
Django = { version = "^4", extras = ["argon2"] }
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.scripts]
shop = { reference = "shop.cli:main", type = "console" }
""",
        ) == {
            "name": ("shop",),
            "dependencies": ("django", "pytest"),
            "dev_dependencies": ("pytest",),
            "scripts": ("shop",),
            "entry_points": ("shop=shop.cli:main",),
        }

    def test_requirements(self) -> None:
        text = (
            "\ufeff# all\r\nDjango>=4.2,<5  # the framework\r\n-r ../base.txt\n--requirement=other.txt\n"
            "--index-url https://x.test/simple\nceleRy[redis]==5 \\\n    --hash=sha256:1\n"
            "-e git+https://x.test/a.git#egg=my_lib\ngit+https://x.test/b.git\n./local\n"
            "wheels/Some.Thing-1.0-py3-none-any.whl\nname@https://x.test/n.zip ; python_version < '4'\n# a \\\nlast"
        )
        assert _facts("requirements/prod.txt", text) == {
            "dependencies": ("celery", "django", "last", "my-lib", "name", "some-thing"),
            "includes": ("base.txt", "requirements/other.txt"),
        }

    def test_requirements_of_developers_are_known_by_name(self) -> None:
        assert _facts("requirements-dev.txt", "ruff")["dev_dependencies"] == ("ruff",)

    def test_requirements_in_utf_16(self) -> None:
        manifest, problems = builds.read_manifest("requirements.txt", "a\r\nb\r\n".encode("utf-16"))
        assert manifest is not None
        assert (manifest.facts, problems) == ({"dependencies": ("a", "b")}, ())

    def test_what_is_no_requirement_is_said(self) -> None:
        assert _problems("requirements.txt", "a\n{{ x }}\nb c\n") == [
            (2, "`{{ x }}` is no requirement"),
            (3, "`b c` is no requirement"),
        ]

    def test_setup_cfg(self) -> None:
        assert _facts(
            "setup.cfg",
            """
[metadata]
name = Shop
version = %(x)s
[options]
install_requires =
    Flask >= 2
    # why
    attrs
[options.extras_require]
tests = pytest
[options.entry_points]
console_scripts =
    shop = shop.cli:main
shop.plugins =
    Mail = shop.mail
""",
        ) == {
            "name": ("Shop",),
            "dependencies": ("attrs", "flask", "pytest"),
            "dev_dependencies": ("pytest",),
            "scripts": ("shop",),
            "entry_points": ("Mail=shop.mail", "shop=shop.cli:main"),
            "entry_point_groups": ("shop.plugins",),
        }

    def test_setup_py_is_read_not_run(self) -> None:
        assert _facts(
            "setup.py",
            """
import sys
import setuptools
version = open("/nowhere").read()
NAME = "shop"
base = ["flask>=1", f"shop-www=={version}", "shop-worker==" + version, "shop-db==%s" % version]
extras = {"tests": ["pytest"]}
extras["mail"] = ["aiosmtplib"]
arguments = {"name": NAME, "extras_require": extras}
arguments["install_requires"] = base + ["attrs", *("six",)]
if sys.platform == "win32":
    arguments["install_requires"].append("pywin32")
arguments["install_requires"] = None
base += "a b".split()
setuptools.setup(
    entry_points=merge({"console_scripts": ["shop = shop.cli:main"]}, {"shop.plugins": [plugin("x")]}),
    scripts=["bin/shop-admin"],
    **arguments,
)
raise SystemExit("was run")
""",
        ) == {
            "name": ("shop",),
            "dependencies": (
                "aiosmtplib",
                "attrs",
                "flask",
                "pytest",
                "pywin32",
                "shop-db",
                "shop-worker",
                "shop-www",
                "six",
            ),
            "dev_dependencies": ("pytest",),
            "scripts": ("shop", "shop-admin"),
            "entry_points": ("shop=shop.cli:main",),
            "entry_point_groups": ("shop.plugins",),
        }

    def test_setup_py_with_entry_points_as_text(self) -> None:
        text = "from setuptools import setup\nsetup(entry_points='''\n[console_scripts]\nx = a.b:c\n''')\n"
        assert _facts("setup.py", text) == {"scripts": ("x",), "entry_points": ("x=a.b:c",)}

    def test_a_setup_py_that_builds_nothing_is_none(self) -> None:
        assert builds.read_manifest("telemetry/setup.py", b"def setup(app):\n    pass\n") == (None, ())

    def test_a_setup_py_of_python_2_is_a_problem(self) -> None:
        assert _problems("setup.py", "from distutils.core import setup\nsetup()\nprint 'x'\n") == [
            (3, "cannot be read as Python 3: Missing parentheses in call to 'print'. Did you mean print(...)?")
        ]

    def test_a_setup_py_cannot_fill_the_memory(self) -> None:
        doubled = "a += a\nb = b + b\nc = [*c, *c]\n" * 64
        text = f"from setuptools import setup\na = ['x']\nb = 'y'\nc = ['z']\n{doubled}setup(install_requires=a + c)\n"
        assert _facts("setup.py", text) == {"dependencies": ("x", "z")}

    def test_pipfile(self) -> None:
        text = '[packages]\nDjango = "*"\n[dev-packages]\npytest = "*"\n[scripts]\nserve = "python  manage.py"\n'
        assert _facts("Pipfile", text) == {
            "dependencies": ("django", "pytest"),
            "dev_dependencies": ("pytest",),
            "scripts": ("serve",),
            "commands": ("serve=python manage.py",),
        }

    def test_tox(self) -> None:
        text = (
            "[tox]\nenvlist = py{39,310}, lint\n[testenv]\ndeps =\n  pytest\n  lint: ruff\n  -r x.txt\ncommands = x\n"
        )
        assert _facts("tox.ini", text) == {
            "environments": ("lint", "py{39,310}"),
            "dependencies": ("pytest", "ruff"),
            "dev_dependencies": ("pytest", "ruff"),
            "commands": ("x",),
        }

    def test_alembic_tells_the_database_but_not_its_address(self) -> None:
        text = "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = postgresql+psycopg://u:secret@h/d\n"
        assert _facts("db/alembic.ini", text) == {"databases": ("postgres",), "script_location": ("db/migrations",)}

    def test_manage_py(self) -> None:
        text = 'import os\ndefault = "shop.settings"\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", default)\n'
        assert _facts("manage.py", text) == {"settings": ("shop.settings",)}
        assert builds.read_manifest("manage.py", b"from flask import Flask\n") == (None, ())

    def test_dodo(self) -> None:
        assert _facts("dodo.py", "def task_build(): ...\ndef helper(): ...\n") == {"targets": ("build",)}

    def test_ini_that_is_none(self) -> None:
        assert _problems("tox.ini", "x = 1\n") == [(1, "cannot be read as INI: no section begins before this line")]
        assert _problems("tox.ini", "[tox]\nx = 1\nwhat\n") == [
            (3, "cannot be read as INI: is neither a section nor `name = value`")
        ]


class TestWeb:
    def test_package_json(self) -> None:
        read = {
            "name": "shop",
            "private": True,
            "dependencies": {"react": "18"},
            "devDependencies": {"vite": "5", "react": "18"},
            "scripts": {"dev": "vite"},
            "bin": "cli.js",
            "workspaces": {"packages": ["packages/*"]},
        }
        assert _facts("package.json", "\ufeff" + json.dumps(read)) == {
            "name": ("shop",),
            "private": ("true",),
            "dependencies": ("react", "vite"),
            "dev_dependencies": ("vite",),
            "scripts": ("dev",),
            "commands": ("dev=vite",),
            "entry_points": ("shop=cli.js",),
            "workspaces": ("packages/*",),
        }

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('{\n "a": 1,\n}', (3, "cannot be read as JSON: Expecting property name enclosed in double quotes")),
            ("[]", (1, "cannot be read: is no object")),
            ("[" * 100_000, (0, "cannot be read: is nested too deeply")),
            (b'{\n"a": "\xff"}', (2, "cannot be read: is not UTF-8")),
        ],
    )
    def test_a_broken_package_json(self, text: str | bytes, problem: tuple[int, str]) -> None:
        assert _problems("package.json", text) == [problem]

    def test_shapes_that_nobody_expects(self) -> None:
        assert _facts("package.json", '{"dependencies": [1], "scripts": 3, "workspaces": null, "bin": {"x": 1}}') == {}

    def test_tsconfig_has_comments_and_commas(self) -> None:
        text = """{
  // a comment
  "extends": "./base.json", /* and "another" */
  "compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"], "http://x": ["a,]"],},},
  "references": [{"path": "../lib"},],
}"""
        assert _facts("web/tsconfig.json", text) == {
            "extends": ("./base.json",),
            "base_url": ("web",),
            "paths": ("@/*=src/*", "http://x=a,]"),
            "references": ("lib",),
        }
        assert _problems("tsconfig.json", "{\n/* a\nb */\n!") == [
            (4, "cannot be read as JSON: Expecting property name enclosed in double quotes")
        ]

    def test_angular_and_workspaces(self) -> None:
        assert _facts("web/angular.json", '{"projects": {"shop": {"root": ""}, "lib": {"root": "projects/lib"}}}') == {
            "projects": ("lib=web/projects/lib", "shop=web")
        }
        assert _facts("pnpm-workspace.yaml", "packages:\n  - 'apps/*'\n") == {"workspaces": ("apps/*",)}
        assert _facts("lerna.json", '{"packages": ["packages/*"]}') == {"workspaces": ("packages/*",)}
        assert _facts("vite.config.ts", "export default {") == {}


_DOCKERFILE = r"""# syntax=docker/dockerfile:1
# A comment
ARG TAG=3.12 \
    OTHER="x y"
FROM --platform=$BUILDPLATFORM node:${NODE:-22}-alpine AS Web
RUN npm ci && \
    # not the end

    npm run build
CMD npm start
FROM python:${TAG} as base
ENV PORT=8080 \
    # nor here
    HOST='0.0.0.0'
ENV NAME the old form
COPY <<EOF /etc/x
FROM nothing:1
EXPOSE 1
EOF
COPY --from=web /app /app
FROM base
EXPOSE $PORT/tcp 9000/udp
expose 7000-7002
ENTRYPOINT ["python", "-m", "shop app"]
CMD ["serve", "--port", "8080"]
HEALTHCHECK CMD true
FROM scratch
FROM bitnami/postgresql-repmgr:16@sha256:0
"""


class TestDockerfile:
    def test_all_of_it(self) -> None:
        assert _facts("Dockerfile", _DOCKERFILE) == {
            "images": ("bitnami/postgresql-repmgr:16@sha256:0", "node:22-alpine", "python:3.12"),
            "stages": ("web", "base"),
            "ports": ("7000-7002", "8080", "9000/udp"),
            "commands": ("npm start", "python -m 'shop app' serve --port 8080"),
            "databases": ("postgres",),
        }

    def test_lines_of_windows_and_another_escape(self) -> None:
        text = "# escape=`\r\nFROM a:1\r\nEXPOSE 80 `\r\n  81\r\nCMD C:\\x\\\r\n"
        assert _facts("Dockerfile", text) == {"images": ("a:1",), "ports": ("80", "81"), "commands": ("C:\\x\\",)}

    def test_what_is_no_json_is_for_the_shell(self) -> None:
        assert _facts("Dockerfile", "FROM a\nCMD ['x', 1]\n")["commands"] == ("['x', 1]",)

    def test_tabs_separate(self) -> None:
        assert _facts("Dockerfile", "FROM\ta:1\tAS\tb\nEXPOSE\t80\n") == {
            "images": ("a:1",),
            "stages": ("b",),
            "ports": ("80",),
        }

    def test_problems_have_their_line(self) -> None:
        assert _problems("Dockerfile", "FROM a\n{% x %}\nFROM\nRUN <<END\nx\n") == [
            (2, "`{%` is no instruction of a Dockerfile"),
            (3, "FROM names no image"),
            (4, "the text until END does not end"),
            (5, "`X` is no instruction of a Dockerfile"),
        ]

    def test_no_more_than_a_few_problems_of_one_file(self) -> None:
        assert len(_problems("Dockerfile", "what\n" * 100)) == 5

    def test_variables_cannot_fill_the_memory(self) -> None:
        text = "FROM a\nENV A=xxxxxxxx\n" + "ENV A=$A$A\n" * 100 + "EXPOSE $A\n"
        assert len(_facts("Dockerfile", text)["ports"][0]) <= 4_096


class TestCompose:
    def test_all_of_it(self) -> None:
        assert _facts(
            "deploy/docker-compose.yml",
            """
x-base: &base
  image: shop:${TAG:-latest}
  build: {context: .., dockerfile: docker/Dockerfile}
services:
  web:
    <<: *base
    ports: ["${PORT-3000}:80/tcp", 22:22, {target: 90, published: "91"}]
    depends_on: {db: {condition: service_healthy}}
    command: [serve, --port, "80"]
  worker:
    build: ../worker
    image: !reset ""
    depends_on: [db]
    command: celery  worker
  remote: {build: https://x.test/x.git}
  db: {image: "postgis/postgis:16"}
  cache: {image: "registry.test:5000/redis:7@sha256:0"}
  exporter: {image: oliver006/redis_exporter}
""",
        ) == {
            "services": ("cache", "db", "exporter", "remote", "web", "worker"),
            "build_context": ("web=.", "worker=worker"),
            "dockerfiles": ("web=docker/Dockerfile", "worker=worker/Dockerfile"),
            "ports": ("web=22:22", "web=3000:80", "web=91:90"),
            "images": (
                "cache=registry.test:5000/redis:7@sha256:0",
                "db=postgis/postgis:16",
                "exporter=oliver006/redis_exporter",
                "web=shop:latest",
            ),
            "depends_on": ("web=db", "worker=db"),
            "commands": ("web=serve --port 80", "worker=celery worker"),
            "databases": ("postgres", "redis"),
        }

    def test_the_first_version_of_the_format(self) -> None:
        assert _facts("docker-compose.yml", "db:\n  image: mysql:5\n") == {
            "services": ("db",),
            "images": ("db=mysql:5",),
            "databases": ("mysql",),
        }

    def test_what_only_has_the_name_is_none(self) -> None:
        assert builds.read_manifest("compose.yaml", b"a: 1\n") == (None, ())
        assert builds.read_manifest("compose.yaml", b"") == (None, ())

    @pytest.mark.parametrize(
        ("text", "line"),
        [("services:\n  a: [\n", 3), ("a: 1\n b: 2\n", 2), ("a: &x [*x]\n", 1), ("a: \x01", 0), ("? [a]\n: b\n", 1)],
    )
    def test_a_broken_one_is_a_problem(self, text: str, line: int) -> None:
        ((found, message),) = _problems("compose.yaml", text)
        assert (found, message[:24]) == (line, "cannot be read as YAML: ")

    def test_what_brings_itself_in_ends(self) -> None:
        assert _problems("compose.yaml", "services: &a\n  <<: *a\n")[0][1].startswith("cannot be read as YAML")


class TestDelivery:
    def test_github(self) -> None:
        assert _facts(
            ".github/workflows/ci.yml",
            """
name: CI
on: [push, pull_request]
jobs:
  test:
    container: {image: python:3.12}
    services: {db: {image: postgres:16}}
    steps: [{uses: actions/checkout@v4}, {run: make}]
  deploy: {uses: ./.github/workflows/deploy.yml}
""",
        ) == {
            "name": ("CI",),
            "triggers": ("pull_request", "push"),
            "jobs": ("deploy", "test"),
            "images": ("postgres:16", "python:3.12"),
            "actions": ("./.github/workflows/deploy.yml", "actions/checkout@v4"),
            "databases": ("postgres",),
        }

    def test_gitlab(self) -> None:
        assert _facts(
            ".gitlab-ci.yml",
            """
stages: [test, deploy]
image: python:3.12
include: [{local: /ci.yml}, other.yml]
.base: &base {services: [redis:7]}
test:
  <<: *base
  script: !reference [.base, script]
deploy: {image: {name: alpine}}
""",
        ) == {
            "stages": ("test", "deploy"),
            "jobs": ("deploy", "test"),
            "images": ("alpine", "python:3.12", "redis:7"),
            "includes": ("/ci.yml", "other.yml"),
            "databases": ("redis",),
        }

    def test_kubernetes(self) -> None:
        assert _facts(
            "deploy/k8s/api.yaml",
            """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec: {template: {spec: {containers: [{image: "shop:1", ports: [{containerPort: 8080}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {ports: [{port: 80}]}
""",
        ) == {"services": ("Deployment/api", "Service/api"), "images": ("shop:1",), "ports": ("80", "8080")}

    def test_other_texts_beside_those_of_kubernetes_are_none(self) -> None:
        assert builds.read_manifest("k8s/values.yaml", b"a: 1\n") == (None, ())
        assert builds.read_manifest("helm/templates/x.yaml", b"apiVersion: v1\nkind: {{ x }}\n") == (None, ())

    def test_helm_buf_and_module_yaml(self) -> None:
        assert _facts("charts/shop/Chart.yaml", "name: shop\ndependencies: [{name: postgresql}]\n") == {
            "name": ("shop",),
            "dependencies": ("postgresql",),
        }
        assert _facts("api/buf.yaml", "version: v2\nmodules: [{path: proto}]\ndeps: [buf.build/a/b]\n") == {
            "workspaces": ("api/proto",),
            "dependencies": ("buf.build/a/b",),
        }
        assert _facts("buf.gen.yaml", "plugins: [{local: [python, x.py], out: gen}, {remote: r/x, out: ./gen}]\n") == {
            "plugins": ("python x.py", "r/x"),
            "outputs": ("gen",),
        }
        assert _facts("orders/module.yaml", "name: orders\ndepends_on: [users]\n") == {
            "name": ("orders",),
            "dependencies": ("users",),
        }


class TestLines:
    def test_makefile(self) -> None:
        text = (
            ".PHONY: all test\nX := a:b\nY ::= c\nexport Z = d:e\nall test: build\\\n  more: \n\techo a: b\n"
            "%.o: %.c\n$(OUT)/x: y\ndefine T\nnot-one: x\nendef\nifeq ($(A),b:c)\ndocs/html:: x\nendif\n"
            "both &: x\ninclude ci/*.mk $(X)\n# no: x\nlocal: CFLAGS = 1\n"
        )
        assert _facts("tools/Makefile", text) == {
            "targets": ("all", "both", "docs/html", "local", "test"),
            "includes": ("tools/ci/*.mk",),
        }

    def test_go(self) -> None:
        text = (
            "module example.com/shop // the shop\ngo 1.22\nrequire github.com/a/b v1.0.0\nrequire (\n"
            "\tgithub.com/gin-gonic/gin v1.9.0\n\tx.test/y v0.1.0 // indirect\n)\nreplace x.test/y => ../y\n"
        )
        assert _facts("go.mod", text) == {
            "name": ("example.com/shop",),
            "dependencies": ("github.com/a/b", "github.com/gin-gonic/gin"),
        }
        assert _facts("go.work", "go 1.22\nuse ./a\nuse (\n  ./b // x\n)\n") == {"workspaces": ("a", "b")}

    def test_procfile(self) -> None:
        assert _facts("Procfile", "# x\nweb: gunicorn  shop\nworker: celery\n") == {
            "scripts": ("web", "worker"),
            "commands": ("web=gunicorn shop", "worker=celery"),
        }
        assert _problems("Procfile", "web: x\nwhat\n") == [(2, "is no `name: command`")]


class TestOtherLanguages:
    def test_cargo(self) -> None:
        text = (
            '[package]\nname = "shop"\n[dependencies]\naxum = "0.7"\n[dev-dependencies]\ncriterion = "1"\n'
            '[target."cfg(unix)".dependencies]\nnix = "1"\n[[bin]]\nname = "x"\npath = "src/x.rs"\n'
            '[workspace]\nmembers = ["crates/*"]\n'
        )
        assert _facts("rs/Cargo.toml", text) == {
            "name": ("shop",),
            "dependencies": ("axum", "criterion", "nix"),
            "dev_dependencies": ("criterion",),
            "entry_points": ("x=src/x.rs",),
            "workspaces": ("rs/crates/*",),
        }

    def test_pom(self) -> None:
        text = """<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><artifactId>shop</artifactId>
  <parent><artifactId>parent</artifactId></parent>
  <modules><module>api</module></modules>
  <dependencies>
    <dependency><groupId>a.b</groupId><artifactId>c</artifactId></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope> test </scope></dependency>
  </dependencies>
</project>"""
        assert _facts("pom.xml", text) == {
            "name": ("shop",),
            "dependencies": ("a.b:c", "junit:junit"),
            "dev_dependencies": ("junit:junit",),
            "workspaces": ("api",),
        }

    def test_xml_that_is_none_or_a_bomb(self) -> None:
        assert _problems("pom.xml", "<a>\n</b>") == [(2, "cannot be read as XML: mismatched tag")]
        bomb = '<!DOCTYPE a [\n<!ENTITY b "x">\n]>\n<a>&b;</a>'
        assert _problems("pom.xml", bomb) == [(2, "cannot be read as XML: declares entities")]

    def test_gradle(self) -> None:
        text = """
plugins { id 'java'
  id("org.springframework.boot") version "3" }
// implementation "no:no:1"
dependencies {
  implementation "a.b:c:1" /* api 'no:no' */
  api(platform("d:e:2"))
  testImplementation 'junit:junit:4'
  implementation project(":lib")
}
"""
        assert _facts("build.gradle.kts", text) == {
            "dependencies": ("a.b:c", "d:e", "junit:junit"),
            "dev_dependencies": ("junit:junit",),
            "plugins": ("java", "org.springframework.boot"),
        }
        assert _facts("settings.gradle", "rootProject.name = 'shop'\ninclude ':api', ':lib:core'\n") == {
            "name": ("shop",),
            "workspaces": ("api", "lib/core"),
        }


_WORDS = st.sampled_from(
    [
        *(
            "FROM ",
            "ARG ",
            "ENV ",
            "A=",
            "$A",
            "${A:-",
            "}",
            "\\\n",
            "\n",
            "#",
            "RUN ",
            "<<EOF",
            "EOF",
            "CMD ",
            '["',
            '"]',
        ),
        *("# escape=`\n", "`\n", "EXPOSE ", "-r ", "-e ", "a==1", "[", "]", ";", "@", "--hash=", "'", '"', " ", "\r\n"),
    ]
)
_TEXTS = st.one_of(st.text(), st.lists(st.one_of(_WORDS, st.text(max_size=3)), max_size=30).map("".join))


@given(_TEXTS, st.sampled_from(["Dockerfile", "requirements.txt", "Makefile", "go.mod", "Procfile"]))
def test_no_text_is_too_strange_for_formats_of_lines(text: str, path: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    manifest, _ = builds.read_manifest(path, data)
    assert manifest is not None
    assert builds.read_manifest(path, data)[0] == manifest


_ALL = [
    *("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "package.json", "tsconfig.json", "compose.yaml"),
    *("Cargo.toml", "pom.xml", "build.gradle", "dodo.py", "buf.yaml", ".github/workflows/x.yml", ".gitlab-ci.yml"),
    *("module.yaml", "Chart.yaml", "k8s/x.yaml", "angular.json", "manage.py", "alembic.ini", "tox.ini", "lerna.json"),
]
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["services", "build", "jobs", "dependencies", "projects", "plugins", "include", "on", "<<"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@given(
    st.one_of(st.binary(max_size=80), _TEXTS.map(lambda text: text.encode("utf-8", "replace"))), st.sampled_from(_ALL)
)
def test_no_bytes_are_too_strange_for_any_format(data: bytes, path: str) -> None:
    builds.read_manifest(path, b"# DJANGO_SETTINGS_MODULE\n" + data if path == "manage.py" else data)


@given(_JSON, st.sampled_from([path for path in _ALL if path.endswith((".json", ".yaml", ".yml"))]))
def test_no_shape_is_too_strange(read: object, path: str) -> None:
    builds.read_manifest(path, json.dumps(read).encode())

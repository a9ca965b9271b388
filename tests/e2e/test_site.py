"""The documentation site: it builds without a warning, nothing in it comes from elsewhere, its pages are typed in."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import ExitStack
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
import yaml

from drawings.architecture import drawn, imports, reduced, rows
from tests.e2e.conftest import ROOT, Shell
from tests.e2e.test_docs import COMMANDS
from tests.e2e.test_strangler_docs import free_port, running
from tests.support.nats import nats_cluster
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
PLAYED = [
    DOCS / "tutorial.md",
    DOCS / "migrations.md",
    *sorted(path for path in DOCS.glob("how-to/*.md") if path.name != "index.md"),
]
_MARKED = re.compile(
    r"<!-- (?P<kind>file|run|start|stop|output)(?:: (?P<what>\S+))? -->(?:\n```\w+\n(?P<text>.*?)```)?", re.DOTALL
)
_GRPC = (
    "  - local: protoc-gen-protogate-grpc\n    out: generated/python\n    strategy: all\n    include_imports: true\n"
    "  - local: protoc-gen-protogate-zod\n"
)
_PORT = re.compile(r"\b80\d\d\b")
_POSTGRES = "postgresql://protogate@db/protogate"
_NATS = "nats://nats:4222"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; any warning of the builder fails here."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.mark.parametrize("page", PLAYED, ids=lambda page: page.stem)
def test_a_page_is_as_it_says(page: Path, tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    if page.stem != "tutorial":
        shell.run("git init --quiet --initial-branch=main && protogate init && doit")
    with ExitStack() as databases:
        _play(page, _with_databases(page.read_text(encoding="utf-8"), databases), shell, installed)


def _with_databases(text: str, running_ones: ExitStack) -> str:
    """The page with the addresses of real servers, which run as long as it is read."""
    if _POSTGRES in text:
        text = text.replace(_POSTGRES, running_ones.enter_context(PostgresServer.running()).url)
    if _NATS in text:
        (server,) = running_ones.enter_context(nats_cluster(1))
        text = text.replace(_NATS, server.url)
    return text


def _play(page: Path, text: str, shell: Shell, installed: Path) -> None:
    tmp_path = shell.directory
    ports = {port: free_port() for port in sorted(set(_PORT.findall(text)))}
    said, played = "", 0
    with ExitStack() as everything:
        servers: dict[str, ExitStack] = {}
        for block in _MARKED.finditer(text):
            played += 1
            typed = _PORT.sub(lambda found: ports[found[0]], block["text"] or "")
            match block["kind"]:
                case "file":
                    target = tmp_path / block["what"]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(typed)
                case "run":
                    said = shell.run(typed, code=int(block["what"] or 0))
                case "start":
                    servers[block["what"]] = everything.enter_context(ExitStack())
                    server = running(installed, typed.split(), tmp_path, int(ports[block["what"]]))
                    servers[block["what"]].enter_context(server)
                case "stop":
                    servers.pop(block["what"]).close()
                case _:
                    for line in typed.splitlines():
                        assert line in said, f"{page.name}: {line!r} is not in\n{said}"
    assert played == text.count("<!-- ")


def test_the_models_do_what_the_page_of_plugins_says(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", readme, re.DOTALL))
    files["buf.gen.yaml"] = files["buf.gen.yaml"].replace("  - local: protoc-gen-protogate-zod\n", _GRPC, 1)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shell.run("protogate generate")
    page = (DOCS / "plugins.md").read_text(encoding="utf-8")
    (fragment,) = re.findall(r"```python\n(from acme\.user\.v1\.user_models.*?)```", page, re.DOTALL)
    (tmp_path / "try.py").write_text(
        "import sys\nsys.path.insert(0, 'generated/python')\nfrom acme.user.v1 import user_pb2\n"
        'text = \'{"id": "0190163d-8694-739b-aea5-966c26f8ad91", "email": "ann@example.com"}\'\n'
        f"{fragment}assert User.from_proto(message) == user\nprint(message.email)\n"
    )
    assert shell.run("python try.py") == "ann@example.com\n"


def test_every_page_is_in_the_menu_once() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    listed = [path for group in menu for entries in group.values() for path in map(_path, entries)]
    assert sorted(listed) == sorted(str(path.relative_to(DOCS)) for path in DOCS.glob("**/*.md"))


def _path(entry: str | dict[str, str]) -> str:
    return entry if isinstance(entry, str) else next(iter(entry.values()))


class _Loaded(HTMLParser):
    """What a page loads: scripts, styles, pictures, frames."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        if tag in {"script", "img", "iframe", "source", "video"}:
            self.found.append(values.get("src") or "")
        if tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch"}:
            self.found.append(values.get("href") or "")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = sorted(site.glob("**/*.html"))
    assert len(pages) > 40
    for page in pages:
        reader = _Loaded()
        reader.feed(page.read_text(encoding="utf-8"))
        assert not [one for one in reader.found if one.startswith(("http:", "https:", "//"))], page.name
    for style in site.glob("**/*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), style.name


def test_every_command_has_a_heading(site: Path) -> None:
    reader = _Loaded()
    reader.feed((site / "commands.html").read_text(encoding="utf-8"))
    for command in filter(None, COMMANDS):
        assert f"protogate-{command.replace(' ', '-')}" in reader.ids, command


def test_every_plugin_has_a_heading(site: Path) -> None:
    reader = _Loaded()
    reader.feed((site / "plugins.html").read_text(encoding="utf-8"))
    for target in ("pydantic", "zod", "jsonschema", "sql", "grpc", "contract", "fastapi"):
        assert any(one.startswith((f"protoc-gen-protogate-{target}", target)) for one in reader.ids), target


def test_the_glossary_is_sorted_and_says_each_word_once() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^(\S.*)\n: ", text, re.MULTILINE)
    assert len(words) > 40
    assert words == sorted(set(words), key=str.lower)


def test_the_picture_of_the_architecture_is_that_of_the_code(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    picture = DOCS / "assets/architecture.svg"
    now = drawn(ROOT)
    if update_golden:
        picture.write_text(now, encoding="utf-8")
    assert picture.read_text(encoding="utf-8") == now, "outdated: python -m drawings"


def test_rows_stand_above_what_they_import_and_no_path_is_lost() -> None:
    edges = {"a": ["b", "c", "d"], "b": ["c"], "c": ["d"], "d": [], "e": ["d"]}
    assert reduced(edges) == {"a": ["b"], "b": ["c"], "c": ["d"], "d": [], "e": ["d"]}
    assert [sorted(row) for row in rows(edges)] == [["a"], ["b"], ["c", "e"], ["d"]]
    found = imports(ROOT)
    height = {name: number for number, row in enumerate(rows(found)) for name in row}
    assert all(height[name] < height[one] for name, those in found.items() for one in those)

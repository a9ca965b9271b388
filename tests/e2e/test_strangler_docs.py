"""The example of docs/strangler.md, typed in by a machine, with its legacy application and its gateway."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from protogate.comparison import Comparison
from tests.e2e.conftest import ROOT, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs/strangler.md").read_text()
_MARKED = re.compile(
    r"<!-- (?P<kind>file|run|start|output)(?:: (?P<what>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL
)
_PORTS = ("8000", "8080")


def test_the_example_of_the_page_works(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    ports = {port: free_port() for port in _PORTS}
    said = ""
    kinds = set()
    with ExitStack() as stack:
        for block in _MARKED.finditer(PAGE):
            kinds.add(block["kind"])
            text = re.sub("|".join(_PORTS), lambda found: ports[found.group()], block["text"])
            if block["kind"] == "file":
                (tmp_path / block["what"]).write_text(text)
            elif block["kind"] == "start":
                stack.enter_context(running(installed, text.split(), tmp_path, int(ports[block["what"]])))
            elif block["kind"] == "run":
                said = shell.run(text, code=int(block["what"] or 0))
            else:
                for line in text.splitlines():
                    assert line in said
    assert kinds == {"file", "run", "start", "output"}


@contextmanager
def running(scripts: Path, command: list[str], directory: Path, port: int) -> Iterator[None]:
    """A command that serves while the rest of the page is read."""
    with subprocess.Popen([scripts / command[0], *command[1:]], cwd=directory, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            else:
                pytest.fail(f"{command} does not listen")
            yield
        finally:
            process.terminate()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return str(bound.getsockname()[1])


def test_every_rule_of_comparing_is_in_the_table() -> None:
    for name in Comparison._fields:
        assert f"| `{name}` |" in PAGE

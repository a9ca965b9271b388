"""docs/gateway.md says what the gateway says, and its example works."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gateway.commands.serve import help_text
from gateway.settings import Settings, read_settings
from gateway.wiring import open_gateway
from tests.e2e.conftest import ROOT, Shell
from tests.e2e.test_docs import check_section
from tests.e2e.test_strangler_docs import free_port, running

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs/gateway.md"
_MARKED = re.compile(r"<!-- (?P<kind>run|start|output)(?:: (?P<what>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)


def test_the_example_of_the_page_works(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    port = free_port()
    said = ""
    with ExitStack() as stack:
        for block in _MARKED.finditer(PAGE.read_text()):
            text = block["text"].replace("8080", port)
            if block["kind"] == "start":
                stack.enter_context(running(installed, text.split(), tmp_path, int(port)))
            elif block["kind"] == "run":
                said = shell.run(text)
            else:
                for line in text.splitlines():
                    assert line in said


def test_all_settings_are_in_the_table(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    rows = ["| setting | what |", "|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{name}` | {help_text(field.description or '', field.default)} |")
    check_section(PAGE, "settings", "\n".join(rows), accept=update_golden)


def test_all_endpoints_are_in_the_table(tmp_path: Path, update_golden: bool) -> None:  # noqa: FBT001 - as above
    async def describe() -> dict[str, dict[str, dict[str, str]]]:
        async with open_gateway(read_settings(data_dir=tmp_path), tmp_path) as gateway:
            paths: dict[str, dict[str, dict[str, str]]] = gateway.describe()["paths"]
            return paths

    rows = ["| route | what |", "|---|---|"]
    for path, verbs in asyncio.run(describe()).items():
        rows += [f"| `{verb.upper()} {path}` | {one['summary']} |" for verb, one in verbs.items()]
    check_section(PAGE, "endpoints", "\n".join(rows), accept=update_golden)

"""The reference pages say what the program says."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.commands import run as run_gateway
from protogate._apps import GATEWAY_COMMANDS, REGISTRY_COMMANDS
from protogate.cli import _COMMANDS, main
from protogate.cli.codegen import CODEGEN_COMMANDS
from protogate.cli.discovery import DISCOVERY_COMMANDS
from protogate.cli.legacy import LEGACY_COMMANDS
from protogate.cli.slice import SLICE_COMMANDS
from registry.commands import run as run_registry

if TYPE_CHECKING:
    from protoc_gen_protogate.kit import Plugin

ROOT = Path(__file__).parents[2]
TARGETS = ["pydantic", "zod", "jsonschema", "sql", "grpc", "contract", "fastapi"]

_OF_THE_GATEWAY = {"legacy bootstrap", "legacy verify", "legacy capture", "legacy parity"}
"""Commands on legacy rows, which the process of the gateway carries out."""


def plugin(target: str) -> Plugin:
    module = importlib.import_module(f"protoc_gen_protogate.targets.{target}")
    found: Plugin = module.PLUGIN
    return found


def option_rows(target: str) -> str:
    """The table of a plugin's options."""
    rows = ["| option | values | what |", "|---|---|---|"]
    for option in plugin(target).options:
        values = getattr(option, "values", None) or ("text",)
        if isinstance(option.default, bool):
            values = ("true", "false") if option.default else ("false", "true")
        listed = ", ".join("any text" if value == "text" and len(values) == 1 else f"`{value}`" for value in values)
        rows.append(f"| `{option.name}` | {listed} | {option.help} |")
    return "\n".join(rows)


def help_text(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "100")
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), contextlib.suppress(SystemExit):
        first, _, rest = command.partition(" ")
        if first == "registry" and rest:
            run_registry([rest, "--help"])
        elif command in _OF_THE_GATEWAY:
            run_gateway(["bridge", *rest.split(), "--help"])
        elif first == "config":
            run_gateway(["config", "--help"])
        elif first == "gateway" or command == "slice phase":
            run_gateway([*rest.split(), "--help"])
        else:
            main([*command.split(), "--help"])
    # Python 3.13 writes the metavar of an option with two names once, older ones twice.
    return stream.getvalue().rstrip().replace("-C DIRECTORY, --directory", "-C, --directory")


def check_section(page: Path, heading: str, expected: str, *, accept: bool) -> None:
    """Compare the block between two marker comments with what the program says."""
    start, end = f"<!-- {heading} -->\n", f"\n<!-- end {heading} -->"
    text = page.read_text()
    before, found, rest = text.partition(start)
    old, closed, after = rest.partition(end)
    assert (found, closed) == (start, end), f"{page.name} has no section {heading}"
    if accept:
        page.write_text(before + start + expected + end + after)
    else:
        assert old == expected, f"{page.name}: {heading} is outdated; accept with pytest --update-golden"


@pytest.mark.parametrize("target", TARGETS)
def test_options_of_plugins_are_documented(target: str, update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    check_section(ROOT / "docs/plugins.md", f"options of {target}", option_rows(target), accept=update_golden)


@pytest.mark.parametrize("target", TARGETS)
def test_options_of_plugins_are_in_the_readme(target: str) -> None:
    row = next(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| {target} |"))
    for option in plugin(target).options:
        values = getattr(option, "values", ())
        if isinstance(option.default, bool):
            values = ("true", "false") if option.default else ("false", "true")
        listed = "\\|".join(values)
        assert f"`{option.name}={listed}`" in row


COMMANDS = [
    "",
    *_COMMANDS,
    *(f"registry {name}" for name in REGISTRY_COMMANDS),
    *(f"codegen {name}" for name in CODEGEN_COMMANDS),
    *(f"slice {name}" for name in SLICE_COMMANDS),
    *(f"discovery {name}" for name in DISCOVERY_COMMANDS),
    *(f"legacy {name}" for name in LEGACY_COMMANDS),
    # `serve` is `gateway` itself, and `phase` stands with the other commands on slices.
    *(f"gateway {name}" for name in GATEWAY_COMMANDS if name not in {"serve", "phase"}),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_commands_is_documented(
    command: str,
    update_golden: bool,  # noqa: FBT001 - a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = f"```text\n{help_text(command, monkeypatch)}\n```"
    check_section(ROOT / "docs/commands.md", f"protogate {command}".strip(), expected, accept=update_golden)


def test_version_has_an_entry_in_the_changelog() -> None:
    version = (ROOT / "VERSION").read_text().strip()
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_settings_are_documented() -> None:
    from dataclasses import fields  # noqa: PLC0415 - only here

    from protogate.config import Config  # noqa: PLC0415 - only here

    page = (ROOT / "docs/build.md").read_text()
    for field in fields(Config):
        value = json.dumps(field.default)
        assert f"{field.name} = {value}" in page

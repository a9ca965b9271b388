"""`protogate config` knows every setting, where it came from, and keeps secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.commands import run
from gateway.commands.config import VARIABLES
from gateway.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shown(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, dict[str, Any]]:
    assert run(["config", "--json", *more]) == 0
    return {one["name"]: one for one in json.loads(capsys.readouterr().out)}


def test_values_and_where_they_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.protogate]\nregistry = "postgresql://me:secret@db/r"\n')
    monkeypatch.setenv(f"{PREFIX}PORT", "9000")
    monkeypatch.setenv(f"{PREFIX}TOKEN", "open-sesame-open-sesame")
    monkeypatch.setenv("LEGACY_DB_PATH", "mysql://app:hidden@host/old")
    found = shown(capsys)
    assert (found["registry"]["value"], found["registry"]["origin"]) == ("postgresql://me:***@db/r", "pyproject.toml")
    assert (found["base"]["value"], found["base"]["origin"]) == ("main", "default")
    assert (found[f"{PREFIX}PORT"]["value"], found[f"{PREFIX}PORT"]["origin"]) == (9000, f"{PREFIX}PORT")
    assert found["LEGACY_DB_PATH"]["value"] == "mysql://app:***@host/old"
    text = json.dumps(found)
    assert not any(secret in text for secret in ("secret@", "hidden", "sesame"))


def test_only_what_is_set(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert set(shown(capsys, "--set")) == {"NO_COLOR"}


def test_people_read_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config"]) == 0
    assert re.search(r"^base +'main'  \(default\)$", capsys.readouterr().out, re.MULTILINE)


def test_every_setting_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} <= set(shown(capsys))


def test_every_variable_that_the_code_reads_is_listed() -> None:
    """Names in capitals that stand behind `environ` somewhere in the code."""
    read = set()
    for package in ("protogate", "gateway", "registry", "protoc_gen_protogate"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            read |= set(re.findall(r'environ(?:ment)?(?:\.get\(|\[)\s*"([A-Z][A-Z_]+)"', text))
            read |= set(re.findall(r'"([A-Z][A-Z_]+)" not in os\.environ', text))
    assert {"LEGACY_DB_PATH", "NO_COLOR"} <= read
    ours = {name for name in read if name not in {"PATH", "PYTHONPATH", "VIRTUAL_ENV"}}
    assert ours <= VARIABLES.keys()

"""Whole outputs of every target, compared with what was accepted before.

A case is a folder `tests/golden/<target>/<case>/` with `.proto` files (the folder is their import root), an optional
`options.txt` (the plugin parameter) and `expected/`. `pytest tests/test_golden.py --update-golden` accepts the outputs
of today.
"""

from __future__ import annotations

import difflib
import importlib
import shutil
from itertools import islice
from pathlib import Path

import pytest

from tests.support.compiler import run_plugin

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/expected"))
NEW_CASES = sorted({p.parent for p in GOLDEN.glob("*/*/*.proto")} - set(CASES))
SHOWN_LINES = 40
RUNTIME = "protogate/"
"""Where outputs lie that are the same for every contract; they have tests of their own."""


def test_every_target_has_cases() -> None:
    assert {case.parent.name for case in CASES} == {
        "pydantic",
        "zod",
        "jsonschema",
        "sql",
        "grpc",
        "contract",
        "fastapi",
    }


@pytest.mark.parametrize("case", [*CASES, *NEW_CASES], ids=lambda case: f"{case.parent.name}-{case.name}")
def test_output_is_the_accepted_one(case: Path, *, update_golden: bool) -> None:
    actual = {name: text for name, text in generate_case(case).items() if not name.startswith(RUNTIME)}
    if update_golden:
        _write(case / "expected", actual)
    expected = _read(case / "expected")
    assert sorted(actual) == sorted(expected)
    for name, text in actual.items():
        assert text == expected[name], _difference(expected[name], text, case / "expected" / name)


def generate_case(case: Path) -> dict[str, str]:
    """Everything that the plugin of a case writes today, by its path, what lies under RUNTIME included."""
    plugin = importlib.import_module(f"protoc_gen_protogate.targets.{case.parent.name}").PLUGIN
    protos = {path.relative_to(case).as_posix(): path.read_text(encoding="utf-8") for path in case.rglob("*.proto")}
    options = case / "options.txt"
    parameter = options.read_text(encoding="utf-8").strip() if options.exists() else ""
    return run_plugin(plugin, protos, parameter=parameter)


def _read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _write(folder: Path, files: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _difference(expected: str, actual: str, path: Path) -> str:
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "accepted", "today", lineterm="")
    shown = "\n".join(islice(lines, SHOWN_LINES))
    return f"{path.name} differs:\n{shown}\naccept with: pytest tests/test_golden.py --update-golden"

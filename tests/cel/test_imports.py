from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import protogate.cel

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "dataclasses",
    "inspect",
    "json",
    "jinja2",
    "pydantic",
    "pydantic_core",
    "google.protobuf",
    "decimal",
    "datetime",
}


@pytest.mark.parametrize(
    "module", ["protogate.cel", "protogate.cel.python", "protogate.cel.typescript", "protogate.cel.sql"]
)
def test_plugins_pay_for_no_heavy_module(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(loaded.stdout.split()) == set()


def test_every_public_name_is_there_and_sorted() -> None:
    assert sorted(protogate.cel.__all__) == protogate.cel.__all__
    assert all(hasattr(protogate.cel, name) for name in protogate.cel.__all__)

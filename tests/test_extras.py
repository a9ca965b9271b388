"""The base installation stays small, and what it lacks is said in one line."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from protogate.console import guard
from protogate.extras import EXTRAS

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LARGEST = 25
"""Distributions of `pip install protogate`, ours among them."""


def closure(names: list[str]) -> set[str]:
    """The distributions that those need, as installed here."""
    found: set[str] = set()
    todo = [Requirement(name) for name in names]
    while todo:
        wanted = todo.pop()
        name = canonical(wanted.name)
        if name in found:
            continue
        found.add(name)
        needs = map(Requirement, requires(wanted.name) or [])
        todo += [one for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_base_installation_is_small() -> None:
    found = closure(PROJECT["dependencies"])
    assert len(found) + 1 <= LARGEST, sorted(found)


def test_every_extra_brings_the_modules_that_are_said_to_be_in_it() -> None:
    of_module = packages_distributions()
    for extra, modules in EXTRAS.items():
        named = {canonical(Requirement(one).name) for one in PROJECT["optional-dependencies"][extra]}
        # uvloop is not asked for on Windows, and its marker is not ours to judge here.
        for module in modules:
            assert named & {canonical(one) for one in of_module[module]}, f"{module} does not come with {extra}"


@pytest.mark.parametrize(
    ("module", "extra"), [("aiohttp", "gateway"), ("tree_sitter.binding", "discovery"), ("sqlglot", "legacy")]
)
def test_what_is_missing_is_one_line(module: str, extra: str, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: list[str]) -> int:
        raise ModuleNotFoundError(name=module)

    assert guard(run, []) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f'"protogate[{extra}]"' in said


def test_any_other_missing_module_is_a_defect(capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: list[str]) -> int:
        raise ModuleNotFoundError(name="nowhere")

    assert guard(run, []) == 70
    assert "Traceback" in capsys.readouterr().err

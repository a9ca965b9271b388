from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.python.mentions import Mentions
from protogate.crosscheck.python.workspace import Workspace
from protogate.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
from x import Other
class Event: ...
class Sub(Event): ...
Alias = Sub
def makes(): return Event()
def calls(): return makes()
def by_alias(): return Alias()
def by_annotation(one: "Event"): one.x = 1
def unrelated(): return Other()
class Maker:
    def make(self): return calls()
@decorated(Event)
def decorated_with_it(): ...
"""


EVERYTHING = "import Event Sub Alias makes calls by_alias by_annotation unrelated Maker decorated_with_it"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Event", EVERYTHING.replace("import ", "").replace("unrelated ", "")),
        ("Nothing", ""),
        ("unrelated", "unrelated"),
        ("makes", "makes calls Maker"),
    ],
)
def test_statements_that_lead_to_a_name(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "m.py").write_text(CODE)
    module = Workspace(str(tmp_path)).module("m.py")
    assert not isinstance(module, Finding)
    assert [_name(one) for one in module.tree.body] == EVERYTHING.split()

    found = Mentions(module).statements(name)

    assert [_name(one) for one in found] == expected.split()


def test_names_outside_of_ascii_count_everywhere(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def é(): ...\ndef f(): ...\n", encoding="utf-8")
    module = Workspace(str(tmp_path)).module("m.py")
    assert not isinstance(module, Finding)

    assert Mentions(module).statements("é") == module.tree.body


def _name(statement: ast.stmt) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "import"
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return str(getattr(statement, "name", ""))

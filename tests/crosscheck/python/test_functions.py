"""Small functions and constant expressions: the same result as at run time, or none."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import alias_generators

from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.functions import call_function, call_known, evaluate
from protogate.crosscheck.python.names import FunctionDefinition, in_scope
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Unresolved
from protogate.findings import Finding, Place

FUNCTIONS = '''
import re
from functools import lru_cache

SEPARATOR = "-"
SPECIAL = {"id": "_id", "cls": "class"}

def camel(name: str) -> str:
    """In lower camel case."""
    head, *rest = name.split("_")
    return head.lower() + "".join(word.title() for word in rest)

def camel_by_index(name):
    parts = name.split("_")
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])

def kebab(name):
    return name.replace("_", SEPARATOR).lower()

def special(name: str, default: str = "x") -> str:
    if name in SPECIAL:
        return SPECIAL[name]
    elif not name or name.startswith("_"):
        return default
    result = ""
    for index, part in enumerate(name.split("_")):
        result += part if index == 0 else part.capitalize()
    return f"{result}"

def by_expression(name):
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), name)

def nested(name):
    return kebab(camel(name)) + str(len(name))

def trimmed(name):
    return name.strip("_").removesuffix("s") if name.endswith("s") else name[::-1]

def joined(name):
    return ".".join([part for part in name.split("_") if part and part != "x"])

def mapped(name):
    return "".join(map(str.upper, name))
'''
NAMES = ["camel", "camel_by_index", "kebab", "special", "by_expression", "nested", "trimmed", "joined", "mapped"]
IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,14}", fullmatch=True)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("functions")
    (root / "m.py").write_text(FUNCTIONS)
    return Workspace(str(root))


def _function(workspace: Workspace, name: str) -> FunctionDefinition:
    module = workspace.module("m.py")
    assert not isinstance(module, Finding)
    found = in_scope(module.scope, name)
    assert isinstance(found, FunctionDefinition)
    return found


RUNTIME: dict[str, Any] = {}
exec(FUNCTIONS, RUNTIME)  # noqa: S102 - the text above


@pytest.mark.parametrize("function", NAMES)
@settings(max_examples=50, deadline=None)
@given(name=IDENTIFIERS)
def test_a_function_gives_what_it_gives_at_run_time(workspace: Workspace, function: str, name: str) -> None:
    assert call_function(_function(workspace, function), (name,), Place("m.py")) == RUNTIME[function](name)


@pytest.mark.parametrize("function", ["to_camel", "to_pascal", "to_snake"])
@settings(max_examples=50, deadline=None)
@given(name=IDENTIFIERS)
def test_generators_of_pydantic_are_read_from_their_source(workspace: Workspace, function: str, name: str) -> None:
    module = workspace.module("m.py")
    assert not isinstance(module, Finding)

    found = call_known(module.scope, f"pydantic.alias_generators.{function}", (name,), Place("m.py"))

    assert found == getattr(alias_generators, function)(name)


@pytest.mark.parametrize(
    "text",
    [
        "def f(n): return open(n)",
        "def f(n): return n.format(1)",
        "def f(n): return n.encode()",
        "def f(n): import os; return os.sep",
        "def f(n): return f(n)",
        "def f(n): return [n] * 10 ** 9",
        "def f(n): return undefined",
        "def f(n): return -n",
        "def f(n): return {[]: n}",
        "def f(n): return [x for x in 3]",
        "def f(n): return int(n)",
        "def f(n):\n    for x in 3: pass\n    return n",
        "def f(n):\n    a, b = n\n    return a",
        "def f(n):\n    while True: pass",
        "def f(n):\n    global x\n    x = n",
        "def f(n, m): return n",
        "def f(*n): return n[1]",
        "async def f(n): return n",
        "def f(n): return n['x']",
        "def f(n): return n.__class__.__name__",
        "def f(n): return getattr(n, 'upper')()",
        "def f(n): return eval(n)",
        "import re\ndef f(n): return re.sub('(a*)*', '', n)",
        "import os\ndef f(n): return n + os.getcwd()",
        "import random\ndef f(n): return n + str(random.random())",
        "def wrap(g): return g\n@wrap\ndef f(n): return n",
    ],
)
def test_a_function_that_does_more_is_not_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.py").write_text(text + "\n")
    found = _function(Workspace(str(tmp_path)), "f")

    assert isinstance(call_function(found, ("name",), Place("m.py")), Unresolved)


LEAVES = st.one_of(
    st.integers(-100, 100).map(repr),
    st.text("ab'\"\\\n", max_size=4).map(repr),
    st.sampled_from(["True", "False", "None", "NUMBER", "TEXT", "Color.RED.value", "Level.LOW.value"]),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "|", "&", "<<"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda one: f"(-{one})"),
        inner.map(lambda one: f"(not {one})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        inner.map(lambda one: f"(f'<{{{one}}}>')" if "'" not in one and "\\" not in one else one),
    ),
    max_leaves=6,
)
CONSTANTS = """
from enum import Enum, IntEnum
NUMBER = 7
TEXT = "te" "xt"
class Color(str, Enum):
    RED = "red"
class Level(IntEnum):
    LOW = 1
"""


@settings(deadline=None)
@given(text=EXPRESSIONS)
def test_a_constant_is_what_it_is_at_run_time(text: str) -> None:
    values: dict[str, Any] = {}
    exec(CONSTANTS, values)  # noqa: S102 - the text above
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "m.py").write_text(CONSTANTS)
        module = Workspace(directory).module("m.py")
        assert not isinstance(module, Finding)

        found = constant(ast.parse(text, mode="eval").body, module.scope)

    if isinstance(found, Unresolved):
        return
    real = eval(text, values)  # noqa: S307 - as above
    assert found.value == real
    assert type(found.value) is type(real)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a' + 'b'", "ab"),
        ("f'{NUMBER}-{TEXT}'", "7-text"),
        ("1 << 4 | 1", 17),
        ("-NUMBER", -7),
        ("Color.RED.value", "red"),
        ("Color.RED.name", "RED"),
        ("('a', *('b', 'c'))", ("a", "b", "c")),
        ("TEXT.upper()", "TEXT"),
        ("b'x'", b"x"),
    ],
)
def test_constants_are_known(tmp_path: Path, text: str, value: object) -> None:
    (tmp_path / "m.py").write_text(CONSTANTS)
    module = Workspace(str(tmp_path)).module("m.py")
    assert not isinstance(module, Finding)

    found = constant(ast.parse(text, mode="eval").body, module.scope)

    assert not isinstance(found, Unresolved), found.reason
    assert found.value == value


def test_an_expression_that_never_ends_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = [a for a in range(10000) for b in range(10000)]\n")
    module = Workspace(str(tmp_path)).module("m.py")
    assert not isinstance(module, Finding)
    statement = module.tree.body[0]
    assert isinstance(statement, ast.Assign)

    assert isinstance(evaluate(statement.value, module.scope), Unresolved)

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.python.newer_syntax import lower_newer_syntax, restore_newer_syntax, type_parameters
from protogate.crosscheck.shapes import Choice, Unresolved
from tests.support.model_schemas import compare
from tests.support.pydantic_schemas import runtime_schema

if TYPE_CHECKING:
    from tests.crosscheck.python.conftest import Code

NEWER = {
    "alias": "type A = int\n",
    "alias-with-parameters": "type B[T, *Ts, **P] = dict[str, T]\n",
    "two-on-a-line": "type A = int; type B = A\n",
    "not-a-keyword": "type = 3\ntype.x = 4\nprint(type)\ntype X = int\n",
    "class": "class C[T]:\n    x: T\n",
    "class-with-bases": "class C[T: int, U: (int, str)](Base[T], Generic):\n    x: T = 3\n",
    "class-on-many-lines": "class C[\n    T,  # é comment\n\n    U: list[int],\n](\n    Base\n):\n    pass\nx = 1\n",
    "function": "def f[T](a: T, b: int = 3) -> T: return a\n",
    "async": "class A:\n    async def g[T: 'é'](self, é: T): return é\n",
    "nested": "class A[T]:\n    class B[U]:\n        type C[V] = dict[T, U]\n        def f[W](self): ...\n",
    "not-ascii": "é = 1; type ß[T] = é\nclass C[ñ](é): pass\n",
    "in-branches": "if x:\n    type A = int\nelse:\n    type A = str\ntry:\n    type B = A\nfinally:\n    type C = B\n",
    "continued": "type A \\\n    = int\nclass B \\\n [T]: pass\n",
    "defaulted-class": "class C[T, U](dict[T, U], metaclass=M): ...\n",
    "inner-brackets": "class C[T: dict[str, tuple[int, str]]](Base[T]):\n    y: dict[str, T] = {'a': 1}\n",
    "decorated": "@decorate(x=[1, 2])\nclass C[T]: ...\n@other\ndef f[T](): ...\n",
    "lambda-and-slice": "x = a[1:2]; f = lambda type: type\ntype Y = x\n",
    "strings": "s = '''type X = 1\nclass A[T]: '''\ntype Y = int\n",
    "tabs": "class A:\n\ttype X = int\n\tdef f[T](self):\n\t\tpass\n",
}


@cache
def _newer_python() -> str:
    """An interpreter of 3.12 or later, empty when there is none."""
    found = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found += [str(one) for minor in (14, 13, 12) for one in sorted(versions.glob(f"3.{minor}.*/bin/python3.{minor}"))]
    for one in found:
        if (
            one is not None
            and subprocess.run([one, "-c", "type X = int"], capture_output=True, check=False).returncode == 0
        ):
            return one
    return ""


_DUMP = """
import ast, json, sys
def place(node):
    return [type(node).__name__, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]
def facts(text):
    found = []
    for node in ast.walk(ast.parse(text)):
        kind = type(node).__name__
        if kind in ("Name", "Attribute", "ClassDef", "FunctionDef", "AsyncFunctionDef", "Subscript", "arg", "Constant"):
            found.append(place(node))
        if getattr(node, "type_params", None):
            found.append(["parameters", node.lineno, node.col_offset, [
                [one.name, type(one).__name__, one.lineno, one.col_offset,
                 ast.unparse(one.bound) if getattr(one, "bound", None) else None] for one in node.type_params]])
        if kind == "TypeAlias":
            found.append(["alias", node.name.id, node.lineno, node.col_offset, place(node.value)])
    return sorted(map(json.dumps, found))
print(json.dumps([facts(text) for text in json.load(sys.stdin)]))
"""


@cache
def _facts_of_newer_python() -> dict[str, list[str]]:
    if not _newer_python():
        return {}
    texts = list(NEWER.values())
    run = subprocess.run(
        [_newer_python(), "-c", _DUMP], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    return dict(zip(texts, json.loads(run.stdout), strict=True))


def _place(node: ast.expr | ast.stmt | ast.arg) -> list[object]:
    return [type(node).__name__, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]


def _facts(text: str) -> list[str]:
    lowered = lower_newer_syntax(text.encode())
    assert lowered is not None
    found: list[object] = []
    kinds = (
        ast.Name,
        ast.Attribute,
        ast.ClassDef,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.Subscript,
        ast.arg,
        ast.Constant,
    )
    for node in ast.walk(restore_newer_syntax(ast.parse(lowered.text), lowered)):
        if isinstance(node, kinds):
            found.append(_place(node))
        parameters = type_parameters(node)
        if parameters:
            assert isinstance(node, ast.stmt)
            listed = []
            for one in parameters:
                assert isinstance(one.node, ast.Name)
                # The star of `*Ts` belongs to the parameter.
                stars = {"TypeVar": 0, "TypeVarTuple": 1, "ParamSpec": 2}[one.kind]
                bound = ast.unparse(one.bound) if one.bound is not None else None
                listed.append([one.name, one.kind, one.node.lineno, one.node.col_offset - stars, bound])
                if one.bound is not None:
                    found += [_place(inner) for inner in ast.walk(one.bound) if isinstance(inner, kinds)]
            found.append(["parameters", node.lineno, node.col_offset, listed])
        if type(node).__name__ == "AliasStatement":
            assert isinstance(node, ast.stmt)
            value = getattr(node, "value")  # noqa: B009 - of a node that newer interpreters have
            found.append(["alias", getattr(node, "name").id, node.lineno, node.col_offset, _place(value)])  # noqa: B009
    return sorted(map(json.dumps, found))


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER)
def test_lowered_code_is_placed_as_newer_interpreters_place_it(text: str) -> None:
    if not _newer_python():
        pytest.skip("no interpreter of 3.12 or later")

    assert _facts(text) == _facts_of_newer_python()[text]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n",
        "def f(type): return type\ntype = int\ntype(3)\n",
        "try:\n    pass\nexcept (A, B):\n    pass\n",
        "x = f'{a!r:{b}} {{}}'\n",
    ],
    ids=["plain", "type", "except", "f-string"],
)
def test_older_code_stays_as_it_is(text: str) -> None:
    assert lower_newer_syntax(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        'x = f"{a["b"]}"\n',
        'x = f"{f"{f"{1}"}"}"\n',
        "x = f'{a['b']!r:>{w['x']}}'\n",
        "x = f\"{'\\n'.join(a)}\"\n",
        'x = f"""{f"""{1}"""}"""\n',
        'x = f"{\n    a\n}"\n',
        'x = t"{a}"\n',
        "try:\n    pass\nexcept A, B:\n    pass\n",
        "class C[T = int]: pass\n",
        "def f[**P = [int]](): pass\n",
    ],
    ids=[
        "quotes",
        "nested",
        "formats",
        "backslash",
        "triple",
        "lines",
        "template",
        "except",
        "default",
        "default-spec",
    ],
)
def test_what_is_newer_does_not_hide_the_rest_of_a_module(code: Code, text: str) -> None:
    code.write(text + "from enum import Enum\nclass E(Enum):\n    A = 'é'\n")

    shape = code.shape("E", "output")

    assert isinstance(shape, Choice)
    assert shape.place.line == text.count("\n") + 2


def test_a_constant_that_newer_syntax_hides_is_unresolved(code: Code) -> None:
    code.write('from typing import Literal\nX = f"{d["a"]}"\nY = Literal[X]\n')

    assert isinstance(code.shape("Y", "output"), Unresolved)


PAIRS = {
    "alias": ("type A = Literal['a', 'b']", "A = TypeAliasType('A', Literal['a', 'b'])", "A"),
    "generic-alias": (
        "type A[T] = list[T] | None",
        "T = TypeVar('T')\nA = TypeAliasType('A', list[T] | None, type_params=(T,))",
        "A[Literal['x']]",
    ),
    "class": (
        "class Page[T](BaseModel):\n    items: list[T]",
        "T = TypeVar('T')\nclass Page(BaseModel, Generic[T]):\n    items: list[T]",
        "Page[Literal['x']]",
    ),
    "two-parameters": (
        "class Pair[T, U](BaseModel):\n    left: T\n    right: 'U'",
        "T = TypeVar('T')\nU = TypeVar('U')\nclass Pair(BaseModel, Generic[T, U]):\n    left: T\n    right: 'U'",
        "Pair[int, Literal['x']]",
    ),
    "bound": (
        "class Box[T: Literal['a', 'b']](BaseModel):\n    x: T",
        "T = TypeVar('T', bound=Literal['a', 'b'])\nclass Box(BaseModel, Generic[T]):\n    x: T",
        "Box",
    ),
    "constraints": (
        "class Box[T: (int, Literal['b'])](BaseModel):\n    x: T",
        "T = TypeVar('T', int, Literal['b'])\nclass Box(BaseModel, Generic[T]):\n    x: T",
        "Box",
    ),
    "default": (
        "class Box[T = Literal['d']](BaseModel):\n    x: T",
        "T = TypeVar('T', default=Literal['d'])\nclass Box(BaseModel, Generic[T]):\n    x: T",
        "Box",
    ),
    "inherited": (
        "class Base[T](BaseModel):\n    x: T\nclass Child[U](Base[list[U]]):\n    y: U",
        "T = TypeVar('T')\nU = TypeVar('U')\nclass Base(BaseModel, Generic[T]):\n    x: T\n"
        "class Child(Base[list[U]], Generic[U]):\n    y: U",
        "Child[Literal['c']]",
    ),
    "recursive-alias": (
        "type A = dict[str, A] | list[A] | int",
        "A = TypeAliasType('A', 'dict[str, A] | list[A] | int')",
        "A",
    ),
}
IMPORTS = (
    "from typing import Generic, Literal\nfrom pydantic import BaseModel\n"
    "from typing_extensions import TypeAliasType, TypeVar\n"
)


@pytest.mark.parametrize(("newer", "older", "annotation"), PAIRS.values(), ids=PAIRS)
def test_newer_code_means_what_older_code_means(code: Code, newer: str, older: str, annotation: str) -> None:
    model = f"\nclass M(BaseModel):\n    f: {annotation}\n"
    code.write(IMPORTS + newer + model, "newer")
    code.write(IMPORTS + older + model, "older")
    runtime = code.runtime("M", "older")

    assert code.differences("M", name="older") == []
    for direction in ("input", "output"):
        verdicts = compare(code.shape("M", direction, "newer"), runtime_schema(runtime, direction))
        assert [one for one in verdicts if one.outcome != "equal"] == []

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.python.source import LARGEST, SYNTAX, UNREADABLE
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Choice, Record, Shape, Unresolved
from protogate.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crosscheck.python.conftest import Code

ENUM = "from enum import Enum\nclass E(Enum):\n    A = 'é'\n"

ENCODINGS = {
    "utf-8": ENUM.encode(),
    "bom": b"\xef\xbb\xbf" + ENUM.encode(),
    "latin-1": b"# -*- coding: latin-1 -*-\n" + ENUM.encode("latin-1"),
    "second-line": b"#!/usr/bin/env python\n# coding=latin-1\n" + ENUM.encode("latin-1"),
    "crlf": ENUM.replace("\n", "\r\n").encode(),
    "no-newline": ENUM.rstrip().encode(),
    "newer-syntax-latin-1": b"# -*- coding: latin-1 -*-\ntype X = int\n" + ENUM.encode("latin-1"),
    "newer-syntax-bom": b"\xef\xbb\xbftype X = int\n" + ENUM.encode(),
    "newer-syntax-crlf": ("type X = int\n" + ENUM).replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
def test_code_is_read_in_the_encoding_that_it_declares(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m.py").write_bytes(data)
    workspace = Workspace(str(tmp_path), site=[])
    found = workspace.symbol("m.py", "E")
    assert not isinstance(found, Finding), found

    shape = workspace.shape_of(found, "output")

    assert isinstance(shape, Choice)
    assert [one.value for one in shape.members] == ["é"]
    assert (
        shape.place.line
        == data.replace(b"\r\n", b"\n").count(b"\n", 0, data.replace(b"\r\n", b"\n").index(b"class E")) + 1
    )


BROKEN = {
    "syntax": (b"x = 1\nclass A(:\n    pass\n", SYNTAX, 2),
    "not-utf-8": (b"x = '\xff'\n", SYNTAX, 0),
    "unknown-encoding": (b"# coding: klingon\nx = 1\n", SYNTAX, 0),
    "not-in-its-encoding": (b"# coding: ascii\nx = '\xff'\n", SYNTAX, 0),
    "null-byte": (b"x = 1\0\n", "", 0),
    "deep-brackets": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", SYNTAX, 0),
    "deep-unary": (b"x = " + b"-" * 200_000 + b"1\n", SYNTAX, 0),
    "deep-attribute": (b"x = a" + b".a" * 100_000 + b"\n", SYNTAX, 0),
    "deep-blocks": (b"".join(b" " * i + b"if x:\n" for i in range(150)) + b" " * 150 + b"y\n", SYNTAX, 0),
    "open-string": (b"x = '''abc\n", SYNTAX, 1),
    "too-new": (b"class A[T\n    pass\n", SYNTAX, 1),
}


@pytest.mark.parametrize(("data", "rule", "line"), BROKEN.values(), ids=BROKEN)
def test_broken_code_is_a_finding(tmp_path: Path, data: bytes, rule: str, line: int) -> None:
    (tmp_path / "m.py").write_bytes(data)
    start = time.perf_counter()

    found = Workspace(str(tmp_path), site=[]).module("m.py")

    assert isinstance(found, Finding)
    assert found.rule in ({rule} if rule else {SYNTAX, UNREADABLE})
    assert found.message
    assert not line or found.place.line == line
    assert time.perf_counter() - start < 5


def test_a_syntax_error_names_the_interpreter_and_the_column(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\ny = 2 +\n")

    found = Workspace(str(tmp_path), site=[]).module("m.py")

    assert isinstance(found, Finding)
    assert "python 3." in found.message
    assert found.place.line == 2
    assert found.place.column > 0


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    (tmp_path / "directory.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    with (tmp_path / "large.py").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (tmp_path / "loop.py").symlink_to("loop.py")
    workspace = Workspace(str(tmp_path), site=[])

    for name in ("missing.py", "directory.py", "pipe.py", "large.py", "loop.py", "with\0null.py"):
        found = workspace.module(name)
        assert isinstance(found, Finding), name
        assert found.rule == UNREADABLE


def test_the_largest_file_that_is_read_is_far_above_generated_modules() -> None:
    assert LARGEST >= 4 * 1024 * 1024


def test_a_broken_module_makes_what_comes_from_it_unresolved(code: Code) -> None:
    code.write("class A(:\n", "broken")
    code.write(
        "from .broken import Kind\nfrom pydantic import BaseModel\nclass M(BaseModel):\n    k: Kind\n    x: int\n"
    )

    shape = code.shape("M", "output")

    assert isinstance(shape, Record)
    assert isinstance(shape.fields[0].shape, Unresolved)
    assert "broken" in shape.fields[0].shape.reason


HEAD = "from typing import *\nfrom pydantic import BaseModel, Field\nT = TypeVar('T')\n"

HOSTILE = {
    "self-inheriting": "class M(M): ...\n",
    "inherits-in-a-ring": "class A(B): ...\nclass B(A): ...\nclass M(A, BaseModel):\n    x: int\n",
    "no-order": "class A(BaseModel): ...\nclass M(BaseModel, A): ...\n",
    "endless-alias": "X = Optional['X']\nclass M(BaseModel):\n    x: X\n",
    "endless-generic": "class M(BaseModel, Generic[T]):\n    x: 'M[list[T]]'\n",
    "endless-default": "class M(BaseModel):\n    x: int = Field(alias=NAME)\nNAME = NAME\n",
    "many-members": "class M(BaseModel):\n    x: Literal[" + ", ".join(f"'v{i}'" for i in range(20_000)) + "]\n",
    "many-alternatives": "class M(BaseModel):\n    x: " + " | ".join(f"Literal['v{i}']" for i in range(900)) + "\n",
    "long-sum": "class M(BaseModel):\n    x: Literal[" + " + ".join(["'a'"] * 900) + "]\n",
    "deep-type": "class M(BaseModel):\n    x: " + "list[" * 90 + "int" + "]" * 90 + "\n",
    "deep-quotes": "class M(BaseModel):\n    x: '" + "list[" * 3000 + "int" + "]" * 3000 + "'\n",
    "many-fields": "class M(BaseModel):\n" + "".join(f"    f{i}: int = {i}\n" for i in range(5000)),
    "many-bases": "".join(f"class B{i}(BaseModel): ...\n" for i in range(120))
    + f"class M({', '.join(f'B{i}' for i in range(120))}):\n    x: int\n",
    "long-chain": "class C0(BaseModel):\n    x: int\n"
    + "".join(f"class C{i}(C{i - 1}):\n    f{i}: int\n" for i in range(1, 150))
    + "class M(C149): ...\n",
    "alias-chain": "A0 = int\n"
    + "".join(f"A{i} = A{i - 1}\n" for i in range(1, 500))
    + "class M(BaseModel):\n    x: A499\n",
    "growing-alias": "A0 = int\n"
    + "".join(f"A{i} = tuple[A{i - 1}, A{i - 1}]\n" for i in range(1, 40))
    + "class M(BaseModel):\n    x: A39\n",
    "endless-function": "def f(n):\n    return f(n)\nclass M(BaseModel):\n    model_config = dict(alias_generator=f)\n    x: int\n",
    "slow-function": "def f(n):\n    for a in range(10000):\n        for b in range(10000):\n            n += 'x'\n    return n\n"
    "class M(BaseModel):\n    model_config = dict(alias_generator=f)\n    x: int\n",
    "slow-expression": "import re\ndef f(n):\n    return re.sub('(a+)+$', '', 'a' * 50 + 'b')\n"
    "class M(BaseModel):\n    model_config = dict(alias_generator=f)\n    x: int\n",
    "large-number": "class M(BaseModel):\n    x: Literal[9 ** 9 ** 9]\n",
    "large-shift": "class M(BaseModel):\n    x: Literal[1 << 999999999]\n",
    "large-text": "class M(BaseModel):\n    x: Literal['a' * 999999999]\n",
    "config-of-itself": "class M(BaseModel):\n    model_config = M.model_config\n    x: int\n",
    "config-ring": "A = {**B}\nB = {**A}\nclass M(BaseModel):\n    model_config = A\n    x: int\n",
    "star-of-itself": "from .models import *\nclass M(BaseModel):\n    x: Missing\n",
}


def _walk(shape: Shape, depth: int = 6) -> int:
    """Look at everything in a shape, some levels deep."""
    if depth == 0:
        return 1
    if isinstance(shape, Record):
        return 1 + sum(_walk(field.shape, depth - 1) for field in shape.fields)
    parts = [getattr(shape, name) for name in ("items", "keys", "values", "shape") if hasattr(shape, name)]
    parts += [one for one in getattr(shape, "members", ()) if not hasattr(one, "value")]
    parts += getattr(shape, "prefix", ())
    return 1 + sum(_walk(part, depth - 1) for part in parts)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_ends_in_a_shape_and_soon(code: Code, text: str) -> None:
    code.write(HEAD + text)
    start = time.perf_counter()

    assert _walk(code.shape("M", "input")) > 0
    assert _walk(code.shape("M", "output")) > 0

    assert time.perf_counter() - start < 10


def test_packages_that_link_to_themselves_are_searched_once(code: Code) -> None:
    (code.directory / "loop").symlink_to(code.directory)
    code.write(ENUM, "a")
    code.write("from .loop.loop.loop.a import E\n")

    assert isinstance(code.shape("E", "output"), Choice)

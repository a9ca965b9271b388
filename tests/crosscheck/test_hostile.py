"""Whatever lies among contracts or in the code behind them: findings, never a traceback, a write or a wait."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 20
"""Seconds; each case takes less than one on an idle machine."""
CONTRACT: dict[str, Any] = {
    "query": "Probe",
    "kind": "CQRS_QUERY",
    "version": "1.0.0",
    "input": {},
    "output": {"status": {"type": "string", "enum": ["ok"]}},
    "transport": {"http": {"method": "GET", "endpoint": "/probe"}},
    "layers": {"python": "app.py::Health"},
}
MODEL = "from typing import *\nfrom pydantic import BaseModel\n"
HEALTH = MODEL + 'class Health(BaseModel):\n    status: Literal["ok"]\n'


class Tree:
    """A repository with one contract and one model that agree, until a case spoils it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.contract = root / "contracts/Probe.query.json"
        self.code = root / "app.py"
        self.contract.parent.mkdir()
        self.code.write_text(HEALTH)
        self.write(CONTRACT)

    def write(self, document: object) -> None:
        self.contract.write_text(json.dumps(document, indent=1))

    def text(self, text: str | bytes) -> None:
        self.contract.write_bytes(text.encode() if isinstance(text, str) else text)

    def change(self, **keys: object) -> None:
        self.write({**CONTRACT, **keys})

    def python(self, text: str | bytes) -> None:
        self.code.write_bytes(text.encode() if isinstance(text, str) else text)

    def replace(self, path: Path, make: Callable[[Path], object]) -> None:
        path.unlink()
        make(path)

    def digest(self) -> str:
        """What stands for every name, kind, link and content, but for sparse files and what warm runs remember."""
        total = sha256()
        for directory, names, files in os.walk(self.root):
            names[:] = sorted(name for name in names if name != ".protogate")
            for name in sorted([*names, *files]):
                path = Path(directory, name)
                total.update(f"{os.fsencode(path)!r} {path.lstat().st_mode} {path.lstat().st_size}".encode())
                if path.is_symlink():
                    total.update(os.fsencode(path.readlink()))
                elif path.is_file() and path.stat().st_size < 10_000_000:
                    total.update(path.read_bytes())
        return total.hexdigest()

    def check(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "protogate", "codegen", "registry", "contracts", "--cross-check-pydantic"]
        return subprocess.run([*command, *arguments], cwd=self.root, capture_output=True, check=False, timeout=PATIENCE)


class Case(NamedTuple):
    name: str
    spoil: Callable[[Tree], object]
    rule: str
    """Of the one error."""
    place: str
    """How its place begins."""


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 20)


def listen(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may have a hundred bytes only
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def block(**fields: object) -> Callable[[Tree], None]:
    return lambda tree: tree.change(output=fields)


def layer(path: str) -> Callable[[Tree], None]:
    return lambda tree: tree.change(layers={"python": path})


def contract(text: str | bytes) -> Callable[[Tree], None]:
    return lambda tree: tree.text(text)


def python(text: str | bytes) -> Callable[[Tree], None]:
    return lambda tree: tree.python(text)


def second(tree: Tree) -> None:
    (tree.root / "contracts/more").mkdir()
    (tree.root / "contracts/more/Other.query.json").write_bytes(tree.contract.read_bytes())


def chain(count: int) -> str:
    """Classes that inherit from each other, and drift at the far end."""
    lines = [MODEL, 'class C0(BaseModel):\n    status: Literal["ok", "bad"]\n']
    lines += [f"class C{one}(C{one - 1}): pass\n" for one in range(1, count)]
    return "".join([*lines, f"class Health(C{count - 1}): pass\n"])


HERE = "contracts/Probe.query.json"
CONTRACTS = [
    Case("half a document", contract('{"query": "Probe",\n "kind": '), "contract/invalid-json", f"{HERE}:2"),
    Case("a comment", contract('{\n// no\n"query": "Probe"}'), "contract/invalid-json", f"{HERE}:2"),
    Case("a trailing comma", contract('{"query": "Probe",\n}'), "contract/invalid-json", f"{HERE}:"),
    Case("nothing", contract(""), "contract/invalid-json", HERE),
    Case("two documents", contract("{}\n{}"), "contract/invalid-json", f"{HERE}:2"),
    Case("not a number", block(status={"enum": [float("nan")]}), "contract/invalid-json", f"{HERE}:"),
    Case("an array", contract("[1]"), "contract/not-an-object", HERE),
    Case("null", contract("null"), "contract/not-an-object", HERE),
    Case("a key twice", contract('{"query": "a",\n "query": "b"}'), "contract/duplicate-key", f"{HERE}:2"),
    Case("brackets", contract("[" * 100_000 + "]" * 100_000), "contract/too-deep", f"{HERE}:1:101"),
    Case("open brackets", contract('{"a":' * 100_000), "contract/too-deep", f"{HERE}:1"),
    Case("100 MB", lambda tree: sparse(tree.contract), "contract/too-large", HERE),
    Case("latin-1", contract('{"query":\n "é"}'.encode("latin-1")), "contract/not-utf-8", f"{HERE}:2"),
    Case("UTF-16", contract("{}".encode("utf-16")), "contract/not-utf-8", f"{HERE}:1"),
    Case("half a character", block(status={"enum": ["\ud800"]}), "contract/invalid-json", f"{HERE}:"),
    Case(
        "a directory",
        lambda tree: tree.replace(tree.contract, Path.mkdir),
        "contract/unreadable",
        HERE,
    ),
    Case("a pipe", lambda tree: tree.replace(tree.contract, os.mkfifo), "contract/unreadable", HERE),
    Case("a socket", lambda tree: tree.replace(tree.contract, listen), "contract/unreadable", HERE),
    Case(
        "a link to nothing",
        lambda tree: tree.replace(tree.contract, lambda path: path.symlink_to("nothing")),
        "contract/unreadable",
        HERE,
    ),
    Case(
        "a link to itself",
        lambda tree: tree.replace(tree.contract, lambda path: path.symlink_to(path.name)),
        "contract/unreadable",
        HERE,
    ),
    Case(
        "a directory that holds itself",
        lambda tree: (tree.root / "contracts/loop").symlink_to(".."),
        "contract/symlink-loop",
        "contracts/loop",
    ),
    Case("a name twice", second, "contract/duplicate-name", "contracts/"),
    Case("input is a list", lambda tree: tree.change(input=[1]), "contract/wrong-shape", f"{HERE}:"),
    Case("a field is a string", block(status="text"), "contract/wrong-shape", f"{HERE}:"),
    Case("enum is a string", block(status={"enum": "ok"}), "contract/wrong-shape", f"{HERE}:"),
    Case("properties is a list", block(a={"properties": [1]}), "contract/wrong-shape", f"{HERE}:"),
    Case("http is a string", lambda tree: tree.change(transport={"http": "x"}), "contract/wrong-shape", f"{HERE}:"),
    Case("layers is a list", lambda tree: tree.change(layers=["app.py"]), "contract/wrong-shape", f"{HERE}:"),
    Case("a layer is a number", lambda tree: tree.change(layers={"python": 3}), "contract/wrong-shape", f"{HERE}:"),
    Case("the name is a number", lambda tree: tree.change(query=3), "contract/wrong-shape", f"{HERE}:"),
    Case("the kind is a list", lambda tree: tree.change(kind=["CQRS_QUERY"]), "contract/wrong-kind", f"{HERE}:"),
    Case("a layer above the root", layer("../../../etc/passwd::X"), "contract/layer-outside-root", f"{HERE}:"),
    Case("a layer of the machine", layer("/etc/passwd"), "contract/layer-outside-root", f"{HERE}:"),
    Case("a layer that is not there", layer("gone.py::X"), "contract/layer-not-found", f"{HERE}:"),
    Case("a layer with a null byte", layer("a\0b.py::X"), "contract/layer-not-found", f"{HERE}:"),
    Case(
        "a layer that links out of the root",
        lambda tree: tree.replace(tree.code, lambda path: path.symlink_to("/etc/passwd")),
        "contract/layer-outside-root",
        f"{HERE}:",
    ),
]
CODE = [
    Case("a syntax error", python("x = 1\nclass Health(:\n"), "crosscheck/python-syntax", "app.py:2"),
    Case("a null byte", python(HEALTH + "\0"), "crosscheck/python-syntax", "app.py"),
    Case("latin-1 code", python(b"s = '\xe9'\n" + HEALTH.encode()), "crosscheck/python-syntax", "app.py"),
    Case("an encoding that is none", python("# coding: nonsense\n" + HEALTH), "crosscheck/python-syntax", "app.py"),
    Case("parentheses", python("x = " + "(" * 5_000 + ")" * 5_000), "crosscheck/python-syntax", "app.py"),
    Case("minus signs", python(f"x = {'-' * 100_000}1\n"), "crosscheck/python-syntax", "app.py"),
    Case("a long sum", python(f"x = {'+'.join('1' * 100_000)}\n"), "crosscheck/python-syntax", "app.py"),
    Case("100 MB of code", lambda tree: sparse(tree.code), "crosscheck/python-", "app.py"),
    Case(
        "a directory of code",
        lambda tree: tree.replace(tree.code, Path.mkdir),
        "crosscheck/python-unreadable",
        "app.py",
    ),
    Case("a pipe of code", lambda tree: tree.replace(tree.code, os.mkfifo), "crosscheck/python-unreadable", "app.py"),
    Case("half a character in code", python(HEALTH.replace('"ok"', r'"ok", "\ud800"')), "crosscheck/output-", HERE),
    Case(
        "a list of 20,000 values",
        lambda tree: tree.change(output={"status": {"enum": [f"v{one}" for one in range(20_000)]}}),
        "crosscheck/output-beyond-contract",
        f"{HERE}:",
    ),
    Case(
        "an Enum of 20,000 members",
        python(
            "from enum import Enum\n"
            + MODEL
            + "class S(Enum):\n"
            + "".join(f"  A{one} = 'v{one}'\n" for one in range(20_000))
            + "class Health(BaseModel):\n  status: S\n"
        ),
        "crosscheck/output-beyond-contract",
        f"{HERE}:",
    ),
]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize("case", CONTRACTS, ids=lambda case: case.name.replace(" ", "_"))
def test_a_broken_contract_is_one_finding_and_nothing_is_written(case: Case, tree: Tree) -> None:
    check_one(case, tree, "--fix-safe", "--auto-expand-output")


@pytest.mark.parametrize("case", CODE, ids=lambda case: case.name.replace(" ", "_"))
def test_broken_code_is_one_finding_and_a_check_writes_nothing(case: Case, tree: Tree) -> None:
    check_one(case, tree, "--fix-safe", "--auto-expand-output", "--check")


def check_one(case: Case, tree: Tree, *arguments: str) -> None:
    """Spoil a tree; it has one error, apart from listings that were never written, and stays as it was."""
    case.spoil(tree)
    before = tree.digest()
    done = tree.check("--format", "json", *arguments)
    assert done.returncode == 1, done.stderr
    assert b"Traceback" not in done.stderr
    errors = [one for one in json.loads(done.stdout)["findings"] if one["severity"] == "error"]
    (error,) = [one for one in errors if one["rule"] != "contract/stale"]
    assert error["rule"].startswith(case.rule)
    assert f"{error['file']}:{error['line']}:{error['column']}".startswith(case.place)
    assert len(error["message"]) < 2_000
    assert tree.digest() == before


def circle(name: str) -> str:
    return f"from {name} import *\n{HEALTH}"


def doubled(count: int, form: str) -> str:
    """Aliases, each of them twice the one before."""
    lines = [MODEL, 'A0 = Literal["ok"]\n']
    lines += [f"A{one} = {form.format(f'A{one - 1}')}\n" for one in range(1, count)]
    return "".join([*lines, f"class Health(BaseModel):\n    status: A{count - 1}\n"])


GROWING = """
T = TypeVar("T")
class Node(BaseModel, Generic[T]):
    child: Optional["Node[list[T]]"] = None
    both: Optional["Node[tuple[T, T]]"] = None
    status: T
class Health(Node[Literal["ok"]]): pass
"""
DEPENDS = """
from fastapi import APIRouter, Depends
router = APIRouter()
def first(a=Depends(lambda: second)): ...
def second(status: Literal["ok"], b: Annotated[Any, Depends(first)] = None): ...
first.__defaults__ = (Depends(second),)
@router.get("/")
def Health(a: Annotated[Any, Depends(second)]) -> Answer: ...
"""
ENDLESS = {
    "a class that inherits from itself": (python(MODEL + "class Health(Health): pass\n"), {"crosscheck/unresolved"}),
    "two classes that inherit from each other": (
        python(MODEL + "class A(Health): pass\nclass Health(A): pass\n"),
        {"crosscheck/unresolved"},
    ),
    "names in a circle": (
        python(MODEL + "X = Y\nY = X\nclass Health(BaseModel):\n    status: X\n"),
        {"crosscheck/unresolved"},
    ),
    "a type of itself": (
        python(MODEL + "type X = X\nclass Health(BaseModel):\n    status: X\n"),
        {"crosscheck/unresolved"},
    ),
    "a string that quotes itself": (
        python(MODEL + "X = 'X'\nclass Health(BaseModel):\n    status: 'X'\n"),
        {"crosscheck/unresolved"},
    ),
    "imports in a circle": (
        lambda tree: (tree.python(circle("other")), (tree.root / "other.py").write_text(circle("app"))),
        set(),
    ),
    "a module that imports a name from itself": (
        python("from app import Health as Health\n"),
        {"crosscheck/symbol-not-found"},
    ),
    "3,000 bases": (python(chain(3_000)), {"crosscheck/unresolved"}),
    "a generic that grows": (python(MODEL + GROWING), set()),
    "a union of 2^40": (python(doubled(40, "Union[{0}, {0}]")), {"crosscheck/unresolved"}),
    "a Literal of 2^40": (python(doubled(40, "Literal[{0}, {0}]")), set()),
    "a tuple of 2^40": (python(doubled(40, "tuple[{0}, {0}]")), {"crosscheck/output-beyond-contract"}),
    "dependencies in a circle": (
        python(MODEL + "class Answer(BaseModel):\n    status: Literal['ok']\n" + DEPENDS),
        set(),
    ),
    "a contract of 2^40": (
        block(status={"allOf": [{"anyOf": [{"enum": ["ok"]}, {"enum": ["ok"]}]} for _ in range(40)]}),
        set(),
    ),
    "a contract of 80 levels of unions": (
        lambda tree: tree.change(output={"status": unions(80)}),
        set(),
    ),
}
"""What could go on for ever: the rules of the findings that it ends with."""


def unions(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"enum": ["ok"]}
    for _ in range(depth // 2 - 5):
        made = {"anyOf": [made, {"enum": ["ok"]}]}
    return made


@pytest.mark.parametrize("name", ENDLESS)
def test_what_could_go_on_for_ever_ends(name: str, tree: Tree) -> None:
    spoil, rules = ENDLESS[name]
    spoil(tree)
    done = tree.check("--format", "json")
    assert b"Traceback" not in done.stderr
    found = json.loads(done.stdout)["findings"]
    # What is never written beside a drift is told too, and is no matter here.
    assert {one["rule"] for one in found} - {"crosscheck/contract-beyond-output"} == rules
    assert done.returncode == any(one["severity"] == "error" for one in found)


NAMES = [b"new\nline", b"\xff\xfe", b"%0A::error::x", "łódź".encode(), b" ", b"\x1b[31m"]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_names_of_files_that_terminals_dislike(form: str, tree: Tree) -> None:
    for name in NAMES:
        (tree.root / "contracts" / os.fsdecode(name + b".query.json")).write_bytes(b"{")
    done = tree.check("--format", form)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    text = done.stdout.decode()
    assert text.count("contract/invalid-json") + text.count("contract/unreadable") >= len(NAMES)
    assert "\x1b" not in text
    if form in {"json", "sarif"}:
        json.loads(text)
    else:
        # A line for each finding and one for the summary: a name cannot make lines of its own.
        assert len(text.splitlines()) == len(NAMES) + 1


def test_hostile_files_beside_each_other_are_all_told(tree: Tree) -> None:
    for count, text in enumerate(["{", "[1]", "[" * 200, '{"a": 1, "a": 2}', "\xff"]):
        (tree.root / f"contracts/C{count}.query.json").write_bytes(text.encode("latin-1"))
    tree.python("class Health(:\n")
    before = tree.digest()
    done = tree.check("--format", "json")
    rules = {one["rule"] for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert rules >= {
        "contract/invalid-json",
        "contract/not-an-object",
        "contract/too-deep",
        "contract/duplicate-key",
        "contract/not-utf-8",
        "crosscheck/python-syntax",
    }
    assert tree.digest() == before

"""What code certainly writes: each program is read, and run to show that the table tells the truth."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from protogate.crosscheck.python.emissions import emissions
from protogate.crosscheck.python.workspace import Workspace
from tests.crosscheck.python.emission_programs import HITS, MISSES, PREAMBLE, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BENIGN = {(str, "ok"), (str, "degraded"), (str, "error"), (str, "auto"), (int, 1)}
"""What no program is about."""
PROGRAMS = {**HITS, **{f"not-{name}": program for name, program in MISSES.items()}}
MARK = re.compile("⟦(.*?)⟧")


def _tables() -> list[Any]:
    return [pytest.param(program, id=name) for name, program in PROGRAMS.items()]


@pytest.mark.parametrize("program", _tables())
def test_emissions_are_those_of_the_table(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source, places = _unmarked(PREAMBLE + program.source)
    (tmp_path / "app.py").write_text(source, "utf-8")
    found = emissions(Workspace(str(tmp_path)), "app.py", program.symbol)
    told = sorted(
        (one.place.line, one.place.column, ".".join(one.path), one.value)
        for one in found
        if (type(one.value), one.value) not in BENIGN
    )
    expected = [(*place, path, value) for place, (path, value) in zip(places, program.emits, strict=True)]
    assert told == sorted(expected)
    assert all(one.place.file == "app.py" for one in found)


@pytest.mark.parametrize("program", _tables())
def test_the_table_is_right(program: Program) -> None:
    written = list(_run(program))
    for path, value in program.emits:
        assert (path, value) in written
    for value in program.never:
        assert value not in [one for _, one in written]


def test_the_table_has_enough_programs() -> None:
    assert len(HITS) >= 60
    assert len(MISSES) >= 60
    assert all(one.emits for one in HITS.values())
    assert all(one.never for one in MISSES.values())


def _unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a program without marks, and where they were: line and column."""
    places: list[tuple[int, int]] = []
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        while (found := MARK.search(line)) is not None:
            places.append((number, found.start() + 1))
            line = line[: found.start()] + found[1] + line[found.end() :]  # noqa: PLW2901 - the marks of a line are taken out
        lines.append(line)
    return "\n".join(lines) + "\n", places


def _run(program: Program) -> Iterator[tuple[str, object]]:
    """Yield what the program writes: each scalar with its path, and what pydantic refuses."""
    module = types.ModuleType("emission_under_test")
    sys.modules[module.__name__] = module
    try:
        source = _unmarked(PREAMBLE + program.source)[0]
        exec(compile(source, "app.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        for call in program.calls:
            yield from _call(module, call, program)
    finally:
        del sys.modules[module.__name__]


def _call(module: types.ModuleType, call: str, program: Program) -> Iterator[tuple[str, object]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = _document(module, _result(module, call), program)
    except ValidationError as error:
        for one in error.errors():
            yield ".".join(str(part) if isinstance(part, str) else "[]" for part in one["loc"]), one["input"]
        return
    yield from _scalars(document, ())


def _result(module: types.ModuleType, call: str) -> object:
    if call.startswith("await "):
        return asyncio.run(eval(call.removeprefix("await "), module.__dict__))  # noqa: S307
    if call.startswith("*"):
        return list(eval(call.removeprefix("*"), module.__dict__))  # noqa: S307
    return eval(call, module.__dict__)  # noqa: S307


def _document(module: types.ModuleType, result: object, program: Program) -> object:
    """Write a result as FastAPI does: by the response model of the route, else by the annotation."""
    if isinstance(result, JSONResponse):
        return json.loads(bytes(result.body)) if result.status_code < 300 else None
    function: Any = module
    for part in program.symbol.split("."):
        function = getattr(function, part)
    function = getattr(function, "handle", function)
    route = next((one for one in module.__dict__["router"].routes if one.endpoint is function), None)
    kind = route.response_model if route is not None else function.__annotations__["return"]
    options: dict[str, Any] = {}
    if route is not None:
        options = {"exclude": route.response_model_exclude, "exclude_unset": route.response_model_exclude_unset}
    if program.calls[0].startswith("*"):
        return [jsonable_encoder(one) for one in result][-1]  # type: ignore[attr-defined]
    adapter = TypeAdapter(kind)
    return adapter.dump_python(
        adapter.validate_python(result, from_attributes=True), mode="json", by_alias=True, **options
    )


def _scalars(document: object, path: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _scalars(value, (*path, key))
    elif isinstance(document, list):
        for one in document:
            yield from _scalars(one, (*path, "[]"))
    else:
        yield ".".join(path), document


MODEL = """\
from typing import Literal
from pydantic import BaseModel

class Part(BaseModel):
    name: str = "ok"

class Event(BaseModel):
    origin: Literal["ui", "api"] = "ui"
    part: Part = Part()
    parts: list[Part] = []

class Other(BaseModel):
    origin: str = "x"
"""

MODEL_CASES = {
    "made-and-published": ("def f(bus):\n    bus.publish(Event(origin='bad'))", [("origin", "bad")]),
    "changed": ("def f(e: Event):\n    e.origin = 'bad'", [("origin", "bad")]),
    "in-a-method": (
        "class S:\n    def f(self):\n        return Event.model_construct(origin='bad')",
        [("origin", "bad")],
    ),
    "in-a-list": ("def f():\n    return Event(parts=[Part(name='bad')])", [("parts.[].name", "bad")]),
    "through-a-helper": ("def g(o):\n    return Event(origin=o)\ndef f():\n    return g('bad')", [("origin", "bad")]),
    "overwritten": ("def f():\n    e = Event(origin='bad')\n    e.origin = 'api'\n    return e", []),
    "another-class": ("def f():\n    return Other(origin='bad')", []),
    "a-part-alone": ("def f():\n    return Part(name='bad')", []),
    "never-ends": ("def f():\n    e = Event(origin='bad')\n    raise ValueError(e)", []),
}


@pytest.mark.parametrize(("code", "expected"), [pytest.param(*case, id=name) for name, case in MODEL_CASES.items()])
def test_what_a_module_puts_into_a_model(tmp_path: Path, code: str, expected: list[tuple[str, str]]) -> None:
    (tmp_path / "app.py").write_text(MODEL + code, "utf-8")
    found = emissions(Workspace(str(tmp_path)), "app.py", "Event")
    assert {(".".join(one.path), one.value) for one in found if one.value in {"bad", "x"}} == set(expected)


def test_further_files_make_objects_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODEL, "utf-8")
    (tmp_path / "service.py").write_text(
        "from models import Event\ndef f():\n    return Event(origin='bad')\n", "utf-8"
    )
    assert emissions(Workspace(str(tmp_path)), "models.py", "Event") == ()
    found = emissions(Workspace(str(tmp_path)), "models.py", "Event", ["service.py"])
    assert [(one.path, one.value, one.place.line, one.place.column) for one in found if one.value == "bad"] == [
        (("origin",), "bad", 3, 25)
    ]


def test_a_helper_of_another_module_is_followed_and_one_of_a_package_is_not(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    for directory in (tmp_path / "lib", site):
        directory.mkdir()
        (directory / "__init__.py").touch()
    text = "def state() -> str:\n    return 'bad'\n"
    (tmp_path / "lib" / "own.py").write_text(text, "utf-8")
    (site / "theirs.py").write_text(text, "utf-8")
    for number, name in enumerate(("lib.own", "theirs")):
        source = f"from {name} import state\ndef handler() -> str:\n    return state()\n"
        (tmp_path / f"app{number}.py").write_text(source, "utf-8")
    workspace = Workspace(str(tmp_path), site=[str(site)])
    assert [one.value for one in emissions(workspace, "app0.py", "handler")] == ["bad"]
    assert emissions(workspace, "app1.py", "handler") == ()


def test_code_that_is_too_long_tells_nothing(tmp_path: Path) -> None:
    body = "\n".join(f"    if n == {number}:\n        s = 'v{number}'" for number in range(3000))
    source = f"def handler(n: int) -> str:\n    s = 'bad'\n{body}\n    return s\n"
    (tmp_path / "app.py").write_text(source, "utf-8")
    assert emissions(Workspace(str(tmp_path)), "app.py", "handler") == ()


def test_a_symbol_that_is_not_there_emits_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("", "utf-8")
    assert emissions(Workspace(str(tmp_path)), "app.py", "Nothing") == ()


def test_objects_of_calls_that_are_over_are_not_missed(tmp_path: Path) -> None:
    source = (
        "def make():\n    found = [1]\n    def inner():\n        return [one for one in found]\n    return inner\n"
        "def handler() -> list[int]:\n    inner = make()\n    return inner()\n"
    )
    (tmp_path / "app.py").write_text(source, "utf-8")
    assert emissions(Workspace(str(tmp_path)), "app.py", "handler") == ()

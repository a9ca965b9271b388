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

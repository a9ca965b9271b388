"""What a symbol of a layer stands for: models, routes with their options, handlers that know nothing of HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.python.handlers import Interface, interface
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import AnyOf, Choice, Items, Mapping, Primitive, Record, Unresolved
from protogate.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.crosscheck.shapes import Shape

PREAMBLE = """\
import dataclasses, enum
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, Protocol, TypedDict, TypeVar, Union
from fastapi import APIRouter, Body, Depends, FastAPI, Query, Request, Response, status
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field, RootModel
T = TypeVar("T")
router = APIRouter()
app = FastAPI()

class Create(BaseModel):
    mode: Literal["auto", "manual"]
    size: int = 1

class Created(BaseModel):
    id: int
    state: Literal["new", "old"] = Field("new", serialization_alias="stateOut")
    note: Optional[str] = None

class Session: ...

class Clock(Protocol):
    def now(self) -> float: ...
"""

CREATE = {"mode": ["auto", "manual"], "size?": "integer"}
CREATED = {"id": "integer", "stateOut": ["new", "old"], "note": ["string", "null"]}
NOT_KNOWN = "?"
# Code, symbol, and what it takes and writes.

PLAIN: dict[str, tuple[str, str, object, object]] = {
    "function": ("def handle(command: Create) -> Created: ...", "handle", CREATE, CREATED),
    "async-function": ("async def handle(command: Create) -> Created: ...", "handle", CREATE, CREATED),
    "keyword-only": ("def handle(*, command: Create) -> Created: ...", "handle", CREATE, CREATED),
    "quoted": ("def handle(command: 'Create') -> 'Created': ...", "handle", CREATE, CREATED),
    "method": ("class H:\n    def run(self, command: Create) -> Created: ...", "H.run", CREATE, CREATED),
    "static-method": (
        "class H:\n    @staticmethod\n    def run(command: Create) -> Created: ...",
        "H.run",
        CREATE,
        CREATED,
    ),
    "class-method": (
        "class H:\n    @classmethod\n    def run(cls, command: Create) -> Created: ...",
        "H.run",
        CREATE,
        CREATED,
    ),
    "class-with-handle": ("class H:\n    def handle(self, command: Create) -> Created: ...", "H", CREATE, CREATED),
    "class-with-execute": ("class H:\n    def execute(self, command: Create) -> Created: ...", "H", CREATE, CREATED),
    "class-with-call": ("class H:\n    def __call__(self, command: Create) -> Created: ...", "H", CREATE, CREATED),
    "class-that-inherits": (
        "class B:\n    def handle(self, command: Create) -> Created: ...\nclass H(B): ...",
        "H",
        CREATE,
        CREATED,
    ),
    "dataclass-with-handle": (
        "@dataclasses.dataclass\nclass H:\n    session: Session\n    def handle(self, command: Create) -> Created: ...",
        "H",
        CREATE,
        CREATED,
    ),
    "what-is-no-data-is-left-out": (
        "def handle(command: Create, session: Session, clock: Clock, log: 'logging.Logger') -> Created: ...",
        "handle",
        CREATE,
        CREATED,
    ),
    "values-beside-the-message": (
        "def handle(device_id: str, command: Create) -> Created: ...",
        "handle",
        {"device_id": "string", **CREATE},
        CREATED,
    ),
    "values-only": (
        "def handle(mode: Literal['auto'], size: int = 1) -> Created: ...",
        "handle",
        {"mode": ["auto"], "size?": "integer"},
        CREATED,
    ),
    "one-of-two-messages-is-named-so": (
        (
            "@dataclasses.dataclass\nclass Context:\n    user: str\n"
            "def handle(command: Create, context: Context) -> Created: ..."
        ),
        "handle",
        CREATE,
        CREATED,
    ),
    "two-messages": ("def handle(a: Create, b: Created) -> Created: ...", "handle", NOT_KNOWN, CREATED),
    "nothing-annotated": ("def handle(command): ...", "handle", NOT_KNOWN, NOT_KNOWN),
    "no-parameters": ("def handle() -> Created: ...", "handle", {}, CREATED),
    "dataclass-message": (
        "@dataclasses.dataclass\nclass C:\n    mode: Literal['a']\ndef handle(command: C) -> None: ...",
        "handle",
        {"mode": ["a"]},
        "null",
    ),
    "typed-dict-message": (
        "class C(TypedDict):\n    mode: Literal['a']\ndef handle(command: C) -> C: ...",
        "handle",
        {"mode": ["a"]},
        {"mode": ["a"]},
    ),
    "optional-answer": (
        "def handle(command: Create) -> Optional[Created]: ...",
        "handle",
        CREATE,
        [CREATED, "null"],
    ),
    "awaitable-answer": ("def handle(command: Create) -> Awaitable[Created]: ...", "handle", CREATE, CREATED),
    "stream": ("def handle(command: Create) -> Iterator[Created]:\n    yield Created(id=1)", "handle", CREATE, CREATED),
    "async-stream": (
        "async def handle(command: Create) -> AsyncIterator[Created]:\n    yield Created(id=1)",
        "handle",
        CREATE,
        CREATED,
    ),
    "no-stream": ("def handle(command: Create) -> list[Created]: ...", "handle", CREATE, ("items", CREATED)),
    "wrapper": (
        (
            "class Result(Generic[T]):\n    def __init__(self, value: T) -> None: ...\n"
            "def handle(command: Create) -> Result[Created]: ..."
        ),
        "handle",
        CREATE,
        NOT_KNOWN,
    ),
    "generic-model": (
        "class Result(BaseModel, Generic[T]):\n    value: T\ndef handle(command: Create) -> Result[Created]: ...",
        "handle",
        CREATE,
        {"value": CREATED},
    ),
    "any": ("def handle(command: Create) -> Any: ...", "handle", CREATE, NOT_KNOWN),
    "literals": (
        (
            "def handle(command: Create):\n    if command.size:\n        return {'state': 'new', 'n': 1}\n"
            "    return {'state': 'old'}"
        ),
        "handle",
        CREATE,
        {"state": ["new", "old"], "n?": [1]},
    ),
    "literals-with-something-else": (
        "def handle(command: Create):\n    return {'state': 'new', 'size': command.size, 'inner': {'a': 'b'}}",
        "handle",
        CREATE,
        {"state": ["new"], "size": NOT_KNOWN, "inner": {"a": ["b"]}},
    ),
    "not-only-literals": (
        "def handle(command: Create):\n    if command.size:\n        return {'state': 'new'}\n    return compute()",
        "handle",
        CREATE,
        NOT_KNOWN,
    ),
    "literals-that-are-spread": (
        "def handle(command: Create):\n    return {'state': 'new', **compute()}",
        "handle",
        CREATE,
        NOT_KNOWN,
    ),
}

ROUTES: dict[str, tuple[str, object]] = {
    "response-model-none": ("@app.get('/x', response_model=None)\ndef handle() -> Created: ...", NOT_KNOWN),
    "response": ("@app.get('/x')\ndef handle() -> JSONResponse: ...", NOT_KNOWN),
    "own-response": (
        "class Page(HTMLResponse): ...\n@app.get('/x')\ndef handle() -> Page: ...",
        NOT_KNOWN,
    ),
    "response-or-model": ("@app.get('/x', response_model=Created | RedirectResponse)\ndef handle(): ...", CREATED),
    "any": ("@app.get('/x')\ndef handle() -> Any: ...", NOT_KNOWN),
    "nothing": ("@app.get('/x')\ndef handle(): ...", NOT_KNOWN),
    "none": ("@app.get('/x')\ndef handle() -> None: ...", "null"),
    "no-content": ("@app.delete('/x', status_code=204)\ndef handle() -> None: ...", "null"),
    "no-content-by-name": (
        "@app.delete('/x', status_code=status.HTTP_204_NO_CONTENT)\ndef handle(): ...",
        "null",
    ),
    "literals": ("@app.get('/x')\ndef handle():\n    return {'state': 'new'}", {"state": ["new"]}),
    "options-that-are-spread": (
        "options = {}\n@app.get('/x', **options)\ndef handle() -> Created: ...",
        NOT_KNOWN,
    ),
    "stream": ("@app.get('/x')\ndef handle() -> Iterator[Created]:\n    yield Created(id=1)", CREATED),
    "exclude-none": (
        "@app.get('/x', response_model_exclude_none=True)\ndef handle() -> Created: ...",
        {"id": "integer", "stateOut": ["new", "old"], "note?": "string"},
    ),
    "exclude-that-is-worked-out": (
        "@app.get('/x', response_model_exclude=compute())\ndef handle() -> Created: ...",
        NOT_KNOWN,
    ),
    "other-framework": (
        "from flask import Flask\nflask = Flask('x')\n@flask.get('/x')\ndef handle() -> Created: ...",
        CREATED,
    ),
    "router-of-self": (
        "class V:\n    router = APIRouter()\n    @router.get('/x', response_model=Created)\n    def handle(self): ...",
        CREATED,
    ),
    "added-in-init": (
        (
            "class V:\n    def __init__(self):\n"
            "        router.add_api_route('/x', self.handle, response_model=Created)\n"
            "    def handle(self): ..."
        ),
        CREATED,
    ),
}

OPTIONS = {
    "none-of-them": "",
    "exclude-none": "response_model_exclude_none=True",
    "exclude-unset": "response_model_exclude_unset=True",
    "exclude-defaults": "response_model_exclude_defaults=True",
    "by-alias-off": "response_model_by_alias=False",
    "include": "response_model_include={'id', 'inner'}",
    "exclude": "response_model_exclude={'id', 'note'}",
    "exclude-list": "response_model_exclude=['note']",
    "include-nested": "response_model_include={'id': True, 'inner': {'a'}}",
    "exclude-nested": "response_model_exclude={'inner': {'a'}}",
    "exclude-none-by-alias-off": "response_model_exclude_none=True, response_model_by_alias=False",
}
OPTIONS_APP = """\
from typing import Optional
from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()

class Inner(BaseModel):
    a: int = Field(1, serialization_alias="theA")
    b: Optional[int] = None

class Answer(BaseModel):
    id: int = Field(serialization_alias="theId")
    inner: Inner
    note: Optional[str] = None

@app.get("/least", OPTIONS)
def least() -> Answer:
    return Answer(id=1, inner=Inner())

@app.get("/most", OPTIONS)
def most() -> Answer:
    return Answer(id=1, inner=Inner(a=2, b=3), note="x")
"""


@pytest.mark.parametrize(
    ("code", "symbol", "taken", "written"), [pytest.param(*case, id=name) for name, case in PLAIN.items()]
)
def test_plain_handlers(tmp_path: Path, code: str, symbol: str, taken: object, written: object) -> None:
    found = _interface(tmp_path, PREAMBLE + code, symbol)
    assert found.kind == "handler"
    assert found.name == symbol
    assert _shown(found.input) == taken
    assert _shown(found.output) == written


@pytest.mark.parametrize(("code", "written"), [pytest.param(*case, id=name) for name, case in ROUTES.items()])
def test_output_of_routes(tmp_path: Path, code: str, written: object) -> None:
    symbol = "V.handle" if "class V" in code else "handle"
    assert _shown(_interface(tmp_path, PREAMBLE + code, symbol).output) == written


@pytest.mark.parametrize("options", [pytest.param(options, id=name) for name, options in OPTIONS.items()])
def test_options_change_the_answer_as_fastapi_does(tmp_path: Path, options: str) -> None:
    source = OPTIONS_APP.replace("OPTIONS", options)
    found = _interface(tmp_path, source, "least")
    documents = [_answer(source, path) for path in ("/least", "/most")]
    assert isinstance(found.output, Record)
    _assert_keys(found.output, documents)


@pytest.mark.parametrize(
    ("code", "symbol", "taken", "written"),
    [
        pytest.param("", "Created", {"id": "integer", "state?": ["new", "old"], "note?": ["string", "null"]}, CREATED),
        pytest.param("Alias = Create", "Alias", CREATE, {"mode": ["auto", "manual"], "size": "integer"}),
        pytest.param("Status = Literal['a', 'b']", "Status", ["a", "b"], ["a", "b"]),
        pytest.param("class S(enum.Enum):\n    A = 'a'", "S", ["a"], ["a"]),
        pytest.param("class R(RootModel[list[int]]): ...", "R", ("items", "integer"), ("items", "integer")),
        pytest.param("class O:\n    class I(BaseModel):\n        a: int", "O.I", {"a": "integer"}, {"a": "integer"}),
    ],
    ids=["model", "alias", "literal", "enum", "root-model", "nested"],
)
def test_models(tmp_path: Path, code: str, symbol: str, taken: object, written: object) -> None:
    found = _interface(tmp_path, PREAMBLE + code, symbol)
    assert found.kind == "model"
    assert _shown(found.input) == taken
    assert _shown(found.output) == written


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        pytest.param("class H:\n    def other(self, c: Create) -> Created: ...", "H"),
        pytest.param("class H:\n    def handle(self): ...\n    def execute(self): ...", "H"),
    ],
    ids=["no-such-method", "two-such-methods"],
)
def test_classes_that_are_neither_model_nor_handler_are_not_resolved(tmp_path: Path, code: str, symbol: str) -> None:
    found = _interface(tmp_path, PREAMBLE + code, symbol)
    assert _shown(found.input) == NOT_KNOWN
    assert _shown(found.output) == NOT_KNOWN


def test_a_symbol_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PREAMBLE, "utf-8")
    found = interface(Workspace(str(tmp_path)), "app.py", "Nothing")
    assert isinstance(found, Finding)
    assert found.rule == "crosscheck/symbol-not-found"


def test_the_place_is_that_of_the_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = _interface(tmp_path, "def a(): ...\n\nclass H:\n    async def handle(self): ...\n", "H.handle")
    assert str(found.place) == "app.py:4:5"


def _interface(directory: Path, source: str, symbol: str) -> Interface:
    (directory / "app.py").write_text(source, "utf-8")
    found = interface(Workspace(str(directory)), "app.py", symbol)
    assert isinstance(found, Interface)
    return found


def _shown(shape: Shape | None) -> object:  # noqa: PLR0911 - one for each kind
    """Return a shape as the tables write it: `?` behind a key that may be missing, a list for values and unions."""
    match shape:
        case Record():
            return {one.name if one.required else f"{one.name}?": _shown(one.shape) for one in shape.fields}
        case Choice(members=members):
            return [one.value for one in members]
        case AnyOf(members=kinds):
            return [_shown(one) for one in kinds]
        case Primitive(kind=kind):
            return kind
        case Items(items=items):
            return ("items", _shown(items))
        case Mapping(values=values):
            return ("mapping", _shown(values))
        case Unresolved():
            return NOT_KNOWN
        case _:
            return shape


def _assert_keys(record: Record, documents: list[dict[str, Any]]) -> None:
    """Assert that the first document has the keys that are always there, and the second one all of them."""
    least, most = documents
    assert {one.name for one in record.fields if one.required} == least.keys()
    assert {one.name for one in record.fields} == most.keys()
    for one in record.fields:
        if isinstance(one.shape, Record) and one.name in least:
            _assert_keys(one.shape, [least[one.name], most[one.name]])


def _answer(source: str, path: str) -> dict[str, Any]:
    module = types.ModuleType("options_under_test")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, "app.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        return asyncio.run(_get(module.__dict__["app"], path))
    finally:
        del sys.modules[module.__name__]


async def _get(app: Any, path: str) -> dict[str, Any]:  # noqa: ANN401 - an app that was made from text
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
        sent.append(message)

    await app(scope, receive, send)
    found: dict[str, Any] = json.loads(b"".join(one.get("body", b"") for one in sent))
    return found

"""What a route takes and writes, against the OpenAPI document that FastAPI itself makes of the same source text."""

from __future__ import annotations

import json
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.python.handlers import Interface, interface
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import (
    Altered,
    AnyOf,
    Anything,
    Choice,
    Items,
    Mapping,
    Primitive,
    Record,
    Unresolved,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protogate.crosscheck.shapes import Shape

PREAMBLE = """\
from __future__ import annotations
import dataclasses, datetime, enum, uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Generic, List, Literal, NamedTuple, Optional, TypeVar, Union
from typing_extensions import TypedDict
from fastapi import *
from fastapi import FastAPI, APIRouter, BackgroundTasks, Body, Cookie, Depends, File, Form, Header, Path, Query
from fastapi import Request, Response, Security, UploadFile, WebSocket, status
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.security import OAuth2PasswordBearer, SecurityScopes
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel

app = FastAPI()

class Mode(str, enum.Enum):
    AUTO = "auto"
    MANUAL = "manual"

class Place(BaseModel):
    city: str
    kind: Literal["home", "work"] = "home"

class Device(BaseModel):
    serial: str
    mode: Mode
    level: Literal[1, 2] = 1
    place: Optional[Place] = None
    tags: List[str] = []

class Created(BaseModel):
    id: int
    status: Literal["created", "exists"]
    note: Optional[str] = None

class Spoken(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    device_mode: Mode = Field(alias="deviceMode")
    size: int = Field(2, serialization_alias="sizeOut", validation_alias="sizeIn")
"""

INPUTS = {
    "no-parameters": '@app.get("/x")\ndef handler(): ...',
    "path": '@app.get("/x/{device_id}/{mode}")\ndef handler(device_id: int, mode: Mode): ...',
    "path-with-convertor": '@app.get("/x/{name:path}")\ndef handler(name: str): ...',
    "path-marked": '@app.get("/x/{a}")\ndef handler(a: Annotated[int, Path(ge=1)]): ...',
    "path-with-alias": '@app.get("/x/{item-id}")\ndef handler(a: Annotated[int, Path(alias="item-id")]): ...',
    "path-by-prefix": (
        'r = APIRouter(prefix="/t/{tenant}")\n@r.get("/x")\ndef handler(tenant: str = ""): ...\napp.include_router(r)'
    ),
    "query": '@app.get("/x")\ndef handler(mode: Mode, q: Optional[str] = None, limit: int = 10): ...',
    "query-required-by-ellipsis": '@app.get("/x")\ndef handler(a: str = Query(...), b: str = Query()): ...',
    "query-with-default": '@app.get("/x")\ndef handler(a: str = Query("x"), b: int = Query(default=1)): ...',
    "query-annotated": '@app.get("/x")\ndef handler(a: Annotated[Literal["x", "y"], Query()] = "x"): ...',
    "query-alias": '@app.get("/x")\ndef handler(a: Annotated[str, Query(alias="the-a")]): ...',
    "query-validation-alias": '@app.get("/x")\ndef handler(a: Annotated[str, Query(validation_alias="theA")]): ...',
    "query-default-factory": '@app.get("/x")\ndef handler(a: Annotated[int, Query(default_factory=int)]): ...',
    "query-list": '@app.get("/x")\ndef handler(a: Annotated[list[Mode], Query()]): ...',
    "query-without-annotation": '@app.get("/x")\ndef handler(a, b=1): ...',
    "query-untyped-star": '@app.get("/x")\ndef handler(*, a: int, b: str = "x"): ...',
    "query-union": '@app.get("/x")\ndef handler(a: Union[int, str], b: "int | None" = None): ...',
    "query-alias-of-a-type": 'M = Literal["a", "b"]\n@app.get("/x")\ndef handler(a: M): ...',
    "query-alias-of-annotated": 'M = Annotated[str, Query(alias="m")]\n@app.get("/x")\ndef handler(a: M = "x"): ...',
    "query-model": (
        'class F(BaseModel):\n    q: str\n    order: Literal["asc", "desc"] = "asc"\n'
        '@app.get("/x")\ndef handler(f: Annotated[F, Query()]): ...'
    ),
    "query-model-with-alias": (
        'class F(BaseModel):\n    q: str = Field(alias="theQ")\n'
        '@app.get("/x/{a}")\ndef handler(a: int, f: Annotated[F, Query()]): ...'
    ),
    "header": '@app.get("/x")\ndef handler(x_token: Annotated[str, Header()], user_agent: str = Header("x")): ...',
    "header-kept": '@app.get("/x")\ndef handler(x_token: Annotated[str, Header(convert_underscores=False)]): ...',
    "header-alias": '@app.get("/x")\ndef handler(t: Annotated[str, Header(alias="X_Token")]): ...',
    "header-model": (
        "class H(BaseModel):\n    x_token: str\n    save_data: bool = False\n"
        '@app.get("/x")\ndef handler(h: Annotated[H, Header()]): ...'
    ),
    "cookie": '@app.get("/x")\ndef handler(session_id: Annotated[Optional[str], Cookie()] = None): ...',
    "body": '@app.post("/x")\ndef handler(device: Device): ...',
    "body-and-path": '@app.put("/x/{device_id}")\ndef handler(device_id: int, device: Device): ...',
    "body-path-query": '@app.put("/x/{a}")\ndef handler(a: int, device: Device, dry: bool = False): ...',
    "body-optional": '@app.post("/x")\ndef handler(device: Optional[Device] = None): ...',
    "body-with-alias": '@app.post("/x")\ndef handler(spoken: Spoken): ...',
    "body-embedded": '@app.post("/x")\ndef handler(device: Annotated[Device, Body(embed=True)]): ...',
    "body-embedded-by-default": '@app.post("/x")\ndef handler(device: Device = Body(..., embed=True)): ...',
    "body-embedded-alias": '@app.post("/x")\ndef handler(d: Annotated[Device, Body(embed=True, alias="the")]): ...',
    "bodies": '@app.post("/x")\ndef handler(device: Device, place: Place): ...',
    "bodies-and-scalar": '@app.post("/x")\ndef handler(device: Device, level: Annotated[int, Body()] = 1): ...',
    "body-scalar": '@app.post("/x")\ndef handler(level: Annotated[Literal[1, 2], Body()]): ...',
    "body-list": '@app.post("/x")\ndef handler(devices: list[Device]): ...',
    "body-dict": '@app.post("/x")\ndef handler(weights: dict[str, int]): ...',
    "body-union": '@app.post("/x")\ndef handler(one: Union[Device, Place]): ...',
    "body-dataclass": (
        "@dataclasses.dataclass\nclass D:\n    a: int\n    mode: Mode = Mode.AUTO\n"
        '@app.post("/x")\ndef handler(d: D): ...'
    ),
    "body-typed-dict": 'class D(TypedDict):\n    a: int\n    m: Mode\n@app.post("/x")\ndef handler(d: D): ...',
    "body-root-model": 'class D(RootModel[str]): ...\n@app.post("/x")\ndef handler(d: D): ...',
    "body-generic": (
        'T = TypeVar("T")\nclass Page(BaseModel, Generic[T]):\n    items: list[T]\n'
        '@app.post("/x")\ndef handler(page: Page[Place]): ...'
    ),
    "body-inherited": 'class E(Device):\n    extra_one: int\n@app.post("/x")\ndef handler(e: E): ...',
    "form": (
        '@app.post("/x")\ndef handler(user: Annotated[str, Form()], mode: Annotated[Mode, Form()] = Mode.AUTO): ...'
    ),
    "form-alone": '@app.post("/x")\ndef handler(user: Annotated[str, Form()]): ...',
    "form-model": '@app.post("/x")\ndef handler(place: Annotated[Place, Form()]): ...',
    "dependency": (
        'def paging(limit: int = 10, order: Literal["a", "d"] = "a"): ...\n'
        '@app.get("/x")\ndef handler(q: str, p: Annotated[dict, Depends(paging)]): ...'
    ),
    "dependency-by-default": 'def paging(limit: int = 10): ...\n@app.get("/x")\ndef handler(p=Depends(paging)): ...',
    "dependency-of-a-dependency": (
        "def inner(a: int): ...\ndef outer(b: str, i=Depends(inner)): ...\n"
        '@app.get("/x")\ndef handler(o=Depends(outer)): ...'
    ),
    "dependency-class": (
        "class Paging:\n    def __init__(self, limit: int = 10, q: str = ''): ...\n"
        '@app.get("/x")\ndef handler(p: Annotated[Paging, Depends()]): ...'
    ),
    "dependency-object": (
        "class Check:\n    def __init__(self, level): ...\n    def __call__(self, q: str = ''): ...\ncheck = Check(1)\n"
        '@app.get("/x")\ndef handler(p: Annotated[bool, Depends(check)]): ...'
    ),
    "dependency-model": (
        "class Paging(BaseModel):\n    limit: int = 10\n    q: str\n"
        '@app.get("/x")\ndef handler(p: Annotated[Paging, Depends()]): ...'
    ),
    "dependency-dataclass": (
        "@dataclasses.dataclass\nclass Paging:\n    limit: int = 10\n    q: str = ''\n"
        '@app.get("/x")\ndef handler(p: Paging = Depends()): ...'
    ),
    "dependency-with-body": (
        'def read(place: Place): ...\n@app.post("/x")\ndef handler(device: Device, p=Depends(read)): ...'
    ),
    "dependency-with-path": (
        'def find(device_id: int): ...\n@app.get("/x/{device_id}")\ndef handler(d=Depends(find)): ...'
    ),
    "dependency-alias": (
        "def user(token: Annotated[str, Header()]): ...\nUser = Annotated[dict, Depends(user)]\n"
        '@app.get("/x")\ndef handler(u: User, q: int = 1): ...'
    ),
    "dependency-lambda": '@app.get("/x")\ndef handler(q: int, d=Depends(lambda: 1)): ...',
    "dependency-security": (
        'oauth = OAuth2PasswordBearer(tokenUrl="t")\n@app.get("/x")\ndef handler(q: int, t=Depends(oauth)): ...'
    ),
    "dependencies-of-the-route": (
        "def check(key: Annotated[str, Header()]): ...\n"
        '@app.get("/x", dependencies=[Depends(check)])\ndef handler(q: int = 1): ...'
    ),
    "special": (
        '@app.post("/x")\ndef handler(request: Request, response: Response, tasks: BackgroundTasks,\n'
        "    scopes: SecurityScopes, place: Place): ..."
    ),
    "special-subclass": 'class R(Request): ...\n@app.get("/x")\ndef handler(request: R, q: int = 1): ...',
    "async": '@app.post("/x")\nasync def handler(place: Place): ...',
    "method-of-many": '@app.api_route("/x", methods=["POST"])\ndef handler(place: Place): ...',
    "other-decorator-below": (
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return f()\n"
        '    return inner\n@app.post("/x")\n@logged\ndef handler(place: Place): ...'
    ),
    "added": 'def handler(place: Place): ...\napp.add_api_route("/x", handler, methods=["POST"])',
    "added-by-call": 'def handler(place: Place): ...\napp.post("/x/{a}")(handler)',
    "datetimes": '@app.get("/x")\ndef handler(at: datetime.datetime, id: uuid.UUID): ...',
}

OUTPUTS = {
    "annotation": '@app.get("/x")\ndef handler() -> Created: ...',
    "response-model": '@app.get("/x", response_model=Created)\ndef handler(): ...',
    "response-model-wins": '@app.get("/x", response_model=Created)\ndef handler() -> Device: ...',
    "response-model-over-any": '@app.get("/x", response_model=Created)\ndef handler() -> Any: ...',
    "async": '@app.get("/x")\nasync def handler() -> Created: ...',
    "list": '@app.get("/x")\ndef handler() -> list[Created]: ...',
    "list-by-response-model": '@app.get("/x", response_model=List[Created])\ndef handler(): ...',
    "dict": '@app.get("/x")\ndef handler() -> dict[str, Created]: ...',
    "optional": '@app.get("/x")\ndef handler() -> Optional[Created]: ...',
    "union": '@app.get("/x")\ndef handler() -> Union[Created, Place]: ...',
    "scalar": '@app.get("/x")\ndef handler() -> Literal["a", "b"]: ...',
    "enum": '@app.get("/x")\ndef handler() -> Mode: ...',
    "aliases": '@app.get("/x")\ndef handler() -> Spoken: ...',
    "dataclass": '@dataclasses.dataclass\nclass D:\n    a: int\n    m: Mode\n@app.get("/x")\ndef handler() -> D: ...',
    "typed-dict": 'class D(TypedDict):\n    a: int\n    m: Mode\n@app.get("/x")\ndef handler() -> D: ...',
    "root-model": 'class D(RootModel[list[Mode]]): ...\n@app.get("/x")\ndef handler() -> D: ...',
    "generic": (
        'T = TypeVar("T")\nclass Page(BaseModel, Generic[T]):\n    items: list[T]\n    total: int = 0\n'
        '@app.get("/x", response_model=Page[Created])\ndef handler(): ...'
    ),
    "annotated": '@app.get("/x")\ndef handler() -> Annotated[Created, "the answer"]: ...',
    "quoted": '@app.get("/x")\ndef handler() -> "Created": ...',
    "status-201": '@app.post("/x", status_code=201)\ndef handler() -> Created: ...',
    "added": 'def handler(): ...\napp.add_api_route("/x", handler, response_model=Created)',
    "responses-of-errors": '@app.get("/x", responses={404: {"model": Place}})\ndef handler() -> Created: ...',
    "router": 'r = APIRouter()\n@r.get("/x")\ndef handler() -> Created: ...\napp.include_router(r)',
}


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI refuses routes with forms without this package; their documents do not need it."""
    package = types.ModuleType("python_multipart")
    package.__dict__["__version__"] = "0.0.20"
    monkeypatch.setitem(sys.modules, "python_multipart", package)


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in INPUTS.items()])
def test_input_is_what_fastapi_documents(tmp_path: Path, source: str) -> None:
    found = _interface(tmp_path, source)
    assert found.kind == "handler"
    assert found.input is not None
    assert _of_shape(found.input) == _documented_input(source)


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in OUTPUTS.items()])
def test_output_is_what_fastapi_documents(tmp_path: Path, source: str) -> None:
    found = _interface(tmp_path, source)
    assert found.output is not None
    # OpenAPI says of fields with a default that they may be missing, though they are always written.
    assert _without_required(_of_shape(found.output)) == _without_required(_documented_output(source))


def _interface(directory: Path, source: str) -> Interface:
    (directory / "app.py").write_text(PREAMBLE + source, "utf-8")
    found = interface(Workspace(str(directory)), "app.py", "handler")
    assert isinstance(found, Interface)
    return found


def _operation(source: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the source and return the one operation of its document, with the schemas that it refers to."""
    module = types.ModuleType("app_under_test")
    sys.modules[module.__name__] = module
    try:
        exec(compile(PREAMBLE + source, "app.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        document = module.__dict__["app"].openapi()
    finally:
        del sys.modules[module.__name__]
    (path,) = document["paths"].values()
    (operation,) = path.values()
    return operation, document.get("components", {}).get("schemas", {})


def _documented_input(source: str) -> object:
    operation, schemas = _operation(source)
    fields = {
        one["name"]: (one.get("required", False), _of_schema(one["schema"], schemas))
        for one in operation.get("parameters", ())
    }
    body = operation.get("requestBody")
    if body is None:
        return ("record", _sorted(fields))
    (content,) = body["content"].values()
    normal = _of_schema(content["schema"], schemas)
    parts = [one for one in normal[1] if one != "null"] if normal[0] == "any of" else [normal]
    required = body.get("required", False)
    if any(part[0] != "record" for part in parts):
        assert not fields
        return normal
    merged = [
        ("record", _sorted({**fields, **{name: (one and required, inner) for name, (one, inner) in part[1]}}))
        for part in parts
    ]
    keeps_null = not fields and "null" in normal[1]
    return (
        merged[0] if len(merged) == 1 and not keeps_null else ("any of", frozenset([*merged, *(["null"] * keeps_null)]))
    )


def _documented_output(source: str) -> object:
    operation, schemas = _operation(source)
    (content,) = next(one["content"] for code, one in operation["responses"].items() if code.startswith("2")).values()
    return _of_schema(content["schema"], schemas)


def _of_schema(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911
    if "$ref" in schema:
        return _of_schema(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "const" in schema:
        return ("choice", (json.dumps(schema["const"]),))
    if "enum" in schema:
        return ("choice", tuple(sorted(map(json.dumps, schema["enum"]))))
    if many := schema.get("anyOf") or schema.get("oneOf"):
        return ("any of", frozenset(_of_schema(one, schemas) for one in many))
    match schema.get("type"):
        case "array":
            return ("array", _of_schema(schema.get("items", {}), schemas))
        case "object" if "properties" in schema:
            required = schema.get("required", ())
            fields = {name: (name in required, _of_schema(one, schemas)) for name, one in schema["properties"].items()}
            return ("record", _sorted(fields))
        case "object":
            values = schema.get("additionalProperties", {})
            return ("object", _of_schema({} if values is True else values, schemas))
        case str() as kind:
            return kind + schema.get("format", "") if kind != "null" else kind
        case _:
            return ("any",)


def _of_shape(shape: Shape) -> Any:  # noqa: ANN401, PLR0911
    match shape:
        case Primitive(kind=kind, format=form):
            return kind + form
        case Choice(members=members):
            return ("choice", tuple(sorted(json.dumps(one.value) for one in members)))
        case AnyOf(members=kinds):
            return ("any of", frozenset(map(_of_shape, kinds)))
        case Items(items=items):
            return ("array", _of_shape(items))
        case Mapping(values=values):
            return ("object", _of_shape(values))
        case Record():
            return ("record", _sorted({one.name: (one.required, _of_shape(one.shape)) for one in shape.fields}))
        case Altered(shape=inner):
            return _of_shape(inner)
        case Anything():
            return ("any",)
        case Unresolved(reason=reason):
            return ("unresolved", reason)


def _without_required(normal: Any) -> Any:  # noqa: ANN401
    if isinstance(normal, frozenset):
        return frozenset(map(_without_required, normal))
    if not isinstance(normal, tuple):
        return normal
    if normal[:1] == ("record",):
        return ("record", tuple((name, _without_required(one[1])) for name, one in normal[1]))
    return tuple(map(_without_required, normal))


def _sorted(fields: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(fields.items(), key=lambda one: one[0]))


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert "app_under_test" not in sys.modules

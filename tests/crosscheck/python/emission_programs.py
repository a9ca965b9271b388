"""Small programs, each with what it emits.

`⟦...⟧` marks an expression whose value reaches the document; `emits` says where, in the order of the text. `never` lists
values that stand in the program and never reach a document. `calls` run the program: the tests show with them that the
table is right.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["HITS", "MISSES", "PREAMBLE", "Program"]


class Program(NamedTuple):
    """One program."""

    source: str
    emits: tuple[tuple[str, object], ...] = ()
    """Path in the document and value, for each mark."""
    calls: tuple[str, ...] = ("handler()",)
    never: tuple[object, ...] = ()
    symbol: str = "handler"


PREAMBLE = """\
import copy, dataclasses, enum
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NoReturn, Optional, TypeVar, cast
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel
from pydantic import computed_field, field_serializer, field_validator, model_validator
from typing_extensions import TypedDict

router = APIRouter()

class Checks(BaseModel):
    database: Literal["ok", "error"] = "ok"

class Health(BaseModel):
    status: Literal["ok", "degraded"] = "ok"
    checks: Checks = Checks()
    history: list[Checks] = []

class Free(BaseModel):
    status: str = "ok"
    level: int = 1

class Mode(str, enum.Enum):
    AUTO = "auto"
    BROKEN = "broken"

class Answer(TypedDict):
    status: Literal["ok", "degraded"]

@dataclasses.dataclass
class Report:
    status: Literal["ok", "degraded"] = "ok"
    level: int = 1

"""


def _hit(
    source: str, *emits: tuple[str, object], calls: tuple[str, ...] = ("handler()",), symbol: str = "handler"
) -> Program:
    return Program(source, emits, calls, (), symbol)


def _miss(source: str, *never: object, calls: tuple[str, ...] = ("handler()",), symbol: str = "handler") -> Program:
    return Program(source, (), calls, never, symbol)


_BAD = ("status", "bad")

HITS = {
    "assigned": _hit(
        "def handler() -> Health:\n    h = Health()\n    h.status = ⟦'bad'⟧  # type: ignore\n    return h", _BAD
    ),
    "constructed": _hit("def handler() -> Health:\n    return Health(status=⟦'bad'⟧)  # type: ignore", _BAD),
    "cast": _hit("def handler() -> Health:\n    return Health.model_construct(status=cast(Any, ⟦'bad'⟧))", _BAD),
    "model-construct": _hit("def handler() -> Health:\n    return Health.model_construct(status=⟦'bad'⟧)", _BAD),
    "dict-spread": _hit("def handler() -> Free:\n    return Free(**{'status': ⟦'bad'⟧})", _BAD),
    "dict-spread-of-a-name": _hit(
        "def handler() -> Free:\n    values = {'status': 'ok'}\n    values['status'] = ⟦'bad'⟧\n    return Free(**values)",
        _BAD,
    ),
    "setattr": _hit(
        "def handler() -> Health:\n    h = Health()\n    setattr(h, 'status', ⟦'bad'⟧)\n    return h", _BAD
    ),
    "model-copy": _hit("def handler() -> Health:\n    return Health().model_copy(update={'status': ⟦'bad'⟧})", _BAD),
    "model-copy-of-a-parameter": _hit(
        "def handler(h: Health) -> Health:\n    return h.model_copy(update={'status': ⟦'bad'⟧})",
        _BAD,
        calls=("handler(Health())",),
    ),
    "replace": _hit("def handler() -> Report:\n    return dataclasses.replace(Report(), status=⟦'bad'⟧)", _BAD),
    "dataclass": _hit("def handler() -> Report:\n    return Report(status=⟦'bad'⟧)  # type: ignore", _BAD),
    "dataclass-by-position": _hit("def handler() -> Report:\n    return Report(⟦'bad'⟧)  # type: ignore", _BAD),
    "typed-dict": _hit("def handler() -> Answer:\n    return {'status': ⟦'bad'⟧}  # type: ignore", _BAD),
    "typed-dict-called": _hit("def handler() -> Answer:\n    return Answer(status=⟦'bad'⟧)  # type: ignore", _BAD),
    "dict-annotation": _hit("def handler() -> dict[str, str]:\n    return {'status': ⟦'bad'⟧}", _BAD),
    "dict-for-a-response-model": _hit(
        "@router.get('/x', response_model=Free)\ndef handler():\n    return {'status': ⟦'bad'⟧}", _BAD
    ),
    "dict-call": _hit("@router.get('/x', response_model=Free)\ndef handler():\n    return dict(status=⟦'bad'⟧)", _BAD),
    "dict-filled": _hit("def handler() -> dict[str, str]:\n    d = {}\n    d['status'] = ⟦'bad'⟧\n    return d", _BAD),
    "dict-updated": _hit(
        "def handler() -> dict[str, str]:\n    d = {'status': 'ok'}\n    d.update(status=⟦'bad'⟧)\n    return d", _BAD
    ),
    "dict-merged": _hit(
        "def handler() -> dict[str, str]:\n    d = {'status': ⟦'bad'⟧}\n    return {'a': 'ok', **d}",
        _BAD,
    ),
    "local-name": _hit("def handler() -> Free:\n    s = ⟦'bad'⟧\n    return Free(status=s)", _BAD),
    "annotated-name": _hit(
        "def handler() -> Free:\n    s: Literal['ok'] = ⟦'bad'⟧  # type: ignore\n    return Free(status=s)", _BAD
    ),
    "two-names": _hit("def handler() -> Free:\n    s = ⟦'bad'⟧\n    t = s\n    return Free(status=t)", _BAD),
    "tuple-assignment": _hit(
        "def handler() -> Free:\n    s = t = ⟦'bad'⟧\n    return Free(status=t)",
        _BAD,
    ),
    "conditional": _hit("def handler(a: bool = False) -> Free:\n    return Free(status='ok' if a else ⟦'bad'⟧)", _BAD),
    "or-default": _hit("def handler(s: str = '') -> Free:\n    return Free(status=s or ⟦'bad'⟧)", _BAD),
    "walrus": _hit(
        "def handler() -> Free:\n    if (s := ⟦'bad'⟧):\n        return Free(status=s)\n    return Free()", _BAD
    ),
    "if-arms": _hit(
        "def handler(a: int = 2) -> Free:\n    if a == 1:\n        s = ⟦'bad'⟧\n    elif a == 2:\n        s = ⟦'worse'⟧\n"
        "    else:\n        s = 'ok'\n    return Free(status=s)",
        _BAD,
        ("status", "worse"),
        calls=("handler(1)", "handler(2)"),
    ),
    "match-arms": _hit(
        "def handler(a: int = 1) -> Free:\n    match a:\n        case 1:\n            s = ⟦'bad'⟧\n"
        "        case _:\n            s = 'ok'\n    return Free(status=s)",
        _BAD,
    ),
    "module-constant": _hit("BAD = 'bad'\ndef handler() -> Free:\n    return Free(status=⟦BAD⟧)", _BAD),
    "module-constant-of-constants": _hit(
        "A = 'b'\nBAD = A + 'ad'\ndef handler() -> Free:\n    return Free(status=⟦BAD⟧)", _BAD
    ),
    "class-constant": _hit("class K:\n    BAD = 'bad'\ndef handler() -> Free:\n    return Free(status=⟦K.BAD⟧)", _BAD),
    "enum-member": _hit("def handler() -> Free:\n    return Free(status=⟦Mode.BROKEN⟧)", ("status", "broken")),
    "enum-value": _hit("def handler() -> Free:\n    return Free(status=⟦Mode.BROKEN.value⟧)", ("status", "broken")),
    "enum-name": _hit("def handler() -> Free:\n    return Free(status=⟦Mode.BROKEN.name⟧)", ("status", "BROKEN")),
    "enum-by-value": _hit("def handler() -> Free:\n    return Free(status=⟦Mode('broken')⟧)", ("status", "broken")),
    "enum-by-name": _hit("def handler() -> Free:\n    return Free(status=⟦Mode['BROKEN']⟧)", ("status", "broken")),
    "integer": _hit("def handler() -> Free:\n    return Free(level=⟦77⟧)", ("level", 77)),
    "boolean": _hit(
        "class B(BaseModel):\n    done: Literal[False]\ndef handler() -> B:\n    return B.model_construct(done=⟦True⟧)",
        ("done", True),
    ),
    "nested-construction": _hit(
        "def handler() -> Health:\n    return Health(checks=Checks.model_construct(database=⟦'bad'⟧))",
        ("checks.database", "bad"),
    ),
    "nested-assignment": _hit(
        "def handler() -> Health:\n    h = Health()\n    h.checks.database = ⟦'bad'⟧  # type: ignore\n    return h",
        ("checks.database", "bad"),
    ),
    "nested-object-changed-later": _hit(
        "def handler() -> Health:\n    c = Checks()\n    h = Health(checks=c)\n    c.database = ⟦'bad'⟧  # type: ignore\n"
        "    return h",
        ("checks.database", "bad"),
    ),
    "nested-dict": _hit(
        "@router.get('/x', response_model=Health)\ndef handler():\n    return {'checks': {'database': ⟦'bad'⟧}}",
        ("checks.database", "bad"),
    ),
    "list-display": _hit(
        "def handler() -> Health:\n    return Health(history=[Checks(), Checks.model_construct(database=⟦'bad'⟧)])",
        ("history.[].database", "bad"),
    ),
    "list-appended": _hit(
        "def handler() -> Health:\n    h = Health()\n    found = []\n"
        "    found.append(Checks.model_construct(database=⟦'bad'⟧))\n    h.history = found\n    return h",
        ("history.[].database", "bad"),
    ),
    "list-comprehension": _hit(
        "def handler() -> list[Free]:\n    return [Free(status=⟦'bad'⟧) for _ in range(2)]", ("[].status", "bad")
    ),
    "comprehension-over-constants": _hit(
        "def handler() -> list[Free]:\n    return [Free(status=s) for s in ('ok', ⟦'bad'⟧)]", ("[].status", "bad")
    ),
    "loop-over-constants": _hit(
        "def handler() -> list[Free]:\n    out = []\n    for s in ['ok', ⟦'bad'⟧]:\n        out.append(Free(status=s))\n"
        "    return out",
        ("[].status", "bad"),
    ),
    "set-in-a-loop": _hit(
        "def handler() -> Free:\n    f = Free()\n    for n in range(3):\n        if n > 1:\n            f.status = ⟦'bad'⟧\n"
        "    return f",
        _BAD,
    ),
    "helper": _hit("def make():\n    return ⟦'bad'⟧\ndef handler() -> Free:\n    return Free(status=make())", _BAD),
    "helper-with-an-argument": _hit(
        "def make(s):\n    return Free(status=s)\ndef handler() -> Free:\n    return make(⟦'bad'⟧)", _BAD
    ),
    "helper-with-a-keyword": _hit(
        "def make(*, s='ok'):\n    return Free(status=s)\ndef handler() -> Free:\n    return make(s=⟦'bad'⟧)", _BAD
    ),
    "helper-default": _hit(
        "def make(s=⟦'bad'⟧):\n    return Free(status=s)\ndef handler() -> Free:\n    return make()", _BAD
    ),
    "helper-that-changes": _hit(
        "def spoil(h: Health) -> None:\n    h.status = ⟦'bad'⟧  # type: ignore\n"
        "def handler() -> Health:\n    h = Health()\n    spoil(h)\n    return h",
        _BAD,
    ),
    "helper-of-a-helper": _hit(
        "def a():\n    return b()\ndef b():\n    return Free(status=⟦'bad'⟧)\ndef handler() -> Free:\n    return a()",
        _BAD,
    ),
    "helper-with-arms": _hit(
        "def make(n):\n    if n:\n        return ⟦'bad'⟧\n    return 'ok'\n"
        "def handler(n: int = 1) -> Free:\n    return Free(status=make(n))",
        _BAD,
    ),
    "recursive-helper": _hit(
        "def make(n):\n    if n > 0:\n        return make(n - 1)\n    return ⟦'bad'⟧\n"
        "def handler(n: int = 3) -> Free:\n    return Free(status=make(n))",
        _BAD,
    ),
    "lambda": _hit("def handler() -> Free:\n    make = lambda: ⟦'bad'⟧\n    return Free(status=make())", _BAD),
    "inner-function": _hit(
        "def handler() -> Free:\n    s = ⟦'bad'⟧\n    def make():\n        return Free(status=s)\n    return make()",
        _BAD,
    ),
    "method-of-self": _hit(
        "class H:\n    def state(self):\n        return ⟦'bad'⟧\n    def handle(self) -> Free:\n"
        "        return Free(status=self.state())",
        _BAD,
        calls=("H().handle()",),
        symbol="H.handle",
    ),
    "class-with-one-method": _hit(
        "class H:\n    def handle(self, cmd: Checks) -> Free:\n        return Free(status=⟦'bad'⟧)",
        _BAD,
        calls=("H().handle(Checks())",),
        symbol="H",
    ),
    "method-of-a-service": _hit(
        "class S:\n    def find(self) -> Free:\n        return Free(status=⟦'bad'⟧)\n"
        "def handler(s: S) -> Free:\n    return s.find()",
        _BAD,
        calls=("handler(S())",),
    ),
    "service-by-depends": _hit(
        "class S:\n    def find(self) -> Free:\n        return Free(status=⟦'bad'⟧)\n"
        "@router.get('/x')\ndef handler(s: Annotated[S, Depends(S)]) -> Free:\n    return s.find()",
        _BAD,
        calls=("handler(S())",),
    ),
    "attribute-of-self": _hit(
        "class S:\n    def find(self):\n        return ⟦'bad'⟧\nclass H:\n    def __init__(self, s: S) -> None:\n"
        "        self.s = s\n    def handle(self) -> Free:\n        return Free(status=self.s.find())",
        _BAD,
        calls=("H(S()).handle()",),
        symbol="H.handle",
    ),
    "static-method": _hit(
        "class S:\n    @staticmethod\n    def state(n):\n        return ⟦'bad'⟧\n"
        "def handler() -> Free:\n    return Free(status=S.state(1))",
        _BAD,
    ),
    "class-method": _hit(
        "class S:\n    @classmethod\n    def state(cls):\n        return ⟦'bad'⟧\n"
        "def handler() -> Free:\n    return Free(status=S.state())",
        _BAD,
    ),
    "classmethod-of-the-model": _hit(
        "class M(BaseModel):\n    status: str\n    @classmethod\n    def broken(cls):\n        return cls(status=⟦'bad'⟧)\n"
        "def handler() -> M:\n    return M.broken()",
        _BAD,
    ),
    "async": _hit(
        "async def make():\n    return ⟦'bad'⟧\nasync def handler() -> Free:\n    return Free(status=await make())",
        _BAD,
        calls=("await handler()",),
    ),
    "stream": _hit(
        "def handler() -> Iterator[Free]:\n    yield Free()\n    yield Free(status=⟦'bad'⟧)",
        _BAD,
        calls=("*handler()",),
    ),
    "except-arm": _hit(
        "def handler() -> Free:\n    try:\n        raise OSError\n    except OSError:\n        return Free(status=⟦'bad'⟧)\n"
        "    return Free()",
        _BAD,
    ),
    "finally": _hit(
        "def handler() -> Free:\n    f = Free()\n    try:\n        f.level = 1\n    finally:\n        f.status = ⟦'bad'⟧\n"
        "    return f",
        _BAD,
    ),
    "with": _hit(
        "import contextlib\ndef handler() -> Free:\n    f = Free()\n    with contextlib.nullcontext():\n"
        "        f.status = ⟦'bad'⟧\n    return f",
        _BAD,
    ),
    "stored-and-returned": _hit(
        "class Db:\n    pass\ndef handler(db: Any = None) -> Free:\n    f = Free()\n    f.status = ⟦'bad'⟧\n"
        "    if db:\n        db.add(f)\n        db.commit()\n    return f",
        _BAD,
    ),
    "from-a-repository": _hit(
        "def handler(repo: Any) -> Free:\n    f: Free = repo.get()\n    f.status = ⟦'bad'⟧\n    return f",
        _BAD,
        calls=("handler(type('R', (), {'get': staticmethod(Free)}))",),
    ),
    "parameter-changed": _hit(
        "def handler(f: Free) -> Free:\n    f.status = ⟦'bad'⟧\n    return f", _BAD, calls=("handler(Free())",)
    ),
    "parameter-default": _hit("def handler(s: str = ⟦'bad'⟧) -> Free:\n    return Free(status=s)", _BAD),
    "table": _hit(
        "TABLE = {1: 'ok', 2: ⟦'bad'⟧}\ndef handler(n: int = 2) -> Free:\n    return Free(status=TABLE[n])", _BAD
    ),
    "table-get": _hit(
        "TABLE = {'a': 'ok'}\ndef handler(n: str = 'z') -> Free:\n    return Free(status=TABLE.get(n, ⟦'bad'⟧))", _BAD
    ),
    "table-of-the-function": _hit(
        "def handler(n: str = 'b') -> Free:\n    return Free(status={'a': 'ok', 'b': ⟦'bad'⟧}[n])", _BAD
    ),
    "field-default": _hit(
        "class M(BaseModel):\n    status: Literal['ok'] = ⟦'bad'⟧  # type: ignore\ndef handler() -> M:\n    return M()",
        _BAD,
    ),
    "field-default-by-field": _hit(
        "class M(BaseModel):\n    status: Literal['ok'] = Field(⟦'bad'⟧, description='x')\ndef handler() -> M:\n    return M()",
        _BAD,
    ),
    "alias": _hit(
        "class M(BaseModel):\n    model_config = ConfigDict(populate_by_name=True)\n"
        "    the_status: str = Field('ok', alias='theStatus')\n"
        "def handler() -> M:\n    m = M(theStatus=⟦'bad'⟧)\n    return m",
        ("theStatus", "bad"),
    ),
    "alias-by-name": _hit(
        "class M(BaseModel):\n    model_config = ConfigDict(populate_by_name=True)\n"
        "    the_status: str = Field('ok', alias='theStatus')\n"
        "def handler() -> M:\n    return M(the_status=⟦'bad'⟧)",
        ("theStatus", "bad"),
    ),
    "serialization-alias": _hit(
        "class M(BaseModel):\n    s: str = Field('ok', serialization_alias='shown')\n"
        "def handler() -> M:\n    m = M()\n    m.s = ⟦'bad'⟧\n    return m",
        ("shown", "bad"),
    ),
    "inherited-field": _hit(
        "class M(Free):\n    more: int = 1\ndef handler() -> M:\n    return M(status=⟦'bad'⟧)", _BAD
    ),
    "optional": _hit("def handler() -> Optional[Free]:\n    return Free(status=⟦'bad'⟧)", _BAD),
    "union": _hit("def handler() -> Free | Checks:\n    return Free(status=⟦'bad'⟧)", _BAD),
    "generic": _hit(
        "T = TypeVar('T')\nclass Page(BaseModel, Generic[T]):\n    items: list[T]\n"
        "def handler() -> Page[Free]:\n    return Page[Free](items=[Free(status=⟦'bad'⟧)])",
        ("items.[].status", "bad"),
    ),
    "scalar-returned": _hit("def handler() -> Literal['ok']:\n    return ⟦'bad'⟧  # type: ignore", ("", "bad")),
    "json-response": _hit(
        "@router.get('/x', response_model=Free)\ndef handler():\n    return JSONResponse({'status': ⟦'bad'⟧})", _BAD
    ),
    "encoded": _hit(
        "@router.get('/x', response_model=Free)\ndef handler():\n    return jsonable_encoder({'status': ⟦'bad'⟧})", _BAD
    ),
    "dumped": _hit(
        "@router.get('/x', response_model=Free)\ndef handler():\n    return Free(status=⟦'bad'⟧).model_dump()", _BAD
    ),
    "validated-from-a-dict": _hit("def handler() -> Free:\n    return Free.model_validate({'status': ⟦'bad'⟧})", _BAD),
    "copied": _hit(
        "def handler() -> Free:\n    f = Free()\n    g = copy.copy(f)\n    g.status = ⟦'bad'⟧\n    return g", _BAD
    ),
    "lower-case": _hit("def handler() -> Free:\n    return Free(status=⟦'BAD'⟧.lower())", _BAD),
    "computed-field": _hit(
        "class M(BaseModel):\n    @computed_field\n    @property\n    def status(self) -> Literal['ok']:\n"
        "        return ⟦'bad'⟧  # type: ignore\ndef handler() -> M:\n    return M()",
        _BAD,
    ),
    "guarded-by-something-else": _hit(
        "def handler(admin: bool = True) -> Free:\n    s = ⟦'bad'⟧\n    if not admin:\n        raise ValueError\n"
        "    return Free(status=s)",
        _BAD,
    ),
    "test-that-lets-it-through": _hit(
        "def handler(n: int = 1) -> Free:\n    s = ⟦'bad'⟧ if n else 'ok'\n    if s == 'ok':\n        return Free()\n"
        "    return Free(status=s)",
        _BAD,
    ),
    "raised-and-caught": _hit(
        "def handler(n: int = 1) -> Free:\n    f = Free()\n    try:\n        if n:\n            f.status = ⟦'bad'⟧\n"
        "            raise OSError\n    except OSError:\n        pass\n    return f",
        _BAD,
    ),
    "closure-over-a-parameter": _hit(
        "def handler() -> Free:\n    def make(s):\n        return Free(status=s)\n    return make(⟦'bad'⟧)", _BAD
    ),
    "and": _hit("def handler(n: int = 1) -> str:\n    return str(n) and ⟦'bad'⟧", ("", "bad")),
    "default-written": _hit(
        "class M(BaseModel):\n    status: Literal['ok'] = ⟦'bad'⟧  # type: ignore\n"
        "@router.get('/x', response_model_exclude_unset=False)\ndef handler() -> M:\n    return M()",
        _BAD,
    ),
    "added-route": _hit(
        "def handler():\n    return {'status': ⟦'bad'⟧}\nrouter.add_api_route('/x', handler, response_model=Free)", _BAD
    ),
    "no-validation-by-dataclass-field": _hit(
        "def handler() -> Report:\n    r = Report()\n    r.level = ⟦'many'⟧  # type: ignore\n    return r",
        ("level", "many"),
    ),
    "non-ascii-before": _hit("def handler() -> Free:\n    return 'żółć' and Free(status=⟦'bad'⟧)", _BAD),
}

MISSES = {
    "overwritten": _miss(
        "def handler() -> Health:\n    h = Health()\n    h.status = 'bad'\n    h.status = 'ok'\n    return h", "bad"
    ),
    "overwritten-name": _miss("def handler() -> Free:\n    s = 'bad'\n    s = 'ok'\n    return Free(status=s)", "bad"),
    "overwritten-in-both-arms": _miss(
        "def handler(a: bool = True) -> Free:\n    s = 'bad'\n    if a:\n        s = 'ok'\n    else:\n        s = 'degraded'\n"
        "    return Free(status=s)",
        "bad",
        calls=("handler()", "handler(False)"),
    ),
    "overwritten-key": _miss(
        "def handler() -> dict[str, str]:\n    d = {'status': 'bad'}\n    d['status'] = 'ok'\n    return d", "bad"
    ),
    "overwritten-by-merge": _miss(
        "def handler() -> dict[str, str]:\n    d = {'status': 'bad'}\n    return {**d, 'status': 'ok'}", "bad"
    ),
    "overwritten-by-copy": _miss(
        "def handler() -> Free:\n    f = Free(status='bad')\n    return f.model_copy(update={'status': 'ok'})", "bad"
    ),
    "popped-key": _miss(
        "def handler() -> dict[str, str]:\n    d = {'status': 'bad', 'a': 'ok'}\n    d.pop('status')\n    return d",
        "bad",
    ),
    "dead-if-false": _miss(
        "def handler() -> Free:\n    f = Free()\n    if False:\n        f.status = 'bad'\n    return f", "bad"
    ),
    "dead-type-checking": _miss(
        "def handler() -> Free:\n    f = Free()\n    if TYPE_CHECKING:\n        f.status = 'bad'\n    return f", "bad"
    ),
    "dead-else-of-true": _miss(
        "def handler() -> Free:\n    if True:\n        return Free()\n    else:\n        return Free(status='bad')",
        "bad",
    ),
    "dead-behind-return": _miss("def handler() -> Free:\n    return Free()\n    return Free(status='bad')", "bad"),
    "dead-behind-raise": _miss(
        "def handler() -> Free:\n    if False:\n        raise ValueError\n    return Free()\n    return Free(status='bad')",
        "bad",
    ),
    "dead-by-a-constant": _miss(
        "DEBUG = False\ndef handler() -> Free:\n    f = Free()\n    if DEBUG:\n        f.status = 'bad'\n    return f",
        "bad",
    ),
    "dead-by-a-local": _miss(
        "def handler() -> Free:\n    debug = False\n    f = Free()\n    if debug:\n        f.status = 'bad'\n    return f",
        "bad",
    ),
    "dead-conditional": _miss("def handler() -> Free:\n    return Free(status='bad' if False else 'ok')", "bad"),
    "dead-or": _miss("def handler() -> Free:\n    return Free(status='ok' or 'bad')", "bad"),
    "dead-and": _miss("def handler() -> Free:\n    return Free(status='bad' and 'ok')", "bad"),
    "dead-while": _miss(
        "def handler() -> Free:\n    f = Free()\n    while False:\n        f.status = 'bad'\n    return f", "bad"
    ),
    "endless-loop": _miss(
        "def handler(n: int = 0) -> Free:\n    while True:\n        if n == 0:\n            return Free()\n"
        "    return Free(status='bad')",
        "bad",
    ),
    "never-called": _miss(
        "def make():\n    return Free(status='bad')\ndef handler() -> Free:\n    return Free()", "bad"
    ),
    "inner-function-never-called": _miss(
        "def handler() -> Free:\n    def make():\n        return Free(status='bad')\n    return Free()", "bad"
    ),
    "not-returned": _miss(
        "def handler() -> Free:\n    other = Free(status='bad')\n    print(other)\n    return Free()", "bad"
    ),
    "other-class-same-attribute": _miss(
        "class Audit(BaseModel):\n    status: str = 'ok'\ndef handler() -> Health:\n    a = Audit()\n    a.status = 'bad'\n"
        "    return Health()",
        "bad",
    ),
    "other-object-same-class": _miss(
        "def handler() -> Free:\n    a = Free()\n    b = Free()\n    a.status = 'bad'\n    return b", "bad"
    ),
    "copied-before": _miss(
        "def handler() -> Free:\n    a = Free()\n    b = a.model_copy()\n    a.status = 'bad'\n    return b", "bad"
    ),
    "raised": _miss(
        "def handler(n: int = 1) -> Free:\n    f = Free()\n    if n > 1:\n        f.status = 'bad'\n        raise ValueError\n"
        "    return f",
        "bad",
    ),
    "raised-by-a-helper": _miss(
        "def fail() -> NoReturn:\n    raise ValueError\ndef handler(n: int = 1) -> Free:\n    s = 'ok'\n    if n > 1:\n"
        "        s = 'bad'\n        fail()\n    return Free(status=s)",
        "bad",
    ),
    "exit": _miss(
        "import sys\ndef handler(n: int = 1) -> Free:\n    s = 'ok'\n    if n > 1:\n        s = 'bad'\n        sys.exit()\n"
        "    return Free(status=s)",
        "bad",
    ),
    "guard-raises": _miss(
        "def handler(n: int = 0) -> Free:\n    s = 'bad' if n else 'ok'\n    if s == 'bad':\n        raise ValueError\n"
        "    return Free(status=s)",
        "bad",
    ),
    "guard-replaces": _miss(
        "def handler(n: int = 1) -> Free:\n    s = 'bad' if n else 'ok'\n    if s not in ('ok', 'degraded'):\n        s = 'ok'\n"
        "    return Free(status=s)",
        "bad",
    ),
    "guard-by-a-table": _miss(
        "ALLOWED = frozenset({'ok'})\ndef handler(n: int = 1) -> Free:\n    s = 'bad' if n else 'ok'\n"
        "    return Free(status=s if s in ALLOWED else 'ok')",
        "bad",
    ),
    "guard-on-the-attribute": _miss(
        "def handler(n: int = 1) -> Free:\n    f = Free()\n    if n:\n        f.status = 'bad'\n    if f.status == 'bad':\n"
        "        f.status = 'ok'\n    return f",
        "bad",
    ),
    "guard-by-a-call": _miss(
        "def handler(check: Any, n: int = 1) -> Free:\n    s = 'bad' if n else 'ok'\n    if not check(s):\n        return Free()\n"
        "    return Free(status=s)",
        "bad",
        calls=("handler(lambda s: s == 'ok')",),
    ),
    "guard-by-assert": _miss(
        "def handler(n: int = 0) -> Free:\n    s = 'bad' if n else 'ok'\n    assert s != 'bad'\n    return Free(status=s)",
        "bad",
    ),
    "guard-by-match": _miss(
        "def handler(n: int = 1) -> Free:\n    s = 'bad' if n else 'ok'\n    match s:\n        case 'bad':\n"
        "            return Free()\n        case _:\n            return Free(status=s)",
        "bad",
    ),
    "same-test-twice": _miss(
        "def handler(n: int = 1) -> Free:\n    s = 'ok'\n    if n:\n        s = 'bad'\n    if n:\n        s = 'ok'\n"
        "    return Free(status=s)",
        "bad",
        calls=("handler(0)", "handler(1)"),
    ),
    "same-test-turned-around": _miss(
        "def handler(n: int = 1) -> Free:\n    f = Free()\n    if n:\n        f.status = 'bad'\n    if not n:\n        return f\n"
        "    return Free()",
        "bad",
        calls=("handler(0)", "handler(1)"),
    ),
    "validator-normalises": _miss(
        "class M(BaseModel):\n    status: str\n    @field_validator('status')\n    @classmethod\n    def low(cls, v: str) -> str:\n"
        "        return v.lower()\ndef handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "validator-before": _miss(
        "class M(BaseModel):\n    status: Literal['ok']\n    @field_validator('status', mode='before')\n    @classmethod\n"
        "    def fix(cls, v: str) -> str:\n        return 'ok'\ndef handler() -> M:\n    return M(status='bad')",
        "bad",
    ),
    "validator-of-all-fields": _miss(
        "class M(BaseModel):\n    status: str\n    @field_validator('*')\n    @classmethod\n    def low(cls, v: str) -> str:\n"
        "        return v.lower()\ndef handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "validator-of-a-base": _miss(
        "class B(BaseModel):\n    @field_validator('status', check_fields=False)\n    @classmethod\n"
        "    def low(cls, v: str) -> str:\n        return v.lower()\nclass M(B):\n    status: str\n"
        "def handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "validator-in-annotated": _miss(
        "Low = Annotated[str, AfterValidator(str.lower)]\nclass M(BaseModel):\n    status: Low\n"
        "def handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "model-validator": _miss(
        "class M(BaseModel):\n    status: str\n    @model_validator(mode='after')\n    def fix(self):\n        self.status = 'ok'\n"
        "        return self\ndef handler() -> M:\n    return M(status='bad')",
        "bad",
    ),
    "lower-case-by-config": _miss(
        "class M(BaseModel):\n    model_config = ConfigDict(str_to_lower=True)\n    status: str\n"
        "def handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "stripped-by-config": _miss(
        "class M(BaseModel):\n    model_config = ConfigDict(str_strip_whitespace=True)\n    status: str\n"
        "def handler() -> M:\n    return M(status=' bad ')",
        " bad ",
    ),
    "assignment-validated": _miss(
        "class M(BaseModel):\n    model_config = ConfigDict(validate_assignment=True)\n    status: str = 'ok'\n"
        "    @field_validator('status')\n    @classmethod\n    def low(cls, v: str) -> str:\n        return v.lower()\n"
        "def handler() -> M:\n    m = M()\n    m.status = 'BAD'\n    return m",
        "BAD",
    ),
    "own-init": _miss(
        "class M(BaseModel):\n    status: str = 'ok'\n    def __init__(self, **data: Any) -> None:\n"
        "        super().__init__(status='ok')\ndef handler() -> M:\n    return M(status='bad')",
        "bad",
    ),
    "post-init": _miss(
        "@dataclasses.dataclass\nclass R:\n    status: str = 'ok'\n    def __post_init__(self) -> None:\n"
        "        self.status = 'ok'\ndef handler() -> R:\n    return R(status='bad')",
        "bad",
    ),
    "model-post-init": _miss(
        "class M(BaseModel):\n    status: str = 'ok'\n    def model_post_init(self, context: Any) -> None:\n"
        "        self.status = 'ok'\ndef handler() -> M:\n    return M(status='bad')",
        "bad",
    ),
    "serializer": _miss(
        "class M(BaseModel):\n    status: str = 'ok'\n    @field_serializer('status')\n    def low(self, v: str) -> str:\n"
        "        return v.lower()\ndef handler() -> M:\n    return M(status='BAD')",
        "BAD",
    ),
    "excluded-field": _miss(
        "class M(BaseModel):\n    status: str = Field('ok', exclude=True)\ndef handler() -> M:\n    return M(status='bad')",
        "bad",
    ),
    "private-attribute": _miss(
        "class M(BaseModel):\n    _status: str = 'ok'\n    def __init__(self) -> None:\n        super().__init__()\n"
        "        self._status = 'bad'\ndef handler() -> M:\n    return M()",
        "bad",
    ),
    "unknown-keyword": _miss("def handler() -> Free:\n    return Free(state='bad')  # type: ignore", "bad"),
    "name-is-no-keyword": _miss(
        "class M(BaseModel):\n    the_status: str = Field('ok', alias='theStatus')\n"
        "def handler() -> M:\n    return M(the_status='bad')",
        "bad",
    ),
    "field-of-no-response-model": _miss(
        "class Wide(Free):\n    secret: str = 'ok'\n@router.get('/x', response_model=Free)\n"
        "def handler():\n    return Wide(secret='bad')",
        "bad",
    ),
    "key-of-no-response-model": _miss(
        "@router.get('/x', response_model=Free)\ndef handler():\n    return {'status': 'ok', 'secret': 'bad'}", "bad"
    ),
    "converted": _miss("@router.get('/x', response_model=Free)\ndef handler():\n    return {'level': '7'}", "7"),
    "converted-by-the-model": _miss("def handler() -> Free:\n    return Free(level='7')  # type: ignore", "7"),
    "error-response": _miss(
        "@router.get('/x', response_model=Free)\ndef handler(n: int = 0):\n    if n:\n"
        "        return JSONResponse({'status': 'bad'}, status_code=503)\n    return Free()",
        "bad",
    ),
    "changed-by-unknown-code": _miss(
        "def handler(fix: Any) -> Free:\n    f = Free(status='bad')\n    fix(f)\n    return f",
        "bad",
        calls=("handler(lambda f: setattr(f, 'status', 'ok'))",),
    ),
    "changed-by-its-own-method": _miss(
        "class M(BaseModel):\n    status: str = 'ok'\n    def fix(self) -> None:\n        self.status = 'ok'\n"
        "def handler() -> M:\n    m = M(status='bad')\n    m.fix()\n    return m",
        "bad",
    ),
    "changed-through-a-list": _miss(
        "def handler() -> Free:\n    f = Free(status='bad')\n    for one in [f]:\n        one.status = 'ok'\n    return f",
        "bad",
    ),
    "changed-through-two": _miss(
        "def handler() -> Free:\n    f, g = Free(status='bad'), Free()\n    both = [f, g]\n    for one in both:\n"
        "        one.status = 'ok'\n    return f",
        "bad",
    ),
    "returned-by-another-way-of-a-helper": _miss(
        "def make(n: int) -> Free:\n    f = Free()\n    if n:\n        f.status = 'bad'\n    if not n:\n        return f\n"
        "    return Free()\ndef handler(n: int = 1) -> Free:\n    return make(n)",
        "bad",
        calls=("handler(0)", "handler(1)"),
    ),
    "closure-sees-later": _miss(
        "def handler(n: int = 1) -> Free:\n    s = 'bad'\n    def make() -> Free:\n        return Free(status=s)\n"
        "    if n:\n        s = 'ok'\n    else:\n        s = 'degraded'\n    return make()",
        "bad",
        calls=("handler()", "handler(0)"),
    ),
    "closure-elsewhere-sees-later": _miss(
        "def run(f: Any) -> Any:\n    return f()\ndef handler() -> Free:\n    s = 'bad'\n    make = lambda: Free(status=s)\n"
        "    s = 'ok'\n    return run(make)",
        "bad",
    ),
    "nonlocal": _miss(
        "def handler() -> Free:\n    s = 'bad'\n    def fix() -> None:\n        nonlocal s\n        s = 'ok'\n    fix()\n"
        "    return Free(status=s)",
        "bad",
    ),
    "callback-changes": _miss(
        "def handler(run: Any) -> Free:\n    f = Free(status='bad')\n    def fix() -> None:\n        f.status = 'ok'\n"
        "    run(fix)\n    return f",
        "bad",
        calls=("handler(lambda f: f())",),
    ),
    "list-copied-by-the-model": _miss(
        "def handler() -> Health:\n    found: list[Checks] = []\n    h = Health(history=found)\n"
        "    found.append(Checks.model_construct(database='bad'))\n    return h",
        "bad",
    ),
    "guard-by-and": _miss(
        "def handler(n: int = 1) -> Free:\n    s = 'bad' if n else 'ok'\n"
        "    return s == 'ok' and Free(status=s) or Free()",
        "bad",
        calls=("handler()", "handler(0)"),
    ),
    "filtered-by-a-comprehension": _miss(
        "def handler() -> list[Free]:\n    return [Free(status=s) for s in ('ok', 'bad') if s == 'ok']", "bad"
    ),
    "cannot-fail": _miss(
        "def handler() -> Free:\n    f = Free()\n    try:\n        f.status = 'bad'\n        f.status = 'ok'\n"
        "    except OSError:\n        return f\n    return f",
        "bad",
    ),
    "default-left-out": _miss(
        "class M(BaseModel):\n    status: str = 'bad'\n@router.get('/x', response_model_exclude_unset=True)\n"
        "def handler() -> M:\n    return M()",
        "bad",
    ),
    "passed-through-unknown-code": _miss(
        "def handler(f: Any) -> Free:\n    return Free(status=f('bad'))", "bad", calls=("handler(lambda s: 'ok')",)
    ),
    "decorated-helper": _miss(
        "def fixed(f: Any) -> Any:\n    return lambda: 'ok'\n@fixed\ndef make() -> str:\n    return 'bad'\n"
        "def handler() -> Free:\n    return Free(status=make())",
        "bad",
    ),
    "decorated-handler": _miss(
        "def fixed(f: Any) -> Any:\n    def inner() -> Free:\n        return Free()\n    return inner\n"
        "@fixed\ndef handler() -> Free:\n    return Free(status='bad')",
        "bad",
    ),
    "global-changed": _miss(
        "STATE = 'bad'\ndef fix() -> None:\n    global STATE\n    STATE = 'ok'\n"
        "def handler() -> Free:\n    fix()\n    return Free(status=STATE)",
        "bad",
    ),
    "table-changed": _miss(
        "TABLE = {'a': 'bad'}\ndef handler() -> Free:\n    TABLE['a'] = 'ok'\n    return Free(status=TABLE['a'])", "bad"
    ),
    "table-other-key": _miss(
        "TABLE = {'a': 'ok', 'b': 'bad'}\ndef handler() -> Free:\n    return Free(status=TABLE['a'])", "bad"
    ),
    "table-get-hit": _miss(
        "TABLE = {'a': 'ok'}\ndef handler() -> Free:\n    return Free(status=TABLE.get('a', 'bad'))", "bad"
    ),
    "shadowed-class": _miss(
        "def handler(Free: Any = Free) -> Health:\n    Free(status='bad')\n    return Health()", "bad"
    ),
    "shadowed-name": _miss("BAD = 'bad'\ndef handler() -> Free:\n    BAD = 'ok'\n    return Free(status=BAD)", "bad"),
    "argument-given": _miss(
        "def make(s: str = 'bad') -> Free:\n    return Free(status=s)\ndef handler() -> Free:\n    return make('ok')",
        "bad",
    ),
    "argument-decides": _miss(
        "def make(broken: bool) -> str:\n    if broken:\n        return 'bad'\n    return 'ok'\n"
        "def handler() -> Free:\n    return Free(status=make(False))",
        "bad",
    ),
    "default-not-used": _miss(
        "class M(BaseModel):\n    status: str = 'bad'\ndef handler() -> M:\n    return M(status='ok')", "bad"
    ),
    "abstract-method": _miss(
        "import abc\nclass S(abc.ABC):\n    @abc.abstractmethod\n    def find(self) -> str:\n        return 'bad'\n"
        "class T(S):\n    def find(self) -> str:\n        return 'ok'\n"
        "def handler(s: S) -> Free:\n    return Free(status=s.find())",
        "bad",
        calls=("handler(T())",),
    ),
    "overridden-method": _miss(
        "class S:\n    def find(self) -> str:\n        return 'bad'\nclass T(S):\n    def find(self) -> str:\n        return 'ok'\n"
        "def handler() -> Free:\n    return Free(status=T().find())",
        "bad",
    ),
    "cleared-list": _miss(
        "def handler() -> list[Free]:\n    out = [Free(status='bad')]\n    out.clear()\n    return out", "bad"
    ),
    "formatted": _miss("def handler(n: int = 1) -> Free:\n    return Free(status=f'bad {n}')", "bad", "bad "),
    "excluded-by-the-route": _miss(
        "@router.get('/x', response_model=Free, response_model_exclude={'status'})\n"
        "def handler():\n    return Free(status='bad')",
        "bad",
    ),
    "returns-in-finally": _miss(
        "def handler() -> Free:\n    try:\n        return Free(status='bad')\n    finally:\n        return Free()",
        "bad",
    ),
}

"""A project of 500 contracts, each with code of its own: routes, models, enums, generics, aliases, nested documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CONTRACTS", "write_project"]

CONTRACTS = 500

_SHARED = '''"""What all services share."""

from __future__ import annotations

from enum import Enum
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

T = TypeVar("T")
Severity = Literal["info", "warning", "error"]


class State(str, Enum):
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class ApiModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Notice(ApiModel):
    severity: Severity
    text: str
    related_ids: list[int] = []


class Page(ApiModel, Generic[T]):
    items: list[T]
    next_page: int | None = None
'''
_HEADER = '''"""One service."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from services.shared import ApiModel, Notice, Page, State

router = APIRouter()
'''
_COMMAND = """

class Create{n}(ApiModel):
    unit_kind: Annotated[Literal["pump", "valve", "sensor"], Field(description="what it is")]
    priority: Literal["low", "normal", "high"] = "normal"
    note_text: str | None = None


class Created{n}(ApiModel):
    outcome: Literal["created", "exists"]
    item_id: int
    notices: list[Notice] = Field(default_factory=list)


@router.post("/items/{n}", response_model=Created{n})
def create_{n}(body: Create{n}) -> Created{n}:
    outcome: Literal["created", "exists"] = "created" if body.note_text is None else "exists"
    return Created{n}(outcome=outcome, item_id={n})
"""
_QUERY = """

class Item{n}(ApiModel):
    item_id: int
    state: State
    unit_kind: Literal["pump", "valve", "sensor"]
    notices: list[Notice] = Field(default_factory=list)
    labels: dict[str, str] | None = None


@router.get("/items/{n}")
def list_{n}() -> Page[Item{n}]:
    return Page[Item{n}](items=[])
"""
_EVENT = """

class Changed{n}(ApiModel):
    state: State
    severity: Literal["info", "warning", "error"]


def changed_{n}(failed: bool) -> Changed{n}:
    return Changed{n}(state=State.OPEN, severity="error" if failed else "info")
"""
_STATES = ["open", "closed", "archived"]
_UNITS = ["pump", "valve", "sensor"]
_SEVERITIES = ["info", "warning", "error"]


def write_project(root: Path, modules: int, contracts: int = CONTRACTS) -> None:
    """Write contracts and this many modules, which share them evenly."""
    services = root / "services"
    services.mkdir(parents=True)
    (services / "__init__.py").touch()
    (services / "shared.py").write_text(_SHARED)
    for module in range(modules):
        numbers = range(module, contracts, modules)
        text = _HEADER + "".join(_KINDS[number % 3][0].format(n=number) for number in numbers)
        (services / f"service_{module}.py").write_text(text)
    for number in range(contracts):
        _write_contract(root / "contracts", number, f"services/service_{number % modules}.py")


def _write_contract(folder: Path, number: int, path: str) -> None:
    _, kind, describe = _KINDS[number % 3]
    contract = describe(number, path)
    place = folder / f"group_{number % 20}" / f"thing_{number}.{kind}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(contract, indent=2) + "\n")


def _notices() -> dict[str, Any]:
    notice = {"severity": {"type": "string", "enum": _SEVERITIES}, "text": {"type": "string"}}
    return {"type": "array", "items": {"type": "object", "properties": notice}}


def _item() -> dict[str, Any]:
    return {
        "itemId": {"type": "integer"},
        "state": {"type": "string", "enum": _STATES},
        "unitKind": {"type": "string", "enum": _UNITS},
        "notices": _notices(),
    }


def _command(number: int, path: str) -> dict[str, Any]:
    return {
        "command": f"Create{number}",
        "kind": "CQRS_COMMAND",
        "version": "1.0.0",
        "module": f"service-{number % 20}",
        "description": "Create a thing",
        "input": {
            "unitKind": {"type": "string", "required": True, "enum": _UNITS},
            "priority": {"type": "string", "enum": ["low", "normal", "high"]},
        },
        "output": {
            "outcome": {"type": "string", "enum": ["created", "exists"]},
            "itemId": {"type": "integer"},
            "notices": _notices(),
        },
        "transport": {"http": {"method": "POST", "endpoint": f"/items/{number}"}},
        "layers": {"python": f"{path}::create_{number}"},
        "events": {"success": f"Changed{number}"},
    }


def _query(number: int, path: str) -> dict[str, Any]:
    return {
        "query": f"List{number}",
        "kind": "CQRS_QUERY",
        "version": "1.0.0",
        "module": f"service-{number % 20}",
        "description": "List things",
        "input": {},
        "output": {"items": {"type": "array", "items": {"type": "object", "properties": _item()}}},
        "transport": {"http": {"method": "GET", "endpoint": f"/items/{number}"}},
        "layers": {"python": f"{path}::list_{number}"},
    }


def _event(number: int, path: str) -> dict[str, Any]:
    return {
        "event": f"Changed{number}",
        "kind": "DOMAIN_EVENT",
        "version": "1.0.0",
        "module": f"service-{number % 20}",
        "description": "A thing changed",
        "payload": {
            "state": {"type": "string", "enum": _STATES},
            "severity": {"type": "string", "enum": _SEVERITIES},
        },
        "producers": {"service": f"service-{number % 20}"},
        "consumers": {"service": "dashboard"},
        "layers": {"python": f"{path}::Changed{number}"},
    }


_KINDS = ((_COMMAND, "command", _command), (_QUERY, "query", _query), (_EVENT, "event", _event))
"""The code, the kind and the contract that belong together."""

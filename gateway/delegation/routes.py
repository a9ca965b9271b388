"""`/delegation/parity`, and the way to move a slice to another phase."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from gateway.delegation.cutover import Change
from gateway.delegation.parity import ratio_of
from gateway.routes.direct import DirectRoute
from protogate.cqrs.errors import DataError
from protogate.http.problems import MalformedBodyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Scope

    from gateway.delegation.cutover import Bar, CutOver
    from gateway.delegation.parity import FieldParity, RouteParity, SliceParity
    from gateway.delegation.phases import Standing

__all__ = ["delegation_router", "parity_document"]

_LARGEST: Final = 16 * 1024
"""Bytes of a body."""
_EXAMPLES: Final = 5
_PHASE_MEMBERS: Final[Mapping[str, tuple[type, ...]]] = {
    "phase": (str,),
    "percent": (int, float),
    "force": (bool,),
    "reason": (str,),
}


def delegation_router(cut_over: CutOver, check: Callable[[Scope, str, str], None]) -> APIRouter:
    """Serve parity and changes of phases.

    Args:
        cut_over: changes phases.
        check: refuses who may not `read` or `write` in the area `delegation`, given the scope of the request.
    """
    router = APIRouter(route_class=DirectRoute)
    ends = _Endpoints(cut_over, check)
    router.add_api_route(
        "/delegation/parity",
        ends.parity,
        methods=["GET"],
        summary="Says how often slices answer as the legacy application does, and where they do not.",
        operation_id="delegation_parity",
        response_model=None,
        openapi_extra={
            "tags": ["delegation"],
            "parameters": [_parameter(name) for name in _FILTERS],
            "responses": _problems(
                {"400": "A filter that is not known, or no number", "404": "There is no such slice"}
            ),
        },
    )
    router.add_api_route(
        "/delegation/slices/{name}/phase",
        ends.change,
        methods=["POST"],
        summary="Moves a slice to another phase; refuses to give it callers while parity is low.",
        operation_id="delegation_change_phase",
        response_model=None,
        openapi_extra=_CHANGE,
    )
    return router


def parity_document(parity: SliceParity, standing: Standing, bar: Bar, filters: Mapping[str, str]) -> dict[str, Any]:
    """Say of a slice how alike the answers are; filters leave out routes and fields, never counts."""
    wanted = filters.get("route", "")
    examples = int(filters.get("examples", _EXAMPLES))
    return {
        "name": parity.slice,
        "phase": standing.phase,
        "percent": standing.percent,
        "changed_us": standing.changed_us or None,
        "compared": parity.compared,
        "matched": parity.matched,
        "ratio": parity.ratio,
        "ready": bar.is_reached(parity),
        "routes": [
            _route(route, filters.get("path", ""), examples)
            for route in parity.routes
            if not wanted or wanted in route.route
        ],
    }


def _route(route: RouteParity, path: str, examples: int) -> dict[str, Any]:
    return {
        "route": route.route,
        "compared": route.compared,
        "matched": route.matched,
        "ratio": ratio_of(route.matched, route.compared),
        "skipped": route.skipped,
        "fields": [_field(field, examples) for field in route.fields if field.path.startswith(path)],
    }


def _field(field: FieldParity, examples: int) -> dict[str, Any]:
    return {
        "path": field.path,
        "kind": field.kind,
        "count": field.times,
        "last_us": field.last_us,
        "examples": [one._asdict() for one in field.examples[:examples]],
    }


class _Endpoints:
    def __init__(self, cut_over: CutOver, check: Callable[[Scope, str, str], None]) -> None:
        self._cut_over = cut_over
        self._check = check

    async def parity(self, request: Request) -> Response:
        self._check(request.scope, "delegation", "read")
        filters = dict(request.query_params)
        unknown = sorted(filters.keys() - _FILTERS.keys())
        if unknown:
            raise HTTPException(400, f"{unknown[0]!r} is no filter; use one of {', '.join(_FILTERS)}")
        examples = filters.get("examples", "0")
        if not (examples.isascii() and len(examples) == 1 and examples.isdigit() and int(examples) <= _EXAMPLES):
            raise HTTPException(400, f"examples {examples[:20]!r}: use a number from 0 to {_EXAMPLES}")
        phases = self._cut_over.phases
        names = [name for name in phases.names() if filters.get("slice", name) == name]
        if not names:
            raise HTTPException(404, f"Delegated slice {filters.get('slice', '')[:40]!r} not found")
        return Response(
            orjson.dumps(await asyncio.to_thread(self._read, names, filters)), media_type="application/json"
        )

    def _read(self, names: list[str], filters: Mapping[str, str]) -> dict[str, Any]:
        found = []
        for name in names:
            standing = self._cut_over.phases.get(name)
            if standing is not None:
                parity = self._cut_over.parity.read(name, standing.window)
                found.append(parity_document(parity, standing, self._cut_over.bar, filters))
        bar = self._cut_over.bar
        return {
            "threshold": bar.ratio,
            "comparisons": bar.comparisons,
            "lost": self._cut_over.parity.lost,
            "slices": found,
        }

    async def change(self, request: Request) -> Response:
        self._check(request.scope, "delegation", "write")
        wanted = _change_of(await _document(request))
        actor = str(getattr(request.state, "principal", "") or "")
        after = await self._cut_over.change(request.path_params["name"], wanted._replace(actor=actor))
        document = {
            "name": request.path_params["name"],
            "phase": after.phase,
            "percent": after.percent,
            "version": after.version,
        }
        return Response(orjson.dumps(document), media_type="application/json")


async def _document(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise HTTPException(413, f"The body has more than {_LARGEST} bytes.")
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"The body is said to be {kind[:60]!r}; send application/json.")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBodyError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    if not isinstance(document, dict):
        raise MalformedBodyError("the body is no JSON object")
    return document


def _change_of(document: Mapping[str, Any]) -> Change:
    for name, value in document.items():
        types = _PHASE_MEMBERS.get(name)
        if types is None:
            raise DataError(f"{name[:40]!r} is not known; use some of {', '.join(_PHASE_MEMBERS)}")
        # A boolean is an int to Python, and to nobody else.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise DataError(f"{name}: is no {types[-1].__name__}")
    if "phase" not in document:
        raise DataError("phase: is missing")
    return Change(document["phase"], document.get("percent"), document.get("force", False), document.get("reason", ""))


_FILTERS: Final[Mapping[str, str]] = {
    "slice": "only this slice",
    "route": "only routes with this text in them",
    "path": "only fields whose path begins so",
    "examples": "how many examples of each field, 5 at most",
}


def _parameter(name: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": _EXAMPLES} if name == "examples" else {"type": "string"}
    return {"name": name, "in": "query", "required": False, "description": _FILTERS[name], "schema": schema}


_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _problems(said: Mapping[str, str]) -> dict[str, Any]:
    return {status: {"description": text, "content": _PROBLEM} for status, text in said.items()}


_CHANGE: Final[dict[str, Any]] = {
    "tags": ["delegation"],
    "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["phase"],
                    "additionalProperties": False,
                    "properties": {
                        "phase": {"enum": ["planned", "phase-1", "phase-2", "live"]},
                        "percent": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
                        "force": {"type": "boolean"},
                        "reason": {"type": "string", "maxLength": 500},
                    },
                }
            }
        },
    },
    "responses": _problems(
        {
            "400": "The body is no JSON object",
            "403": "The token may not change delegation",
            "404": "There is no such slice",
            "409": "Parity is too low, or somebody else has just changed the phase",
            "413": "The body is too large",
            "415": "The body must be JSON",
            "422": "No such phase, or a share that cannot be",
            "503": "The change could not be recorded",
        }
    ),
}

"""Probes, and what health and delegation of slices look like from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from gateway.routes.direct import DirectRoute
from protogate.http.problems import Problem, problem_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.health import Health, Readiness, SliceHealth
    from protogate.slices import DelegatedSlice

__all__ = ["health_router"]

_JSON: Final = "application/json"


def health_router(health: Health, readiness: Readiness, position: Callable[[], Awaitable[int]]) -> APIRouter:
    """Serve `/health...`, `/delegation/slices...`, `/livez` and `/readyz`."""
    router = APIRouter(route_class=DirectRoute)
    ends = _Endpoints(health, readiness, position)
    for path, endpoint, summary in (
        ("/health", ends.health, "Says how many slices have all they need."),
        ("/health/modules", ends.health_modules, "Says of each slice whether it has all it needs."),
        ("/health/modules/{name}", ends.health_module, "Says what a slice has and what it lacks."),
        ("/delegation/slices", ends.delegated_slices, "Lists the slices."),
        ("/delegation/slices/{name}", ends.delegated_slice, "Describes a slice."),
        ("/livez", ends.livez, "Says that the process lives."),
        ("/readyz", ends.readyz, "Says whether the process should get requests."),
    ):
        router.add_api_route(
            path,
            endpoint,
            methods=["GET"],
            summary=summary,
            operation_id=endpoint.__name__,
            response_model=None,
            openapi_extra=_described(path),
        )
    return router


class _Endpoints:
    def __init__(self, health: Health, readiness: Readiness, position: Callable[[], Awaitable[int]]) -> None:
        self._health = health
        self._readiness = readiness
        self._position = position

    async def health(self, _: Request) -> Response:
        found = await self._health.of_all()
        ok, total = _ok(found), len(found)
        modules = {"total": total, "ok": ok, "degraded": total - ok}
        return _json({"status": _status(found), "modules": modules, "position": await self._position()})

    async def health_modules(self, _: Request) -> Response:
        found = await self._health.of_all()
        ok, total = _ok(found), len(found)
        return _json(
            {
                "status": _status(found),
                "module_count": total,
                "ok_count": ok,
                "degraded_count": total - ok,
                "slices": self._summaries(found),
            }
        )

    async def health_module(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._health.slices:
            return _unknown(request, name)
        return _json((await self._health.of(name)).document())

    async def delegated_slices(self, _: Request) -> Response:
        return _json(self._summaries(await self._health.of_all()))

    async def delegated_slice(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._health.slices:
            return _unknown(request, name)
        return _json({**self._health.describe(name), "health": (await self._health.of(name)).document()})

    async def livez(self, _: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        checks = await self._readiness.checks()
        if all(found == "ok" for found in checks.values()):
            return _json({"status": "ready", "checks": checks})
        said = "; ".join(f"{name}: {found}" for name, found in checks.items() if found != "ok")
        problem = Problem(
            503, "not-ready", "Cannot be done right now", said, more={"checks": checks}, headers=(("Retry-After", "1"),)
        )
        return problem_response(problem, request.url.path)

    def _summaries(self, found: Mapping[str, SliceHealth]) -> list[dict[str, Any]]:
        return [_summary(self._health.slices[name], self._health.phase(name), one) for name, one in found.items()]


def _json(document: Any) -> Response:  # noqa: ANN401 - JSON
    return Response(orjson.dumps(document), media_type=_JSON)


def _ok(found: Mapping[str, SliceHealth]) -> int:
    return sum(one.status == "ok" for one in found.values())


def _status(found: Mapping[str, SliceHealth]) -> str:
    return "ok" if _ok(found) == len(found) else "degraded"


def _summary(one: DelegatedSlice, phase: str, health: SliceHealth) -> dict[str, Any]:
    return {
        "name": one.name,
        "phase": phase,
        "backend": one.backend,
        "frontend": one.frontend,
        "status": health.status,
        "missing_required": health.missing_required,
        "command_count": len(one.command_routes),
        "query_count": len(one.query_routes),
        "smoke_check_count": len(one.smoke_checks),
    }


def _unknown(request: Request, name: str) -> Response:
    problem = Problem(404, "unknown-slice", "There is no such thing", f"Delegated slice {name!r} not found")
    return problem_response(problem, request.url.path)


def _described(path: str) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    tag = "delegation" if path.startswith("/delegation") else "health"
    answers: dict[str, Any] = {"503": {"description": "Cannot be done right now", "content": problem}}
    if "{name}" in path:
        answers["404"] = {"description": "There is no such slice", "content": problem}
        parameter = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
        return {"tags": [tag], "responses": answers, "parameters": [parameter]}
    return {"tags": [tag], "responses": answers}

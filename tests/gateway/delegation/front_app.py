"""The strangler before a minimal gateway with the user slice: what a test starts in its own process or another."""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.responses import JSONResponse

from gateway.delegation.cutover import Bar
from gateway.delegation.legacy_host import LegacyOptions
from gateway.delegation.wiring import DelegationOptions, open_delegation
from gateway.slices.user.slice import SLICE
from protogate.cqrs.memory import MemoryStore
from protogate.http import Runtime, install_problems
from protogate.models.documents import PLAIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.delegation.wiring import Delegation
    from protogate.cqrs.ports import EventStore
    from protogate.slices import Slice

BAR = Bar()


class Front:
    """An open gateway and what tests look at."""

    def __init__(self, app: ASGIApp, delegation: Delegation, store: EventStore) -> None:
        self.app = app
        self.delegation = delegation
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@asynccontextmanager
async def open_front(
    directory: Path, legacy: LegacyOptions, one: Slice = SLICE, bar: Bar = BAR
) -> AsyncIterator[Front]:
    store = MemoryStore()
    options = DelegationOptions(directory, legacy, bar)
    async with open_delegation(options, store, [one]) as delegation:
        runtime = Runtime(delegation.store, style=PLAIN)
        app = FastAPI(redirect_slashes=False)
        for router in one.mount(runtime, None):  # type: ignore[arg-type]
            app.router.routes.extend(router.routes)
        app.router.routes.extend(delegation.router(_anybody).routes)

        async def health(_: Request) -> JSONResponse:
            return JSONResponse({"by": "gateway"})

        app.add_route("/health", health)
        app.add_route("/", health)
        app.add_route("/favicon.ico", health)
        install_problems(app)
        before = delegation.before(app, app, app.router.routes, _caller)
        yield Front(before, delegation, store)


def _anybody(_scope: Scope, _area: str, _action: str) -> None:
    """Everybody may do everything."""


def _caller(scope: Scope) -> str:
    return next((value.decode() for name, value in scope["headers"] if name == b"x-test-caller"), "")


class Alone:
    """The same for a server that knows the lifespan protocol; set up by the environment."""

    def __init__(self) -> None:
        self._front: Front | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            assert self._front is not None
            await self._front(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        options: dict[str, Any] = json.loads(os.environ["FRONT_LEGACY"])
        async with open_front(Path(os.environ["FRONT_DIRECTORY"]), LegacyOptions(**options)) as front:
            self._front = front
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


app = Alone()

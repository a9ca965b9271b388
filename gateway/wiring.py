"""The composition root: makes a gateway of its settings. Nothing else knows all the parts."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from gateway.app import make_app
from gateway.delegation.phases import CATEGORY as DELEGATION
from gateway.delegation.wiring import delegation_options, open_delegation
from gateway.health import Health, Places, Readiness
from gateway.hub import Hub
from gateway.legacy.state import RelayState
from gateway.legacy.writer import LegacyWriter
from gateway.metrics import Metrics
from gateway.observing import Observer, tracer_of
from gateway.positions import Positions
from gateway.registration import Registration
from gateway.relay import Relay
from gateway.routes.direct import DirectRoute
from gateway.routes.events import EventSocket, events_router
from gateway.routes.health import health_router
from gateway.routes.legacy import legacy_router
from gateway.routes.metrics import metrics_router
from gateway.routes.pages import pages_router
from gateway.security import Guard, Principal, access_of
from gateway.slices.search.slice import SLICE as SEARCH
from gateway.slices.user.slice import SLICE as USER
from gateway.switch import Switch
from protogate.config import load_config
from protogate.cqrs.errors import CqrsError
from protogate.errors import UserError
from protogate.http import Runtime
from protogate.models.documents import PLAIN
from protogate.slices import PHASES, Slice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from gateway.security import Access
    from gateway.settings import Settings
    from protogate.config import Config
    from protogate.cqrs.ports import EventStore, Outbox
    from protogate.http import Route
    from protogate.slices import ReadModel

__all__ = ["OWN_SLICES", "Gateway", "load_slices", "make_data_directory", "make_relay", "open_gateway", "open_store"]

OWN_SLICES: Final = (SEARCH, USER)
_POSTGRES: Final = ("postgresql://", "postgres://")
_SQLITE: Final = "sqlite:///"
_NATS: Final = ("nats://", "tls://")
_SHADOW: Final = Principal("shadow")
"""Who asks slices beside the legacy application, which has decided already whether its caller may."""
_FORGET_EVERY: Final = 3600.0
"""Seconds between two looks for idempotency keys that have expired."""


class Gateway:
    """An application with everything behind it; runs while `open_gateway` is open."""

    def __init__(
        self,
        app: ASGIApp,
        hub: Hub,
        drain: Callable[[], None],
        store: EventStore,
        describe: Callable[[], dict[str, Any]],
    ) -> None:
        """Hold what is needed to serve and to stop."""
        self.app = app
        self.describe = describe
        """Gives the OpenAPI document."""
        self.store = store
        self.hub = hub
        self.drain = drain
        """Turns requests away by `/readyz` and ends all streams; what was begun goes on."""


class _Resources:
    """What slices borrow."""

    def __init__(self, store: EventStore, settings: Settings) -> None:
        self.store = store
        self.database = settings.database
        self.data_directory = settings.data_dir
        self.services: list[AbstractAsyncContextManager[Any]] = []
        self.read_models: dict[str, ReadModel] = {}

    def run(self, service: AbstractAsyncContextManager[Any]) -> None:
        """Enter a service when the server starts."""
        self.services.append(service)

    def add_read_model(self, model: ReadModel) -> None:
        """Let health and queries that wait for a position know of a read model."""
        self.read_models[model.name] = model


class _Events:
    """The store itself, which answers for slices that fold streams: never behind."""

    name = "events"

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def exists(self) -> bool:
        """Whether the store answers."""
        await self._store.position()
        return True

    async def position(self) -> int:
        """Of the newest event."""
        return await self._store.position()


@asynccontextmanager
async def open_gateway(settings: Settings, project: Path | None = None) -> AsyncIterator[Gateway]:
    """Open everything, and close it in the reverse order.

    Args:
        settings: what the user set.
        project: the directory of the project; None is the current one.

    Raises:
        UserError: something that the settings name cannot be used.
    """
    root = (project or Path()).resolve()
    config = load_config(str(root))
    access = access_of(settings)
    slices = load_slices(config, root)
    make_data_directory(settings.data_dir)
    async with AsyncExitStack() as stack:
        store = await open_store(settings.database)
        stack.push_async_callback(store.aclose)
        delegation = await stack.enter_async_context(open_delegation(delegation_options(settings), store, slices))
        resources = _Resources(delegation.store, settings)
        resources.add_read_model(_Events(store))
        registration = await stack.enter_async_context(Registration(settings.registry or config.registry, root))
        categories = [category for one in slices for category in one.categories or (one.name,)]
        hub = Hub(store, dict.fromkeys([*categories, DELEGATION]), heartbeat=settings.heartbeat)
        readiness = Readiness(store, settings.data_dir, settings.max_lag)
        positions = Positions(slices, resources.read_models, store, settings.min_position_wait)
        runtime = Runtime(
            delegation.store,
            body_limit=settings.body_limit,
            style=PLAIN,
            admit=_admission(slices, access, positions),
            route_class=DirectRoute,
        )
        metrics = Metrics()
        health = Health(
            slices,
            Places(root, settings.contracts, bool(settings.registry)),
            resources.read_models,
            registration.knows,
            delegation.phases.get,
        )
        mounted = [router for one in slices for router in one.mount(runtime, resources)]
        metrics.know(runtime.routes)
        relay = make_relay(settings, store)
        counted = metrics_router(
            metrics,
            store=store,
            hub=hub,
            readiness=readiness,
            read_models=resources.read_models,
            access=access,
            dead_letters=relay.state.count_dead,
        )
        app = make_app(
            runtime,
            [
                *mounted,
                delegation.router(access.check),
                events_router(runtime, hub, settings.heartbeat),
                health_router(health, readiness, store.position),
                legacy_router(relay),
                counted,
                pages_router(),
            ],
            EventSocket(hub, access),
        )
        await stack.enter_async_context(hub)
        for service in resources.services:
            await stack.enter_async_context(service)
        await stack.enter_async_context(relay)
        await stack.enter_async_context(_forgetting(store))
        switch = Switch(app)
        front = delegation.before(Guard(switch, access), switch, app.router.routes, access.caller, _SHADOW)

        def drain() -> None:
            readiness.is_draining = True
            hub.close()
            delegation.drain()

        yield Gateway(Observer(front, metrics, tracer_of()), hub, drain, store, app.openapi)


def make_relay(settings: Settings, store: EventStore) -> Relay:
    """What tells the legacy database; of all processes that share the store, one at a time does."""
    writer = LegacyWriter(
        settings.legacy_db or f"sqlite:///{settings.data_dir / 'legacy.db'}", creates_users=not settings.legacy_db
    )
    shared = settings.database if settings.database.startswith(_POSTGRES) else ""
    state = RelayState(shared or f"sqlite:///{settings.data_dir / 'relay.db'}")
    return Relay(cast("Outbox", store), writer, state)


async def open_store(database: str) -> EventStore:
    """Open a SQLite file by its path or `sqlite:///path`, PostgreSQL by `postgresql://...`, JetStream by `nats://...`.

    Raises:
        UserError: it is no event store, cannot be reached, or its driver is not installed.
    """
    # Each driver is loaded only where it is used.
    if database.startswith(_POSTGRES):
        from gateway.stores.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(database)
    if database.startswith(_NATS):
        from gateway.stores.nats import NatsStore  # noqa: PLC0415

        return await NatsStore.connect(database)
    path = database.removeprefix(_SQLITE)
    scheme, colon, _ = path.partition("://")
    if colon:
        raise UserError(
            f"--db {scheme}://...: is no database that is known; use a file, postgresql://user@host/name or nats://host"
        )
    from gateway.stores.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore(path)


def make_data_directory(path: Path) -> None:
    """Make the directory in which everything stands.

    Raises:
        UserError: it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)
    except OSError as error:
        reason = "is a file" if isinstance(error, FileExistsError) else (error.strerror or str(error)).lower()
        raise UserError(f"--data-dir {path}: {reason}; name a directory that can be written") from None


def load_slices(config: Config, root: Path) -> tuple[Slice, ...]:
    """Our own slices and those of the project, each name once.

    Raises:
        UserError: a slice cannot be imported, is none, or has a name that is taken.
    """
    slices: dict[str, Slice] = {one.name: one for one in OWN_SLICES}
    if config.slices:
        # Behind everything else: a folder of the project must not stand in for a package of ours.
        sys.path.extend(str(path) for path in (root, *(root / below for below in config.python_path)))
    for name in config.slices:
        one = _import_slice(name)
        if one.name in slices:
            raise UserError(f"pyproject.toml: [tool.protogate] slices: {name!r} is called {one.name!r}, which is taken")
        slices[one.name] = one
    return tuple(slices.values())


def _import_slice(name: str) -> Slice:
    where = f"pyproject.toml: [tool.protogate] slices: {name!r}"
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute.isidentifier()):
        raise UserError(f"{where}: is no package.module:NAME")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise UserError(f"{where}: cannot be imported: {error}") from None
    if not isinstance(found, Slice):
        raise UserError(f"{where}: is no Slice of protogate.slices")
    if found.phase not in PHASES:
        raise UserError(f"{where}: phase {found.phase!r} is not known; use one of {', '.join(PHASES)}")
    return found


def _admission(slices: Iterable[Slice], access: Access, positions: Positions) -> Any:  # noqa: ANN401 - see `Runtime`
    """What every request to a route of a contract goes through."""
    areas = {route.full_name: one.name for one in slices for route in one.routes}

    def admit(request: Request, route: Route) -> Any:  # noqa: ANN401 - None or what to wait for
        if access.verifiers:
            action = "write" if route.side == "command" else "read"
            access.check(request.scope, areas.get(route.full_name, "events"), action)
        if route.side == "command":
            return None
        wanted = request.headers.get("x-min-position")
        return None if wanted is None else positions.wait(route, wanted)

    return admit


@asynccontextmanager
async def _forgetting(store: EventStore) -> AsyncIterator[None]:
    """Forget expired keys now and then."""

    async def forget() -> None:
        while True:
            # Not all workers at once.
            await asyncio.sleep(_FORGET_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            with suppress(CqrsError):
                await store.forget_keys(time.time_ns() // 1000)

    task = asyncio.create_task(forget(), name="forget-keys")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""Puts delegation together: what the composition root of the gateway needs of it, and no more."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from gateway.delegation.cutover import Bar, CutOver
from gateway.delegation.dry_run import DryRunStore
from gateway.delegation.legacy_host import LegacyHost, LegacyOptions, read_legacy_options
from gateway.delegation.parity import ParityBook
from gateway.delegation.phases import Phases
from gateway.delegation.routes import delegation_router
from gateway.delegation.routing import RouteTable
from gateway.delegation.strangler import Legacy, OwnPaths, Strangler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from pathlib import Path

    from fastapi import APIRouter
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Scope

    from gateway.settings import Settings
    from protogate.cqrs.ports import EventStore
    from protogate.slices import Slice

__all__ = ["PARITY_FILE", "Delegation", "DelegationOptions", "delegation_options", "open_delegation"]

PARITY_FILE = "parity.db"


class DelegationOptions(NamedTuple):
    """What can be set."""

    data_directory: Path
    legacy: LegacyOptions | None = None
    """Without a legacy host every slice answers everything, whatever its phase."""
    bar: Bar = Bar()


def delegation_options(settings: Settings) -> DelegationOptions:
    """Give those settings of the gateway that are about delegation."""
    legacy = LegacyOptions(
        settings.legacy_url,
        settings.legacy_host,
        settings.legacy_connect_timeout,
        settings.legacy_read_timeout,
        settings.legacy_connections,
        settings.legacy_max_body << 20,
        trusts_forwarded=settings.legacy_trust_forwarded,
    )
    bar = Bar(settings.parity_ratio, settings.parity_count)
    return DelegationOptions(settings.data_dir, legacy if settings.legacy_url else None, bar)


class Delegation:
    """Delegation while the gateway runs."""

    def __init__(
        self, store: EventStore, slices: Sequence[Slice], cut_over: CutOver, legacy: LegacyOptions | None
    ) -> None:
        """Hold what was opened."""
        self.cut_over = cut_over
        self.phases = cut_over.phases
        self.store: EventStore = DryRunStore(store) if legacy is not None else store
        """What slices must stand on."""
        self._slices = slices
        self._legacy = legacy
        self._stack = AsyncExitStack()
        self._host: LegacyHost | None = None

    def router(self, check: Callable[[Scope, str, str], None]) -> APIRouter:
        """Parity and changes of phases; `check` is `Access.check`."""
        return delegation_router(self.cut_over, check)

    def before(
        self,
        guarded: ASGIApp,
        app: ASGIApp,
        routes: Iterable[BaseRoute],
        caller: Callable[[Scope], str],
        principal: object = None,
    ) -> ASGIApp:
        """Give what stands before the gateway.

        Args:
            guarded: the gateway as callers reach it.
            app: the gateway behind its guard.
            routes: all that `app` serves.
            caller: names who sends a request, empty for nobody in particular.
            principal: who may ask slices in shadow runs.
        """
        if self._legacy is None:
            return guarded
        # Only where there is a legacy host is its client loaded.
        from gateway.delegation.proxy import Proxy  # noqa: PLC0415
        from gateway.delegation.shadow import Shadows  # noqa: PLC0415
        from gateway.delegation.websockets import WebSocketProxy  # noqa: PLC0415

        host = self._host = LegacyHost(self._legacy)
        rules = {one.name: one.comparison for one in self._slices}
        shadows = Shadows(app, rules, self.cut_over.parity.record, principal=principal)
        self._stack.push_async_callback(host.aclose)
        self._stack.push_async_callback(shadows.aclose)
        own = OwnPaths(routes, RouteTable(self._slices))
        return Strangler(guarded, own, self.phases, Legacy(Proxy(host), WebSocketProxy(host), shadows), caller)

    def drain(self) -> None:
        """End the event streams of the legacy application, as the server is about to end."""
        if self._host is not None:
            self._host.end_streams()

    async def aclose(self) -> None:
        """End shadow runs and close connections."""
        await self._stack.aclose()


@asynccontextmanager
async def open_delegation(
    options: DelegationOptions, store: EventStore, slices: Sequence[Slice]
) -> AsyncIterator[Delegation]:
    """Read the phases, follow them, and open the counts.

    Raises:
        UserError: the legacy URL is none, or the file of the counts cannot be used.
    """
    if options.legacy is not None:
        read_legacy_options(options.legacy)
    parity = ParityBook(options.data_directory / PARITY_FILE)
    try:
        async with Phases(store, {one.name: one.phase for one in slices}) as phases:
            delegation = Delegation(store, slices, CutOver(phases, parity, options.bar), options.legacy)
            try:
                yield delegation
            finally:
                await delegation.aclose()
    finally:
        parity.close()

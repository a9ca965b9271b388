"""What a slice is: a part of a system that was, or will be, taken out of the legacy application.

A slice folder exposes one value, `SLICE`, in its module `slice`. The gateway mounts the slices that it brings along and
those that a project names in `[tool.protogate] slices = ["package.module:SLICE"]`. All that can be said about a slice
from outside is derived from that value and its contracts, see `delegated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypeAlias, get_args

from protogate.comparison import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from fastapi import APIRouter

    from protogate.cqrs.ports import EventStore
    from protogate.http import Route, Runtime

__all__ = ["PHASES", "DelegatedSlice", "Phase", "ReadModel", "Resources", "Slice", "contract_paths", "delegated"]

Phase: TypeAlias = Literal["planned", "phase-1", "phase-2", "live"]
"""How far it has come: `planned`; shadowed in `phase-1`; answers a share in `phase-2`; `live` answers everything."""

PHASES: Final[tuple[str, ...]] = get_args(Phase)
_WITHOUT_ASSETS: Final = frozenset({"none", "planned"})
"""Frontends that need no files."""


class ReadModel(Protocol):
    """Something that follows the events and answers queries."""

    @property
    def name(self) -> str:
        """As `Slice.read_models` names it, such as `search.db`."""
        ...

    async def exists(self) -> bool:
        """Whether it can answer at all."""
        ...

    async def position(self) -> int:
        """Of the last event that its answers know of."""
        ...


class Resources(Protocol):
    """What a server lends its slices."""

    @property
    def store(self) -> EventStore:
        """Where events are."""
        ...

    @property
    def database(self) -> str:
        """The store's database: a path of a SQLite file or a URL."""
        ...

    @property
    def data_directory(self) -> Path:
        """Where files of the slice may stand; it exists."""
        ...

    def run(self, service: AbstractAsyncContextManager[Any]) -> None:
        """Enter a service when the server starts, and leave it when the server ends, last in first out."""
        ...

    def add_read_model(self, model: ReadModel) -> None:
        """Let health and queries that wait for a position know of a read model."""
        ...


class Slice(NamedTuple):
    """One slice, as its folder describes it."""

    name: str
    """A word in lower case: `user`."""
    phase: Phase
    routes: tuple[Route, ...]
    """`ROUTES` of its generated routers."""
    mount: Callable[[Runtime, Resources], Sequence[APIRouter]]
    """Makes its routers: `lambda runtime, resources: [user_command_service_router(UserCommands(), runtime)]`."""
    frontend: str = "none"
    """What its pages are: `static`; `planned` or `none` where there are none."""
    frontend_paths: tuple[str, ...] = ()
    """Files of its pages, relative to the project or to where the gateway is installed."""
    read_models: tuple[str, ...] = ()
    """Names of the read models that its queries need."""
    smoke_checks: tuple[str, ...] = ()
    """Requests that must succeed on a running server: `GET /queries/search?q=a`."""
    transports: tuple[str, ...] = ("http",)
    categories: tuple[str, ...] = ()
    """Of its streams, `user` in `user/42`; its name when there are none."""
    backend: str = "delegated"
    """Who answers: `delegated` is this gateway."""
    comparison: Comparison = Comparison()
    """What may differ between its answers and those of the legacy application."""


class DelegatedSlice(NamedTuple):
    """What everybody may know of a slice; every field is derived."""

    name: str
    phase: str
    backend: str
    frontend: str
    transports: tuple[str, ...]
    contract_paths: tuple[str, ...]
    command_routes: tuple[str, ...]
    query_routes: tuple[str, ...]
    read_model_paths: tuple[str, ...]
    frontend_paths: tuple[str, ...]
    smoke_checks: tuple[str, ...]

    @property
    def needs_frontend(self) -> bool:
        """Whether its pages must be there."""
        return self.frontend not in _WITHOUT_ASSETS


def delegated(one: Slice) -> DelegatedSlice:
    """Say of a slice what everybody may know."""
    return DelegatedSlice(
        one.name,
        one.phase,
        one.backend,
        one.frontend,
        one.transports,
        contract_paths(one),
        _paths(one, "command"),
        _paths(one, "query"),
        one.read_models,
        one.frontend_paths,
        one.smoke_checks,
    )


def contract_paths(one: Slice) -> tuple[str, ...]:
    """The contracts of a slice, as they stand in a repository: `contracts/user/v1/user.proto`."""
    return tuple(dict.fromkeys(f"contracts/{route.source}" for route in one.routes))


def _paths(one: Slice, side: str) -> tuple[str, ...]:
    return tuple(route.path for route in one.routes if route.side == side)

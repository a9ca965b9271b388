"""Whether slices have all they need, and whether this process should get requests."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.cqrs.errors import CqrsError
from protogate.slices import delegated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.delegation.phases import Standing
    from protogate.cqrs.ports import EventStore
    from protogate.slices import DelegatedSlice, ReadModel, Slice

__all__ = ["Health", "Places", "Readiness", "SliceHealth", "slice_health"]

_PACKAGED: Final = Path(__file__).resolve().parents[1]
"""Where the gateway is installed: its contracts and pages stand beside it, in a checkout as well as in the wheel."""
_PATIENCE: Final = 2.0
"""Seconds that a probe waits for a store."""
_FRESH: Final = 1.0
"""Seconds for which it holds that a read model is there."""
_LEAST_SPACE: Final = 32 * 1024 * 1024
"""Bytes that must be free: a log that cannot grow loses commands."""
_LEGACY: Final = "legacy"


class Places(NamedTuple):
    """Where files of slices are looked for."""

    project: Path
    contracts: Path | None = None
    """The folder of the contracts; None takes the project's, and for what it has not, those that came with us."""
    registers_ours: bool = True
    """Whether contracts that came with us must be registered, too: not in the registry of a project."""

    def contract(self, path: str) -> Path:
        """Where a contract must stand: `contracts/user/v1/user.proto`."""
        _, _, below = path.partition("/")
        if self.contracts is not None:
            return self.contracts / below
        return self._here_or_ours(f"contracts/{below}")

    def is_registered(self, path: str) -> bool:
        """Whether a contract is one that the registry should know."""
        return self.registers_ours or self.contracts is not None or (self.project / path).is_file()

    def asset(self, path: str) -> Path:
        """Where a file of a page must stand: in the project, or else where the gateway is installed."""
        return self._here_or_ours(path)

    def _here_or_ours(self, path: str) -> Path:
        own = self.project / path
        return own if own.is_file() else _PACKAGED / path


class SliceHealth(NamedTuple):
    """What a slice has and what it lacks."""

    contracts: tuple[Mapping[str, Any], ...]
    read_models: tuple[Mapping[str, Any], ...]
    frontend_assets: tuple[Mapping[str, Any], ...]
    missing_required: tuple[str, ...]

    @property
    def status(self) -> str:
        """`ok` or `degraded`."""
        return "degraded" if self.missing_required else "ok"

    def document(self) -> dict[str, Any]:
        """As `GET /health/modules/{name}` gives it."""
        return {
            "status": self.status,
            "missing_required": self.missing_required,
            "contracts": self.contracts,
            "read_models": self.read_models,
            "frontend_assets": self.frontend_assets,
        }


class Health:
    """Looks at the slices of a gateway."""

    def __init__(
        self,
        slices: Iterable[Slice],
        places: Places,
        read_models: Mapping[str, ReadModel],
        registered: Callable[[str], bool | None],
        standing: Callable[[str], Standing | None],
    ) -> None:
        """Know what there is.

        Args:
            slices: in any order.
            places: where their files are looked for.
            read_models: those that run, by name; slices may still add theirs.
            registered: tells of a contract, `user/v1/user.proto`, whether the registry knows it; None if none does.
            standing: tells of a slice how far it has come by now.
        """
        self.slices = {one.name: one for one in map(delegated, sorted(slices, key=lambda one: one.name))}
        self._places = places
        self._read_models = read_models
        self._registered = registered
        self._standing = standing
        self._seen: dict[str, float] = {}

    def phase(self, name: str) -> str:
        """How far a slice has come by now."""
        standing = self._standing(name)
        return self.slices[name].phase if standing is None else standing.phase

    def describe(self, name: str) -> dict[str, Any]:
        """What everybody may know of a slice, its phase as it is now."""
        return {**self.slices[name]._asdict(), "phase": self.phase(name)}

    async def of(self, name: str) -> SliceHealth:
        """Look at one slice.

        Raises:
            KeyError: there is none of this name.
        """
        one = self.slices[name]
        existing = {model: await self._is_there(model) for model in one.read_model_paths}
        return slice_health(one, self._places, existing, self._registered)

    async def of_all(self) -> dict[str, SliceHealth]:
        """Look at all slices, in order of their names."""
        return {name: await self.of(name) for name in self.slices}

    async def _is_there(self, name: str) -> bool:
        # What was there a moment ago is: whoever watches must not have to wait for a thread while many write.
        if self._seen.get(name, 0.0) >= time.monotonic():
            return True
        found = await self._looked_at(name)
        if found:
            self._seen[name] = time.monotonic() + _FRESH
        return found

    async def _looked_at(self, name: str) -> bool:
        model = self._read_models.get(name)
        if model is None:
            return False
        try:
            async with asyncio.timeout(_PATIENCE):
                return await model.exists()
        except (CqrsError, OSError, TimeoutError):
            return False


def slice_health(
    one: DelegatedSlice,
    places: Places,
    read_models: Mapping[str, bool],
    registered: Callable[[str], bool | None],
) -> SliceHealth:
    """Say what a slice has and what it lacks.

    Args:
        one: the slice.
        places: where its files are looked for.
        read_models: whether each of them is there, by name.
        registered: tells whether the registry knows a contract; None where no registry does.
    """
    contracts: list[dict[str, Any]] = []
    missing: list[str] = []
    for path in one.contract_paths:
        entry: dict[str, Any] = _entry(path, places.contract(path).is_file())
        known = registered(path.partition("/")[2]) if places.is_registered(path) else None
        if known is not None:
            entry["registered"] = known
        if not entry["exists"]:
            missing.append(path)
        elif known is False:
            missing.append(f"{path}: contract not registered")
        contracts.append(entry)
    models = [_entry(name, read_models.get(name, False)) for name in one.read_model_paths]
    assets = [_entry(path, places.asset(path).is_file(), one.needs_frontend) for path in one.frontend_paths]
    missing += [entry["path"] for entry in (*models, *assets) if entry["required"] and not entry["exists"]]
    return SliceHealth(tuple(contracts), tuple(models), tuple(assets), tuple(missing))


class Readiness:
    """Says whether this process should get requests."""

    def __init__(self, store: EventStore, data_directory: Path, max_lag: float) -> None:
        """Look at a store, its disk and its outbox."""
        self._store = store
        self._data_directory = data_directory
        self._max_lag = max_lag
        self.is_draining = False

    async def checks(self) -> dict[str, str]:
        """What was looked at; everything but `ok` keeps requests away."""
        if self.is_draining:
            return {"draining": "the server ends"}
        store, outbox = await asyncio.gather(self._look_at_store(), self._look_at_outbox())
        return {"store": store, "disk": self._look_at_disk(), "outbox": outbox}

    async def lag(self) -> tuple[int, float]:
        """How many entries of the outbox wait, and for how many seconds the oldest does."""
        backlog = getattr(self._store, "backlog", None)
        if backlog is None:
            return 0, 0.0
        count, since_us = await backlog(_LEGACY)
        return int(count), max(0.0, time.time() - since_us / 1e6) if count else 0.0

    async def _look_at_store(self) -> str:
        is_healthy = getattr(self._store, "is_healthy", None)
        if is_healthy is not None and not is_healthy():
            return "the writer does not work"
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._store.position()
        except (CqrsError, TimeoutError):
            return "does not answer"
        return "ok"

    async def _look_at_outbox(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE):
                count, seconds = await self.lag()
        except (CqrsError, TimeoutError):
            return "does not answer"
        if seconds > self._max_lag:
            return f"{count} entries wait, the oldest for {seconds:.0f} seconds"
        return "ok"

    def _look_at_disk(self) -> str:
        try:
            free = shutil.disk_usage(self._data_directory).free
        except OSError:
            return "is gone"
        if not os.access(self._data_directory, os.W_OK):
            return "cannot be written"
        return "ok" if free >= _LEAST_SPACE else f"has only {free} bytes left"


def _entry(path: str, exists: bool, required: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - facts
    return {"path": path, "required": required, "exists": exists}

"""How far each slice has come. A phase is what the events of the slice's own stream amount to.

So a change outlives restarts, reaches every process that shares the store, and stands in the event log for ever: who
made it, when, with what parity, and why against it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from protogate.cqrs.messages import Expectation, NewEvent, stream_name
from protogate.slices import PHASES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore
    from protogate.slices import Phase

__all__ = ["CATEGORY", "DEFAULT_PERCENT", "PHASE_CHANGED", "Phases", "Standing"]

CATEGORY: Final = "delegation"
PHASE_CHANGED: Final = "SlicePhaseChanged"
DEFAULT_PERCENT: Final = 10.0
"""Of phase-2, where nobody says how much."""
_LOOK: Final = 0.5
"""Seconds between two looks at what other processes have changed."""
_RETRY: Final = 1.0
"""Seconds before a store that failed is asked again."""
_LOG: Final = logging.getLogger(__name__)


class Standing(NamedTuple):
    """How far a slice has come."""

    phase: Phase
    percent: float
    """Of the callers whom the slice answers: 0 before phase-2, 100 when it is live."""
    window: int = 0
    """Position of the event with which the present comparison began; 0 from the start."""
    version: int = 0
    """Of the slice's stream."""
    changed_us: int = 0
    actor: str = ""
    reason: str = ""

    @property
    def is_shadowed(self) -> bool:
        """Whether the slice runs beside the legacy application."""
        return self.phase in {"phase-1", "phase-2"}


class Phases:
    """The standings of all slices, kept up to date while entered."""

    def __init__(self, store: EventStore, slices: Mapping[str, Phase]) -> None:
        """Begin with what the slices say of themselves."""
        self._store = store
        self._standings = {name: Standing(phase, percent_of(phase, None)) for name, phase in slices.items()}
        self._task: asyncio.Task[None] | None = None

    def names(self) -> tuple[str, ...]:
        """The slices that are known, sorted."""
        return tuple(sorted(self._standings))

    def get(self, name: str) -> Standing | None:
        """The standing of a slice; None for an unknown one."""
        return self._standings.get(name)

    async def load(self) -> None:
        """Take note of all that has happened so far."""
        for name in self._standings:
            for event in await self._store.read(stream_name(CATEGORY, name), after=self._standings[name].version):
                self._take(event)

    async def change(self, name: str, phase: Phase, percent: float, about: Mapping[str, Any], actor: str) -> Standing:
        """Record a change and give the new standing.

        Raises:
            ConflictError: somebody else has just changed it.
            StoreUnavailableError: it could not be recorded.
        """
        before = self._standings[name]
        data = {"slice": name, "from": before.phase, "phase": phase, "percent": percent, **about}
        event = NewEvent(PHASE_CHANGED, data, {"actor": actor} if actor else {})
        expected = before.version or Expectation.ABSENT
        committed = await self._store.append(stream_name(CATEGORY, name), [event], expected)
        # Not `_apply`: what others recorded before it may not have been read yet.
        for stored in committed.events:
            self._take(stored)
        return self._standings[name]

    async def __aenter__(self) -> Self:
        """Load, and follow what others change."""
        await self.load()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Follow no longer."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        # The few streams of slices are asked, not the log: following it would cost every command a read.
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self.load()
            except Exception:  # noqa: BLE001 - a store that is away comes back; the phases stay as they were meanwhile
                _LOG.warning("phases of slices: the store cannot be read; trying again", exc_info=True)
                await asyncio.sleep(_RETRY)

    def _take(self, event: StoredEvent) -> None:
        name = event.aggregate_id
        before = self._standings.get(name)
        if before is not None and event.version > before.version:
            self._standings[name] = after_event(before, event)


def after_event(before: Standing, event: StoredEvent) -> Standing:
    """The standing after an event; of events of newer versions only the version counts."""
    phase = event.data.get("phase")
    if event.type != PHASE_CHANGED or phase not in PHASES:
        return before._replace(version=event.version)
    return Standing(
        phase,
        percent_of(phase, event.data.get("percent")),
        # Whoever goes back to phase-1 begins to compare anew: what was counted is of an older slice.
        event.position if phase == "phase-1" else before.window,
        event.version,
        event.timestamp_us,
        str(event.metadata.get("actor", "")),
        str(event.data.get("reason", "")),
    )


def percent_of(phase: str, percent: Any) -> float:  # noqa: ANN401 - from JSON
    """The share of callers whom a slice answers in a phase."""
    if phase == "live":
        return 100.0
    if phase != "phase-2":
        return 0.0
    return float(percent) if isinstance(percent, int | float) and 0 <= percent <= 100 else DEFAULT_PERCENT  # noqa: PLR2004 - percent

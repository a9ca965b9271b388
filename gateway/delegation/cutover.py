"""Moves a slice from one phase to another, and refuses to give it callers before it answers as the legacy one does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.delegation.phases import DEFAULT_PERCENT, percent_of
from protogate.cqrs.errors import DataError, RefusedError, UnknownAggregateError
from protogate.slices import PHASES

if TYPE_CHECKING:
    from gateway.delegation.parity import ParityBook, SliceParity
    from gateway.delegation.phases import Phases, Standing

__all__ = ["Bar", "Change", "CutOver", "ParityTooLowError"]

_HUNDRED: Final = 100
_LONGEST_REASON: Final = 500


class Bar(NamedTuple):
    """What parity must reach before a slice answers more callers."""

    ratio: float = 0.995
    comparisons: int = 100

    def is_reached(self, parity: SliceParity) -> bool:
        """Whether enough answers were compared, and enough of them were the same."""
        return parity.compared >= self.comparisons and (parity.ratio or 0.0) >= self.ratio


class Change(NamedTuple):
    """What somebody wants."""

    phase: str
    percent: float | None = None
    is_forced: bool = False
    reason: str = ""
    actor: str = ""


class ParityTooLowError(RefusedError):
    """The slice does not answer as the legacy application does."""


class CutOver:
    """Changes phases."""

    def __init__(self, phases: Phases, parity: ParityBook, bar: Bar = Bar()) -> None:  # noqa: B008 - a frozen value
        """Know phases and parity."""
        self.phases = phases
        self.parity = parity
        self.bar = bar

    async def change(self, name: str, wanted: Change) -> Standing:
        """Move a slice; every change is an event that says who, why, and at which parity.

        Raises:
            UnknownAggregateError: there is no such slice.
            DataError: no such phase, a percentage that cannot be, or a force without a reason.
            ParityTooLowError: it would answer more callers than now, and parity is below the bar.
            ConflictError: somebody else has just changed it.
        """
        before = self.phases.get(name)
        if before is None:
            raise UnknownAggregateError("slice", name)
        phase, percent = _checked(wanted)
        parity = await asyncio.to_thread(self._measured, name, before.window)
        reached = self.bar.is_reached(parity)
        if percent > before.percent and not reached and not wanted.is_forced:
            raise ParityTooLowError(_too_low(name, parity, self.bar))
        about: dict[str, Any] = {
            "compared": parity.compared,
            "matched": parity.matched,
            "forced": wanted.is_forced and percent > before.percent and not reached,
            "reason": wanted.reason,
        }
        after = await self.phases.change(name, phase, percent, about, wanted.actor)
        if after.window != before.window:
            await asyncio.to_thread(self.parity.forget_before, name, after.window)
        return after

    def _measured(self, name: str, window: int) -> SliceParity:
        self.parity.flush()
        return self.parity.read(name, window)


def _checked(wanted: Change) -> tuple[Any, float]:
    if wanted.phase not in PHASES:
        raise DataError(f"phase {wanted.phase!r} is not known; use one of {', '.join(PHASES)}")
    if wanted.percent is not None and wanted.phase != "phase-2":
        raise DataError(f"percent {wanted.percent:g}: only phase-2 has a share; leave it out for {wanted.phase}")
    if wanted.percent is not None and not 0 < wanted.percent < _HUNDRED:
        raise DataError(f"percent {wanted.percent:g}: use a number between 0 and 100, or the phase live")
    if len(wanted.reason) > _LONGEST_REASON:
        raise DataError(f"reason: has more than {_LONGEST_REASON} characters; say it shorter")
    if not wanted.reason.isprintable():
        raise DataError("reason: has characters that nobody can see; write one line of text")
    if wanted.is_forced and not wanted.reason.strip():
        raise DataError("force: needs a reason, which is recorded; give one")
    percent = DEFAULT_PERCENT if wanted.percent is None else wanted.percent
    return wanted.phase, percent_of(wanted.phase, percent)


def _too_low(name: str, parity: SliceParity, bar: Bar) -> str:
    need = f"{bar.ratio:.1%} over at least {bar.comparisons} are needed"
    if not parity.compared:
        return f"slice {name!r}: no answers were compared yet; {need}: let it run in phase-1, or force it with a reason"
    # Rounded down: what is below the bar must not look as if it were on it.
    share = int((parity.ratio or 0.0) * 10_000) / 100
    return (
        f"slice {name!r}: {share:g}% of {parity.compared} answers are the same; {need}:"
        " see /delegation/parity, or force it with a reason"
    )

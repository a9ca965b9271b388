"""What a row and the events of its stream amount to when both sides have changed since they last agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["POLICIES", "Conflict", "Merged", "Policy", "merge"]

Policy: TypeAlias = Literal["legacy", "new", "stop"]
"""Who wins where both sides changed the same field: the legacy row, the events, or nobody and somebody is asked."""

POLICIES: tuple[Policy, ...] = ("legacy", "new", "stop")

State: TypeAlias = "Mapping[str, Any]"

_ABSENT = object()


class Conflict(NamedTuple):
    """A field that both sides changed, and not to the same value."""

    field: str
    """Its JSON name."""
    legacy: Any
    new: Any


class Merged(NamedTuple):
    """The state that both sides should have."""

    state: dict[str, Any]
    changed: tuple[str, ...]
    """Fields in which it differs from the events, sorted."""
    conflicts: tuple[Conflict, ...]


def merge(base: State, theirs: State, ours: State, policy: Policy = "legacy") -> Merged:
    """Apply what the legacy side changed since the base to what the events say now.

    Args:
        base: what both sides had when they last agreed.
        theirs: the legacy row.
        ours: the events.
        policy: who wins a conflict; with `stop` the events keep their value, and the caller looks at the conflicts.

    >>> merge({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}).state
    {'a': 2, 'b': 3}
    """
    state: dict[str, Any] = {}
    changed: list[str] = []
    conflicts: list[Conflict] = []
    for name in sorted({*base, *theirs, *ours}):
        before, there, here = (side.get(name, _ABSENT) for side in (base, theirs, ours))
        if there in (here, before):
            value = here
        elif here == before:
            value = there
        else:
            conflicts.append(Conflict(name, _shown(there), _shown(here)))
            value = there if policy == "legacy" else here
        if value is not _ABSENT:
            state[name] = value
        if value != here:
            changed.append(name)
    return Merged(state, tuple(changed), tuple(conflicts))


def _shown(value: Any) -> Any:
    return None if value is _ABSENT else value

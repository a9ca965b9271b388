"""The worst effect that the `wire` and `wire_json` profiles see in a comparison, for tests that ask for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.compat import Carrier, Direction
from protogate.compat.profiles import wire, wire_json
from tests.compat.wire_truth import worst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.compat import Comparison, Effect
    from tests.compat.wire_truth import Format

__all__ = ["profile_effects"]

_TABLES = {"wire": (wire.EFFECTS, Carrier.JSON), "json": (wire_json.EFFECTS, Carrier.WIRE)}


def profile_effects(comparison: Comparison, format_: Format) -> tuple[Effect, Effect]:
    """Backward, forward."""
    backward, forward = (worst(_effects(comparison, format_, direction)) for direction in Direction)
    return backward, forward


def _effects(comparison: Comparison, format_: Format, direction: Direction) -> Iterator[Effect]:
    table, unread = _TABLES[format_]
    for change in comparison.changes:
        effects = table.get(change.rule)
        if effects is not None and change.carrier is not unread:
            both = effects if isinstance(effects, tuple) else effects(change)
            yield both[0 if direction is Direction.BACKWARD else 1]

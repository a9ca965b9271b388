from __future__ import annotations

import pytest

from protogate.compat import Direction, Mode

BACKWARD, FORWARD = Direction.BACKWARD, Direction.FORWARD


@pytest.mark.parametrize(
    ("mode", "directions", "transitive"),
    [
        (Mode.NONE, (), False),
        (Mode.BACKWARD, (BACKWARD,), False),
        (Mode.BACKWARD_TRANSITIVE, (BACKWARD,), True),
        (Mode.FORWARD, (FORWARD,), False),
        (Mode.FORWARD_TRANSITIVE, (FORWARD,), True),
        (Mode.FULL, (BACKWARD, FORWARD), False),
        (Mode.FULL_TRANSITIVE, (BACKWARD, FORWARD), True),
    ],
)
def test_a_mode_asks_for_directions(mode: Mode, directions: tuple[Direction, ...], transitive: bool) -> None:  # noqa: FBT001 - a column of the table
    assert mode.directions == directions
    assert mode.transitive is transitive


def test_all_levels_of_the_registry_are_there() -> None:
    assert len(Mode) == 7
    assert Mode("FULL_TRANSITIVE") is Mode.FULL_TRANSITIVE

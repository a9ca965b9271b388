"""Profiles: what a change means, and whether it breaks somebody."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.compat.changes import Direction, Spot
    from protogate.compat.comparison import Comparison
    from protogate.findings import Severity

__all__ = ["PROFILES", "Judge", "Verdict", "load_profile"]


class Verdict(NamedTuple):
    """What a profile says of a change in one direction; `check` turns it into a finding.

    Verdicts of both directions with the same `rule`, `spot` and `what` become one finding that tells both effects.
    """

    rule: str
    """Without the name of the profile: `FIELD_TYPE_CHANGED`, `FIELD_NO_DELETE`."""
    severity: Severity
    spot: Spot
    """Where to show it: `change.spot` unless the profile knows better."""
    element: str
    """Full name of what changed: the `path` of the finding."""
    what: str
    """What happened, lower case, with the old and the new value: `change.sentence` unless the profile knows better."""
    effect: str = ""
    """What follows from it in this direction."""
    hint: str = ""
    """The way out."""


Judge = Callable[["Comparison", "Direction"], Iterable[Verdict]]
"""A profile: a pure function of two schemas, what changed between them, and a direction.

The module of a profile offers `PROFILES`, a mapping from names to judges.
"""

_WARN: Final = ":warn"
_MODULES: Final = {
    "wire": "wire",
    "wire_json": "wire_json",
    "confluent": "confluent",
    "buf:FILE": "buf",
    "buf:PACKAGE": "buf",
    "buf:WIRE_JSON": "buf",
    "buf:WIRE": "buf",
    "source": "source",
}
PROFILES: Final = tuple(_MODULES)
"""The names of all profiles; each one also as `<name>:warn`, which never fails a check."""


@cache
def load_profile(name: str) -> tuple[str, Judge, bool]:
    """The bare name of a profile, its judge, and whether it only warns.

    Raises:
        UserError: there is no such profile.
    """
    bare = name.removesuffix(_WARN)
    module = _MODULES.get(bare)
    if module is None:
        raise UserError(f"profile {name!r} is not known; use {', '.join(PROFILES)}, or one of them with {_WARN} added")
    profiles: Mapping[str, Judge] = importlib.import_module(f"protogate.compat.profiles.{module}").PROFILES
    return bare, profiles[bare], bare != name

"""Types whose annotations name things that only type checkers see here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import collections.abc
    import datetime as dt
    from decimal import Decimal as Money

    from no_such_package import Missing  # type: ignore[import-not-found]

    from . import zoo
    from .zoo import Point


@dataclass
class Marker:
    at: Point


@dataclass
class Meeting:
    when: dt.datetime
    guests: collections.abc.Sequence[zoo.User]
    costs: Money


@dataclass
class Astray:
    where: Missing


@dataclass
class Lost:
    where: Nowhere  # type: ignore[name-defined]  # noqa: F821 - on purpose

"""Types whose annotations name things that only type checkers see here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from tests.codegen.typescript.zoo import Point


@dataclass
class Marker:
    at: Point


@dataclass
class Meeting:
    when: dt.datetime

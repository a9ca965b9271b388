"""Ids of events: UUIDs of version 7 (RFC 9562), which sort by time, so that an index grows at its end only."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["uuid7"]

_VERSION: Final = 0x7 << 76
_VARIANT: Final = 0x2 << 62
_RAND_A: Final = (1 << 12) - 1
_RAND_B: Final = (1 << 62) - 1


def uuid7(now_us: int) -> str:
    """A new id for a moment in microseconds since 1970; the part below the millisecond is kept too (RFC 9562, 6.2).

    >>> uuid7(1_700_000_000_000_000)[:15]
    '018bcfe5-6800-7'
    """
    milliseconds, microseconds = divmod(now_us, 1000)
    fraction = (microseconds << 12) // 1000 & _RAND_A
    number = milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT | int.from_bytes(os.urandom(8)) & _RAND_B
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

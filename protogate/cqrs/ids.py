"""Ids of events: UUIDs of version 7 (RFC 9562), which sort by time, so that an index grows at its end only."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

__all__ = ["chance", "uuid7", "uuid7_bytes", "uuid_text"]

_VERSION: Final = 0x7 << 12
_RAND_A: Final = (1 << 12) - 1
_VARIANT: Final = tuple(bytes((byte & 0x3F | 0x80,)) for byte in range(256))
"""A byte as it stands behind the version: its first two bits say which kind of UUID this is."""
_AT_ONCE: Final = 512
"""Ids whose randomness is fetched with one call of the operating system, which gives the interpreter away each time."""
_pool: list[bytes] = []
if hasattr(os, "register_at_fork"):
    # Two processes must not give the same ids.
    os.register_at_fork(after_in_child=_pool.clear)


def chance() -> bytes:
    """8 random bytes that nobody else gets; any thread may ask."""
    try:
        return _pool.pop()
    except IndexError:
        block = os.urandom(8 * _AT_ONCE)
        _pool.extend(block[start : start + 8] for start in range(8, len(block), 8))
        return block[:8]


def uuid7(now_us: int) -> str:
    """A new id for a moment in microseconds since 1970; the part below the millisecond is kept too (RFC 9562, 6.2).

    >>> uuid7(1_700_000_000_000_000)[:15]
    '018bcfe5-6800-7'
    """
    return uuid_text(uuid7_bytes(now_us, chance()))


def uuid7_bytes(now_us: int, entropy: bytes) -> bytes:
    """The 16 bytes of a new id; `entropy` is 8 random bytes."""
    return _head(now_us) + _VARIANT[entropy[0]] + entropy[1:]


@lru_cache(maxsize=8)
def _head(now_us: int) -> bytes:
    """The bytes that say when; whoever makes many ids makes them for one moment."""
    milliseconds, microseconds = divmod(now_us, 1000)
    fraction = (microseconds << 12) // 1000 & _RAND_A
    return (milliseconds << 16 | _VERSION | fraction).to_bytes(8)


def uuid_text(name: bytes) -> str:
    """The usual form of 16 bytes."""
    text = name.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

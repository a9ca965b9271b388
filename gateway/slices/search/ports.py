"""What the search slice asks of an index; `gateway.stores.search` opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.slices.search.grammar import Query

__all__ = ["SCHEMA", "Build", "Entry", "Found", "Hit", "Page", "SearchIndex"]

SCHEMA = "search-1"
"""Names what the projection makes of events; change it with the projection, and every index is built anew."""


class Entry(NamedTuple):
    """What can be found."""

    id: str
    title: str
    category: str = ""
    content: str = ""
    metadata: Mapping[str, str] = {}


class Hit(NamedTuple):
    """An entry that was found."""

    id: str
    title: str
    category: str
    metadata: Mapping[str, str]
    rank: float | None
    """Lower is better; None when nothing was looked for."""
    snippet: str
    """The part of the text that matches, matches between `[` and `]`."""


class Page(NamedTuple):
    """Which of the entries that match are given."""

    limit: int = 20
    offset: int = 0
    category: str = ""
    """Only entries of this sort; empty means any."""


class Found(NamedTuple):
    """A page of hits."""

    hits: tuple[Hit, ...]
    total: int
    """How many entries match in all."""


class Build(NamedTuple):
    """One build of the index; a new one grows beside the one that answers, and takes its place in the end."""

    number: int
    position: int
    """All events up to here are in it."""
    schema: str = SCHEMA


class SearchIndex(Protocol):
    """Keeps entries and finds them. Several processes may share one."""

    async def live(self) -> Build | None:
        """The build that answers; None when there is none yet."""
        ...

    async def begin(self, *, is_fresh: bool = False) -> Build:
        """Give the build that was begun and not finished, so that processes fill one together; else an empty one.

        A fresh one takes the place of what was begun.
        """
        ...

    async def apply(self, build: Build, entries: Sequence[Entry], position: int) -> bool:
        """Put entries into a build and move it to a position, in one transaction.

        Gives False, and changes nothing, when the build has left its position by now: another process was faster.
        """
        ...

    async def switch(self, build: Build, *, goes_back: bool = False) -> bool:
        """Let a build answer; False, and nothing is changed, when it is gone or the present one has come further.

        With `goes_back` a present one that has come further gives way as well.
        """
        ...

    async def search(self, query: Query, page: Page) -> Found:
        """Find entries, best first. A query for nothing finds all, in the order in which they came first."""
        ...

    async def get(self, entry_id: str) -> Entry | None:
        """An entry as it is kept."""
        ...

    async def aclose(self) -> None:
        """Let go of the database."""
        ...

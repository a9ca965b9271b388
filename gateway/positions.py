"""`X-Min-Position`: a query that waits until it can see what its caller has done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.cqrs.ports import EventStore
    from protogate.http import Route
    from protogate.slices import ReadModel, Slice

__all__ = ["Positions"]

_LOOK: Final = 0.02
"""Seconds between two looks; a projection is rarely further behind."""


class Positions:
    """Knows which read models a query needs and how far they are."""

    def __init__(
        self, slices: Iterable[Slice], read_models: Mapping[str, ReadModel], store: EventStore, patience: float
    ) -> None:
        """Wait for read models of slices, which may still be added, at most some seconds."""
        self._needed = {route.full_name: one.read_models for one in slices for route in one.routes}
        self._read_models = read_models
        self._store = store
        self._patience = patience

    async def wait(self, route: Route, header: str) -> None:
        """Return once a query can see a position.

        Raises:
            HTTPException: 400, the header is no position; 503, it cannot be seen in time.
        """
        if not (header.isascii() and header.isdecimal() and len(header) <= 19):  # noqa: PLR2004 - of 2**63
            raise HTTPException(400, f"X-Min-Position {header[:40]!r} is no position; send a number")
        wanted = int(header)
        try:
            async with asyncio.timeout(self._patience):
                while await self._seen(route) < wanted:  # noqa: ASYNC110 - other processes write, too
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise HTTPException(
                503,
                f"Position {wanted} cannot be seen yet; ask again.",
                {"Retry-After": "1"},
            ) from None

    async def _seen(self, route: Route) -> int:
        names = self._needed.get(route.full_name, ())
        models = [self._read_models[name] for name in names if name in self._read_models]
        return min([await model.position() for model in models], default=0) if models else await self._store.position()

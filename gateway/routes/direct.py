"""Routes without what FastAPI puts between a request and its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import APIRoute
from starlette.requests import Request

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["DirectRoute"]


class DirectRoute(APIRoute):
    """A route whose endpoint takes the request and gives a response, with nothing in between.

    FastAPI resolves dependencies and validates for each request; endpoints of contracts bind and validate themselves.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self.methods and scope["method"] not in self.methods:
            await super().handle(scope, receive, send)
            return
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

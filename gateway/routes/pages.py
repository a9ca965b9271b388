"""The pages: the search page and the dashboard of delegation, read once. Nothing of a request ever becomes a path."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from gateway.routes.direct import DirectRoute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["ASSETS", "DASHBOARD", "FOLDER", "SEARCH", "pages_router"]

FOLDER: Final = Path(__file__).resolve().parents[1] / "web"
SEARCH: Final = "/static/search_v2.html"
"""Where the search page has always been."""
DASHBOARD: Final = "/dashboard"
ASSETS: Final = "/static/gateway/"
"""A folder of our own: what else the legacy application has below `/static/` stays its."""
_PAGES: Final[Mapping[str, str]] = {
    SEARCH: "search.html",
    DASHBOARD: "dashboard.html",
    "/favicon.ico": "icon.svg",
}
_KINDS: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class _File(NamedTuple):
    content: bytes
    kind: str
    tag: str

    def answer(self, known: str) -> Response:
        """The file, or only that the caller has it already."""
        headers = {**_HEADERS, "ETag": self.tag}
        if self.tag in known:
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.kind)


def pages_router(folder: Path = FOLDER) -> APIRouter:
    """Serve the pages and what they load."""
    router = APIRouter(route_class=DirectRoute)
    files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _KINDS}
    served = {f"{ASSETS}{name}": one for name, one in files.items() if not name.endswith(".html")}
    served |= {path: files[name] for path, name in _PAGES.items()}
    for path, one in served.items():
        router.add_api_route(
            path, _endpoint(one), methods=["GET", "HEAD"], response_model=None, include_in_schema=False
        )
    return router


def _endpoint(one: _File) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return one.answer(request.headers.get("if-none-match", ""))

    return endpoint


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _KINDS[path.suffix], f'"{sha256(content).hexdigest()[:32]}"')

"""The files of the web page, read once: nothing of a request ever becomes a path."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from registry.server.http import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["load_page"]

_HEADERS = (
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
)
_INDEX = "index.html"
_SERVED = frozenset({".css", ".html", ".ico", ".js", ".json", ".mjs", ".png", ".svg", ".woff2"})


def load_page(folder: Path) -> Mapping[str, Reply]:
    """The answers by path below `/ui/`; the empty path is the start page."""
    files = {
        path.relative_to(folder).as_posix(): _reply(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _SERVED and path.is_file()
    }
    return {**files, "": files[_INDEX]} if _INDEX in files else files


def _reply(path: Path) -> Reply:
    kind = "text/javascript" if path.suffix in {".js", ".mjs"} else mimetypes.guess_type(path.name)[0]
    kind = kind or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return Reply(200, path.read_bytes(), f"{kind}{charset}".encode(), _HEADERS)

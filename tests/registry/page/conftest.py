"""The page in a browser, before a registry that runs as users start it."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.registry.page.shop import Shop, fill, open_shop
from tests.registry.server.running import ROOT
from tests.support.browser import browser, started_browser  # noqa: F401 - fixtures for the tests of this folder

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "registry" / "server" / "page"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A registry with some subjects."""
    with open_shop(tmp_path_factory.mktemp("registry")) as made:
        fill(made)
        yield made


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@pytest.fixture(scope="module")
def scripts() -> Iterator[str]:
    """Where the scripts of the page are, without a registry."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(PAGE))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()

"""Servers for the tests of the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.registry.server.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.registry.server.running import RunningServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """An empty server of one test."""
    with serve(f"{tmp_path}/registry.db") as running:
        yield running


@pytest.fixture
def rest(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the empty server."""
    with server.client() as client:
        yield client


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses, hostile to whoever forgets to quote it."""
    return f"{request.node.name}/a b%+ü.proto"


def quoted(name: str) -> str:
    """A subject as clients write it in a path."""
    return quote(name, safe="")

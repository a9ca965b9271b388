"""One gateway for all tests that only ask it things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with serve_gateway(tmp_path_factory.mktemp("gateway") / "data") as running:
        yield running


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[httpx.Client]:
    with gateway.client() as made:
        yield made

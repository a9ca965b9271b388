"""A database that is locked, full or read-only, and callers that come at the wrong moment."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from opentelemetry import trace

from gateway.metrics import Metrics
from gateway.observing import Observer, tracer_of
from tests.gateway.test_app import problem
from tests.support.gateway import ROOT, RunningGateway, gateway_environment, serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

    from opentelemetry.trace import SpanContext
    from starlette.types import Message, Receive, Scope, Send

BODY = {"first_name": "A", "last_name": "B"}


def test_a_database_that_another_process_locks_is_a_problem_and_then_none(tmp_path: Path) -> None:
    with serve_gateway(tmp_path / "data") as gateway, gateway.client() as client:
        user = gateway.create_user(client)["id"]
        other = sqlite3.connect(tmp_path / "data/events.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            answer = client.post("/commands/user/create", json={**BODY, "email": "locked@example.com"})
            problem(answer, 503)
            assert "events.db" not in answer.text
            # What only reads goes on meanwhile.
            assert client.get(f"/queries/user/{user}").status_code == 200
            assert client.get("/readyz").status_code == 200
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert len(client.get("/events").json()) == 1
        gateway.create_user(client, "locked@example.com")


def test_a_full_disk_is_a_problem_and_loses_nothing(tmp_path: Path) -> None:
    # No file of the process may grow beyond so many blocks.
    limit = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000));"
    code = f"{limit} os.execv(sys.executable, [sys.executable, '-P', '-m', 'gateway', *sys.argv[1:]])"
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--port", str(port), "--data-dir", str(data), "--drain", "0"],
        cwd=ROOT,
        env=gateway_environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        gateway = RunningGateway(f"http://127.0.0.1:{port}", process)  # type: ignore[arg-type] # of bytes
        with gateway.client() as client:
            _wait(client)
            acknowledged: list[str] = []
            for number in range(3000):
                body = {"email": f"full{number}@example.com", "first_name": "x" * 100, "last_name": "y" * 100}
                answer = client.post("/commands/user/create", json=body)
                if answer.status_code != 201:
                    problem(answer, 503)
                    break
                acknowledged.append(answer.json()["event_id"])
            else:
                pytest.fail("the disk did not become full")
            assert client.get("/livez").status_code == 200
    finally:
        process.terminate()
        assert process.wait(15) == 0
    with serve_gateway(data) as gateway, gateway.client() as client:
        kept = [event["id"] for event in client.get("/events", params={"limit": 10_000}).json()]
        assert set(acknowledged) <= set(kept)
        gateway.create_user(client)


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            client.get("/livez")
            return
        time.sleep(0.1)
    pytest.fail("the gateway does not answer")


def test_a_query_that_waits_in_vain_is_told_when_to_come_back(tmp_path: Path) -> None:
    with serve_gateway(tmp_path / "data", "--min-position-wait", "0.2") as gateway, gateway.client() as client:
        created = gateway.create_user(client)
        ahead = {"X-Min-Position": str(created["position"] + 1)}
        answer = client.get(f"/queries/user/{created['id']}", headers=ahead)
        problem(answer, 503)
        assert answer.headers["retry-after"] == "1"
        gateway.create_user(client)
        assert client.get(f"/queries/user/{created['id']}", headers=ahead).status_code == 200


def test_a_query_waits_for_a_position_that_is_on_its_way(gateway: RunningGateway, client: httpx.Client) -> None:
    created = gateway.create_user(client)

    def later() -> None:
        time.sleep(0.2)
        with gateway.client() as other:
            gateway.create_user(other)

    writer = threading.Thread(target=later)
    writer.start()
    ahead = {"X-Min-Position": str(created["position"] + 1)}
    assert client.get(f"/queries/user/{created['id']}", headers=ahead).status_code == 200
    writer.join()


def test_traces_are_made_where_the_environment_asks_for_them() -> None:
    assert tracer_of({}) is None
    assert tracer_of({"OTEL_SDK_DISABLED": "true", "OTEL_SERVICE_NAME": "x"}) is None
    tracer = tracer_of({"OTEL_SERVICE_NAME": "gateway"})
    assert tracer is not None
    seen: list[SpanContext] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(trace.get_current_span().get_span_context())
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask() -> None:
        headers = [(b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
        scope = {"type": "http", "method": "GET", "path": "/x", "headers": headers}
        await Observer(app, Metrics(), tracer)(scope, _nothing, _nobody)

    asyncio.run(ask())
    assert f"{seen[0].trace_id:032x}" == "4bf92f3577b34da6a3ce929d0e0e4736"


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _nobody(_message: Message) -> None:
    """Take what is sent."""

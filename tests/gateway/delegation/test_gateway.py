"""The strangler in the real gateway: two workers, tokens, and a legacy application whose callers have none."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ADMIN = {"authorization": "Bearer the-token-of-an-admin"}
READER = {"authorization": "Bearer the-token-of-a-reader"}
TOKENS = "the-token-of-an-admin ann\nthe-token-of-a-reader bob delegation:read user:read\n"


@contextmanager
def gateway(directory: Path, legacy: str) -> Iterator[httpx.Client]:
    (directory / "tokens").write_text(TOKENS)
    command = [sys.executable, "-m", "protogate", "gateway", "--port", "0", "--workers", "2", "--drain", "0"]
    command += ["--token-file", "tokens", "--legacy-url", legacy, "--parity-count", "20"]
    with subprocess.Popen(command, cwd=directory, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("serving "), said
            # A connection for each request, so that both workers get some.
            limits = httpx.Limits(max_keepalive_connections=0)
            with httpx.Client(base_url=said.split()[1], limits=limits, timeout=10) as client:
                yield client
        finally:
            process.terminate()


def soon(check: Callable[[], bool], what: str) -> None:
    for _ in range(200):
        if check():
            return
        time.sleep(0.05)
    pytest.fail(what)


def test_a_slice_comes_from_the_legacy_application_to_all_workers(tmp_path: Path, legacy: str) -> None:
    with gateway(tmp_path, legacy) as client:
        path = "/delegation/slices/user/phase"
        assert client.get("/anything").json()["target"] == "/anything", (
            "callers of the legacy application need no token"
        )
        assert set(client.get("/hops").headers) == {"date", "server", "content-length", "x-end"}, "nothing of ours"
        own = client.get("/queries/user/gone")
        assert own.status_code == 401, "the slice says that it is live"
        assert own.headers["x-content-type-options"] == "nosniff"

        assert client.post(path, json={"phase": "phase-1"}).status_code == 401
        assert client.post(path, json={"phase": "phase-1"}, headers=READER).status_code == 403
        assert client.get("/delegation/parity").status_code == 401
        assert client.post(path, json={"phase": "phase-1"}, headers=ADMIN).status_code == 200
        alike = {"error": "no such user"}
        soon(
            lambda: all(client.get("/queries/user/gone").content == b'{"error":"no such user"}' for _ in range(10)),
            "both workers ask the legacy application",
        )
        # One connection is one worker: the other one looks within half a second.
        time.sleep(1.2)
        for _ in range(20):
            assert client.get("/queries/user/gone").json() == alike
        soon(lambda: parity(client)["compared"] >= 20, "what both workers observe is counted together")
        assert (parity(client)["ratio"], parity(client)["ready"]) == (1.0, True)

        assert client.post(path, json={"phase": "live"}, headers=ADMIN).status_code == 200
        soon(
            lambda: all(client.get("/queries/user/gone").status_code == 401 for _ in range(10)),
            "both workers ask the slice",
        )
        time.sleep(1.2)
        assert client.get("/queries/user/gone", headers=READER).status_code == 404
        events = client.get("/events?aggregate_id=user", headers=ADMIN).json()
        assert [event["payload"]["phase"] for event in events] == ["phase-1", "live"]
        assert {event["metadata"]["actor"] for event in events} == {"ann"}


def parity(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/delegation/parity?slice=user", headers=READER).json()["slices"][0]
    return found

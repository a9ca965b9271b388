"""The OpenAPI document, and the gateway held to it: no 5xx, no answer and no refusal that it does not tell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.gateway import ROOT, RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

ENDLESS = "/events/stream"
"""An answer without an end; `test_events.py` and `test_sse_decoding.py` are about it."""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with serve_gateway(tmp_path_factory.mktemp("attacked") / "data") as running:
        yield running


def attack(gateway: RunningGateway, folder: Path, *options: str) -> str:
    """Send what Schemathesis makes of the document; what it says when it is content."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{gateway.url}/openapi.json"]
    command += ["--checks", "all", "--exclude-path", ENDLESS, "--continue-on-failure", "--no-color"]
    command += ["--request-timeout", "20", "--suppress-health-check", "all", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def check_log(gateway: RunningGateway) -> None:
    """Nothing was lost or doubled, and nothing was a defect."""
    assert "Traceback" not in "".join(gateway.said)
    with gateway.client() as client:
        events: list[dict[str, Any]] = []
        while page := client.get("/events", params={"after": len(events), "limit": 10_000}).json():
            events += page
        assert client.get("/health").json()["position"] == len(events)
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))


def test_the_document_is_one(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_each_operation_tells_of_its_problems(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            answers = operation["responses"]
            assert {"401", "403", "500", "503"} <= answers.keys(), (verb, path)
            for status, answer in answers.items():
                kinds = list(answer["content"])
                assert kinds == ["application/problem+json"] or int(status) < 300, (verb, path, status)


def test_the_gateway_does_what_its_document_says(attacked: RunningGateway, tmp_path: Path) -> None:
    said = attack(attacked, tmp_path, "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1")
    with attacked.client() as client:
        operations = sum(map(len, client.get("/openapi.json").json()["paths"].values()))
    assert re.search(r"Tested: (\d+)", said)[1] == str(operations - 1)  # type: ignore[index] # fails if it says none
    check_log(attacked)


@pytest.mark.slow
def test_the_gateway_does_what_its_document_says_for_long(attacked: RunningGateway, tmp_path: Path) -> None:
    attack(attacked, tmp_path, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "200")
    check_log(attacked)


OPEN = {"/health", "/livez", "/readyz"}
FOR_ALL_TOKENS = {
    *OPEN,
    "/health/legacy",
    "/health/modules",
    "/health/modules/{name}",
    "/delegation/slices",
    "/delegation/slices/{name}",
}
STRONG, WEAK = "strong-strong-strong", "weak-weak-weak-weak"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens").write_text(f"{STRONG} strong\n{WEAK} weak nothing:read\n")
    with serve_gateway(folder / "data", "--token-file", str(folder / "tokens")) as running:
        yield running


def test_each_operation_asks_who_and_whether_they_may(guarded: RunningGateway, client: httpx.Client) -> None:
    """The matrix of all operations; one that is new must find its place in it."""
    found: dict[tuple[str, str], list[int]] = {}
    expected: dict[tuple[str, str], list[int]] = {}
    with guarded.client() as caller:
        for path, verbs in client.get("/openapi.json").json()["paths"].items():
            for verb in verbs:
                url = path.replace("{name}", "user").replace("{id}", "x")
                statuses = [
                    caller.request(verb, url, headers=headers, json={}).status_code
                    for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": f"Bearer {WEAK}"})
                ]
                found[verb, path] = statuses
                expected[verb, path] = [200, 200, 200] if path in OPEN else [401, 401, 403]
                if path in FOR_ALL_TOKENS - OPEN:
                    expected[verb, path][2] = 200
        assert caller.get("/events", headers={"Authorization": f"Bearer {STRONG}"}).json() == []
    assert found == expected


def test_no_page_loads_what_is_elsewhere(client: httpx.Client) -> None:
    # The pages that FastAPI has by itself run scripts of a host that is not ours.
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]

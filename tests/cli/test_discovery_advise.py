"""`protogate discovery advise` against an endpoint of this process."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from protogate.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SOURCE = "def place(order):\n    return SECRET_FORMULA * 2\n"
_PLAN = [
    {
        "module": "shop.orders",
        "archetype": "service-slice",
        "score": 61.5,
        "reasons": ["inbound seam 20.0 of 30: 1 module outside use 1 module of it"],
        "slice": {"slice_name": "orders"},
        "contents": {"modules": [{"module": "shop.orders", "path": "shop/orders.py", "code_lines": 2, "why": "seed"}]},
        "cuts": [
            {
                "direction": "inbound",
                "file": "shop/orders.py",
                "line": 2,
                "symbol": "place",
                "source": "shop.billing",
                "target": "shop.orders",
                "kind": "call",
                "remedy": "api",
                "points": 1,
                "why": "calls it",
            }
        ],
        "data": [],
        "risks": [],
        "effort_basis": {"p50": 3.0, "p90": 4.5},
    }
]
_WAVES = {"waves": [{"wave_number": 1, "wave_name": "orders", "priority_reason": "needs none"}], "circles": []}


class _Endpoint(ThreadingHTTPServer):
    status = 200
    answer: bytes = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/chat/completions"


class _Handler(BaseHTTPRequestHandler):
    server: _Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[_Endpoint]:
    server = _Endpoint()
    server.answer = json.dumps({"choices": [{"message": {"content": "Cut orders first.\nAsk Ann."}}]}).encode()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    reports = tmp_path / "reports" / "migration-discovery"
    reports.mkdir(parents=True)
    (reports / "delegation-plan.generated.json").write_text(json.dumps(_PLAN))
    (reports / "migration-wave-plan.json").write_text(json.dumps(_WAVES))
    (reports / "migration-discovery.summary.json").write_text(json.dumps({"profile": {}, "counts": {"modules": 2}}))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "orders.py").write_text(_SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    monkeypatch.delenv("LLM_MODEL", raising=False)
    return tmp_path


def test_without_a_key_nothing_is_sent(
    repository: Path, endpoint: _Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discovery", "advise", "--url", endpoint.url]) == 2
    error = capsys.readouterr().err
    assert "OPENROUTER_API_KEY is not set; nothing was sent" in error
    assert len(error.strip().splitlines()) == 1
    assert not endpoint.requests
    assert not list(repository.rglob("migration-advice*"))


def test_the_plan_is_sent_and_the_answer_marked(
    repository: Path, endpoint: _Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "key-1")
    monkeypatch.setenv("LLM_MODEL", "some/model")
    assert main(["discovery", "advise", "--url", endpoint.url]) == 0
    ((headers, body),) = endpoint.requests
    assert headers["Authorization"] == "Bearer key-1"
    assert body["model"] == "some/model"
    asked = json.loads(body["messages"][1]["content"])
    assert asked["slices"][0]["seams"] == [
        {"direction": "inbound", "source": "shop.billing", "target": "shop.orders", "remedy": "api", "lines": 1}
    ]
    assert "SECRET_FORMULA" not in json.dumps(body)
    reports = repository / "reports" / "migration-discovery"
    advice = json.loads((reports / "migration-advice.json").read_text())
    assert advice["kind"] == "advice"
    assert advice["sent"]["source"] is False
    page = (reports / "migration-advice.md").read_text()
    assert "Nothing here was measured" in page
    assert "> Cut orders first.\n> Ask Ann." in page


def test_source_is_sent_only_when_asked_for(
    repository: Path, endpoint: _Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "key-1")
    assert main(["discovery", "advise", "--url", endpoint.url, "--include-source"]) == 0
    ((_, body),) = endpoint.requests
    asked = json.loads(body["messages"][1]["content"])
    assert asked["source"] == {"shop/orders.py:2": _SOURCE.rstrip()}
    assert repository.exists()


def test_a_dry_run_shows_what_would_be_sent(
    repository: Path, endpoint: _Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discovery", "advise", "--url", endpoint.url, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["slices"][0]["module"] == "shop.orders"
    assert not endpoint.requests
    assert repository.exists()


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ((401, b'{"error": "no such key"}'), 'answers 401 Unauthorized: {"error": "no such key"}'),
        ((200, b"<html>"), "the answer is no JSON: '<html>'"),
        ((200, b'{"error": {}}'), "has no choices[0].message.content; it has error"),
        ((200, b'{"choices": [{"message": {"content": " "}}]}'), "the answer has an empty message"),
    ],
)
def test_what_goes_wrong_is_one_line(
    endpoint: _Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answered: tuple[int, bytes],
    said: str,
) -> None:
    endpoint.status, endpoint.answer = answered
    monkeypatch.setenv("OPENROUTER_API_KEY", "key-1")
    assert main(["discovery", "advise", "--url", endpoint.url]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "key-1" not in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.usefixtures("repository")
def test_nobody_there_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "key-1")
    assert main(["discovery", "advise", "--url", "http://127.0.0.1:9/v1"]) == 2
    assert "http://127.0.0.1:9/v1: cannot be reached: " in capsys.readouterr().err
    assert main(["discovery", "advise", "--url", "file:///etc/passwd"]) == 2
    assert "is no http or https address" in capsys.readouterr().err


def test_without_a_plan_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["discovery", "advise"]) == 2
    assert "delegation-plan.generated.json is missing; run `protogate discovery` first" in capsys.readouterr().err

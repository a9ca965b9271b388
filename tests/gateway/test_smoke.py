"""`protogate gateway smoke`: what slices promise is asked for, in bounded time, and told line by line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateway.smoke import Client, parse_check, run_checks
from protogate.errors import UserError
from tests.support.gateway import ROOT, gateway_command, gateway_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.gateway import RunningGateway

_SLICE: Mapping[str, Any] = {"smoke_checks": ["GET /fine -> 200 a"]}
_HEALTH: Mapping[str, Any] = {"status": "ok", "missing_required": []}


def smoke(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        gateway_command("smoke", *arguments),
        cwd=ROOT,
        env=gateway_environment(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class _Odd(BaseHTTPRequestHandler):
    """A server that answers as tests need it."""

    answers: Mapping[str, Any] = {}

    def do_GET(self) -> None:
        path = self.path
        if path == "/endless":
            self._begin(200, "application/json")
            for _ in range(200):
                self.wfile.write(b" ")
                time.sleep(0.05)
            return
        if path == "/silent":
            time.sleep(5)
            return
        if path == "/stream":
            self._begin(200, "text/event-stream")
            self.wfile.write(b"retry: 1\n\n")
            time.sleep(5)
            return
        if path == "/huge":
            self._begin(200, "application/json")
            for _ in range(6):
                self.wfile.write(b" " * 1024 * 1024)
            return
        answer = self.answers.get(path)
        status = 200 if answer is not None else 404
        self._begin(status, "application/json")
        document = {"detail": "Not \x1b[31mhere."} if answer is None else answer
        self.wfile.write(document.encode() if isinstance(document, str) else json.dumps(document).encode())

    def _begin(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextmanager
def odd_server(**answers: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """A server with these answers by path, `_` for `/`."""
    named = {f"/{path.replace('__', '/')}": answer for path, answer in answers.items()}
    handler = type("Handler", (_Odd,), {"answers": named})

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that go away are what these tests are about."""

    with Quiet(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def gateway_like(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """What a gateway with one slice `one` answers."""
    return {
        "livez": {},
        "readyz": {},
        "health": {},
        "delegation__slices": [{"name": "one"}],
        "delegation__slices__one": _SLICE,
        "health__modules__one": _HEALTH,
        "fine": {"a": 1},
        **more,
    }


class TestParse:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("GET /a", ("GET", "/a", "", 200, ())),
            (" GET /a?q=%22 -> 404 ", ("GET", "/a?q=%22", "", 404, ())),
            ("GET /a -> 200 b, c", ("GET", "/a", "", 200, ("b", "c"))),
            ('POST /a {"b": {"c": "->"}} -> 201 id', ("POST", "/a", '{"b": {"c": "->"}}', 201, ("id",))),
            ("POST /a [1]", ("POST", "/a", "[1]", 200, ())),
        ],
        ids=["method and path", "status", "members", "body", "list"],
    )
    def test_a_line_says_all(self, text: str, expected: tuple[object, ...]) -> None:
        assert parse_check(text)[1:] == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "GET",
            "/a",
            "get /a",
            "GET a",
            "GET /a b",
            "GET /a -> ok",
            "GET /a -> 600",
            "POST /a {",
            "POST /a {b} -> 200",
        ],
    )
    def test_what_is_none_is_said(self, text: str) -> None:
        with pytest.raises(UserError, match="smoke check"):
            parse_check(text)

    @pytest.mark.parametrize("url", ["", "ftp://a", "http://", "http://a:b", "://"])
    def test_a_url_that_is_none_is_said(self, url: str) -> None:
        with pytest.raises(UserError, match="--url"):
            Client(url)


class TestChecks:
    @pytest.mark.parametrize(
        ("check", "problem"),
        [
            ("GET /fine", ""),
            ("GET /fine -> 200 a", ""),
            ("GET /list -> 200 a", ""),
            ("GET /stream", ""),
            ("GET /absent -> 404 detail", ""),
            ("GET /fine -> 200 a, b, c", "the answer lacks b, c"),
            ("GET /fine -> 201", "expected 201"),
            ("GET /absent", "expected 200: Not \x1b[31mhere."),
            ("GET /stream -> 200 a", "expected JSON, not text/event-stream"),
            ("GET /broken -> 200 a", "expected JSON: Expecting value: line 1 column 1 (char 0)"),
            ("GET /empty -> 200 a", "expected an object with a"),
            ("GET /endless", "the answer does not end in time"),
            ("GET /silent", "timed out"),
            ("GET /huge", "the answer has more than 4194304 bytes"),
            ("GET /\u20ac", "'ascii' codec can't encode character '\\u20ac' in position 5: ordinal not in range(128)"),
            ("nonsense", "smoke check 'nonsense': is no METHOD /path [JSON] [-> STATUS [member, member]]"),
        ],
    )
    def test_an_answer_is_held_to_its_check(self, check: str, problem: str) -> None:
        with odd_server(fine={"a": 1}, list=[{"a": 1}], broken="<html>", empty=[]) as url:
            begun = time.monotonic()
            (outcome,) = run_checks(Client(url, seconds=0.7), "one", [check], "x", writes=True)
        assert outcome.problem == problem
        assert time.monotonic() - begun < 4

    def test_nothing_is_changed_unless_wanted(self) -> None:
        checks = ["POST /fine", "GET /fine"]
        with odd_server(fine={}) as url:
            skipped, asked = run_checks(Client(url), "one", checks, "x", writes=False)
            refused, _ = run_checks(Client(url), "one", checks, "x", writes=True)
        assert (skipped.is_skipped, skipped.status, asked.status) == (True, None, 200)
        assert (refused.is_skipped, refused.status) == (False, 501)

    def test_a_unique_word_stands_in_path_and_body(self, gateway: RunningGateway) -> None:
        check = 'POST /commands/search/index {"id": "{unique}", "title": "T {unique}"} -> 201 id'
        words = ["first", "second"]
        for word in words:
            (outcome,) = run_checks(Client(gateway.url), "search", [check], word, writes=True)
            assert outcome.problem == ""
        with gateway.client() as client:
            found = client.get("/events", params={"category": "search"}).json()
        assert {event["aggregate_id"] for event in found} >= set(words)


class TestCommand:
    def test_own_slices_keep_their_promises(self) -> None:
        code, out, err = smoke(env={"PROTOGATE_GATEWAY_DB": "postgresql://nobody@nowhere/none"})
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert all(line.startswith("ok    ") for line in lines[:-1])
        assert {line.split()[1] for line in lines[:-1]} == {"gateway", "search", "user"}
        assert lines[-1] == f"2 slices: {len(lines) - 1} passed"

    def test_a_running_gateway_is_only_asked_questions(self, gateway: RunningGateway) -> None:
        with gateway.client() as client:
            before = client.get("/health").json()["position"]
            code, out, _ = smoke("--url", gateway.url)
            assert (code, client.get("/health").json()["position"]) == (0, before)
            assert "skip  user       POST /commands/user/create  changes something; --write runs it" in out
            assert out.splitlines()[-1].endswith("2 skipped")
            code, out, _ = smoke("--url", f"{gateway.url}/", "--write", "--json")
            assert (code, client.get("/health").json()["position"]) == (0, before + 2)
        document = json.loads(out)
        assert document["url"] == gateway.url
        assert (document["failed"], document["skipped"]) == (0, 0)
        assert document["passed"] == len(document["checks"])
        assert all(check["is_passed"] for check in document["checks"])

    def test_a_check_that_fails_is_told_and_the_others_are_run(self) -> None:
        checks = {"smoke_checks": ["GET /absent", "GET /endless", "GET /fine -> 200 a"]}
        with odd_server(**gateway_like(delegation__slices__one=checks)) as url:
            code, out, err = smoke("--url", url, "--timeout", "1")
        assert (code, err) == (1, "")
        told = [line.partition("  ")[0] for line in out.splitlines()]
        assert told == ["ok", "ok", "ok", "ok", "FAIL", "FAIL", "ok", "1 slice: 5 passed, 2 failed"]
        assert "\x1b" not in out

    def test_a_slice_that_lacks_something_fails(self) -> None:
        health = {"missing_required": ["contracts/one/v1/one.proto"]}
        with odd_server(**gateway_like(health__modules__one=health)) as url:
            code, out, _ = smoke("--url", url)
        assert code == 1
        assert "GET /health/modules/one  200" in out
        assert "missing: contracts/one/v1/one.proto" in out

    @pytest.mark.parametrize(
        "answers",
        [
            {},
            {"delegation__slices": "<html>"},
            {"delegation__slices": {"a": 1}},
            {"delegation__slices": [1]},
            gateway_like(delegation__slices__one=[]),
            gateway_like(delegation__slices__one={}),
            gateway_like(delegation__slices__one={"smoke_checks": "GET /"}),
        ],
        ids=["absent", "no JSON", "no list", "no slices", "a list", "no checks", "no list of checks"],
    )
    def test_what_is_no_gateway_is_one_clear_line(self, answers: dict[str, Any]) -> None:
        with odd_server(**answers) as url:
            code, _, err = smoke("--url", url)
        assert code == 2
        assert len(err.splitlines()) == 1
        assert "give the URL of a running gateway" in err
        assert "Traceback" not in err

    @pytest.mark.parametrize("arguments", [("--url", "http://127.0.0.1:1"), ("--timeout", "0"), ("--timeout", "nan")])
    def test_usage_is_one_clear_line(self, arguments: tuple[str, ...]) -> None:
        code, out, err = smoke(*arguments)
        assert (code, out, len(err.splitlines())) == (2, "", 1)

    def test_a_gateway_that_does_not_start_says_why(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.protogate]\nslices = ["absent.module:SLICE"]\n')
        code, out, err = smoke("-C", str(tmp_path))
        assert (code, out) == (2, "")
        assert "'absent.module:SLICE': cannot be imported" in err
        assert len(err.splitlines()) == 1

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
    def test_who_is_told_to_end_leaves_nothing_behind(self, tmp_path: Path, number: signal.Signals) -> None:
        (tmp_path / "slow.py").write_text(_SLOW_SLICE)
        (tmp_path / "pyproject.toml").write_text('[tool.protogate]\nslices = ["slow:SLICE"]\n')
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        process = subprocess.Popen(
            gateway_command("smoke", "-C", str(tmp_path)),
            env=gateway_environment({"TMPDIR": str(scratch)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert "GET /livez" in process.stdout.readline()
            (data,) = scratch.iterdir()
            process.send_signal(number)
            assert process.wait(20) in {130, 128 + number}
        assert list(scratch.iterdir()) == []
        assert str(data) not in _command_lines()


_SLOW_SLICE = """
from protogate.slices import Slice

SLICE = Slice("slow", "live", (), lambda runtime, resources: [], smoke_checks=("GET /livez",) * 5000)
"""


def _command_lines() -> str:
    if sys.platform != "linux":
        pytest.skip("only Linux lists processes in /proc")
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                found.append((Path(entry.path) / "cmdline").read_text(errors="replace").replace("\0", " "))
            except OSError:
                continue
    return "\n".join(found)

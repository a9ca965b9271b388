"""`protogate gateway smoke`: asks a gateway what its slices promise to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import enter_project, one_line, parser, print_json, red
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from subprocess import Popen

    from gateway.smoke import Client, Outcome

__all__ = ["run"]

_PREFIX = "PROTOGATE_GATEWAY_"
_STARTED = "serving "
_START_SECONDS = 30.0
_SETTLE_SECONDS = 5.0
_STOP_SECONDS = 10.0
_LONGEST = 3600.0
_GATEWAY_CHECKS = ("GET /livez", "GET /readyz", "GET /health")
_DEFAULT_URL = "http://127.0.0.1:8080"


def run(command: str, arguments: Sequence[str]) -> int:
    """Run all checks and print what became of them; exit code 1 when one fails."""
    import os
    import uuid

    from gateway.smoke import Client

    options = _parser(command).parse_args(arguments)
    enter_project(options.directory)
    if not 0 < options.timeout <= _LONGEST:
        raise UserError(f"--timeout {options.timeout:g}: use a number of seconds above 0, {_LONGEST:g} at most")
    with _gateway(options.url) as url:
        client = Client(url, os.environ.get(f"{_PREFIX}TOKEN", "") if options.url else "", options.timeout)
        if not options.url:
            client.wait_until_well(_SETTLE_SECONDS)
        if options.testql:
            _write_testql(client, options.testql)
            return _run_testql(options.run_testql, client.url, options.testql) if options.run_testql else EXIT_OK
        writes = not options.url or options.write
        outcomes: list[Outcome] = []
        for one in _outcomes(client, uuid.uuid4().hex[:12], writes=writes):
            outcomes.append(one)
            if not options.json:
                print(_line(one), flush=True)
        return _finish(client.url, outcomes, is_json=options.json)


def _outcomes(client: Client, unique: str, *, writes: bool) -> Iterator[Outcome]:
    """Check the gateway, and then the health and the checks of each slice."""
    from gateway.smoke import run_checks

    names = [str(one["name"]) for one in _listed(client)]
    yield from run_checks(client, "gateway", _GATEWAY_CHECKS, unique, writes=writes)
    for name in names:
        yield _health(client, name)
        checks = _described(client, f"/delegation/slices/{_quoted(name)}", "smoke_checks")
        yield from run_checks(client, name, checks, unique, writes=writes)


def _run_testql(program: str, url: str, path: str) -> int:
    """Let TestQL run a scenario against the gateway."""
    import shutil
    import subprocess

    found = shutil.which(program)
    if found is None:
        raise UserError(
            f"{program}: is not on PATH; install TestQL into an environment of its own, it brings a hundred packages:"
            " python -m venv testql && testql/bin/pip install testql"
        )
    done = subprocess.run([found, "run", "--url", url, path], check=False)
    return EXIT_OK if done.returncode == 0 else EXIT_FINDINGS


def _write_testql(client: Client, path: str) -> None:
    """Write the checks of all slices as a scenario of TestQL."""
    from pathlib import Path

    from gateway.testql import scenario

    checks = list(_GATEWAY_CHECKS)
    for one in _listed(client):
        checks += _described(client, f"/delegation/slices/{_quoted(str(one['name']))}", "smoke_checks")
    target = Path(path)
    beside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(scenario(_DEFAULT_URL, checks, "testql"), encoding="utf-8")
        beside.replace(target)
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    print(f"wrote {path}", flush=True)


def _listed(client: Client) -> list[dict[str, object]]:
    found = client.document("/delegation/slices")
    if not (isinstance(found, list) and all(isinstance(one, dict) and "name" in one for one in found)):
        raise UserError(f"{client.url}/delegation/slices: gives no list of slices; give the URL of a running gateway")
    return found


def _health(client: Client, name: str) -> Outcome:
    """Whether a slice has all it needs."""
    import time

    from gateway.smoke import Outcome

    path = f"/health/modules/{_quoted(name)}"
    begun = time.monotonic()
    missing = _described(client, path, "missing_required")
    problem = f"missing: {', '.join(missing)}" if missing else ""
    return Outcome(name, f"GET {path}", 200, round((time.monotonic() - begun) * 1000), problem)


def _described(client: Client, path: str, member: str) -> list[str]:
    """A list of words that a document has."""
    document = client.document(path)
    found = document.get(member) if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise UserError(f"{client.url}{path}: has no list {member!r}; give the URL of a running gateway")
    return [str(one) for one in found]


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def _line(one: Outcome) -> str:
    # Bodies and what is expected would fill lines.
    asked = " ".join(one.check.split(None, 2)[:2])
    if one.is_skipped:
        return one_line(f"skip  {one.slice:<10} {asked}  changes something; --write runs it")
    told = f"{one.slice:<10} {asked}  {one.status or 'no answer'}, {one.milliseconds} ms"
    return one_line(f"ok    {told}") if not one.problem else f"{red('FAIL')}  {one_line(f'{told}: {one.problem}')}"


def _finish(url: str, outcomes: Sequence[Outcome], *, is_json: bool) -> int:
    failed = sum(bool(one.problem) for one in outcomes)
    skipped = sum(one.is_skipped for one in outcomes)
    passed = len(outcomes) - failed - skipped
    if is_json:
        checks = [{**one._asdict(), "is_passed": not one.problem and not one.is_skipped} for one in outcomes]
        print_json({"url": url, "passed": passed, "failed": failed, "skipped": skipped, "checks": checks})
    else:
        slices = len({one.slice for one in outcomes} - {"gateway"})
        counts = [f"{passed} passed", *([f"{failed} failed"] if failed else []), *_also(skipped)]
        print(f"{slices} slice{'s' if slices != 1 else ''}: {', '.join(counts)}")
    return EXIT_FINDINGS if failed else EXIT_OK


def _also(skipped: int) -> list[str]:
    return [f"{skipped} skipped"] if skipped else []


def _gateway(url: str) -> AbstractContextManager[str]:
    """The gateway to ask: a running one, or one that is started for the while."""
    from contextlib import nullcontext

    return nullcontext(url) if url else _started()


def _started() -> AbstractContextManager[str]:
    """Start a gateway on a free port with a data directory of its own; it ends, and the directory goes, in the end."""
    import os
    import signal
    import subprocess
    import sys
    import tempfile
    from contextlib import contextmanager

    from protogate._apps import app_command, app_environment

    @contextmanager
    def start() -> Iterator[str]:
        # Who is told to end must not leave a gateway behind.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        # Nothing that is set for a real gateway may lead this one to its data.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        with tempfile.TemporaryDirectory(prefix="protogate-smoke-") as data:
            words = ["serve", "--host", "127.0.0.1", "--port", "0", "--data-dir", data, "--drain", "0"]
            process = subprocess.Popen(
                app_command("gateway", words),
                env=app_environment(inherited),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            try:
                yield _address(process)
            finally:
                _stop(process)

    return start()


def _address(process: Popen[str]) -> str:
    """Wait until a gateway says where it is; what it says afterwards is read and dropped."""
    import queue
    import threading

    said: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in process.stderr or ():
            said.put(line)
        said.put("")

    threading.Thread(target=listen, daemon=True).start()
    lines: list[str] = []
    try:
        while line := said.get(timeout=_START_SECONDS):
            if line.startswith(_STARTED):
                return line.removeprefix(_STARTED).strip()
            lines.append(line.strip())
    except queue.Empty:
        raise UserError(f"the gateway does not start in {_START_SECONDS:g} seconds: {' '.join(lines)}") from None
    raise UserError(lines[-1] if lines else "the gateway ends without a word")


def _stop(process: Popen[str]) -> None:
    import subprocess

    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _parser(command: str) -> argparse.ArgumentParser:
    made = parser(
        command,
        "Ask a gateway what its slices promise: their health, and each of their smoke checks. Without --url a\n"
        "gateway is started on a free port, with an empty data directory that is removed in the end.\n"
        "A running gateway is only asked questions: checks that change something need --write.\n"
        f"A token is taken from {_PREFIX}TOKEN.",
        [command, f"{command} --url http://127.0.0.1:8080", f"{command} --url https://gateway.example --json"],
    )
    made.add_argument("--url", default="", help="a running gateway")
    made.add_argument("--write", action="store_true", help="run checks that change something there, too")
    made.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="for each request; default: 10")
    made.add_argument("--testql", default="", metavar="FILE", help="write the checks as a scenario of TestQL, run none")
    made.add_argument("--run-testql", default="", metavar="PROGRAM", help="then let TestQL run it: testql")
    return made

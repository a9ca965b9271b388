"""A gateway as users start it: a process of its own on a free port of the loopback."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ROOT", "RunningGateway", "gateway_command", "gateway_environment", "run_gateway", "serve_gateway"]

ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"http://[^\s/]+:\d+")
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """A gateway that answers."""

    url: str
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    """Lines of its log."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """A client without manners of its own; to read the certificates of the world takes it a tenth of a second."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, headers=headers, verify=False)  # noqa: S501 - http

    def create_user(self, client: httpx.Client, email: str = "") -> dict[str, Any]:
        """Make a user whom nobody else has; give the answer."""
        body = {"email": email or f"u{next(_NUMBERS)}@example.com", "first_name": "Ann", "last_name": "Lee"}
        answer = client.post("/commands/user/create", json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created


def gateway_command(*arguments: str) -> list[str]:
    """The command line of a gateway."""
    return [sys.executable, "-P", "-m", "gateway", *arguments]


def gateway_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Its environment, without what the tester's own may say."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PROTOGATE_GATEWAY_")}
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(env or {})}


def run_gateway(
    *arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a gateway that is expected not to start."""
    return subprocess.run(
        gateway_command(*arguments),
        cwd=cwd,
        env=gateway_environment(env),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def serve_gateway(
    data: Path, *arguments: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> Iterator[RunningGateway]:
    """Run a gateway on a free port until the block ends; it must end by itself then, or have ended."""
    process = subprocess.Popen(
        gateway_command("--port", "0", "--data-dir", str(data), "--drain", "0", *arguments),
        cwd=cwd,
        env=gateway_environment(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    reader: threading.Thread | None = None
    try:
        url = _wait_for_address(process, said)
        # Whoever does not read a pipe stops the writer in the end.
        reader = threading.Thread(target=_read_on, args=(process, said), daemon=True)
        reader.start()
        yield RunningGateway(url, process, said)
        if process.poll() is None:
            process.terminate()
            assert process.wait(15) == 0, "".join(said)
        reader.join(5)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr is not None and (reader is None or not reader.is_alive()):
            process.stderr.close()


def _wait_for_address(process: subprocess.Popen[str], said: list[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        found = _ADDRESS.search(line)
        if found is not None:
            return found.group()
    raise AssertionError(f"the gateway said no address: {''.join(said)}")


def _read_on(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stderr is not None
    said.extend(process.stderr)

"""A registry server as users start it: a process of its own on a free port of the loopback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ROOT", "RunningServer", "serve", "serve_command"]

ROOT = Path(__file__).resolve().parents[3]
_ADDRESS = re.compile(r"http://[^\s/]+:\d+")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers."""

    url: str
    process: subprocess.Popen[str]

    def client(self) -> httpx.Client:
        """A client without manners of its own."""
        return httpx.Client(base_url=self.url, timeout=30)


def serve_command(*arguments: str) -> list[str]:
    """The command line of a server."""
    return [sys.executable, "-P", "-m", "registry", "serve", *arguments]


@contextmanager
def serve(database: str, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[RunningServer]:
    """Run a server on a free port until the block ends."""
    process = subprocess.Popen(
        serve_command("--db", database, "--port", "0", *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    try:
        url = _wait_for_address(process, said)
        # Whoever does not read a pipe stops the writer in the end.
        reader = threading.Thread(target=_read_on, args=(process, said), daemon=True)
        reader.start()
        yield RunningServer(url, process)
        process.terminate()
        assert process.wait(10) == 0, "".join(said)
        reader.join(5)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _wait_for_address(process: subprocess.Popen[str], said: list[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        found = _ADDRESS.search(line)
        if found is not None:
            return found.group()
    raise AssertionError(f"the server said no address: {''.join(said)}")


def _read_on(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stderr is not None
    said.extend(process.stderr)

"""A real PostgreSQL server of our own: started for a test session, stopped and removed after it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PostgresMissingError", "PostgresServer", "postgres_server"]

_ACCOUNT = "postgres"
"""Debian's package creates it; the server refuses to run as root."""


class PostgresMissingError(Exception):
    """There is no PostgreSQL server on this machine, or it does not start."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that listens on a Unix socket only."""

    folder: Path

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"postgresql://{_ACCOUNT}@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it again after `stop`, with what it had."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        _run([*self._control(), "-o", options, "start"])

    def stop(self) -> None:
        """Stop it at once, as a crash does."""
        _run([*self._control(), "-m", "immediate", "stop"])

    def _control(self) -> list[str]:
        return [str(_programs() / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log")]

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[PostgresServer]:
        """Start a server and stop it in the end."""
        programs = _programs()
        # Not below pytest's tmp_path: as root that is closed to the account of the server.
        folder = Path(tempfile.mkdtemp(prefix="protogate-postgres-"))
        try:
            _give_to_server(folder)
            data = folder / "data"
            _run([str(programs / "initdb"), "-D", str(data), "-U", _ACCOUNT, "-A", "trust", "-E", "UTF8", "--locale=C"])
            server = cls(folder)
            server.start()
            try:
                yield server
            finally:
                if (data / "postmaster.pid").exists():
                    server.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the whole session; a machine without PostgreSQL fails the test, and never skips it."""
    with PostgresServer.running() as server:
        yield server


def _programs() -> Path:
    """The newest installed server: Debian keeps its programs off the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    if found is None:
        raise PostgresMissingError(
            "no PostgreSQL server: no initdb in /usr/lib/postgresql/*/bin nor on the PATH;"
            " install Debian's package 'postgresql'"
        )
    return Path(found).parent


def _give_to_server(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, _ACCOUNT, _ACCOUNT)


def _run(command: list[str]) -> None:
    drop = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--clear-groups"] if os.geteuid() == 0 else []
    # pg_ctl hands its output on to the server, which would keep a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run([*drop, *command], stdout=output, stderr=output, check=False, cwd="/")
        output.seek(0)
        if done.returncode != 0:
            raise PostgresMissingError(f"{' '.join(command)}: {output.read().decode(errors='replace').strip()[-2000:]}")

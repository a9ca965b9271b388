"""A real MariaDB server of our own: started for a test session, stopped and removed after it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["mariadb_url"]

_PATIENCE = 60.0
_ACCOUNT = "mysql"
"""Debian's package creates it; the server refuses to run as root."""


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The URL of a database on a server that listens on a Unix socket only."""
    missing = [name for name in ("mariadb-install-db", "mariadbd", "mariadb") if _program(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not on this machine; on Debian: apt-get install mariadb-server")
    with _running() as socket:
        yield f"mysql+pymysql://root@localhost/legacy?unix_socket={socket}"


@contextmanager
def _running() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="protogate-mariadb-"))
    account = [f"--user={_ACCOUNT}"] if os.geteuid() == 0 else []
    try:
        if account:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        data, socket = folder / "data", folder / "s"
        made = [str(_program("mariadb-install-db")), "--no-defaults", f"--datadir={data}", *account]
        done = subprocess.run(
            [*made, "--auth-root-authentication-method=normal"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        words = [str(_program("mariadbd")), "--no-defaults", f"--datadir={data}", f"--socket={socket}"]
        words += ["--skip-networking", f"--pid-file={folder}/pid", *account]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _ask(socket, "CREATE DATABASE legacy CHARACTER SET utf8mb4")
            yield socket
        finally:
            server.terminate()
            server.wait(_PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ask(socket: Path, statement: str) -> None:
    """Run a statement as soon as the server answers."""
    ends = time.monotonic() + _PATIENCE
    words = [str(_program("mariadb")), "--no-defaults", f"--socket={socket}", "-uroot", "-e", statement]
    while True:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        assert time.monotonic() < ends, done.stderr
        time.sleep(0.2)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")

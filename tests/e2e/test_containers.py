"""What the images start, started without Docker: out of the wheel, as nobody, able to write nothing but the data."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.containers import ROOT, compose, context_files, read_image

if TYPE_CHECKING:
    from collections.abc import Iterator

GATEWAY = read_image("gateway/Dockerfile")
GENERATOR = read_image("Dockerfile.generator")
_NOBODY = "65534"
_AS_NOBODY = [
    *("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--no-new-privs"),
    # May read what only root may, as the folders of this test: and write nothing.
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search", "--bounding-set=-all,+dac_read_search"),
]


class Container:
    """A place like an image: the environment that it sets, a project that is empty, and a folder of data."""

    def __init__(self, scripts: Path, root: Path) -> None:
        self.scripts = scripts
        self.data = root / "data"
        self.project = root / "project"
        for folder in (self.data, self.project):
            folder.mkdir()
        if self.is_root:
            os.chown(self.data, int(_NOBODY), int(_NOBODY))
        self.project.chmod(0o555)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def is_root(self) -> bool:
        """Whether this test may become somebody else."""
        return os.geteuid() == 0 and shutil.which("setpriv") is not None

    @property
    def environment(self) -> dict[str, str]:
        """What the image and the compose file set, at other places."""
        service = compose()["services"]["gateway"]["environment"]
        return {
            **GATEWAY.environment,
            **service,
            "PATH": f"{self.scripts}:/usr/bin:/bin",
            "HOME": "/nowhere",
            "PROTOGATE_GATEWAY_DATA_DIR": str(self.data),
            "PROTOGATE_GATEWAY_PORT": str(self.port),
        }

    def words(self, command: list[str]) -> list[str]:
        """A command line for somebody who owns nothing here, if that can be had."""
        program = shutil.which(command[0], path=str(self.scripts))
        assert program is not None
        return [*(_AS_NOBODY if self.is_root else []), program, *command[1:]]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.words(command),
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """Start what the image starts, and end it as Docker does."""
        process = subprocess.Popen(
            self.words(GATEWAY.words("ENTRYPOINT")),
            cwd=self.project,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                assert process.stderr is not None
                assert process.stderr.readline() == f"serving http://0.0.0.0:{self.port}\n"
                yield process
                begun = time.monotonic()
                process.send_signal(signal.Signals[GATEWAY.one("STOPSIGNAL")])
                assert process.wait(20) == 0
                assert time.monotonic() - begun < 5
            finally:
                process.kill()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What the gateway answers."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - of this test
            return json.load(answer)


@pytest.fixture
def container(installed: Path) -> Iterator[Container]:
    # Not `tmp_path`, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="protogate-container-") as root:
        Path(root).chmod(0o755)
        yield Container(installed, Path(root))


def _state(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_the_gateway_runs_as_nobody_and_writes_its_data_only(container: Container) -> None:
    before = _state(container.scripts.parent)
    user = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}
    with container.started() as process:
        assert container.run(GATEWAY.health_command).returncode == 0
        # The search index is made beside the first requests.
        deadline = time.monotonic() + 20
        while container.ask("/health")["status"] != "ok":
            assert time.monotonic() < deadline, container.ask("/health/modules")
            time.sleep(0.1)
        created = container.ask("/commands/user/create", user)
        if container.is_root and sys.platform == "linux":
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert f"Uid:\t{_NOBODY}\t{_NOBODY}\t{_NOBODY}\t{_NOBODY}\n" in status
        smoke = container.run(["protogate", "gateway", "smoke", "--url", f"http://127.0.0.1:{container.port}"])
        assert smoke.returncode == 0, smoke.stdout + smoke.stderr
    assert container.run(GATEWAY.health_command).returncode == 1
    assert (container.data / "events.db").is_file()
    assert list(container.project.iterdir()) == []
    assert _state(container.scripts.parent) == before
    with container.started():
        assert container.ask(f"/queries/user/{created['id']}")["email"] == "ann@example.com"


def test_a_data_folder_that_cannot_be_written_is_one_clear_line(container: Container) -> None:
    container.data.chmod(0o555)
    if container.is_root:
        os.chown(container.data, 0, 0)
    done = container.run(GATEWAY.words("ENTRYPOINT"))
    assert (done.returncode, done.stderr) == (
        2,
        f"--data-dir {container.data}: permission denied; name a directory that can be written\n",
    )


def test_an_open_gateway_does_not_start_without_a_word(container: Container) -> None:
    words = container.words(GATEWAY.words("ENTRYPOINT"))
    closed = {name: value for name, value in container.environment.items() if not name.endswith("_INSECURE")}
    done = subprocess.run(words, env=closed, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("--host 0.0.0.0: other machines can reach this address, so clients need a token;")


def test_the_generator_generates_without_a_network(scripts: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    shutil.copytree(ROOT / "examples/shop", project, ignore=shutil.ignore_patterns(".protogate", "generated"))
    command = [*GENERATOR.words("ENTRYPOINT"), *compose()["services"]["generator"]["command"]]
    program = shutil.which(command[0], path=str(scripts))
    assert program is not None
    # Only root may take the network away.
    alone = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []
    environment = {**GENERATOR.environment, "PATH": f"{scripts}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [*alone, program, *command[1:]], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "generated/python/shop/orders/v1/orders_models.py").is_file()


def test_what_docker_gets_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in context_files():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(command, check=True)
    (built,) = tmp_path.glob("*.whl")

    def files(path: Path) -> set[str]:
        with zipfile.ZipFile(path) as archive:
            return {name for name in archive.namelist() if not name.endswith((".pyc", "/RECORD"))}

    assert files(built) == files(wheel)
    assert "protogate/_apps_root/contracts/user/v1/user.proto" in files(built)
    assert "protogate/_apps_root/gateway/web/search.html" in files(built)

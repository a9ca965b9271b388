"""A clean environment with nothing but the built wheel, and copies of repositories to use it in."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Shell:
    """Runs commands in a directory, as a user with one environment does."""

    def __init__(self, directory: Path, scripts: Path) -> None:
        self.directory = directory
        self._scripts = scripts

    def run(self, command: str, *, code: int = 0) -> str:
        """Return what a command prints, after checking its exit code."""
        ours = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        environment["PATH"] = f"{self._scripts}{os.pathsep}/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}"
        return done.stdout

    def files(self, directory: str) -> dict[str, bytes]:
        base = self.directory / directory
        return {
            str(path.relative_to(base)): path.read_bytes()
            for path in sorted(base.rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        }


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what is committed or about to be."""
    return _built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a clean environment that holds the wheel and what it needs."""
    place = tmp_path_factory.mktemp("clean") / "venv"
    _install(place, f"{wheel}[protos]")
    return place / "bin"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a clean environment with the wheel, the extras that the pages speak of, and what tests need.

    The pages are typed in there, as their readers do. All workers of a run share it; whoever comes first makes it.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    with (place / "installed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "installed/ready").exists():
            wheel = _built(place / "installed/wheel")
            _install(place / "installed/venv", f"{wheel}[protos,legacy,discovery,postgres,nats]", "pytest", "httpx")
            (place / "installed/ready").touch()
    return place / "installed/venv/bin"


def _built(directory: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(directory), str(ROOT)]
    subprocess.run(command, check=True)
    (built,) = directory.glob("*.whl")
    return built


def _install(place: Path, *what: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    pip = [str(place / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", *what], check=True)


@pytest.fixture
def shop(tmp_path: Path, installed: Path) -> Shell:
    """The example repository, fresh, outside the checkout."""
    directory = tmp_path / "shop"
    left_out = shutil.ignore_patterns(".protogate", "generated", "_gen", "node_modules", "build", "__pycache__", "*.db")
    shutil.copytree(ROOT / "examples/shop", directory, ignore=left_out)
    return Shell(directory, installed)

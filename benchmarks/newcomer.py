"""What somebody new waits for: from nothing to a first artefact, a first refused commit, and a first live slice.

Everything is typed in as the README says, into an empty directory outside the checkout, with an environment that has
nothing but the wheel. Machines type faster than people read: the figures are what the tools take.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.discovery_figures import Section, render_section
from benchmarks.gateway_figures import at_most
from benchmarks.process import ROOT, ProcessError, finish
from benchmarks.speed_report import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.registry_speed import Goal

__all__ = ["Step", "measure_newcomer", "page"]

_HELP: Final = 0.15
_LIST: Final = 0.5
_DISTRIBUTIONS: Final = 25
_STARTS: Final = 9
_CONTRACT: Final = "contracts/example/v1/example.proto"
_BREAK: Final = (("int64 price = 3", "string price = 3"), (".int64.gte = 0", ".string.min_len = 1"))
_GIT: Final = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "newcomer"), ("EMAIL", "newcomer@example.com"))
}
_PATIENCE: Final = 30
"""Seconds for the gateway to listen."""


class Step(NamedTuple):
    """One thing that is typed in."""

    typed: str
    seconds: float
    so_far: float
    """Seconds since the first step, without those of `pip`."""
    seen: str
    """What it shows that matters."""


class _Newcomer:
    """A directory, an environment, and a clock that stands while packages are fetched."""

    def __init__(self, root: Path, say: Callable[[str], object]) -> None:
        self.root = root / "project"
        self.root.mkdir()
        self.scripts = root / "venv/bin"
        self._say = say
        self.steps: list[Step] = []
        self._so_far = 0.0
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            **_GIT,
            "PATH": f"{self.scripts}{os.pathsep}/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PRE_COMMIT_HOME": str(root / "pre-commit"),
        }

    def types(self, command: str, *, code: int = 0, shown: str = "", sees: str = "") -> str:
        """Run a command line as a step; the step is told as `shown`, and must print `sees`."""
        self._say(shown or command)
        before = time.perf_counter()
        said = self.run(command, code=code)
        self.took(shown or command, time.perf_counter() - before, sees)
        if sees not in said:
            raise ProcessError(f"{command}: does not say {sees!r} but {said[-2000:]!r}")
        return said

    def took(self, shown: str, seconds: float, seen: str) -> None:
        """Note a step."""
        self._so_far += 0.0 if shown.startswith("pip ") else seconds
        self.steps.append(Step(shown, seconds, self._so_far, seen))

    def run(self, command: str, *, code: int = 0) -> str:
        """Run a command line; return what it prints."""
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != code:
            raise ProcessError(f"{command}: exit {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def edits(self, *changes: tuple[str, str]) -> None:
        """Change the contract of the example."""
        path = self.root / _CONTRACT
        text = path.read_text("utf-8")
        for old, new in changes:
            if old not in text:
                raise ProcessError(f"{_CONTRACT}: has no {old!r} any more")
            text = text.replace(old, new)
        path.write_text(text, "utf-8")


def measure_newcomer(say: Callable[[str], object]) -> tuple[str, bool]:
    """Type everything in; give the page and whether every limit is kept."""
    with tempfile.TemporaryDirectory(prefix="newcomer-") as place:
        root = Path(place)
        say("building the wheel")
        finish([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", place, str(ROOT)])
        (wheel,) = root.glob("*.whl")
        finish([sys.executable, "-m", "venv", str(root / "venv")])
        newcomer = _Newcomer(root, say)
        newcomer.types(f"pip install --quiet {wheel}", shown="pip install protogate")
        # Without pip, which was there before.
        installed = len(json.loads(newcomer.run("pip list --format json 2>/dev/null"))) - 1
        _first_artefact(newcomer, wheel)
        _first_refusal(newcomer)
        _first_slice(newcomer, wheel)
        goals = (
            at_most("distributions of `pip install protogate`", _DISTRIBUTIONS, installed, ""),
            at_most(f"`protogate --help`, median of {_STARTS}", _HELP, _start(newcomer, "protogate --help"), "s"),
            at_most(f"`doit list`, median of {_STARTS}", _LIST, _start(newcomer, "doit list"), "s"),
        )
        return page(newcomer.steps, goals), all(one.met for one in goals)


def _first_artefact(newcomer: _Newcomer, wheel: Path) -> None:
    newcomer.types(f"pip install --quiet '{wheel}[protos]'", shown='pip install "protogate[protos]"')
    newcomer.types("git init --quiet && protogate init", shown="protogate init", sees="new     buf.yaml")
    newcomer.types("doit", sees="1 of 1 contract generated")


def _first_refusal(newcomer: _Newcomer) -> None:
    newcomer.types("pip install --quiet pre-commit")
    newcomer.types("pre-commit install", sees="pre-commit installed")
    newcomer.types("git add --all && git commit --message first", sees="Passed")
    newcomer.edits(*_BREAK)
    refused = "git commit --all --message breaking"
    newcomer.types(refused, code=1, shown=f"{refused}    # a field changed its type", sees=f"{_CONTRACT}:21")
    newcomer.run("git checkout --quiet --force HEAD")


def _first_slice(newcomer: _Newcomer, wheel: Path) -> None:
    newcomer.types(f"pip install --quiet '{wheel}[gateway]'", shown='pip install "protogate[gateway]"')
    newcomer.types("protogate slice new order", sees="new     slices/order/handlers.py")
    newcomer.types("protogate generate", sees="2 of 2 contracts generated")
    before = time.perf_counter()
    with _serving(newcomer) as address:
        answer = _asked(f"{address}/commands/order/create", {"title": "first"})
        newcomer.took("protogate gateway &, then POST /commands/order/create", time.perf_counter() - before, answer)


@contextmanager
def _serving(newcomer: _Newcomer) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with subprocess.Popen(
        [newcomer.scripts / "protogate", "gateway", "--port", str(port)],
        cwd=newcomer.root,
        env=newcomer.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            ends = time.monotonic() + _PATIENCE
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if time.monotonic() > ends or process.poll() is not None:
                    raise ProcessError("protogate gateway: does not listen")
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def _asked(url: str, command: dict[str, str]) -> str:
    """Return what the gateway answers to a command, in short."""
    body = json.dumps(command).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
        said = json.load(answer)
        return f"{answer.status}, version {said['version']}"


def _start(newcomer: _Newcomer, command: str) -> float:
    """Return the median of the seconds that a command takes from its start to its end."""
    program, *words = command.split()
    path = newcomer.scripts / program
    taken = []
    for _ in range(_STARTS):
        before = time.perf_counter()
        subprocess.run([path, *words], cwd=newcomer.root, env=newcomer.environment, check=True, capture_output=True)
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)


def page(steps: list[Step], goals: tuple[Goal, ...]) -> str:
    """Return the page."""
    rows = [("typed", "seconds", "so far", "seen"), *(_row(one) for one in steps)]
    text = (
        "One run in an empty directory, with an environment that held nothing before. `so far` leaves out `pip`,\n"
        "which depends on the network; nothing else uses it."
    )
    section = Section("From nothing to a live slice", text, goals, (rows,))
    lines = [
        "# What somebody new waits for",
        "",
        f"Written by `python -m benchmarks newcomer` on {datetime.now(UTC):%Y-%m-%d}; {machine()}.",
        "",
        *render_section(section),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(step: Step) -> tuple[str, str, str, str]:
    return f"`{step.typed}`", f"{step.seconds:.1f}", f"{step.so_far:.1f}", f"`{step.seen}`" if step.seen else ""

"""`protogate watch` follows what people save, and survives their mistakes."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "contracts/example/v1/example.proto"
PATIENCE = 30.0


class Watch:
    """A running `protogate watch` and what it says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "protogate", "watch", "--interval", "0.05"],
            cwd=root,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def wait_for(self, part: str) -> str:
        """The next line that has a part."""
        seen: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"{part!r} was not said; this was: {seen}")
            seen.append(line)
            if part in line:
                return line

    def edit(self, old: str, new: str) -> None:
        path = self.root / CONTRACT
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--ci", "none", "--no-pre-commit"]) == 0
    made = Watch(tmp_path)
    made.wait_for("watching for changes")
    yield made
    if made.process.poll() is None:
        made.end()


def test_what_is_saved_is_generated(watch: Watch) -> None:
    models = watch.root / "generated/python/example/v1/example_models.py"
    assert "weight" not in models.read_text()
    watch.edit("  // Since when", "  // In grams.\n  optional uint32 weight = 6;\n\n  // Since when")
    assert watch.wait_for("stale: ") == "stale: example/v1/example.proto"
    watch.wait_for("1 of 1 contract generated")
    assert "weight" in models.read_text()
    assert watch.end() == 0


def test_a_mistake_is_one_line_and_the_next_save_is_followed(watch: Watch) -> None:
    models = watch.root / "generated/python/example/v1/example_models.py"
    before = models.read_text()
    watch.edit("string name = 2", "strin name = 2")
    assert f"{CONTRACT}:15" in watch.wait_for(CONTRACT)
    assert models.read_text() == before
    watch.edit("strin name = 2", "string title = 2")
    watch.wait_for("1 of 1 contract generated")
    assert "title" in models.read_text()


def test_contracts_that_come_and_go_are_followed(watch: Watch) -> None:
    other = watch.root / "contracts/other/v1/other.proto"
    other.parent.mkdir(parents=True)
    other.write_text('syntax = "proto3";\npackage other.v1;\n// One.\nmessage Other {}\n')
    watch.wait_for("stale: other/v1/other.proto")
    watch.wait_for("1 of 2 contracts generated")
    made = watch.root / "generated/python/other/v1/other_models.py"
    assert made.exists()
    other.unlink()
    watch.wait_for("removed")
    assert not made.exists()

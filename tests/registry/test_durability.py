"""What was acknowledged is there, whatever kills the process that wrote it."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from registry.service import Registry
from registry.sqlite import SqliteStore
from tests.registry.samples import user_text

ROOT = Path(__file__).parents[2]
KILLS = 20

WRITER = """\
import sys
from registry.service import Registry
from registry.sqlite import SqliteStore
from tests.registry.samples import user_text

path, start = sys.argv[1], int(sys.argv[2])
store = SqliteStore(path)
registry = Registry(store)
number = start
while True:
    jobs = []
    for _ in range(3):
        compiled = registry.compile(user_text(number))
        jobs.append(lambda number=number, compiled=compiled: registry.register("user", compiled))
        number += 1
    for done in store.batch(jobs):
        print(done.stored.version, done.stored.content_id, flush=True)
"""


def run_and_kill(path: Path, start: int, patience: float) -> list[tuple[int, str]]:
    """Register until the process is killed; give what it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(start)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read()
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        # Not `communicate`, which knows nothing of the lines that were read together with the first one.
        rest, said = process.stdout.read(), process.stderr.read()
    assert said == ""
    # The last line may be cut off in the middle.
    lines = [line.split() for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return [(int(version), content_id) for version, content_id in lines]


def test_every_acknowledged_version_survives_being_killed(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    seeded = random.Random(3)
    acknowledged: list[tuple[int, str]] = []
    for attempt in range(KILLS):
        acknowledged += run_and_kill(path, attempt * 100_000, seeded.uniform(0, 0.1))
    with closing(SqliteStore(path)) as store:
        kept = {head.version: head.content_id for head in store.heads("user")}
        assert len(acknowledged) >= KILLS
        assert {version: kept.get(version) for version, _ in acknowledged} == dict(acknowledged)
        assert sorted(kept) == list(range(1, len(kept) + 1))
        assert store._rows("PRAGMA integrity_check") == [("ok",)]  # noqa: SLF001 - nothing else shows it
        registry = Registry(store)
        assert registry.register("user", registry.compile(user_text(99_999_999))).stored.version == len(kept) + 1


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace; test_sqlite.py asks SQLite how it syncs")
def test_a_commit_is_synced_before_it_is_acknowledged(tmp_path: Path) -> None:
    """A kill does not lose what the system still buffers, a power failure does: so look at the calls themselves."""
    trace = tmp_path / "trace"
    script = (
        "import os, sys\n"
        "from registry.sqlite import SqliteStore\n"
        "from tests.registry.samples import accept_all, new_version\n"
        f"store = SqliteStore({str(tmp_path / 'registry.db')!r})\n"
        "store.add('a', new_version('One'), accept_all)\n"
        "os.write(1, b'BEGIN')\n"
        "store.add('a', new_version('Two'), accept_all)\n"
        "os.write(1, b'ACK')\n"
    )
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,write,pwrite64", "-o", str(trace), sys.executable]
    subprocess.run([*command, "-c", script], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    calls = trace.read_text(encoding="utf-8", errors="replace")
    _, _, after = calls.partition('"BEGIN"')
    between, acknowledged, _ = after.partition('"ACK"')
    assert acknowledged
    last_write = max(between.rfind("pwrite64("), 0)
    assert "fdatasync(" in between[last_write:] or "fsync(" in between[last_write:]

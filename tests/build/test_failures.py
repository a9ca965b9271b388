from __future__ import annotations

import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from protogate.build import engine
from protogate.build.buf import buf_failure
from protogate.build.summary import Progress
from protogate.errors import InternalError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.repository import Repository

_BUILD = """
import sys
from protogate.build import build
from protogate.build.summary import Progress
from protogate.errors import InternalError, UserError
try:
    build(sys.argv[1], listener=Progress())
except UserError as error:
    print(error)
    sys.exit(2)
"""


def start_build(repository: Repository, **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401 - those of Popen
    """Build in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(repository.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)


def leftovers(repository: Repository) -> list[str]:
    return sorted({path.name for path in (repository.root / ".protogate").iterdir()} - {"lock", "state"})


BROKEN = 'syntax = "proto3";\npackage acme.c.v1;\nmessage C {\n  string = 1;\n}\n'
CYCLE = 'syntax = "proto3";\npackage acme.a.v1;\nimport "acme/b/v1/b.proto";\n'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("acme/c/v1/c.proto", BROKEN, r"c\.proto:4:\d+: \S", id="syntax error"),
        pytest.param(
            "acme/c/v1/c.proto",
            'syntax = "proto3";\npackage acme.c.v1;\nimport "no/such.proto";\n',
            r"c\.proto:3:1: imported file 'no/such\.proto' does not exist",
            id="missing import",
        ),
        pytest.param("acme/a/v1/a.proto", CYCLE, r"\w\.proto:3:1: .*cycl", id="import cycle"),
    ],
)
def test_broken_contract_names_its_place_and_keeps_the_last_outputs(
    repository: Repository, path: str, text: str, expected: str
) -> None:
    repository.build()
    before, times = repository.outputs(), repository.times()
    good = (repository.root / "contracts" / path).read_text()
    repository.write(f"contracts/{path}", text)
    for _ in range(2):
        with pytest.raises(UserError, match=rf"^contracts/acme/\w/v1/{expected}") as caught:
            repository.build()
        assert "Failure" not in str(caught.value)
        assert (repository.outputs(), repository.times()) == (before, times)
        assert not repository.is_current()
        assert leftovers(repository) == []
    repository.write(f"contracts/{path}", good)
    assert repository.is_current()


def test_plugin_that_refuses_is_quoted(repository: Repository) -> None:
    repository.use_targets({"each": {"opt": ["error=acme/a/v1/a.proto:3: 'x' is not known"]}})
    with pytest.raises(UserError, match=r"^acme/a/v1/a.proto:3: 'x' is not known \(plugin .*\)$"):
        repository.build()


def test_plugin_that_breaks_shows_what_it_said(repository: Repository) -> None:
    plugin = repository.root / "plugins/each.py"
    plugin.write_text("import sys; sys.exit('out of cheese')\n")
    with pytest.raises(UserError, match=r"out of cheese"):
        repository.build()


def test_missing_plugin_is_named(repository: Repository) -> None:
    repository.write(
        "buf.gen.yaml",
        "version: v2\ninputs: [{directory: contracts}]\nplugins: [{local: protoc-gen-nowhere, out: out/x}]\n",
    )
    with pytest.raises(UserError, match=r"buf.gen.yaml: plugin 'protoc-gen-nowhere' is not on PATH"):
        repository.build()


def test_missing_buf_is_named(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "search_path", lambda _environment: "/nowhere")
    with pytest.raises(UserError, match=r"buf: not found on PATH; install it with"):
        repository.build()


def test_empty_directory_is_named(make_repository: Callable[[str], Repository]) -> None:
    empty = make_repository("empty")
    (empty.root / "contracts").mkdir()
    with pytest.raises(UserError, match=r"^contracts: holds no .proto file; add one"):
        empty.build()


def test_missing_directory_is_named(make_repository: Callable[[str], Repository]) -> None:
    with pytest.raises(UserError, match=r"^contracts: no such directory"):
        make_repository("none").build()


def test_unreadable_contract_is_named(repository: Repository) -> None:
    repository.build()
    before = repository.outputs()
    path = repository.root / "contracts/acme/c/v1/c.proto"
    path.unlink()
    path.symlink_to("c.proto")  # root reads through any permission, but not through a loop
    with pytest.raises(UserError, match=r"^contracts/acme/c/v1/c.proto: cannot be read: "):
        repository.build()
    assert repository.outputs() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_contract_without_read_permission_is_named(repository: Repository) -> None:
    (repository.root / "contracts/acme/c/v1/c.proto").chmod(0)
    with pytest.raises(UserError, match=r"c.proto: cannot be read: Permission denied"):
        repository.build()


@pytest.mark.parametrize(
    ("content", "note"),
    [
        pytest.param(b"", "another version", id="empty"),
        pytest.param(b"protogate-state 0 abc\n{}", "another version", id="older"),
        pytest.param(b"damaged", "another version", id="damaged"),
        pytest.param(None, "damaged", id="cut off"),
    ],
)
def test_unusable_state_leads_to_a_full_build_and_one_note(
    repository: Repository, content: bytes | None, note: str
) -> None:
    repository.build()
    times = repository.times()
    state = repository.root / ".protogate/state"
    state.write_bytes(state.read_bytes()[:-20] if content is None else content)
    stream = io.StringIO()
    repository.build(listener=Progress(stream))
    assert re.fullmatch(rf"\.protogate/state: .*{note}.*\n", stream.getvalue())
    assert repository.times() == times
    assert repository.is_current()


def test_killed_build_is_repaired_by_the_next(repository: Repository) -> None:
    repository.build()
    before = repository.outputs()
    repository.use_targets({"each": {"opt": ["wait=60"]}})
    with start_build(repository, start_new_session=True) as process:
        wait_for(repository.root / "waiting")
        os.killpg(process.pid, signal.SIGKILL)
    assert repository.outputs() == before
    assert leftovers(repository) != []
    repository.use_targets({"each": {"opt": ["word=after"]}})
    repository.build()
    assert leftovers(repository) == []
    assert all("after" in text for text in repository.outputs().values())


def test_interrupted_build_leaves_no_trace(repository: Repository) -> None:
    repository.build()
    before = repository.outputs()
    repository.use_targets({"each": {"opt": ["wait=60"]}})
    with start_build(repository, start_new_session=True) as process:
        wait_for(repository.root / "waiting")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)
    assert repository.outputs() == before
    assert leftovers(repository) == []


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_build_killed_between_two_moves_leaves_nothing_that_nobody_owns(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    repository.build()
    for name in ("d", "e", "f"):
        repository.contract(f"acme/{name}/v1/{name}.proto", name.upper())
    real = os.replace
    done: list[str] = []

    def dying(source: str, target: str) -> None:
        if str(repository.root / "out") in str(target):
            if len(done) == moves:
                raise KeyboardInterrupt
            done.append(target)
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            repository.build()
        # Killed once more at the same place: what the first one left is still known.
        with pytest.raises(KeyboardInterrupt):
            repository.build()
    for name in ("d", "e", "f"):
        repository.remove(f"contracts/acme/{name}/v1/{name}.proto")
    assert not repository.is_current()
    repository.build()
    assert sorted(repository.outputs()) == [f"each/acme/{n}/v1/{n}.txt" for n in "abc"]


def test_full_disk_keeps_the_last_outputs(repository: Repository) -> None:
    repository.build()
    before, times = repository.outputs(), repository.times()
    repository.use_targets({"each": {"opt": ["word=" + "x" * 200_000]}})

    def small_files() -> None:
        # Stands in for a full disk: the next write past 64 kB fails in buf and in Python alike.
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with start_build(repository, preexec_fn=small_files) as process:
        said, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (2, "")
    assert len(said.strip().splitlines()) == 1
    assert "file too large" in said.lower() or "no space" in said.lower()
    assert (repository.outputs(), repository.times()) == (before, times)
    assert leftovers(repository) == []


def test_full_file_system_keeps_the_last_outputs(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("tiny")
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a tmpfs here")
    try:
        repository.build()
        shutil.copytree(repository.root, place, dirs_exist_ok=True)
        tiny = type(repository)(place)
        tiny.build()
        before = tiny.outputs()
        tiny.use_targets({"each": {"opt": ["word=" + "x" * 100_000]}})
        with pytest.raises(UserError, match=r"no space left on device|No space left on device"):
            tiny.build()
        assert tiny.outputs() == before
        tiny.use_targets({"each": {}})
        assert tiny.is_current()
    finally:
        subprocess.run(["/bin/umount", str(place)], check=True)


def test_two_builds_at_once_do_not_mix(repository: Repository) -> None:
    repository.use_targets({"each": {"opt": ["wait=1"]}})
    with start_build(repository) as first:
        wait_for(repository.root / "waiting")
        with start_build(repository) as second:
            said, complaint = second.communicate(timeout=60)
        first.communicate(timeout=60)
    assert (first.returncode, second.returncode, said) == (0, 0, "")
    assert complaint == "waiting for another build of this project to end\n"
    assert (repository.root / "asked.log").read_text().count("\n") == 1
    assert repository.is_current()


def test_defect_of_our_plugin_is_told_from_a_mistake() -> None:
    said = (
        "Traceback (most recent call last):\nKeyError: 'x'\n"
        "Failure: plugin protoc-gen-protogate-zod: exit status 70\nplugin protoc-gen-protogate-sql: signal: killed\n"
        "plugin protoc-gen-protogate-grpc: context canceled\n"
    )
    defect = buf_failure(said, 1)
    assert isinstance(defect, InternalError)
    assert "KeyError: 'x'" in str(defect)
    assert "killed" not in str(defect)
    assert "canceled" not in str(defect)
    assert isinstance(buf_failure("Failure: plugin protoc-gen-protogate-zod: a.proto:1: no", 1), UserError)

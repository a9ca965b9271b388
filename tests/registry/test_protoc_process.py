"""protoc in processes of its own: the same answers, whatever becomes of a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from registry import protoc, protoc_process
from registry.protoc import ProtocError
from registry.protoc_process import ProtocProcesses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.protoc import Protoc

_MONEY = 'syntax = "proto3"; message Money { int64 units = 1; }'
_PRICE = 'syntax = "proto3"; import "money.proto"; message Price { Money money = 1; }'


@pytest.fixture(scope="module")
def processes() -> Iterator[ProtocProcesses]:
    made = ProtocProcesses(2)
    yield made
    made.close()


def file_of(image: bytes) -> bytes:
    """The only file of an image without the tag and the length in front of it."""
    return protoc_image(image)[0]


def protoc_image(image: bytes) -> tuple[bytes, ...]:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet  # noqa: PLC0415 - only here

    return tuple(file.SerializeToString() for file in FileDescriptorSet.FromString(image).file)


def price(compiler: Protoc) -> bytes:
    money = file_of(compiler.compile_text("money.proto", _MONEY, ()))
    return compiler.compile_text("price.proto", _PRICE, iter([money]))


def checked(compiler: Protoc) -> bytes:
    return compiler.compile_descriptor("money.proto", file_of(protoc.compile_text("money.proto", _MONEY, ())), ())


@pytest.mark.parametrize("ask", [price, checked], ids=["text", "descriptor"])
def test_processes_give_what_protoc_gives_here(processes: ProtocProcesses, ask: Callable[[Protoc], bytes]) -> None:
    assert ask(processes) == ask(protoc)


@pytest.mark.parametrize("text", ["message {", 'import "nothing.proto";', "x" * 10_000])
def test_processes_refuse_what_protoc_refuses_here(processes: ProtocProcesses, text: str) -> None:
    with pytest.raises(ProtocError) as here:
        protoc.compile_text("a.proto", text, ())
    with pytest.raises(ProtocError) as there:
        processes.compile_text("a.proto", text, ())
    assert there.value.lines == here.value.lines


def test_large_schema_goes_through_the_pipes(processes: ProtocProcesses) -> None:
    text = 'syntax = "proto3";\n' + "".join(f"message M{number} {{ string a = 1; }}\n" for number in range(20_000))
    assert len(protoc_image(processes.compile_text("large.proto", text, ()))) == 1


def test_threads_share_the_processes(processes: ProtocProcesses) -> None:
    found: dict[int, bytes] = {}

    def compile_one(number: int) -> None:
        found[number] = processes.compile_text("a.proto", _MONEY.replace("Money", f"Money{number}"), ())

    threads = [threading.Thread(target=compile_one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"Money{number}".encode() in found[number] for number in range(12))


def test_process_that_was_killed_is_replaced() -> None:
    made = ProtocProcesses(1)
    try:
        (pid,) = made.pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ProtocError, match=r"a\.proto: the compiler gave up"):
            made.compile_text("a.proto", _MONEY, ())
        assert made.compile_text("a.proto", _MONEY, ())
    finally:
        made.close()


def test_schema_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protoc_process, "_PATIENCE", 0.0)
    made = ProtocProcesses(1)
    try:
        with pytest.raises(ProtocError, match="gave up"):
            made.compile_text("a.proto", _MONEY, ())
        monkeypatch.setattr(protoc_process, "_PATIENCE", 30.0)
        assert made.compile_text("a.proto", _MONEY, ())
    finally:
        made.close()


def test_processes_end_with_the_server_that_started_them() -> None:
    script = (
        "import os, registry.protoc_process as p\n"
        "made = p.ProtocProcesses(2)\n"
        "print(*made.pids, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    # Nobody may be there to take note of the end of an orphan: then it stays as a zombie.
    done = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip() not in {"", "Z", "Zs"}

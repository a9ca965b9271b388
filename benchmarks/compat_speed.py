"""Times `protogate.compat`: a small contract, a thousand messages, a hundred versions, and `buf breaking` beside it."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from benchmarks.process import tool
from protogate.compat import Mode, check
from protogate.descriptors import Schema
from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Figures", "main", "measure", "thousand_messages", "user_versions"]

_FAILING = ("wire", "confluent")

_USER_V1 = """
syntax = "proto3";
package acme.user.v1;
enum Status { STATUS_UNSPECIFIED = 0; STATUS_ACTIVE = 1; STATUS_LOCKED = 2; }
message Address { string street = 1; string city = 2; string zip = 3; }
message User {
  string id = 1;
  string email = 2;
  string name = 3;
  int32 age = 4;
  Status status = 5;
}
"""

_USER_V2 = """
syntax = "proto3";
package acme.user.v1;
enum Status { STATUS_UNSPECIFIED = 0; STATUS_ACTIVE = 1; STATUS_LOCKED = 2; STATUS_GONE = 3; }
message Address { string street = 1; string city = 2; string zip = 3; }
message User {
  string id = 1;
  string email = 2;
  string name = 3;
  int64 age = 4;
  Status status = 5;
  Address address = 6;
  repeated string tags = 7;
}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; each the median of several rounds, in CPU time of this process unless it says otherwise."""

    user_checks_a_second: float
    """FULL, `wire` and `confluent`, both versions loaded."""
    unchanged_ms: float
    """A thousand messages from bytes to verdict, nothing changed."""
    one_changed_ms: float
    """The same, a field of one message changed."""
    all_changed_ms: float
    """The same, a field of every message changed."""
    transitive_ms: float
    """A hundred versions of the small contract, loaded."""
    one_changed_wall_ms: float
    """One of a thousand messages changed, as the clock on the wall has it: for the ratio to `buf`."""
    buf_wall_ms: float
    """`buf breaking` on the same images, as the clock on the wall has it."""


def user_versions() -> tuple[Schema, Schema]:
    """Two versions of a small contract."""
    return _load(_image("user.proto", _USER_V1)), _load(_image("user.proto", _USER_V2))


def thousand_messages(changed: range, *, messages: int = 1000) -> bytes:
    """An image of messages with 17 fields each, in which those of `changed` have a wider field."""
    kinds = ("string", "int32", "bool", "double", "bytes", "sint32", "fixed32", "uint32")
    bodies = []
    for i in range(messages):
        fields = [f"  {kinds[number % 8]} field_{number} = {number};" for number in range(1, 17)]
        fields.append(f"  {'int64' if i in changed else 'int32'} count = 17;")
        bodies.append(f"message Message{i} {{\n" + "\n".join(fields) + "\n}")
    return _image("large.proto", 'syntax = "proto3";\npackage acme.large.v1;\n' + "\n".join(bodies))


def measure(*, rounds: int = 7) -> Figures:
    """Measure all of it."""
    old, new = user_versions()
    same, one, every = (thousand_messages(changed) for changed in (range(0), range(500, 501), range(1000)))
    versions = [_load(_image("user.proto", _version(i))) for i in range(100)]
    gc.collect()
    gc.freeze()  # what the benchmark holds is none of what it measures
    checks = 20
    return Figures(
        user_checks_a_second=checks / _median(40 * rounds, lambda: _many(checks, old, new)),
        unchanged_ms=1e3 * _median(rounds, lambda: _check_bytes(same, same)),
        one_changed_ms=1e3 * _median(rounds, lambda: _check_bytes(same, one)),
        all_changed_ms=1e3 * _median(rounds, lambda: _check_bytes(same, every)),
        transitive_ms=1e3 * _median(4 * rounds, lambda: _transitive(versions, new)),
        one_changed_wall_ms=1e3 * _median(rounds, lambda: _check_bytes(same, one), time.perf_counter),
        buf_wall_ms=1e3 * _buf_breaking(same, one, rounds),
    )


def _image(name: str, text: str) -> bytes:
    """An image without source info, as the registry keeps it."""
    image = compile_protos({name: text})
    for file in image.file:
        file.ClearField("source_code_info")
    return image.SerializeToString()


def _load(image: bytes) -> Schema:
    files = FileDescriptorSet.FromString(image).file
    return Schema(files, [files[-1].name])


def _version(number: int) -> str:
    """Version `number` of the small contract: every other one tries out a field."""
    more = f"  string trial_{number} = {20 + number};" if number % 2 else ""
    return _USER_V1.replace("  Status status = 5;", f"  Status status = 5;\n{more}")


def _many(checks: int, old: Schema, new: Schema) -> None:
    for _ in range(checks):
        check(old, new, profiles=_FAILING, mode=Mode.FULL)


def _check_bytes(old: bytes, new: bytes) -> None:
    check(_load(old), _load(new), profiles=_FAILING, mode=Mode.BACKWARD)


def _transitive(versions: list[Schema], new: Schema) -> None:
    for version in versions:
        check(version, new, profiles=_FAILING, mode=Mode.FULL)


def _median(rounds: int, run: Callable[[], None], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of the median of several runs."""
    taken: list[float] = []
    for _ in range(rounds):
        start = clock()
        run()
        taken.append(clock() - start)
    return statistics.median(taken)


def _buf_breaking(old: bytes, new: bytes, rounds: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        before, after = Path(name, "old.binpb"), Path(name, "new.binpb")
        before.write_bytes(old)
        after.write_bytes(new)
        config = json.dumps({"version": "v2", "breaking": {"use": ["FILE"]}})
        command = [tool("buf"), "breaking", str(after), "--against", str(before), "--config", config]
        return _median(rounds, lambda: _breaks(command), time.perf_counter)


def _breaks(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != _FOUND:
        raise AssertionError(f"buf breaking said {finished.returncode}: {finished.stdout}{finished.stderr}")


_FOUND = 100
"""buf's exit code for breaking changes."""


def main() -> int:
    """Print the figures as JSON."""
    figures: Mapping[str, float] = asdict(measure())
    sys.stdout.write(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

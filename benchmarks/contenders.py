"""The plugins that are timed side by side: ours, their peers, and two that do nothing."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.process import STATE, finish, tool

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NULL", "PARSE_ONLY", "Contender", "capture_request", "contenders"]

NULL = "null"
"""Reads the request and answers nothing: what buf itself costs."""
PARSE_ONLY = "parse-only"
"""Parses the request with protobuf and answers nothing: what no plugin in Python can go below."""

_PEERS = ("protoc-gen-py==0.7.0",)

_SCRIPTS = {
    NULL: "#!/bin/sh\ncat > /dev/null\n",
    PARSE_ONLY: """#!{python}
import sys

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
# proto3 optional and editions 2023 and 2024: without them buf refuses some files.
answer = CodeGeneratorResponse(supported_features=3, minimum_edition=998, maximum_edition=1001)
sys.stdout.buffer.write(answer.SerializeToString())
""",
    "capture": '#!/bin/sh\ncat > "$PROTOGATE_CAPTURE"\n',
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A plugin under the clock."""

    name: str
    program: str
    options: str = ""
    ours: bool = False


def contenders() -> tuple[Contender, ...]:
    """All plugins in the order in which a round runs them."""
    ours = tuple(
        Contender(f"protogate-{name}", tool(f"protoc-gen-protogate-{name}"), options, ours=True)
        for name, options in (
            *(("pydantic", ""), ("zod", ""), ("jsonschema", ""), ("sql", ""), ("grpc", "")),
            # Many methods of the corpora have the same name.
            ("contract", "names=full"),
        )
    )
    peers = (
        Contender("protoc-gen-py", _peer("protoc-gen-py")),
        Contender("protoc-gen-es", tool("protoc-gen-es"), "target=ts"),
    )
    return (Contender(NULL, _script(NULL)), Contender(PARSE_ONLY, _script(PARSE_ONLY)), *ours, *peers)


def capture_request(image: Path, into: Path) -> Path:
    """The request that buf sends for an image, as a file to replay."""
    if not into.exists() or into.stat().st_mtime < image.stat().st_mtime:
        os.environ["PROTOGATE_CAPTURE"] = str(into)
        template = '{"version": "v2", "plugins": [{"local": "%s", "out": "unused", "strategy": "all"}]}'
        finish([tool("buf"), "generate", str(image), "--template", template % _script("capture")], cwd=into.parent)
    return into


def _script(name: str) -> str:
    path = STATE / "bench" / f"protoc-gen-{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_SCRIPTS[name].replace("{python}", sys.executable))
    path.chmod(0o755)
    return str(path)


def _peer(name: str) -> str:
    """A Python peer, installed apart: its libraries must not meet ours."""
    place = STATE / "bench" / "peers"
    program = place / "bin" / name
    if not program.exists():
        finish([sys.executable, "-m", "venv", str(place)])
        finish([str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *_PEERS])
    return str(program)

"""A small repository with real contracts, real buf and tiny plugins that say what they were asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from protogate.build import BuildResult, build, is_current
from protogate.build.buf import find_buf
from protogate.build.identity import search_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PLUGIN = """
import os, signal, sys
from google.protobuf.compiler import plugin_pb2

request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
response = plugin_pb2.CodeGeneratorResponse(
    supported_features=3, minimum_edition=998, maximum_edition=1001
)
options = dict(word.partition("=")[::2] for word in request.parameter.split(",") if word)
with open("asked.log", "a") as log:
    log.write(KIND + " " + " ".join(request.file_to_generate) + "\\n")
if "error" in options:
    response.error = options["error"]
if "wait" in options:
    open("waiting", "w").close()
    import time
    time.sleep(float(options["wait"]))
wanted = [file for file in request.proto_file if file.name in request.file_to_generate]

def add(name, content):
    response.file.add(name=name, content=content)

"""

_EACH = """
for file in wanted:
    stem = file.name.removesuffix(".proto")
    words = " ".join(message.name for message in file.message_type)
    head = "// source: " + file.name + "\\n" + options.get("word", "") + "\\n"
    if options.get("split"):
        for message in file.message_type:
            add(stem + "." + message.name + ".txt", head + message.name)
    elif file.message_type:
        add(stem + ".txt", head + words)
"""

_PACKAGE = """
import json
packages = {}
for file in wanted:
    packages.setdefault(file.package, []).append(file)
for package, files in packages.items():
    names = ", ".join(file.name for file in files)
    words = sorted(message.name for file in files for message in file.message_type)
    add(package.replace(".", "/") + "/all.json", json.dumps({"$comment": "sources: " + names, "m": words}))
add("runtime.json", "{}")
"""

_END = """
sys.stdout.buffer.write(response.SerializeToString())
"""


class Repository:
    """What a test does to a repository, in the words of the person who works in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("plugins/each.py", f"KIND = 'each'\n{_PLUGIN}{_EACH}{_END}")
        self.write("plugins/package.py", f"KIND = 'package'\n{_PLUGIN}{_PACKAGE}{_END}")
        self.write("buf.yaml", "version: v2\nmodules:\n  - path: contracts\nlint:\n  except: [IMPORT_USED]\n")
        self.use_targets({"each": {}})

    def use_targets(self, targets: dict[str, dict[str, object]]) -> None:
        """Write a template: plugin name to its settings."""
        plugins = [
            {
                "local": [sys.executable, f"plugins/{settings.pop('plugin', name)}.py"],
                "out": settings.pop("out", f"out/{name}"),
                "strategy": "all",
                **settings,
            }
            for name, settings in targets.items()
        ]
        document = {"version": "v2", "inputs": [{"directory": "contracts"}], "plugins": plugins}
        self.write("buf.gen.yaml", json.dumps(document, indent=1))

    def write(self, path: str, text: str) -> None:
        """Write a file; leading indentation is for the test's eyes only."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))

    def contract(self, name: str, *messages: str, imports: tuple[str, ...] = ()) -> None:
        """Write a proto3 contract whose package is its directory."""
        package = name.rpartition("/")[0].replace("/", ".")
        lines = ['syntax = "proto3";', f"package {package};"]
        lines += [f'import "{one}";' for one in imports]
        lines += [f"message {message} {{}}" for message in messages]
        self.write(f"contracts/{name}", "\n".join(lines) + "\n")

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def format_contracts(self) -> None:
        """Do what `buf format -w` does."""
        buf = find_buf(search_path(os.environ))
        subprocess.run([buf, "format", "-w", "contracts"], cwd=self.root, check=True)

    def build(self, **options: object) -> BuildResult:
        """Build, as `doit` does."""
        (self.root / "asked.log").write_text("")
        return build(str(self.root), **options)  # type: ignore[arg-type]

    def asked(self) -> list[str]:
        """What the plugins were asked to generate in the last build, one line for each process."""
        return sorted((self.root / "asked.log").read_text().splitlines())

    def is_current(self) -> bool:
        return is_current(str(self.root))

    def outputs(self) -> dict[str, str]:
        """Content by path of everything below out/."""
        base = self.root / "out"
        return {str(path.relative_to(base)): path.read_text() for path in sorted(base.rglob("*")) if path.is_file()}

    def times(self) -> dict[str, int]:
        base = self.root / "out"
        return {str(path.relative_to(base)): path.stat().st_mtime_ns for path in base.rglob("*") if path.is_file()}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Three contracts: b imports a; c stands alone."""
    made = Repository(tmp_path)
    made.contract("acme/a/v1/a.proto", "A")
    made.contract("acme/b/v1/b.proto", "B", imports=("acme/a/v1/a.proto",))
    made.contract("acme/c/v1/c.proto", "C")
    return made


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[[str], Repository]:
    return lambda name: Repository(tmp_path / name)

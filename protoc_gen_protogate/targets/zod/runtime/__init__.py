"""The TypeScript that generated modules import: the same text whatever the request."""

from __future__ import annotations

import os
from typing import Final

from protoc_gen_protogate.kit import OutputFile, header_lines

__all__ = ["runtime_file"]

_HERE: Final = os.path.dirname(__file__)  # noqa: PTH120 - pathlib costs 4 ms of start-up


def runtime_file(name: str) -> OutputFile:
    """The module `protogate/<name>.ts` of the output root."""
    with open(os.path.join(_HERE, f"{name}.ts"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
        text = file.read()
    first, _ = header_lines("zod", "")
    return OutputFile(f"protogate/{name}.ts", f"// {first}\n{text}")

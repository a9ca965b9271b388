"""The TypeScript that generated modules import: the same text whatever the request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import OutputFile, header_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["runtime_files"]

_HERE: Final = os.path.dirname(__file__)  # noqa: PTH120 - pathlib costs 4 ms of start-up

_NEEDS: Final = {"formats": ("rules", "cel"), "rules": (), "cel": (), "protojson": ()}
"""Which further modules each module imports, `protojson` aside."""


def runtime_files(wanted: Iterable[str], import_suffix: str) -> Iterator[OutputFile]:
    """The modules `protogate/<name>.ts` of the output root: `protojson`, the wanted ones and what they need."""
    names = {"protojson", *wanted}
    for name in wanted:
        names.update(_NEEDS[name])
    for name in sorted(names):
        yield _runtime_file(name, import_suffix)


def _runtime_file(name: str, import_suffix: str) -> OutputFile:
    with open(os.path.join(_HERE, f"{name}.ts"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
        text = file.read()
    for other in _NEEDS:
        text = text.replace(f'"./{other}.js"', f'"./{other}{import_suffix}"')
    first, _ = header_lines("zod", "")
    return OutputFile(f"protogate/{name}.ts", f"// {first}\n/* eslint-disable */\n{text}")

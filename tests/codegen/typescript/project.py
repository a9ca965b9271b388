"""A folder of TypeScript files and the compiler's word about it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["compiler_errors"]

_OPTIONS = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noUnusedLocals": False,
    "noEmit": True,
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "bundler",
    "types": [],
}


def compiler_errors(folder: Path, files: Mapping[str, str], **options: object) -> str:
    """What `tsc --strict` has to say; empty when nothing."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    config = {"compilerOptions": {**_OPTIONS, **options}, "files": list(files)}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    done = subprocess.run(
        [node_modules() / ".bin" / "tsc", "-p", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr

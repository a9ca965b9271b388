"""Imports every generated pydantic module below a folder and completes every model; prints what failed as JSON.

A process of its own, because generated modules are imported by their own names.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from pydantic import BaseModel


def main(root: Path) -> None:
    """Import all modules below `root`."""
    # The script's own folder would shadow modules of the same name.
    sys.path[0] = str(root)
    modules = sorted(path.relative_to(root) for path in root.rglob("*_models.py"))
    failures = [line for path in modules if (line := _failure(path))]
    sys.stdout.write(json.dumps({"modules": len(modules), "failures": failures}))


def _failure(path: Path) -> str:
    name = path.with_suffix("").as_posix().replace("/", ".")
    try:
        module = importlib.import_module(name)
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == name:
                model.model_rebuild(force=True)
    except Exception as error:  # noqa: BLE001 - whatever a generated module raises is the finding
        return f"{path}: {type(error).__name__}: {error}"
    return ""


main(Path(sys.argv[1]))

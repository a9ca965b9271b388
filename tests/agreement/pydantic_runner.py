"""Feeds documents to generated pydantic models: JSON objects on stdin, `[accepts, defect]` on stdout.

A process of its own, because generated modules are imported by their own names.
"""

from __future__ import annotations

import importlib
import json
import sys

from pydantic import BaseModel, ValidationError


def main(root: str) -> None:
    """Judge every line of stdin with the models below `root`."""
    # The script's own folder would shadow modules of the same name.
    sys.path[0] = root
    models: dict[tuple[str, str], type[BaseModel] | str] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        key = asked["module"], asked["name"]
        if key not in models:
            models[key] = _model(*key)
        sys.stdout.write(json.dumps(_verdict(models[key], asked["text"])) + "\n")


def _model(module: str, full_name: str) -> type[BaseModel] | str:
    try:
        found = vars(importlib.import_module(module))
    except Exception as error:  # noqa: BLE001 - whatever a generated module raises is the finding
        return f"no model: {type(error).__name__}: {error}"
    for thing in found.values():
        # Not by the class's own name: of two messages that would flatten to one, one is escaped.
        if isinstance(thing, type) and issubclass(thing, BaseModel) and vars(thing).get("__proto__") == full_name:
            return thing
    return f"no model: {module} has none for {full_name}"


def _verdict(model: type[BaseModel] | str, text: str) -> tuple[bool, str]:
    if isinstance(model, str):
        return False, model
    try:
        model.model_validate_json(text)
    except ValidationError:
        return False, ""
    except Exception as error:  # noqa: BLE001 - anything but a ValidationError is a defect
        return False, f"{type(error).__name__}: {error}"
    return True, ""


main(sys.argv[1])

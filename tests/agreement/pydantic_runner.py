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


def _model(module: str, name: str) -> type[BaseModel] | str:
    try:
        names = vars(importlib.import_module(module))
    except Exception as error:  # noqa: BLE001 - whatever a generated module raises is the finding
        return f"no model: {type(error).__name__}: {error}"
    models = (thing for thing in names.values() if isinstance(thing, type) and issubclass(thing, BaseModel))
    return next((model for model in models if vars(model).get("__proto__") == name), f"no model for {name}")


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

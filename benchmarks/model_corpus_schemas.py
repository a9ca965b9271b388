"""Imports packages and writes down what pydantic says of every model in them, as JSON on the standard output.

A process of its own, in which nothing but the packages of the corpus can be imported.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import pkgutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter

from tests.support.model_schemas import runtime_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.shapes import Direction

_SKIPPED = ("tests", "test", "conftest", "__main__", "testing")
_DIRECTIONS: tuple[Direction, Direction] = ("input", "output")


def main(roots: list[str]) -> None:
    """Write what is known of the models below these packages and modules."""
    failures: dict[str, str] = {}
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        for root in roots:
            _import_all(root, failures)
        models = dict(_models(roots))
        answer = _answer(models, failures)
    json.dump(answer, sys.stdout)


def _import_all(root: str, failures: dict[str, str]) -> None:
    module = _imported(root, failures)
    for found in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{root}."):
        if found.name.rpartition(".")[2] not in _SKIPPED:
            _import_all(found.name, failures)


def _imported(name: str, failures: dict[str, str]) -> object:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a package raises; optional parts are not there
        failures[name] = f"{type(error).__name__}: {error}"[:200]
        return None


def _models(roots: list[str]) -> Iterator[tuple[str, type[BaseModel]]]:
    """All models that a contract could name, by file and dotted name."""
    for model in _subclasses(BaseModel, set()):
        name = model.__module__
        if not any(name == root or name.startswith(f"{root}.") for root in roots):
            continue
        module = sys.modules.get(name)
        if module is not None and _named(module, model.__qualname__) is model and "[" not in model.__qualname__:
            yield f"{Path(str(module.__file__)).resolve()}::{model.__qualname__}", model


def _subclasses(model: type[BaseModel], seen: set[type]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        if one not in seen:
            seen.add(one)
            yield one
            yield from _subclasses(one, seen)


def _named(module: object, qualified: str) -> object:
    found: object = module
    for part in qualified.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found


def _answer(models: dict[str, type[BaseModel]], failures: dict[str, str]) -> dict[str, Any]:
    adapters: dict[str, TypeAdapter[Any]] = {}
    silent: dict[str, str] = {}
    for name, model in models.items():
        try:
            model.model_rebuild()
            adapter = TypeAdapter(model)
            for direction in _DIRECTIONS:
                runtime_schemas({name: adapter}, direction)
        except Exception as error:  # noqa: BLE001 - what pydantic has no answer for is told, whatever the reason
            silent[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        else:
            adapters[name] = adapter
    answer: dict[str, Any] = {"unimportable": failures, "silent": silent}
    for direction in _DIRECTIONS:
        schemas, definitions = runtime_schemas(adapters, direction)
        answer[direction] = {"schemas": schemas, "definitions": definitions}
    return answer


if __name__ == "__main__":
    main(sys.argv[1:])

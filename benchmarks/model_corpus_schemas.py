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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from tests.support.pydantic_schemas import runtime_schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from protogate.crosscheck.shapes import Direction

__all__ = ["answer_for", "answers_one_by_one"]

_Made = TypeVar("_Made")

_SKIPPED = ("tests", "test", "conftest", "__main__", "testing")
_DIRECTIONS: tuple[Direction, Direction] = ("input", "output")


def answer_for(roots: Sequence[str]) -> dict[str, Any]:
    """Return the schemas of all models below these packages and modules, and what could not be imported or told."""
    failures: dict[str, str] = {}
    with _silence():
        return _answer(_imported_models(roots, failures), failures)


def answers_one_by_one(roots: Sequence[str], names: Collection[str]) -> dict[str, Any]:
    """Return schemas that share nothing: pydantic has one definition for a TypedDict in models of other configurations.

    Args:
        roots: packages and modules.
        names: the models, as `answer_for` calls them.
    """
    with _silence():
        models = _imported_models(roots, {})
        return {name: _schemas({name: _adapter(models[name])}) for name in names}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    noise = io.StringIO()
    with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _imported_models(roots: Sequence[str], failures: dict[str, str]) -> dict[str, type[BaseModel]]:
    for root in roots:
        _import_all(root, failures)
    return dict(_models(roots))


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


def _models(roots: Sequence[str]) -> Iterator[tuple[str, type[BaseModel]]]:
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
    silent: dict[str, str] = {}
    adapters: dict[str, TypeAdapter[Any]] = {}
    for name, model in models.items():
        if adapter := _tried(partial(_adapter, model), name, silent):
            adapters[name] = adapter
    try:
        found = _schemas(adapters)
    except Exception:  # noqa: BLE001 - one model without an answer fails them all: find out which
        answering = {
            name: one for name, one in adapters.items() if _tried(partial(_schemas, {name: one}), name, silent)
        }
        found = _schemas(answering)
    return {"unimportable": failures, "silent": silent, **found}


def _adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    model.model_rebuild()
    return TypeAdapter(model)


def _schemas(adapters: dict[str, TypeAdapter[Any]]) -> dict[str, Any]:
    both = {direction: runtime_schemas(adapters, direction) for direction in _DIRECTIONS}
    return {direction: {"schemas": schemas, "definitions": shared} for direction, (schemas, shared) in both.items()}


def _tried(make: Callable[[], _Made], name: str, silent: dict[str, str]) -> _Made | None:
    """Return what is made; what pydantic has no answer for is told, whatever the reason."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - said above
        silent[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return None


def _main(roots: list[str], names: list[str]) -> None:
    json.dump(answers_one_by_one(roots, names) if names else answer_for(roots), sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1].split(), sys.argv[2:])

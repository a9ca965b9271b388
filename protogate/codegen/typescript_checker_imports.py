"""Names that a module imports for type checkers only: `if TYPE_CHECKING: from datetime import date`."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["checker_import"]


class _Import(NamedTuple):
    module: str
    attribute: str | None
    """None when the module itself is meant."""


def checker_import(module: ModuleType, name: str) -> object:
    """Return what a name stands for to a type checker; LookupError when the module does not import it for one."""
    found = _imports(module)[name]
    try:
        imported = importlib.import_module(found.module)
        return imported if found.attribute is None else _attribute(imported, found.attribute)
    except (ImportError, AttributeError) as error:
        raise LookupError(name) from error


@cache
def _imports(module: ModuleType) -> dict[str, _Import]:
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError):
        return {}  # a module without source
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _is_type_checking(node.test)]
    return dict(one for block in blocks for node in block.body for one in _named(node, module.__package__ or ""))


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _named(node: ast.stmt, package: str) -> Iterator[tuple[str, _Import]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            yield (alias.asname, _Import(alias.name, None)) if alias.asname else (first, _Import(first, None))
    elif isinstance(node, ast.ImportFrom):
        try:
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
        except ImportError:
            return
        for alias in node.names:
            yield alias.asname or alias.name, _Import(source, alias.name)


def _attribute(module: ModuleType, name: str) -> object:
    try:
        return getattr(module, name)
    except AttributeError:
        return importlib.import_module(f"{module.__name__}.{name}")

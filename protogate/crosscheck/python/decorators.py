"""Whether a decorator gives back what the function below it gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Variable, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.modules import Scope

__all__ = ["passes_through"]


def passes_through(decorator: ast.expr, scope: Scope) -> bool:
    """Return whether a handler below a decorator still writes what it returns.

    Decorators of packages register, log or guard: they are trusted. Those of the code itself are read.
    """
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    meaning = resolve(node, scope) if isinstance(node, ast.Name | ast.Attribute) else None
    if isinstance(meaning, FunctionDefinition):
        return _passes(meaning.node)
    if isinstance(meaning, Variable):
        # An object: a router, a limiter; a lambda is none.
        return not isinstance(meaning.value, ast.Lambda)
    return not isinstance(meaning, ClassDefinition)


def _passes(node: ast.AST) -> bool:
    """Return whether each function in a decorator returns another one of them, or what one of them gave."""
    if isinstance(node, ast.Lambda):
        return False
    functions = [one for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = {one.name for one in functions}
    for function in functions:
        arguments = function.args
        names |= {one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
    return all(_returns_theirs(function, names) for function in functions)


def _returns_theirs(function: ast.FunctionDef | ast.AsyncFunctionDef, names: set[str]) -> bool:
    own = list(_own(function))
    kept: dict[str, bool] = {}
    for one in own:
        if isinstance(one, ast.Assign):
            for target in one.targets:
                if isinstance(target, ast.Name):
                    kept[target.id] = kept.get(target.id, True) and _is_theirs(one.value, names, {})
        elif isinstance(one, ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            root: ast.expr = one
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name):
                kept[root.id] = False
    returns = [one for one in own if isinstance(one, ast.Return)]
    return bool(returns) and all(_is_theirs(one.value, names, kept) for one in returns)


def _is_theirs(value: ast.expr | None, names: set[str], kept: dict[str, bool]) -> bool:
    match value:
        case ast.Await(value=inner):
            return _is_theirs(inner, names, kept)
        case ast.Name(id=name):
            return kept.get(name, name in names)
        case ast.Call(func=ast.Name(id=name)):
            return name in names
        case ast.Call(func=ast.Call(), args=[ast.Name(id=name)]):
            # `functools.wraps(function)(inner)`
            return name in names
        case _:
            return False


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(one))

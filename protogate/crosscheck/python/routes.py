"""How FastAPI is told about a handler: by a decorator, or by `add_api_route` in the same module."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.names import Known, Variable, resolve
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.modules import Module, Scope
    from protogate.crosscheck.python.names import FunctionDefinition

__all__ = ["Route", "is_fastapi", "is_route", "path_names", "route_of"]

_METHODS: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "query", "api_route", "route"}
)
_REGISTERS: Final = frozenset({"add_api_route"})
_ROUTERS: Final = frozenset({"FastAPI", "APIRouter"})


class Route(NamedTuple):
    """What FastAPI is told about a handler."""

    path: str
    """With the prefix of its router, where that is in sight; empty where the path has to be worked out."""
    options: dict[str, ast.expr]
    """`response_model` and the others."""
    scope: Scope
    """Where the options are looked up."""
    node: ast.Call
    complete: bool
    """Whether no `**options` can hold more."""


def route_of(function: FunctionDefinition) -> Route | None:
    """Return how a function is registered; None when it is no route, as far as its module tells."""
    node = function.node
    if isinstance(node, ast.Lambda):
        return None
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and is_route(decorator, function.outer):
            return _route(decorator, decorator.args[0] if decorator.args else None, function.outer)
    return _registered(function)


def path_names(path: str) -> frozenset[str]:
    """Return the names of the parameters of a path.

    >>> sorted(path_names("/devices/{device_id}/files/{name:path}"))
    ['device_id', 'name']
    """
    return frozenset(re.findall(r"{(\w+)(?::[^}]*)?}", path))


def is_fastapi(name: str, *lasts: str) -> bool:
    """Return whether a known name is one of FastAPI's, or of Starlette's below it."""
    head, _, last = name.partition(".")
    return head in {"fastapi", "starlette"} and last.rpartition(".")[2] in lasts


def is_route(call: ast.Call, scope: Scope) -> bool:
    """Return whether a decorator is `receiver.method("/path", ...)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
        return False
    path = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "path"), None)
    if path is None or (isinstance(path, ast.Constant) and not isinstance(path.value, str)):
        return False
    made_by = _maker(call.func.value, scope)
    if made_by is None:
        # A receiver that is not in sight: `self.router`, a parameter.
        return not isinstance(path, ast.Constant) or str(path.value or "/").startswith("/")
    return made_by


def _maker(receiver: ast.expr, scope: Scope) -> bool | None:
    """Return whether a receiver is a router or app of FastAPI; None when nobody can tell."""
    call = _making(receiver, scope)
    if call is None:
        return None
    meaning = resolve(call.node.func, call.scope) if isinstance(call.node.func, ast.Name | ast.Attribute) else None
    if isinstance(meaning, Known):
        return is_fastapi(meaning.name, *_ROUTERS)
    return None


class _Making(NamedTuple):
    node: ast.Call
    scope: Scope


def _making(receiver: ast.expr, scope: Scope) -> _Making | None:
    """Return the call that a name at the top of a module is bound to."""
    if not isinstance(receiver, ast.Name | ast.Attribute):
        return None
    meaning = resolve(receiver, scope)
    if isinstance(meaning, Variable) and isinstance(meaning.value, ast.Call):
        return _Making(meaning.value, meaning.scope)
    return None


def _route(call: ast.Call, path: ast.expr | None, scope: Scope) -> Route:
    options = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    path = path or options.get("path")
    text = _text(path, scope) if path is not None else ""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    made = None if receiver is None else _making(receiver, scope)
    if made is not None:
        prefix = next((one.value for one in made.node.keywords if one.arg == "prefix"), None)
        text = (_text(prefix, made.scope) if prefix is not None else "") + text
    return Route(text, options, scope, call, all(keyword.arg is not None for keyword in call.keywords))


def _text(node: ast.expr, scope: Scope) -> str:
    """Return a text that is written out; empty where it is not."""
    found = constant(node, scope)
    return found.value if not isinstance(found, Unresolved) and isinstance(found.value, str) else ""


def _registered(function: FunctionDefinition) -> Route | None:
    """Return the call in the same module that registers a function."""
    module = function.module
    name = function.name.rpartition(".")[2]
    for call, scope in _registrations(module):
        is_add = isinstance(call.func, ast.Attribute) and call.func.attr in _REGISTERS
        outer = call if is_add else call.func
        handler = _argument(call, 1, "endpoint") if is_add else _argument(call, 0, "")
        if not isinstance(outer, ast.Call) or not _names(handler, name, function, scope):
            continue
        return _route(outer, outer.args[0] if outer.args else None, scope)
    return None


def _registrations(module: Module) -> list[tuple[ast.Call, Scope]]:
    """Return the calls of a module that register handlers: `add_api_route(...)`, `router.get(...)(handler)`."""
    key = "routes"
    found = module.scope.cache.get(key)
    if found is None:
        calls: Iterator[ast.Call] = iter(())
        if b"add_api_route" in module.data or re.search(rb"\)\s*\(", module.data):
            calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
        found = module.scope.cache[key] = [(call, module.scope) for call in calls if _registers(call, module.scope)]
    return found  # type: ignore[return-value]  # what this function put there


def _registers(call: ast.Call, scope: Scope) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in _REGISTERS
    return isinstance(call.func, ast.Call) and is_route(call.func, scope)


def _argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    if len(call.args) > index:
        return call.args[index]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _names(node: ast.expr | None, name: str, function: FunctionDefinition, scope: Scope) -> bool:
    """Return whether an expression names a function: by its name, or as a method of `self` or its class."""
    if isinstance(node, ast.Name):
        return resolve(node, scope) is function
    return isinstance(node, ast.Attribute) and node.attr == name and function.outer.kind == "class"

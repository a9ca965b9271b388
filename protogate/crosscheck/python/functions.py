"""Runs small pure functions on constants: alias generators and the like.

Only a part of Python that cannot do harm: names, text and its methods, slices, conditions, comprehensions. Anything
else makes the result unresolved. Every run is bounded.
"""

from __future__ import annotations

import ast
import operator
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from protogate.crosscheck.python.names import FunctionDefinition, Known, Variable, definition_of_known, resolve, shown
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protogate.crosscheck.python.modules import Scope
    from protogate.findings import Place

__all__ = ["call_function", "call_known", "evaluate"]

_MOST_STEPS: Final = 10_000
_LONGEST: Final = 10_000
_FAILURES: Final = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, MemoryError)
"""What code on constants may raise."""


def evaluate(expression: ast.expr, scope: Scope) -> Any:  # noqa: ANN401 - any constant
    """Return the value of an expression of constants; unresolved when that is not certain."""
    try:
        return _Run(scope).value(expression)
    except _Stuck as stuck:
        return Unresolved(stuck.reason, scope.module.place(stuck.node or expression))
    except RecursionError:
        return Unresolved("an expression that is nested too deeply", scope.module.place(expression))
    except _FAILURES as error:
        return Unresolved(f"it fails: {error}", scope.module.place(expression))


class _Stuck(Exception):  # noqa: N818 - control flow, not an error
    """The code does something that is not understood."""

    def __init__(self, reason: str, node: ast.AST | None = None, error: Exception | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.error = error
        """What the code raises here, which it may catch."""


class _Returned(Exception):  # noqa: N818 - as above
    def __init__(self, value: Any) -> None:  # noqa: ANN401 - any constant
        super().__init__()
        self.value = value


def call_known(scope: Scope, name: str, arguments: Sequence[object], place: Place) -> Any:  # noqa: ANN401
    """Return what a known function gives for constants; its source is read where it is installed.

    Args:
        scope: where it is called.
        name: its canonical name.
        arguments: constants.
        place: what calls it.
    """
    owner, _, method = name.rpartition(".")
    if owner == "str" and method in _METHODS and arguments and isinstance(arguments[0], str):
        return getattr(arguments[0], method)(*arguments[1:])
    source = definition_of_known(scope.module.workspace, name)
    if isinstance(source, FunctionDefinition):
        return call_function(source, arguments, place)
    return Unresolved(f"{name}() has to be run", place)


def call_function(function: FunctionDefinition, arguments: Sequence[object], place: Place) -> Any:  # noqa: ANN401
    """Return what a function gives for constants; unresolved when that is not certain.

    Args:
        function: its code.
        arguments: constants.
        place: what calls it.
    """
    try:
        return _Run(function.outer.inner(function.node)).call(function, arguments)
    except _Stuck as stuck:
        at = function.module.place(stuck.node) if stuck.node is not None else place
        return Unresolved(f"{function.name}() has to be run: {stuck.reason}", at)
    except RecursionError:
        return Unresolved(f"{function.name}() has to be run", place)
    except _FAILURES as error:
        return Unresolved(f"{function.name}() fails: {error}", place)


_METHODS: Final = frozenset(
    {
        "lower", "upper", "title", "capitalize", "casefold", "swapcase", "replace", "split", "rsplit", "join",
        "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "startswith", "endswith", "partition",
        "rpartition", "isupper", "islower", "isdigit", "isalpha", "find", "index", "count",
    }
)  # fmt: skip
_OPERATORS: Final[dict[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "len": len,
    "enumerate": lambda *values: list(enumerate(*values)),
    "str": str,
    "int": int,
    "list": list,
    "tuple": tuple,
    "bool": bool,
    "range": lambda *values: list(range(*(max(-_LONGEST, min(_LONGEST, one)) for one in values))),
    "zip": lambda *values: list(zip(*values, strict=False)),
    "map": lambda function, values: [function(one) for one in values],
    "iter": list,
    "any": any,
    "all": all,
}
_EXPRESSIONS: Final[dict[str, Callable[..., Any]]] = {
    "re.sub": re.sub,
    "re.match": re.match,
    "re.search": re.search,
    "re.fullmatch": re.fullmatch,
    "re.split": re.split,
    "re.findall": re.findall,
    "re.compile": re.compile,
}
_PATTERN_METHODS: Final = frozenset({"sub", "match", "search", "fullmatch", "split", "findall"})
_ERRORS: Final[dict[str, type[Exception]]] = {
    "Exception": Exception,
    "IndexError": IndexError,
    "KeyError": KeyError,
    "LookupError": LookupError,
    "TypeError": TypeError,
    "ValueError": ValueError,
}
_REPEATED_GROUP: Final = re.compile(r"\)[*+{]")
"""What can make an expression take forever."""


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(pattern: Any, *values: Any) -> Any:  # noqa: ANN401 - as `re` takes them
        if not isinstance(pattern, str) or _REPEATED_GROUP.search(pattern):
            raise _Stuck("its regular expression may take long")
        return function(pattern, *values)

    return bounded


class _Run:
    """One call, with its variables."""

    def __init__(self, scope: Scope, steps: list[int] | None = None, values: dict[str, Any] | None = None) -> None:
        self._scope = scope
        self._steps = [0] if steps is None else steps
        self._values: dict[str, Any] = {} if values is None else values

    def call(self, function: FunctionDefinition, arguments: Sequence[object]) -> Any:  # noqa: ANN401
        node = function.node
        names = [one.arg for one in [*node.args.posonlyargs, *node.args.args]]
        decorators = [shown(one) for one in getattr(node, "decorator_list", [])]
        if isinstance(node, ast.AsyncFunctionDef) or decorators not in ([], ["staticmethod"]):
            raise _Stuck("it is decorated or asynchronous", node)
        if len(names) > len(arguments) and names[:1] in (["self"], ["cls"]):
            names = names[1:]
        required = len(names) - len(node.args.defaults)
        if len(arguments) < required or (len(arguments) > len(names) and node.args.vararg is None):
            raise _Stuck("it takes other arguments", node)
        if node.args.vararg is not None:
            self._values[node.args.vararg.arg] = tuple(arguments[len(names) :])
        # What is defined around a lambda is seen from inside of it.
        given = dict(zip(names, arguments, strict=False))
        self._values |= given
        for name, default in zip(reversed(names), reversed(node.args.defaults), strict=False):
            if name not in given:
                self._values[name] = self.value(default)
        if isinstance(node, ast.Lambda):
            return self.value(node.body)
        try:
            self._block(node.body)
        except _Returned as returned:
            return returned.value
        return None

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._step(statement)
            match statement:
                case ast.Return(value=value):
                    raise _Returned(None if value is None else self.value(value))
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case (
                    ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value)
                ):
                    self._assign(target, self.value(value))
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if type(op) in _OPERATORS:
                    self._values[name] = self._operate(op, self._values.get(name), self.value(value), statement)
                case ast.If(test=test, body=then, orelse=otherwise):
                    self._block(then if self.value(test) else otherwise)
                case ast.Try(finalbody=[]):
                    self._try(statement)
                case ast.For(target=target, iter=values, body=inner, orelse=[]):
                    for one in self.value(values):
                        self._assign(target, one)
                        self._block(inner)
                case _:
                    raise _Stuck("it does more than work out a text", statement)

    def _try(self, statement: ast.Try) -> None:
        try:
            self._block(statement.body)
        except _Stuck as stuck:
            handler = next((one for one in statement.handlers if self._catches(one, stuck.error)), None)
            if handler is None:
                raise
            self._block(handler.body)
        else:
            self._block(statement.orelse)

    def _catches(self, handler: ast.ExceptHandler, error: Exception | None) -> bool:
        if error is None or handler.name is not None:
            return False
        wanted = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for one in wanted:
            meaning = None if one is None else resolve(one, self._scope)
            if one is None or (isinstance(meaning, Known) and isinstance(error, _ERRORS.get(meaning.name, ()))):
                return True
        return False

    def _assign(self, target: ast.expr, value: Any) -> None:  # noqa: ANN401
        if isinstance(target, ast.Name):
            self._values[target.id] = value
            return
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (tuple, list)):
            starred = next((i for i, one in enumerate(target.elts) if isinstance(one, ast.Starred)), None)
            if starred is None and len(value) == len(target.elts):
                for one, part in zip(target.elts, value, strict=True):
                    self._assign(one, part)
                return
            if starred is not None and len(value) >= len(target.elts) - 1:
                behind = len(target.elts) - starred - 1
                end = len(value) - behind
                parts = [*value[:starred], list(value[starred:end]), *value[end:]]
                for one, part in zip(target.elts, parts, strict=True):
                    self._assign(one.value if isinstance(one, ast.Starred) else one, part)
                return
        raise _Stuck("it does more than work out a text", target)

    def value(self, node: ast.expr) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - one case for each expression
        self._step(node)
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._values[name] if name in self._values else self._global(node)
            case ast.Attribute():
                return self._global(node)
            case ast.JoinedStr(values=parts):
                return "".join(str(self.value(one)) for one in parts)
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                return str(self.value(inner))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._operate(op, self.value(left), self.value(right), node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.BoolOp(op=op, values=values):
                result = None
                for one in values:
                    result = self.value(one)
                    if bool(result) is isinstance(op, ast.Or):
                        break
                return result
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                return self._operate(op, self.value(left), self.value(right), node)
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return self.value(then if self.value(test) else otherwise)
            case ast.List(elts=parts):
                return list(self._spread(parts))
            case ast.Tuple(elts=parts):
                return tuple(self._spread(parts))
            case ast.Set(elts=parts):
                return set(self._spread(parts))
            case ast.Dict(keys=keys, values=values) if all(key is not None for key in keys):
                return {self.value(key): self.value(one) for key, one in zip(keys, values, strict=True) if key}
            case ast.Subscript(value=whole, slice=inside):
                return self._subscript(self.value(whole), inside, node)
            case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
                return list(self._comprehension(elt, generators))
            case ast.Lambda():
                return self._closure(node)
            case ast.Call(func=function, args=arguments):
                return self._call(node, function, arguments)
            case _:
                raise _Stuck(f"{shown(node)} is not understood", node)

    def _closure(self, node: ast.Lambda) -> Callable[..., Any]:
        seen = dict(self._values)
        return lambda *values: _Run(self._scope, self._steps, dict(seen)).call(
            FunctionDefinition(node, self._scope), values
        )

    def _step(self, node: ast.AST) -> None:
        self._steps[0] += 1
        if self._steps[0] > _MOST_STEPS:
            raise _Stuck("it takes too many steps", node)

    def _spread(self, parts: Sequence[ast.expr]) -> list[Any]:
        values: list[Any] = []
        for one in parts:
            if isinstance(one, ast.Starred):
                values += self.value(one.value)
            else:
                values.append(self.value(one))
        return values

    def _global(self, node: ast.Name | ast.Attribute) -> Any:  # noqa: ANN401
        meaning = resolve(node, self._scope)
        if isinstance(meaning, Variable) and meaning.value is not None:
            return _Run(meaning.scope, self._steps).value(meaning.value)
        if isinstance(meaning, FunctionDefinition):
            return lambda *values: _Run(meaning.scope, self._steps).call(meaning, values)
        if isinstance(meaning, Known):
            known = self._known(meaning.name)
            if known is not None:
                return known
        raise _Stuck(f"{shown(node)} is not certain", node)

    def _known(self, name: str) -> Any:  # noqa: ANN401, PLR0911 - one for each family
        if name == "sys.version_info":
            return tuple(sys.version_info)
        owner, _, method = name.rpartition(".")
        if owner == "str" and method in _METHODS:
            return getattr(str, method)
        if name in _CALLS:
            return _CALLS[name]
        if name in _EXPRESSIONS:
            return _bounded(_EXPRESSIONS[name])
        if name.partition(".")[0] in sys.stdlib_module_names:
            # What else the standard library says depends on where it runs.
            return None
        source = definition_of_known(self._scope.module.workspace, name)
        if isinstance(source, FunctionDefinition):
            return lambda *values: _Run(source.scope, self._steps).call(source, values)
        if isinstance(source, Variable) and source.value is not None:
            return _Run(source.scope, self._steps).value(source.value)
        return None

    def _operate(self, op: ast.AST, one: Any, other: Any, node: ast.AST) -> Any:  # noqa: ANN401
        try:
            result = _OPERATORS[type(op)](one, other)
        except (TypeError, ValueError, KeyError):
            raise _Stuck(f"{shown(node)} fails", node) from None
        if isinstance(result, (str, list, tuple)) and len(result) > _LONGEST:
            raise _Stuck("its result is too long", node)
        return result

    def _subscript(self, whole: Any, inside: ast.expr, node: ast.AST) -> Any:  # noqa: ANN401
        if isinstance(inside, ast.Slice):
            ends = (inside.lower, inside.upper, inside.step)
            index: Any = slice(*(None if one is None else self.value(one) for one in ends))
        else:
            index = self.value(inside)
        try:
            return whole[index]
        except (TypeError, LookupError, ValueError) as error:
            raise _Stuck(f"{shown(node)} fails", node, error) from None

    def _comprehension(self, elt: ast.expr, generators: Sequence[ast.comprehension]) -> list[Any]:
        if len(generators) != 1 or generators[0].is_async:
            raise _Stuck("its loops are not understood", elt)
        outer = dict(self._values)
        values: list[Any] = []
        for one in self.value(generators[0].iter):
            self._assign(generators[0].target, one)
            if all(self.value(test) for test in generators[0].ifs):
                values.append(self.value(elt))
        self._values = outer
        return values

    def _call(self, node: ast.Call, function: ast.expr, arguments: Sequence[ast.expr]) -> Any:  # noqa: ANN401
        values = self._spread(arguments)
        keywords = {str(one.arg): self.value(one.value) for one in node.keywords}
        called: Any = None
        if isinstance(function, ast.Attribute):
            called = self._method(function)
        elif isinstance(function, ast.Name):
            called = self.value(function)
        if not callable(called):
            raise _Stuck(f"{shown(node)} is not understood", node)
        try:
            result = called(*values, **keywords)
        except (TypeError, ValueError, LookupError, OverflowError, re.error) as error:
            raise _Stuck(f"{shown(node)} fails", node, error) from None
        if isinstance(result, (str, list, tuple)) and len(result) > _LONGEST:
            raise _Stuck("its result is too long", node)
        return result

    def _method(self, function: ast.Attribute) -> Any:  # noqa: ANN401
        if isinstance(function.value, (ast.Name, ast.Attribute)):
            is_local = isinstance(function.value, ast.Name) and function.value.id in self._values
            meaning = None if is_local else resolve(function, self._scope)
            known = self._known(meaning.name) if isinstance(meaning, Known) else None
            if known is not None:
                return known
        owner = self.value(function.value)
        if isinstance(owner, str) and function.attr in _METHODS:
            return getattr(owner, function.attr)
        if isinstance(owner, re.Match) and function.attr in {"group", "groups", "start", "end"}:
            return getattr(owner, function.attr)
        if isinstance(owner, re.Pattern) and function.attr in _PATTERN_METHODS:
            return getattr(owner, function.attr)
        if isinstance(owner, dict) and function.attr == "get":
            return owner.get
        if isinstance(owner, list) and function.attr in {"append", "pop", "insert"}:
            return getattr(owner, function.attr)
        raise _Stuck(f".{function.attr}() is not understood", function)

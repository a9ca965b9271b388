"""Which arms of `if` and `try` at the top of a module are taken: only where that is certain."""

from __future__ import annotations

import ast
import enum
import operator
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protogate.crosscheck.python.modules import Condition, Scope

__all__ = ["Verdict", "verdict"]


class Verdict(enum.Enum):
    """Whether a binding is made when the module is run."""

    YES = enum.auto()
    NO = enum.auto()
    UNKNOWN = enum.auto()
    TYPE_CHECKING = enum.auto()
    """Type checkers read it, nobody runs it."""


def verdict(scope: Scope, conditions: tuple[Condition, ...]) -> Verdict:
    """Return whether all conditions of a binding in `scope` hold."""
    result = Verdict.YES
    for condition in conditions:
        one = _one(scope, condition)
        if one is Verdict.NO:
            return one
        if one is not Verdict.YES and result is not Verdict.TYPE_CHECKING:
            result = one
    return result


def _one(scope: Scope, condition: Condition) -> Verdict:
    if isinstance(condition.node, ast.Try):
        return _of_try(scope, condition.node, condition.arm)
    holds = _truth(scope, condition.node)
    if holds is None:
        return Verdict.UNKNOWN
    if holds is _CHECKING:
        return Verdict.TYPE_CHECKING if condition.arm == "then" else Verdict.YES
    if holds is _NOT_CHECKING:
        return Verdict.YES if condition.arm == "then" else Verdict.TYPE_CHECKING
    return Verdict.YES if holds is (condition.arm == "then") else Verdict.NO


_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_CHECKING: Final = "TYPE_CHECKING"
_NOT_CHECKING: Final = "not TYPE_CHECKING"


def _truth(scope: Scope, test: ast.expr) -> bool | str | None:  # noqa: PLR0911 - one for each form of a test
    """Whether a test holds; None when it has to be run."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _truth(scope, test.operand)
        if inner == _CHECKING:
            return _NOT_CHECKING
        if inner == _NOT_CHECKING:
            return _CHECKING
        return None if inner is None else not inner
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.BoolOp):
        return _of_many(test.op, [_truth(scope, one) for one in test.values])
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        compared = _compared(scope, test.left, test.ops[0], test.comparators[0])
        return _worked_out(scope, test) if compared is None else compared
    if isinstance(test, (ast.Name, ast.Attribute)):
        name = test.id if isinstance(test, ast.Name) else test.attr
        if name == "TYPE_CHECKING":
            return _CHECKING
        return _constant_truth(scope, test)
    return _worked_out(scope, test) if isinstance(test, ast.Call) else None


def _of_many(joined_by: ast.boolop, values: list[bool | str | None]) -> bool | str | None:
    decisive = isinstance(joined_by, ast.Or)
    if any(value is decisive for value in values):
        return decisive
    rest = [value for value in values if value is not (not decisive)]
    if not rest:
        return not decisive
    return rest[0] if len(rest) == 1 else None


def _constant_truth(scope: Scope, test: ast.expr) -> bool | None:
    from protogate.crosscheck.python.names import Variable, resolve

    meaning = resolve(test, scope)
    if isinstance(meaning, Variable) and isinstance(meaning.value, ast.Constant):
        return bool(meaning.value.value)
    if isinstance(meaning, Variable) and isinstance(meaning.value, (ast.Compare, ast.UnaryOp, ast.BoolOp, ast.Call)):
        truth = _truth(meaning.scope, meaning.value)
        return truth if isinstance(truth, bool) else None
    return None


def _compared(scope: Scope, left: ast.expr, compared_by: ast.cmpop, right: ast.expr) -> bool | None:
    ours = _interpreter_value(scope, left)
    if ours is None:
        return None
    try:
        theirs = ast.literal_eval(right)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    compare = _COMPARISONS.get(type(compared_by))
    try:
        return None if compare is None else bool(compare(ours, theirs))
    except TypeError:
        return None


def _interpreter_value(scope: Scope, expression: ast.expr) -> object | None:
    """The value of `sys.version_info`, parts of it, `sys.platform` and `os.name`; None for anything else."""
    from protogate.crosscheck.python.names import Known, resolve

    if isinstance(expression, ast.Subscript):
        whole = _interpreter_value(scope, expression.value)
        if not isinstance(whole, tuple):
            return None
        if isinstance(expression.slice, ast.Slice):
            upper = expression.slice.upper
            is_plain = expression.slice.lower is None and expression.slice.step is None
            end = upper.value if isinstance(upper, ast.Constant) else None
            return whole[:end] if is_plain and isinstance(end, int) else None
        index = expression.slice.value if isinstance(expression.slice, ast.Constant) else None
        return whole[index] if isinstance(index, int) and index < len(whole) else None
    if not isinstance(expression, (ast.Name, ast.Attribute)):
        return None
    meaning = resolve(expression, scope)
    values: dict[str, object] = {
        "sys.version_info": tuple(sys.version_info),
        "sys.version_info.major": sys.version_info.major,
        "sys.version_info.minor": sys.version_info.minor,
        "sys.platform": sys.platform,
        "os.name": os.name,
    }
    return values.get(meaning.name) if isinstance(meaning, Known) else None


def _worked_out(scope: Scope, test: ast.expr) -> bool | None:
    """The truth of a test on constants, such as the version of an installed package."""
    from protogate.crosscheck.python.functions import evaluate

    found = evaluate(test, scope)
    return None if isinstance(found, Unresolved) else bool(found)


def _of_try(scope: Scope, statement: ast.Try, arm: str) -> Verdict:
    """Whether an arm of `try: import` is taken: the body, if all that it imports is there."""
    key = ("try", statement)
    if key not in scope.cache:
        # An import that leads back here finds its own arm taken.
        scope.cache[key] = True
        scope.cache[key] = _imports_work(scope, statement) if _catches_imports(statement) else None
    works = scope.cache[key]
    if arm == "body":
        return Verdict.NO if works is False else Verdict.YES
    if works is None:
        # What fails there fails rarely: the body is what the code is written for.
        return Verdict.UNKNOWN
    return Verdict.NO if works else Verdict.YES


_IMPORT_ERRORS: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _catches_imports(statement: ast.Try) -> bool:
    return any(_caught(handler.type) for handler in statement.handlers)


def _caught(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    if isinstance(caught, ast.Tuple):
        return any(map(_caught, caught.elts))
    return isinstance(caught, ast.Name) and caught.id in _IMPORT_ERRORS


def _imports_work(scope: Scope, statement: ast.Try) -> bool | None:
    """None when nothing is imported there."""
    imports = [one for one in statement.body if isinstance(one, (ast.Import, ast.ImportFrom))]
    if not imports:
        return None
    return all(works for one in imports for works in _import_works(scope, one))


def _import_works(scope: Scope, statement: ast.Import | ast.ImportFrom) -> Iterator[bool]:
    from protogate.crosscheck.python import names

    module = scope.module
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            meaning = names.import_module(module, alias.name, module.place(statement))
        elif alias.name == "*":
            meaning = names.imported_module(module, statement)
        else:
            meaning = names.imported_name(module, statement, alias.name)
        yield names.exists(meaning)

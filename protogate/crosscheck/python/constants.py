"""The values of constant expressions: what is certain without running the code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from protogate.crosscheck.python.functions import evaluate
from protogate.crosscheck.python.names import ClassDefinition, Known, Variable, resolve, shown
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Meaning
    from protogate.crosscheck.shapes import Scalar
    from protogate.findings import Place

__all__ = ["Constant", "EnumMember", "Value", "constant", "constant_of", "json_value", "scalar"]


class EnumMember:
    """The member of an Enum as a value; no tuple, which would be a value with parts."""

    __slots__ = ("name", "owner", "place", "value")

    name: Final[str]
    owner: Final[object]
    """What tells its Enum from others."""
    value: Final[Value]
    place: Final[Place]

    def __init__(self, owner: object, name: str, value: Value, place: Place) -> None:
        self.owner = owner
        self.name = name
        self.value = value
        self.place = place


Value: TypeAlias = "str | int | float | bool | bytes | tuple[Value, ...] | dict[str, Value] | EnumMember | None"


class Constant(NamedTuple):
    """A value that is certain, and where it is written."""

    value: Value
    place: Place


_DEEPEST: Final = 60
_LONGEST: Final = 100_000
"""Characters of a string that is made by operators."""


def constant(  # noqa: PLR0911 - one for each kind of expression
    expression: ast.expr, scope: Scope, *, line: int | None = None, depth: int = 0
) -> Constant | Unresolved:
    """Return the value of an expression.

    Args:
        expression: a literal, names of constants, members of enums, concatenations, f-strings of constants.
        scope: where it stands.
        line: where it is evaluated; None for the end of the module.
        depth: steps that led here.
    """
    place = scope.module.place(expression)
    if depth > _DEEPEST:
        return Unresolved(f"{shown(expression)} leads back to itself", place)
    match expression:
        case ast.Constant(value=value):
            if value is None or isinstance(value, (str, int, float, bool, bytes)):
                return Constant(value, place)
            return Unresolved(f"{value!r} does not stand in documents", place)
        case ast.Name() | ast.Attribute():
            return _named(expression, scope, line, depth)
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, constant(operand, scope, line=line, depth=depth + 1), place)
        case ast.BinOp(left=left, op=operation, right=right):
            one = constant(left, scope, line=line, depth=depth + 1)
            other = constant(right, scope, line=line, depth=depth + 1)
            return _binary(operation, one, other, place)
        case ast.JoinedStr(values=values):
            return _joined(values, scope, line, depth, place)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return _sequence(parts, scope, line, depth, place)
        case _:
            value = evaluate(expression, scope)
            if value is None or isinstance(value, (str, int, float, bool, bytes)):
                return Constant(value, place)
            return Unresolved(f"{shown(expression)} is worked out when the code runs", place)


def constant_of(meaning: Meaning, place: Place, *, depth: int = 0) -> Constant | Unresolved:
    """Return the value of what a name means."""
    if isinstance(meaning, Unresolved):
        return meaning
    if isinstance(meaning, Variable):
        owner = _enum_of(meaning)
        if owner is not None:
            return _member(owner, meaning, place)
        if meaning.value is None:
            return Unresolved(f"'{meaning.name}' has no value", meaning.place)
        return constant(meaning.value, meaning.scope, line=getattr(meaning.node, "lineno", None), depth=depth + 1)
    if isinstance(meaning, Known):
        return _known_constant(meaning.name, place)
    return Unresolved(f"'{meaning.name}' is no constant", place)


def json_value(value: Value) -> Scalar | Unresolved:
    """Return a value as it stands in a document; unresolved for what has parts."""
    if isinstance(value, EnumMember):
        inner = json_value(value.value)
        return inner._replace(place=value.place) if isinstance(inner, Unresolved) else inner
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (tuple, dict)):
        from protogate.findings import Place

        return Unresolved("a value with parts", Place(""))
    return value


def scalar(expression: ast.expr, scope: Scope, *, line: int | None = None) -> Scalar | Unresolved:
    """Return the value of an expression as it stands in a document."""
    found = constant(expression, scope, line=line)
    if isinstance(found, Unresolved):
        return found
    value = json_value(found.value)
    return value._replace(place=found.place) if isinstance(value, Unresolved) else value


def _named(expression: ast.Name | ast.Attribute, scope: Scope, line: int | None, depth: int) -> Constant | Unresolved:
    place = scope.module.place(expression)
    if isinstance(expression, ast.Attribute) and expression.attr in {"value", "name", "_value_", "_name_"}:
        owner = constant(expression.value, scope, line=line, depth=depth + 1)
        if isinstance(owner, Constant) and isinstance(owner.value, EnumMember):
            value = owner.value.value if "value" in expression.attr else owner.value.name
            return Constant(value, owner.place)
    return constant_of(resolve(expression, scope, line=line), place, depth=depth)


def _enum_of(variable: Variable) -> ClassDefinition | None:
    """The Enum whose body assigns a variable."""
    from protogate.crosscheck.python.names import class_of_scope

    if variable.scope.kind != "class":
        return None
    return class_of_scope(variable.scope)


def _member(owner: ClassDefinition, variable: Variable, place: Place) -> Constant | Unresolved:
    from protogate.crosscheck.python.enums import enum_facts, is_enum

    if not is_enum(owner):
        if variable.value is None:
            return Unresolved(f"'{variable.name}' has no value", variable.place)
        return constant(variable.value, variable.scope, line=getattr(variable.node, "lineno", None), depth=1)
    facts = enum_facts(owner)
    if isinstance(facts, Unresolved):
        return facts
    member = facts.by_name.get(variable.name)
    if member is None:
        return Unresolved(f"'{variable.name}' is no member of {owner.name}", place)
    return Constant(EnumMember(owner, member.name, member.value, member.place), member.place)


def _known_constant(name: str, place: Place) -> Constant | Unresolved:
    from protogate.crosscheck.python.enums import standard_member

    found = standard_member(name)
    if found is not None:
        return Constant(found, place)
    return Unresolved(f"{name} is no constant", place)


def _unary(operation: ast.unaryop, operand: Constant | Unresolved, place: Place) -> Constant | Unresolved:
    if isinstance(operand, Unresolved):
        return operand
    value = operand.value.value if isinstance(operand.value, EnumMember) else operand.value
    if isinstance(operation, ast.Not):
        return Constant(not value, place)
    if isinstance(value, (int, float)):
        if isinstance(operation, ast.USub):
            return Constant(-value, place)
        if isinstance(operation, ast.UAdd):
            return Constant(+value, place)
        if isinstance(operation, ast.Invert) and isinstance(value, int):
            return Constant(~value, place)
    return Unresolved("an operator that has to run", place)


def _binary(  # noqa: PLR0911 - one for each operator
    operation: ast.operator, left: Constant | Unresolved, right: Constant | Unresolved, place: Place
) -> Constant | Unresolved:
    if isinstance(left, Unresolved):
        return left
    if isinstance(right, Unresolved):
        return right
    one, other = _plain(left.value), _plain(right.value)
    if isinstance(operation, ast.Add) and isinstance(one, str) and isinstance(other, str):
        if len(one) + len(other) <= _LONGEST:
            return Constant(one + other, place)
    elif isinstance(operation, ast.Add) and isinstance(one, tuple) and isinstance(other, tuple):
        return Constant((*one, *other), place)
    elif isinstance(one, int) and isinstance(other, int):
        return _arithmetic(operation, one, other, place)
    elif (
        isinstance(one, (int, float)) and isinstance(other, (int, float)) and isinstance(operation, (ast.Add, ast.Sub))
    ):
        return Constant(one + other if isinstance(operation, ast.Add) else one - other, place)
    return Unresolved("an operator that has to run", place)


_WIDEST: Final = 1 << 64


def _arithmetic(operation: ast.operator, one: int, other: int, place: Place) -> Constant | Unresolved:
    result: int | None = None
    match operation:
        case ast.Add():
            result = one + other
        case ast.Sub():
            result = one - other
        case ast.Mult() if abs(one) < _WIDEST and abs(other) < _WIDEST:
            result = one * other
        case ast.BitOr():
            result = one | other
        case ast.BitAnd():
            result = one & other
        case ast.BitXor():
            result = one ^ other
        case ast.LShift() if 0 <= other < 64 and abs(one) < _WIDEST:  # noqa: PLR2004 - bits
            result = one << other
        case ast.RShift() if 0 <= other < 64:  # noqa: PLR2004 - bits
            result = one >> other
        case ast.Pow() if abs(one) < 1024 and 0 <= other < 64:  # noqa: PLR2004 - small enough to be a constant
            result = one**other
        case _:
            pass
    return Unresolved("an operator that has to run", place) if result is None else Constant(result, place)


def _plain(value: Value) -> Value:
    return value.value if isinstance(value, EnumMember) else value


def _joined(values: list[ast.expr], scope: Scope, line: int | None, depth: int, place: Place) -> Constant | Unresolved:
    parts: list[str] = []
    for one in values:
        if isinstance(one, ast.Constant):
            parts.append(str(one.value))
            continue
        if not isinstance(one, ast.FormattedValue) or one.format_spec is not None or one.conversion not in {-1, 115}:
            return Unresolved("a format that has to run", place)
        found = constant(one.value, scope, line=line, depth=depth + 1)
        if isinstance(found, Unresolved):
            return found
        if not isinstance(found.value, (str, int)):
            return Unresolved("a format that has to run", place)
        parts.append(str(found.value))
    return Constant("".join(parts), place)


def _sequence(parts: list[ast.expr], scope: Scope, line: int | None, depth: int, place: Place) -> Constant | Unresolved:
    values: list[Value] = []
    for part in parts:
        is_spread = isinstance(part, ast.Starred)
        found = constant(part.value if isinstance(part, ast.Starred) else part, scope, line=line, depth=depth + 1)
        if isinstance(found, Unresolved):
            return found
        if is_spread:
            if not isinstance(found.value, tuple):
                return Unresolved("a spread of what is no list", place)
            values += found.value
        else:
            values.append(found.value)
    return Constant(tuple(values), place)

"""The tree that CEL text parses to.

Named tuples, not dataclasses: a plugin pays for every module it loads, and a named tuple costs a seventh of a
dataclass to define. `offset` is the place in the text, counted in code points.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "Binary",
    "Call",
    "Comprehension",
    "Conditional",
    "Entry",
    "Expr",
    "FieldInit",
    "Has",
    "Ident",
    "Index",
    "ListExpr",
    "Literal",
    "LiteralKind",
    "MapExpr",
    "MessageExpr",
    "Select",
    "Unary",
    "Value",
    "children",
    "without_offsets",
]

Value = bool | int | float | str | bytes | None
LiteralKind = str
"""bool, int, uint, double, string, bytes or null."""


class Literal(NamedTuple):
    """A constant."""

    kind: LiteralKind
    value: Value
    offset: int = 0


class Ident(NamedTuple):
    """A name; `.name` with a leading dot is looked up from the root."""

    name: str
    rooted: bool = False
    offset: int = 0


class Select(NamedTuple):
    """`operand.field`."""

    operand: Expr
    field: str
    offset: int = 0


class Has(NamedTuple):
    """`has(operand.field)`."""

    operand: Expr
    field: str
    offset: int = 0


class Index(NamedTuple):
    """`operand[key]`."""

    operand: Expr
    key: Expr
    offset: int = 0


class Call(NamedTuple):
    """`function(args)`, or `target.function(args)`."""

    function: str
    target: Expr | None
    args: tuple[Expr, ...]
    offset: int = 0


class Unary(NamedTuple):
    """`!operand` or `-operand`."""

    operator: str
    operand: Expr
    offset: int = 0


class Binary(NamedTuple):
    """`left operator right`; the offset is that of the operator."""

    operator: str
    left: Expr
    right: Expr
    offset: int = 0


class Conditional(NamedTuple):
    """`condition ? then : otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    offset: int = 0


class ListExpr(NamedTuple):
    """`[a, b]`."""

    items: tuple[Expr, ...]
    offset: int = 0


class Entry(NamedTuple):
    """One `key: value` of a map."""

    key: Expr
    value: Expr


class MapExpr(NamedTuple):
    """`{k: v}`."""

    entries: tuple[Entry, ...]
    offset: int = 0


class FieldInit(NamedTuple):
    """One `field: value` of a message."""

    field: str
    value: Expr


class MessageExpr(NamedTuple):
    """`acme.v1.User{id: 1}`."""

    name: str
    fields: tuple[FieldInit, ...]
    offset: int = 0


class Comprehension(NamedTuple):
    """`target.all(variable, condition)` and its siblings; `transform` is the result part of `map`.

    `condition` is None for the two-argument `map`.
    """

    macro: str
    target: Expr
    variable: str
    condition: Expr | None
    transform: Expr | None = None
    offset: int = 0


Expr = (
    Literal
    | Ident
    | Select
    | Has
    | Index
    | Call
    | Unary
    | Binary
    | Conditional
    | ListExpr
    | MapExpr
    | MessageExpr
    | Comprehension
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of `expr`, in the order written."""
    match expr:
        case Literal() | Ident():
            return ()
        case Select(operand) | Has(operand) | Unary(_, operand):
            return (operand,)
        case Index(left, right) | Binary(_, left, right):
            return (left, right)
        case Call(_, target, args):
            return args if target is None else (target, *args)
        case Conditional(condition, then, otherwise):
            return (condition, then, otherwise)
        case ListExpr(items):
            return items
        case MapExpr(entries):
            return tuple(part for entry in entries for part in entry)
        case MessageExpr(_, fields):
            return tuple(field.value for field in fields)
        case Comprehension(_, target, _, condition, transform):
            return tuple(part for part in (target, condition, transform) if part is not None)


def without_offsets(expr: Expr) -> Expr:
    """The same tree with every offset 0, so that trees of different texts compare by meaning."""
    match expr:
        case Select(operand, field):
            return Select(without_offsets(operand), field)
        case Has(operand, field):
            return Has(without_offsets(operand), field)
        case Unary(operator, operand):
            return Unary(operator, without_offsets(operand))
        case Index(left, right):
            return Index(without_offsets(left), without_offsets(right))
        case Binary(operator, left, right):
            return Binary(operator, without_offsets(left), without_offsets(right))
        case Call(function, target, args):
            return Call(function, target and without_offsets(target), _all_without(args))
        case Conditional(condition, then, otherwise):
            return Conditional(without_offsets(condition), without_offsets(then), without_offsets(otherwise))
        case ListExpr(items):
            return ListExpr(_all_without(items))
        case MapExpr(entries):
            return MapExpr(tuple(Entry(*_all_without(entry)) for entry in entries))
        case MessageExpr(name, fields):
            return MessageExpr(name, tuple(FieldInit(f.field, without_offsets(f.value)) for f in fields))
        case Comprehension(macro, target, variable, condition, transform):
            return Comprehension(
                macro,
                without_offsets(target),
                variable,
                condition and without_offsets(condition),
                transform and without_offsets(transform),
            )
        case Literal() | Ident():
            return expr._replace(offset=0)


def _all_without(parts: tuple[Expr, ...]) -> tuple[Expr, ...]:
    return tuple(without_offsets(part) for part in parts)

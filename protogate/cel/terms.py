"""The checked tree: every name resolved, every part typed, every call bound to one overload."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogate.cel.functions import FALLIBLE
from protogate.cel.types import BOOL, FieldType, Type

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Apply",
    "Comprehend",
    "Const",
    "Field",
    "HasField",
    "HasKey",
    "If",
    "ListOf",
    "Logic",
    "MapOf",
    "NewMessage",
    "Term",
    "Value",
    "Var",
    "can_fail",
    "parts",
    "rebuild",
]

Value = bool | int | float | str | bytes | None
"""What a constant holds; timestamps and durations as int nanoseconds."""


class Const(NamedTuple):
    """A constant."""

    value: Value
    type: Type


class Var(NamedTuple):
    """A variable of the environment, or (`local`) of a macro."""

    name: str
    type: Type
    local: bool


class Field(NamedTuple):
    """A field of a message; an unset one reads as its default."""

    operand: Term
    message: str
    field: FieldType
    type: Type


class HasField(NamedTuple):
    """Whether a field of a message is set."""

    operand: Term
    message: str
    field: FieldType
    type: Type = BOOL


class HasKey(NamedTuple):
    """Whether a map has a key, from `has(m.key)`."""

    operand: Term
    key: str
    type: Type = BOOL


class Apply(NamedTuple):
    """A call of one overload of `functions`, or of one of those that the types of the arguments decide.

    These are `equals`, `not_equals`, `less`, `less_equal`, `greater`, `greater_equal` and `in_list`; `unwrap`, which
    takes the value out of a wrapper and fails on null; and `dynamic`, which only run time can resolve.
    """

    overload: str
    args: tuple[Term, ...]
    type: Type


class Logic(NamedTuple):
    """`left && right` or `left || right`; an error on one side yields to a decisive other side."""

    operator: str
    left: Term
    right: Term
    type: Type = BOOL


class If(NamedTuple):
    """`condition ? then : otherwise`."""

    condition: Term
    then: Term
    otherwise: Term
    type: Type


class ListOf(NamedTuple):
    """A list written out."""

    items: tuple[Term, ...]
    type: Type


class MapOf(NamedTuple):
    """A map written out."""

    entries: tuple[tuple[Term, Term], ...]
    type: Type


class NewMessage(NamedTuple):
    """A message written out."""

    fields: tuple[tuple[str, Term], ...]
    type: Type


class Comprehend(NamedTuple):
    """A macro over the items of a list or the keys of a map."""

    macro: str
    source: Term
    variable: Var
    condition: Term | None
    transform: Term | None
    type: Type


Term = Const | Var | Field | HasField | HasKey | Apply | Logic | If | ListOf | MapOf | NewMessage | Comprehend


def parts(term: Term) -> tuple[Term, ...]:
    """The direct parts of `term`."""
    match term:
        case Const() | Var():
            return ()
        case Field(operand) | HasField(operand) | HasKey(operand):
            return (operand,)
        case Apply(_, args):
            return args
        case Logic(_, left, right):
            return (left, right)
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case ListOf(items):
            return items
        case MapOf(entries):
            return tuple(part for entry in entries for part in entry)
        case NewMessage(fields):
            return tuple(value for _, value in fields)
        case Comprehend(_, source, _, condition, transform):
            return tuple(part for part in (source, condition, transform) if part is not None)


def rebuild(term: Term, replace: Callable[[Term], Term]) -> Term:
    """`term` with `replace` put on every part, the innermost first."""

    def inner(part: Term) -> Term:
        return rebuild(part, replace)

    match term:
        case Const() | Var():
            return replace(term)
        case Field() | HasField() | HasKey():
            return replace(term._replace(operand=inner(term.operand)))
        case Apply():
            return replace(term._replace(args=tuple(map(inner, term.args))))
        case Logic():
            return replace(term._replace(left=inner(term.left), right=inner(term.right)))
        case If(condition, then, otherwise, of):
            return replace(If(inner(condition), inner(then), inner(otherwise), of))
        case ListOf():
            return replace(term._replace(items=tuple(map(inner, term.items))))
        case MapOf():
            entries = tuple((inner(key), inner(value)) for key, value in term.entries)
            return replace(term._replace(entries=entries))
        case NewMessage():
            fields = tuple((name, inner(value)) for name, value in term.fields)
            return replace(term._replace(fields=fields))
        case Comprehend(macro, source, variable, condition, transform, of):
            return replace(
                Comprehend(
                    macro,
                    inner(source),
                    variable,
                    condition and inner(condition),
                    transform and inner(transform),
                    of,
                )
            )


def can_fail(term: Term) -> bool:
    """Whether evaluating `term` can end in a run-time error; False is a promise, True a suspicion."""
    if isinstance(term, Apply):
        if term.overload in {"unwrap", "dynamic"}:
            return True
        if f"{term.overload}/{len(term.args)}" in FALLIBLE and not _never_fails(term):
            return True
        if term.overload == "matches" and not isinstance(term.args[1], Const):
            return True
    return isinstance(term, NewMessage) or any(can_fail(part) for part in parts(term))


def _never_fails(call: Apply) -> bool:
    """Division by a constant that is neither 0 nor -1, and the like."""
    if call.overload in {"divide_int", "modulo_int", "divide_uint", "modulo_uint"}:
        divisor = call.args[1]
        return isinstance(divisor, Const) and divisor.value not in {0, -1}
    return False

"""A rule of `buf.validate`: its expression checked, with what the contract fixes put in and worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from protogate.cel.checker import check
from protogate.cel.errors import CelTypeError
from protogate.cel.fold import fold
from protogate.cel.parser import parse
from protogate.cel.terms import Apply, Const, Field, HasField, ListOf, Var, rebuild
from protogate.cel.types import BOOL, DYN, STRING

if TYPE_CHECKING:
    from protogate.cel.terms import Term
    from protogate.cel.types import Env, FieldType, Type

__all__ = ["Bound", "Rule", "compile_rule"]

Bound = bool | int | float | str | bytes | Sequence["Bound"] | Mapping[str, "Bound"]
"""A value that the contract fixes: a message by its set fields, a Timestamp or Duration as (seconds, nanos)."""

_BILLION = 1_000_000_000


class Rule(NamedTuple):
    """A rule ready for the translators."""

    term: Term
    gives_text: bool
    """True: the value is the message for the user, empty when the rule holds. False: true when it holds."""


def compile_rule(expression: str, env: Env, bound: Mapping[str, Bound] | None = None) -> Rule:
    """The rule that `expression` states, with the variables in `bound` replaced by their values.

    Raises:
        CelSyntaxError: `expression` is not CEL.
        CelTypeError: it does not fit `env`, or gives neither bool nor string.
    """
    try:
        term = check(parse(expression), env)
    except CelTypeError as error:
        raise error.located(expression) from None
    if term.type not in {BOOL, STRING}:
        if term.type != DYN:
            raise CelTypeError(f"a rule gives bool or string, this one gives {term.type}", 0)
        term = Apply("dynamic", (term,), DYN)
    return Rule(fold(_bind(term, bound) if bound else term), gives_text=term.type == STRING)


def _bind(term: Term, bound: Mapping[str, Bound]) -> Term:
    def replace(part: Term) -> Term:
        match part:
            case Var(name, of, local) if not local and name in bound and of.kind != "message":
                return _constant(bound[name], of)
            case Field(operand, _, field) if field.type.kind != "message":
                message = _message(operand, bound)
                return part if message is None else _constant(_field(message, field), field.type)
            case HasField(operand, _, field):
                message = _message(operand, bound)
                return part if message is None else Const(_is_set(message, field), BOOL)
            case _:
                return part

    return rebuild(term, replace)


def _message(term: Term, bound: Mapping[str, Bound]) -> Mapping[str, Bound] | None:
    """The bound fields of a message, None when it is not bound."""
    match term:
        case Var(name, _, local) if not local and name in bound:
            return _fields(bound[name])
        case Field(operand, _, field):
            outer = _message(operand, bound)
            return None if outer is None else _fields(outer.get(field.name, {}))
        case _:
            return None


def _fields(message: Bound) -> Mapping[str, Bound]:
    if isinstance(message, Mapping):
        return message
    # A field mask, the one message that rules hold as the value of its only field.
    return {"paths": message}


def _field(message: Mapping[str, Bound], field: FieldType) -> Bound | None:
    return message.get(field.name, field.default)


def _is_set(message: Mapping[str, Bound], field: FieldType) -> bool:
    value = message.get(field.name)
    return value is not None and (field.presence or bool(value))


_ZEROS: dict[str, bool | int | float | str | bytes] = {
    "bool": False,
    "int": 0,
    "uint": 0,
    "double": 0.0,
    "string": "",
    "bytes": b"",
}


def _constant(value: Bound | None, of: Type) -> Term:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if of.kind in {"timestamp", "duration"}:
            seconds, nanos = value
            return Const(_int(seconds) * _BILLION + _int(nanos), of)
        return ListOf(tuple(_constant(item, of.params[0]) for item in value), of)
    if isinstance(value, Mapping):
        raise TypeError(f"{of} cannot be bound to a message")
    if value is not None:
        return Const(value, of)
    return ListOf((), of) if of.kind == "list" else Const(_ZEROS.get(of.kind, 0), of)


def _int(value: Bound) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number of seconds or nanoseconds")
    return value

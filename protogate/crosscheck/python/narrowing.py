"""Which way a test can go, and which constants are left on each way.

`if status not in ALLOWED: raise` means that a constant beyond `ALLOWED` goes no further. A constant about which a test
says something that cannot be worked out (`if is_valid(status):`) is not certain behind it.
"""

from __future__ import annotations

import ast
import enum
import operator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.crosscheck.python.values import UNKNOWN, Constant, certain, union

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protogate.crosscheck.python.values import Value

__all__ = ["Outcome", "Peek", "comes_out", "decide", "mentions", "narrowed", "place_text", "places"]


class Peek(NamedTuple):
    """What stands at a place, found without running anything."""

    value: Callable[[ast.expr], Value | None]
    """None where it is not known."""
    items: Callable[[ast.expr], Sequence[Value | None] | None]
    """What a list, tuple or set at that place holds; None where that is not known."""
    fact: Callable[[ast.expr], bool | None]
    """How a test comes out by what is known on this way; None where that does not say."""


class _Can(enum.IntEnum):
    NO = 0
    PERHAPS = 1
    """It hangs on something that cannot be worked out about the very value."""
    YES = 2


class Outcome(NamedTuple):
    """Whether a test can hold, and whether it can fail."""

    holds: _Can
    fails: _Can

    def can(self, *, hold: bool) -> _Can:
        """Return whether this way can be taken."""
        return self.holds if hold else self.fails


_HOLDS: Final = Outcome(_Can.YES, _Can.NO)
_FAILS: Final = Outcome(_Can.NO, _Can.YES)
_EITHER: Final = Outcome(_Can.YES, _Can.YES)
_DOUBT: Final = Outcome(_Can.PERHAPS, _Can.PERHAPS)

_ORDER: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def decide(test: ast.expr, peek: Peek, about: str = "") -> Outcome:  # noqa: PLR0911 - one for each form of a test
    """Return how a test can come out.

    Args:
        test: the condition.
        peek: what stands where.
        about: the text of the place that is asked about; a part that mentions it and cannot be worked out is a doubt.
    """
    known = peek.fact(test)
    if known is not None:
        return _HOLDS if known else _FAILS
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = decide(test.operand, peek, about)
        return Outcome(inner.fails, inner.holds)
    if isinstance(test, ast.BoolOp):
        parts = [decide(part, peek, about) for part in test.values]
        if isinstance(test.op, ast.And):
            return Outcome(min(part.holds for part in parts), max(part.fails for part in parts))
        return Outcome(max(part.holds for part in parts), min(part.fails for part in parts))
    if isinstance(test, ast.NamedExpr):
        return decide(test.value, peek, about)
    answer = _comparison(test, peek) if isinstance(test, ast.Compare) else _truth(peek.value(test))
    if answer is not None:
        return _HOLDS if answer else _FAILS
    return _DOUBT if about and mentions(test, about) else _EITHER


def comes_out(test: ast.expr, peek: Peek) -> bool | None:
    """Return how a test comes out; None where it can come out either way."""
    outcome = decide(test, peek)
    return None if outcome.holds and outcome.fails else bool(outcome.holds)


def narrowed(test: ast.expr, peek: Peek, place: ast.expr, *, hold: bool, strict: bool) -> Value | None:
    """Return what is left of the value at a place when the test came out one way; None where nothing changes.

    Args:
        test: the condition.
        peek: what stands where.
        place: a name, attribute or key that the test mentions.
        hold: which way was taken.
        strict: whether constants that are in doubt become unknown.
    """
    value = peek.value(place)
    text = place_text(place)
    if value is None or not any(isinstance(atom, Constant) for atom in value):
        return None
    left: list[Value] = []
    for atom in value:
        if not isinstance(atom, Constant):
            left.append((atom,))
            continue
        can = decide(test, _fixed(peek, text, (atom,)), text).can(hold=hold)
        if can is _Can.YES or (can is _Can.PERHAPS and not strict):
            left.append((atom,))
        elif can is _Can.PERHAPS:
            left.append(UNKNOWN)
    return union(left)


def places(test: ast.expr) -> list[ast.expr]:
    """Return the names, attributes and keys that a test reads, the outermost first, each text once."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(test):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            found.setdefault(place_text(node), node)
    return list(found.values())


def place_text(place: ast.expr) -> str:
    """Return the same text for the same place."""
    return place.id if isinstance(place, ast.Name) else ast.unparse(place)


def mentions(node: ast.AST, text: str) -> bool:
    """Return whether the code under a node speaks of a place."""
    return any(
        isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and place_text(one) == text for one in ast.walk(node)
    )


def _fixed(peek: Peek, text: str, value: Value) -> Peek:
    def look(node: ast.expr) -> Value | None:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and place_text(node) == text:
            return value
        if isinstance(node, ast.Attribute) and node.attr == "value" and place_text(node.value) == text:
            return tuple(atom._replace(member="") if isinstance(atom, Constant) else atom for atom in value)
        return peek.value(node)

    return Peek(look, peek.items, lambda test: None if mentions(test, text) else peek.fact(test))


def _truth(value: Value | None) -> bool | None:
    if value is None or not certain(value):
        return None
    answers = {bool(atom.value) for atom in value if isinstance(atom, Constant)}
    falsy_member = any(isinstance(atom, Constant) and atom.member and not atom.value for atom in value)
    return answers.pop() if len(answers) == 1 and not falsy_member else None


def _comparison(test: ast.Compare, peek: Peek) -> bool | None:
    """Return how a comparison comes out: all links of the chain must be known."""
    operands = [test.left, *test.comparators]
    links = [_link(left, op, right, peek) for left, op, right in zip(operands, test.ops, operands[1:], strict=False)]
    if any(link is False for link in links):
        return False
    return None if any(link is None for link in links) else True


def _link(left: ast.expr, op: ast.cmpop, right: ast.expr, peek: Peek) -> bool | None:
    first = peek.value(left)
    if first is None or not certain(first):
        return None
    if isinstance(op, ast.In | ast.NotIn):
        among = peek.items(right)
        answers = {_contains(among, atom) for atom in first if isinstance(atom, Constant)}
        negated = isinstance(op, ast.NotIn)
    else:
        second = peek.value(right)
        if second is None or not certain(second):
            return None
        pairs = [(a, b) for a in first for b in second if isinstance(a, Constant) and isinstance(b, Constant)]
        if compare := _ORDER.get(type(op)):
            answers = {_ordered(compare, a, b) for a, b in pairs}
            negated = False
        else:
            answers = {_same(a, b) for a, b in pairs}
            negated = isinstance(op, ast.NotEq | ast.IsNot)
    answer = answers.pop() if len(answers) == 1 else None
    return answer if answer is None else answer is not negated


def _contains(among: Sequence[Value | None] | None, atom: Constant) -> bool | None:
    if among is None:
        return None
    unknown = False
    for value in among:
        if value is None or not certain(value) or len(value) != 1 or not isinstance(value[0], Constant):
            unknown = True
            continue
        same = _same(atom, value[0])
        if same:
            return True
        unknown = unknown or same is None
    return None if unknown else False


def _same(first: Constant, second: Constant) -> bool | None:
    if bool(first.member) is bool(second.member):
        return first.member == second.member if first.member else first.value == second.value
    if first.value is None or second.value is None:
        return False
    # A member of a StrEnum equals its value, a member of a plain Enum does not; unequal values differ for both.
    return None if first.value == second.value else False


def _ordered(compare: Callable[[Any, Any], Any], first: Constant, second: Constant) -> bool | None:
    try:
        return bool(compare(first.value, second.value))
    except TypeError:
        return None

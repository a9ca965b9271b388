"""What is known on a way because tests came out as they did: `if a:` again, `n == 1` behind `n == 2`.

A fact is a test as text, without `not`, and whether it held. Two tests of one text are taken to come out the same,
unless something that they mention is assigned between them.
"""

from __future__ import annotations

import ast
import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Fact", "contradict", "either", "entailed", "facts_of", "known_by", "without"]

_MANY_PAIRS: Final = 16
"""Of facts of two ways that meet: beyond that nobody meant them to belong together."""


Knows: TypeAlias = "Callable[[ast.expr], bool | None]"


class Fact(NamedTuple):
    """One test that came out one way."""

    test: str
    held: bool
    frame: int = 0
    """The call in which it was made: names of other functions are other variables."""


_TURNED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In}


def facts_of(test: ast.expr, knows: Knows, *, hold: bool, frame: int = 0) -> frozenset[Fact]:
    """Return what follows from a test that came out one way.

    Args:
        test: the condition.
        knows: how other tests come out by what is known besides; None where that does not say.
        hold: which way.
        frame: the call in which it is made.

    >>> test = ast.parse("a or not b", mode="eval").body
    >>> sorted(one[:2] for one in facts_of(test, lambda _: None, hold=False))
    [('a', False), ('a or not b', False), ('b', True)]
    >>> Fact("b", False) in facts_of(test, lambda one: known_by(one, [Fact("a", False)]), hold=True)
    True
    """
    return frozenset(_facts(test, knows, frame, hold=hold))


def _facts(test: ast.expr, knows: Knows, frame: int, *, hold: bool) -> list[Fact]:
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, hold = test.operand, not hold
    text, turned = _text(test)
    found = [Fact(text, hold is not turned, frame)]
    if isinstance(test, ast.BoolOp):
        all_of_them = isinstance(test.op, ast.And) is hold
        parts = test.values if all_of_them else [one for one in test.values if knows(one) is not (not hold)]
        if all_of_them or len({_text(one) for one in parts}) == 1:
            # `a and b` holds: both do. `a or b` holds and a does not: b does.
            for one in parts:
                found += _facts(one, knows, frame, hold=hold)
    return found


def known_by(test: ast.expr, known: Iterable[Fact], frame: int = 0) -> bool | None:
    """Return how a test comes out by facts; None where they do not say."""
    negated = False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, negated = test.operand, not negated
    if isinstance(test, ast.Constant):
        return bool(test.value) is not negated
    text, turned = _text(test)
    for fact in known:
        for hold in (True, False):
            if contradict(fact, Fact(text, hold, frame)):
                return (not hold) is not (turned is not negated)
    return None


def contradict(first: Fact, second: Fact) -> bool:
    """Return whether two facts cannot both be, or hardly.

    >>> contradict(Fact("n == 1", True), Fact("n == 2", True)), contradict(Fact("a", True), Fact("a", True))
    (True, False)
    >>> contradict(Fact("n in (1, 2)", False), Fact("n == 2", True))
    True
    >>> contradict(Fact("n == 0", False), Fact("n", False))
    True
    """
    (one, holds, frame), (other, other_holds, other_frame) = first, second
    if frame != other_frame:
        return False
    if one == other:
        return holds is not other_holds
    return _excludes(_parsed(one), _parsed(other), holds=holds, other_holds=other_holds) or _excludes(
        _parsed(other), _parsed(one), holds=other_holds, other_holds=holds
    )


class _Parsed(NamedTuple):
    """What a test asks of a place: whether it is one of some values; of no values: whether it is true."""

    place: str
    values: tuple[object, ...] | None


def _excludes(one: _Parsed, other: _Parsed, *, holds: bool, other_holds: bool) -> bool:
    """Return whether the first test, as it came out, leaves no value for the second one, as it came out."""
    if one.place != other.place or one.values is None:
        return False
    if other.values is None:
        if holds:
            return all(bool(value) is not other_holds for value in one.values)
        # It is none of some values, one of which is false: whoever asks this means that it is true.
        return not other_holds and not all(one.values)
    if holds and other_holds:
        return not any(value in other.values for value in one.values)
    return not holds and other_holds and all(value in one.values for value in other.values)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> _Parsed:
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return _Parsed(text, None)
    try:
        value = ast.literal_eval(node.comparators[0])
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _Parsed(text, None)
    place = ast.unparse(node.left)
    match node.ops[0]:
        case ast.Eq() | ast.Is():
            return _Parsed(place, (value,))
        case ast.In() if isinstance(value, tuple | list | set):
            return _Parsed(place, tuple(value))
        case _:
            return _Parsed(text, None)


def either(first: frozenset[Fact], second: frozenset[Fact]) -> frozenset[Fact]:
    """Return what is known where two ways meet: one of what was known on each.

    >>> sorted(one.test for one in either(frozenset([Fact("a", True)]), frozenset([Fact("n == 0", False)])))
    ['a or not n == 0']
    """
    only_first, only_second = (_simple(one - other) for one, other in ((first, second), (second, first)))
    if len(only_first) * len(only_second) > _MANY_PAIRS:
        return frozenset()
    return frozenset(
        Fact(_one_of(_words_of(one), _words_of(other)), held=True, frame=one.frame)
        for one in only_first
        for other in only_second
        if one.frame == other.frame and one.test != other.test
    )


def entailed(facts: frozenset[Fact], frame: int) -> frozenset[Fact] | None:
    """Return facts with all that follows: of `a or b`, `b` where `a` is false; None when they cannot all be.

    >>> facts = frozenset([Fact("a or not n == 0", True), Fact("a", False)])
    >>> Fact("n == 0", False) in (entailed(facts, 0) or ())
    True
    """
    while True:
        found: set[Fact] = set()
        for fact in facts:
            if not fact.held or fact.frame != frame or " or " not in fact.test:
                continue
            node = ast.parse(fact.test, mode="eval").body
            if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
                continue
            left = [one for one in node.values if known_by(one, facts, frame) is not False]
            if not left:
                return None
            if len(left) == 1:
                found |= facts_of(left[0], lambda _: None, hold=True, frame=frame)
        if found <= facts:
            return facts
        facts |= found


def _simple(facts: frozenset[Fact]) -> list[Fact]:
    return sorted(fact for fact in facts if " or " not in fact.test and " and " not in fact.test)


def _words_of(fact: Fact) -> str:
    return f"({fact.test})" if fact.held else f"not ({fact.test})"


@functools.lru_cache(maxsize=4096)
def _one_of(first: str, second: str) -> str:
    return ast.unparse(ast.parse(f"{first} or {second}", mode="eval"))


def without(facts: frozenset[Fact], word: str) -> frozenset[Fact]:
    """Return the facts that do not mention a name, or a sign such as `.`."""
    if not word.isidentifier():
        return frozenset(fact for fact in facts if word not in fact[0])
    return frozenset(fact for fact in facts if word not in _words(fact[0]))


@functools.lru_cache(maxsize=4096)
def _text(test: ast.expr) -> tuple[str, bool]:
    """Return the text of a test, `n != 1` as `n == 1`, and whether it was turned around."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _TURNED:
        turned = ast.Compare(test.left, [_TURNED[type(test.ops[0])]()], test.comparators)
        return ast.unparse(turned), True
    return ast.unparse(test), False


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d]\w*", text))

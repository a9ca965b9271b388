"""`format()` taken apart before run time, so that each directive meets a value of a known type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from protogate.cel.errors import NotCarried
from protogate.cel.terms import Const, ListOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.cel.terms import Term
    from protogate.cel.types import Type

__all__ = ["Directive", "Text", "directives"]


class Text(NamedTuple):
    """Text that stands as it is."""

    text: str


class Directive(NamedTuple):
    """`%.2f` and the like, with the value it shows."""

    verb: str
    precision: int | None
    value: Term


_DIRECTIVE = re.compile(r"%(?:\.([0-9]+))?(.?)", re.DOTALL)

_TAKES = {
    "d": {"int", "uint"},
    "f": {"double"},
    "e": {"double"},
    "b": {"int", "uint", "bool"},
    "o": {"int", "uint"},
    "x": {"int", "uint", "string", "bytes"},
    "X": {"int", "uint", "string", "bytes"},
}


def directives(template: Term, args: Term) -> tuple[Text | Directive, ...]:
    """The parts of `template.format(args)`.

    Raises:
        NotCarried: they are not written out, or do not fit each other.
    """
    if not isinstance(template, Const) or not isinstance(args, ListOf):
        raise NotCarried("format() on a template or a list that is computed at run time")
    text = str(template.value)
    pieces: list[Text | Directive] = []
    values = iter(args.items)
    position = 0
    for found in _DIRECTIVE.finditer(text):
        before = text[position : found.start()]
        pieces += [Text(before)] if before else []
        pieces.append(Text("%") if found[0] == "%%" else _directive(found, values))
        position = found.end()
    rest = text[position:]
    return (*pieces, *([Text(rest)] if rest else []))


def _directive(found: re.Match[str], values: Iterator[Term]) -> Directive:
    value = next(values, None)
    precision, verb = found.groups()
    if value is None:
        raise NotCarried(f"format() has no value for {found[0]}")
    kind = value.type.kind
    if verb == "s" and _can_show(value):
        return Directive(verb, None, value)
    if kind not in _TAKES.get(verb, ()):
        raise NotCarried(f"format() cannot show {value.type} with {found[0]}")
    return Directive(verb, None if precision is None else int(precision), value)


def _can_show(value: Term) -> bool:
    if isinstance(value, ListOf) and not value.items:
        return True
    return _is_showable(value.type)


def _is_showable(of: Type) -> bool:
    return of.kind not in {"dyn", "type", "message"} and all(map(_is_showable, of.params))

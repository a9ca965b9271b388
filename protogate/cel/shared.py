"""What every translator refuses in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.cel.errors import NotCarried
from protogate.cel.terms import ListOf, can_fail
from protogate.cel.types import BOOL, BYTES, DOUBLE, INT, STRING, UINT

if TYPE_CHECKING:
    from protogate.cel.terms import Apply, Term
    from protogate.cel.types import Type

__all__ = ["DYNAMIC", "SCALARS", "check_comparable", "check_supported", "null_comparison"]

DYNAMIC = "dyn"

SCALARS = frozenset({BOOL, INT, UINT, DOUBLE, STRING, BYTES})

_RUN_TIME_TYPE = "the type of a value is known at run time only"

_TAKES_DYNAMIC = frozenset({"equals", "not_equals", "in_list", "format"})


def check_supported(term: Apply) -> None:
    """Refuse calls that no target can carry.

    Raises:
        NotCarried: it is such a call.
    """
    if term.overload == "string_of_double":
        raise NotCarried("implementations of CEL write doubles differently")
    if term.overload == "unique" and term.args[0].type.params[0] not in SCALARS:
        raise NotCarried(f"unique() on {term.args[0].type}")
    is_dynamic = term.overload not in _TAKES_DYNAMIC and any(a.type.kind == DYNAMIC for a in term.args)
    if term.overload == "dynamic" or is_dynamic:
        raise NotCarried(_RUN_TIME_TYPE)


def null_comparison(left: Term, right: Term) -> Term | None:
    """The side that is compared with null, None when neither side is null or both are.

    Raises:
        NotCarried: whether that side is null is known at run time only.
    """
    kinds = {left.type.kind, right.type.kind}
    if "null" not in kinds or kinds == {"null"}:
        return None
    value = right if left.type.kind == "null" else left
    if value.type.kind == DYNAMIC or (value.type.kind != "wrapper" and can_fail(value)):
        raise NotCarried(f"{value.type} is compared with null")
    return value


def check_comparable(term: Term) -> None:
    """Refuse to compare what has no equality outside CEL.

    Raises:
        NotCarried: `term` is or holds a message, or a value whose type is known at run time only.
    """
    if isinstance(term, ListOf):
        for item in term.items:
            check_comparable(item)
        return
    _check_type(term.type)


def _check_type(of: Type) -> None:
    if of.kind == "message":
        raise NotCarried(f"messages {of} are compared")
    if of.kind == DYNAMIC:
        raise NotCarried(_RUN_TIME_TYPE)
    for param in of.params:
        _check_type(param)

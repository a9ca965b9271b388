"""Whether the rules of a generated field refuse its zero value, so that no document may be without the field.

Generated models validate a default where a rule might refuse it. Rules in CEL are not judged: they count as if they
did not.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.constants import constant, json_value
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.terms import Metadata

__all__ = ["refuses_default"]

_MAY_BE_EMPTY: Final = frozenset({"uri_ref", "header_value", "header_value_loose"})
_LEAST: Final = ("min_length", "at_least", "length")


def refuses_default(value: ast.expr | None, metadata: Sequence[Metadata]) -> bool:
    """Tell whether a document without the field breaks a rule.

    Args:
        value: what is assigned to the field.
        metadata: what stands behind its type.
    """
    keywords = value.keywords if isinstance(value, ast.Call) else []
    validates = any(
        one.arg == "validate_default" and isinstance(one.value, ast.Constant) and one.value.value is True
        for one in keywords
    )
    return validates and any(
        _refuses_zero(one.expression, one.scope) for one in metadata if isinstance(one.expression, ast.Call)
    )


def _refuses_zero(call: ast.Call, scope: Scope) -> bool:
    rule = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    values = [_value(argument, scope) for argument in call.args]
    given = {one.arg or "": _value(one.value, scope) for one in call.keywords}
    if any(isinstance(one, Unresolved) for one in (*values, *given.values())):
        return False
    refuses = rule == "required"
    match rule:
        case "Field" | "size" | "count" | "text_bytes":
            refuses = any(given.get(name) for name in _LEAST) or not _matches_nothing(given.get("pattern"))
        case "pattern":
            refuses = not _matches_nothing(values[1])
        case "text" | "bytes_text":
            refuses = values[0] not in _MAY_BE_EMPTY
        case "prefix" | "suffix" | "contains":
            refuses = bool(values[1])
        case "one_of" | "const":
            refuses = all(values[1:])
        case "none_of":
            refuses = not all(values[1:])
        case "bounds":
            refuses = not _holds_zero(given)
    return refuses


def _value(expression: ast.expr, scope: Scope) -> object:
    found = constant(expression, scope)
    return found if isinstance(found, Unresolved) else json_value(found.value)


def _matches_nothing(pattern: object) -> bool:
    """Whether a pattern matches the empty text; yes for none, and for what Python cannot read."""
    if not isinstance(pattern, str):
        return True
    try:
        return re.search(pattern, "") is not None
    except re.error:
        return True


def _holds_zero(bounds: Mapping[str, object]) -> bool:
    limits = {name: bound for name, bound in bounds.items() if isinstance(bound, (int, float))}
    above = [limits[name] < 0 or (name == "gte" and limits[name] == 0) for name in ("gt", "gte") if name in limits]
    below = [limits[name] > 0 or (name == "lte" and limits[name] == 0) for name in ("lt", "lte") if name in limits]
    low = max((limits[name] for name in ("gt", "gte") if name in limits), default=float("-inf"))
    high = min((limits[name] for name in ("lt", "lte") if name in limits), default=float("inf"))
    return any((*above, *below)) if high < low else all((*above, *below))

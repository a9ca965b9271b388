"""The values of JSON without structure: when two are the same, what a type takes, how people read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from protogate.crosscheck.shapes import Kind, Scalar

__all__ = ["KIND_NAMES", "coerces", "fits", "kind_of", "listed", "ordered", "same", "show"]

_SHOWN: Final = 8
"""Values that a message lists; an enum of two hundred countries is not for one line."""
_TRUTH: Final = frozenset({"0", "1", "f", "t", "n", "y", "false", "true", "no", "yes", "off", "on"})
"""The strings that pydantic takes for a boolean, in any case of letters."""

KIND_NAMES: Final[dict[Kind, str]] = {
    "string": "any string",
    "integer": "any integer",
    "number": "any number",
    "boolean": "true and false",
    "null": "null",
}


def kind_of(value: Scalar) -> Kind:
    """Return the type of a value; a float without a fraction is an integer, as in JSON Schema.

    >>> [kind_of(value) for value in ("1", 1, 1.0, 1.5, True, None)]
    ['string', 'integer', 'integer', 'number', 'boolean', 'null']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) or value.is_integer() else "number"


def same(value: Scalar) -> Hashable:
    """Return a key that two values share when they are the same JSON value.

    >>> same(1) == same(1.0), same(1) == same(True), same("1") == same(1)
    (True, False, False)
    """
    kind = kind_of(value)
    return ("number" if kind == "integer" else kind, value)


def fits(value: Scalar, kind: Kind) -> bool:
    """Tell whether a type has this value.

    >>> fits(1, "number"), fits(1.5, "integer"), fits(True, "integer")
    (True, False, False)
    """
    own = kind_of(value)
    return own == kind or (own == "integer" and kind == "number")


def coerces(value: Scalar, kind: Kind) -> bool:
    """Tell whether a server takes this value for a type: pydantic reads numbers and booleans out of strings.

    >>> coerces("12", "integer"), coerces("twelve", "integer"), coerces("yes", "boolean"), coerces(1, "string")
    (True, False, True, False)
    """
    if fits(value, kind):
        return True
    match kind:
        case "integer" | "number":
            return isinstance(value, bool) or (isinstance(value, str) and _is_number(value, whole=kind == "integer"))
        case "boolean":
            return value.lower() in _TRUTH if isinstance(value, str) else value in {0, 1}
        case _:
            return False


def show(value: Scalar) -> str:
    """Return a value as JSON writes it."""
    return json.dumps(value, ensure_ascii=False)


def listed(values: Iterable[Scalar]) -> str:
    """Return values for a message.

    >>> listed(["ok", "error"])
    '"ok", "error"'
    """
    every = list(values)
    text = ", ".join(map(show, every[:_SHOWN]))
    return text if len(every) <= _SHOWN else f"{text} and {len(every) - _SHOWN:,} more"


def ordered(values: Iterable[Scalar]) -> Sequence[Scalar]:
    """Return values sorted: by type, then by value; each JSON value once.

    >>> ordered(["b", "a", 2, 10, "a"])
    [2, 10, 'a', 'b']
    """
    once = {same(value): value for value in values}
    return [once[key] for key in sorted(once, key=_rank)]


def _rank(key: Hashable) -> tuple[str, float, str]:
    assert isinstance(key, tuple)  # noqa: S101 - made by `same`
    kind, value = key
    return (kind, 0, value) if isinstance(value, str) else (kind, value or 0, "")


def _is_number(text: str, *, whole: bool) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return value.is_integer() if whole else True

"""Says where two JSON documents disagree, field by field, as far as somebody cares.

What the legacy application answers and what a slice answers are never the same bytes: one has a member more, lists in
another order, writes numbers as text. `Comparison` says which of that matters; `compare` gives what is left.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Comparison", "Difference", "Kind", "compare", "normalised", "path_text"]

Kind: TypeAlias = Literal["value", "type", "missing", "extra", "length"]
"""`missing`: the slice lacks it; `extra`: only the slice has it."""

_DEEPEST: Final = 100
"""Levels of a document; what lies deeper is compared as text."""
_MOST: Final = 50
"""Differences of one pair of documents that are told apart."""
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,2})?")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_PLAIN_NAME: Final = re.compile(r"[^.\[\]\"*]+")

Path: TypeAlias = tuple[str, ...]
ITEM: Final = "[]"
"""The segment that stands for every item of a list."""


class Comparison(NamedTuple):
    """What may differ. Paths are written `results[].rank`; `*` is any one name, `**` any number of names and items."""

    ignored: tuple[str, ...] = ()
    """Paths that are not looked at: `**.event_id`, `updated_at`."""
    unordered: tuple[str, ...] = ()
    """Paths of lists whose order means nothing; a path of its own for each level: `results`, `groups[].members`."""
    tolerance: float = 0.0
    """By how much numbers may differ, relative to the larger one and, below 1, absolutely."""
    numbers_in_text: bool = False
    """Whether `"12"` is the same as `12`: ProtoJSON writes integers of 64 bits as text."""
    moments: bool = False
    """Whether times of RFC 3339 are the same when they mean the same moment: `10:00:00Z` and `11:00:00.000+01:00`."""
    null_is_absent: bool = False
    """Whether a member that is null is the same as none."""
    commands: Literal["skip", "dry-run"] = "skip"
    """Whether commands are decided beside the legacy application as well. Nothing of that is ever written."""


class Difference(NamedTuple):
    """One place where two documents disagree."""

    path: str
    kind: Kind
    legacy: Any
    slice: Any


def compare(legacy: Any, other: Any, rules: Comparison = Comparison()) -> tuple[Difference, ...]:  # noqa: ANN401, B008 - JSON; a frozen value
    """Give the differences between the document of the legacy application and that of a slice, 50 at most.

    >>> compare({"id": 1, "name": "a"}, {"id": 1, "name": "b"})
    (Difference(path='name', kind='value', legacy='a', slice='b'),)
    >>> compare({"n": "12", "at": 1}, {"n": 12}, Comparison(ignored=("at",), numbers_in_text=True))
    ()
    """
    shape = _Rules(rules)
    walk = _differences((), normalised(legacy, rules), normalised(other, rules), shape)
    return tuple(found for found, _ in zip(walk, range(_MOST), strict=False))


def normalised(value: Any, rules: Comparison) -> Any:  # noqa: ANN401 - JSON
    """Give a document in which only that is left which matters; lists without order are sorted.

    >>> normalised({"b": [2, 1], "a": None}, Comparison(unordered=("b",), null_is_absent=True))
    {'b': [1, 2]}
    """
    return _normal((), value, _Rules(rules))


def path_text(path: Sequence[str]) -> str:
    """Write a path for people and patterns; empty for the whole document.

    >>> path_text(("results", "[]", "a.b"))
    'results[]["a.b"]'
    """
    text = ""
    for segment in path:
        if segment == ITEM:
            text += ITEM
        elif _PLAIN_NAME.fullmatch(segment):
            text += f".{segment}" if text else segment
        else:
            text += f"[{json.dumps(segment, ensure_ascii=False)}]"
    return text


class _Rules:
    """Rules with their patterns taken apart."""

    __slots__ = ("ignored", "rules", "unordered")

    def __init__(self, rules: Comparison) -> None:
        self.rules = rules
        self.ignored = tuple(_segments(pattern) for pattern in rules.ignored)
        self.unordered = tuple(_segments(pattern) for pattern in rules.unordered)

    def ignores(self, path: Path) -> bool:
        return any(_matches(pattern, path) for pattern in self.ignored)

    def is_unordered(self, path: Path) -> bool:
        return any(_matches(pattern, path) for pattern in self.unordered)


def _segments(pattern: str) -> Path:
    found: list[str] = []
    for part in pattern.split("."):
        name = part
        items = 0
        while name.endswith(ITEM):
            name, items = name[: -len(ITEM)], items + 1
        found += [*([name] if name else []), *[ITEM] * items]
    return tuple(found)


def _matches(pattern: Path, path: Path) -> bool:
    """Whether a pattern means a path; patterns are short, so all ways to read `**` are tried."""
    if not pattern:
        return not path
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return any(_matches(rest, path[start:]) for start in range(len(path) + 1))
    return bool(path) and (first == path[0] or (first == "*" and path[0] != ITEM)) and _matches(rest, path[1:])


def _normal(path: Path, value: Any, shape: _Rules) -> Any:  # noqa: ANN401 - JSON
    if len(path) > _DEEPEST:
        return _text(value)
    if isinstance(value, dict):
        drops_null = shape.rules.null_is_absent
        return {
            name: _normal(inner, one, shape)
            for name, one in value.items()
            if not (drops_null and one is None) and not shape.ignores(inner := (*path, name))
        }
    if isinstance(value, list):
        inner = (*path, ITEM)
        if shape.ignores(inner):
            return []
        items = [_normal(inner, one, shape) for one in value]
        return sorted(items, key=_order) if shape.is_unordered(path) else items
    return _meaning(value, shape.rules) if isinstance(value, str) else value


def _meaning(text: str, rules: Comparison) -> Any:  # noqa: ANN401 - JSON
    """What a text stands for, as far as the rules care."""
    if rules.numbers_in_text and _NUMBER.fullmatch(text):
        return json.loads(text)
    return _moment(text) if rules.moments and _MOMENT.fullmatch(text) else text


def _moment(text: str) -> str:
    """A time in UTC to the microsecond; as it is when there is no such day or hour."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return text


def _differences(path: Path, legacy: Any, other: Any, shape: _Rules) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    if isinstance(legacy, dict) and isinstance(other, dict):
        yield from _in_objects(path, legacy, other, shape)
    elif isinstance(legacy, list) and isinstance(other, list):
        yield from _in_lists(path, legacy, other, shape)
    elif _sort(legacy) != _sort(other):
        yield Difference(path_text(path), "type", legacy, other)
    elif not _same(legacy, other, shape.rules.tolerance):
        yield Difference(path_text(path), "value", legacy, other)


def _in_objects(path: Path, legacy: dict[str, Any], other: dict[str, Any], shape: _Rules) -> Iterator[Difference]:
    for name in sorted(legacy.keys() | other.keys()):
        inner = (*path, name)
        if name not in other:
            yield Difference(path_text(inner), "missing", legacy[name], None)
        elif name not in legacy:
            yield Difference(path_text(inner), "extra", None, other[name])
        else:
            yield from _differences(inner, legacy[name], other[name], shape)


def _in_lists(path: Path, legacy: list[Any], other: list[Any], shape: _Rules) -> Iterator[Difference]:
    if len(legacy) != len(other):
        yield Difference(path_text(path), "length", len(legacy), len(other))
    if shape.is_unordered(path):
        # What both have is the same wherever it stands; only the rest has to be paired.
        legacy, other = _without(legacy, other), _without(other, legacy)
        if len(legacy) != len(other):
            return
    inner = (*path, ITEM)
    for one, two in zip(legacy, other, strict=False):
        yield from _differences(inner, one, two, shape)


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    spent = Counter(map(_text, others))
    left: list[Any] = []
    for item in items:
        text = _text(item)
        if spent[text]:
            spent[text] -= 1
        else:
            left.append(item)
    return left


def _sort(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else type(value).__name__


def _same(legacy: Any, other: Any, tolerance: float) -> bool:  # noqa: ANN401 - JSON
    if legacy == other:
        return True
    if not tolerance or _sort(legacy) != "number":
        return False
    return math.isclose(legacy, other, rel_tol=tolerance, abs_tol=tolerance)


def _order(value: Any) -> tuple[str, float, str]:  # noqa: ANN401 - JSON
    """Where a value stands in a sorted list: numbers by size, all else by its text."""
    sort = _sort(value)
    return sort, float(value) if sort == "number" and abs(value) < 1e300 else 0.0, _text(value)  # noqa: PLR2004 - floats


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    """One text for equal values: 1.0 and 1 are the same number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_text(value[name])}' for name in sorted(value))}}}"
    return json.dumps(value)

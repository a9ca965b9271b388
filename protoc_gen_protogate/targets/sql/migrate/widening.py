"""Whether a check takes all that an older one took, so that no old row can fail it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protoc_gen_protogate.targets.sql.migrate.diff import TableDiff
    from protoc_gen_protogate.targets.sql.tables import Check

__all__ = ["is_wider"]

_LIST: Final = re.compile(r"(?P<left>[^'()]+ IN )\((?P<items>(?:\s*(?:'(?:[^']|'')*'|-?\d+),?)+\s*)\)", re.DOTALL)
_ITEM: Final = re.compile(r"'(?:[^']|'')*'|-?\d+")
_BOUND: Final = re.compile(r"(?P<left>.+ )(?P<sign><=|>=|<|>) (?P<limit>-?\d+(?:\.\d+)?)", re.DOTALL)


def is_wider(check: Check, diff: TableDiff) -> bool:
    """Whether one of the old checks about the same columns implies it."""
    columns = diff.names_in(check)
    return any(diff.names_in(old) == columns and _terms_imply(old.terms, check.terms) for old in diff.old.checks)


def _terms_imply(old: Sequence[str], new: Sequence[str]) -> bool:
    return all(any(one == other or _implies(one, other) for one in old) for other in new)


def _implies(old: str, new: str) -> bool:
    """Whether a list has all items of the other, or a bound lies beyond the other."""
    one, other = _LIST.fullmatch(old), _LIST.fullmatch(new)
    if one and other:
        return one["left"] == other["left"] and set(_ITEM.findall(one["items"])) <= set(_ITEM.findall(other["items"]))
    before, after = _BOUND.fullmatch(old), _BOUND.fullmatch(new)
    if not before or not after or (before["left"], before["sign"]) != (after["left"], after["sign"]):
        return False
    if any(word in before["left"] for word in (" AND ", " OR ", "NOT ", "'")):
        return False
    low, high = float(before["limit"]), float(after["limit"])
    return low <= high if before["sign"].startswith("<") else low >= high

"""Finds and renames columns in the SQL of constraints, and puts renames into an order that works."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.sql.names import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from protoc_gen_protogate.targets.sql.dialects import Dialect

__all__ = ["free_name", "names_in", "ordered_renames", "renamed_in"]

_WORD: Final = r"(?<![\w:.])(?>[^\W\d]\w*)(?!\()"
"""A word that is neither a function nor the type of a PostgreSQL cast."""


@cache
def _tokens(dialect: str) -> re.Pattern[str]:
    if dialect == "mysql":
        return re.compile(rf"'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|{_WORD}", re.DOTALL)
    return re.compile(rf"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|{_WORD}", re.DOTALL)


def names_in(sql: str, columns: Iterable[str], dialect: Dialect) -> frozenset[str]:
    """Those of the columns that an expression names.

    The answer may hold one too many (a word that is no column in this place), never one too few.
    """
    found = set(_tokens(dialect.name).findall(sql))
    return frozenset(column for column in columns if dialect.identifier(column) in found)


def renamed_in(sql: str, renames: Mapping[str, str], dialect: Dialect) -> str:
    """The expression with other names for its columns; what stands in string literals stays."""
    written = {dialect.identifier(old): dialect.identifier(new) for old, new in renames.items() if old != new}
    if not written:
        return sql
    return _tokens(dialect.name).sub(lambda match: written.get(match.group(), match.group()), sql)


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with a number behind it when it is taken."""
    lowered = {name.lower() for name in taken}
    name, count = shorten(wanted), 1
    while name.lower() in lowered:
        count += 1
        name = shorten(f"{wanted}_{count}")
    return name


def _moving(name: str) -> str:
    return shorten(f"moving_{name}")


def ordered_renames(renames: Mapping[str, str], between: Callable[[str], str] = _moving) -> Iterator[tuple[str, str]]:
    """The renames one by one so that no name is ever taken twice; circles go through a name that `between` gives."""
    waiting = {old: new for old, new in renames.items() if old != new}
    while waiting:
        ready = [old for old, new in waiting.items() if new not in waiting or new.lower() == old.lower()]
        for old in ready:
            yield old, waiting.pop(old)
        if not ready:
            first = next(iter(waiting))
            aside = between(first)
            yield first, aside
            waiting[aside] = waiting.pop(first)

"""Which tables a text of SQL reads and writes: its words, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VERBS", "tables", "words"]

VERBS: Final = (b"SELECT ", b"INSERT ", b"UPDATE ", b"DELETE ", b"CREATE TABLE", b"WITH ", b"MERGE ")
"""How a text begins that may be SQL, in capitals."""
_LONGEST: Final = 100_000
_NO_TABLES: Final = frozenset({"select", "lateral", "unnest", "only", "dual", "values", "set", "where"})


def tables(text: str) -> tuple[tuple[str, str], ...]:
    """Return names of tables with `read` or `write`, each once, sorted."""
    found = {}
    previous, verb = "", ""
    names_of_with: set[str] = set()
    listed = list(words(text[:_LONGEST]))
    for index, word in enumerate(listed):
        lower = word.lower()
        following = listed[index + 1].lower() if index + 1 < len(listed) else ""
        if following == "as" and previous in {"with", ","}:
            names_of_with.add(lower)
        if previous in {"from", "join", "into", "update"} and lower not in _NO_TABLES and _is_name(word):
            writes = previous in {"into", "update"} or (previous == "from" and verb == "delete")
            name = word.rpartition(".")[2]
            if lower not in names_of_with and (name not in found or writes):
                found[name] = "write" if writes else "read"
        if lower in {"select", "insert", "update", "delete"}:
            verb = lower
        previous = lower
    return tuple(sorted(found.items()))


def words(text: str) -> Iterator[str]:
    """Yield names, with their dots and without quotes, and single signs; comments and texts are left out."""
    index, end = 0, len(text)
    while index < end:
        char = text[index]
        if char == "'":
            index = _after(text, "'", index + 1)
        elif text.startswith("--", index):
            index = _after(text, "\n", index)
        elif text.startswith("/*", index):
            index = _after(text, "*/", index)
        elif char.isalnum() or char in '_"`[':
            start = index
            while index < end and (text[index].isalnum() or text[index] in '_."`[]$'):
                index += 1
            yield text[start:index].translate(_QUOTES).strip(".")
        else:
            if not char.isspace():
                yield char
            index += 1


_QUOTES: Final = str.maketrans("", "", '"`[]')


def _after(text: str, sign: str, index: int) -> int:
    found = text.find(sign, index)
    return len(text) if found < 0 else found + len(sign)


def _is_name(word: str) -> bool:
    return word.replace(".", "").replace("_", "").isalnum() and not word[:1].isdigit()

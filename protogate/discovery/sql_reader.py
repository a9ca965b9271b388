"""What a file of SQL says: the tables that it makes, and those that it reads and writes."""

from __future__ import annotations

from typing import Final

from protogate.discovery import sql_text
from protogate.discovery.facts import FileFacts, TableFact, TableUseFact

__all__ = ["read_sql"]

_QUOTES: Final = "\"`[]'"
_NO_COLUMNS: Final = frozenset(
    {"primary", "foreign", "unique", "constraint", "check", "key", "index", "exclude", "like", "partition", "fulltext"}
)


def read_sql(data: bytes) -> FileFacts:
    """Return what a script of SQL says, of any dialect."""
    text = data.decode("utf-8", "replace")
    tables: list[TableFact] = []
    uses: list[TableUseFact] = []
    for line, statement in _statements(text):
        made = _made(line, statement)
        if made is not None:
            tables.append(made)
        else:
            uses.extend(TableUseFact(line, name, mode, is_sql=True) for name, mode in sql_text.tables(statement))
    lines = text.count("\n") + (not text.endswith("\n") and bool(text))
    code = sum(1 for one in text.splitlines() if one.strip() and not one.lstrip().startswith("--"))
    return FileFacts("sql", lines, code, 0, tables=tuple(tables), table_uses=tuple(dict.fromkeys(uses)))


def _statements(text: str) -> list[tuple[int, str]]:
    """Return each statement and the line where its first word stands; a `;` inside a text ends one too early."""
    found = []
    line = 1
    for part in text.split(";"):
        body = part.lstrip()
        begins = line + part[: len(part) - len(body)].count("\n")
        while body.startswith("--"):
            _comment, _, body = body.partition("\n")
            blank = len(body) - len(body.lstrip())
            begins += 1 + body[:blank].count("\n")
            body = body.lstrip()
        if body:
            found.append((begins, body))
        line += part.count("\n")
    return found


def _made(line: int, statement: str) -> TableFact | None:
    words = [word.strip(_QUOTES) for word in sql_text.words(statement)]
    lower = [word.lower() for word in words]
    if lower[:1] != ["create"] or "table" not in lower[:4]:
        return None
    at = lower.index("table") + 1
    while lower[at : at + 1] and lower[at] in {"if", "not", "exists"}:
        at += 1
    if at >= len(words):
        return None
    columns, references = _inside(words[at + 1 :])
    return TableFact(line, words[at].rpartition(".")[2], "", columns, references, "sql")


def _inside(words: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of a table and the tables that it refers to."""
    columns = []
    references = []
    depth = 0
    begins = False
    for index, word in enumerate(words):
        if word == "(":
            depth += 1
            begins = depth == 1
        elif word == ")":
            depth -= 1
        elif word == "," and depth == 1:
            begins = True
        elif begins:
            begins = False
            if word.lower() not in _NO_COLUMNS:
                columns.append(word)
        if word.lower() == "references" and index + 1 < len(words):
            references.append(words[index + 1].rpartition(".")[2])
    return tuple(columns), tuple(dict.fromkeys(references))

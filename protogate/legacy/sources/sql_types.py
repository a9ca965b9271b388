"""What the types of databases are in our one vocabulary; for scripts and for live databases alike."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from protogate.legacy.model import LegacyKind

__all__ = ["SqlType", "sql_type"]


class SqlType(NamedTuple):
    """A type of a column."""

    kind: LegacyKind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    bits: int | None = None
    is_unsigned: bool = False
    format: str = ""
    values: tuple[str, ...] = ()
    is_list: bool = False


_BITS: Final = {
    8: "tinyint int1",
    16: "smallint int2 smallserial year",
    24: "mediumint",
    32: "int integer int4 serial",
    64: "bigint int8 bigserial",
}
_WORDS: Final = {
    LegacyKind.STRING: (
        "char varchar nchar nvarchar text tinytext mediumtext longtext clob ntext character bpchar name citext varchar2"
        " nvarchar2 string uuid uniqueidentifier inet cidr macaddr xml"
    ),
    LegacyKind.DECIMAL: "numeric decimal money smallmoney number dec fixed",
    LegacyKind.NUMBER: "float float8 double real float4",
    LegacyKind.BOOLEAN: "bool boolean bit",
    LegacyKind.BYTES: "blob tinyblob mediumblob longblob binary varbinary bytea image raw",
    LegacyKind.TIMESTAMP: (
        "datetime timestamp timestamptz datetime2 smalldatetime datetimeoffset timestampltz timestampntz"
    ),
    LegacyKind.TIME: "time timetz",
    LegacyKind.DATE: "date",
    LegacyKind.DURATION: "interval",
    LegacyKind.OBJECT: "json jsonb object hstore variant",
    LegacyKind.ENUM: "enum",
}
"""The first word of each type."""
_BITS_BY_WORD: Final = {word: bits for bits, words in _BITS.items() for word in words.split()}
_KIND_BY_WORD: Final = {
    **{word: kind for kind, words in _WORDS.items() for word in words.split()},
    **dict.fromkeys(_BITS_BY_WORD, LegacyKind.INTEGER),
}
_SINGLE: Final = 24
"""Bits of precision up to which SQL's FLOAT(n) is a single one."""
_FORMATS: Final = {"uuid": "uuid", "uniqueidentifier": "uuid", "inet": "ip", "cidr": "cidr"}
_TYPE: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_ ]*)(?:\(([^)]*)\))?([A-Za-z ]*)((?:\[\d*\])*)\s*")
_AFFINITY: Final = (
    ("INT", LegacyKind.INTEGER), ("CHAR", LegacyKind.STRING), ("CLOB", LegacyKind.STRING), ("TEXT", LegacyKind.STRING),
    ("BLOB", LegacyKind.BYTES), ("REAL", LegacyKind.NUMBER), ("FLOA", LegacyKind.NUMBER), ("DOUB", LegacyKind.NUMBER),
)  # fmt: skip
"""https://www.sqlite.org/datatype3.html, 3.1: what SQLite makes of a name that it does not know."""


def sql_type(text: str) -> SqlType:
    """Read a type as a database or a script spells it.

    >>> sql_type("NUMERIC(10, 2)")[:4]
    (<LegacyKind.DECIMAL: 'decimal'>, None, 10, 2)
    >>> sql_type("varchar(40)[]").is_list
    True
    """
    parts = _TYPE.fullmatch(text)
    if parts is None:
        return SqlType(LegacyKind.ANY)
    words = f"{parts[1]} {parts[3]}".lower().split()
    sizes = [part.strip() for part in (parts[2] or "").split(",") if part.strip()]
    kind = _KIND_BY_WORD.get(words[0], LegacyKind.ANY)
    if kind is LegacyKind.ANY:
        made = SqlType(next((one for part, one in _AFFINITY if part in words[0].upper()), kind))
    else:
        made = _sized(words[0], kind, sizes)
    return made._replace(is_unsigned="unsigned" in words, is_list=bool(parts[4]))


def _sized(word: str, kind: LegacyKind, sizes: list[str]) -> SqlType:
    if kind is LegacyKind.ENUM:
        return SqlType(kind, values=tuple(size.strip("'\"") for size in sizes))
    numbers = [int(size) for size in sizes if size.isdecimal()]
    first = numbers[0] if numbers else None
    if kind is LegacyKind.INTEGER:
        # MySQL's BOOLEAN is an integer of one digit.
        return (
            SqlType(LegacyKind.BOOLEAN) if (word, first) == ("tinyint", 1) else SqlType(kind, bits=_BITS_BY_WORD[word])
        )
    if kind is LegacyKind.BOOLEAN and first not in {None, 1}:
        return SqlType(LegacyKind.BYTES, length=((first or 1) + 7) // 8)
    if kind is LegacyKind.DECIMAL:
        scale = None if first is None else numbers[1] if len(numbers) > 1 else 0
        return SqlType(kind, precision=first, scale=scale)
    if kind is LegacyKind.NUMBER:
        is_single = word in {"real", "float4"} or (word == "float" and first is not None and first <= _SINGLE)
        return SqlType(kind, bits=32 if is_single else 64)
    is_sized = kind in {LegacyKind.STRING, LegacyKind.BYTES}
    return SqlType(kind, length=first if is_sized else None, format=_FORMATS.get(word, ""))

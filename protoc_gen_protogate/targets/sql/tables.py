"""Tables as values: what is rendered as DDL, and how columns map to the fields of a document."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = [
    "Check",
    "Column",
    "ForeignKey",
    "Index",
    "Parameter",
    "Role",
    "Shape",
    "Storage",
    "Table",
    "Unique",
]

Parameter = bool | int | float | str | bytes | None
"""What a database driver binds to a column."""


class Storage(IntEnum):
    """How a value of a field is kept in a column."""

    TEXT = 1
    BYTES = 2
    BOOL = 3
    INT32 = 4
    UINT32 = 5
    INT64 = 6
    UINT64 = 7
    """In SQLite as 64-bit two's complement, which is what protobuf does in languages without unsigned integers."""
    FLOAT = 8
    DOUBLE = 9
    ENUM_NAME = 10
    """The canonical name of the value: the first one of its number."""
    ENUM_NUMBER = 11
    TIMESTAMP = 12
    """The dialect's own type, which holds microseconds; in SQLite the same as `TIMESTAMP_TEXT`."""
    TIMESTAMP_TEXT = 13
    """RFC 3339 in UTC with nine digits of fraction, so that order of text is order of time."""
    TIMESTAMP_NANOS = 14
    """Nanoseconds since 1970 in 64 bits: 1677-09-21 to 2262-04-11."""
    DURATION = 15
    """Decimal seconds; in SQLite, which has no decimals, integer nanoseconds."""
    JSON_OBJECT = 16
    JSON_ARRAY = 17
    JSON_VALUE = 18
    """Any JSON, `null` included."""


class Role(IntEnum):
    """What a column is for."""

    VALUE = 1
    """Holds a field, or the element of a list or map."""
    PRESENCE = 2
    """Tells whether the message whose fields stand in other columns is set."""
    SYNTHETIC_KEY = 3
    """A number that the database gives, for tables whose message has no key."""
    PARENT_KEY = 4
    """Repeats a key column of the parent row."""
    POSITION = 5
    """The place in the list, from 0."""
    MAP_KEY = 6


class Shape(IntEnum):
    """How the rows of a table come out of a document."""

    ROOT = 1
    """One row a document."""
    LIST = 2
    """One row an element of a list."""
    MAP = 3
    """One row an entry of a map."""
    SINGLE = 4
    """One row when the message is set."""


class Column(NamedTuple):
    """A column and the field that it holds."""

    name: str
    type: str
    """In SQL."""
    storage: Storage
    role: Role
    nullable: bool = False
    default: str | None = None
    """An SQL expression."""
    path: tuple[str, ...] = ()
    """JSON names from the object of the row to the value; empty when the row's value itself is held."""
    field: str = ""
    """Full name of the field; empty for columns that hold none."""
    absent: Parameter = None
    """What is bound when the document leaves the field out: its zero value, or None."""
    enum: tuple[tuple[str, int], ...] = ()
    """Names and numbers of an enum."""
    doc: str = ""
    numbers: tuple[int, ...] = ()
    """Field numbers along `path`: what stays when fields get other names."""


class Check(NamedTuple):
    """A named CHECK constraint: all terms must hold."""

    name: str
    terms: tuple[str, ...]


class Unique(NamedTuple):
    """A named UNIQUE constraint."""

    name: str
    columns: tuple[str, ...]


class ForeignKey(NamedTuple):
    """A named FOREIGN KEY constraint."""

    name: str
    columns: tuple[str, ...]
    table: str
    """As it is written in SQL, schema and quotes included."""
    target_columns: tuple[str, ...]
    on_delete: str
    """`CASCADE`, `RESTRICT`, ...; empty for nothing."""
    source: str
    """The `.proto` file whose DDL makes the table; empty when no contract does."""


class Index(NamedTuple):
    """An index."""

    name: str
    columns: tuple[str, ...]
    unique: bool


class Table(NamedTuple):
    """A table, the message or field whose values are its rows, and the tables of its lists and maps."""

    name: str
    schema: str
    """Empty for the schema that the connection is in."""
    sql_name: str
    """As it is written in SQL, schema and quotes included."""
    source: str
    """The `.proto` file."""
    element: str
    """Full name of the message (`ROOT`) or field."""
    shape: Shape
    path: tuple[str, ...]
    """JSON names from the object of the parent's row to the list, map or message; empty for `ROOT`."""
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    checks: tuple[Check, ...]
    uniques: tuple[Unique, ...]
    foreign_keys: tuple[ForeignKey, ...]
    indexes: tuple[Index, ...]
    children: tuple[Table, ...]
    doc: str
    numbers: tuple[int, ...] = ()
    """Field numbers along `path`."""

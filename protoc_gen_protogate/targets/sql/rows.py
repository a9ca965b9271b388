"""From a document to the rows of its tables: the other half of what the DDL promises."""

from __future__ import annotations

import base64
import json
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.dialects import rfc3339
from protoc_gen_protogate.targets.sql.storage import as_signed
from protoc_gen_protogate.targets.sql.tables import Role, Shape, Storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protoc_gen_protogate.targets.sql.tables import Column, Parameter, Table

__all__ = ["Row", "insert_statement", "rows_of"]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_INTEGERS: Final = frozenset({Storage.INT32, Storage.UINT32, Storage.INT64, Storage.UINT64})
_BILLION: Final = 1_000_000_000
_ABSENT: Final = object()
"""The message around the field is not set."""
_MISSING: Final = object()
"""The message is there, the field is not."""


class Row(NamedTuple):
    """One row: a value for every column of the table."""

    table: Table
    values: tuple[Parameter | Decimal, ...]


def rows_of(table: Table, document: Mapping[str, Json], dialect: str, *, key: int | None = None) -> Iterator[Row]:
    """The rows of a canonical ProtoJSON document, parents before children.

    Args:
        table: the table of the document's message, see `tables_of`.
        document: what `json.loads` makes of the document.
        dialect: the dialect of `table`.
        key: the row's key if the table has a key that the database gives.
    """
    yield from _rows(table, dict(document), _Binder(dialect), (key,))


def insert_statement(table: Table, placeholder: str, quoted: Mapping[str, str]) -> str:
    """The INSERT for one row of `table`; `quoted` has the columns as they are written in SQL."""
    columns = ", ".join(quoted[column.name] for column in table.columns)
    values = ", ".join([placeholder] * len(table.columns))
    return f"INSERT INTO {table.sql_name} ({columns}) VALUES ({values})"  # noqa: S608 - names of the contract, quoted


def _rows(table: Table, value: Json, binder: _Binder, given: tuple[Parameter | Decimal, ...]) -> Iterator[Row]:
    """The row of `value` and of what is in it; `given` are the values of the first columns, which no field holds."""
    values = [*given[: _given_columns(table)]]
    values += [binder.bind(column, _at(value, column.path)) for column in table.columns[len(values) :]]
    yield Row(table, tuple(values))
    key = tuple(v for column, v in zip(table.columns, values, strict=True) if column.name in table.primary_key)
    for child in table.children:
        for own, element in _elements(child, _at(value, child.path), binder):
            yield from _rows(child, element, binder, (*key, *own))


def _given_columns(table: Table) -> int:
    roles = {Role.SYNTHETIC_KEY, Role.PARENT_KEY, Role.POSITION, Role.MAP_KEY}
    return sum(column.role in roles for column in table.columns)


def _elements(child: Table, value: object, binder: _Binder) -> Iterator[tuple[tuple[Parameter | Decimal, ...], Json]]:
    if child.shape is Shape.LIST and isinstance(value, list):
        yield from (((position,), element) for position, element in enumerate(value))
    elif child.shape is Shape.MAP and isinstance(value, dict):
        key = next(column for column in child.columns if column.role is Role.MAP_KEY)
        yield from (((binder.map_key(key, name),), element) for name, element in value.items())
    elif child.shape is Shape.SINGLE and isinstance(value, dict):
        yield (), value


def _at(value: object, path: Sequence[str]) -> object:
    """What stands at a path, or why nothing does."""
    for i, name in enumerate(path):
        if not isinstance(value, dict):
            return _ABSENT
        value = value.get(name, _ABSENT if i < len(path) - 1 else _MISSING)
    return value


class _Binder:
    """Turns ProtoJSON values into what a driver of the dialect binds."""

    def __init__(self, dialect: str) -> None:
        self._dialect: Final = dialect

    def bind(self, column: Column, value: object) -> Parameter | Decimal:
        """The value of a column."""
        if column.role is Role.PRESENCE:
            return value is not _ABSENT and value is not _MISSING and value is not None
        if value is None and column.storage is Storage.JSON_VALUE:
            return "null"
        if value is None and column.enum == (("NULL_VALUE", 0),):
            return self._enum(column, "NULL_VALUE")
        if value is _MISSING or value is None:
            return column.absent
        return None if value is _ABSENT else self._convert(column, value)

    def map_key(self, column: Column, name: str) -> Parameter | Decimal:
        """The key of a map, which JSON always writes as text."""
        if column.storage is Storage.BOOL:
            return name == "true"
        return self._convert(column, name)

    def _convert(self, column: Column, value: object) -> Parameter | Decimal:  # noqa: PLR0911 - one a storage
        storage = column.storage
        if storage in _INTEGERS:
            number = int(Decimal(str(value)))
            return as_signed(number) if storage is Storage.UINT64 and self._dialect == "sqlite" else number
        if storage is Storage.DOUBLE or storage is Storage.FLOAT:
            return _float(value, single=storage is Storage.FLOAT)
        if storage is Storage.BOOL:
            return bool(value)
        if storage is Storage.BYTES:
            return _bytes(str(value))
        if storage is Storage.ENUM_NAME or storage is Storage.ENUM_NUMBER:
            return self._enum(column, value)
        if storage >= Storage.JSON_OBJECT:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if storage is Storage.DURATION:
            return self._duration(str(value))
        if storage is Storage.TIMESTAMP or storage is Storage.TIMESTAMP_TEXT or storage is Storage.TIMESTAMP_NANOS:
            return self._timestamp(storage, str(value))
        return str(value)

    def _enum(self, column: Column, value: object) -> Parameter:
        if column.storage is Storage.ENUM_NUMBER:
            return dict(column.enum)[value] if isinstance(value, str) else int(str(value))
        return str(value)

    def _duration(self, text: str) -> Parameter | Decimal:
        seconds = Decimal(text.removesuffix("s"))
        return int(seconds * _BILLION) if self._dialect == "sqlite" else seconds

    def _timestamp(self, storage: Storage, text: str) -> Parameter:
        seconds, nanos = _instant(text)
        if storage is Storage.TIMESTAMP_NANOS:
            return seconds * _BILLION + nanos
        written = rfc3339(seconds, nanos, 9)
        if storage is Storage.TIMESTAMP and self._dialect == "mysql":
            return written[:26].replace("T", " ")
        return written


def _float(value: object, *, single: bool) -> float:
    number = float(value) if isinstance(value, (int, float, str)) else float("nan")
    return struct.unpack("f", struct.pack("f", number))[0] if single else number


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))


def _instant(text: str) -> tuple[int, int]:
    """Seconds and nanoseconds since 1970 of a canonical timestamp, which is in UTC."""
    from datetime import UTC, datetime  # noqa: PLC0415 - beside its only use

    moment, _, fraction = text.removesuffix("Z").partition(".")
    seconds = datetime.fromisoformat(moment).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return seconds.days * 86_400 + seconds.seconds, int(fraction.ljust(9, "0") or 0)

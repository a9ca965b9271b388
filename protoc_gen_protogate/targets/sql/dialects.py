"""What SQLite, PostgreSQL and MySQL write differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from protoc_gen_protogate.targets.sql import keywords as words
from protoc_gen_protogate.targets.sql.tables import Storage
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DIALECTS", "Dialect", "MySQL", "PostgreSQL", "SQLite"]

_UINT32_RANGE: Final = "BETWEEN 0 AND 4294967295"
_JSON_TYPES: Final = {Storage.JSON_OBJECT: "object", Storage.JSON_ARRAY: "array"}
_SQLITE_RANGES: Final = {
    Storage.BOOL: ("bool", "IN (0, 1)"),
    Storage.INT32: ("int32", "BETWEEN -2147483648 AND 2147483647"),
    Storage.UINT32: ("uint32", _UINT32_RANGE),
}
_UINT64_RANGE: Final = "BETWEEN 0 AND 18446744073709551615"
_TIMESTAMP: Final = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{9}Z"
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_NOW: Final = "CURRENT_TIMESTAMP"
_LIST_WIDTH: Final = 90
_DIGITS: Final = frozenset("0123456789")


class Dialect:
    """The parts that all dialects share; `x` is always the SQL of an operand."""

    name: str
    requires: str
    """The oldest version that understands the output, for the head of each file."""
    notes: tuple[str, ...] = ()
    """What a reader of any output should know."""
    types: ClassVar[Mapping[Storage, str]]
    keywords: frozenset[str]
    reserved_columns: frozenset[str] = frozenset()
    identity: str
    """Type and options of a key that the database gives."""
    true: str = "TRUE"
    false: str = "FALSE"
    drops_infinity = False
    drops_nan = False
    has_inline_comments = False
    """Whether comments are part of CREATE TABLE."""
    has_schemas = True
    has_boolean_terms = True
    """Whether a boolean counts as 0 or 1 in a sum."""

    def __init__(self) -> None:
        self._written: Final[dict[str, str]] = {}

    def identifier(self, name: str) -> str:
        """The name as it is written in SQL: in quotes only when it needs them."""
        known = self._written.get(name)
        if known is None:
            is_plain = name not in self.keywords and name[:1] not in _DIGITS and _PLAIN.issuperset(name)
            known = self._written[name] = name if is_plain else self.quoted(name)
        return known

    def quoted(self, name: str) -> str:
        """The name in quotes."""
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """A string literal."""
        return "'" + value.replace("'", "''") + "'"

    def binary(self, value: bytes) -> str:
        """A literal of bytes."""
        return f"x'{value.hex()}'"

    def boolean(self, *, value: bool) -> str:
        """A literal of a boolean."""
        return self.true if value else self.false

    def number(self, value: float) -> str | None:
        """A literal of a float; None when the dialect has none for this value."""
        return None if value != value or value in {float("inf"), float("-inf")} else repr(value)  # noqa: PLR0124

    def column_type(self, storage: Storage, *, length: int | None, keyed: bool) -> str:  # noqa: ARG002
        """The type of a column; `length` bounds text or bytes, `keyed` columns stand in a key or index."""
        return self.types[storage]

    def default(self, literal: str, storage: Storage, column_type: str) -> str:  # noqa: ARG002
        """A literal as the expression of a DEFAULT clause."""
        return literal

    def written_default(self, expression: str, storage: Storage) -> str:  # noqa: ARG002
        """A default that the contract writes as SQL, in the form that the column takes."""
        return expression

    def type_check(self, storage: Storage, x: str) -> tuple[str, ...] | None:
        """What the type alone does not say: the name of a check and its terms."""
        raise NotImplementedError

    def length(self, x: str) -> str:
        """The number of code points of a text."""
        return f"char_length({x})"

    def byte_length(self, x: str, storage: Storage) -> str:  # noqa: ARG002
        """The number of bytes of a text or of bytes."""
        return f"octet_length({x})"

    def starts_with(self, x: str, literal: str, size: int, storage: Storage) -> str:  # noqa: ARG002
        """Whether `x` starts with a literal of `size` code points or bytes."""
        return f"left({x}, {size}) = {literal}"

    def ends_with(self, x: str, literal: str, size: int, storage: Storage) -> str:  # noqa: ARG002
        """Whether `x` ends with a literal of `size` code points or bytes."""
        return f"right({x}, {size}) = {literal}"

    def position(self, x: str, literal: str) -> str:
        """Where the literal stands in `x`, from 1; 0 for nowhere."""
        return f"position({literal} IN {x})"

    has_patterns = True
    """Whether SQL has regular expressions."""

    def matches(self, x: str, pattern: str) -> str:
        """Whether the whole of `x` matches a regular expression of `formats`."""
        raise NotImplementedError

    def searches(self, x: str, pattern: str) -> str:
        """Whether a pattern in the dialect's own syntax matches anywhere in `x`."""
        raise NotImplementedError

    def json_length(self, x: str, storage: Storage) -> str | None:
        """The number of elements of a JSON list, or of entries of a JSON object; None when it cannot be said."""
        raise NotImplementedError

    def json_member(self, x: str, name: str) -> str:
        """The text at a key of a JSON object."""
        raise NotImplementedError

    def timestamp(self, seconds: int, nanos: int) -> str:
        """A literal of a point in time."""
        return self.text(rfc3339(seconds, nanos, 9))

    def timestamp_text(self, seconds: int, nanos: int) -> str:
        """A literal of a point in time that is kept as text."""
        return self.text(rfc3339(seconds, nanos, 9))

    def duration(self, seconds: int, nanos: int) -> str:
        """A literal of a span of time."""
        total = seconds * 1_000_000_000 + nanos
        whole, fraction = divmod(abs(total), 1_000_000_000)
        digits = f".{fraction:09d}".rstrip("0") if fraction else ""
        return f"{'-' if total < 0 else ''}{whole}{digits}"

    def is_in(self, x: str, literals: Sequence[str], *, negated: bool = False) -> str:
        """Whether `x` is one of the literals; long lists go on below."""
        start = f"{x} {'NOT IN' if negated else 'IN'} ("
        flat = ", ".join(literals)
        if len(start) + len(flat) < _LIST_WIDTH:
            return f"{start}{flat})"
        lines = [""]
        for literal in literals:
            if lines[-1] and len(lines[-1]) + len(literal) > _LIST_WIDTH:
                lines.append("")
            lines[-1] += f"{literal}, "
        return f"{start}\n      " + "\n      ".join(line.rstrip() for line in lines).rstrip(",") + "\n    )"

    def count(self, conditions: list[str]) -> str:
        """How many of the conditions hold; none of them is ever NULL."""
        return " + ".join(f"({condition})" for condition in conditions)


class SQLite(Dialect):
    """SQLite, with STRICT tables."""

    name = "sqlite"
    requires = "SQLite 3.38 or later"
    notes = ("SQLite's functions see text up to its first U+0000 only.",)
    keywords = words.SQLITE
    identity = "INTEGER PRIMARY KEY"
    true = "1"
    false = "0"
    drops_nan = True
    has_schemas = False
    has_patterns = False
    has_inline_comments = True
    types: ClassVar[Mapping[Storage, str]] = {
        Storage.TEXT: "TEXT",
        Storage.BYTES: "BLOB",
        Storage.BOOL: "INTEGER",
        Storage.INT32: "INTEGER",
        Storage.UINT32: "INTEGER",
        Storage.INT64: "INTEGER",
        Storage.UINT64: "INTEGER",
        Storage.FLOAT: "REAL",
        Storage.DOUBLE: "REAL",
        Storage.ENUM_NAME: "TEXT",
        Storage.ENUM_NUMBER: "INTEGER",
        Storage.TIMESTAMP: "TEXT",
        Storage.TIMESTAMP_TEXT: "TEXT",
        Storage.TIMESTAMP_NANOS: "INTEGER",
        Storage.DURATION: "INTEGER",
        Storage.JSON_OBJECT: "TEXT",
        Storage.JSON_ARRAY: "TEXT",
        Storage.JSON_VALUE: "TEXT",
    }

    def number(self, value: float) -> str | None:
        """A literal of a float; infinity is any numeral beyond the range."""
        if value in {float("inf"), float("-inf")}:
            return "9e999" if value > 0 else "-9e999"
        return super().number(value)

    def written_default(self, expression: str, storage: Storage) -> str:
        """CURRENT_TIMESTAMP has neither the T nor the fraction nor the Z of the column."""
        if expression.upper() == _NOW and storage in {Storage.TIMESTAMP, Storage.TIMESTAMP_TEXT}:
            return "(strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now'))"
        return expression

    def type_check(self, storage: Storage, x: str) -> tuple[str, ...] | None:
        """What STRICT tables do not say themselves."""
        if storage in _SQLITE_RANGES:
            name, condition = _SQLITE_RANGES[storage]
            return name, f"{x} {condition}"
        if storage in _JSON_TYPES:
            return "json", f"json_type({x}) = '{_JSON_TYPES[storage]}'"
        if storage is Storage.JSON_VALUE:
            return "json", f"({x} IS NULL OR json_valid({x}))"
        if storage is Storage.TIMESTAMP or storage is Storage.TIMESTAMP_TEXT:
            fraction = "[0-9]" * 9
            return (
                "timestamp",
                f"{x} IS strftime('%Y-%m-%dT%H:%M:%S', substr({x}, 1, 19)) || substr({x}, 20)",
                f"substr({x}, 20) GLOB '.{fraction}Z'",
                f"{x} >= '0001'",
            )
        return None

    def length(self, x: str) -> str:
        """The number of code points before the first U+0000."""
        return f"length({x})"

    def byte_length(self, x: str, storage: Storage) -> str:
        """The number of bytes."""
        return f"length({x})" if storage is Storage.BYTES else f"length(CAST({x} AS BLOB))"

    def starts_with(self, x: str, literal: str, size: int, storage: Storage) -> str:
        """Whether `x` starts with the literal; LIKE would not tell upper from lower case."""
        if storage is Storage.BYTES:
            return f"instr({x}, {literal}) = 1"
        return f"substr({x}, 1, {size}) = {literal}"

    def ends_with(self, x: str, literal: str, size: int, storage: Storage) -> str:
        """Whether `x` ends with the literal; of empty bytes, any part is NULL."""
        if storage is Storage.BYTES:
            return f"(length({x}) >= {size} AND substr({x}, -{size}) = {literal})"
        return f"substr({x}, -{size}) = {literal}"

    def position(self, x: str, literal: str) -> str:
        """Where the literal stands in `x`."""
        return f"instr({x}, {literal})"

    def json_length(self, x: str, storage: Storage) -> str | None:
        """The number of elements; entries of objects cannot be counted without a subquery."""
        return f"json_array_length({x})" if storage is Storage.JSON_ARRAY else None

    def json_member(self, x: str, name: str) -> str:
        """The text at a key."""
        return f"json_extract({x}, {self.text(_member_path(name))})"

    def duration(self, seconds: int, nanos: int) -> str:
        """Integer nanoseconds."""
        return str(seconds * 1_000_000_000 + nanos)


class PostgreSQL(Dialect):
    """PostgreSQL."""

    name = "postgresql"
    requires = "PostgreSQL 12 or later"
    notes = ("PostgreSQL text and jsonb hold no U+0000: rows with it are refused.",)
    keywords = words.POSTGRESQL
    reserved_columns = words.POSTGRESQL_SYSTEM_COLUMNS
    identity = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    has_boolean_terms = False
    types: ClassVar[Mapping[Storage, str]] = {
        Storage.TEXT: "TEXT",
        Storage.BYTES: "BYTEA",
        Storage.BOOL: "BOOLEAN",
        Storage.INT32: "INTEGER",
        Storage.UINT32: "BIGINT",
        Storage.INT64: "BIGINT",
        Storage.UINT64: "NUMERIC(20, 0)",
        Storage.FLOAT: "REAL",
        Storage.DOUBLE: "DOUBLE PRECISION",
        Storage.ENUM_NAME: "TEXT",
        Storage.ENUM_NUMBER: "INTEGER",
        Storage.TIMESTAMP: "TIMESTAMPTZ",
        Storage.TIMESTAMP_TEXT: "TEXT",
        Storage.TIMESTAMP_NANOS: "BIGINT",
        Storage.DURATION: "NUMERIC(21, 9)",
        Storage.JSON_OBJECT: "JSONB",
        Storage.JSON_ARRAY: "JSONB",
        Storage.JSON_VALUE: "JSONB",
    }

    def binary(self, value: bytes) -> str:
        """A literal of bytea."""
        return f"'\\x{value.hex()}'::bytea"

    def number(self, value: float) -> str | None:
        """A literal of a float; infinity is a quoted word."""
        if value in {float("inf"), float("-inf")}:
            return f"'{'-' if value < 0 else ''}Infinity'::float8"
        return super().number(value)

    def type_check(self, storage: Storage, x: str) -> tuple[str, ...] | None:
        """What the types do not say themselves."""
        if storage is Storage.UINT32:
            return "uint32", f"{x} {_UINT32_RANGE}"
        if storage is Storage.UINT64:
            return "uint64", f"{x} {_UINT64_RANGE}"
        if storage in _JSON_TYPES:
            return "json", f"jsonb_typeof({x}) = '{_JSON_TYPES[storage]}'"
        if storage is Storage.TIMESTAMP_TEXT:
            return "timestamp", f"{x} ~ '^{_TIMESTAMP}$'", f"{x} >= '0001'"
        return None

    def starts_with(self, x: str, literal: str, size: int, storage: Storage) -> str:
        """Whether `x` starts with the literal."""
        if storage is Storage.BYTES:
            return f"substring({x} FROM 1 FOR {size}) = {literal}"
        return f"starts_with({x}, {literal})"

    def ends_with(self, x: str, literal: str, size: int, storage: Storage) -> str:
        """Whether `x` ends with the literal."""
        if storage is Storage.BYTES:
            return f"substring({x} FROM greatest(octet_length({x}) - {size - 1}, 1)) = {literal}"
        return super().ends_with(x, literal, size, storage)

    def matches(self, x: str, pattern: str) -> str:
        """Whether the whole of `x` matches."""
        return f"{x} ~ {self.text(f'^(?:{pattern})$')}"

    def searches(self, x: str, pattern: str) -> str:
        """Whether the pattern matches anywhere."""
        return f"{x} ~ {self.text(pattern)}"

    def json_length(self, x: str, storage: Storage) -> str | None:
        """The number of elements or entries."""
        if storage is Storage.JSON_ARRAY:
            return f"jsonb_array_length({x})"
        return f"jsonb_array_length(jsonb_path_query_array({x}, '$.keyvalue()'))"

    def json_member(self, x: str, name: str) -> str:
        """The text at a key."""
        return f"({x} ->> {self.text(name)})"

    def timestamp(self, seconds: int, nanos: int) -> str:
        """A literal of timestamptz."""
        return f"TIMESTAMPTZ {self.text(rfc3339(seconds, nanos, 9))}"

    def count(self, conditions: list[str]) -> str:
        """How many of the conditions hold; null tests of plain columns are counted by `num_nonnulls`."""
        ending = " IS NOT NULL"
        if all(c.endswith(ending) and " " not in c.removesuffix(ending) for c in conditions):
            return f"num_nonnulls({', '.join(c.removesuffix(ending) for c in conditions)})"
        return " + ".join(f"({condition})::int" for condition in conditions)


class MySQL(Dialect):
    """MySQL 8."""

    name = "mysql"
    requires = "MySQL 8.0.17 or later"
    keywords = words.MYSQL
    identity = "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"
    drops_nan = True
    drops_infinity = True
    has_inline_comments = True
    types: ClassVar[Mapping[Storage, str]] = {
        Storage.TEXT: "LONGTEXT",
        Storage.BYTES: "LONGBLOB",
        Storage.BOOL: "BOOLEAN",
        Storage.INT32: "INT",
        Storage.UINT32: "INT UNSIGNED",
        Storage.INT64: "BIGINT",
        Storage.UINT64: "BIGINT UNSIGNED",
        Storage.FLOAT: "FLOAT",
        Storage.DOUBLE: "DOUBLE",
        Storage.ENUM_NAME: "VARCHAR(255)",
        Storage.ENUM_NUMBER: "INT",
        Storage.TIMESTAMP: "DATETIME(6)",
        Storage.TIMESTAMP_TEXT: "CHAR(30)",
        Storage.TIMESTAMP_NANOS: "BIGINT",
        Storage.DURATION: "DECIMAL(21, 9)",
        Storage.JSON_OBJECT: "JSON",
        Storage.JSON_ARRAY: "JSON",
        Storage.JSON_VALUE: "JSON",
    }
    key_length: Final = 255
    """Three columns of this length in utf8mb4 fill InnoDB's 3072 bytes of a key."""
    longest_varchar: Final = 1000
    """Rows have 65,535 bytes, and long texts do not count towards them."""

    def quoted(self, name: str) -> str:
        """The name in backquotes."""
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        """A string literal; the backslash is an escape in MySQL."""
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"

    def column_type(self, storage: Storage, *, length: int | None, keyed: bool) -> str:
        """The type of a column; long text can be neither key nor index."""
        if storage is Storage.TEXT or storage is Storage.BYTES:
            word = "VARCHAR" if storage is Storage.TEXT else "VARBINARY"
            if keyed:
                return f"{word}({min(length or self.key_length, self.key_length)})"
            if length is not None and 0 < length <= self.longest_varchar:
                return f"{word}({length})"
        if storage is Storage.ENUM_NAME and length is not None:
            return f"VARCHAR({length})"
        return self.types[storage]

    def default(self, literal: str, storage: Storage, column_type: str) -> str:
        """A literal as a default; long and JSON columns take only expressions."""
        if storage >= Storage.JSON_OBJECT or column_type.startswith("LONG"):
            return f"({literal})"
        return literal

    def written_default(self, expression: str, storage: Storage) -> str:
        """CURRENT_TIMESTAMP must have the digits of the column."""
        return f"{_NOW}(6)" if expression.upper() == _NOW and storage is Storage.TIMESTAMP else expression

    def type_check(self, storage: Storage, x: str) -> tuple[str, ...] | None:
        """What the types do not say themselves."""
        if storage is Storage.BOOL:
            return "bool", f"{x} IN (0, 1)"
        if storage in _JSON_TYPES:
            return "json", f"JSON_TYPE({x}) = '{_JSON_TYPES[storage].upper()}'"
        if storage is Storage.TIMESTAMP_TEXT:
            return "timestamp", self.matches(x, _TIMESTAMP), f"{x} >= '0001'"
        return None

    def matches(self, x: str, pattern: str) -> str:
        r"""Whether the whole of `x` matches; `$` would leave room for a line end, `\z` does not."""
        return self.searches(x, rf"^(?:{pattern})\z")

    def searches(self, x: str, pattern: str) -> str:
        """Whether the pattern matches anywhere, upper and lower case apart."""
        return f"REGEXP_LIKE({x}, {self.text(pattern)}, 'c')"

    def json_length(self, x: str, storage: Storage) -> str | None:  # noqa: ARG002
        """The number of elements or entries."""
        return f"JSON_LENGTH({x})"

    def json_member(self, x: str, name: str) -> str:
        """The text at a key."""
        return f"JSON_UNQUOTE(JSON_EXTRACT({x}, {self.text(_member_path(name))})) COLLATE utf8mb4_0900_bin"

    def position(self, x: str, literal: str) -> str:
        """Where the literal stands in `x`."""
        return f"LOCATE({literal}, {x})"

    def timestamp(self, seconds: int, nanos: int) -> str:
        """A literal of DATETIME, in UTC."""
        return self.text(rfc3339(seconds, nanos, 6).replace("T", " ").removesuffix("Z"))


DIALECTS: Final[Mapping[str, Dialect]] = {"sqlite": SQLite(), "postgresql": PostgreSQL(), "mysql": MySQL()}


def _member_path(name: str) -> str:
    return f'$."{name}"'


def rfc3339(seconds: int, nanos: int, digits: int) -> str:
    """RFC 3339 in UTC with `digits` digits of fraction.

    Raises:
        UserError: the time lies outside of the years 1 to 9999.
    """
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - only for rules on timestamps

    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError as error:
        raise UserError(f"timestamp with {seconds} seconds lies outside of the years 1 to 9999") from error
    fraction = f"{nanos:09d}"[:digits]
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}.{fraction}Z"

"""How the value of one field is kept in one column: storage, type, default and what is bound when it is not set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.tables import Parameter, Storage
from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protogate.descriptors import Enum, Field
    from protogate.descriptors.model import Default
    from protogate.descriptors.rules import FieldRules

__all__ = ["TEXT_LENGTHS", "WRAPPERS", "EnumNames", "StorageRules"]

_SCALARS: Final[Mapping[Kind, Storage]] = {
    Kind.DOUBLE: Storage.DOUBLE,
    Kind.FLOAT: Storage.FLOAT,
    Kind.INT64: Storage.INT64,
    Kind.UINT64: Storage.UINT64,
    Kind.INT32: Storage.INT32,
    Kind.FIXED64: Storage.UINT64,
    Kind.FIXED32: Storage.UINT32,
    Kind.BOOL: Storage.BOOL,
    Kind.STRING: Storage.TEXT,
    Kind.BYTES: Storage.BYTES,
    Kind.UINT32: Storage.UINT32,
    Kind.SFIXED32: Storage.INT32,
    Kind.SFIXED64: Storage.INT64,
    Kind.SINT32: Storage.INT32,
    Kind.SINT64: Storage.INT64,
}

WRAPPERS: Final[Mapping[str, Storage]] = {
    "google.protobuf.DoubleValue": Storage.DOUBLE,
    "google.protobuf.FloatValue": Storage.FLOAT,
    "google.protobuf.Int64Value": Storage.INT64,
    "google.protobuf.UInt64Value": Storage.UINT64,
    "google.protobuf.Int32Value": Storage.INT32,
    "google.protobuf.UInt32Value": Storage.UINT32,
    "google.protobuf.BoolValue": Storage.BOOL,
    "google.protobuf.StringValue": Storage.TEXT,
    "google.protobuf.BytesValue": Storage.BYTES,
}

_WELL_KNOWN: Final[Mapping[str, Storage]] = {
    **WRAPPERS,
    "google.protobuf.Duration": Storage.DURATION,
    "google.protobuf.FieldMask": Storage.TEXT,
    "google.protobuf.Struct": Storage.JSON_OBJECT,
    "google.protobuf.Any": Storage.JSON_OBJECT,
    "google.protobuf.Empty": Storage.JSON_OBJECT,
    "google.protobuf.ListValue": Storage.JSON_ARRAY,
    "google.protobuf.Value": Storage.JSON_VALUE,
}

_TIMESTAMPS: Final = {
    "native": Storage.TIMESTAMP,
    "text": Storage.TIMESTAMP_TEXT,
    "nanos": Storage.TIMESTAMP_NANOS,
}

_ZEROS: Final[Mapping[Storage, Parameter]] = {
    Storage.TEXT: "",
    Storage.BYTES: b"",
    Storage.BOOL: False,
    Storage.FLOAT: 0.0,
    Storage.DOUBLE: 0.0,
    Storage.JSON_ARRAY: "[]",
    Storage.JSON_OBJECT: "{}",
}

TEXT_LENGTHS: Final = {"uuid": 36, "tuuid": 32, "ulid": 26, "ipv4": 15}
"""The most code points that a text of a format has."""

_LONGEST_INT32: Final = 11
"""`-2147483648`: a number that an open enum does not name, as text."""


class EnumNames(NamedTuple):
    """The values of an enum, one a number."""

    values: tuple[tuple[str, int], ...]
    """Canonical names and numbers in the order written."""
    by_number: Mapping[int, str]
    longest: int
    """The length of the longest name."""


class StorageRules:
    """Decides by dialect and settings how single values are kept."""

    __slots__ = ("_dialect", "_enums", "_messages", "_settings")

    def __init__(self, dialect: Dialect, settings: Settings) -> None:
        self._dialect: Final = dialect
        self._settings: Final = settings
        self._messages: Final = {**_WELL_KNOWN, "google.protobuf.Timestamp": _TIMESTAMPS[settings.timestamp]}
        self._enums: Final[dict[str, EnumNames]] = {}

    def storage_of(self, field: Field) -> Storage | None:
        """How one value of the field is kept; None for a message of the author's."""
        kind = field.kind
        if kind is Kind.MESSAGE or kind is Kind.GROUP:
            return self._messages.get(field.type_name)
        if kind is Kind.ENUM:
            return Storage.ENUM_NAME if self._settings.enum == "name" else Storage.ENUM_NUMBER
        return _SCALARS[kind]

    def enum_of(self, field: Field) -> EnumNames | None:
        """The values of the field's enum, None for other fields."""
        if field.kind is not Kind.ENUM:
            return None
        known = self._enums.get(field.type_name)
        if known is None:
            known = self._enums[field.type_name] = _enum_names(field.enum)
        return known

    def type_of(self, storage: Storage, enum: EnumNames | None, *, length: int | None, keyed: bool) -> str:
        """The SQL type of a column."""
        if enum is not None and storage is Storage.ENUM_NAME:
            length = max(enum.longest, _LONGEST_INT32) if self._settings.open_enums else enum.longest
        return self._dialect.column_type(storage, length=length, keyed=keyed)

    def zero(self, storage: Storage, enum: EnumNames | None) -> Parameter:
        """What a field without presence holds when nobody set it."""
        if enum is not None:
            name, number = enum.values[0]
            return name if storage is Storage.ENUM_NAME else number
        return _ZEROS.get(storage, 0)

    def written_default(self, field: Field, storage: Storage, enum: EnumNames | None) -> Parameter:
        """The default that the contract gives to a field with presence, None without one."""
        default: Default | None = field.default
        if enum is not None and default is not None:
            number = {value.name: value.number for value in field.enum.values}[str(default)]
            return enum.by_number[number] if storage is Storage.ENUM_NAME else number
        return default

    def literal(self, value: Parameter, storage: Storage) -> str | None:
        """A value as SQL; None when the dialect has no way to write it."""
        dialect = self._dialect
        if isinstance(value, bool):
            return dialect.boolean(value=value)
        if isinstance(value, str):
            return None if "\0" in value else dialect.text(value)
        if isinstance(value, bytes):
            return dialect.binary(value)
        if isinstance(value, float):
            return dialect.number(value)
        if isinstance(value, int):
            return str(as_signed(value) if storage is Storage.UINT64 and dialect.name == "sqlite" else value)
        return None

    def is_narrowed(self, field: Field, rules: FieldRules | None) -> bool:
        """Whether the check on an enum refuses numbers that are valid."""
        if self._settings.open_enums or field.enum.is_closed or field.type_name == "google.protobuf.NullValue":
            return False
        standard = {} if rules is None else rules.standard
        return not ({"const", "in"} & standard.keys() or standard.get("defined_only") is True)

    def enum_check(
        self, field: Field, enum: EnumNames, storage: Storage, x: str, rules: FieldRules | None
    ) -> str | None:
        """The condition that only values of the enum meet; None when any number will do."""
        defined_only = rules is not None and rules.standard.get("defined_only") is True
        open_ended = self._settings.open_enums and not field.enum.is_closed and not defined_only
        if storage is Storage.ENUM_NUMBER:
            if open_ended:
                return None
            return self._dialect.is_in(x, [str(number) for _, number in enum.values])
        condition = self._dialect.is_in(x, [self._dialect.text(name) for name, _ in enum.values])
        return f"({condition} OR {self._is_number(x)})" if open_ended else condition

    def _is_number(self, x: str) -> str:
        if self._dialect.has_patterns:
            return self._dialect.matches(x, "-?[0-9]+")
        return f"CAST(CAST({x} AS INTEGER) AS TEXT) = {x}"


_SIGN_BIT: Final = 1 << 63


def as_signed(value: int) -> int:
    """A number of 64 bits without sign as the number with sign of the same bits.

    >>> as_signed(5), as_signed(2**64 - 1)
    (5, -1)
    """
    return value - (1 << 64) if value >= _SIGN_BIT else value


def _enum_names(enum: Enum) -> EnumNames:
    by_number: dict[int, str] = {}
    for value in enum.values:
        by_number.setdefault(value.number, value.name)
    values = tuple((name, number) for number, name in by_number.items())
    return EnumNames(values, by_number, max(len(name) for name in by_number.values()))

"""What a legacy record looks like, in one vocabulary for JSON Schema, SQL, databases, Python models and contracts.

Both sides of a comparison are trees of `LegacyField`: a table is a list of them, and so is a message of a contract.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.findings import Finding

__all__ = ["NO_DEFAULT", "LegacyField", "LegacyKind", "LegacySchema", "NoDefault", "SchemaFormat"]

Json: TypeAlias = Any
"""What `json.loads` gives; Any because JSON nests."""


class LegacyKind(enum.Enum):
    """What a value is, whatever a source calls it. The words are those of reports and of stored schemas."""

    STRING = "string"
    INTEGER = "int"
    NUMBER = "float"
    DECIMAL = "decimal"
    """An exact number with digits after the point."""
    BOOLEAN = "bool"
    BYTES = "bytes"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    ENUM = "enum"
    """A choice; `LegacyField.values` says among what."""
    OBJECT = "object"
    """`LegacyField.fields` says what it has, or `LegacyField.reference` names it."""
    MAP = "map"
    """Keys that are not known beforehand; `LegacyField.fields` has the one field `value`."""
    ANY = "any"
    """The source does not say, or says several things at once."""


class SchemaFormat(enum.Enum):
    """Where a schema came from."""

    JSON_SCHEMA = "json_schema"
    DDL = "ddl"
    DATABASE = "database"
    PYDANTIC = "pydantic"
    SQLALCHEMY = "sqlalchemy"
    PROTO = "proto"


class NoDefault(enum.Enum):
    """Stands for the absence of a default, as null may be one."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = NoDefault.NO_DEFAULT


class LegacyField(NamedTuple):
    """A column of a table, a property of a document, a field of a message."""

    name: str
    """As the source spells it."""
    kind: LegacyKind
    place: Place = Place("")
    """Where the source says so; not part of the content that versions are told by."""
    is_required: bool = False
    """Must be there."""
    is_nullable: bool = True
    """May be null, or for a message: knows whether it was set."""
    is_repeated: bool = False
    is_key: bool = False
    """Part of the primary key."""
    type_text: str = ""
    """As the source says it: `NUMERIC(10,2)`, `string/date-time`, `google.protobuf.Timestamp`."""
    format: str = ""
    """Of JSON Schema or a well-known rule: `email`, `uuid`, `uri`, `ipv4`."""
    values: tuple[str | int, ...] = ()
    """Of an enum, in the order of the source."""
    length: int | None = None
    """The most characters of a text or bytes."""
    precision: int | None = None
    """Digits of a decimal, all of them."""
    scale: int | None = None
    """Digits of a decimal behind the point."""
    bits: int | None = None
    """Of an integer or a float: 16, 32, 64."""
    is_unsigned: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    default: Json | NoDefault = NO_DEFAULT
    is_generated: bool = False
    """The database makes it: an identity, a computed column."""
    references: str = ""
    """`table.column` of a foreign key."""
    fields: tuple[LegacyField, ...] = ()
    reference: str = ""
    """Name in `LegacySchema.definitions` of an object that contains itself."""
    description: str = ""


class LegacySchema(NamedTuple):
    """One record type of the old system."""

    name: str
    """Of the table, model or document."""
    format: SchemaFormat
    fields: tuple[LegacyField, ...]
    place: Place
    definitions: Mapping[str, tuple[LegacyField, ...]] = {}
    """Objects that contain themselves, by name."""
    notes: tuple[Finding, ...] = ()
    """What of the source was not understood, and what was made of it; not part of the content."""

    def field(self, name: str) -> LegacyField | None:
        """The field of a name."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def key(self) -> tuple[LegacyField, ...]:
        """The primary key; empty where there is none."""
        return tuple(field for field in self.fields if field.is_key)

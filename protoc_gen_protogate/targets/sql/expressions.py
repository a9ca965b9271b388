"""CEL rules as conditions over the columns of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.expressions import Contract, element_type, message_type
from protoc_gen_protogate.targets.sql.rules import Operand, span_literal
from protoc_gen_protogate.targets.sql.tables import Storage
from protogate.cel import NotCarried
from protogate.cel.sql import Column as CelColumn
from protogate.cel.sql import Dialect as CelDialect
from protogate.cel.sql import condition
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.scopes import Place, Scope
    from protoc_gen_protogate.targets.sql.tables import Column
    from protogate.cel.types import Type
    from protogate.descriptors import Field, Schema
    from protogate.descriptors.rules import CelRule, FieldRules

__all__ = ["LostRuleError", "message_condition", "value_condition"]

_INSTANTS: Final = frozenset({Storage.TIMESTAMP, Storage.TIMESTAMP_TEXT, Storage.TIMESTAMP_NANOS, Storage.DURATION})
_BILLION: Final = 1_000_000_000
_LONGEST_ENUM: Final = 40
"""Beyond this many values, the numbers of an enum are no longer written into a condition."""
_SIGN_BIT: Final = 1 << 63


class LostRuleError(Exception):
    """The rule has no condition; the text says why."""


def message_condition(rule: CelRule, scope: Scope, dialect: Dialect) -> str:
    """The condition of a rule about a whole message.

    Raises:
        LostRuleError: SQL cannot say it.
    """
    return _condition(rule, message_type(scope.message), scope.message.file.schema, _Names(dialect, scope, None, None))


def value_condition(rule: CelRule, field: Field, column: Column, rules: FieldRules, dialect: Dialect) -> str:
    """The condition of a rule about the value in a column.

    Raises:
        LostRuleError: SQL cannot say it.
    """
    return _condition(rule, element_type(field), field.file.schema, _Names(dialect, None, column, rules), rules)


def _condition(rule: CelRule, this: Type, schema: Schema, names: _Names, rules: FieldRules | None = None) -> str:
    try:
        return condition(Contract(schema).compile(rule, this, rules), names)
    except NotCarried as verdict:
        raise LostRuleError(verdict.reason) from None


class _Names:
    """Where the values stand that a rule names: in the columns of a scope, or all in one column."""

    def __init__(self, dialect: Dialect, scope: Scope | None, column: Column | None, rules: FieldRules | None) -> None:
        self._dialect: Final = dialect
        self._scope: Final = scope
        self._column: Final = column
        self._rules: Final = rules

    @property
    def dialect(self) -> CelDialect:
        """The database."""
        return CelDialect(self._dialect.name)

    def column(self, path: tuple[str, ...]) -> CelColumn:
        """The column of the field at `path`."""
        column, rules = self._found(path)
        # Inside of a rule about one value, the row is known to have it.
        return CelColumn(self._code(column, rules), nullable=column.nullable and self._column is None)

    def presence(self, path: tuple[str, ...]) -> str:
        """Whether the field at `path` is set."""
        if not path or self._scope is None:
            raise NotCarried("has() of a value without fields")
        place = self._place(path, self._scope)
        if place.column is not None:
            return f"({self._dialect.identifier(place.column.name)} IS NOT NULL)"
        if place.scope is None:
            raise NotCarried(f"{place.field.name} stands in a table of its own")
        if place.scope.group.present is None:
            return self._dialect.true
        return f"({place.scope.group.present})"

    def instant(self, path: tuple[str, ...], nanoseconds: int) -> str:
        """A point or span of time in the form of the column at `path`."""
        column, _ = self._found(path)
        seconds, nanos = divmod(nanoseconds, _BILLION)
        operand = Operand("", column.storage, (), column.type)
        literal = span_literal(Span(seconds, nanos), operand, self._dialect)
        if literal is None:
            raise NotCarried(f"{column.type} does not reach that far")
        return literal

    def _found(self, path: tuple[str, ...]) -> tuple[Column, FieldRules | None]:
        if self._column is not None and not path:
            return self._column, self._rules
        if self._scope is None or not path:
            raise NotCarried("the message as a whole stands in no column")
        place = self._place(path, self._scope)
        if place.column is None:
            where = "a table of its own" if place.scope is None else "several columns"
            raise NotCarried(f"{place.field.name} stands in {where}")
        return place.column, place.rules

    def _place(self, path: tuple[str, ...], scope: Scope) -> Place:
        place = scope.places.get(path[0])
        if place is None:
            raise NotCarried(f"{path[0]} is left out of the table")
        if len(path) == 1:
            return place
        if place.scope is None:
            raise NotCarried(f"{path[0]} is kept as JSON or in a table of its own")
        return self._place(path[1:], place.scope)

    def _code(self, column: Column, rules: FieldRules | None) -> str:
        x = self._dialect.identifier(column.name)
        storage = column.storage
        if storage >= Storage.JSON_OBJECT:
            raise NotCarried(f"{column.name} is kept as JSON")
        if storage is Storage.ENUM_NAME:
            return _enum_number(column, x, self._dialect)
        if storage is Storage.UINT64 and self._dialect.name == "sqlite" and not _is_low(rules):
            raise NotCarried(
                "SQLite keeps the upper half of uint64 as negative numbers; bound the field by the rule lte"
            )
        return x


def _enum_number(column: Column, x: str, dialect: Dialect) -> str:
    if len(column.enum) > _LONGEST_ENUM:
        raise NotCarried(f"{column.name} has too many values to write their numbers down")
    cases = " ".join(f"WHEN {dialect.text(name)} THEN {number}" for name, number in column.enum)
    return f"(CASE {x} {cases} END)"


def _is_low(rules: FieldRules | None) -> bool:
    standard = {} if rules is None else rules.standard
    bounds = [standard[name] for name in ("lt", "lte", "const") if name in standard]
    return any(isinstance(bound, int) and bound < _SIGN_BIT for bound in bounds)

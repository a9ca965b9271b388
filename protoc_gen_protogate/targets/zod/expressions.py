"""CEL rules as TypeScript functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.expressions import Contract
from protogate.cel.typescript import translate
from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.cel.types import Type
    from protogate.descriptors import Enum, Field, Schema
    from protogate.descriptors.rules import CelRule, FieldRules

__all__ = ["Expressions"]


class Expressions:
    """Translates rules; knows how generated modules spell what the contract declares."""

    def __init__(self, schema: Schema, numbers_of: Callable[[Enum], str]) -> None:
        """Set up a translator.

        Args:
            schema: what names in expressions mean.
            numbers_of: an expression for the numbers of an enum by their names.
        """
        self._schema: Final = schema
        # A field mask is text in JSON, so its paths cannot be read.
        self._contract: Final = Contract(schema, opaque=["google.protobuf.FieldMask"])
        self._numbers_of: Final = numbers_of

    def translate(self, rule: CelRule, this: Type, field: Field | None = None, rules: FieldRules | None = None) -> str:
        """A TypeScript expression over `self`, the value that the rule is about.

        Args:
            rule: the rule.
            this: the type of the value.
            field: the field it comes from, None for a message.
            rules: the other rules of the field, which a predefined rule may read.

        Raises:
            protogate.cel.errors.NotCarried: TypeScript cannot say it.
        """
        return translate(self._contract.compile(rule, this, rules).term, _Names(self, field))

    def numbers(self, field: Field) -> str | None:
        """The numbers of the enum that a field holds, None when it holds something else."""
        value = field.map_value or field
        if value.kind is not Kind.ENUM or value.type_name not in self._schema.enums:
            return None
        return self._numbers_of(value.enum)

    def field(self, message: str, name: str) -> Field:
        """A field by the full name of its message and its own."""
        return self._contract.field(message, name)


class _Names:
    """How a generated module spells what a rule names."""

    runtime = "$cel"

    def __init__(self, expressions: Expressions, field: Field | None) -> None:
        self._expressions: Final = expressions
        self._field: Final = field

    def variable(self, name: str) -> str:
        if name == "now":
            return "$cel.now()"
        if self._field is not None and self._field.kind is Kind.FLOAT and not self._field.is_repeated:
            return "$cel.float(self)"
        return "self"

    def field(self, message: str, field: str) -> tuple[str, str]:
        found = self._expressions.field(message, field)
        return found.json_name, found.name

    def enum_numbers(self, message: str, field: str) -> str | None:
        if message:
            return self._expressions.numbers(self._expressions.field(message, field))
        return None if self._field is None else self._expressions.numbers(self._field)

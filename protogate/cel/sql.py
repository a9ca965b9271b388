"""Checked CEL to the condition of an SQL CHECK over the columns of one row.

NULL stands for CEL's run-time error: SQL's three-valued logic treats it in AND, OR and NOT as CEL treats errors. Fields
that are not set read as their default, so NULL comes from failed operations only, and at the top it refuses the row.

Two departures: where double arithmetic leaves the range of the type, PostgreSQL and MySQL refuse the row while CEL goes
on with an infinity; and SQLite counts the characters of a text up to its first NUL.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from protogate.cel.directives import Text, directives
from protogate.cel.errors import NotCarried
from protogate.cel.functions import spelling
from protogate.cel.regex import Engine, translate_pattern
from protogate.cel.shared import check_comparable, check_supported, null_comparison
from protogate.cel.terms import (
    Apply,
    Const,
    Field,
    HasField,
    If,
    ListOf,
    Logic,
    Var,
    can_fail,
)
from protogate.cel.types import BOOL, BYTES, DOUBLE, INT, STRING, UINT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.cel.rule import Rule
    from protogate.cel.terms import Term, Value
    from protogate.cel.types import Type

__all__ = ["Column", "Dialect", "Names", "condition"]


@unique
class Dialect(Enum):
    """A database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


class Column(NamedTuple):
    """Where a value stands in the row."""

    code: str
    """An SQL expression for the value as CEL sees it: enums by number, bools as bools, integers as integers.

    Timestamps and durations in any form whose order is theirs, see `Names.instant`.
    """
    nullable: bool
    """Whether it is NULL while the field is not set."""


class Names(Protocol):
    """How the columns of the row hold what CEL names."""

    @property
    def dialect(self) -> Dialect:
        """The database."""
        ...

    def column(self, path: tuple[str, ...]) -> Column:
        """The column of the field at `path` from `this`; an empty path is `this` itself.

        Raises:
            NotCarried: the value does not stand in a column of this row.
        """
        ...

    def presence(self, path: tuple[str, ...]) -> str:
        """A condition that tells whether the field with presence at `path` is set.

        Raises:
            NotCarried: the row does not tell.
        """
        ...

    def instant(self, path: tuple[str, ...], nanoseconds: int) -> str:
        """A timestamp or duration in the form of the column at `path`.

        Raises:
            NotCarried: it has none.
        """
        ...


def condition(rule: Rule, names: Names) -> str:
    """A condition that is true for the rows that keep `rule` and false for all others, never NULL.

    Raises:
        NotCarried: SQL cannot say it with the same meaning.
    """
    sql = _WRITERS[names.dialect](names)
    code = sql.holds(rule.term) if rule.gives_text else sql.code(rule.term)
    return f"COALESCE({code}, FALSE)" if can_fail(rule.term) else code


_ZEROS: dict[str, Value] = {
    "bool": False,
    "int": 0,
    "uint": 0,
    "double": 0.0,
    "string": "",
    "bytes": b"",
    "timestamp": 0,
    "duration": 0,
}

_COMPARISONS = {
    "equals": "=",
    "not_equals": "<>",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}

_RANGES = {"int": (-(2**63), 2**63 - 1), "uint": (0, 2**64 - 1)}

_ARITHMETIC = {"add": "+", "subtract": "-", "multiply": "*"}

_INSTANTS = frozenset({"timestamp", "duration"})

_EXACT_DOUBLE = 2**53

_LONGEST = 8000
"""Every arithmetic operation is written twice, so nested ones grow fast."""

_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HOSTNAME = rf"^{_LABEL}(?:\.{_LABEL})*\.?$"
_LAST_IS_NUMBER = r"(?:^|\.)[0-9]+\.?$"
_EMAIL = rf"^[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*$"

_TEMPLATES = {
    "not": "(NOT {0})",
    "size_string": "char_length({0})",
    "size_bytes": "octet_length({0})",
    "starts_with": "(left({0}, char_length({1})) = {1})",
    "ends_with": "(right({0}, char_length({1})) = {1})",
    "contains": "(strpos({0}, {1}) > 0)",
    "index_of": "(strpos({0}, {1}) - 1)",
    "lower_ascii": f"translate({{0}}, '{_UPPER}', '{_LOWER}')",
    "upper_ascii": f"translate({{0}}, '{_LOWER}', '{_UPPER}')",
    "reverse": "reverse({0})",
    "add_string": "({0} || {1})",
    "unwrap": "{0}",
    "int_of_uint": "CASE WHEN {0} <= 9223372036854775807 THEN {0} END",
    "uint_of_int": "CASE WHEN {0} >= 0 THEN {0} END",
}


class _Sql:
    """PostgreSQL; the others say what they have otherwise."""

    templates: ClassVar[Mapping[str, str]] = _TEMPLATES
    engine: ClassVar[Engine | None] = Engine.POSTGRESQL

    def __init__(self, names: Names) -> None:
        self.names = names

    # --- results

    def holds(self, term: Term) -> str:
        """A condition that is true when the text `term` is empty."""
        match term:
            case Const(value):
                return self.literal(not value, BOOL)
            case If(test, then, otherwise) if _is_empty(then):
                return self.either(self.code(test), self.holds(otherwise))
            case If(test, then, otherwise):
                failed = self.both(self.code(test), self.holds(then))
                kept = f"(NOT {self.code(test)})"
                return self.either(failed, self.both(kept, self.holds(otherwise)))
            case Apply("format", (template, args)):
                if any(isinstance(piece, Text) for piece in directives(template, args)):
                    return self.literal(False, BOOL)  # noqa: FBT003 - the value itself
                raise NotCarried("format() gives a text that may be empty")
            case _:
                return f"({self.code(term)} = '')"

    def either(self, left: str, right: str) -> str:
        """`left OR right` without what constants decide."""
        false = self.literal(False, BOOL)  # noqa: FBT003 - the value itself
        kept = [side for side in (left, right) if side != false]
        return f"({' OR '.join(kept)})" if len(kept) > 1 else "".join(kept) or false

    def both(self, left: str, right: str) -> str:
        """`left AND right` without what constants decide."""
        false = self.literal(False, BOOL)  # noqa: FBT003 - the value itself
        return false if false in {left, right} else f"({left} AND {right})"

    # --- terms

    def code(self, term: Term) -> str:
        """An expression with the value of `term`, NULL where CEL has an error."""
        match term:
            case Const(value, of):
                return self.literal(value, of)
            case Var() | Field():
                return self.read(term)
            case HasField():
                return self.has(term)
            case Logic(operator, left, right):
                word = "AND" if operator == "&&" else "OR"
                return f"({self.code(left)} {word} {self.code(right)})"
            case If(test, then, otherwise):
                chosen, condition = self.code(then), self.code(test)
                # A test that failed must choose neither branch.
                other = f"WHEN NOT {condition} THEN" if can_fail(test) else "ELSE"
                return f"CASE WHEN {condition} THEN {chosen} {other} {self.code(otherwise)} END"
            case Apply():
                return self.short(self.apply(term))
            case _:
                raise NotCarried("lists, maps and messages are not kept in columns")

    def short(self, code: str) -> str:
        if len(code) > _LONGEST:
            raise NotCarried("the condition grows too long")
        return code

    def read(self, term: Var | Field) -> str:
        column = self.names.column(_path(term))
        of = term.type
        if of.kind == "wrapper" or not column.nullable:
            return column.code
        if of.kind not in _ZEROS:
            raise NotCarried(f"a value of type {of} is not kept in a column")
        default = _ZEROS[of.kind]
        if isinstance(term, Field) and term.field.default is not None:
            default = term.field.default
        return f"COALESCE({column.code}, {self.value(default, of, _path(term))})"

    def value(self, value: Value, of: Type, path: tuple[str, ...]) -> str:
        """A constant that stands beside the column at `path`."""
        if of.kind in _INSTANTS and isinstance(value, int):
            return self.names.instant(path, value)
        return self.literal(value, of)

    def has(self, term: HasField) -> str:
        path = (*_path(term.operand), term.field.name)
        if term.field.presence:
            return self.names.presence(path)
        of = term.field.type
        if of.kind not in _ZEROS:
            raise NotCarried("lists and maps are not kept in columns")
        column = self.names.column(path)
        zero = self.literal(_ZEROS[of.kind], of)
        if of == DOUBLE:
            raise NotCarried("has() tells -0.0 from 0.0, SQL does not")
        code = f"({column.code} <> {zero})"
        return f"COALESCE({code}, FALSE)" if column.nullable else code

    # --- calls

    def apply(self, term: Apply) -> str:
        check_supported(term)
        name, args = term.overload, term.args
        if name in _COMPARISONS:
            return self.comparison(name, *args)
        if name == "in_list":
            return self.in_list(*args)
        if name == "matches":
            return self.matches(*args)
        if name in {"is_nan", "is_inf"}:
            return self.special_double(name, args)
        if name in {"is_email", "is_hostname"} and self.engine is not None:
            return self.address(name, self.code(args[0]))
        if name == "trim":
            return self.trim(self.code(args[0]))
        if name == "size_bytes" and isinstance(args[0], Apply) and args[0].overload == "bytes_of_string":
            return self.call("size_bytes", [self.bytes_of(self.code(args[0].args[0]))])
        operation, _, of = name.rpartition("_")
        if of in {"int", "uint"} and operation in {*_ARITHMETIC, "divide", "modulo", "negate"}:
            return self.integer(operation, of, [self.code(arg) for arg in args])
        if of == "double" and operation in {*_ARITHMETIC, "divide", "negate"}:
            return self.double(operation, args)
        if of in {"string", "bytes"} and operation in {"starts_with", "ends_with", "contains"}:
            return self.part(operation, of, *args)
        return self.call(name, [self.code(arg) for arg in args])

    def call(self, name: str, args: list[str]) -> str:
        if name not in self.templates:
            raise NotCarried(f"{spelling(name)} has no counterpart in {self.names.dialect.value}")
        return self.templates[name].format(*args)

    # --- comparison

    def comparison(self, name: str, left: Term, right: Term) -> str:
        value = null_comparison(left, right)
        if value is not None:
            if value.type.kind != "wrapper":
                return self.literal(name == "not_equals", BOOL)
            return f"({self.code(value)} IS {'NOT ' if name == 'not_equals' else ''}NULL)"
        check_comparable(left)
        check_comparable(right)
        one, other = self.sides(left, right)
        code = self.compared(_COMPARISONS[name], one, other, _plain(left.type))
        if DOUBLE in {_plain(left.type), _plain(right.type)}:
            code = self.without_nan(name, code, (left, one), (right, other))
        if "wrapper" in {left.type.kind, right.type.kind}:
            return self.null_safe(name, code, one, other)
        return code

    def sides(self, left: Term, right: Term) -> tuple[str, str]:
        """Both sides of a comparison, in forms that compare as CEL compares them."""
        if left.type.kind in _INSTANTS:
            return self.instants(left, right)
        one, other = _plain(left.type), _plain(right.type)
        if one == other or {one, other} == {INT, UINT}:
            return self.code(left), self.code(right)
        return self.beside(left, right), self.beside(right, left)

    def beside(self, term: Term, other: Term) -> str:
        """`term` compared with `other`, one of them a double and one an integer."""
        if isinstance(term, Const) and isinstance(term.value, (int, float)):
            if term.type == DOUBLE:
                return self.decimal(term.value)
            if abs(term.value) <= _EXACT_DOUBLE:
                return self.literal(float(term.value), DOUBLE)
        elif isinstance(other, Const):
            return self.code(term)
        raise NotCarried("a double and an integer are compared, which SQL rounds")

    def decimal(self, value: float) -> str:
        """A double beside an integer: written out, it lies between the same integers."""
        if value != value or abs(value) > _EXACT_DOUBLE:  # noqa: PLR0124 - NaN
            raise NotCarried(f"an integer is compared with {value}")
        return _plain_decimal(value)

    def instants(self, left: Term, right: Term) -> tuple[str, str]:
        for term, other in ((left, right), (right, left)):
            if not isinstance(term, (Var, Field, Const)) or (isinstance(term, Var) and term.name == "now"):
                raise NotCarried("arithmetic with timestamps and durations")
            if isinstance(term, Const) and isinstance(other, (Var, Field)):
                return self.instant_sides(left, right, _path(other))
        return self.code(left), self.code(right)

    def instant_sides(self, left: Term, right: Term, path: tuple[str, ...]) -> tuple[str, str]:
        one, other = (
            self.value(term.value, term.type, path) if isinstance(term, Const) else self.code(term)
            for term in (left, right)
        )
        return one, other

    def compared(self, operator: str, left: str, right: str, of: Type) -> str:
        if of == STRING and operator not in {"=", "<>"}:
            return f'({left} COLLATE "C" {operator} {right})'
        return f"({left} {operator} {right})"

    def without_nan(self, name: str, code: str, *sides: tuple[Term, str]) -> str:
        """NaN is equal to and ordered with nothing, but PostgreSQL puts it above all numbers."""
        nan = "'NaN'::double precision"
        columns = [side for term, side in sides if not isinstance(term, Const) and _plain(term.type) == DOUBLE]
        if name == "not_equals":
            return f"({' OR '.join([code, *(f'{side} = {nan}' for side in columns)])})"
        return f"({' AND '.join([code, *(f'{side} <> {nan}' for side in columns)])})"

    def null_safe(self, name: str, code: str, left: str, right: str) -> str:
        if name == "equals":
            return f"(COALESCE({code}, FALSE) OR ({left} IS NULL AND {right} IS NULL))"
        both_null = f"({left} IS NULL AND {right} IS NULL)"
        return f"(COALESCE({code}, TRUE) AND NOT {both_null})"

    def in_list(self, item: Term, items: Term) -> str:
        if not isinstance(items, ListOf) or can_fail(items):
            raise NotCarried("lists are not kept in columns")
        if not items.items:
            return self.literal(False, BOOL)  # noqa: FBT003 - the value itself
        plain = item.type in {INT, UINT, STRING, BYTES, BOOL}
        if plain and all(isinstance(i, Const) and i.type == item.type for i in items.items):
            return self.is_in(self.code(item), [self.code(i) for i in items.items])
        return f"({' OR '.join(self.comparison('equals', item, i) for i in items.items)})"

    def is_in(self, code: str, items: list[str]) -> str:
        return f"({code} IN ({', '.join(items)}))"

    # --- numbers

    def exact(self, code: str) -> str:
        """An integer in a type that the result of one operation always fits."""
        return f"CAST({code} AS NUMERIC)"

    def integer(self, operation: str, of: str, args: list[str]) -> str:
        low, high = _RANGES[of]
        values = [self.exact(arg) for arg in args]
        match operation, values:
            case "negate", [value]:
                return self.within(f"(-{value})", low, high)
            case "divide", [left, right]:
                return self.within(self.divided(left, right), low, high)
            case "modulo", [left, right]:
                return self.remainder(left, right)
            case _:
                return self.within(f"({values[0]} {_ARITHMETIC[operation]} {values[1]})", low, high)

    def within(self, code: str, low: int, high: int) -> str:
        return f"CASE WHEN {code} BETWEEN {low} AND {high} THEN {code} END"

    def divided(self, left: str, right: str) -> str:
        return f"div({left}, NULLIF({right}, 0))"

    def remainder(self, left: str, right: str) -> str:
        # CEL has no remainder where it has no quotient.
        lowest = _RANGES["int"][0]
        return f"CASE WHEN NOT ({left} = {lowest} AND {right} = -1) THEN mod({left}, NULLIF({right}, 0)) END"

    def double(self, operation: str, args: tuple[Term, ...]) -> str:
        codes = [self.code(arg) for arg in args]
        if operation == "negate":
            return f"(-{codes[0]})"
        if operation == "divide":
            divisor = args[1]
            if not isinstance(divisor, Const) or not divisor.value:
                raise NotCarried("a division of doubles by what may be zero")
            return f"({codes[0]} / {codes[1]})"
        return f"({codes[0]} {_ARITHMETIC[operation]} {codes[1]})"

    def special_double(self, name: str, args: tuple[Term, ...]) -> str:
        code = self.code(args[0])
        if name == "is_nan":
            return f"({code} = 'NaN'::double precision)"
        return self.is_in(code, [self.literal(value, DOUBLE) for value in _infinities(args)])

    # --- text

    def part(self, operation: str, of: str, text: Term, wanted: Term) -> str:
        if isinstance(wanted, Const) and not wanted.value:
            if can_fail(text):
                raise NotCarried("an empty part of a text whose computation can fail")
            return self.literal(True, BOOL)  # noqa: FBT003 - the value itself
        code, other = self.code(text), self.code(wanted)
        return self.bytes_part(operation, code, other) if of == "bytes" else self.call(operation, [code, other])

    def bytes_part(self, operation: str, text: str, wanted: str) -> str:
        length = f"octet_length({wanted})"
        match operation:
            case "starts_with":
                return f"(substring({text} from 1 for {length}) = {wanted})"
            case "ends_with":
                rest = f"octet_length({text}) - {length}"
                return f"({rest} >= 0 AND substring({text} from {rest} + 1) = {wanted})"
            case _:
                return f"(position({wanted} in {text}) > 0)"

    def bytes_of(self, text: str) -> str:
        return f"convert_to({text}, 'UTF8')"

    def trim(self, text: str) -> str:
        return f"btrim({text}, {self.literal(_SPACE, STRING)})"

    def matches(self, text: Term, pattern: Term) -> str:
        if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
            raise NotCarried("a pattern that is computed at run time")
        return self.finds(self.code(text), pattern.value)

    def finds(self, text: str, pattern: str) -> str:
        if self.engine is None:
            raise NotCarried(f"{self.names.dialect.value} has no regular expressions")
        return self.matched(text, self.literal(translate_pattern(pattern, self.engine), STRING))

    def matched(self, text: str, pattern: str) -> str:
        return f"({text} ~ {pattern})"

    def address(self, name: str, text: str) -> str:
        if name == "is_email":
            return self.finds(text, _EMAIL)
        length = self.call("size_string", [text])
        return f"({length} <= 253 AND {self.finds(text, _HOSTNAME)} AND NOT {self.finds(text, _LAST_IS_NUMBER)})"

    # --- constants

    def literal(self, value: Value, of: Type) -> str:
        match value:
            case bool():
                return "TRUE" if value else "FALSE"
            case int() if of.kind in _INSTANTS:
                raise NotCarried("a timestamp or duration that stands beside no column")
            case int() if of == DOUBLE:
                return self.double_literal(float(value))
            case int():
                return f"({value})" if value < 0 else str(value)
            case float():
                return self.double_literal(value)
            case str() if of == STRING:
                if "\0" in value:
                    raise NotCarried("SQL texts hold no NUL")
                return self.text(value)
            case bytes():
                return self.binary(value)
            case _:
                raise NotCarried(f"a constant of type {of}")

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def binary(self, value: bytes) -> str:
        return f"'\\x{value.hex()}'::bytea"

    def double_literal(self, value: float) -> str:
        special = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
        return f"'{special.get(repr(value), repr(value))}'::double precision"


_SQLITE_TEMPLATES = {
    **_TEMPLATES,
    "size_string": "length({0})",
    "size_bytes": "length({0})",
    "starts_with": "(substr({0}, 1, length({1})) = {1})",
    "ends_with": "({1} = '' OR substr({0}, -length({1})) = {1})",
    "contains": "(instr({0}, {1}) > 0)",
    "index_of": "(instr({0}, {1}) - 1)",
    "lower_ascii": "lower({0})",
    "upper_ascii": "upper({0})",
}
del _SQLITE_TEMPLATES["reverse"]


class _Sqlite(_Sql):
    engine = None
    templates = _SQLITE_TEMPLATES

    def compared(self, operator: str, left: str, right: str, of: Type) -> str:
        del of
        return f"({left} {operator} {right})"

    def without_nan(self, name: str, code: str, *sides: tuple[Term, str]) -> str:
        if not any(_is_double_arithmetic(term) for term, _ in sides):
            return code
        if any(can_fail(term) for term, _ in sides):
            raise NotCarried("sqlite does not tell NaN from an error")
        return f"COALESCE({code}, {self.literal(name == 'not_equals', BOOL)})"

    def exact(self, code: str) -> str:
        return code

    def within(self, code: str, low: int, high: int) -> str:
        # A result that does not fit 64 bits becomes a floating-point number.
        del high
        least = f" AND {code} >= 0" if low == 0 else ""
        return f"CASE WHEN typeof({code}) = 'integer'{least} THEN {code} END"

    def divided(self, left: str, right: str) -> str:
        return f"({left} / {right})"

    def remainder(self, left: str, right: str) -> str:
        lowest = "(-9223372036854775807 - 1)"
        return f"CASE WHEN NOT ({left} = {lowest} AND {right} = -1) THEN {left} % {right} END"

    def special_double(self, name: str, args: tuple[Term, ...]) -> str:
        if name == "is_nan":
            return "FALSE"
        return super().special_double(name, args)

    def bytes_part(self, operation: str, text: str, wanted: str) -> str:
        # A part of an empty blob is NULL, not empty.
        fits = f"length({text}) >= length({wanted})"
        match operation:
            case "starts_with":
                start = f"substr({text}, 1, length({wanted})) = {wanted}"
                return f"({fits} AND (length({wanted}) = 0 OR {start}))"
            case "ends_with":
                end = f"substr({text}, -length({wanted})) = {wanted}"
                return f"({fits} AND (length({wanted}) = 0 OR {end}))"
            case _:
                return f"(instr({text}, {wanted}) > 0)"

    def bytes_of(self, text: str) -> str:
        return f"CAST({text} AS BLOB)"

    def trim(self, text: str) -> str:
        return f"trim({text}, {self.literal(_SPACE, STRING)})"

    def binary(self, value: bytes) -> str:
        return f"X'{value.hex()}'"

    def literal(self, value: Value, of: Type) -> str:
        if isinstance(value, int) and of == UINT and value > _RANGES["int"][1]:
            raise NotCarried("sqlite has no integers beyond 63 bits")
        return super().literal(value, of)

    def double_literal(self, value: float) -> str:
        if value != value:  # noqa: PLR0124 - NaN
            raise NotCarried("sqlite has no NaN")
        special = {"inf": "9e999", "-inf": "(-9e999)"}
        text = repr(value)
        return special.get(text) or (f"({text})" if text.startswith("-") else text)


_MYSQL_TEMPLATES = {
    **{name: code for name, code in _TEMPLATES.items() if not name.endswith("_ascii")},
    "contains": "(LOCATE({1}, {0}) > 0)",
    "index_of": "(LOCATE({1}, {0}) - 1)",
    "size_bytes": "LENGTH({0})",
    "add_string": "CONCAT({0}, {1})",
}


class _Mysql(_Sql):
    engine = Engine.MYSQL
    templates = _MYSQL_TEMPLATES

    def code(self, term: Term) -> str:
        code = super().code(term)
        # The usual collations ignore case, accents and trailing blanks.
        is_column = isinstance(term, (Var, Field)) and _plain(term.type) == STRING
        return f"({code} COLLATE utf8mb4_0900_bin)" if is_column else code

    def compared(self, operator: str, left: str, right: str, of: Type) -> str:
        del of
        return f"({left} {operator} {right})"

    def without_nan(self, name: str, code: str, *sides: tuple[Term, str]) -> str:
        del name, sides  # it has no NaN
        return code

    def exact(self, code: str) -> str:
        return f"CAST({code} AS DECIMAL(65, 0))"

    def divided(self, left: str, right: str) -> str:
        return f"({left} DIV NULLIF({right}, 0))"

    def special_double(self, name: str, args: tuple[Term, ...]) -> str:
        del name, args  # it has neither NaN nor infinities
        return "FALSE"

    def bytes_part(self, operation: str, text: str, wanted: str) -> str:
        match operation:
            case "starts_with":
                return f"(LEFT({text}, LENGTH({wanted})) = {wanted})"
            case "ends_with":
                return f"(RIGHT({text}, LENGTH({wanted})) = {wanted})"
            case _:
                return f"(LOCATE({wanted}, {text}) > 0)"

    def bytes_of(self, text: str) -> str:
        return f"CAST({text} AS BINARY)"

    def trim(self, text: str) -> str:
        del text
        raise NotCarried("trim() has no counterpart in mysql")

    def matched(self, text: str, pattern: str) -> str:
        return f"REGEXP_LIKE({text}, {pattern}, 'c')"

    def text(self, value: str) -> str:
        return super().text(value.replace("\\", "\\\\"))

    def binary(self, value: bytes) -> str:
        return f"X'{value.hex()}'"

    def double_literal(self, value: float) -> str:
        if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN
            raise NotCarried("mysql has neither NaN nor infinities")
        mantissa, _, exponent = repr(value).partition("e")
        text = f"{mantissa}e{exponent or 0}"
        return f"({text})" if value < 0 else text


_WRITERS: dict[Dialect, type[_Sql]] = {
    Dialect.SQLITE: _Sqlite,
    Dialect.POSTGRESQL: _Sql,
    Dialect.MYSQL: _Mysql,
}


def _path(term: Term) -> tuple[str, ...]:
    match term:
        case Var("this", _, False):
            return ()
        case Var(name):
            raise NotCarried(f"{name} is known at run time only")
        case Field(operand, _, field):
            return (*_path(operand), field.name)
        case _:
            raise NotCarried("lists, maps and messages are not kept in columns")


def _is_empty(term: Term) -> bool:
    return isinstance(term, Const) and term.value == ""


def _plain(of: Type) -> Type:
    return of.params[0] if of.kind == "wrapper" else of


def _is_double_arithmetic(term: Term) -> bool:
    return isinstance(term, Apply) and term.type == DOUBLE


def _infinities(args: tuple[Term, ...]) -> tuple[float, ...]:
    both = (float("inf"), float("-inf"))
    if len(args) == 1:
        return both
    sign = args[1]
    if not isinstance(sign, Const) or not isinstance(sign.value, int):
        raise NotCarried("isInf() with a sign that is computed at run time")
    return both if sign.value == 0 else (both[0] if sign.value > 0 else both[1],)


def _plain_decimal(value: float) -> str:
    from decimal import Decimal  # noqa: PLC0415 - rarely needed

    text = f"{Decimal(repr(value)):f}"
    return f"({text})" if text.startswith("-") else text

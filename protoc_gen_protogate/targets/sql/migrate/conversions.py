"""How the value of one column becomes the value of another, and whether all values come through."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.tables import Storage

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.tables import Column

__all__ = ["Conversion", "Safety", "conversion", "enum_renames"]


class Safety(IntEnum):
    """What may happen to a value on the way."""

    EXACT = 1
    MAY_FAIL = 2
    """Refused, or read in another sense."""
    LOSSY = 3
    """Changed without a word."""


class Conversion(NamedTuple):
    """An expression over the old value."""

    sql: str
    safety: Safety
    reason: str = ""


_WIDTHS: Final = {
    Storage.BOOL: (0, 1),
    Storage.INT32: (-(2**31), 2**31 - 1),
    Storage.ENUM_NUMBER: (-(2**31), 2**31 - 1),
    Storage.UINT32: (0, 2**32 - 1),
    Storage.INT64: (-(2**63), 2**63 - 1),
    Storage.UINT64: (0, 2**64 - 1),
}
_FLOATS: Final = {Storage.FLOAT: 2**24, Storage.DOUBLE: 2**53}
"""Up to where integers are exact."""
_NUMBERS: Final = {*_WIDTHS, *_FLOATS}
_TEXTS: Final = frozenset({Storage.TEXT, Storage.ENUM_NAME})
_JSON: Final = frozenset({Storage.JSON_OBJECT, Storage.JSON_ARRAY, Storage.JSON_VALUE})


def conversion(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion | None:  # noqa: PLR0911 - an answer for each pair of kinds
    """The value of `new` for a row that has `x` in `old`; None when neither has to do with the other."""
    one, other = old.storage, new.storage
    if one is other or {one, other} <= _TEXTS:
        return _same(old, new, x, dialect)
    if one in _JSON and other in _JSON:
        safety = Safety.EXACT if other is Storage.JSON_VALUE else Safety.MAY_FAIL
        wrong = {Storage.JSON_ARRAY, Storage.JSON_OBJECT} == {one, other}
        return None if wrong else Conversion(x, safety, "other JSON than the new type allows is refused")
    if one in _NUMBERS and other in _NUMBERS:
        return _number(old, new, x, dialect)
    if one is Storage.ENUM_NAME and other in _WIDTHS:
        return _from_name(old, new, x, dialect)
    if other is Storage.ENUM_NAME and one in _WIDTHS:
        return _to_name(old, new, x, dialect)
    if {one, other} == {Storage.TEXT, Storage.BYTES}:
        return _text_and_bytes(old, new, x, dialect)
    if other is Storage.TEXT and one in _NUMBERS:
        return _number_to_text(old, new, x, dialect)
    if one is Storage.TEXT and other in _WIDTHS and other is not Storage.BOOL:
        safety = Safety.LOSSY if dialect.name == "sqlite" else Safety.MAY_FAIL
        reason = "text that is no number becomes 0" if safety is Safety.LOSSY else "text that is no number is refused"
        return Conversion(_cast(f"NULLIF({x}, '')", new, dialect), safety, reason)
    return None


def enum_renames(old: Column, new: Column) -> dict[str, str]:
    """Old literals of an enum column and what they are called now, where that differs; not yet quoted.

    Names say what a value is, as in JSON; a name that is gone is looked for by its number.
    """
    names = {name for name, _ in new.enum}
    by_number = {number: name for name, number in new.enum}
    if new.storage is Storage.ENUM_NAME:
        return {
            name: by_number[number]
            for name, number in old.enum
            if name not in names and by_number.get(number, name) != name
        }
    numbers = dict(new.enum)
    return {str(number): str(numbers[name]) for name, number in old.enum if number not in by_number and name in numbers}


def _same(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:
    """Both keep their values alike; only the type may differ."""
    narrowed = new.storage is Storage.ENUM_NAME and old.storage is Storage.TEXT
    if old.type == new.type:
        reason = "text that names no value of the enum is refused" if narrowed else ""
        return Conversion(x, Safety.MAY_FAIL if narrowed else Safety.EXACT, reason)
    before, after = _length(old.type), _length(new.type)
    fits = (after is None and _is_text_type(new.type)) or (before is not None and after is not None and before <= after)
    if fits and not narrowed and _is_text_type(old.type):
        return Conversion(_cast(x, new, dialect), Safety.EXACT)
    if after is not None and _is_text_type(new.type):
        # A cast would cut the text off without a word.
        return Conversion(x, Safety.MAY_FAIL, f"text that is longer than {after} is refused")
    return Conversion(_cast(x, new, dialect), Safety.MAY_FAIL, f"what is no {new.type} is refused")


def _length(column_type: str) -> int | None:
    inside = column_type.partition("(")[2].partition(")")[0]
    return int(inside) if inside.isdecimal() else None


def _is_text_type(column_type: str) -> bool:
    start = column_type.upper().partition("(")[0].strip()
    return start.endswith(("TEXT", "CHAR", "BLOB", "BINARY", "BYTEA"))


def _number(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:  # noqa: PLR0911 - as above
    one, other = old.storage, new.storage
    if other is Storage.BOOL:
        return Conversion(f"{x} <> 0", Safety.LOSSY, "every number but 0 becomes true")
    source = f"CAST({x} AS integer)" if one is Storage.BOOL and dialect.name == "postgresql" else x
    sql = source if old.type == new.type else _cast(source, new, dialect)
    if one in _FLOATS:
        if one is Storage.FLOAT and other is Storage.DOUBLE:
            return Conversion(sql, Safety.EXACT)
        if dialect.name == "sqlite" and other is Storage.FLOAT:
            return Conversion(x, Safety.EXACT)
        return Conversion(sql, Safety.LOSSY, "digits are lost")
    low, high = _WIDTHS[one]
    if other in _FLOATS:
        exact = max(-low, high) <= _FLOATS[other]
        return Conversion(
            sql, Safety.EXACT if exact else Safety.LOSSY, "" if exact else "digits of large numbers are lost"
        )
    if other is Storage.ENUM_NUMBER and one is Storage.BOOL:
        return Conversion(sql, Safety.MAY_FAIL, "false becomes 0 and true becomes 1, as in the bytes of a message")
    least, most = _WIDTHS[other]
    if least <= low and high <= most and other is not Storage.ENUM_NUMBER:
        return Conversion(sql, Safety.EXACT)
    return Conversion(sql, Safety.MAY_FAIL, "numbers out of range are refused")


def _from_name(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:
    if new.storage is Storage.BOOL:
        cases = [(dialect.text(name), dialect.boolean(value=number != 0)) for name, number in old.enum]
        return Conversion(_case(x, cases), Safety.LOSSY, "every value but that of number 0 becomes true")
    cases = [(dialect.text(name), str(number)) for name, number in old.enum]
    return Conversion(_case(x, cases), Safety.MAY_FAIL, "names that the enum does not list become NULL")


def _to_name(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:
    if old.storage is Storage.BOOL:
        cases = [
            (dialect.boolean(value=number == 1), dialect.text(name)) for name, number in new.enum if number in {0, 1}
        ]
        reason = "false and true become the values of the numbers 0 and 1, as in the bytes of a message"
        return Conversion(_case(x, cases), Safety.MAY_FAIL, reason)
    cases = [(str(number), dialect.text(name)) for name, number in new.enum]
    return Conversion(_case(x, cases), Safety.MAY_FAIL, "numbers that the enum does not list become NULL")


def _case(x: str, cases: list[tuple[str, str]]) -> str:
    return f"CASE {x} {' '.join(f'WHEN {one} THEN {other}' for one, other in cases)} END" if cases else "NULL"


def _text_and_bytes(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:
    to_bytes = new.storage is Storage.BYTES
    written = {
        "sqlite": f"CAST({x} AS {new.type})",
        "postgresql": f"convert_to({x}, 'UTF8')" if to_bytes else f"convert_from({x}, 'UTF8')",
        "mysql": x,
    }
    if to_bytes and _length(old.type) == _length(new.type):
        return Conversion(written[dialect.name], Safety.EXACT)
    return Conversion(written[dialect.name], Safety.MAY_FAIL, "bytes that are no UTF-8, or too long, are refused")


def _number_to_text(old: Column, new: Column, x: str, dialect: Dialect) -> Conversion:
    if old.storage is Storage.BOOL:
        return Conversion(f"CASE WHEN {x} THEN 'true' ELSE 'false' END", Safety.EXACT)
    if old.storage is Storage.UINT64 and dialect.name == "sqlite":
        return Conversion(f"printf('%llu', {x})", Safety.EXACT)
    return Conversion(_cast(x, new, dialect), Safety.EXACT)


def _cast(x: str, new: Column, dialect: Dialect) -> str:
    return x if dialect.name == "mysql" else f"CAST({x} AS {new.type})"

"""A tree back to CEL text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    ListExpr,
    Literal,
    MapExpr,
    MessageExpr,
    Select,
    Unary,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.cel.syntax import Expr

__all__ = ["unparse"]

_CONDITIONAL, _OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(8)

_LEVELS = {
    "||": _OR,
    "&&": _AND,
    **dict.fromkeys(("<", "<=", ">=", ">", "==", "!=", "in"), _RELATION),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "%"), _PRODUCT),
}

_WIDE = 0x10000
"""Where four hexadecimal digits end."""

_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def unparse(expr: Expr) -> str:
    """CEL text with the fewest parentheses that parses to the same tree."""
    return _text(expr, _CONDITIONAL)


def _text(expr: Expr, level: int) -> str:
    text, own = _render(expr)
    return text if own >= level else f"({text})"


def _render(expr: Expr) -> tuple[str, int]:
    match expr:
        case Literal():
            return _literal(expr)
        case Ident(name, rooted):
            return (f".{name}" if rooted else name), _MEMBER
        case Select(operand, field):
            return f"{_text(operand, _MEMBER)}.{_field(field)}", _MEMBER
        case Has(operand, field):
            return f"has({_text(operand, _MEMBER)}.{_field(field)})", _MEMBER
        case Index(operand, index):
            return f"{_text(operand, _MEMBER)}[{unparse(index)}]", _MEMBER
        case Call(function, target, args):
            scope = "" if target is None else f"{_text(target, _MEMBER)}."
            return f"{scope}{function}({_commas(args)})", _MEMBER
        case Unary(operator, operand):
            return f"{operator}{_operand(operator, operand)}", _UNARY
        case Binary(operator, left, right):
            level = _LEVELS[operator]
            return f"{_text(left, level)} {operator} {_text(right, level + 1)}", level
        case Conditional(condition, then, otherwise):
            branches = f"{_text(then, _OR)} : {unparse(otherwise)}"
            return f"{_text(condition, _OR)} ? {branches}", _CONDITIONAL
        case ListExpr(items):
            return f"[{_commas(items)}]", _MEMBER
        case MapExpr(entries):
            pairs = ", ".join(f"{unparse(entry.key)}: {unparse(entry.value)}" for entry in entries)
            return f"{{{pairs}}}", _MEMBER
        case MessageExpr(name, fields):
            pairs = ", ".join(f"{_field(f.field)}: {unparse(f.value)}" for f in fields)
            return f"{name}{{{pairs}}}", _MEMBER
        case Comprehension(macro, target, variable, condition, transform):
            parts = [part for part in (condition, transform) if part is not None]
            return f"{_text(target, _MEMBER)}.{macro}({variable}, {_commas(parts)})", _MEMBER


def _commas(parts: Iterable[Expr]) -> str:
    return ", ".join(unparse(part) for part in parts)


def _operand(operator: str, operand: Expr) -> str:
    # `-1` would read as a number, so minus before a number keeps its parentheses.
    is_number = isinstance(operand, Literal) and operand.kind in {"int", "uint", "double"}
    if operator == "-" and is_number:
        return f"({unparse(operand)})"
    if isinstance(operand, Unary) and operand.operator == operator:
        return unparse(operand)
    return _text(operand, _MEMBER)


def _field(name: str) -> str:
    plain = name.isidentifier() and name.isascii()
    return name if plain and name not in {"in", "true", "false", "null"} else f"`{name}`"


def _literal(literal: Literal) -> tuple[str, int]:
    value = literal.value
    match literal.kind:
        case "null":
            return "null", _MEMBER
        case "bool":
            return ("true" if value else "false"), _MEMBER
        case "uint":
            return f"{value!r}u", _MEMBER
        case "string":
            return f'"{"".join(map(_escaped, str(value)))}"', _MEMBER
        case "bytes":
            assert isinstance(value, bytes)  # noqa: S101 - says so to the type checker
            return 'b"' + "".join(f"\\x{byte:02x}" for byte in value) + '"', _MEMBER
        case "double":
            return _double(float(value or 0))
        case _:
            number = int(value or 0)
            return str(number), _UNARY if number < 0 else _MEMBER


def _double(value: float) -> tuple[str, int]:
    text = "1e999" if value in {float("inf"), float("-inf")} else repr(abs(value))
    negative = str(value).startswith("-")
    return (f"-{text}", _UNARY) if negative else (text, _MEMBER)


def _escaped(char: str) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < _WIDE else f"\\U{ord(char):08x}"

"""CEL text to a tree: the grammar of the language definition, by recursive descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from protogate.cel.errors import CelSyntaxError
from protogate.cel.lexer import END, KEYWORDS, RESERVED, Token, tokenize
from protogate.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Entry,
    FieldInit,
    Has,
    Ident,
    Index,
    ListExpr,
    Literal,
    MapExpr,
    MessageExpr,
    Select,
    Unary,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.cel.syntax import Expr, Value

__all__ = ["parse"]

T = TypeVar("T")

_MAX_DEPTH = 64
"""The language definition asks for 32 levels of nesting."""

_MAX_HEIGHT = 150
"""Every pass over a tree takes up to four Python frames a level, and Python stops at 1000."""

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("<", "<=", ">=", ">", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}

_MACRO_ARITY = {"all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}

_NUMBER_RANGES = {"int": (-(2**63), 2**63 - 1), "uint": (0, 2**64 - 1)}

_CONSTANTS: dict[str, tuple[str, Value]] = {
    "true": ("bool", True),
    "false": ("bool", False),
    "null": ("null", None),
}


def parse(text: str) -> Expr:
    """The tree of a CEL expression, macros recognised, offsets kept.

    Raises:
        CelSyntaxError: `text` is not a CEL expression; the message names the column.
    """
    parser = _Parser(text)
    expr = parser.expression()
    parser.expect(END)
    _check_height(expr, text)
    return expr


def _check_height(expr: Expr, text: str) -> None:
    level = [expr]
    for _ in range(_MAX_HEIGHT):
        level = [part for parent in level for part in children(parent)]
        if not level:
            return
    raise CelSyntaxError(
        f"more than {_MAX_HEIGHT} operators hang on each other; use parentheses or a list",
        level[0].offset,
        text,
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def accept(self, kind: str) -> bool:
        if self.token.kind != kind:
            return False
        self.position += 1
        return True

    def expect(self, kind: str) -> Token:
        if self.token.kind != kind:
            raise self.unexpected("the end" if kind == END else repr(kind))
        return self.take()

    def unexpected(self, wanted: str) -> CelSyntaxError:
        token = self.token
        found = "the text ends" if token.kind == END else f"found {token.text!r}"
        return CelSyntaxError(f"{found} where {wanted} should be", token.offset, self.text)

    def expression(self) -> Expr:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise CelSyntaxError(f"more than {_MAX_DEPTH} levels of nesting", self.token.offset, self.text)
        condition = self.binary()
        if self.token.kind == "?":
            offset = self.take().offset
            then = self.binary()
            self.expect(":")
            condition = Conditional(condition, then, self.expression(), offset)
        self.depth -= 1
        return condition

    def binary(self, lowest: int = 1) -> Expr:
        left = self.unary()
        while (precedence := _PRECEDENCE.get(self.token.text, 0)) >= lowest:
            if self.token.kind in {"string", "bytes", "quoted"}:
                break
            operator = self.take()
            left = Binary(operator.text, left, self.binary(precedence + 1), operator.offset)
        return left

    def unary(self) -> Expr:
        operator = self.token.kind
        if operator not in {"!", "-"}:
            return self.member(self.primary())
        offsets = []
        while self.token.kind == operator:
            offsets.append(self.take().offset)
        if operator == "-" and self.token.kind in {"int", "double"}:
            # The last minus belongs to the number, or -9223372036854775808 could not be written.
            operand = self.member(self.number(offsets.pop(), negative=True))
        else:
            operand = self.member(self.primary())
        for offset in reversed(offsets):
            operand = Unary(operator, operand, offset)
        return operand

    def member(self, operand: Expr) -> Expr:
        while True:
            offset = self.token.offset
            if self.accept("."):
                operand = self.selection(operand, offset)
            elif self.accept("["):
                operand = Index(operand, self.expression(), offset)
                self.expect("]")
            elif self.token.kind == "{" and (name := _qualified_name(operand)) is not None:
                operand = self.message(name, _start(operand))
            else:
                return operand

    def selection(self, operand: Expr, offset: int) -> Expr:
        name = self.take_name()
        if not self.accept("("):
            return Select(operand, name, offset)
        args = self.items(")", self.expression)
        if name in _MACRO_ARITY and len(args) in _MACRO_ARITY[name]:
            return self.comprehension(name, operand, args, offset)
        return Call(name, operand, args, offset)

    def take_name(self) -> str:
        token = self.token
        if token.kind == "quoted" or (token.kind == "ident" and token.text not in KEYWORDS):
            return self.take().text
        raise self.unexpected("a name")

    def comprehension(self, macro: str, target: Expr, args: tuple[Expr, ...], offset: int) -> Comprehension:
        variable = args[0]
        if not isinstance(variable, Ident) or variable.rooted:
            raise CelSyntaxError(f"the first argument of {macro}() must be a plain name", variable.offset, self.text)
        if macro != "map":
            return Comprehension(macro, target, variable.name, args[1], None, offset)
        condition = args[1] if len(args) == len(("x", "condition", "transform")) else None
        return Comprehension(macro, target, variable.name, condition, args[-1], offset)

    def primary(self) -> Expr:
        token = self.token
        match token.kind:
            case "int" | "uint" | "double":
                return self.number(token.offset, negative=False)
            case "string" | "bytes":
                self.take()
                return Literal(token.kind, token.value, token.offset)
            case "(":
                self.take()
                inner = self.expression()
                self.expect(")")
                return inner
            case "[":
                self.take()
                return ListExpr(self.items("]", self.expression), token.offset)
            case "{":
                self.take()
                return MapExpr(self.items("}", self.entry), token.offset)
            case "." | "ident":
                return self.name()
            case _:
                raise self.unexpected("an expression")

    def number(self, offset: int, *, negative: bool) -> Literal:
        token = self.take()
        value = token.value
        if not isinstance(value, (int, float)):
            raise self.unexpected("a number")
        value = -value if negative else value
        low, high = _NUMBER_RANGES.get(token.kind, (value, value))
        if not low <= value <= high:
            raise CelSyntaxError(f"{value} does not fit {token.kind} ({low} to {high})", offset, self.text)
        return Literal(token.kind, value, offset)

    def name(self) -> Expr:
        offset = self.token.offset
        rooted = self.accept(".")
        token = self.expect("ident")
        if not rooted and token.text in _CONSTANTS:
            return Literal(*_CONSTANTS[token.text], offset)
        if token.text in KEYWORDS or token.text in RESERVED:
            raise CelSyntaxError(f"{token.text!r} is reserved and cannot be a name", token.offset, self.text)
        if not self.accept("("):
            return Ident(token.text, rooted, offset)
        args = self.items(")", self.expression)
        if token.text == "has" and not rooted:
            return self.has(args, offset)
        return Call(token.text, None, args, offset)

    def has(self, args: tuple[Expr, ...], offset: int) -> Has:
        if len(args) == 1 and isinstance(args[0], Select):
            return Has(args[0].operand, args[0].field, offset)
        raise CelSyntaxError("has() takes one field selection such as a.b", offset, self.text)

    def message(self, name: str, offset: int) -> MessageExpr:
        self.expect("{")
        return MessageExpr(name, self.items("}", self.field_init), offset)

    def entry(self) -> Entry:
        key = self.expression()
        self.expect(":")
        return Entry(key, self.expression())

    def field_init(self) -> FieldInit:
        name = self.take_name()
        self.expect(":")
        return FieldInit(name, self.expression())

    def items(self, closing: str, item: Callable[[], T]) -> tuple[T, ...]:
        found: list[T] = []
        while not self.accept(closing):
            found.append(item())
            if self.accept(","):
                if closing == ")" and self.token.kind == ")":
                    raise self.unexpected("an argument")
                continue
            self.expect(closing)
            break
        return tuple(found)


def _start(expr: Expr) -> int:
    while isinstance(expr, Select):
        expr = expr.operand
    return expr.offset


def _qualified_name(expr: Expr) -> str | None:
    match expr:
        case Ident(name, rooted):
            return f".{name}" if rooted else name
        case Select(operand, field):
            scope = _qualified_name(operand)
            return None if scope is None else f"{scope}.{field}"
        case _:
            return None

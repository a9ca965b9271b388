"""CEL text to tokens."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from protogate.cel.errors import CelSyntaxError

__all__ = ["END", "KEYWORDS", "RESERVED", "Token", "TokenKind", "tokenize"]

TokenKind = str
"""ident, quoted (a name in backticks), int, uint, double, string, bytes, end, or the operator itself."""

END = "end"

KEYWORDS = frozenset({"false", "in", "null", "true"})

RESERVED = frozenset(
    "as break const continue else for function if import let loop package namespace return var void while".split()
)
"""Names that no variable may have; as field names they are fine."""


class Token(NamedTuple):
    """A piece of the text; `value` is what a literal means."""

    kind: TokenKind
    text: str
    offset: int
    value: int | float | str | bytes | None = None


_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\n\f\r]+|//[^\n]*)
    |(?P<string>
        (?P<prefix>[bB][rR]?|[rR])?
        (?P<quote>\"\"\"|'''|"|')
     )
    |(?P<double>(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<int>(?:0[xX][0-9a-fA-F]+|[0-9]+))(?P<unsigned>[uU])?
    |(?P<ident>[_a-zA-Z][_a-zA-Z0-9]*)
    |`(?P<quoted>[_a-zA-Z0-9.\-/ ]+)`
    |(?P<operator>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}])
    """,
    re.VERBOSE | re.ASCII,
)


def _body(quote: str, *, raw: bool) -> re.Pattern[str]:
    if len(quote) == len("'''"):
        char = "." if raw else r"\\.|[^\\]"
        return re.compile(f"(?:{char})*?(?={quote})", re.DOTALL)
    char = rf"[^\n\r{quote}]" if raw else rf"\\.|[^\\\n\r{quote}]"
    return re.compile(f"(?:{char})*", re.DOTALL)


_BODIES = {(quote, raw): _body(quote, raw=raw) for quote in ("'", '"', "'''", '"""') for raw in (False, True)}

_ESCAPE = re.compile(
    r"""\\(?:(?P<simple>[abfnrtv\\?"'`])|[xX](?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})"""
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<bad>.?))",
    re.DOTALL,
)

_SURROGATES = range(0xD800, 0xE000)

_SIMPLE_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, the last one of kind `end`.

    Raises:
        CelSyntaxError: a character, an escape or a literal is wrong.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise CelSyntaxError(f"{text[position]!r} does not belong here", position, text)
        if found["space"] is not None:
            position = found.end()
            continue
        token, position = _token(text, found)
        tokens.append(token)
    tokens.append(Token(END, "", len(text)))
    return tokens


def _token(text: str, found: re.Match[str]) -> tuple[Token, int]:
    start, end = found.span()
    if found["string"] is not None:
        return _string(text, found)
    whole = found[0]
    if found["double"] is not None:
        _no_name_follows(text, end)
        return Token("double", whole, start, float(whole)), end
    if found["int"] is not None:
        _no_name_follows(text, end)
        digits = found["int"]
        number = int(digits, 16 if digits[:2] in {"0x", "0X"} else 10)
        return Token("uint" if found["unsigned"] else "int", whole, start, number), end
    if found["ident"] is not None:
        return Token("ident", whole, start), end
    if found["quoted"] is not None:
        return Token("quoted", found["quoted"], start), end
    return Token(whole, whole, start), end


def _no_name_follows(text: str, end: int) -> None:
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        raise CelSyntaxError(f"{text[end]!r} cannot follow a number", end, text)


def _string(text: str, found: re.Match[str]) -> tuple[Token, int]:
    start, opened = found.span()
    prefix, quote = (found["prefix"] or "").lower(), found["quote"]
    body = _BODIES[quote, "r" in prefix].match(text, opened)
    closed = opened if body is None else body.end()
    if body is None or not text.startswith(quote, closed):
        raise CelSyntaxError(f"the string that starts here has no closing {quote}", start, text)
    inner = text[opened:closed]
    end = closed + len(quote)
    if "b" in prefix:
        data = inner.encode() if "r" in prefix else _bytes_of(inner, opened, text)
        return Token("bytes", text[start:end], start, data), end
    string = inner if "r" in prefix else _text_of(inner, opened, text)
    return Token("string", text[start:end], start, string), end


def _text_of(body: str, offset: int, text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        code = _code_point(found, offset, text)
        return chr(code) if isinstance(code, int) else code

    return _ESCAPE.sub(replace, body)


def _bytes_of(body: str, offset: int, text: str) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for found in _ESCAPE.finditer(body):
        pieces.append(body[position : found.start()].encode())
        if found["short"] or found["long"]:
            raise CelSyntaxError(f"{found[0]} is for strings; use \\x.. in bytes", offset + found.start(), text)
        code = _code_point(found, offset, text)
        pieces.append(bytes([code]) if isinstance(code, int) else code.encode())
        position = found.end()
    pieces.append(body[position:].encode())
    return b"".join(pieces)


def _code_point(found: re.Match[str], offset: int, text: str) -> int | str:
    simple = found["simple"]
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    if found["bad"] is not None:
        raise CelSyntaxError(f"escape {found[0]!r} is not known", offset + found.start(), text)
    if found["octal"] is not None:
        return int(found["octal"], 8)
    code = int(found["hex"] or found["short"] or found["long"], 16)
    if code > sys.maxunicode or code in _SURROGATES:
        raise CelSyntaxError(f"{found[0]} is no character", offset + found.start(), text)
    return code

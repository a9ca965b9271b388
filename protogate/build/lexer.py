"""Reads what the build graph needs from a contract: its package and its imports, nothing else.

Meaning always comes from the compiler. The graph must know imports before any compiler runs, so
this module splits a contract into tokens exactly as the language does (comments, strings) and
looks at two statements only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Header", "read_header"]


class Header(NamedTuple):
    """The part of a contract that places it in the graph."""

    package: str
    imports: tuple[str, ...]


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<word>[A-Za-z_][\w.]*)|(?P<mark>[{};=\[\]()<>,.])""",
    re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_MODIFIERS = frozenset({"public", "weak", "option"})


def read_header(text: str) -> Header:
    """Return the package and the imports of a contract, in the order written.

    >>> read_header('package a.v1; /* import "no.proto"; */ import public "b.proto";')
    Header(package='a.v1', imports=('b.proto',))
    """
    package = ""
    imports: list[str] = []
    for statement in _statements(text):
        match statement:
            case ["package", *names] if names and not package:
                package = "".join(names)
            case ["import", *rest] if rest:
                path = _import_path(rest)
                if path:
                    imports.append(path)
            case _:
                pass
    return Header(package, tuple(imports))


def _statements(text: str) -> list[list[str]]:
    """Return the top-level `package` and `import` statements as lists of tokens."""
    found: list[list[str]] = []
    current: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        if token.lastgroup is None:
            continue
        value = token[0]
        if value == "{":
            depth += 1
            current = []
        elif value == "}":
            depth = max(0, depth - 1)
            current = []
        elif depth == 0:
            if value == ";":
                if current and current[0] in {"package", "import"}:
                    found.append(current)
                current = []
            else:
                current.append(value)
    return found


def _import_path(tokens: list[str]) -> str:
    parts = tokens[1:] if tokens[0] in _MODIFIERS else tokens
    # Adjacent literals are one string, as in C: import "a/" "b.proto";
    if parts and all(part[0] in "\"'" for part in parts):
        return "".join(_unquote(part) for part in parts)
    return ""


def _unquote(literal: str) -> str:
    body = literal[1:-1]
    return _ESCAPE.sub(_unescape, body) if "\\" in body else body


def _unescape(match: re.Match[str]) -> str:
    octal, hexadecimal, plain = match.groups()
    if octal:
        return chr(int(octal, 8))
    if hexadecimal:
        return chr(int(hexadecimal, 16))
    return _PLAIN_ESCAPES.get(plain, plain)

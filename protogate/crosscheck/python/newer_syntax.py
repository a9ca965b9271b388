"""Lets an older interpreter read newer syntax: the text is changed in place, so that every position stays what it is.

| newer | read as |
|---|---|
| `type X[T] = v` (3.12) | `type.X    = v`, then made an alias again |
| `class A[T: b = d]`, `def f[T]` (3.12, 3.13) | without the brackets, whose names are put back into the tree |
| f-strings with any quotes in them (3.12), t-strings (3.14) | f-strings of an unknown name |
| `except A, B:` (3.14) | `except A | B:` |
"""

from __future__ import annotations

import ast
import bisect
import io
import re
import tokenize
import warnings
from typing import Final, NamedTuple

__all__ = [
    "ALIAS_STATEMENTS",
    "AliasStatement",
    "Lowered",
    "TypeParameter",
    "lower_newer_syntax",
    "restore_newer_syntax",
    "type_parameters",
]


_PARAMETERS: Final = "type_params"
"""The attribute of nodes that newer interpreters fill."""


class TypeParameter(NamedTuple):
    """One name in the brackets of a class, a function or an alias."""

    name: str
    kind: str
    """`TypeVar`, `TypeVarTuple` or `ParamSpec`."""
    bound: ast.expr | None
    """What follows the colon; a tuple lists constraints."""
    default: ast.expr | None
    node: ast.AST
    """What tells it from others of its name."""


class AliasStatement(ast.stmt):
    """`type X[T] = value`, where this interpreter has no node for it."""

    _fields = ("name", "value")
    name: ast.Name
    value: ast.expr


ALIAS_STATEMENTS: Final[tuple[type[ast.stmt], ...]] = tuple({AliasStatement, getattr(ast, "TypeAlias", AliasStatement)})
"""Every node that a `type` statement may be."""


class Lowered(NamedTuple):
    """Text that older interpreters parse, and what was taken out of it."""

    text: str
    aliases: frozenset[tuple[int, int]]
    """Line and column, in bytes, of each `type` statement."""
    parameters: dict[tuple[int, int], tuple[TypeParameter, ...]]
    """By the line and column of the word `type`, `class` or `def`."""


def type_parameters(node: ast.AST) -> tuple[TypeParameter, ...]:
    """Return what stands in the brackets behind the name of a class, a function or an alias."""
    listed = getattr(node, _PARAMETERS, ())
    if isinstance(listed, tuple):
        return listed
    return tuple(
        TypeParameter(
            one.name, type(one).__name__, getattr(one, "bound", None), getattr(one, "default_value", None), one
        )
        for one in listed
    )


def lower_newer_syntax(data: bytes) -> Lowered | None:
    """Return the text of a module in older syntax; None when nothing in it is newer.

    Raises:
        SyntaxError: its encoding is not known.
        ValueError: it is not in the encoding that it declares.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    # The parser would look for the cookie again, in text that is decoded.
    lowering = _Lowering(text)
    lowering.run()
    if not lowering.edits:
        return None
    return Lowered(lowering.edited(), frozenset(lowering.aliases), lowering.parameters)


def restore_newer_syntax(tree: ast.Module, lowered: Lowered) -> ast.Module:
    """Put back into a tree what lowering took out of the text."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            listed = lowered.parameters.get((node.lineno, node.col_offset))
            if listed:
                setattr(node, _PARAMETERS, listed)
        body = getattr(node, "body", None)
        if isinstance(body, list) and lowered.aliases:
            for field in ("body", "orelse", "finalbody"):
                statements = getattr(node, field, None)
                if isinstance(statements, list):
                    statements[:] = [_restored(one, lowered) for one in statements]
    return tree


def _restored(statement: ast.stmt, lowered: Lowered) -> ast.stmt:
    at = (statement.lineno, statement.col_offset)
    if at not in lowered.aliases or not isinstance(statement, ast.Assign):
        return statement
    target = statement.targets[0]
    if not isinstance(target, ast.Attribute):
        return statement
    name = ast.copy_location(ast.Name(target.attr, ast.Store()), target)
    if target.end_lineno is not None and target.end_col_offset is not None:
        name.lineno = target.end_lineno
        name.col_offset = target.end_col_offset - _byte_length(target.attr)
    alias = ast.copy_location(AliasStatement(), statement)
    alias.name, alias.value = name, statement.value
    setattr(alias, _PARAMETERS, lowered.parameters.get(at, ()))
    return alias


_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<joined>\\\n)
  | (?P<formatted>(?:[fFtT][rR]?|[rR][fFtT])(?:\"\"\"|\'\'\'|\"|\'))
  | (?P<string>(?:[bB][rR]?|[rR][bB]?|[uU])?
        (?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|\'\'\'(?:[^\\]|\\.)*?\'\'\'|\"(?:[^\\\n\"]|\\.)*\"|\'(?:[^\\\n\']|\\.)*\'))
  | (?P<newline>\n)
  | (?P<space>[ \t\f]+)
  | (?P<word>\w+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_NESTED: Final = re.compile(r"(?:[fFtTrRbBuU]{0,2})(?:\"\"\"|'''|\"|')")
_DEEPEST: Final = 50
"""f-strings in f-strings; interpreters end at 150 fields of one."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)


class _Lowering:
    """One pass over the text, statement by statement."""

    def __init__(self, text: str) -> None:
        self.edits: list[tuple[int, int, str]] = []
        """Start, end and new text of each part that changes; they do not overlap."""
        self.aliases: list[tuple[int, int]] = []
        self.parameters: dict[tuple[int, int], tuple[TypeParameter, ...]] = {}
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._text = text

    def edited(self) -> str:
        """The text with all edits made."""
        parts: list[str] = []
        position = 0
        for start, end, new in sorted(self.edits):
            parts += self._text[position:start], new
            position = end
        return "".join([*parts, self._text[position:]])

    def run(self) -> None:
        statement: list[_Token] = []
        depth = 0
        for token in self._tokens():
            if token.kind == "other" and token.text in _OPENING:
                depth += 1
            elif token.kind == "other" and token.text in _CLOSING:
                depth = max(0, depth - 1)
            ends = depth == 0 and (token.kind == "newline" or token.text in {";", ":"})
            if token.kind not in {"comment", "joined", "space", "newline"}:
                statement.append(token)
            if ends:
                # A statement behind the colon of `class A[T]: ...` starts anew; a slice is inside of brackets.
                self._statement(statement)
                statement = []
        self._statement(statement)

    def _tokens(self) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while position < len(self._text):
            found = _TOKEN.match(self._text, position)
            if found is None:
                break
            kind = str(found.lastgroup)
            if kind == "formatted":
                end = _formatted_end(self._text, found.end(), found[0])
                tokens.append(_Token("string", self._text[position:end], position))
                self._lower_formatted(position, end, found[0])
                position = end
            else:
                tokens.append(_Token(kind, found[0], position))
                position = found.end()
        return tokens

    def _lower_formatted(self, start: int, end: int, opening: str) -> None:
        """Replace an f-string that older interpreters may not read; others stay, so that constants are known."""
        quote = opening.lstrip("fFtTrR")
        text = f"f{quote}{{_}}{quote}"
        if end - start >= len(text) and not _is_readable(self._text[start:end]):
            self._replace(start, end, text if self._text.find("\n", start, end) < 0 else 'f"{_}"')

    def _statement(self, tokens: list[_Token]) -> None:
        match [token.text for token in tokens[:4]]:
            case ["type", name, "=" | "[", *_] if name.isidentifier():
                self._alias(tokens)
            case ["class" | "def", _, "[", *_]:
                self._brackets(tokens, 2, tokens[0])
            case ["async", "def", _, "["]:
                self._brackets(tokens, 3, tokens[0])
            case ["except", *_]:
                self._except(tokens)
            case _:
                pass

    def _alias(self, tokens: list[_Token]) -> None:
        keyword = tokens[0]
        self._put(keyword.end, ".")
        self.aliases.append(self._at(keyword.start))
        if tokens[2].text == "[":
            self._brackets(tokens, 2, keyword)

    def _brackets(self, tokens: list[_Token], opening: int, keyword: _Token) -> None:
        depth = 0
        for index in range(opening, len(tokens)):
            depth += (tokens[index].text in _OPENING) - (tokens[index].text in _CLOSING)
            if depth == 0:
                inner = tokens[opening + 1 : index]
                listed = tuple(map(self._parameter, _split(inner, ",")))
                self.parameters[self._at(keyword.start)] = tuple(one for one in listed if one is not None)
                self._replace(tokens[opening].start, tokens[index].end, "")
                return

    def _parameter(self, tokens: list[_Token]) -> TypeParameter | None:
        kind = "TypeVar"
        if tokens and tokens[0].text == "*":
            # Two stars are two tokens.
            stars = len(tokens) > 1 and tokens[1].text == "*"
            kind, tokens = ("ParamSpec", tokens[2:]) if stars else ("TypeVarTuple", tokens[1:])
        if not tokens or not tokens[0].text.isidentifier():
            return None
        head, *default = _split(tokens, "=")
        name, *bound = _split(head, ":")
        node = ast.Name(name[0].text, ast.Load())
        node.lineno, node.col_offset = self._at(name[0].start)
        node.end_lineno, node.end_col_offset = self._at(name[0].end)
        return TypeParameter(
            name[0].text,
            kind,
            self._expression(bound[0]) if bound else None,
            self._expression(default[0]) if default else None,
            node,
        )

    def _expression(self, tokens: list[_Token]) -> ast.expr | None:
        if not tokens:
            return None
        start, end = tokens[0].start, tokens[-1].end
        parsed = ast.parse(f"({self._text[start:end]}\n)", mode="eval").body
        line, column = self._at(start)
        for node in ast.walk(parsed):
            if isinstance(node, (ast.expr, ast.keyword)):
                _shift(node, line - 1, column - 1)
        return parsed

    def _except(self, tokens: list[_Token]) -> None:
        depth = 0
        for token in tokens:
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth == 0 and token.text == ",":
                self._put(token.start, "|")

    def _at(self, position: int) -> tuple[int, int]:
        """Line from 1 and column in bytes from 0, as the parser counts."""
        line = bisect.bisect_right(self._starts, position)
        start = self._starts[line - 1]
        return line, len(self._text[start:position].encode("utf-8", "surrogatepass"))

    def _put(self, position: int, character: str) -> None:
        self.edits.append((position, position + 1, character))

    def _replace(self, start: int, end: int, text: str) -> None:
        """Put `text` and blanks in place of a part, as many bytes on each of its lines; the lines stay one."""
        first, *others = (_byte_length(line) for line in self._text[start:end].split("\n"))
        blank = [text.ljust(first), *(" " * width for width in others)]
        # Nothing else stands behind the part on its lines but the last: what is added there moves no position.
        inside = [one for one in self.edits if start <= one[0] < end]
        self.edits = [one for one in self.edits if one not in inside]
        self.edits.append((start, end, "\\\n".join(blank)))


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _split(tokens: list[_Token], separator: str) -> list[list[_Token]]:
    """The parts between separators outside of brackets; a trailing separator makes no part."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _formatted_end(text: str, position: int, opening: str, nesting: int = 0) -> int:
    """Where an f-string ends whose text starts at `position`; its fields may hold any strings."""
    quote = opening.lstrip("fFtTrR")
    depth = 0
    while position < len(text):
        character = text[position]
        nested = _NESTED.match(text, position) if depth else None
        if depth == 0 and text.startswith(quote, position):
            return position + len(quote)
        if nested is not None and nesting < _DEEPEST:
            position = _nested_end(text, nested.end(), nested[0], nesting + 1)
        elif character == "\\" or (depth == 0 and character == "{" and text.startswith("{{", position)):
            position += 2
        elif depth == 0 and character == "\n" and len(quote) == 1:
            return position
        else:
            depth += (character == "{") - (character == "}" and depth > 0)
            position += 1
    return len(text)


def _nested_end(text: str, position: int, opening: str, nesting: int) -> int:
    prefix = opening.rstrip("\"'")
    if "f" in prefix.lower() or "t" in prefix.lower():
        return _formatted_end(text, position, opening, nesting)
    quote = opening[len(prefix) :]
    while position < len(text) and not text.startswith(quote, position):
        position += 2 if text[position] == "\\" else 1
    return min(len(text), position + len(quote))


def _is_readable(text: str) -> bool:
    """Whether this interpreter reads an f-string."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(f"({text})", mode="eval")
    except SyntaxError:
        return False
    return True


def _shift(node: ast.expr | ast.keyword, lines: int, columns: int) -> None:
    if node.lineno == 1:
        node.col_offset += columns
    if node.end_lineno == 1 and node.end_col_offset is not None:
        node.end_col_offset += columns
    node.lineno += lines
    if node.end_lineno is not None:
        node.end_lineno += lines

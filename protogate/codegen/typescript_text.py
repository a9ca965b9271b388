"""The words of TypeScript: literals, property names, comments, and the names that it keeps for itself."""

from __future__ import annotations

import json
import math
import re
from typing import Final

__all__ = ["RESERVED", "comment", "declared_names", "literal", "property_name", "referenced_names"]

_LARGEST_EXACT: Final = 2**53 - 1
"""Number.MAX_SAFE_INTEGER: above it two integers may be one number."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_DECLARATION: Final = re.compile(
    r"\b(?:interface|type|(?:const\s+)?enum|class|const|let|var|function|namespace)\s+([A-Za-z_$][\w$]*)"
)
_IMPORT: Final = re.compile(r"\bimport\s+(?:type\s+)?(.*?)\s+from\b", re.DOTALL)
_IMPORTED: Final = re.compile(r"(?:type\s+)?(?:[\w$*]+\s+as\s+)?([A-Za-z_$][\w$]*)")
_COMMENT_OR_STRING: Final = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
_REFERENCE: Final = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*)(?![\w$])(?!\s*\??:)")

RESERVED: Final = frozenset(
    # Words that cannot name a type, and the types of the language that the output uses by name.
    """any bigint boolean never null number object string symbol undefined unknown void
    await break case catch class const continue debugger default delete do else enum export extends false finally for
    function if implements import in instanceof interface let new package private protected public return static super
    switch this throw true try type typeof var while with yield
    Omit Partial Readonly Record""".split()
)
_LANGUAGE: Final = RESERVED | frozenset(
    """Array ReadonlyArray Promise Date Map Set Pick Required Exclude Extract NonNullable Uppercase Lowercase
    Capitalize Uncapitalize as asserts infer is keyof readonly unique""".split()
)


def literal(value: object) -> str | None:
    """Return a value as TypeScript writes it; nothing when TypeScript has no such literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(str.__str__(value))
    if isinstance(value, int) and abs(value) <= _LARGEST_EXACT:
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    return None


def property_name(name: str) -> str:
    """Return the name as a key of an object type, in quotes where it needs them."""
    return name if _IDENTIFIER.fullmatch(name) else _string(name)


def comment(text: str, indent: str = "") -> str:
    """Return a TSDoc comment with a line break at its end; nothing for no text."""
    lines = text.replace("*/", "*\\/").splitlines()
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{indent}/** {lines[0].strip()} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def declared_names(source: str) -> frozenset[str]:
    """Return the names that hand-written TypeScript declares or imports."""
    code = _without_comments_and_strings(source)
    names = set(_DECLARATION.findall(code))
    for clause in _IMPORT.findall(code):
        parts = (_IMPORTED.fullmatch(part.strip()) for part in re.split(r"[{},]", clause))
        names.update(part[1] for part in parts if part)
    return frozenset(names)


def referenced_names(expression: str) -> frozenset[str]:
    """Return the names of types that a TypeScript type expression needs and the language does not have."""
    return frozenset(_REFERENCE.findall(_without_comments_and_strings(expression))) - _LANGUAGE


def _without_comments_and_strings(source: str) -> str:
    return _COMMENT_OR_STRING.sub(" ", source)


def _string(value: str) -> str:
    written = json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair cannot be written as UTF-8, but its escape can.
    return written if written.isprintable() else json.dumps(value)

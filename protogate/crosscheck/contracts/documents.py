"""The text of a contract to values: strict JSON, and one finding for a text that is none.

Stricter than Python's parser where a contract would mean different things to different readers: no duplicate keys, no
`NaN`, no lone surrogates, no numbers beyond what a double holds.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NamedTuple

from protogate.crosscheck.contracts.positions import Positions, tokens
from protogate.findings import Finding, Place

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Positions", "parse_document"]

MAX_BYTES: Final = 8_000_000
"""A contract has a few kilobytes. What is larger is something else, and is not read."""
MAX_DEPTH: Final = 100
"""Objects and arrays inside each other. What reads contracts recurses, and Python allows a thousand calls."""

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]   # a whole pair
      | (?P<lone>\\u[dD][89a-fA-F])
      | \\.                                         # any other escape, a backslash before a u included
    """,
    re.VERBOSE | re.DOTALL,
)
_DIGITS: Final = 308
"""An integer of so many digits fits into a double."""


class Document(NamedTuple):
    """A JSON text that was read."""

    path: str
    """As messages show it."""
    text: str
    value: object


class _RefusedError(ValueError):
    """A word that Python's parser takes and JSON does not know, and why it is refused."""


class _DuplicateKeyError(ValueError):
    """An object has a key twice."""


def parse_document(path: str, data: bytes) -> Document | Finding:
    """Return the values of a contract, or the finding that says why there are none.

    Args:
        path: for messages.
        data: the content of the file.
    """
    if len(data) > MAX_BYTES:
        return too_large(path, len(data))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _not_utf8(path, data, error)
    return _too_deep(path, text) or _parsed(path, text)


def too_large(path: str, size: int) -> Finding:
    """Return the finding about a file that is too large to be a contract."""
    message = f"the file has {size:,} bytes, a contract has at most {MAX_BYTES:,}"
    return Finding("contract/too-large", Place(path), message, "divide it, or give it another name")


def _parsed(path: str, text: str) -> Document | Finding:
    try:
        value = _DECODER.decode(text)
    except _DuplicateKeyError:
        return _duplicate_key(path, text)
    except _RefusedError as error:
        word, message = error.args
        return _invalid(path, text, next(one.start() for one in tokens(text) if one[0].startswith(word)), message)
    except json.JSONDecodeError as error:
        return _malformed(path, text, error)
    lone = _lone_surrogate(text) if _SURROGATE.search(text) else None
    if lone is not None:
        return _invalid(path, text, lone, "half of a surrogate pair is no character", "write both halves")
    return Document(path, text, value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _DuplicateKeyError
    return made


def _constant(word: str) -> None:
    raise _RefusedError(word, f"{word} is no JSON value")


def _integer(digits: str) -> int:
    # Python would refuse thousands of digits by itself, other readers of the contract far fewer.
    if len(digits) > _DIGITS:
        _float(digits)
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _RefusedError(digits, "the number is larger than a double can hold")
    return value


# One for all documents: to make it costs as much as to read a contract.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Finding:
    before = data[: error.start].decode()
    place = Place(path, *_position(before, len(before)))
    message = f"byte 0x{data[error.start]:02x} is not UTF-8"
    return Finding("contract/not-utf-8", place, message, "save the file as UTF-8")


def _too_deep(path: str, text: str) -> Finding | None:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return None
    depth = 0
    for token in tokens(text):
        if token[0] in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                place = Place(path, *_position(text, token.start()))
                message = f"objects and arrays are nested deeper than {MAX_DEPTH} levels"
                return Finding("contract/too-deep", place, message, "take the inner ones apart")
        elif token[0] in "}]":
            depth -= 1
    return None


def _malformed(path: str, text: str, error: json.JSONDecodeError) -> Finding:
    if text.startswith("\ufeff"):
        return _invalid(path, text, 0, "the file begins with a byte order mark", "save it as UTF-8 without one")
    if not text.strip():
        return _invalid(path, text, 0, "the file is empty")
    message = error.msg[0].lower() + error.msg[1:].removesuffix(" starting at").removesuffix(" at")
    return _invalid(path, text, error.pos, f"invalid JSON: {message}")


def _duplicate_key(path: str, text: str) -> Finding:
    """Find the first key that an object has twice; the text before it is well-formed, behind it anything may stand."""
    above: list[dict[str, int] | None] = []
    previous = ""
    for token in tokens(text):
        word = token[0]
        if word in "{[":
            above.append({} if word == "{" else None)
        elif word in "}]":
            above.pop()
        elif above and above[-1] is not None and previous in "{,":
            key: str = json.loads(word)
            if key in above[-1]:
                return _twice(path, text, key, first=above[-1][key], second=token.start())
            above[-1][key] = token.start()
        previous = word
    raise AssertionError(path)


def _twice(path: str, text: str, key: str, *, first: int, second: int) -> Finding:
    line, column = _position(text, first)
    message = f"key {json.dumps(key, ensure_ascii=False)} stands in one object twice, first at {line}:{column}"
    return Finding("contract/duplicate-key", Place(path, *_position(text, second)), message, "remove one of them")


def _lone_surrogate(text: str) -> int | None:
    """Return the offset of an escape that is half of a character, in a well-formed text."""
    return next((escape.start() for escape in _ESCAPE.finditer(text) if escape["lone"]), None)


def _invalid(path: str, text: str, offset: int, message: str, hint: str = "") -> Finding:
    return Finding("contract/invalid-json", Place(path, *_position(text, offset)), message, hint)


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)

"""JSON as people write it: what is small stands on one line.

`json` with an indent is written in Python and costs more than all the rest of this target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    from _json import encode_basestring as quote
except ImportError:  # pragma: no cover - other interpreters than CPython
    from json.encoder import encode_basestring as quote

__all__ = ["json_text"]

_WIDTH: Final = 120
_AROUND_KEY: Final = 5
"""Two quotes, a colon and a space before a value, a comma behind it."""


def json_text(document: dict[str, Any]) -> str:
    """The document, with a line for each of its members and a newline at the end."""
    return _lines("{", (f"{quote(key)}: {_value(value, '  ', key)}" for key, value in document.items()), "}", "") + "\n"


def _value(value: Any, indent: str, key: str = "") -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(value, (dict, list)):
        return _scalar(value)
    line = _object_line(value) if isinstance(value, dict) else _list_line(value)
    if line and len(indent) + len(key) + len(line) + _AROUND_KEY <= _WIDTH:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        members = (f"{quote(name)}: {_value(item, deeper, name)}" for name, item in value.items())
        return _lines("{", members, "}", indent)
    return _lines("[", (_value(item, deeper) for item in value), "]", indent)


def _lines(opening: str, members: Iterable[str], closing: str, indent: str) -> str:
    text = f",\n{indent}  ".join(members)
    return f"{opening}\n{indent}  {text}\n{indent}{closing}" if text else opening + closing


def _object_line(value: dict[str, Any]) -> str:
    """The object on one line; empty when it holds anything but scalars, lists of scalars and nothing at all."""
    members: list[str] = []
    for name, item in value.items():
        if isinstance(item, dict):
            text = "" if item else "{}"
        else:
            text = _list_line(item) if isinstance(item, list) else _scalar(item)
        if not text:
            return ""
        members.append(f"{quote(name)}: {text}")
    return f"{{{', '.join(members)}}}"


def _list_line(value: list[Any]) -> str:
    """The list on one line; empty when it holds anything but scalars."""
    if any(isinstance(item, (dict, list)) for item in value):
        return ""
    return f"[{', '.join(map(_scalar, value))}]"


def _scalar(value: Any) -> str:  # noqa: ANN401 - any JSON value without structure
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else repr(value)

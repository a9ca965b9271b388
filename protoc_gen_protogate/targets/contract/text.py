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


def json_text(document: dict[str, Any]) -> str:
    """The document, with a line for each of its members and a newline at the end."""
    return _lines("{", (f"{quote(key)}: {_value(value, '  ', key)}" for key, value in document.items()), "}", "") + "\n"


def _value(value: Any, indent: str, key: str = "") -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        if all(_is_flat(item) for item in value.values()):
            line = "{" + ", ".join(f"{quote(name)}: {_flat(item)}" for name, item in value.items()) + "}"
            if len(indent) + len(key) + len(line) + 5 <= _WIDTH:  # 5: quotes, colon, space, comma
                return line
        deeper = indent + "  "
        members = (f"{quote(name)}: {_value(item, deeper, name)}" for name, item in value.items())
        return _lines("{", members, "}", indent)
    if isinstance(value, list):
        if all(not isinstance(item, (dict, list)) for item in value):
            line = _flat(value)
            if len(indent) + len(key) + len(line) + 5 <= _WIDTH:
                return line
        deeper = indent + "  "
        return _lines("[", (_value(item, deeper) for item in value), "]", indent)
    return _flat(value)


def _lines(opening: str, members: Iterable[str], closing: str, indent: str) -> str:
    text = f",\n{indent}  ".join(members)
    return f"{opening}\n{indent}  {text}\n{indent}{closing}" if text else opening + closing


def _is_flat(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether it may stand on the line of the object that holds it: scalars, lists of scalars, and nothing at all."""
    if isinstance(value, dict):
        return not value
    return not isinstance(value, list) or not any(isinstance(item, (dict, list)) for item in value)


def _flat(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return "{}" if isinstance(value, dict) else repr(value)

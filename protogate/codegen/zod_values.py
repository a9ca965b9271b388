"""JSON values as TypeScript expressions, and whether a schema certainly accepts a value."""

from __future__ import annotations

import json
import math
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["certainly_accepts", "comment_text", "is_inherited", "json_kind", "key", "literal", "literal_type", "same"]

_INHERITED: Final = frozenset(
    """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ constructor hasOwnProperty
    isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
    """.split()  # noqa: SIM905 - a dozen strings are harder to read
)

_ANNOTATIONS: Final = frozenset({"title", "description", "$comment", "default", "examples", "deprecated", "readOnly"})
_DECIDED: Final = _ANNOTATIONS | {
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
    "items", "minItems", "maxItems", "prefixItems", "uniqueItems",
    "properties", "required", "additionalProperties", "anyOf", "allOf", "$ref",
}  # fmt: skip
"""Keywords that are understood here; with any other one nothing is certain."""


def is_inherited(name: str) -> bool:
    """Whether every object of JavaScript has a property of this name."""
    return name in _INHERITED


def key(name: str) -> str:
    """A property name in an object literal or a type.

    >>> key("a"), key("key-dash"), key("__proto__")
    ('a', '"key-dash"', '["__proto__"]')
    """
    if name == "__proto__":
        return '["__proto__"]'  # bare, it would set the prototype
    return name if name.isidentifier() and name.isascii() else json.dumps(name)


def comment_text(text: str) -> str:
    """A text that may stand between `/**` and `*/`, with its lines."""
    # Half of a surrogate pair has no bytes in a file.
    told = text.encode("utf-8", "replace").decode().replace("*/", "* /")
    return "\n".join("".join(char if char.isprintable() else " " for char in line) for line in told.splitlines())


def literal(value: object) -> str:
    """A JSON value as an expression.

    Raises:
        ValueError: JavaScript has no such number.
    """
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key(name)}: {literal(one)}' for name, one in value.items())} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    # JSON's escapes are TypeScript's; every character beyond ASCII is escaped.
    return json.dumps(value)


def literal_type(value: object) -> str:
    """The type of exactly one scalar; of an array or object, any."""
    return "unknown" if isinstance(value, (dict, list)) else literal(value)


def json_kind(value: object) -> str:
    """The type of a value in the words of JSON Schema; a whole number is an `integer`."""
    if isinstance(value, float) and not value.is_integer():
        return "number"
    # True is an int, so bool comes first.
    kinds = {bool: "boolean", int: "integer", float: "integer", str: "string", list: "array", dict: "object"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "null")


def same(one: object, other: object) -> bool:
    """Whether two values are equal as JSON: 1 is 1.0 and is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return one == other


def certainly_accepts(schema: Any, value: Any, resolve: Callable[[str], Any]) -> bool:  # noqa: ANN401 - any JSON
    """Whether a schema accepts a value, without filling anything in; False also when that is not certain.

    Args:
        schema: any schema.
        value: any JSON value.
        resolve: finds the schema of a `$ref`, or raises LookupError.
    """
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict) or not schema.keys() <= _DECIDED:
        return False
    if "$ref" in schema:
        try:
            target = resolve(schema["$ref"])
        except LookupError:
            return False
        if not certainly_accepts(target, value, resolve):
            return False
    return (
        _has_type(schema, value)
        and _is_listed(schema, value)
        and _is_in_range(schema, value)
        and _has_size(schema, value)
        and _has_parts(schema, value, resolve)
        and all(certainly_accepts(one, value, resolve) for one in _schemas(schema.get("allOf", [])))
        and ("anyOf" not in schema or any(certainly_accepts(one, value, resolve) for one in _schemas(schema["anyOf"])))
    )


def _number(value: float) -> str:
    if math.isinf(float(value)):
        raise ValueError(f"{value} is no number of JavaScript")
    return repr(value)


def _schemas(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else [None]


def _has_type(schema: Mapping[str, Any], value: object) -> bool:
    if "type" not in schema:
        return True
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = json_kind(value)
    return kind in wanted or (kind == "integer" and "number" in wanted)


def _is_listed(schema: Mapping[str, Any], value: object) -> bool:
    if "const" in schema and not same(schema["const"], value):
        return False
    return "enum" not in schema or any(same(one, value) for one in _schemas(schema["enum"]))


def _is_in_range(schema: Mapping[str, Any], value: Any) -> bool:  # noqa: ANN401 - any JSON
    if json_kind(value) not in {"integer", "number"}:
        return True
    try:
        return (
            schema.get("minimum", value) <= value <= schema.get("maximum", value)
            and ("exclusiveMinimum" not in schema or schema["exclusiveMinimum"] < value)
            and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
        )
    except TypeError:
        return False


def _has_size(schema: Mapping[str, Any], value: Any) -> bool:  # noqa: ANN401 - any JSON
    name = {"string": "Length", "array": "Items"}.get(json_kind(value))
    if name is None:
        return True
    size = len(value)
    try:
        return bool(schema.get(f"min{name}", size) <= size <= schema.get(f"max{name}", size))
    except TypeError:
        return False


def _has_parts(schema: Mapping[str, Any], value: Any, resolve: Callable[[str], Any]) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        first = [*_schemas(schema.get("prefixItems", []))]
        wanted = [*first, *[schema.get("items", True)] * len(value)]
        is_unique = not schema.get("uniqueItems") or not any(same(*pair) for pair in combinations(value, 2))
        return is_unique and all(
            certainly_accepts(one, item, resolve) for one, item in zip(wanted, value, strict=False)
        )
    if not isinstance(value, dict):
        return True
    properties = schema.get("properties", {})
    if not isinstance(properties, dict) or not set(schema.get("required", ())) <= value.keys():
        return False
    # A property that would be filled in has to be there: a default is not parsed again.
    if any(isinstance(one, dict) and "default" in one and name not in value for name, one in properties.items()):
        return False
    rest = schema.get("additionalProperties", True)
    return all(certainly_accepts(properties.get(name, rest), one, resolve) for name, one in value.items())

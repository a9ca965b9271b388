"""Checks the nodes of a contract: what it says, in the words of JSON Schema, about one value of a document.

Only keys that Protogate reads are checked. Any other one may stand beside them: `default`, `examples`, `x-...`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from protogate.crosscheck.contracts.problems import Problems, nearest, path_of
from protogate.crosscheck.values import fits, same, show

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import TypeAlias

    from protogate.crosscheck.contracts.positions import Pointer
    from protogate.crosscheck.shapes import Kind, Scalar

    Check: TypeAlias = Callable[[Any, Pointer, Problems], None]
    """Checks the value that stands at a pointer."""

__all__ = ["TYPES", "check_block", "check_definitions", "is_node"]

TYPES: Final = ("string", "integer", "number", "boolean", "null", "array", "object")
"""What `type` can say."""

_SCALARS: Final = (str, int, float, bool, type(None))
_STRING: Final = frozenset({str})


def check_block(value: object, pointer: Pointer, problems: Problems) -> None:
    """Check `input`, `output` or `payload`: an object with a node for each field."""
    if not isinstance(value, dict):
        problems.wrong_shape(pointer, value, "an object with a key for each field")
        return
    for name, node in value.items():
        if isinstance(node, dict):
            _check_node(node, (*pointer, name), problems)
        else:
            problems.wrong_shape((*pointer, name), node, "an object", _field_hint(name, pointer))


def check_definitions(value: object, pointer: Pointer, problems: Problems) -> None:
    """Check an object of nodes: `properties`, and what others refer to by `$ref`."""
    if not isinstance(value, dict):
        problems.wrong_shape(pointer, value, "an object")
        return
    for name, node in value.items():
        _check_node(node, (*pointer, name), problems)


def is_node(value: object) -> bool:
    """Tell whether a value can be read as a node; a reference may lead anywhere."""
    problems = Problems()
    _check_node(value, (), problems)
    return not problems.failed


def _field_hint(name: str, pointer: Pointer) -> str:
    if name in _CHECKS:
        return f"each key of {path_of(pointer)!r} is a field; what is said about a field stands one level deeper"
    return 'describe the field, as in {"type": "string"}'


def _check_node(node: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(node, dict):
        problems.wrong_shape(pointer, node, "an object")
        return
    for key, value in node.items():
        check = _CHECKS.get(key)
        if check is not None:
            check(value, (*pointer, key), problems)
    if "type" in node and ("enum" in node or "const" in node):
        _check_kinds(node, pointer, problems)


def _check_text(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, str):
        problems.wrong_shape(pointer, value, "a string")


def _check_flag(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.wrong_shape(pointer, value, "true or false")


def _check_number(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        problems.wrong_shape(pointer, value, "a number")


def _check_type(value: object, pointer: Pointer, problems: Problems) -> None:
    if isinstance(value, str):
        if value not in TYPES:
            _warn_of_type(value, pointer, problems)
    elif not isinstance(value, list) or not value:
        problems.wrong_shape(pointer, value, "a string, or an array of strings,")
    else:
        for index, one in enumerate(value):
            if not isinstance(one, str):
                problems.wrong_shape((*pointer, index), one, "a string")
            elif one not in TYPES:
                _warn_of_type(one, (*pointer, index), problems)


def _warn_of_type(name: str, pointer: Pointer, problems: Problems) -> None:
    message = f"{path_of(pointer)!r}: {show(name)} is no type of JSON"
    problems.warn("contract/unknown-type", pointer, message, nearest(name, TYPES))


def _check_required(value: object, pointer: Pointer, problems: Problems) -> None:
    # Of a field it says whether the field is, of an object which of its keys are.
    if isinstance(value, list):
        for index, one in enumerate(value):
            _check_text(one, (*pointer, index), problems)
    elif not isinstance(value, bool):
        problems.wrong_shape(pointer, value, "true, false or an array of keys")


def _check_scalar(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, _SCALARS):
        problems.wrong_shape(pointer, value, "a string, a number, true, false or null")


def _check_enum(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, list) or not value:
        hint = "list at least one value" if isinstance(value, list) else ""
        problems.wrong_shape(pointer, value, "an array of values", hint)
        return
    if _STRING.issuperset(map(type, value)) and len(set(value)) == len(value):
        return
    seen: dict[Hashable, int] = {}
    for index, one in enumerate(value):
        if not isinstance(one, _SCALARS):
            _check_scalar(one, (*pointer, index), problems)
            continue
        first = seen.setdefault(same(one), index)
        if first != index and problems.has_room():
            message = f"{path_of(pointer)!r} has {show(one)} twice"
            problems.warn("contract/duplicate-value", (*pointer, index), message, "remove one of them")


def _check_kinds(node: dict[str, Any], pointer: Pointer, problems: Problems) -> None:
    """Warn of listed values that are not of the declared type; of wrong shapes others have spoken."""
    declared = node["type"]
    kinds = [declared] if isinstance(declared, str) else declared
    if not isinstance(kinds, list) or not all(kind in TYPES for kind in kinds):
        return
    if node.get("nullable") is True:
        kinds = [*kinds, "null"]
    values = node.get("enum")
    for index, value in enumerate(values if isinstance(values, list) else ()):
        _check_kind(value, kinds, (*pointer, "enum", index), problems)
    if "const" in node:
        _check_kind(node["const"], kinds, (*pointer, "const"), problems)


def _check_kind(value: Scalar, kinds: list[str], pointer: Pointer, problems: Problems) -> None:
    if (kinds == ["string"] and isinstance(value, str)) or not isinstance(value, _SCALARS):
        return
    if not any(fits(value, cast("Kind", kind)) for kind in kinds) and problems.has_room():
        message = f"{path_of(pointer)!r}: {show(value)} is not of the type {' or '.join(kinds)}"
        problems.warn("contract/enum-type", pointer, message, "correct the value, or the type beside it")


def _check_nodes(value: object, pointer: Pointer, problems: Problems) -> None:
    if not isinstance(value, list) or not value:
        problems.wrong_shape(
            pointer, value, "an array of objects", "list at least one" if isinstance(value, list) else ""
        )
        return
    for index, node in enumerate(value):
        _check_node(node, (*pointer, index), problems)


def _check_node_or_flag(value: object, pointer: Pointer, problems: Problems) -> None:
    if isinstance(value, dict):
        _check_node(value, pointer, problems)
    elif not isinstance(value, bool):
        hint = "a tuple is written with 'prefixItems'" if pointer[-1] == "items" and isinstance(value, list) else ""
        problems.wrong_shape(pointer, value, "an object", hint)


_CHECKS: Final[dict[str, Check]] = {
    "type": _check_type,
    "required": _check_required,
    "description": _check_text,
    "format": _check_text,
    "nullable": _check_flag,
    "enum": _check_enum,
    "const": _check_scalar,
    "properties": check_definitions,
    "propertyNames": _check_node_or_flag,
    "additionalProperties": _check_node_or_flag,
    "items": _check_node_or_flag,
    "prefixItems": _check_nodes,
    "oneOf": _check_nodes,
    "anyOf": _check_nodes,
    "allOf": _check_nodes,
    "minimum": _check_number,
    "maximum": _check_number,
    "$ref": _check_text,
}

"""The blocks of a contract in the words of JSON Schema, so that a validator of others can judge documents by them."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

__all__ = ["validator_of"]

_NODES = ("items", "additionalProperties", "propertyNames")


def validator_of(block: dict[str, Any], definitions: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator for the documents that a block describes; formats are not looked at."""
    schema = {
        **_object({"type": "object", "properties": block}),
        "$defs": {name: _node(node) for name, node in definitions.items()},
    }
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=False)


def _node(node: dict[str, Any]) -> dict[str, Any]:
    made = {key: _node(value) if key in _NODES and isinstance(value, dict) else value for key, value in node.items()}
    made.pop("required", None)
    if "properties" in made:
        made = _object(made)
    if made.pop("nullable", False) and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _object(node: dict[str, Any]) -> dict[str, Any]:
    """What a contract says of fields being there stands with the fields; JSON Schema says it of the object."""
    properties = node["properties"]
    return {
        "additionalProperties": False,
        **node,
        "properties": {name: _node(one) for name, one in properties.items()},
        "required": [name for name, one in properties.items() if one.get("required")],
    }

"""The JSON Schema of models, brought to what documents really look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogate.models.layout import Omit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.models.layout import Layout

__all__ = ["tidy_schema"]

_NULL = {"type": "null"}


def tidy_schema(schema: dict[str, Any], layout: Layout, defaults: Mapping[str, Any], *, writing: bool) -> None:
    """Correct pydantic's schema of a model in place: no titles, no zero defaults, no null that is not written."""
    properties = schema.get("properties", {})
    for field in layout.fields:
        described = properties.get(field.json_name)
        if described is None:
            continue
        described.pop("title", None)
        if "patternProperties" in described:
            _close_map(described)
        if "default" in described:
            _tidy_default(described, field.omit)
        if field.attribute in defaults:
            default = defaults[field.attribute]
            described["default"] = default if field.to_json is None else field.to_json(default)
        if writing and field.omit == Omit.NONE and field.json_name not in layout.nullable:
            _drop_null(described)


def _close_map(described: dict[str, Any]) -> None:
    # As pydantic writes it, keys that do not match may hold anything.
    [(pattern, values)] = described.pop("patternProperties").items()
    described["propertyNames"] = {"pattern": pattern, **described.get("propertyNames", {})}
    described["additionalProperties"] = values


def _tidy_default(described: dict[str, Any], omit: int) -> None:
    # Zero values as Python spells them ("" for bytes, 0 for enums) help no reader of the schema.
    if described["default"] is None or omit in {Omit.EMPTY, Omit.ZERO_FLOAT}:
        del described["default"]


def _drop_null(described: dict[str, Any]) -> None:
    choices = [choice for choice in described.get("anyOf", ()) if choice != _NULL]
    if len(choices) == 1:
        del described["anyOf"]
        described.update(choices[0])
    elif choices:
        described["anyOf"] = choices

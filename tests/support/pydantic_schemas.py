"""What pydantic says of types at run time: JSON Schema, brought to the words that documents are described with here."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from pydantic_core import core_schema

    from protogate.crosscheck.shapes import Direction

__all__ = ["INVALID", "runtime_schema", "runtime_schemas"]

INVALID: Final = "x-not-in-documents"
"""Stands in the schema of what JSON Schema cannot describe."""

_MODES: Final[dict[Direction, Literal["validation", "serialization"]]] = {
    "input": "validation",
    "output": "serialization",
}


class _Schemas(GenerateJsonSchema):
    """Schemas of documents as they are written: a default is written too, so its key is always there.

    What `json_schema_extra` puts into the text of a schema says nothing about documents and is left out.
    """

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as pydantic declares it

    def generate_inner(self, schema: Any) -> Any:  # noqa: ANN401 - as pydantic has it
        metadata = schema.get("metadata") or {}
        if "pydantic_js_extra" in metadata:
            schema = {**schema, "metadata": {key: one for key, one in metadata.items() if key != "pydantic_js_extra"}}
        return super().generate_inner(schema)

    def _update_class_schema(self, json_schema: Any, cls: Any, config: Any) -> None:  # noqa: ANN401 - as pydantic has it
        plain = {key: one for key, one in config.items() if key != "json_schema_extra"}
        super()._update_class_schema(json_schema, cls, plain)  # type: ignore[arg-type]  # a TypedDict, less a key

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: FBT001 - as pydantic calls it
    ) -> bool:
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Any:  # noqa: ANN401 - as pydantic has it
        del schema
        return {INVALID: error_info}


def runtime_schema(kind: Any, direction: Direction) -> dict[str, Any]:  # noqa: ANN401 - a class or any type
    """Return the JSON Schema of a type, as documents of one direction are described."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TypeAdapter(kind).json_schema(mode=_MODES[direction], schema_generator=_Schemas)


def runtime_schemas(adapters: dict[str, TypeAdapter[Any]], direction: Direction) -> tuple[dict[str, Any], Any]:
    """Return the schemas of many types by name, and the definitions that they share."""
    mode: Literal["validation", "serialization"] = _MODES[direction]
    inputs: list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
        (name, mode, adapter) for name, adapter in adapters.items()
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_key, shared = TypeAdapter.json_schemas(inputs, schema_generator=_Schemas)
    return {name: schema for (name, _), schema in by_key.items()}, shared.get("$defs", {})

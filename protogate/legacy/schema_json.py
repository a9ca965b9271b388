"""Legacy schemas as JSON: what the registry keeps, and what versions are told by."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from protogate.findings import Place
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["content_digest", "schema_from_json", "schema_to_json"]

_DEFAULTS: Final = LegacyField("", LegacyKind.ANY)._asdict()
_SPECIAL: Final = frozenset({"name", "kind", "place", "values", "fields", "default"})


def schema_to_json(schema: LegacySchema) -> dict[str, Any]:
    """Give all of a schema but the notes; members that say nothing are left out."""
    document: dict[str, Any] = {
        "name": schema.name,
        "format": schema.format.value,
        "place": str(schema.place),
        "fields": _fields(schema.fields),
    }
    if schema.definitions:
        document["definitions"] = {name: _fields(fields) for name, fields in sorted(schema.definitions.items())}
    return document


def schema_from_json(document: dict[str, Any]) -> LegacySchema:
    """Read what `schema_to_json` wrote."""
    return LegacySchema(
        document["name"],
        SchemaFormat(document["format"]),
        _read_fields(document["fields"]),
        _read_place(document["place"]),
        {name: _read_fields(fields) for name, fields in document.get("definitions", {}).items()},
    )


def content_digest(schema: LegacySchema) -> str:
    """SHA-256 over what a schema says, in hex: not where it stands, not how it is described, nor in what order."""
    content: dict[str, Any] = {"name": schema.name, "fields": _content(schema.fields)}
    if schema.definitions:
        content["definitions"] = {name: _content(fields) for name, fields in schema.definitions.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _fields(fields: Sequence[LegacyField]) -> list[dict[str, Any]]:
    return [_field(field) for field in fields]


def _field(field: LegacyField) -> dict[str, Any]:
    document: dict[str, Any] = {"name": field.name, "kind": field.kind.value}
    document |= {
        name: value
        for name, value in field._asdict().items()
        if name not in _SPECIAL and value != _DEFAULTS[name]
    }  # fmt: skip
    if field.place.file:
        document["place"] = str(field.place)
    if field.values:
        document["values"] = list(field.values)
    if field.default is not NO_DEFAULT:
        document["default"] = field.default
    if field.fields:
        document["fields"] = _fields(field.fields)
    return document


def _content(fields: Sequence[LegacyField]) -> list[dict[str, Any]]:
    documents = []
    for field in fields:
        document = _field(field)
        for name in ("place", "description"):
            document.pop(name, None)
        if field.fields:
            document["fields"] = _content(field.fields)
        documents.append(document)
    return sorted(documents, key=lambda one: str(one["name"]))


def _read_fields(documents: Sequence[dict[str, Any]]) -> tuple[LegacyField, ...]:
    return tuple(map(_read_field, documents))


def _read_field(document: dict[str, Any]) -> LegacyField:
    given = {name: value for name, value in document.items() if name not in _SPECIAL}
    return LegacyField(
        document["name"],
        LegacyKind(document["kind"]),
        _read_place(document.get("place", "")),
        values=tuple(document.get("values", ())),
        fields=_read_fields(document.get("fields", ())),
        default=document.get("default", NO_DEFAULT),
        **given,
    )


def _read_place(text: str) -> Place:
    name, _, line = text.rpartition(":")
    if name and line.isdecimal() and not name.endswith(":/"):
        return Place(name, int(line))
    return Place(text)

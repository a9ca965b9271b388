"""Tags of fields and messages, kept in the metadata of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.errors import InvalidSchemaError
from registry.server.answers import RULE_SET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from registry.values import StoredVersion

__all__ = ["tagged"]


def tagged(version: StoredVersion, request: Mapping[str, Any]) -> dict[str, object]:
    """The metadata of a version after a request to tag it.

    Confluent's registry writes such tags into the schema; here the schema stays what its author wrote.
    """
    metadata: dict[str, object] = {**version.metadata, **_object(request, "metadata")}
    tags = {path: list(names) for path, names in _object(metadata, "tags").items()}
    for path, names in _entities(request.get("tagsToAdd")):
        tags[path] = [*tags.get(path, ()), *(name for name in names if name not in tags.get(path, ()))]
    for path, names in _entities(request.get("tagsToRemove")):
        tags[path] = [name for name in tags.get(path, ()) if name not in names]
    metadata["tags"] = {path: names for path, names in tags.items() if names}
    rules = _object(request, RULE_SET)
    return {**metadata, RULE_SET: rules} if rules else metadata


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name) or {}
    if not isinstance(value, dict):
        raise InvalidSchemaError(f"{name} must be an object")
    return value


def _entities(sent: object) -> Iterator[tuple[str, list[str]]]:
    if sent is None:
        return
    if not isinstance(sent, list):
        raise InvalidSchemaError("tagsToAdd and tagsToRemove must be lists")
    for each in sent:
        entity = each.get("schemaEntity") if isinstance(each, dict) else None
        path = entity.get("entityPath") if isinstance(entity, dict) else None
        names = each.get("tags") if isinstance(each, dict) else None
        if not isinstance(path, str) or not isinstance(names, list):
            raise InvalidSchemaError("a tag needs schemaEntity.entityPath and tags")
        yield path, [str(name) for name in names]

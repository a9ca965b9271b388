"""`/schemas`: by id, by GUID, all of them."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from registry.errors import SchemaNotFoundError
from registry.server.answers import answer, schema_fields, text_answer, version_fields
from registry.server.lookups import bounds_of, context_of_call, listed_subjects, number_in, page_of, qualify
from registry.server.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.server.desk import Desk
    from registry.server.http import Call, Reply
    from registry.values import StoredVersion

__all__ = ["ROUTES"]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _types(_desk: Desk, _call: Call) -> Reply:
    return answer(["PROTOBUF"])


def _all(desk: Desk, call: Call) -> Reply:
    subjects = listed_subjects(desk, call)
    versions = (one for subject in subjects for one in _of_subject(desk, subject, call))
    # Page by page: all versions of a large registry do not fit into one answer.
    return answer([version_fields(one, call) for one in islice(versions, *bounds_of(call))])


def _of_subject(desk: Desk, subject: str, call: Call) -> Iterator[StoredVersion]:
    deleted = call.flag("deleted")
    # Straight from the store: a subject that vanishes under the list is no error.
    if not call.flag("latestOnly", "latest_only"):
        yield from desk.store.versions(subject, deleted=deleted)
    elif (latest := desk.store.latest(subject, deleted=deleted)) is not None:
        yield latest


def _by_id(desk: Desk, call: Call) -> Reply:
    version = _version_of_id(desk, call)
    return answer(schema_fields(version, call) | {"guid": version.guid})


def _text_by_id(desk: Desk, call: Call) -> Reply:
    return text_answer(_version_of_id(desk, call), call)


def _subjects_of_id(desk: Desk, call: Call) -> Reply:
    subjects = {subject: None for subject, _ in _uses_of_id(desk, call)}
    return answer(page_of(call, list(subjects)))


def _versions_of_id(desk: Desk, call: Call) -> Reply:
    uses = _uses_of_id(desk, call)
    return answer([{"subject": subject, "version": version} for subject, version in page_of(call, uses)])


def _uses_of_id(desk: Desk, call: Call) -> list[tuple[str, int]]:
    version = _version_of_id(desk, call)
    only = qualify(call.option("subject"), call.context) if call.option("subject") else ""
    uses = desk.registry.uses_of(version.schema_id, version.context, deleted=call.flag("deleted"))
    return [use for use in uses if only in ("", use[0])]


def _version_of_id(desk: Desk, call: Call) -> StoredVersion:
    return desk.registry.by_id(number_in(call.params["id"], 0), context_of_call(call))


def _by_guid(desk: Desk, call: Call) -> Reply:
    version = _version_of_guid(desk, call)
    return answer(schema_fields(version, call) | {"id": version.schema_id, "guid": version.guid})


def _ids_of_guid(desk: Desk, call: Call) -> Reply:
    ids = desk.store.ids_of(_version_of_guid(desk, call).content_id)
    return answer([{"context": context or ".", "id": schema_id} for context, schema_id in ids])


def _version_of_guid(desk: Desk, call: Call) -> StoredVersion:
    guid = call.params["guid"]
    if not _GUID.fullmatch(guid):
        raise SchemaNotFoundError(f"Schema {guid[:40]!a} not found")
    return desk.registry.by_guid(guid)


ROUTES = (
    Route("GET", "/schemas", _all),
    Route("GET", "/schemas/types", _types),
    Route("GET", "/schemas/ids/{id}", _by_id),
    Route("GET", "/schemas/ids/{id}/schema", _text_by_id),
    Route("GET", "/schemas/ids/{id}/subjects", _subjects_of_id),
    Route("GET", "/schemas/ids/{id}/versions", _versions_of_id),
    Route("GET", "/schemas/guids/{guid}", _by_guid),
    Route("GET", "/schemas/guids/{guid}/ids", _ids_of_guid),
)

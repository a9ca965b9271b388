"""`/subjects`: register, look up, list, read, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import SubjectNotFoundError, VersionNotFoundError
from registry.server.answers import answer, text_answer, version_fields
from registry.server.bodies import read_object, read_schema
from registry.server.images import image_reply, image_wanted
from registry.server.lookups import listed_subjects, page_of, subject_in, version_in, wanted
from registry.server.routing import Route, Work
from registry.server.tags import tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from registry.compiler import CompiledSchema
    from registry.server.bodies import SentSchema
    from registry.server.desk import Desk
    from registry.server.http import Call, Reply
    from registry.values import Registered, StoredVersion

__all__ = ["ROUTES", "compile_sent"]


def _list(desk: Desk, call: Call) -> Reply:
    return answer(page_of(call, listed_subjects(desk, call)))


def _look_up(desk: Desk, call: Call) -> Reply:
    subject = subject_in(call)
    compiled = compile_sent(desk, subject, read_schema(call), call)
    return answer(version_fields(desk.registry.lookup(subject, compiled, deleted=call.flag("deleted")), call))


def _register(desk: Desk, call: Call) -> Callable[[], Reply]:
    subject, sent = subject_in(call), read_schema(call)
    compiled = compile_sent(desk, subject, sent, call)
    return lambda: _registered(
        desk.registry.register(
            subject,
            compiled,
            metadata=sent.metadata or None,
            schema_id=sent.schema_id,
            version=sent.version,
        )
    )


def _registered(registered: Registered) -> Reply:
    # Without the schema: clients then remember what they sent, not the text of whoever sent the same content first.
    stored = registered.stored
    return answer({"id": stored.schema_id, "version": stored.version, "guid": stored.guid})


def compile_sent(desk: Desk, subject: str, sent: SentSchema, call: Call) -> CompiledSchema:
    """Compile the schema of a request, which is meant for a subject."""
    return desk.registry.compile(sent.source, sent.references, subject=subject, normalize=call.flag("normalize"))


def _versions(desk: Desk, call: Call) -> Reply:
    subject = subject_in(call)
    only = call.flag("deletedOnly", "deleted_only")
    heads = desk.store.heads(subject, deleted=only or call.flag("deleted"))
    if not heads:
        raise SubjectNotFoundError(f"Subject '{subject}' not found.")
    return answer(page_of(call, [head.version for head in heads if head.deleted or not only]))


def _version(desk: Desk, call: Call) -> Reply:
    image = image_wanted(call.params["version"])
    if image is not None:
        return image_reply(desk, subject_in(call), image, deleted=call.flag("deleted"))
    return answer(version_fields(version_in(desk, call), call))


def _text(desk: Desk, call: Call) -> Reply:
    return text_answer(version_in(desk, call), call)


def _referenced_by(desk: Desk, call: Call) -> Reply:
    version = version_in(desk, call, deleted=True)
    ids = {user.schema_id: None for user in desk.store.referenced_by(version.subject, version.version)}
    return answer(page_of(call, list(ids)))


def _with_metadata(desk: Desk, call: Call) -> Reply:
    subject = subject_in(call)
    pairs = dict(zip(call.query.get("key", ()), call.query.get("value", ()), strict=False))
    for version in reversed(desk.registry.versions(subject, deleted=call.flag("deleted"))):
        if _has_properties(version, pairs):
            return answer(version_fields(version, call))
    raise VersionNotFoundError(f"Subject '{subject}' has no version with this metadata.")


def _has_properties(version: StoredVersion, wanted_pairs: Mapping[str, str]) -> bool:
    properties = version.metadata.get("properties")
    return isinstance(properties, dict) and wanted_pairs.items() <= properties.items()


def _tag(desk: Desk, call: Call) -> Callable[[], Reply]:
    version = version_in(desk, call)
    metadata = tagged(version, read_object(call))
    compiled = desk.registry.compile(version.text, version.references, subject=version.subject)
    return lambda: _registered(desk.registry.register(version.subject, compiled, metadata=metadata))


def _delete_subject(desk: Desk, call: Call) -> Reply:
    return answer(desk.registry.delete_subject(subject_in(call), permanent=call.flag("permanent")))


def _delete_version(desk: Desk, call: Call) -> Reply:
    version = wanted(call.params["version"])
    return answer(desk.registry.delete_version(subject_in(call), version, permanent=call.flag("permanent")))


ROUTES = (
    Route("GET", "/subjects", _list),
    Route("POST", "/subjects/{subject}", _look_up),
    Route("DELETE", "/subjects/{subject}", _delete_subject, Work.WRITE),
    Route("GET", "/subjects/{subject}/metadata", _with_metadata),
    Route("GET", "/subjects/{subject}/versions", _versions),
    Route("POST", "/subjects/{subject}/versions", _register, Work.PREPARED),
    Route("GET", "/subjects/{subject}/versions/{version}", _version),
    Route("DELETE", "/subjects/{subject}/versions/{version}", _delete_version, Work.WRITE),
    Route("GET", "/subjects/{subject}/versions/{version}/schema", _text),
    Route("GET", "/subjects/{subject}/versions/{version}/referencedby", _referenced_by),
    Route("POST", "/subjects/{subject}/versions/{version}/tags", _tag, Work.PREPARED),
)

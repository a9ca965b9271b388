"""Versions in the shape in which clients of Confluent's registry read them."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from registry.server.http import Reply, encode_json
from registry.server.plain_options import without_extensions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.server.http import Call
    from registry.values import Reference, StoredVersion

__all__ = ["RULE_SET", "answer", "identity_fields", "schema_fields", "text_answer", "version_fields"]

RULE_SET = "ruleSet"
"""Stands beside the metadata of a version in the store: clients carry out rules, the registry keeps them."""


def answer(value: Any) -> Reply:  # noqa: ANN401 - any value that JSON can carry
    """An answer of success."""
    return Reply(200, encode_json(value))


def text_answer(version: StoredVersion, call: Call) -> Reply:
    """The schema alone, as it is."""
    return Reply(200, _formatted(version, call.option("format")).encode(), b"text/plain; charset=utf-8")


def identity_fields(version: StoredVersion) -> dict[str, Any]:
    """Which version of which subject it is."""
    return {
        "subject": version.subject,
        "version": version.version,
        "id": version.schema_id,
        "guid": version.guid,
    }


def schema_fields(version: StoredVersion, call: Call) -> dict[str, Any]:
    """The schema in the format that the call asks for."""
    found: dict[str, Any] = {"schemaType": "PROTOBUF", "schema": _formatted(version, call.option("format"))}
    if version.references:
        qualified = "qualified" in (call.option("referenceFormat").lower(), call.option("reference_format").lower())
        found["references"] = [_reference_fields(each, version, qualified=qualified) for each in version.references]
    return found | _metadata_fields(version.metadata)


def version_fields(version: StoredVersion, call: Call) -> dict[str, Any]:
    """A registered schema: identity and content."""
    fields = identity_fields(version) | schema_fields(version, call)
    return fields | {"deleted": True} if version.deleted else fields


def _formatted(version: StoredVersion, name: str) -> str:
    # As in Confluent's registry, a format that is not known gives the plain text: later clients may know more.
    match name.lower():
        case "serialized":
            return b64encode(version.descriptor).decode()
        case "ignore_extensions":
            return without_extensions(version)
        case _:
            return version.text


def _reference_fields(reference: Reference, version: StoredVersion, *, qualified: bool) -> dict[str, Any]:
    subject = reference.subject
    if qualified and version.context and not subject.startswith(":."):
        subject = f":{version.context}:{subject}"
    return {"name": reference.name, "subject": subject, "version": reference.version}


def _metadata_fields(stored: Mapping[str, object]) -> dict[str, object]:
    if not stored:
        return {}
    metadata = {name: value for name, value in stored.items() if name != RULE_SET}
    fields: dict[str, object] = {"metadata": metadata} if metadata else {}
    return fields | {RULE_SET: stored[RULE_SET]} if RULE_SET in stored else fields

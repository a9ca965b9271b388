"""What clients send: JSON objects, of which only what is known is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from registry.errors import (
    InvalidAccessModeError,
    InvalidError,
    InvalidLevelError,
    InvalidRuleSetError,
    InvalidSchemaError,
)
from registry.server.answers import RULE_SET
from registry.server.lookups import qualify
from registry.values import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.server.http import Call

__all__ = ["BadJsonError", "SentSchema", "read_level", "read_mode", "read_object", "read_schema"]


class BadJsonError(InvalidError):
    """The body is no JSON object."""

    status = 400
    code = 400


@dataclass(frozen=True, slots=True)
class SentSchema:
    """The schema of a request."""

    source: str
    """Protobuf text, or base64 of a descriptor."""
    references: tuple[Reference, ...]
    metadata: Mapping[str, object]
    schema_id: int
    version: int


def read_object(call: Call) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        BadJsonError: it is something else.
    """
    try:
        value = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise BadJsonError(f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadJsonError("the body must be a JSON object")
    return value


def read_schema(call: Call) -> SentSchema:
    """The schema of a body.

    Raises:
        BadJsonError: the body is no JSON object.
        InvalidSchemaError: there is no schema, or one of another kind than Protobuf.
        InvalidRuleSetError: the rules are no object.
    """
    body = read_object(call)
    kind = body.get("schemaType")
    if kind != "PROTOBUF":
        shown = "no schemaType, which means AVRO" if kind is None else f"schemaType {str(kind)[:40]!a}"
        raise InvalidSchemaError(f"{shown}: this registry keeps PROTOBUF only")
    source = body.get("schema")
    if not isinstance(source, str) or not source.strip():
        raise InvalidSchemaError("the schema is empty")
    if not source.isascii() and any("\ud800" <= character <= "\udfff" for character in source):
        raise InvalidSchemaError("the schema holds half a surrogate pair, which is no text")
    return SentSchema(
        source,
        _references(body.get("references"), call.context),
        _metadata(body),
        _number(body, "id"),
        _number(body, "version"),
    )


def read_level(call: Call) -> str | None:
    """The compatibility level of a body; None where it holds other settings only."""
    body = read_object(call)
    level = body.get("compatibility", body.get("compatibilityLevel"))
    if level is not None and not isinstance(level, str):
        raise InvalidLevelError(f"compatibility {str(level)[:40]!a}: use a name such as 'FULL'")
    return level.upper() if level is not None else None


def read_mode(call: Call) -> str:
    """The access mode of a body."""
    mode = read_object(call).get("mode")
    if not isinstance(mode, str):
        raise InvalidAccessModeError(f"mode {str(mode)[:40]!a}: use a name such as 'READONLY'")
    return mode.upper()


def _references(sent: object, context: str) -> tuple[Reference, ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list):
        raise InvalidSchemaError("references must be a list")
    return tuple(_reference(each, context) for each in sent)


def _reference(sent: object, context: str) -> Reference:
    if isinstance(sent, dict):
        name, subject, version = sent.get("name"), sent.get("subject"), sent.get("version")
        if isinstance(name, str) and isinstance(subject, str) and _is_version(version):
            return Reference(name, qualify(subject, context), version)
    raise InvalidSchemaError(f"reference {str(sent)[:80]!a}: needs name, subject and version")


def _is_version(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value < 2**31


def _metadata(body: Mapping[str, Any]) -> dict[str, object]:
    metadata, rules = body.get("metadata"), body.get(RULE_SET)
    if metadata is not None and not isinstance(metadata, dict):
        raise InvalidSchemaError("metadata must be an object")
    if rules is not None and not isinstance(rules, dict):
        raise InvalidRuleSetError("ruleSet must be an object")
    found: dict[str, object] = {name: value for name, value in (metadata or {}).items() if value is not None}
    found.pop(RULE_SET, None)
    return found | {RULE_SET: rules} if rules else found


def _number(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    # Clients write 0 or -1 where they mean "choose one".
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

"""The judge of `buf.validate` rules: protovalidate, on the message that a document parses to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import protovalidate
from google.protobuf import json_format, message_factory

if TYPE_CHECKING:
    from tests.agreement.schemas import Schema

__all__ = ["RuleJudge"]


class RuleJudge:
    """Says whether valid ProtoJSON documents of one schema keep the rules of their contract."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._validator = protovalidate.Validator()
        self._class = lru_cache(maxsize=None)(self._message_class)

    def keeps_rules(self, message: str, text: str) -> bool | None:
        """Whether the document keeps every rule; None when a rule itself fails to evaluate."""
        broken = self.broken(message, text)
        return None if broken is None else not broken

    def broken(self, message: str, text: str) -> list[str] | None:
        """For each broken rule the field, or the oneof, or "" for the whole message."""
        try:
            parsed = json_format.Parse(text, self._class(message)(), descriptor_pool=self._schema.pool)
            violations = self._validator.collect_violations(parsed)
        except (json_format.ParseError, protovalidate.EvaluationError):
            return None
        return [_field(violation) for violation in violations]

    def _message_class(self, name: str) -> type:
        return message_factory.GetMessageClass(self._schema.pool.FindMessageTypeByName(name))


def _field(violation: protovalidate.Violation) -> str:
    elements = violation.proto.field.elements if violation.proto.field else []
    return elements[0].field_name if elements else ""

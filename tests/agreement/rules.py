"""The judge of `buf.validate` rules: protovalidate, on the message that a document parses to."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import protovalidate
from google.protobuf import json_format, message_factory

from tests.agreement.kinds import is_map, map_entry

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from tests.agreement.schemas import Schema

__all__ = ["NotCarried", "RuleJudge"]

NotCarried = tuple[str, str]
"""An element's full name and the rule of it that a target does not carry."""


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

    def breaks_only(self, message: str, text: str, silent: frozenset[NotCarried]) -> bool:
        """Whether all that the document breaks are rules that a target says it does not carry."""
        parsed = json_format.Parse(text, self._class(message)(), descriptor_pool=self._schema.pool)
        root = self._schema.pool.FindMessageTypeByName(message)
        violations = self._validator.collect_violations(parsed)
        return all(silent & set(product(_elements(root, one), _names(one))) for one in violations)

    def _message_class(self, name: str) -> type:
        return message_factory.GetMessageClass(self._schema.pool.FindMessageTypeByName(name))


def _field(violation: protovalidate.Violation) -> str:
    elements = violation.proto.field.elements if violation.proto.field else []
    return elements[0].field_name if elements else ""


def _names(violation: protovalidate.Violation) -> set[str]:
    """What a report may call the rule: by the id of its violation, or by its place in the option."""
    found = {violation.proto.rule_id, f"cel:{violation.proto.rule_id}"}
    path = [element.field_name for element in violation.proto.rule.elements] if violation.proto.rule else []
    return found | {".".join(path[start:]) for start in range(len(path))}


def _elements(message: Descriptor, violation: protovalidate.Violation) -> frozenset[str]:
    """The last field on the violation's path, the message around it and the one in it."""
    found = {message.full_name}
    for element in violation.proto.field.elements if violation.proto.field else []:
        oneof = message.oneofs_by_name.get(element.field_name)
        if oneof is not None:
            return frozenset({oneof.full_name, message.full_name})
        field = message.fields_by_name[element.field_name]
        found = {field.full_name, message.full_name}
        inside = map_entry(field)[1] if is_map(field) else field
        if inside.message_type is not None:
            message = inside.message_type
            found.add(message.full_name)
    return frozenset(found)

"""What serializers write is what contracts describe, as far as it keeps the rules; what breaks them is refused.

protobuf's own json_format writes the documents and protovalidate judges them.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest
from google.protobuf import json_format, message_factory

from protoc_gen_protogate.targets.contract.messages import Messages, Part
from protogate.descriptors import Schema as Described
from tests.agreement.kinds import is_map, map_entry
from tests.agreement.pool_development import DEVELOPMENT
from tests.agreement.probes import Depth, probes_for
from tests.agreement.rules import RuleJudge
from tests.agreement.schemas import SCHEMAS, load
from tests.targets.contract.contract_schemas import validator_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jsonschema_rs
    from google.protobuf.message import Message

    from protoc_gen_protogate.targets.contract.values import Direction
    from tests.agreement.rules import NotCarried
    from tests.agreement.schemas import Schema

FORMATS = frozenset({"email", "hostname", "ipv4", "ipv6", "uri", "uri_ref", "uuid"})
"""Told by `format`, which names the same things; how strict it is, is up to who reads it."""


class Contracts:
    """Every message of a schema as the block of a contract, in both directions."""

    def __init__(self, schema: Schema) -> None:
        self._described = Described(schema.file_set.file, schema.files)
        self._messages = Messages(self._described)
        self._gaps: set[NotCarried] = set()
        self._has_behaviors = self._described.options.knows("google.api.field_behavior")
        self._validator = cache(self._make)

    def accepts(self, message: str, text: str) -> bool:
        """Whether the server may write the document."""
        return self._validator(message, "output").is_valid(json.loads(text))

    def takes(self, message: str, text: str) -> bool:
        """Whether callers may send the document; not asked where `field_behavior` says more than the rules."""
        return self._has_behaviors or self._validator(message, "input").is_valid(json.loads(text))

    def left_out(self) -> frozenset[NotCarried]:
        """The rules that the contracts so far leave out."""
        return frozenset(self._gaps)

    def is_extendable(self, message: str) -> bool:
        return self._described.messages[message].is_extendable

    def _make(self, message: str, direction: Direction) -> jsonschema_rs.Draft202012Validator:
        block = self._messages.block([Part(self._described.messages[message])], direction)
        self._gaps.update((gap.element, gap.rule) for gap in block.gaps)
        return validator_of(block.fields, block.definitions)


def known_enums(message: Message) -> bool:
    """Whether all enums of a message, and of those in it, hold numbers that have a name."""
    for field, value in message.ListFields():
        kind = map_entry(field)[1] if is_map(field) else field
        values = value.values() if is_map(field) else value if field.is_repeated else [value]
        if kind.enum_type is not None and not all(one in kind.enum_type.values_by_number for one in values):
            return False
        if kind.message_type is not None and not all(map(known_enums, values)):
            return False
    return True


def documents(schema: Schema) -> Iterator[tuple[str, str]]:
    """Canonical documents, each after the name of its message."""
    for probe in probes_for(schema, DEVELOPMENT, Depth()):
        kind = message_factory.GetMessageClass(schema.pool.FindMessageTypeByName(probe.message))
        try:
            message = json_format.Parse(probe.text, kind(), descriptor_pool=schema.pool)
            text = json_format.MessageToJson(message, descriptor_pool=schema.pool, indent=None)
        except (json_format.Error, ValueError, TypeError, OverflowError):
            continue
        # proto2's required is the parser's business, and json_format leaves it to who wants to know.
        if message.IsInitialized() and known_enums(message):
            yield probe.message, text


@pytest.mark.parametrize("name", SCHEMAS)
def test_contracts_describe_what_serializers_write_and_rules_allow(name: str) -> None:
    schema = load(name)
    judge = RuleJudge(schema)
    contracts = Contracts(schema)
    refused: list[tuple[str, str]] = []
    missed: list[tuple[str, str]] = []
    seen: Counter[bool] = Counter()
    for message, text in documents(schema):
        keeps_rules = judge.keeps_rules(message, text) if schema.has_rules else True
        if keeps_rules is None or contracts.is_extendable(message):
            continue
        seen[keeps_rules] += 1
        accepted = contracts.accepts(message, text)
        if keeps_rules and not (accepted and contracts.takes(message, text)):
            refused.append((message, text))
        if accepted and not keeps_rules:
            missed.append((message, text))
    left_out = contracts.left_out() | formats_of(schema)
    assert refused == []
    assert [one for one in missed if not judge.breaks_only(*one, left_out)] == []
    assert seen[True] > 100
    assert not schema.has_rules or seen[False] > 100


def formats_of(schema: Schema) -> frozenset[NotCarried]:
    """The elements of a schema with every format that strings can have."""
    fields = (field.full_name for message in schema.messages for field in message.fields)
    return frozenset((field, f"string.{form}") for field in fields for form in FORMATS)

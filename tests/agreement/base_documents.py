"""Documents that keep every rule of their message: the ground on which one field is probed at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.agreement.kinds import element_kind, is_map, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from tests.agreement.rule_values import RuleValues
    from tests.agreement.rules import RuleJudge
    from tests.agreement.values import Pool

__all__ = ["BaseDocuments", "render"]

_ROUNDS = 12
_TRIES = 400


class BaseDocuments:
    """Finds, for a message, members that keep its rules; members are JSON texts by field."""

    def __init__(self, judge: RuleJudge, values: RuleValues, pool: Pool) -> None:
        self._judge = judge
        self._values = values
        self._pool = pool
        self._known: dict[str, dict[str, str]] = {}

    def base(self, message: Descriptor) -> dict[str, str]:
        """Members of a document that keeps all rules, as few as possible; empty when none was found."""
        if message.full_name not in self._known:
            self._known[message.full_name] = {}
            self._known[message.full_name] = self._search(message)
        return self._known[message.full_name]

    def _search(self, message: Descriptor) -> dict[str, str]:
        members = {field.name: self._first(field) for field in message.fields if field.is_required}
        for _ in range(_ROUNDS):
            broken = self._judge.broken(message.full_name, render(members))
            if not broken:
                return members
            members = self._better(message, members, broken)
        return {}

    def _better(self, message: Descriptor, members: dict[str, str], broken: list[str]) -> dict[str, str]:
        """The members with one field changed so that fewer rules are broken."""
        best, fewest = members, len(broken)
        for field in _culprits(message, broken):
            for value in self._candidates(field):
                changed = {**members, field.name: value}
                left = self._judge.broken(message.full_name, render(changed))
                if left is not None and len(left) < fewest:
                    best, fewest = changed, len(left)
                if fewest == 0:
                    return best
            if best is not members:
                return best
        return best

    def _candidates(self, field: FieldDescriptor) -> Iterator[str]:
        around = [text for text in self._values.texts(field)[:_TRIES] if _is_json(text)]
        yield from (self._first(field), *around)
        if not field.is_repeated and element_kind(field) not in {"message", "enum"}:
            yield from self._pool.kinds[element_kind(field)].good

    def _first(self, field: FieldDescriptor) -> str:
        if is_map(field):
            return "{}"
        kind = element_kind(field)
        if kind == "message":
            inner = render(self.base(message_of(field)))
            return f"[{inner}]" if field.is_repeated else inner
        single = "1" if kind == "enum" else self._pool.kinds[kind].good[-1]
        return f"[{single}]" if field.is_repeated else single


def render(members: Mapping[str, str]) -> str:
    """The JSON text of an object with these members."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members.items()) + "}"


def _culprits(message: Descriptor, broken: list[str]) -> list[FieldDescriptor]:
    """The fields to change: those that are named, the members of named oneofs, else all."""
    names = set(broken)
    found = [
        field
        for field in message.fields
        if field.name in names or (field.containing_oneof is not None and field.containing_oneof.name in names)
    ]
    return [*found, *(field for field in message.fields if field not in found)]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True

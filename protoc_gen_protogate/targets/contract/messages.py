"""Messages as the blocks of a contract: `input`, `output`, `payload`.

A message that a block holds once stands where it is held. One that it holds several times, or that holds itself, is
defined once under `$defs`: so a contract grows with the types that it uses and not with the ways to them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.contract.fields import Key, describe, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protoc_gen_protogate.targets.contract.fields import Fields, Gap, Holder
    from protoc_gen_protogate.targets.contract.values import Direction, Node
    from protogate.descriptors import Field, Message, Schema

__all__ = ["Block", "Messages", "Part"]

_DEEPEST: Final = 12
"""Messages inside each other, then comes a definition: nobody reads deeper, and readers bound the depth of JSON."""


class Part(NamedTuple):
    """Fields that stand at the top of a block."""

    message: Message
    names: frozenset[str] | None = None
    """Which of its fields, in the path or the query, because a body holds the others; None for all."""
    demanded: frozenset[str] = frozenset()
    """Fields that must be there whatever else is said of them."""
    is_optional: bool = False
    """Whether nothing must be there that the message asks for, because all of it may be missing."""


class Block(NamedTuple):
    """One block of a contract."""

    fields: Node
    definitions: Node
    gaps: Sequence[Gap]


class Messages:
    """Describes the messages of a schema; what it finds out about one is kept for all contracts of a run."""

    def __init__(self, schema: Schema) -> None:
        self._schema: Final = schema
        self._fields: Final[dict[tuple[Key, Direction], Fields]] = {}

    def block(self, parts: Sequence[Part], direction: Direction, *, suffix: str = "") -> Block:
        """The block with the fields of all parts; of two with one name the later wins.

        Args:
            parts: what stands at the top.
            direction: whether callers send it or the server writes it.
            suffix: ends the names of definitions, to tell them from those of another block.
        """
        tops = [(part, self.fields_of(Key(part.message.full_name, has_rules=True), direction)) for part in parts]
        top = [(part, holder) for part, found in tops for holder in found.holders if _belongs(holder, part)]
        uses = self._uses([holder for _, holder in top], direction)
        writer = _Writer(self, direction, uses, suffix)
        fields = {holder.field.json_name: _as_part(writer.node(holder, 0), holder.field, part) for part, holder in top}
        gaps = [gap for _, found in tops for gap in found.gaps]
        gaps += [gap for key in uses for gap in self.fields_of(key, direction).gaps]
        return Block(fields, writer.definitions(), gaps)

    def message(self, key: Key) -> Message:
        """The message of a key."""
        return self._schema.messages[key.full_name]

    def _uses(self, holders: Sequence[Holder], direction: Direction) -> Counter[Key]:
        """How often a block with these fields on top would hold each message if all others stood in it once."""
        uses: Counter[Key] = Counter()
        waiting = list(holders)
        while waiting:
            key = waiting.pop().holds
            if key is None:
                continue
            uses[key] += 1
            if uses[key] == 1:
                waiting += (one for one in self.fields_of(key, direction).holders if not one.is_left_out)
        return uses

    def fields_of(self, key: Key, direction: Direction) -> Fields:
        """The fields of a message."""
        found = self._fields.get((key, direction))
        if found is None:
            found = self._fields[key, direction] = describe(self.message(key), direction, has_rules=key.has_rules)
        return found


class _Writer:
    """Puts together one block."""

    def __init__(self, messages: Messages, direction: Direction, uses: Mapping[Key, int], suffix: str) -> None:
        self._messages: Final = messages
        self._direction: Final = direction
        self._uses: Final = uses
        self._suffix: Final = suffix
        self._wanted: Final[dict[Key, str]] = {}

    def node(self, holder: Holder, depth: int) -> Node:
        """The node of a field that is held `depth` messages below the top."""
        if holder.holds is None:
            return holder.node
        element = self._element(holder.holds, depth)
        field = holder.field
        if field.is_repeated:
            return {**holder.node, "items": element}
        return {**holder.node, "additionalProperties": element} if field.is_map else ordered({**holder.node, **element})

    def _element(self, key: Key, depth: int) -> Node:
        if self._uses[key] > 1 or depth >= _DEEPEST:
            name = self._wanted.get(key)
            if name is None:
                name = self._wanted[key] = f"{key.full_name}{'' if key.has_rules else '-without-rules'}{self._suffix}"
            return {"$ref": f"#/$defs/{name}"}
        return {"type": "object", "properties": self._properties(key, depth + 1)}

    def _properties(self, key: Key, depth: int) -> Node:
        holders = self._messages.fields_of(key, self._direction).holders
        return {holder.field.json_name: self.node(holder, depth) for holder in holders if not holder.is_left_out}

    def definitions(self) -> Node:
        """What the nodes so far refer to, and what that refers to, by name."""
        found: Node = {}
        while missing := [(key, name) for key, name in self._wanted.items() if name not in found]:
            for key, name in missing:
                doc = self._messages.message(key).doc
                about = {"description": doc} if doc else {}
                found[name] = {"type": "object", **about, "properties": self._properties(key, 0)}
        return dict(sorted(found.items()))


def _belongs(holder: Holder, part: Part) -> bool:
    name = holder.field.name
    return name in part.demanded or not (holder.is_left_out or (part.names is not None and name not in part.names))


def _as_part(node: Node, field: Field, part: Part) -> Node:
    is_variable = field.name in part.demanded
    if part.names is not None:
        node = ordered({**node, "in": "path" if is_variable else "query"})
    if is_variable:
        return ordered({**node, "required": True})
    if part.is_optional and "required" in node:
        return {key: value for key, value in node.items() if key != "required"}
    return node

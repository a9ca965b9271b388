"""What a message asks of its fields together: which must be there, and which must not be there with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.jsonschema.values import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from protogate.descriptors import Field, Message, Oneof
    from protogate.descriptors.rules import MessageOneofRule

__all__ = ["NULL", "Presence"]

NULL: Final = '{"type": "null"}'


class Presence:
    """Collects the fields of one message of which more is to be said than their own schemas can."""

    __slots__ = ("_in_oneofs", "_is_canonical", "_optional", "_required")

    def __init__(self, *, is_canonical: bool) -> None:
        self._is_canonical: Final = is_canonical
        self._required: Final[list[Field]] = []
        self._in_oneofs: Final[list[Field]] = []
        self._optional: Final[list[Field]] = []

    def add(self, field: Field, *, is_required: bool, has_two_names: bool) -> None:
        """Take note of a field."""
        if is_required:
            self._required.append(field)
        if field.oneof_index is not None:
            self._in_oneofs.append(field)
        elif has_two_names and field.presence and field.proto.proto3_optional:
            self._optional.append(field)

    def is_empty(self) -> bool:
        """Whether nothing is to be said."""
        return not (self._required or self._in_oneofs or self._optional)

    def keywords(
        self,
        message: Message,
        is_required: Callable[[Oneof], bool],
        groups: Sequence[MessageOneofRule],
        zero_of: Callable[[Field], str],
    ) -> Iterator[str]:
        """The keywords `required` and `allOf`, where there is something to say.

        Args:
            message: the message of the fields.
            is_required: whether one member of a oneof must be set.
            groups: fields that rules bind together like a oneof.
            zero_of: the schema of what leaves a field without presence unset.
        """
        alone = [field for field in self._required if len(self._keys_of(field)) == 1]
        if alone:
            yield f'"required": [{", ".join(quote(field.json_name) for field in alone)}]'
        conditions = [_any_key(self._keys_of(field)) for field in self._required if field not in alone]
        conditions += self._oneofs(message, is_required)
        # Parsers refuse both names of an `optional` field, as they do for members of any oneof.
        conditions += [
            f'{{"not": {{"required": [{quote(field.json_name)}, "{field.name}"]}}}}' for field in self._optional
        ]
        for group in groups:
            fields = [field for field in message.fields if field.name in group.fields]
            unset = [(key, NULL if f.presence else zero_of(f)) for f in fields for key in self._keys_of(f)]
            conditions.append(_at_most_one(unset, is_required=group.required))
        if conditions:
            yield '"allOf": [\n        ' + ",\n        ".join(conditions) + "\n      ]"

    def _oneofs(self, message: Message, is_required: Callable[[Oneof], bool]) -> Iterator[str]:
        for oneof in message.oneofs if self._in_oneofs else ():
            unset = [(key, NULL) for field in oneof.fields for key in self._keys_of(field)]
            must_be_set = is_required(oneof)
            if must_be_set or len(unset) > 1:
                yield _at_most_one(unset, is_required=must_be_set)

    def _keys_of(self, field: Field) -> tuple[str, ...]:
        """The names under which a document may hold the field."""
        json_name, name = field.json_name, field.name
        if self._is_canonical or json_name == name:
            return (json_name,)
        if field.parent is not None and any(other.json_name == name for other in field.parent.fields):
            return (json_name,)
        return (json_name, name)


def _at_most_one(keys: Sequence[tuple[str, str]], *, is_required: bool) -> str:
    """Either every key is absent or holds what leaves it unset, or exactly one is neither; that one if required."""
    nothing = ", ".join(f"{quote(key)}: {unset}" for key, unset in keys)
    branches = [] if is_required else [f'{{"properties": {{{nothing}}}}}']
    for key, unset in keys:
        name = quote(key)
        branches.append(f'{{"required": [{name}], "properties": {{{name}: {{"not": {unset}}}}}}}')
    return f'{{"oneOf": [{", ".join(branches)}]}}'


def _any_key(keys: Iterable[str]) -> str:
    return f'{{"anyOf": [{", ".join(f"{{{_required(key)}}}" for key in keys)}]}}'


def _required(key: str) -> str:
    return f'"required": [{quote(key)}]'

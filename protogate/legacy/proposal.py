"""A first mapping, and a first contract, for people to review: never applied by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors import Kind
from protogate.legacy.conversions import REVIEW, ConversionError, converter_source, target_of
from protogate.legacy.mapping import BridgeMapping, ColumnMapping, Conversion, EventNames
from protogate.legacy.mapping_file import dump_mapping
from protogate.legacy.model import LegacyKind
from protogate.legacy.naming import likeness, singular, snake, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Field, Message, Schema
    from protogate.legacy.model import LegacyField, LegacySchema

__all__ = ["Pair", "Proposal", "propose_mapping"]

_SURE: Final = 0.85
"""Likeness from which a pair is proposed without a question."""
_LIKELY: Final = 0.5


class Pair(NamedTuple):
    """A column and the field that it may become."""

    column: str
    field: str
    likeness: float
    reason: str
    conversion: Conversion
    is_sure: bool


class Proposal(NamedTuple):
    """A mapping as far as it could be guessed."""

    mapping: BridgeMapping
    """Pairs that are not sure have the conversion `review`, which is refused until somebody takes it out."""
    pairs: tuple[Pair, ...]
    unmatched: tuple[str, ...]
    """Columns without any field."""

    def text(self) -> str:
        """The file for people, with the reason of each pair."""
        comments = {
            pair.column: f"{pair.reason}, {pair.likeness:.0%}" for pair in self.pairs if pair.reason != "same name"
        }
        comments |= dict.fromkeys(self.unmatched, "no field is like it; map it, or say why not")
        head = (
            "# Proposed; review every line. What says `convert: review` is a guess: correct the field and take the\n"
            "# conversion out. Columns without a field must be mapped, or ignored with a reason.\n"
        )
        return head + dump_mapping(self.mapping, comments)


def propose_mapping(schema: LegacySchema, contract: Schema, *, message: Message, subject: str) -> Proposal:
    """Pair columns with fields by their names and types, each at most once, best pairs first."""
    leaves = _leaves(message)
    ranked = sorted(
        (
            (-score, column_place, field_place, reason, conversion)
            for column_place, column in enumerate(schema.fields)
            for field_place, (path, field) in enumerate(leaves)
            for score, reason, conversion in [_score(column, path, field, schema.name)]
            if score >= _LIKELY
        ),
        key=lambda one: one[:3],
    )
    taken_columns: set[int] = set()
    taken_fields: set[int] = set()
    pairs: dict[int, Pair] = {}
    for negative, column_place, field_place, reason, conversion in ranked:
        if column_place in taken_columns or field_place in taken_fields:
            continue
        taken_columns.add(column_place)
        taken_fields.add(field_place)
        column, path = schema.fields[column_place], leaves[field_place][0]
        is_sure = -negative >= _SURE and conversion is not None
        pairs[column_place] = Pair(column.name, path, -negative, reason, conversion or Conversion(), is_sure)
    ordered = tuple(pairs[place] for place in sorted(pairs))
    unmatched = tuple(one.name for place, one in enumerate(schema.fields) if place not in pairs)
    columns = tuple(
        ColumnMapping(one.column, one.field, one.conversion if one.is_sure else Conversion(REVIEW)) for one in ordered
    ) + tuple(ColumnMapping(name, snake(name), Conversion(REVIEW)) for name in unmatched)
    mapping = BridgeMapping(
        subject=subject,
        table=schema.name,
        message=message.full_name,
        category="_".join(map(singular, words(schema.name.rpartition(".")[2]))),
        key=tuple(field.name for field in schema.key) or (schema.fields[0].name,),
        columns=columns,
        ignored={},
        events=_events(message, contract),
    )
    return Proposal(mapping, ordered, unmatched)


def _events(message: Message, contract: Schema) -> EventNames:
    """Events of the package that are called after the message: `OrderChanged` and `OrderDeleted` of `OrderCreated`."""
    stem = message.full_name.removesuffix("Created").removesuffix("Imported")
    changed, deleted = (
        name if name in contract.messages else "" for name in (f"{stem}Changed", f"{stem}Deleted")
    )  # fmt: skip
    return EventNames(message.full_name, changed, deleted)


def _leaves(message: Message) -> list[tuple[str, Field]]:
    """Fields, and those of nested messages that are no value of their own."""
    found = []
    for field in message.fields:
        found.append((field.name, field))
        is_plain = field.kind is Kind.MESSAGE and not (field.is_repeated or field.is_map)
        if is_plain and target_of(field).name == "json" and not field.type_name.startswith("google."):
            found += [(f"{field.name}.{inner.name}", inner) for inner in field.message.fields]
    return found


def _score(
    column: LegacyField, path: str, field: Field, table: str
) -> tuple[float, str, Conversion | None]:  # fmt: skip
    """How well a column fits a field, why, and the conversion that would take it there; None for none."""
    alike, reason = likeness(column.name, path.replace(".", "_"), table)
    if "." in path:
        inner, _ = likeness(column.name, path.rpartition(".")[2], table)
        if inner > alike:
            alike, reason = inner - 0.05, f"like {path.rpartition('.')[2]} of a part"
    if column.is_key and field.name in {"id", f"{'_'.join(map(singular, words(table)))}_id"} and alike < 1:
        alike, reason = max(alike, 0.9), "the key"
    conversion = _fitting(column, field)
    if conversion is None:
        return alike * 0.6, f"{reason}, but {column.kind.value} for {target_of(field).name}", None
    return alike, reason, conversion


def _fitting(column: LegacyField, field: Field) -> Conversion | None:
    """The simplest conversion that leads from a column to a field."""
    target = target_of(field)
    tries = [Conversion(), *_TRIES.get((target.name, column.kind), ()), *_TRIES_OF_ALL.get(target.name, ())]
    if target.name == "int" and column.kind is LegacyKind.DECIMAL:
        tries.append(Conversion("decimal", {"scale": 2 if column.scale is None else column.scale}))
    if target.is_list and column.kind is LegacyKind.STRING:
        tries.append(Conversion("split", {"separator": ","}))
    for conversion in tries:
        try:
            converter_source(column, field, conversion)
        except ConversionError:
            continue
        return conversion
    return None


_TRIES_OF_ALL: Final[Mapping[str, tuple[Conversion, ...]]] = {
    "timestamp": (Conversion("date"), Conversion("timestamp"), Conversion("timestamp", {"unit": "s"})),
    "bool": (Conversion("boolean"),),
    "date": (Conversion("date"),),
    "json": (Conversion("json"),),
}
"""By what a field takes."""
_TRIES: Final[Mapping[tuple[str, LegacyKind], tuple[Conversion, ...]]] = {
    ("string", LegacyKind.INTEGER): (Conversion("text"),),
    ("string", LegacyKind.NUMBER): (Conversion("text"),),
    ("int", LegacyKind.STRING): (Conversion("integer"),),
}

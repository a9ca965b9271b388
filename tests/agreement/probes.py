"""Writes probes: JSON texts for a message that pick at every field in every way that we know.

A probe carries no expectation: whether its text is a valid document is for the oracles to say.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.agreement.base_documents import BaseDocuments, render
from tests.agreement.kinds import element_kind, enum_of, is_map, map_entry, message_of, shape
from tests.agreement.rule_values import RuleValues
from tests.agreement.rules import RuleJudge
from tests.agreement.values import Pool, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

    from tests.agreement.schemas import Schema

__all__ = ["Depth", "Probe", "probes_for"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One document for one message, and the words under which a table groups it."""

    message: str
    text: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Depth:
    """How many probes to write."""

    repeats: int = 1
    """Fields of one shape that get the whole pool, in each message."""
    schema_repeats: int = 1
    """Fields of one shape that get the whole pool, in a whole schema."""
    sample: int = 4
    """Values for each further field of that shape."""
    rule_sample: int = 30
    """Values for each further field with the same rules."""
    combinations: int = 12
    """Random documents of each message."""


def probes_for(schema: Schema, pool: Pool, depth: Depth) -> tuple[Probe, ...]:
    """All probes of a schema, without doubles, always the same ones."""
    shapes: Counter[str] = Counter()
    ground = Ground.of(schema, pool)
    found: dict[tuple[str, str], Probe] = {}
    for message in schema.messages:
        writer = _Writer(message, pool, random.Random(f"{pool.name}/{message.full_name}"), ground)
        for probe in writer.write(depth, shapes):
            found.setdefault((probe.message, probe.text), probe)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Ground:
    """What probes stand on where a contract has rules."""

    values: RuleValues
    documents: BaseDocuments | None

    @classmethod
    def of(cls, schema: Schema, pool: Pool) -> Ground:
        """The ground of a schema; one without rules needs no search for documents that keep them."""
        values = RuleValues(schema, pool, random.Random(f"{pool.name}/rules"))
        return cls(values, BaseDocuments(RuleJudge(schema), values, pool) if schema.has_rules else None)

    def base(self, message: Descriptor) -> dict[str, str]:
        """Members that keep the rules of a message."""
        return self.documents.base(message) if self.documents else {}


class _Writer:
    """Writes the probes of one message from one pool with one source of chance."""

    def __init__(self, message: Descriptor, pool: Pool, chance: random.Random, ground: Ground) -> None:
        self.ground = ground
        self.message = message
        self.pool = pool
        self.chance = chance
        self.base = {message.fields_by_name[name].json_name: text for name, text in ground.base(message).items()}

    def write(self, depth: Depth, seen_in_schema: Counter[str]) -> Iterator[Probe]:
        yield from self.whole_documents()
        seen: Counter[str] = Counter()
        for field in self.message.fields:
            kind = shape(field)
            whole = seen[kind] < depth.repeats and seen_in_schema[kind] < depth.schema_repeats
            seen[kind] += 1
            seen_in_schema[kind] += 1
            values = list(dict.fromkeys(self.values_of(field)))
            if not whole and len(values) > depth.sample:
                values = self.chance.sample(values, depth.sample)
            for value in values:
                yield self.single(field, value)
            yield from self.around_rules(field, depth, seen_in_schema)
            yield from self.names_of(field, whole=whole)
        for oneof in self.message.oneofs:
            yield from self.oneof_pairs(oneof.fields)
        for number in range(depth.combinations):
            text = self.document(self.message, 0, bad=0.0 if number % 2 else 0.15)
            yield Probe(self.message.full_name, text, "combination", "random document")

    def whole_documents(self) -> Iterator[Probe]:
        texts = (
            "{}", "[]", '""', "null", "1", "true", "{", "", '{"no such field": 1}', '{"noSuchField": null}',
            '{"": 1}', "{} {}", " {} ", '{"[no.such.extension]": 1}', '{"__proto__": {}}', '{"constructor": 1}',
            '{"$schema": "x"}', "{,}", "{}\n", "[{}]",
        )  # fmt: skip
        for text in (*texts, render(self.base)):
            yield Probe(self.message.full_name, text, "document", text)

    def single(self, field: FieldDescriptor, value: str, *, name: str | None = None) -> Probe:
        members = {other: text for other, text in self.base.items() if not _clash(self.message, other, field)}
        text = render({**members, name or field.json_name: value})
        return Probe(self.message.full_name, text, self.kind_of(field), value)

    def kind_of(self, field: FieldDescriptor) -> str:
        names = self.ground.values.names(field)
        return f"{shape(field)} [{names}]" if names else shape(field)

    def around_rules(self, field: FieldDescriptor, depth: Depth, seen: Counter[str]) -> Iterator[Probe]:
        kind = self.kind_of(field)
        texts = self.ground.values.texts(field)
        if seen[kind] >= depth.schema_repeats and len(texts) > depth.rule_sample:
            texts = tuple(self.chance.sample(texts, depth.rule_sample))
        seen[kind] += 1
        for text in texts:
            yield self.single(field, text)

    def names_of(self, field: FieldDescriptor, *, whole: bool) -> Iterator[Probe]:
        good = self.one(field, bad=0.0)
        for name in dict.fromkeys(_spellings(field) if whole else (field.name, field.json_name)):
            probe = self.single(field, good, name=name)
            yield Probe(probe.message, probe.text, "field name", f"{field.name} as {name}")
        if not whole:
            return
        for value in ("null", self.one(field, bad=1.0)):
            probe = self.single(field, value, name=field.name)
            yield Probe(probe.message, probe.text, f"proto name of {shape(field)}", value)
        if field.name != field.json_name:
            twice = f"{{{json.dumps(field.json_name)}: {good}, {json.dumps(field.name)}: {good}}}"
            yield Probe(self.message.full_name, twice, "both names", shape(field))

    def values_of(self, field: FieldDescriptor) -> Iterator[str]:
        if is_map(field):
            yield from self.maps(field)
        elif field.is_repeated:
            yield from self.lists(field)
        else:
            yield from (*self.elements(field).every, "null", *self.pool.any_wrong)

    def lists(self, field: FieldDescriptor) -> Iterator[str]:
        elements = self.elements(field)
        good = self.pick(elements.good)
        yield from ("[]", "null", "{}", '""', "1", good, f"[{good}, {good}]", f"[{good}, null]", f"[[{good}]]")
        yield from ("[null]", f"[{good},]", f'{{"0": {good}}}', f"[{good} {good}]")
        yield from (f"[{value}]" for value in elements.every)

    def maps(self, field: FieldDescriptor) -> Iterator[str]:
        key, value = map_entry(field)
        keys, elements = self.pool.keys[element_kind(key)], self.elements(value)
        good_key, good = self.pick(keys.good), self.pick(elements.good)
        yield from ("{}", "null", "[]", '""', "1", f'{{"{good_key}": null}}', f'[{{"key": "{good_key}"}}]')
        yield f'{{"{keys.good[0]}": {good}, "{keys.good[1]}": {good}}}'
        yield f'{{"{good_key}": {good}, "{good_key}": {good}}}'
        yield from (f'{{"{text}": {good}}}' for text in keys.every)
        yield from (f'{{"{good_key}": {text}}}' for text in elements.every)

    def elements(self, field: FieldDescriptor) -> Values:
        kind = element_kind(field)
        if kind == "enum":
            return _enum_values(enum_of(field), self.pool)
        if kind == "message":
            return self.messages(message_of(field))
        return self.pool.kinds[kind]

    def messages(self, message: Descriptor) -> Values:
        good = [self.document(message, 1, bad=0.0) for _ in range(4)]
        bad = [self.document(message, 1, bad=0.5) for _ in range(4)]
        wrong = ("[]", '""', "1", "true", '{"no such field": 1}', "[{}]", '{"": null}')
        base = render(
            {message.fields_by_name[name].json_name: text for name, text in self.ground.base(message).items()}
        )
        return Values((base, "{}", *good), (*bad, *wrong))

    def oneof_pairs(self, members: Sequence[FieldDescriptor]) -> Iterator[Probe]:
        if len(members) < 2:
            return
        for first, second in zip(members, [*members[1:], members[0]], strict=True):
            one, other = self.one(first, bad=0.0), self.one(second, bad=0.0)
            a, b = json.dumps(first.json_name), json.dumps(second.json_name)
            kind = f"oneof of {element_kind(first)} and {element_kind(second)}"
            for left, right in ((one, other), (one, "null"), ("null", other), ("null", "null")):
                text = self.over_base(first, second, f"{a}: {left}, {b}: {right}")
                yield Probe(self.message.full_name, text, kind, "null" if "null" in (left, right) else "both")
            text = self.over_base(first, second, f"{a}: {one}, {json.dumps(second.name)}: {other}")
            yield Probe(self.message.full_name, text, kind, "both, one by its proto name")

    def over_base(self, first: FieldDescriptor, second: FieldDescriptor, members: str) -> str:
        kept = {
            name: text
            for name, text in self.base.items()
            if not (_clash(self.message, name, first) or _clash(self.message, name, second))
        }
        return render(kept)[:-1] + (", " if kept else "") + members + "}"

    def one(self, field: FieldDescriptor, *, bad: float, level: int = 1) -> str:
        """One value of the field, bad with the given chance."""
        if level > 3:
            return "null"
        if is_map(field):
            key, value = map_entry(field)
            keys = self.pool.keys[element_kind(key)]
            chosen = self.pick(keys.bad if self.chance.random() < bad else keys.good)
            return f'{{"{chosen}": {self.element(value, bad, level)}}}'
        if field.is_repeated:
            count = self.chance.choice((0, 1, 1, 2, 3))
            return "[" + ", ".join(self.element(field, bad, level) for _ in range(count)) + "]"
        return self.element(field, bad, level)

    def element(self, field: FieldDescriptor, bad: float, level: int) -> str:
        kind = element_kind(field)
        if kind == "message":
            return self.document(message_of(field), level + 1, bad=bad / 2)
        values = _enum_values(enum_of(field), self.pool) if kind == "enum" else self.pool.kinds[kind]
        return self.pick(values.bad if self.chance.random() < bad else values.good)

    def document(self, message: Descriptor, level: int, *, bad: float) -> str:
        """A random document of a message: few fields, either of their names, on what its rules ask for."""
        base = self.ground.base(message)
        if level > 3:
            return render(base)
        fields = _independent(message.fields, self.chance)
        required = [field for field in fields if field.is_required and self.chance.random() >= bad]
        optional = [field for field in fields if not field.is_required]
        count = self.chance.randint(0, min(len(optional), 6 if level == 0 else 3))
        chosen = (*required, *self.chance.sample(optional, count))
        members = {name: text for name, text in base.items() if not any(_clash(message, name, one) for one in chosen)}
        for field in chosen:
            name = self.chance.choice((field.json_name, field.json_name, field.name))
            members[name] = self.valued(field, bad, level)
        return render(members)

    def valued(self, field: FieldDescriptor, bad: float, level: int) -> str:
        """A value that mostly keeps the field's rules, where it has some."""
        around = self.ground.values.texts(field) if self.chance.random() < 0.7 else ()
        return self.pick(around) if around else self.one(field, bad=bad, level=level + 1)

    def pick(self, texts: Sequence[str]) -> str:
        return self.chance.choice(texts)


def _clash(message: Descriptor, name: str, field: FieldDescriptor) -> bool:
    """Whether a member of the base must go when the field is set: itself, or another of its oneof."""
    other = next(other for other in message.fields if name in (other.json_name, other.name))
    return other is field or (field.containing_oneof is not None and other.containing_oneof is field.containing_oneof)


def _independent(fields: Iterable[FieldDescriptor], chance: random.Random) -> list[FieldDescriptor]:
    """The fields less all but one member of each oneof."""
    chosen: dict[str, FieldDescriptor] = {}
    for field in fields:
        oneof = field.containing_oneof
        key = field.name if oneof is None else f"oneof {oneof.name}"
        if key not in chosen or chance.random() < 0.4:
            chosen[key] = field
    return list(chosen.values())


def _enum_values(enum: EnumDescriptor, pool: Pool) -> Values:
    names = [value.name for value in enum.values]
    numbers = [value.number for value in enum.values]
    good = (*(f'"{name}"' for name in names[:6]), *(str(number) for number in numbers[:4]), f"{numbers[-1]}.0")
    unlisted = (str(max(numbers) + 1), str(min(numbers) - 1), "2147483647", "-2147483648")
    bad = (*pool.enum_bad, f'"{names[0].lower()}x"', f'"{names[-1].swapcase()}"', f'" {names[0]}"', *unlisted)
    return Values(good, bad)


def _spellings(field: FieldDescriptor) -> Iterator[str]:
    yield field.name
    yield field.json_name
    for change in (str.upper, str.lower, str.title, str.swapcase):
        yield change(field.json_name)
    yield f"{field.name}_"
    yield f"_{field.name}"
    yield field.name.replace("_", "-")
    yield field.name.replace("_", "")

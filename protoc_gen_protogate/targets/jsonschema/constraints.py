"""Fields under `buf.validate` rules.

A rule acts on the value that a document leaves the field with. So a field without presence whose zero value breaks a
rule has to be in the document, and one that is there but null counts as not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit import NotCarried
from protoc_gen_protogate.kit.ranges import allowed_integers, is_float_allowed
from protoc_gen_protogate.kit.scalars import INTEGER_RANGES, SCALAR_NAMES, WRAPPERS
from protoc_gen_protogate.kit.zeros import allows_empty_string, allows_no_bytes
from protoc_gen_protogate.targets.jsonschema.conditions import Condition, both, either, negated, render, union
from protoc_gen_protogate.targets.jsonschema.numbers import (
    float_branches,
    integer_branches,
    integer_text,
)
from protoc_gen_protogate.targets.jsonschema.patterns import any_of, escape
from protoc_gen_protogate.targets.jsonschema.texts import bytes_conditions, string_conditions
from protoc_gen_protogate.targets.jsonschema.times import duration_conditions, timestamp_conditions
from protoc_gen_protogate.targets.jsonschema.values import quote
from protogate.descriptors import Kind, json_name
from protogate.descriptors.rules import Ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from protoc_gen_protogate.targets.jsonschema.values import Style
    from protogate.descriptors import Field
    from protogate.descriptors.rules import CelRule, FieldRules, RuleValue

__all__ = ["Constraints", "Ruled", "cel_entry"]

_NO_CEL: Final = "JSON Schema has no expressions over values"
_TEXT_KINDS: Final = frozenset({Kind.STRING, Kind.BYTES})
_FLOAT_KINDS: Final = frozenset({Kind.FLOAT, Kind.DOUBLE})
_EXACTLY_UNIQUE: Final = frozenset({Kind.STRING, Kind.BOOL})
_MESSAGE_KINDS: Final = frozenset({Kind.MESSAGE, Kind.GROUP})


class Ruled(NamedTuple):
    """A property under rules."""

    branches: tuple[str, ...]
    """Schemas of which one must accept the value; null, where it says "not set", is not among them."""
    must_be_set: bool
    """A document without the field, or with null for it, breaks a rule."""


class _Value(NamedTuple):
    branches: list[str]
    allows_zero: bool


class Constraints:
    """Writes what rules leave of a field's values."""

    def __init__(self, style: Style, element: Callable[[Field], str], keys: Callable[[Field], str]) -> None:
        """Start writing.

        Args:
            style: how schemas are written.
            element: the schema of one value of a field without rules.
            keys: the schema of the keys of a map without rules, by the field of its keys; empty for any string.
        """
        self._style: Final = style
        self._element: Final = element
        self._keys: Final = keys

    def apply(self, field: Field, rules: FieldRules, not_carried: list[NotCarried]) -> Ruled:
        """The field with its rules; what they say beyond JSON Schema is added to `not_carried`."""

        def report(rule: str, reason: str) -> None:
            not_carried.append(NotCarried(field.file.name, field.full_name, rule, reason))

        not_carried += [cel_entry(field.file.name, field.full_name, rule) for rule in _all_cel(rules)]
        skips_zero = rules.ignore is Ignore.IF_ZERO_VALUE and not field.presence
        standard = rules.standard
        if rules.required and not field.presence:
            standard = _without_zero(field, standard)
        value = self._value(field, rules._replace(standard=standard), report)
        branches = value.branches
        must_be_set = rules.required or not (field.presence or skips_zero or value.allows_zero)
        if skips_zero and not rules.required and not value.allows_zero:
            branches = [*branches, self.zero(field)]
        return Ruled(tuple(branches), must_be_set)

    def _value(self, field: Field, rules: FieldRules, report: Callable[[str, str], None]) -> _Value:
        if field.is_repeated:
            return self._list(field, rules, report)
        if field.map_key is not None and field.map_value is not None:
            return self._map(field.map_key, field.map_value, rules, report)
        return self._single(field, rules, report)

    def _list(self, field: Field, rules: FieldRules, report: Callable[[str, str], None]) -> _Value:
        standard = rules.standard
        items = self._element(field) if rules.items is None else self._item(field, rules.items, report)
        condition: Condition = {"type": '"array"', "items": items}
        least = _add_size(condition, standard, "min_items", "minItems")
        _add_size(condition, standard, "max_items", "maxItems")
        extra: list[Condition] = []
        if standard.get("unique"):
            extra.append(self._unique(field, report))
        return _Value([self._render(condition, extra)], allows_zero=least == 0)

    def _unique(self, field: Field, report: Callable[[str, str], None]) -> Condition:
        kind = WRAPPERS.get(field.type_name, field.kind)
        if kind not in _EXACTLY_UNIQUE and not self._style.is_canonical:
            report("repeated.unique", 'two forms of one value, such as 1 and "1", are different JSON')
        if kind in _FLOAT_KINDS:
            # NaN is never equal to NaN, so a list may hold it twice.
            return either([{"uniqueItems": "true"}, {"contains": '{"const": "NaN"}'}])
        return {"uniqueItems": "true"}

    def _map(self, key: Field, value: Field, rules: FieldRules, report: Callable[[str, str], None]) -> _Value:
        standard = rules.standard
        condition: Condition = {"type": '"object"'}
        keys = self._keys(key) if rules.keys is None else self._ruled_keys(key, rules.keys, report)
        if keys:
            condition["propertyNames"] = keys
        condition["additionalProperties"] = (
            self._element(value) if rules.values is None else self._item(value, rules.values, report)
        )
        least = _add_size(condition, standard, "min_pairs", "minProperties")
        _add_size(condition, standard, "max_pairs", "maxProperties")
        return _Value([render(condition)], allows_zero=least == 0)

    def _ruled_keys(self, key: Field, rules: FieldRules, report: Callable[[str, str], None]) -> str:
        name = SCALAR_NAMES[key.kind]
        if name in INTEGER_RANGES:
            allowed = allowed_integers(rules.standard, INTEGER_RANGES[name])
            return integer_text(self._style, name, allowed) if allowed else union([])
        if key.kind is Kind.BOOL:
            listed = ("true", "false") if "const" not in rules.standard else (str(rules.standard["const"]).lower(),)
            return f'{{"enum": [{", ".join(map(quote, listed))}]}}'
        return union(self._single(key, rules, report).branches)

    def _item(self, field: Field, rules: FieldRules, report: Callable[[str, str], None]) -> str:
        """A list's item or a map's value; whatever it is, it is there."""
        value = self._single(field, rules, report)
        branches = value.branches
        if rules.ignore is Ignore.IF_ZERO_VALUE and not value.allows_zero and field.kind not in _MESSAGE_KINDS:
            branches = [*branches, self._scalar_zero(field)]
        return union(branches)

    def _single(self, field: Field, rules: FieldRules, report: Callable[[str, str], None]) -> _Value:
        kind = WRAPPERS.get(field.type_name, field.kind)
        standard = rules.standard
        if not standard:
            return _Value([self._element(field)], allows_zero=True)
        if kind is Kind.ENUM:
            return self._enum(field, standard)
        if kind in _MESSAGE_KINDS:
            conditions = self._message_conditions(field, standard, report)
            return _Value([self._render(_reference(self._element(field)), conditions)], allows_zero=True)
        return self._scalar(kind, field, standard, report)

    def _scalar(
        self, kind: Kind, field: Field, standard: Mapping[str, RuleValue], report: Callable[[str, str], None]
    ) -> _Value:
        name = SCALAR_NAMES[kind]
        if name in INTEGER_RANGES:
            allowed = allowed_integers(standard, INTEGER_RANGES[name])
            return _Value(integer_branches(self._style, name, allowed), any(low <= 0 <= high for low, high in allowed))
        if kind in _FLOAT_KINDS:
            branches = float_branches(self._style, standard, is_single=kind is Kind.FLOAT, base=self._element(field))
            return _Value(branches, is_float_allowed(standard, 0.0))
        if kind is Kind.BOOL:
            wanted = standard.get("const")
            return _Value([f'{{"const": {str(wanted).lower()}}}'], allows_zero=wanted is False)
        if kind is Kind.STRING:
            conditions = string_conditions(standard, report)
            return _Value([self._render({"type": '"string"'}, conditions)], allows_empty_string(standard))
        conditions = bytes_conditions(standard, report, is_canonical=self._style.is_canonical)
        return _Value([self._render(_reference(self._element(field)), conditions)], allows_no_bytes(standard))

    def _enum(self, field: Field, standard: Mapping[str, RuleValue]) -> _Value:
        values = field.enum.values
        known = list(dict.fromkeys(value.number for value in values))
        allowed = known if standard.get("defined_only") or field.enum.is_closed else None
        for rule in ("const", "in"):
            if rule in standard:
                listed = _numbers(standard[rule])
                allowed = listed if allowed is None else [number for number in allowed if number in listed]
        refused = _numbers(standard.get("not_in", ()))
        if allowed is None:
            condition = negated({"enum": self._enum_forms(field, refused)}) if refused else {}
            branch = self._render(_reference(self._element(field)), [condition])
            return _Value([branch], allows_zero=0 not in refused)
        left = [number for number in dict.fromkeys(allowed) if number not in refused]
        branches = [f'{{"enum": {self._enum_forms(field, left)}}}'] if left else []
        return _Value(branches, allows_zero=0 in left)

    def _enum_forms(self, field: Field, numbers: Iterable[int]) -> str:
        """Names and numbers, as a JSON list."""
        wanted = list(numbers)
        names = [value.name for value in field.enum.values if value.number in wanted]
        if self._style.is_canonical:
            first = {value.number: value.name for value in reversed(field.enum.values)}
            names = [first[number] for number in wanted if number in first]
            wanted = [number for number in wanted if number not in first]
        return f"[{', '.join([*map(quote, names), *map(str, wanted)])}]"

    def _message_conditions(
        self, field: Field, standard: Mapping[str, RuleValue], report: Callable[[str, str], None]
    ) -> list[Condition]:
        match field.type_name:
            case "google.protobuf.Duration":
                return duration_conditions(standard)
            case "google.protobuf.Timestamp":
                return timestamp_conditions(standard, report, is_canonical=self._style.is_canonical)
            case "google.protobuf.FieldMask":
                return list(_mask_conditions(standard))
            case "google.protobuf.Any":
                return list(_any_conditions(standard))
        return []

    def zero(self, field: Field) -> str:
        """The schema of the zero value of a field without presence."""
        if field.is_repeated:
            return '{"type": "array", "maxItems": 0}'
        if field.is_map:
            return '{"type": "object", "maxProperties": 0}'
        return self._scalar_zero(field)

    def _scalar_zero(self, field: Field) -> str:
        if field.kind is Kind.ENUM:
            return f'{{"enum": {self._enum_forms(field, [0])}}}'
        name = SCALAR_NAMES[field.kind]
        if name in INTEGER_RANGES:
            return union(integer_branches(self._style, name, [(0, 0)]))
        if field.kind in _FLOAT_KINDS:
            return union(float_branches(self._style, {"const": 0.0}, is_single=False, base=self._element(field)))
        return '{"const": false}' if field.kind is Kind.BOOL else '{"const": ""}'

    def _render(self, base: Condition, conditions: Iterable[Condition]) -> str:
        return render(both(base, conditions, is_2020=self._style.is_2020))


def cel_entry(source: str, element: str, rule: CelRule) -> NotCarried:
    """The report's entry for a rule in CEL."""
    return NotCarried(source, element, f"cel:{rule.id or rule.expression}", _NO_CEL)


def _all_cel(rules: FieldRules) -> Iterator[CelRule]:
    yield from rules.cel
    for part in (rules.items, rules.keys, rules.values):
        if part is not None:
            yield from _all_cel(part)


def _reference(schema: str) -> Condition:
    """A schema of one member, such as a reference, as a condition."""
    keyword, _, value = schema[2:-1].partition('": ')
    return {keyword: value} if keyword else {}


def _without_zero(field: Field, standard: Mapping[str, RuleValue]) -> Mapping[str, RuleValue]:
    """Standard rules that allow what `standard` does but the zero value."""
    if field.is_map:
        return _with_least(standard, "min_pairs")
    if field.is_repeated:
        return _with_least(standard, "min_items")
    if field.kind in _TEXT_KINDS:
        return _with_least(standard, "min_len")
    if field.kind is Kind.BOOL:
        return {**standard, "const": True}
    refused = standard.get("not_in", ())
    return {**standard, "not_in": (*(refused if isinstance(refused, tuple) else ()), 0)}


def _with_least(standard: Mapping[str, RuleValue], rule: str) -> Mapping[str, RuleValue]:
    least = standard.get(rule, 0)
    return {**standard, rule: max(1, least if isinstance(least, int) else 0)}


def _add_size(condition: Condition, standard: Mapping[str, RuleValue], rule: str, keyword: str) -> int:
    size = standard.get(rule, 0)
    if rule in standard and isinstance(size, int):
        condition[keyword] = str(size)
        return size
    return 0


def _numbers(value: RuleValue) -> list[int]:
    return [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, int)]


def _mask_conditions(standard: Mapping[str, RuleValue]) -> Iterator[Condition]:
    for rule in ("const", "in", "not_in"):
        value = standard.get(rule)
        if not isinstance(value, tuple):
            continue
        paths = [escape(_json_path(str(path))) for path in value]
        if rule == "const":
            yield {"pattern": quote(f"^{','.join(paths)}$")}
        elif rule == "in":
            path = f"{any_of(paths)}(?:\\.[^,]*)?"
            yield {"pattern": quote(f"^(?:{path}(?:,{path})*)?$")}
        else:
            yield negated({"pattern": quote(f"(?:^|,){any_of(paths)}(?:[.,]|$)")})


def _json_path(path: str) -> str:
    return ".".join(json_name(part) for part in path.split("."))


def _any_conditions(standard: Mapping[str, RuleValue]) -> Iterator[Condition]:
    for rule in ("in", "not_in"):
        value = standard.get(rule)
        if not isinstance(value, tuple):
            continue
        listed = f'{{"enum": [{", ".join(quote(str(url)) for url in value)}]}}'
        if rule == "in":
            yield {"required": '["@type"]', "properties": f'{{"@type": {listed}}}'}
        else:
            yield {"properties": f'{{"@type": {{"not": {listed}}}}}'}

"""What differs between two fields that hold the same place: type, cardinality, presence, encoding, options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldOptions

from protogate.compat.changes import Carrier, Change
from protogate.compat.defaults import has_default, same_default
from protogate.compat.enums import is_subset
from protogate.compat.languages import cpp_string_type, java_utf8_validation, utf8_validation
from protogate.compat.rules import Rule
from protogate.descriptors.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogate.compat.changes import Descriptor, Fact, Paired
    from protogate.compat.messages import PairTypes
    from protogate.descriptors import Field

__all__ = ["compare_fields", "type_text"]

_MESSAGES: Final = frozenset({Kind.MESSAGE, Kind.GROUP})
_TEXTS: Final = frozenset({Kind.STRING, Kind.BYTES})
_LONGS: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.SINT64, Kind.FIXED64, Kind.SFIXED64})
_NEVER_PACKED: Final = _MESSAGES | _TEXTS
_NAMES: Final = {kind: kind.name.lower() for kind in Kind}


def type_text(field: Field) -> str:
    """What a field holds, as people write it: `int32`, `acme.user.v1.User`, `map<string, int32>`."""
    if field.map_key is not None and field.map_value is not None:
        return f"map<{type_text(field.map_key)}, {type_text(field.map_value)}>"
    return field.type_name or _NAMES[field.kind]


def compare_fields(
    old: Field,
    new: Field,
    paired: Paired,
    changes: list[Change],
    pair_types: PairTypes,
    carrier: Carrier = Carrier.BOTH,
) -> None:
    """Report what differs between two fields, names, numbers and oneofs left out."""
    _Pair(old, new, paired, changes, pair_types, carrier).compare()


class _Pair:
    """Two fields at comparison."""

    __slots__ = ("carrier", "changes", "new", "old", "pair_types", "paired")

    def __init__(
        self,
        old: Field,
        new: Field,
        paired: Paired,
        changes: list[Change],
        pair_types: PairTypes,
        carrier: Carrier,
    ) -> None:
        self.old: Final = old
        self.new: Final = new
        self.paired: Final = paired
        self.changes: Final = changes
        self.pair_types: Final = pair_types
        self.carrier: Final = carrier

    def compare(self) -> None:
        old, new = self.old, self.new
        if old.map_key is not None and new.map_key is not None:
            self._compare_type(old.map_key, new.map_key, "key")
            if old.map_value is not None and new.map_value is not None:
                self._compare_type(old.map_value, new.map_value, "value")
            return
        self._compare_type(old, new, "")
        self._compare_cardinality()
        if old.is_required != new.is_required:
            self._append(Rule.FIELD_REQUIRED_CHANGED, _required(old), _required(new))
        if (old.proto.default_value or new.proto.default_value) and not _same_default(old, new):
            self._append(Rule.FIELD_DEFAULT_CHANGED, _default_text(old), _default_text(new))

    def _compare_cardinality(self) -> None:
        old, new = self.old, self.new
        was, now = _cardinality(old), _cardinality(new)
        if was != now:
            self._append(Rule.FIELD_CARDINALITY_CHANGED, was, now)
        elif was == "singular":
            if old.presence != new.presence:
                self._append(Rule.FIELD_PRESENCE_CHANGED, _presence(old), _presence(new))
        elif old.kind not in _NEVER_PACKED and new.kind not in _NEVER_PACKED and old.is_packed != new.is_packed:
            self._append(Rule.FIELD_PACKED_CHANGED, _packed(old), _packed(new))

    def _compare_type(self, old: Field, new: Field, part: str) -> None:
        was, now = old.kind, new.kind
        if was in _MESSAGES and now in _MESSAGES:
            if old.type_name != new.type_name:
                self._type_name_changed(old, new, part, enum=False)
            if old.is_delimited != new.is_delimited:
                self._append_part(Rule.FIELD_ENCODING_CHANGED, old, new, _encoding(old), _encoding(new), part)
            return
        if was is not now:
            self._append_part(Rule.FIELD_TYPE_CHANGED, old, new, type_text(old), type_text(new), part)
        elif was is Kind.ENUM and old.type_name != new.type_name:
            self._type_name_changed(old, new, part, enum=True)
        if was in _TEXTS and now in _TEXTS:
            self._compare_value(Rule.FIELD_CTYPE_CHANGED, old, new, cpp_string_type, part)
            if was is Kind.STRING and now is Kind.STRING:
                self._compare_value(Rule.FIELD_UTF8_VALIDATION_CHANGED, old, new, utf8_validation, part)
                self._compare_value(Rule.FIELD_JAVA_UTF8_VALIDATION_CHANGED, old, new, java_utf8_validation, part)
        elif was in _LONGS and now in _LONGS:
            self._compare_value(Rule.FIELD_JSTYPE_CHANGED, old, new, _jstype, part)

    def _type_name_changed(self, old: Field, new: Field, part: str, *, enum: bool) -> None:
        facts: dict[str, Fact] = {"part": part, "old_subset": False, "new_subset": False}
        if enum:
            before, after = old.enum, new.enum
            facts["same_local_name"] = before.local_name == after.local_name
            facts["old_subset"] = is_subset(before, after)
            facts["new_subset"] = is_subset(after, before)
        else:
            facts["same_local_name"] = old.message.local_name == new.message.local_name
        self._append_part(Rule.FIELD_TYPE_NAME_CHANGED, old, new, type_text(old), type_text(new), part, facts)
        self.pair_types(old.type_name, new.type_name, self.carrier, enum=enum)

    def _compare_value(self, rule: Rule, old: Field, new: Field, value: Callable[[Field], str], part: str) -> None:
        was, now = value(old), value(new)
        if was != now:
            self._append_part(rule, old, new, was, now, part)

    def _append(self, rule: Rule, was: str, now: str) -> None:
        old, new = self.old, self.new
        self.changes.append(
            Change(
                rule,
                old.full_name,
                old,
                new,
                old.parent or old.file,
                new.parent or new.file,
                was,
                now,
                paired=self.paired,
                carrier=self.carrier,
            )
        )

    def _append_part(
        self, rule: Rule, old: Field, new: Field, was: str, now: str, part: str, facts: Mapping[str, Fact] | None = None
    ) -> None:
        element = old.full_name
        scopes: tuple[Descriptor, Descriptor] = old.parent or old.file, new.parent or new.file
        if part:
            # The entry of a map is nowhere in the source: people know the map field only.
            element, scopes = f"{self.old.full_name} ({part})", (self.old, self.new)
        facts = facts or {"part": part}
        self.changes.append(Change(rule, element, old, new, *scopes, was, now, facts, self.paired, self.carrier))


def _cardinality(field: Field) -> str:
    if field.map_key is not None:
        return "map"
    return "repeated" if field.is_repeated else "singular"


def _required(field: Field) -> str:
    return "required" if field.is_required else "not required"


def _presence(field: Field) -> str:
    return "explicit" if field.presence else "implicit"


def _packed(field: Field) -> str:
    return "packed" if field.is_packed else "expanded"


def _encoding(field: Field) -> str:
    return "delimited" if field.is_delimited else "length-prefixed"


def _jstype(field: Field) -> str:
    proto = field.proto
    return FieldOptions.JSType.Name(proto.options.jstype) if proto.HasField("options") else "JS_NORMAL"


def _same_default(old: Field, new: Field) -> bool:
    """Whether readers see the same when the field is not set; fields that have no default agree with all."""
    return not (has_default(old) and has_default(new)) or same_default(old, new)


def _default_text(field: Field) -> str:
    written = field.default
    if not has_default(field):
        return "none"
    return repr(field.zero if written is None else written)

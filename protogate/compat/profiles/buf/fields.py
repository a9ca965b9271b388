"""The rules of `buf breaking` on two fields of the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FieldOptions

from protogate.compat.changes import Spot
from protogate.compat.defaults import default_of, has_default, same_default
from protogate.compat.languages import cpp_string_type, java_utf8_validation, utf8_validation
from protogate.compat.profiles.buf.verdicts import broken, spot_in
from protogate.descriptors.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.compat.profiles import Verdict
    from protogate.descriptors import Enum, Field

__all__ = ["compare_fields"]

_NAME: Final = 1
_LABEL_TYPE: Final = 5
_TYPE_NAME: Final = 6
_DEFAULT: Final = 7
_OPTIONS: Final = 8
_JSON_NAME: Final = 10
_CTYPE: Final = 1
_JSTYPE: Final = 6
_FEATURES: Final = 21
_UTF8_VALIDATION: Final = 4
_CPP_FEATURE: Final = (1000, 2)
"""`(pb.cpp).string_type`."""
_JAVA_FEATURE: Final = (1001, 2)
"""`(pb.java).utf8_validation`."""
_JAVA_OPTION: Final = (8, 27)
"""`java_string_check_utf8` of a file."""

_NAMED: Final = frozenset({Kind.ENUM, Kind.MESSAGE, Kind.GROUP})
_TEXTS: Final = frozenset({Kind.STRING, Kind.BYTES})
_LONGS: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.SINT64, Kind.FIXED64, Kind.SFIXED64})

_EXPLICIT: Final = "optional with explicit presence"
_IMPLICIT: Final = "optional with implicit presence"
_REQUIRED: Final = "required"
_REPEATED: Final = "repeated"
_MAP: Final = "map"

_WIRE_CARDINALITY: Final = {_IMPLICIT: _EXPLICIT, _MAP: _REPEATED}
"""What stands for another cardinality on the wire."""
_WIRE_JSON_CARDINALITY: Final = {_IMPLICIT: _EXPLICIT}

_WIRE_KINDS: Final = {
    **dict.fromkeys((Kind.INT64, Kind.UINT32, Kind.UINT64, Kind.BOOL), Kind.INT32),
    Kind.SINT64: Kind.SINT32,
    Kind.SFIXED32: Kind.FIXED32,
    Kind.SFIXED64: Kind.FIXED64,
}
"""What stands for another kind on the wire."""
_WIRE_JSON_KINDS: Final = {
    Kind.UINT32: Kind.INT32,
    Kind.UINT64: Kind.INT64,
    Kind.SFIXED32: Kind.FIXED32,
    Kind.SFIXED64: Kind.FIXED64,
}


def compare_fields(old: Field, new: Field) -> Iterator[Verdict]:
    """Every rule on fields that `new` breaks."""
    yield from _name(old, new)
    yield from _json_name(old, new)
    yield from _types(old, new)
    yield from _cardinality(old, new)
    yield from _default(old, new)
    yield from _oneof(old, new)
    yield from _text_options(old, new)
    yield from _jstype(old, new)


def _name(old: Field, new: Field) -> Iterator[Verdict]:
    was, now = (old.full_name, new.full_name) if old.is_extension else (old.name, new.name)
    if was != now:
        what = f"field {old.number} changed its name from {was!r} to {now!r}"
        yield _field("FIELD_SAME_NAME", new, spot_in(new, _NAME), what)


def _json_name(old: Field, new: Field) -> Iterator[Verdict]:
    if not old.is_extension and old.json_name != new.json_name:
        what = f"field {new.name!r} changed its json_name from {old.json_name!r} to {new.json_name!r}"
        yield _field("FIELD_SAME_JSON_NAME", new, spot_in(new, _JSON_NAME), what)


def _types(old: Field, new: Field) -> Iterator[Verdict]:
    was, now = _kind(old), _kind(new)
    other_name = was is now and now in _NAMED and old.type_name != new.type_name
    if was is now and not other_name:
        return
    spot = spot_in(new, _TYPE_NAME if now in _NAMED else _LABEL_TYPE)
    what = f"field {new.name!r} changed its type from {_type_text(old)} to {_type_text(new)}"
    yield _field("FIELD_SAME_TYPE", new, spot, what)
    if now is Kind.ENUM and other_name and _continues(old.enum, new.enum):
        return
    if other_name or (_other(_WIRE_KINDS, was, now) and (was, now) != (Kind.STRING, Kind.BYTES)):
        yield _field("FIELD_WIRE_COMPATIBLE_TYPE", new, spot, f"{what}, which the wire can tell")
    if other_name or _other(_WIRE_JSON_KINDS, was, now):
        yield _field("FIELD_WIRE_JSON_COMPATIBLE_TYPE", new, spot, f"{what}, which JSON or the wire can tell")


def _kind(field: Field) -> Kind:
    """The kind, where a message between start and end tags is a group whatever the syntax."""
    return Kind.GROUP if field.is_delimited else field.kind


def _type_text(field: Field) -> str:
    if field.is_delimited:
        return f"{field.type_name} (delimited)"
    return field.type_name or field.kind.name.lower()


def _other(alike: Mapping[Kind, Kind], was: Kind, now: Kind) -> bool:
    return alike.get(was, was) is not alike.get(now, now)


def _continues(old: Enum, new: Enum) -> bool:
    """Whether an enum is the other one at a new place: the same last name, and all its values are kept."""
    values = {value.name: value.number for value in new.proto.value}
    return old.name == new.name and all(values.get(value.name) == value.number for value in old.proto.value)


def _cardinality(old: Field, new: Field) -> Iterator[Verdict]:
    if _in_entry(old) and _in_entry(new):
        return
    was, now = _cardinality_of(old), _cardinality_of(new)
    if was == now:
        return
    spot = spot_in(new)
    what = f"field {new.name!r} changed from {was} to {now}"
    yield _field("FIELD_SAME_CARDINALITY", new, spot, what)
    if _WIRE_CARDINALITY.get(was, was) != _WIRE_CARDINALITY.get(now, now):
        yield _field("FIELD_WIRE_COMPATIBLE_CARDINALITY", new, spot, f"{what}, which the wire can tell")
    if _WIRE_JSON_CARDINALITY.get(was, was) != _WIRE_JSON_CARDINALITY.get(now, now):
        yield _field("FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", new, spot, f"{what}, which JSON or the wire can tell")


def _in_entry(field: Field) -> bool:
    return field.parent is not None and field.parent.is_map_entry and not field.is_extension


def _cardinality_of(field: Field) -> str:
    if field.is_map:
        return _MAP
    if field.is_repeated:
        return _REPEATED
    if field.is_required:
        return _REQUIRED
    return _EXPLICIT if field.presence else _IMPLICIT


def _default(old: Field, new: Field) -> Iterator[Verdict]:
    if has_default(old) and has_default(new) and not same_default(old, new):
        what = f"field {new.name!r} changed its default from {default_of(old)!r} to {default_of(new)!r}"
        yield _field("FIELD_SAME_DEFAULT", new, spot_in(new, _DEFAULT), what)


def _oneof(old: Field, new: Field) -> Iterator[Verdict]:
    if not old.is_extension and old.oneof_name != new.oneof_name:
        what = f"field {new.name!r} moved from {_place(old)} to {_place(new)}"
        yield _field("FIELD_SAME_ONEOF", new, spot_in(new), what)


def _place(field: Field) -> str:
    return f"oneof {field.oneof_name!r}" if field.oneof_name else "outside of a oneof"


def _text_options(old: Field, new: Field) -> Iterator[Verdict]:
    if old.kind not in _TEXTS or new.kind not in _TEXTS:
        return
    if not (_in_entry(old) and _in_entry(new)):
        yield from _string_type(old, new)
    if old.kind is not Kind.STRING or new.kind is not Kind.STRING:
        return
    was, now = utf8_validation(old), utf8_validation(new)
    if was != now:
        spot = spot_in(new, _OPTIONS, _FEATURES, _UTF8_VALIDATION)
        what = f"field {new.name!r} changed its UTF-8 validation from {was} to {now}"
        yield _field("FIELD_SAME_UTF8_VALIDATION", new, spot, what)
    was, now = java_utf8_validation(old), java_utf8_validation(new)
    if was != now:
        spot = (
            Spot(new.file, _JAVA_OPTION)
            if new.file.proto.options.HasField("java_string_check_utf8")
            else (spot_in(new, _OPTIONS, _FEATURES, *_JAVA_FEATURE))
        )
        what = f"field {new.name!r} changed its UTF-8 validation in Java from {was} to {now}"
        yield _field("FIELD_SAME_JAVA_UTF8_VALIDATION", new, spot, what)


def _string_type(old: Field, new: Field) -> Iterator[Verdict]:
    was, now = cpp_string_type(old), cpp_string_type(new)
    # Strings in pieces were never more than a plan: to give it up breaks nobody.
    if was != now and (was, now) != ("STRING_PIECE", "STRING"):
        path = (_CTYPE,) if new.proto.options.HasField("ctype") else (_FEATURES, *_CPP_FEATURE)
        what = f"field {new.name!r} changed its C++ string type from {was} to {now}"
        yield _field("FIELD_SAME_CPP_STRING_TYPE", new, spot_in(new, _OPTIONS, *path), what)


def _jstype(old: Field, new: Field) -> Iterator[Verdict]:
    if old.kind in _LONGS and new.kind in _LONGS:
        was, now = old.proto.options.jstype, new.proto.options.jstype
        if was != now:
            names = FieldOptions.JSType
            what = f"field {new.name!r} changed its jstype from {names.Name(was)} to {names.Name(now)}"
            yield _field("FIELD_SAME_JSTYPE", new, spot_in(new, _OPTIONS, _JSTYPE), what)


def _field(rule: str, field: Field, spot: Spot, what: str) -> Verdict:
    return broken(rule, spot, field.full_name, what)

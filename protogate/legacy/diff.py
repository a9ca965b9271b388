"""Where a legacy schema and a message of a contract disagree, through a mapping where there is one.

Types agree when the bridge converts one to the other: the verdict and the conversion are the same code.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.findings import Place
from protogate.legacy.compiling import field_at
from protogate.legacy.contract import contract_schema
from protogate.legacy.conversions import ConversionError, converter_source, target_of
from protogate.legacy.mapping import Conversion
from protogate.legacy.model import NO_DEFAULT, LegacyKind
from protogate.legacy.naming import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from protogate.descriptors import Field, Message
    from protogate.legacy.mapping import BridgeMapping, ColumnMapping
    from protogate.legacy.model import LegacyField, LegacySchema

__all__ = ["DiffEntry", "DiffKind", "DiffSeverity", "LegacyDiff", "diff", "legacy_text"]


class DiffKind(enum.Enum):
    """What is the matter with a field."""

    OK = "OK"
    IGNORED = "IGNORED"
    """A column that the mapping leaves out, with its reason."""
    MISSING_IN_PROTO = "MISSING_IN_PROTO"
    MISSING_IN_LEGACY = "MISSING_IN_LEGACY"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    REPEATED_MISMATCH = "REPEATED_MISMATCH"
    REQUIRED_MISMATCH = "REQUIRED_MISMATCH"
    ENUM_MISMATCH = "ENUM_MISMATCH"
    FORMAT_MISMATCH = "FORMAT_MISMATCH"
    NULLABILITY_MISMATCH = "NULLABILITY_MISMATCH"
    PRECISION_LOSS = "PRECISION_LOSS"
    LENGTH_MISMATCH = "LENGTH_MISMATCH"


class DiffSeverity(enum.Enum):
    """How much it matters. An error keeps a row from coming over as it is."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


class DiffEntry(NamedTuple):
    """One field of either side."""

    kind: DiffKind
    field_name: str
    """The legacy name, with points between levels; of a field that only the contract has its own."""
    message: str
    severity: DiffSeverity
    legacy_type: str = ""
    proto_type: str = ""
    legacy_place: Place = Place("")
    proto_place: Place = Place("")
    legacy: LegacyField | None = None
    """The field itself, for suggestions."""


class LegacyDiff(NamedTuple):
    """All entries, in the order of the legacy schema, then of the message."""

    subject: str
    message: str
    """Full name."""
    entries: tuple[DiffEntry, ...]
    names: frozenset[str]
    """The union of the names of both sides, a pair counted once; columns that are ignored do not count."""

    @property
    def errors(self) -> tuple[DiffEntry, ...]:
        """Those that keep rows from coming over."""
        return tuple(one for one in self.entries if one.severity is DiffSeverity.ERROR)

    @property
    def issues(self) -> tuple[DiffEntry, ...]:
        """Everything but what agrees."""
        return tuple(one for one in self.entries if one.kind not in {DiffKind.OK, DiffKind.IGNORED})


class _Pair(NamedTuple):
    legacy: LegacyField
    contract: LegacyField
    field: Field
    mapped: ColumnMapping | None


_ERROR, _WARNING, _INFO = DiffSeverity.ERROR, DiffSeverity.WARNING, DiffSeverity.INFO
_DOUBLE_BITS: Final = 53
"""Whole numbers up to which a double is exact."""


def diff(subject: str, legacy: LegacySchema, message: Message, mapping: BridgeMapping | None = None) -> LegacyDiff:
    """Compare a legacy schema with a message.

    Without a mapping, fields pair by their names, then by their names without capitals and underscores.
    """
    entries: list[DiffEntry] = []
    names: set[str] = set()
    contract = contract_schema(message)
    ignored = mapping.ignored if mapping is not None else {}
    pairs, only_legacy, only_contract = _paired(legacy.fields, contract.fields, message, mapping)
    by_legacy = {pair.legacy.name: pair for pair in pairs}
    for column in legacy.fields:
        if column.name in ignored:
            entries.append(_entry(DiffKind.IGNORED, column.name, ignored[column.name], _INFO, column))
            continue
        names.add(column.name)
        if column.name in by_legacy:
            entries += _compared(by_legacy[column.name], column.name, (legacy, contract), ())
    entries += [_missing_in_proto(column, column.name) for column in only_legacy if column.name not in ignored]
    for one in only_contract:
        names.add(one.name)
        entries.append(_missing_in_legacy(one, one.name))
    return LegacyDiff(subject, message.full_name, tuple(entries), frozenset(names))


def _paired(
    legacy: Sequence[LegacyField], contract: Sequence[LegacyField], message: Message, mapping: BridgeMapping | None
) -> tuple[list[_Pair], list[LegacyField], list[LegacyField]]:  # fmt: skip
    if mapping is None:
        return _paired_by_name(legacy, contract, message)
    by_name = {column.name: column for column in legacy}
    pairs = []
    used: set[str] = set(mapping.constants)
    for one in mapping.columns:
        column = by_name.get(one.column)
        try:
            fields = field_at(message, one.field)
        except KeyError:
            continue
        shown = _at(contract, one.field)
        if column is not None and shown is not None:
            used.add(fields[0].name)
            pairs.append(_Pair(column, shown, fields[-1], one))
    mapped = {pair.legacy.name for pair in pairs}
    return (
        pairs,
        [column for column in legacy if column.name not in mapped],
        [field for field in contract if field.name not in used],
    )


def _at(fields: Sequence[LegacyField], path: str) -> LegacyField | None:
    name, _, rest = path.partition(".")
    found = next((field for field in fields if field.name == name), None)
    return _at(found.fields, rest) if found is not None and rest else found


def _paired_by_name(
    legacy: Sequence[LegacyField], contract: Sequence[LegacyField], message: Message
) -> tuple[list[_Pair], list[LegacyField], list[LegacyField]]:
    fields = {field.name: field for field in message.fields}
    left = {field.name: field for field in contract}
    partner = {column.name: left.pop(column.name) for column in legacy if column.name in left}
    by_words: dict[str, list[LegacyField]] = {}
    for one in reversed(left.values()):
        by_words.setdefault(_normal(one.name), []).append(one)
    for column in legacy:
        same = by_words.get(_normal(column.name)) if column.name not in partner else None
        if same:
            partner[column.name] = left.pop(same.pop().name)
    pairs = [
        _Pair(column, partner[column.name], fields[partner[column.name].name], None)
        for column in legacy
        if column.name in partner
    ]
    return pairs, [column for column in legacy if column.name not in partner], list(left.values())


def _normal(name: str) -> str:
    return "".join(words(name))


def _compared(
    pair: _Pair, path: str, schemas: tuple[LegacySchema, LegacySchema], seen: tuple[tuple[str, str], ...]
) -> Iterator[DiffEntry]:
    """What is the matter with a pair; OK when nothing is."""
    found = [*_types(pair, path), *_requirements(pair, path), *_limits(pair, path)]
    if not any(one.kind is DiffKind.TYPE_MISMATCH for one in found):
        found += _nested(pair, path, schemas, seen)
    if not any("." not in one.field_name.removeprefix(path) for one in found):
        yield _about(pair, DiffKind.OK, path, "agrees", _INFO)
    yield from found


def _types(pair: _Pair, path: str) -> Iterator[DiffEntry]:
    column, field = pair.legacy, pair.field
    conversion = pair.mapped.conversion if pair.mapped is not None else Conversion()
    target = target_of(field)
    is_open = column.kind in {LegacyKind.ANY, LegacyKind.OBJECT} or conversion.name == "split"
    is_wrong = (
        not is_open and target.is_list if not column.is_repeated else not target.is_list and target.name != "json"
    )
    if is_wrong:
        there, here = ("a list", "one value") if column.is_repeated else ("one value", "a list")
        yield _about(pair, DiffKind.REPEATED_MISMATCH, path, f"is {there} there and {here} here", _ERROR)
        column = column._replace(is_repeated=target.is_list)
    try:
        converter_source(column, field, conversion)
    except ConversionError as error:
        kind = DiffKind.ENUM_MISMATCH if "has no value" in str(error) else DiffKind.TYPE_MISMATCH
        yield _about(pair, kind, path, str(error), _ERROR)
        return
    if target.name == "enum" and not conversion.name and column.kind is LegacyKind.STRING:
        yield _about(pair, DiffKind.ENUM_MISMATCH, path, "is any text there and a choice here", _WARNING)


def _requirements(pair: _Pair, path: str) -> Iterator[DiffEntry]:
    column, contract = pair.legacy, pair.contract
    has_default = pair.mapped is not None and pair.mapped.default is not NO_DEFAULT
    may_be_null = column.is_nullable and not has_default
    may_lack = may_be_null or (not column.is_required and not has_default)
    if contract.is_required and may_lack:
        yield _about(pair, DiffKind.REQUIRED_MISMATCH, path, "may be missing there and is required here", _ERROR)
    elif column.is_required and not column.is_nullable and contract.is_nullable and not contract.is_required:
        yield _about(pair, DiffKind.REQUIRED_MISMATCH, path, "is required there and may be missing here", _INFO)
    elif may_be_null and not pair.field.presence and not pair.field.is_repeated and not pair.field.is_map:
        text = "may be null there, which becomes the zero value here"
        yield _about(pair, DiffKind.NULLABILITY_MISMATCH, path, text, _WARNING)


def _limits(pair: _Pair, path: str) -> Iterator[DiffEntry]:
    column, contract = pair.legacy, pair.contract
    is_text = contract.kind is LegacyKind.STRING
    if is_text and contract.length is not None and (column.length is None or column.length > contract.length):
        there = "any length" if column.length is None else str(column.length)
        text = f"may have {there} there and {contract.length} here; longer ones are rejected"
        yield _about(pair, DiffKind.LENGTH_MISMATCH, path, text, _WARNING)
    if is_text and contract.format and column.format.replace("-", "_") != contract.format:
        there = f"is {column.format}" if column.format else "is not checked"
        text = f"{there} there and must be {contract.format} here"
        yield _about(pair, DiffKind.FORMAT_MISMATCH, path, text, _WARNING)
    lost = _lost_precision(pair)
    if lost:
        yield _about(pair, DiffKind.PRECISION_LOSS, path, lost, _WARNING)


def _lost_precision(pair: _Pair) -> str:
    column, contract = pair.legacy, pair.contract
    lost = _LOSSES.get((column.kind, contract.kind))
    if lost is not None:
        return lost(column, contract)
    scale = pair.mapped.conversion.arguments.get("scale") if pair.mapped is not None else None
    if column.kind is LegacyKind.DECIMAL and isinstance(scale, int) and (column.scale or 0) > scale:
        return f"has {column.scale} digits behind the point there and {scale} here"
    return ""


def _lost_bits(column: LegacyField, contract: LegacyField) -> str:
    held = (contract.bits or 64) - (0 if contract.is_unsigned else 1)
    needed = (column.bits or 0) - (0 if column.is_unsigned else 1)
    if needed > held:
        return f"has {column.bits} bits there and {contract.bits} here"
    return (
        "may be negative there and not here" if contract.is_unsigned and column.bits and not column.is_unsigned else ""
    )


_LOSSES: Final[Mapping[tuple[LegacyKind, LegacyKind], Callable[[LegacyField, LegacyField], str]]] = {
    (LegacyKind.INTEGER, LegacyKind.INTEGER): _lost_bits,
    (LegacyKind.DECIMAL, LegacyKind.NUMBER): lambda _, __: "is exact there and binary here",
    (LegacyKind.INTEGER, LegacyKind.NUMBER): lambda column, _: (
        "has more digits there than a double holds" if (column.bits or 0) > _DOUBLE_BITS else ""
    ),
    (LegacyKind.NUMBER, LegacyKind.NUMBER): lambda column, contract: (
        "is double there and single here" if (column.bits or 0) > (contract.bits or 64) else ""
    ),
}
"""What a kind of the legacy side loses in a kind of the contract."""


def _nested(
    pair: _Pair, path: str, schemas: tuple[LegacySchema, LegacySchema], seen: tuple[tuple[str, str], ...]
) -> Iterator[DiffEntry]:
    """The fields of an object against those of its message, each pair of types once on the way down."""
    left, right = _resolved(pair.legacy, schemas[0]), _resolved(pair.contract, schemas[1])
    both = (pair.legacy.reference or str(pair.legacy.place), pair.field.type_name)
    if pair.field.is_map or not left or not right or both in seen:
        return
    pairs, only_left, only_right = _paired_by_name(left, right, pair.field.message)
    for one in pairs:
        inner = _compared(one, f"{path}.{one.legacy.name}", schemas, (*seen, both))
        yield from (entry for entry in inner if entry.kind is not DiffKind.OK)
    yield from (_missing_in_proto(one, f"{path}.{one.name}") for one in only_left)
    yield from (_missing_in_legacy(one, f"{path}.{one.name}") for one in only_right)


def _resolved(field: LegacyField, schema: LegacySchema) -> tuple[LegacyField, ...]:
    return schema.definitions.get(field.reference, ()) if field.reference else field.fields


def _missing_in_proto(column: LegacyField, path: str) -> DiffEntry:
    return _entry(DiffKind.MISSING_IN_PROTO, path, "is in the legacy schema and not in the contract", _ERROR, column)


def _missing_in_legacy(field: LegacyField, path: str) -> DiffEntry:
    text = "is in the contract and not in the legacy schema"
    return DiffEntry(
        DiffKind.MISSING_IN_LEGACY, path, text, _INFO, proto_type=field.type_text, proto_place=field.place
    )  # fmt: skip


def _entry(kind: DiffKind, path: str, text: str, severity: DiffSeverity, column: LegacyField) -> DiffEntry:
    return DiffEntry(kind, path, text, severity, legacy_text(column), legacy_place=column.place, legacy=column)


def _about(pair: _Pair, kind: DiffKind, path: str, text: str, severity: DiffSeverity) -> DiffEntry:
    return DiffEntry(
        kind,
        path,
        text,
        severity,
        legacy_text(pair.legacy),
        pair.contract.type_text,
        pair.legacy.place,
        pair.contract.place,
        pair.legacy,
    )


def legacy_text(column: LegacyField) -> str:
    """The type of a column for people."""
    text = column.type_text or column.kind.value
    says_so = text.endswith("[]") or text.startswith("array of ")
    return f"list of {text}" if column.is_repeated and not says_so else text

"""Random contracts, what may become of them, and documents of the old version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st

__all__ = ["Contract", "Field", "contract_pairs", "documents", "json_name"]

Json = bool | int | float | str | list["Json"] | dict[str, "Json"]

_SCALARS: Final = ("int32", "int64", "uint32", "uint64", "bool", "string", "bytes", "float", "double", "E")
_MESSAGES: Final = ("google.protobuf.Timestamp", "google.protobuf.StringValue", "Part")
_NAMES: Final = ("a", "b", "c", "d", "order", "key", "value", "position", "user_id", "a_x")
_RULES: Final = {
    "string": ("string.max_len = 20", "string.min_len = 1", "string.max_len = 30"),
    "int32": ("int32.gte = 0", "int32 = {gte: 0, lte: 9999}", "int32.gte = -5"),
    "uint64": ("uint64.lte = 100000",),
    "E": ("enum.defined_only = true",),
}
_SQL: Final = ("unique: true", "index: true")


@dataclass(frozen=True)
class Field:
    """A field of the message with a table."""

    number: int
    name: str
    kind: str
    label: str = ""
    """Empty, `optional`, `repeated` or `map`."""
    rule: str = ""
    sql: str = ""

    def __str__(self) -> str:
        options = [f"(buf.validate.field).{self.rule}"] if self.rule and self.label in {"", "optional"} else []
        if self.sql and self.label in {"", "optional"} and self.kind != "Part":
            options.append(f"(protogate.options.v1.field).sql = {{{self.sql}}}")
        written = f" [{', '.join(options)}]" if options else ""
        kind = f"map<string, {self.kind}>" if self.label == "map" else f"{self.label} {self.kind}".strip()
        return f"  {kind} {self.name} = {self.number}{written};"


@dataclass(frozen=True)
class Contract:
    """A contract with one table and what is in it."""

    fields: tuple[Field, ...]
    part: tuple[Field, ...]
    values: tuple[tuple[str, int], ...]
    table: str = ""
    number_key: bool = False

    @property
    def text(self) -> str:
        table = f'  option (protogate.options.v1.message).sql.table_name = "{self.table}";\n' if self.table else ""
        key = "int64" if self.number_key else "string"
        fields = "\n".join(map(str, self.fields))
        part = "\n".join(map(str, self.part))
        values = " ".join(f"{name} = {number};" for name, number in self.values)
        return (
            f"message User {{\n{table}  {key} id = 1;\n{fields}\n}}\n"
            f"message Part {{\n{part}\n}}\nenum E {{ {values} }}\n"
        )


@st.composite
def _field(draw: st.DrawFn, *, inside: bool) -> Field:
    label = draw(st.sampled_from(("", "", "", "optional", *(() if inside else ("repeated", "map")))))
    kind = draw(st.sampled_from(_SCALARS if inside else (*_SCALARS, *_MESSAGES)))
    if kind in _MESSAGES and label == "optional":
        label = ""
    rule = draw(st.sampled_from(("", "", *_RULES.get(kind, ()))))
    sql = draw(st.sampled_from(("", "", "", *_SQL))) if not inside else ""
    return Field(draw(st.integers(2, 12)), draw(st.sampled_from(_NAMES)), kind, label, rule, sql)


def _distinct(fields: list[Field]) -> tuple[Field, ...]:
    """The fields whose names and numbers nobody has before them."""
    found: list[Field] = []
    for one in fields:
        if all(one.name != other.name and one.number != other.number for other in found):
            found.append(one)
    return tuple(found)


@st.composite
def _changed_field(draw: st.DrawFn, field: Field, *, inside: bool) -> Field | None:  # noqa: PLR0911 - a return a change
    what = draw(st.sampled_from(("same", "same", "drop", "name", "kind", "label", "number", "rule", "all")))
    other = draw(_field(inside=inside))
    if what == "same":
        return field
    if what == "drop":
        return None
    if what == "name":
        return replace(field, name=other.name)
    if what == "kind":
        label = "" if other.kind in _MESSAGES and field.label == "optional" else field.label
        return replace(field, kind=other.kind, rule=other.rule, label=label)
    if what == "label":
        return field if field.kind in _MESSAGES else replace(field, label=other.label)
    if what == "number":
        return replace(field, number=other.number)
    if what == "rule":
        return replace(field, rule=other.rule if other.kind == field.kind else "", sql=other.sql)
    return other


@st.composite
def _changed_fields(draw: st.DrawFn, fields: tuple[Field, ...], *, inside: bool) -> tuple[Field, ...]:
    kept = [draw(_changed_field(one, inside=inside)) for one in fields]
    added = draw(st.lists(_field(inside=inside), max_size=2))
    return _distinct([*draw(st.permutations([one for one in kept if one is not None])), *added])


_VALUES: Final = st.lists(
    st.tuples(st.sampled_from(("E_A", "E_B", "E_C", "E_LONG_NAME")), st.integers(1, 4)),
    max_size=4,
    unique_by=(lambda one: one[0], lambda one: one[1]),
)


@st.composite
def contract_pairs(draw: st.DrawFn) -> tuple[Contract, Contract]:
    """Two versions of one contract."""
    fields = _distinct(draw(st.lists(_field(inside=False), min_size=1, max_size=5)))
    part = _distinct(draw(st.lists(_field(inside=True), min_size=1, max_size=3)))
    values = tuple(draw(_VALUES))
    old = Contract(fields, part, (("E_NONE", 0), *values), number_key=draw(st.booleans()))
    after = draw(st.one_of(st.just(values), _VALUES.map(tuple)))
    new = Contract(
        draw(_changed_fields(fields, inside=False)),
        draw(_changed_fields(part, inside=True)),
        (("E_NONE", 0), *after),
        table=draw(st.sampled_from(("", "", "people"))),
        number_key=old.number_key,
    )
    return old, new


def documents(contract: Contract) -> list[dict[str, Json]]:
    """Three documents: one with much, one with little, one with nothing."""
    found: list[dict[str, Json]] = []
    for row in (1, 2, 3):
        document: dict[str, Json] = {"id": row if contract.number_key else f"k{row}"}
        for field in contract.fields:
            if row == 3 and "unique" not in field.sql and "min_len" not in field.rule and "gte: 0" not in field.rule:
                continue
            document[json_name(field.name)] = _filled(field, contract, row)
        found.append(document)
    return found


def json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _filled(field: Field, contract: Contract, row: int) -> Json:
    if field.label == "repeated":
        return [_value(field.kind, contract, row), _value(field.kind, contract, row + 1)]
    if field.label == "map":
        return {"x": _value(field.kind, contract, row)}
    return _value(field.kind, contract, row)


def _value(kind: str, contract: Contract, row: int) -> Json:
    if kind == "Part":
        inside = (one for one in contract.part if row == 1 or one.label == "" or "min_len" in one.rule)
        return {json_name(one.name): _value(one.kind, contract, row) for one in inside}
    if kind == "E":
        return contract.values[row % len(contract.values)][0]
    return {
        "bool": row == 1,
        "bytes": ("eA==", "eXk=", "enp6", "eA==")[row - 1],
        "float": row + 0.5,
        "double": row + 0.25,
        "string": f"t{row}",
        "google.protobuf.StringValue": f"w{row}",
        "google.protobuf.Timestamp": f"2020-01-0{row}T00:00:00Z",
        "int32": row,
        "uint32": row,
        "int64": str(row),
        "uint64": str(row),
    }[kind]

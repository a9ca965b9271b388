"""Adapters: the documents that they make are the canonical ProtoJSON of the contract, and go back to the same rows."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from hypothesis import given
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.adapter import Adapter, RowError
from protogate.legacy.compiling import adapter_source, compile_adapter
from protogate.legacy.mapping_file import parse_mapping
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.descriptors import Schema

K = LegacyKind
CONTRACT = """syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
enum State { STATE_UNSPECIFIED = 0; STATE_NEW = 1; STATE_OLD = 2; }
message Day { int32 year = 1; int32 month = 2; int32 day = 3; }
message Owner { string name = 1; optional int32 age = 2; }
message OrderCreated {
  string id = 1 [(buf.validate.field).string.max_len = 40];
  optional string note = 2;
  int64 cents = 3;
  google.protobuf.Timestamp placed = 4;
  State state = 5;
  optional bool paid = 6;
  Day due = 7;
  repeated string tags = 8;
  Owner owner = 9;
  google.protobuf.Struct extra = 10;
  optional double weight = 11;
  bytes digest = 12;
  string source = 13;
}
"""
MAPPING = """
subject: order.legacy
table: orders
message: acme.v1.OrderCreated
stream: {category: order, key: [order_no]}
columns:
  order_no: id
  note: note
  total: {field: cents, convert: decimal, scale: 2}
  placed: {field: placed, convert: timestamp, zone: UTC}
  status: {field: state, convert: enum, values: {N: STATE_NEW, O: STATE_OLD}}
  paid: {field: paid, convert: boolean, true: [Y], false: [N]}
  due: due
  tags: tags
  owner_name: owner.name
  owner_age: owner.age
  extra: extra
  weight: weight
  digest: digest
constants: {source: legacy}
"""


def column(name: str, kind: LegacyKind, **more: Any) -> LegacyField:
    return LegacyField(name, kind, **more)


LEGACY = LegacySchema(
    "orders",
    SchemaFormat.DDL,
    (
        column("order_no", K.STRING, is_key=True, is_nullable=False, is_required=True),
        column("note", K.STRING),
        column("total", K.DECIMAL, precision=12, scale=2, is_nullable=False),
        column("placed", K.TIMESTAMP),
        column("status", K.STRING, is_nullable=False),
        column("paid", K.STRING),
        column("due", K.DATE),
        column("tags", K.STRING, is_repeated=True, is_nullable=False),
        column("owner_name", K.STRING, is_nullable=False),
        column("owner_age", K.INTEGER),
        column("extra", K.OBJECT),
        column("weight", K.NUMBER),
        column("digest", K.BYTES, is_nullable=False),
    ),
    Place("orders.sql", 1),
)
ROWS = st.tuples(
    st.from_regex(r"[A-Za-z0-9 ,%]{1,40}", fullmatch=True),
    st.none() | st.text(),
    st.decimals(-(10**8), 10**8, allow_nan=False, places=2),
    st.none() | st.datetimes(),
    st.sampled_from(["N", "O"]),
    st.none() | st.sampled_from(["Y", "N"]),
    st.none() | st.dates(),
    st.lists(st.text(), max_size=3),
    st.text(),
    st.none() | st.integers(0, 120),
    st.none() | st.dictionaries(st.text(max_size=4), st.booleans() | st.text(max_size=3), min_size=1, max_size=3),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.binary(max_size=12),
)


@pytest.fixture(scope="module")
def contract() -> Schema:
    return schema_of({"acme/v1/order.proto": CONTRACT})


@pytest.fixture(scope="module")
def adapter(contract: Schema) -> Adapter:
    return compile_adapter(parse_mapping(MAPPING, "order.mapping.yaml"), LEGACY, contract)


@pytest.fixture(scope="module")
def message_class(contract: Schema) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for file in contract.raw:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("acme.v1.OrderCreated"))


def test_documents_are_canonical_and_rows_come_back(adapter: Adapter, message_class: Any) -> None:
    @given(ROWS)
    def law(row: tuple[Any, ...]) -> None:
        document = adapter.to_document(row)
        message = json_format.ParseDict(document, message_class())
        assert json_format.MessageToDict(message) == document
        assert tuple(adapter.to_row(document)[name] for name in adapter.columns) == row
        assert adapter.key_of(adapter.stream_id(row)) == (row[0],)

    law()


def test_the_module_that_is_written_does_the_same(adapter: Adapter, contract: Schema, tmp_path: Path) -> None:
    path = tmp_path / "order_adapter.py"
    path.write_text(adapter_source(adapter.mapping, LEGACY, contract.messages["acme.v1.OrderCreated"]))
    spec = importlib.util.spec_from_file_location("order_adapter", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    @given(ROWS)
    def law(row: tuple[Any, ...]) -> None:
        named = dict(zip(adapter.columns, row, strict=True))
        written = module.legacy_to_proto(named)
        canonical = adapter.to_document(row)
        assert module.proto_to_legacy(canonical) == named
        # The module converts values; the models of the contract bring them into the canonical form.
        assert canonical.keys() <= written.keys()

    law()


ROW: tuple[Any, ...] = ("o-1", None, "1.50", None, "N", None, None, [], "Ann", None, None, None, b"")


@pytest.mark.parametrize(
    ("place", "value", "name", "said"),
    [
        (0, "x" * 41, "order_no", "should have at most 40 characters"),
        (2, "much", "total", "is no number: 'much'"),
        (4, "X", "status", "is none of 'N', 'O': 'X'"),
        (9, "old", "owner_age", "is no whole number: 'old'"),
        (9, 2**40, "owner_age", "an integer from -2147483648"),
        (0, None, "key", "is null, so the row has no identity"),
    ],
)
def test_what_cannot_come_names_its_column(
    adapter: Adapter, place: int, value: object, name: str, said: str
) -> None:  # fmt: skip
    row = (*ROW[:place], value, *ROW[place + 1 :])
    with pytest.raises(RowError) as caught:
        (adapter.stream_id(row), adapter.to_document(row))
    assert caught.value.column == name
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("note: note", "nota: note", "order.mapping.yaml:8: orders has no column 'nota'"),
        ("note: note", "note: notes", "order.mapping.yaml:8: acme.v1.OrderCreated has no field 'notes'"),
        ("owner_age: owner.age", "owner_age: owner.old", "acme.v1.Owner has no field 'old'"),
        ("scale: 2", "scale: two", "order.mapping.yaml:9: total to cents: decimal: scale is 'two'"),
        ("convert: decimal, scale: 2", "convert: decimals", "conversion 'decimals' is not known; use one of text,"),
        ("{field: cents, convert: decimal, scale: 2}", "cents", "decimal does not become int by itself; use"),
        ("zone: UTC", "zone: Mars/Olympus", "zone 'Mars/Olympus' is not in the tz database"),
        ("STATE_NEW", "STATE_NOVEL", "acme.v1.State has no value 'STATE_NOVEL'; it has STATE_UNSPECIFIED,"),
        ("key: [order_no]", "key: [number]", "stream: orders has no column 'number'"),
        ("acme.v1.OrderCreated", "acme.v1.Order", "message acme.v1.Order is in none of the contracts"),
    ],
)
def test_a_mapping_that_does_not_fit_is_one_line(contract: Schema, old: str, new: str, said: str) -> None:
    assert old in MAPPING
    with pytest.raises(UserError) as caught:
        compile_adapter(parse_mapping(MAPPING.replace(old, new), "order.mapping.yaml"), LEGACY, contract)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=3))
def test_ids_of_streams_are_told_apart(parts: list[str]) -> None:
    from protogate.legacy.compiling import _key_of, _stream_id  # noqa: PLC0415 - the law of both together

    columns = [column(str(place), K.STRING) for place in range(len(parts))]
    name = _stream_id(range(len(parts)))(parts)
    assert _key_of(columns)(name) == tuple(parts)
    assert name.isprintable()

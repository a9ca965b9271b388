"""Documents as rows, value by value."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protoc_gen_protogate.targets.sql import Settings, tables_of
from protoc_gen_protogate.targets.sql.rows import rows_of
from protogate.descriptors import Schema
from tests.support.compiler import compile_folder, vendored_protos

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.rows import Json
    from protoc_gen_protogate.targets.sql.tables import Parameter, Table

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"


def tables(case: str, file: str, settings: Settings) -> dict[str, Table]:
    """The tables of a golden contract by name."""
    image = compile_folder([GOLDEN / case, vendored_protos()], [file])
    return {table.name: table for table in tables_of(Schema(image.file, [file]), file, settings)}


def row(document: dict[str, Any], **options: Any) -> dict[str, Parameter | Decimal]:  # noqa: ANN401 - of any type
    """The row of a document of the message with a field of every kind."""
    settings = Settings(**options)
    table = tables("kinds", "acme/kinds/v1/kinds.proto", settings)["everythings"]
    first = next(rows_of(table, {"id": "1", **document}, settings.dialect))
    return dict(zip((column.name for column in table.columns), first.values, strict=True))


BIG = 2**64 - 1


@pytest.mark.parametrize(
    ("options", "document", "column", "value"),
    [
        ({}, {}, "a_string", ""),
        ({}, {}, "maybe_int32", None),
        ({}, {}, "color", "COLOR_UNSPECIFIED"),
        ({"enum": "number"}, {"color": "COLOR_COLD"}, "color", -1),
        ({"enum": "number"}, {"color": 7}, "color", 7),
        ({}, {"color": 7}, "color", "7"),
        ({}, {"aUint64": str(BIG)}, "a_uint64", -1),
        ({"dialect": "postgresql"}, {"aUint64": str(BIG)}, "a_uint64", BIG),
        ({}, {"anInt64": "-5"}, "an_int64", -5),
        ({}, {"aFloat": 0.1}, "a_float", 0.10000000149011612),
        ({}, {"aDouble": "Infinity"}, "a_double", float("inf")),
        ({}, {"someBytes": "_-8="}, "some_bytes", b"\xff\xef"),
        ({}, {"timestamp": "2020-01-02T03:04:05.5Z"}, "timestamp", "2020-01-02T03:04:05.500000000Z"),
        ({}, {"timestamp": "0001-01-01T00:00:00Z"}, "timestamp", "0001-01-01T00:00:00.000000000Z"),
        ({"dialect": "mysql"}, {"timestamp": "2020-01-02T03:04:05.5Z"}, "timestamp", "2020-01-02 03:04:05.500000"),
        ({"timestamp": "nanos"}, {"timestamp": "1970-01-01T00:00:01.000000002Z"}, "timestamp", 1_000_000_002),
        ({"timestamp": "nanos"}, {"timestamp": "1969-12-31T23:59:59.5Z"}, "timestamp", -500_000_000),
        ({}, {"duration": "-1.5s"}, "duration", -1_500_000_000),
        ({"dialect": "postgresql"}, {"duration": "1.000000001s"}, "duration", Decimal("1.000000001")),
        ({}, {"value": None}, "value", "null"),
        ({}, {}, "value", None),
        ({}, {"struct": {"é": [1]}}, "struct", '{"é":[1]}'),
        ({}, {"empty": {}}, "empty", "{}"),
        ({}, {"fieldMask": "a,bC"}, "field_mask", "a,bC"),
        ({}, {"wrappedInt64": "0"}, "wrapped_int64", 0),
        ({}, {"wrappedBool": False}, "wrapped_bool", False),
        ({}, {"nullValue": None}, "null_value", "NULL_VALUE"),
        ({"repeated": "json"}, {}, "colors", "[]"),
        ({"repeated": "json"}, {"byBool": {"true": "AA=="}}, "by_bool", '{"true":"AA=="}'),
    ],
)
def test_a_value_is_bound(options: dict[str, str], document: dict[str, Any], column: str, value: object) -> None:
    assert row(document, **options)[column] == value


def test_lists_maps_and_messages_become_rows_with_their_keys() -> None:
    table = tables("nesting", "acme/tree/v1/tree.proto", Settings())["nodes"]
    document: dict[str, Json] = {
        "id": "n",
        "payload": {"kind": "k", "lines": ["a", "b"], "leaf": {"weight": 3}},
        "flags": {},
        "steps": [{"text": "one"}, {"text": "two", "tries": [{"code": 7}], "labels": {"x": "y"}}],
        "children": [{"id": "c"}],
    }
    rows: dict[str, list[dict[str, Any]]] = {}
    for one in rows_of(table, document, "sqlite"):
        names = [column.name for column in one.table.columns]
        rows.setdefault(one.table.name, []).append(dict(zip(names, one.values, strict=True)))
    (node,) = rows["nodes"]
    assert (node["payload_kind"], node["payload_leaf_weight"], node["payload_leaf_note"]) == ("k", 3, None)
    assert (node["has_flags"], node["flags_read"], node["children"]) == (True, None, '[{"id":"c"}]')
    assert rows["nodes_payload_lines"] == [
        {"node_id": "n", "position": 0, "value": "a"},
        {"node_id": "n", "position": 1, "value": "b"},
    ]
    assert rows["nodes_steps_tries"] == [
        {"node_id": "n", "steps_position": 1, "position": 0, "code": 7, "messages": "[]"}
    ]
    assert rows["nodes_steps_labels"] == [{"node_id": "n", "steps_position": 1, "key": "x", "value": "y"}]


def test_a_message_that_is_not_set_leaves_its_columns_null() -> None:
    table = tables("nesting", "acme/tree/v1/tree.proto", Settings())["nodes"]
    (only,) = rows_of(table, {"id": "n"}, "sqlite")
    values = dict(zip((column.name for column in table.columns), only.values, strict=True))
    assert (values["payload_kind"], values["payload_leaf_weight"], values["has_flags"]) == (None, None, False)

"""What generated models make of documents: names, presence, oneofs, null, enums, extensions, Any."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from protogate.models import Any as AnyMessage
from protogate.models import Duration, NullValue, Timestamp
from tests.targets.pydantic.generated import models

if TYPE_CHECKING:
    from types import ModuleType

PROTO3 = """
syntax = "proto3";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
package shop.v1;

// The size of a shirt.
enum Size {
  option allow_alias = true;
  SIZE_UNSPECIFIED = 0;
  SIZE_SMALL = 1;
  SIZE_LITTLE = 1;
}

// Something to buy.
message Item {
  string item_id = 1;
  int64 price = 2;
  optional int32 stock = 3;
  Size size = 4;
  bytes data = 5;
  Item part = 6;
  repeated Item parts = 7;
  map<int32, string> labels = 8;
  google.protobuf.Timestamp created_at = 9;
  google.protobuf.Duration lead_time = 10;
  google.protobuf.Value extra = 11;
  google.protobuf.Any any = 12;
  google.protobuf.BoolValue flag = 13;
  double weight = 14;
  string class = 15;
  oneof target {
    string mail = 16;
    int32 phone = 17;
    google.protobuf.NullValue nobody = 18;
  }
}
"""

PROTO2 = """
syntax = "proto2";
package old.v1;
enum Mode { MODE_ON = 3; MODE_OFF = 4; }
message Setting {
  required string name = 1;
  optional int32 port = 2 [default = 8080];
  optional Mode mode = 3 [default = MODE_OFF];
  optional group Detail = 4 { optional string text = 1; }
  extensions 100 to 199;
}
"""


@pytest.fixture(scope="module")
def shop() -> ModuleType:
    return models(PROTO3)


@pytest.fixture(scope="module")
def old() -> ModuleType:
    return models(PROTO2)


def problems(error: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    return [(found["loc"], found["type"]) for found in error.errors()]


def refused(model: Any, document: object) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate_json(json.dumps(document))
    return problems(raised.value)


@pytest.mark.parametrize("name", ["itemId", "item_id"])
def test_both_names_are_read_and_the_json_name_is_written(shop: ModuleType, name: str) -> None:
    assert shop.Item.model_validate_json(f'{{"{name}": "x"}}').model_dump_json() == '{"itemId":"x"}'


def test_a_field_under_both_names_is_refused(shop: ModuleType) -> None:
    assert refused(shop.Item, {"itemId": "x", "item_id": "x"}) == [(("itemId",), "protobuf_twice")]


def test_unknown_names_are_refused_where_they_stand(shop: ModuleType) -> None:
    document = {"parts": [{}, {"colour": 1}], "colour": None}
    assert refused(shop.Item, document) == [
        (("parts", 1, "colour"), "extra_forbidden"),
        (("colour",), "extra_forbidden"),
    ]


def test_an_escaped_attribute_is_no_name_of_a_document(shop: ModuleType) -> None:
    assert shop.Item(class_="a").model_dump_json() == '{"class":"a"}'
    assert refused(shop.Item, {"class_": "a"}) == [(("class_",), "extra_forbidden")]


def test_every_problem_is_told_with_its_path(shop: ModuleType) -> None:
    document = {"parts": [{"createdAt": "yesterday"}], "labels": {"x": "y"}, "price": "1.5"}
    assert refused(shop.Item, document) == [
        (("price",), "protobuf_int64"),
        (("parts", 0, "createdAt"), "protobuf_timestamp"),
        (("labels", "x", "[key]"), "protobuf_int32"),
    ]


def test_null_means_absent(shop: ModuleType) -> None:
    names = ("itemId", "price", "stock", "size", "data", "part", "parts", "labels", "createdAt", "mail", "flag")
    assert shop.Item.model_validate_json(json.dumps(dict.fromkeys(names))) == shop.Item()


@pytest.mark.parametrize("document", [{"parts": [None]}, {"labels": {"1": None}}])
def test_null_is_no_item(shop: ModuleType, document: dict[str, object]) -> None:
    assert refused(shop.Item, document)


def test_null_of_a_value_is_a_value(shop: ModuleType) -> None:
    item = shop.Item.model_validate_json('{"extra": null}')
    assert item.extra is NullValue.NULL_VALUE
    assert item.model_dump_json() == '{"extra":null}'
    assert shop.Item().extra is None
    assert shop.Item(**shop.Item().model_dump()) == shop.Item()


def test_zero_is_written_only_with_presence(shop: ModuleType) -> None:
    document = {"price": 0, "stock": 0, "flag": False, "size": 0, "weight": 0, "part": {}, "phone": 0}
    item = shop.Item.model_validate_json(json.dumps(document))
    assert json.loads(item.model_dump_json()) == {"stock": 0, "flag": False, "part": {}, "phone": 0}


def test_negative_zero_is_written(shop: ModuleType) -> None:
    assert shop.Item(weight=-0.0).model_dump_json() == '{"weight":-0.0}'


def test_oneof_is_exclusive(shop: ModuleType) -> None:
    assert refused(shop.Item, {"parts": [{"mail": "", "phone": 1}]}) == [(("parts", 0), "protobuf_oneof")]
    assert shop.Item.model_validate_json('{"mail": null, "phone": 1}').which_oneof("target") == "phone"
    assert shop.Item.model_validate_json('{"nobody": null}').which_oneof("target") == "nobody"
    assert shop.Item().which_oneof("target") is None


def test_enums_are_read_by_every_name_and_written_by_the_first(shop: ModuleType) -> None:
    item = shop.Item.model_validate_json('{"size": "SIZE_LITTLE"}')
    assert item.size is shop.Size.SIZE_SMALL
    assert item.model_dump_json() == '{"size":"SIZE_SMALL"}'


def test_an_open_enum_keeps_unknown_numbers(shop: ModuleType) -> None:
    item = shop.Item.model_validate_json('{"size": 99}')
    assert (item.size, item.size.is_known, item.size.proto_name) == (99, False, "99")
    assert item.model_dump_json() == '{"size":99}'
    assert refused(shop.Item, {"size": 2**31}) == [(("size",), "protobuf_int32")]


def test_a_closed_enum_refuses_unknown_numbers(old: ModuleType) -> None:
    assert refused(old.Setting, {"name": "a", "mode": 5}) == [(("mode",), "protobuf_enum")]


def test_required_fields_are_required(old: ModuleType) -> None:
    assert refused(old.Setting, {}) == [(("name",), "missing")]
    assert refused(old.Setting, {"name": None}) == [(("name",), "missing")]


def test_defaults_of_the_contract_are_read_but_not_written(old: ModuleType) -> None:
    setting = old.Setting(name="a")
    assert (setting.port, setting.value_or_default("port")) == (None, 8080)
    assert setting.value_or_default("mode") is old.Mode.MODE_OFF
    assert setting.model_dump_json() == '{"name":"a"}'
    assert old.Setting(name="a", port=8080).model_dump_json() == '{"name":"a","port":8080}'


def test_extensions_are_kept(old: ModuleType) -> None:
    text = '{"name":"a","detail":{"text":"x"},"[old.v1.more]":{"n":1}}'
    setting = old.Setting.model_validate_json(text)
    assert setting.model_dump_json() == text
    assert refused(old.Setting, {"name": "a", "more": 1}) == [(("more",), "extra_forbidden")]


def test_python_values_are_taken(shop: ModuleType) -> None:
    moment = datetime(2024, 2, 29, 12, tzinfo=UTC)
    item = shop.Item(
        item_id="x",
        created_at=moment,
        lead_time=timedelta(seconds=1.5),
        data=b"\x00",
        size=shop.Size.SIZE_SMALL,
        part=shop.Item(price=5),
        labels={1: "one"},
    )
    assert (item.created_at, item.lead_time) == (Timestamp.from_datetime(moment), Duration(1, 500_000_000))
    assert json.loads(item.model_dump_json()) == {
        "itemId": "x",
        "size": "SIZE_SMALL",
        "data": "AA==",
        "part": {"price": "5"},
        "labels": {"1": "one"},
        "createdAt": "2024-02-29T12:00:00Z",
        "leadTime": "1.500s",
    }


def test_python_dump_has_attributes_and_python_values(shop: ModuleType) -> None:
    dumped = shop.Item(item_id="x", data=b"\x00", lead_time=timedelta(seconds=1)).model_dump(exclude_unset=True)
    assert dumped == {"item_id": "x", "data": b"\x00", "lead_time": Duration(1)}


def test_any_of_a_known_type_is_checked_and_unpacked(shop: ModuleType) -> None:
    inner = {"@type": "type.googleapis.com/shop.v1.Item", "item_id": "x", "price": 5}
    item = shop.Item.model_validate_json(json.dumps({"any": inner}))
    assert item.any.unpack(shop.Item) == shop.Item(item_id="x", price=5)
    assert json.loads(item.model_dump_json())["any"] == {
        "@type": "type.googleapis.com/shop.v1.Item",
        "itemId": "x",
        "price": "5",
    }
    assert refused(shop.Item, {"any": {**inner, "price": "x"}}) == [(("any", "price"), "protobuf_int64")]


def test_any_of_a_type_that_is_not_imported_is_kept(shop: ModuleType) -> None:
    text = '{"any":{"@type":"type.googleapis.com/other.Thing","a":1}}'
    assert shop.Item.model_validate_json(text).model_dump_json() == text


def test_any_packs_messages(shop: ModuleType) -> None:
    packed = AnyMessage.pack(shop.Item(price=5))
    assert (packed.full_name, packed.content) == ("shop.v1.Item", {"price": "5"})
    with pytest.raises(TypeError, match=r"holds 'shop.v1.Item', not"):
        packed.unpack(models(PROTO2).Setting)


@pytest.mark.parametrize("text", ['"\\ud83d"', '{"a": "\\udc00"}'])
def test_lone_surrogates_are_refused_however_they_come(shop: ModuleType, text: str) -> None:
    for field in ("itemId", "extra"):
        with pytest.raises(ValidationError):
            shop.Item.model_validate_json(f'{{"{field}": {text}}}')
        with pytest.raises(ValidationError):
            shop.Item.model_validate(json.loads(f'{{"{field}": {text}}}'))


def test_include_and_exclude_name_attributes(shop: ModuleType) -> None:
    item = shop.Item(item_id="x", price=5, part=shop.Item(item_id="y", price=6))
    assert item.model_dump_json(include={"item_id"}) == '{"itemId":"x"}'
    assert item.model_dump_json(exclude={"part"}) == '{"itemId":"x","price":"5"}'
    assert item.model_dump_json(exclude={"part": {"item_id"}, "price": True}) == '{"itemId":"x","part":{"price":"6"}}'


def test_comments_are_documentation(shop: ModuleType) -> None:
    assert shop.Item.__doc__ == "Something to buy."
    assert shop.Size.__doc__ == "The size of a shirt."


def test_a_user_may_add_to_a_model(shop: ModuleType) -> None:
    class Priced(shop.Item):  # type: ignore[misc, name-defined]
        shown_price: str = ""

    priced = Priced.model_validate_json('{"itemId": "x", "shownPrice": "5 EUR"}')
    assert (priced.shown_price, priced.model_dump_json()) == ("5 EUR", '{"itemId":"x","shownPrice":"5 EUR"}')

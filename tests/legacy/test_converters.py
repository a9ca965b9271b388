"""Each conversion goes there and back, and refuses with a reason what has no place in the field."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToJson, Parse
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from protogate.legacy import converters as c

DATES = st.dates()
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30))  # noqa: DTZ001 - as columns have them
LOSSLESS: dict[str, tuple[c.Converter, st.SearchStrategy[Any]]] = {
    "texts": (c.texts(), st.text()),
    "wholes": (c.wholes(), st.integers()),
    "numbers": (c.numbers(), st.floats(allow_nan=False, allow_infinity=False)),
    "decimals": (c.decimals(), st.decimals(allow_nan=False, allow_infinity=False, places=4)),
    "scaled": (c.scaled(2), st.decimals(-(10**9), 10**9, allow_nan=False, places=2)),
    "truths": (c.truths(), st.booleans()),
    "words": (c.truths("string", ("Y",), ("N",)), st.sampled_from(["Y", "N"])),
    "enums": (c.enums({"n": "NEW", "o": "OLD"}), st.sampled_from(["n", "o"])),
    "numbered": (c.enums({1: "NEW", 2: "OLD"}, "int"), st.sampled_from([1, 2])),
    "timestamps": (c.timestamps(), MOMENTS),
    "midnights": (c.midnights(), DATES),
    "dates": (c.dates(), DATES),
    "date_messages": (c.date_messages(), DATES),
    "times": (c.times(), st.times()),
    "durations": (c.durations(), st.timedeltas(timedelta(-(10**6)), timedelta(10**6))),
    "base64s": (c.base64s(), st.binary()),
    "uuid bytes": (c.uuids("bytes"), st.uuids().map(lambda one: one.bytes)),
    "json": (c.json_values(), st.dictionaries(st.text(), st.integers() | st.text() | st.none())),
    "lists": (c.lists(c.wholes()), st.lists(st.integers())),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_there_and_back(name: str) -> None:
    converter, values = LOSSLESS[name]
    assert converter.is_lossless

    @given(values)
    def law(value: Any) -> None:
        assert converter.back(converter.forward(value)) == value

    law()


@given(MOMENTS)
def test_moments_are_what_protobuf_reads_and_writes(moment: datetime) -> None:
    text = c.timestamps().forward(moment)
    message = Parse(f'"{text}"', Timestamp())
    assert message.ToDatetime() == moment
    assert c.timestamps().back(MessageToJson(message).strip('"')) == moment


@given(st.timedeltas(timedelta(-(10**6)), timedelta(10**6)))
def test_spans_are_what_protobuf_reads_and_writes(span: timedelta) -> None:
    message = Parse(f'"{c.durations().forward(span)}"', Duration())
    assert message.ToTimedelta() == span
    assert c.durations().back(MessageToJson(message).strip('"')) == span


@pytest.mark.parametrize(
    ("converter", "value", "wanted"),
    [
        (c.timestamps("string", "Europe/Warsaw"), "2026-07-01 12:00:00", "2026-07-01T10:00:00Z"),
        (c.timestamps("string"), "2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00Z"),
        (c.timestamps("string", pattern="%d.%m.%Y %H:%M"), "31.01.2026 07:05", "2026-01-31T07:05:00Z"),
        (c.timestamps("int", unit="ms"), 1500, "1970-01-01T00:00:01.500000Z"),
        (c.timestamps("date"), date(2026, 1, 31), "2026-01-31T00:00:00Z"),
        (c.timestamps(), datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00Z"),
        (c.decimals(), 0.99, "0.99"),
        (c.scaled(2, "float"), 19.99, 1999),
        (c.texts(), 7, "7"),
        (c.texts(trim=True), "  a ", "a"),
        (c.texts(), UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (c.uuids(), "00000000000000000000000000000005", "00000000-0000-0000-0000-000000000005"),
        (c.truths("int"), 1, True),
        (c.truths("string"), "no", False),
        (c.wholes("string"), " 12 ", 12),
        (c.wholes(), Decimal("3.0"), 3),
        (c.base64s("string", "hex"), "00ff", "AP8="),
        (c.splits(c.texts()), "a, b,c", ["a", "b", "c"]),
        (c.splits(c.wholes("string"), ";"), "", []),
        (c.lists(c.texts()), '["a"]', ["a"]),
        (c.json_values("string"), '{"a": 1}', {"a": 1}),
        (c.times(), timedelta(hours=7), "07:00:00"),
        (c.date_messages("string", "%Y%m%d"), "20260131", {"year": 2026, "month": 1, "day": 31}),
    ],
)
def test_values_as_drivers_give_them(converter: c.Converter, value: Any, wanted: Any) -> None:
    assert converter.forward(value) == wanted


@pytest.mark.parametrize(
    ("converter", "value", "said"),
    [
        (c.wholes(), "x", "is no whole number: 'x'"),
        (c.wholes(), 1.5, "is no whole number: 1.5"),
        (c.numbers(), b"x", "is no number"),
        (c.decimals(), "1,5", "is no number: '1,5'"),
        (c.decimals(), Decimal("NaN"), "is no number"),
        (c.scaled(2), Decimal("1.005"), "has more than 2 digits behind the point"),
        (c.truths(), 7, "is neither yes nor no: 7"),
        (c.truths("string", ("Y",), ("N",)), "y", "is neither yes nor no: 'y'"),
        (c.enums({"a": "A"}), "b", "is none of 'a': 'b'"),
        (c.timestamps(), "yesterday", "is no moment of ISO 8601: 'yesterday'"),
        (c.timestamps(), 12, "is a number; say its unit"),
        (c.dates(), datetime(2026, 1, 1, 5), "has a time beside its day"),  # noqa: DTZ001 - as columns have it
        (c.base64s("string"), "?", "is no base64"),
        (c.json_values("string"), "{", "is no JSON"),
        (c.lists(c.texts()), [None], "has null among its items"),
        (c.lists(c.texts()), "3", "is no list"),
        (c.texts(), b"x", "has no text"),
        (c.durations(), "1", "is no span of time"),
    ],
)
def test_what_has_no_place_is_refused_with_the_reason(converter: c.Converter, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        converter.forward(value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("converter", "document", "wanted"),
    [
        (c.wholes(), "9007199254740993", 9007199254740993),
        (c.wholes("decimal"), "3", Decimal(3)),
        (c.decimals("float"), "0.5", 0.5),
        (c.texts("int"), "7", 7),
        (c.texts("date"), "2026-01-31", date(2026, 1, 31)),
        (c.times("time"), "07:00:00", time(7)),
        (c.timestamps("int", unit="s"), "1970-01-01T00:00:09Z", 9),
        (c.timestamps("string", "Europe/Warsaw"), "2026-07-01T10:00:00Z", "2026-07-01 12:00:00"),
        (c.splits(c.texts()), ["a", "b"], "a,b"),
        (c.json_values("string"), {"a": 1}, '{"a":1}'),
    ],
)
def test_documents_go_back_as_the_column_has_them(converter: c.Converter, document: Any, wanted: Any) -> None:
    assert converter.back(document) == wanted

"""Timestamps and durations: values of their own, because datetime has neither nanoseconds nor all the years."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from protogate.models import Duration, Timestamp

timestamps = st.builds(Timestamp, st.integers(-62135596800, 253402300799), st.integers(0, 999_999_999))
durations = st.builds(
    lambda sign, seconds, nanos: Duration(sign * seconds, sign * nanos),
    st.sampled_from([1, -1]),
    st.integers(0, 315_576_000_000),
    st.integers(0, 999_999_999),
)


@given(timestamps)
def test_timestamp_survives_its_text(moment: Timestamp) -> None:
    assert Timestamp.parse(str(moment)) == moment


@given(durations)
def test_duration_survives_its_text(length: Duration) -> None:
    if abs(length.seconds) < 315_576_000_000:
        assert Duration.parse(str(length)) == length


@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamp_is_the_datetime(moment: datetime) -> None:
    assert Timestamp.from_datetime(moment).to_datetime() == moment


@given(st.timedeltas(timedelta(days=-3_000_000), timedelta(days=3_000_000)))
def test_duration_is_the_timedelta(length: timedelta) -> None:
    assert Duration.from_timedelta(length).to_timedelta() == length


@given(timestamps, timestamps)
def test_order_is_the_order_of_time(one: Timestamp, other: Timestamp) -> None:
    assert (one < other) == ((one.seconds, one.nanos) < (other.seconds, other.nanos))
    assert (one == other) == (hash(one) == hash(other) and one <= other <= one)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05.1Z", "2020-01-02T03:04:05.100Z"),
        ("2020-01-02T03:04:05.000001Z", "2020-01-02T03:04:05.000001Z"),
        ("2020-01-02T03:04:05.000000001Z", "2020-01-02T03:04:05.000000001Z"),
        ("2020-01-02T03:04:05+05:30", "2020-01-01T21:34:05Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_timestamp_has_one_canonical_text(text: str, canonical: str) -> None:
    assert str(Timestamp.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29T00:00:00Z",
        "2020-01-01t00:00:00Z",
        "2020-01-01T24:00:00Z",
        "2020-01-01T23:59:60Z",
        "2020-01-01T00:00:00.1234567891Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z\n",
        "\uff12020-01-01T00:00:00Z",
    ],
)
def test_text_that_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"timestamp|day is out of range|year"):
        Timestamp.parse(text)


@pytest.mark.parametrize("text", ["1", "s", "1 s", ".5s", "+1s", "1.1234567891s", "315576000001s", "1e3s", "1s\n"])
def test_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|ten thousand years"):
        Duration.parse(text)


def test_duration_has_one_sign() -> None:
    with pytest.raises(ValueError, match="has two signs; give both the same"):
        Duration(1, -1)


def test_datetime_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="has no time zone; give one"):
        Timestamp.from_datetime(datetime(2020, 1, 1))  # noqa: DTZ001 - that is the mistake


def test_model_takes_datetimes_of_any_zone() -> None:
    moment = datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert str(TypeAdapter(Timestamp).validate_python(moment)) == "2020-01-01T00:00:00Z"


def test_value_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="Timestamp is a value: 'seconds' cannot be changed"):
        Timestamp(1).seconds = 2


def test_value_can_be_copied_and_pickled() -> None:
    moment = Timestamp(5, 7)
    assert copy.deepcopy(moment) == pickle.loads(pickle.dumps(moment)) == moment  # noqa: S301 - our own bytes


def test_timestamp_is_no_duration() -> None:
    one: object = Timestamp(1)
    assert one != Duration(1)
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(Timestamp(1))

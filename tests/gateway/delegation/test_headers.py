"""Headers, whatever callers make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delegation.headers import Target, end_to_end, request_headers
from gateway.delegation.legacy_host import LegacyOptions, read_legacy_options
from gateway.delegation.routing import is_among, share_of
from protogate.errors import UserError

NAMES = st.sampled_from([
    b"connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade", b"host", b"via", b"cookie", b"x-a", b"x_a",
    b"x-forwarded-for", b"x_forwarded_for", b"forwarded", b"traceparent", b"content-length", b"expect", b"bad name",
    b"",
])  # fmt: skip
VALUES = st.sampled_from([b"", b"close", b"x-a, cookie", b"1", b",,", b"X-A", b'"', b"\\"]) | st.binary(max_size=6)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=12)
TARGET = Target("legacy.example")


@given(HEADERS)
def test_nothing_about_a_connection_passes(headers: list[tuple[bytes, bytes]]) -> None:
    kept = {name for name, _ in end_to_end(headers)}
    listed = {
        word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",") if word
    }
    assert not kept & ({b"connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade"} | listed)


@given(HEADERS)
def test_what_passes_keeps_its_order_and_value(headers: list[tuple[bytes, bytes]]) -> None:
    kept = end_to_end(headers)
    rest = iter(headers)
    assert all(one in rest for one in kept)


@given(HEADERS)
def test_the_legacy_host_hears_each_of_our_words_once(headers: list[tuple[bytes, bytes]]) -> None:
    scope = {
        "type": "http",
        "scheme": "https",
        "headers": headers,
        "client": ("2001:db8::1", 1),
        "server": ("x", 443),
        "http_version": "1.1",
    }
    made = request_headers(scope, TARGET)
    names = [name for name, _ in made]
    for name in (b"host", b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"traceparent", b"via"):
        assert names.count(name) == 1
    assert dict(made)[b"host"] == b"legacy.example"
    assert dict(made)[b"x-forwarded-for"] == b"2001:db8::1"
    assert dict(made)[b"forwarded"].startswith(b'for="[2001:db8::1]";host="')
    assert not {b"x_forwarded_for", b"content-length", b"expect", b"bad name", b""} & set(names)


@given(st.text(max_size=20), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_share_holds_the_smaller(who: str, one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert is_among("user", who, large) or not is_among("user", who, small)
    assert not is_among("user", who, 0)
    assert is_among("user", who, 100)


def test_shares_are_even_and_independent() -> None:
    callers = [f"c{number}" for number in range(10_000)]
    one = {who for who in callers if is_among("user", who, 20)}
    two = {who for who in callers if is_among("search", who, 20)}
    assert 1850 < len(one) < 2150
    assert 300 < len(one & two) < 500
    assert 0 <= min(share_of("user", who) for who in callers) < max(share_of("user", who) for who in callers) < 10_000


@pytest.mark.parametrize(
    "options",
    [
        LegacyOptions("ftp://x"),
        LegacyOptions("legacy:8000"),
        LegacyOptions("http://"),
        LegacyOptions("http://x:99999"),
        LegacyOptions("http://user:password@x"),
        LegacyOptions("http://x/?a=b"),
        LegacyOptions("http://x", host="a b"),
        LegacyOptions("http://x", host="a\r\nX: y"),
    ],
    ids=["ftp", "no-scheme", "no-host", "port", "password", "query", "space", "lines"],
)
def test_settings_that_cannot_be_are_told_in_one_line(options: LegacyOptions) -> None:
    with pytest.raises(UserError, match=r"^--legacy-(url|host) '") as caught:
        read_legacy_options(options)
    assert str(caught.value).isprintable()

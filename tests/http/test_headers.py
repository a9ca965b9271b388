from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from protogate.cqrs.messages import Expectation, Expected
from protogate.http.headers import expected_version, idempotency_key

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


@given(KEYS)
def test_every_string_of_structured_fields_is_read(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert idempotency_key(f' "{quoted}" ') == key


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1, max_size=255)
)
def test_keys_without_quotes_are_read_as_well(key: str) -> None:
    assert idempotency_key(key) == key


def test_without_a_header_there_is_no_key() -> None:
    assert idempotency_key(None) == ""


@pytest.mark.parametrize(
    "header", ["", " ", '""', '"a', '"a"b"', '"a\\b"', "a b", "ż", '"ż"', "x" * 256, f'"{"x" * 256}"', '"\\"']
)
def test_what_is_no_key_is_refused(header: str) -> None:
    with pytest.raises(HTTPException, match="is no key") as caught:
        idempotency_key(header)
    assert caught.value.status_code == 400
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, Expectation.ANY), ("*", Expectation.EXISTS), ('"3"', 3), (' "12" ', 12)],
)
def test_if_match_names_a_version(header: str | None, expected: Expected) -> None:
    assert expected_version(header) == expected


@pytest.mark.parametrize(
    "header", ["", "3", '"0"', '"-1"', 'W/"3"', '"3", "4"', '"x"', '"', f'"{2**63}"', f'"{"9" * 5000}"', '"٣"']
)
def test_what_is_no_version_is_refused(header: str) -> None:
    with pytest.raises(HTTPException, match="is no version") as caught:
        expected_version(header)
    assert caught.value.status_code == 400

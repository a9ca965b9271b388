from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.contracts.documents import MAX_BYTES, MAX_DEPTH, Document, parse_document
from tests.crosscheck.contracts.samples import COMMAND, refused

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = json.dumps(COMMAND, indent=1)


def test_a_contract_is_read_with_its_text() -> None:
    assert parse_document("a.json", TEXT.encode()) == Document("a.json", TEXT, COMMAND)


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        pytest.param("", "contract/invalid-json", (1, 1), id="empty"),
        pytest.param(" \n ", "contract/invalid-json", (1, 1), id="blank"),
        pytest.param('{"a": 1', "contract/invalid-json", (1, 8), id="cut off"),
        pytest.param('{"a": 1,\n "b" 2}', "contract/invalid-json", (2, 6), id="no colon"),
        pytest.param("{'a': 1}", "contract/invalid-json", (1, 2), id="single quotes"),
        pytest.param('{"a":\n// note\n1}', "contract/invalid-json", (2, 1), id="comment"),
        pytest.param('{"a": 1}\n{"b": 2}', "contract/invalid-json", (2, 1), id="trailing data"),
        pytest.param('{"a":\n NaN}', "contract/invalid-json", (2, 2), id="NaN"),
        pytest.param('{"NaN": "NaN", "a": [Infinity]}', "contract/invalid-json", (1, 22), id="infinity"),
        pytest.param('{"a": -Infinity}', "contract/invalid-json", (1, 7), id="minus infinity"),
        pytest.param("[1, 1e999]", "contract/invalid-json", (1, 5), id="float beyond a double"),
        pytest.param("[1, 1e999x]", "contract/invalid-json", (1, 5), id="float beyond a double, then nonsense"),
        pytest.param(f"[1, {'9' * 400}]", "contract/invalid-json", (1, 5), id="integer beyond a double"),
        pytest.param(f"[1, -{'9' * 50_000}]", "contract/invalid-json", (1, 5), id="integer that Python refuses"),
        pytest.param('["a\nb"]', "contract/invalid-json", (1, 4), id="line break in a string"),
        pytest.param('["\\x41"]', "contract/invalid-json", (1, 3), id="unknown escape"),
        pytest.param("\ufeff{}", "contract/invalid-json", (1, 1), id="byte order mark"),
        pytest.param('["ok", "\\ud83d"]', "contract/invalid-json", (1, 9), id="first half of a pair"),
        pytest.param('{"x\\ude00": 1}', "contract/invalid-json", (1, 4), id="second half of a pair"),
        pytest.param('["\\\\\\ud83d\\ud83d\\ude00"]', "contract/invalid-json", (1, 5), id="half before a pair"),
        pytest.param('{"a": 1,\n "a": 2}', "contract/duplicate-key", (2, 2), id="duplicate key"),
        pytest.param('{"a": 1, "\\u0061": 2}', "contract/duplicate-key", (1, 10), id="duplicate key, escaped"),
        pytest.param('{"a": [{"b": {"c": [], "c": {}}}]}', "contract/duplicate-key", (1, 24), id="inner duplicate key"),
        pytest.param('{"a": ["b", "b"], "b": {"b": "b"}, "b": 1}', "contract/duplicate-key", (1, 36), id="not values"),
        pytest.param('{"a": 1, "a": 2, nonsense', "contract/invalid-json", (1, 18), id="duplicate key, never closed"),
        pytest.param('[{"a": 1, "a": 2}, nonsense', "contract/duplicate-key", (1, 11), id="duplicate key, nonsense"),
        pytest.param("[" * 100_000, "contract/too-deep", (1, 101), id="brackets without end"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, "contract/too-deep", (1, 501), id="objects"),
        pytest.param('{"a": "x\\"[",\n"b": ' + "[" * 100, "contract/too-deep", (2, 105), id="not those in strings"),
    ],
)
def test_a_text_that_is_no_document_is_one_finding_at_its_place(text: str, rule: str, place: tuple[int, int]) -> None:
    found = refused(text)
    assert (found.rule, found.place) == (rule, ("x.command.json", *place))
    assert len(found.message) < 120


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('["\\ud83d\\ude00"]', id="a pair"),
        pytest.param('["\\\\ud83d"]', id="a backslash before what looks like half of a pair"),
        pytest.param('[{"a": 1}, {"a": 1}]', id="one key in two objects"),
        pytest.param("[" * MAX_DEPTH + "]" * MAX_DEPTH, id="as deep as may be"),
        pytest.param("[" + "[]," * MAX_DEPTH + "[]]", id="many, none deep"),
        pytest.param(f"[{'9' * 308}, 1e308, 5e-324]", id="the largest numbers"),
        pytest.param(" \r\n\t{}\n\n", id="blanks around"),
        pytest.param('"text"', id="a string"),
    ],
)
def test_unusual_documents_are_read(text: str) -> None:
    assert parse_document("a.json", text.encode()) == Document("a.json", text, json.loads(text))


def test_bytes_that_are_not_utf8_have_a_line_and_a_column() -> None:
    found = refused(b'{"a":\n "\xc3\xa9\xe9"}')
    assert (found.rule, found.place[1:]) == ("contract/not-utf-8", (2, 4))
    assert "0xe9" in found.message


def test_too_many_bytes_are_not_looked_at() -> None:
    found = refused(b" " * (MAX_BYTES + 1))
    assert (found.rule, found.place) == ("contract/too-large", ("x.command.json", 0, 0))
    assert "8,000,001" in found.message


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda size: '["' + '\\"' * (size // 2), id="escaped quotes without end"),
        pytest.param(lambda size: '"' * size, id="quotes"),
        pytest.param(lambda size: "[" + "[]," * (size // 3), id="empty arrays"),
        pytest.param(lambda size: '["' + "\\ud83d\\ude00" * (size // 12) + '\\ud83d"]', id="surrogates"),
        pytest.param(lambda size: "[" + "1" * size, id="a number of a megabyte"),
        pytest.param(lambda size: "{" + "[" * 101 + "x" * size, id="a word of a megabyte"),
    ],
)
def test_no_text_takes_more_than_linear_time(make: Callable[[int], str]) -> None:
    started = time.process_time()
    refused(make(1_000_000))
    assert time.process_time() - started < 3, "a quadratic one takes minutes"


def test_the_parser_takes_what_a_strict_parser_takes() -> None:
    @given(st.data())
    def law(data: st.DataObject) -> None:
        text = mutated(TEXT, data)
        parsed = parse_document("a.json", text.encode())
        try:
            expected = pydantic_core.from_json(text, allow_inf_nan=False)
        except ValueError:
            assert not isinstance(parsed, Document)
            return
        if isinstance(parsed, Document):
            assert parsed.value == expected
        else:
            assert parsed.rule == "contract/duplicate-key"

    law()


def mutated(text: str, data: st.DataObject) -> str:
    """Return a text with a few characters taken out, put in, or said twice."""
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 12))
        new = data.draw(st.sampled_from(["", text[start:end] * 2, *'{}[]",:\\ 0-eE+.u\n\tz', "null", "NaN", '"a": 1,']))
        text = text[:start] + new + text[end:]
    return text


@given(st.binary() | st.text(st.sampled_from('{}[]",:\\ud8c0-1.eNaN\n '), max_size=40).map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    parsed = parse_document("a.json", data)
    assert isinstance(parsed, Document) or parsed.rule.startswith("contract/")

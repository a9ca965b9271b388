"""Contracts are JSON that people can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.targets.contract.text import json_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(st.dictionaries(st.text(), VALUES))
def test_it_is_the_document(document: dict[str, Any]) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert text.endswith("\n")
    assert not any(line != line.rstrip(" ") for line in text.split("\n"))


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "{}\n"),
    "small things stand on one line": (
        {"a": {"b": 1, "c": ["x", True, None], "d": {}}},
        '{"b": 1, "c": ["x", true, null], "d": {}}',
    ),
    "what holds objects does not": ({"a": {"b": {"c": 1}}}, '{\n  "a": {\n    "b": {"c": 1}\n  }\n}\n'),
    "nor what is too long": ({"a": ["x" * 60, "y" * 60]}, f'[\n    "{"x" * 60}",\n    "{"y" * 60}"\n  ]'),
    "letters stay letters": ({"a": 'é "\u2028\n'}, '"é \\"\u2028\\n"'),
}


@pytest.mark.parametrize(("document", "part"), CASES.values(), ids=CASES)
def test_layout(document: dict[str, Any], part: str) -> None:
    assert part in json_text(document)


def test_lines_are_120_columns_wide() -> None:
    for length in range(60, 120):
        lines = json_text({"key": {"a": "x" * length}, "other": ["y" * length, 1]}).splitlines()
        assert all(len(line) <= 120 for line in lines if not line.lstrip().startswith(('"a"', '"yy')))

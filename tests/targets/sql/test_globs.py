"""Patterns that SQLite says without regular expressions."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protoc_gen_protogate.targets.sql.globs import glob_condition

CARRIED = [
    "^[a-z]+$",
    "^[a-z]*$",
    "^[A-Z]{2}$",
    "^[A-Za-z0-9._~-]+$",
    "^[a-z0-9-]{3,6}$",
    "^[^@ ]+$",
    r"^\d{4}-\d{2}$",
    r"^\w+$",
    "^a[0-9]+$",
    "^a_[0-9]*z$",
    "^a?b$",
    "^ab",
    "ab$",
    "a",
    "^[]a]+$",
    r"^[\]a^-]+$",
    "^[a*?]{1,3}$",
    r"^a\.b$",
    r"^\*$",
    "^[0-9]{1,3}%$",
    "^it's$",
    "^[b-]{2,}$",
]
NOT_CARRIED = [
    "^(a|b)$",
    "^a+b+$",
    "a|b",
    "(?i)a",
    "^.$",
    r"^\bword$",
    "^[[:alpha:]]$",
    "^a+?$",
    "a+",
    "^[a-z]+",
    r"^\pL$",
]


@pytest.mark.parametrize("pattern", CARRIED)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_the_condition_agrees_with_the_pattern(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.one_of(st.from_regex(pattern), st.text("abzAZ059._~-@ ]^*?_é%'s", max_size=8)))
    text = text.replace("\0", "")
    terms = glob_condition(pattern, "?1")
    assert terms is not None
    connection = sqlite3.connect(":memory:")
    (found,) = connection.execute(f"SELECT {' AND '.join(terms)}", [text]).fetchone()
    connection.close()
    expected = re.search(re.sub(r"\$$", r"\\Z", pattern), text, re.ASCII) is not None
    assert bool(found) is expected, (terms, text)


@pytest.mark.parametrize("pattern", NOT_CARRIED)
def test_what_says_more_is_not_carried(pattern: str) -> None:
    assert glob_condition(pattern, "x") is None

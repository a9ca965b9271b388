from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.slices.search.grammar import MOST_TERMS, Query, Term, parse
from gateway.slices.search.snippets import SNIPPET_WORDS, snippet
from gateway.slices.search.words import folded, plain_letters, words


def term(text: str, *, is_prefix: bool = False) -> Term:
    return Term(tuple(text.split()), is_prefix)


def wanted(*groups: tuple[Term, ...], without: tuple[Term, ...] = ()) -> Query:
    return Query(groups, without)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        pytest.param("spare part", wanted((term("spare"),), (term("part"),)), id="words"),
        pytest.param('"spare part"', wanted((term("spare part"),)), id="phrase"),
        pytest.param('"spare part', wanted((term("spare part"),)), id="phrase-without-end"),
        pytest.param("par*", wanted((term("par", is_prefix=True),)), id="prefix"),
        pytest.param('"spare par"*', wanted((term("spare par", is_prefix=True),)), id="prefix-of-phrase"),
        pytest.param("car -old", wanted((term("car"),), without=(term("old"),)), id="not"),
        pytest.param('-"old car"', wanted(without=(term("old car"),)), id="not-phrase"),
        pytest.param("-ca*", wanted(without=(term("ca", is_prefix=True),)), id="not-prefix"),
        pytest.param("car OR bike red", wanted((term("car"), term("bike")), (term("red"),)), id="or-binds-closer"),
        pytest.param("a OR b OR c", wanted((term("a"), term("b"), term("c"))), id="or-chain"),
        pytest.param("OR", wanted((term("OR"),)), id="or-alone"),
        pytest.param("car OR", wanted((term("car"),), (term("OR"),)), id="or-at-end"),
        pytest.param("-a OR b", wanted((term("OR"),), (term("b"),), without=(term("a"),)), id="or-beside-not"),
        pytest.param("a or b", wanted((term("a"),), (term("or"),), (term("b"),)), id="small-or"),
        pytest.param("c2004-x", wanted((term("c2004 x"),)), id="joint"),
        pytest.param("nosuch:x", wanted((term("nosuch x"),)), id="colon"),
        pytest.param("NEAR(a b)", wanted((term("NEAR a"),), (term("b"),)), id="near"),
        pytest.param("a AND (b", wanted((term("a"),), (term("AND"),), (term("b"),)), id="and"),
        pytest.param("a\x00b\x1b", wanted((term("a b"),)), id="control-characters"),
        pytest.param("  ", Query(is_blank=True), id="blank"),
        pytest.param("!!!", Query(), id="no-word"),
        pytest.param('"', Query(), id="quote"),
        pytest.param("-", Query(), id="dash"),
        pytest.param("*", Query(), id="star"),
    ],
)
def test_a_text_is_understood(text: str, query: Query) -> None:
    assert parse(text) == query


def test_a_text_without_words_finds_nothing_and_a_blank_one_everything() -> None:
    assert parse("!!!").is_hopeless
    assert not parse("").is_hopeless
    assert not parse("-x").is_hopeless


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    terms = [one for group in query.groups for one in group] + list(query.without)
    assert len(terms) <= MOST_TERMS
    assert all(group for group in query.groups)
    for one in terms:
        assert one.words
        assert all(list(words(word)) == [word] for word in one.words)


@pytest.mark.parametrize("text", ["-" * 10_000, '"' * 10_000, "(" * 10_000, "a*" * 5000, "x " * 5000, '-"' * 5000])
def test_a_long_text_is_understood_at_once(text: str) -> None:
    assert sum(map(len, parse(text).groups)) <= MOST_TERMS


@given(st.text())
def test_plain_letters_stay_at_their_places(text: str) -> None:
    assert len(plain_letters(text)) == len(text)


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x24F)))
def test_folding_twice_changes_nothing(text: str) -> None:
    for word in words(text):
        assert folded(folded(word)) == folded(word)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("The Żółw is slow", "The [Żółw] is slow", id="accents"),
        pytest.param("one two three two", "one [two] three [two]", id="each-match"),
        pytest.param("two words", "[two] words", id="start"),
    ],
)
def test_a_snippet_marks_matches(text: str, shown: str) -> None:
    assert snippet([text], parse("zolw OR two")) == shown


def test_a_snippet_shows_the_part_with_most_terms() -> None:
    text = " ".join(["spare", *["x"] * 100, "part", "y", "spare", *["z"] * 100])
    shown = snippet([text], parse("part OR spare"))
    assert "[part] y [spare]" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(list(words(shown))) <= SNIPPET_WORDS


def test_a_snippet_takes_the_text_that_matches() -> None:
    assert snippet(["a title", "the content"], parse("content")) == "the [content]"
    assert snippet(["a title", "the content"], parse("title")) == "a [title]"


@given(st.lists(st.text()), st.text())
def test_a_snippet_of_any_text_can_be_made(texts: list[str], text: str) -> None:
    shown = snippet(texts, parse(text))
    assert isinstance(shown, str)

"""Laws of comparing two answers, and what each rule leaves out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.comparison import Comparison, Difference, compare, normalised, path_text

if TYPE_CHECKING:
    import random

NAMES = st.sampled_from(["id", "name", "items", "at", "a.b"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([0.5, 1.0, "1", "x", "", "2024", "2024-05-01T10:00:00Z"])
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))
PATTERNS = st.lists(st.sampled_from(["id", "**.at", "items", "items[]", "*.name", "**"]), max_size=2).map(tuple)
RULES = st.builds(
    Comparison,
    ignored=PATTERNS,
    unordered=PATTERNS,
    tolerance=st.sampled_from([0.0, 0.1]),
    numbers_in_text=st.booleans(),
    moments=st.booleans(),
    null_is_absent=st.booleans(),
)
EVERYWHERE = Comparison(unordered=("**",))
MIRRORED = {"missing": "extra", "extra": "missing"}


@given(JSON, RULES)
def test_every_document_is_like_itself(document: Any, rules: Comparison) -> None:
    assert compare(document, document, rules) == ()


@given(JSON, JSON, RULES)
def test_both_ways_find_the_same(one: Any, two: Any, rules: Comparison) -> None:
    there = Counter((found.path, found.kind) for found in compare(one, two, rules))
    back = Counter((found.path, MIRRORED.get(found.kind, found.kind)) for found in compare(two, one, rules))
    assert there == back


@given(JSON, RULES)
def test_normalising_twice_is_normalising_once(document: Any, rules: Comparison) -> None:
    once = normalised(document, rules)
    assert normalised(once, rules) == once


@given(JSON, RULES)
def test_a_document_is_like_its_normal_form(document: Any, rules: Comparison) -> None:
    assert compare(document, normalised(document, rules), rules) == ()


@given(JSON, JSON)
def test_documents_without_differences_are_equal(one: Any, two: Any) -> None:
    assert (compare(one, two) == ()) == same(one, two)


def same(one: Any, two: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(value, two[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (one, two)]
    return bool(one == two) and (all(numbers) or type(one) is type(two))


@given(JSON, st.randoms())
def test_the_order_of_unordered_lists_means_nothing(document: Any, chance: random.Random) -> None:
    assert compare(document, shuffled(document, chance), EVERYWHERE) == ()


def shuffled(document: Any, chance: random.Random) -> Any:
    if isinstance(document, list):
        items = [shuffled(one, chance) for one in document]
        chance.shuffle(items)
        return items
    if isinstance(document, dict):
        return {name: shuffled(value, chance) for name, value in document.items()}
    return document


@given(st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), max_size=6))
def test_unordered_lists_are_like_each_other_when_they_are_the_same_bag(one: list[int], two: list[int]) -> None:
    assert (compare(one, two, EVERYWHERE) == ()) == (Counter(one) == Counter(two))


@given(JSON)
def test_what_is_ignored_may_be_anything(value: Any) -> None:
    assert compare({"a": {"at": value}}, {"a": {"at": "now"}}, Comparison(ignored=("**.at",))) == ()
    assert compare({"a": {}}, {"a": {"at": value}}, Comparison(ignored=("a.at",))) == ()


@pytest.mark.parametrize(
    ("one", "two", "rules", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, Comparison(), []),
        ({"a": 1}, {"a": True}, Comparison(), [("a", "type")]),
        ({"a": 1}, {"a": "1"}, Comparison(), [("a", "type")]),
        ({"a": 1}, {"a": "1"}, Comparison(numbers_in_text=True), []),
        ({"a": "01"}, {"a": 1}, Comparison(numbers_in_text=True), [("a", "type")]),
        ({"a": 100.0}, {"a": 100.09}, Comparison(tolerance=0.001), []),
        ({"a": 100.0}, {"a": 100.2}, Comparison(tolerance=0.001), [("a", "value")]),
        ({"a": "2024-05-01T10:00:00Z"}, {"a": "2024-05-01T12:00:00.000+02:00"}, Comparison(moments=True), []),
        ({"a": "2024-05-01T10:00:00Z"}, {"a": "2024-05-01T10:00:01Z"}, Comparison(moments=True), [("a", "value")]),
        ({"a": "2024-99-01T10:00:00Z"}, {"a": "2024-99-01T10:00:00z"}, Comparison(moments=True), [("a", "value")]),
        ({"a": "0001-01-01T00:00:00+14:00"}, {"a": "x"}, Comparison(moments=True), [("a", "value")]),
        ({"a": None}, {}, Comparison(), [("a", "missing")]),
        ({"a": None}, {}, Comparison(null_is_absent=True), []),
        ({}, {"a": 1}, Comparison(), [("a", "extra")]),
        ({"a": [1]}, {"a": [1, 2]}, Comparison(), [("a", "length")]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}, {"b": 1}]}, Comparison(), [("a[].b", "value")] * 2),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}, {"b": 1}]}, Comparison(unordered=("a",)), []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, Comparison(ignored=("a[].b",)), []),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, Comparison(ignored=("*.x",)), []),
        ({"a": {"x": 1}, "x": 1}, {"a": {"x": 2}, "x": 2}, Comparison(ignored=("**.x",)), []),
        ({"a": 1}, [1], Comparison(), [("", "type")]),
        ([[1, 2], [3]], [[2, 1], [3]], Comparison(unordered=("[]",)), []),
        ({"a.b": 1}, {"a.b": 2}, Comparison(), [('["a.b"]', "value")]),
    ],
)
def test_rules_say_what_matters(one: Any, two: Any, rules: Comparison, expected: list[tuple[str, str]]) -> None:
    assert [(found.path, found.kind) for found in compare(one, two, rules)] == expected


def test_a_difference_holds_both_values() -> None:
    assert compare({"a": [1]}, {"a": [2]}) == (Difference("a[]", "value", 1, 2),)


def test_no_more_than_fifty_differences_are_told() -> None:
    assert len(compare([0] * 1000, [1] * 1000)) == 50


def test_large_unordered_lists_take_no_quadratic_time() -> None:
    items = [{"id": number, "name": f"n{number}"} for number in range(20_000)]
    assert compare(items, items[::-1], Comparison(unordered=("",))) == ()


def test_a_path_is_written_for_people() -> None:
    assert path_text(("a", "[]", "b c", 'd"')) == 'a[].b c["d\\""]'

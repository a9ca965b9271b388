from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.contracts.positions import (
    Positions,
    locate,
    locate_findings,
    parse_place,
    pointer_place,
)
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.contracts.positions import Pointer

TEXT = '{\n  "a": [1, {"b\\"]": "x}"}],\n\t"é": {}, "\\u0063": -1.5e3\n}\n'

keys = st.text(st.sampled_from('ab/~#"\\{}[]:, 0\n\té€😀'), max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | keys
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


def pointers(value: object, above: Pointer = ()) -> Iterator[tuple[Pointer, object]]:
    yield above, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from pointers(part, (*above, name))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    lines = text[:offset].split("\n")
    return len(lines), len(lines[-1]) + 1


@pytest.mark.parametrize(
    ("pointer", "place", "text"),
    [
        ((), (1, 1), TEXT.rstrip()),
        (("a",), (2, 8), '[1, {"b\\"]": "x}"}]'),
        (("a", 0), (2, 9), "1"),
        (("a", 1), (2, 12), '{"b\\"]": "x}"}'),
        (("a", 1, 'b"]'), (2, 21), '"x}"'),
        (("é",), (3, 7), "{}"),
        (("c",), (3, 21), "-1.5e3"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_stands_where_its_first_character_does(pointer: Pointer, place: tuple[int, int], text: str) -> None:
    positions = Positions(TEXT)
    assert positions.place(pointer) == place
    assert TEXT[slice(*positions.span(pointer))] == text


def test_a_key_has_a_place_and_a_span_of_its_own() -> None:
    positions = Positions(TEXT)
    assert positions.place(("c",), key=True) == (3, 11)
    assert TEXT[slice(*positions.key_span(("c",)))] == '"\\u0063"'


@pytest.mark.parametrize("pointer", [("b",), ("a", 2), ("a", "0"), ("a", 0, 0), ("é", "x")], ids=str)
def test_what_is_not_there_has_no_place(pointer: Pointer) -> None:
    with pytest.raises(KeyError):
        Positions(TEXT).place(pointer)


@pytest.mark.parametrize("pointer", [(), ("a", 0)], ids=str)
def test_only_values_of_objects_have_a_key(pointer: Pointer) -> None:
    with pytest.raises(KeyError):
        Positions(TEXT).key_span(pointer)


@given(values, st.sampled_from([None, 0, 3, "\t"]), st.booleans())
def test_every_value_is_found_where_it_is_written(value: object, indent: int | str | None, ascii_only: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    positions = Positions(text)
    for pointer, part in pointers(value):
        start, end = positions.span(pointer)
        assert json.loads(text[start:end]) == part
        assert positions.place(pointer) == line_and_column(text, start)
        if pointer and isinstance(pointer[-1], str):
            start, end = positions.key_span(pointer)
            assert json.loads(text[start:end]) == pointer[-1]
            assert positions.place(pointer, key=True) == line_and_column(text, start)


@given(values, st.sampled_from(["a.json", "a#b/c#/d.json", "#"]))
def test_every_pointer_that_is_written_is_found_again(value: object, file: str) -> None:
    text = json.dumps(value)
    positions = Positions(text)
    for pointer, _ in pointers(value):
        place = pointer_place(file, pointer)
        assert parse_place(place) == (file, tuple(map(str, pointer)))
        assert locate(place, {file: positions}) == Place(file, *positions.place(pointer))


@pytest.mark.parametrize(
    "place",
    [Place("a.py"), Place("a.py", 3, 1), Place("other.json#/a"), Place("a#b.py"), Place("x.json#/a", 1)],
    ids=str,
)
def test_other_places_stay_as_they_are(place: Place) -> None:
    assert locate(place, {"x.json": Positions(TEXT)}) == place


def test_findings_get_lines_and_columns() -> None:
    found = [Finding("r", place, "m") for place in (pointer_place("x.json", ("a", 1)), Place("a.py", 3, 1))]
    located = locate_findings(found, {"x.json": TEXT, "unused.json": "{}"})
    assert [one.place for one in located] == [Place("x.json", 2, 12), Place("a.py", 3, 1)]


def test_nesting_far_beyond_the_recursion_limit_is_walked() -> None:
    depth = 5 * sys.getrecursionlimit()
    text = "[" * depth + '"x"' + "]" * depth
    assert Positions(text).span((0,)) == (1, len(text) - 1)

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.compare import compare_block
from protogate.crosscheck.contracts.documents import Document, parse_document
from protogate.crosscheck.contracts.facts import block_shape
from protogate.crosscheck.contracts.positions import Positions, pointer_place
from protogate.crosscheck.contracts.validate import validate
from protogate.crosscheck.drifts import Drift, Fix
from protogate.crosscheck.fixes import edit_values, repair
from protogate.crosscheck.values import same
from protogate.findings import Finding, Place, Severity
from tests.crosscheck.shape_words import items, one, record

if TYPE_CHECKING:
    from protogate.crosscheck.drifts import Action
    from protogate.crosscheck.shapes import Record, Scalar

POINTER = ("output", "status", "enum")
FILE = "a.query.json"

REMOVED = {
    "first of a line": ('["a", "b", "c"]', ["a"], '["b", "c"]'),
    "middle of a line": ('["a", "b", "c"]', ["b"], '["a", "c"]'),
    "last of a line": ('["a", "b", "c"]', ["c"], '["a", "b"]'),
    "several": ('["a", "b", "c"]', ["a", "c"], '["b"]'),
    "with spaces inside": ('[ "a", "b" ]', ["b"], '[ "a" ]'),
    "compact": ('["a","b","c"]', ["b"], '["a","c"]'),
    "a line each": ('[\n  "a",\n  "b",\n  "c"\n]', ["b"], '[\n  "a",\n  "c"\n]'),
    "last of lines": ('[\n\t"a",\n\t"b"\n]', ["b"], '[\n\t"a"\n]'),
    "CRLF": ('[\r\n  "a",\r\n  "b"\r\n]', ["a"], '[\r\n  "b"\r\n]'),
    "comma first": ('[ "a"\n, "b"\n, "c"\n]', ["b"], '[ "a"\n, "c"\n]'),
    "written twice": ('["a", "b", "a"]', ["a"], '["b"]'),
    "escaped": ('["\\u00e9", "b"]', ["é"], '["b"]'),
    "numbers and booleans": ("[1, true, 1.0, null]", [True], "[1, 1.0, null]"),
    "number however it is written": ("[1, 1e0, 2]", [1.0], "[2]"),
    "not there": ('["a"]', ["z"], '["a"]'),
}

ADDED = {
    "a line": ('["b", "a"]', ["c"], '["b", "a", "c"]'),
    "sorted": ('["m"]', ["z", "c"], '["m", "c", "z"]'),
    "compact": ('["a","b"]', ["c"], '["a","b","c"]'),
    "lines": ('[\n  "a",\n  "b"\n]', ["c", "d"], '[\n  "a",\n  "b",\n  "c",\n  "d"\n]'),
    "one line of lines": ('[\n    "a"\n  ]', ["b"], '[\n    "a",\n    "b"\n  ]'),
    "CRLF": ('[\r\n  "a"\r\n]', ["b"], '[\r\n  "a",\r\n  "b"\r\n]'),
    "comma first": ('[ "a"\n, "b"\n]', ["c"], '[ "a"\n, "b"\n, "c"\n]'),
    "empty": ("[]", ["a", "b"], '["a", "b"]'),
    "there already": ('["a", 1]', ["a", 1.0], '["a", 1]'),
    "number beside boolean": ("[true]", [1], "[true, 1]"),
    "quotes": ('["a"]', ['"\\'], '["a", "\\"\\\\"]'),
    "plain where the file is plain": ('["ü"]', ["é"], '["ü", "é"]'),
    "plain where nothing says otherwise": ('["a"]', ["é"], '["a", "é"]'),
    "escaped where the file is escaped": ('["\\u00fc"]', ["é"], '["\\u00fc", "\\u00e9"]'),
    "plain beside an escaped backslash": ('["\\\\u00fc"]', ["é"], '["\\\\u00fc", "é"]'),
}


def document(array: str) -> str:
    """A contract around an array, in an odd style of its own."""
    return '{ "query" : "X",\n\t"output": {"status": {"enum": ' + array + ' , "type":"string"}}, "n": 1.50 }\n\n'


@pytest.mark.parametrize(("array", "values", "expected"), REMOVED.values(), ids=REMOVED)
def test_values_are_removed_in_the_style_of_the_file(array: str, values: list[Scalar], expected: str) -> None:
    assert edit_values(document(array), POINTER, remove=values) == document(expected)


@pytest.mark.parametrize(("array", "values", "expected"), ADDED.values(), ids=ADDED)
def test_values_are_added_in_the_style_of_the_file(array: str, values: list[Scalar], expected: str) -> None:
    assert edit_values(document(array), POINTER, add=values) == document(expected)


def test_one_value_of_a_compact_file_stays_compact() -> None:
    assert edit_values('{"enum":["a"]}', ("enum",), add=["b"]) == '{"enum":["a","b"]}'


def test_list_is_replaced_as_a_whole() -> None:
    assert edit_values('{"enum": ["a", "b"]}', ("enum",), add=["c"], remove=["a", "b"]) == '{"enum": ["c"]}'


@pytest.mark.parametrize("array", ['["a"]', '["a", null]'], ids=["all", "all but null"])
def test_last_value_is_not_removed(array: str) -> None:
    with pytest.raises(ValueError, match="no value would be left"):
        edit_values(document(array), POINTER, remove=["a"])


def test_what_is_no_list_of_scalars_is_refused() -> None:
    for array in ('{"a": 1}', '[["a"]]', '"a"'):
        with pytest.raises(ValueError, match="no list of values"):
            edit_values(document(array), POINTER, remove=["a"])


# Laws.

SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.text(max_size=4),
    st.integers(-5, 5),
    st.booleans(),
    st.floats(-2, 2),
    st.sampled_from(["é", '"', "\\u00e9", "\n"]),
)
LISTS = st.lists(SCALARS, min_size=1, max_size=6, unique_by=same)
SPACES = st.text(alphabet=" \t\r\n", max_size=3)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[Scalar]]:
    """A document with a list of values, in any style; and the values."""
    values = draw(LISTS)
    escaped = draw(st.booleans())
    words = [f"{draw(SPACES)}{json.dumps(one, ensure_ascii=escaped)}{draw(SPACES)}" for one in values]
    before, after = draw(st.sampled_from([("", ""), ('"ä": "\\u00e4", ', ', "z": []')]))
    return f'{{{before}{draw(SPACES)}"enum"{draw(SPACES)}:{draw(SPACES)}[{",".join(words)}]{after}}}', values


@given(texts(), LISTS, LISTS)
def test_only_the_list_changes_and_means_what_was_asked_for(
    text_and_values: tuple[str, list[Scalar]], add: list[Scalar], remove: list[Scalar]
) -> None:
    text, values = text_and_values
    gone = set(map(same, remove))
    kept = [one for one in values if same(one) not in gone]
    new = [one for one in add if same(one) not in set(map(same, kept))]
    if not kept and not new:
        return
    edited = edit_values(text, ("enum",), add=add, remove=remove)
    start, end = Positions(text).span(("enum",))
    assert edited.startswith(text[:start])
    assert edited.endswith(text[end:])
    after: dict[str, Any] = json.loads(edited)
    assert list(map(same, after["enum"]))[: len(kept)] == list(map(same, kept))
    assert set(map(same, after["enum"][len(kept) :])) == set(map(same, new))
    assert {**after, "enum": 0} == {**json.loads(text), "enum": 0}
    again = [one for one in remove if same(one) not in set(map(same, add))]
    assert edit_values(edited, ("enum",), add=add, remove=again) == edited


@given(texts(), LISTS)
def test_values_that_stay_keep_their_bytes(text_and_values: tuple[str, list[Scalar]], remove: list[Scalar]) -> None:
    text, values = text_and_values
    gone = set(map(same, remove))
    kept = [index for index, one in enumerate(values) if same(one) not in gone]
    if not kept:
        return
    edited = edit_values(text, ("enum",), remove=remove)
    old, new = Positions(text), Positions(edited)
    for now, before in enumerate(kept):
        assert edited[slice(*new.span(("enum", now)))] == text[slice(*old.span(("enum", before)))]


# Which fixes are made.


def drift(action: Action, *values: Scalar, pointer: tuple[str | int, ...] = POINTER) -> Drift:
    place = pointer_place(FILE, pointer)
    fix = Fix("output", "status", place, action, values, Severity.WARNING, "the code never writes them")
    return Drift(Finding("crosscheck/contract-beyond-output", Place(FILE), "..."), values, fix)


BOTH: frozenset[Action] = frozenset({"remove_extra", "expand_contract"})


def test_only_what_is_asked_for_is_done() -> None:
    drifts = [drift("remove_extra", "a"), drift("expand_contract", "z")]
    text = document('["a", "b"]')
    made = repair(drifts, {FILE: text}, frozenset({"remove_extra"}))
    assert made.texts == {FILE: document('["b"]')}
    assert [fix.action for fix in made.done] == ["remove_extra"]
    assert repair(drifts, {FILE: text}, frozenset()).texts == {}


def test_list_that_nothing_is_left_of_can_be_replaced() -> None:
    drifts = [drift("remove_extra", "a", "b"), drift("expand_contract", "z")]
    made = repair(drifts, {FILE: document('["a", "b"]')}, BOTH)
    assert (made.texts, made.refused) == ({FILE: document('["z"]')}, ())


def test_empty_list_is_refused_and_told() -> None:
    made = repair([drift("remove_extra", "a", "b")], {FILE: document('["a", "b"]')}, BOTH)
    assert (made.texts, made.done) == ({}, ())
    (finding,) = made.refused
    assert (finding.rule, finding.severity) == ("crosscheck/not-fixed", Severity.WARNING)
    assert "no value would be left" in finding.message


@pytest.mark.parametrize("key", ["const", "oneOf"])
def test_what_stands_in_no_enum_is_refused_and_told(key: str) -> None:
    text = document('["a", "b"]').replace('"enum"', f'"{key}"')
    made = repair([drift("remove_extra", "a", pointer=("output", "status", key))], {FILE: text}, BOTH)
    assert made.texts == {}
    assert f"its values stand in {key}" in made.refused[0].message


@pytest.mark.parametrize(
    ("declared", "value", "fixed"),
    [('"string"', 1, False), ('["string", "integer"]', 1, True), ('"number"', 1, True), ('"boolean"', "true", False)],
    ids=["other type", "one of the types", "integer is a number", "word is no boolean"],
)
def test_value_of_another_type_is_refused_and_told(declared: str, value: Scalar, fixed: bool) -> None:  # noqa: FBT001 - of a table
    text = document("[]").replace('"type":"string"', f'"type": {declared}')
    made = repair([drift("expand_contract", value)], {FILE: text}, BOTH)
    assert (bool(made.texts), bool(made.refused)) == (fixed, not fixed)
    assert all("its type is" in one.message for one in made.refused)


def test_list_that_would_not_change_is_told() -> None:
    made = repair([drift("expand_contract", "a")], {FILE: document('["a"]')}, BOTH)
    assert (made.texts, made.done) == ({}, ())
    assert "other parts of the contract narrow this list" in made.refused[0].message


def test_half_of_a_character_is_refused_and_told() -> None:
    made = repair([drift("expand_contract", "\ud800")], {FILE: document('["a"]')}, BOTH)
    assert made.texts == {}
    assert "half of a surrogate pair" in made.refused[0].message


def test_several_lists_of_one_file_are_changed_together() -> None:
    text = '{"a": {"enum": ["x", "y"]}, "b": [{"enum": ["x", "y"]}]}'
    drifts = [drift("remove_extra", "x", pointer=("a", "enum")), drift("remove_extra", "y", pointer=("b", 0, "enum"))]
    made = repair(drifts, {FILE: text}, BOTH)
    assert made.texts == {FILE: '{"a": {"enum": ["y"]}, "b": [{"enum": ["x"]}]}'}


# From drift to agreement.


def block_of(text: str) -> Record:
    parsed = parse_document(FILE, text.encode())
    assert isinstance(parsed, Document)
    contract, problems = validate(parsed)
    assert contract is not None, problems
    return block_shape(contract, "output")


@given(
    st.lists(st.sampled_from("abcdé"), min_size=1, unique=True),
    st.lists(st.sampled_from("cdefé"), min_size=1, unique=True),
)
def test_fixed_contract_agrees_with_the_code(listed: list[str], written: list[str]) -> None:
    text = json.dumps(
        {
            "query": "X",
            "kind": "CQRS_QUERY",
            "version": "1.0.0",
            "input": {},
            "output": {"status": {"enum": listed}, "all": {"type": "array", "items": {"enum": [*listed, None]}}},
            "transport": {},
            "layers": {},
        }
    )
    code = record(status=one(*written), all=items(one(*written)))
    made = repair(compare_block("X", "output", block_of(text), code), {FILE: text}, BOTH)
    assert made.refused == ()
    fixed = made.texts.get(FILE, text)
    assert compare_block("X", "output", block_of(fixed), code) == ()
    assert repair(compare_block("X", "output", block_of(fixed), code), {FILE: fixed}, BOTH).texts == {}
    kept = [value for value in listed if value in written]
    added = sorted(value for value in written if value not in listed)
    assert json.loads(fixed)["output"]["status"]["enum"] == [*kept, *added]

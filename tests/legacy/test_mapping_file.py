"""Mapping files: every mistake is told at its line, and writing one and reading it again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.legacy.mapping import BridgeMapping, ClaimRule, ColumnMapping, Conversion, Effect, EventNames
from protogate.legacy.mapping_file import dump_mapping, find_mappings, load_mapping, parse_mapping
from protogate.legacy.model import NO_DEFAULT
from tests.support.bridge import MAPPING

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
subject: a.legacy
table: as
message: a.v1.ACreated
stream: {category: a, key: [id]}
columns:
  id: id
"""


def test_our_own_mapping_is_read_with_the_lines_of_its_columns() -> None:
    mapping = load_mapping(str(MAPPING))
    assert (mapping.subject, mapping.table, mapping.key) == ("user.legacy", "users", ("id",))
    assert [(one.column, one.place.line) for one in mapping.columns][:2] == [("id", 8), ("email", 9)]
    assert mapping.events.effects["user.v1.UserDeactivated"].set == {"is_active": False}
    assert mapping.claims == (ClaimRule("user.email", "email", "casefold"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.yaml: is empty"),
        ("- a\n", "a.yaml:1: is no mapping"),
        ("subject: [\n", "a.yaml:2: is no YAML"),
        (BASE + "subjekt: b\n", "a.yaml:7: 'subjekt' is not known; did you mean 'subject'?"),
        (BASE + "subject: b\n", "a.yaml:7: 'subject' is there twice"),
        (BASE.replace("table: as\n", ""), "a.yaml:1: has no 'table'; every mapping says table"),
        (BASE + "  b: {feld: x}\n", "a.yaml:7: columns.b: names no field"),
        (BASE + "  b: {field: x, zone: UTC}\n", "a.yaml:7: columns.b: 'zone' is not known"),
        (BASE + "  b: 3\n", "a.yaml:7: columns.b: is 3; a text is expected"),
        (BASE + "ignored: {b: }\n", "a.yaml:7: ignored.b: say why this column is not taken over"),
        (BASE + "ignored: {id: no}\n", "a.yaml:7: ignored.id: is mapped and ignored"),
        (BASE + "claims: [{space: a}]\n", "a.yaml:7: claims: needs a space and a field"),
        (BASE + "claims: [{space: a, field: b, fold: up}]\n", "is 'up'; use one of exact, casefold"),
        (BASE + "events: {creatd: x}\n", "a.yaml:7: 'creatd' is not known; did you mean 'created'?"),
        (BASE.replace("category: a,", "category: a/b,"), "a category has no '/'"),
        (BASE.replace("{category: a, key: [id]}", "{key: [id]}"), "needs a category and a key"),
    ],
)
def test_mistakes_are_told_at_their_line(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_mapping(text, "a.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_words_for_yes_and_no_are_text() -> None:
    mapping = parse_mapping(BASE + "  b: {field: b, convert: boolean, true: [yes, Y], false: [no, N, 0]}\n", "a.yaml")
    assert mapping.columns[1].conversion == Conversion("boolean", {"true": ["yes", "Y"], "false": ["no", "N", 0]})


def test_dates_are_text() -> None:
    mapping = parse_mapping(BASE + "constants: {since: 2026-01-31}\n", "a.yaml")
    assert mapping.constants == {"since": "2026-01-31"}


def test_layout_and_comments_do_not_count() -> None:
    other = "# hello\n" + BASE.replace("{category: a, key: [id]}", "\n  key: id\n  category: a")
    assert parse_mapping(other, "b.yaml").digest == parse_mapping(BASE, "a.yaml").digest
    assert parse_mapping(BASE.replace("id: id", "id: name"), "a.yaml").digest != parse_mapping(BASE, "a.yaml").digest


def test_mappings_are_found_below_directories(tmp_path: Path) -> None:
    for name in ("b/x.mapping.yaml", "a.mapping.yaml", "c.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(BASE)
    assert find_mappings([str(tmp_path)]) == (f"{tmp_path}/a.mapping.yaml", f"{tmp_path}/b/x.mapping.yaml")
    assert find_mappings([f"{tmp_path}/c.yaml"]) == (f"{tmp_path}/c.yaml",)
    with pytest.raises(UserError, match="no such file or directory"):
        find_mappings([f"{tmp_path}/gone"])


WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_ .#:'\"-]{0,8}[A-Za-z0-9]", fullmatch=True)
TEXTS = st.one_of(
    WORDS, st.sampled_from(["yes", "null", "1", "1.5", "true", "2026-01-01", "~", "[a]", "{b: c}", "- d"])
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.none(), TEXTS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
COLUMNS = st.builds(
    ColumnMapping,
    TEXTS,
    TEXTS,
    st.one_of(
        st.just(Conversion()),
        st.builds(Conversion, WORDS, st.dictionaries(st.sampled_from(["zone", "scale", "true"]), JSON, max_size=2)),
    ),
    st.one_of(st.just(NO_DEFAULT), JSON),
)
MAPPINGS = st.builds(
    BridgeMapping,
    TEXTS,
    TEXTS,
    TEXTS,
    WORDS,
    st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    st.lists(COLUMNS, max_size=3, unique_by=lambda one: one.column).map(tuple),
    st.just({}),
    st.builds(
        EventNames,
        TEXTS,
        st.one_of(st.just(""), TEXTS),
        st.one_of(st.just(""), TEXTS),
        st.dictionaries(TEXTS, st.builds(Effect, st.dictionaries(TEXTS, JSON, max_size=2)), max_size=2),
    ),
    st.dictionaries(TEXTS, JSON, max_size=2),
    st.dictionaries(TEXTS, JSON, max_size=2),
    st.lists(st.builds(ClaimRule, TEXTS, TEXTS, st.sampled_from(["exact", "casefold"])), max_size=2).map(tuple),
)


@given(MAPPINGS)
def test_what_is_written_is_read_again(mapping: BridgeMapping) -> None:
    again = parse_mapping(dump_mapping(mapping), "a.yaml")
    bare = again._replace(columns=tuple(one._replace(place=mapping.place) for one in again.columns))
    assert bare._replace(place=mapping.place, digest="") == mapping._replace(
        columns=tuple(one._replace(place=mapping.place) for one in mapping.columns)
    )

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.migrate.identifiers import free_name, names_in, ordered_renames, renamed_in

SQLITE, POSTGRES, MYSQL = (DIALECTS[name] for name in ("sqlite", "postgresql", "mysql"))


@pytest.mark.parametrize(
    ("term", "renames", "expected"),
    [
        ("a <= 5", {"a": "b"}, "b <= 5"),
        ("a IN ('a', 'it''s a')", {"a": "b"}, "b IN ('a', 'it''s a')"),
        ("length(length) > 1", {"length": "size"}, "length(size) > 1"),
        ("a + aa + a_a", {"a": "b"}, "b + aa + a_a"),
        ("a < b", {"a": "b", "b": "a"}, "b < a"),
        ('"order" > 0', {"order": "a"}, "a > 0"),
        ("a > 0", {"a": "order"}, '"order" > 0'),
        ("a = '\\'", {"a": "b"}, "b = '\\'"),
        ("a = 1e308", {"e308": "b"}, "a = 1e308"),
    ],
)
def test_columns_of_a_term_get_other_names(term: str, renames: dict[str, str], expected: str) -> None:
    assert renamed_in(term, renames, SQLITE) == expected


def test_types_and_functions_of_postgresql_are_no_columns() -> None:
    assert renamed_in("float8 = '1'::float8", {"float8": "b"}, POSTGRES) == "b = '1'::float8"
    assert names_in("octet_length(a) > '1'::bytea", ["octet_length", "a", "bytea"], POSTGRES) == {"a"}


def test_backslashes_are_escapes_in_mysql_only() -> None:
    assert renamed_in(r"a = 'x\' a' AND a", {"a": "b"}, MYSQL) == r"b = 'x\' a' AND b"
    assert renamed_in(r"a = 'x\' AND a = 'a'", {"a": "b"}, SQLITE) == r"b = 'x\' AND b = 'a'"


@given(st.permutations(["a", "b", "c", "d", "e"]), st.integers(0, 5))
def test_renames_never_meet_a_name_that_is_taken(names: list[str], count: int) -> None:
    wanted = dict(zip(["a", "b", "c", "d", "e"][:count], names, strict=False))
    wanted = {old: new for old, new in wanted.items() if new in wanted or new not in "abcde"[:count]}
    there = {name: name for name in wanted}
    for old, new in ordered_renames(wanted):
        assert new not in there
        there[new] = there.pop(old)
    assert {origin: name for name, origin in there.items()} == wanted


def test_a_free_name_is_short_and_free() -> None:
    taken = {"old_a", "OLD_A_2"}
    assert free_name("old_a", taken) == "old_a_3"
    assert len(free_name("x" * 80, ()).encode()) <= 63

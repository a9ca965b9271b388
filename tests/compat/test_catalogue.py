"""Every single change of the catalogue: what each profile says is what the row says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.compat import PROFILES, Direction, Effect, Mode, Rule, check, is_compatible
from protogate.compat.profiles import wire, wire_json
from protogate.findings import Severity
from tests.compat.buf_judge import buf_rules, judge
from tests.compat.catalogue import BUF_CATEGORIES, ROWS, TABLE_ROWS, Row
from tests.compat.compiled_pairs import CompiledPair, compile_pairs, pairs_of_rows
from tests.compat.wire_effects import profile_effects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MODES = {Direction.BACKWARD: Mode.BACKWARD, Direction.FORWARD: Mode.FORWARD}


@pytest.fixture(scope="module")
def compiled() -> Mapping[str, CompiledPair]:
    return {pair.label: pair for pair in compile_pairs(pairs_of_rows())}


def _accepts(pair: CompiledPair, profile: str, direction: Direction = Direction.BACKWARD) -> bool:
    comparison = pair.comparison
    found = check(comparison.old, comparison.new, profiles=[profile], mode=_MODES[direction])
    return is_compatible(found)


each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_names_of_rows_are_unique_and_the_whole_table_is_there() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len(TABLE_ROWS) >= 100


@each_row
def test_data_fares_as_the_row_says(row: Row, compiled: Mapping[str, CompiledPair]) -> None:
    comparison = compiled[row.name].comparison
    assert (profile_effects(comparison, "wire"), profile_effects(comparison, "json")) == (row.wire, row.json)


@each_row
def test_profiles_accept_what_the_row_says(row: Row, compiled: Mapping[str, CompiledPair]) -> None:
    pair = compiled[row.name]
    confluent = tuple(_accepts(pair, "confluent", direction) for direction in Direction)
    buf = frozenset(letter for letter, name in BUF_CATEGORIES.items() if not _accepts(pair, f"buf:{name}"))
    wire_accepts = tuple(_accepts(pair, "wire", direction) for direction in Direction)
    assert (confluent, buf) == (row.confluent, row.buf)
    assert wire_accepts == tuple(effect not in _FAILING_ON_THE_WIRE for effect in row.wire)


_FAILING_ON_THE_WIRE = {Effect.LAST, Effect.RAW, Effect.SWAP, Effect.LOST, Effect.ERROR}


def test_buf_itself_complains_where_the_rows_say(tmp_path: Path) -> None:
    rules = buf_rules()
    seen = {}
    for judged in judge(pairs_of_rows(), tmp_path):
        categories = {category for finding in judged.findings for category in rules[finding.rule]}
        seen[judged.pair.label] = {letter for letter, category in BUF_CATEGORIES.items() if category in categories}
    assert seen == {row.name: row.buf for row in ROWS}


def test_both_orders_tell_the_same(compiled: Mapping[str, CompiledPair]) -> None:
    for pair in compiled.values():
        there, back = pair.comparison, pair.comparison.swapped
        for format_ in ("wire", "json"):
            assert profile_effects(there, format_) == profile_effects(back, format_)[::-1], pair.label
        for profile in ("confluent", "wire", "wire_json"):
            backward = check(there.old, there.new, profiles=[profile], mode=Mode.BACKWARD)
            forward = check(there.new, there.old, profiles=[profile], mode=Mode.FORWARD)
            assert is_compatible(backward) == is_compatible(forward), (pair.label, profile)


def test_the_catalogue_meets_every_rule(compiled: Mapping[str, CompiledPair]) -> None:
    seen = {change.rule for pair in compiled.values() for change in pair.comparison.changes}
    seen |= {change.rule for pair in compiled.values() for change in pair.comparison.swapped.changes}
    assert set(Rule) - seen == set()


def test_every_rule_with_an_effect_on_data_is_in_the_tables_of_the_profiles() -> None:
    assert set(wire.EFFECTS) <= set(Rule)
    assert set(wire_json.EFFECTS) <= set(Rule)


def test_findings_say_where_and_what(compiled: Mapping[str, CompiledPair]) -> None:
    comparison = compiled["int32 to string"].comparison
    (finding,) = check(comparison.old, comparison.new, profiles=["wire"])
    assert finding.severity is Severity.ERROR
    assert finding.place.line == 3
    assert "int32" in finding.message
    assert "string" in finding.message


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_complains_of_a_version_and_itself(profile: str, compiled: Mapping[str, CompiledPair]) -> None:
    for pair in compiled.values():
        old = pair.comparison.old
        assert check(old, old, profiles=[profile], mode=Mode.FULL) == ()

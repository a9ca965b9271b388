"""Laws of the two shares: in bounds, explained, and never lower after something was put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.legacy.diff import DiffEntry, DiffKind, DiffSeverity, LegacyDiff
from protogate.legacy.model import LegacyField, LegacyKind
from protogate.legacy.readiness import readiness, weighted_readiness

COLUMNS = {
    "id": LegacyField("id", LegacyKind.STRING, is_key=True, is_required=True),
    "email": LegacyField("email", LegacyKind.STRING, is_required=True),
    "age": LegacyField("age", LegacyKind.INTEGER),
    "tags": LegacyField("tags", LegacyKind.STRING, is_repeated=True),
}
KINDS = {
    DiffSeverity.ERROR: DiffKind.TYPE_MISMATCH,
    DiffSeverity.WARNING: DiffKind.LENGTH_MISMATCH,
    DiffSeverity.INFO: DiffKind.OK,
}


def entry(name: str, severity: DiffSeverity) -> DiffEntry:
    return DiffEntry(KINDS[severity], name, "is so", severity, legacy=COLUMNS[name.partition(".")[0]])


def found(*entries: DiffEntry) -> LegacyDiff:
    agreeing = tuple(entry(name, DiffSeverity.INFO) for name in COLUMNS)
    return LegacyDiff("old", "acme.v1.New", agreeing + entries, frozenset(COLUMNS))


ENTRIES = st.lists(
    st.builds(entry, st.sampled_from(["id", "email", "age", "tags", "tags.a"]), st.sampled_from(list(KINDS)))
)


def test_without_fields_all_is_ready() -> None:
    empty = LegacyDiff("old", "acme.v1.New", (), frozenset())
    assert readiness(empty) == 1.0
    assert weighted_readiness(empty).value == 1.0


@given(ENTRIES)
def test_shares_are_between_0_and_1(entries: list[DiffEntry]) -> None:
    diff = found(*entries)
    assert 0.0 <= readiness(diff) <= 1.0
    assert 0.0 <= weighted_readiness(diff).value <= 1.0


@given(ENTRIES.filter(bool), st.data())
def test_putting_something_right_lowers_no_share(entries: list[DiffEntry], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(entries) - 1))
    before, after = found(*entries), found(*entries[:gone], *entries[gone + 1 :])
    assert readiness(after) >= readiness(before)
    assert weighted_readiness(after).value >= weighted_readiness(before).value


@given(ENTRIES)
def test_weighted_share_is_the_sum_of_its_parts(entries: list[DiffEntry]) -> None:
    weighted = weighted_readiness(found(*entries))
    lost = sum(one.weight * one.share for one in weighted.lost)
    assert weighted.value == pytest.approx(1.0 - lost / weighted.total)


@pytest.mark.parametrize(
    ("name", "severity", "value"),
    [
        ("id", DiffSeverity.ERROR, 1 - 3 / 7),
        ("email", DiffSeverity.ERROR, 1 - 2 / 7),
        ("age", DiffSeverity.ERROR, 1 - 1 / 7),
        ("tags.a", DiffSeverity.ERROR, 1 - 1 / 7),
        ("id", DiffSeverity.WARNING, 1 - 0.75 / 7),
        ("id", DiffSeverity.INFO, 1.0),
    ],
)
def test_what_a_field_weighs(name: str, severity: DiffSeverity, value: float) -> None:
    assert weighted_readiness(found(entry(name, severity))).value == pytest.approx(value)


def test_two_errors_of_one_field_count_twice_in_the_plain_share() -> None:
    twice = found(entry("age", DiffSeverity.ERROR), entry("age", DiffSeverity.ERROR))
    assert readiness(twice) == 0.5
    assert weighted_readiness(twice).value == pytest.approx(1 - 1 / 7)

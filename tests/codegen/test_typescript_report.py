from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from protogate.codegen import typescript_report
from protogate.codegen.typescript_report import Report, Row, compare, diff

if TYPE_CHECKING:
    import pytest

TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join).map(str.encode)


@given(TEXTS, TEXTS)
@example(b"a", b"a\n")
def test_counts_explain_the_number_of_lines(old: bytes, new: bytes) -> None:
    row = compare("x.ts", old, new)
    lines = (len(content.splitlines()) for content in (new, old))
    assert row.line_additions - row.line_removals == next(lines) - next(lines)
    assert (row.status == "unchanged") is (old == new)
    assert bool(row.line_additions or row.line_removals) is (old != new)


@given(TEXTS, TEXTS)
def test_diff_has_the_lines_that_are_counted(old: bytes, new: bytes) -> None:
    row = compare("x.ts", old, new)
    shown = diff("x.ts", old, new).splitlines()[2:]
    assert [sum(line[:1] == mark for line in shown) for mark in "+-"] == [row.line_additions, row.line_removals]


def test_many_lines_are_counted_by_what_one_side_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typescript_report, "_COMPARED_LINES", 2)
    assert compare("x.ts", b"1\n2\n3\n4\n5\n", b"1\n4\n3\n6\n7\n5\n") == Row("x.ts", "changed", 2, 1)
    assert diff("x.ts", b"1\n2\n3\n4\n5\n", b"1\n4\n3\n6\n7\n5\n").endswith("\n... and more\n")


def test_totals_count_every_status() -> None:
    rows = [compare("a", None, b""), compare("b", b"", b""), compare("c", b"1", b"2"), compare("d", b"1", b"1")]
    report = Report("s.py", "compat", check_mode=False, rows=rows)
    assert report.totals == {"targets": 4, "changed": 1, "added": 1, "unchanged": 2}
    assert not report.in_sync

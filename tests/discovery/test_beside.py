"""Work in a copy of the process gives what it gives here, errors too."""

from __future__ import annotations

import os

import pytest

from protogate.discovery.beside import Beside
from protogate.errors import UserError


def test_the_result_comes_back_from_another_process() -> None:
    work = Beside(lambda: [os.getpid(), ["a", 1.5], {"b": None}])
    pid, *rest = work.result()
    assert pid != os.getpid()
    assert rest == [["a", 1.5], {"b": None}]


def test_several_go_on_at_once_and_are_asked_in_any_order() -> None:
    works = [Beside(lambda number=number: "x" * number) for number in (200_000, 1, 0)]  # type: ignore[misc]
    assert [len(one.result()) for one in reversed(works)] == [0, 1, 200_000]


def test_what_fails_there_is_raised_here() -> None:
    def fail() -> str:
        raise UserError("reports: cannot be written: disk full")

    work = Beside(fail)
    with pytest.raises(UserError, match="disk full"):
        work.result()


def test_a_value_that_cannot_travel_is_made_here() -> None:
    assert Beside(lambda: {frozenset[str]}).result() == {frozenset[str]}


def test_where_no_process_can_be_copied_the_work_is_done_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    done = []
    work = Beside(lambda: done.append(os.getpid()))
    assert done == []
    work.result()
    assert done == [os.getpid()]

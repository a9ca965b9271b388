"""A migrated database is what the new DDL makes, for each single change of a contract, and no row is lost."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel
from sqlglot.expressions import Command

from tests.targets.sql.migrate.changes import CHANGES, Change
from tests.targets.sql.migrate.laws import Versions
from tests.targets.sql.migrate.live import Refused

if TYPE_CHECKING:
    from tests.targets.sql.migrate.live import Live

by_name = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)


def versions_of(change: Change) -> Versions:
    using = {tuple(place.rsplit(".", 1)): expression for place, expression in change.using}
    return Versions(change.old, change.new, change.documents, using, dict(change.options))  # type: ignore[arg-type]


def plain(value: object) -> object:
    if type(value).__name__ == "Decimal":
        return int(value)  # type: ignore[call-overload]
    return bytes(value) if isinstance(value, memoryview) else value


def check_rows(live: Live, change: Change) -> None:
    if change.query:
        rows = [{name: plain(value) for name, value in row.items()} for row in live.rows(change.query)]
        assert rows == list(change.found)


@by_name
def test_the_script_makes_what_the_new_ddl_makes(change: Change, live: Live) -> None:
    versions = versions_of(change)
    wanted = versions.wanted(live)
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=True))
    assert live.structure() == wanted
    check_rows(live, change)


@by_name
def test_destructive_steps_can_be_applied_by_hand(change: Change, live: Live) -> None:
    versions = versions_of(change)
    wanted = versions.wanted(live)
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=False))
    versions.finish(live)
    assert live.structure() == wanted
    check_rows(live, change)


@pytest.mark.parametrize("change", [c for c in CHANGES if "swap" not in c.name], ids=lambda change: change.name)
def test_a_second_time_changes_nothing(change: Change, live: Live) -> None:
    versions = versions_of(change)
    versions.start(live)
    script = versions.script(live.dialect, destructive=True)
    live.run(script)
    before = live.structure()
    with suppress(Refused):
        live.run(script)
    assert live.structure() == before


@by_name
def test_the_other_way_has_no_surprises(change: Change, live: Live) -> None:
    back = Versions(change.new, change.old, (), {}, dict(change.options))
    wanted = back.wanted(live)
    back.start(live)
    live.run(back.script(live.dialect, destructive=True))
    assert live.structure() == wanted


@by_name
def test_decisions_are_those_that_only_a_person_can_take(change: Change) -> None:
    versions = Versions(change.old, change.new, (), {}, dict(change.options))
    found = sorted(decision.rule for decision in versions.migration("postgresql").open_decisions)
    if not change.using or change.rules:
        assert found == sorted(change.rules)
    else:
        assert found


@by_name
def test_mysql_parses(change: Change) -> None:
    for script in (versions_of(change).script("mysql", destructive=d) for d in (False, True)):
        parsed = sqlglot.parse(script, read="mysql", error_level=ErrorLevel.RAISE)
        assert not [one for one in parsed if isinstance(one, Command)], "sqlglot has only skimmed it"

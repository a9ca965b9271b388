"""Changes of a legacy database reach the events once, and what we wrote ourselves is no change."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gateway.bridge.capture import Capture, Captured, ChangeLog
from gateway.bridge.polling import Stamp, UpdatedAtLog
from gateway.bridge.triggers import install, is_installed, remove, trigger_sql
from gateway.legacy.rows import LegacyRow
from gateway.legacy.writer import LegacyWriter
from gateway.slices.user.state import USER
from protogate.cqrs.messages import NewEvent
from protogate.cqrs.replay import load
from protogate.errors import UserError
from tests.gateway.bridge.test_bootstrap import opened, run, verified
from tests.support.bridge import Legacy, user, users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bridge.capture import Changes
    from gateway.bridge.merge import Policy
    from protogate.cqrs.ports import EventStore


@pytest.fixture
def taken_over(legacy: Legacy, tmp_path: Path) -> Legacy:
    legacy.insert(users(5))
    run(legacy, tmp_path)
    install(legacy.url, "users", ["id"])
    return legacy


@asynccontextmanager
async def capturing(
    legacy: Legacy, path: Path, policy: Policy = "legacy", log: Changes | None = None
) -> AsyncIterator[tuple[Capture, EventStore]]:
    async with opened(path) as store:
        changes = log or ChangeLog(legacy.url, "users")
        try:
            yield Capture(legacy.bridge(), store, changes, policy), store
        finally:
            changes.close()


def captured(legacy: Legacy, path: Path, policy: Policy = "legacy") -> Captured:
    async def work() -> Captured:
        async with capturing(legacy, path, policy) as (capture, _):
            return await capture.once()

    return asyncio.run(work())


def state(path: Path, name: str) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with opened(path) as store:
            return (await load(store, f"user/{name}", USER)).state._asdict()

    return asyncio.run(work())


def append(path: Path, name: str, kind: str, **data: Any) -> None:
    async def work() -> None:
        async with opened(path) as store:
            await store.append(f"user/{name}", [NewEvent(kind, {"userId": name, **data})])

    asyncio.run(work())


def test_each_kind_of_change_comes_over(taken_over: Legacy, tmp_path: Path) -> None:
    taken_over.insert([user(9)])
    taken_over.run("UPDATE users SET age = 77 WHERE id = 'u-000001'")
    taken_over.run("DELETE FROM users WHERE id = 'u-000002'")
    done = captured(taken_over, tmp_path)
    assert (done.changes, done.created, done.changed, done.deleted) == (3, 1, 1, 1)
    assert state(tmp_path, "u-000009")["email"] == "user9@example.com"
    assert state(tmp_path, "u-000001")["age"] == 77
    assert state(tmp_path, "u-000002")["is_active"] is False
    assert captured(taken_over, tmp_path) == Captured()
    assert verified(taken_over, tmp_path).is_equal


def test_a_row_that_changes_often_is_read_once(taken_over: Legacy, tmp_path: Path) -> None:
    for age in range(30, 40):
        taken_over.run("UPDATE users SET age = :age WHERE id = 'u-000001'", age=age)
    done = captured(taken_over, tmp_path)
    assert (done.changes, done.rows, done.changed) == (10, 1, 1)


def test_a_key_that_changes_is_one_row_gone_and_one_come(taken_over: Legacy, tmp_path: Path) -> None:
    taken_over.run("UPDATE users SET id = 'u-x' WHERE id = 'u-000001'")
    done = captured(taken_over, tmp_path)
    assert (done.created, done.deleted) == (1, 1)
    assert verified(taken_over, tmp_path).is_equal


def test_what_our_relay_wrote_is_no_change(taken_over: Legacy, tmp_path: Path) -> None:
    append(tmp_path, "u-000001", "EmailChanged", email="new@example.com")
    writer = LegacyWriter(taken_over.url)
    row = taken_over.row("u-000001")
    assert row is not None
    values = {**row, "email": "new@example.com"}
    key = {"id": values.pop("id")}
    writer.write([LegacyRow("users", key, 2, values)])
    writer.close()
    done = captured(taken_over, tmp_path)
    assert (done.changes, done.changed, done.unchanged) == (1, 0, 1)
    assert verified(taken_over, tmp_path).is_equal


def test_an_older_row_of_ours_does_not_undo_a_newer_event(taken_over: Legacy, tmp_path: Path) -> None:
    append(tmp_path, "u-000001", "EmailChanged", email="first@example.com")
    append(tmp_path, "u-000001", "EmailChanged", email="second@example.com")
    writer = LegacyWriter(taken_over.url)
    row = taken_over.row("u-000001")
    assert row is not None
    values = {**row, "email": "first@example.com"}
    key = {"id": values.pop("id")}
    # The relay has told the first of both events only.
    writer.write([LegacyRow("users", key, 2, values)])
    writer.close()
    assert captured(taken_over, tmp_path).changed == 0
    assert state(tmp_path, "u-000001")["email"] == "second@example.com"


def test_changes_of_both_sides_are_joined(taken_over: Legacy, tmp_path: Path) -> None:
    append(tmp_path, "u-000001", "EmailChanged", email="new@example.com")
    taken_over.run("UPDATE users SET age = 55 WHERE id = 'u-000001'")
    done = captured(taken_over, tmp_path)
    assert (done.changed, done.conflicts) == (1, ())
    after = state(tmp_path, "u-000001")
    assert (after["email"], after["age"]) == ("new@example.com", 55)


@pytest.mark.parametrize(
    ("policy", "email"),
    [("legacy", "theirs@example.com"), ("new", "ours@example.com"), ("stop", "ours@example.com")],
)
def test_a_field_that_both_changed_is_told(
    taken_over: Legacy, tmp_path: Path, policy: Policy, email: str
) -> None:  # fmt: skip
    append(tmp_path, "u-000001", "EmailChanged", email="ours@example.com")
    taken_over.run("UPDATE users SET email = 'theirs@example.com' WHERE id = 'u-000001'")
    done = captured(taken_over, tmp_path, policy)
    assert [one.field for one in done.conflicts[0].conflicts] == ["email"]
    assert state(tmp_path, "u-000001")["email"] == email
    # Whoever stops is asked again.
    assert bool(captured(taken_over, tmp_path, policy).conflicts) is (policy == "stop")


def test_a_row_that_breaks_a_rule_holds_nobody_up(taken_over: Legacy, tmp_path: Path) -> None:
    taken_over.run("UPDATE users SET age = 999 WHERE id = 'u-000001'")
    taken_over.run("UPDATE users SET age = 40 WHERE id = 'u-000002'")
    done = captured(taken_over, tmp_path)
    assert (done.changed, [name for name, _ in done.rejected]) == (1, ["u-000001"])
    taken_over.run("UPDATE users SET age = 41 WHERE id = 'u-000001'")
    assert captured(taken_over, tmp_path).changed == 1
    assert verified(taken_over, tmp_path).is_equal


def test_a_name_is_free_again_when_its_row_has_another(taken_over: Legacy, tmp_path: Path) -> None:
    taken_over.run("UPDATE users SET email = 'x@example.com' WHERE id = 'u-000001'")
    taken_over.run("UPDATE users SET email = 'user1@example.com' WHERE id = 'u-000002'")
    done = captured(taken_over, tmp_path)
    assert (done.changed, done.rejected) == (2, ())


class TestTriggers:
    def test_they_can_be_made_twice_and_removed(self, taken_over: Legacy) -> None:
        install(taken_over.url, "users", ["id"])
        taken_over.run("UPDATE users SET age = 33 WHERE id = 'u-000001'")
        log = ChangeLog(taken_over.url, "users")
        assert log.backlog() == 1
        remove(taken_over.url, "users", ["id"])
        taken_over.run("UPDATE users SET age = 34 WHERE id = 'u-000001'")
        assert log.backlog() == 1
        assert is_installed(taken_over.engine)
        log.close()

    def test_a_change_that_is_undone_leaves_no_note(self, taken_over: Legacy) -> None:
        with taken_over.engine.connect() as connection:
            connection.exec_driver_sql("UPDATE users SET age = 33 WHERE id = 'u-000001'")
            connection.rollback()
        log = ChangeLog(taken_over.url, "users")
        assert log.backlog() == 0
        log.close()

    def test_other_databases_are_refused(self) -> None:
        with pytest.raises(UserError, match="mysql: has no triggers of ours"):
            trigger_sql("mysql", "users", ["id"])


class TestUpdatedAt:
    @pytest.fixture
    def stamped(self, legacy: Legacy, tmp_path: Path) -> Legacy:
        kind = "TIMESTAMP" if "postgres" in legacy.url else "TEXT"
        legacy.run(f"ALTER TABLE users ADD COLUMN updated_at {kind}")
        legacy.insert(users(5))
        legacy.run("UPDATE users SET updated_at = '2026-01-01 10:00:00'")
        run(legacy, tmp_path)
        return legacy

    def take(self, legacy: Legacy, path: Path) -> Captured:
        async def work() -> Captured:
            log = UpdatedAtLog(legacy.url, "users", ["id"], Stamp("updated_at", 60.0), path / "watermark.json")
            async with capturing(legacy, path, log=log) as (capture, _):
                total = Captured()
                while (done := await capture.once()).changes:
                    total = total.plus(done)
                return total

        return asyncio.run(work())

    def test_rows_with_a_newer_stamp_come_over(self, stamped: Legacy, tmp_path: Path) -> None:
        assert self.take(stamped, tmp_path).unchanged == 5
        stamped.run("UPDATE users SET age = 44, updated_at = '2026-01-01 11:00:00' WHERE id = 'u-000003'")
        done = self.take(stamped, tmp_path)
        assert (done.changed, state(tmp_path, "u-000003")["age"]) == (1, 44)

    def test_a_commit_that_came_late_is_seen(self, stamped: Legacy, tmp_path: Path) -> None:
        self.take(stamped, tmp_path)
        stamped.run("UPDATE users SET age = 45, updated_at = '2026-01-01 09:59:30' WHERE id = 'u-000002'")
        assert self.take(stamped, tmp_path).changed == 1

    def test_a_column_that_is_not_there_is_named(self, legacy: Legacy, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="table users has no column 'changed'"):
            UpdatedAtLog(legacy.url, "users", ["id"], Stamp("changed"), tmp_path / "watermark.json")

"""Rows come over once, whatever happens, and what cannot come is told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gateway.bridge.bootstrap import Run, bootstrap, preview
from gateway.bridge.checkpoint import CheckpointFile, Counts
from gateway.bridge.source import RowSource, SourceLostError
from gateway.bridge.verification import verify
from gateway.slices.user.state import USER
from gateway.wiring import open_store
from protogate.cqrs.errors import ClaimedError
from protogate.cqrs.messages import Append, Claim, Commit, Expectation, NewEvent
from protogate.cqrs.replay import load
from protogate.errors import UserError
from tests.support.bridge import MAPPING, Legacy, user, users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from protogate.cqrs.ports import EventStore

COUNT = 300


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[EventStore]:
    store = await open_store(str(path / "events.db"))
    try:
        yield store
    finally:
        await store.aclose()


def run(legacy: Legacy, path: Path, run: Run = Run(size=64), **more: Any) -> Counts:  # noqa: B008 - a frozen value
    async def work() -> Counts:
        async with opened(path) as store:
            return await bootstrap(legacy.bridge(**more), store, CheckpointFile(path, "user.legacy"), run=run)

    return asyncio.run(work())


def states(path: Path, names: list[str]) -> list[dict[str, Any]]:
    async def work() -> list[dict[str, Any]]:
        async with opened(path) as store:
            return [(await load(store, f"user/{name}", USER)).state._asdict() for name in names]

    return asyncio.run(work())


def verified(legacy: Legacy, path: Path) -> Any:
    async def work() -> Any:
        async with opened(path) as store:
            return await verify(legacy.bridge(), store, legacy.schema)

    return asyncio.run(work())


def test_every_row_comes_over_with_every_value(legacy: Legacy, tmp_path: Path) -> None:
    rows = users(COUNT)
    legacy.insert(rows)
    assert run(legacy, tmp_path) == Counts(COUNT, COUNT)
    taken = states(tmp_path, [row["id"] for row in rows])
    wanted = [{key: row[key] for key in ("email", "first_name", "last_name", "age", "is_active")} for row in rows]
    assert taken == [{**row, "is_in_legacy": True} for row in wanted]
    found = verified(legacy, tmp_path)
    assert (found.is_equal, found.rows, found.equal) == (True, COUNT, COUNT)
    assert {one.fate for one in found.columns} == {"mapped"}


def test_who_is_shut_out_stays_shut_out(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert([user(1, is_active=False), user(2, is_active=True), user(3, is_active=None)])
    run(legacy, tmp_path)
    shut = [one["is_active"] for one in states(tmp_path, ["u-000001", "u-000002", "u-000003"])]
    assert shut == [False, True, True]


def test_a_second_run_writes_nothing(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(COUNT))
    run(legacy, tmp_path)
    assert run(legacy, tmp_path) == Counts(COUNT, present=COUNT)
    legacy.insert([user(COUNT)])
    assert run(legacy, tmp_path) == Counts(COUNT + 1, written=1, present=COUNT)


def test_a_run_goes_on_where_the_last_one_stopped(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(COUNT))
    assert run(legacy, tmp_path, Run(size=50, limit=120)) == Counts(120, 120)
    assert run(legacy, tmp_path, Run(size=50)) == Counts(COUNT, COUNT)


def test_a_note_that_is_lost_costs_nothing_but_time(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(COUNT))
    run(legacy, tmp_path, Run(size=50, limit=120))
    CheckpointFile(tmp_path, "user.legacy").path.unlink()
    assert run(legacy, tmp_path) == Counts(COUNT, written=COUNT - 120, present=120)


def test_rows_that_changed_since_are_counted_and_left(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(3))
    run(legacy, tmp_path)
    legacy.run("UPDATE users SET age = 99 WHERE id = 'u-000001'")
    assert run(legacy, tmp_path) == Counts(3, present=2, different=1)
    found = verified(legacy, tmp_path)
    assert not found.is_equal
    assert [(one.id, one.kind, one.columns) for one in found.differences] == [("u-000001", "different", ("age",))]


def test_rows_and_streams_without_each_other_are_told_apart(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(3))
    run(legacy, tmp_path)
    legacy.run("DELETE FROM users WHERE id = 'u-000000'")
    legacy.insert([user(9)])

    async def own() -> None:
        async with opened(tmp_path) as store:
            await store.append("user/new", [NewEvent("UserCreated", {"userId": "new", "email": "n@example.com"})])

    asyncio.run(own())
    found = verified(legacy, tmp_path)
    assert (found.equal, found.missing, found.vanished, found.only_new) == (2, 1, 1, 1)
    assert {(one.id, one.kind) for one in found.differences} == {("u-000009", "missing"), ("u-000000", "vanished")}


class TestRejected:
    def test_rows_that_break_a_rule_are_listed_with_the_reason(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert([*users(5), user(6, email="nobody"), user(7, age=200), user(8, email=None)])
        assert run(legacy, tmp_path) == Counts(8, 5, rejected=3)
        lines = [json.loads(line) for line in (tmp_path / "user.legacy.rejected.jsonl").read_text().splitlines()]
        assert [(line["key"], line["column"]) for line in lines] == [
            ({"id": "u-000006"}, "email"),
            ({"id": "u-000007"}, "age"),
            ({"id": "u-000008"}, "email"),
        ]
        assert lines[0]["reason"] == "must be a valid email address"
        assert lines[1]["row"]["age"] == 200

    def test_a_name_that_another_has_is_a_reason(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert([*users(3), user(5, email="USER1@example.com")])
        assert run(legacy, tmp_path) == Counts(4, 3, rejected=1)
        (line,) = (tmp_path / "user.legacy.rejected.jsonl").read_text().splitlines()
        assert json.loads(line)["column"] == "email"

    def test_a_row_that_was_put_right_comes_over_and_leaves_the_list(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert([user(1), user(2, age=-1)])
        run(legacy, tmp_path)
        legacy.run("UPDATE users SET age = 1 WHERE id = 'u-000002'")
        assert run(legacy, tmp_path) == Counts(2, written=1, present=1)
        assert not (tmp_path / "user.legacy.rejected.jsonl").exists()

    def test_what_a_type_does_not_hold_is_a_reason_and_no_crash(self, sqlite_legacy: Legacy, tmp_path: Path) -> None:
        sqlite_legacy.insert(users(2))
        # SQLite keeps any value in any column.
        sqlite_legacy.run("UPDATE users SET age = 'old', is_active = 'perhaps' WHERE id = 'u-000001'")
        assert run(sqlite_legacy, tmp_path) == Counts(2, 1, rejected=1)

    def test_names_that_are_taken_over_cannot_be_taken_again(self, sqlite_legacy: Legacy, tmp_path: Path) -> None:
        sqlite_legacy.insert(users(1))
        run(sqlite_legacy, tmp_path)

        async def again() -> None:
            async with opened(tmp_path) as store:
                append = Append("user/x", (NewEvent("UserCreated", {}),), Expectation.ABSENT)
                await store.commit(Commit((append,), claims=(Claim("user.email", "user0@example.com", "user/x"),)))

        with pytest.raises(ClaimedError):
            asyncio.run(again())


class TestDryRun:
    def test_nothing_is_written(self, legacy: Legacy) -> None:
        legacy.insert([*users(5), user(6, email="nobody")])
        counts, rejects = preview(legacy.bridge())
        assert counts == Counts(6, 5, rejected=1)
        assert [one.column for one in rejects] == ["email"]


class TestSource:
    def test_a_wrong_path_is_an_error_and_makes_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="there is no such database; nothing was created"):
            RowSource(f"sqlite:///{tmp_path}/nowhere.db", "users", ["id"], ["id"])
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"table": "user"}, "has no table 'user'; it has users"),
            ({"columns": ["id", "nick"]}, "table users has no column 'nick'; it has id, email"),
            ({"where": "nick = 1"}, "--where nick = 1: "),
        ],
        ids=["table", "column", "where"],
    )
    def test_what_is_not_there_is_named(self, legacy: Legacy, change: dict[str, Any], said: str) -> None:
        wanted: dict[str, Any] = {"table": "users", "columns": ["id"], **change}
        with pytest.raises(UserError) as caught:
            RowSource(legacy.url, wanted["table"], wanted["columns"], ["id"], where=wanted.get("where", ""))
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_condition_limits_the_rows(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert(users(10))
        where = "age >= 25"
        assert run(legacy, tmp_path, Run(where), where=where) == Counts(3, 3)

    def test_a_source_that_disappears_leaves_a_state_to_go_on_from(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert(users(COUNT))

        async def work() -> None:
            async with opened(tmp_path) as store:
                bridge = legacy.bridge()
                file = CheckpointFile(tmp_path, "user.legacy")

                def vanish(counts: Counts) -> None:
                    if counts.read == 60:
                        legacy.run("ALTER TABLE users RENAME TO gone")

                await bootstrap(bridge, store, file, run=Run(size=20), progress=vanish)

        with pytest.raises(SourceLostError):
            asyncio.run(work())
        legacy.run("ALTER TABLE gone RENAME TO users")
        counts = run(legacy, tmp_path)
        assert (counts.read, counts.written + counts.present, counts.rejected) == (COUNT, COUNT, 0)
        assert verified(legacy, tmp_path).is_equal


class TestNotes:
    def test_another_mapping_is_refused_until_somebody_says_restart(self, legacy: Legacy, tmp_path: Path) -> None:
        legacy.insert(users(3))
        run(legacy, tmp_path, Run(limit=1))
        text = MAPPING.read_text().replace("default: true", "default: false")
        with pytest.raises(UserError, match="was begun with another mapping; use --restart"):
            run(legacy, tmp_path, mapping=text)
        assert run(legacy, tmp_path, Run(restart=True), mapping=text) == Counts(3, written=2, present=1)

    def test_a_note_that_cannot_be_read_is_told(self, sqlite_legacy: Legacy, tmp_path: Path) -> None:
        CheckpointFile(tmp_path, "user.legacy").path.write_text("{")
        with pytest.raises(UserError, match=r"cannot be read: .*; delete it to begin anew"):
            run(sqlite_legacy, tmp_path)

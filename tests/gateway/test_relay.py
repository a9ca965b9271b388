from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa

from gateway._gen.user.v1.user_models import (
    ChangeEmailCommand,
    ChangeEmailRequest,
    DeactivateUserRequest,
    DualCreateUserCommand,
    DualCreateUserRequest,
)
from gateway.legacy.database import LegacyUnavailableError, RowRefusedError, open_engine
from gateway.legacy.repair import LegacyTable, repair
from gateway.legacy.rows import DESTINATION, LegacyRow
from gateway.legacy.state import RelayState
from gateway.legacy.writer import LegacyWriter
from gateway.relay import LEASE, Pace, Relay
from gateway.slices.user.handlers import UserCommands
from gateway.slices.user.legacy import KEY, TABLE, is_first, present_row
from gateway.slices.user.state import CATEGORY
from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.handling import Call, CommandRuntime
from protogate.cqrs.messages import Answer, Append, Commit, NewEvent, Outgoing
from protogate.errors import UserError
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

_NAMES = itertools.count(1)
_FAST = Pace(poll=0.01, first=0.01, most=0.05, lease=1.0, tries=2)
_USERS = LegacyTable(TABLE, KEY, CATEGORY, is_first, present_row)
_CREATE = (
    "CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, first_name TEXT, last_name VARCHAR(60),"
    " age INTEGER CHECK (age < 200), is_active {boolean})"
)
_PROGRAM = Path(__file__).with_name("relay_program.py")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def legacy_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A legacy database with an empty table of users."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'legacy.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = f"{server.url}&options=-csearch_path%3D{fresh_schema(server)}"
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(_CREATE.format(boolean="BOOLEAN")))
    engine.dispose()
    return url


def fresh_schema(server: PostgresServer) -> str:
    name = f"legacy_{next(_NAMES)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return name


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


class Users:
    """Carries out commands on users, as the gateway does."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self._runtime = CommandRuntime(store)
        self._commands = UserCommands()

    async def create(self, name: str) -> str:
        request = DualCreateUserRequest(
            command=DualCreateUserCommand(
                command_id=name, email=f"{name}@example.com", first_name=name, last_name="Test", age=30
            )
        )
        committed = await self._runtime.execute(
            Call("create", key=name, fingerprint=b"x"),
            lambda context: self._commands.dual_create_user(request, context),
            lambda response: Answer(201, response.aggregate_id.encode()),
        )
        assert committed.answer is not None
        return committed.answer.body.decode()

    async def change_email(self, user_id: str, email: str) -> None:
        request = ChangeEmailRequest(id=user_id, command=ChangeEmailCommand(new_email=email))
        await self._runtime.execute(
            Call("change"),
            lambda context: self._commands.change_email(request, context),
            lambda response: Answer(200, response.event_id.encode()),
        )

    async def deactivate(self, user_id: str) -> None:
        request = DeactivateUserRequest(id=user_id)
        await self._runtime.execute(
            Call("deactivate"),
            lambda context: self._commands.deactivate_user(request, context),
            lambda response: Answer(200, response.event_id.encode()),
        )


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[SqliteStore, Users]]:
    store = SqliteStore(folder / "events.db")
    try:
        yield store, Users(store)
    finally:
        await store.aclose()


def a_relay(store: SqliteStore, folder: Path, url: str, *, creates_users: bool = False) -> Relay:
    writer = LegacyWriter(url, creates_users=creates_users)
    return Relay(store, writer, RelayState(f"sqlite:///{folder / 'relay.db'}"), pace=_FAST)


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in databases
            await asyncio.sleep(0.02)


async def drained(store: SqliteStore) -> bool:
    return (await store.backlog(DESTINATION))[0] == 0


async def entry(store: SqliteStore, body: dict[str, Any]) -> None:
    """Leaves an outbox entry that no slice would leave."""
    await store.commit(Commit((Append("x/1", (NewEvent("Left", {}),)),), outgoing=(Outgoing(DESTINATION, body),)))


def a_row(version: int, **values: str | float | None) -> LegacyRow:
    row = {"email": "a@example.com", "first_name": "A", "last_name": "B", "age": 1, "is_active": True, **values}
    return LegacyRow("users", {"id": "1"}, version, row)


# The writer


def test_a_row_is_written_once_for_each_version(legacy_url: str) -> None:
    writer = LegacyWriter(legacy_url)
    assert writer.write([a_row(1), a_row(2, email="b@example.com")]) == 2
    assert writer.write([a_row(1), a_row(2, email="b@example.com")]) == 0
    assert query(legacy_url, "SELECT id, email, age, is_active FROM users") == [("1", "b@example.com", 1, True)]
    writer.close()


def test_a_late_row_cannot_undo_a_newer_one(legacy_url: str) -> None:
    writer, late = LegacyWriter(legacy_url), LegacyWriter(legacy_url)
    assert writer.write([a_row(3, is_active=False)]) == 1
    assert late.write([a_row(2)]) == 0
    assert query(legacy_url, "SELECT is_active FROM users") == [(False,)]
    writer.close()
    late.close()


def test_rows_are_written_together_or_not_at_all(legacy_url: str) -> None:
    writer = LegacyWriter(legacy_url)
    with pytest.raises(RowRefusedError, match="users"):
        writer.write([a_row(1), LegacyRow("users", {"id": "2"}, 1, {"email": None, "first_name": "x"})])
    assert query(legacy_url, "SELECT count(*) FROM users") == [(0,)]
    assert query(legacy_url, "SELECT count(*) FROM protogate_versions") == [(0,)]
    writer.close()


@pytest.mark.parametrize("has_guard", [True, False], ids=["guard", "no-guard"])
def test_rows_that_go_together_end_as_if_written_one_by_one(legacy_url: str, *, has_guard: bool) -> None:
    """New rows, rows of the legacy application, rows that come twice, and rows with fewer columns, in one batch."""
    query(legacy_url, "INSERT INTO users VALUES ('old', 'old@example.com', 'O', 'L', 9, TRUE)")
    rows = [
        LegacyRow("users", {"id": name}, version, {"email": f"{name}-{version}@example.com", "is_active": True, **more})
        for name, version, more in (
            ("a", 1, {"age": 1}),
            ("b", 1, {}),
            ("a", 2, {"age": 2}),
            ("c", 1, {}),
            ("old", 5, {"age": 10}),
            ("a", 1, {"age": 3}) if has_guard else ("d", 1, {}),
            ("e", 1, {"age": 5}),
        )
    ]
    writer = LegacyWriter(legacy_url, has_guard=has_guard)
    assert writer.write(rows[:4]) == 4
    assert writer.write(rows[3:]) == (2 if has_guard else 4)
    found = query(legacy_url, "SELECT id, email, age FROM users ORDER BY id")
    assert found == [
        ("a", "a-2@example.com", 2),
        ("b", "b-1@example.com", None),
        ("c", "c-1@example.com", None),
        *([] if has_guard else [("d", "d-1@example.com", None)]),
        ("e", "e-1@example.com", 5),
        ("old", "old-5@example.com", 10),
    ]
    writer.close()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(a_row(1, email=None), id="not-null"),
        pytest.param(a_row(1, age=1000), id="check"),
        pytest.param(a_row(1, age=10**30), id="number-too-large"),
    ],
)
def test_a_row_that_breaks_a_rule_of_the_table_is_refused(legacy_url: str, row: LegacyRow) -> None:
    writer = LegacyWriter(legacy_url)
    with pytest.raises(RowRefusedError, match="users id=1"):
        writer.write([row])
    writer.close()


def test_a_table_or_a_column_that_is_not_there_is_no_fault_of_the_row(legacy_url: str) -> None:
    writer = LegacyWriter(legacy_url)
    with pytest.raises(LegacyUnavailableError, match="no table nosuch"):
        writer.write([a_row(1)._replace(table="nosuch")])
    with pytest.raises(LegacyUnavailableError, match="no column shoe_size"):
        writer.write([a_row(1, shoe_size=46)])
    query(legacy_url, "ALTER TABLE users ADD COLUMN shoe_size INTEGER")
    assert writer.write([a_row(1, shoe_size=46)]) == 1
    writer.close()


def test_without_a_guard_rows_are_written_as_they_come(legacy_url: str) -> None:
    writer = LegacyWriter(legacy_url, has_guard=False)
    assert writer.write([a_row(2), a_row(1, age=7)]) == 2
    assert query(legacy_url, "SELECT age FROM users") == [(7,)]
    with pytest.raises(sa.exc.DatabaseError):
        query(legacy_url, "SELECT * FROM protogate_versions")
    writer.close()


def test_yes_and_no_may_be_kept_as_numbers(tmp_path: Path, postgres_server: PostgresServer) -> None:
    for url in (
        f"sqlite:///{tmp_path / 'numbers.db'}",
        f"{postgres_server.url}&options=-csearch_path%3D{fresh_schema(postgres_server)}",
    ):
        query(url, _CREATE.format(boolean="SMALLINT"))
        writer = LegacyWriter(url)
        writer.write([a_row(1)])
        assert query(url, "SELECT is_active FROM users") == [(1,)]
        writer.close()


def test_writers_that_race_leave_the_newest_version(legacy_url: str) -> None:
    writers = [LegacyWriter(legacy_url) for _ in range(4)]
    writers[0].write([a_row(1)])

    def late(writer: LegacyWriter, version: int) -> None:
        while True:
            try:
                writer.write([a_row(version, age=version)])
            except (LegacyUnavailableError, RowRefusedError):
                continue
            return

    async def race() -> None:
        versions = list(range(2, 42))
        await asyncio.gather(
            *(asyncio.to_thread(late, writers[version % 4], version) for version in reversed(versions))
        )

    asyncio.run(race())
    assert query(legacy_url, "SELECT age FROM users") == [(41,)]
    for writer in writers:
        writer.close()


@pytest.mark.parametrize("url", ["", "no url", "nosuch://host/db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_be_used_is_said_in_one_line(url: str) -> None:
    with pytest.raises(UserError, match=r"^the legacy database") as caught:
        LegacyWriter(url)
    assert "\n" not in str(caught.value)


# The relay


def test_what_was_committed_reaches_the_legacy_database_in_order(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            first, second = await users.create("one"), await users.create("two")
            async with a_relay(store, tmp_path, legacy_url) as relay:
                await users.change_email(first, "new@example.com")
                await users.deactivate(second)
                await until(lambda: drained(store))
                status = await relay.status()
                assert (status.waiting, status.dead, status.told, status.last_error) == (0, 0, 4, "")
                assert status.is_ours
            rows = query(
                legacy_url, "SELECT id, email, first_name, last_name, age, is_active FROM users ORDER BY email"
            )
            assert rows == [
                (first, "new@example.com", "one", "Test", 30, True),
                (second, "two@example.com", "two", "Test", 30, False),
            ]

    asyncio.run(work())


def test_the_table_is_made_where_the_default_file_is_new(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'legacy.db'}"

    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            await users.create("one")
            async with a_relay(store, tmp_path, url, creates_users=True):
                await until(lambda: drained(store))
        assert query(url, "SELECT email, is_active FROM users") == [("one@example.com", True)]

    asyncio.run(work())


def test_the_lag_is_told_and_nothing_is_lost_while_the_table_is_missing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'legacy.db'}"

    async def work() -> None:
        async with opened(tmp_path) as (store, users), a_relay(store, tmp_path, url) as relay:
            await users.create("one")
            await until(lambda: failed(relay))
            await asyncio.sleep(0.1)
            status = await relay.status()
            assert (status.waiting, status.dead) == (1, 0)
            assert status.lag_seconds >= 0.1
            assert "has no table users" in status.last_error
            query(url, _CREATE.format(boolean="BOOLEAN"))
            await until(lambda: drained(store))
            assert (await relay.status()).lag_seconds == 0

    asyncio.run(work())


async def failed(relay: Relay) -> bool:
    return (await relay.status()).failures > 0


def test_a_row_that_is_refused_becomes_a_dead_letter_and_holds_up_nobody(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            await users.create("before")
            taken = {"email": "before@example.com", "first_name": "x", "last_name": "y", "age": 1, "is_active": True}
            await entry(store, {"table": "users", "key": {"id": "dead"}, "version": 1, "values": taken})
            await entry(store, {"nonsense": True})
            await users.create("after")
            async with a_relay(store, tmp_path, legacy_url) as relay:
                await until(lambda: drained(store))
                assert (await relay.status()).dead == 2
                first, second = await relay.state.dead(DESTINATION)
                assert first.body["key"] == {"id": "dead"}
                assert "unique" in first.reason.lower()
                assert second.body == {"nonsense": True}
                emails = query(legacy_url, "SELECT email FROM users ORDER BY email")
                assert emails == [("after@example.com",), ("before@example.com",)]

                query(legacy_url, "UPDATE users SET email = 'moved@example.com' WHERE email = 'before@example.com'")
                assert await relay.state.retry(DESTINATION) == 2
                await until(lambda: count_is(relay, 1))
                assert query(legacy_url, "SELECT email FROM users WHERE id = 'dead'") == [("before@example.com",)]
                await until(lambda: nobody_waits(relay))
                assert [one.number for one in await relay.state.dead(DESTINATION)] == [second.number]
                assert await relay.state.forget(DESTINATION, [second.number]) == 1

    asyncio.run(work())


async def count_is(relay: Relay, count: int) -> bool:
    return await relay.state.count_dead(DESTINATION) == count


async def nobody_waits(relay: Relay) -> bool:
    return not await relay.state.dead(DESTINATION, is_waiting=True)


def test_one_relay_works_at_a_time_and_another_takes_over(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            one, two = (a_relay(store, tmp_path, legacy_url) for _ in range(2))
            async with two:
                async with one:
                    await until(lambda: somebody_holds(one))
                    for number in range(10):
                        await users.create(f"u{number}")
                    await until(lambda: drained(store))
                    told = sorted([(await one.status()).told, (await two.status()).told])
                    assert told == [0, 10]
                await users.create("last")
                await until(lambda: drained(store))
                assert (await two.status()).is_ours

    asyncio.run(work())


async def somebody_holds(relay: Relay) -> bool:
    return await relay.state.holder(LEASE) is not None


def test_a_lease_ends_by_time_alone(tmp_path: Path) -> None:
    clock = itertools.count(0, 1_000_000)

    async def work() -> None:
        state = RelayState(f"sqlite:///{tmp_path / 'relay.db'}", now_us=lambda: next(clock))
        assert await state.hold("x", "a", 2.5)
        assert not await state.hold("x", "b", 2.5)
        assert await state.hold("x", "a", 2.5)
        assert [await state.hold("x", "b", 2.5) for _ in range(3)] == [False, False, True]
        await state.let_go("x", "a")
        assert await state.holder("x") == "b"
        await state.let_go("x", "b")
        assert await state.holder("x") is None

    asyncio.run(work())


# Crashes


def program(folder: Path, url: str, where: str) -> int:
    """Runs a relay in a process of its own until it kills itself there, or has nothing left."""
    done = subprocess.run(
        [sys.executable, str(_PROGRAM), str(folder), url, where],
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return done.returncode


def test_a_relay_that_is_killed_anywhere_loses_nothing_and_writes_nothing_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'legacy.db'}"
    query(url, _CREATE.format(boolean="BOOLEAN"))
    # What the legacy application sees of each change.
    query(url, "CREATE TABLE seen (id TEXT, email TEXT, is_active BOOLEAN)")
    for when in ("INSERT", "UPDATE"):
        query(
            url,
            f"CREATE TRIGGER see_{when} AFTER {when} ON users"  # noqa: S608 - two words of ours
            " BEGIN INSERT INTO seen VALUES (new.id, new.email, new.is_active); END",
        )

    async def commands(number: int) -> None:
        async with opened(tmp_path) as (_, users):
            user_id = await users.create(f"u{number}")
            await users.change_email(user_id, f"new{number}@example.com")
            await users.deactivate(user_id)

    crashes = ["before-write", "after-write", "after-told", "before-write", "after-write"]
    for number, where in enumerate(crashes):
        asyncio.run(commands(number))
        assert program(tmp_path, url, where) == -9, where
    assert program(tmp_path, url, "never") == 0

    async def check() -> None:
        async with opened(tmp_path) as (store, _):
            assert await drained(store)
            writer = LegacyWriter(url)
            report = await repair(store, writer, _USERS, writes=False)
            assert (report.compared, report.missing, report.different) == (len(crashes), 0, 0)
            writer.close()

    asyncio.run(check())
    seen = query(url, "SELECT id, email, is_active, count(*) FROM seen GROUP BY id, email, is_active")
    assert len(seen) == 3 * len(crashes)
    assert all(row[3] == 1 for row in seen)


def test_another_process_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'legacy.db'}"
    query(url, _CREATE.format(boolean="BOOLEAN"))

    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            await users.create("one")
            assert await asyncio.to_thread(program, tmp_path, url, "before-write") == -9
            async with a_relay(store, tmp_path, url) as relay:
                assert await relay.state.holder(LEASE) not in {None, relay.owner}
                await until(lambda: drained(store))
        assert query(url, "SELECT email FROM users") == [("one@example.com",)]

    asyncio.run(work())


@pytest.mark.postgres
def test_a_legacy_database_that_goes_away_under_load_loses_nothing(tmp_path: Path) -> None:
    # A minute away is a hundred of the longest pauses; the clock is shortened, the server is real.
    with PostgresServer.running() as server:
        query(server.url, _CREATE.format(boolean="BOOLEAN"))

        async def work() -> None:
            async with opened(tmp_path) as (store, users), a_relay(store, tmp_path, server.url) as relay:
                ids = [await users.create(f"u{number}") for number in range(20)]
                await until(lambda: drained(store))
                enough = asyncio.Event()
                load = asyncio.create_task(keep_changing(users, ids, enough))
                await asyncio.to_thread(server.stop)
                stopped = time.monotonic()
                await until(lambda: failed(relay))
                await until(lambda: waits(relay, 50))
                await asyncio.sleep(10 * _FAST.most - (time.monotonic() - stopped))
                assert (await relay.status()).dead == 0
                await asyncio.to_thread(server.start)
                await asyncio.sleep(0.5)
                # Not cancelled: a change that is being committed would come after the last look at the outbox.
                enough.set()
                await load
                await until(lambda: drained(store))
                assert (await relay.status()).failures == 0
                report = await repair(store, relay.writer, _USERS, writes=False)
                assert (report.compared, report.missing, report.different) == (20, 0, 0)

        asyncio.run(work())


async def waits(relay: Relay, count: int) -> bool:
    status = await relay.status()
    return status.waiting >= count and status.failures > 10


async def keep_changing(users: Users, ids: Sequence[str], enough: asyncio.Event) -> None:
    for number in itertools.count():
        if enough.is_set():
            return
        await users.change_email(ids[number % len(ids)], f"changed{number}@example.com")
        await asyncio.sleep(0.005)


# Repair


def test_rows_that_drifted_are_found_and_put_right(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            ids = [await users.create(f"u{number}") for number in range(5)]
            async with a_relay(store, tmp_path, legacy_url) as relay:
                await until(lambda: drained(store))
                query(legacy_url, f"UPDATE users SET age = 99, is_active = false WHERE id = '{ids[0]}'")  # noqa: S608 - an id of ours
                query(legacy_url, f"DELETE FROM users WHERE id = '{ids[1]}'")  # noqa: S608 - as above
                query(legacy_url, "INSERT INTO users (id, email) VALUES ('theirs', 't@example.com')")

                found = await repair(store, relay.writer, _USERS, writes=False)
                assert (found.compared, found.missing, found.different, found.repaired) == (5, 1, 1, 0)
                assert [str(one) for one in found.differences] == [
                    f"users id={ids[0]}: age, is_active differ",
                    f"users id={ids[1]}: is missing",
                ]
                assert (await repair(store, relay.writer, _USERS)).repaired == 2
                after = await repair(store, relay.writer, _USERS)
                assert (after.missing, after.different, after.repaired) == (0, 0, 0)
                assert query(legacy_url, "SELECT email FROM users WHERE id = 'theirs'") == [("t@example.com",)]

    asyncio.run(work())


def test_what_a_repair_wrote_is_not_undone_by_what_waits(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, users):
            user_id = await users.create("one")
            await users.deactivate(user_id)
            relay = a_relay(store, tmp_path, legacy_url)
            assert (await repair(store, relay.writer, _USERS)).repaired == 1
            async with relay:
                await until(lambda: drained(store))
        assert query(legacy_url, "SELECT is_active FROM users") == [(False,)]

    asyncio.run(work())


def test_users_of_the_new_system_alone_are_not_compared(tmp_path: Path, legacy_url: str) -> None:
    async def work() -> None:
        async with opened(tmp_path) as (store, _):
            await store.append("user/new", [NewEvent("UserCreated", {"userId": "new", "email": "n@example.com"})])
            writer = LegacyWriter(legacy_url)
            assert (await repair(store, writer, _USERS)).compared == 0
            writer.close()

    asyncio.run(work())

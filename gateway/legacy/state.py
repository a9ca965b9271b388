"""What the relay remembers outside of the legacy database: who relays, and which rows could not be written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy import exc

from gateway.legacy.database import in_thread, open_engine
from protogate.cqrs.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["DeadLetter", "RelayState"]

Result = TypeVar("Result")

_METADATA: Final = sa.MetaData()
_LEASES: Final = sa.Table(
    "relay_leases",
    _METADATA,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("owner", sa.String(128), nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False),
)
_DEAD: Final = sa.Table(
    "relay_dead_letters",
    _METADATA,
    sa.Column("destination", sa.String(128), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("died_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("is_waiting", sa.Boolean, nullable=False),
)


class DeadLetter(NamedTuple):
    """An outbox entry that could not be told."""

    number: int
    died_us: int
    """When it was given up, microseconds since 1970."""
    reason: str
    body: Mapping[str, Any]
    is_waiting: bool = False
    """Somebody asked to try it again."""


class RelayState:
    """Leases and dead letters in a database of ours, which is there when the legacy database is not."""

    def __init__(self, url: str, *, now_us: Callable[[], int] | None = None) -> None:
        """Open a database; `now_us` stands in for its clock.

        Raises:
            UserError: the URL cannot be understood.
        """
        self._engine = open_engine(url)
        self._now_us = now_us
        self._is_ready = False

    async def hold(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a lease; False while another has it."""
        return await self._run(lambda connection: self._hold(connection, name, owner, seconds))

    async def let_go(self, name: str, owner: str) -> None:
        """Give a lease back before its time."""
        await self._run(
            lambda connection: connection.execute(
                sa.delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.owner == owner)
            )
        )

    async def holder(self, name: str) -> str | None:
        """Who has a lease now."""

        def read(connection: sa.Connection) -> str | None:
            now = self._now(connection)
            held = sa.select(_LEASES.c.owner).where(_LEASES.c.name == name, _LEASES.c.until_us > now)
            return connection.execute(held).scalar()

        return await self._run(read)

    async def bury(self, destination: str, number: int, reason: str, body: Mapping[str, Any]) -> None:
        """Keep an entry that cannot be told; it is on disk afterwards. Twice is like once, with the newer reason."""

        def write(connection: sa.Connection) -> None:
            now = self._now(connection)
            fresh = {"died_us": now, "reason": reason, "is_waiting": False}
            changed = connection.execute(sa.update(_DEAD).where(*_is(destination, [number])).values(fresh))
            if not changed.rowcount:
                text = orjson.dumps(body).decode()
                connection.execute(sa.insert(_DEAD).values(destination=destination, number=number, body=text, **fresh))

        await self._run(write)

    async def dead(self, destination: str, *, limit: int = 100, is_waiting: bool = False) -> tuple[DeadLetter, ...]:
        """The oldest dead letters; or those only that are to be tried again."""

        def read(connection: sa.Connection) -> tuple[DeadLetter, ...]:
            wanted = sa.select(_DEAD).where(_DEAD.c.destination == destination).order_by(_DEAD.c.number).limit(limit)
            if is_waiting:
                wanted = wanted.where(_DEAD.c.is_waiting)
            return tuple(
                DeadLetter(row.number, row.died_us, row.reason, orjson.loads(row.body), row.is_waiting)
                for row in connection.execute(wanted)
            )

        return await self._run(read)

    async def count_dead(self, destination: str) -> int:
        """How many dead letters there are."""
        counted = sa.select(sa.func.count()).select_from(_DEAD).where(_DEAD.c.destination == destination)
        return await self._run(lambda connection: int(connection.execute(counted).scalar() or 0))

    async def retry(self, destination: str, numbers: Sequence[int] | None = None) -> int:
        """Ask to try dead letters again, all without numbers; give how many."""
        changed = sa.update(_DEAD).where(*_is(destination, numbers)).values(is_waiting=True)
        return await self._run(lambda connection: int(connection.execute(changed).rowcount))

    async def forget(self, destination: str, numbers: Sequence[int]) -> int:
        """Drop dead letters; give how many."""
        return await self._run(
            lambda connection: int(connection.execute(sa.delete(_DEAD).where(*_is(destination, numbers))).rowcount)
        )

    async def aclose(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    async def _run(self, work: Callable[[sa.Connection], Result]) -> Result:
        def transaction() -> Result:
            if not self._is_ready:
                self._make_tables()
                self._is_ready = True
            with self._engine.begin() as connection:
                return work(connection)

        try:
            return await in_thread(transaction)
        except exc.SQLAlchemyError as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise StoreUnavailableError(f"the state of the relay: {reason}") from error

    def _make_tables(self) -> None:
        """Make what is missing; another process that makes it at the same moment is as good."""
        try:
            _METADATA.create_all(self._engine, checkfirst=True)
        except exc.DBAPIError:
            # Looked in vain, made by another: the second look finds it, or the failure was a real one.
            _METADATA.create_all(self._engine, checkfirst=True)

    def _hold(self, connection: sa.Connection, name: str, owner: str, seconds: float) -> bool:
        now = self._now(connection)
        until = now + int(seconds * 1_000_000)
        is_free = sa.or_(_LEASES.c.owner == owner, _LEASES.c.until_us <= now)
        taken = sa.update(_LEASES).where(_LEASES.c.name == name, is_free).values(owner=owner, until_us=until)
        if connection.execute(taken).rowcount:
            return True
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(_LEASES).values(name=name, owner=owner, until_us=until))
        except exc.IntegrityError:
            return False
        return True

    def _now(self, connection: sa.Connection) -> int:
        """One clock for all that share the database."""
        if self._now_us is not None:
            return self._now_us()
        if connection.dialect.name == "postgresql":
            now = connection.execute(sa.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
            return int(now.scalar_one())
        return time.time_ns() // 1000


def _is(destination: str, numbers: Sequence[int] | None) -> list[sa.ColumnElement[bool]]:
    this: list[sa.ColumnElement[bool]] = [_DEAD.c.destination == destination]
    return this if numbers is None else [*this, _DEAD.c.number.in_(numbers)]

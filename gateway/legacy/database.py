"""Opens databases by SQLAlchemy URLs, and tells failures that pass from those that do not."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from protogate.cqrs.errors import CqrsError, DataError
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LegacyUnavailableError", "RowRefusedError", "in_thread", "open_engine", "translated"]

Result = TypeVar("Result")

_SECONDS: Final = 10
"""That a statement or a new connection may take; who waits longer waits for nothing."""
_ONE_LINE: Final = 300


class LegacyUnavailableError(CqrsError):
    """The database cannot take rows now: it is away, locked, or not as we expect it. Later it may."""


class RowRefusedError(CqrsError):
    """The database refuses this very row: a rule of its tables, or a value that has no place there."""


def open_engine(url: str) -> sa.Engine:
    """Make an engine; nothing is connected yet.

    Raises:
        UserError: the URL cannot be understood, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise UserError(
            "the legacy database: is no SQLAlchemy URL; use sqlite:///file.db or postgresql://..."
        ) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    arguments: dict[str, Any] = {}
    if backend == "postgresql":
        arguments = {"connect_timeout": _SECONDS, "tcp_user_timeout": _SECONDS * 1000}
    elif backend == "sqlite":
        arguments = {"timeout": _SECONDS}
    try:
        engine = sa.create_engine(parsed, connect_args=arguments, pool_pre_ping=True, pool_size=2, max_overflow=2)
    except (exc.NoSuchModuleError, ImportError) as error:
        shown = parsed.render_as_string(hide_password=True)
        raise UserError(f"the legacy database {shown}: its driver is not installed: {error}") from None
    except TypeError:
        # A database in memory has another pool, and nobody else to share it with.
        raise UserError("the legacy database: must stand in a file or on a server, not in memory") from None
    _set_up(engine, backend)
    return engine


def _set_up(engine: sa.Engine, backend: str) -> None:
    """Bound what a statement may take."""
    if backend == "postgresql":

        @event.listens_for(engine, "connect")
        def bound(connection: Any, _: Any) -> None:  # noqa: ANN401 - of the driver
            with connection.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = '{_SECONDS}s'; SET lock_timeout = '{_SECONDS}s'")
            connection.commit()


def translated(error: Exception, what: str) -> CqrsError:
    """Say whether a failure is one of the row or one of the database."""
    reason = " ".join(str(getattr(error, "orig", None) or error).split())[:_ONE_LINE]
    if isinstance(error, exc.NoSuchTableError):
        return LegacyUnavailableError(f"{what}: the legacy database has no table {reason}")
    if isinstance(error, exc.DBAPIError):
        is_of_row = isinstance(error, exc.IntegrityError | exc.DataError) and not error.connection_invalidated
    else:
        is_of_row = isinstance(error, exc.StatementError | DataError | TypeError | ValueError | OverflowError)
    return RowRefusedError(f"{what}: {reason}") if is_of_row else LegacyUnavailableError(f"{what}: {reason}")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Work on a thread that nobody has to wait for at the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # a result, when there is no error

    def run() -> None:
        result: Result | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=run, name="legacy", daemon=True).start()
    return await future

"""Versions of legacy schemas by their content, and what was found when they were compared with contracts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from protogate.errors import UserError
from protogate.legacy.schema_json import content_digest, schema_from_json, schema_to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from protogate.legacy.model import LegacySchema

__all__ = ["LegacyRegistry", "RecordedDiff", "Registered", "Version"]

_METADATA: Final = sa.MetaData()
_SCHEMAS: Final = sa.Table(
    "legacy_schemas",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(255), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("format", sa.String(32), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("schema_json", sa.Text, nullable=False),
    sa.Column("source_file", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("timestamp", sa.String(32), nullable=False),
    sa.UniqueConstraint("subject", "version"),
)
_DIFFS: Final = sa.Table(
    "schema_diffs",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("legacy_id", sa.Integer, sa.ForeignKey("legacy_schemas.id"), nullable=False),
    sa.Column("message", sa.String(255), nullable=False),
    sa.Column("readiness", sa.Float, nullable=False),
    sa.Column("diff_json", sa.Text, nullable=False),
    sa.Column("timestamp", sa.String(32), nullable=False),
)
_TRIES: Final = 5
_SECONDS: Final = 30


class Registered(NamedTuple):
    """What became of a registration."""

    subject: str
    version: int
    is_new: bool
    same_as: int
    """An older version of the same content, or the version itself."""


class Version(NamedTuple):
    """One version of a subject."""

    subject: str
    version: int
    sha256: str
    source: str
    author: str
    description: str
    timestamp: str
    """ISO 8601, UTC."""
    schema: LegacySchema


class RecordedDiff(NamedTuple):
    """What a comparison found."""

    subject: str
    version: int
    message: str
    readiness: float
    report: dict[str, Any]
    timestamp: str


class LegacyRegistry:
    """A database of legacy schemas: a SQLite file, or PostgreSQL by its URL. Use it in a `with` statement."""

    def __init__(
        self, database: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), creates: bool = True
    ) -> None:  # fmt: skip
        """Open it; a file that is not there is made, unless `creates` is false.

        Raises:
            UserError: it cannot be opened, or is a database of something else.
        """
        self._shown = database
        self._now = now
        self._engine = _engine(database, creates=creates)
        try:
            self._prepare()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self._engine.dispose()

    def register(
        self, subject: str, schema: LegacySchema, *, author: str = "", description: str = ""
    ) -> Registered:  # fmt: skip
        """Store a schema as the next version of a subject, unless the newest version says the same.

        A content that an older version had becomes a new version, which names the older one.

        Raises:
            UserError: the database cannot be written.
        """
        digest = content_digest(schema)
        about = {"subject": subject, "sha256": digest, "author": author, "description": description}
        for _ in range(_TRIES):
            try:
                with self._engine.begin() as connection:
                    return self._register(connection, schema, about)
            except exc.IntegrityError:
                continue  # another process stored this very version at the same moment
            except exc.SQLAlchemyError as error:
                raise self._failed(error) from None
        raise UserError(f"{self._shown}: others write too often; try again")

    def get(self, subject: str, version: int | None = None) -> Version | None:
        """One version, the newest without a number; None when there is none."""
        query = sa.select(_SCHEMAS).where(_SCHEMAS.c.subject == subject)
        if version is not None:
            query = query.where(_SCHEMAS.c.version == version)
        rows = self._rows(query.order_by(_SCHEMAS.c.version.desc()).limit(1))
        return next(map(_version, rows), None)

    def versions(self, subject: str) -> tuple[Version, ...]:
        """All versions of a subject, oldest first."""
        query = sa.select(_SCHEMAS).where(_SCHEMAS.c.subject == subject).order_by(_SCHEMAS.c.version)
        return tuple(map(_version, self._rows(query)))

    def subjects(self) -> tuple[Version, ...]:
        """The newest version of every subject, by name."""
        newest = sa.select(sa.func.max(_SCHEMAS.c.id)).group_by(_SCHEMAS.c.subject)
        query = sa.select(_SCHEMAS).where(_SCHEMAS.c.id.in_(newest)).order_by(_SCHEMAS.c.subject)
        return tuple(map(_version, self._rows(query)))

    def record_diff(self, version: Version, message: str, readiness: float, report: dict[str, Any]) -> None:
        """Keep what a comparison found.

        Raises:
            UserError: the database cannot be written.
        """
        which = sa.select(_SCHEMAS.c.id).where(
            _SCHEMAS.c.subject == version.subject, _SCHEMAS.c.version == version.version
        )
        values = {
            "legacy_id": which.scalar_subquery(),
            "message": message,
            "readiness": readiness,
            "diff_json": json.dumps(report, ensure_ascii=False, sort_keys=True),
            "timestamp": self._stamp(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(_DIFFS).values(**values))
        except exc.SQLAlchemyError as error:
            raise self._failed(error) from None

    def diffs(self, subject: str) -> tuple[RecordedDiff, ...]:
        """What was found of a subject, oldest first."""
        query = (
            sa.select(
                _SCHEMAS.c.subject,
                _SCHEMAS.c.version,
                *(_DIFFS.c[name] for name in ("message", "readiness", "diff_json", "timestamp")),
            )
            .join(_DIFFS, _DIFFS.c.legacy_id == _SCHEMAS.c.id)
            .where(_SCHEMAS.c.subject == subject)
            .order_by(_DIFFS.c.id)
        )
        return tuple(
            RecordedDiff(one.subject, one.version, one.message, one.readiness, json.loads(one.diff_json), one.timestamp)
            for one in self._rows(query)
        )

    def _register(self, connection: sa.Connection, schema: LegacySchema, about: dict[str, str]) -> Registered:
        if connection.dialect.name == "postgresql":
            # One registration after the other, as SQLite's lock has it.
            connection.exec_driver_sql(f"LOCK TABLE {_SCHEMAS.name} IN SHARE ROW EXCLUSIVE MODE")
        subject, digest = about["subject"], about["sha256"]
        query = (
            sa.select(_SCHEMAS.c.version, _SCHEMAS.c.sha256)
            .where(_SCHEMAS.c.subject == subject)
            .order_by(_SCHEMAS.c.version)
        )
        known = [(row.version, row.sha256) for row in connection.execute(query)]
        if known and known[-1][1] == digest:
            return Registered(subject, known[-1][0], is_new=False, same_as=known[-1][0])
        version = known[-1][0] + 1 if known else 1
        values = {
            **about,
            "version": version,
            "format": schema.format.value,
            "schema_json": json.dumps(schema_to_json(schema), ensure_ascii=False),
            "source_file": str(schema.place),
            "timestamp": self._stamp(),
        }
        connection.execute(sa.insert(_SCHEMAS).values(**values))
        same = next((number for number, other in known if other == digest), version)
        return Registered(subject, version, is_new=True, same_as=same)

    def _rows(self, query: Any) -> Iterator[Any]:
        try:
            with self._engine.connect() as connection:
                return iter(connection.execute(query).fetchall())
        except exc.SQLAlchemyError as error:
            raise self._failed(error) from None

    def _prepare(self) -> None:
        try:
            present = set(sa.inspect(self._engine).get_table_names())
            ours = set(_METADATA.tables)
            if present and not ours <= present and self._engine.dialect.name == "sqlite":
                raise UserError(f"{self._shown}: is a database of another program; name another file")
            try:
                _METADATA.create_all(self._engine)
            except exc.DBAPIError:
                # Another process made them at the same moment.
                _METADATA.create_all(self._engine)
        except exc.SQLAlchemyError as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> UserError:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        return UserError(f"{_shown(self._shown)}: {reason}")

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")


def _engine(database: str, *, creates: bool) -> sa.Engine:
    if database.startswith(("postgres://", "postgresql://")):
        try:
            return sa.create_engine(make_url(database).set(drivername="postgresql+psycopg"))
        except (exc.ArgumentError, ImportError) as error:
            raise UserError(f"{_shown(database)}: {error}") from None
    name = database.removeprefix("sqlite:///")
    path = Path(name)
    if "://" in name:
        raise UserError(f"{database}: is no registry; use a SQLite file or postgresql://user@host/name")
    if not creates and not path.is_file():
        raise UserError(f"{path}: no such registry; `protogate legacy register` makes one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent}: {(error.strerror or str(error)).lower()}") from None
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": _SECONDS})

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # What a write reads stays true until it ends.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _: Any) -> None:
        raw.isolation_level = None

    return engine


def _shown(database: str) -> str:
    return make_url(database).render_as_string(hide_password=True) if "://" in database else database


def _version(row: Any) -> Version:
    return Version(
        row.subject,
        row.version,
        row.sha256,
        row.source_file,
        row.author,
        row.description,
        row.timestamp,
        schema_from_json(json.loads(row.schema_json)),
    )

"""Brings a database from one version of a contract to another, in each way that a person can."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protoc_gen_protogate.targets.sql import Settings, generate
from protoc_gen_protogate.targets.sql.migrate import Choices, Heading, Migration, Phase, migrate, render_migration
from tests.targets.sql.migrate.contracts import compiled, tables
from tests.targets.sql.migrate.live import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.targets.sql.migrate.live import Found, Live

__all__ = ["Versions"]


@dataclass(frozen=True)
class Versions:
    """An old and a new contract, and documents of the old one."""

    old: str
    new: str
    documents: Sequence[Mapping[str, Any]] = ()
    using: Mapping[tuple[str, str], str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, dialect: str) -> Settings:
        return Settings(dialect=dialect, **self.options)

    def ddl(self, text: str, dialect: str) -> str:
        outputs = generate(compiled(text), self.settings(dialect)._asdict())
        return "".join(str(getattr(one, "content", "")) for one in outputs)

    def migration(self, dialect: str, **choices: bool) -> Migration:
        settings = self.settings(dialect)
        wanted = Choices(using=self.using, **choices)
        return migrate(tables(self.old, settings), tables(self.new, settings), settings, wanted)

    def script(self, dialect: str, *, destructive: bool) -> str:
        migration = self.migration(dialect, destructive=destructive)
        return render_migration(migration, Heading("old", "new", dialect), destructive=destructive)

    def wanted(self, live: Live) -> Found:
        """What the DDL of the new contract makes."""
        live.reset()
        live.run(self.ddl(self.new, live.dialect))
        return live.structure()

    def start(self, live: Live) -> None:
        """The old tables and their rows."""
        live.reset()
        live.run(self.ddl(self.old, live.dialect))
        old = tables(self.old, self.settings(live.dialect))
        if self.documents:
            fill(live, old, self.documents)

    def finish(self, live: Live) -> None:
        """Take the comment marks off the destructive steps, by hand as it were."""
        statements = [
            sql for step in self.migration(live.dialect).steps if step.phase is Phase.DESTRUCTIVE for sql in step.sql
        ]
        begin, end = (
            ("PRAGMA foreign_keys = OFF;", "PRAGMA foreign_keys = ON;") if live.dialect == "sqlite" else ("", "")
        )
        live.run("\n".join([begin, "BEGIN;", *statements, "COMMIT;", end]))

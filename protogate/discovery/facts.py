"""What a parser says of one file, before any name is resolved.

Facts depend on the bytes of the file alone, so they are kept by its digest and a second run parses only what changed.
Tuples of plain values: half a million lines make a million of them, and they travel between processes.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CallFact",
    "DefinitionFact",
    "EntryPointFact",
    "EventFact",
    "FileFacts",
    "HttpCallFact",
    "ImportFact",
    "IncludeFact",
    "ProblemFact",
    "RouteFact",
    "StringFact",
    "TableFact",
    "TableUseFact",
]


class ImportFact(NamedTuple):
    """`import a.b as c`, `from . import x`, `import x from "./x"`, `require()`, `import()`."""

    line: int
    module: str
    """As written, without leading dots of Python: `a.b`; of TypeScript with them: `./x`."""
    level: int
    """Leading dots of Python."""
    name: str
    """What is taken from it; empty for the module itself, `*` for everything, `default` for a default export."""
    alias: str
    """What it is called here; empty where it is called nothing."""
    is_type_only: bool
    is_lazy: bool
    """Inside a function, or a dynamic import."""
    references: int
    """How often the alias is used in this file."""
    uses: tuple[tuple[int, str, str], ...] = ()
    """Line, what is used (`name` or `alias.name`), and `call`, `subclass` or `import`; at most eight."""


class DefinitionFact(NamedTuple):
    """A class, a function or a constant at the top of a module."""

    line: int
    end: int
    kind: str
    """`class`, `function`, `constant`, `interface`, `type`, `component`."""
    name: str
    bases: tuple[str, ...]
    """As written: `models.Model`; of a re-export the place that it comes from."""
    is_exported: bool


class CallFact(NamedTuple):
    """A call of something that was imported, for the table of seams: `mailer.send(...)`."""

    line: int
    name: str
    """As written, from the alias on."""


class StringFact(NamedTuple):
    """A text that looks like the name of a module, a class in it, or a model: `a.b.C`, `auth.User`."""

    line: int
    text: str


class RouteFact(NamedTuple):
    """A handler and its path, relative to the router that it is given to."""

    line: int
    method: str
    """`GET`; `ANY` where the framework decides later."""
    path: str
    router: str
    """The name of the router, blueprint or urlpatterns in this module; empty for the application itself."""
    handler: str
    framework: str
    """`fastapi`, `flask`, `django`, `drf`, `express`."""


class IncludeFact(NamedTuple):
    """A router that is mounted into another: `include_router(users.router, prefix="/u")`, `path("x", include(...))`."""

    line: int
    router: str
    """That mounts."""
    prefix: str
    target: str
    """As written: `users.router`, `"shop.urls"`. Of a router's own prefix (`APIRouter(prefix=...)`) its own name."""


class HttpCallFact(NamedTuple):
    """A request that code sends: `fetch("/api/users/" + id)`, `axios.get(url)`, `requests.post(...)`."""

    line: int
    method: str
    path: str
    """What is not known is `{}`: `/api/users/{}`; without host and query."""
    via: str
    """`fetch`, `axios`, `requests`, or the name of a wrapper."""


class TableFact(NamedTuple):
    """A table that is declared: an ORM class, `Table(...)`, `CREATE TABLE`."""

    line: int
    name: str
    """Of the table where it is said, else empty."""
    model: str
    """Of the class; empty for SQL."""
    columns: tuple[str, ...]
    references: tuple[str, ...]
    """Models or tables of foreign keys, as written."""
    framework: str
    """`django`, `sqlalchemy`, `sqlmodel`, `peewee`, `tortoise`, `sql`, `typeorm`, `prisma`."""


class TableUseFact(NamedTuple):
    """A table or model that code reads or writes."""

    line: int
    name: str
    """As written: a name of this module, or a table of a SQL text."""
    mode: str
    """`read`, `write`, `unknown`."""
    is_sql: bool


class EventFact(NamedTuple):
    """Something that is told to whoever listens: signals, event buses, dispatched actions, CQRS types."""

    line: int
    name: str
    side: str
    """`emits`, `handles`, `declares`."""
    kind: str
    """`command`, `query`, `event`, `signal`, `task`."""


class EntryPointFact(NamedTuple):
    """Where a program begins."""

    line: int
    kind: str
    """`main`, `app`, `command`, `task`, `page`, `script`."""
    name: str


class ProblemFact(NamedTuple):
    """What could not be read."""

    line: int
    message: str


class FileFacts(NamedTuple):
    """All that one file says."""

    language: str
    """`python`, `typescript`, `javascript`, `vue`, `svelte`, `sql`, `prisma`."""
    lines: int
    code_lines: int
    branches: int
    """Decisions: `if`, loops, `except`, `and`; a measure of complexity."""
    imports: tuple[ImportFact, ...] = ()
    definitions: tuple[DefinitionFact, ...] = ()
    calls: tuple[CallFact, ...] = ()
    strings: tuple[StringFact, ...] = ()
    routes: tuple[RouteFact, ...] = ()
    includes: tuple[IncludeFact, ...] = ()
    http_calls: tuple[HttpCallFact, ...] = ()
    tables: tuple[TableFact, ...] = ()
    table_uses: tuple[TableUseFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    entry_points: tuple[EntryPointFact, ...] = ()
    problems: tuple[ProblemFact, ...] = ()
    features: tuple[tuple[str, int], ...] = ()
    """What else matters to a verdict, by name and count: `dom`, `store`, `event-bus`, `global-css`, `auth`."""

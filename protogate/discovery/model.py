"""The canonical model of a repository: modules, and everything between them with its file and line.

Names are those of modules: dotted for Python (`shop.orders.models`), the path without its ending for everything else
(`frontend/src/pages/orders`). All collections are sorted, so that equal repositories make equal inventories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CoChange",
    "Edge",
    "EdgeKind",
    "EntryPoint",
    "Event",
    "HttpCall",
    "Inventory",
    "Manifest",
    "Module",
    "ModuleHistory",
    "Problem",
    "Route",
    "Symbol",
    "Table",
    "TableUse",
]


class EdgeKind:
    """Why one module needs another: plain texts, as a large repository has them by the hundred thousand."""

    IMPORT: Final = "import"
    """The module itself, or a name of it."""
    TYPE: Final = "type"
    """For type checkers only."""
    CALL: Final = "call"
    SUBCLASS: Final = "subclass"
    STRING: Final = "string"
    """A text names it: dynamic loading, settings."""
    MODEL: Final = "model"
    """A foreign key or a text of the ORM: `ForeignKey("auth.User")`."""
    EVENT: Final = "event"
    """One tells, the other listens."""
    HTTP: Final = "http"
    """A request to a route."""
    SQL: Final = "sql"
    """A table of the other in a text of SQL."""


class Module(NamedTuple):
    """One file of code."""

    name: str
    path: str
    """Relative to the root, with `/`."""
    language: str
    package: str
    """The directory as the language names it: `shop.orders`, `frontend/src/pages`."""
    lines: int
    code_lines: int
    branches: int
    definitions: int
    is_test: bool
    is_generated: bool
    is_init: bool
    """Stands for its directory: `__init__.py`, `index.ts`."""
    features: Mapping[str, int] = {}
    externals: tuple[str, ...] = ()
    """Packages that others publish and that it imports, sorted; without the standard library."""


class Symbol(NamedTuple):
    """Something that a module defines at its top."""

    module: str
    name: str
    kind: str
    """`class`, `function`, `constant`, `interface`, `type`, `component`."""
    file: str
    line: int
    end: int


class Edge(NamedTuple):
    """One use of a module by another, at one line."""

    source: str
    target: str
    kind: str
    """Of `EdgeKind`."""
    path: str
    """The file of the source."""
    line: int
    symbol: str
    """What is used: `Order`, `create_order`; empty for the module as a whole."""
    references: int
    """How often, at least 1."""
    is_lazy: bool = False


class Route(NamedTuple):
    """A path that is answered."""

    method: str
    path: str
    """With all prefixes, parameters as `{name}`: `/api/orders/{order_id}`."""
    module: str
    file: str
    line: int
    handler: str
    framework: str


class HttpCall(NamedTuple):
    """A request that is sent, and the routes that may answer it."""

    method: str
    path: str
    module: str
    file: str
    line: int
    via: str
    routes: tuple[Route, ...]
    """Best match first; empty where none is known."""


class Table(NamedTuple):
    """A table and the module that declares it."""

    name: str
    model: str
    module: str
    file: str
    line: int
    columns: tuple[str, ...]
    references: tuple[str, ...]
    """Names of other tables."""
    framework: str


class TableUse(NamedTuple):
    """A module that reads or writes a table."""

    table: str
    module: str
    file: str
    line: int
    mode: str
    """`read`, `write`, `unknown`."""


class Event(NamedTuple):
    """Something that is told, or listened to."""

    name: str
    side: str
    """`emits`, `handles`, `declares`."""
    kind: str
    module: str
    file: str
    line: int


class EntryPoint(NamedTuple):
    """Where a program begins."""

    kind: str
    name: str
    module: str
    file: str
    line: int


class Manifest(NamedTuple):
    """A file that says how something is built or run."""

    path: str
    kind: str
    """`pyproject`, `package.json`, `dockerfile`, `compose`, `makefile`, ..."""
    facts: Mapping[str, tuple[str, ...]] = {}
    """`dependencies`, `services`, `scripts`, `ports`, `workspaces`, `entry_points`."""


class CoChange(NamedTuple):
    """Two modules that change together."""

    left: str
    right: str
    weight: float
    """Sum of 1/(n - 1) over the commits of n files that changed both; commits of more than 30 files do not count."""
    commits: int


class ModuleHistory(NamedTuple):
    """What git says of a module."""

    commits: int
    authors: tuple[str, ...]
    """Who changed it most, first; at most three."""


class Problem(NamedTuple):
    """What could not be read, and why."""

    path: str
    line: int
    message: str


class Inventory(NamedTuple):
    """A repository, read."""

    root: str
    """Its name, not its place."""
    modules: tuple[Module, ...]
    edges: tuple[Edge, ...]
    routes: tuple[Route, ...]
    http_calls: tuple[HttpCall, ...]
    tables: tuple[Table, ...]
    table_uses: tuple[TableUse, ...]
    events: tuple[Event, ...]
    entry_points: tuple[EntryPoint, ...]
    manifests: tuple[Manifest, ...]
    co_changes: tuple[CoChange, ...]
    history: Mapping[str, ModuleHistory]
    commits: int
    """Of the history that was read; 0 without git."""
    problems: tuple[Problem, ...]
    symbols: tuple[Symbol, ...] = ()

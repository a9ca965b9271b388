"""Opens the registry that the user means."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from protogate.config import load_config
from protogate.errors import UserError
from registry.settings import open_store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from registry.ports import Store
    from registry.service import Registry
    from registry.values import Head

__all__ = [
    "add_database_option",
    "database_of",
    "ensure_exists",
    "exists",
    "newest",
    "open_existing",
    "open_registry",
    "opened_store",
    "profiles_of",
]

_FILE = "sqlite:///"


def add_database_option(made: argparse.ArgumentParser) -> None:
    """Let the user name a database."""
    made.add_argument(
        "--db",
        metavar="DB",
        help="a SQLite file or postgresql://...; default: `registry` of [tool.protogate], or .protogate/registry.db",
    )


def database_of(options: argparse.Namespace) -> str:
    """Return the database that the command line or the project here names."""
    return str(options.db or load_config(".").registry)


def profiles_of(options: argparse.Namespace) -> tuple[str, ...] | None:
    """Return the profiles that the command line names, None for the default ones; an unknown one is refused."""
    if not options.profile:
        return None
    from protogate.compat.profiles import load_profile

    for name in options.profile:
        load_profile(name)
    return tuple(options.profile)


def exists(database: str) -> bool:
    """Tell whether there is something to open; a server says so itself when it is asked."""
    path = database.removeprefix(_FILE)
    return "://" in path or os.path.exists(path)


@contextmanager
def opened_store(database: str) -> Iterator[Store]:
    """Open only the database: a command that finds nothing new needs no more, and starts in half the time."""
    store = open_store(database)
    try:
        yield store
    finally:
        store.close()


def newest(store: Store, subject: str) -> Head | None:
    """Return the newest version that a subject keeps."""
    return next(iter(store.heads(subject, last=1)), None)


@contextmanager
def open_registry(database: str, profiles: Sequence[str] | None = None) -> Iterator[Registry]:
    """Open a registry for one command, which may judge by other profiles than the default ones."""
    from registry.service import Registry

    with opened_store(database) as store:
        yield Registry(store, profiles=profiles)


def open_existing(database: str, profiles: Sequence[str] | None = None) -> AbstractContextManager[Registry]:
    """Open a registry that must be there: asking it something makes no database."""
    ensure_exists(database)
    return open_registry(database, profiles)


def ensure_exists(database: str) -> None:
    """Refuse to go on without a registry."""
    if not exists(database):
        raise UserError(f"{database}: no such registry; `protogate registry register` makes one, --db names another")

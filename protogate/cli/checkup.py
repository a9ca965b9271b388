"""What a repository and its machine need to be built by Protogate, looked at one thing after the other.

Each check is a function of the project's directory, the current one, and gives one `Check`, or none where it does not
apply. None of them changes anything.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate import __version__
from protogate.errors import UserError
from protogate.extras import EXTRAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.config import Config

__all__ = ["PROTOS", "Check", "State", "check_up", "is_installed"]

State: TypeAlias = Literal["ok", "advice", "missing"]
"""`missing` keeps something from working; `advice` is worth knowing."""

_OLDEST: Final = (3, 11)
PROTOS: Final = {"google.api": "googleapis-common-protos", "protovalidate": "protovalidate"}
"""Of the extra `protos`: a module of each, and its package."""
_HOOK: Final = ".git/hooks/pre-commit"


class Check(NamedTuple):
    """What one look found."""

    name: str
    state: State
    detail: str
    """What is there, or what is not."""
    hint: str = ""
    """How to get it."""


def check_up() -> tuple[Check, ...]:
    """Look at everything, in the order in which one would put it right."""
    return tuple(_all())


def _all() -> Iterator[Check]:
    yield _python()
    yield from _programs()
    config = _settings()
    if isinstance(config, Check):
        yield config
        return
    yield from _files(config)
    yield from _extras(config)
    yield from _plugins(config)
    yield _contracts(config)
    yield from _hooks()


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST:
        return Check("python", "missing", f"is {version}", "install Python 3.11 or later")
    return Check("python", "ok", f"{version}, protogate {__version__}")


def _programs() -> Iterator[Check]:
    from protogate.build.buf import find_buf
    from protogate.build.identity import search_path

    path = search_path(os.environ)
    try:
        yield Check("buf", "ok", find_buf(path))
    except UserError as error:
        yield Check("buf", "missing", str(error), "pip install buf-bin")
    git = shutil.which("git", path=path)
    if git is None:
        yield Check("git", "advice", "is not on PATH", "install git: versions of contracts are compared with it")
    elif not os.path.exists(".git"):
        yield Check("git", "advice", "no repository here", "git init: breaking changes are found against commits")
    else:
        yield Check("git", "ok", git)


def _settings() -> Config | Check:
    from protogate.config import load_config

    try:
        return load_config(".")
    except UserError as error:
        return Check("settings", "missing", str(error), "correct [tool.protogate] in pyproject.toml")


def _files(config: Config) -> Iterator[Check]:
    for path in ("buf.yaml", config.template):
        if os.path.isfile(path):
            yield Check(path, "ok", "is there")
        else:
            yield Check(path, "missing", "is not there", "protogate init")
    if not os.path.isfile("dodo.py"):
        yield Check("dodo.py", "advice", "is not there", "protogate init: then `doit` builds")
    elif "protogate.tasks" not in _text("dodo.py"):
        yield Check("dodo.py", "advice", "has none of our tasks", "add `from protogate.tasks import *`")
    else:
        yield Check("dodo.py", "ok", "is there")
    ignored = {line.strip().strip("/") for line in _text(".gitignore").splitlines()}
    if ".protogate" not in ignored:
        yield Check(
            ".gitignore", "advice", "does not name .protogate/", "protogate init: caches do not belong into git"
        )


def _extras(config: Config) -> Iterator[Check]:
    missing = [package for module, package in PROTOS.items() if not is_installed(module)]
    if missing:
        hint = 'pip install "protogate[protos]": most contracts import buf/validate or google/api'
        yield Check("protos", "advice", f"{', '.join(missing)} not installed", hint)
    else:
        yield Check("protos", "ok", "buf/validate and google/api can be imported by contracts")
    if config.registry.startswith(("postgres://", "postgresql://")) and not is_installed("psycopg"):
        hint = 'pip install "protogate[postgres]"'
        yield Check("postgres", "missing", "registry is in PostgreSQL, psycopg is not installed", hint)
    if config.slices and (absent := [module for module in EXTRAS["gateway"] if not is_installed(module)]):
        hint = 'pip install "protogate[gateway]"'
        yield Check("gateway", "missing", f"slices are named, {', '.join(absent)} not installed", hint)


def _plugins(config: Config) -> Iterator[Check]:
    from protogate.build.identity import search_path
    from protogate.build.project import YamlCache, load_project

    try:
        project = load_project(".", YamlCache(), config.template)
    except UserError as error:
        if os.path.isfile(config.template):
            yield Check("template", "missing", str(error), f"correct {config.template}")
        return
    path = search_path(os.environ)
    wanted = {
        str(plugin["local"])
        for target in project.targets
        for plugin in target.plugins
        if isinstance(plugin.get("local"), str)
    }
    for name in sorted(wanted):
        found = shutil.which(name, path=path)
        if found is None:
            yield Check(name, "missing", "is not on PATH", f"install it, or take it out of {config.template}")
        else:
            yield Check(name, "ok", found)


def _contracts(config: Config) -> Check:
    from protogate.build.revisions import load_image

    if not os.path.isfile(config.template):
        return Check("contracts", "missing", "nothing says where they are", "protogate init")
    try:
        image = load_image(".", template=config.template)
    except UserError as error:
        return Check("contracts", "missing", str(error).splitlines()[0], "correct the contract at that place")
    return Check("contracts", "ok", f"{len(image.names)} compile")


def _hooks() -> Iterator[Check]:
    from protogate.build.identity import search_path

    if not os.path.isfile(".pre-commit-config.yaml"):
        yield Check("pre-commit", "advice", "is not set up", "protogate init")
    elif shutil.which("pre-commit", path=search_path(os.environ)) is None:
        yield Check("pre-commit", "advice", "is not installed", "pip install pre-commit")
    elif os.path.isdir(".git") and "pre-commit" not in _text(_HOOK):
        yield Check("pre-commit", "advice", "its hooks are not installed here", "pre-commit install")
    else:
        yield Check("pre-commit", "ok", "watches commits")


def is_installed(module: str) -> bool:
    """Whether the module could be imported; nothing but its parents is."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

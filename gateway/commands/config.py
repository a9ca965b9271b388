"""`protogate config`: every setting, its value, and where that came from."""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.console import enter_project, one_line, parser, print_json
from protogate.errors import EXIT_OK
from protogate.extras import missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["VARIABLES", "run"]

VARIABLES: Final = {
    "LEGACY_DB_PATH": "the legacy database where neither --source nor a mapping names one: a SQLite file or a URL",
    "EVENT_STORE_PATH": "the event store of `protogate legacy` where neither --db nor the gateway's settings name one",
    "PFIX_ENABLED": "whether `codegen registry` fixes anything",
    "PFIX_AUTO_APPLY": "whether it does so without asking",
    "PFIX_GIT_COMMIT": "whether it commits what it fixed",
    "PFIX_GIT_PREFIX": "how the message of that commit begins",
    "OPENROUTER_API_KEY": "the key of `discovery advise`; without one nothing is sent",
    "LLM_MODEL": "the model that `discovery advise` asks",
    "PROTOGATE_DUMP": "a file into which a plugin writes its request",
    "PROTOGATE_FINDINGS": "a file to which every process of a CI run adds what it finds; set by `doit ci`",
    "GITHUB_ACTIONS": "`true` makes checks annotate lines for GitHub",
    "NO_COLOR": "anything switches colours off",
    "OTEL_SDK_DISABLED": "`true` switches traces off; the other OTEL_* variables are those of OpenTelemetry",
}
"""Beside `PROTOGATE_GATEWAY_*`, each with what it is for."""
_SECRET: Final = frozenset({"token", "OPENROUTER_API_KEY"})


class Setting(NamedTuple):
    """One of them, as it stands."""

    name: str
    value: Any
    origin: str
    """`default`, `pyproject.toml`, or the variable of the environment; empty for a variable that is not set."""
    summary: str


def run(command: str, arguments: Sequence[str]) -> int:
    """Print all settings."""
    del command
    made = parser(
        "config",
        "Show every setting with its value and where that came from: [tool.protogate] of pyproject.toml, the\n"
        "environment, or the default. Passwords and tokens are not shown.",
        ["config", "config --set", "config --json"],
    )
    made.add_argument("--set", action="store_true", help="only what somebody has set")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    try:
        gateway = list(_gateway())
    except ModuleNotFoundError as error:
        gateway, missing = [], missing_extra(error)
        if missing is None:
            raise
        print(f"{missing} to see the settings of the gateway", file=sys.stderr)
    found = [*_project(), *gateway, *_others()]
    if options.set:
        found = [one for one in found if one.origin not in {"", "default"}]
    if options.json:
        print_json([one._asdict() for one in found])
        return EXIT_OK
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        value = "" if not one.origin else f"{one.value!r}  ({one.origin})"
        print(one_line(f"{one.name:<{width}}  {value}".rstrip()))
    return EXIT_OK


def _project() -> Iterator[Setting]:
    from protogate.config import Config, load_config

    config = load_config(".")
    given = _given()
    for field in fields(Config):
        value = getattr(config, field.name)
        shown = list(value) if isinstance(value, tuple) else _without_password(value)
        yield Setting(field.name, shown, "pyproject.toml" if field.name in given else "default", "")


def _given() -> set[str]:
    """The names that the project itself sets."""
    import tomllib

    try:
        document = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    return set(document.get("tool", {}).get("protogate", {}))


def _gateway() -> Iterator[Setting]:
    from gateway.settings import PREFIX, Settings, read_settings

    settings = read_settings()
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        value = getattr(settings, name)
        if isinstance(value, Path):
            value = str(value)
        elif isinstance(value, tuple):
            value = list(value)
        if name in _SECRET and value:
            value = "***"
        origin = variable if os.environ.get(variable) else "default"
        yield Setting(variable, _without_password(value), origin, field.description or "")


def _others() -> Iterator[Setting]:
    for name, summary in VARIABLES.items():
        value = os.environ.get(name)
        shown = "***" if value and name in _SECRET else _without_password(value)
        yield Setting(name, shown, name if value is not None else "", summary)


def _without_password(value: Any) -> Any:  # noqa: ANN401 - of a setting
    """A URL as it may be shown."""
    if not isinstance(value, str) or "://" not in value or "@" not in value:
        return value
    scheme, _, rest = value.partition("://")
    account, _, place = rest.rpartition("@")
    name, colon, _ = account.partition(":")
    return f"{scheme}://{name}{':***' if colon else ''}@{place}"

"""What a repository can set: a JSON file, merged deeply over the defaults and checked key by key."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DEFAULTS", "MEANINGS", "Settings", "read_settings", "settings_from"]

DEFAULTS: Final[Mapping[str, Any]] = {
    "ignore_dirs": [],
    "frontend": {
        "roots": [],
        "extensions": [".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".svelte"],
        "page_patterns": ["pages/**/*.page.ts", "**/*.page.ts"],
        "module_dir_names": ["modules", "features", "pages", "views", "apps", "domains"],
        "shared_dir_names": [
            "services",
            "utils",
            "shared",
            "components",
            "registry",
            "config",
            "lib",
            "common",
            "hooks",
        ],
        "module_prefix_rules": [],
        "alias_roots": {},
    },
    "backend": {"route_roots": [], "extensions": []},
    "api": {"path_regex": "", "group_depth": 3},
    "analysis": {
        "top_services": 4,
        "delegation_limit": 8,
        "max_waves": 5,
        "wave_size": 3,
        "shared_modules": ["shared", "shell"],
        "migrated_modules": [],
    },
    "cqrs": {
        "module_roots": [],
        "types_glob": "",
        "patterns": [],
        "custom_extraction_target": "custom-slice",
        "cluster_similarity_threshold": 0.5,
    },
}
"""Every key that there is, with its default; an empty list of roots means that they are found."""

MEANINGS: Final[Mapping[str, str]] = {
    "ignore_dirs": "names of directories to leave out, beside `node_modules`, environments and hidden ones",
    "frontend.roots": "directories of frontends; empty: found by what is in them",
    "frontend.extensions": "endings of files that are a frontend's",
    "frontend.page_patterns": "what pages are called, beside those that a framework makes pages",
    "frontend.module_dir_names": "directories whose directories are feature modules",
    "frontend.shared_dir_names": "directories of what all modules share",
    "frontend.module_prefix_rules": '`{"prefix": "connect-", "segments": 2}`: how many parts of a name are the module',
    "frontend.alias_roots": 'what imports mean beside `tsconfig.json`: `{"@": "frontend/src"}`',
    "backend.route_roots": "directories whose routes count; empty: all",
    "backend.extensions": "endings of files whose routes count: `.py`; empty: all",
    "api.path_regex": "what paths of the API look like; empty: all",
    "api.group_depth": "parts of a path that name a group of routes",
    "analysis.top_services": "services to recommend",
    "analysis.delegation_limit": "slices to plan",
    "analysis.max_waves": "waves after wave 0; 0 for all",
    "analysis.wave_size": "slices in a wave",
    "analysis.shared_modules": "modules of a frontend that all others stand on",
    "analysis.migrated_modules": "what has left already: `shop.orders`, or `shop.*`",
    "cqrs.module_roots": "directories whose units have patterns; empty: all",
    "cqrs.types_glob": "the only files whose CQRS types count: `*/cqrs/types.ts`; empty: all",
    "cqrs.patterns": "patterns of your own, which win: `name`, `extraction_target`, `commands`, `events`",
    "cqrs.custom_extraction_target": "of these patterns where they name none",
    "cqrs.cluster_similarity_threshold": "share of names in common from where on two units are one cluster",
}
"""What each setting is for; docs/discovery.md shows it."""
_FREE: Final = frozenset({"frontend.alias_roots"})
"""Tables whose keys are the user's."""


class Settings(NamedTuple):
    """The settings of a run, checked."""

    table: Mapping[str, Any]
    """As in `DEFAULTS`."""
    given: Mapping[str, Any]
    """What the file says; empty without one."""

    def of(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of `analysis.top_services`."""
        value: Any = self.table
        for part in key.split("."):
            value = value[part]
        return value

    def with_values(self, **values: object) -> Settings:
        """Return other settings, of `analysis`: what options of a command say."""
        analysis = {**self.table["analysis"], **{key: value for key, value in values.items() if value is not None}}
        return Settings({**self.table, "analysis": analysis}, self.given)


def settings_from(given: Mapping[str, Any], file: str = "") -> Settings:
    """Return settings merged over the defaults.

    Raises:
        UserError: a key that does not exist, with the nearest that does; a value of another kind, and which was meant.
    """
    table = _merged(DEFAULTS, given, "", f"{file}: " if file else "")
    try:
        re.compile(table["api"]["path_regex"])
    except re.error as error:
        written = table["api"]["path_regex"]
        raise UserError(f"{file}: api.path_regex: {written!r} is no regular expression: {error}") from None
    return Settings(table, given)


def read_settings(path: Path | None) -> Settings:
    """Return the settings of a file, or the defaults.

    Raises:
        UserError: the file cannot be read, or see `settings_from`.
    """
    if path is None:
        return settings_from({})
    try:
        given = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is no UTF-8: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{error.lineno}: is no JSON: {error.msg}") from None
    if not isinstance(given, dict):
        raise UserError(f"{path}: is {_kind(given)}; a table of settings is wanted")
    return settings_from(given, str(path))


def _merged(defaults: Mapping[str, Any], given: Mapping[str, Any], place: str, file: str) -> dict[str, Any]:
    table = dict(defaults)
    for key, value in given.items():
        name = f"{place}{key}"
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, 1, 0.4)
            hint = f"; did you mean {place}{near[0]}?" if near else f"; known are {', '.join(sorted(defaults))}"
            raise UserError(f"{file}{name} is not a setting{hint}")
        default = defaults[key]
        if not _is_like(value, default):
            raise UserError(f"{file}{name}: {json.dumps(value)} is {_kind(value)}; {_kind(default)} is wanted")
        is_table = isinstance(default, dict) and name not in _FREE
        table[key] = _merged(default, value, f"{name}.", file) if is_table else value
    return table


def _is_like(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int) and isinstance(value, int):
        return value >= 0
    if isinstance(default, float):
        return isinstance(value, int | float) and 0 <= value <= 1
    return type(value) is type(default)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "nothing")


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number from 0",
    float: "a share from 0 to 1",
    str: "a text",
    list: "a list",
    dict: "a table",
}

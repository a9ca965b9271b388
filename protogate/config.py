"""The settings of a project: `[tool.protogate]` in its pyproject.toml, with every default here."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any

from protogate.errors import UserError

__all__ = ["Config", "load_config", "parse_config"]


@dataclass(frozen=True, slots=True)
class Config:
    """What a project can set."""

    template: str = "buf.gen.yaml"
    """The generation template."""
    base: str = "main"
    """The branch that changes are compared with (`proto_changed`)."""
    registry: str = ".protogate/registry.db"
    """The database of the schema registry: a SQLite file or a postgresql:// URL."""
    cqrs: str = "contracts"
    """The directory of the CQRS contracts in JSON."""
    layers_root: str = ""
    """What the layers of these contracts are relative to; empty means the parent of their directory."""
    python_path: tuple[str, ...] = ()
    """Further directories of Python modules that these layers import."""
    slices: tuple[str, ...] = ()
    """Slices of this project that the gateway mounts beside its own: `package.module:NAME`."""
    legacy: tuple[str, ...] = ("contracts/legacy_bridge",)
    """Where mappings of legacy tables are: directories, or files `*.mapping.yaml`."""
    legacy_registry: str = ".protogate/legacy.db"
    """The versions of legacy schemas: a SQLite file or a postgresql:// URL."""


def load_config(root: str) -> Config:
    """Read the settings of the project at `root`; without any, the defaults."""
    path = os.path.join(root, "pyproject.toml")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return Config()
    if b"tool.protogate" not in content:
        return Config()
    import tomllib

    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"pyproject.toml: cannot be read as TOML: {error}") from None
    return parse_config(document.get("tool", {}).get("protogate", {}))


def parse_config(table: dict[str, Any]) -> Config:
    """Check a `[tool.protogate]` table.

    >>> parse_config({"base": "develop"}).base
    'develop'
    """
    allowed = [field.name for field in fields(Config)]
    settings = dict(table)
    for name, value in table.items():
        if name not in allowed:
            raise UserError(f"pyproject.toml: [tool.protogate] {name!r} is not known; use one of {', '.join(allowed)}")
        if name in {"python_path", "slices", "legacy"}:
            settings[name] = _texts(name, value)
        elif not isinstance(value, str) or (not value and name != "layers_root"):
            raise UserError(f"pyproject.toml: [tool.protogate] {name} is {value!r}; a text is expected")
    return Config(**settings)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UserError(f"pyproject.toml: [tool.protogate] {name} is {value!r}; a list of texts is expected")
    return tuple(value)

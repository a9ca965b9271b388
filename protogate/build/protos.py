"""Keeps the contracts that other contracts import (buf/validate, google/api) in the project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from protogate.build.project import Project

__all__ = ["PROTOS_DIRECTORY", "are_protos_current", "ensure_protos", "wants_protos"]

PROTOS_DIRECTORY = ".protogate/protos"
"""Name it as a module in buf.yaml and builds keep it filled."""

_STAMP = ".protogate/protos.stamp"
_PACKAGES = ("protogate", "protovalidate", "googleapis-common-protos")


def wants_protos(project: Project) -> bool:
    """Tell whether the project's buf.yaml names the directory as a module."""
    return any(module.path == PROTOS_DIRECTORY for module in project.modules)


def are_protos_current(root: str) -> bool:
    """Tell whether the directory was written from the packages that are installed now."""
    if not os.path.isdir(os.path.join(root, PROTOS_DIRECTORY)):
        return False
    try:
        with open(os.path.join(root, _STAMP), encoding="utf-8") as file:
            return file.read() == _versions()
    except OSError:
        return False


def ensure_protos(root: str) -> bool:
    """Write the directory unless it is current; tell whether it was written."""
    if are_protos_current(root):
        return False
    from pathlib import Path

    from protogate.vendor import write_vendored_protos

    try:
        write_vendored_protos(Path(root, PROTOS_DIRECTORY))
        with open(os.path.join(root, _STAMP), "w", encoding="utf-8") as file:
            file.write(_versions())
    except OSError as error:
        raise UserError(f"{PROTOS_DIRECTORY}: cannot be written: {error.strerror}") from error
    return True


def _versions() -> str:
    return "\n".join(f"{package} {_version(package)}" for package in _PACKAGES)


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"

"""Keeps the contracts that other contracts import (buf/validate, google/api) in the project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from protogate.build.project import Project

__all__ = ["PROTOS_DIRECTORY", "are_protos_current", "ensure_protos", "lacks_options", "wants_protos"]

PROTOS_DIRECTORY = ".protogate/protos"
"""Name it as a module in buf.yaml and builds keep it filled."""

_STAMP = ".protogate/protos.stamp"
_OPTIONS = "protogate/options/v1/options.proto"
_PACKAGES = ("protogate", "protovalidate", "googleapis-common-protos")


def wants_protos(project: Project) -> bool:
    """Tell whether the project's buf.yaml names the directory as a module."""
    return any(module.path == PROTOS_DIRECTORY for module in project.modules)


def are_protos_current(root: str, project: Project) -> bool:
    """Tell whether the directory was written from the packages that are installed now."""
    if not os.path.isdir(os.path.join(root, PROTOS_DIRECTORY)):
        return False
    try:
        with open(os.path.join(root, _STAMP), encoding="utf-8") as file:
            return file.read() == _stamp(lacks_options(root, project))
    except OSError:
        return False


def ensure_protos(root: str, project: Project) -> bool:
    """Write the directory unless it is current; tell whether it was written."""
    if are_protos_current(root, project):
        return False
    from pathlib import Path

    from protogate.vendor import write_vendored_protos

    options = lacks_options(root, project)
    try:
        if not options:
            # Two modules with one file are an error, and the project's own file is the right one.
            Path(root, PROTOS_DIRECTORY, _OPTIONS).unlink(missing_ok=True)
        write_vendored_protos(Path(root, PROTOS_DIRECTORY), options=options)
        with open(os.path.join(root, _STAMP), "w", encoding="utf-8") as file:
            file.write(_stamp(options))
    except OSError as error:
        raise UserError(f"{PROTOS_DIRECTORY}: cannot be written: {error.strerror}") from error
    return True


def lacks_options(root: str, project: Project) -> bool:
    """Tell whether no module of the project's own holds protogate/options."""
    own = (module.path for module in project.modules if module.path != PROTOS_DIRECTORY)
    return not any(os.path.isfile(os.path.join(root, path, _OPTIONS)) for path in own)


def _stamp(options: bool) -> str:  # noqa: FBT001 - one bit of the text
    return "\n".join([f"options {options}", *(f"{package} {_version(package)}" for package in _PACKAGES)])


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"

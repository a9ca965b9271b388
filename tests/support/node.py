"""The Node packages that tests use, as the lock file in `tests/node` pins them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

__all__ = ["NodeMissingError", "node_modules"]

_FOLDER = Path(__file__).resolve().parents[1] / "node"


class NodeMissingError(Exception):
    """Node.js or its packages cannot be had."""


def node_modules() -> Path:
    """The folder of the packages, installed when it is not what the lock file says."""
    modules = _FOLDER / "node_modules"
    # npm writes its own record of what it installed at the end of an installation.
    record = modules / ".package-lock.json"
    if not record.exists() or record.stat().st_mtime < (_FOLDER / "package-lock.json").stat().st_mtime:
        _install()
    return modules


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissingError("npm: not on the PATH; the TypeScript target is tested with Node.js 20 or newer")
    done = subprocess.run([npm, "ci"], cwd=_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeMissingError(f"npm ci in {_FOLDER}: {done.stderr.strip()[-2000:]}")

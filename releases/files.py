"""The files of a release: wheel and sdist, built so that anybody can build the same, checked, listed, summed up."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protogate.errors import UserError
from releases.history import seconds_of_head, unpack_head

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["build"]

_SUMS: Final = "SHA256SUMS"
_OURS: Final = ("protogate-*.whl", "protogate-*.tar.gz", "protogate-*.cdx.json", _SUMS)
_DYNAMIC: Final = 'dynamic = ["version"]'


def build(root: Path, out: Path) -> tuple[Path, ...]:
    """Build, check and list a release; return its files.

    Args:
        root: the repository; HEAD is what is built, whatever else lies around.
        out: the directory; the files of an earlier release are removed from it, and no others.

    Raises:
        UserError: a tool is missing, or does not like what was built.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in (path for pattern in _OURS for path in out.glob(pattern)):
        old.unlink()
    clock = {"SOURCE_DATE_EPOCH": str(seconds_of_head(root))}
    with tempfile.TemporaryDirectory(prefix="protogate-release-") as place:
        sources = Path(place) / "sources"
        unpack_head(root, sources)
        _run([sys.executable, "-m", "hatchling", "build", "--directory", str(out.resolve())], sources, clock)
        (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
        _run([_tool("check-wheel-contents"), str(wheel.resolve())], sources)
        _run([_tool("twine"), "check", "--strict", str(wheel.resolve()), str(sdist.resolve())], sources)
        bill = _bill_of_materials(sources, wheel, clock)
    sums = out / _SUMS
    sums.write_text("".join(f"{_digest(path)}  {path.name}\n" for path in sorted((wheel, sdist, bill))), "utf-8")
    return wheel, sdist, bill, sums


def _bill_of_materials(sources: Path, wheel: Path, clock: Mapping[str, str]) -> Path:
    """Write what comes along with the wheel, as CycloneDX: what is installed with it into an empty environment."""
    version = wheel.name.split("-")[1]
    bill = wheel.with_name(f"protogate-{version}.cdx.json")
    environment = sources.with_name("environment")
    # Without pip: it would be listed, and so would the setuptools of an older Python.
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)], sources)
    install = ["install", "--quiet", "--no-compile", "--disable-pip-version-check", str(wheel.resolve())]
    _run([sys.executable, "-m", "pip", "--python", str(environment / "bin/python"), *install], sources)
    # The version stands in the package, where only hatchling looks for it.
    project = (sources / "pyproject.toml").read_text("utf-8").replace(_DYNAMIC, f'version = "{version}"')
    (sources / "pyproject.toml").write_text(project, "utf-8")
    words = ["environment", str(environment / "bin/python"), "--pyproject", "pyproject.toml", "--output-reproducible"]
    _run([_tool("cyclonedx-py"), *words, "--mc-type", "library", "--output-file", str(bill.resolve())], sources, clock)
    return bill


def _tool(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise UserError(f"{name}: is not installed; pip install --group release")
    return str(path)


def _run(command: Sequence[str], directory: Path, more: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(more or {}), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise UserError(f"{Path(command[0]).name}: exit {done.returncode}\n{said}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

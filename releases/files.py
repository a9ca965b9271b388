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
from releases.history import seconds_of_head

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["build"]

_SUMS: Final = "SHA256SUMS"


def build(root: Path, out: Path) -> tuple[Path, ...]:
    """Build, check and list a release; return its files.

    Args:
        root: the repository; what is committed is what is built.
        out: the directory; what it held before is removed.

    Raises:
        UserError: a tool is missing, or does not like what was built.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    clock = {"SOURCE_DATE_EPOCH": str(seconds_of_head(root))}
    _run([sys.executable, "-m", "hatchling", "build", "--directory", str(out.resolve())], root, clock)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    _run([_tool("check-wheel-contents"), str(wheel.resolve())], root)
    _run([_tool("twine"), "check", "--strict", str(wheel), str(sdist)], Path())
    bill = _bill_of_materials(root, wheel)
    sums = out / _SUMS
    sums.write_text("".join(f"{_digest(path)}  {path.name}\n" for path in sorted((wheel, sdist, bill))), "utf-8")
    return wheel, sdist, bill, sums


def _bill_of_materials(root: Path, wheel: Path) -> Path:
    """Write what comes along with the wheel, as CycloneDX: what is installed with it into an empty environment."""
    bill = wheel.with_name(f"{wheel.name.partition('-py3')[0]}.cdx.json")
    with tempfile.TemporaryDirectory(prefix="protogate-bill-") as place:
        python = Path(place) / "venv/bin/python"
        _run([sys.executable, "-m", "venv", str(python.parents[1])], root)
        _run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel.resolve())], root
        )
        _run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "pip"], root)
        words = ["environment", str(python), "--pyproject", str(root / "pyproject.toml"), "--output-reproducible"]
        _run([_tool("cyclonedx-py"), *words, "--mc-type", "library", "--output-file", str(bill.resolve())], Path(place))
    return bill


def _tool(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise UserError(f"{name}: is not installed; pip install --group release")
    return str(path)


def _run(command: Sequence[str], directory: Path, more: dict[str, str] | None = None) -> None:
    environment = {**os.environ, **(more or {}), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise UserError(f"{Path(command[0]).name}: exit {done.returncode}\n{said}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

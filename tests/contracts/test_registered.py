"""The contracts of this repository go through its own registry."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def registry(folder: Path, command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "protogate", "registry", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_own_contracts_can_be_registered_and_checked(tmp_path: Path) -> None:
    for name in ("buf.yaml", "buf.gen.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    count = len(list((ROOT / "contracts").rglob("*.proto")))
    assert registry(tmp_path, "register") == f"{count} contracts: {count} registered"
    assert registry(tmp_path, "check") == f"{count} contracts: {count} unchanged"

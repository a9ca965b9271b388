"""Two real legacy databases, from registration to a verified bootstrap, by the command line alone.

What people do between the steps is done here as well: the proposed contract goes into `contracts/`, the proposed
mappings are reviewed (none of their lines needs a change, which is checked) and stored beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gateway.stores.test_postgres import fresh_url
from tests.support.bridge import fresh_database
from tests.support.samples import CHINOOK, NORTHWIND, chinook_rows, fill, northwind_rows

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {"chinook": (CHINOOK, chinook_rows), "northwind": (NORTHWIND, northwind_rows)}


class Project:
    """A repository of somebody who has a legacy database."""

    def __init__(self, root: Path) -> None:
        self.root = root
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path}

    def run(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "protogate", *words],
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.run(*words, "--json", code=code))


def driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A legacy database that is empty, and an event store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/legacy.db", str(tmp_path / "events.db")
    server = request.getfixturevalue("postgres_server")
    return fresh_database(server), fresh_url(server)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_database_is_bridged(tmp_path: Path, urls: tuple[str, str], name: str) -> None:
    tables, rows_of = SAMPLES[name]
    rows = rows_of()
    source, store = urls
    fill(driver(source), tables, rows)
    project = Project(tmp_path / "project")
    project.root.mkdir()
    project.run("init", "--ci", "none", "--no-pre-commit")
    registered = project.json("legacy", "register", name, source)
    assert {one["subject"] for one in registered} == {f"{name}.{table}" for table in rows}

    project.run("legacy", "propose", name, "--contract", f"{name}.v1", "--output", f"contracts/{name}/v1/{name}.proto")
    assert project.run("lint") == ""
    project.run("generate", "python")
    mappings = f"contracts/legacy_bridge/{name}"
    for table in rows:
        path = f"{mappings}/{table}.mapping.yaml"
        project.run("legacy", "propose", f"{name}.{table}", f"{name}.v1.{table}Created", "--output", path)
        reviewed = yaml.safe_load((project.root / path).read_text())
        assert set(reviewed["columns"]) == set(tables.tables[table].c.keys())
        assert "review" not in str(reviewed["columns"])

    assert project.run("legacy", "sync-check") == "LEGACY SYNC OK\n"
    listed = {one["subject"]: one["readiness"] for one in project.json("legacy", "list")}
    assert set(listed.values()) == {1.0}
    options = ["--source", source, "--db", store]
    dry = project.json("legacy", "bootstrap", *options, "--dry-run")
    assert sum(one["would_write"] for one in dry["tables"]) == sum(map(len, rows.values()))
    taken = project.json("legacy", "bootstrap", *options)
    assert taken["is_complete"] is True
    for one in taken["tables"]:
        count = len(rows[one["table"]])
        assert (one["written"], one["rejected"]) == (count, 0)
        found = one["verification"]
        assert (found["is_equal"], found["equal"], found["rows"]) == (True, count, count)
        assert {fate["fate"] for fate in found["columns"]} == {"mapped"}
    assert project.run("legacy", "sync-check", "--data", *options) == "LEGACY SYNC OK\n"
    project.run("legacy", "adapters", "--output-dir", "adapters")
    assert len(list((project.root / "adapters").glob("*_adapter.py"))) == len(rows)

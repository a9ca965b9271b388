"""The mapping of users that this repository has: ready, and every column and field accounted for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from protogate.build.revisions import load_image
from protogate.legacy.diff import diff
from protogate.legacy.mapping_check import check_mapping
from protogate.legacy.mapping_file import load_mapping
from protogate.legacy.readiness import readiness
from protogate.legacy.sources import read_schemas

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "contracts/legacy_bridge/user"
COLUMNS = "id TEXT PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, age INTEGER, is_active BOOLEAN"


def _source(folder: Path, kind: str) -> str:
    """Where the table of the legacy system is described."""
    if kind == "schema":
        return str(FOLDER / "user.schema.json")
    script = f"CREATE TABLE users ({COLUMNS});\n"
    if kind == "script":
        (folder / "users.sql").write_text(script)
        return str(folder / "users.sql")
    with closing(sqlite3.connect(folder / "users.db")) as database:
        database.executescript(script)
    return f"sqlite:///{folder / 'users.db'}"


@pytest.mark.parametrize("source", ["schema", "script", "database"])
def test_users_are_ready(tmp_path: Path, source: str) -> None:
    (schema,) = read_schemas(_source(tmp_path, source), dialect="sqlite" if source == "script" else "")
    mapping = load_mapping(str(FOLDER / "user.mapping.yaml"))
    contract = load_image(str(ROOT)).schema()
    found = diff("user.legacy", schema, contract.messages[mapping.message], mapping)
    assert [field.name for field in schema.fields] == [column.partition(" ")[0] for column in COLUMNS.split(", ")]
    assert check_mapping(mapping, schema, contract) == ()
    assert found.errors == ()
    assert readiness(found) == 1.0
    assert found.names == {field.name for field in schema.fields}

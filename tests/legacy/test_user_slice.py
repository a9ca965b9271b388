"""The mapping of users that this repository has: ready, and every column and field accounted for."""

from __future__ import annotations

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


@pytest.mark.parametrize("source", ["schema", "table"])
def test_users_are_ready(tmp_path: Path, source: str) -> None:
    path = FOLDER / "user.schema.json"
    if source == "table":
        path = tmp_path / "users.sql"
        path.write_text(f"CREATE TABLE users ({COLUMNS});\n")
    (schema,) = read_schemas(str(path), dialect="sqlite" if source == "table" else "")
    mapping = load_mapping(str(FOLDER / "user.mapping.yaml"))
    contract = load_image(str(ROOT)).schema()
    found = diff("user.legacy", schema, contract.messages[mapping.message], mapping)
    assert [field.name for field in schema.fields] == [column.partition(" ")[0] for column in COLUMNS.split(", ")]
    assert check_mapping(mapping, schema, contract) == ()
    assert found.errors == ()
    assert readiness(found) == 1.0
    assert found.names == {field.name for field in schema.fields}

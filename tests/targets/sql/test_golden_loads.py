"""The golden DDL loads into the databases that it is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

if TYPE_CHECKING:
    from tests.targets.sql.databases import Database

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
CASES = sorted(path.parent for path in GOLDEN.glob("*/expected"))

LEGACY = {
    "sqlite": "CREATE TABLE legacy_coupons (id INTEGER PRIMARY KEY);",
    "postgresql": "CREATE SCHEMA legacy; CREATE TABLE legacy.coupons (id BIGINT PRIMARY KEY);",
}
"""What the contract of the golden `references` case refers to and no contract describes."""


def dialect_of(case: Path) -> str:
    """The dialect that a case asks for."""
    options = case / "options.txt"
    wanted = options.read_text() if options.exists() else ""
    return next((part[8:] for part in wanted.strip().split(",") if part.startswith("dialect=")), "sqlite")


def ddl_of(case: Path) -> str:
    """The DDL of all files of a case, each after those that it names."""
    waiting = {path: path.read_text() for path in sorted((case / "expected").rglob("*.sql"))}
    ordered = sorted(waiting.values(), key=lambda text: "Load first:" in text)
    return "\n".join(ordered)


@pytest.mark.parametrize(
    ("database", "case"),
    [pytest.param(dialect_of(case), case, id=case.name) for case in CASES if dialect_of(case) in LEGACY],
    indirect=["database"],
)
def test_golden_ddl_loads(case: Path, database: Database) -> None:
    ddl = ddl_of(case)
    assert "CREATE TABLE" in ddl
    before = LEGACY[database.dialect] if "legacy" in ddl else ""
    database.load(f"{before}\n{ddl}")


@pytest.mark.parametrize("case", [c for c in CASES if dialect_of(c) == "mysql"], ids=lambda case: case.name)
def test_golden_ddl_for_mysql_parses(case: Path) -> None:
    parsed = sqlglot.parse(ddl_of(case), read="mysql", error_level=ErrorLevel.RAISE)
    tables = [one for one in parsed if one is not None and one.key == "create"]
    assert len(tables) == ddl_of(case).count("CREATE ")

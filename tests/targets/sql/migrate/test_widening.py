from __future__ import annotations

import pytest

from protoc_gen_protogate.targets.sql import Settings
from protoc_gen_protogate.targets.sql.migrate import Choices, Phase, migrate
from tests.targets.sql.migrate.contracts import tables

A = "message User { string id = 1; string a = 2 [(buf.validate.field).string.%s]; }"
N = "message User { string id = 1; int32 n = 2 [(buf.validate.field).int32%s]; }"
E = "message User { string id = 1; E e = 2; } enum E { E_NONE = 0; %s }"


@pytest.mark.parametrize(
    ("text", "old", "new", "is_safe"),
    [
        (A, "max_len = 5", "max_len = 6", True),
        (A, "max_len = 6", "max_len = 5", False),
        (A, "min_len = 5", "min_len = 4", True),
        (A, "min_len = 4", "min_len = 5", False),
        (A, 'pattern = "^a$"', 'pattern = "^b$"', False),
        (N, ".gte = -10", ".gte = -20", True),
        (N, ".gte = -20", ".gte = -10", False),
        (N, ".lt = 10", ".lte = 10", False),
        (N, " = {in: [1, 2]}", " = {in: [1, 2, 3]}", True),
        (N, " = {in: [1, 2, 3]}", " = {in: [1, 2]}", False),
        (N, " = {in: [0, 12]}", " = {in: [0, 1, 2]}", False),
        (E, "A = 1;", "A = 1; B = 2;", True),
        (E, "A = 1; B = 2;", "A = 1;", False),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_only_a_wider_check_is_safe(text: str, old: str, new: str, is_safe: bool, dialect: str) -> None:  # noqa: FBT001 - a parameter
    settings = Settings(dialect=dialect)
    before, after = (tables(text % one, settings) for one in (old, new))
    migration = migrate(before, after, settings, Choices())
    assert bool(migration.notes) is not is_safe
    if dialect == "postgresql":
        assert (Phase.DATA not in {step.phase for step in migration.steps}) is is_safe

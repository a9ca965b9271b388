"""The contracts of this repository, from their first version to their second, with rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protoc_gen_protogate.targets.sql import Settings, generate, tables_of
from protoc_gen_protogate.targets.sql.migrate import Choices, Heading, migrate, render_migration
from tests.support.compiler import schema_of
from tests.targets.sql.migrate.live import Refused, fill

if TYPE_CHECKING:
    from protogate.descriptors import Schema
    from tests.targets.sql.migrate.live import Live

CONTRACTS = Path(__file__).parents[4] / "contracts"
STATE = "CASE WHEN is_active THEN 'USER_STATUS_ACTIVE' ELSE 'USER_STATUS_SUSPENDED' END"
USERS = [
    {"id": "u1", "email": "a@b.example", "firstName": "A", "age": 7, "active": True, "version": 3},
    {"id": "u2", "email": "c@d.example", "version": 1, "createdAt": "2020-01-02T03:04:05Z"},
]


@pytest.fixture(scope="module")
def schemas() -> tuple[Schema, Schema]:
    names = ("user/v1/user.proto", "user/v2/user.proto")
    old, new = (schema_of({name: (CONTRACTS / name).read_text()}, include=[CONTRACTS]) for name in names)
    return old, new


def started(live: Live, old: Schema, settings: Settings) -> None:
    live.reset()
    live.run(ddl(old, settings))
    fill(live, tables_of(old, "user/v1/user.proto", settings), USERS)


def ddl(schema: Schema, settings: Settings) -> str:
    return "".join(str(getattr(one, "content", "")) for one in generate(schema, settings._asdict()))


def script(schemas: tuple[Schema, Schema], settings: Settings, choices: Choices) -> str:
    old, new = schemas
    migration = migrate(
        tables_of(old, "user/v1/user.proto", settings),
        tables_of(new, "user/v2/user.proto", settings),
        settings,
        choices,
    )
    assert not migration.open_decisions
    return render_migration(migration, Heading("v1", "v2", settings.dialect), destructive=choices.destructive)


@pytest.mark.parametrize(
    "options",
    [{}, {"nested": "child"}, {"nested": "json", "repeated": "json"}, {"enum": "number"}, {"timestamp": "text"}],
)
def test_users_of_the_first_version_are_users_of_the_second(
    schemas: tuple[Schema, Schema], options: dict[str, Any], live: Live
) -> None:
    settings = Settings(dialect=live.dialect, **options)
    state = STATE.replace("'USER_STATUS_ACTIVE'", "1").replace("'USER_STATUS_SUSPENDED'", "3")
    chosen = state if "enum" in options else STATE
    choices = Choices(destructive=True, using={("users_v2", "status"): chosen, ("users_v2", "email"): "email"})
    live.reset()
    live.run(ddl(schemas[1], settings))
    wanted = live.structure()
    started(live, schemas[0], settings)
    live.run(script(schemas, settings, choices))
    assert live.structure() == wanted
    rows = live.rows("SELECT id, email, first_name, status, version FROM users_v2 ORDER BY id")
    active, suspended = (1, 3) if "enum" in options else ("USER_STATUS_ACTIVE", "USER_STATUS_SUSPENDED")
    assert [(row["id"], row["email"], row["first_name"], row["status"], int(row["version"])) for row in rows] == [
        ("u1", "a@b.example", "A", active, 3),
        ("u2", "c@d.example", "", suspended, 1),
    ]


def test_a_step_that_fails_leaves_the_old_tables(schemas: tuple[Schema, Schema], live: Live) -> None:
    settings = Settings(dialect=live.dialect)
    started(live, schemas[0], settings)
    structure, rows = live.structure(), live.rows("SELECT * FROM users ORDER BY id")
    wrong = {("users_v2", "status"): "'NO_SUCH_STATUS'", ("users_v2", "email"): "email"}
    with pytest.raises(Refused, match="status_enum"):
        live.run(script(schemas, settings, Choices(destructive=True, using=wrong)))
    assert live.structure() == structure
    assert live.rows("SELECT * FROM users ORDER BY id") == rows


def test_programs_of_the_new_contract_need_no_destructive_step(schemas: tuple[Schema, Schema], live: Live) -> None:
    settings = Settings(dialect=live.dialect)
    started(live, schemas[0], settings)
    choices = Choices(keep=True, using={("users_v2", "status"): STATE, ("users_v2", "email"): "email"})
    live.run(script(schemas, settings, choices))
    document = {
        "id": "u3",
        "email": "e@f.example",
        "status": "USER_STATUS_CLOSED",
        "version": "1",
        "roles": ["ROLE_ADMIN"],
    }
    fill(live, tables_of(schemas[1], "user/v2/user.proto", settings), [document])
    assert live.rows("SELECT id, age FROM users_v2 ORDER BY id") == [
        {"id": "u1", "age": 7},
        {"id": "u2", "age": None},
        {"id": "u3", "age": None},
    ]

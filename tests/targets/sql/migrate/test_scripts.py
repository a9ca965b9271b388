"""How a script behaves in the hands of people and their databases."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.sql import Settings
from protoc_gen_protogate.targets.sql.migrate import Choices, Phase, migrate
from protogate.errors import UserError
from tests.targets.sql.migrate.changes import CHANGES
from tests.targets.sql.migrate.contracts import tables
from tests.targets.sql.migrate.laws import Versions
from tests.targets.sql.migrate.live import Refused, fill

if TYPE_CHECKING:
    from pathlib import Path

    from tests.targets.sql.migrate.changes import Change
    from tests.targets.sql.migrate.live import Live

PARENT = 'message User { string id = 1; %s } message Post { string id = 1; optional string user_id = 2 [(protogate.options.v1.field).sql.references = {message: "shop.v1.User", on_delete: ON_DELETE_CASCADE}]; }'
LONG = Versions(
    "message User { string id = 1; string a = 2; int32 b = 3; }",
    "message User { string id = 1; string a = 2 [(buf.validate.field).string.max_len = 3]; optional int32 c = 4; }",
    [{"id": "1", "a": "long", "b": 5}],
)


def test_a_row_that_does_not_fit_leaves_all_as_it_was(live: Live) -> None:
    LONG.start(live)
    structure, rows = live.structure(), live.rows("SELECT * FROM users")
    with pytest.raises(Refused, match="users_a_max_len"):
        live.run(LONG.script(live.dialect, destructive=True))
    assert live.structure() == structure
    assert live.rows("SELECT * FROM users") == rows


def test_the_query_of_a_note_finds_the_row_in_the_way(live: Live) -> None:
    LONG.start(live)
    (note,) = LONG.migration(live.dialect).notes
    assert note.constraint == "users_a_max_len"
    assert [row["id"] for row in live.rows(note.query)] == ["1"]


def test_a_column_without_a_value_is_refused_only_when_there_are_rows(live: Live) -> None:
    old = "message User { string id = 1; }"
    new = "message User { string id = 1; string a = 2 [(buf.validate.field).required = true]; }"
    empty = Versions(old, new)
    wanted = empty.wanted(live)
    empty.start(live)
    live.run(empty.script(live.dialect, destructive=False))
    assert live.structure() == wanted
    Versions(old, new, [{"id": "1"}]).start(live)
    with pytest.raises(Refused):
        live.run(empty.script(live.dialect, destructive=False))


def test_children_survive_when_their_parent_is_made_anew(live: Live) -> None:
    versions = Versions(
        PARENT % "int32 n = 2;", PARENT % "int64 n = 2 [(buf.validate.field).int64.gte = 0];", [{"id": "1"}]
    )
    versions.start(live)
    fill(live, tables(versions.old, versions.settings(live.dialect))[1:], [{"id": "p", "userId": "1"}])
    live.run(versions.script(live.dialect, destructive=True))
    assert live.rows("SELECT id, user_id FROM posts") == [{"id": "p", "user_id": "1"}]


def test_new_programs_can_write_before_the_destructive_part(live: Live) -> None:
    old = "message User { string id = 1; string gone = 2 [(buf.validate.field).required = true, (protogate.options.v1.field).sql.unique = true]; }"
    new = "message User { string id = 1; string kept = 3; }"
    versions = Versions(old, new, [{"id": "1", "gone": "x"}])
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=False))
    fill(live, tables(new, versions.settings(live.dialect)), [{"id": "2", "kept": "y"}, {"id": "3"}])
    assert live.rows("SELECT gone, kept FROM users ORDER BY id") == [
        {"gone": "x", "kept": ""},
        {"gone": None, "kept": "y"},
        {"gone": None, "kept": ""},
    ]


def test_a_required_oneof_that_goes_is_asked_of_nobody(live: Live) -> None:
    choice = "oneof one { option (buf.validate.oneof).required = true; string a = 2; int32 b = 3; }"
    versions = Versions(
        f"message User {{ string id = 1; {choice} }}", "message User { string id = 1; }", [{"id": "1", "a": "x"}]
    )
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=False))
    fill(live, tables(versions.new, versions.settings(live.dialect)), [{"id": "2"}])
    assert live.rows("SELECT id, a FROM users ORDER BY id") == [{"id": "1", "a": "x"}, {"id": "2", "a": None}]


def test_a_new_foreign_key_refuses_a_row_that_points_nowhere(live: Live) -> None:
    user = "message User { string id = 1; } message Post { string id = 1; optional string user_id = 2%s; }"
    link = ' [(protogate.options.v1.field).sql.references.message = "shop.v1.User"]'
    versions = Versions(user % "", user % link)
    versions.start(live)
    fill(live, tables(versions.old, versions.settings(live.dialect))[1:], [{"id": "p", "userId": "nobody"}])
    structure = live.structure()
    with pytest.raises(Refused):
        live.run(versions.script(live.dialect, destructive=True))
    assert live.structure() == structure
    (note,) = versions.migration(live.dialect).notes
    assert [row["id"] for row in live.rows(note.query)] == ["p"]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_nothing_is_lost_outside_of_the_destructive_part(change: Change, dialect: str) -> None:
    versions = Versions(change.old, change.new, (), {}, dict(change.options))
    live = [
        sql for step in versions.migration(dialect).steps if step.phase is not Phase.DESTRUCTIVE for sql in step.sql
    ]
    made = {sql.split()[2] for sql in live if sql.startswith("CREATE TABLE")}
    assert not any("DROP COLUMN" in sql for sql in live if dialect != "mysql")
    for sql in live:
        if sql.startswith("DROP TABLE"):
            assert f"new_{sql.split()[2].rstrip(';')}" in made


def test_every_destructive_step_says_what_is_lost() -> None:
    for change in CHANGES:
        versions = Versions(change.old, change.new, (), {}, dict(change.options))
        for dialect in ("sqlite", "postgresql", "mysql"):
            steps = versions.migration(dialect).steps
            losing = [step for step in steps if any(_loses(sql) for sql in step.sql)]
            assert all(step.note for step in losing if step.phase is Phase.DESTRUCTIVE), change.name


def _loses(sql: str) -> bool:
    return any(words in sql for words in ("DROP COLUMN", "DROP TABLE", " TYPE ", "MODIFY COLUMN"))


def test_views_of_sqlite_outlive_a_table_that_is_made_anew(tmp_path: Path) -> None:
    versions = Versions(
        "message User { string id = 1; int32 a = 2; }", "message User { string id = 1; optional int32 a = 2; }"
    )
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.executescript(versions.ddl(versions.old, "sqlite"))
    connection.executescript("CREATE VIEW seen AS SELECT id, a FROM users; INSERT INTO users VALUES ('1', 2);")
    connection.executescript(versions.script("sqlite", destructive=True))
    assert connection.execute("SELECT * FROM seen").fetchall() == [("1", 2)]
    connection.close()


def test_the_shell_of_sqlite_stops_at_the_first_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(LONG.ddl(LONG.old, "sqlite"))
    connection.execute("INSERT INTO users VALUES ('1', 'long', 5)")
    script = LONG.script("sqlite", destructive=True)
    shell = subprocess.run(
        ["/usr/bin/env", "sqlite3", "-bail", path], input=script.encode(), capture_output=True, check=False
    )
    assert shell.returncode != 0
    assert b"users_a_max_len" in shell.stderr
    assert connection.execute("SELECT * FROM users").fetchall() == [("1", "long", 5)]
    connection.close()


def test_no_literal_breaks_out_of_a_comment() -> None:
    text = 'message User { string id = 1; %s a = 2; string b = 3 [(buf.validate.field).string.const = "x\\r\\nDROP TABLE users;\\rx"]; }'
    script = Versions(text % "double", text % "int64").script("sqlite", destructive=False)
    losing = script[script.index("-- 3. ") :].partition("-- Stops here")[0]
    lines = [line for line in re.split(r"[\r\n]", losing) if line]
    assert any("DROP TABLE users;" in line for line in lines)
    assert all(line.startswith("--") for line in lines)


def mysql(old: str, new: str) -> list[str]:
    return [sql for step in Versions(old, new).migration("mysql", destructive=True).steps for sql in step.sql]


def test_mysql_drops_the_index_that_it_made_for_a_foreign_key() -> None:
    link = ' [(protogate.options.v1.field).sql.references.message = "shop.v1.User"]'
    post = "message User { string id = 1; } message Post { string id = 1; optional string user_id = 2%s; }"
    indexed = " [(protogate.options.v1.field).sql.index = true]"
    both = link.replace("]", ", (protogate.options.v1.field).sql.index = true]")
    assert mysql(post % link, post % "") == [
        "ALTER TABLE posts DROP FOREIGN KEY posts_user_id_fkey;",
        "DROP INDEX posts_user_id_fkey ON posts;",
        "ALTER TABLE posts MODIFY COLUMN user_id LONGTEXT;",
    ]
    assert mysql(post % both, post % indexed) == ["ALTER TABLE posts DROP FOREIGN KEY posts_user_id_fkey;"]
    # The index cannot go while the foreign key uses it.
    statements = mysql(post % both, post % link)
    assert statements[0] == "ALTER TABLE posts DROP FOREIGN KEY posts_user_id_fkey;"
    assert statements[1] == "DROP INDEX posts_user_id_idx ON posts;"
    assert statements[2].startswith("ALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY")


def test_mysql_takes_a_check_off_a_column_before_it_gets_another_name() -> None:
    rule = " [(buf.validate.field).int32.gte = 0]"
    assert mysql(
        f"message A {{ string id = 1; int32 a = 2{rule}; }}", f"message A {{ string id = 1; int32 b = 2{rule}; }}"
    ) == [
        "ALTER TABLE `as` DROP CHECK as_a_gte;",
        "ALTER TABLE `as` RENAME COLUMN a TO b;",
        "ALTER TABLE `as` ADD CONSTRAINT as_b_gte CHECK (b >= 0);",
    ]


@pytest.mark.parametrize("place", [("nobody", "a"), ("users", "nothing")])
def test_an_expression_for_nothing_is_a_mistake(place: tuple[str, str]) -> None:
    settings = Settings()
    old = tables("message User { string id = 1; }", settings)
    with pytest.raises(UserError, match="use one of"):
        migrate(old, old, settings, Choices(using={place: "1"}))


def test_schemas_of_postgresql_are_made_and_changed(live: Live) -> None:
    text = 'message User { option (protogate.options.v1.message).sql.schema = "%s"; string id = 1; repeated string tags = 2; int32 a = 3 [(protogate.options.v1.field).sql.index = true]; }'
    versions = Versions(text % "one", text % "two", [{"id": "1", "tags": ["x"]}])
    wanted = versions.wanted(live)
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=True))
    assert live.structure() == wanted


def test_comments_with_quotes_and_line_ends_stay_comments(live: Live) -> None:
    text = "// It's --\n// a 'person'; DROP TABLE users;\nmessage User { string id = 1;\n// Don't.\nstring a = 2; }"
    versions = Versions("message User { string id = 1; }", text, [{"id": "1"}])
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=True))
    assert live.rows("SELECT a FROM users") == [{"a": ""}]

"""Versions are told by what a schema says, whoever writes at the same time."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.registry import LegacyRegistry, Registered
from protogate.legacy.schema_json import content_digest, schema_from_json, schema_to_json
from tests.support.bridge import fresh_database

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.text(min_size=1, max_size=6)


def field(values: dict[str, Any]) -> LegacyField:
    return LegacyField(**values)


FIELDS: st.SearchStrategy[LegacyField] = st.recursive(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "kind": st.sampled_from(LegacyKind),
            "place": st.sampled_from([Place(""), Place("a.sql", 3), Place("sqlite:///a.db")]),
            "is_required": st.booleans(),
            "is_nullable": st.booleans(),
            "is_repeated": st.booleans(),
            "type_text": st.text(max_size=4),
            "values": st.lists(st.text(max_size=3) | st.integers(), max_size=2).map(tuple),
            "length": st.none() | st.integers(0, 99),
            "minimum": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "default": st.just(NO_DEFAULT) | st.none() | st.integers() | st.text(),
            "references": st.text(max_size=3),
        }
    ).map(field),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=2)).map(
        lambda one: LegacyField(one[0], LegacyKind.OBJECT, fields=tuple(one[1]))
    ),
    max_leaves=5,
)
SCHEMAS = st.builds(
    LegacySchema,
    NAMES,
    st.sampled_from(SchemaFormat),
    st.lists(FIELDS, max_size=3).map(tuple),
    st.just(Place("a.sql", 3)),
    st.dictionaries(NAMES, st.lists(FIELDS, max_size=1).map(tuple), max_size=1),
)


def schema(*names: str, **more: Any) -> LegacySchema:
    fields = tuple(LegacyField(name, LegacyKind.STRING, **more) for name in names)
    return LegacySchema("users", SchemaFormat.DDL, fields, Place("users.sql", 1))


@given(SCHEMAS)
def test_a_schema_survives_being_kept(one: LegacySchema) -> None:
    again = schema_from_json(json.loads(json.dumps(schema_to_json(one))))
    assert again == one
    assert content_digest(again) == content_digest(one)


def test_places_order_and_descriptions_do_not_count() -> None:
    moved = schema("b", "a", place=Place("other.sql", 7), description="said")
    assert content_digest(moved) == content_digest(schema("a", "b"))
    assert content_digest(schema("a", is_nullable=False)) != content_digest(schema("a"))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "data/legacy.db")
    return fresh_database(request.getfixturevalue("postgres_server"))


def test_the_same_content_is_no_new_version(database: str) -> None:
    with LegacyRegistry(database) as registry:
        assert registry.register("user", schema("a")) == Registered("user", 1, is_new=True, same_as=1)
        assert registry.register("user", schema("a", description="x")) == Registered("user", 1, is_new=False, same_as=1)
        assert registry.register("user", schema("a", "b")) == Registered("user", 2, is_new=True, same_as=2)
        assert registry.register("user", schema("a")) == Registered("user", 3, is_new=True, same_as=1)
        assert [one.version for one in registry.versions("user")] == [1, 2, 3]
        assert registry.register("other", schema("a")).version == 1


def test_versions_carry_who_and_when(database: str) -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    with LegacyRegistry(database, now=lambda: now) as registry:
        registry.register("user", schema("a"), author="ann", description="first")
        found = registry.get("user")
        assert found is not None
        assert (found.author, found.description, found.timestamp) == ("ann", "first", "2026-01-31T12:00:00+00:00")
        assert found.schema == schema("a")
        assert registry.get("user", 2) is None
        assert registry.get("nobody") is None


def test_what_was_compared_is_kept(database: str) -> None:
    with LegacyRegistry(database) as registry:
        registry.register("user", schema("a"))
        version = registry.get("user")
        assert version is not None
        registry.record_diff(version, "user.v1.User", 0.5, {"errors": 1})
        (found,) = registry.diffs("user")
        assert (found.version, found.message, found.readiness, found.report) == (1, "user.v1.User", 0.5, {"errors": 1})


def test_many_writers_make_versions_without_gaps(database: str) -> None:
    with LegacyRegistry(database) as registry:
        registry.register("user", schema("start"))

    def write(number: int) -> None:
        with LegacyRegistry(database) as own:
            for step in range(4):
                own.register("user", schema(f"f{number}_{step}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with LegacyRegistry(database) as registry:
        assert [one.version for one in registry.versions("user")] == list(range(1, 18))
        assert len({one.sha256 for one in registry.versions("user")}) == 17


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match="is a database of another program"):
        LegacyRegistry(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("database", "said"),
    [("gone.db", "no such registry"), ("mysql://a/b", "is no registry; use a SQLite file")],
)
def test_mistakes_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str, said: str
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=said):
        LegacyRegistry(database, creates=False)
    (tmp_path / "text.db").write_text("hello, this is no database at all")
    with pytest.raises(UserError, match="file is not a database"):
        LegacyRegistry("text.db")

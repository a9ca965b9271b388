"""Laws of names, whatever a contract calls its messages and fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.targets.sql import PLUGIN
from protoc_gen_protogate.targets.sql.names import MAX_BYTES, NameSpace, plural, shorten
from protogate.descriptors import snake_case
from tests.support.compiler import run_plugin

NAMES = st.text(st.sampled_from("abAB_1é"), min_size=1, max_size=90)


@given(st.lists(NAMES, max_size=30))
def test_names_of_one_space_differ_without_regard_to_case(wanted: list[str]) -> None:
    space = NameSpace()
    taken = [space.take(name) for name in wanted]
    assert len({name.lower() for name in taken}) == len(taken)


@given(NAMES)
def test_no_name_is_longer_than_the_limit(name: str) -> None:
    space = NameSpace()
    assert all(len(space.take(name).encode()) <= MAX_BYTES for _ in range(12))


@given(NAMES)
def test_a_short_free_name_stays_as_it_is(name: str) -> None:
    if len(name.encode()) <= MAX_BYTES:
        assert NameSpace().take(name) == name


@given(st.text("ab", min_size=70, max_size=80), st.text("ab", min_size=70, max_size=80))
def test_names_that_are_cut_still_differ(one: str, other: str) -> None:
    if one != other:
        assert shorten(one) != shorten(other)


@pytest.mark.parametrize(
    ("message", "table"),
    [
        ("User", "users"),
        ("UserProfile", "user_profiles"),
        ("HTTPServer", "http_servers"),
        ("Address", "addresses"),
        ("Company", "companies"),
        ("Key", "keys"),
        ("Box", "boxes"),
        ("Settings", "settings"),
        ("Status", "statuses"),
        ("Analysis", "analyses"),
        ("Person", "people"),
        ("Alias", "aliases"),
    ],
)
def test_a_table_has_the_plural_of_its_message(message: str, table: str) -> None:
    assert plural(snake_case(message)) == table


@pytest.mark.parametrize(
    ("package", "options", "table"),
    [
        ("user.v1", "", "users"),
        ("user.v2", "", "users_v2"),
        ("user.v1beta1", "", "users_v1beta1"),
        ("user", "", "users"),
        ("user.v2", "names=package", "user_v2_users"),
        ("user.v1", "prefix=app_", "app_users"),
        ("user.v1", "schema=app", "app_users"),
        ("user.v1", "schema=app,dialect=postgresql", "app.users"),
        ("user.v1", "schema=order,dialect=mysql", "`order`.users"),
    ],
)
def test_the_name_of_a_table_follows_package_and_options(package: str, options: str, table: str) -> None:
    files = {"a.proto": f'syntax = "proto3"; package {package}; message User {{ string id = 1; }}'}
    assert f"CREATE TABLE {table} (" in run_plugin(PLUGIN, files, parameter=options)["a.sql"]


def test_messages_whose_plurals_meet_get_tables_of_their_own() -> None:
    text = "message User { string id = 1; } message Users { string id = 1; } message USER { string id = 1; }"
    ddl = run_plugin(PLUGIN, {"a.proto": f'syntax = "proto3"; {text}'})["a.sql"]
    assert [line.split()[2] for line in ddl.splitlines() if line.startswith("CREATE TABLE")] == [
        "users",
        "users_2",
        "users_3",
    ]

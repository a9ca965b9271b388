"""The law of migrations for several tables that refer to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.targets.sql.migrate.contracts import tables
from tests.targets.sql.migrate.laws import Versions
from tests.targets.sql.migrate.live import Refused, fill

if TYPE_CHECKING:
    from tests.targets.sql.migrate.live import Live

SQL = "(protogate.options.v1.field).sql"


@dataclass(frozen=True)
class Shop:
    """Users, their posts, and teams of posts."""

    table: str
    """Of the users."""
    key: str
    key_type: str
    by_email: bool
    """Whether the e-mail address is the key."""
    email: str
    link: str
    """What posts refer to: nothing, the `key` or the `email` of a user."""
    on_delete: str
    indexed: bool
    tags: bool
    teams: str
    """Nothing, `one` way or `both` ways."""

    @property
    def has_email_link(self) -> bool:
        return self.link == "email" or self.by_email

    @property
    def text(self) -> str:
        named = f'option (protogate.options.v1.message).sql.table_name = "{self.table}";' if self.table else ""
        of_email = f" [{SQL}.{'primary_key' if self.by_email else 'unique'} = true]" if self.has_email_link else ""
        of_key = "" if self.by_email else f" [{SQL}.primary_key = true]"
        tags = "repeated string tags = 4;" if self.tags else ""
        return f"""
            message User {{ {named} {self.key_type} {self.key} = 1{of_key}; string {self.email} = 2{of_email}; {tags} }}
            message Post {{ string id = 1; {self._link()} {self._team()} }}
            {self._teams()}
        """

    def _link(self) -> str:
        if self.link == "gone":
            return ""
        index = ", index: true" if self.indexed else ""
        if not self.link:
            return f"optional string author = 2 [{SQL} = {{{index[2:]}}}];"
        to_email = self.has_email_link
        kind, column = ("string", self.email) if to_email else (self.key_type, self.key)
        action = f", on_delete: {self.on_delete}" if self.on_delete else ""
        references = f'references: {{message: "shop.v1.User", column: "{column}"{action}}}'
        return f"optional {kind} author = 2 [{SQL} = {{{references}{index}}}];"

    def _team(self) -> str:
        return (
            f'optional string team_id = 3 [{SQL}.references.message = "shop.v1.Team"];' if self.teams == "both" else ""
        )

    def _teams(self) -> str:
        if not self.teams:
            return ""
        return f'message Team {{ string id = 1; optional string post_id = 2 [{SQL}.references.message = "shop.v1.Post"]; }}'

    def rows(self) -> list[list[dict[str, Any]]]:
        """Documents of users, posts and teams."""
        key = 1 if self.key_type == "int64" else "k"
        user = {self.key: key, self.email: "e"} | ({"tags": ["x", "y"]} if self.tags else {})
        author = "e" if self.has_email_link or not self.link else key
        linked = {} if self.link == "gone" else {"author": author}
        teams = [{"id": "t", "postId": "p"}] if self.teams else []
        return [[user], [{"id": "p", **linked}, {"id": "q"}], teams]


shops = st.builds(
    Shop,
    table=st.sampled_from(("", "people")),
    key=st.sampled_from(("id", "uuid")),
    key_type=st.sampled_from(("string", "int64")),
    by_email=st.sampled_from((False, False, True)),
    email=st.sampled_from(("email", "mail")),
    link=st.sampled_from(("", "key", "email", "gone")),
    on_delete=st.sampled_from(("", "ON_DELETE_CASCADE", "ON_DELETE_SET_NULL")),
    indexed=st.booleans(),
    tags=st.booleans(),
    teams=st.sampled_from(("", "one", "both")),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(shops, shops)
def test_tables_that_refer_to_each_other_follow_their_contract(live: Live, old: Shop, new: Shop) -> None:
    versions = Versions(old.text, new.text)
    wanted = versions.wanted(live)
    versions.start(live)
    for table, documents in zip(tables(old.text, versions.settings(live.dialect)), old.rows(), strict=False):
        fill(live, [table], documents)
    structure = live.structure()
    migration = versions.migration(live.dialect, destructive=True)
    try:
        live.run(versions.script(live.dialect, destructive=True))
    except Refused:
        assert migration.open_decisions or migration.notes, "nobody said that it may fail"
        assert live.structure() == structure
        return
    assert live.structure() == wanted
    assert [row["id"] for row in live.rows("SELECT id FROM posts ORDER BY id")] == ["p", "q"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(shops, shops)
def test_the_destructive_part_of_several_tables_can_wait(live: Live, old: Shop, new: Shop) -> None:
    versions = Versions(old.text, new.text)
    wanted = versions.wanted(live)
    versions.start(live)
    live.run(versions.script(live.dialect, destructive=False))
    versions.finish(live)
    assert live.structure() == wanted

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.discovery.cqrs import CqrsSettings, cqrs_document, cqrs_markdown, cqrs_rows
from protogate.discovery.model import Event, Inventory, Route, Symbol
from tests.support.repositories import read, write

if TYPE_CHECKING:
    from pathlib import Path

_MANAGER = {
    "users/api.py": """
        from fastapi import APIRouter

        router = APIRouter(prefix="/api/users")

        @router.get("/")
        def list_users(): ...

        @router.post("/")
        def create_user(): ...

        @router.put("/{user_id}")
        def update_user(user_id: int): ...

        @router.delete("/{user_id}")
        def delete_user(user_id: int): ...
        """
}
_CALLED = {
    "notes/api.py": """
        from fastapi import APIRouter

        router = APIRouter(prefix="/api/notes")

        @router.get("/{id}")
        def get_note(id: str): ...

        @router.post("/create")
        def create_new_note(): ...

        @router.post("/{id}/update")
        def update_note_by_id(id: str): ...

        @router.delete("/{id}/delete")
        def delete_note_by_id(id: str): ...
        """
}
"""What some call REST: the verb is the end of the path."""
_REPORTS = {
    "reports/api.py": """
        from fastapi import APIRouter

        router = APIRouter(prefix="/api/reports")

        @router.get("/sales/export")
        def export_sales_report(): ...

        @router.get("/sales/summary")
        def sales_summary(): ...

        @router.get("/stock/chart")
        def stock_chart(): ...

        @router.get("/stock/download")
        def download_stock_report(): ...
        """
}
_CONFIG = {
    "settings/api.py": """
        from fastapi import APIRouter

        router = APIRouter(prefix="/api/settings")

        @router.get("/mail")
        def get_mail_settings(): ...

        @router.put("/mail")
        def set_mail_settings(): ...

        @router.get("/theme")
        def get_theme_option(): ...

        @router.put("/theme")
        def set_theme_option(): ...
        """
}
_SEARCHED = {
    "logs/api.py": """
        from fastapi import APIRouter

        router = APIRouter(prefix="/api/logs")

        @router.post("/filter")
        def read_logs(): ...

        @router.post("/count")
        def count_logs(): ...

        @router.post("/paginate")
        def paginate_logs(): ...

        @router.get("/{log_id}")
        def read_log(log_id: int): ...
        """
}
"""Searches that are posted because they are long."""
_GRID = {
    "frontend/src/modules/grid/cqrs/types.ts": """
        export type GridCommand =
          | { type: 'SortRows'; column: string }
          | { type: 'FilterRows'; text: string }
          | { type: 'SelectPage'; page: number };
        export type GridEvent = { type: 'RowsLoaded' } | { type: 'RowsFiltered' };
        """,
    "frontend/src/modules/grid/table.ts": """
        export function sortRows(rows: string[], column: string) { return rows; }
        export function filterRows(rows: string[]) { return rows; }
        export function paginateTable(page: number) { return page; }
        """,
}
_FRONTEND_CONFIG = {
    "frontend/src/modules/connect-config/messages.ts": """
        export type ConfigMessage =
          | { type: 'LoadSettings' }
          | { type: 'SaveSettings'; value: string }
          | { type: 'ToggleTheme' };
        export type ConfigEvent = { type: 'SettingsLoaded' } | { type: 'SettingsSaved' } | { type: 'ThemeSet' };
        """
}
"""Types of messages in a file of another name."""
_FRONTEND_USERS = {
    "frontend/src/modules/people/client.ts": """
        export const load = () => fetch('/api/users');
        export const make = () => fetch('/api/users', { method: 'POST' });
        export const change = (id: number) => fetch(`/api/users/${id}`, { method: 'PUT' });
        export const drop = (id: number) => fetch(`/api/users/${id}`, { method: 'DELETE' });
        """
}
_DJANGO = {
    "shop/ranges/urls.py": """
        from django.urls import path
        from . import views

        urlpatterns = [
            path("", views.RangeListView.as_view()),
            path("create/", views.RangeCreateView.as_view()),
            path("<int:pk>/", views.RangeUpdateView.as_view()),
            path("<int:pk>/delete/", views.RangeDeleteView.as_view()),
        ]
        """,
    "shop/ranges/views.py": """
        class RangeListView: ...
        class RangeCreateView: ...
        class RangeUpdateView: ...
        class RangeDeleteView: ...
        """,
}
_PLAIN = {"plain/code.py": "def twice(value):\n    return 2 * value\n"}


def _document(root: Path, files: dict[str, str], given_settings: CqrsSettings | None = None) -> dict[str, Any]:
    inventory = read(write(root, files)).inventory
    units: dict[str, list[str]] = {}
    for one in inventory.modules:
        depth = 4 if one.path.startswith("frontend/") else 2 if one.path.startswith("shop/") else 1
        units.setdefault("/".join(one.path.split("/")[:depth]), []).append(one.name)
    document: dict[str, Any] = cqrs_document(inventory, units, given_settings or CqrsSettings())
    return document


def _rows(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["module"]: row for row in document["rows"]}


def test_each_pattern_is_told_by_what_the_code_does(tmp_path: Path) -> None:
    files = {
        **_MANAGER,
        **_CALLED,
        **_REPORTS,
        **_CONFIG,
        **_SEARCHED,
        **_GRID,
        **_FRONTEND_CONFIG,
        **_DJANGO,
        **_PLAIN,
    }
    assert {name: row["pattern"] for name, row in _rows(_document(tmp_path, files)).items()} == {
        "users": "manager",
        "notes": "manager",
        "shop/ranges": "manager",
        "reports": "reports",
        "settings": "config",
        "frontend/src/modules/connect-config": "config",
        "logs": "data-grid",
        "frontend/src/modules/grid": "data-grid",
        "plain": "none",
    }


def test_a_row_shows_where_its_score_comes_from(tmp_path: Path) -> None:
    row = _rows(_document(tmp_path, _MANAGER))["users"]
    assert (row["commands"], row["command_count"]) == (["create_user", "delete_user", "update_user"], 3)
    assert (row["queries"], row["query_count"]) == (["list_users"], 1)
    assert row["evidence"] == [
        {"place": "users/api.py:8", "why": "answers POST /api/users/: create user"},
        {"place": "users/api.py:11", "why": "answers PUT /api/users/{user_id}: update user"},
        {"place": "users/api.py:14", "why": "answers DELETE /api/users/{user_id}: delete user"},
        {"place": "users/api.py:5", "why": "answers GET /api/users/: list user"},
    ]
    parts = {part["name"]: part for part in row["parts"]}
    # Three changes and one list: 35 * 3/5 * (3 + 1/2)/4, and a resource with all four.
    assert parts["operations"]["points"] == pytest.approx(18.375)
    assert parts["operations"]["evidence"] == "create 1, delete 1, update 1; 4 in all"
    assert parts["resources"]["points"] == 25
    assert sum(part["points"] for part in row["parts"]) == pytest.approx(row["score"], abs=0.01)
    assert sum(part["most"] for part in row["parts"]) == 100
    assert (row["phase"], row["priority_hint"], row["extraction_target"]) == ("phase-2", "middle", "command-service")


def test_posted_searches_are_queries(tmp_path: Path) -> None:
    row = _rows(_document(tmp_path, _SEARCHED))["logs"]
    assert row["commands"] == []
    assert row["queries"] == ["count_logs", "paginate_logs", "read_log", "read_logs"]


def test_requests_of_a_page_tell_its_pattern(tmp_path: Path) -> None:
    document = _document(tmp_path, {**_MANAGER, **_FRONTEND_USERS})
    row = _rows(document)["frontend/src/modules/people"]
    assert row["pattern"] == "manager"
    assert row["evidence"][0]["why"] == "asks POST /api/users: create user"
    # The page and what answers it do the same to the same things.
    assert row["cluster_members"] == ["frontend/src/modules/people", "users"]


def test_requests_of_a_server_to_others_tell_nothing(tmp_path: Path) -> None:
    files = {
        "search/engine.py": """
            import requests

            def ask(word):
                requests.post("https://one.example/api/search", json={"q": word})
                requests.post("https://two.example/api/items/search", json={"q": word})
                return requests.post("https://three.example/api/pages/filter", json={"q": word})
            """
    }
    row = _rows(_document(tmp_path, files))["search"]
    assert (row["pattern"], row["scores"]["data-grid"]) == ("none", 0)


def test_writes_of_tables_speak_for_a_manager_and_reads_for_a_grid(tmp_path: Path) -> None:
    models = """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import DeclarativeBase

        class Base(DeclarativeBase): ...

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
        """
    write_sql = 'def run(db):\n    db.execute("INSERT INTO orders (id) VALUES (1)")\n'
    read_sql = 'def run(db):\n    db.execute("SELECT id FROM orders")\n'
    files = {"models/orders.py": models, "writer/w.py": write_sql, "reader/r.py": read_sql}
    rows = _rows(_document(tmp_path, files))
    writer, reader = rows["writer"]["scores"], rows["reader"]["scores"]
    assert writer["manager"] > writer["config"] > writer["data-grid"]
    assert reader["data-grid"] > reader["manager"]
    assert rows["writer"]["evidence"] == [{"place": "writer/w.py:2", "why": "writes the table orders"}]
    assert {rows[name]["pattern"] for name in ("writer", "reader")} == {"none"}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"manager/manager.py": "def twice(value):\n    return 2 * value\n"}, id="name of a file"),
        pytest.param(
            {"reports/x.py": "def export_report(): ...\ndef chart_report(): ...\ndef download_pdf(): ...\n"},
            id="names of functions",
        ),
        pytest.param(
            {"one/bus.py": 'def run(bus):\n    bus.emit("order_created")\n'},
            id="one event",
        ),
        pytest.param(
            {
                "widgets/grid.ts": """
                    import mitt from 'mitt';
                    const bus = mitt();
                    bus.emit('childCreated'); bus.emit('childRemoved'); bus.emit('childUpdated');
                    bus.emit('childAdded'); bus.emit('childDeleted');
                    """
            },
            id="events of widgets",
        ),
    ],
)
def test_too_little_evidence_is_no_pattern(tmp_path: Path, files: dict[str, str]) -> None:
    (row,) = _document(tmp_path, files)["rows"]
    assert (row["pattern"], row["extraction_target"], row["confidence"]) == ("none", "none", 0)
    assert (row["phase"], row["priority_hint"]) == ("phase-3", "later")


def test_settings_that_are_made_and_removed_are_managed(tmp_path: Path) -> None:
    (path,) = _MANAGER
    text = _MANAGER[path].replace("/api/users", "/api/configurations")
    assert _rows(_document(tmp_path, {path: text}))["users"]["pattern"] == "manager"


def test_a_list_of_things_that_are_managed_is_no_report(tmp_path: Path) -> None:
    (path,) = _MANAGER
    text = _MANAGER[path].replace("/api/users", "/api/reports").replace("user", "report")
    row = _rows(_document(tmp_path, {path.replace("users", "reports"): text}))["reports"]
    assert row["pattern"] == "manager"
    # Names of functions alone: no operation is one of reports.
    assert row["scores"]["reports"] < 15
    assert row["evidence"][-1]["why"] == "answers GET /api/reports/: list report"


def test_paths_that_leave_the_thing_out_are_about_the_unit(tmp_path: Path) -> None:
    files = {path: text.replace("Range", "") for path, text in _DJANGO.items()}
    row = _rows(_document(tmp_path, files))["shop/ranges"]
    assert row["pattern"] == "manager"
    assert [one["why"].partition(": ")[2] for one in row["evidence"]] == [
        "create range",
        "update range",
        "delete range",
        "list range",
    ]


def test_changes_of_many_things_manage_none() -> None:
    routes = tuple(
        Route("PATCH", f"/{name}/{{id}}", "m", "m.py", 1, "", "fastapi")
        for name in ("orders", "users", "teams", "notes", "files", "rooms", "seats", "mails")
    )
    inventory = Inventory("r", (), (), routes, (), (), (), (), (), (), (), {}, 0, (), ())
    (row,) = cqrs_rows(inventory, {"m": ("m",)}, CqrsSettings()).rows
    assert row.scores["manager"] >= 25
    assert row.pattern == "none"


def test_types_count_only_in_the_files_that_a_setting_names(tmp_path: Path) -> None:
    files = {**_GRID, **_FRONTEND_CONFIG}
    rows = _rows(_document(tmp_path, files, CqrsSettings(types_glob="*/cqrs/types.ts")))
    assert rows["frontend/src/modules/grid"]["event_count"] == 2
    assert "frontend/src/modules/connect-config" not in rows


def test_a_pattern_of_the_user_wins(tmp_path: Path) -> None:
    mine = {"name": "people", "commands": ["create_user", "delete_user", "ban_user"], "min_command_matches": 2}
    row = _rows(_document(tmp_path, _MANAGER, CqrsSettings(patterns=(mine,))))["users"]
    assert (row["pattern"], row["extraction_target"]) == ("people", "custom-slice")
    assert row["parts"] == [
        {
            "name": "messages of the pattern",
            "points": pytest.approx(66.667),
            "most": 100,
            "evidence": "2 of 3 commands, 0 of 0 events",
        }
    ]
    assert (row["score"], row["confidence"], row["phase"]) == (pytest.approx(66.667), pytest.approx(0.667), "phase-1")
    more = {**mine, "min_command_matches": 3}
    assert _rows(_document(tmp_path, {}, CqrsSettings(patterns=(more,))))["users"]["pattern"] == "manager"


def test_a_pattern_of_the_user_may_have_events_alone(tmp_path: Path) -> None:
    mine = {"name": "rows", "extraction_target": "grid-kit", "events": ["RowsLoaded", "RowsFiltered"]}
    other = {"name": "later", "events": ["RowsLoaded"]}
    row = _rows(_document(tmp_path, _GRID, CqrsSettings(patterns=(mine, other))))["frontend/src/modules/grid"]
    assert (row["pattern"], row["extraction_target"], row["score"]) == ("rows", "grid-kit", 100)


def test_two_patterns_side_by_side_are_no_verdict() -> None:
    def route(method: str, path: str) -> Route:
        return Route(method, path, "both", "both.py", 1, "", "fastapi")

    tied = (
        *(route(method, f"/config/{name}") for name in ("mail", "theme") for method in ("GET", "PUT")),
        *(route(method, "/users/{id}") for method in ("GET", "PUT", "PATCH", "DELETE")),
    )
    inventory = Inventory("r", (), (), tied, (), (), (), (), (), (), (), {}, 0, (), ())
    (row,) = cqrs_rows(inventory, {"both": ("both",)}, CqrsSettings()).rows
    assert abs(row.scores["config"] - row.scores["manager"]) < 3
    assert min(row.scores["config"], row.scores["manager"]) >= 25
    assert (row.pattern, row.phase) == ("none", "phase-3")


def test_units_with_one_vocabulary_are_one_cluster(tmp_path: Path) -> None:
    copy = {path.replace("users/", "people/"): text for path, text in _MANAGER.items()}
    document = _document(tmp_path, {**_MANAGER, **copy, **_REPORTS})
    assert document["clusters"] == [
        {"cluster_id": "cluster-1", "members": ["people", "users"], "size": 2, "pattern": "manager"},
        {"cluster_id": "cluster-2", "members": ["reports"], "size": 1, "pattern": "reports"},
    ]
    assert _rows(document)["people"]["cluster_members"] == ["people", "users"]


def test_one_common_event_makes_no_cluster(tmp_path: Path) -> None:
    text = 'def run(bus):\n    bus.emit("order_created")\n'
    assert [row["size"] for row in _document(tmp_path, {"a/x.py": text, "b/x.py": text})["clusters"]] == [1, 1]


def test_the_threshold_decides_how_much_is_common(tmp_path: Path) -> None:
    (path,) = _MANAGER
    # Of seven names three are common.
    other = _MANAGER[path].replace("def list_users", "def find_people").replace('get("/")', 'get("/people/search")')
    files = {
        **_MANAGER,
        "people/api.py": other.replace('post("/")', 'post("/join")').replace("create_user", "join_club"),
    }
    sizes = {
        share: max(row["size"] for row in _document(tmp_path, files, CqrsSettings(share))["clusters"])
        for share in (0.2, 0.9)
    }
    assert sizes == {0.2: 2, 0.9: 1}


def test_the_page_shows_rows_and_clusters(tmp_path: Path) -> None:
    page = cqrs_markdown(_document(tmp_path, {**_MANAGER, **_PLAIN}))
    assert page.startswith("# CQRS pattern clusters\n\n2 units.\n\n## Rows\n")
    assert "| `users` | manager | command-service | " in page
    assert "## Clusters" in page


def test_long_lists_are_cut_and_say_how_much() -> None:
    names = [f"unit{number:03}" for number in range(90)]
    events = tuple(
        Event(name, "emits", "signal", unit, f"{unit}.py", 1)
        for unit in names
        for name in ("order_created", "order_deleted")
    )
    inventory = Inventory("r", (), (), (), (), (), (), events, (), (), (), {}, 0, (), ())
    page = cqrs_markdown(cqrs_document(inventory, {name: (name,) for name in names}, CqrsSettings()))
    assert "... and 10 more in the JSON document." in page
    assert "| cluster-1 | manager | 90 | `unit000`, " in page
    assert "`unit009`, ... and 80 more |" in page


_names = st.sampled_from(
    ["CreateOrder", "OrderCreated", "DeleteOrder", "LoadRows", "RowsLoaded", "SetOption", "ExportReport", "zoomend"]
)
_kinds = st.sampled_from(["command", "query", "event", "signal", "task"])
_paths = st.sampled_from(
    ["/", "/{id}", "/sets/{id}", "/set", "/orders", "/orders/{id}", "/orders/filter", "/a/{x}/b/{y}", "/saved_searches"]
)
_methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "ANY", "WEBSOCKET"])
_handlers = st.sampled_from(["", "index", "list_orders", "self.delete_view", "OrderViewSet", "update"])


@settings(max_examples=150, deadline=None)
@given(
    told=st.lists(st.tuples(st.sampled_from("abcdef"), _names, _kinds), max_size=20),
    answered=st.lists(st.tuples(st.sampled_from("abcdef"), _methods, _paths, _handlers), max_size=20),
    data=st.data(),
)
def test_clusters_are_a_partition_and_order_does_not_matter(
    told: list[tuple[str, str, str]], answered: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    def document(
        rows: list[tuple[str, str, str]], paths: list[tuple[str, str, str, str]], units: dict[str, tuple[str, ...]]
    ) -> dict[str, Any]:
        events = tuple(Event(name, "emits", kind, module, f"{module}.py", 1) for module, name, kind in rows)
        routes = tuple(Route(verb, path, unit, f"{unit}.py", 2, name, "drf") for unit, verb, path, name in paths)
        symbols = (Symbol("a", "add_row", "function", "a.py", 1, 1),)
        inventory = Inventory("r", (), (), routes, (), (), (), events, (), (), (), {}, 0, (), symbols)
        found: dict[str, Any] = cqrs_document(inventory, units, CqrsSettings())
        return found

    units: dict[str, tuple[str, ...]] = {name: (name,) for name in "abcdef"}
    one = document(told, answered, units)
    members = [name for cluster in one["clusters"] for name in cluster["members"]]
    assert sorted(members) == sorted(row["module"] for row in one["rows"])
    assert all(row["module"] in row["cluster_members"] for row in one["rows"])
    assert all(0 <= score <= 100 for row in one["rows"] for score in row["scores"].values())
    assert all(part["points"] <= part["most"] for row in one["rows"] for part in row["parts"])
    shuffled = data.draw(st.permutations(told)), data.draw(st.permutations(answered))
    assert document(*shuffled, dict(reversed(units.items()))) == one

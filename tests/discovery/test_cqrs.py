from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.discovery.cqrs import CqrsSettings, cqrs_document, cqrs_markdown
from protogate.discovery.model import Event, Inventory, Symbol
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
_PLAIN = {"plain/code.py": "def twice(value):\n    return 2 * value\n"}


def _document(root: Path, files: dict[str, str], given_settings: CqrsSettings | None = None) -> dict[str, Any]:
    inventory = read(write(root, files)).inventory
    units: dict[str, list[str]] = {}
    for one in inventory.modules:
        name = one.path.partition("/")[0] if one.language == "python" else "/".join(one.path.split("/")[:4])
        units.setdefault(name, []).append(one.name)
    document: dict[str, Any] = cqrs_document(inventory, units, given_settings or CqrsSettings())
    return document


def _rows(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["module"]: row for row in document["rows"]}


def test_each_pattern_is_told_by_what_the_code_does(tmp_path: Path) -> None:
    rows = _rows(_document(tmp_path, {**_MANAGER, **_REPORTS, **_CONFIG, **_GRID, **_PLAIN}))
    assert {name: row["pattern"] for name, row in rows.items()} == {
        "users": "manager",
        "reports": "reports",
        "settings": "config",
        "frontend/src/modules/grid": "data-grid",
        "plain": "none",
    }
    users = rows["users"]
    assert users["commands"] == ["create_user", "delete_user", "update_user"]
    assert users["queries"] == ["list_users"]
    assert {"place": "users/api.py:8", "why": "answers POST /api/users/"} in users["evidence"]
    assert sum(part["points"] for part in users["parts"]) == pytest.approx(users["score"], abs=0.01)
    assert sum(part["most"] for part in users["parts"]) == 100


def test_the_name_of_a_file_alone_decides_nothing(tmp_path: Path) -> None:
    files = {"manager/manager.py": "def twice(value):\n    return 2 * value\n", "reports/x.py": "LIMIT = 3\n"}
    assert {row["pattern"] for row in _document(tmp_path, files)["rows"]} == {"none"}


def test_a_pattern_of_the_user_wins(tmp_path: Path) -> None:
    mine = {"name": "people", "commands": ["create_user", "delete_user"], "min_command_matches": 2}
    row = _rows(_document(tmp_path, _MANAGER, CqrsSettings(patterns=(mine,))))["users"]
    assert (row["pattern"], row["extraction_target"]) == ("people", "custom-slice")
    more = {**mine, "min_command_matches": 3}
    assert _rows(_document(tmp_path, {}, CqrsSettings(patterns=(more,))))["users"]["pattern"] == "manager"


def test_units_with_one_vocabulary_are_one_cluster(tmp_path: Path) -> None:
    copy = {path.replace("users/", "people/"): text for path, text in _MANAGER.items()}
    document = _document(tmp_path, {**_MANAGER, **copy, **_REPORTS})
    (first, *_) = document["clusters"]
    assert first["members"] == ["people", "users"]
    assert _rows(document)["people"]["cluster_members"] == ["people", "users"]


def test_the_page_shows_rows_and_clusters(tmp_path: Path) -> None:
    page = cqrs_markdown(_document(tmp_path, {**_MANAGER, **_PLAIN}))
    assert page.startswith("# CQRS pattern clusters\n\n2 units.\n\n## Rows\n")
    assert "| `users` | manager | command-service | " in page
    assert "## Clusters" in page


_names = st.sampled_from(["CreateOrder", "OrderCreated", "LoadRows", "RowsLoaded", "SetOption", "ExportReport"])
_kinds = st.sampled_from(["command", "query", "event", "signal", "task"])


@settings(max_examples=60)
@given(told=st.lists(st.tuples(st.sampled_from("abcdef"), _names, _kinds), max_size=20), data=st.data())
def test_clusters_are_a_partition_and_order_does_not_matter(
    told: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    def document(rows: list[tuple[str, str, str]], units: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        events = tuple(Event(name, "emits", kind, module, f"{module}.py", 1) for module, name, kind in rows)
        symbols = (Symbol("a", "add_row", "function", "a.py", 1, 1),)
        inventory = Inventory("r", (), (), (), (), (), (), events, (), (), (), {}, 0, (), symbols)
        found: dict[str, Any] = cqrs_document(inventory, units, CqrsSettings())
        return found

    units: dict[str, tuple[str, ...]] = {name: (name,) for name in "abcdef"}
    one = document(told, units)
    members = [name for cluster in one["clusters"] for name in cluster["members"]]
    assert len(members) == len(set(members))
    assert set(members) <= {row["module"] for row in one["rows"]}
    assert document(data.draw(st.permutations(told)), dict(reversed(units.items()))) == one

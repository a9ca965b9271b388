"""What modules of a frontend repeat or all import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from protogate.discovery.shared_ts import shared_ts_candidates, shared_ts_markdown
from tests.discovery.frontend_repositories import page, read

if TYPE_CHECKING:
    from pathlib import Path

_MONEY = "export interface Money {\n  amount: number;\n  currency: string;\n}\n"
_FILES = {
    "package.json": '{"name": "shop"}',
    **{
        f"src/modules/{name}/{name.title()}Page.tsx": page(
            f"{name.title()}Page", 'import { log } from "../../log";', body="return log();"
        )
        for name in ("orders", "users", "stock")
    },
    "src/log.ts": "export const log = () => null;\n",
    "src/modules/orders/types.ts": _MONEY + "export type Row = { id: number };\n",
    "src/modules/users/types.ts": _MONEY.replace(";", ",") + "export type Row = {\n  name: string;\n};\n",
    "src/modules/stock/types.ts": "// Nothing but rows.\nexport type Row = { id: string; count: number };\n",
    "src/modules/orders/format.ts": "export function money(x: number) {\n  return x.toFixed(2);\n}\n",
    "src/modules/users/format.ts": "function money(x: number) {\n  return `${x}`;\n}\nmoney(1);\n",
}


def _found(
    root: Path, *, with_texts: bool = True, min_occurrences: int = 2, min_modules_by_name: int = 3
) -> dict[str, Any]:
    one = read(root / "shop", _FILES)
    texts = {path: text for path, text in _FILES.items() if path.endswith(".ts")} if with_texts else None
    return shared_ts_candidates(one.inventory, one.facts, min_occurrences, min_modules_by_name, texts=texts)


def _names(found: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [(row["name"], row["kind"], row["reason"], row["module_count"]) for row in found["candidates"]]


def test_what_is_repeated(tmp_path: Path) -> None:
    found = _found(tmp_path)
    assert json.loads(json.dumps(found)) == found
    # `money` of two modules is not alike, and two are too few for a name alone.
    assert _names(found) == [("Row", "type", "same-name", 3), ("Money", "type", "same-shape", 2)]
    assert found["candidates"][1]["places"] == [
        {"file": "src/modules/orders/types.ts", "line": 1, "module": "orders", "lines": 4, "is_exported": True},
        {"file": "src/modules/users/types.ts", "line": 1, "module": "users", "lines": 4, "is_exported": True},
    ]


def test_thresholds(tmp_path: Path) -> None:
    assert _names(_found(tmp_path, min_occurrences=3)) == [("Row", "type", "same-name", 3)]
    assert _names(_found(tmp_path, min_modules_by_name=2)) == [
        ("Row", "type", "same-name", 3),
        ("Money", "type", "same-shape", 2),
        ("money", "function", "same-name", 2),
    ]


def test_without_texts_types_of_one_length_are_similar(tmp_path: Path) -> None:
    found = _found(tmp_path, with_texts=False, min_modules_by_name=2)
    assert _names(found) == [
        ("Row", "type", "same-name", 3),
        ("Money", "type", "similar-shape", 2),
        ("money", "function", "same-name", 2),
    ]


def test_what_all_import(tmp_path: Path) -> None:
    found = _found(tmp_path)
    assert found["shared_modules"] == [
        {
            "module": "src/log",
            "path": "src/log.ts",
            "module_count": 3,
            "modules": ["orders", "stock", "users"],
            "symbols": ["log"],
            "lines": 1,
            "is_type_only": False,
            "places": [
                "src/modules/orders/OrdersPage.tsx:1",
                "src/modules/stock/StockPage.tsx:1",
                "src/modules/users/UsersPage.tsx:1",
            ],
        }
    ]
    assert found["summary"]["shared_module_count"] == 1


def test_as_a_page(tmp_path: Path) -> None:
    text = shared_ts_markdown(_found(tmp_path))
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# Shared TypeScript candidates",
        "## Summary",
        "## Declared several times",
        "## Imported by several modules",
    ]
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<table>") == 2
    assert "<td><code>Money</code></td>" in html


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    one = read(tmp_path / "shop", {"a.py": "x = 1\n"})
    found: dict[str, Any] = shared_ts_candidates(one.inventory, one.facts)
    assert found["candidates"] == found["shared_modules"] == []
    assert "None." in shared_ts_markdown(found)

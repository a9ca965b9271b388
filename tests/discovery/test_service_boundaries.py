"""Which services a frontend and its backend make together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from protogate.discovery.service_boundaries import (
    FrontendSettings,
    blueprint_markdown,
    cleanup_checklist_markdown,
    execution_plan_markdown,
    pages,
    service_boundaries,
    service_boundaries_markdown,
    settings_of,
    target_structure_markdown,
)
from protogate.discovery.settings import settings_from
from tests.discovery.frontend_repositories import SHOP, page, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GOLDEN = Path(__file__).parent / "golden"


def _row(module: str, *modules: str, score: float = 60.0, archetype: str = "service-slice") -> dict[str, object]:
    return {"module": module, "modules": list(modules or (module,)), "score": score, "archetype": archetype}


_RANKED = (
    _row("backend.api.orders", score=71.5),
    _row("backend.api", "backend.api.orders", "backend.api.users", "backend.api.models", score=55.0),
    _row("backend.api.session", score=52.25),
    _row("backend.api.models", archetype="shared-library", score=90.0),
)
_CLUSTERS = {"backend.api.orders": "sales", "backend.api.users": "people"}


def _document(
    root: Path,
    files: Mapping[str, str] = SHOP,
    settings: FrontendSettings | None = None,
    ranked: Sequence[Mapping[str, object]] = _RANKED,
) -> dict[str, Any]:
    found = read(root / "shop", files)
    return service_boundaries(found.inventory, settings or FrontendSettings(), _CLUSTERS, ranked, found.facts)


def _by(document: Mapping[str, Any], table: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in document[table]}


def test_the_whole_document_is_the_accepted_one(tmp_path: Path, *, update_golden: bool) -> None:
    document = _document(tmp_path, settings=FrontendSettings(top_services=2))
    texts = {"service-boundaries.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n", **pages(document)}
    if update_golden:
        GOLDEN.mkdir(exist_ok=True)
        for old in GOLDEN.glob("service-boundaries*"):
            old.unlink()
        for name, text in texts.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
    assert {path.name: path.read_text("utf-8") for path in GOLDEN.glob("service-boundaries*")} == texts


def test_equal_repositories_make_equal_documents(tmp_path: Path) -> None:
    first = _document(tmp_path / "a", dict(SHOP))
    second = _document(tmp_path / "b", dict(reversed(SHOP.items())))
    assert json.dumps(first) == json.dumps(second)
    assert first["meta"].keys() == {"tool", "config", "root"}


def test_the_keys_of_the_document(tmp_path: Path) -> None:
    document = _document(tmp_path)
    assert list(document) == [
        "meta",
        "summary",
        "frontend_modules",
        "recommended_service_candidates",
        "merge_hints",
        "service_components",
        "execution_plan",
        "target_structure",
        "cleanup_checklist",
        "backend_route_groups",
        "shared_kernel",
    ]
    assert json.loads(json.dumps(document)) == document


def test_an_empty_repository(tmp_path: Path) -> None:
    document = _document(tmp_path, {"a.py": "x = 1\n"}, ranked=())
    assert document["service_components"] == document["execution_plan"] == document["backend_route_groups"] == []
    assert document["summary"]["coupling"] == "no feature modules of a frontend were found"
    assert all("None." in text for text in pages(document).values())


def test_a_frontend_without_requests_has_no_seam_to_cut(tmp_path: Path) -> None:
    files = {name: text for name, text in SHOP.items() if name.startswith("src/modules/") or "package" in name}
    files |= {name: "export {};\n" for name in files if "AuditPage" in name or "save" in name}
    document = _document(tmp_path, files, ranked=())
    assert document["summary"]["coupling"].startswith("the frontend sends no request that can be seen")


def test_a_candidate_of_the_backend_joins_the_module_that_asks_for_it(tmp_path: Path) -> None:
    rows = _by(_document(tmp_path), "service_components", "service_slug")
    # `backend.api` answers for users too, so it is not the backend of orders; the part that only orders asks for is.
    assert [one["module"] for one in rows["orders"]["backend_candidates"]] == ["backend.api.orders"]
    assert rows["orders"]["kind"] == "full-stack"
    assert rows["orders"]["boundaries"] == [{"boundary": "sales", "modules": 1}]
    # What nobody's module asks for is a service all the same.
    assert (rows["session"]["kind"], rows["session"]["members"], rows["session"]["action"]) == (
        "backend",
        [],
        "extract-service",
    )
    assert rows["session"]["backend_files"] == ["backend/api/session.py"]
    assert rows["session"]["combined_priority"] == 52.25
    assert not any(row["anchor_module"] == "backend.api.models" for row in rows.values())


def test_candidates_that_are_excluded_or_nested_or_that_only_code_reaches_are_no_services(tmp_path: Path) -> None:
    ranked = [
        _row("backend.api.session", score=50.0),
        _row("backend", "backend.api.session", "backend.main", score=40.0),
        {**_row("backend.main", score=30.0), "excluded": "too small"},
        _row("backend.api.models", score=29.0),
    ]
    rows = _by(_document(tmp_path, ranked=ranked), "service_components", "anchor_module")
    assert [name for name in rows if "." in name] == ["backend.api.session"]
    assert "backend" not in rows


def test_modules_that_ask_for_the_same_leave_together(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/modules/archive/ArchivePage.tsx": page("ArchivePage", body='fetch("/api/v1/audit"); return null;'),
    }
    document = _document(tmp_path, files)
    rows = _by(document, "service_components", "anchor_module")
    assert [row["members"] for row in rows.values() if row["member_count"] > 1] == [["audit", "archive"]]
    assert document["merge_hints"][0] == {
        "left": "archive",
        "right": "audit",
        "backend_group_overlap": ["audit"],
        "jaccard": 1.0,
        "cross_edges": 0,
        "evidence": [],
    }


def test_a_chain_of_likenesses_is_no_service(tmp_path: Path) -> None:
    names = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
    server = "from fastapi import FastAPI\napp = FastAPI()\n" + "".join(
        f'@app.get("/{name}")\ndef {name}():\n    return 1\n' for name in names
    )
    files = {"package.json": '{"name": "x"}', "server/main.py": server}
    for index in range(4):
        body = " ".join(f'fetch("/{name}");' for name in names[index : index + 5])
        files[f"src/modules/m{index}/M{index}Page.tsx"] = page(f"M{index}Page", body=body)
    document = _document(tmp_path, files, ranked=())
    # Neighbours share four of six groups; those at the ends two of eight.
    assert [row["jaccard"] for row in document["merge_hints"][:3]] == [0.667, 0.667, 0.667]
    assert sorted(row["member_count"] for row in document["service_components"]) == [2, 2]


def test_what_very_many_ask_for_joins_none(tmp_path: Path) -> None:
    files = dict(SHOP)
    for index in range(6):
        files[f"src/modules/m{index}/MainPage.tsx"] = page("MainPage", body='fetch("/api/v1/users"); return null;')
    rows = _document(tmp_path, files)["service_components"]
    assert {row["member_count"] for row in rows} == {0, 1}


def test_a_circle_leaves_as_one(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/modules/orders/who.ts": 'import { UsersPage } from "../users/UsersPage";\nexport const who = UsersPage;\n',
    }
    document = _document(tmp_path, files)
    modules = _by(document, "frontend_modules", "module")
    row = next(one for one in document["service_components"] if one["member_count"] > 1)
    assert modules["users"]["delivery_mode"] == "decompose-before-extract"
    assert (sorted(row["members"]), row["delivery_mode"], row["cross_module_targets"]) == (
        ["orders", "users"],
        "iframe-first",
        [],
    )
    assert row["joint_iframe_score"] > max(modules["users"]["iframe_score"], modules["orders"]["iframe_score"])


def test_what_has_left_is_nowhere(tmp_path: Path) -> None:
    settings = FrontendSettings(migrated_modules=("orders", "backend.api.s*"), top_services=9)
    document = _document(tmp_path, settings=settings)
    assert document["summary"]["migrated_modules"] == ["orders"]
    del document["meta"], document["summary"]
    for table in ("service_components", "execution_plan", "target_structure", "cleanup_checklist"):
        slugs = {row["service_slug"] for row in document[table]}
        assert slugs.isdisjoint({"session", "backend-api-session"})
        assert "src/modules/orders/OrdersPage.tsx" not in json.dumps(document[table])
    assert "orders" not in _by(document, "frontend_modules", "module")


def test_a_file_that_answers_others_stays(tmp_path: Path) -> None:
    both = SHOP["backend/api/orders.py"] + '\n@router.get("/x")\ndef x():\n    return 1\n'
    extra = '\nother = APIRouter(prefix="/api/v1/users")\n\n@other.get("/near")\ndef near():\n    return 1\n'
    files = {**SHOP, "backend/api/orders.py": both + extra}
    row = _by(_document(tmp_path, files, ranked=()), "cleanup_checklist", "service_slug")["orders"]
    assert row["backend_files_to_archive"] == []
    assert row["backend_files_that_stay"] == ["backend/api/orders.py"]
    assert row["companion_modules_to_review"] == ["users"]


def test_the_largest_module_is_not_the_first(tmp_path: Path) -> None:
    big = {f"src/modules/huge/Part{index}Page.tsx": page(f"Part{index}Page") * 40 for index in range(25)}
    document = _document(tmp_path, {**SHOP, **big})
    modules = _by(document, "frontend_modules", "module")
    assert modules["huge"]["page_count"] == 25
    assert modules["huge"]["iframe_score"] < modules["audit"]["iframe_score"]
    assert document["execution_plan"][0]["anchor_module"] != "huge"


def test_scores_do_not_tie_where_evidence_differs(tmp_path: Path) -> None:
    files = {"package.json": '{"name": "x"}'}
    for index in range(12):
        files[f"src/modules/m{index}/MainPage.tsx"] = page("MainPage", *["// more"], body="null;\n" * (index + 1))
    scores = [row["iframe_score"] for row in _document(tmp_path, files, ranked=())["frontend_modules"]]
    assert len(set(scores)) == len(scores)


def test_what_several_use_is_the_kernel(tmp_path: Path) -> None:
    kernel = _document(tmp_path)["shared_kernel"]
    assert [(row["file"], row["module_count"], row["symbols"]) for row in kernel] == [
        ("src/components/Layout.tsx", 4, ["Layout"]),
        ("src/api/client.ts", 3, ["getOrders", "getStock", "getUsers"]),
    ]


def test_star_slices_leave_after_their_kernel(tmp_path: Path) -> None:
    names = ("config", "data", "id", "manager", "reports", "test", "workshop")
    files = {
        "frontend/package.json": '{"name": "host"}',
        "frontend/src/modules/base.module.ts": "export class BaseModule {}\n",
        "frontend/src/components/menu.ts": "export class Menu {}\n",
        "frontend/src/modules/index.ts": "".join(
            f'import {{ List }} from "./connect-{name}/list.page";\nexport const {name} = List;\n' for name in names
        ),
        "backend/app/api/v1/identify.py": (
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n"
            "@router.get('/identify')\ndef identify():\n    return 1\n"
        ),
        "backend/app/models.py": "class Model:\n    pass\n",
    }
    for index, name in enumerate(names):
        files[f"frontend/src/modules/connect-{name}/list.page.ts"] = (
            'import { BaseModule } from "../base.module";\nimport { Menu } from "../../components/menu";\n'
            "export class List extends BaseModule { menu = new Menu(); }\n" + "export const x = 1;\n" * index
        )
    document = _document(tmp_path, files, ranked=())
    modules = _by(document, "frontend_modules", "module")
    assert sorted(modules) == [f"connect-{name}" for name in names]
    # One inbound place each, the registry.
    assert {one["mounted_at"][0]["file"] for one in modules.values()} == {"frontend/src/modules/index.ts"}
    assert {len(one["mounted_at"]) for one in modules.values()} == {1}
    assert [(row["file"], row["module_count"]) for row in document["shared_kernel"]] == [
        ("frontend/src/components/menu.ts", 7),
        ("frontend/src/modules/base.module.ts", 7),
    ]
    assert [row["group"] for row in document["backend_route_groups"]] == ["identify"]
    assert document["backend_route_groups"][0]["files"] == ["backend/app/api/v1/identify.py"]
    assert {row["delivery_mode"] for row in document["service_components"]} == {"iframe-first"}
    assert document["summary"]["coupling"].startswith("the frontend sends no request that can be seen")


def test_settings_come_from_those_of_the_run() -> None:
    assert settings_of(settings_from({}).table) == FrontendSettings(
        module_dir_names=("modules", "features", "pages", "views", "apps", "domains")
    )
    given = {
        "frontend": {"module_prefix_rules": [{"prefix": "connect-", "segments": 2}]},
        "api": {"group_depth": 4},
        "analysis": {"top_services": 1, "migrated_modules": ["x*"]},
    }
    found = settings_of(settings_from(given).table)
    assert found.module_prefix_rules == (("connect-", 2),)
    assert (found.group_depth, found.top_services, found.migrated_modules) == (4, 1, ("x*",))


def _headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("# ", "## "))]


def test_pages(tmp_path: Path) -> None:
    document = _document(tmp_path)
    assert _headings(service_boundaries_markdown(document)) == [
        "# Service boundaries",
        "## Summary",
        "## Frontend modules",
        "## Why",
        "## Recommended services",
        "## Merge hints",
        "## Service components",
        "## Shared kernel",
        "## Backend route groups",
    ]
    assert _headings(execution_plan_markdown(document))[:2] == ["# Execution plan", "## Before: shared kernel"]
    assert _headings(target_structure_markdown(document))[0] == "# Target structure"
    assert _headings(cleanup_checklist_markdown(document))[0] == "# Cleanup checklist"
    assert _headings(blueprint_markdown(document, "orders")) == [
        "# Blueprint: orders",
        "## Summary",
        "## Frontend",
        "## Lines to cut",
        "## Requests",
        "## Routes",
        "## Backend",
        "## Shared files to guard",
    ]
    with pytest.raises(KeyError):
        blueprint_markdown(document, "nothing")
    for text in pages(document).values():
        tables = sum(line.startswith("|---") for line in text.splitlines())
        assert MarkdownIt("commonmark").enable("table").render(text).count("<table>") == tables


def test_long_tables_say_how_much_more_there_is(tmp_path: Path) -> None:
    files = {"package.json": '{"name": "x"}'}
    for index in range(45):
        files[f"src/modules/m{index:02}/MainPage.tsx"] = page("MainPage")
    text = service_boundaries_markdown(_document(tmp_path, files, ranked=()))
    assert "5 more rows in the JSON document." in text
    assert "25 more modules in the JSON document." in text

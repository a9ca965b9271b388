"""The feature modules of a frontend: found by what lies in them, and judged by what binds them to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.frontend import (
    FrontendModule,
    FrontendSettings,
    frontend_modules,
    group_of,
    route_groups,
)
from protogate.discovery.frontend_scores import (
    DECOMPOSE,
    FEDERATION,
    IFRAME,
    LIBRARY,
    SHELL,
    Signals,
    delivery,
    score,
)
from tests.discovery.frontend_repositories import SHOP, page, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PACKAGE = {"package.json": '{"name": "app", "dependencies": {"react": "18"}}'}


def _modules(
    root: Path, files: Mapping[str, str], settings: FrontendSettings | None = None
) -> dict[str, FrontendModule]:
    found = read(root / "shop", files)
    listed = frontend_modules(found.inventory, settings or FrontendSettings(), found.facts)
    return {one.name: one for one in listed}


def test_modules_are_directories_with_pages(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP)
    # Neither `base.module.ts` and `module.interface.ts`, which lie beside modules, nor helpers without a page.
    assert {name: one.path for name, one in found.items()} == {
        name: f"src/modules/{name}" for name in ("audit", "orders", "stock", "users")
    }
    assert found["orders"].owned == ("src/modules/orders/OrdersPage", "src/modules/orders/save")
    assert found["orders"].pages == ("src/modules/orders/OrdersPage",)
    assert found["orders"].why == "1 page"


def test_a_shared_client_gives_each_module_only_what_it_imports(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP)
    assert {name: one.groups for name, one in found.items()} == {
        name: (name,) for name in ("audit", "orders", "stock", "users")
    }
    # All files reach the client; the client reaches all routes.
    assert all("src/api/client" in one.closure for one in found.values())
    assert {name: one.direct_groups for name, one in found.items()} == {
        "audit": ("audit",),
        "orders": ("orders",),
        "stock": (),
        "users": (),
    }
    claim = found["users"].claims[0]
    assert claim.via is not None
    assert (claim.call.line, claim.via.path, claim.via.line) == (5, "src/modules/users/UsersPage.tsx", 1)


def test_what_all_ask_for_by_the_layout_is_the_shells(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP)
    assert {one.shell_groups for one in found.values()} == {("session",)}


def test_what_one_shared_component_asks_for_is_no_modules(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/components/Warnings.tsx": page("Warnings", body='fetch("/api/v1/audit"); return null;'),
        "src/modules/stock/Deep.tsx": page("Deep", 'import { Warnings } from "../../components/Warnings";'),
    }
    found = _modules(tmp_path, files)["stock"]
    assert (found.groups, found.shell_groups) == (("stock",), ("audit", "session"))


def test_a_shared_function_that_more_than_half_use_is_the_shells(tmp_path: Path) -> None:
    files = {**SHOP, "src/hooks/session.ts": 'export const useMe = () => fetch("/api/v1/session");\n'}
    for name in ("orders", "users", "stock"):
        files[f"src/modules/{name}/Me.tsx"] = page("Me", 'import { useMe } from "../../hooks/session";')
    found = _modules(tmp_path, files)
    assert found["orders"].groups == ("orders",)
    assert "session" in found["orders"].shell_groups


def test_without_facts_a_file_of_everything_says_nothing(tmp_path: Path) -> None:
    found = read(tmp_path / "shop", SHOP)
    listed = {one.name: one for one in frontend_modules(found.inventory, FrontendSettings())}
    assert listed["users"].groups == ()
    assert [edge.symbol for edge in listed["users"].vague][:1] == ["getUsers"]


def test_an_object_with_all_requests_says_nothing(tmp_path: Path) -> None:
    client = "export const api = {\n" + "".join(
        f'  {name}: () => fetch("/api/v1/{name}"),\n' for name in ("orders", "users", "stock", "session")
    )
    files = {
        **_PACKAGE,
        "src/api.ts": client + "};\n",
        "src/modules/a/APage.tsx": page("APage", 'import { api } from "../../api";', body="return api.users();"),
    }
    one = _modules(tmp_path, files)["a"]
    assert one.groups == one.api_groups == ()
    assert [(edge.path, edge.line, edge.symbol) for edge in one.vague] == [("src/modules/a/APage.tsx", 1, "api")]


def test_hooks_between_a_page_and_the_client(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/hooks/queries.ts": (
            'import { getOrders, getStock } from "../api/client";\n'
            "export const useOrders = () => getOrders();\n"
            "export const useStockLevel = () => getStock();\n"
            "export const useOrderStock = () => 1;\n"
        ),
        "src/modules/late/LatePage.tsx": page(
            "LatePage", 'import { useOrders } from "../../hooks/queries";', body="return useOrders();"
        ),
    }
    assert _modules(tmp_path, files)["late"].groups == ("orders",)


def test_uses_of_other_modules_have_their_lines(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP)
    edges = [(one.path, one.line, one.target, one.symbol) for one in found["users"].crossings]
    assert edges == [("src/modules/users/UsersPage.tsx", 3, "src/modules/orders/save", "save")]
    assert found["users"].targets == {"orders": 1}
    assert found["orders"].used_by == found["users"].crossings
    assert [(edge.path, edge.line) for edge in found["orders"].mounts] == [("src/router.tsx", 1)]
    # A request of another module is that module's.
    assert "orders" not in found["users"].groups


def test_a_shared_store_is_no_matter_for_a_frame(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP)
    assert {name: one.delivery_mode for name, one in found.items()} == {
        "audit": IFRAME,
        "orders": IFRAME,
        "stock": FEDERATION,
        "users": IFRAME,
    }
    part = next(one for one in found["stock"].score.parts if one.name == "no shared store")
    assert (part.value, part.points, part.evidence) == (1, 12.0, ("src/modules/stock/StockPage.tsx:3: useStore",))


def test_what_is_named_after_a_store_of_the_server_is_none(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/queries/useStoreMutation.ts": 'export const useStoreMutation = () => fetch("/api/v1/stock");\n',
        "src/modules/audit/AuditPage.tsx": page(
            "AuditPage",
            'import { useStoreMutation } from "../../queries/useStoreMutation";',
            body="return useStoreMutation();",
        ),
    }
    found = _modules(tmp_path, files)["audit"]
    assert found.signals.stores == ()
    assert found.groups == ("stock",)


def test_a_bus_and_a_session_and_the_document(tmp_path: Path) -> None:
    files = {
        **_PACKAGE,
        "src/bus.ts": 'import mitt from "mitt";\nexport const bus = mitt();\n',
        "src/auth/session.ts": "export const token = () => 1;\n",
        "src/modules/a/APage.tsx": page(
            "APage",
            'import { bus } from "../../bus";',
            'import { token } from "../../auth/session";',
            body='bus.emit("saved"); document.title = `${token()}`; return window.innerWidth;',
        ),
        "src/modules/b/BPage.tsx": page("BPage", 'import { bus } from "../../bus";', body='bus.on("saved", () => 1);'),
    }
    found = _modules(tmp_path, files)
    assert found["a"].signals.events == (
        "src/modules/a/APage.tsx:1: bus",
        # Who listens needs who tells, with no import between them.
        "src/modules/b/BPage.tsx:3: saved",
    )
    assert found["b"].signals.events == ("src/modules/b/BPage.tsx:1: bus", "src/modules/b/BPage.tsx:3: saved")
    assert found["a"].signals.auth == ("src/modules/a/APage.tsx",)
    assert (found["a"].signals.dom, found["a"].signals.dom_uses) == (("src/modules/a/APage.tsx: 2 times",), 2)
    assert found["a"].features == {"auth": 1, "dom": 2}
    assert {one.delivery_mode for one in found.values()} == {FEDERATION}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {
                "src/incident/Table.vue": "<template><b/></template>",
                "src/incident/Sheet.vue": "<template><b/></template>",
                "src/incident/api.js": 'export const all = () => fetch("/incidents");',
                "src/components/Button.vue": "<template><b/></template>",
                "src/components/api.js": "export const x = 1;",
                "src/util/text.js": "export const y = 1;",
            },
            {"incident": "src/incident"},
            id="packages named after a subject",
        ),
        pytest.param(
            {
                "src/app/orders/orders.component.ts": "export class OrdersComponent {}",
                "src/app/orders/orders-routing.module.ts": "export const routes = [];",
                "src/app/core/auth.service.ts": "export class AuthService {}",
                "src/app/app.component.ts": "export class AppComponent {}",
            },
            {"orders": "src/app/orders"},
            id="directories with routes of their own",
        ),
        pytest.param(
            {
                "src/routes/(app)/orders/+page.svelte": "<b/>",
                "src/routes/(app)/orders/Row.svelte": "<b/>",
                "src/routes/+layout.svelte": "<b/>",
            },
            {"orders": "src/routes/(app)/orders"},
            id="addresses from paths",
        ),
        pytest.param(
            {
                "src/pages/Jobs.tsx": page("Jobs"),
                "src/pages/Pools.tsx": page("Pools"),
                "src/pages/Pools/Row.tsx": page("Row"),
                "src/pages/_app.tsx": page("App"),
                "src/pages/title.ts": "export const title = 1;",
            },
            {"Jobs": "src/pages/Jobs", "Pools": "src/pages/Pools"},
            id="pages as files",
        ),
        pytest.param(
            {
                "src/modules/connect-id/pages/list.page.ts": "export class ListPage {}",
                "src/modules/connect-id/index.ts": "export const x = 1;",
                "src/modules/shared/any.page.ts": "export class AnyPage {}",
                "src/modules/index.ts": "export const y = 1;",
            },
            {"connect-id": "src/modules/connect-id"},
            id="pages by pattern",
        ),
        pytest.param(
            {
                "docs/modules/guide/GuidePage.tsx": page("GuidePage"),
                "static/modules/shop/ShopPage.tsx": page("ShopPage"),
                "dist/modules/built/BuiltPage.tsx": page("BuiltPage"),
                "modules/tested/TestedPage.test.tsx": page("TestedPage"),
            },
            {"guide": "docs/modules/guide", "shop": "static/modules/shop"},
            id="directories that are skipped for their name alone",
        ),
        pytest.param(
            {
                "web/modules/orders/OrdersPage.tsx": page("OrdersPage"),
                "admin/modules/orders/OrdersPage.tsx": page("OrdersPage"),
                "web/package.json": '{"name": "web"}',
                "admin/package.json": '{"name": "admin"}',
            },
            {"admin/modules/orders": "admin/modules/orders", "web/modules/orders": "web/modules/orders"},
            id="names that two have",
        ),
    ],
)
def test_where_modules_are(tmp_path: Path, files: dict[str, str], expected: dict[str, str]) -> None:
    found = _modules(tmp_path, {**_PACKAGE, **files})
    assert {name: one.path for name, one in found.items()} == expected


def test_prefixes_join_directories(tmp_path: Path) -> None:
    files = {
        **_PACKAGE,
        "src/modules/connect-id-list/ListPage.tsx": page("ListPage"),
        "src/modules/connect-id-edit/EditPage.tsx": page("EditPage"),
    }
    found = _modules(tmp_path, files, FrontendSettings(module_prefix_rules=(("connect-", 2),)))
    assert {name: len(one.pages) for name, one in found.items()} == {"connect-id": 2}


def test_roots_that_are_given_are_the_only_ones(tmp_path: Path) -> None:
    files = {"a/modules/x/XPage.tsx": page("XPage"), "b/modules/y/YPage.tsx": page("YPage")}
    assert list(_modules(tmp_path, files, FrontendSettings(roots=("b",)))) == ["y"]


def test_what_has_left_is_no_module(tmp_path: Path) -> None:
    found = _modules(tmp_path, SHOP, FrontendSettings(migrated_modules=("order*", "audit")))
    assert list(found) == ["stock", "users"]
    assert found["users"].crossings == ()
    assert found["users"].targets == {}


def test_modules_that_use_each_other_are_to_be_cut_first(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "src/modules/orders/who.ts": 'import { UsersPage } from "../users/UsersPage";\nexport const who = UsersPage;\n',
    }
    found = _modules(tmp_path, files)
    assert (found["users"].delivery_mode, found["users"].delivery_reason) == (
        DECOMPOSE,
        "uses orders and is used by it",
    )
    assert found["orders"].delivery_mode == DECOMPOSE


def test_groups_of_routes(tmp_path: Path) -> None:
    found = read(tmp_path / "shop", SHOP)
    groups = route_groups(found.inventory, 3)
    assert [(one.name, one.prefixes, one.files, len(one.routes)) for one in groups] == [
        (name, (f"/api/v1/{name}",), (f"backend/api/{name}.py",), 2)
        for name in ("audit", "orders", "session", "stock", "users")
    ]
    # `models.py` and `main.py` answer nothing, so they are no group.
    assert groups[0].import_roots == ("fastapi",)


@pytest.mark.parametrize(
    ("path", "depth", "name", "prefix"),
    [
        ("/api/v1/orders/{id}/lines", 3, "orders", "/api/v1/orders"),
        ("/orders", 3, "orders", "/orders"),
        ("/api/orders/export", 3, "orders", "/api/orders"),
        ("/api/v1/orders/export", 4, "orders/export", "/api/v1/orders/export"),
        ("/api/v1/orders/{id}/export", 4, "orders", "/api/v1/orders"),
        ("/{tenant}/orders", 3, "orders", "/{tenant}/orders"),
        ("/api/v1", 3, "root", "/"),
        ("/", 3, "root", "/"),
        ("/api/v1/orders", 0, "orders", "/api/v1/orders"),
    ],
)
def test_the_group_of_a_path(path: str, depth: int, name: str, prefix: str) -> None:
    assert group_of(path, depth) == (name, prefix)


_COUNTS = ("mounting_files", "dom_uses", "style_uses", "shared_files", "code_lines")
_PLACES = ("crossings", "stores", "events", "auth")
_SIGNALS = st.builds(
    Signals,
    has_routes=st.booleans(),
    pages=st.integers(0, 50),
    **{name: st.integers(2, 5_000) for name in _COUNTS},
    **{name: st.integers(0, 40).map(lambda count: ("a:1",) * count) for name in _PLACES},
)


@given(_SIGNALS)
def test_parts_make_the_score(of: Signals) -> None:
    found = score(of)
    assert 0 < found.total <= 100
    assert found.total == pytest.approx(sum(part.points for part in found.parts))
    assert sum(part.most for part in found.parts) == 100
    assert all(0 < part.points <= part.most for part in found.parts)


@given(_SIGNALS, st.sampled_from([*_COUNTS, *_PLACES]))
def test_every_obstacle_more_is_worse(of: Signals, name: str) -> None:
    value: int | tuple[str, ...] = getattr(of, name)
    changed: dict[str, Any] = {name: (*value, "b:1") if isinstance(value, tuple) else value + 1}
    more = of._replace(**changed)
    assert score(more).total < score(of).total


@given(_SIGNALS, st.integers(0, 500))
def test_pages_make_no_module_better(of: Signals, pages: int) -> None:
    assert score(of._replace(pages=pages)) == score(of)


@pytest.mark.parametrize(
    ("signals", "total", "expected"),
    [
        pytest.param(Signals(has_routes=True, pages=1), 90, IFRAME, id="free"),
        pytest.param(Signals(has_routes=True, pages=1), 60, SHELL, id="some obstacles"),
        pytest.param(Signals(has_routes=True, pages=1, targets=2), 90, SHELL, id="uses two"),
        pytest.param(Signals(has_routes=True, pages=1, targets=3), 90, DECOMPOSE, id="uses many"),
        pytest.param(Signals(has_routes=True, pages=1), 30, DECOMPOSE, id="bound"),
        pytest.param(Signals(has_routes=True, pages=1, events=("a:1",)), 90, FEDERATION, id="shares events"),
        pytest.param(Signals(has_routes=False, users=1), 90, LIBRARY, id="used, not shown"),
    ],
)
def test_how_it_is_delivered(signals: Signals, total: float, expected: str) -> None:
    assert delivery(signals, total)[0] == expected

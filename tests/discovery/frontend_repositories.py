"""Small repositories with a frontend, written to a directory and read as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.discovery.repository import Earlier, read_repository
from protogate.discovery.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from protogate.discovery.repository import Read

__all__ = ["SHOP", "page", "read"]


def read(root: Path, files: Mapping[str, str]) -> Read:
    """Write files and read them as a repository."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_repository(root, scan(root), Earlier(), lambda _done, _all: None, workers=1)


def page(name: str, *imports: str, body: str = "return null;") -> str:
    """Return a component that shows something."""
    return "\n".join([*imports, f"export function {name}() {{", f"  {body}", "}", ""])


_ROUTES = """\
from fastapi import APIRouter

router = APIRouter(prefix="/api/v1/{name}")


@router.get("")
def list_{name}():
    return []


@router.post("/{{item}}")
def change_{name}(item: int):
    return item
"""

SHOP = {
    "package.json": '{"name": "shop", "dependencies": {"react": "18"}}',
    **{
        f"backend/api/{name}.py": _ROUTES.format(name=name) for name in ("orders", "users", "stock", "session", "audit")
    },
    "backend/api/models.py": "class Base:\n    pass\n",
    "backend/main.py": (
        "from fastapi import FastAPI\n"
        "from backend.api import audit, orders, session, stock, users\n"
        "app = FastAPI()\n"
        + "".join(f"app.include_router({name}.router)\n" for name in ("orders", "users", "stock", "session", "audit"))
    ),
    "src/router.tsx": (
        'import { OrdersPage } from "./modules/orders/OrdersPage";\n'
        'import { UsersPage } from "./modules/users/UsersPage";\n'
        'import { StockPage } from "./modules/stock/StockPage";\n'
        'import { AuditPage } from "./modules/audit/AuditPage";\n'
        "export const routes = [OrdersPage, UsersPage, StockPage, AuditPage];\n"
    ),
    # One file with all requests of the application, as most frontends have it.
    "src/api/client.ts": (
        "export function getOrders() {\n"
        '  return fetch("/api/v1/orders");\n'
        "}\n"
        "export function getUsers() {\n"
        '  return fetch("/api/v1/users");\n'
        "}\n"
        "export function getStock() {\n"
        '  return fetch("/api/v1/stock");\n'
        "}\n"
        "export function getSession() {\n"
        '  return fetch("/api/v1/session");\n'
        "}\n"
    ),
    "src/components/Layout.tsx": page(
        "Layout", 'import { getSession } from "../api/client";', body="getSession(); return null;"
    ),
    "src/modules/base.module.ts": "export class BaseModule {}\n",
    "src/modules/module.interface.ts": "export interface Module { name: string }\n",
    "src/modules/orders/OrdersPage.tsx": page(
        "OrdersPage",
        'import { getOrders } from "../../api/client";',
        'import { Layout } from "../../components/Layout";',
        body="getOrders(); return Layout();",
    ),
    "src/modules/orders/save.ts": 'export const save = () => fetch("/api/v1/orders/7", { method: "POST" });\n',
    "src/modules/users/UsersPage.tsx": page(
        "UsersPage",
        'import { getUsers } from "../../api/client";',
        'import { Layout } from "../../components/Layout";',
        'import { save } from "../orders/save";',
        body="getUsers(); save(); return Layout();",
    ),
    "src/modules/stock/StockPage.tsx": page(
        "StockPage",
        'import { getStock } from "../../api/client";',
        'import { Layout } from "../../components/Layout";',
        'import { useStore } from "../../store/global";',
        body="getStock(); useStore(); return Layout();",
    ),
    "src/store/global.ts": 'import { create } from "zustand";\nexport const useStore = create(() => ({}));\n',
    "src/modules/audit/AuditPage.tsx": page(
        "AuditPage",
        'import { Layout } from "../../components/Layout";',
        body='fetch("/api/v1/audit"); return Layout();',
    ),
    "src/modules/helpers/format.ts": "export const format = (x: number) => String(x);\n",
}
"""A shop: four feature modules, one client of everything, one layout that asks who is logged in."""

"""Small repositories written as real files, and read as the command reads them."""

from __future__ import annotations

import subprocess
from textwrap import dedent
from typing import TYPE_CHECKING

from protogate.discovery.repository import Earlier, Read, read_repository
from protogate.discovery.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SHOP", "commit", "read", "write"]

SHOP = {
    "shop/__init__.py": "",
    "shop/app.py": """
        from fastapi import FastAPI
        from shop.orders.api import router as orders
        from shop.catalog.api import router as catalog

        app = FastAPI()
        app.include_router(orders, prefix="/api/orders")
        app.include_router(catalog, prefix="/api/catalog")
        """,
    "shop/db.py": """
        from sqlalchemy.orm import DeclarativeBase

        class Base(DeclarativeBase):
            pass
        """,
    "shop/money.py": """
        def rounded(value):
            return round(value, 2)
        """,
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": """
        from sqlalchemy import Column, ForeignKey, Integer, String
        from shop.db import Base

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            product_id = Column(ForeignKey("products.id"))
            status = Column(String)
        """,
    "shop/orders/service.py": """
        from shop.catalog.models import Product
        from shop.money import rounded
        from shop.orders.models import Order

        def place(session, product_id):
            product = session.query(Product).get(product_id)
            order = Order(product_id=product.id, status="placed")
            session.add(order)
            return rounded(product.price), order

        def cancel(session, order):
            order.status = "cancelled"
        """,
    "shop/orders/api.py": """
        from fastapi import APIRouter
        from shop.orders.service import cancel, place

        router = APIRouter()

        @router.post("/")
        def place_order(product_id: int):
            return place(None, product_id)

        @router.post("/{order_id}/cancel")
        def cancel_order(order_id: int):
            return cancel(None, order_id)
        """,
    "shop/catalog/__init__.py": "",
    "shop/catalog/models.py": """
        from sqlalchemy import Column, Integer, Numeric
        from shop.db import Base

        class Product(Base):
            __tablename__ = "products"
            id = Column(Integer, primary_key=True)
            price = Column(Numeric)
        """,
    "shop/catalog/api.py": """
        from fastapi import APIRouter
        from shop.catalog.models import Product
        from shop.money import rounded

        router = APIRouter()

        @router.get("/{product_id}")
        def get_product(product_id: int):
            return rounded(Product().price)
        """,
    "shop/billing/__init__.py": "",
    "shop/billing/invoices.py": """
        from shop.orders.service import place
        from shop.money import rounded

        def invoice(session, product_id):
            total, order = place(session, product_id)
            return rounded(total)
        """,
    "tests/test_orders.py": """
        from shop.orders.service import place

        def test_place():
            assert place
        """,
    "frontend/src/orders/page.ts": """
        export async function cancel(id: number) {
          return fetch(`/api/orders/${id}/cancel`, { method: "POST" });
        }
        """,
}
"""A shop with three domains, tests and a page."""


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a directory, their texts without common indentation, and return the directory."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
    return root


def read(root: Path) -> Read:
    """Return what is read of a repository, in this process."""
    return read_repository(root, scan(root), Earlier(), lambda _done, _total: None, workers=1)


def commit(root: Path, message: str = "change", author: str = "Ann") -> None:
    """Commit everything below a directory to a repository of git that is made if there is none."""
    if not (root / ".git").exists():
        _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "-c", f"user.name={author}", "-c", "user.email=a@example.com", "commit", "-qm", message, "--allow-empty")


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)  # noqa: S607 - the one on the path

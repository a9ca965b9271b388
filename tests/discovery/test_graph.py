from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.discovery.boundaries import boundaries
from protogate.discovery.graph import mixed_graph
from tests.support.repositories import SHOP, read, write

if TYPE_CHECKING:
    from pathlib import Path


def _many(package: str, count: int, text: str) -> dict[str, str]:
    return {f"{package}/part_{number}.py": text for number in range(count)}


def test_tests_and_generated_modules_are_no_nodes(tmp_path: Path) -> None:
    files = {"a.py": "", "test_a.py": "import a", "a_pb2.py": "", "migrations/0001_first.py": "", "b.min.js": ""}
    assert mixed_graph(read(write(tmp_path, files)).inventory).modules == ("a",)


def test_what_many_import_is_a_hub_and_ties_nobody(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/log.py": "def log(): ...",
        **_many("app", 13, "from app.log import log\nlog()"),
    }
    graph = mixed_graph(read(write(tmp_path, files)).inventory)
    assert graph.hubs == {"app.log"}
    assert not [pair for pair in graph.ties if pair[1] == "app.log" and not pair[0].startswith("/")]
    # It has its place in the tree and is somebody's all the same.
    assert ("app.log", "/app") in graph.ties


def test_a_reference_counts_less_the_more_its_ends_have(tmp_path: Path) -> None:
    files = {
        "a.py": "import b",
        "b.py": "",
        "c.py": "import d, e, f, g",
        **{f"{name}.py": "" for name in "defg"},
    }
    ties = mixed_graph(read(write(tmp_path, files)).inventory).ties
    assert ties["a", "b"] > ties["c", "d"] == ties["c", "e"] > 0


def test_tables_words_and_directories_tie_modules(tmp_path: Path) -> None:
    files = {
        **{f"noise/{word}.py": "" for word in ("red", "tall", "wet", "odd", "new", "far")},
        "api/order_routes.py": (
            "from data.order_rows import Order\n\ndef one(session):\n    return session.query(Order).all()\n"
        ),
        "data/order_rows.py": (
            "from sqlalchemy import Column, Integer\nfrom data.base import Base\n\n"
            "class Order(Base):\n    __tablename__ = 'orders'\n    id = Column(Integer)\n"
        ),
        "data/base.py": "class Base: ...\n",
    }
    ties = mixed_graph(read(write(tmp_path, files)).inventory).ties
    assert {("api.order_routes", "#order"), ("data.order_rows", "#order")} <= ties.keys()
    assert {("api.order_routes", "=orders"), ("data.order_rows", "=orders")} <= ties.keys()
    assert ("api.order_routes", "/api") in ties


def test_boundaries_of_a_shop_are_its_domains(tmp_path: Path) -> None:
    inventory = read(write(tmp_path, SHOP)).inventory
    found = boundaries(inventory, mixed_graph(inventory))
    assert found.of["shop.orders.api"] == found.of["shop.orders.service"] == found.of["shop.orders.models"]
    assert found.of["shop.catalog.api"] == found.of["shop.catalog.models"]
    assert found.of["shop.catalog.api"] != found.of["shop.orders.api"]
    # Tests go where most of what they use is, and everything is somewhere.
    assert found.of["tests.test_orders"] == found.of["shop.orders.service"]
    assert found.of.keys() == {one.name for one in inventory.modules}
    assert sorted(name for members in found.members.values() for name in members) == sorted(
        one.name for one in inventory.modules if not one.is_test
    )


def test_the_order_of_files_on_disk_does_not_matter(tmp_path: Path) -> None:
    one = read(write(tmp_path / "one" / "shop", SHOP)).inventory
    other = read(write(tmp_path / "other" / "shop", dict(reversed(SHOP.items())))).inventory
    assert one == other
    assert boundaries(one, mixed_graph(one)) == boundaries(other, mixed_graph(other))

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.cuts import Cutter, Remedy, points_of
from protogate.discovery.graph import mixed_graph
from protogate.discovery.plan import Planner, slice_name
from protogate.discovery.slices import chosen
from protogate.discovery.units import measured, units
from tests.support.repositories import SHOP, commit, read, write

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.discovery.cuts import Cut
    from protogate.discovery.plan import PlannedSlice


def _cuts(root: Path, files: dict[str, str], *modules: str) -> tuple[Cut, ...]:
    inventory = read(write(root, files)).inventory
    owners = dict.fromkeys(modules, "slice")
    return Cutter(inventory, mixed_graph(inventory)).all_cuts(inventory.edges, owners).get("slice", ())


def _plans(root: Path, files: dict[str, str], limit: int = 8) -> dict[str, PlannedSlice]:
    inventory = read(write(root, files)).inventory
    graph = mixed_graph(inventory)
    found = boundaries(inventory, graph)
    listed = units(inventory, found, graph.modules)
    ranked = candidates(inventory, graph, listed, measured(inventory, graph, listed))
    domains = {"shop.orders", "shop.catalog", "shop.billing"}
    keep = tuple(one._replace(excluded="" if one.unit.name in domains else "other") for one in ranked)
    slices = chosen(keep, graph, limit)[0]
    return {one.slice.candidate.unit.name: one for one in Planner(inventory, graph, found).plan(slices, {})}


def _shown(cuts: tuple[Cut, ...]) -> set[tuple[str, str, int, str, str, int]]:
    return {
        (cut.direction, cut.edge.path, cut.edge.line, cut.edge.symbol, cut.remedy.value, cut.points) for cut in cuts
    }


def test_every_line_over_the_border_has_one_remedy(tmp_path: Path) -> None:
    orders = ("shop.orders", "shop.orders.api", "shop.orders.models", "shop.orders.service")
    assert _shown(_cuts(tmp_path, SHOP, *orders)) == {
        ("inbound", "frontend/src/orders/page.ts", 2, "POST /api/orders/{order_id}/cancel", "gateway-route", 0),
        ("inbound", "shop/app.py", 6, "router", "shim", 1),
        ("inbound", "shop/billing/invoices.py", 5, "place", "api", 1),
        ("outbound", "shop/orders/models.py", 4, "Base", "shared-package", 5),
        ("outbound", "shop/orders/models.py", 4, "Product", "anti-corruption-layer", 5),
        ("outbound", "shop/orders/service.py", 6, "Product", "anti-corruption-layer", 5),
        ("outbound", "shop/orders/service.py", 9, "rounded", "copy", 0),
    }


@pytest.mark.parametrize(
    ("files", "inside", "remedy", "points"),
    [
        (
            {"a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import B\n\nx: 'B'\n"},
            "b",
            "shared-package",
            0,
        ),
        ({"a.py": "from b import B\n\nclass A(B): ...\n"}, "b", "shared-package", 5),
        ({"a.py": "from b import f\n\nf()\n"}, "b", "api", 1),
        ({"a.py": "from b import f\n\n" + "f()\n" * 9}, "b", "api", 3),
        ({"a.py": "from b import LIMIT\n\nprint(LIMIT)\n"}, "b", "shim", 1),
        ({"a.py": "from b import f\n\nf()\n"}, "a", "copy", 0),
        ({"a.py": "from b import B\n\nclass A(B): ...\n"}, "a", "shared-package", 5),
    ],
)
def test_the_remedy_follows_from_how_it_is_used(
    tmp_path: Path, files: dict[str, str], inside: str, remedy: str, points: int
) -> None:
    (cut, *_) = _cuts(tmp_path, {**files, "b.py": "LIMIT = 3\n\nclass B: ...\n\ndef f(): ...\n"}, inside)
    assert (cut.remedy.value, cut.points) == (remedy, points)


_MODELS = {
    "a/__init__.py": "",
    "a/models.py": "from django.db import models\n\nclass User(models.Model):\n    name = models.CharField()\n",
    "b/__init__.py": "",
}


@pytest.mark.parametrize(
    ("text", "remedy", "points"),
    [
        ("from a.models import User\n\nUser.objects.filter(name='x')\n", "api", 5),
        ("from a.models import User\n\nUser.objects.create(name='x')\n", "api", 7),
        ("from a.models import User\n\nclass Boss(User):\n    x = 1\n", "shared-package", 5),
        (
            "from django.db import models\n\nclass Pet(models.Model):\n    owner = models.ForeignKey('a.User')\n",
            "api",
            5,
        ),
        ("INSTALLED = ['a.models']\n", "shim", 3),
    ],
)
def test_tables_of_the_other_side_cost_more(tmp_path: Path, text: str, remedy: str, points: int) -> None:
    cuts = _cuts(tmp_path, {**_MODELS, "b/models.py": text}, "a", "a.models")
    assert max((cut.points, cut.remedy.value) for cut in cuts) == (points, remedy)


def test_what_is_published_or_copied_is_paid_once(tmp_path: Path) -> None:
    files = {f"s/p{number}.py": "from lib import tell\n\ntell()\n" for number in range(6)}
    cuts = _cuts(tmp_path, {**files, "lib.py": "def tell(): ...\n"}, *(f"s.p{number}" for number in range(6)))
    assert {cut.remedy for cut in cuts} == {Remedy.PACKAGE}
    assert list(points_of(cuts).values()) == [1]


def test_tests_cut_nothing(tmp_path: Path) -> None:
    assert not _cuts(tmp_path, {"a.py": "def f(): ...\n", "test_a.py": "from a import f\n\nf()\n"}, "a")


def test_the_plan_of_orders(tmp_path: Path) -> None:
    row: dict[str, Any] = _plans(tmp_path, SHOP)["shop.orders"].row
    assert row["slice"]["slice_name"] == "orders"
    assert row["slice"]["contract_dir"] == "contracts/orders/v1"
    commands = {one["gateway"]: f"{one['file']}:{one['line']}" for one in row["slice"]["gateway"]["commands"]}
    assert commands == {
        "POST /commands/orders/place-order": "shop/orders/api.py:6",
        "POST /commands/orders/cancel-order": "shop/orders/api.py:10",
        "POST /commands/orders/place": "shop/orders/service.py:5",
    }
    assert len(row["slice"]["migration"]["checklist"]) == 8
    data = {one["table"]: (one["owner"], one["verdict"]) for one in row["data"]}
    assert data == {"orders": ("slice", "take"), "products": ("legacy-host", "share-read")}
    assert row["contents"]["tests"] == ["tests/test_orders.py"]
    assert row["contents"]["touched"] == ["shop/app.py", "shop/billing/invoices.py"]
    why = {one["path"]: one["why"] for one in row["contents"]["modules"]}
    assert why["shop/orders/api.py"] == "seed"
    assert why["frontend/src/orders/page.ts"] == "100% of its references"
    assert [one["subject"] for one in row["parity"]] == [
        "POST /api/orders/",
        "POST /api/orders/{order_id}/cancel",
        "orders",
    ]
    effort = row["effort_basis"]
    assert effort["p50"] == pytest.approx(sum(term["points"] for term in effort["terms"]), abs=0.2)
    assert effort["p90"] > effort["p50"]
    assert row["confidence"] == {"level": "medium", "why": "0 commits of history"}
    assert row["rollback"]["switch"] == "protogate slice phase orders planned"


def test_slices_that_share_lines_say_what_they_save_together(tmp_path: Path) -> None:
    plans = _plans(tmp_path, SHOP)
    assert plans["shop.orders"].needs.keys() == {"catalog"}
    together = plans["shop.catalog"].row["order"]
    assert together["needed_by"] == ["orders"]  # type: ignore[index]
    (first, *_) = together["together"]  # type: ignore[index]
    assert first["with"] == "orders"
    assert first["together"] < first["apart"]


def test_history_names_owners_and_gives_confidence(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    commit(tmp_path, author="Ann")
    write(tmp_path, {"shop/orders/service.py": "def place(session, product_id): ...\n"})
    commit(tmp_path, author="Bob")
    row: dict[str, Any] = _plans(tmp_path, {})["shop.orders"].row
    assert row["owners"] == ["Ann", "Bob"]
    assert row["commits"] == 5
    assert "2 commits of history" in row["confidence"]["why"]


def test_names_of_slices_are_unlike_and_say_more_than_a_layer() -> None:
    taken: list[str] = []
    for unit in ("shop.orders", "shop.admin.orders", "old.admin.orders", "shop/rb/client/js", "9lives", "a:1-b"):
        taken.append(slice_name(unit, taken))
    assert taken == ["orders", "admin_orders", "admin_orders_2", "rb", "s_9lives", "s_1_b"]

"""A repository without its folders says nothing of them, and everything else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from benchmarks.discovery_baselines import louvain, trivial
from benchmarks.discovery_flat import REPOSITORIES, Flat, Repository, flattened, part_of
from benchmarks.discovery_truth import by_chance, slice_f1
from protogate.discovery.graph import mixed_graph
from tests.support.repositories import SHOP, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from protogate.discovery.model import Inventory

_SHOP = Repository("shop==1", "shop")
_NESTED = Repository("site==1", "site", ("site.plugins",))
_SITE = {
    "site/__init__.py": "",
    "site/app.py": "from site.orders import models\n",
    "site/orders/__init__.py": "from site.orders.models import Order\n",
    "site/orders/models.py": "class Order: pass\n",
    "site/orders/orders_report.py": "from site.orders.models import Order\nprint(Order())\n",
    "site/orders/deep/view.py": "from site.orders import Order\nOrder()\n",
    "site/orders/migrations/step.py": "from site.orders.models import Order\nOrder()\n",
    "site/users/models.py": "class User: pass\n",
    "site/users/empty.py": "",
    "site/users/view.py": "from site.users.models import User\n",
    "site/users/tests/test_view.py": "from site.users.view import User\nUser()\n",
    "site/plugins/mail/models.py": "from site.users.models import User\nclass Mail(User): pass\n",
    "site/plugins/mail/view.py": "x = 1\n",
    "site/plugins/mail/send.py": "from site.plugins.mail.models import Mail\n",
    "site/static/app.js": "export const a = 1;\n",
    "setup.py": "import site\nprint(site)\n",
}


def _inventory(place: Path, files: Mapping[str, str]) -> Inventory:
    write(place, files)
    return read(place).inventory


@pytest.fixture
def site(tmp_path: Path) -> Inventory:
    return _inventory(tmp_path, _SITE)


def test_names_keep_their_last_part_less_the_words_of_their_part(site: Inventory) -> None:
    names = sorted(one.name for one in flattened(site, _NESTED).inventory.modules)
    # `orders_report` of `site.orders` keeps `report`; what is empty, a migration, no Python or outside is not there.
    wanted = "app_0 models_0 models_1 models_2 package_0 report_0 send_0 test_view_0 view_0 view_1 view_2"
    assert names == wanted.split()


def test_parts_are_first_packages_and_each_plugin(site: Inventory) -> None:
    parts = {one.path: part_of(one, _NESTED) for one in site.modules if one.path.endswith(".py")}
    assert parts["site/orders/__init__.py"] == parts["site/orders/deep/view.py"] == "site.orders"
    assert parts["site/plugins/mail/view.py"] == "site.plugins.mail"
    assert parts["site/app.py"] == parts["site/__init__.py"] == parts["setup.py"] == ""
    # Users have but two modules that count: one is empty and one is a test.
    assert Counter(flattened(site, _NESTED).true.values()) == {"site.orders": 4, "site.plugins.mail": 3}


def test_nothing_tells_the_folder(site: Inventory) -> None:
    flat = flattened(site, _NESTED).inventory
    assert {one.path for one in flat.modules} == {f"{one.name}.py" for one in flat.modules}
    assert {one.package for one in flat.modules} == {""}
    places = {one.file for rows in (flat.routes, flat.tables, flat.symbols, flat.events) for one in rows}
    assert not [place for place in places | {one.path for one in flat.edges} if "/" in place]
    assert not [name for pair in mixed_graph(flat).ties for name in pair if name.startswith("/")]


def _shape(inventory: Inventory, counted: Mapping[str, str]) -> Counter[tuple[str, str, str, str, int, int]]:
    return Counter(
        (counted[one.source], counted[one.target], one.kind, one.symbol, one.line, one.references)
        for one in inventory.edges
        if one.source in counted and one.target in counted
    )


def _known(inventory: Inventory) -> dict[str, str]:
    """Return what a module is, whatever it is called."""
    defined: dict[str, list[str]] = {one.name: [] for one in inventory.modules}
    for one in inventory.symbols:
        defined[one.module].append(one.name)
    return {
        one.name: f"{one.lines} {one.code_lines} {sorted(defined[one.name])}"
        for one in inventory.modules
        if one.language == "python" and one.code_lines and (one.name.startswith("shop.") or "." not in one.name)
    }


def test_every_reference_stays(tmp_path: Path) -> None:
    inventory = _inventory(tmp_path, SHOP)
    flat = flattened(inventory, _SHOP).inventory
    assert _shape(inventory, _known(inventory)) == _shape(flat, _known(flat))
    assert len(flat.routes) == len(inventory.routes) > 0
    assert len(flat.tables) == len(inventory.tables) > 0


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    first = flattened(_inventory(tmp_path / "a", SHOP), _SHOP)
    second = flattened(_inventory(tmp_path / "b", dict(reversed(SHOP.items()))), _SHOP)
    assert first == second


def test_numbers_are_in_no_order_of_the_parts(tmp_path: Path) -> None:
    # Nodes of a graph move in the order of their names: one that follows the parts would tell them.
    files = {f"shop/part{number:02}/models.py": f"x = {number}\n" for number in range(20)}
    flat = flattened(_inventory(tmp_path, files), _SHOP).inventory
    lines = sorted((one.name for one in flat.modules), key=lambda name: int(name.rpartition("_")[2]))
    values = {one.module: one.line for one in flat.symbols}
    assert len(lines) == 20
    assert set(values) == set(lines)
    origins = _origins(tmp_path, flat)
    assert [origins[name] for name in lines] != sorted(origins.values())


def _origins(place: Path, flat: Inventory) -> dict[str, int]:
    """Return the number of the part of each module, by what it is told by: how it was numbered."""
    again = {f"shop/part{number:02}/models.py": f"x = {number}\n" + "\n" * number for number in range(20)}
    longer = flattened(_inventory(place, again), _SHOP).inventory
    assert [one.name for one in longer.modules] == [one.name for one in flat.modules]
    return {one.name: one.lines for one in longer.modules}


def test_repositories_are_pinned_and_not_those_of_the_weights() -> None:
    names = {one.package.partition("==")[0] for one in REPOSITORIES}
    assert len(names) == 3
    assert all("==" in one.package for one in REPOSITORIES)
    assert names.isdisjoint({"apache-airflow", "Django", "django-oscar", "wagtail", "indico"})


@pytest.fixture
def cliques(tmp_path: Path) -> Flat:
    """Return two groups of four, all of which use each other, and one line between the groups."""
    files = {
        f"shop/{group}/m{one}.py": "".join(
            f"from shop.{group}.m{other} import a\n" for other in range(4) if other != one
        )
        + "a = 1\n"
        for group in ("left", "right")
        for one in range(4)
    }
    files["shop/left/m0.py"] += "from shop.right.m0 import a\n"
    return flattened(_inventory(tmp_path, files), _SHOP)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_louvain_finds_what_refers_to_each_other(cliques: Flat, is_weighted: bool) -> None:  # noqa: FBT001 - a table
    found = louvain(cliques.inventory, 0, is_weighted=is_weighted)
    assert len(cliques.true) == 8
    assert len({(found[name], part) for name, part in cliques.true.items()}) == 2


def test_trivial_answers_are_what_they_are_called(tmp_path: Path) -> None:
    inventory = _inventory(tmp_path, {"a/x.py": "x = 1\n", "a/y.py": "y = 1\n", "b/z.py": "z = 1\n"})
    sizes = {name: len(set(found.values())) for name, found in trivial(inventory).items()}
    assert sizes == {"all in one": 1, "each directory its own": 2, "each module its own": 3}


def test_chance_ranks_one_wanted_name_anywhere() -> None:
    # One of four: the mean of 1, 1/2, 1/3 and 1/4.
    assert by_chance(["a", "b", "c", "d"], ["c"], 4000) == pytest.approx(25 / 48, abs=0.02)
    assert by_chance(["a", "b"], ["a", "b"], 10) == 1.0


@pytest.mark.parametrize(
    ("found", "true", "f1"), [({1, 2}, {1, 2}, 1.0), ({1}, {2}, 0.0), ({1, 2, 3}, {1}, 0.5), ({1}, {1, 2, 3}, 0.5)]
)
def test_a_slice_is_judged_by_what_it_has_and_what_it_lacks(found: set[int], true: set[int], f1: float) -> None:
    assert slice_f1(set(map(str, found)), set(map(str, true))) == f1

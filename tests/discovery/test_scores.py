from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.graph import mixed_graph
from protogate.discovery.scores import library_score, plugin_score, service_score
from protogate.discovery.slices import chosen
from protogate.discovery.units import Measures, measured, units
from tests.support.repositories import SHOP, read, write

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.discovery.candidates import Candidate

_count = st.integers(0, 5000)
_names = st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True).map(tuple)
_measures = st.builds(
    Measures,
    files=st.integers(1, 500),
    lines=_count,
    code_lines=_count,
    branches=_count,
    inbound_modules=_count,
    inbound_references=st.floats(0, 1e6),
    interface=st.integers(0, 1),
    internal=_count,
    crossing=_count,
    outward=_count,
    kernel=_count,
    tables=_names,
    shared_tables=st.just(()),
    foreign_tables=_names,
    routes=_count,
    requests=_count,
    entry_points=_count,
    tests=_count,
    changes_inside=st.floats(0, 1e4),
    changes_across=st.floats(0, 1e4),
    commits=_count,
    leaves=st.integers(0, 1),
    base=st.just("base"),
    mutual=_count,
)


@pytest.mark.parametrize("score", [service_score, library_score, plugin_score])
@given(of=_measures)
def test_a_score_is_the_sum_of_its_parts_of_a_hundred(score: object, of: Measures) -> None:
    found = score(of)  # type: ignore[operator]
    assert sum(part.most for part in found.parts) == 100
    assert found.total == pytest.approx(sum(part.points for part in found.parts))
    assert all(0.0 <= part.points <= part.most and part.evidence for part in found.parts)


@given(of=_measures, more=st.integers(1, 1000))
def test_no_count_is_too_large_to_matter(of: Measures, more: int) -> None:
    """The fault of the predecessor: penalties ended at 0, and half of all candidates were equal there."""
    worse = of._replace(inbound_modules=of.inbound_modules + more)
    assert service_score(worse).total < service_score(of).total
    assert library_score(worse).total > library_score(of).total
    assert service_score(of._replace(outward=of.outward + more)).total < service_score(of).total
    assert service_score(of._replace(internal=of.internal + more)).total > service_score(of).total


def _ranked(root: Path, files: dict[str, str]) -> dict[str, Candidate]:
    inventory = read(write(root, files)).inventory
    graph = mixed_graph(inventory)
    listed = units(inventory, boundaries(inventory, graph), graph.modules)
    return {one.unit.name: one for one in candidates(inventory, graph, listed, measured(inventory, graph, listed))}


def test_what_is_counted_of_a_package(tmp_path: Path) -> None:
    of = _ranked(tmp_path, SHOP)["shop.orders"].measures
    assert of.files == 4
    # The application mounts its router, billing places orders, a page cancels them.
    assert of.inbound_modules == 3
    assert of.interface == 2
    assert of.tables == ("orders",)
    assert of.foreign_tables == ("products",)
    assert of.routes == 2
    assert of.tests == 1


def test_every_unit_is_ranked_once_and_only_equal_counts_make_equal_scores(tmp_path: Path) -> None:
    found = _ranked(tmp_path, SHOP)
    assert {"shop.orders", "shop.catalog", "shop.billing"} <= found.keys()
    assert sorted(one.rank for one in found.values()) == list(range(1, len(found) + 1))
    parts = {tuple(part.points for part in one.scores["service-slice"].parts) for one in found.values()}
    assert len({one.score for one in found.values()}) == len(parts)
    assert min(one.score for one in found.values()) > 0


def test_a_family_of_plugins_a_library_and_a_slice_are_told_apart(tmp_path: Path) -> None:
    plugins = {
        f"app/hooks/{name}_hook.py": f"""
            from app.base import Hook

            class {name.title()}Hook(Hook):
                def run(self):
                    return {name!r}
            """
        for name in ("mail", "slack", "ftp", "redis", "mongo", "jira", "spark", "drill")
    }
    users = {f"app/use_{number}.py": f"from app.text import clean\n\nprint(clean('{number}'))\n" for number in range(9)}
    found = _ranked(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/base.py": "class Hook:\n    pass\n",
            "app/text/__init__.py": "def clean(text):\n    if text:\n        return text.strip()\n    return ''\n",
            "app/hooks/__init__.py": "",
            **plugins,
            **users,
            **SHOP,
        },
    )
    assert found["app.hooks"].archetype == "plugin-family"
    assert found["app.hooks"].measures.leaves == 8
    assert found["app.text"].archetype == "shared-library"
    assert found["shop.orders"].archetype == "service-slice"
    assert found["frontend/src/orders"].archetype == "ui-module"


def test_the_monolith_itself_and_what_has_left_are_no_candidates(tmp_path: Path) -> None:
    found = _ranked(tmp_path, SHOP)
    assert found["shop"].excluded == "holds most of the code"
    inventory = read(tmp_path).inventory
    graph = mixed_graph(inventory)
    listed = units(inventory, boundaries(inventory, graph), graph.modules)
    ranked = candidates(inventory, graph, listed, measured(inventory, graph, listed), ("shop.orders*",))
    assert {one.excluded for one in ranked if one.unit.name.startswith("shop.orders")} == {"migrated"}


def test_slices_share_no_module_and_every_candidate_gets_a_reason(tmp_path: Path) -> None:
    inventory = read(write(tmp_path, SHOP)).inventory
    graph = mixed_graph(inventory)
    listed = units(inventory, boundaries(inventory, graph), graph.modules)
    ranked = candidates(inventory, graph, listed, measured(inventory, graph, listed))
    slices, libraries, decisions = chosen(ranked, graph, 8)
    taken = [module for one in (*slices, *libraries) for module in one.modules]
    assert len(taken) == len(set(taken))
    assert [one.candidate for one in decisions] == list(ranked)
    assert all(one.reason for one in decisions)
    assert len([one for one in decisions if one.is_planned]) == len(slices)
    assert len(chosen(ranked, graph, 1)[0]) == min(1, len(slices))

"""What an earlier run remembered never shows: a second run says what a first one would."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protogate.cli import main
from protogate.discovery import memory as memory_module
from protogate.discovery.boundaries import boundaries
from protogate.discovery.communities import communities
from protogate.discovery.graph import mixed_graph
from protogate.discovery.memory import Memory, state_of, surroundings_of
from protogate.discovery.packing import packed, unpacked
from protogate.discovery.repository import Earlier, Read, read_repository
from protogate.discovery.scanning import Scan, scan
from protogate.discovery.structure import Structure
from tests.support.repositories import SHOP, commit, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def _again(root: Path, memory: Memory) -> Read:
    """Read with what is remembered, and remember, as the command does."""
    scanned = scan(root)
    surroundings = surroundings_of(root, (one.path for one in scanned.sources), scanned.manifests, {})
    earlier = Earlier(memory.facts(), lambda: memory.model(surroundings))
    found = read_repository(root, scanned, earlier, lambda _done, _total: None, workers=1)
    structure = memory.structure_of(found)
    whole = Structure.of(found.inventory)
    assert structure._replace(graph=structure.graph._replace(ties=whole.graph.ties)) == whole
    if not found.patch:
        memory.keep_model(found.kept, found.inventory, surroundings)
        memory.keep_structure(structure)
    return found


def _edit(path: Path, text: str) -> None:
    """Write a file whose time is another, whatever the clock's grain is."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_a_model_comes_back_as_it_went(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    commit(tmp_path)
    model = read(tmp_path).inventory
    assert unpacked(packed(model)) == model


@pytest.mark.parametrize(
    ("path", "text", "is_patched"),
    [
        ("shop/money.py", "# a comment\n\ndef rounded(value):\n    return round(value, 2)\n", True),
        ("shop/billing/invoices.py", "from shop.money import rounded\n\nrounded(1)\nrounded(2)\n", True),
        ("shop/billing/invoices.py", "SETTINGS = ['shop.orders.service', 'orders.Order']\n", True),
        ("shop/billing/invoices.py", "def f(:\n", True),
        ("shop/billing/invoices.py", "def f():\n    return 1\n" * 100, True),
        ("shop/billing/__init__.py", "from shop.billing.invoices import invoice\n", False),
        ("shop/money.py", "from sqlalchemy import Table, Column\n\nsession.query(Order)\n", False),
        ("shop/orders/api.py", "x = 1\n", False),
        ("shop/orders/models.py", "x = 1\n", False),
        ("shop/new.py", "from shop.money import rounded\n", False),
        ("frontend/src/orders/page.ts", "export const x = 1;\n", False),
    ],
)
def test_after_an_edit_the_model_is_that_of_a_first_run(
    tmp_path: Path, path: str, text: str, *, is_patched: bool
) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    _again(root, memory)
    _edit(root / path, text)
    found = _again(root, memory)
    assert found.inventory == read(root).inventory
    assert bool(found.patch) is is_patched
    assert dict(found.facts) == dict(read(root).facts)


def test_a_commit_and_a_removed_file_are_seen(tmp_path: Path) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    _again(root, memory)
    commit(root)
    assert _again(root, memory).inventory.commits == 1
    (root / "shop" / "money.py").unlink()
    assert _again(root, memory).inventory == read(root).inventory


def test_communities_of_a_patched_model_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    asked = []

    def counted(nodes: Sequence[str], ties: Mapping[tuple[str, str], float]) -> dict[str, int]:
        asked.append(len(nodes))
        return communities(nodes, ties)

    monkeypatch.setattr(memory_module, "communities", counted)
    for path in ("shop/money.py", "shop/billing/invoices.py", "shop/catalog/__init__.py"):
        inventory = _again(root, memory).inventory
        boundaries(inventory, mixed_graph(inventory), memory.communities)
        _edit(root / path, f"{(root / path).read_text()}\n# more\n")
    assert len(asked) == 1


_LARGE = "".join(f"def f{number}():\n    return {number}\n" for number in range(100))
"""Enough lines to make a single module a unit of its own."""
_TEXTS = st.sampled_from([*SHOP.values(), "", _LARGE, "import shop.orders.models\n", "x = 'shop.money'\n", "def f(:\n"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=st.lists(st.tuples(st.sampled_from(sorted(SHOP)), _TEXTS, st.booleans()), max_size=5))
def test_any_edits_give_what_a_first_run_gives(tmp_path: Path, edits: list[tuple[str, str, bool]]) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    for path, text, looks in edits:
        _edit(root / path, text)
        if looks:
            assert _again(root, memory).inventory == read(root).inventory
    assert _again(root, memory).inventory == read(root).inventory


@pytest.mark.parametrize("name", ["facts", "model", "structure", "communities", "state.json"])
@pytest.mark.parametrize("content", [b"", b"\x00", b"rubbish", b"{}", b"[]", b"\n\n"])
def test_a_broken_memory_is_no_memory(tmp_path: Path, name: str, content: bytes) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    _again(root, memory)
    found = memory.communities(["a", "b"], {("a", "b"): 1.0})
    memory.keep_state("state", [])
    (tmp_path / "reports" / ".cache" / name).write_bytes(content)
    assert _again(root, memory).inventory == read(root).inventory
    assert memory.communities(["a", "b"], {("a", "b"): 1.0}) == found
    assert memory.is_current("other") is False


def test_the_state_is_that_of_files_settings_and_reports(tmp_path: Path) -> None:
    root = write(tmp_path / "shop", SHOP)
    memory = Memory(tmp_path / "reports")
    scanned = scan(root)

    def state(settings_of_run: object = None) -> str:
        now = scan(root)
        around = surroundings_of(root, (one.path for one in now.sources), now.manifests, settings_of_run)
        return state_of(around, now.sources, False)  # noqa: FBT003 - options of the command

    report = tmp_path / "reports" / "a.json"
    report.parent.mkdir()
    report.write_text("{}")
    memory.keep_state(state(), [report.name])
    assert memory.is_current(state())
    assert not memory.is_current(state({"ignore_dirs": ["x"]}))
    _edit(root / scanned.sources[0].path, "x = 1\n")
    assert not memory.is_current(state())
    memory.keep_state(state(), [report.name])
    report.unlink()
    assert not memory.is_current(state())
    assert (tmp_path / "reports" / ".cache" / ".gitignore").read_text() == "*\n"


def test_a_scan_comes_back_as_it_went(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for found in (scan(write(tmp_path / "shop", SHOP)), scan(tmp_path / "empty")):
        assert Scan.unpacked(found.packed()) == found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/money.py", f"{SHOP['shop/money.py']}\n\ndef rounded(value):\n    return round(value, 2)\n"),
        ("shop/billing/invoices.py", "from shop.money import rounded\n\n\nrounded(1)\nrounded(2)\n"),
        ("shop/orders/models.py", "x = 1\n"),
    ],
)
def test_a_second_run_writes_what_a_first_one_would(tmp_path: Path, path: str, text: str) -> None:
    root = write(tmp_path / "shop", SHOP)
    arguments = ["discovery", "--repo-root", str(root), "--output-dir"]
    assert main([*arguments, str(tmp_path / "kept")]) == 0
    _edit(root / path, text)
    assert main([*arguments, str(tmp_path / "kept")]) == 0
    assert main([*arguments, str(tmp_path / "fresh")]) == 0
    kept, fresh = (
        {one.name: one.read_bytes() for one in (tmp_path / place).iterdir() if one.is_file()}
        for place in ("kept", "fresh")
    )
    # The page of a service that is none any more is gone too.
    assert kept == fresh
    assert len(kept) > 20

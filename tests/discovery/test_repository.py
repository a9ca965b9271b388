"""Repositories as they are found: broken, old, odd, empty. Everything is reported, nothing stops the run."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protogate.discovery.files import LARGEST
from tests.support.repositories import SHOP, commit, read, write

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    inventory = read(tmp_path).inventory
    assert (inventory.modules, inventory.edges, inventory.commits) == ((), (), 0)


def test_a_syntax_error_costs_its_file_nothing_but_what_is_broken(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import b\n\ndef f(:\n    pass\n\nb.g()\n", "b.py": "def g(): ...\n"})
    inventory = read(tmp_path).inventory
    assert [(one.path, one.line) for one in inventory.problems] == [("a.py", 3)]
    assert {(edge.source, edge.target, edge.line) for edge in inventory.edges} == {("a", "b", 6)}


def test_python_2_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "old.py": 'import helper\nprint "x", `1`\nraise ValueError, "no"\nexec "1"\nhelper.run()\n',
            "helper.py": "def run():\n    try:\n        pass\n    except IOError, error:\n        print error\n",
        },
    )
    inventory = read(tmp_path).inventory
    assert {(edge.source, edge.target, edge.line) for edge in inventory.edges} == {("old", "helper", 5)}


def test_what_is_no_code_is_told_and_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "notes.ipynb": json.dumps({"cells": []}), "node_modules/x/index.js": "", "b.txt": "x"})
    (tmp_path / "binary.py").write_bytes(b"\x00\x01\x02" * 100)
    (tmp_path / "utf16.py").write_text("x = 1\n", "utf-16")
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    (tmp_path / "huge.py").write_bytes(b"x = 1\n" * (LARGEST // 6 + 1))
    inventory = read(tmp_path).inventory
    told = {one.path for one in inventory.problems}
    assert {"binary.py", "huge.py"} <= told
    assert "latin.py" not in told
    assert {one.name for one in inventory.modules} >= {"a", "latin"}


def test_links_in_a_circle_and_out_of_the_repository_end(tmp_path: Path) -> None:
    write(tmp_path, {"inside/app/a.py": "", "outside/secret.py": ""})
    (tmp_path / "inside" / "app" / "again").symlink_to(tmp_path / "inside" / "app")
    (tmp_path / "inside" / "up").symlink_to(tmp_path)
    (tmp_path / "inside" / "gone.py").symlink_to(tmp_path / "none.py")
    inventory = read(tmp_path / "inside").inventory
    assert [one.path for one in inventory.modules] == ["app/a.py"]


def test_names_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "<script>.py": "import a\n", "with space/naïve.py": "import a\n"})
    with open(os.fsencode(tmp_path) + b"/\xff.py", "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"import a\n")
    inventory = read(tmp_path).inventory
    assert "<script>" in {one.name for one in inventory.modules}
    json.dumps([one.path for one in inventory.modules])


def test_history_counts_where_there_is_one(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    commit(tmp_path)
    write(tmp_path, {"shop/orders/service.py": "x = 1\n", "shop/orders/api.py": "y = 1\n"})
    commit(tmp_path)
    inventory = read(tmp_path).inventory
    assert inventory.commits == 2
    pairs = {(one.left, one.right): one.commits for one in inventory.co_changes}
    assert pairs["shop.orders.api", "shop.orders.service"] == 2
    assert inventory.history["shop.orders.api"].commits == 2


def test_every_edge_of_a_shop_names_a_line_that_has_it(tmp_path: Path) -> None:
    inventory = read(write(tmp_path, SHOP)).inventory
    assert len(inventory.edges) > 10
    for edge in inventory.edges:
        line = (tmp_path / edge.path).read_text().splitlines()[edge.line - 1]
        last = edge.symbol.rpartition(".")[2].rpartition("/")[2] or edge.target.rpartition(".")[2]
        assert last.lower() in line.lower() or edge.kind in {"http", "model"}, (edge, line)


def test_routes_of_a_shop_meet_the_request_of_its_page(tmp_path: Path) -> None:
    inventory = read(write(tmp_path, SHOP)).inventory
    assert {(one.method, one.path) for one in inventory.routes} == {
        ("POST", "/api/orders/"),
        ("POST", "/api/orders/{order_id}/cancel"),
        ("GET", "/api/catalog/{product_id}"),
    }
    (call,) = inventory.http_calls
    assert (call.file, call.line) == ("frontend/src/orders/page.ts", 2)
    assert [one.handler for one in call.routes] == ["cancel_order"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    files=st.dictionaries(
        st.sampled_from(["a.py", "b/__init__.py", "b/c.py", "d.ts", "e.vue", "f.sql", "g/index.js", "package.json"]),
        st.one_of(
            st.binary(max_size=80),
            st.text(max_size=80).map(str.encode),
            st.sampled_from([text.encode() for text in SHOP.values()]),
        ),
    )
)
def test_no_bytes_stop_a_run(tmp_path: Path, files: dict[str, bytes]) -> None:
    root = tmp_path / "r"
    for name in list(files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    root.mkdir(exist_ok=True)
    one = read(root).inventory
    assert one == read(root).inventory
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def test_events_tie_who_listens_to_who_tells_but_those_of_browsers_do_not(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "teller.js": "import {bus} from './bus';\nbus.emit('order-placed', 1);\nbus.emit('change', 1);\n",
            "listener.js": "import {bus} from './bus';\nbus.on('order-placed', f);\nbus.on('change', f);\n",
            "other.min.js": "bus.emit('order-placed')\n",
            "bus.js": "export const bus = 1;\n",
        },
    )
    inventory = read(tmp_path).inventory
    told = {(edge.source, edge.target, edge.symbol, edge.line) for edge in inventory.edges if edge.kind == "event"}
    assert told == {("listener", "teller", "order-placed", 2)}


def test_models_with_an_abstract_base_of_their_own_have_tables_and_forms_have_none(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/base.py": """
            from django.db import models

            class Stamped(models.Model):
                created = models.DateTimeField()

                class Meta:
                    abstract = True
            """,
        "shop/models.py": """
            from django import forms
            from django.db import models
            from shop.base import Stamped

            class Order(Stamped):
                note = models.TextField()

            class OrderForm(forms.Form):
                note = forms.CharField()
            """,
        "shop/jobs.py": """
            from django.apps import apps

            def close(pk):
                apps.get_model("shop", "Order").objects.filter(pk=pk).update(note="")
                return apps.get_model("shop.Order").objects.get(pk=pk)
            """,
    }
    found = read(write(tmp_path, files)).inventory
    assert [(one.name, one.model) for one in found.tables] == [("shop_order", "Order")]
    assert {(one.file, one.mode) for one in found.table_uses} == {("shop/jobs.py", "read"), ("shop/jobs.py", "write")}

"""Which module an import means: relative, passed on, of Python 2, of a directory of sources; and edges with lines."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from protogate.discovery.model import EdgeKind
from protogate.discovery.python_names import Names, Target, edges, module_names
from protogate.discovery.python_reader import read_python

if TYPE_CHECKING:
    from protogate.discovery.facts import FileFacts

_FILES = {
    "backend/shop/__init__.py": "",
    "backend/shop/orders/__init__.py": "from .models import Order\nfrom shop.stock import *\n",
    "backend/shop/orders/models.py": "class Order: pass\n",
    "backend/shop/stock.py": "def take(): pass\n",
    "backend/shop/web.py": (
        "import os\nimport shop.stock\nfrom shop.orders import Order\nfrom . import stock as store\n"
        "import orders.models\n\n\nclass Page(Order): pass\nshop.stock.take()\nstore.take()\n"
    ),
}


def _read(files: dict[str, str]) -> dict[str, FileFacts]:
    return {path: read_python(text.encode()) for path, text in files.items()}


def test_a_module_is_named_from_where_its_package_begins() -> None:
    assert module_names(["a/b/__init__.py", "a/b/c.py", "src/x/y.py", "z.py", "tools/z.py"]) == {
        "a/b/__init__.py": "b",
        "a/b/c.py": "b.c",
        "src/x/y.py": "x.y",
        "z.py": "z",
        "tools/z.py": "tools.z",
    }


def test_two_files_of_one_name_are_told_apart() -> None:
    assert module_names(["one/src/x.py", "two/src/x.py"]) == {"one/src/x.py": "x", "two/src/x.py": "two.src.x"}


def test_imports_find_their_modules() -> None:
    facts = _read(_FILES)
    names = Names(facts)
    found = {(one.module, one.name): names.resolve("shop.web", one) for one in facts["backend/shop/web.py"].imports}
    assert found == {
        ("os", ""): None,
        ("shop.stock", ""): Target("shop.stock", ""),
        ("shop.orders", "Order"): Target("shop.orders.models", "Order"),
        ("", "stock"): Target("shop.stock", ""),
        ("orders.models", ""): Target("shop.orders.models", ""),
    }


def test_edges_are_where_the_use_is() -> None:
    facts = _read(_FILES)
    found = [
        (one.target, one.kind, one.line, one.symbol) for one in edges(Names(facts), facts) if one.source == "shop.web"
    ]
    assert sorted(found, key=lambda row: row[2]) == [
        ("shop.orders.models", EdgeKind.IMPORT, 5, ""),
        ("shop.orders.models", EdgeKind.SUBCLASS, 8, "Order"),
        ("shop.stock", EdgeKind.CALL, 9, "take"),
        ("shop.stock", EdgeKind.CALL, 10, "take"),
    ]


def test_a_circle_of_packages_that_pass_on_ends() -> None:
    facts = _read(
        {"a/__init__.py": "from b import x\n", "b/__init__.py": "from a import x\n", "c.py": "from a import x"}
    )
    assert [one.source for one in edges(Names(facts), facts)] == ["a", "b", "c"]


@pytest.mark.parametrize("package", ["protogate", "registry"])
def test_imports_of_our_own_code_are_found_as_ast_finds_them(package: str, request: pytest.FixtureRequest) -> None:
    """Every `from a.b import c` of a file whose `a.b` is one of our modules leads to an edge of that file."""
    root = request.config.rootpath
    files = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in (root / package).rglob("*.py")}
    facts = _read(files)
    names = Names(facts)
    modules = set(names.by_path.values())
    sources = {one.source for one in edges(names, facts)}
    wanted = {
        names.by_path[path]
        for path, text in files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in modules
    }
    assert wanted
    assert wanted <= sources

"""The registry out of the wheel, in a repository of its own."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Shell

CATALOG = "contracts/shop/catalog/v1/catalog.proto"
BREAK = f"sed -i 's/  int64 price_cents = 3 .*/  string price_cents = 3;/' {CATALOG}"


def test_registry_lies_where_no_import_finds_it(wheel: Path, shop: Shell) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    root = "protogate/_apps_root/registry"
    assert {f"{root}/__main__.py", f"{root}/server/page/index.html"} <= names
    assert any(re.match(rf"{root}/migrations/.*\.sql", name) for name in names)
    assert not any(name.startswith("registry/") or name.endswith(".pyc") for name in names)
    assert "No module named 'registry'" in shop.run("python -c 'import registry'", code=1)


def test_breaking_change_does_not_get_through(shop: Shell) -> None:
    assert "3 contracts: 3 registered" in shop.run("protogate registry register")
    assert "3 contracts: 3 unchanged" in shop.run("protogate registry check")
    assert "registry_check" in shop.run("doit ci")
    shop.run(BREAK)
    said = shop.run("protogate registry check", code=1)
    assert f"INCOMPATIBLE with shop/catalog/v1/catalog.proto version 1 (BACKWARD):\n  {CATALOG}:17:3: " in said
    said = shop.run("doit ci", code=1)
    assert f"{CATALOG}:17:3: " in said
    assert ".  smoke" not in said


def test_tasks_register_and_then_have_nothing_to_say(shop: Shell) -> None:
    assert "3 contracts: 3 registered" in shop.run("doit registry_register")
    assert "3 contracts: 3 unchanged" in shop.run("doit registry_check")
    assert shop.run("doit registry_check") == "-- registry_check\n"
    shop.run("protogate registry mode FULL")
    assert "3 contracts: 3 unchanged" in shop.run("doit registry_check")
    assert "3 subjects" in shop.run("doit registry_list")


def test_folders_of_the_user_stay_theirs(shop: Shell) -> None:
    shop.run("mkdir registry && echo 'print(\"mine\")' > registry/__init__.py")
    assert shop.run("python -c 'import registry'") == "mine\n"
    assert "3 contracts: 3 new" in shop.run("protogate registry check")


def test_branch_is_compared_without_a_registry(shop: Shell) -> None:
    who = "-c user.name=x -c user.email=x@example.com"
    shop.run(f"git init -q . && git add -A && git {who} commit -qm first")
    assert "compatible" in shop.run("protogate compat git:HEAD .")
    shop.run(BREAK)
    assert f"{CATALOG}:17:3: " in shop.run("protogate compat git:HEAD .", code=1)

"""What a new slice adds to a project, and what it leaves alone."""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml

from protogate.errors import UserError
from protogate.scaffold import plan_slice, write_plan
from protogate.scaffold.names import names_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    ["", "Order", "1st", "a-b", "a__b", "_a", "a_", "a b", "../x", "é", "class", "match", "user", "google", "a" * 41],
)
def test_names_that_cannot_be_are_told_in_one_line(name: str) -> None:
    with pytest.raises(UserError, match=r"^slice ") as caught:
        names_of(name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_name_is_spelled_in_all_ways() -> None:
    assert names_of("order_line2") == ("order_line2", "OrderLine2", "order-line2", "order line2", "ORDER_LINE2", "an")


@pytest.mark.parametrize("directory", ["/abs", "..", "a/../b", "", "with-dash", "a b"])
def test_directories_that_are_no_package_are_refused(tmp_path: Path, directory: str) -> None:
    with pytest.raises(UserError, match=r"^--dir "):
        plan_slice(tmp_path, "order", directory)


def test_every_python_file_is_python_and_no_line_is_too_long(tmp_path: Path) -> None:
    for name in ("order", "spare_part", "an_extraordinarily_long_name_of_a_slice"):
        plan = plan_slice(tmp_path, name, "slices")
        for path, text in plan.created.items():
            if path.endswith(".py"):
                ast.parse(text)
            if name != "an_extraordinarily_long_name_of_a_slice":
                assert max(map(len, text.splitlines() or [""])) <= 120
            assert "{{" not in text
            assert text.endswith("\n")


def test_nothing_is_written_when_something_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_order_slice.py").write_text("mine")
    with pytest.raises(UserError, match=r"^tests/test_order_slice\.py: is there already"):
        plan_slice(tmp_path, "order", "slices")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "tests/test_order_slice.py"]


def test_a_link_that_leads_nowhere_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "slices/order").mkdir(parents=True)
    (tmp_path / "slices/order/state.py").symlink_to("nowhere")
    with pytest.raises(UserError, match=r"^slices/order/state\.py"):
        plan_slice(tmp_path, "order", "slices")


def test_a_project_keeps_its_own_ways(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.protogate]\npython_path = ["src"]\ntemplate = "gen.yaml"\n')
    (tmp_path / "gen.yaml").write_text(
        "version: v2\ninputs:\n  - directory: proto\nplugins:\n  - local: mine\n    out: o\n"
    )
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: proto\n")
    plan = plan_slice(tmp_path, "order", "src/acme/slices")
    write_plan(tmp_path, plan)
    assert plan.entry == "acme.slices.order.slice:SLICE"
    assert (tmp_path / "proto/order/v1/order.proto").is_file()
    assert "from acme.slices._gen.order.v1" in (tmp_path / "src/acme/slices/order/handlers.py").read_text()
    template = yaml.safe_load((tmp_path / "gen.yaml").read_text())
    assert [plugin["out"] for plugin in template["plugins"]] == ["o", "src/acme/slices/_gen", "src/acme/slices/_gen"]
    modules = yaml.safe_load((tmp_path / "buf.yaml").read_text())["modules"]
    assert [module["path"] for module in modules] == ["proto", ".protogate/protos"]
    assert not (tmp_path / "buf.gen.yaml").exists()


def test_a_second_slice_adds_only_itself(tmp_path: Path) -> None:
    write_plan(tmp_path, plan_slice(tmp_path, "order", "slices"))
    plan = plan_slice(tmp_path, "invoice", "slices")
    assert set(plan.edited) == {"pyproject.toml"}
    assert "slices/__init__.py" not in plan.created
    write_plan(tmp_path, plan)
    listed = tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["protogate"]["slices"]
    assert sorted(listed) == ["slices.invoice.slice:SLICE", "slices.order.slice:SLICE"]


def test_a_directory_that_cannot_be_written_leaves_nothing_half_done(tmp_path: Path) -> None:
    plan = plan_slice(tmp_path, "order", "slices")
    (tmp_path / "tests").write_text("a file where a directory should be")
    with pytest.raises(UserError, match="tests"):
        write_plan(tmp_path, plan)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["tests"]

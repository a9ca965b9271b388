from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.contracts.layers import LAYERS, check_layers
from protogate.findings import Severity
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY, contract, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "root/backend/devices.py", "")
    write(tmp_path / "outside.py", "")
    return tmp_path / "root"


def command(**layers: str) -> Any:  # noqa: ANN401 - JSON
    return {**COMMAND, "layers": layers}


def rules(root: Path, value: Any, path: str = "x.command.json") -> list[str]:  # noqa: ANN401 - JSON
    checked = check_layers([contract(value, path)], str(root))
    return [f"{one.place.line}:{one.place.column} {one.rule}" for one in checked.findings]


@pytest.mark.parametrize(
    "layer",
    [
        "backend/devices.py",
        "backend/devices.py::create_device",
        "backend/devices.py::Router.create_device",
        "backend",
        "backend/",
        "./backend/devices.py",
        "backend/../backend/devices.py",
        ".",
    ],
)
def test_a_layer_is_a_file_or_a_directory_below_the_root(root: Path, layer: str) -> None:
    assert rules(root, command(python=layer)) == []


@pytest.mark.parametrize(
    "layer",
    [
        "backend/missing.py",
        "backend/missing.py::create_device",
        "backend/devices.py/more",
        "missing/devices.py",
        "backend\\devices.py",
        "create_device",
        "::create_device",
        "backend/devices.py::",
        "a\0b.py",
        "x" * 5_000,
    ],
    ids=lambda layer: layer[:20],
)
def test_a_layer_that_is_not_there_is_found_at_its_line(root: Path, layer: str) -> None:
    (found,) = check_layers([contract(command(python=layer))], str(root)).findings
    assert (found.rule, found.place[1:]) == ("contract/layer-not-found", (44, 13))
    assert len(found.message) < 400


@pytest.mark.parametrize(
    "layer",
    [
        "../outside.py",
        "../../../../etc/passwd",
        "backend/../../outside.py",
        "../missing.py",
        "/etc/passwd",
        "/etc/passwd::root",
        "C:\\windows\\x.py",
        "C:/windows/x.py",
        "\\\\host\\share\\x.py",
        "..",
    ],
)
def test_a_layer_outside_the_root_is_found(root: Path, layer: str) -> None:
    (found,) = rules(root, command(python=layer))
    assert found.endswith(" contract/layer-outside-root")


def test_an_absolute_path_into_the_root_is_outside(root: Path) -> None:
    (found,) = rules(root, command(python=str(root / "backend/devices.py")))
    assert found.endswith(" contract/layer-outside-root")


def test_links_are_followed(root: Path) -> None:
    (root / "inside.py").symlink_to("backend/devices.py")
    (root / "outside.py").symlink_to("../outside.py")
    (root / "away").symlink_to("..")
    (root / "loop.py").symlink_to("loop.py")
    (root / "nowhere.py").symlink_to("gone.py")
    layers = {
        "python": "inside.py",
        "go": "outside.py",
        "java": "away/outside.py",
        "rust": "loop.py",
        "sql": "nowhere.py",
    }
    found = [one.partition(" ")[2] for one in rules(root, command(**layers))]
    assert found == [
        "contract/layer-outside-root",
        "contract/layer-outside-root",
        "contract/layer-not-found",
        "contract/layer-not-found",
    ]


def test_the_root_may_be_a_link(root: Path) -> None:
    root.with_name("link").symlink_to(root)
    assert rules(root.with_name("link"), command(python="backend/devices.py")) == []


@pytest.mark.parametrize("name", [*LAYERS, "x-mobile"])
def test_layers_have_known_names(root: Path, name: str) -> None:
    assert rules(root, command(**{name: "backend"})) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [("pyhton", "'python' is probably meant"), ("Typescript", "'typescript' is probably meant"), ("zzz", "known are")],
)
def test_an_unknown_layer_is_a_warning_at_its_name(root: Path, name: str, hint: str) -> None:
    (found,) = check_layers([contract(command(**{name: "backend"}))], str(root)).findings
    assert (found.rule, found.severity, found.place[1:]) == ("contract/unknown-layer", Severity.WARNING, (44, 3))
    assert found.hint.startswith(hint)


def test_layers_of_queries_and_events_are_checked(root: Path) -> None:
    layers = {"python": "gone.py"}
    assert rules(root, {**QUERY, "layers": layers}, "x.query.json")[0].endswith(" contract/layer-not-found")
    event = {**EVENT, "producers": {}, "layers": layers}
    assert rules(root, event, "x.event.json")[0].endswith(" contract/layer-not-found")


@pytest.mark.parametrize(
    ("producer", "rule"),
    [
        ("backend/devices.py", ""),
        ("backend/devices.py::publish", ""),
        ("service-data", ""),
        ("acme.data", ""),
        ("Orders::Placed", ""),
        ("https://data.example.com/events.json", ""),
        ("gone.py", "contract/layer-not-found"),
        ("gone.py::publish", "contract/layer-not-found"),
        ("backend/gone", "contract/layer-not-found"),
        ("worker.ts", "contract/layer-not-found"),
        ("../outside.py", "contract/layer-outside-root"),
    ],
)
def test_producers_and_consumers_are_paths_or_names(root: Path, producer: str, rule: str) -> None:
    for keys in ({"producers": {"python": producer}, "consumers": []}, {"producers": {}, "consumers": [producer]}):
        found = rules(root, {**EVENT, **keys}, "x.event.json")
        assert [one.partition(" ")[2] for one in found] == ([rule] if rule else [])


def test_named_consumers_are_checked_as_well(root: Path) -> None:
    (found,) = rules(root, {**EVENT, "producers": {}, "consumers": {"reports": "gone.py"}}, "x.event.json")
    assert found.endswith(" contract/layer-not-found")


def test_producers_have_any_name(root: Path) -> None:
    assert rules(root, {**EVENT, "producers": {"whoever": "service-data"}}, "x.event.json") == []


def test_what_was_looked_for_is_told(root: Path) -> None:
    checked = check_layers([contract(command(python="backend/devices.py::a", sql="gone.sql", go="../x"))], str(root))
    assert sorted(checked.found) == ["backend/devices.py"]
    assert sorted(checked.missing) == ["gone.sql"]


def test_a_missing_root_is_one_finding(tmp_path: Path) -> None:
    checked = check_layers([contract(COMMAND), contract(COMMAND)], str(tmp_path / "gone"))
    (found,) = checked.findings
    assert (found.rule, found.place.file) == ("contract/unreadable", str(tmp_path / "gone"))

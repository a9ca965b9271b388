from __future__ import annotations

import gc
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.contracts import layers_root_of, read_contracts
from protogate.crosscheck.contracts.facts import block_shape
from protogate.crosscheck.contracts.problems import MAX_PROBLEMS
from protogate.crosscheck.contracts.registry_files import registry_files
from protogate.crosscheck.contracts.validate import validate
from protogate.findings import Severity
from tests.crosscheck.contracts.mutants import WORDS, mutants
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY, document, write, write_tree
from tests.crosscheck.contracts.shape_text import text


def test_a_directory_of_contracts_is_read(tmp_path: Path) -> None:
    directory = write_tree(tmp_path)
    reading = read_contracts(directory)
    assert reading.findings == ()
    assert [one.name for one in reading.contracts] == ["CreateDevice", "DeviceCreated", "GetServiceIdHealth"]
    assert reading.layers_found == {
        "backend/api/routes/devices.py",
        "backend/api/routes/health.py",
        "frontend/src/devices.ts",
    }
    assert set(reading.texts) == set(reading.files_read) == {one.document.path for one in reading.contracts}


def test_an_empty_directory_has_no_findings(tmp_path: Path) -> None:
    assert read_contracts(str(tmp_path))[:3] == ((), (), {})


def test_one_file_does_not_keep_others_from_being_checked(tmp_path: Path) -> None:
    directory = Path(write_tree(tmp_path))
    write(directory / "a.command.json", "{")
    write(directory / "b.command.json", "[" * 100_000)
    write(directory / "c.query.json", '{"a": 1, "a": 2}')
    (directory / "d.query.json").write_bytes(b"\xff")
    with (directory / "e.event.json").open("wb") as file:
        file.truncate(100_000_000)
    (directory / "f.event.json").mkdir()
    (directory / "g").symlink_to(".")
    write(directory / "h.event.json", "[1]")
    write(directory / "i.event.json", '{"foo": 1}')
    reading = read_contracts(str(directory))
    assert len(reading.contracts) == 3
    assert [f"{Path(one.place.file).name} {one.rule}" for one in reading.findings] == [
        "a.command.json contract/invalid-json",
        "b.command.json contract/too-deep",
        "c.query.json contract/duplicate-key",
        "d.query.json contract/not-utf-8",
        "e.event.json contract/too-large",
        "f.event.json contract/unreadable",
        "g contract/symlink-loop",
        "h.event.json contract/not-an-object",
        *["i.event.json contract/missing-key"] * 5,
        "i.event.json contract/unknown-key",
    ]
    assert "e.event.json" not in {Path(path).name for path in reading.files_read}
    assert "a.command.json" in {Path(path).name for path in reading.files_read}


@pytest.mark.parametrize("sample", [COMMAND, QUERY, EVENT], ids=lambda sample: next(iter(sample)))
def test_two_contracts_of_one_kind_and_name_are_found(tmp_path: Path, sample: dict[str, object]) -> None:
    word = next(iter(sample))
    directory = Path(write_tree(tmp_path))
    write(directory / f"zz/again.{word}.json", json.dumps(sample, indent=1))
    (found,) = read_contracts(str(directory)).findings
    assert (found.rule, found.place[1:]) == ("contract/duplicate-name", (2, 3 + len(word) + 3))
    assert f"{sample[word]}.{word}.json" in found.message


def test_a_name_is_found_twice_even_where_one_of_them_is_wrong(tmp_path: Path) -> None:
    directory = Path(write_tree(tmp_path))
    write(directory / "z.command.json", json.dumps({**COMMAND, "version": 1}))
    rules = [one.rule for one in read_contracts(str(directory)).findings]
    assert sorted(rules) == ["contract/duplicate-name", "contract/wrong-shape"]


def test_a_command_and_a_query_may_share_a_name(tmp_path: Path) -> None:
    directory = Path(write_tree(tmp_path))
    write(directory / "z.query.json", json.dumps({**QUERY, "query": "CreateDevice"}))
    assert read_contracts(str(directory)).findings == ()


def test_layers_are_looked_for_in_the_root_that_is_given(tmp_path: Path) -> None:
    directory = write_tree(tmp_path)
    (tmp_path / "empty").mkdir()
    reading = read_contracts(directory, str(tmp_path / "empty"))
    assert {one.rule for one in reading.findings} == {"contract/layer-not-found"}
    assert len(reading.findings) == 4
    assert len(reading.layers_missing) == 3


@pytest.mark.parametrize(
    ("directory", "root"),
    [("contracts", "."), ("a/contracts/", "a"), (".", ".."), ("/srv/contracts", "/srv"), ("../contracts", "..")],
)
def test_layers_are_paths_from_the_parent_of_the_contracts(directory: str, root: str) -> None:
    assert layers_root_of(directory) == root


def test_paths_are_those_that_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path)
    write(tmp_path / "contracts/bad.query.json", "")
    monkeypatch.chdir(tmp_path)
    (found,) = read_contracts("contracts").findings
    assert str(found.place) == "contracts/bad.query.json:1:1"


@given(st.data())
def test_whatever_is_a_contract_has_shapes_and_can_be_listed(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(WORDS))
    made, _ = validate(document(data.draw(mutants(word)), f"x.{word}.json"))
    if made is not None:
        assert all(isinstance(text(block_shape(made, block)), str) for block in made.blocks)
        files = registry_files([made], ".")
        assert json.loads(files["registry.json"])["_total"] == 1
        assert made.version in files["REGISTRY.md"]


def test_a_file_that_is_something_else_has_a_bounded_number_of_findings(tmp_path: Path) -> None:
    directory = Path(write_tree(tmp_path))
    fields = {f"field{number}": number for number in range(5_000)}
    write(directory / "z.command.json", json.dumps({**COMMAND, "command": "Z", "input": fields}))
    write(directory / "z.query.json", json.dumps({**QUERY, "query": "Z", "output": {"a": {"enum": [1] * 5_000}}}))
    reading = read_contracts(str(directory))
    errors = [one for one in reading.findings if one.place.file.endswith("z.command.json")]
    warnings = [one for one in reading.findings if one.place.file.endswith("z.query.json")]
    for found, severity in ((errors, Severity.ERROR), (warnings, Severity.WARNING)):
        assert len(found) == MAX_PROBLEMS + 1
        assert [one.rule for one in found].count("contract/too-many") == 1
        assert {one.severity for one in found} == {severity}


def test_five_hundred_contracts_are_read_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    directory = Path(write_tree(tmp_path))
    for number in range(500):
        content = json.dumps({**COMMAND, "command": f"Command{number}", "x-padding": "x" * 300}, indent=1)
        write(directory / f"slice{number % 10}/Command{number}.command.json", content)
    best = 60.0
    gc.disable()
    try:
        for _ in range(5):
            started = time.process_time()
            reading = read_contracts(str(directory))
            best = min(best, time.process_time() - started)
    finally:
        gc.enable()
    assert (len(reading.contracts), reading.findings) == (503, ())
    # 0.05 s on one core at 3 GHz; four times that is a defect, not a busy machine.
    assert best < 0.2

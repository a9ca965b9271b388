"""Every contract that comes out is one: by the published schemas, and as the contract registry reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from protoc_gen_protogate.targets.contract import PLUGIN
from protogate.crosscheck.contracts import read_contracts
from protogate.crosscheck.contracts.facts import block_shape
from protogate.crosscheck.shapes import AnyOf, Items, Mapping, Record, Unresolved
from tests.support.compiler import compile_folder, request_for, vendored_protos
from tests.targets.contract.outputs import files_of
from tests.test_golden import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.shapes import Shape

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "protogate/crosscheck/contracts/schemas"
GOLDEN = [case for case in CASES if case.parent.name == "contract"]
WORDS = ("command", "query", "event")


def word_of(name: str) -> str:
    return next((word for word in WORDS if name.endswith(f".{word}.json")), "")


@pytest.fixture(scope="module")
def contracts() -> dict[str, str]:
    """The contracts of this repository."""
    folder = ROOT / "contracts"
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.proto")]
    image = compile_folder([folder, vendored_protos()], names)
    return files_of(PLUGIN, request_for(image, names, parameter="names=package"))


def check(files: dict[str, str]) -> None:
    validators = {
        word: jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{word}.schema.json").read_text())) for word in WORDS
    }
    written = {name: word for name in files if (word := word_of(name))}
    assert written
    for name, word in written.items():
        problems = [str(error) for error in validators[word].iter_errors(json.loads(files[name]))]
        assert problems == [], name


def read(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    reading = read_contracts(str(folder))
    # Code is not there: what layers point at is a matter of the repository.
    assert [one for one in reading.findings if one.rule != "contract/layer-not-found"] == []
    assert len(reading.contracts) == sum(bool(word_of(name)) for name in files)
    for contract in reading.contracts:
        for block in contract.blocks:
            assert [
                shape.reason for shape in inside(block_shape(contract, block)) if isinstance(shape, Unresolved)
            ] == []


def inside(shape: Shape) -> Iterator[Shape]:
    """A shape and all that it holds, each record once."""
    records: set[int] = set()
    waiting = [shape]
    while waiting:
        one = waiting.pop()
        yield one
        match one:
            case Record() if id(one) not in records:
                records.add(id(one))
                waiting += [field.shape for field in one.fields]
            case Items():
                waiting += [one.items, *one.prefix]
            case Mapping():
                waiting += [one.keys, one.values]
            case AnyOf():
                waiting += one.members


def test_contracts_of_this_repository_are_valid(contracts: dict[str, str], tmp_path: Path) -> None:
    check(contracts)
    read(contracts, tmp_path)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_contracts_are_valid(case: Path, tmp_path: Path) -> None:
    expected = case / "expected"
    files = {
        path.relative_to(expected).as_posix(): path.read_text(encoding="utf-8") for path in expected.rglob("*.json")
    }
    check(files)
    read(files, tmp_path)

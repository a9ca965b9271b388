"""One source: CQRS contracts from the contracts of this repository say what models from them say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from protogate.crosscheck.run import Options, check

if TYPE_CHECKING:
    from protogate.crosscheck.run import Report
    from tests.contracts.conftest import Workspace

PLUGINS = {"protoc-gen-protogate-pydantic", "protoc-gen-protogate-contract"}


@pytest.fixture(scope="module")
def generated(workspace: Workspace) -> Path:
    """The folder of generated files, as buf.gen.yaml makes it."""
    template: dict[str, Any] = yaml.safe_load((workspace.root / "buf.gen.yaml").read_text(encoding="utf-8"))
    plugins = [plugin for plugin in template["plugins"] if plugin["local"] in PLUGINS]
    only = workspace.root / "circle.gen.yaml"
    only.write_text(yaml.safe_dump({**template, "plugins": plugins}), encoding="utf-8")
    done = workspace.buf("generate", "--template", only.name)
    assert done.returncode == 0, done.stderr
    return workspace.root / "generated"


def cross_check(generated: Path, *, drift: bool = False) -> Report:
    options = Options(os.fspath(generated / "contracts"), os.fspath(generated), cross_check=True, drift=drift)
    return check(options)


def test_generated_contracts_and_generated_models_agree(generated: Path) -> None:
    report = cross_check(generated)
    assert report.findings == ()
    assert report.counts == {"commands": 12, "queries": 8, "events": 15, "compared": 35}


def test_they_agree_on_types_and_on_what_must_be_there(generated: Path) -> None:
    found = {(one.rule, Path(one.place.file).name) for one in cross_check(generated, drift=True).findings}
    # The model of a body knows nothing of path and query.
    beside_a_body = {("crosscheck/unknown-field", name) for name in spread(generated)}
    assert found - beside_a_body == set()


def spread(generated: Path) -> set[str]:
    """The contracts that tell path and query from a body."""
    contracts = (generated / "contracts").rglob("*.command.json")
    return {path.name for path in contracts if '"in": ' in path.read_text(encoding="utf-8")}


@pytest.mark.parametrize(
    ("path", "before", "after", "rule"),
    [
        pytest.param(
            "identification/v1/Identify.command.json",
            '"IDENTIFICATION_OUTCOME_IDENTIFIED",',
            "",
            "crosscheck/output-beyond-contract",
            id="an enum",
        ),
        pytest.param(
            "user/v1/DualCreateUser.command.json",
            '["success"]',
            '["success", "done"]',
            "crosscheck/contract-beyond-output",
            id="listed strings",
        ),
        pytest.param(
            "user/v2/DeactivateUser.command.json",
            '"DEACTIVATION_REASON_UNSPECIFIED",',
            '"DEACTIVATION_REASON_UNSPECIFIED", "BORED",',
            "crosscheck/contract-beyond-input",
            id="a body beside a path",
        ),
    ],
)
def test_a_contract_that_is_changed_by_hand_is_found(
    generated: Path, path: str, before: str, after: str, rule: str
) -> None:
    contract = generated / "contracts" / path
    text = contract.read_text(encoding="utf-8")
    assert before in text
    contract.write_text(text.replace(before, after, 1), encoding="utf-8")
    try:
        assert {finding.rule for finding in cross_check(generated).findings} == {rule}
    finally:
        contract.write_text(text, encoding="utf-8")

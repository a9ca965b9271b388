from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.python.handlers import interface
from protogate.crosscheck.python.source import parse_source
from protogate.crosscheck.run import Options, Report, check, is_blocking
from protogate.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from protogate.crosscheck.python.workspace import Workspace

MODEL = """\
from typing import Literal
from pydantic import BaseModel

class Health(BaseModel):
    status: Literal["ok"]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("contracts").mkdir()
    Path("app.py").write_text(MODEL)


def contract(name: str = "GetHealth", layer: str = "app.py::Health", **keys: Any) -> str:  # noqa: ANN401 - JSON
    document = {
        "query": name,
        "kind": "CQRS_QUERY",
        "version": "1.0.0",
        "input": {},
        "output": {"status": {"enum": ["ok", "gone"]}},
        "transport": {},
        "layers": {"python": layer},
        **keys,
    }
    path = Path(f"contracts/{name}.query.json")
    path.write_text(json.dumps(document, indent=2))
    return str(path)


def run(**options: Any) -> Report:  # noqa: ANN401 - whatever options there are
    return check(Options("contracts", ".", **{"cross_check": True, **options}))


def rules(report: Report) -> list[str]:
    return [one.rule for one in report.findings]


def test_contracts_alone_are_checked_and_listed() -> None:
    contract()
    report = run(cross_check=False)
    assert (report.findings, report.drifts) == ((), ())
    assert report.counts == {"commands": 0, "queries": 1, "events": 0}
    assert list(report.listings) == ["registry.json", "REGISTRY.md"]


def test_findings_and_drifts_have_lines_and_columns() -> None:
    path = contract()
    report = run()
    assert [one.place for one in report.findings] == [Place(path, 10, 9)]
    assert [one.finding for one in report.drifts] == list(report.findings)
    assert report.counts["compared"] == 1


def test_evidence_names_all_that_was_read() -> None:
    path = contract()
    Path("app.py").write_text(MODEL + "from states import State\n\nclass More(Health):\n    state: State\n")
    contract("Two", "app.py::More", output={"state": {"enum": ["ok"]}})
    Path("frontend.ts").touch()
    contract("Three", layers={"typescript": "frontend.ts"})
    evidence = run().evidence
    assert {path, "contracts/Two.query.json", str(Path("app.py").absolute())} <= evidence.read.keys()
    assert "./frontend.ts" in evidence.present
    assert any(Path(one).name.startswith("states") for one in evidence.absent)


def test_module_of_many_contracts_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        contract(f"Q{number}")
    parsed = []

    def parse(shown: str, data: bytes) -> Any:  # noqa: ANN401 - a tree or a finding
        parsed.append(shown)
        return parse_source(shown, data)

    monkeypatch.setattr("protogate.crosscheck.python.workspace.parse_source", parse)
    assert run().counts["compared"] == 5
    assert parsed.count("app.py") == 1


@pytest.mark.parametrize("layer", ["../outside.py::Health", "missing.py::Health"], ids=["outside", "missing"])
def test_layer_that_a_contract_may_not_name_is_not_read(layer: str, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.py").write_text(MODEL)
    contract(layer=layer)
    report = run()
    assert [one.rule.split("/")[0] for one in report.findings] == ["contract"]
    assert not any("outside.py" in path for path in report.evidence.read)
    assert report.listings == {}


def test_whole_handler_that_cannot_be_worked_out_is_one_finding() -> None:
    Path("app.py").write_text("import anyhow\n\nasync def health() -> anyhow.Health: ...\n")
    contract(layer="app.py::health", output={"a": {"enum": ["x"]}, "b": {"properties": {"c": {"enum": ["y"]}}}})
    assert rules(run()) == ["crosscheck/unresolved"]


def test_code_that_leads_too_far_is_told_and_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    contract()
    contract("Two", "app.py::Deep")

    def deep(workspace: Workspace, path: str, name: str) -> Any:  # noqa: ANN401 - what it says of others
        return deep(workspace, path, name) if name == "Deep" else interface(workspace, path, name)

    monkeypatch.setattr("protogate.crosscheck.python.handlers.interface", deep)
    report = run()
    assert sorted(rules(report)) == ["crosscheck/contract-beyond-output", "crosscheck/unresolved"]
    assert report.counts["compared"] == 1


def test_contract_without_python_is_not_compared() -> None:
    Path("front.ts").touch()
    contract(layers={"typescript": "front.ts"})
    report = run()
    assert (report.findings, report.counts["compared"]) == ((), 0)


def test_path_of_modules_is_searched() -> None:
    Path("lib").mkdir()
    Path("lib/states.py").write_text('from typing import Literal\n\nState = Literal["ok", "bad"]\n')
    Path("app.py").write_text(
        "from pydantic import BaseModel\nfrom states import State\n\nclass Health(BaseModel):\n    status: State\n"
    )
    contract()
    assert rules(run()) == ["crosscheck/unresolved"]
    assert "crosscheck/output-beyond-contract" in rules(run(python_path=("lib",)))


def test_drift_is_compared_by_flag() -> None:
    contract(output={"status": {"enum": ["ok"]}, "size": {"type": "integer"}})
    assert rules(run()) == []
    assert rules(run(drift=True)) == ["crosscheck/unknown-field"]


@pytest.mark.parametrize(
    ("rule", "severity", "blocks"),
    [
        ("contract/invalid-json", Severity.ERROR, True),
        ("contract/unknown-key", Severity.WARNING, False),
        ("crosscheck/python-syntax", Severity.ERROR, True),
        ("crosscheck/symbol-not-found", Severity.ERROR, True),
        ("crosscheck/output-beyond-contract", Severity.ERROR, False),
    ],
    ids=["contract", "warning", "code", "symbol", "drift"],
)
def test_what_cannot_be_read_blocks(rule: str, severity: Severity, blocks: bool) -> None:  # noqa: FBT001 - of a table
    assert is_blocking(Finding(rule, Place("x"), "...", severity=severity)) is blocks

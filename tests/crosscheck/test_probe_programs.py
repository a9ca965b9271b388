"""Models and contracts made by chance: the check says what pydantic says at run time, or that it does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.run import Options, check
from tests.support.probe_programs import contract_near, program
from tests.support.probes import Probe, ask_oracle, contract_about, found_in, write_probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BLOCKS = ("input", "output", "payload")
COUNT = 120


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """By directory, the findings that run time implies."""
    return answers(tmp_path_factory.mktemp("programs"), range(COUNT))


def answers(base: Path, seeds: Iterable[int]) -> dict[str, Any]:
    """Write programs and contracts near to what they say; ask what run time makes of them."""
    roots = {seed: base / str(seed) for seed in seeds}
    for seed, root in roots.items():
        for path, text in program(seed).items():
            root.mkdir(exist_ok=True)
            (root / path).write_text(text)
    asked = [{"name": str(seed), "root": str(root), "layer": "app.py::Root"} for seed, root in roots.items()]
    schemas = ask_oracle(asked)
    cases = []
    for seed, root in roots.items():
        assert not schemas[str(seed)]["error"], root
        block = BLOCKS[seed % len(BLOCKS)]
        keys = contract_near(schemas[str(seed)]["schemas"]["input" if block == "input" else "output"], seed)
        contract = contract_about("app.py::Root", {block: keys})
        write_probe(Probe(str(seed), "", (contract,), {}, (), (), 0, (3, 11), ""), root)
        cases.append({"name": str(root), "root": str(root), "contracts": [contract.document], "calls": []})
    return ask_oracle(cases)


def verdicts(root: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, ...]], bool]:
    """Return what the check finds in a directory, a line for each rule and path, and whether all is known."""
    monkeypatch.chdir(root)
    found = [one for one in found_in(check(Options("contracts", ".", cross_check=True))) if one.rule[:2] == "cr"]
    lines: dict[tuple[str, ...], set[str]] = {}
    for one in found:
        lines.setdefault((one.severity, one.rule, one.path), set()).update(one.values)
    known = all(one.rule != "crosscheck/unresolved" for one in found)
    return sorted((*line, json.dumps(sorted(values))) for line, values in lines.items()), known


def test_check_agrees_with_run_time(truth: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    resolved, told = 0, 0
    for root, answer in truth.items():
        assert not answer["error"], root
        found, known = verdicts(root, monkeypatch)
        if not known:
            continue
        wanted = sorted((*line, json.dumps(sorted(values))) for *line, values in answer["findings"])
        assert found == wanted, f"{root}\n{(Path(root) / 'app.py').read_text()}"
        resolved += 1
        told += len(found)
    assert resolved >= 0.97 * COUNT
    assert told > COUNT

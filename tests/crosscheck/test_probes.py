"""The table of cases: the check finds what each case expects, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.run import Options, check
from protogate.findings import Severity
from tests.support.probes import Expected, Probe, found_in, load_probes, parse_probe, write_probe

if TYPE_CHECKING:
    from pathlib import Path

TABLE = load_probes()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases on disk, each in a directory of its own."""
    directory = tmp_path_factory.mktemp("probes")
    for probe in TABLE:
        write_probe(probe, directory / probe.name)
    return directory


@pytest.mark.parametrize("probe", TABLE, ids=lambda probe: probe.name)
def test_case(probe: Probe, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base / probe.name)
    report = check(Options("contracts", ".", cross_check=True))
    found = found_in(report)
    wanted = [one for one in probe.expected if not one.place]
    placed = [one for one in probe.expected if one.place]
    assert sorted(one._replace(place="") for one in found) == sorted(
        one._replace(place="") for one in (*wanted, *placed)
    )
    assert {one.place for one in placed} <= {one.place for one in found}
    errors = any(one.severity is Severity.ERROR for one in report.findings)
    assert (1 if errors else 0) == probe.exit_code


def test_table_is_large_enough() -> None:
    names = [one.name for one in TABLE]
    assert sum(name.startswith("basics/") for name in names) == 39
    assert len(names) >= 39 + 130


@pytest.mark.parametrize("probe", TABLE, ids=lambda probe: probe.name)
def test_exit_code_of_a_case_goes_with_its_findings(probe: Probe) -> None:
    assert probe.exit_code == any(one.severity == "error" for one in probe.expected)


def test_text_of_a_case_is_read() -> None:
    probe = parse_probe(
        "folder/name",
        "What it is.\n"
        '== contract app.py::A\n{"payload": {}}\n'
        "== app.py\nclass A: ...\n"
        "== python 3.12\n"
        "== expect 1\n"
        'error output-beyond-contract payload.a[].b "x" 1 true at app.py:3\n'
        "warning contract/unknown-key\n",
    )
    assert probe.contracts[0].file == "Probe.event.json"
    assert probe.files == {"app.py": "class A: ...\n"}
    assert probe.python == (3, 12)
    assert probe.expected == (
        Expected("error", "crosscheck/output-beyond-contract", "Probe.payload.a[].b", ('"x"', "1", "true"), "app.py:3"),
        Expected("warning", "contract/unknown-key", "", ()),
    )

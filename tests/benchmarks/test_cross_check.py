"""What is measured is what is meant: a project without findings, each file of which is read once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.cross_check_project import write_project
from benchmarks.model_corpus import PACKAGES
from protogate.crosscheck.python import source, workspace
from protogate.crosscheck.run import Options, check

if TYPE_CHECKING:
    from pathlib import Path

_CONTRACTS = 24


@pytest.mark.parametrize("modules", [2, _CONTRACTS])
def test_each_module_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modules: int) -> None:
    write_project(tmp_path, modules, _CONTRACTS)
    monkeypatch.chdir(tmp_path)
    parsed: Counter[str] = Counter()
    parse = source.parse_source

    def counted(shown: str, data: bytes) -> Any:  # noqa: ANN401 - a tree or a finding
        parsed[shown] += 1
        return parse(shown, data)

    monkeypatch.setattr(workspace, "parse_source", counted)

    report = check(Options("contracts", ".", cross_check=True))

    own = {path: count for path, count in parsed.items() if path.startswith("services")}
    assert own == dict.fromkeys(["services/shared.py", *(f"services/service_{n}.py" for n in range(modules))], 1)
    assert set(parsed.values()) == {1}
    assert report.findings == ()
    assert report.counts["compared"] == _CONTRACTS


def test_every_value_of_the_project_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path, 2, 3)
    monkeypatch.chdir(tmp_path)
    for module in (tmp_path / "services").glob("*.py"):
        text = module.read_text()
        module.write_text(text.replace('"error"', '"fatal"').replace('"archived"', '"gone"').replace('"valve"', '"x"'))

    report = check(Options("contracts", ".", cross_check=True))

    beyond = [one for one in report.findings if one.rule.endswith(("beyond-contract", "beyond-input", "emitted-value"))]
    assert {"fatal", "gone", "x", "valve"} <= {word for one in beyond for word in one.message.split('"')}


def test_packages_are_pinned_once() -> None:
    assert len({one.name for one in PACKAGES}) == len(PACKAGES)
    assert all(one.version for one in PACKAGES)
    assert len([one for one in PACKAGES if one.is_counted]) >= 20

"""The table of cases is right: pydantic and FastAPI say at run time what each case expects."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.probes import Probe, ask_oracle, load_probes, write_probe

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = load_probes()
ENUM_RULES = {
    f"crosscheck/{rule}"
    for rule in (
        "output-beyond-contract",
        "contract-beyond-output",
        "contract-beyond-input",
        "unrestricted-output",
        "no-such-field",
    )
}
NOT_IMPORTED = {
    f"crosscheck/{rule}"
    for rule in ("python-syntax", "python-unreadable", "symbol-not-found", "no-symbol", "ambiguous-model")
}
"""Where one of these is expected, there is nothing that an import could show."""
RUNNABLE = [
    one
    for one in TABLE
    if sys.version_info[: len(one.python)] >= one.python
    and not one.unproven
    and not any(line.rule in NOT_IMPORTED for line in one.expected)
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What one process says of all cases."""
    base = tmp_path_factory.mktemp("oracle")
    cases = []
    for probe in RUNNABLE:
        root = base / probe.name
        write_probe(probe, root)
        documents = [one.document for one in probe.contracts]
        cases.append({"name": probe.name, "root": str(root), "contracts": documents, "calls": probe.calls})
    return ask_oracle(cases)


@pytest.mark.parametrize("probe", RUNNABLE, ids=lambda probe: probe.name)
def test_run_time_agrees_with_the_case(probe: Probe, answers: Mapping[str, Any]) -> None:
    answer = answers[probe.name]
    assert not answer["error"]
    unknown = tuple(one.path or "Probe." for one in probe.expected if one.rule == "crosscheck/unresolved")
    rules = ENUM_RULES | ({"crosscheck/emitted-value"} if probe.calls else set())
    expected = {(one.severity, one.rule, one.path, one.values) for one in probe.expected if one.rule in rules}
    found = {
        (severity, rule, path, tuple(values))
        for severity, rule, path, values in answer["findings"]
        if not path.startswith(unknown)
    }
    assert found == expected

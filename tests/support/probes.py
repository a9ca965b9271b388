"""Cases of the cross-check, one text file each: contracts, Python, and what the check must say of them.

How a case is written stands in `tests/crosscheck/probes/README.md`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.run import Report

__all__ = [
    "Contract",
    "Expected",
    "Probe",
    "ask_oracle",
    "contract_about",
    "found_in",
    "load_probes",
    "parse_probe",
    "write_probe",
]

PROBES = Path(__file__).parents[1] / "crosscheck/probes"
_HEADING = re.compile(r"^== (\S+)(?: (.*))?\n", re.MULTILINE)
_KEYWORDS = {"contract", "python", "calls", "oracle", "expect"}
_EXPECTED = re.compile(r"(?P<severity>error|warning|note) (?P<rule>\S+)(?P<rest>.*?)(?: at (?P<place>\S+:\d+))?")
_QUERY: dict[str, Any] = {
    "query": "Probe",
    "kind": "CQRS_QUERY",
    "version": "1.0.0",
    "input": {},
    "output": {},
    "transport": {"http": {"method": "GET", "endpoint": "/probe"}},
}
_EVENT: dict[str, Any] = {
    "event": "Probe",
    "kind": "DOMAIN_EVENT",
    "version": "1.0.0",
    "payload": {},
    "producers": {},
}


class Contract(NamedTuple):
    """One contract with all the keys that a case need not write."""

    file: str
    name: str
    document: dict[str, Any]


class Expected(NamedTuple):
    """One finding, as a case writes it."""

    severity: str
    rule: str
    path: str
    values: tuple[str, ...]
    """Each one as JSON, so that 1 and true differ; sorted."""
    place: str = ""
    """`file:line`, where the case cares."""


class Probe(NamedTuple):
    """One case."""

    name: str
    title: str
    contracts: tuple[Contract, ...]
    files: dict[str, str]
    """Text by path; a path that ends in `/` is a directory."""
    calls: tuple[str, ...]
    """Expressions that show at run time what a handler emits."""
    expected: tuple[Expected, ...]
    exit_code: int
    python: tuple[int, ...]
    """The least version of Python that runs the code of the case."""
    unproven: str
    """Why run time cannot prove it; empty where it can."""


def load_probes() -> tuple[Probe, ...]:
    """Return every case of the table, by name."""
    files = sorted(PROBES.rglob("*.case"))
    return tuple(parse_probe(str(one.relative_to(PROBES).with_suffix("")), one.read_text()) for one in files)


def parse_probe(name: str, text: str) -> Probe:
    """Return the case that a file describes."""
    title, *parts = _HEADING.split(text)
    sections = list(zip(parts[::3], (one or "" for one in parts[1::3]), parts[2::3], strict=True))
    ((_, code, lines),) = [one for one in sections if one[0] == "expect"]
    calls = [line for word, _, body in sections if word == "calls" for line in body.splitlines()]
    versions = [tuple(int(part) for part in argument.split(".")) for word, argument, _ in sections if word == "python"]
    return Probe(
        name,
        title.strip(),
        tuple(contract_about(argument, json.loads(body)) for word, argument, body in sections if word == "contract"),
        {word: body for word, _, body in sections if word not in _KEYWORDS},
        tuple(calls),
        tuple(_expected(line) for line in lines.splitlines() if line.strip()),
        int(code),
        versions[0] if versions else (3, 11),
        " ".join(argument.removeprefix("skip ") for word, argument, _ in sections if word == "oracle"),
    )


def contract_about(argument: str, given: dict[str, Any]) -> Contract:
    """Return a contract about a layer, `app.py::Model` or `app.py::Model as Name`, with all the keys it needs."""
    layer, _, name = argument.partition(" as ")
    name = name or "Probe"
    is_event = "payload" in given
    word = "event" if is_event else "query"
    document = {**(_EVENT if is_event else _QUERY), "layers": {"python": layer} if layer else {}, word: name, **given}
    return Contract(f"{name}.{word}.json", name, document)


def write_probe(probe: Probe, directory: Path) -> Path:
    """Write the files of a case; return where its contracts are."""
    for path, text in probe.files.items():
        target = directory / path
        (target if path.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            target.write_text(text)
    contracts = directory / "contracts"
    contracts.mkdir(parents=True, exist_ok=True)
    for one in probe.contracts:
        (contracts / one.file).write_text(json.dumps(one.document, indent=2) + "\n")
    return contracts


def found_in(report: Report) -> list[Expected]:
    """Return what the check found, in the words of the table."""
    values = {drift.finding: drift.values for drift in report.drifts}
    return [
        Expected(
            one.severity.name.lower(),
            one.rule,
            one.path,
            tuple(sorted(json.dumps(value) for value in values.get(one, ()))),
            f"{one.place.file}:{one.place.line}",
        )
        for one in report.findings
    ]


def ask_oracle(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what run time says of cases, by name; one process for all of them."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("probe_oracle.py"))]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _expected(line: str) -> Expected:
    found = _EXPECTED.fullmatch(line.strip())
    assert found, f"not understood: {line}"
    path, _, values = found["rest"].strip().partition(" ")
    rule = found["rule"] if "/" in found["rule"] else f"crosscheck/{found['rule']}"
    if path and not path[0].isupper() and rule.startswith("crosscheck/"):
        path = f"Probe.{path}"
    return Expected(found["severity"], rule, path, tuple(sorted(_values(values))), found["place"] or "")


def _values(text: str) -> Iterator[str]:
    decoder = json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        yield json.dumps(value)
        text = text[end:]

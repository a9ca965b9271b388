"""What doit tells while tasks run, and after `ci` one table, JUnit XML and what was found as SARIF.

A CI server shows `.protogate/ci/junit.xml` as its test report and `.protogate/ci/findings.sarif` beside the lines of a
change. Both are written anew by each run of `ci`, also when a stage fails.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doit.reporter import ConsoleReporter

from protogate import __version__
from protogate.console import FINDINGS_VARIABLE
from protogate.findings import Finding, Place, Severity, findings_sarif

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CI_DIRECTORY", "CiReporter", "Stage", "junit_xml", "summary_table"]

CI_DIRECTORY: Final = ".protogate/ci"
_FOUND: Final = f"{CI_DIRECTORY}/findings.jsonl"
_SEQUENCE: Final = "ci"


class Stage(NamedTuple):
    """What became of one task of the sequence."""

    name: str
    result: str = "not run"
    """`ok`, `up to date`, `failed`, `not run`."""
    seconds: float = 0.0
    message: str = ""
    """Why it failed, in a line."""
    output: str = ""
    """What it printed when it failed."""


class CiReporter(ConsoleReporter):  # type: ignore[misc]  # doit has no types
    """The console reporter, and the files of a CI run."""

    desc = "console; a table, JUnit XML and SARIF after `ci`"

    def __init__(self, outstream: Any, options: Any) -> None:  # noqa: ANN401 - of doit
        super().__init__(outstream, options)
        self._stages: dict[str, Stage] = {}
        self._began: dict[str, float] = {}

    def initialize(self, tasks: Mapping[str, Any], selected_tasks: Sequence[str]) -> None:
        """Begin; only a run of `ci` is recorded."""
        super().initialize(tasks, selected_tasks)
        if _SEQUENCE in selected_tasks and _SEQUENCE in tasks:
            self._stages = {name: Stage(name) for name in tasks[_SEQUENCE].task_dep}
            os.makedirs(CI_DIRECTORY, exist_ok=True)
            with open(_FOUND, "w", encoding="utf-8"):
                pass
            os.environ[FINDINGS_VARIABLE] = os.path.abspath(_FOUND)

    def execute_task(self, task: Any) -> None:  # noqa: ANN401 - of doit
        """Note when a task begins."""
        self._began[task.name] = time.monotonic()
        super().execute_task(task)

    def add_success(self, task: Any) -> None:  # noqa: ANN401 - of doit
        """Note that a task did what it should."""
        super().add_success(task)
        self._note(task.name, "ok")

    def skip_uptodate(self, task: Any) -> None:  # noqa: ANN401 - of doit
        """Note that a task had nothing to do."""
        super().skip_uptodate(task)
        self._note(task.name, "up to date")

    def add_failure(self, task: Any, fail: Any) -> None:  # noqa: ANN401 - of doit
        """Note that a task failed, and what it said."""
        super().add_failure(task, fail)
        # A task that does not run because another failed is told by doit as a failure as well.
        if not task.executed:
            return
        output = "".join(text for action in task.actions for text in (action.out, action.err) if text)
        if self._stages:
            # What a stage needs may fail before it.
            self._stages.setdefault(task.name, Stage(task.name))
        self._note(task.name, "failed", " ".join(str(fail.get_msg()).split()), output)

    def complete_run(self) -> None:
        """Print the table and write the files."""
        super().complete_run()
        if self._stages:
            stages = tuple(self._stages.values())
            self.write(f"\n{summary_table(stages)}")
            _write(f"{CI_DIRECTORY}/junit.xml", junit_xml(stages))
            sarif = findings_sarif(_recorded(), __version__)
            _write(f"{CI_DIRECTORY}/findings.sarif", json.dumps(sarif, indent=2, ensure_ascii=False) + "\n")
            os.remove(_FOUND)

    def _note(self, name: str, result: str, message: str = "", output: str = "") -> None:
        if name in self._stages:
            seconds = time.monotonic() - self._began[name] if name in self._began else 0.0
            self._stages[name] = Stage(name, result, seconds, message, output)


def summary_table(stages: Sequence[Stage]) -> str:
    """Give one line for each stage.

    >>> print(summary_table([Stage("lint", "ok", 0.5), Stage("generate")]), end="")
    stage     result   seconds
    lint      ok          0.50
    generate  not run
    """
    names = max([len("stage"), *(len(one.name) for one in stages)])
    results = max([len("result"), *(len(one.result) for one in stages)])
    lines = [f"{'stage':<{names}}  {'result':<{results}}  seconds"]
    for one in stages:
        seconds = "" if one.result == "not run" else f"{one.seconds:7.2f}"
        lines.append(f"{one.name:<{names}}  {one.result:<{results}}  {seconds}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def junit_xml(stages: Sequence[Stage]) -> str:
    """Give the report that CI servers read; one test case for each stage."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    counts = {
        "tests": len(stages),
        "failures": sum(one.result == "failed" for one in stages),
        "skipped": sum(one.result == "not run" for one in stages),
    }
    suite = Element("testsuite", name="protogate ci", errors="0", time=f"{sum(one.seconds for one in stages):.3f}")
    suite.attrib |= {name: str(count) for name, count in counts.items()}
    for one in stages:
        case = SubElement(suite, "testcase", classname="protogate.ci", name=_xml(one.name), time=f"{one.seconds:.3f}")
        if one.result == "failed":
            SubElement(case, "failure", message=_xml(one.message)).text = _xml(one.output)
        elif one.result == "not run":
            SubElement(case, "skipped", message="an earlier stage failed")
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """A text without the characters that XML has no way to write."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")


def _recorded() -> tuple[Finding, ...]:
    """What the stages found, from whatever process."""
    found = []
    with open(_FOUND, encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            place = Place(one["file"], one["line"], one["column"])
            found.append(
                Finding(one["rule"], place, one["message"], one["hint"], Severity[one["severity"].upper()], one["path"])
            )
    return tuple(sorted(set(found)))


def _write(path: str, text: str) -> None:
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(new, path)

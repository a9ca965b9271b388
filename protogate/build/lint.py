"""Checks contracts with buf: lint rules and format, as findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

from protogate.build.buf import find_buf, render_buf_errors
from protogate.build.identity import search_path
from protogate.build.project import YamlCache, load_project
from protogate.build.protos import ensure_protos, wants_protos
from protogate.errors import UserError
from protogate.findings import Finding, Place, sort_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["lint"]

_EXIT_ANNOTATIONS = 100
_DOES_NOT_COMPILE = "lint/COMPILE"
_DIFF_NEW = re.compile(r"^\+\+\+ (?:b/)?(\S.*?)(?:\t.*)?$")
_DIFF_HUNK = re.compile(r"^@@ -(\d+)")


def lint(root: str, template: str = "buf.gen.yaml") -> tuple[Finding, ...]:
    """Return what `buf lint` and `buf format` say of the contracts that are generated."""
    project = load_project(root, YamlCache(), template)
    if wants_protos(project):
        ensure_protos(root, project)
    findings: list[Finding] = []
    for one in project.inputs:
        found = tuple(_lint_findings(root, one.directory))
        findings += found
        if not any(finding.rule == _DOES_NOT_COMPILE for finding in found):
            findings += _format_findings(root, one.directory)
    return sort_findings(findings)


def _lint_findings(root: str, directory: str) -> Iterator[Finding]:
    code, said, complaint = _run_buf(root, ["lint", directory, "--error-format", "json"])
    if code not in {0, _EXIT_ANNOTATIONS}:
        raise UserError(render_buf_errors(complaint, code))
    for line in said.splitlines():
        note = json.loads(line)
        place = Place(note.get("path", directory), *_start(note))
        yield Finding(f"lint/{note.get('type', 'UNKNOWN')}", place, note["message"])


def _start(note: dict[str, int]) -> tuple[int, int]:
    return note.get("start_line", 0), note.get("start_column", 0)


def _format_findings(root: str, directory: str) -> Iterator[Finding]:
    code, diff, complaint = _run_buf(root, ["format", directory, "--diff"])
    if code:
        raise UserError(render_buf_errors(complaint, code))
    path = ""
    for line in diff.splitlines():
        if match := _DIFF_NEW.match(line):
            path = match[1]
        elif (match := _DIFF_HUNK.match(line)) and path:
            hint = f"run `buf format -w {path}`"
            yield Finding("format", Place(path, int(match[1])), "not in buf's format", hint)
            path = ""


def _run_buf(root: str, arguments: Sequence[str]) -> tuple[int, str, str]:
    path = search_path(os.environ)
    done = subprocess.run(
        [find_buf(path), *arguments],
        cwd=root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    said, complaint = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done.returncode, said, complaint

"""Calls buf: one process for all targets and contracts that are stale together."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogate.errors import EXIT_BUG, InternalError, ProtogateError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protogate.build.project import Document

__all__ = ["BufRun", "buf_failure", "find_buf", "render_buf_errors", "run_buf"]

_MAX_PATH_BYTES = 100_000
"""Linux allows 2 MB of arguments and shares them with the environment; macOS 1 MB."""
_ANNOTATION = re.compile(r"(\S.*?:\d+:\d+:) ?(.*)")
_MISSING_IMPORT = re.compile(r"^(\S.*?):(\d+)(:\d+:) ?imported file does not exist$", re.MULTILINE)
_IMPORT = re.compile(r'import\s+(?:\w+\s+)?"([^"]*)"')
_NOISE = re.compile(r"^(?:Failure|Error):\s*", re.IGNORECASE)
_STOPPED = re.compile(r"(?:Failure: )?(?:plugin .*: )?(?:signal: killed|context canceled)$")
_EXIT_ANNOTATIONS = 100
_DEFECT = re.compile(rf"protoc-gen-protogate-\w+\W.*exit status {EXIT_BUG}\b")


@dataclass(frozen=True, slots=True)
class BufRun:
    """One call of `buf generate`."""

    template: Document
    template_path: str
    """Where the template is written for buf, with the staging directories as outputs."""
    paths: tuple[str, ...] = ()
    """The contracts to generate; none means all."""


def find_buf(path: str) -> str:
    """Return the buf executable."""
    found = shutil.which("buf", path=path)
    if found is None:
        raise UserError("buf: not found on PATH; install it with `pip install buf-bin`")
    return found


def fits_arguments(paths: Sequence[str]) -> bool:
    """Tell whether these paths can be given to one process."""
    return sum(len(path) + len("--path") + 16 for path in paths) < _MAX_PATH_BYTES


def run_buf(root: str, run: BufRun, path: str, tick: Callable[[float], None]) -> str:
    """Generate into staging; return what the plugins said. A failure is a UserError.

    Args:
        root: the project; buf runs there.
        run: what to generate.
        path: the PATH on which buf and the plugins are found.
        tick: called about every second with the seconds so far.
    """
    with open(run.template_path, "w", encoding="utf-8") as file:
        json.dump(run.template, file)
    command = [find_buf(path), "generate", "--template", run.template_path]
    for one in run.paths:
        command += ["--path", one]
    environment = {**os.environ, "PATH": path}
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said = _communicate(process, tick)
    if process.returncode:
        raise buf_failure(_name_missing_imports(root, said), process.returncode)
    return said


def buf_failure(said: str, code: int) -> ProtogateError:
    """Return the error that buf's words amount to: the user's, or that of a plugin of ours."""
    if _DEFECT.search(said):
        return InternalError("\n".join(_clean_lines(said)))
    return UserError(render_buf_errors(said, code))


def render_buf_errors(said: str, code: int) -> str:
    """Return one clear line per error of buf, without its decoration.

    >>> render_buf_errors("Failure: plugin x: a.proto:1: no such option", 1)
    'a.proto:1: no such option (plugin x)'
    """
    lines = _clean_lines(said)
    places = [f"{match[1]} {match[2]}" for match in map(_ANNOTATION.match, lines) if match]
    if places and code == _EXIT_ANNOTATIONS:
        return "\n".join(dict.fromkeys(places))
    told = [_plugin_message(_NOISE.sub("", line)) for line in lines if _NOISE.match(line)]
    # A plugin that broke says why on its own stderr; without that the failure explains nothing.
    rest = [line for line in lines if not _NOISE.match(line)]
    return "\n".join([*told, *rest]) or f"buf: failed with exit code {code} and said nothing"


def _name_missing_imports(root: str, said: str) -> str:
    """Say which import it is that does not exist: buf tells only where it stands."""

    def named(match: re.Match[str]) -> str:
        path, line, column = match.groups()
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                found = _IMPORT.search(file.readlines()[int(line) - 1])
        except (OSError, UnicodeDecodeError, IndexError):
            return match[0]
        if found is None:
            return match[0]
        return f"{path}:{line}{column} imported file {found[1]!r} does not exist in any module of buf.yaml"

    return _MISSING_IMPORT.sub(named, said)


def _clean_lines(said: str) -> list[str]:
    """Drop what buf says of plugins that it stopped because another one failed."""
    return [line.rstrip() for line in said.splitlines() if line.strip() and not _STOPPED.match(line)]


def _plugin_message(line: str) -> str:
    match = re.match(r'plugin "?([^":]+)"?: (.*)', line)
    if match is None:
        return line
    plugin, message = match.groups()
    return message if plugin in message else f"{message} (plugin {plugin})"


def _communicate(process: subprocess.Popen[bytes], tick: Callable[[float], None]) -> str:
    started = time.monotonic()
    try:
        while True:
            try:
                said, _ = process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                tick(time.monotonic() - started)
            else:
                return said.decode("utf-8", "replace")
    except BaseException:
        process.kill()
        process.wait()
        raise

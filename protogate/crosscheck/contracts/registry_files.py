"""`registry.json` and `REGISTRY.md` on disk: whether they are current, and how they become so."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from protogate.crosscheck.contracts.listing import registry_json
from protogate.crosscheck.contracts.markdown import registry_markdown
from protogate.errors import UserError
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.crosscheck.contracts.model import Contract

__all__ = ["check_registry", "registry_files", "write_registry"]


def registry_files(contracts: Sequence[Contract], directory: str) -> dict[str, str]:
    """Return what the generated files hold, by name; `contracts` are sorted by path."""
    return {
        "registry.json": registry_json(contracts, directory),
        "REGISTRY.md": registry_markdown(contracts, directory),
    }


def check_registry(output_dir: str, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return a finding for each generated file that is missing or says something else than the contracts."""
    findings = (_check_file(os.path.join(output_dir, name), text) for name, text in files.items())
    return tuple(finding for finding in findings if finding)


def write_registry(output_dir: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write what is not current; return those paths.

    Raises:
        UserError: a file cannot be written; then none of them has changed.
    """
    wanted = {os.path.join(output_dir, name): text.encode() for name, text in files.items()}
    changed = {path: content for path, content in wanted.items() if _read(path) != content}
    for path in changed:
        # Found out now, as it would be found out too late: when others are in place.
        if os.path.isdir(path):
            raise UserError(f"{path}: a directory stands where the registry is written; remove it")
    try:
        if changed:
            os.makedirs(output_dir or ".", exist_ok=True)
        _replace(changed)
    except OSError as error:
        raise UserError(f"{output_dir}: the registry cannot be written there: {error.strerror}") from None
    return tuple(changed)


def _replace(contents: Mapping[str, bytes]) -> None:
    """Give files new contents: all of them are written before the first one takes its place."""
    beside = {path: f"{path}.{os.getpid()}.tmp" for path in contents}
    try:
        for path, content in contents.items():
            with open(beside[path], "wb") as file:
                file.write(content)
        for path, temporary in beside.items():
            os.replace(temporary, path)
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                os.unlink(temporary)


def _check_file(path: str, text: str) -> Finding | None:
    hint = "run `protogate codegen registry` and commit what it writes"
    found = _read(path)
    if found is None:
        return Finding("contract/stale", Place(path), "the file is missing or cannot be read", hint)
    # Git may have turned the ends of lines into those of the system.
    actual = found.replace(b"\r\n", b"\n").decode("utf-8", "replace").split("\n")
    expected = text.split("\n")
    if actual == expected:
        return None
    line = next((number for number, pair in enumerate(zip(actual, expected, strict=False), 1) if pair[0] != pair[1]), 0)
    place = Place(path, line or min(len(actual), len(expected)))
    return Finding("contract/stale", place, "the file does not say what the contracts say", hint)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None

"""Reads the JSON Schema documents of a directory, and knows which generated files are ours."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from protogate.codegen.zod_modules import BARREL, HEADER, RUNTIME, SCHEMA_SUFFIX
from protogate.errors import UserError
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["earlier_outputs", "read_documents"]

_OURS = (".validator.ts", f"/{BARREL}", f"/{RUNTIME}")


def read_documents(directory: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return all documents below a directory by path relative to it, and what cannot be read.

    Raises:
        UserError: there is no such directory.
    """
    if not os.path.isdir(directory):
        raise UserError(f"{directory}: is no directory; give one with *{SCHEMA_SUFFIX} files")
    documents: dict[str, Any] = {}
    found: list[Finding] = []
    for path in _walk(directory):
        if not path.endswith(SCHEMA_SUFFIX):
            continue
        try:
            with open(os.path.join(directory, path), encoding="utf-8") as stream:
                documents[path] = json.load(stream, object_pairs_hook=_object, parse_constant=_no_constant)
        except (OSError, ValueError, RecursionError) as error:
            found.append(Finding("codegen/unreadable", Place(path), _reason(error)))
    return documents, tuple(found)


def earlier_outputs(directory: str) -> tuple[str, ...]:
    """Return what earlier runs wrote, by path relative to the directory."""
    return tuple(path for path in _walk(directory) if _is_output(path) and _is_ours(os.path.join(directory, path)))


def _walk(directory: str) -> Iterator[str]:
    for parent, directories, names in os.walk(directory):
        directories[:] = sorted(one for one in directories if one != "node_modules")
        for name in sorted(names):
            yield os.path.relpath(os.path.join(parent, name), directory).replace(os.sep, "/")


def _is_output(path: str) -> bool:
    return f"/{path}".endswith(_OURS)


def _is_ours(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(len(HEADER)) == HEADER
    except OSError:
        return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"is no JSON: {name} is no number of JSON")


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return f"cannot be read: {error.strerror}"
        case UnicodeDecodeError():
            return "is not UTF-8"
        case json.JSONDecodeError():
            return f"is no JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        case RecursionError():
            return "is nested too deeply"
        case _:
            return str(error)

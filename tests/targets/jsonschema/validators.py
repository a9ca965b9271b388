"""Validators for schemas that the plugin writes for `.proto` text."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from protoc_gen_protogate.targets.jsonschema import PLUGIN
from tests.support.compiler import run_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BASE", "accepts", "documents_of", "proto3", "validator_of"]

BASE = "https://protogate.test/"

Validator = jsonschema_rs.Draft7Validator | jsonschema_rs.Draft202012Validator


def proto3(body: str) -> str:
    """A proto3 file of package `t` with everything imported that a field may need."""
    imports = "any api duration empty field_mask struct timestamp wrappers"
    lines = "".join(f'import "google/protobuf/{name}.proto";' for name in imports.split())
    return f'syntax = "proto3"; package t; import "buf/validate/validate.proto"; {lines} {body}'


@cache
def documents_of(text: str, parameter: str = "") -> dict[str, Any]:
    """The documents for one file `t.proto`, parsed, by path."""
    return {
        name: json.loads(content)
        for name, content in run_plugin(PLUGIN, {"t.proto": text}, parameter=parameter).items()
    }


def validator_of(documents: dict[str, Any], path: str, message: str = "") -> Validator:
    """A validator for a message of a document, or for the document itself."""
    contents = {BASE + name: content for name, content in documents.items() if not name.endswith("-report.json")}
    dialect = documents[path]["$schema"]
    is_2020 = "2020-12" in dialect
    pointer = f"#/{'$defs' if is_2020 else 'definitions'}/{message}" if message else ""
    kind = jsonschema_rs.Draft202012Validator if is_2020 else jsonschema_rs.Draft7Validator
    registry = jsonschema_rs.Registry(list(contents.items()))
    return kind({"$schema": dialect, "$ref": f"{BASE}{path}{pointer}"}, registry=registry)


@cache
def _compiled(text: str, parameter: str, message: str) -> Validator:
    return validator_of(documents_of(text, parameter), "t.schema.json", message)


def accepts(text: str, *, parameter: str = "", message: str = "t.M") -> Callable[[str], bool]:
    """Tells of a JSON text whether the schema of `message` in a file accepts it."""
    validator = _compiled(text, parameter, message)
    return lambda document: validator.is_valid(json.loads(document))

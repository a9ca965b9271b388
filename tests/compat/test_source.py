from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.compat import Mode, check
from tests.compat.pairs import compile_pairs
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Schema

P2 = 'syntax = "proto2";'
E, W = "error", "warning"

# name: old, new, backward, forward as rule and severity
CASES: Mapping[str, tuple[str, str, set[tuple[str, str]], set[tuple[str, str]]]] = {
    "field_added": ("message M {}", "message M { int32 a = 1; }", set(), {("FIELD_ADDED", E)}),
    "field_removed": ("message M { int32 a = 1; }", "message M {}", {("FIELD_REMOVED", E)}, set()),
    "renamed": (
        "message M { int32 a = 1; }",
        "message M { int32 b = 1; }",
        {("FIELD_RENAMED", E)},
        {("FIELD_RENAMED", E)},
    ),
    "renumbered": (
        "message M { int32 a = 1; }",
        "message M { int32 a = 2; }",
        {("FIELD_NUMBER_CHANGED", W)},
        {("FIELD_NUMBER_CHANGED", W)},
    ),
    "names_go_before_numbers": (
        "message M { int32 a = 1; string b = 2; }",
        "message M { string b = 1; int64 a = 2; }",
        {("FIELD_RENAMED", E), ("FIELD_NUMBER_CHANGED", W), ("FIELD_TYPE_CHANGED", E)},
        {("FIELD_RENAMED", E), ("FIELD_NUMBER_CHANGED", W), ("FIELD_TYPE_CHANGED", E)},
    ),
    "only_json": ("message M { int32 a = 1; }", 'message M { int32 a = 1 [json_name = "z"]; }', set(), set()),
    "value_removed": ("enum E { Z = 0; A = 1; }", "enum E { Z = 0; }", {("ENUM_VALUE_REMOVED", E)}, set()),
    "value_renumbered": (
        "enum E { Z = 0; A = 1; }",
        "enum E { Z = 0; A = 2; }",
        {("ENUM_VALUE_RENUMBERED", W)},
        {("ENUM_VALUE_RENUMBERED", W)},
    ),
    "method": (
        "message A {} service S { rpc X(A) returns (A); }",
        "message A {} service S { rpc X(A) returns (stream A); }",
        {("METHOD_SERVER_STREAMING_CHANGED", E)},
        {("METHOD_SERVER_STREAMING_CHANGED", E)},
    ),
    "options": (
        'option go_package = "a";',
        'option go_package = "b"; option cc_enable_arenas = false;',
        {("FILE_OPTION_CHANGED", E), ("FILE_OPTION_CHANGED", W)},
        {("FILE_OPTION_CHANGED", E), ("FILE_OPTION_CHANGED", W)},
    ),
    "default": (
        P2 + "message M { optional int32 a = 1 [default = 1]; }",
        P2 + "message M { optional int32 a = 1 [default = 2]; }",
        {("FIELD_DEFAULT_CHANGED", W)},
        {("FIELD_DEFAULT_CHANGED", W)},
    ),
}


@pytest.fixture(scope="module")
def compiled() -> dict[str, tuple[Schema, Schema]]:
    return compile_pairs({name: case[:2] for name, case in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_code_meets_what_changed_by_name(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    old, new = compiled[name]
    for mode, expected in zip((Mode.BACKWARD, Mode.FORWARD), CASES[name][2:], strict=True):
        found = check(old, new, profiles=["source"], mode=mode)
        assert {(one.rule.removeprefix("source/"), one.severity.name.lower()) for one in found} == expected


def test_another_package_is_told_once() -> None:
    text = 'syntax = "proto3"; package {}; message M {{ N n = 1; }} message N {{}}'
    old, new = (schema_of({"a.proto": text.format(package)}) for package in ("x.v1", "x.v2"))
    assert {one.rule for one in check(old, new, profiles=["source"])} == {
        "source/FILE_PACKAGE_CHANGED",
        "source/PACKAGE_REMOVED",
    }

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.compat import Effect, Mode, check
from tests.compat.kinds import KINDS, effects_of_kinds
from tests.compat.pairs import compile_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Schema
    from protogate.descriptors.model import Kind

P2 = 'syntax = "proto2";'
E, W, N = "error", "warning", "note"

# name: old, new, backward, forward as rule and severity
CASES: Mapping[str, tuple[str, str, set[tuple[str, str]], set[tuple[str, str]]]] = {
    "field_added": ("message M {}", "message M { int32 a = 1; }", set(), {("FIELD_ADDED", W)}),
    "required_added": (
        P2 + "message M {}",
        P2 + "message M { required int32 a = 1; }",
        {("FIELD_ADDED", E)},
        {("FIELD_ADDED", W)},
    ),
    "required_removed": (
        P2 + "message M { required int32 a = 1; }",
        P2 + "message M {}",
        {("FIELD_REMOVED", W)},
        {("FIELD_REMOVED", E)},
    ),
    "required": (
        P2 + "message M { required int32 a = 1; }",
        P2 + "message M { optional int32 a = 1; }",
        set(),
        {("FIELD_REQUIRED_CHANGED", E)},
    ),
    "renamed": ("message M { int32 a = 1; }", "message M { int32 b = 1; }", set(), set()),
    "swapped": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { int32 b = 1; int32 a = 2; }",
        {("FIELD_RENAMED", E)},
        {("FIELD_RENAMED", E)},
    ),
    "renumbered": (
        "message M { int32 a = 1; }",
        "message M { int32 a = 2; }",
        {("FIELD_REMOVED", W)},
        {("FIELD_ADDED", W)},
    ),
    "only_keys_pair_them": (
        "message M { int32 a = 1; }",
        "message M { string a = 2; }",
        {("FIELD_REMOVED", W)},
        {("FIELD_ADDED", W)},
    ),
    "packed_to_one": (
        "message M { repeated int32 a = 1; }",
        "message M { int32 a = 1; }",
        {("FIELD_CARDINALITY_CHANGED", E)},
        set(),
    ),
    "two_into_a_oneof": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        {("FIELD_ONEOF_CHANGED", E)},
        set(),
    ),
    "one_into_a_oneof": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof o { int32 a = 1; } int32 b = 2; }",
        set(),
        set(),
    ),
    "value_removed": (
        "enum E { Z = 0; A = 1; }",
        "enum E { Z = 0; }",
        {("ENUM_VALUE_REMOVED", W)},
        set(),
    ),
    "closed_value_removed": (
        P2 + "enum E { Z = 0; A = 1; }",
        P2 + "enum E { Z = 0; }",
        {("ENUM_VALUE_REMOVED", E)},
        set(),
    ),
    "value_renamed": (
        "enum E { Z = 0; A = 1; }",
        "enum E { Z = 0; B = 1; }",
        {("ENUM_VALUE_RENAMED", N)},
        {("ENUM_VALUE_RENAMED", N)},
    ),
    "values_swapped": (
        "enum E { Z = 0; A = 1; B = 2; }",
        "enum E { Z = 0; B = 1; A = 2; }",
        {("ENUM_VALUE_RENAMED", E)},
        {("ENUM_VALUE_RENAMED", E)},
    ),
    "what_is_no_data": (
        'option java_package = "a"; message M { reserved 4; } message A {} service S { rpc X(A) returns (A); }',
        'option java_package = "b"; message M {} message A {} service S {}',
        set(),
        set(),
    ),
}


@pytest.fixture(scope="module")
def compiled() -> dict[str, tuple[Schema, Schema]]:
    return compile_pairs({name: case[:2] for name, case in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_binary_data_fares_as_said(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    old, new = compiled[name]
    for mode, expected in zip((Mode.BACKWARD, Mode.FORWARD), CASES[name][2:], strict=True):
        found = check(old, new, profiles=["wire"], mode=mode)
        assert {(one.rule.removeprefix("wire/"), one.severity.name.lower()) for one in found} == expected


FAILS = {Effect.LAST, Effect.RAW, Effect.SWAP, Effect.LOST, Effect.ERROR}


@pytest.mark.parametrize("writer", KINDS, ids=lambda kind: kind.name.lower())
def test_every_kind_reads_every_other_as_the_runtime_does(writer: Kind) -> None:
    for reader in KINDS:
        if reader is not writer:
            said, seen = effects_of_kinds(writer, reader, "wire")
            assert (said in FAILS) is (seen in FAILS), f"{writer.name} to {reader.name}: said {said}, seen {seen}"

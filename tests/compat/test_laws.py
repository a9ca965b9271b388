from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.compat import PROFILES, Carrier, Mode, Paired, check, compare, is_compatible
from tests.compat.contracts import contracts, schema, shuffled

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protogate.compat import Change
    from protogate.findings import Finding

AWARE = ("wire", "wire_json", "source")
"""Profiles whose rules are the changes themselves."""

some = settings(max_examples=50, deadline=None)
few = settings(max_examples=15, deadline=None)


def _inverse(rule: str) -> str:
    if rule.endswith("_REMOVED"):
        return rule.replace("_REMOVED", "_ADDED")
    return rule.replace("_ADDED", "_REMOVED")


def _told(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.rule, one.severity.name) for one in findings}


Seen = tuple[str, str, str, str, Paired, Carrier]


def _seen(changes: tuple[Change, ...]) -> Counter[Seen]:
    return Counter((one.rule.value, one.element, one.old, one.new, one.paired, one.carrier) for one in changes)


@few
@given(contracts())
def test_random_contracts_are_valid(file: FileDescriptorProto) -> None:
    DescriptorPool().Add(file)


@some
@given(contracts())
def test_a_contract_is_compatible_with_itself(file: FileDescriptorProto) -> None:
    assert compare(schema(file), schema(file)) == ()
    assert check(schema(file), schema(file), profiles=PROFILES, mode=Mode.FULL) == ()


@some
@given(contracts(), st.integers(0, 2**32))
def test_order_never_matters(file: FileDescriptorProto, seed: int) -> None:
    other = shuffled(file, Random(seed))
    assert compare(schema(file), schema(other)) == ()


@some
@given(contracts(), contracts(), st.integers(0, 2**32))
def test_order_never_matters_for_what_changed(old: FileDescriptorProto, new: FileDescriptorProto, seed: int) -> None:
    random = Random(seed)
    straight = compare(schema(old), schema(new))
    mixed = compare(schema(shuffled(old, random)), schema(shuffled(new, random)))
    assert _seen(straight) == _seen(mixed)
    assert [dict(one.facts) for one in straight] == [dict(one.facts) for one in mixed]


@some
@given(contracts(), contracts())
def test_different_contracts_differ(old: FileDescriptorProto, new: FileDescriptorProto) -> None:
    found = compare(schema(old), schema(new))
    assert found == () if old == new else True
    assert Counter(_inverse(one.rule) for one in found) == Counter(
        one.rule for one in compare(schema(new), schema(old))
    )


@some
@pytest.mark.parametrize("profile", AWARE)
@given(contracts(), contracts())
def test_forward_is_backward_the_other_way_round(
    profile: str, old: FileDescriptorProto, new: FileDescriptorProto
) -> None:
    backward = check(schema(old), schema(new), profiles=[profile], mode=Mode.BACKWARD)
    forward = check(schema(new), schema(old), profiles=[profile], mode=Mode.FORWARD)
    assert _told(backward) == {(_inverse(rule), severity) for rule, severity in _told(forward)}


@few
@pytest.mark.parametrize("profile", [name for name in PROFILES if name not in AWARE])
@given(contracts(), contracts())
def test_forward_has_the_verdict_of_backward_the_other_way_round(
    profile: str, old: FileDescriptorProto, new: FileDescriptorProto
) -> None:
    backward = check(schema(old), schema(new), profiles=[profile], mode=Mode.BACKWARD)
    forward = check(schema(new), schema(old), profiles=[profile], mode=Mode.FORWARD)
    assert is_compatible(backward) is is_compatible(forward)
    assert _told(backward) == _told(forward)


@few
@pytest.mark.parametrize("profile", PROFILES)
@given(contracts(), contracts())
def test_full_is_backward_and_forward(profile: str, old: FileDescriptorProto, new: FileDescriptorProto) -> None:
    before, after = schema(old), schema(new)
    full = check(before, after, profiles=[profile], mode=Mode.FULL)
    both = [check(before, after, profiles=[profile], mode=mode) for mode in (Mode.BACKWARD, Mode.FORWARD)]
    assert {one.rule for one in full} == {one.rule for findings in both for one in findings}
    assert is_compatible(full) is all(map(is_compatible, both))


@some
@given(contracts(), contracts(), contracts())
def test_a_schema_may_be_compared_again(
    old: FileDescriptorProto, middle: FileDescriptorProto, new: FileDescriptorProto
) -> None:
    before, after = schema(old), schema(new)
    first = _seen(compare(before, after))
    compare(before, schema(middle))
    compare(schema(middle), after)
    assert _seen(compare(before, after)) == first

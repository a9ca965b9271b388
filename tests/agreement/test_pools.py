"""The final score means something only if its values are not those that authors worked with."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from tests.agreement.pool_development import DEVELOPMENT
from tests.agreement.pool_holdout import HOLDOUT
from tests.agreement.probes import Depth, probes_for
from tests.agreement.schemas import load

_UNAVOIDABLE = {"true", "false", "null", "[]", "{}", "0", '"NULL_VALUE"'}


@pytest.mark.parametrize("kind", DEVELOPMENT.kinds)
def test_pools_share_no_values(kind: str) -> None:
    shared = {*DEVELOPMENT.kinds[kind].every} & {*HOLDOUT.kinds[kind].every}
    assert shared <= _UNAVOIDABLE


@pytest.mark.parametrize("kind", DEVELOPMENT.keys)
def test_pools_share_no_map_keys(kind: str) -> None:
    shared = {*DEVELOPMENT.keys[kind].every} & {*HOLDOUT.keys[kind].every}
    assert shared <= _UNAVOIDABLE


def test_pools_share_no_texts() -> None:
    assert len({*DEVELOPMENT.texts} & {*HOLDOUT.texts}) <= 1


def test_pools_know_the_same_kinds() -> None:
    assert DEVELOPMENT.kinds.keys() == HOLDOUT.kinds.keys()
    assert DEVELOPMENT.keys.keys() == HOLDOUT.keys.keys()


def test_probes_are_always_the_same() -> None:
    schema = load("fixtures")
    assert probes_for(schema, DEVELOPMENT, Depth()) == probes_for(schema, DEVELOPMENT, Depth())


def test_probes_reach_every_field() -> None:
    schema = load("fixtures")
    texts: dict[str, list[str]] = defaultdict(list)
    for probe in probes_for(schema, DEVELOPMENT, Depth()):
        texts[probe.message].append(probe.text)
    for message in schema.messages:
        written = "\n".join(texts[message.full_name])
        for field in message.fields:
            assert f"{json.dumps(field.json_name)}: " in written, field.full_name

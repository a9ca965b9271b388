"""The measure of every target: reference implementations decide what is valid, generated code must agree."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from tests.agreement.candidates import TARGETS
from tests.agreement.oracles import decide
from tests.agreement.pool_development import DEVELOPMENT
from tests.agreement.pool_holdout import HOLDOUT
from tests.agreement.probes import Depth, probes_for
from tests.agreement.schemas import SCHEMAS, load
from tests.agreement.score import render, score

if TYPE_CHECKING:
    from tests.agreement.candidates import Target
    from tests.agreement.oracles import Decision
    from tests.agreement.schemas import Schema
    from tests.agreement.values import Pool

_DEEP = Depth(repeats=2, schema_repeats=20, sample=20, rule_sample=150, combinations=60)
_POOLS = (DEVELOPMENT, HOLDOUT)

pytestmark = pytest.mark.node


@lru_cache(maxsize=1)
def _schema(name: str) -> Schema:
    return load(name)


@lru_cache(maxsize=2)
def _decisions(name: str, pool: str, depth: Depth) -> list[Decision]:
    values = next(one for one in _POOLS if one.name == pool)
    return decide(_schema(name), probes_for(_schema(name), values, depth))


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@pytest.mark.parametrize("pool", _POOLS, ids=[pool.name for pool in _POOLS])
@pytest.mark.parametrize("schema", SCHEMAS)
def test_target_agrees_with_the_reference_implementations(schema: str, pool: Pool, target: Target) -> None:
    _assert_agreement(schema, pool, target, Depth())


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@pytest.mark.parametrize("pool", _POOLS, ids=[pool.name for pool in _POOLS])
@pytest.mark.parametrize("schema", SCHEMAS)
def test_target_agrees_on_many_more_probes(schema: str, pool: Pool, target: Target) -> None:
    _assert_agreement(schema, pool, target, _DEEP)


def _assert_agreement(schema: str, pool: Pool, target: Target, depth: Depth) -> None:
    result = score(_schema(schema), target, pool.name, _decisions(schema, pool.name, depth))
    table = render([result], show=10)
    assert result.decided > 1000, table
    assert not result.count("defect"), table
    assert not result.count("canonical refused"), table
    assert result.agreement >= target.must_agree, table


@pytest.mark.parametrize("schema", SCHEMAS)
def test_few_probes_stay_undecided(schema: str) -> None:
    decisions = _decisions(schema, DEVELOPMENT.name, Depth())
    undecided = sum(one.valid is None for one in decisions)
    assert undecided < 0.08 * len(decisions)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_both_verdicts_are_common(schema: str) -> None:
    decisions = _decisions(schema, DEVELOPMENT.name, Depth())
    valid = sum(one.valid is True for one in decisions)
    assert 0.2 * len(decisions) < valid < 0.8 * len(decisions)

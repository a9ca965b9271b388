"""Whole corpora of other people's contracts go through every target, and what comes out works."""

from __future__ import annotations

import pytest

from benchmarks.corpora import CORPORA, ensure
from benchmarks.corpus_check import CHECKS, check_corpus, render
from tests.support.node import node_modules

pytestmark = [pytest.mark.node, pytest.mark.postgres]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "corpus", ["small", pytest.param("medium", marks=pytest.mark.slow), pytest.param("large", marks=pytest.mark.slow)]
)
def test_every_file_of_a_corpus_generates_and_works(corpus: str, check: str) -> None:
    node_modules()
    outcome = check_corpus(ensure(CORPORA[corpus]), CHECKS[check])
    assert not outcome.failures, render([outcome], show=20)

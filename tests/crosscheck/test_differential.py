"""Static shapes against pydantic at run time, on models that others have written.

`python -m benchmarks model-corpus` does the same with some forty packages; these are what the tests have anyway.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.model_corpus_check import check_answer
from protogate.crosscheck.python.workspace import Workspace

if TYPE_CHECKING:
    from benchmarks.model_corpus_check import Outcome

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = "fastapi.openapi fastapi.security tests.crosscheck.zoo"


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    command = [sys.executable, "-m", "benchmarks.model_corpus_schemas", _PACKAGES]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return check_answer(answer, Workspace(str(_ROOT)))


def test_no_field_is_read_wrong(outcome: Outcome) -> None:
    assert [f"{one.path}: {one.detail}" for one in outcome.wrong] == []


def test_all_models_are_imported_and_told(outcome: Outcome) -> None:
    assert outcome.silent == {}
    assert outcome.unimportable == {}
    assert outcome.models >= 60
    assert outcome.fields >= 600


def test_nearly_all_fields_are_resolved(outcome: Outcome) -> None:
    assert outcome.equal >= 0.99 * outcome.fields, outcome.reasons()

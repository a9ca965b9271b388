"""Options and fixtures of the whole suite."""

from __future__ import annotations

import os

import hypothesis
import pytest

from tests.support.nats import nats_server  # noqa: F401 - a fixture for every test
from tests.support.postgres import postgres_server  # noqa: F401 - as above

# In CI every run tries the same examples, so that a failure is about the change and not about the day; people's runs
# and `doit test_slow` look further.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept today's outputs as the golden ones")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--update-golden"))
    if wanted and os.environ.get("CI"):
        pytest.fail("golden files are accepted by a person, not in CI")
    return wanted

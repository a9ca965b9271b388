from __future__ import annotations

import pytest

from protogate.discovery.facts import FileFacts
from protogate.discovery.kinds import is_generated, is_test

_NO_FACTS = FileFacts("python", 0, 0, 0)


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py", "app/tests/models.py", "test_a.py", "a_test.py", "conftest.py", "app/tests.py",
        "src/__tests__/a.ts", "src/a.spec.ts", "src/a.test.tsx", "src/a.stories.tsx", "cypress/login.js",
    ],
)  # fmt: skip
def test_tests_are_told_by_their_place_and_name(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize("path", ["a.py", "contest.py", "latest.py", "src/test.helper/a.ts", "src/a.spectrum.ts"])
def test_other_files_are_no_tests(path: str) -> None:
    assert not is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "a_pb2.py", "a_pb2_grpc.py", "app/migrations/0001_first.py", "alembic/versions/b10670_add.py",
        "_migrations/versions/sqlite/a.py", "x.min.js",
        "types.d.ts", "web/dist/app.js", "web/_gen/api.py", "static/jquery-3.1.js", "static/bootstrap-toggle.js",
        "assets/index-BH25Padw.js", "assets/pdf.worker.CliDBb4N.mjs", "vendor/ace/ace.js",
    ],
)  # fmt: skip
def test_what_a_program_or_somebody_else_wrote_is_told_by_its_place_and_name(path: str) -> None:
    assert is_generated(path, _NO_FACTS)


@pytest.mark.parametrize(
    "path",
    [
        "a.py", "app/migrations/helpers.py", "versions/list.py", "src/index-settings.js", "src/user-settings.ts",
        "src/momentum.py", "src/a-Settings1.ts", "app/distance.py",
    ],
)  # fmt: skip
def test_what_people_wrote_is_not(path: str) -> None:
    assert not is_generated(path, _NO_FACTS)


@pytest.mark.parametrize("feature", ["generated", "minified"])
def test_what_the_first_lines_say_counts(feature: str) -> None:
    assert is_generated("src/a.ts", _NO_FACTS._replace(features=((feature, 1),)))

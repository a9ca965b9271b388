"""The profiles `buf:*` against the real `buf breaking`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from protogate.compat.changes import Direction
from protogate.compat.checks import check
from protogate.compat.comparison import Comparison
from protogate.compat.profiles.buf import PROFILES
from protogate.compat.profiles.buf.categories import RULES
from tests.compat.buf_judge import CATEGORIES, buf_rules, judge, judge_alone
from tests.compat.catalogue import BUF_CATEGORIES, ROWS, rooted
from tests.compat.generated_pairs import Pair, generated_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from protogate.compat.profiles import Verdict
    from tests.compat.buf_judge import BufFinding, Judged

_SEEDS = {"development": (1, 150), "held out": (726_354, 300)}
"""Seed and number of pairs: the rules were written against the first, those of the second were judged when done."""
_WANTED = 0.99


@pytest.fixture(scope="module", params=_SEEDS)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, ...]:
    return judge(generated_pairs(*_SEEDS[request.param]), tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, ...]:
    return judge(_catalogue_pairs(), tmp_path_factory.mktemp("catalogue"))


def _catalogue_pairs() -> tuple[Pair, ...]:
    roots = {f"s{index:06}": row for index, row in enumerate(ROWS)}
    return tuple(Pair(root, row.name, *rooted(row, root)) for root, row in roots.items())


def _verdicts(case: Judged, category: str) -> tuple[Verdict, ...]:
    return tuple(PROFILES[f"buf:{category}"](Comparison(case.old, case.new), Direction.BACKWARD))


def _of_category(findings: Iterable[BufFinding], category: str) -> list[BufFinding]:
    return [finding for finding in findings if category in buf_rules()[finding.rule]]


def _disagreement(case: Judged, category: str) -> str:
    """What buf finds and we do not, and the other way round; empty when the rules are the same, each as often."""
    ours = Counter(verdict.rule for verdict in _verdicts(case, category))
    theirs = Counter(finding.rule for finding in _of_category(case.findings, category))
    if ours == theirs:
        return ""
    missing, extra = dict(theirs - ours), dict(ours - theirs)
    return f"{case.pair.root} {category} ({case.pair.label}): missing {missing}, extra {extra}"


def test_every_rule_has_the_categories_that_buf_lists() -> None:
    listed = {rule: categories & {*CATEGORIES} for rule, categories in buf_rules().items()}
    assert {rule: categories for rule, categories in listed.items() if categories} == RULES


@pytest.mark.parametrize("category", CATEGORIES)
def test_generated_changes_break_the_rules_that_buf_says(generated: tuple[Judged, ...], category: str) -> None:
    found = [text for case in generated if (text := _disagreement(case, category))]
    print(*found, sep="\n")  # noqa: T201 - shown when the test fails
    assert len(found) <= (1 - _WANTED) * len(generated)


def test_findings_stand_where_buf_shows_them(generated: tuple[Judged, ...]) -> None:
    agreed = total = 0
    for case in generated:
        for category in CATEGORIES:
            ours = Counter((one.rule, one.spot.file.name, one.spot.place.line) for one in _verdicts(case, category))
            theirs = Counter(
                (one.rule, one.path, one.line) for one in _of_category(case.findings, category) if one.line
            )
            agreed += (ours & theirs).total()
            total += theirs.total()
    assert total > 500
    assert agreed >= _WANTED * total


def test_generated_changes_break_nearly_every_rule(generated: tuple[Judged, ...]) -> None:
    assert len({finding.rule for case in generated for finding in case.findings}) >= 50


@pytest.mark.parametrize("category", CATEGORIES)
def test_single_changes_break_the_rules_that_buf_says(catalogue: tuple[Judged, ...], category: str) -> None:
    assert not [text for case in catalogue if (text := _disagreement(case, category))]


def test_the_catalogue_says_what_buf_says(catalogue: tuple[Judged, ...]) -> None:
    letters = {category: letter for letter, category in BUF_CATEGORIES.items()}
    said = {case.pair.label: {letters[c] for c in CATEGORIES if _of_category(case.findings, c)} for case in catalogue}
    assert said == {row.name: {*row.buf} for row in ROWS}


def test_one_run_for_all_categories_finds_what_a_run_for_each_finds(
    catalogue: tuple[Judged, ...], tmp_path: Path
) -> None:
    pairs = _catalogue_pairs()
    for category in CATEGORIES:
        alone = judge(pairs, tmp_path / category, categories=[category])
        for one, other in zip(alone, catalogue, strict=True):
            assert list(one.findings) == _of_category(other.findings, category)


_P3 = 'syntax = "proto3";\n'
_TIME = 'import "google/protobuf/timestamp.proto";\n'
_LENGTH = 'import "google/protobuf/duration.proto";\n'
_ALONE = {
    "an import is gone": (
        {"a.proto": f"{_P3}package a;\n{_TIME}message M {{ google.protobuf.Timestamp t = 1; int32 b = 2; }}"},
        {"a.proto": f"{_P3}package a;\nmessage M {{ int32 b = 2; }}"},
    ),
    "one import of two is gone": (
        {"a.proto": f"{_P3}package a;\n{_TIME}{_LENGTH}message M {{ int32 b = 2; }}"},
        {"a.proto": f"{_P3}package a;\n{_LENGTH}message M {{ int32 b = 2; }}"},
    ),
    "no package": (
        {"a.proto": f"{_P3}message M {{ int32 b = 2; }}\nmessage N {{}}\nenum E {{ A = 0; }}\nservice S {{}}"},
        {"a.proto": f"{_P3}message M {{ int64 b = 2; }}"},
    ),
    "no package, a file is gone": (
        {
            "a.proto": f"{_P3}message M {{ int32 b = 2; }}",
            "b.proto": f"{_P3}message N {{ enum E {{ A = 0; }} }}\nservice S {{}}",
        },
        {"a.proto": f"{_P3}message M {{ int64 b = 2; }}"},
    ),
    "a package where there was none": (
        {"a.proto": f"{_P3}message M {{ int32 b = 2; }}\nmessage N {{}}"},
        {"a.proto": f"{_P3}package a;\nmessage M {{ int64 b = 2; }}"},
    ),
    "the only file has another name": (
        {"a.proto": f'{_P3}package a;\noption go_package = "x";\nmessage M {{ int32 b = 2; }}\nmessage N {{}}'},
        {"b.proto": f"{_P3}package a;\nmessage M {{ int64 b = 2; }}"},
    ),
    "the only file has another name and package": (
        {"a.proto": f'{_P3}package a;\noption go_package = "x";\nmessage M {{ int32 b = 2; }}\nmessage N {{}}'},
        {"b.proto": f"{_P3}package b;\nmessage M {{ int64 b = 2; }}"},
    ),
}
"""What cannot be tried in one module with other pairs."""


@pytest.mark.parametrize("name", _ALONE)
def test_what_is_not_below_a_root_of_its_own_breaks_the_rules_that_buf_says(name: str, tmp_path: Path) -> None:
    old, new = _ALONE[name]
    for index, (before, after) in enumerate(((old, new), (new, old))):
        case = judge_alone(before, after, tmp_path / str(index))
        assert not [text for category in CATEGORIES if (text := _disagreement(case, category))]


def test_a_check_tells_every_verdict_once(generated: tuple[Judged, ...]) -> None:
    for case in generated[:100]:
        for category in CATEGORIES:
            profile = f"buf:{category}"
            told = Counter(finding.rule for finding in check(case.old, case.new, profiles=[profile]))
            assert told == Counter(f"{profile}/{verdict.rule}" for verdict in _verdicts(case, category))


def test_forward_is_backward_of_the_two_swapped(generated: tuple[Judged, ...]) -> None:
    for case in generated[:50]:
        forward, swapped = Comparison(case.old, case.new), Comparison(case.new, case.old)
        for profile in PROFILES.values():
            found = tuple(profile(forward, Direction.FORWARD))
            assert all(one.effect for one in found), "a finding on the way back says so"
            assert tuple(one._replace(effect="") for one in found) == profile(swapped, Direction.BACKWARD)


def test_nothing_changed_breaks_nothing(generated: tuple[Judged, ...]) -> None:
    for case in generated[:50]:
        same = Comparison(case.old, case.old)
        assert not [verdict for profile in PROFILES.values() for verdict in profile(same, Direction.BACKWARD)]

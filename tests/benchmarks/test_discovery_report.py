"""What the benchmarks of the discovery say is what was measured; measuring is for `doit bench`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.discovery_figures import Section, middle_and_least, render_section
from benchmarks.discovery_memory import Peaks, peaks
from benchmarks.discovery_report import TITLES, page
from benchmarks.discovery_samples import Judged, judged, precision_section, read_sample
from benchmarks.discovery_speed import Timed, appended, python_goals, spread, timings, web_goals
from benchmarks.process import ROOT, Cost, ProcessError
from benchmarks.registry_speed import Goal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MEGABYTE = 1_000_000


def test_the_page_in_docs_has_all_sections_and_a_verdict_on_every_goal() -> None:
    text = (ROOT / "docs" / "discovery-benchmarks.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(TITLES)
    goals = re.findall(
        r"^\| ([^|]+) \| ([<>]= [\d.,]+(?: \w+)?) \| ([\d.,]+(?: \w+)?) \| (\w+) \|$", text, re.MULTILINE
    )
    assert {verdict for *_, verdict in goals} <= {"met", "missed"}
    for what in (
        "/ F",
        "/ depcruise",
        "memory",
        "MoJoFM",
        "boundary F1",
        "adjusted Rand",
        "average precision",
        "right",
    ):
        assert [goal for goal in goals if what in goal[0]], what


def test_a_verdict_in_docs_is_what_its_figure_says() -> None:
    text = (ROOT / "docs" / "discovery-benchmarks.md").read_text()
    for sign, limit, figure, verdict in re.findall(
        r"\| ([<>])= ([\d.,]+)[ \w]* \| ([\d.,]+)[ \w]* \| (met|missed) \|$", text, re.MULTILINE
    ):
        most, value = float(limit.replace(",", "")), float(figure.replace(",", ""))
        # Figures are rounded: at the limit itself either may stand.
        assert value == most or (value < most) == ((sign == "<") == (verdict == "met"))


def test_the_page_has_its_sections_in_order() -> None:
    text = page([Section(title, f"About {title}.", (), ([("a",), ("1",)],)) for title in TITLES])
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(TITLES)
    assert "About Ground truth.\n\n| a |\n|---|\n| 1 |\n" in text


def test_a_section_shows_limits_and_verdicts_before_its_tables() -> None:
    goals = (Goal("speed", "<= 2 x", "1.50 x", met=True), Goal("size", "<= 1 MB", "3 MB", met=False))
    assert render_section(Section("Title", "Text.", goals, ([("what", "n"), ("a|b", "1")],))) == [
        "## Title",
        "",
        "Text.",
        "",
        "| goal | limit | measured | verdict |",
        "|---|---|---|---|",
        "| speed | <= 2 x | 1.50 x | met |",
        "| size | <= 1 MB | 3 MB | missed |",
        "",
        "| what | n |",
        "|---|---|",
        "| a/b | 1 |",
        "",
    ]


def test_a_section_that_promises_nothing_has_no_goals() -> None:
    assert render_section(Section("Title", "Text.", (), ([("what",), ("a",)],)))[4] == "| what |"


@pytest.mark.parametrize(
    ("values", "shown"), [([0.96, 0.98, 0.99], "0.98 (least 0.96)"), ([0.98, 0.98], "0.98"), ([1.0, 0.999], "1.00")]
)
def test_the_least_is_shown_where_it_is_another(values: Sequence[float], shown: str) -> None:
    assert middle_and_least(values) == shown


def _took(*seconds: float) -> list[Cost]:
    return [Cost(one, 2 * one, 5 * _MEGABYTE) for one in seconds]


@pytest.mark.parametrize(
    ("whole", "changed", "unchanged", "largest", "together", "missed"),
    [
        pytest.param(3.0, 0.5, 0.2, 600, 600, [], id="at-its-limits"),
        pytest.param(3.1, 0.5, 0.2, 600, 600, ["everything from nothing / F"], id="slow"),
        pytest.param(3.0, 0.6, 0.2, 600, 600, ["one file changed / F"], id="slow-after-a-change"),
        pytest.param(3.0, 0.5, 0.3, 600, 600, ["nothing changed / F"], id="slow-for-nothing"),
        pytest.param(3.0, 0.5, 0.2, 400, 601, ["from nothing: memory of all processes together"], id="many"),
        pytest.param(
            3.0,
            0.5,
            0.2,
            700,
            700,
            ["from nothing: memory of the largest process", "from nothing: memory of all processes together"],
            id="large",
        ),
    ],
)
def test_each_limit_of_the_discovery_of_python_is_judged(  # noqa: PLR0913, PLR0917 - a table
    whole: float, changed: float, unchanged: float, largest: int, together: int, missed: list[str]
) -> None:
    held = Peaks(largest * _MEGABYTE, together * _MEGABYTE)
    goals = python_goals(_took(2.0, 2.0, 2.0), _took(whole, whole, whole), _took(changed), _took(unchanged), held)
    assert [goal.what for goal in goals if not goal.met] == missed


def test_the_ratio_is_that_of_the_middle_round() -> None:
    # A busy moment made both halves of the second round slow.
    (goal,) = web_goals(_took(10.0, 90.0, 10.0), _took(1.0, 9.0, 9.0))
    assert (goal.measured, goal.met) == ("0.10 x", True)
    (goal,) = web_goals(_took(10.0), _took(1.6))
    assert (goal.measured, goal.met) == ("0.16 x", False)


def test_timings_are_medians_beside_the_first() -> None:
    assert timings([Timed("floor", _took(2.0, 9.0, 1.0)), Timed("ours", _took(3.0))], "F") == [
        ("what", "n", "wall s", "CPU s", "wall / F"),
        ("floor", "3", "2.00", "4.00", "1.00"),
        ("ours", "1", "3.00", "6.00", "1.50"),
    ]


def test_changed_modules_are_spread_over_all(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(10)]
    assert [path.name for path in spread(paths, 5)] == ["0", "2", "4", "6", "8"]
    assert spread(paths, 10) == paths
    with pytest.raises(ProcessError, match="10 modules are too few to change 11"):
        spread(paths, 11)


def test_a_changed_file_is_put_back_whatever_happens(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_bytes(b"\xff = 1\r\n")
    seen = []

    def fail() -> None:
        with appended(file, "two = 2\n"):
            seen.append(file.read_bytes())
            raise ProcessError

    with pytest.raises(ProcessError):
        fail()
    assert seen == [b"\xff = 1\r\ntwo = 2\n"]
    assert file.read_bytes() == b"\xff = 1\r\n"


def test_memory_counts_the_largest_process_and_all_together() -> None:
    hold = "import time; held = b'x' * 60_000_000; time.sleep(0.5)"
    program = f"import subprocess, sys; both = [subprocess.Popen([sys.executable, '-c', {hold!r}]) for _ in range(2)]; "
    program += "[one.wait() for one in both]"
    held = peaks([sys.executable, "-c", program])
    assert 60 * _MEGABYTE <= held.largest < 120 * _MEGABYTE
    assert 120 * _MEGABYTE <= held.together < 240 * _MEGABYTE


def test_memory_of_what_fails_is_no_figure() -> None:
    with pytest.raises(ProcessError, match="exit 3: no such thing"):
        peaks([sys.executable, "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"])


_SAMPLE = """repository\tplace\tsymbol\ttarget\tverdict\tnote
shop==1\tshop/b.py:3\tOrder\tshop.orders\tright\t
shop==1\tshop/a.py:9\t"quoted\tshop.orders\twrong\tis a text
cart==2\tcart.py:1\tItem\tcart.items\tright\t
"""


def test_a_sample_is_counted_for_each_repository(tmp_path: Path) -> None:
    (tmp_path / "cut-edges.tsv").write_text(_SAMPLE)
    rows = read_sample(tmp_path / "cut-edges.tsv")
    assert judged(rows) == [Judged("cart==2", 1, 1), Judged("shop==1", 1, 2)]
    section = precision_section(tmp_path)
    counts, wrong = section.tables
    assert list(counts)[1:] == [
        ("lines to cut", "cart==2", "1", "1", "100%"),
        ("lines to cut", "shop==1", "1", "2", "50%"),
        ("lines to cut", "all", "2", "3", "67%"),
        ("requests and their routes", "not looked up", "", "", ""),
    ]
    assert list(wrong)[1:] == [("lines to cut", '`shop/a.py:9` "quoted', "is a text")]
    assert [(goal.measured, goal.met) for goal in section.goals] == [("0.67", False)]


def test_the_samples_of_this_repository_are_judged_row_by_row() -> None:
    files = sorted((ROOT / "tests" / "discovery" / "samples").glob("*.tsv"))
    assert files
    for file in files:
        rows = read_sample(file)
        assert {row["verdict"] for row in rows} <= {"right", "wrong"}
        assert all(row["note"] for row in rows if row["verdict"] == "wrong"), file.name

from __future__ import annotations

import io

import pytest

from protogate.build.engine import BuildResult, TargetResult
from protogate.build.summary import Progress, summary_lines


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def result(*targets: TargetResult, rebuilt: tuple[str, ...] = ("a",), messages: tuple[str, ...] = ()) -> BuildResult:
    return BuildResult(1200, rebuilt, targets, 1.26, messages)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (TargetResult("zod", "out", 1, 0, 0, 0), "1 file, unchanged"),
        (TargetResult("zod", "out", 3216, 12, 0, 0), "3,216 files, 12 written"),
        (TargetResult("zod", "out", 2, 0, 1, 0), "2 files, 1 removed"),
        (
            TargetResult("zod", "out", 2, 1, 1, 1),
            "2 files, 1 written, 1 removed; 1 rule not carried, see the *-report.json files",
        ),
        (
            TargetResult("zod", "out", 2, 0, 0, 7),
            "2 files, unchanged; 7 rules not carried, see the *-report.json files",
        ),
    ],
)
def test_line_of_a_target(target: TargetResult, text: str) -> None:
    assert summary_lines(result(target))[0] == f"out  zod  {text}"


def test_columns_are_aligned() -> None:
    lines = summary_lines(result(TargetResult("zod", "out/zod", 1, 1, 0, 0), TargetResult("grpc", "o", 1, 1, 0, 0)))
    assert lines == ["out/zod  zod   1 file, 1 written", "o        grpc  1 file, 1 written", lines[2]]


def test_whole_build_is_one_line() -> None:
    assert summary_lines(result())[-1] == "1 of 1,200 contracts generated in 1.3 s"
    assert summary_lines(result(rebuilt=()))[-1] == "1,200 contracts: nothing to generate"


def test_warnings_of_plugins_come_first() -> None:
    assert summary_lines(result(messages=("warning: old",)))[0] == "warning: old"


def test_progress_shows_only_on_a_terminal() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.tick(3)
    progress.say("line")
    progress.clear()
    assert stream.getvalue() == "line\n"


def test_progress_leaves_a_terminal_as_it_was() -> None:
    terminal = Terminal()
    progress = Progress(terminal)
    progress.tick(3.2)
    assert "generating ... 3 s" in terminal.getvalue()
    progress.clear()
    assert terminal.getvalue().endswith("\r\033[K")

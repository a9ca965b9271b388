from __future__ import annotations

import io
import time

import pytest

from protogate import console
from protogate.errors import InternalError, UserError
from protogate.findings import Finding, Place, Severity


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watch(monkeypatch: pytest.MonkeyPatch, patience: float) -> Terminal:
    """Let somebody watch; not a fixture, as pytest puts its own streams in place before each test."""
    made = Terminal()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setattr(console, "_REFRESH", 0)
    monkeypatch.setattr(console, "_PATIENCE", patience)
    return made


def test_long_work_shows_how_far_it_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watch(monkeypatch, 0)
    assert list(console.counted("abc", "checking", 3)) == ["a", "b", "c"]
    assert [line for line in terminal.getvalue().split("\r\033[K") if line] == [
        "checking 1 of 3",
        "checking 2 of 3",
        "checking 3 of 3",
    ]
    assert terminal.getvalue().endswith("\r\033[K")


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watch(monkeypatch, 60)
    assert list(console.counted("abc", "checking")) == ["a", "b", "c"]
    assert terminal.getvalue() == ""


def test_nobody_watches_a_pipe(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_PATIENCE", 0)
    assert list(console.counted("abc", "checking")) == ["a", "b", "c"]
    with console.waiting("compiling"):
        pass
    assert capsys.readouterr() == ("", "")


def test_waiting_says_what_takes_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watch(monkeypatch, 0.01)
    with console.waiting("compiling"):
        for _ in range(1000):
            if terminal.getvalue():
                break
            time.sleep(0.01)
    assert terminal.getvalue() == "\r\033[Kcompiling ...\r\033[K"


@pytest.mark.parametrize(
    ("error", "code"),
    [(UserError("x: y"), 2), (InternalError("z"), 70), (ValueError("w"), 70), (KeyboardInterrupt(), 130)],
)
def test_every_error_has_its_exit_code(capsys: pytest.CaptureFixture[str], error: BaseException, code: int) -> None:
    def run(_arguments: list[str]) -> int:
        raise error

    assert console.guard(run, []) == code
    assert ("please report" in capsys.readouterr().err) == (code == 70)


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            Finding("a/x", Place("b.json", 3, 7), "bad", "mend it"),
            "::error file=b.json,line=3,col=7,title=a/x::bad; mend it",
        ),
        (Finding("a/x", Place("b.json"), "bad", severity=Severity.WARNING), "::warning file=b.json,title=a/x::bad"),
        (Finding("a/x", Place("b.json"), "bad", severity=Severity.NOTE), "::notice file=b.json,title=a/x::bad"),
        (
            Finding("a/x", Place("a,b:c%d.json", 1), "100 % :: no, really\nnot\r"),
            "::error file=a%2Cb%3Ac%25d.json,line=1,title=a/x::100 %25 :: no, really%0Anot%0D",
        ),
    ],
    ids=["error", "warning", "note", "what GitHub would misread"],
)
def test_commands_for_github(finding: Finding, line: str) -> None:
    assert console.github_line(finding) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("łódź 1", "łódź 1"),
        ("\x1b[31m\r\n", r"\x1b[31m\r\n"),
        ("\u202e\u2028\x85", r"\u202e\u2028\x85"),
        ("\ud800", r"\ud800"),
    ],
    ids=["plain", "controls", "directions and lines", "half of a pair"],
)
def test_names_cannot_speak_to_the_terminal(text: str, shown: str) -> None:
    assert console.one_line(text) == shown
    assert console.finding_line(Finding("a/x", Place(f"{text}.json"), text)) == f"{shown}.json: {shown} (a/x)"


def test_json_with_half_of_a_pair_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json({"a": "é"})
    console.print_json({"a": "\ud800é"})
    assert capsys.readouterr().out == '{\n  "a": "é"\n}\n{\n  "a": "\\ud800\\u00e9"\n}\n'

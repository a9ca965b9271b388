from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.memory import MEMORY, Evidence, Verdict, are_current, digest, recall, remember
from protogate.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = ("contracts", ".", True, ("a.query.json",))
VERDICT = Verdict(
    (Finding("crosscheck/x", Place("a.query.json", 3, 9), "told", "hint", Severity.WARNING, "X.output"),),
    frozenset({"remove_extra"}),
    {"queries": 1},
    {"registry.json": digest(b"{}")},
)
OLD = time.time_ns() - 3_600_000_000_000


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.query.json", "one")
    write("code/a.py", "two")
    Path("frontend").mkdir()


def write(path: str, text: str, *, at: int = OLD) -> None:
    """Write a file as if an hour ago; its inode says otherwise, which is what `started` of `keep` is for."""
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text)
    os.utime(path, ns=(at, at))


def keep(*, key: tuple[object, ...] = KEY, later: int = 10_000_000_000) -> None:
    """Remember a run that began some time after the files were written."""
    read = {path: digest(Path(path).read_bytes()) for path in ("a.query.json", "code/a.py")}
    evidence = Evidence(read, frozenset({"frontend"}), frozenset({"code/b.py"}))
    remember(key, VERDICT, evidence, started=time.time_ns() + later)


def test_verdict_holds_while_nothing_changes() -> None:
    keep()
    assert recall(KEY) == VERDICT


def test_nothing_is_remembered_at_first() -> None:
    assert recall(KEY) is None


def turn_into_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


CHANGES: dict[str, Callable[[], object]] = {
    "contract": lambda: write("a.query.json", "ONE"),
    "code": lambda: write("code/a.py", "two!"),
    "code of the same size and time": lambda: write("code/a.py", "owt"),
    "deleted": lambda: Path("code/a.py").unlink(),
    "directory in its place": lambda: turn_into_directory(Path("code/a.py")),
    "what was looked for in vain": lambda: write("code/b.py", ""),
    "dangling link where nothing was": lambda: Path("code/b.py").symlink_to("nowhere"),
    "what was only looked for": lambda: Path("frontend").rmdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_ends_the_verdict(change: Callable[[], object]) -> None:
    keep()
    change()
    assert recall(KEY) is None


def test_touched_file_with_the_same_content_does_not() -> None:
    keep()
    write("code/a.py", "two", at=time.time_ns())
    assert recall(KEY) == VERDICT


def test_file_that_changed_just_before_is_read_again() -> None:
    # Within a tick of the clock of a file system, a second change leaves no trace but in the content.
    keep(later=0)
    remembered = json.loads(Path(MEMORY).read_text())
    (entry,) = remembered["entries"].values()
    assert [stamp[0] for stamp in entry["read"].values()] == [-1, -1]
    assert recall(KEY) == VERDICT


def test_unchanged_files_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    monkeypatch.setattr("protogate.crosscheck.memory.digest", _no_digest)
    with pytest.raises(AssertionError):
        recall(KEY)  # the name of the entry is a digest too
    name = digest(json.dumps([str(Path.cwd()), *KEY], default=list).encode())
    monkeypatch.setattr("protogate.crosscheck.memory._name", lambda _: name)
    assert recall(KEY) == VERDICT


def _no_digest(_: bytes) -> str:
    raise AssertionError


def test_other_options_have_verdicts_of_their_own() -> None:
    keep()
    other = ("contracts", ".", False, ("a.query.json",))
    assert recall(other) is None
    keep(key=other)
    assert recall(KEY) == recall(other) == VERDICT


def test_another_directory_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    other = tmp_path / "frontend"
    (other / ".protogate").mkdir()
    (other / MEMORY).write_bytes(Path(MEMORY).read_bytes())
    monkeypatch.chdir(other)
    assert recall(KEY) is None


def test_memory_does_not_grow() -> None:
    for number in range(9):
        keep(key=(number,))
    assert [recall((number,)) is not None for number in range(9)] == [False] * 5 + [True] * 4


def replaced(**keys: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    memory = json.loads(Path(MEMORY).read_text())
    if "entry" in keys:
        name, entry = next(iter(memory["entries"].items()))
        keys = {"entries": {name: {**entry, **keys["entry"]} if isinstance(keys["entry"], dict) else keys["entry"]}}
    return json.dumps({**memory, **keys})


DAMAGE: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "cut": lambda: Path(MEMORY).read_text()[:-20],
    "no JSON": lambda: "\0\0",
    "no object": lambda: "[]",
    "deep": lambda: "[" * 100_000,
    "another version": lambda: replaced(version="0.0.1"),
    "another format": lambda: replaced(format=0),
    "no entries": lambda: replaced(entries=[]),
    "entry is no object": lambda: replaced(entry=[]),
    "finding of another form": lambda: replaced(entry={"findings": [["x"]]}),
    "severity that is none": lambda: replaced(entry={"findings": [["x", ["f", 0, 0], "m", "h", 9, "p"]]}),
    "stamp of another form": lambda: replaced(entry={"read": {"a.query.json": [1]}}),
    "no evidence": lambda: replaced(entry={"present": None}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_memory_is_none(damage: Callable[[], str]) -> None:
    keep()
    Path(MEMORY).write_text(damage())
    assert recall(KEY) is None
    keep()
    assert recall(KEY) == VERDICT


def test_memory_that_cannot_be_written_is_done_without() -> None:
    Path(".protogate").write_text("a file")
    keep()
    assert recall(KEY) is None
    assert sorted(path.name for path in Path().iterdir()) == [".protogate", "a.query.json", "code", "frontend"]


def test_listings_are_current_by_content() -> None:
    listings = {"registry.json": digest(b"{}"), "REGISTRY.md": digest(b"#")}
    assert not are_current("frontend", listings)
    write("frontend/registry.json", "{}")
    write("frontend/REGISTRY.md", "#")
    assert are_current("frontend", listings)
    write("frontend/REGISTRY.md", "!")
    assert not are_current("frontend", listings)

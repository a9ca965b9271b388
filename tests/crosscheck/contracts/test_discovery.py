from __future__ import annotations

import os
import random
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.contracts.discovery import find_contracts, read_file, relative_path
from protogate.crosscheck.contracts.documents import MAX_BYTES
from protogate.findings import Finding
from tests.crosscheck.contracts.samples import write

if TYPE_CHECKING:
    from pathlib import Path


def found_in(directory: Path) -> tuple[list[str], list[str]]:
    """Return the paths of contracts and `path rule` of what is in the way, both from the directory."""
    paths, findings = find_contracts(str(directory))
    return (
        [relative_path(path, str(directory)) for path in paths],
        [f"{relative_path(one.place.file, str(directory))} {one.rule}" for one in findings],
    )


def test_all_directories_are_searched_and_paths_are_sorted(tmp_path: Path) -> None:
    names = ["b.query.json", "a.command.json", "x/y/z/c.event.json", "x/a.event.json", "a/b.command.json"]
    random.Random(1).shuffle(names)
    for name in names:
        write(tmp_path / name, "{}")
    assert found_in(tmp_path) == (sorted(names), [])


def test_other_files_are_no_contracts(tmp_path: Path) -> None:
    for name in ["registry.json", "a.json", "command.json", "a.command.jsonc", "a.commands.json", "REGISTRY.md"]:
        write(tmp_path / name, "{}")
    assert found_in(tmp_path) == ([], [])


@pytest.mark.parametrize("name", [".git", ".venv", "node_modules", "__pycache__"])
def test_directories_of_tools_are_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path / name / "a.command.json", "{}")
    assert found_in(tmp_path) == ([], [])


def test_the_current_directory_has_short_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "sub/a.command.json", "{}")
    monkeypatch.chdir(tmp_path)
    assert find_contracts(".") == (("sub/a.command.json",), ())
    assert find_contracts("sub") == (("sub/a.command.json",), ())
    assert find_contracts("sub/") == (("sub/a.command.json",), ())


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_directory_that_is_none_is_a_finding(tmp_path: Path, name: str) -> None:
    write(tmp_path / "file", "")
    paths, (finding,) = find_contracts(str(tmp_path / name))
    assert paths == ()
    assert (finding.rule, finding.place.file) == ("contract/unreadable", str(tmp_path / name))


def test_a_directory_that_may_not_be_read_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.command.json", "{}")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if "closed" in path:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found_in(tmp_path) == (["a.command.json"], ["closed contract/unreadable"])


def test_a_directory_with_the_name_of_a_contract_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path / "a.command.json/b.query.json", "{}")
    assert found_in(tmp_path) == ([], ["a.command.json contract/unreadable"])


def test_a_pipe_with_the_name_of_a_contract_is_a_finding(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.command.json")
    assert found_in(tmp_path) == ([], ["a.command.json contract/unreadable"])


def test_a_name_that_is_not_utf8_is_a_finding_that_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.command.json")).touch()
    paths, (finding,) = find_contracts(str(tmp_path))
    assert paths == ()
    assert finding.rule == "contract/unreadable"
    assert finding.place.file.encode().endswith(b"/\\xff.command.json")


def test_a_name_in_any_alphabet_is_fine(tmp_path: Path) -> None:
    write(tmp_path / "é/ñ.command.json", "{}")
    assert found_in(tmp_path) == (["é/ñ.command.json"], [])


@pytest.mark.parametrize("target", [".", "..", "../.."])
def test_a_link_to_a_directory_above_is_a_loop(tmp_path: Path, target: str) -> None:
    write(tmp_path / "sub/a.command.json", "{}")
    (tmp_path / "sub/again").symlink_to(target)
    assert found_in(tmp_path) == (["sub/a.command.json"], ["sub/again contract/symlink-loop"])


def test_links_that_lead_to_each_other_are_loops(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    paths, findings = found_in(tmp_path)
    assert (paths, sorted(findings)) == ([], ["a contract/symlink-loop", "b contract/symlink-loop"])


def test_what_links_inside_lead_to_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "real/a.command.json", "{}")
    (tmp_path / "alias").symlink_to("real")
    (tmp_path / "b.command.json").symlink_to("real/a.command.json")
    assert found_in(tmp_path) == (["real/a.command.json"], [])


def test_a_link_to_a_file_of_another_name_is_a_contract(tmp_path: Path) -> None:
    write(tmp_path / "shared/a.json", "{}")
    (tmp_path / "a.command.json").symlink_to("shared/a.json")
    assert found_in(tmp_path) == (["a.command.json"], [])


def test_links_out_of_the_directory_are_findings(tmp_path: Path) -> None:
    write(tmp_path / "other/a.command.json", "{}")
    write(tmp_path / "other.py", "")
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "directory").symlink_to("../other")
    (contracts / "b.command.json").symlink_to("../other/a.command.json")
    (contracts / "no_contract.py").symlink_to("../other.py")
    paths, findings = found_in(contracts)
    assert paths == []
    assert sorted(findings) == ["b.command.json contract/outside-directory", "directory contract/outside-directory"]


def test_only_contracts_that_lead_nowhere_matter(tmp_path: Path) -> None:
    (tmp_path / "a.command.json").symlink_to("gone")
    (tmp_path / "b.command.json").symlink_to("b.command.json")
    (tmp_path / "c.txt").symlink_to("gone")
    paths, findings = found_in(tmp_path)
    assert paths == []
    assert sorted(findings) == ["a.command.json contract/unreadable", "b.command.json contract/unreadable"]


def test_the_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real/sub/a.command.json", "{}")
    (tmp_path / "link").symlink_to("real")
    assert found_in(tmp_path / "link") == (["sub/a.command.json"], [])


def test_a_file_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a", "é")
    assert read_file(str(tmp_path / "a")) == "é".encode()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    found = read_file(str(tmp_path / "a"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Finding)
    assert found.rule == "contract/too-large"
    assert "100,000,000" in found.message
    assert peak < 1_000_000


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(MAX_BYTES)
    data = read_file(str(tmp_path / "a"))
    assert isinstance(data, bytes)
    assert len(data) == MAX_BYTES


def make_directory(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("make", [make_directory, make_pipe, make_nothing])
def test_what_is_no_file_is_a_finding(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "a")
    found = read_file(str(tmp_path / "a"))
    assert isinstance(found, Finding)
    assert (found.rule, found.place.file) == ("contract/unreadable", str(tmp_path / "a"))


def test_a_file_that_may_not_be_read_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    write(tmp_path / "a", "{}")
    monkeypatch.setattr(os, "open", refuse)
    found = read_file(str(tmp_path / "a"))
    assert isinstance(found, Finding)
    assert found.message == "cannot be read: permission denied"

from __future__ import annotations

import os
from pathlib import Path

import pytest

from protogate.crosscheck.files import replace_files
from protogate.errors import UserError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text("a")
    Path("b.json").write_text("b")


def everything() -> dict[str, str]:
    return {str(path): path.read_text() for path in Path().rglob("*") if path.is_file()}


def test_files_get_their_new_text_byte_by_byte() -> None:
    replace_files({"a.json": "ä\r\n", "new/c.json": ""})
    assert Path("a.json").read_bytes() == "ä\r\n".encode()
    assert sorted(everything()) == ["a.json", "b.json", "new/c.json"]


def test_mode_and_links_stay() -> None:
    Path("a.json").chmod(0o600)
    Path("link.json").symlink_to("a.json")
    replace_files({"link.json": "new"})
    assert Path("link.json").is_symlink()
    assert Path("a.json").read_text() == "new"
    assert Path("a.json").stat().st_mode & 0o777 == 0o600


def test_file_that_changed_in_between_stops_all() -> None:
    before = everything()
    with pytest.raises(UserError, match=r"^b\.json: was changed while it was checked; run again$"):
        replace_files({"a.json": "x", "b.json": "y"}, expected={"a.json": "a", "b.json": "other"})
    assert everything() == before


def test_file_that_cannot_be_written_stops_all() -> None:
    before = everything()
    with pytest.raises(UserError, match=r"^a\.json/c: cannot be written: "):
        replace_files({"b.json": "x", "a.json/c": "y"})
    assert everything() == before


def test_missing_file_that_was_expected_is_named() -> None:
    os.unlink("a.json")  # noqa: PTH108 - one word
    with pytest.raises(UserError, match=r"^a\.json: cannot be read: "):
        replace_files({"a.json": "x"}, expected={"a.json": "a"})

"""Writing a directory: only what changed, all or nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from protogate.codegen.outputs import apply_changes, changes
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    out = str(tmp_path)
    apply_changes(changes(out, {"a": "1", "sub/b": "2"}))
    os.utime(tmp_path / "a", (1, 1))
    found = changes(out, {"a": "1", "sub/b": "3"}, earlier=["a", "sub/b"])
    assert (found.outdated, found.stale) == (("sub/b",), ())
    apply_changes(found)
    assert (tmp_path / "a").stat().st_mtime == 1
    assert (tmp_path / "sub/b").read_text() == "3"
    assert changes(out, {"a": "1", "sub/b": "3"}).are_none


def test_what_nothing_asks_for_any_more_is_removed(tmp_path: Path) -> None:
    for name in ("old", "foreign"):
        (tmp_path / name).touch()
    found = changes(str(tmp_path), {"a": ""}, earlier=["old", "a", "gone"])
    assert found.stale == ("old",)
    apply_changes(found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "foreign"]


def test_file_that_no_earlier_run_has_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("by hand")
    with pytest.raises(UserError, match="b: somebody else wrote it"):
        apply_changes(changes(str(tmp_path), {"a": "1", "b": "2"}))
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert changes(str(tmp_path), {"b": "by hand"}).are_none


def test_nothing_is_written_when_one_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    with pytest.raises(UserError, match="cannot be written"):
        apply_changes(changes(str(tmp_path), {"a": "1", "b/c": "2"}))
    assert [path.name for path in tmp_path.iterdir()] == ["b"]

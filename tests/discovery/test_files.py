"""Which files count: code, once, whatever else lies around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.discovery import files
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


def _paths(root: Path) -> list[str]:
    return [source.path for source in files.find_sources(root)[0]]


def test_code_counts_and_what_others_wrote_does_not(tmp_path: Path) -> None:
    for name in ("b.py", "a/x.vue", "node_modules/y.js", ".git/z.py", "a/readme.md", "dist/kept.ts"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert _paths(tmp_path) == ["a/x.vue", "b.py", "dist/kept.ts"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text("x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "y.py").symlink_to(tmp_path / "a" / "x.py")
    assert _paths(tmp_path) == ["a/x.py"]


def test_an_empty_directory_has_no_code(tmp_path: Path) -> None:
    assert files.find_sources(tmp_path) == ((), ())


def test_what_is_too_large_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"#" * (files.LARGEST + 1))
    sources, problems = files.find_sources(tmp_path)
    assert sources == ()
    assert [str(one.message) for one in problems] == ["has 4,000,001 bytes, more than 4,000,000; left out"]


def test_a_root_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: is not a directory; name the repository to look at"):
        files.find_sources(tmp_path / "nowhere")


def test_binary_and_vanished_files_are_said(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"a\0b")
    (tmp_path / "y.py").write_bytes(b"a")
    assert files.read_source(tmp_path, "x.py") == (b"", "is binary")
    assert files.read_source(tmp_path, "y.py") == (b"a", "")
    assert files.read_source(tmp_path, "z.py") == (b"", "cannot be read: No such file or directory")

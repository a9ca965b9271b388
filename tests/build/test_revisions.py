from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from protogate.build.buf import find_buf
from protogate.build.identity import search_path
from protogate.build.revisions import load_image, load_revision
from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.repository import Repository

A, B, C = "acme/a/v1/a.proto", "acme/b/v1/b.proto", "acme/c/v1/c.proto"
_RULED = """\
syntax = "proto3";
package acme.{name}.v1;
import "buf/validate/validate.proto";
message Ruled {{
  string text = 1 [(buf.validate.field).string.min_len = 1];
}}
"""


def run(directory: Path, *command: str) -> None:
    environment = {**os.environ, "PATH": search_path(os.environ)}
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)


def commit(directory: Path) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    run(directory, "git", "init", "-q", "-b", "main")
    run(directory, "git", "add", "-A")
    run(directory, "git", *who, "commit", "-qm", "first")


def names(text: str, root: Path) -> tuple[str, ...]:
    return load_image(text, str(root)).names


def refusal(text: str, root: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_revision(text, str(root))
    return str(caught.value)


class TestPlaces:
    """Files and directories inside of a repository."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(".", (A, B, C), id="project"),
            pytest.param("contracts", (A, B, C), id="module"),
            pytest.param("contracts/acme/b", (B,), id="directory of a module"),
            pytest.param("contracts/acme/b/v1/b.proto", (B,), id="file"),
        ],
    )
    def test_names_count_from_the_module(self, repository: Repository, text: str, expected: tuple[str, ...]) -> None:
        assert names(text, repository.root) == expected

    def test_imports_come_along_and_are_not_asked_for(self, repository: Repository) -> None:
        schema = load_revision("contracts/acme/b/v1/b.proto", str(repository.root))
        assert [file.name for file in schema.files_to_generate] == [B]
        assert set(schema.files) == {A, B}

    def test_places_count_from_the_project(self, repository: Repository) -> None:
        assert load_image("contracts/acme/c", str(repository.root)).paths == {C: f"contracts/{C}"}

    def test_project_means_what_it_generates_from(self, repository: Repository) -> None:
        text = (repository.root / "buf.gen.yaml").read_text()
        repository.write("buf.gen.yaml", text.replace('"contracts"', '"contracts/acme/c"'))
        assert names(".", repository.root) == (C,)

    def test_project_without_a_template_means_its_modules(self, repository: Repository) -> None:
        repository.remove("buf.gen.yaml")
        assert names(".", repository.root) == (A, B, C)

    def test_vendored_contracts_are_written_and_never_asked_for(self, repository: Repository) -> None:
        repository.write("buf.yaml", "version: v2\nmodules:\n  - path: contracts\n  - path: .protogate/protos\n")
        repository.write(f"contracts/{C}", _RULED.format(name="c"))
        assert names(".", repository.root) == (A, B, C)
        assert "buf/validate/validate.proto" in load_revision(".", str(repository.root)).files

    def test_comments_and_lines_are_kept(self, repository: Repository) -> None:
        (message,) = load_revision("contracts/acme/c", str(repository.root)).files[C].messages
        assert message.place == f"{C}:3"

    def test_directory_outside_of_every_module_stands_alone(self, repository: Repository) -> None:
        repository.write("spare/old.proto", _RULED.format(name="old"))
        assert names("spare/old.proto", repository.root) == ("old.proto",)
        assert names("spare", repository.root) == ("old.proto",)


class TestLoose:
    """Files and directories without any buf.yaml."""

    def test_imports_count_from_the_directory_that_has_them(self, tmp_path: Path) -> None:
        (tmp_path / "v1").mkdir()
        (tmp_path / "v1/a.proto").write_text('syntax = "proto3";\nmessage A {}\n')
        (tmp_path / "v1/b.proto").write_text('syntax = "proto3";\nimport "v1/a.proto";\nmessage B { A a = 1; }\n')
        assert names("v1", tmp_path) == ("v1/a.proto", "v1/b.proto")
        assert names("v1/b.proto", tmp_path) == ("v1/b.proto",)

    def test_two_versions_may_lie_side_by_side(self, tmp_path: Path) -> None:
        for name in ("old", "new"):
            (tmp_path / f"{name}.proto").write_text(_RULED.format(name="same"))
        assert names("old.proto", tmp_path) == ("old.proto",)
        assert names("new.proto", tmp_path) == ("new.proto",)


class TestImages:
    @pytest.mark.parametrize(
        "suffix", ["binpb", "binpb.gz", "binpb.zst", "json", "json.gz", "json.zst", "txtpb", "yaml"]
    )
    def test_every_format_of_buf_is_read(self, repository: Repository, suffix: str) -> None:
        image = f"image.{suffix}"
        run(repository.root, find_buf(search_path(os.environ)), "build", "contracts", "-o", image)
        schema = load_revision(image, str(repository.root))
        assert [file.name for file in schema.files_to_generate] == [A, B, C]

    def test_imports_in_an_image_are_not_asked_for(self, repository: Repository) -> None:
        buf = find_buf(search_path(os.environ))
        run(repository.root, buf, "build", ".", "--path", f"contracts/{B}", "-o", "image.binpb")
        assert names("image.binpb", repository.root) == (B,)

    def test_descriptor_set_of_protoc_is_read(self, tmp_path: Path) -> None:
        text = 'syntax = "proto3";\nimport "google/protobuf/any.proto";\nmessage A { google.protobuf.Any a = 1; }\n'
        (tmp_path / "a.proto").write_text(text)
        options = ["-I.", "--include_imports", "--descriptor_set_out=set.pb", "a.proto"]
        run(tmp_path, sys.executable, "-m", "grpc_tools.protoc", *options)
        assert names("set.pb", tmp_path) == ("a.proto",)

    def test_image_without_imports_says_what_it_lacks(self, repository: Repository) -> None:
        buf = find_buf(search_path(os.environ))
        path = ["--path", f"contracts/{B}"]
        run(repository.root, buf, "build", ".", *path, "--exclude-imports", "-o", "image.binpb")
        assert refusal("image.binpb", repository.root) == (
            f"image.binpb: lacks {A}, which {B} imports; make the image with its imports"
        )

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            pytest.param("x.binpb", b"junk", id="junk"),
            pytest.param("x.binpb", b"", id="empty"),
            pytest.param("x.binpb.gz", b"junk", id="not gzip"),
            pytest.param("x.binpb.gz", gzip.compress(b"junk"), id="gzipped junk"),
            pytest.param("x.binpb.gz", gzip.compress(b"long enough to be cut" * 9)[:-9], id="half a gzip"),
            pytest.param("x.json", b"junk", id="no json"),
            pytest.param("x.json", b'{"file": 1}', id="other json"),
            pytest.param("x.binpb.zst", b"junk", id="not zstandard"),
        ],
    )
    def test_what_is_no_image_is_one_clear_line(self, tmp_path: Path, name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        message = refusal(name, tmp_path)
        assert re.match(rf"{re.escape(name)}: (is no image|is not compressed)", message)
        assert "\n" not in message


class TestGit:
    @pytest.fixture(autouse=True)
    def _history(self, repository: Repository) -> None:
        repository.write(".gitignore", ".protogate/\n")
        commit(repository.root)

    def test_revision_is_what_was_committed(self, repository: Repository) -> None:
        repository.contract(A, "A", "Later")
        repository.contract("acme/d/v1/d.proto", "D")
        schema = load_revision("git:HEAD", str(repository.root))
        assert [file.name for file in schema.files_to_generate] == [A, B, C]
        assert [message.name for message in schema.files[A].messages] == ["A"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("git:main", (A, B, C), id="branch"),
            pytest.param("git:HEAD:contracts", (A, B, C), id="module"),
            pytest.param("git:HEAD:contracts/acme/b", (B,), id="directory"),
            pytest.param("git:HEAD:contracts/acme/b/v1/b.proto", (B,), id="file"),
        ],
    )
    def test_part_of_a_revision(self, repository: Repository, text: str, expected: tuple[str, ...]) -> None:
        assert names(text, repository.root) == expected

    def test_places_count_from_the_project(self, repository: Repository) -> None:
        assert load_image("git:HEAD", str(repository.root)).paths[A] == f"contracts/{A}"

    def test_project_below_the_top_of_its_repository(self, repository: Repository, tmp_path: Path) -> None:
        inner = tmp_path / "services/shop"
        inner.mkdir(parents=True)
        (inner / "buf.yaml").write_text("version: v2\nmodules:\n  - path: protos\n")
        (inner / "protos").mkdir()
        (inner / "protos/x.proto").write_text('syntax = "proto3";\nmessage X {}\n')
        commit(repository.root)
        image = load_image("git:HEAD", str(inner))
        assert (image.names, image.paths) == (("x.proto",), {"x.proto": "protos/x.proto"})

    def test_modules_are_those_of_the_revision(self, repository: Repository) -> None:
        (repository.root / "contracts").rename(repository.root / "moved")
        repository.write("buf.yaml", "version: v2\nmodules:\n  - path: moved\n")
        assert names("git:HEAD", repository.root) == (A, B, C)

    def test_vendored_contracts_are_there_for_old_revisions_too(self, repository: Repository) -> None:
        repository.write("buf.yaml", "version: v2\nmodules:\n  - path: contracts\n  - path: .protogate/protos\n")
        repository.write(f"contracts/{C}", _RULED.format(name="c"))
        commit(repository.root)
        assert not (repository.root / ".protogate/protos").exists()
        assert "buf/validate/validate.proto" in load_revision("git:HEAD", str(repository.root)).files
        assert not (repository.root / ".protogate/protos").exists()

    def test_files_kept_out_of_archives_count(self, repository: Repository) -> None:
        repository.write(".gitattributes", "contracts export-ignore\n")
        commit(repository.root)
        assert names("git:HEAD", repository.root) == (A, B, C)

    def test_nothing_is_left_behind(
        self, repository: Repository, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spare = tmp_path_factory.mktemp("spare")
        monkeypatch.setattr("tempfile.tempdir", str(spare))
        load_revision("git:HEAD", str(repository.root))
        assert list(spare.iterdir()) == []

    def test_broken_contract_names_revision_and_line(self, repository: Repository) -> None:
        repository.write(f"contracts/{C}", 'syntax = "proto3";\npackage acme.c.v1;\nmessage {}\n')
        commit(repository.root)
        message = refusal("git:HEAD", repository.root)
        assert re.fullmatch(rf"git:HEAD: contracts/{re.escape(C)}:3:\d+: ?\S.*", message)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("git:nowhere", "git:nowhere: nowhere is no revision of this repository; give a branch, tag or commit"),
            ("git:--all", "git:--all: --all is no revision of this repository"),
            ("git:", "git:: names no revision; give git:REF[:PATH], for example git:HEAD"),
            ("git:HEAD:nowhere", "git:HEAD:nowhere: no contract at nowhere in that revision"),
            ("git:HEAD:../..", "git:HEAD:../..: ../.. is outside of the repository"),
        ],
    )
    def test_mistakes_are_one_clear_line(self, repository: Repository, text: str, said: str) -> None:
        message = refusal(text, repository.root)
        assert message.startswith(said)
        assert "\n" not in message

    def test_directory_without_git_says_so(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        directory = tmp_path_factory.mktemp("plain")
        assert refusal("git:HEAD", directory) == (f"git:HEAD: {directory} is in no git repository; run this inside one")


class TestMistakes:
    def test_missing_file_lists_what_can_be_given(self, tmp_path: Path) -> None:
        message = refusal("nowhere.proto", tmp_path)
        assert message.startswith("nowhere.proto: no such file or directory; give a .proto file, a directory, an image")

    def test_unknown_kind_lists_what_can_be_given(self, tmp_path: Path) -> None:
        (tmp_path / "notes.md").write_text("x")
        assert refusal("notes.md", tmp_path).startswith("notes.md: of an unknown kind; give a .proto file")

    @pytest.mark.parametrize("place", ["spare", "contracts/none"])
    def test_directory_without_contracts_says_so(self, repository: Repository, place: str) -> None:
        (repository.root / place).mkdir()
        assert "holds no .proto file" in refusal(place, repository.root)

    def test_broken_contract_names_its_line(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(repository.root)
        repository.write(f"contracts/{C}", 'syntax = "proto3";\npackage acme.c.v1;\nmessage {}\n')
        assert re.fullmatch(rf"contracts/{re.escape(C)}:3:\d+: ?\S.*", refusal(".", repository.root))

    def test_broken_loose_contract_names_its_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "x.proto").write_text('syntax = "proto3";\nmessage {}\n')
        assert re.fullmatch(r"x\.proto:2:\d+: \S.*", refusal("x.proto", tmp_path))

    def test_missing_vendored_import_names_the_way_out(self, repository: Repository) -> None:
        repository.write(f"contracts/{C}", _RULED.format(name="c"))
        assert "name .protogate/protos in buf.yaml" in refusal(".", repository.root)

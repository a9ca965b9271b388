"""The contracts that other contracts import get from pinned packages into a directory."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from protogate.errors import UserError
from protogate.vendor import GOOGLE_API_PROTOS, VALIDATE_PROTO, write_vendored_protos
from protogate.vendor.protos import validate_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.vendor.conftest import Compiler


def texts_in(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_it_writes_validate_and_google_api_and_nothing_else(tmp_path: Path) -> None:
    written = write_vendored_protos(tmp_path / "new" / "protos")
    names = [path.relative_to(tmp_path / "new" / "protos").as_posix() for path in written]
    assert names == sorted((VALIDATE_PROTO, *GOOGLE_API_PROTOS))
    assert list(texts_in(tmp_path / "new" / "protos")) == names


def test_the_options_of_protogate_come_along_on_demand(tmp_path: Path, compile_texts: Compiler) -> None:
    written = write_vendored_protos(tmp_path / "vendored", options=True)
    assert tmp_path / "vendored" / "protogate/options/v1/options.proto" in written
    user = """
        syntax = "proto3";
        import "protogate/options/v1/options.proto";
        message User { option (protogate.options.v1.message).kind = KIND_ENTITY; }
        """
    assert "user.proto" in compile_texts({**texts_in(tmp_path / "vendored"), "user.proto": user})


def test_the_set_is_closed(tmp_path: Path, compile_texts: Compiler) -> None:
    write_vendored_protos(tmp_path / "vendored")
    texts = texts_in(tmp_path / "vendored")
    imported = compile_texts(texts).keys() - texts.keys()
    assert imported
    assert all(name.startswith("google/protobuf/") for name in imported)


def test_validate_proto_compiles_to_the_bytes_of_its_package(tmp_path: Path, compile_texts: Compiler) -> None:
    write_vendored_protos(tmp_path / "vendored")
    compiled = compile_texts(texts_in(tmp_path / "vendored"))[VALIDATE_PROTO]
    own, _ = validate_files()
    assert len(own.extension) == 4
    assert len(own.message_type) > 25
    assert compiled == own
    assert compiled.SerializeToString(deterministic=True) == own.SerializeToString(deterministic=True)


def test_google_api_texts_are_those_of_their_package(tmp_path: Path) -> None:
    write_vendored_protos(tmp_path)
    package = metadata.distribution("googleapis-common-protos")
    texts = texts_in(tmp_path)
    for name in GOOGLE_API_PROTOS:
        with open(str(package.locate_file(name)), encoding="utf-8") as original:  # noqa: PTH123
            assert texts[name] == original.read()


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    first = {path: path.stat().st_mtime_ns for path in write_vendored_protos(tmp_path)}
    for path in first:
        os.utime(path, ns=(1, 1))
    assert [path.stat().st_mtime_ns for path in write_vendored_protos(tmp_path)] == [1] * len(first)


def test_a_damaged_file_is_put_right_and_the_others_stay(tmp_path: Path) -> None:
    paths = write_vendored_protos(tmp_path)
    for path in paths:
        os.utime(path, ns=(1, 1))
    damaged = tmp_path / VALIDATE_PROTO
    right = damaged.read_text(encoding="utf-8")
    damaged.write_text("half a fi", encoding="utf-8")
    write_vendored_protos(tmp_path)
    assert damaged.read_text(encoding="utf-8") == right
    assert all(path.stat().st_mtime_ns == 1 for path in paths if path != damaged)


@pytest.mark.parametrize("package", ["protovalidate", "googleapis-common-protos"])
def test_a_missing_package_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    installed = metadata.distribution

    def without(name: str) -> metadata.Distribution:
        if name == package:
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(metadata, "distribution", without)
    with pytest.raises(UserError, match=package) as caught:
        write_vendored_protos(tmp_path)
    assert 'pip install "protogate[protos]"' in str(caught.value)
    assert texts_in(tmp_path) == {}


def test_a_protovalidate_without_its_descriptor_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(UserError, match=r"buf/validate/validate\.proto: not in .* protovalidate"):
        write_vendored_protos(tmp_path)


def test_a_directory_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match=r"taken/.*: cannot write: "):
        write_vendored_protos(tmp_path / "taken")


def test_an_interrupted_write_leaves_the_old_file_and_no_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / VALIDATE_PROTO
    path.parent.mkdir(parents=True)
    path.write_text("old", encoding="utf-8")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full_disk)
    with pytest.raises(UserError, match="no space left on device"):
        write_vendored_protos(tmp_path)
    assert texts_in(tmp_path) == {VALIDATE_PROTO: "old"}


def test_the_package_is_cheap_to_import() -> None:
    code = "import sys, protogate.vendor; print([m for m in sys.modules if 'protobuf' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"

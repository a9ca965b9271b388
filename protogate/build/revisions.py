"""Loads one version of contracts from wherever it is: a file, a directory, an image, a revision of git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from protogate.build.buf import find_buf, render_buf_errors
from protogate.build.identity import search_path
from protogate.build.images import Image, compile_place, parse_image
from protogate.build.project import YamlCache
from protogate.build.protos import PROTOS_DIRECTORY
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protogate.descriptors import Schema

__all__ = ["load_image", "load_revision"]

_GIT = "git:"
_BINARY = (".binpb", ".bin", ".pb", ".binpb.gz", ".bin.gz", ".pb.gz")
_OTHER = (".json", ".txtpb", ".yaml", ".json.gz", ".txtpb.gz", ".binpb.zst", ".bin.zst", ".json.zst", ".txtpb.zst")
_ALLOWED = "a .proto file, a directory, an image (.binpb, .json, .txtpb, also with .gz or .zst) or git:REF[:PATH]"
_CONFIGURATION = frozenset({"buf.yaml", "buf.lock", "buf.gen.yaml", "pyproject.toml"})
_REGULAR_FILES = ("100644", "100755")
_BUF_EXTENSION = 8042
"""`FileDescriptorProto.buf_extension` of images that buf wrote."""


def load_revision(text: str, root: str = ".", *, template: str = "buf.gen.yaml") -> Schema:
    """Return the contracts that `text` names, compiled; a mistake is a UserError with its place.

    Args:
        text: a `.proto` file, a directory, an image or `git:REF[:PATH]`.
        root: the project; paths are relative to it.
        template: the generation template, which says what the contracts of a whole project are.
    """
    return load_image(text, root, template=template).schema()


def load_image(text: str, root: str = ".", *, template: str = "buf.gen.yaml") -> Image:
    """Return what `load_revision` does, before it becomes a schema, with the places of its contracts."""
    if text.startswith(_GIT):
        return _load_from_git(text, root, template)
    path = os.path.join(root, text)
    if os.path.isdir(path) or (text.endswith(".proto") and os.path.isfile(path)):
        return _relative(compile_place(path, template=template), os.path.realpath(root))
    if not os.path.exists(path):
        raise UserError(f"{text}: no such file or directory; give {_ALLOWED}")
    if text.endswith(_BINARY):
        return _whole(parse_image(_read_binary(path, text), text), text)
    if text.endswith(_OTHER):
        return _whole(parse_image(_convert(path, text), text), text)
    raise UserError(f"{text}: of an unknown kind; give {_ALLOWED}")


def _whole(files: tuple[FileDescriptorProto, ...], label: str) -> Image:
    """Take every file of an image but those that are only there because others import them."""
    present = {file.name for file in files}
    for file in files:
        missing = next((name for name in file.dependency if name not in present), None)
        if missing is not None:
            raise UserError(f"{label}: lacks {missing}, which {file.name} imports; make the image with its imports")
    names = [file.name for file in files if not _is_import(file)] or [file.name for file in files]
    return Image(files, tuple(sorted(names)))


def _is_import(file: FileDescriptorProto) -> bool:
    """Tell whether buf marked the file as an import; protoc marks nothing but what it ships itself is known."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    unknown = UnknownFieldSet(file)
    for position in range(len(unknown)):
        if unknown[position].field_number == _BUF_EXTENSION:
            # ImageFileExtension: is_import = 1, written by buf as the first field.
            return bytes(unknown[position].data).startswith(b"\x08\x01")
    return file.name.startswith(("google/protobuf/", "buf/validate/", "google/api/"))


def _read_binary(path: str, label: str) -> bytes:
    import gzip
    import zlib

    try:
        with open(path, "rb") as file:
            content = file.read()
        return gzip.decompress(content) if path.endswith(".gz") else content
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UserError(f"{label}: is not compressed by gzip; make it with `buf build -o {label}`") from None
    except OSError as error:
        raise UserError(f"{label}: cannot be read: {error.strerror}") from None


def _convert(path: str, label: str) -> bytes:
    """Let buf read what is not plain binary."""
    search = search_path(os.environ)
    done = subprocess.run(
        [find_buf(search), "build", path, "-o", "-"],
        env={**os.environ, "PATH": search},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        told = render_buf_errors(done.stderr.decode("utf-8", "replace"), done.returncode)
        raise UserError(f"{label}: is no image: {told.splitlines()[0]}")
    return done.stdout


def _load_from_git(text: str, root: str, template: str) -> Image:
    ref, _, inside = text.removeprefix(_GIT).partition(":")
    if not ref:
        raise UserError(f"{text}: names no revision; give git:REF[:PATH], for example git:HEAD")
    with _exported(text, ref, root, template) as (tree, project):
        place = os.path.normpath(os.path.join(project, inside))
        if place != tree and not place.startswith(tree + os.sep):
            raise UserError(f"{text}: {inside} is outside of the repository")
        if not os.path.exists(place):
            missing = inside or os.path.relpath(project, tree)
            raise UserError(f"{text}: no contract at {missing} in that revision; paths count from the project")
        _lend_protos(place, tree, os.path.realpath(_toplevel(text, root)))
        try:
            image = compile_place(place, top=tree, template=template)
        except UserError as error:
            raise UserError(_without(str(error), tree, text)) from None
        return _relative(image, project)


def _relative(image: Image, root: str) -> Image:
    """Let the places of contracts count from the project, as far as they are in it."""
    prefix = os.path.join(root, "")
    return replace(image, paths={name: path.removeprefix(prefix) for name, path in image.paths.items()})


def _without(message: str, tree: str, text: str) -> str:
    """Say where in the revision, not where on disk it was unpacked."""
    label = text.removeprefix(_GIT).partition(":")[0]
    return "\n".join(f"{_GIT}{label}: {line.replace(tree + os.sep, '')}" for line in message.splitlines())


@contextmanager
def _exported(text: str, ref: str, root: str, template: str) -> Iterator[tuple[str, str]]:
    """Unpack the contracts and configuration of a revision; give its top and the project in it."""
    prefix = os.path.relpath(os.path.realpath(root), os.path.realpath(_toplevel(text, root)))
    entries = _listed(root, _resolved(text, ref, root), _CONFIGURATION | {os.path.basename(template)})
    with tempfile.TemporaryDirectory(prefix="protogate-") as name:
        tree = os.path.realpath(name)
        for path, content in zip(entries, _contents(root, list(entries.values())), strict=True):
            target = os.path.join(tree, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(content)
        yield tree, os.path.normpath(os.path.join(tree, prefix))


def _toplevel(text: str, root: str) -> str:
    code, said, complaint = _git(root, "rev-parse", "--show-toplevel")
    if code:
        if "not a git repository" in complaint:
            raise UserError(f"{text}: {os.path.abspath(root)} is in no git repository; run this inside one")
        raise UserError(f"{text}: git: {_first(complaint)}")
    return said.decode("utf-8", "surrogateescape").rstrip("\n")


def _resolved(text: str, ref: str, root: str) -> str:
    code, said, _ = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{tree}}")
    if code:
        raise UserError(
            f"{text}: {ref} is no revision of this repository; give a branch, tag or commit "
            "(a shallow clone has few: `git fetch --unshallow`)"
        )
    return said.decode("ascii").strip()


def _listed(root: str, tree: str, configuration: frozenset[str]) -> dict[str, str]:
    """Return the object of every contract and configuration file by its path."""
    code, said, complaint = _git(root, "ls-tree", "-r", "-z", "--full-tree", tree)
    if code:
        raise UserError(f"git ls-tree: {_first(complaint)}")
    found = {}
    for entry in said.decode("utf-8", "surrogateescape").split("\0"):
        about, _, path = entry.partition("\t")
        mode, _, rest = about.partition(" ")
        wanted = path.endswith(".proto") or os.path.basename(path) in configuration
        if wanted and mode in _REGULAR_FILES and ".." not in path.split("/"):
            found[path] = rest.partition(" ")[2]
    return found


def _contents(root: str, objects: Sequence[str]) -> Iterator[bytes]:
    """Read objects in one process; unlike `git archive` this heeds no export-ignore."""
    asked = "".join(f"{one}\n" for one in objects).encode()
    _, said, _ = _git(root, "cat-file", "--batch", text=asked)
    start = 0
    for one in objects:
        end = said.index(b"\n", start)
        header = said[start:end].split()
        if len(header) != 3:  # noqa: PLR2004 - object, type and size; else git says what is wrong with it
            raise UserError(f"git: object {one} cannot be read: {said[start:end].decode(errors='replace')}")
        size = int(header[2])
        yield said[end + 1 : end + 1 + size]
        start = end + size + 2


def _lend_protos(place: str, tree: str, toplevel: str) -> None:
    """Copy the vendored contracts of the checkout, which no revision holds, so that they need not be written anew."""
    workspace = place if os.path.isdir(place) else os.path.dirname(place)
    while YamlCache().load(workspace, "buf.yaml") is None:
        if workspace == tree:
            return
        workspace = os.path.dirname(workspace)
    source = os.path.join(toplevel, os.path.relpath(workspace, tree), PROTOS_DIRECTORY)
    target = os.path.join(workspace, PROTOS_DIRECTORY)
    if os.path.isdir(source) and not os.path.exists(target):
        shutil.copytree(source, target)
        if os.path.isfile(f"{source}.stamp"):
            shutil.copy(f"{source}.stamp", f"{target}.stamp")


def _git(root: str, *arguments: str, text: bytes = b"") -> tuple[int, bytes, str]:
    command: Sequence[str] = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=root, input=text, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("git: not found on PATH; install git to compare with a revision") from None
    except NotADirectoryError:
        raise UserError(f"{root}: is no directory; give the project's") from None
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _first(complaint: str) -> str:
    lines = complaint.strip().splitlines()
    return lines[0] if lines else "failed and said nothing"

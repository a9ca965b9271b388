"""Compiles contracts into images: with buf inside a workspace of buf.yaml, with protoc where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogate.build.buf import find_buf, render_buf_errors
from protogate.build.identity import search_path
from protogate.build.includes import (
    PROTOC,
    compiler_messages,
    import_root,
    include_roots,
    read_imports,
    well_known_protos,
)
from protogate.build.project import Input, Module, Project, YamlCache, load_project
from protogate.build.protos import PROTOS_DIRECTORY, ensure_protos, wants_protos
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protogate.descriptors import Schema

__all__ = [
    "Image",
    "Workspace",
    "compile_place",
    "compile_project",
    "display",
    "fill_protos",
    "find_workspace",
    "is_under",
    "no_contracts",
    "parse_image",
    "protos_below",
]


@dataclass(frozen=True, slots=True)
class Image:
    """Compiled contracts with all that they import."""

    files: tuple[FileDescriptorProto, ...] = field(repr=False)
    """Imports before those who import them, with source info."""
    names: tuple[str, ...]
    """Import names of the contracts that were asked for, sorted."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where each of them lies on disk; empty for what came as an image."""

    def schema(self) -> Schema:
        """Return the view that rules read."""
        from protogate.descriptors import Schema

        return Schema(self.files, self.names)

    def only(self, names: Sequence[str]) -> Image:
        """Return an image of some contracts, without what they do not import."""
        wanted = _closure(self.files, names)
        return Image(
            tuple(file for file in self.files if file.name in wanted),
            tuple(sorted(names)),
            {name: path for name, path in self.paths.items() if name in wanted},
        )


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a buf.yaml spans."""

    root: str
    modules: tuple[Module, ...]
    """Relative to the root."""

    def path_of(self, name: str) -> str | None:
        """Return where a file lies, relative to the root; None for what comes from elsewhere."""
        candidates = (os.path.normpath(os.path.join(module.path, name)) for module in self.modules)
        return next((path for path in candidates if os.path.isfile(os.path.join(self.root, path))), None)


def compile_place(place: str, *, top: str = os.sep, template: str = "buf.gen.yaml") -> Image:
    """Compile a contract or the contracts of a directory.

    The root of a project means what its template generates from; any other directory means every contract below it.

    Args:
        place: a `.proto` file or a directory.
        top: the directory above which no buf.yaml counts.
        template: the generation template of projects.
    """
    place = os.path.realpath(place)
    workspace = find_workspace(place if os.path.isdir(place) else os.path.dirname(place), os.path.realpath(top))
    if workspace is None:
        return _compile_loose(place)
    if place == workspace.root and os.path.isfile(os.path.join(place, template)):
        return compile_project(place, load_project(place, YamlCache(), template))
    relative = os.path.relpath(place, workspace.root)
    modules = [module for module in workspace.modules if module.path != PROTOS_DIRECTORY]
    if not any(is_under(relative, module.path) or is_under(module.path, relative) for module in modules):
        return _compile_loose(place)
    return _compile_workspace(workspace, (Input(relative),))


def compile_project(root: str, project: Project) -> Image:
    """Compile the contracts that a project generates from, by one call of buf."""
    return _compile_workspace(Workspace(root, project.modules), project.inputs)


def parse_image(content: bytes, label: str) -> tuple[FileDescriptorProto, ...]:
    """Return the files of a serialized image or descriptor set."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.message import DecodeError

    try:
        files = tuple(FileDescriptorSet.FromString(content).file)
    except DecodeError:
        files = ()
    if not files or not all(file.name for file in files):
        raise UserError(f"{label}: is no image; make one with `buf build -o {os.path.basename(label)}`")
    return files


def find_workspace(directory: str, top: str = os.sep) -> Workspace | None:
    """Return what the nearest buf.yaml at or above a directory spans; `top` is the last one that is looked at."""
    while True:
        document = YamlCache().load(directory, "buf.yaml")
        if document is not None:
            listed = document.get("modules") or [{"path": "."}]
            return Workspace(directory, tuple(Module(os.path.normpath(str(one.get("path", ".")))) for one in listed))
        parent = os.path.dirname(directory)
        if directory in {top, parent}:
            return None
        directory = parent


def _compile_workspace(workspace: Workspace, inputs: tuple[Input, ...]) -> Image:
    places = [os.path.join(workspace.root, one.directory) for one in inputs]
    if not any(os.path.isfile(place) or any(protos_below(place)) for place in places):
        raise no_contracts(", ".join(one.directory for one in inputs))
    fill_protos(workspace)
    built = _run_buf(workspace.root, _narrowest(workspace, inputs))
    names = {}
    for file in built:
        path = workspace.path_of(file.name)
        if path is None or is_under(path, PROTOS_DIRECTORY):
            continue
        if any(one.holds(path) for one in inputs):
            names[file.name] = os.path.normpath(os.path.join(workspace.root, path))
    if not names:
        raise no_contracts(", ".join(one.directory for one in inputs))
    return Image(built, (), names).only(tuple(names))


def _narrowest(workspace: Workspace, inputs: tuple[Input, ...]) -> list[str]:
    """Return the arguments that make buf compile no more than what is asked for, as far as it can be told."""
    if len(inputs) != 1 or inputs[0].paths or inputs[0].exclude_paths:
        return ["."]
    directory = inputs[0].directory
    if any(directory == module.path for module in workspace.modules):
        return [directory]
    if any(is_under(directory, module.path) for module in workspace.modules):
        return [".", "--path", directory]
    return ["."]


def fill_protos(workspace: Workspace) -> None:
    """Write the vendored contracts where the workspace wants them."""
    project = Project("buf.yaml", workspace.modules, (), (), {})
    if wants_protos(project):
        ensure_protos(workspace.root, project)


def _run_buf(root: str, arguments: Sequence[str]) -> tuple[FileDescriptorProto, ...]:
    path = search_path(os.environ)
    command = [find_buf(path), "build", *arguments, "--as-file-descriptor-set", "-o", "-"]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        told = render_buf_errors(done.stderr.decode("utf-8", "replace"), done.returncode)
        raise UserError("\n".join(_hinted(_placed(line, root)) for line in told.splitlines()))
    return parse_image(done.stdout, "buf build")


def _placed(line: str, root: str) -> str:
    """Make the place of a message one that the caller can open."""
    path, colon, rest = line.partition(":")
    if colon and os.path.isfile(os.path.join(root, path)):
        return f"{display(os.path.join(root, path))}:{rest}"
    return line


def _hinted(line: str) -> str:
    if line.endswith("imported file does not exist"):
        return f"{line}; for buf/validate, google/api and protogate/options name {PROTOS_DIRECTORY} in buf.yaml"
    return line


def _compile_loose(place: str) -> Image:
    """Compile what no module holds: imports count from the first directory above that resolves them."""
    directory, name = (place, "") if os.path.isdir(place) else os.path.split(place)
    contracts = (name,) if name else tuple(sorted(protos_below(place)))
    if not contracts:
        raise no_contracts(display(place))
    root, names = import_root(directory, contracts)
    with tempfile.TemporaryDirectory(prefix="protogate-") as staging:
        headers = {name: read_imports(os.path.join(root, name)) for name in names}
        includes = include_roots(root, headers, staging)
        image = os.path.join(staging, "image.binpb")
        _run_protoc(root, includes, names, image)
        with open(image, "rb") as file:
            files = parse_image(file.read(), "protoc")
    return Image(files, tuple(sorted(names)), {name: os.path.join(root, name) for name in names})


def protos_below(directory: str) -> Iterator[str]:
    """Yield every contract below a directory, relative to it."""
    for place, _, names in os.walk(directory):
        for name in names:
            if name.endswith(".proto"):
                yield os.path.relpath(os.path.join(place, name), directory)


def _run_protoc(root: str, includes: Sequence[str], names: Sequence[str], image: str) -> None:
    listing = f"{image}.names"
    with open(listing, "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in names)
    command = [
        sys.executable,
        "-c",
        PROTOC,
        *(f"-I{place}" for place in includes),
        f"-I{well_known_protos()}",
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={image}",
        f"@{listing}",
    ]
    done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        told = compiler_messages(done.stderr.decode("utf-8", "replace"))
        raise UserError("\n".join(_placed(line, root) for line in told if ": warning: " not in line))


def _closure(files: Sequence[FileDescriptorProto], names: Sequence[str]) -> set[str]:
    by_name = {file.name: file for file in files}
    seen: set[str] = set()
    todo = [*names]
    while todo:
        name = todo.pop()
        if name not in seen and name in by_name:
            seen.add(name)
            todo.extend(by_name[name].dependency)
    return seen


def display(path: str) -> str:
    """Return a path as people would type it here."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def no_contracts(place: str) -> UserError:
    """Return the error of a place that holds nothing to compile."""
    return UserError(f"{place}: holds no .proto file; give a contract or a directory of contracts")


def is_under(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or below it; both count from one place."""
    return directory in {".", path} or path.startswith(directory + "/")

"""Tells one version of a plugin from another, cheaply and without running it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from protogate import __version__
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.build.project import Project, Target

__all__ = ["TargetKeys", "search_path"]

_OWN = "protoc-gen-protogate-"
_SHARED_SOURCES = ("protoc_gen_protogate/kit", "protogate/descriptors", "protogate/cel")


def search_path(environment: Mapping[str, str]) -> str:
    """Return PATH with this interpreter's own scripts first: an environment needs no activation."""
    own = os.path.dirname(sys.executable)
    return os.pathsep.join([own, environment.get("PATH", os.defpath)])


class TargetKeys:
    """Keys of targets: equal keys promise equal outputs for equal contracts."""

    def __init__(self, root: str, project: Project, path: str) -> None:
        self._root = root
        self._project = project
        self._path = path
        self._sources: dict[str, str] = {}

    def key(self, target: Target) -> str:
        """Return the key of a target: its plugins, their versions and options."""
        shape = {
            "plugins": [{name: value for name, value in plugin.items() if name != "out"} for plugin in target.plugins],
            "identities": [self._identity(plugin) for plugin in target.plugins],
            "template": self._project.template,
            "modules": [(module.path, module.excludes) for module in self._project.modules],
            "lock": _content(os.path.join(self._root, "buf.lock")),
        }
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:32]

    def _identity(self, plugin: Mapping[str, Any]) -> str:
        if "remote" in plugin:
            return str(plugin["remote"])
        command = plugin["local"] if "local" in plugin else plugin.get("protoc_path", "protoc")
        words = command if isinstance(command, list) else [command]
        program = self._find(words[0])
        parts = [_stamp(words[0], program), *self._word_stamps(words[1:])]
        name = os.path.basename(words[0]).removesuffix(".exe")
        if name.startswith(_OWN) and os.path.dirname(program) == os.path.dirname(sys.executable):
            # The script itself never changes; the sources behind it do.
            parts = [__version__, self._own_sources(name.removeprefix(_OWN))]
        return " ".join(parts)

    def _find(self, program: str) -> str:
        found = (
            shutil.which(os.path.join(self._root, program))
            if os.path.dirname(program)
            else shutil.which(program, path=self._path)
        )
        if found is None:
            raise UserError(
                f"{self._project.template_name}: plugin '{program}' is not on PATH or cannot be "
                "executed; install it or remove its entry"
            )
        return found

    def _word_stamps(self, words: Iterable[str]) -> Iterable[str]:
        for word in words:
            path = os.path.join(self._root, word)
            yield _stamp(word, path) if os.path.isfile(path) else word

    def _own_sources(self, target: str) -> str:
        names = [*_SHARED_SOURCES, f"protoc_gen_protogate/targets/{target}"]
        return " ".join(self._tree_digest(name) for name in names) + _compiler_stamp(target)

    def _tree_digest(self, name: str) -> str:
        if name not in self._sources:
            self._sources[name] = _tree_digest(_package_root(name.partition("/")[0]), name)
        return self._sources[name]


def _package_root(package: str) -> str:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"{package}: not installed beside {sys.executable}; reinstall protogate")
    return os.path.dirname(next(iter(spec.submodule_search_locations)))


def _tree_digest(root: str, name: str) -> str:
    """Digest the Python sources of a package, or of the module of that name."""
    digest = hashlib.sha256()
    single = os.path.join(root, name + ".py")
    if os.path.isfile(single):
        digest.update(_content(single).encode())
    todo = [os.path.join(root, name)]
    while todo:
        directory = todo.pop()
        if not os.path.isdir(directory):
            continue
        for entry in sorted(os.scandir(directory), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    todo.append(entry.path)
            elif not entry.name.endswith((".pyc", ".pyo")):
                digest.update(os.path.relpath(entry.path, root).encode())
                digest.update(_content(entry.path).encode())
    return digest.hexdigest()[:32]


def _compiler_stamp(target: str) -> str:
    """Return the version of grpcio-tools, which writes the outputs of the grpc target."""
    if target != "grpc":
        return ""
    spec = find_spec("grpc_tools")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return " " + " ".join(_content(os.path.join(place, "grpc_version.py")) for place in places)


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def _stamp(name: str, path: str) -> str:
    """Return the name as written, so that it does not matter from where the project is built."""
    status = os.stat(path)
    return f"{name}:{status.st_size}:{status.st_mtime_ns}"

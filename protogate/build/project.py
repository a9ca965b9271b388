"""Turns buf.yaml and buf.gen.yaml into what the build graph works with: modules, inputs, targets."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Input", "Module", "Project", "Target", "YamlCache", "load_project", "modules_above"]

Document = dict[str, Any]
"""A parsed YAML document; Any because its shape is checked key by key where it is read."""

_KINDS = ("local", "remote", "protoc_builtin")


@dataclass(frozen=True, slots=True)
class Module:
    """A root that imports are resolved against, relative to the project."""

    path: str
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A directory whose contracts are generated."""

    directory: str
    paths: tuple[str, ...] = ()
    exclude_paths: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Tell whether the contract at this path, relative to the project, is generated."""
        if not _is_under(path, self.directory):
            return False
        if self.paths and not any(_is_under(path, some) for some in self.paths):
            return False
        return not any(_is_under(path, some) for some in self.exclude_paths)


@dataclass(frozen=True, slots=True)
class Target:
    """One output directory with the plugins that write into it."""

    out: str
    names: tuple[str, ...]
    """Short plugin names: protoc-gen-protogate-zod is `zod`."""
    plugins: tuple[Document, ...]

    @property
    def label(self) -> str:
        """The name that people read."""
        return "+".join(self.names)


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that the two configuration files say about a build."""

    template_name: str
    modules: tuple[Module, ...]
    inputs: tuple[Input, ...]
    targets: tuple[Target, ...]
    template: Document
    """The template without its plugins: inputs, managed mode."""

    def contracts_place(self) -> str:
        """Name the directories that should hold contracts, for messages."""
        return ", ".join(one.directory for one in self.inputs)


@dataclass(slots=True)
class YamlCache:
    """Parsed YAML by content hash, so that a build with nothing to do never imports a parser."""

    documents: dict[str, tuple[str, Document]] = field(default_factory=dict)
    has_news: bool = False
    """Whether a document was read that was not known."""

    def load(self, root: str, name: str) -> Document | None:
        """Return the document at `root/name`, or None when there is no such file."""
        try:
            with open(os.path.join(root, name), "rb") as file:
                content = file.read()
        except (FileNotFoundError, NotADirectoryError):
            self.documents.pop(name, None)
            return None
        except OSError as error:
            raise UserError(f"{name}: cannot read: {error.strerror}") from error
        digest = hashlib.sha256(content).hexdigest()
        known = self.documents.get(name)
        if known is not None and known[0] == digest:
            return known[1]
        document = _parse(content, name)
        self.has_news = True
        self.documents[name] = (digest, document)
        return document


def load_project(root: str, cache: YamlCache, template_name: str = "buf.gen.yaml") -> Project:
    """Read the project at `root`; a mistake in its configuration is a UserError with its place."""
    document = cache.load(root, template_name)
    if document is None:
        raise UserError(
            f"{template_name}: no such file in {root}; it lists the plugins to run and where their outputs go"
        )
    _require_v2(document, template_name)
    targets = _targets(document, template_name)
    inputs = _inputs(document, template_name)
    modules = _modules(root, cache, inputs)
    template = {key: value for key, value in document.items() if key not in {"plugins", "clean"}}
    return Project(template_name, modules, inputs, targets, template)


def modules_above(directory: str, cache: YamlCache) -> tuple[str, ...]:
    """Return the modules of the nearest buf.yaml at or above a directory, as absolute paths."""
    place = os.path.abspath(directory)
    while True:
        document = cache.load(place, "buf.yaml")
        if document is not None:
            listed = document.get("modules") or ()
            return tuple(os.path.join(place, str(module.get("path", "."))) for module in listed)
        parent = os.path.dirname(place)
        if parent == place:
            return ()
        place = parent


def _parse(content: bytes, name: str) -> Document:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader either way
        json.dumps(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise UserError(f"{place}: {error.problem}; correct the YAML here") from None
    except (yaml.YAMLError, TypeError) as error:
        raise UserError(f"{name}: cannot be read as YAML: {error}") from None
    if not isinstance(document, dict):
        raise UserError(f"{name}: a mapping with 'version: v2' is expected, this is empty or a list")
    return document


def _require_v2(document: Document, name: str) -> None:
    version = document.get("version")
    if version != "v2":
        raise UserError(f"{name}: version {version!r} is not known; use v2 (`buf config migrate`)")


def _targets(document: Document, name: str) -> tuple[Target, ...]:
    plugins = document.get("plugins")
    if not isinstance(plugins, list) or not plugins:
        raise UserError(f"{name}: 'plugins' is empty; list at least one plugin with its 'out'")
    by_out: dict[str, list[Document]] = {}
    for position, plugin in enumerate(plugins, 1):
        if not isinstance(plugin, dict):
            raise UserError(f"{name}: plugin {position} is {plugin!r}; a mapping is expected")
        out = plugin.get("out")
        if not isinstance(out, str) or not out:
            raise UserError(f"{name}: plugin {position} has no 'out'; name its output directory")
        _plugin_name(plugin, name, position)
        by_out.setdefault(os.path.normpath(out), []).append(plugin)
    return tuple(
        Target(
            out,
            tuple(dict.fromkeys(_plugin_name(plugin, name, 0) for plugin in group)),
            tuple(group),
        )
        for out, group in by_out.items()
    )


def _plugin_name(plugin: Document, template_name: str, position: int) -> str:
    kind = next((kind for kind in _KINDS if kind in plugin), None)
    if kind is None:
        raise UserError(f"{template_name}: plugin {position} needs one of {', '.join(_KINDS)}")
    command = plugin[kind]
    if isinstance(command, list) and command and all(isinstance(part, str) for part in command):
        # [python, -m, some.plugin] is known by what it runs, not by the interpreter.
        words = [part for part in command[1:] if not part.startswith("-")]
        command = words[0] if words else command[0]
    if not isinstance(command, str) or not command:
        raise UserError(
            f"{template_name}: plugin {position}: '{kind}: {command!r}' is not a command; use a name or a list of words"
        )
    base = os.path.basename(command).partition(":")[0]
    base = base.removesuffix(".exe").removesuffix(".py")
    return base.removeprefix("protoc-gen-").removeprefix("protogate-")


def _inputs(document: Document, name: str) -> tuple[Input, ...]:
    listed = document.get("inputs")
    if not listed:
        return (Input("."),)
    found = []
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("directory"), str):
            kind = next(iter(one), "?") if isinstance(one, dict) else one
            raise UserError(
                f"{name}: input {kind!r} cannot be tracked for changes; use 'directory: ...' "
                "or call `buf generate` yourself"
            )
        found.append(
            Input(
                os.path.normpath(one["directory"]),
                _normal_paths(one.get("paths")),
                _normal_paths(one.get("exclude_paths")),
            )
        )
    return tuple(found)


def _modules(root: str, cache: YamlCache, inputs: tuple[Input, ...]) -> tuple[Module, ...]:
    """Find the modules that each input belongs to, as buf does: the nearest buf.yaml upwards."""
    modules: dict[str, Module] = {}
    for one in inputs:
        for module in _modules_of(root, cache, one.directory):
            modules[module.path] = module
    return tuple(modules.values())


def _modules_of(root: str, cache: YamlCache, directory: str) -> Iterator[Module]:
    for place in _upwards(directory):
        name = os.path.normpath(os.path.join(place, "buf.yaml"))
        document = cache.load(root, name)
        if document is None:
            continue
        _require_v2(document, name)
        listed = document.get("modules") or [{"path": "."}]
        for module in listed:
            path = os.path.normpath(os.path.join(place, str(module.get("path", "."))))
            excludes = (os.path.join(place, some) for some in module.get("excludes") or ())
            yield Module(path, _normal_paths(excludes))
        return
    yield Module(directory)


def _upwards(directory: str) -> Iterator[str]:
    while directory not in {"", "."}:
        yield directory
        directory = os.path.dirname(directory)
    yield "."


def _normal_paths(paths: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(os.path.normpath(path) for path in paths or ())


def _is_under(path: str, directory: str) -> bool:
    return directory in {".", path} or path.startswith(directory + "/")

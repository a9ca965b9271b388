"""Documents: which definitions go into which file, and how files refer to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit import NotCarried, OutputFile, header_lines
from protoc_gen_protogate.targets.jsonschema.definitions import Definitions
from protoc_gen_protogate.targets.jsonschema.values import WELL_KNOWN_FILES, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protoc_gen_protogate.targets.jsonschema.definitions import Definition
    from protoc_gen_protogate.targets.jsonschema.values import Style
    from protogate.descriptors import File, Schema

__all__ = ["Identity", "file_documents", "message_documents", "package_documents"]

_DIALECTS: Final = {
    False: "http://json-schema.org/draft-07/schema#",
    True: "https://json-schema.org/draft/2020-12/schema",
}


class Identity(NamedTuple):
    """What a document says of itself."""

    id_prefix: str
    """Put before the document's path it makes the `$id`; empty for none."""
    registry_id: str
    proto_version: str


class _Document(NamedTuple):
    path: str
    sources: tuple[str, ...]
    entries: dict[str, Definition]
    root: str = ""
    """The message that the document itself describes; empty when it only holds definitions."""


def file_documents(schema: Schema, style: Style, identity: Identity) -> Iterator[OutputFile | NotCarried]:
    """One document a file, with references to the documents of the files it imports."""
    for file in schema.files_to_generate:
        names = _names_of(file)
        if not names:
            continue
        path = f"{file.stem}.schema.json"
        definitions = Definitions(schema, style, _Paths(schema, file, path))
        entries = {name: definitions.define(name) for name in names}
        _add_repeated(schema, definitions, entries)
        yield _render(_Document(path, (file.name,), entries), style, identity)
        yield from _reports(entries)


def message_documents(schema: Schema, style: Style, identity: Identity) -> Iterator[OutputFile | NotCarried]:
    """One document a message, which holds everything that the message refers to."""
    closures = _Closures(schema, style)
    for file in schema.files_to_generate:
        folder = file.name.rpartition("/")[0]
        for message in file.all_messages():
            path = f"{folder}/{message.full_name}.schema.json".lstrip("/")
            entries = closures.of([message.full_name])
            yield _render(_Document(path, (file.name,), entries, message.full_name), style, identity)
            yield from entries[message.full_name].not_carried


def package_documents(schema: Schema, style: Style, identity: Identity) -> Iterator[OutputFile | NotCarried]:
    """One document a package, which holds everything that the package's messages refer to."""
    closures = _Closures(schema, style)
    packages: dict[str, list[File]] = {}
    for file in schema.files_to_generate:
        packages.setdefault(file.package, []).append(file)
    for package, files in sorted(packages.items()):
        names = [name for file in files for name in _names_of(file)]
        if not names:
            continue
        path = f"{package.replace('.', '/')}/{package}.schema.json" if package else "no_package.schema.json"
        entries = closures.of(names)
        sources = tuple(file.name for file in files)
        yield _render(_Document(path, sources, entries), style, identity)
        yield from _reports({name: entries[name] for name in names})


def _names_of(file: File) -> list[str]:
    return [*(m.full_name for m in file.all_messages()), *(e.full_name for e in file.all_enums())]


def _reports(entries: dict[str, Definition]) -> Iterator[NotCarried]:
    for entry in entries.values():
        yield from entry.not_carried


class _Paths:
    """Finds the way from one file's document to the one that defines a type."""

    def __init__(self, schema: Schema, file: File, path: str) -> None:
        self._schema: Final = schema
        self._file: Final = file
        self._folders: Final = path.split("/")[:-1]
        self._known: Final[dict[str, str]] = {}

    def __call__(self, name: str) -> str:
        found = self._schema.messages.get(name) or self._schema.enum(name, wanted_by=self._file.name)
        owner = found.file
        if owner is self._file or owner.name in WELL_KNOWN_FILES:
            return ""
        path = self._known.get(owner.name)
        if path is None:
            path = self._known[owner.name] = _relative(self._folders, f"{owner.stem}.schema.json".split("/"))
        return path


def _relative(folders: Sequence[str], target: Sequence[str]) -> str:
    shared = 0
    while shared < min(len(folders), len(target) - 1) and folders[shared] == target[shared]:
        shared += 1
    path = "/".join([".."] * (len(folders) - shared) + list(target[shared:]))
    return path if _is_plain(path) else _percent_encoded(path)


def _is_plain(path: str) -> bool:
    return path.isascii() and path.replace("/", "").replace("_", "").replace(".", "").replace("-", "").isalnum()


def _percent_encoded(path: str) -> str:
    from urllib.parse import quote as percent_encode  # noqa: PLC0415 - paths are plain nearly always

    return percent_encode(path)


def _add_repeated(schema: Schema, definitions: Definitions, entries: dict[str, Definition]) -> None:
    """Add what no other document defines: scalars, well-known types, and messages that ship with the compiler."""
    repeated: dict[str, Definition] = {}
    waiting = sorted({need for entry in entries.values() for need in entry.needs})
    while waiting:
        name = waiting.pop()
        if name in entries or name in repeated or not _is_repeated(schema, name):
            continue
        repeated[name] = definitions.define(name)
        waiting += repeated[name].needs
    for name in sorted(repeated):
        entries[name] = repeated[name]


def _is_repeated(schema: Schema, name: str) -> bool:
    found = schema.messages.get(name) or schema.enums.get(name)
    return found is None or found.file.name in WELL_KNOWN_FILES


class _Closures:
    """Collects everything that some definitions refer to, directly or not."""

    def __init__(self, schema: Schema, style: Style) -> None:
        self._definitions: Final = Definitions(schema, style, lambda _: "")
        self._known: Final[dict[str, Definition]] = {}

    def of(self, names: Iterable[str]) -> dict[str, Definition]:
        """The definitions of `names` in that order, then the others by name."""
        found = {name: self._define(name) for name in names}
        others: dict[str, Definition] = {}
        waiting = [need for entry in found.values() for need in entry.needs]
        while waiting:
            name = waiting.pop()
            if name not in found and name not in others:
                others[name] = self._define(name)
                waiting += others[name].needs
        return {**found, **{name: others[name] for name in sorted(others)}}

    def _define(self, name: str) -> Definition:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._definitions.define(name)
        return known


def _render(document: _Document, style: Style, identity: Identity) -> OutputFile:
    first, source = header_lines("jsonschema", ", ".join(document.sources))
    lines = [f'"$comment": {quote(f"{first} {source}")}', f'"$schema": "{_DIALECTS[style.is_2020]}"']
    if identity.id_prefix:
        lines.append(f'"$id": {quote(identity.id_prefix + document.path)}')
    if identity.registry_id:
        lines.append(f'"x-registry-id": {quote(identity.registry_id)}')
    if identity.proto_version:
        lines.append(f'"x-proto-version": {quote(identity.proto_version)}')
    if document.root:
        reference = style.local(document.root)
        # In draft-07 a $ref hides whatever stands beside it, the $id included.
        lines.append(reference[1:-1] if style.is_2020 else f'"allOf": [{reference}]')
    body = ",\n    ".join([f'"{name}": {entry.text}' for name, entry in document.entries.items()])
    lines.append(f'"{style.keyword}": {{\n    {body}\n  }}')
    return OutputFile(document.path, "{\n  " + ",\n  ".join(lines) + "\n}\n")

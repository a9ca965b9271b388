"""What a client sends, text or descriptor, with references, to a schema that can be compared and stored."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from protogate.descriptors import Schema
from protogate.descriptors.wire import WireError, read_varint
from protogate.errors import UserError
from protogate.vendor.printer import print_file
from registry import protoc as protoc_in_process
from registry.canonical import parse_file, parse_image, sort_file, strip_to_canonical
from registry.errors import InvalidSchemaError, ReferenceNotFoundError
from registry.imports import built_in, is_protobufs_own
from registry.protoc import ProtocError
from registry.values import NewVersion, named_descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import Message

    from registry.protoc import Protoc
    from registry.values import Reference, StoredVersion

__all__ = [
    "CompiledSchema",
    "Imports",
    "compile_schema",
    "content_id_of",
    "gather_imports",
    "open_stored",
    "suggest_file_name",
]

_SANE_NAME: Final = re.compile(r"(?=.{1,250}\Z)[A-Za-z0-9_][A-Za-z0-9_\-.]*(?:/[A-Za-z0-9_][A-Za-z0-9_\-.]*)*\.proto")
"""Of a file below a root: never an option of protoc, nor a way out of the root."""
_UNNAMED: Final = "schema.proto"
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_BASE64_GROUP: Final = 4
_IMPORT: Final = re.compile(r"""\bimport\b\s*(?:public\b|weak\b|option\b)?\s*["']([^"'\n]+)["']""")
_FIRST_FIELD: Final = b"\x0a"
_SCHEME: Final = b"protogate.content.1\n"
"""Changes when the canonical form does, so that ids of another form never meet."""


@dataclass(frozen=True, slots=True)
class Imports:
    """All that a schema imports, by import path."""

    files: Mapping[str, FileDescriptorProto]
    """Referenced and built-in ones, transitively."""
    content_ids: Mapping[str, str]
    """Of the referenced ones."""

    def behind(self, names: Iterable[str]) -> tuple[FileDescriptorProto, ...]:
        """Give `names` and all they import, imports first."""
        found: dict[str, FileDescriptorProto] = {}
        waiting = [(name, False) for name in reversed(tuple(names))]
        # A loop instead of recursion: chains of imports may be as long as their author likes.
        entered: set[str] = set()
        while waiting:
            name, is_left = waiting.pop()
            file = self.files.get(name)
            if file is None or name in found:
                continue
            if is_left:
                found[name] = file
            elif name not in entered:
                entered.add(name)
                waiting.append((name, True))
                waiting += [(each, False) for each in reversed(_dependencies(file))]
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A schema that compiles, on its way to a check or into the store."""

    file_name: str
    content_id: str
    text: str
    canonical: bytes
    source_info: bytes
    references: tuple[Reference, ...]
    imports: tuple[FileDescriptorProto, ...] = field(repr=False)
    """Imports first."""

    @property
    def size(self) -> int:
        """Bytes of the descriptors of the file and its imports: what a cache goes by."""
        return len(self.canonical) + len(self.source_info) + sum(each.ByteSize() for each in self.imports)

    def file(self) -> FileDescriptorProto:
        """Give the descriptor of the main file without source info."""
        return parse_file(named_descriptor(self.file_name, self.canonical))

    def schema(self) -> Schema:
        """Build the view that `protogate.compat` compares; the main file is the one to generate."""
        infos = {self.file_name: memoryview(self.source_info)}
        return Schema((*self.imports, self.file()), (self.file_name,), infos)

    def new_version(self, metadata: Mapping[str, object] | None = None) -> NewVersion:
        """Give what the store keeps."""
        return NewVersion(
            content_id=self.content_id,
            file_name=self.file_name,
            text=self.text,
            canonical=self.canonical,
            source_info=self.source_info,
            references=self.references,
            metadata=metadata or {},
        )


def compile_schema(  # noqa: PLR0913 - what a schema is, and how it is compiled
    source: str,
    references: Sequence[Reference],
    imports: Imports,
    *,
    file_name: str = "",
    normalize: bool = False,
    protoc: Protoc = protoc_in_process,
) -> CompiledSchema:
    """Compile Protobuf text, or base64 of a serialized FileDescriptorProto or FileDescriptorSet.

    Args:
        source: what the client sent.
        references: as the client sent them, versions resolved.
        imports: what `gather_imports` found for them.
        file_name: of the schema, where the caller knows one.
        normalize: make the result independent of the order in which the schema is written.
        protoc: runs here or elsewhere.

    Raises:
        InvalidSchemaError: it does not compile.
    """
    name = file_name if _SANE_NAME.fullmatch(file_name) else ""
    sent = _decode(source)
    if sent is None:
        compiled = _from_text(name or _UNNAMED, source, references, imports, protoc)
    else:
        compiled = _from_descriptor(name, sent, references, imports, protoc)
    return _normalized(compiled, imports, protoc) if normalize else compiled


def gather_imports(references: Iterable[Reference], resolve: Callable[[Reference], StoredVersion | None]) -> Imports:
    """Load what references stand for, transitively; a direct reference wins over one further away.

    Raises:
        ReferenceNotFoundError: a version is not there.
    """
    files: dict[str, FileDescriptorProto] = {}
    content_ids: dict[str, str] = {}
    waiting = list(references)
    for each in waiting:  # Grows while it runs: breadth first.
        if each.name in files or is_protobufs_own(each.name):
            continue
        stored = resolve(each)
        if stored is None:
            raise ReferenceNotFoundError(
                f"reference {each.name!r}: version {each.version} of subject {each.subject!r} is not in the registry;"
                " register it first"
            )
        files[each.name] = parse_file(named_descriptor(each.name, stored.canonical))
        content_ids[each.name] = stored.content_id
        waiting += stored.references
    _add_built_ins(files, (name for file in tuple(files.values()) for name in _dependencies(file)))
    return Imports(files, content_ids)


def open_stored(stored: StoredVersion, imports: Imports) -> CompiledSchema:
    """Give a stored version as it was compiled, without compiling it again."""
    return _compiled(
        stored.file_name,
        _with_built_ins(imports, _dependencies(parse_file(stored.canonical))),
        text=stored.text,
        canonical=stored.canonical,
        source_info=stored.source_info,
        references=stored.references,
    )


def content_id_of(canonical: bytes, imported: Mapping[str, str]) -> str:
    """Give the SHA-256 of a canonical descriptor and of the content ids behind its referenced imports, by path."""
    # What comes with the compiler is the same whether or not somebody registered it.
    own = {name: content_id for name, content_id in imported.items() if content_id and not is_protobufs_own(name)}
    parts = [f"{name}\0{content_id}\n".encode() for name, content_id in sorted(own.items())]
    return hashlib.sha256(b"".join((_SCHEME, *parts, b"\0", canonical))).hexdigest()


def suggest_file_name(subject: str) -> str:
    """Give the file name that a subject stands for, or an empty one: a subject may be the path of a contract."""
    name = subject.rpartition(":")[2] if subject.startswith(":.") else subject
    return name if _SANE_NAME.fullmatch(name) else ""


def _decode(source: str) -> bytes | None:
    """Give the bytes of a descriptor; None for text, which always has a character that base64 has not."""
    packed = source.strip()
    if not _BASE64.fullmatch(packed) or len(packed) % _BASE64_GROUP:
        return None
    return b64decode(packed)


def _from_text(
    name: str, text: str, references: Sequence[Reference], imports: Imports, protoc: Protoc
) -> CompiledSchema:
    # A comment may show how to import the file itself.
    files = _with_built_ins(imports, [one for one in _IMPORT.findall(text) if one != name])
    name = _free_name(name, files.files)
    try:
        text.encode()
        image = protoc.compile_text(name, text, _serialized(files))
    except UnicodeEncodeError as error:
        raise InvalidSchemaError(f"{name}: the schema holds half a surrogate pair, which is no text") from error
    except ProtocError as error:
        raise _refusal(error, name, files) from error
    file = parse_image(image)[0]
    info = file.source_code_info.SerializeToString()
    return _compiled(
        name, files, text=text, canonical=strip_to_canonical(file), source_info=info, references=references
    )


def _from_descriptor(
    name: str, data: bytes, references: Sequence[Reference], imports: Imports, protoc: Protoc
) -> CompiledSchema:
    sent = _read_descriptor(data)
    files = _with_built_ins(imports, _dependencies(sent))
    name = _free_name(name or (sent.name if _SANE_NAME.fullmatch(sent.name) else _UNNAMED), files.files)
    sent.name = name
    # A set brings the source info of its author.
    info = sent.source_code_info.SerializeToString()
    sent.ClearField("source_code_info")
    _refuse_broken_options(sent, files)
    try:
        image = protoc.compile_descriptor(name, sent.SerializeToString(), _serialized(files))
        file = parse_image(image)[0]
        text = print_file(file, files.behind(_dependencies(file)))
    except ProtocError as error:
        raise _refusal(error, name, files) from error
    except (UserError, ValueError, TypeError, KeyError) as error:
        raise InvalidSchemaError(f"{name}: the descriptor cannot be written as text: {error}") from error
    return _compiled(
        name, files, text=text, canonical=strip_to_canonical(file), source_info=info, references=references
    )


def _read_descriptor(data: bytes) -> FileDescriptorProto:
    """Read a FileDescriptorProto, or a FileDescriptorSet, whose last file is the main one.

    The others of a set are passed over: what they are is for references to say, which stay when the set is gone.
    """
    try:
        file = parse_image(data)[-1] if _is_image(data) else parse_file(data)
    except DecodeError as error:
        raise InvalidSchemaError("the schema is neither Protobuf text nor base64 of a descriptor") from error
    if not _is_all_text(file):
        raise InvalidSchemaError("the descriptor has names or values that are not UTF-8")
    return file


def _refuse_broken_options(sent: FileDescriptorProto, files: Imports) -> None:
    """Refuse options that are no messages of their types: protoc would take the process along."""
    try:
        print_file(sent, files.behind(_dependencies(sent)))
    except DecodeError as error:
        raise InvalidSchemaError(f"{sent.name}: the descriptor has an option that cannot be read") from error
    except Exception:  # noqa: BLE001, S110 - anything else protoc refuses, and says better why
        pass


def _is_all_text(message: Message) -> bool:
    """Whether all strings of a descriptor are UTF-8, without which protoc would take the process along."""
    waiting = [message]
    for each in waiting:  # Grows while it runs.
        for part, value in each.ListFields():
            values = value if part.is_repeated else (value,)
            if part.message_type is not None:
                # protoc never sees the source info.
                waiting += values if part.name != "source_code_info" else ()
            # What is not UTF-8 is given as bytes.
            elif part.type == FieldDescriptor.TYPE_STRING and not all(isinstance(one, str) for one in values):
                return False
    return True


def _is_image(data: bytes) -> bool:
    """Whether it is a set: both start with field 1, of a file the name, of a set a file, which starts with field 1."""
    try:
        _, first = read_varint(data, 1)
    except WireError:
        return False
    return data[first : first + 1] == _FIRST_FIELD


def _normalized(compiled: CompiledSchema, imports: Imports, protoc: Protoc) -> CompiledSchema:
    text = print_file(sort_file(compiled.file()), compiled.imports)
    return _from_text(compiled.file_name, text, compiled.references, imports, protoc)


def _compiled(  # noqa: PLR0913 - the parts of one value
    name: str,
    imports: Imports,
    *,
    text: str,
    canonical: bytes,
    source_info: bytes,
    references: Sequence[Reference],
) -> CompiledSchema:
    names = _dependencies(parse_file(canonical))
    return CompiledSchema(
        file_name=name,
        content_id=content_id_of(canonical, {each: imports.content_ids.get(each, "") for each in names}),
        text=text,
        canonical=canonical,
        source_info=source_info,
        references=tuple(references),
        imports=imports.behind(names),
    )


def _with_built_ins(imports: Imports, names: Iterable[str]) -> Imports:
    files = dict(imports.files)
    _add_built_ins(files, names)
    return Imports(files, imports.content_ids)


def _add_built_ins(files: dict[str, FileDescriptorProto], names: Iterable[str]) -> None:
    waiting = list(names)
    for name in waiting:
        if name not in files:
            found = built_in(name)
            if found is not None:
                files[name] = found
                waiting += _dependencies(found)


def _serialized(imports: Imports) -> Iterator[bytes]:
    return (each.SerializeToString() for each in imports.files.values())


def _free_name(name: str, taken: Mapping[str, FileDescriptorProto]) -> str:
    """Give a name that is none of an import: a file without a name of its own may be called like one."""
    while name in taken:
        name = f"_/{name}"
    return name


def _refusal(error: ProtocError, name: str, imports: Imports) -> InvalidSchemaError:
    missing = _missing_import(error.lines, imports)
    if missing:
        return InvalidSchemaError(
            f"{name}: imports {missing!r}, for which there is no reference; add one with this name", error.lines
        )
    return InvalidSchemaError(error.lines[0], error.lines)


def _missing_import(lines: Sequence[str], imports: Imports) -> str:
    for line in lines:
        name, colon, said = line.partition(": ")
        if colon and said.startswith("File not found") and name not in imports.files:
            return name
    return ""


def _dependencies(file: FileDescriptorProto) -> tuple[str, ...]:
    return (*file.dependency, *file.option_dependency)

"""The values of the registry: subjects, versions, references."""

from __future__ import annotations

import uuid
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from protogate.descriptors.wire import write_varint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.findings import Finding

__all__ = [
    "GLOBAL",
    "HIGHEST_NUMBER",
    "LATEST",
    "AccessMode",
    "Head",
    "NewVersion",
    "Reference",
    "Registered",
    "StoredVersion",
    "Verdict",
    "context_of",
    "guid_of",
    "named_descriptor",
]

GLOBAL = None
"""In place of a subject: the setting that holds where a subject has none of its own."""

HIGHEST_NUMBER = 2**31 - 1
"""Of versions and ids: clients send them as four bytes."""

LATEST = -1
"""In place of a version: the newest kept one, as Confluent's clients write it."""


class AccessMode(StrEnum):
    """What may be done to a subject: Confluent's `/mode`."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    """Of all subjects, whatever they say themselves; only ever the global one."""
    IMPORT = "IMPORT"
    """Versions come with their ids, and nobody asks for compatibility."""


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """What a schema imports: the import path and the registered version that stands for it."""

    name: str
    """The import path, such as `acme/common/v1/money.proto`."""
    subject: str
    version: int
    """`LATEST` is taken as the version that is the newest one at that moment."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A compiled schema on its way into the store."""

    content_id: str
    """SHA-256, hex: see DESIGN.md, Registry."""
    file_name: str
    """The name of the main file in its descriptor set."""
    text: str
    """Protobuf source; printed from the descriptor where a client sent none."""
    canonical: bytes
    """The FileDescriptorProto of the main file without name and source info."""
    source_info: bytes
    """Serialized SourceCodeInfo of the main file; empty where a client sent only a descriptor."""
    references: tuple[Reference, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """A version without its content: enough to look up a verdict."""

    version: int
    schema_id: int
    content_id: str
    file_name: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a subject, as the store gives it back."""

    subject: str
    """With its context, `:.ctx:name`, outside of the default one."""
    version: int
    """From 1, without gaps while nothing is deleted for good."""
    schema_id: int
    """One number for one content, shared by subjects of a context: what Confluent's wire format carries."""
    content_id: str
    file_name: str
    text: str
    canonical: bytes
    """The FileDescriptorProto of the main file without name and source info; `descriptor` is named."""
    packed_source_info: bytes
    """As `source_info`, compressed by zlib; empty where there is none."""
    references: tuple[Reference, ...]
    metadata: Mapping[str, object]
    deleted: bool
    """Softly: hidden, yet still there for readers of old data."""

    @property
    def descriptor(self) -> bytes:
        """The canonical FileDescriptorProto of the main file, without source info."""
        return named_descriptor(self.file_name, self.canonical)

    @property
    def source_info(self) -> bytes:
        """Serialized SourceCodeInfo of the main file; empty where a client sent only a descriptor."""
        return zlib.decompress(self.packed_source_info) if self.packed_source_info else b""

    @property
    def guid(self) -> str:
        """The same for the same content in every registry."""
        return guid_of(self.content_id)

    @property
    def context(self) -> str:
        """The context of the subject, `.ctx`; empty for the default one."""
        return context_of(self.subject)


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a registration."""

    stored: StoredVersion
    new: bool
    """False where the subject already had this content."""
    findings: tuple[Finding, ...] = ()
    """Warnings of the check: what fails it is an `IncompatibleError`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    compatible: bool
    findings: tuple[Finding, ...]
    """Of all compared versions, sorted; warnings do not make a schema incompatible."""
    level: str
    """The level that was asked for, such as `FULL_TRANSITIVE`."""
    compared: tuple[int, ...]
    """The versions that were compared; none where the subject is new or the level is NONE."""


def context_of(subject: str) -> str:
    """Give the context of a subject: `.ctx` of `:.ctx:name`, else the empty default context."""
    if not subject.startswith(":."):
        return ""
    context, colon, _ = subject[1:].partition(":")
    # `:.:name` is a long way to write a subject of the default context.
    return context if colon and context != "." else ""


def guid_of(content_id: str) -> str:
    """Give the UUID that stands for a content: the first half of its digest."""
    return str(uuid.UUID(bytes=bytes.fromhex(content_id[:32]), version=5))


def named_descriptor(file_name: str, canonical: bytes) -> bytes:
    """Put the name, which is field 1, in front of a descriptor without one."""
    name = file_name.encode()
    return b"\x0a" + write_varint(len(name)) + name + canonical

"""The values of the registry: subjects, versions, references."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AccessMode", "NewVersion", "Reference", "StoredVersion"]


class AccessMode(StrEnum):
    """What may be done to a subject: Confluent's `/mode`."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """What a schema imports: the import path and the registered version that stands for it."""

    name: str
    """The import path, such as `acme/common/v1/money.proto`."""
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A compiled schema on its way into the store."""

    content_id: str
    """SHA-256, hex: see DESIGN.md, Registry."""
    file_name: str
    """The name of the main file in its descriptor set."""
    text: str
    """Protobuf source; printed from the descriptor where a client sent none."""
    descriptor: bytes
    """The canonical FileDescriptorProto of the main file, without source info."""
    source_info: bytes
    """Serialized SourceCodeInfo of the main file; empty where a client sent only a descriptor."""
    references: tuple[Reference, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)


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
    descriptor: bytes
    source_info: bytes
    references: tuple[Reference, ...]
    metadata: Mapping[str, object]
    deleted: bool
    """Softly: hidden, yet still there for readers of old data."""

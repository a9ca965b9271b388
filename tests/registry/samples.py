"""Schemas for tests of the registry."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from registry.values import NewVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.values import Reference

__all__ = ["accept_all", "message_text", "new_version", "user_text"]


def accept_all() -> None:
    """Refuse nothing."""


def new_version(
    name: str = "User", *, references: tuple[Reference, ...] = (), metadata: Mapping[str, object] | None = None
) -> NewVersion:
    """A version whose content is a message `name`: other name, other content."""
    canonical = FileDescriptorProto(message_type=[DescriptorProto(name=name)]).SerializeToString()
    return NewVersion(
        content_id=hashlib.sha256(canonical).hexdigest(),
        file_name="user.proto",
        text=f"message {name} {{}}\n",
        canonical=canonical,
        source_info=b"\x0a\x03\x12\x01" + name.encode()[:1],
        references=references,
        metadata=metadata or {},
    )


def message_text(*fields: str, name: str = "User", imports: tuple[str, ...] = (), package: str = "acme") -> str:
    """A proto3 file with one message."""
    lines = ['syntax = "proto3";', f"package {package};"]
    lines += (f'import "{each}";' for each in imports)
    lines += (f"message {name} {{", *(f"  {each}" for each in fields), "}")
    return "\n".join(lines) + "\n"


def user_text(number: int = 0) -> str:
    """A schema that is compatible with the others of its kind, whatever their numbers."""
    return message_text("string name = 1;", f"string field_{number} = {number + 2};")

"""A schema without its custom options, for readers that do not have what declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.vendor.printer import print_file
from registry.canonical import parse_file

if TYPE_CHECKING:
    from registry.values import StoredVersion

__all__ = ["without_extensions"]


def without_extensions(version: StoredVersion) -> str:
    """The text of a version without custom options."""
    file = parse_file(version.descriptor)
    # Options were read by classes that know no extension: what is unknown in them is custom.
    file.DiscardUnknownFields()
    return print_file(file)

"""Enum classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoc_gen_protogate.kit.python_text import docstring, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.descriptors import Enum

__all__ = ["enum_text"]


def enum_text(enum: Enum, class_name: str, members: Mapping[str, str]) -> str:
    """The class of `enum`."""
    return "".join(_lines(enum, class_name, members))


def _lines(enum: Enum, class_name: str, members: Mapping[str, str]) -> Iterator[str]:
    yield f"class {class_name}(_pg.{'ClosedEnum' if enum.is_closed else 'OpenEnum'}):\n"
    doc = enum.doc
    yield docstring(doc or f"`{enum.full_name}`.", "    ")
    yield "\n"
    escaped = [f"{literal(member)}: {literal(name)}" for name, member in members.items() if name != member]
    if escaped:
        yield f"    __proto_names__ = {{{', '.join(escaped)}}}\n"
    if enum.deprecated:
        yield "    __deprecated__ = True\n"
    for value in enum.values:
        yield f"    {members[value.name]} = {value.number}\n"
        doc = value.doc
        if doc:
            yield docstring(doc, "    ")

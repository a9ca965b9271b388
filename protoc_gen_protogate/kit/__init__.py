"""What a target needs to be a plugin."""

from protoc_gen_protogate.kit.options import Choice, Flag, Text
from protoc_gen_protogate.kit.output import NotCarried, OutputFile, header_lines
from protoc_gen_protogate.kit.plugin import Plugin, respond

__all__ = [
    "Choice",
    "Flag",
    "NotCarried",
    "OutputFile",
    "Plugin",
    "Text",
    "header_lines",
    "respond",
]

"""The zod target: `<stem>.zod.ts` for every contract, and the runtime modules that they import."""

from __future__ import annotations

from typing import Final

from protoc_gen_protogate.kit import Choice, Flag, Plugin
from protoc_gen_protogate.targets.zod.generate import generate

__all__ = ["PLUGIN", "main"]

PLUGIN: Final = Plugin(
    target="zod",
    summary="TypeScript types and zod 4 schemas that read every ProtoJSON form of a message",
    options=(
        Choice("import_extension", ("js", "none", "ts"), "how relative imports end"),
        Choice("int64", ("string", "bigint"), "what a parsed 64-bit integer is"),
        Choice("bytes", ("base64", "uint8array"), "what parsed bytes are"),
        Flag("descriptions", "give schemas the comments of messages and fields as their description"),
    ),
    generate=generate,
)


def main() -> int:
    """Run as an executable; returns the exit code."""
    return PLUGIN.main()

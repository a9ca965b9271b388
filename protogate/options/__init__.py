"""The options that a contract can say about itself; see `options.proto` for what each one means."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PROTO_PATH", "proto_text"]

PROTO_PATH = "protogate/options/v1/options.proto"
"""What a contract imports."""

_PACKAGE_PARENT = Path(__file__).parents[2]


def proto_text() -> str:
    """The text of `options.proto`: the wheel carries it, a checkout has it among its contracts."""
    shipped = _PACKAGE_PARENT / PROTO_PATH
    if not shipped.exists():
        shipped = _PACKAGE_PARENT / "contracts" / PROTO_PATH
    return shipped.read_text(encoding="utf-8")

"""What the options say, for all contracts of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.contract.layers import Templates

__all__ = ["Settings"]


class Settings(NamedTuple):
    """The options, checked."""

    names: str
    version: str
    """The version of every contract; empty for that of its package."""
    event_kind: str
    templates: Templates

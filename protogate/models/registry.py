"""Which model stands for which message: what an Any and the bridges look up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogate.models.message import Message

__all__ = ["register", "registered"]

_MODELS: dict[str, type[Message]] = {}


def register(full_name: str, model: type[Message]) -> None:
    """Let `model` stand for `full_name`; of several the last one defined does."""
    _MODELS[full_name] = model


def registered(full_name: str) -> type[Message] | None:
    """The model of `full_name`, None when its module is not imported."""
    return _MODELS.get(full_name)

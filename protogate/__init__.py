"""Protogate: one Protobuf contract drives every layer of a strangler migration."""

from protogate.errors import InternalError, ProtogateError, UserError

__all__ = ["InternalError", "ProtogateError", "UserError", "__version__"]

__version__ = "0.2.0"

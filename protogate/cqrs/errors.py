"""What can go wrong when a command is carried out, one tree below `ProtogateError`.

::

    ProtogateError
    └── CqrsError
        ├── ConflictError         the stream is at another version than expected
        ├── KeyReusedError        the idempotency key came before with another body
        ├── RefusedError          the aggregate refuses the command
        │   ├── ClaimedError      somebody else has the name that it wants
        │   └── UnknownAggregateError
        ├── DataError             an event, a stream name or a snapshot that no store takes
        └── StoreUnavailableError the store cannot answer now; nothing was written

The gateway answers each class with one status, see `gateway/problems.py`.
"""

from __future__ import annotations

from protogate.errors import ProtogateError

__all__ = [
    "ClaimedError",
    "ConflictError",
    "CqrsError",
    "DataError",
    "KeyReusedError",
    "RefusedError",
    "StoreUnavailableError",
    "UnknownAggregateError",
]


class CqrsError(ProtogateError):
    """Root of what commands, queries and stores raise on purpose."""


class ConflictError(CqrsError):
    """The stream is at another version than the caller expected; nothing was written."""

    def __init__(self, stream: str, expected: str, actual: int) -> None:
        """Say which stream, what was expected (as `expectation_text` words it), and its version now; 0 means empty."""
        super().__init__(f"stream {stream!r} is at version {actual}, expected was {expected}; read it again")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class KeyReusedError(CqrsError):
    """An idempotency key that is known came with another body; nothing was written."""

    def __init__(self, scope: str, key: str) -> None:
        """Say which key."""
        super().__init__(f"idempotency key {key!r} was used in {scope} with another body; choose a new key")
        self.scope = scope
        self.key = key


class RefusedError(CqrsError):
    """The aggregate is in a state in which the command cannot be carried out; nothing was written."""


class ClaimedError(RefusedError):
    """A name that only one may have belongs to another; nothing was written."""

    def __init__(self, space: str, name: str) -> None:
        """Say which name of which space."""
        super().__init__(f"{space} {name!r} is taken; choose another")
        self.space = space
        self.name = name


class UnknownAggregateError(RefusedError):
    """The command or query is about an aggregate that has no events."""

    def __init__(self, category: str, aggregate: str) -> None:
        """Say which aggregate."""
        super().__init__(f"{category} {aggregate!r} does not exist")
        self.category = category
        self.aggregate = aggregate


class DataError(CqrsError):
    """Something that no store takes: a stream without category, data that is no JSON object."""


class StoreUnavailableError(CqrsError):
    """The store cannot answer now: locked, full, read-only, unreachable. Nothing was acknowledged; try again."""

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        """Say why, and after how many seconds another try makes sense."""
        super().__init__(message)
        self.retry_after = retry_after

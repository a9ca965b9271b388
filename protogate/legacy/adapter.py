"""What the bridge asks of a mapping that was made to run: rows to documents and back, and the rules of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from protogate.errors import ProtogateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protogate.legacy.mapping import BridgeMapping

__all__ = ["Adapter", "RowError"]

Json: TypeAlias = Any
"""What `json.loads` gives; Any because JSON nests."""


class RowError(ProtogateError):
    """One row cannot be taken over: a value that has no place in the contract, or a rule that it breaks."""

    def __init__(self, column: str, reason: str, value: object = None) -> None:
        """Say which column, and why; the value is shown shortened."""
        shown = "" if value is None else f" ({value!r:.60})"
        super().__init__(f"{column}: {reason}{shown}")
        self.column = column
        self.reason = reason


class Adapter(NamedTuple):
    """A mapping, compiled; made by `protogate.legacy.compiling.compile_adapter`."""

    mapping: BridgeMapping
    columns: tuple[str, ...]
    """Those that rows are read with, in the order in which rows have them."""
    to_document: Callable[[Sequence[Any]], dict[str, Json]]
    """A row as the database driver gives it to the canonical ProtoJSON of the message.

    Raises:
        RowError: a value cannot be converted, or breaks a `buf.validate` rule of the message.
    """
    to_row: Callable[[Mapping[str, Json]], dict[str, Any]]
    """A document to the values of the mapped columns, as the driver takes them; the inverse wherever a conversion has
    one. Raises `RowError` for a value that the column cannot hold."""
    stream_id: Callable[[Sequence[Any]], str]
    """The id of a row's stream: the key columns as text, joined by `,`, with `%`, `,` and control characters escaped as
    in URLs."""
    key_of: Callable[[str], tuple[Any, ...]]
    """The inverse: the key columns of a stream's id, numbers as numbers and everything else as text."""

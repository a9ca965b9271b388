"""How far a bootstrap has come, so that the next run need not begin anew.

The event store is the truth: a note that is lost or old costs time and nothing else. It is written beside and renamed,
so it is whole or the one before.
"""

from __future__ import annotations

import json
import os
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from protogate.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Checkpoint", "CheckpointFile", "Counts"]

_FORMAT: Final = 1
_TYPES: Final[dict[str, Any]] = {
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}
"""Of keys that JSON has no word for."""


class Counts(NamedTuple):
    """Rows, by what became of them."""

    read: int = 0
    written: int = 0
    present: int = 0
    """Had their events already, with the same document."""
    different: int = 0
    """Have events that say something else: they changed since, on either side."""
    rejected: int = 0

    def plus(self, **more: int) -> Counts:
        """Add to some of them."""
        return self._replace(**{name: getattr(self, name) + count for name, count in more.items()})


class Checkpoint(NamedTuple):
    """What a run may rely on."""

    mapping: str
    """Digest of the mapping."""
    source: str
    """The database and the table, without a password."""
    where: str
    counts: Counts = Counts()
    after: tuple[Any, ...] | None = None
    """The key of the last row that is done."""
    rejects_size: int = 0
    """Bytes of the file of rejected rows that belong to the rows that are done."""
    is_done: bool = False


class CheckpointFile:
    """The note of one subject."""

    def __init__(self, folder: Path, subject: str) -> None:
        """Keep it in a folder, which exists."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", subject)
        self.path = folder / f"{name}.checkpoint.json"
        self.rejects = folder / f"{name}.rejected.jsonl"

    def load(self) -> Checkpoint | None:
        """The note; None without one.

        Raises:
            UserError: it cannot be read.
        """
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UserError(f"{self.path}: cannot be read: {error}; delete it to begin anew") from None
        if document.get("format") != _FORMAT:
            raise UserError(f"{self.path}: is of another version of protogate; delete it to begin anew")
        after = document["after"]
        return Checkpoint(
            document["mapping"],
            document["source"],
            document["where"],
            Counts(**document["counts"]),
            None if after is None else tuple(map(_read, after)),
            document["rejects_size"],
            document["is_done"],
        )

    def save(self, note: Checkpoint) -> None:
        """Keep a note in the place of the last one.

        Raises:
            UserError: it cannot be written.
        """
        after = None if note.after is None else [_written(value) for value in note.after]
        document = {"format": _FORMAT, **note._asdict(), "counts": note.counts._asdict(), "after": after}
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            raise UserError(f"{self.path}: {(error.strerror or str(error)).lower()}") from None

    def forget(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)
        self.rejects.unlink(missing_ok=True)


def _written(value: Any) -> Any:
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, Decimal | UUID):
        return {type(value).__name__.lower(): str(value)}
    return {type(value).__name__: value.isoformat()}


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    return _TYPES[name](text)

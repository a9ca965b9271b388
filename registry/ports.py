"""What the registry asks of a database. Every store passes tests/registry/store_contract.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from registry.values import AccessMode, NewVersion, Reference, StoredVersion

__all__ = ["Store"]


class Store(Protocol):
    """Subjects and versions that many processes share; every method is one transaction."""

    def add(
        self, subject: str, new: NewVersion, accept: Callable[[Sequence[StoredVersion]], None], *, schema_id: int = 0
    ) -> tuple[StoredVersion, bool]:
        """Add a version unless the newest kept one with this content exists; give it and whether it is new.

        `accept` sees the kept versions of the subject, oldest first, inside the transaction, and raises to refuse.
        `schema_id` is given by imports only.
        """
        ...

    def version(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion | None:
        """One version; softly deleted ones only when asked for."""
        ...

    def latest(self, subject: str) -> StoredVersion | None:
        """The newest kept version."""
        ...

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """All versions of a subject, oldest first."""
        ...

    def by_id(self, schema_id: int, context: str = "") -> StoredVersion | None:
        """The first version with this id, deleted or not."""
        ...

    def by_content(self, subject: str, content_id: str, *, deleted: bool = False) -> StoredVersion | None:
        """The newest version of a subject with this content."""
        ...

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:
        """Names of subjects that have a version, sorted."""
        ...

    def uses_of(self, schema_id: int, context: str = "", *, deleted: bool = False) -> tuple[tuple[str, int], ...]:
        """Subject and version of every use of an id."""
        ...

    def referenced_by(self, reference: Reference) -> tuple[StoredVersion, ...]:
        """Kept versions that refer to (subject, version); the name does not matter."""
        ...

    def delete(self, subject: str, version: int | None, *, permanent: bool) -> tuple[int, ...]:
        """Delete one version or, with None, all; give what was deleted."""
        ...

    def compatibility(self, subject: str | None) -> str | None:
        """The level of a subject or, with None, the global one; None where none is set."""
        ...

    def set_compatibility(self, subject: str | None, level: str | None) -> None:
        """Set a level; None removes it."""
        ...

    def access_mode(self, subject: str | None) -> AccessMode | None:
        """The access mode of a subject or, with None, the global one; None where none is set."""
        ...

    def set_access_mode(self, subject: str | None, mode: AccessMode | None) -> None:
        """Set an access mode; None removes it."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...

"""What the registry asks of a database. Every store passes tests/registry/store_contract.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from registry.values import AccessMode, Head, NewVersion, StoredVersion

__all__ = ["Store"]

Result = TypeVar("Result")


class Store(Protocol):
    """Subjects and versions that many threads and processes share; every method is one transaction.

    Writes go one after another, over all processes: what a transaction reads stays true until it ends.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """Make all calls of this thread inside the block one transaction; an exception undoes them.

        Blocks nest: an inner one that fails is undone alone, which is how one commit carries many registrations.
        """
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Make all reads of this thread inside the block see one state; writers do not wait for it."""
        ...

    def batch(self, jobs: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
        """Run jobs in one transaction, so that they share one commit; give each one's result or its own failure.

        A job that fails is undone alone. When the commit fails, all jobs have failed, with that failure.
        """
        ...

    def add(
        self,
        subject: str,
        new: NewVersion,
        accept: Callable[[], None],
        *,
        schema_id: int = 0,
        version: int = 0,
    ) -> tuple[StoredVersion, bool]:
        """Add a version unless a kept one has this content; give it and whether it is new.

        `accept` runs inside the transaction when there is something to add, and raises to refuse. `schema_id` and
        `version` are given by imports only. Metadata that is given and differs makes a new version of the same id.

        Raises:
            ReferenceNotFoundError: a reference is not there.
            IdMismatchError: the id or the version already means something else.
        """
        ...

    def restore(self, versions: Iterable[StoredVersion]) -> int:
        """Put versions of an export back as they were, all or none; give how many were not there before.

        Raises:
            ReferenceNotFoundError: a reference is neither there nor among them.
            IdMismatchError: an id or a version already means something else.
        """
        ...

    def version(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion | None:
        """One version; softly deleted ones only when asked for."""
        ...

    def latest(self, subject: str, *, deleted: bool = False) -> StoredVersion | None:
        """The newest version that is kept."""
        ...

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """All versions of a subject, oldest first."""
        ...

    def heads(self, subject: str, *, deleted: bool = False, last: int = 0) -> tuple[Head, ...]:
        """The versions of a subject without their content, oldest first; with `last`, only that many newest ones."""
        ...

    def by_id(self, schema_id: int, context: str = "") -> StoredVersion | None:
        """The first version with this id, deleted or not."""
        ...

    def by_guid(self, guid: str) -> StoredVersion | None:
        """The first version with this content, of any context, deleted or not."""
        ...

    def by_content(self, subject: str, content_id: str, *, deleted: bool = False) -> StoredVersion | None:
        """The newest version of a subject with this content."""
        ...

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:
        """Names of subjects that have a version, sorted; with `deleted` also those whose versions are all deleted."""
        ...

    def contexts(self) -> tuple[str, ...]:
        """Contexts that have a subject, the default one, which is empty, first."""
        ...

    def uses_of(self, schema_id: int, context: str = "", *, deleted: bool = False) -> tuple[tuple[str, int], ...]:
        """Subject and version of every use of an id, sorted."""
        ...

    def ids_of(self, content_id: str) -> tuple[tuple[str, int], ...]:
        """Context and id of a content, sorted."""
        ...

    def referenced_by(self, subject: str, version: int, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """Versions that refer to this one, under whatever name, by subject and version."""
        ...

    def delete(self, subject: str, version: int | None, *, permanent: bool) -> tuple[int, ...]:
        """Delete one version or, with None, all; give what was deleted.

        Softly deletes what is kept; `permanent` removes what was softly deleted. Levels and modes go with the last
        kept version. What may be deleted is for the service to say.
        """
        ...

    def level(self, subject: str | None) -> str | None:
        """The compatibility level of a subject or, with None, the global one; None where none is set."""
        ...

    def set_level(self, subject: str | None, level: str | None) -> None:
        """Set a compatibility level; None removes it."""
        ...

    def access_mode(self, subject: str | None) -> AccessMode | None:
        """The access mode of a subject or, with None, the global one; None where none is set."""
        ...

    def set_access_mode(self, subject: str | None, mode: AccessMode | None) -> None:
        """Set an access mode; None removes it."""
        ...

    def settings(
        self, scopes: Sequence[str | None] | None = None
    ) -> tuple[tuple[str | None, str | None, AccessMode | None], ...]:
        """Scopes (None is the global one) with their levels and modes, sorted; those that have either, of `scopes`."""
        ...

    def stamp(self) -> int | None:
        """A number that differs once another thread or process has committed; None where asking costs a round trip.

        Only numbers that one thread was given can be compared, and what that thread itself commits does not count.
        """
        ...

    def is_alive(self) -> bool:
        """Whether the database answers."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...

"""What both stores have in common: the statements of a store, in the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

import json
import re
import zlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final, TypeVar

from registry.errors import IdMismatchError, ReferenceNotFoundError, StoreError
from registry.values import HIGHEST_NUMBER, AccessMode, Head, NewVersion, Reference, StoredVersion, context_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Parameters", "Row", "SqlStore"]

Row = tuple[Any, ...]
"""A row of a result; the statement says what is in it."""
Parameters = tuple[int | str | bytes | None, ...]

Result = TypeVar("Result")

_NO_TEXT: Final = re.compile(r"[\x00\ud800-\udfff]")
_GLOBAL_SCOPE: Final = ""

_VERSION: Final = """
    SELECT s.subject, s.name, v.version, v.schema_id, c.digest, v.file_name, c.schema_text, c.canonical, c.source_info,
           v.metadata, v.deleted
      FROM versions v JOIN subjects s ON s.subject = v.subject JOIN contents c ON c.content = v.content """


class SqlStore(ABC):
    """A store in terms of statements; where they run, and what a transaction is, say the subclasses."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Make all calls of this thread inside the block one transaction; blocks nest."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Make all reads of this thread inside the block see one state; writers do not wait for it."""

    @abstractmethod
    def _rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement with `?` for parameters, in the transaction of this thread if there is one."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    # Writing.

    def batch(self, jobs: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
        """Run jobs in one transaction, so that they share one commit; give each one's result or its own failure."""
        try:
            with self.transaction():
                return [self._attempt(job) for job in jobs]
        except StoreError as error:
            return [error for _ in jobs]

    def _attempt(self, job: Callable[[], Result]) -> Result | Exception:
        try:
            with self.transaction():
                return job()
        except StoreError:
            # The database has failed, and with it the transaction that all jobs share.
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this job
            return error

    def add(
        self,
        subject: str,
        new: NewVersion,
        accept: Callable[[], None],
        *,
        schema_id: int = 0,
        version: int = 0,
    ) -> tuple[StoredVersion, bool]:
        """Add a version unless a kept one has this content; give it and whether it is new."""
        with self.transaction():
            same = self.by_content(subject, new.content_id)
            if same is not None and _says_the_same(same, new, schema_id, version):
                return same, False
            accept()
            packed = _pack(new.source_info)
            content, is_known = self._content(new, packed)
            stored = StoredVersion(
                subject=subject,
                version=version or self._next_version(subject),
                schema_id=self._schema_id(content, context_of(subject), schema_id, may_have_one=is_known),
                content_id=new.content_id,
                file_name=new.file_name,
                text=new.text,
                canonical=new.canonical,
                packed_source_info=packed,
                references=new.references,
                metadata=new.metadata,
                deleted=False,
            )
            self._insert_row(stored, content, is_given=bool(version))
            self._insert_references(stored)
            return stored, True

    def restore(self, versions: Iterable[StoredVersion]) -> int:
        """Put versions of an export back as they were, all or none; give how many were not there before."""
        with self.transaction():
            missing = [each for each in versions if not self._has(each)]
            for each in missing:
                self._insert_row(each, self._restored_content(each), is_given=True)
            # Behind all versions: an export may hold the referring one first.
            for each in missing:
                self._insert_references(each)
            return len(missing)

    def delete(self, subject: str, version: int | None, *, permanent: bool) -> tuple[int, ...]:
        """Delete one version or, with None, all; give what was deleted."""
        with self.transaction():
            number = self._subject(subject)
            heads = self.heads(subject, deleted=True)
            chosen = tuple(
                each.version for each in heads if each.deleted is permanent and version in (None, each.version)
            )
            if number is None:
                return ()
            if permanent:
                self._remove(number, chosen)
            else:
                self._hide(number, chosen)
            if not self.heads(subject, last=1):
                self._rows("DELETE FROM settings WHERE scope = ?", (subject,))
            return chosen

    def set_level(self, subject: str | None, level: str | None) -> None:
        """Set a compatibility level; None removes it."""
        self._set("compatibility", subject, level)

    def set_access_mode(self, subject: str | None, mode: AccessMode | None) -> None:
        """Set an access mode; None removes it."""
        self._set("access_mode", subject, mode)

    # Reading.

    def version(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion | None:
        """One version; softly deleted ones only when asked for."""
        if not 0 < version <= HIGHEST_NUMBER:
            return None
        return self._one("WHERE s.name = ? AND v.version = ? AND v.deleted <= ?", (subject, version, int(deleted)))

    def latest(self, subject: str, *, deleted: bool = False) -> StoredVersion | None:
        """The newest version that is kept."""
        return self._one("WHERE s.name = ? AND v.deleted <= ? ORDER BY v.version DESC LIMIT 1", (subject, int(deleted)))

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """All versions of a subject, oldest first."""
        return self._many("WHERE s.name = ? AND v.deleted <= ? ORDER BY v.version", (subject, int(deleted)))

    def heads(self, subject: str, *, deleted: bool = False, last: int = 0) -> tuple[Head, ...]:
        """The versions of a subject without their content, oldest first; with `last`, only that many newest ones."""
        rows = self._find(
            """SELECT v.version, v.schema_id, c.digest, v.file_name, v.deleted
                 FROM versions v JOIN subjects s ON s.subject = v.subject JOIN contents c ON c.content = v.content
                WHERE s.name = ? AND v.deleted <= ? ORDER BY v.version DESC LIMIT ?""",
            (subject, int(deleted), last or HIGHEST_NUMBER),
        )
        return tuple(
            Head(version, schema_id, bytes(digest).hex(), file_name, bool(gone))
            for version, schema_id, digest, file_name, gone in reversed(rows)
        )

    def by_id(self, schema_id: int, context: str = "") -> StoredVersion | None:
        """The first version with this id, deleted or not."""
        if not 0 < schema_id <= HIGHEST_NUMBER:
            return None
        return self._one(
            """JOIN schema_ids i ON i.content = v.content AND i.context = s.context
               WHERE i.context = ? AND i.schema_id = ? ORDER BY v.deleted, s.subject, v.version LIMIT 1""",
            (context, schema_id),
        )

    def by_guid(self, guid: str) -> StoredVersion | None:
        """The first version with this content, of any context, deleted or not."""
        # Six bytes are as in the digest; version and variant of the UUID stand in the two behind them.
        prefix = bytes.fromhex(guid.replace("-", "")[:12])
        rows = self._find(
            "SELECT digest FROM contents WHERE digest >= ? AND digest <= ? ORDER BY digest",
            (prefix, prefix + b"\xff" * 26),
        )
        found = (self._by_digest(bytes(row[0])) for row in rows)
        return next((each for each in found if each is not None and each.guid == guid.lower()), None)

    def by_content(self, subject: str, content_id: str, *, deleted: bool = False) -> StoredVersion | None:
        """The newest version of a subject with this content."""
        return self._one(
            "WHERE s.name = ? AND c.digest = ? AND v.deleted <= ? ORDER BY v.version DESC LIMIT 1",
            (subject, bytes.fromhex(content_id), int(deleted)),
        )

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:
        """Names of subjects that have a version, sorted."""
        rows = self._find(
            """SELECT name FROM subjects s
                WHERE name >= ? AND substr(name, 1, ?) = ?
                  AND EXISTS (SELECT 1 FROM versions v WHERE v.subject = s.subject AND v.deleted <= ?)
                ORDER BY name""",
            (prefix, len(prefix), prefix, int(deleted)),
        )
        return tuple(row[0] for row in rows)

    def contexts(self) -> tuple[str, ...]:
        """Contexts that have a subject, the default one, which is empty, first."""
        rows = self._find("SELECT DISTINCT context FROM subjects ORDER BY context")
        return ("", *(row[0] for row in rows if row[0]))

    def uses_of(self, schema_id: int, context: str = "", *, deleted: bool = False) -> tuple[tuple[str, int], ...]:
        """Subject and version of every use of an id, sorted."""
        if not 0 < schema_id <= HIGHEST_NUMBER:
            return ()
        rows = self._find(
            """SELECT s.name, v.version
                 FROM schema_ids i JOIN versions v ON v.content = i.content
                 JOIN subjects s ON s.subject = v.subject AND s.context = i.context
                WHERE i.context = ? AND i.schema_id = ? AND v.deleted <= ? ORDER BY s.name, v.version""",
            (context, schema_id, int(deleted)),
        )
        return tuple((row[0], row[1]) for row in rows)

    def ids_of(self, content_id: str) -> tuple[tuple[str, int], ...]:
        """Context and id of a content, sorted."""
        rows = self._find(
            """SELECT i.context, i.schema_id FROM contents c JOIN schema_ids i ON i.content = c.content
                WHERE c.digest = ? ORDER BY i.context""",
            (bytes.fromhex(content_id),),
        )
        return tuple((row[0], row[1]) for row in rows)

    def referenced_by(self, subject: str, version: int, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """Versions that refer to this one, under whatever name, by subject and version."""
        return self._many(
            """WHERE v.deleted <= ? AND (v.subject, v.version) IN (
                 SELECT r.subject, r.version FROM version_references r JOIN subjects t ON t.subject = r.to_subject
                  WHERE t.name = ? AND r.to_version = ?)
               ORDER BY s.name, v.version""",
            (int(deleted), subject, version),
        )

    def level(self, subject: str | None) -> str | None:
        """The compatibility level of a subject or, with None, the global one; None where none is set."""
        rows = self._find("SELECT compatibility FROM settings WHERE scope = ?", (subject or _GLOBAL_SCOPE,))
        return rows[0][0] if rows else None

    def access_mode(self, subject: str | None) -> AccessMode | None:
        """The access mode of a subject or, with None, the global one; None where none is set."""
        rows = self._find("SELECT access_mode FROM settings WHERE scope = ?", (subject or _GLOBAL_SCOPE,))
        return AccessMode(rows[0][0]) if rows and rows[0][0] else None

    def settings(
        self, scopes: Sequence[str | None] | None = None
    ) -> tuple[tuple[str | None, str | None, AccessMode | None], ...]:
        """Scopes (None is the global one) with their levels and modes, sorted; those that have either, of `scopes`."""
        statement = "SELECT scope, compatibility, access_mode FROM settings"
        if scopes is not None:
            statement += f" WHERE scope IN ({', '.join('?' * len(scopes))})"
        wanted = tuple(scope or _GLOBAL_SCOPE for scope in scopes or ())
        rows = self._find(f"{statement} ORDER BY scope", wanted)
        return tuple((row[0] or None, row[1], AccessMode(row[2]) if row[2] else None) for row in rows)

    def stamp(self) -> int | None:
        """A number that differs once another thread or process has committed; None where asking costs a round trip."""
        return None

    def is_alive(self) -> bool:
        """Whether the database answers."""
        return bool(self._rows("SELECT 1"))

    # Steps.

    def _find(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Read rows; by a name that no database can hold there are none."""
        if any(isinstance(each, str) and _NO_TEXT.search(each) for each in parameters):
            return []
        return self._rows(statement, parameters)

    def _one(self, condition: str, parameters: Parameters) -> StoredVersion | None:
        rows = self._find(_VERSION + condition, parameters)
        return self._stored(rows[0]) if rows else None

    def _many(self, condition: str, parameters: Parameters) -> tuple[StoredVersion, ...]:
        return tuple(self._stored(row) for row in self._find(_VERSION + condition, parameters))

    def _stored(self, row: Row) -> StoredVersion:
        subject, name, version, schema_id, digest, file_name, text, canonical, source_info, metadata, deleted = row
        return StoredVersion(
            subject=name,
            version=version,
            schema_id=schema_id,
            content_id=bytes(digest).hex(),
            file_name=file_name,
            text=zlib.decompress(text).decode(),
            canonical=zlib.decompress(canonical),
            packed_source_info=bytes(source_info),
            references=self._references(subject, version),
            metadata=json.loads(metadata) if metadata else {},
            deleted=bool(deleted),
        )

    def _references(self, subject: int, version: int) -> tuple[Reference, ...]:
        rows = self._rows(
            """SELECT r.name, t.name, r.to_version
                 FROM version_references r JOIN subjects t ON t.subject = r.to_subject
                WHERE r.subject = ? AND r.version = ? ORDER BY r.place""",
            (subject, version),
        )
        return tuple(Reference(*row) for row in rows)

    def _by_digest(self, digest: bytes) -> StoredVersion | None:
        return self._one("WHERE c.digest = ? ORDER BY v.deleted, s.subject, v.version LIMIT 1", (digest,))

    def _subject(self, name: str) -> int | None:
        rows = self._find("SELECT subject FROM subjects WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def _ensured_subject(self, name: str) -> int:
        found = self._subject(name)
        if found is not None:
            return found
        number = self._next_number("SELECT max(subject) FROM subjects")
        self._rows("INSERT INTO subjects (subject, name, context) VALUES (?, ?, ?)", (number, name, context_of(name)))
        return number

    def _next_version(self, subject: str) -> int:
        return self._next_number(
            "SELECT max(v.version) FROM versions v JOIN subjects s ON s.subject = v.subject WHERE s.name = ?",
            (subject,),
        )

    def _next_number(self, statement: str, parameters: Parameters = ()) -> int:
        return (self._rows(statement, parameters)[0][0] or 0) + 1

    def _content(self, new: NewVersion, packed: bytes) -> tuple[int, bool]:
        """Give the number of a content, which is written unless it is there, and whether it was known."""
        digest = bytes.fromhex(new.content_id)
        parts = (zlib.compress(new.text.encode()), zlib.compress(new.canonical), packed)
        rows = self._rows("SELECT content, length(schema_text) FROM contents WHERE digest = ?", (digest,))
        if not rows:
            number = self._next_number("SELECT max(content) FROM contents")
            self._rows("INSERT INTO contents VALUES (?, ?, ?, ?, ?)", (number, digest, *parts))
            return number, False
        number, size = rows[0]
        if not size:  # Deleted for good before.
            self._rows(
                "UPDATE contents SET schema_text = ?, canonical = ?, source_info = ? WHERE content = ?",
                (*parts, number),
            )
        return int(number), True

    def _schema_id(self, content: int, context: str, wanted: int, *, may_have_one: bool) -> int:
        """Give the id of a content in a context: the one it has, the wanted one or the next one."""
        if may_have_one:
            rows = self._rows("SELECT schema_id FROM schema_ids WHERE content = ? AND context = ?", (content, context))
            if rows:
                if wanted not in (0, rows[0][0]):
                    raise IdMismatchError(f"id {wanted}: this content has the id {rows[0][0]} already")
                return int(rows[0][0])
        schema_id = wanted or self._next_number("SELECT max(schema_id) FROM schema_ids WHERE context = ?", (context,))
        if wanted and self._rows("SELECT 1 FROM schema_ids WHERE context = ? AND schema_id = ?", (context, schema_id)):
            raise IdMismatchError(f"id {wanted}: stands for another content already")
        self._rows("INSERT INTO schema_ids VALUES (?, ?, ?)", (context, schema_id, content))
        return schema_id

    def _insert_row(self, stored: StoredVersion, content: int, *, is_given: bool) -> None:
        """Write a version, whose number is given by an import or is free."""
        subject = self._ensured_subject(stored.subject)
        if is_given and self._rows(
            "SELECT 1 FROM versions WHERE subject = ? AND version = ?", (subject, stored.version)
        ):
            raise IdMismatchError(f"{stored.subject}: version {stored.version} is there already with another content")
        self._rows(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                subject,
                stored.version,
                content,
                stored.schema_id,
                stored.file_name,
                json.dumps(dict(stored.metadata), sort_keys=True) if stored.metadata else "",
                int(stored.deleted),
            ),
        )

    def _insert_references(self, stored: StoredVersion) -> None:
        if not stored.references:
            return
        subject = self._ensured_subject(stored.subject)
        for place, each in enumerate(stored.references):
            target = self._subject(each.subject)
            if target is None or not self._rows(
                "SELECT 1 FROM versions WHERE subject = ? AND version = ?", (target, each.version)
            ):
                raise ReferenceNotFoundError(
                    f"{stored.subject}: reference {each.name!r}: version {each.version} of subject "
                    f"{each.subject!r} is not in the registry; register it first"
                )
            self._rows(
                "INSERT INTO version_references VALUES (?, ?, ?, ?, ?, ?)",
                (subject, stored.version, place, each.name, target, each.version),
            )

    def _has(self, stored: StoredVersion) -> bool:
        there = self.version(stored.subject, stored.version, deleted=True)
        if there is None:
            return False
        if (there.content_id, there.schema_id) != (stored.content_id, stored.schema_id):
            raise IdMismatchError(
                f"{stored.subject}: version {stored.version} is there already with another content or id"
            )
        return True

    def _restored_content(self, stored: StoredVersion) -> int:
        content, is_known = self._content(_as_new(stored), stored.packed_source_info)
        self._schema_id(content, stored.context, stored.schema_id, may_have_one=is_known)
        return content

    def _hide(self, subject: int, versions: Sequence[int]) -> None:
        for version in versions:
            self._rows("UPDATE versions SET deleted = 1 WHERE subject = ? AND version = ?", (subject, version))

    def _remove(self, subject: int, versions: Sequence[int]) -> None:
        for version in versions:
            key = (subject, version)
            content = self._rows("SELECT content FROM versions WHERE subject = ? AND version = ?", key)[0][0]
            self._rows("DELETE FROM version_references WHERE subject = ? AND version = ?", key)
            self._rows("DELETE FROM versions WHERE subject = ? AND version = ?", key)
            if not self._rows("SELECT 1 FROM versions WHERE content = ? LIMIT 1", (content,)):
                self._rows(
                    "UPDATE contents SET schema_text = ?, canonical = ?, source_info = ? WHERE content = ?",
                    (b"", b"", b"", content),
                )
        if not self._rows("SELECT 1 FROM versions WHERE subject = ? LIMIT 1", (subject,)):
            self._rows("DELETE FROM subjects WHERE subject = ?", (subject,))

    def _set(self, column: str, subject: str | None, value: str | None) -> None:
        scope = subject or _GLOBAL_SCOPE
        with self.transaction():
            if not self._rows("SELECT 1 FROM settings WHERE scope = ?", (scope,)):
                self._rows("INSERT INTO settings (scope) VALUES (?)", (scope,))
            self._rows(f"UPDATE settings SET {column} = ? WHERE scope = ?", (value, scope))  # noqa: S608 - our own names
            self._rows(
                "DELETE FROM settings WHERE scope = ? AND compatibility IS NULL AND access_mode IS NULL", (scope,)
            )


def _says_the_same(same: StoredVersion, new: NewVersion, schema_id: int, version: int) -> bool:
    metadata: Mapping[str, object] = new.metadata
    return (
        (not metadata or metadata == same.metadata)
        and schema_id in (0, same.schema_id)
        and version in (0, same.version)
    )


def _as_new(stored: StoredVersion) -> NewVersion:
    return NewVersion(
        stored.content_id, stored.file_name, stored.text, stored.canonical, stored.source_info, stored.references
    )


def _pack(source_info: bytes) -> bytes:
    return zlib.compress(source_info) if source_info else b""

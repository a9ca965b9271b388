"""The registry itself: what the command line and the REST server call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    from protogate.compat.changes import Mode
    from protogate.findings import Finding
    from registry.compiler import CompiledSchema
    from registry.ports import Store
    from registry.values import AccessMode, Reference, Registered, StoredVersion, Verdict

__all__ = ["Registry"]


class Registry:
    """Subjects, versions and verdicts over a store; safe to share between threads.

    Every method raises a `registry.errors.RegistryError` for what a caller can put right. A subject outside of the
    default context is written `:.ctx:name`. A version is a number or `LATEST` (-1).
    """

    def __init__(self, store: Store, *, largest_schema: int = 8 * 1024 * 1024) -> None: ...

    def compile(
        self,
        source: str,
        references: Sequence[Reference] = (),
        *,
        subject: str = "",
        file_name: str = "",
        normalize: bool = False,
    ) -> CompiledSchema:
        """Protobuf text, or base64 of a serialized FileDescriptorProto or -Set, to a compiled schema; cached."""

    def register(
        self,
        subject: str,
        schema: CompiledSchema,
        *,
        metadata: Mapping[str, object] | None = None,
        schema_id: int = 0,
        version: int = 0,
    ) -> Registered:
        """Add a version unless the subject has this content; heeds access mode, level and references."""

    def lookup(self, subject: str, schema: CompiledSchema, *, deleted: bool = False) -> StoredVersion:
        """The version of a subject with this content; 40401, 40403."""

    def get(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion:
        """One version; 40401, 40402, 42202."""

    def by_id(self, schema_id: int, context: str = "") -> StoredVersion:
        """The first version with this id; 40403."""

    def by_guid(self, guid: str) -> StoredVersion:
        """The first version with this content; 40403."""

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:
        """Names of subjects that have a version, sorted."""

    def contexts(self) -> tuple[str, ...]:
        """Contexts that have a subject; the default one is empty and first."""

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """All versions, oldest first; 40401 when there is none."""

    def uses_of(self, schema_id: int, context: str = "", *, deleted: bool = False) -> tuple[tuple[str, int], ...]:
        """Subject and version of every use of an id; 40403."""

    def referenced_by(self, subject: str, version: int) -> tuple[StoredVersion, ...]:
        """Kept versions that refer to this one; 40401, 40402."""

    def check(
        self,
        subject: str,
        schema: CompiledSchema,
        *,
        against: int | None = None,
        everything: bool = False,
        level: Mode | None = None,
    ) -> Verdict:
        """Whether a schema may follow one version, all versions or, with neither, what the level asks for."""

    def diff(self, subject: str, old: int, new: int) -> tuple[Finding, ...]:
        """What changed between two versions, whatever the level, sorted."""

    def image(self, subject: str, version: int, *, deleted: bool = False) -> FileDescriptorSet:
        """The file of a version and all its imports, imports first, with source info where it is known."""

    def level(self, subject: str | None = None) -> Mode:
        """The level that holds for a subject: its own, its context's, the global one, BACKWARD."""

    def own_level(self, subject: str | None = None) -> Mode | None:
        """The level that was set for exactly this subject (or globally), None where none was."""

    def set_level(self, subject: str | None, level: str | None) -> None:
        """Set a level, or remove it with None; 42203."""

    def access_mode(self, subject: str | None = None) -> AccessMode:
        """The access mode that holds for a subject: its own, its context's, the global one, READWRITE."""

    def own_access_mode(self, subject: str | None = None) -> AccessMode | None:
        """The access mode that was set for exactly this subject (or globally), None where none was."""

    def set_access_mode(self, subject: str | None, mode: str | None, *, force: bool = False) -> None:
        """Set an access mode, or remove it with None; IMPORT needs an empty subject or `force`; 42204, 42205."""

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        """Delete one version; 40401, 40402, 40406, 40407, 42205, 42206."""

    def delete_subject(self, subject: str, *, permanent: bool = False) -> tuple[int, ...]:
        """Delete all versions; 40401, 40404, 40405, 42205, 42206."""

    def export_lines(self, subjects: Iterable[str] | None = None) -> Iterator[str]:
        """The registry, or some subjects and all that they refer to, as JSON Lines."""

    def import_lines(self, lines: Iterable[str]) -> int:
        """Take over an export, all or nothing, ids and versions kept; give how many versions were new."""

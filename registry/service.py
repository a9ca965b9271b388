"""The registry itself: what the command line and the REST server call."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protogate.compat.changes import Mode
from registry import protoc as protoc_in_process
from registry import transfer
from registry.cache import WeightedCache
from registry.compiler import (
    compile_schema,
    gather_imports,
    open_stored,
    suggest_file_name,
)
from registry.errors import (
    IncompatibleError,
    InvalidAccessModeError,
    InvalidLevelError,
    InvalidSubjectError,
    InvalidVersionError,
    NotPermittedError,
    ReferenceExistsError,
    SchemaNotFoundError,
    SchemaTooLargeError,
    SubjectNotFoundError,
    SubjectNotSoftlyDeletedError,
    SubjectSoftlyDeletedError,
    VersionNotFoundError,
    VersionNotSoftlyDeletedError,
    VersionSoftlyDeletedError,
)
from registry.values import HIGHEST_NUMBER, LATEST, AccessMode, Head, Registered, context_of
from registry.verdicts import Judges, default_judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.descriptors import Schema
    from protogate.findings import Finding
    from registry.compiler import CompiledSchema
    from registry.ports import Store
    from registry.protoc import Protoc
    from registry.values import Reference, StoredVersion, Verdict

__all__ = ["LARGEST_SCHEMA", "Registry"]

LARGEST_SCHEMA: Final = 8 * 1024 * 1024
"""Characters of a schema as it is sent: twenty times a contract of a thousand messages."""

_LONGEST_SUBJECT: Final = 1024
"""Bytes: an index of PostgreSQL takes no more than 2,704."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_COMPILED_BYTES: Final = 32 * 1024 * 1024
_SCHEMA_BYTES: Final = 16 * 1024 * 1024
"""Of descriptors: as a `Schema` they take about five times as much."""

_READ_ONLY: Final = frozenset({AccessMode.READONLY, AccessMode.READONLY_OVERRIDE})


class Registry:
    """Subjects, versions and verdicts over a store; safe to share between threads.

    Every method raises a `registry.errors.RegistryError` for what a caller can put right. A subject outside of the
    default context is written `:.ctx:name`. A version is a number or `LATEST` (-1).
    """

    def __init__(
        self,
        store: Store,
        *,
        profiles: Sequence[str] | None = None,
        largest_schema: int = LARGEST_SCHEMA,
        protoc: Protoc = protoc_in_process,
    ) -> None:
        """Serve what `store` holds.

        Args:
            store: any that passes the contract tests.
            profiles: of `protogate.compat`, which decide whether a schema is compatible; its default ones without.
            largest_schema: characters of a schema as it is sent.
            protoc: runs in this process, which waits for it, or in others.
        """
        self.store = store
        self._largest_schema = largest_schema
        self._protoc = protoc
        self._compiled: WeightedCache[CompiledSchema] = WeightedCache(_COMPILED_BYTES)
        self._stored: WeightedCache[CompiledSchema] = WeightedCache(_COMPILED_BYTES)
        self._schemas: WeightedCache[Schema] = WeightedCache(_SCHEMA_BYTES)
        self._judges = Judges(default_judge(profiles), self._schema_of)

    # Schemas.

    def compile(
        self,
        source: str,
        references: Sequence[Reference] = (),
        *,
        subject: str = "",
        file_name: str = "",
        normalize: bool = False,
    ) -> CompiledSchema:
        """Compile Protobuf text, or base64 of a serialized FileDescriptorProto or -Set; what was compiled is kept.

        Args:
            source: what the client sent.
            references: what it imports; `LATEST` becomes the version that is the newest one now.
            subject: whose context references without one are looked up in, and whose name may be that of the file.
            file_name: of the file, where it is known; findings and errors name it.
            normalize: order types, fields and imports, so that the content id does not depend on how it is written.

        Raises:
            InvalidSchemaError: it does not compile, or a reference is not there.
            SchemaTooLargeError: it is larger than this registry takes.
        """
        if len(source) > self._largest_schema:
            raise SchemaTooLargeError(
                f"the schema has {len(source):,} characters, this registry takes {self._largest_schema:,}; split it"
            )
        resolved, found = self._resolve(references, context_of(subject))
        name = file_name or suggest_file_name(subject)
        content_ids = tuple(stored.content_id for stored in found)
        digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
        key = (digest, name, normalize, resolved, content_ids)
        known = self._compiled.get(key)
        if known is not None:
            return known
        imports = gather_imports(resolved, self._referenced)
        compiled = compile_schema(source, resolved, imports, file_name=name, normalize=normalize, protoc=self._protoc)
        return self._compiled.put(key, compiled, len(compiled.text) + compiled.size)

    def register(
        self,
        subject: str,
        schema: CompiledSchema,
        *,
        metadata: Mapping[str, object] | None = None,
        schema_id: int = 0,
        version: int = 0,
    ) -> Registered:
        """Add a version unless the subject has this content.

        Args:
            subject: the subject.
            schema: what `compile` gave.
            metadata: values that JSON can carry; given and different, they make a new version of the same id.
            schema_id: only in access mode IMPORT, where compatibility is not asked for.
            version: only in access mode IMPORT.

        Raises:
            IncompatibleError: it breaks the level of the subject; carries the findings.
            NotPermittedError: the access mode forbids it.
            ReferenceNotFoundError: a reference was deleted meanwhile.
            IdMismatchError: the id or the version already means something else.
        """
        _ensure_subject(subject)
        _ensure_number(schema_id)
        _ensure_number(version)
        warnings: list[Finding] = []

        def accept() -> None:
            level, mode = self._rules(subject)
            _ensure_admitted(subject, mode, schema_id or version)
            if mode is not AccessMode.IMPORT:
                warnings.extend(self._demand(subject, schema, level))

        stored, new = self.store.add(
            subject, schema.new_version(metadata), accept, schema_id=schema_id, version=version
        )
        return Registered(stored, new, tuple(warnings))

    def check(
        self,
        subject: str,
        schema: CompiledSchema,
        *,
        against: int | None = None,
        everything: bool = False,
        level: Mode | None = None,
    ) -> Verdict:
        """Whether a schema may follow what a subject has; a subject without versions takes anything.

        Args:
            subject: the subject.
            schema: what `compile` gave.
            against: one version to compare with, `LATEST` for the newest one.
            everything: compare with all versions; with neither, the level decides.
            level: in place of the level of the subject.

        Raises:
            VersionNotFoundError: `against` is not there.
        """
        _ensure_subject(subject)
        mode = level or self.level(subject)
        if against is None:
            heads = self.store.heads(subject, last=0 if everything or mode.transitive else 1)
        elif against == LATEST:
            heads = self.store.heads(subject, last=1)
        else:
            heads = (_head(self.get(subject, against)),)
        return self._judges.verdict(schema, heads, mode, lambda head: self._load(subject, head))

    def diff(self, subject: str, old: int, new: int) -> tuple[Finding, ...]:
        """Give what the profiles find between two versions in either direction, whatever the level, sorted."""
        before = _head(self.get(subject, old, deleted=True))
        after = self.opened(self.get(subject, new, deleted=True))
        return self._judges.verdict(after, (before,), Mode.FULL, lambda head: self._load(subject, head)).findings

    def image(self, subject: str, version: int, *, deleted: bool = False) -> FileDescriptorSet:
        """Give the file of a version and all its imports, imports first, with source info where it is known."""
        opened = self.opened(self.get(subject, version, deleted=deleted))
        image = FileDescriptorSet()
        for file in (*opened.imports, opened.file()):
            image.file.add().ParseFromString(file.SerializeToString())
        image.file[-1].source_code_info.ParseFromString(opened.source_info)
        return image

    def opened(self, stored: StoredVersion) -> CompiledSchema:
        """Give a stored version with its imports, without compiling anything."""
        key = (stored.content_id, stored.file_name, stored.references)
        known = self._stored.get(key)
        if known is not None:
            return known
        opened = open_stored(stored, gather_imports(stored.references, self._referenced))
        return self._stored.put(key, opened, len(opened.text) + opened.size)

    # Versions.

    def lookup(self, subject: str, schema: CompiledSchema, *, deleted: bool = False) -> StoredVersion:
        """Give the newest version of a subject with this content.

        Raises:
            SubjectNotFoundError: there is no such subject.
            SchemaNotFoundError: the subject has no such content.
        """
        found = self.store.by_content(subject, schema.content_id, deleted=deleted)
        if found is not None:
            return found
        self._ensure_there(subject, deleted=deleted)
        raise SchemaNotFoundError(f"subject {subject!r} has no version with this content")

    def get(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion:
        """Give one version, `LATEST` for the newest one.

        Raises:
            SubjectNotFoundError: there is no such subject.
            VersionNotFoundError: it has no such version.
            InvalidVersionError: the version is no positive number.
        """
        found = self._version(subject, version, deleted=deleted)
        if found is not None:
            return found
        self._ensure_there(subject, deleted=deleted)
        raise VersionNotFoundError(f"subject {subject!r} has no version {version}")

    def by_id(self, schema_id: int, context: str = "") -> StoredVersion:
        """Give the first version with this id; deleted ones are readable for ever, as data may be.

        Raises:
            SchemaNotFoundError: no version has it.
        """
        found = self.store.by_id(schema_id, context)
        if found is None:
            raise SchemaNotFoundError(f"no schema has the id {schema_id}")
        return found

    def by_guid(self, guid: str) -> StoredVersion:
        """Give the first version with this content.

        Raises:
            SchemaNotFoundError: no version has it.
        """
        found = self.store.by_guid(guid) if _GUID.fullmatch(guid) else None
        if found is None:
            raise SchemaNotFoundError(f"no schema has the guid {guid!r}")
        return found

    def ids_of(self, content_id: str) -> tuple[tuple[str, int], ...]:
        """Give context and id of a content, sorted."""
        return self.store.ids_of(content_id)

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:
        """Give the names of subjects that have a version, sorted."""
        return self.store.subjects(prefix, deleted=deleted)

    def contexts(self) -> tuple[str, ...]:
        """Give the contexts that have a subject; the default one is empty and first."""
        return self.store.contexts()

    def versions(self, subject: str, *, deleted: bool = False) -> tuple[StoredVersion, ...]:
        """Give all versions, oldest first.

        Raises:
            SubjectNotFoundError: there is none.
        """
        found = self.store.versions(subject, deleted=deleted)
        if not found:
            raise _no_subject(subject)
        return found

    def heads(self, subject: str, *, deleted: bool = False) -> tuple[Head, ...]:
        """Give all versions without their content, oldest first.

        Raises:
            SubjectNotFoundError: there is none.
        """
        found = self.store.heads(subject, deleted=deleted)
        if not found:
            raise _no_subject(subject)
        return found

    def uses_of(self, schema_id: int, context: str = "", *, deleted: bool = False) -> tuple[tuple[str, int], ...]:
        """Give subject and version of every use of an id.

        Raises:
            SchemaNotFoundError: no version has it.
        """
        self.by_id(schema_id, context)
        return self.store.uses_of(schema_id, context, deleted=deleted)

    def referenced_by(self, subject: str, version: int) -> tuple[StoredVersion, ...]:
        """Give the kept versions that refer to this one.

        Raises:
            SubjectNotFoundError: there is no such subject.
            VersionNotFoundError: it has no such version.
        """
        stored = self.get(subject, version)
        return self.store.referenced_by(subject, stored.version)

    # Deletion.

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        """Delete one version and give its number; for good only what was softly deleted before.

        Raises:
            SubjectNotFoundError: there is no such subject.
            VersionNotFoundError: it has no such version.
            VersionSoftlyDeletedError: it was softly deleted before.
            VersionNotSoftlyDeletedError: it was not softly deleted before.
            ReferenceExistsError: another version refers to it.
            NotPermittedError: the subject is read-only.
        """
        with self.store.transaction():
            self._ensure_writable(subject)
            found = self._version(subject, version, deleted=permanent or version != LATEST)
            if found is None:
                self._ensure_there(subject, deleted=True)
                raise VersionNotFoundError(f"subject {subject!r} has no version {version}")
            _ensure_deletable(found, permanent=permanent)
            self._ensure_unreferenced(subject, (found.version,), permanent=permanent)
            self.store.delete(subject, found.version, permanent=permanent)
            return found.version

    def delete_subject(self, subject: str, *, permanent: bool = False) -> tuple[int, ...]:
        """Delete all versions and give their numbers; for good only what was softly deleted before.

        Raises:
            SubjectNotFoundError: there is no such subject.
            SubjectSoftlyDeletedError: it was softly deleted before.
            SubjectNotSoftlyDeletedError: it was not softly deleted before.
            ReferenceExistsError: another version refers to one of them.
            NotPermittedError: the subject is read-only.
        """
        with self.store.transaction():
            self._ensure_writable(subject)
            self._ensure_there(subject, deleted=True)
            kept = self.store.heads(subject)
            if permanent and kept:
                raise SubjectNotSoftlyDeletedError(
                    f"subject {subject!r} was not deleted softly before; delete it without permanent first"
                )
            if not permanent and not kept:
                raise SubjectSoftlyDeletedError(
                    f"subject {subject!r} was deleted softly before; set permanent to delete it for good"
                )
            going = tuple(head.version for head in (kept or self.store.heads(subject, deleted=True)))
            self._ensure_unreferenced(subject, going, permanent=permanent)
            return self.store.delete(subject, None, permanent=permanent)

    # Levels and access modes.

    def level(self, subject: str | None = None) -> Mode:
        """Give the level that holds for a subject: its own, its context's, the global one, BACKWARD."""
        return self._rules(subject)[0]

    def own_level(self, subject: str | None = None) -> Mode | None:
        """Give the level that was set for exactly this subject (or globally), None where none was."""
        found = self.store.level(subject)
        return Mode(found) if found else None

    def set_level(self, subject: str | None, level: str | None) -> None:
        """Set a level, or remove it with None.

        Raises:
            InvalidLevelError: it is not known.
        """
        _ensure_scope(subject)
        if level is not None and level not in Mode.__members__:
            raise InvalidLevelError(f"level {level!r} is not known; use one of {', '.join(Mode)}")
        self.store.set_level(subject, level)

    def access_mode(self, subject: str | None = None) -> AccessMode:
        """Give the access mode that holds for a subject: its own, its context's, the global one, READWRITE."""
        return self._rules(subject)[1]

    def own_access_mode(self, subject: str | None = None) -> AccessMode | None:
        """Give the access mode that was set for exactly this subject (or globally), None where none was."""
        return self.store.access_mode(subject)

    def set_access_mode(self, subject: str | None, mode: str | None, *, force: bool = False) -> None:
        """Set an access mode, or remove it with None; IMPORT is for what is empty, unless it is forced.

        Raises:
            InvalidAccessModeError: it is not known.
            NotPermittedError: IMPORT, where there are versions already.
        """
        _ensure_scope(subject)
        if mode is not None and mode not in AccessMode.__members__:
            raise InvalidAccessModeError(f"mode {mode!r} is not known; use one of {', '.join(AccessMode)}")
        with self.store.transaction():
            if mode == AccessMode.IMPORT and not force and self._has_versions(subject):
                raise NotPermittedError(
                    f"{_scope_name(subject)} has versions, which an import could clash with; force it to import anyway"
                )
            self.store.set_access_mode(subject, AccessMode(mode) if mode else None)

    # Export and import.

    def export_lines(self, subjects: Iterable[str] | None = None) -> Iterator[str]:
        """Give the registry, or some subjects and all that they refer to, as JSON Lines without line ends.

        Raises:
            SubjectNotFoundError: there is no such subject.
        """
        chosen = None if subjects is None else tuple(dict.fromkeys(subjects))
        for subject in chosen or ():
            self._ensure_there(subject, deleted=True)
        return transfer.export_lines(self.store, chosen)

    def import_lines(self, lines: Iterable[str]) -> int:
        """Take over an export, all or nothing, ids and versions kept; give how many versions were new.

        Raises:
            UserError: a line is damaged or not of an export.
            IdMismatchError: an id or a version already means something else.
            NotPermittedError: the registry is read-only.
        """
        if self.access_mode() in _READ_ONLY:
            raise NotPermittedError("the registry is read-only; change its mode first")
        return transfer.import_lines(self.store, lines)

    # Steps.

    def _resolve(
        self, references: Sequence[Reference], context: str
    ) -> tuple[tuple[Reference, ...], tuple[StoredVersion, ...]]:
        """Give references as they are kept, with a context and a version, and what they stand for."""
        resolved: list[Reference] = []
        found: list[StoredVersion] = []
        for each in references:
            subject = f":{context}:{each.subject}" if context and not each.subject.startswith(":.") else each.subject
            stored = self._referenced(replace(each, subject=subject))
            if stored is not None:
                found.append(stored)
            resolved.append(replace(each, subject=subject, version=stored.version if stored else each.version))
        return tuple(resolved), tuple(found)

    def _referenced(self, reference: Reference) -> StoredVersion | None:
        if _CONTROL.search(reference.subject + reference.name):
            return None
        if reference.version == LATEST:
            return self.store.latest(reference.subject)
        # Deleted softly, a version is hidden from people and not from schemas that need it.
        return self.store.version(reference.subject, reference.version, deleted=True)

    def _schema_of(self, compiled: CompiledSchema) -> Schema:
        key = (compiled.content_id, compiled.file_name)
        return self._schemas.get(key) or self._schemas.put(key, compiled.schema(), compiled.size)

    def _load(self, subject: str, head: Head) -> Schema:
        # What was registered a moment ago is what the next version is compared with.
        known = self._schemas.get((head.content_id, head.file_name))
        return known or self._schema_of(self.opened(self.get(subject, head.version, deleted=True)))

    def _rules(self, subject: str | None) -> tuple[Mode, AccessMode]:
        """Give the level and the access mode that hold for a subject."""
        scopes = tuple(_scopes(subject))
        found = {scope: (level, mode) for scope, level, mode in self.store.settings(scopes)}
        levels = (found[scope][0] for scope in scopes if scope in found)
        modes = [found[scope][1] for scope in scopes if scope in found]
        if None in found and modes[-1] is AccessMode.READONLY_OVERRIDE:
            modes = modes[-1:]
        return (
            Mode(next((each for each in levels if each), Mode.BACKWARD)),
            next((each for each in modes if each), AccessMode.READWRITE),
        )

    def _demand(self, subject: str, schema: CompiledSchema, level: Mode) -> tuple[Finding, ...]:
        verdict = self.check(subject, schema, level=level)
        if not verdict.compatible:
            raise IncompatibleError(
                f"subject {subject!r}: the schema is not {verdict.level} compatible with version "
                f"{', '.join(map(str, verdict.compared))}",
                verdict.findings,
            )
        return verdict.findings

    def _version(self, subject: str, version: int, *, deleted: bool) -> StoredVersion | None:
        if version == LATEST:
            return self.store.latest(subject, deleted=deleted)
        if not 0 < version <= HIGHEST_NUMBER:
            raise InvalidVersionError(f"version {version} is no version; use a number from 1 to 2^31-1, or latest")
        return self.store.version(subject, version, deleted=deleted)

    def _ensure_there(self, subject: str, *, deleted: bool) -> None:
        if not self.store.heads(subject, deleted=deleted, last=1):
            raise _no_subject(subject)

    def _ensure_writable(self, subject: str) -> None:
        mode = self.access_mode(subject)
        if mode in _READ_ONLY:
            raise NotPermittedError(f"subject {subject!r} is read-only (mode {mode}); change its mode first")

    def _ensure_unreferenced(self, subject: str, versions: Iterable[int], *, permanent: bool) -> None:
        for version in versions:
            # What is deleted softly still needs its imports to be read.
            for user in self.store.referenced_by(subject, version, deleted=permanent):
                if user.subject != subject:
                    raise ReferenceExistsError(
                        f"version {version} of subject {subject!r} is referred to by version {user.version} of subject "
                        f"{user.subject!r}; delete that one first"
                    )

    def _has_versions(self, subject: str | None) -> bool:
        if subject is None:
            return bool(self.store.subjects())
        return bool(self.store.subjects(subject) if _is_context(subject) else self.store.heads(subject, last=1))


def _scopes(subject: str | None) -> Iterator[str | None]:
    if subject:
        yield subject
        context = context_of(subject)
        if context:
            yield f":{context}:"
    yield None


def _is_context(scope: str) -> bool:
    return bool(context_of(scope)) and scope == f":{context_of(scope)}:"


def _ensure_scope(scope: str | None) -> None:
    if scope is not None and not _is_context(scope):
        _ensure_subject(scope)


def _ensure_subject(subject: str) -> None:
    if not subject or _is_context(subject):
        raise InvalidSubjectError("the subject has no name")
    if _CONTROL.search(subject):
        raise InvalidSubjectError(f"subject {subject[:80]!r} holds a character that is no text; take it out")
    size = len(subject.encode())
    if size > _LONGEST_SUBJECT:
        raise InvalidSubjectError(
            f"subject {subject[:40]!r}... has {size:,} bytes; a name may have {_LONGEST_SUBJECT:,}"
        )


def _ensure_number(number: int) -> None:
    if not 0 <= number <= HIGHEST_NUMBER:
        raise InvalidVersionError(f"{number} is neither an id nor a version; use a number from 1 to 2^31-1")


def _ensure_admitted(subject: str, mode: AccessMode, brings_number: int) -> None:
    if mode in _READ_ONLY:
        raise NotPermittedError(f"subject {subject!r} is read-only (mode {mode}); change its mode first")
    if brings_number and mode is not AccessMode.IMPORT:
        raise NotPermittedError(f"subject {subject!r} takes ids and versions only in mode IMPORT, not in {mode}")
    if not brings_number and mode is AccessMode.IMPORT:
        raise NotPermittedError(f"subject {subject!r} is in mode IMPORT: say the id, or set the mode to READWRITE")


def _ensure_deletable(found: StoredVersion, *, permanent: bool) -> None:
    name = f"version {found.version} of subject {found.subject!r}"
    if permanent and not found.deleted:
        raise VersionNotSoftlyDeletedError(f"{name} was not deleted softly before; delete it without permanent first")
    if not permanent and found.deleted:
        raise VersionSoftlyDeletedError(f"{name} was deleted softly before; set permanent to delete it for good")


def _head(stored: StoredVersion) -> Head:
    return Head(stored.version, stored.schema_id, stored.content_id, stored.file_name, stored.deleted)


def _scope_name(subject: str | None) -> str:
    return f"subject {subject!r}" if subject else "the registry"


def _no_subject(subject: str) -> SubjectNotFoundError:
    return SubjectNotFoundError(f"subject {subject!r} is not in the registry")

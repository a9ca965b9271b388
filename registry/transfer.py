"""A registry as JSON Lines: ids, versions, deletions, levels and modes, for a backup or a move."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from protogate.compat.changes import Mode
from protogate.errors import UserError
from registry.canonical import parse_file
from registry.compiler import content_id_of
from registry.values import AccessMode, Reference, StoredVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from registry.ports import Store

__all__ = ["export_lines", "import_lines"]

_HEADER: Final = {"format": "protogate-registry", "format_version": 1}

_Setting = tuple[str | None, str | None, AccessMode | None]


def export_lines(store: Store, subjects: Iterable[str] | None = None) -> Iterator[str]:
    """Give the lines of an export, without line ends: the header, then settings, then versions.

    With `subjects`, only those and every version that they refer to, so that the export stands on its own.
    """
    chosen = None if subjects is None else tuple(subjects)
    # Somebody may register on: what is referred to must be of the same moment as what refers to it.
    with store.snapshot():
        yield _line(_HEADER)
        for scope, level, mode in store.settings(chosen):
            yield _line({"scope": scope, "compatibility": level, "mode": mode})
        for subject in store.subjects(deleted=True) if chosen is None else chosen:
            for stored in store.versions(subject, deleted=True):
                yield _line(_version_fields(stored))
        if chosen is not None:
            yield from (_line(_version_fields(each)) for each in _referenced(store, chosen))


def import_lines(store: Store, lines: Iterable[str]) -> int:
    """Take over an export, all or nothing; give how many versions were not there before.

    Raises:
        UserError: a line is damaged or not of an export.
        IdMismatchError: an id or a version already means something else.
    """
    settings, versions = _read(lines)
    _verify(store, versions)
    with store.transaction():
        added = store.restore(stored for _, stored in versions)
        for scope, level, mode in settings:
            store.set_level(scope, level)
            store.set_access_mode(scope, mode)
        return added


def _referenced(store: Store, subjects: tuple[str, ...]) -> Iterator[StoredVersion]:
    chosen = (stored for subject in subjects for stored in store.versions(subject, deleted=True))
    waiting = [each for stored in chosen for each in stored.references]
    seen: set[tuple[str, int]] = set()
    for each in waiting:
        if each.subject in subjects or (each.subject, each.version) in seen:
            continue
        seen.add((each.subject, each.version))
        stored = store.version(each.subject, each.version, deleted=True)
        if stored is not None:
            waiting += stored.references
            yield stored


def _version_fields(stored: StoredVersion) -> dict[str, object]:
    return {
        "subject": stored.subject,
        "version": stored.version,
        "id": stored.schema_id,
        "content_id": stored.content_id,
        "file": stored.file_name,
        "deleted": stored.deleted,
        "references": [[each.name, each.subject, each.version] for each in stored.references],
        "metadata": dict(stored.metadata),
        "schema": stored.text,
        "descriptor": b64encode(stored.canonical).decode(),
        "source_info": b64encode(stored.packed_source_info).decode(),
    }


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _read(lines: Iterable[str]) -> tuple[list[_Setting], list[tuple[int, StoredVersion]]]:
    settings: list[_Setting] = []
    versions: list[tuple[int, StoredVersion]] = []
    number = 0
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            if number == 1:
                _ensure_header(fields)
            elif "scope" in fields:
                settings.append(_setting(fields))
            else:
                versions.append((number, _version(fields)))
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise UserError(f"line {number}: is damaged or not of an export: {error}") from error
    if not number:
        raise UserError("the export is empty; write one with: protogate registry export")
    return settings, versions


def _ensure_header(fields: dict[str, Any]) -> None:
    if fields != _HEADER:
        raise UserError(f"line 1: is not the header of an export that this protogate reads: {_line(_HEADER)}")


def _setting(fields: dict[str, Any]) -> _Setting:
    level, mode = fields["compatibility"], fields["mode"]
    scope = fields["scope"]
    if not isinstance(scope, str | None):
        raise TypeError("scope is no text")
    return scope, Mode(level).value if level else None, AccessMode(mode) if mode else None


def _version(fields: dict[str, Any]) -> StoredVersion:
    packed = b64decode(fields["source_info"], validate=True)
    if packed:
        zlib.decompress(packed)
    return StoredVersion(
        subject=str(fields["subject"]),
        version=int(fields["version"]),
        schema_id=int(fields["id"]),
        content_id=str(fields["content_id"]),
        file_name=str(fields["file"]),
        text=str(fields["schema"]),
        canonical=b64decode(fields["descriptor"], validate=True),
        packed_source_info=packed,
        references=tuple(Reference(str(a), str(b), int(c)) for a, b, c in fields["references"]),
        metadata=dict(fields["metadata"]),
        deleted=bool(fields["deleted"]),
    )


def _verify(store: Store, versions: Iterable[tuple[int, StoredVersion]]) -> None:
    """Compute every content id again: a line that was changed by hand does not get in."""
    listed = tuple(versions)
    known = {(each.subject, each.version): each.content_id for _, each in listed}
    for number, stored in listed:
        try:
            names = parse_file(stored.canonical).dependency
        except DecodeError as error:
            raise UserError(f"line {number}: the descriptor is damaged") from error
        imported = {each.name: _content_id(store, known, each) for each in stored.references if each.name in names}
        if content_id_of(stored.canonical, imported) != stored.content_id:
            raise UserError(f"line {number}: {stored.subject} version {stored.version} is not what its content id says")


def _content_id(store: Store, known: dict[tuple[str, int], str], reference: Reference) -> str:
    in_file = known.get((reference.subject, reference.version))
    if in_file is not None:
        return in_file
    stored = store.version(reference.subject, reference.version, deleted=True)
    return stored.content_id if stored else ""

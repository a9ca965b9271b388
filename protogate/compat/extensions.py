"""What differs between the extensions of two schemas, paired by the message that they extend and their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.compat.changes import Change, Paired
from protogate.compat.rules import Rule
from protogate.compat.shapes import compare_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.compat.changes import Fact
    from protogate.compat.messages import PairTypes
    from protogate.descriptors import Field, File, Message, Schema

__all__ = ["compare_extensions"]


def compare_extensions(
    old: Schema,
    new: Schema,
    files: Mapping[str, File],
    partners: Mapping[str, Message],
    changes: list[Change],
    pair_types: PairTypes,
) -> None:
    """Report what differs between the extensions of the files to generate.

    Args:
        old: the one version.
        new: the other version.
        files: new file by name of the old one.
        partners: new message by full name of the old one.
        changes: where to report.
        pair_types: has types compared that an extension exchanged.
    """
    before = {_key(one, partners): one for file in old.files_to_generate for one in file.all_extensions()}
    after = {_key(one, {}): one for file in new.files_to_generate for one in file.all_extensions()}
    if not before and not after:
        return
    old_names = {one.full_name for one in before.values()}
    new_names = {one.full_name for one in after.values()}
    for key, field in before.items():
        other = after.get(key)
        if other is None:
            facts: dict[str, Fact] = {"name_kept": field.full_name in new_names}
            removed_from = field.file, files.get(field.file.name)
            changes.append(
                Change(
                    Rule.EXTENSION_REMOVED, field.full_name, field, None, *removed_from, str(field.number), "", facts
                )
            )
            continue
        paired = Paired.NAME if field.proto.extendee == other.proto.extendee else Paired.PACKAGE
        facts = {"swapped": field.full_name in new_names or other.full_name in old_names}
        _compare_names(field, other, files, paired, facts, changes)
        if field.proto != other.proto or field.features != other.features:
            compare_fields(field, other, paired, changes, pair_types)
    old_files = {file.name: old.files[name] for name, file in files.items()}
    for key, field in after.items():
        if key not in before:
            facts = {"name_kept": field.full_name in old_names}
            added_to = old_files.get(field.file.name), field.file
            changes.append(
                Change(Rule.EXTENSION_ADDED, field.full_name, None, field, *added_to, "", str(field.number), facts)
            )


def _compare_names(
    old: Field, new: Field, files: Mapping[str, File], paired: Paired, facts: Mapping[str, Fact], changes: list[Change]
) -> None:
    scopes = old.file, new.file
    if old.full_name != new.full_name:
        names = old.full_name, new.full_name
        changes.append(Change(Rule.FIELD_RENAMED, old.full_name, old, new, *scopes, *names, facts, paired))
    elif new.file is not files.get(old.file.name) and new.file.name != old.file.name:
        places = old.file.name, new.file.name
        changes.append(Change(Rule.EXTENSION_MOVED, old.full_name, old, new, old=places[0], new=places[1]))


def _key(field: Field, partners: Mapping[str, Message]) -> tuple[str, int]:
    """The message that it extends, by its new name, and the number."""
    extendee = field.proto.extendee[1:]
    partner = partners.get(extendee)
    return extendee if partner is None else partner.full_name, field.number

"""One pass over two versions of a contract: what pairs with what, and what differs in each pair.

Everything is read from the descriptors as they came; typed fields are built for those that differ only. There is no
recursion over types: pairs wait in a list, and a pair is compared once, so cycles and chains of any length are safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from google.protobuf.descriptor_pb2 import FileOptions

from protogate.compat.changes import Carrier, Change, Paired
from protogate.compat.enums import compare_enums
from protogate.compat.extensions import compare_extensions
from protogate.compat.messages import compare_messages
from protogate.compat.rules import Rule
from protogate.compat.services import compare_services
from protogate.descriptors.features import EDITION_PROTO2, EDITION_PROTO3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protogate.compat.changes import Descriptor, Fact
    from protogate.descriptors import Enum, Field, File, Message, Schema

__all__ = ["compare"]

_Type = TypeVar("_Type", "Message", "Enum")


def compare(old: Schema, new: Schema) -> tuple[Change, ...]:
    """Every atomic difference between the files to generate of two schemas, and the types that they reach; sorted."""
    if old is new or (_are_equal(old.raw, new.raw) and _names(old) == _names(new)):
        return ()
    return _Pass(old, new).run()


def _names(schema: Schema) -> list[str]:
    return [file.name for file in schema.files_to_generate]


def _are_equal(old: Sequence[FileDescriptorProto], new: Sequence[FileDescriptorProto]) -> bool:
    """Whether the schemas are equal as they came; source info would cost more than it could save."""
    return len(old) == len(new) and all(
        before is after or (not before.HasField("source_code_info") and before == after)
        for before, after in zip(old, new, strict=True)
    )


class _Pass:
    """One comparison at work."""

    __slots__ = ("apart", "carrier", "changes", "enums", "files", "messages", "new", "old", "partners", "seen")

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old: Final = old
        self.new: Final = new
        self.changes: Final[list[Change]] = []
        self.files: Final = _pair_files(old.files_to_generate, new.files_to_generate)
        """New file by the name of the old one."""
        self.partners: Final[dict[str, Message]] = {}
        """New message by the full name of the old one that it continues."""
        self.messages: Final[list[tuple[Message, Message, Paired]]] = []
        self.enums: Final[list[tuple[Enum, Enum, Paired]]] = []
        self.seen: Final[set[tuple[str, str, Carrier]]] = set()
        self.apart: Final[list[tuple[str, str, bool, Carrier]]] = []
        """Types, and whether they are enums, that a field exchanged which only numbers or only keys pair."""
        self.carrier = Carrier.BOTH
        """What pairs the types that are compared at the moment."""

    def run(self) -> tuple[Change, ...]:
        self._compare_files()
        self._pair_messages()
        self._pair_enums()
        self._pair_imports()
        changes = self.changes
        compare_extensions(self.old, self.new, self.files, self.partners, changes, self.pair_types)
        compare_services(self.old, self.new, self.files, changes)
        # A pair of messages may add pairs; those of enums never do.
        for old, new, paired in self.messages:
            compare_messages(old, new, paired, changes, self.pair_types)
        for old_enum, new_enum, paired in self.enums:
            _compare_enums(old_enum, new_enum, paired, changes)
        for one in self.apart:
            self._compare_apart(*one)
        changes.sort(key=_order)
        return tuple(changes)

    def pair_types(self, old: str, new: str, carrier: Carrier, *, enum: bool) -> None:
        """Have two types compared, because a field held the one and now holds the other."""
        if carrier is Carrier.BOTH:
            carrier = self.carrier
        elif self.carrier not in {Carrier.BOTH, carrier}:
            return
        seen = self.seen
        if (old, new, Carrier.BOTH) in seen or (old, new, carrier) in seen:
            return
        seen.add((old, new, carrier))
        if carrier is not Carrier.BOTH:
            self.apart.append((old, new, enum, carrier))
        elif enum:
            self.enums.append((self.old.enums[old], self.new.enums[new], Paired.FIELD))
        else:
            self.messages.append((self.old.messages[old], self.new.messages[new], Paired.FIELD))

    def _compare_apart(self, old: str, new: str, enum: bool, carrier: Carrier) -> None:  # noqa: FBT001 - kept in a tuple
        """Compare two types whose data only one carrier takes from the one to the other."""
        found: list[Change] = []
        self.carrier = carrier
        if enum:
            _compare_enums(self.old.enums[old], self.new.enums[new], Paired.FIELD, found)
        else:
            compare_messages(self.old.messages[old], self.new.messages[new], Paired.FIELD, found, self.pair_types)
        self.changes.extend(
            change._replace(carrier=carrier) for change in found if change.carrier in {Carrier.BOTH, carrier}
        )

    def _compare_files(self) -> None:
        changes, files = self.changes, self.files
        old_packages = _first_files(self.old.files_to_generate)
        new_packages = _first_files(self.new.files_to_generate)
        for file in self.old.files_to_generate:
            paired = files.get(file.name)
            if paired is not None:
                _compare_file(file, paired, changes)
            else:
                facts = {"package_kept": file.package in new_packages}
                changes.append(Change(Rule.FILE_REMOVED, file.name, file, None, old=file.name, facts=facts))
        known = {file.name for file in files.values()}
        for file in self.new.files_to_generate:
            if file.name not in known:
                facts = {"package_kept": file.package in old_packages}
                changes.append(Change(Rule.FILE_ADDED, file.name, None, file, new=file.name, facts=facts))
        if old_packages.keys() != new_packages.keys():
            _compare_packages(old_packages, new_packages, changes)

    def _pair_messages(self) -> None:
        old_all, new_all = self.old.messages, self.new.messages
        partners, queue, seen = self.partners, self.messages, self.seen
        removed: list[Message] = []
        continued: set[str] = set()
        for file in self.old.files_to_generate:
            paired_file = self.files.get(file.name)
            new_package = paired_file.package if paired_file is not None else file.package
            for message in file.all_messages():
                name = message.full_name
                partner = new_all.get(name)
                paired = Paired.NAME
                if partner is None and new_package != file.package:
                    partner = _in_package(message, new_package, old_all, new_all)
                    paired = Paired.PACKAGE
                if partner is None or partner.is_map_entry:
                    removed.append(message)
                    continue
                partners[name] = partner
                continued.add(partner.full_name)
                seen.add((name, partner.full_name, Carrier.BOTH))
                queue.append((message, partner, paired))
                if paired is Paired.NAME and partner.file is not paired_file:
                    self._moved(Rule.MESSAGE_MOVED, message, partner)
        added = [
            message
            for file in self.new.files_to_generate
            for message in file.all_messages()
            if message.full_name not in continued and _is_new(message.full_name, old_all)
        ]
        if removed or added:
            self._report_life(Rule.MESSAGE_REMOVED, Rule.MESSAGE_ADDED, removed, added)

    def _pair_enums(self) -> None:
        old_all, new_all = self.old.enums, self.new.enums
        removed: list[Enum] = []
        continued: set[str] = set()
        for file in self.old.files_to_generate:
            paired_file = self.files.get(file.name)
            new_package = paired_file.package if paired_file is not None else file.package
            for enum in file.all_enums():
                name = enum.full_name
                partner = new_all.get(name)
                paired = Paired.NAME
                if partner is None and new_package != file.package:
                    partner = _in_package(enum, new_package, old_all, new_all)
                    paired = Paired.PACKAGE
                if partner is None:
                    removed.append(enum)
                    continue
                continued.add(partner.full_name)
                self.seen.add((name, partner.full_name, Carrier.BOTH))
                self.enums.append((enum, partner, paired))
                if paired is Paired.NAME and partner.file is not paired_file:
                    self._moved(Rule.ENUM_MOVED, enum, partner)
        added = [
            enum
            for file in self.new.files_to_generate
            for enum in file.all_enums()
            if enum.full_name not in continued and enum.full_name not in old_all
        ]
        if removed or added:
            self._report_life(Rule.ENUM_REMOVED, Rule.ENUM_ADDED, removed, added)

    def _moved(self, rule: Rule, old: Message | Enum | Field, new: Message | Enum | Field) -> None:
        # A type that an import held, or that an import holds now, is no concern of these files.
        if old.file.name != new.file.name:
            self.changes.append(Change(rule, old.full_name, old, new, old=old.file.name, new=new.file.name))

    def _report_life(
        self,
        removed_rule: Rule,
        added_rule: Rule,
        removed: Sequence[Message | Enum],
        added: Sequence[Message | Enum],
    ) -> None:
        old_packages = _first_files(self.old.files_to_generate)
        new_packages = _first_files(self.new.files_to_generate)
        old_names, new_names = _by_last_name(removed), _by_last_name(added)
        back = {new.full_name: self.old.messages[old] for old, new in self.partners.items()} if added else {}
        old_files = {new.name: self.old.files[old] for old, new in self.files.items()} if added else {}
        for one in removed:
            scope: Descriptor | None = self.files.get(one.file.name)
            if one.parent is not None:
                scope = self.partners.get(one.parent.full_name, scope)
            facts: dict[str, Fact] = {
                "moved_to": new_names.get(one.name, ""),
                "package_kept": one.file.package in new_packages,
            }
            self.changes.append(
                Change(removed_rule, one.full_name, one, None, one.parent or one.file, scope, facts=facts)
            )
        for one in added:
            scope = old_files.get(one.file.name)
            if one.parent is not None:
                scope = back.get(one.parent.full_name, scope)
            facts = {"moved_to": old_names.get(one.name, ""), "package_kept": one.file.package in old_packages}
            self.changes.append(
                Change(added_rule, one.full_name, None, one, scope, one.parent or one.file, facts=facts)
            )

    def _pair_imports(self) -> None:
        """Queue the imported types that the files reach, when the two schemas do not import the same."""
        if not _imports_differ(self.old, self.new):
            return
        reached_messages, reached_enums = _reach(self.old)
        for name in reached_messages:
            partner = self.new.messages.get(name)
            if partner is not None and not partner.is_map_entry and (name, name, Carrier.BOTH) not in self.seen:
                self.seen.add((name, name, Carrier.BOTH))
                self.messages.append((self.old.messages[name], partner, Paired.NAME))
        for name in reached_enums:
            enum = self.new.enums.get(name)
            if enum is not None and (name, name, Carrier.BOTH) not in self.seen:
                self.seen.add((name, name, Carrier.BOTH))
                self.enums.append((self.old.enums[name], enum, Paired.NAME))


def _compare_enums(old: Enum, new: Enum, paired: Paired, changes: list[Change]) -> None:
    if old.proto != new.proto or old.features != new.features:
        compare_enums(old, new, paired, changes)


def _order(change: Change) -> tuple[str, str, str, str]:
    return change.element, change.rule, change.old, change.new


def _pair_files(old: Sequence[File], new: Sequence[File]) -> dict[str, File]:
    """New file by old name; files that are alone on their side pair whatever they are called."""
    if len(old) == len(new) == 1:
        return {old[0].name: new[0]}
    names = {file.name: file for file in new}
    return {file.name: names[file.name] for file in old if file.name in names}


def _first_files(files: Iterable[File]) -> dict[str, File]:
    """The first file of every package."""
    found: dict[str, File] = {}
    for file in files:
        found.setdefault(file.package, file)
    return found


def _compare_packages(old: Mapping[str, File], new: Mapping[str, File], changes: list[Change]) -> None:
    for package, file in old.items():
        if package not in new:
            changes.append(Change(Rule.PACKAGE_REMOVED, package, file, None, old=package))
    for package, file in new.items():
        if package not in old:
            changes.append(Change(Rule.PACKAGE_ADDED, package, None, file, new=package))


_FILE_OPTIONS: Final = tuple(
    field.name
    for field in FileOptions.DESCRIPTOR.fields
    if field.name not in {"features", "uninterpreted_option", "deprecated"}
)


_OPTIMIZE_FOR: Final = {str(number): name for name, number in FileOptions.OptimizeMode.items()}


def _compare_file(old: File, new: File, changes: list[Change]) -> None:
    if old.name != new.name:
        changes.append(Change(Rule.FILE_RENAMED, old.name, old, new, None, None, old.name, new.name))
    if old.package != new.package:
        changes.append(Change(Rule.FILE_PACKAGE_CHANGED, old.name, old, new, None, None, old.package, new.package))
    if old.edition != new.edition:
        changes.append(Change(Rule.FILE_SYNTAX_CHANGED, old.name, old, new, None, None, _syntax(old), _syntax(new)))
    before, after = old.proto, new.proto
    if before.HasField("options") or after.HasField("options"):
        _compare_options(old, new, changes)


def _compare_options(old: File, new: File, changes: list[Change]) -> None:
    old_options, new_options = old.proto.options, new.proto.options
    if old_options == new_options:
        return
    for option in _FILE_OPTIONS:
        before, after = getattr(old_options, option), getattr(new_options, option)
        if before != after:
            changes.append(
                Change(
                    Rule.FILE_OPTION_CHANGED,
                    old.name,
                    old,
                    new,
                    None,
                    None,
                    _option_text(option, before),
                    _option_text(option, after),
                    {"option": option},
                )
            )


def _syntax(file: File) -> str:
    if file.edition == EDITION_PROTO2:
        return "proto2"
    if file.edition == EDITION_PROTO3:
        return "proto3"
    return f"edition {file.edition + 1023}"


def _option_text(option: str, value: object) -> str:
    if isinstance(value, bool):
        return f"{option} = {str(value).lower()}"
    if option == "optimize_for":
        return f"{option} = {_OPTIMIZE_FOR[str(value)]}"
    return f'{option} = "{value}"'


def _in_package(one: _Type, package: str, old: dict[str, _Type], new: dict[str, _Type]) -> _Type | None:
    name = f"{package}.{one.local_name}" if package else one.local_name
    return None if name in old else new.get(name)


def _is_new(name: str, old: dict[str, Message]) -> bool:
    known = old.get(name)
    return known is None or known.is_map_entry


def _by_last_name(types: Iterable[Message | Enum]) -> dict[str, str]:
    """Full name by last name, where only one type has it."""
    found: dict[str, str] = {}
    for one in types:
        found[one.name] = "" if one.name in found else one.full_name
    return found


def _imports_differ(old: Schema, new: Schema) -> bool:
    if len(old.files) == len(old.files_to_generate) and len(new.files) == len(new.files_to_generate):
        return False
    own = {file.name for file in old.files_to_generate} | {file.name for file in new.files_to_generate}
    for name, file in old.files.items():
        if name in own:
            continue
        other = new.files.get(name)
        if other is None or (file.proto is not other.proto and not _same_types(file, other)):
            return True
    return any(name not in own and name not in old.files for name in new.files)


def _same_types(old: File, new: File) -> bool:
    return (
        old.features == new.features
        and old.proto.message_type == new.proto.message_type
        and old.proto.enum_type == new.proto.enum_type
    )


def _reach(schema: Schema) -> tuple[list[str], list[str]]:
    """Names of the messages and enums outside of the files to generate that their fields reach."""
    own = {file.name for file in schema.files_to_generate}
    todo = [message for file in schema.files_to_generate for message in file.all_messages()]
    messages: dict[str, None] = {}
    enums: dict[str, None] = {}
    for message in todo:
        for name in _type_names(message):
            if name in messages or name in enums:
                continue
            if (held := schema.messages.get(name)) is not None:
                if held.file.name not in own:
                    messages[name] = None
                    todo.append(held)
            elif (enum := schema.enums.get(name)) is not None and enum.file.name not in own:
                enums[name] = None
    return list(messages), list(enums)


def _type_names(message: Message) -> Iterator[str]:
    for field in message.proto.field:
        if field.type_name:
            yield field.type_name[1:]
    for nested in message.proto.nested_type:
        if nested.options.map_entry:
            yield from (field.type_name[1:] for field in nested.field if field.type_name)

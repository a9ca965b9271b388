"""The typed view of a compiled file set that every generator and every rule reads.

Nothing here can be changed after it was built: attributes are `Final`, collections are tuples. Plain slotted classes,
not dataclasses, because plugins pay for every imported module (`dataclasses` alone costs about 8 ms) and build over a
hundred thousand of these. Fields of a message are built when first asked for, so that files that a request only
imports cost next to nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors.comments import Comments, Path, Positions, collect_comments, find_line
from protogate.descriptors.features import (
    CLOSED,
    DELIMITED,
    EDITION_PROTO3,
    IMPLICIT,
    LEGACY_REQUIRED,
    PACKED,
    Features,
    edition_of,
    file_features,
    inherit,
)
from protogate.descriptors.names import json_name
from protogate.descriptors.wire import WireError, iterate_fields, read_varint
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        EnumValueDescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
        MethodDescriptorProto,
        OneofDescriptorProto,
        ServiceDescriptorProto,
    )

    from protogate.descriptors.options import OptionReader

__all__ = [
    "Default",
    "Enum",
    "EnumValue",
    "Field",
    "FieldIndex",
    "File",
    "Kind",
    "Message",
    "Method",
    "Oneof",
    "Schema",
    "Service",
]

Default = bool | int | float | str | bytes
"""A field's default value; enum defaults are the name of the value."""


class Kind(IntEnum):
    """What a field holds, numbered as `FieldDescriptorProto.Type`."""

    DOUBLE = 1
    FLOAT = 2
    INT64 = 3
    UINT64 = 4
    INT32 = 5
    FIXED64 = 6
    FIXED32 = 7
    BOOL = 8
    STRING = 9
    GROUP = 10
    MESSAGE = 11
    BYTES = 12
    UINT32 = 13
    ENUM = 14
    SFIXED32 = 15
    SFIXED64 = 16
    SINT32 = 17
    SINT64 = 18


_KINDS: Final = (Kind.DOUBLE, *Kind)
"""Indexed by the type number; an index is ten times cheaper than `Kind(n)`."""

_FIELD_TAG: Final = 2
"""In a path: `DescriptorProto.field`; extensions stand under another number."""
_LABEL_REQUIRED: Final = 2
_LABEL_REPEATED: Final = 3


class Schema:
    """All files of a request or an image, by name, with every type resolved."""

    __slots__ = ("_options", "enums", "files", "files_to_generate", "messages", "raw", "source_infos")

    def __init__(
        self,
        files: Iterable[FileDescriptorProto],
        to_generate: Iterable[str],
        source_infos: Mapping[str, memoryview] | None = None,
    ) -> None:
        """Build the view.

        Args:
            files: every file and its imports, imports first (as protoc and buf send them).
            to_generate: the names of the files to write output for.
            source_infos: serialized `SourceCodeInfo` by file name, for files that come without theirs.

        Raises:
            UserError: a file to generate or an import is not among `files`.
        """
        self.raw: Final[tuple[FileDescriptorProto, ...]] = tuple(files)
        """The descriptors as they came; `source_infos` holds what was cut out of them."""
        self.source_infos: Final[Mapping[str, memoryview]] = source_infos or {}
        self.messages: Final[dict[str, Message]] = {}
        self.enums: Final[dict[str, Enum]] = {}
        self._options: OptionReader | None = None
        self.files: Final[dict[str, File]] = {raw.name: File(raw, self) for raw in self.raw}
        self.files_to_generate: Final[tuple[File, ...]] = tuple(
            self._file_to_generate(name) for name in sorted(to_generate)
        )

    def _file_to_generate(self, name: str) -> File:
        file = self.files.get(name)
        if file is None:
            raise UserError(f"{name}: is to be generated but the request does not hold it")
        return file

    @property
    def options(self) -> OptionReader:
        """Reads custom options with the extension descriptors of this very schema."""
        if self._options is None:
            from protogate.descriptors.options import OptionReader  # noqa: PLC0415 - rarely needed

            self._options = OptionReader(self.raw)
        return self._options

    def message(self, full_name: str, *, wanted_by: str) -> Message:
        """The message `full_name`.

        Raises:
            UserError: it is not in the schema.
        """
        found = self.messages.get(full_name)
        if found is None:
            raise UserError(f"{wanted_by}: message {full_name} is not in the request")
        return found

    def enum(self, full_name: str, *, wanted_by: str) -> Enum:
        """The enum `full_name`.

        Raises:
            UserError: it is not in the schema.
        """
        found = self.enums.get(full_name)
        if found is None:
            raise UserError(f"{wanted_by}: enum {full_name} is not in the request")
        return found


class File:
    """One `.proto` file."""

    __slots__ = (
        "_comments",
        "_everything",
        "_positions",
        "_type_names",
        "edition",
        "enums",
        "extensions",
        "features",
        "messages",
        "name",
        "package",
        "proto",
        "schema",
        "services",
    )

    def __init__(self, proto: FileDescriptorProto, schema: Schema) -> None:
        self.proto: Final = proto
        self.schema: Final = schema
        self.name: Final = proto.name
        self.package: Final = proto.package
        self.edition: Final = edition_of(proto)
        self.features: Final = file_features(proto)
        self._comments: Mapping[Path, Comments] | None = None
        self._positions: Positions | None = None
        self._everything: tuple[tuple[Message, ...], tuple[Enum, ...], tuple[Field, ...]] | None = None
        self._type_names: frozenset[str] | None = None
        scope = self.package
        self.messages: Final[tuple[Message, ...]] = tuple(
            Message(m, self, None, scope, (4, i)) for i, m in enumerate(proto.message_type)
        )
        self.enums: Final[tuple[Enum, ...]] = tuple(
            Enum(e, self, None, scope, (5, i)) for i, e in enumerate(proto.enum_type)
        )
        self.services: Final[tuple[Service, ...]] = tuple(Service(s, self, (6, i)) for i, s in enumerate(proto.service))
        self.extensions: Final[tuple[Field, ...]] = tuple(
            Field(f, self, None, self.features, (7, i)) for i, f in enumerate(proto.extension)
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """The name without `.proto`."""
        return self.name.removesuffix(".proto")

    @property
    def imports(self) -> tuple[str, ...]:
        """Names of the files that this one imports, in the order written."""
        return tuple(self.proto.dependency)

    @property
    def deprecated(self) -> bool:
        """Whether the whole file is marked deprecated."""
        return self.proto.options.deprecated

    @property
    def doc(self) -> str:
        """The comment on the `syntax`, `edition` or `package` line, whichever is there first."""
        return self.comments_at((12,)).text or self.comments_at((14,)).text or self.comments_at((2,)).text

    def comments_at(self, path: Path) -> Comments:
        """The comments of the descriptor at `path`; empty ones where there are none."""
        comments = self._comments
        if comments is None:
            comments = self._comments = collect_comments(self.source_info)
        return comments.get(path) or _NO_COMMENTS

    @property
    def source_info(self) -> bytes:
        """The serialized `SourceCodeInfo`."""
        cut_out = self.schema.source_infos.get(self.name)
        return bytes(cut_out) if cut_out is not None else self.proto.source_code_info.SerializeToString()

    def line_of(self, path: Path) -> int:
        """The line (from 1) on which the descriptor at `path` starts; 1 without source info."""
        return find_line(self.source_info, path)

    @property
    def positions(self) -> Positions:
        """Finds lines and columns of many descriptors for the price of one walk."""
        positions = self._positions
        if positions is None:
            positions = self._positions = Positions(self.source_info)
        return positions

    def position_of(self, path: Path) -> tuple[int, int]:
        """Line and column (from 1) at which the descriptor at `path` starts, or its parent; zeros for neither."""
        positions = self.positions
        if positions.none:
            return 0, 0
        while path:
            found = positions.find(path)
            if found[0]:
                return found
            path = path[:-1]
        return 0, 0

    def place_of(self, path: Path) -> str:
        """`file:line` of the descriptor at `path`, for messages."""
        return f"{self.name}:{self.line_of(path)}"

    def all_messages(self) -> tuple[Message, ...]:
        """Every message of the file, nested ones after their parent, map entries left out."""
        return (self._everything or self._collect())[0]

    def all_enums(self) -> tuple[Enum, ...]:
        """Every enum of the file: those at the top, then the nested ones."""
        return (self._everything or self._collect())[1]

    def all_extensions(self) -> tuple[Field, ...]:
        """Every extension of the file: those at the top, then those declared in messages."""
        return (self._everything or self._collect())[2]

    @property
    def type_names(self) -> frozenset[str]:
        """Local names of its messages; those of map entries too, as `Outer.ItemsEntry`."""
        names = self._type_names
        if names is None:
            found = {message.local_name for message in self.all_messages()}
            for message in self.all_messages():
                local_name = message.local_name
                found.update(f"{local_name}.{nested.name}" for nested in message.proto.nested_type)
            names = self._type_names = frozenset(found)
        return names

    def _collect(self) -> tuple[tuple[Message, ...], tuple[Enum, ...], tuple[Field, ...]]:
        messages: list[Message] = []
        enums = list(self.enums)
        extensions = list(self.extensions)
        waiting = list(reversed(self.messages))
        while waiting:
            message = waiting.pop()
            messages.append(message)
            if message.messages:
                waiting.extend(reversed(message.messages))
            if message.enums:
                enums.extend(message.enums)
            if message.proto.extension:
                extensions.extend(message.extensions)
        everything = self._everything = tuple(messages), tuple(enums), tuple(extensions)
        return everything


_NO_COMMENTS: Final = Comments("", "", ())


class Message:
    """A message type."""

    __slots__ = (
        "_encoded",
        "_field_index",
        "_fields",
        "_fields_alone",
        "_oneofs",
        "enums",
        "features",
        "file",
        "full_name",
        "is_map_entry",
        "messages",
        "name",
        "parent",
        "path",
        "proto",
    )

    def __init__(self, proto: DescriptorProto, file: File, parent: Message | None, scope: str, path: Path) -> None:
        self.proto: Final = proto
        self.file: Final = file
        self.parent: Final = parent
        self.path: Final = path
        self.name: Final = proto.name
        self.full_name: Final = f"{scope}.{proto.name}" if scope else proto.name
        features = file.features if parent is None else parent.features
        is_map_entry = False
        if proto.HasField("options"):
            is_map_entry = proto.options.map_entry
            if proto.options.HasField("features"):
                features = inherit(features, proto.options.features)
        self.features: Final[Features] = features
        self.is_map_entry: Final = is_map_entry
        self._fields: tuple[Field, ...] | None = None
        self._fields_alone: dict[int, Field] | None = None
        self._field_index: FieldIndex | None = None
        self._encoded: bytes | None = None
        self._oneofs: tuple[Oneof, ...] | None = None
        # Most messages hold no types: a generator for each of the two lists is a third of what a message costs.
        messages: list[Message] = []
        if nested := proto.nested_type:
            types = [Message(m, file, self, self.full_name, (*path, 3, i)) for i, m in enumerate(nested)]
            messages = [m for m in types if not m.is_map_entry]
        self.messages: Final[tuple[Message, ...]] = tuple(messages)
        enums: list[Enum] = []
        if held := proto.enum_type:
            enums = [Enum(e, file, self, self.full_name, (*path, 4, i)) for i, e in enumerate(held)]
        self.enums: Final[tuple[Enum, ...]] = tuple(enums)
        file.schema.messages[self.full_name] = self

    def __str__(self) -> str:
        return f"message {self.full_name}"

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order written."""
        fields = self._fields
        if fields is None:
            file, features, path = self.file, self.features, self.path
            fields = self._fields = tuple(
                Field(f, file, self, features, (*path, 2, i)) for i, f in enumerate(self.proto.field)
            )
        return fields

    def field_at(self, index: int) -> Field:
        """The field that is written at `index`, without building the others."""
        if self._fields is not None:
            return self._fields[index]
        alone = self._fields_alone
        if alone is None:
            alone = self._fields_alone = {}
        field = alone.get(index)
        if field is None:
            field = alone[index] = Field(
                self.proto.field[index], self.file, self, self.features, (*self.path, _FIELD_TAG, index)
            )
        return field

    @property
    def oneofs(self) -> tuple[Oneof, ...]:
        """The oneofs that the author wrote; the synthetic ones of `optional` are left out."""
        oneofs = self._oneofs
        if oneofs is None:
            oneofs = self._oneofs = self._build_oneofs()
        return oneofs

    def _build_oneofs(self) -> tuple[Oneof, ...]:
        members: dict[int, list[Field]] = {}
        for field in self.fields:
            if field.oneof_index is not None:
                members.setdefault(field.oneof_index, []).append(field)
        return tuple(
            Oneof(self.proto.oneof_decl[i], self, tuple(fields), (*self.path, 8, i))
            for i, fields in sorted(members.items())
        )

    @property
    def extensions(self) -> tuple[Field, ...]:
        """Extensions declared inside this message (of whatever message they extend)."""
        return tuple(
            Field(f, self.file, self, self.features, (*self.path, 6, i)) for i, f in enumerate(self.proto.extension)
        )

    @property
    def is_extendable(self) -> bool:
        """Whether other files may add fields to it."""
        return bool(self.proto.extension_range)

    @property
    def reserved_ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last number of what it reserves, both included, in the order written."""
        return tuple((one.start, one.end - 1) for one in self.proto.reserved_range)

    @property
    def extension_ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last number of what it leaves to extensions, both included, in the order written."""
        return tuple((one.start, one.end - 1) for one in self.proto.extension_range)

    @property
    def local_name(self) -> str:
        """The name inside the package: `Outer.Inner`."""
        package = self.file.package
        return self.full_name[len(package) + 1 :] if package else self.full_name

    @property
    def deprecated(self) -> bool:
        """Whether it is marked deprecated."""
        return self.proto.options.deprecated

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.file.comments_at(self.path).text

    @property
    def place(self) -> str:
        """`file:line`, for messages to the user."""
        return self.file.place_of(self.path)

    @property
    def encoded(self) -> bytes:
        """The serialized descriptor: messages with equal ones, in equal feature context, mean the same."""
        encoded = self._encoded
        if encoded is None:
            if self.parent is None:
                _encode_messages(self.file)
            encoded = self._encoded = self._encoded or self.proto.SerializeToString()
        return encoded

    @property
    def field_index(self) -> FieldIndex:
        """Its fields by number, name and JSON key, without building them."""
        index = self._field_index
        if index is None:
            index = self._field_index = _index_fields(self.proto)
        return index


_MESSAGE_TAG: Final = 0x22
"""`FileDescriptorProto.message_type`."""


def _encode_messages(file: File) -> None:
    """Cut the serialized messages of a file out of the serialized file: twice as fast as to serialize each one."""
    if file.proto.HasField("source_code_info"):
        return  # many times larger than all messages
    data = file.proto.SerializeToString()
    position, end = 0, len(data)
    messages = iter(file.messages)
    try:
        while position < end:
            if data[position] != _MESSAGE_TAG:
                position = next(iterate_fields(data, position, end)).end
                continue
            size, body = read_varint(data, position + 1)
            position = body + size
            next(messages)._encoded = data[body:position]  # noqa: SLF001 - of this module
    except WireError:
        return  # an unknown group: rare, and each message can be asked for its own


class FieldIndex(NamedTuple):
    """The fields of a message as they came, and where each one is written."""

    protos: tuple[FieldDescriptorProto, ...]
    names: tuple[str, ...]
    json_names: tuple[str, ...]
    by_number: dict[int, int]
    by_name: dict[str, int]
    by_key: dict[str, int]
    """By all that a reader of ProtoJSON takes for the field: its JSON name and its name."""


def _index_fields(message: DescriptorProto) -> FieldIndex:
    protos = tuple(message.field)
    names = tuple([field.name for field in protos])
    json_names = tuple([field.json_name or json_name(field.name) for field in protos])
    by_name = {name: i for i, name in enumerate(names)}
    by_key = by_name | {name: i for i, name in enumerate(json_names)}
    return FieldIndex(protos, names, json_names, {field.number: i for i, field in enumerate(protos)}, by_name, by_key)


class Field:
    """A field, or an extension."""

    __slots__ = (
        "_features",
        "file",
        "is_repeated",
        "is_required",
        "json_name",
        "kind",
        "map_key",
        "map_value",
        "name",
        "number",
        "oneof_index",
        "parent",
        "path",
        "presence",
        "proto",
        "type_name",
    )

    def __init__(
        self,
        proto: FieldDescriptorProto,
        file: File,
        parent: Message | None,
        features: Features,
        path: Path,
    ) -> None:
        self.proto: Final = proto
        self.file: Final = file
        self.parent: Final = parent
        """The message it is declared in; None for an extension at the top of its file."""
        self.path: Final = path
        self.name: Final = proto.name
        self.number: Final = proto.number
        self.json_name: Final = proto.json_name or json_name(proto.name)
        # Only editions have features to set, and asking 100,000 fields of older files is felt.
        if file.edition > EDITION_PROTO3 and proto.HasField("options") and proto.options.HasField("features"):
            features = inherit(features, proto.options.features)
        self._features: Final = features
        kind = _KINDS[proto.type]
        label = proto.label
        repeated = label == _LABEL_REPEATED
        type_name = ""
        map_key: Field | None = None
        map_value: Field | None = None
        if kind is Kind.MESSAGE or kind is Kind.GROUP or kind is Kind.ENUM:
            type_name = proto.type_name[1:]
            if repeated and kind is Kind.MESSAGE:
                entry = file.schema.messages.get(type_name)
                if entry is not None and entry.is_map_entry:
                    map_key, map_value = entry.fields
                    repeated = False
        self.kind: Final = kind
        self.type_name: Final = type_name
        """Full name of the message or enum it holds; empty for scalars."""
        self.is_repeated: Final = repeated
        """Whether it is a list; maps are not."""
        self.map_key: Final = map_key
        self.map_value: Final = map_value
        in_oneof = proto.HasField("oneof_index")
        self.oneof_index: Final = proto.oneof_index if in_oneof and not proto.proto3_optional else None
        """Index of the oneof that the author wrote, None outside of one."""
        presence = features.field_presence
        self.is_required: Final = label == _LABEL_REQUIRED or (presence == LEGACY_REQUIRED and label != _LABEL_REPEATED)
        self.presence: Final = label != _LABEL_REPEATED and (
            in_oneof
            or kind is Kind.MESSAGE
            or kind is Kind.GROUP
            or presence != IMPLICIT
            or (parent is None or path[-2] != _FIELD_TAG)  # an extension
        )
        """Whether "not set" differs from the default value."""

    def __str__(self) -> str:
        return f"field {self.full_name}"

    @property
    def full_name(self) -> str:
        """Package, messages and name, joined by dots."""
        scope = self.parent.full_name if self.parent is not None else self.file.package
        return f"{scope}.{self.name}" if scope else self.name

    @property
    def is_map(self) -> bool:
        """Whether it is a map; then `map_key` and `map_value` tell of what."""
        return self.map_key is not None

    @property
    def is_extension(self) -> bool:
        """Whether it adds to a message declared elsewhere."""
        return self.proto.HasField("extendee")

    @property
    def message(self) -> Message:
        """The message that it holds.

        Raises:
            UserError: the field holds something else, or its message is not in the request.
        """
        schema = self.file.schema
        # The place is a walk through the whole source info: only for the error.
        return schema.messages.get(self.type_name) or schema.message(self.type_name, wanted_by=f"{self.place}: {self}")

    @property
    def enum(self) -> Enum:
        """The enum that it holds.

        Raises:
            UserError: the field holds something else, or its enum is not in the request.
        """
        schema = self.file.schema
        return schema.enums.get(self.type_name) or schema.enum(self.type_name, wanted_by=f"{self.place}: {self}")

    @property
    def features(self) -> Features:
        """The features that hold for it."""
        return self._features

    @property
    def oneof_name(self) -> str:
        """The name of the oneof that the author put it into; empty for none."""
        if self.oneof_index is None or self.parent is None:
            return ""
        return self.parent.proto.oneof_decl[self.oneof_index].name

    @property
    def oneof(self) -> Oneof | None:
        """The oneof that it belongs to, synthetic ones left out."""
        if self.oneof_index is None or self.parent is None:
            return None
        return next(o for o in self.parent.oneofs if self in o.fields)

    @property
    def is_packed(self) -> bool:
        """Whether a repeated scalar is written as one length-delimited run."""
        if not self.is_repeated or self.kind in _NEVER_PACKED:
            return False
        if self.proto.options.HasField("packed"):
            return self.proto.options.packed
        return self._features.repeated_field_encoding == PACKED

    @property
    def is_delimited(self) -> bool:
        """Whether it is written between start and end tags (a group)."""
        return self.kind is Kind.GROUP or (
            self.kind is Kind.MESSAGE
            and self._features.message_encoding == DELIMITED
            and not self.is_map
            and not (self.parent is not None and self.parent.is_map_entry)
        )

    @property
    def deprecated(self) -> bool:
        """Whether it is marked deprecated."""
        return self.proto.HasField("options") and self.proto.options.deprecated

    @property
    def default(self) -> Default | None:
        """The default that the author wrote, None without one."""
        if not self.proto.HasField("default_value"):
            return None
        return _parse_default(self.kind, self.proto.default_value)

    @property
    def zero(self) -> Default:
        """What a reader sees when a scalar or enum is not set and the author wrote no default."""
        if self.kind is Kind.ENUM:
            return self.enum.values[0].name
        return _ZEROS[self.kind]

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.file.comments_at(self.path).text

    @property
    def place(self) -> str:
        """`file:line`, for messages to the user."""
        return self.file.place_of(self.path)


_NEVER_PACKED: Final = frozenset({Kind.STRING, Kind.BYTES, Kind.MESSAGE, Kind.GROUP})

_ZEROS: Final[dict[Kind, Default]] = {
    **dict.fromkeys(Kind, 0),
    Kind.DOUBLE: 0.0,
    Kind.FLOAT: 0.0,
    Kind.BOOL: False,
    Kind.STRING: "",
    Kind.BYTES: b"",
}


def _parse_default(kind: Kind, text: str) -> Default:
    if kind is Kind.STRING or kind is Kind.ENUM:
        return text
    if kind is Kind.BYTES:
        return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
    if kind is Kind.BOOL:
        return text == "true"
    if kind is Kind.DOUBLE or kind is Kind.FLOAT:
        return float(text)
    return int(text)


class Oneof:
    """A oneof that the author wrote."""

    __slots__ = ("fields", "name", "parent", "path", "proto")

    def __init__(self, proto: OneofDescriptorProto, parent: Message, fields: tuple[Field, ...], path: Path) -> None:
        self.proto: Final = proto
        self.parent: Final = parent
        self.fields: Final = fields
        self.path: Final = path
        self.name: Final = proto.name

    def __str__(self) -> str:
        return f"oneof {self.full_name}"

    @property
    def full_name(self) -> str:
        """Package, messages and name, joined by dots."""
        return f"{self.parent.full_name}.{self.name}"

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.parent.file.comments_at(self.path).text

    @property
    def place(self) -> str:
        """`file:line`, for messages to the user."""
        return self.parent.file.place_of(self.path)


class Enum:
    """An enum type."""

    __slots__ = ("_names", "_numbers", "_values", "features", "file", "full_name", "name", "parent", "path", "proto")

    def __init__(self, proto: EnumDescriptorProto, file: File, parent: Message | None, scope: str, path: Path) -> None:
        self.proto: Final = proto
        self.file: Final = file
        self.parent: Final = parent
        self.path: Final = path
        self.name: Final = proto.name
        self.full_name: Final = f"{scope}.{proto.name}" if scope else proto.name
        features = file.features if parent is None else parent.features
        if proto.HasField("options") and proto.options.HasField("features"):
            features = inherit(features, proto.options.features)
        self.features: Final[Features] = features
        self._values: tuple[EnumValue, ...] | None = None
        self._numbers: dict[int, list[EnumValue]] | None = None
        self._names: dict[str, int] | None = None
        file.schema.enums[self.full_name] = self

    def __str__(self) -> str:
        return f"enum {self.full_name}"

    @property
    def values(self) -> tuple[EnumValue, ...]:
        """The values in the order written; the first one is the default."""
        values = self._values
        if values is None:
            path = self.path
            values = self._values = tuple(EnumValue(v, self, (*path, 2, i)) for i, v in enumerate(self.proto.value))
        return values

    @property
    def by_name(self) -> Mapping[str, int]:
        """The number of every name."""
        names = self._names
        if names is None:
            names = self._names = {value.name: value.number for value in self.values}
        return names

    @property
    def by_number(self) -> Mapping[int, Sequence[EnumValue]]:
        """The values by number, in the order written; with `allow_alias` a number has several."""
        numbers = self._numbers
        if numbers is None:
            numbers = self._numbers = {}
            for value in self.values:
                numbers.setdefault(value.number, []).append(value)
        return numbers

    @property
    def reserved_ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last number of what it reserves, both included, in the order written."""
        return tuple((one.start, one.end) for one in self.proto.reserved_range)

    @property
    def is_closed(self) -> bool:
        """Whether numbers without a name are refused."""
        return self.features.enum_type == CLOSED

    @property
    def local_name(self) -> str:
        """The name inside the package: `Outer.Color`."""
        package = self.file.package
        return self.full_name[len(package) + 1 :] if package else self.full_name

    @property
    def deprecated(self) -> bool:
        """Whether it is marked deprecated."""
        return self.proto.options.deprecated

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.file.comments_at(self.path).text

    @property
    def place(self) -> str:
        """`file:line`, for messages to the user."""
        return self.file.place_of(self.path)


class EnumValue:
    """A name and its number; with `allow_alias` several names share one."""

    __slots__ = ("name", "number", "parent", "path", "proto")

    def __init__(self, proto: EnumValueDescriptorProto, parent: Enum, path: Path) -> None:
        self.proto: Final = proto
        self.parent: Final = parent
        self.path: Final = path
        self.name: Final = proto.name
        self.number: Final = proto.number

    def __str__(self) -> str:
        return f"enum value {self.full_name}"

    @property
    def full_name(self) -> str:
        """The enum's full name and the value's own (not protobuf's scoping, which skips the enum)."""
        return f"{self.parent.full_name}.{self.name}"

    @property
    def deprecated(self) -> bool:
        """Whether it is marked deprecated."""
        return self.proto.HasField("options") and self.proto.options.deprecated

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.parent.file.comments_at(self.path).text


class Service:
    """A service."""

    __slots__ = ("file", "full_name", "methods", "name", "path", "proto")

    def __init__(self, proto: ServiceDescriptorProto, file: File, path: Path) -> None:
        self.proto: Final = proto
        self.file: Final = file
        self.path: Final = path
        self.name: Final = proto.name
        self.full_name: Final = f"{file.package}.{proto.name}" if file.package else proto.name
        self.methods: Final[tuple[Method, ...]] = tuple(
            Method(m, self, (*path, 2, i)) for i, m in enumerate(proto.method)
        )

    def __str__(self) -> str:
        return f"service {self.full_name}"

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.file.comments_at(self.path).text

    @property
    def place(self) -> str:
        """`file:line`, for messages to the user."""
        return self.file.place_of(self.path)


class Method:
    """An rpc."""

    __slots__ = ("name", "parent", "path", "proto")

    def __init__(self, proto: MethodDescriptorProto, parent: Service, path: Path) -> None:
        self.proto: Final = proto
        self.parent: Final = parent
        self.path: Final = path
        self.name: Final = proto.name

    def __str__(self) -> str:
        return f"rpc {self.full_name}"

    @property
    def full_name(self) -> str:
        """Service and name, joined by dots."""
        return f"{self.parent.full_name}.{self.name}"

    @property
    def client_streaming(self) -> bool:
        """Whether the client sends many requests."""
        return self.proto.client_streaming

    @property
    def server_streaming(self) -> bool:
        """Whether the server sends many responses."""
        return self.proto.server_streaming

    @property
    def input(self) -> Message:
        """The request message."""
        schema = self.parent.file.schema
        return schema.message(self.proto.input_type[1:], wanted_by=str(self))

    @property
    def output(self) -> Message:
        """The response message."""
        schema = self.parent.file.schema
        return schema.message(self.proto.output_type[1:], wanted_by=str(self))

    @property
    def doc(self) -> str:
        """The author's comment."""
        return self.parent.file.comments_at(self.path).text

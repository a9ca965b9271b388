"""The TypeScript module of one contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit import OutputFile, header_lines
from protoc_gen_protogate.targets.zod.docs import tsdoc
from protoc_gen_protogate.targets.zod.fields import (
    NULL_VALUE,
    Element,
    FieldText,
    Scalars,
    field_text,
    repeated_element,
)
from protoc_gen_protogate.targets.zod.names import (
    FileNames,
    all_extensions,
    file_names,
    literal,
    object_key,
    type_key,
)
from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protoc_gen_protogate.kit import NotCarried
    from protoc_gen_protogate.targets.zod.ruled import RuleWriter
    from protogate.descriptors import Enum, Field, File, Message

__all__ = ["Module", "Writer"]

_RUNTIME_ALIASES: Final = {"protojson": "$", "rules": "$rules", "formats": "$formats", "cel": "$cel"}

_IMPORT_SUFFIX: Final = {"js": ".js", "none": "", "ts": ".ts"}


_NO_NAMES: Final[frozenset[str]] = frozenset()
_EXTENSIONS: Final = "  [extension: `[${string}]`]: unknown;\n"
_NOTHING: Final = "  [key: string]: never;\n"


class Module(NamedTuple):
    """The output of one contract."""

    output: OutputFile
    imports: frozenset[str]
    """The contracts whose modules it imports."""
    runtimes: frozenset[str]
    """The runtime modules it imports."""
    not_carried: tuple[NotCarried, ...]


class Writer:
    """Writes modules under one set of options."""

    def __init__(self, known: Scalars, *, import_extension: str, descriptions: bool) -> None:
        self.scalars: Final = known
        self.import_suffix: Final = _IMPORT_SUFFIX[import_extension]
        self.descriptions: Final = descriptions
        self._names: Final[dict[str, FileNames]] = {}
        self._proto_names: Final[dict[str, str]] = {}

    def write(self, file: File) -> Module:
        """The module of `file`."""
        return _ModuleWriter(self, file).write()

    def names_of(self, file: File) -> FileNames:
        """What the module of `file` declares."""
        names = self._names.get(file.name)
        if names is None:
            names = self._names[file.name] = file_names(file)
        return names

    def usual_proto_name(self, json_name: str) -> str:
        """The proto name that the runtime expects for a JSON name: `userId` comes from `user_id`."""
        name = self._proto_names.get(json_name)
        if name is None:
            name = self._proto_names[json_name] = "".join(f"_{c.lower()}" if "A" <= c <= "Z" else c for c in json_name)
        return name


class _ModuleWriter:
    """Writes one module; remembers what it has to import."""

    def __init__(self, writer: Writer, file: File) -> None:
        self.writer = writer
        self.file = file
        self.names = writer.names_of(file)
        self.imports: dict[str, str] = {}
        # Most requests carry no rules at all: then nothing about them is loaded or looked up.
        self.rules: RuleWriter | None = None
        if file.schema.options.knows("buf.validate.field"):
            from protoc_gen_protogate.targets.zod.ruled import RuleWriter  # noqa: PLC0415

            self.rules = RuleWriter(file, self._element, self._numbers)
        self._texts: dict[tuple[object, ...], FieldText] = {}

    def write(self) -> Module:
        body = "".join(self._body())
        return Module(
            OutputFile(f"{self.file.stem}.zod.ts", "".join(self._head()) + body),
            frozenset(self.imports),
            self.runtimes,
            tuple(self.rules.not_carried) if self.rules is not None else (),
        )

    @property
    def runtimes(self) -> frozenset[str]:
        return frozenset({"protojson", *(self.rules.runtimes if self.rules is not None else ())})

    def _head(self) -> Iterator[str]:
        first, second = header_lines("zod", self.file.name)
        yield f"// {first}\n// {second}\n/* eslint-disable */\n"
        if self.file.doc or self.file.deprecated:
            yield tsdoc(self.file.doc, notes="@module", deprecated=self.file.deprecated)
        for name, alias in (*_RUNTIME_ALIASES.items(), *sorted(self.imports.items())):
            if name in self.runtimes:
                path = f"protogate/{name}"
            elif name in self.imports:
                path = f"{name.removesuffix('.proto')}.zod"
            else:
                continue
            path = _relative(path, self.file.name) + self.writer.import_suffix
            yield f"import * as {alias} from {literal(path)};\n"

    def _body(self) -> Iterator[str]:
        for enum in self.file.all_enums():
            yield self._enum(enum)
        for message in self.file.all_messages():
            yield self._message(message)
        for field in all_extensions(self.file):
            yield self._extension(field)

    def _enum(self, enum: Enum) -> str:
        name, _, schema = self.names.types[enum.full_name]
        doc = tsdoc(enum.doc, deprecated=enum.deprecated)
        if enum.full_name == NULL_VALUE:
            return (
                f"\n{doc}export type {name} = null;\n\n"
                f'export const {schema}: $.ValueSchema<null, null | "NULL_VALUE" | 0> = $.nullValue;\n'
            )
        first_names: dict[int, str] = {}
        constants = []
        numbers = []
        for value in enum.values:
            key = object_key(value.name)
            first = first_names.setdefault(value.number, value.name)
            constants.append(f'{tsdoc(value.doc, "  ", deprecated=value.deprecated)}  {key}: "{first}",\n')
            numbers.append(f"  {key}: {value.number},\n")
        output = name if enum.is_closed else f"{name} | number"
        closed = ', "closed"' if enum.is_closed else ""
        return (
            f"\n{doc}export const {name} = {{\n{''.join(constants)}}} as const;\n"
            f"{doc}export type {name} = (typeof {name})[keyof typeof {name}];\n\n"
            f"export const {schema}: $.EnumSchema<{output}, keyof typeof {name} | number> ="
            f" /* @__PURE__ */ $.enumeration({{\n{''.join(numbers)}}}{closed});\n"
        )

    def _message(self, message: Message) -> str:
        name, input_, schema = self.names.types[message.full_name]
        doc = tsdoc(message.doc, deprecated=message.deprecated)
        special = self.writer.scalars.well_known.get(message.full_name)
        if special is not None:
            return (
                f"\n{doc}export type {name} = {special.output};\nexport type {input_} = {special.input};\n"
                f"\nexport const {schema}: $.ValueSchema<{name}, {input_}> = {special.schema};\n"
            )
        outputs, inputs, schemas, odd_names = [], [], [], []
        expected_name = self.writer.usual_proto_name
        lenient = self.rules.in_message_oneofs(message) if self.rules is not None else _NO_NAMES
        for field in message.fields:
            text = self._ruled_field(field, lenient) or self._field(field)
            json_name = field.json_name
            key = type_key(json_name)
            outputs.append(f"{self._field_doc(field)}  {key}{text.output}\n")
            inputs.append(f"  {key}{text.input}\n")
            in_object = key if key != "__proto__" else object_key(key)
            schemas.append(f"  {in_object}{self._described(field, text.schema)}\n")
            if expected_name(json_name) != field.name:
                odd_names.append(f"{object_key(json_name)}: {literal(field.name)}")
        if message.is_extendable:
            outputs.append(_EXTENSIONS)
            inputs.append(_EXTENSIONS)
        elif not outputs:
            outputs.append(_NOTHING)
            inputs.append(_NOTHING)
        details = "".join(self._details(message, odd_names))
        return (
            f"\n{doc}export interface {name} {{\n{''.join(outputs)}}}\n\n"
            f"/** What {{@link {schema}}} accepts. */\nexport interface {input_} {{\n{''.join(inputs)}}}\n\n"
            f"export const {schema}: $.MessageSchema<{name}, {input_}> = /* @__PURE__ */"
            f' $.message("{message.full_name}", () => ({{\n{"".join(schemas)}}}){details});\n'
        )

    def _described(self, field: Field, schema: str) -> str:
        """The schema of a field with the author's comment, when options ask for that."""
        if not self.writer.descriptions or not field.doc:
            return schema
        return f": $.described({schema.removeprefix(': ').removesuffix(',')}, {literal(field.doc)}),"

    def _field_doc(self, field: Field) -> str:
        notes = ""
        if field.oneof_index is not None and field.parent is not None:
            oneof = field.parent.proto.oneof_decl[field.oneof_index].name
            notes = f"Member of the oneof `{oneof}`: at most one of its members is set."
        if field.proto.HasField("default_value"):
            default = f"@defaultValue `{field.proto.default_value.replace('`', '')}`"
            notes = f"{notes}\n\n{default}" if notes else default
        return tsdoc(field.doc, "  ", deprecated=field.deprecated, notes=notes)

    def _details(self, message: Message, odd_names: list[str]) -> Iterable[str]:
        details = []
        if odd_names:
            details.append(f"  names: {{ {', '.join(odd_names)} }},\n")
        if message.proto.oneof_decl:
            oneofs = [
                f"{object_key(oneof.name)}: [{', '.join(literal(f.json_name) for f in oneof.fields)}]"
                for oneof in message.oneofs
            ]
            if oneofs:
                details.append(f"  oneofs: {{ {', '.join(oneofs)} }},\n")
        if message.is_extendable:
            details.append("  extendable: true,\n")
        checks = self.rules.message(message) if self.rules is not None else ()
        if checks:
            details.append(f"  checks: () => [{', '.join(checks)}],\n")
        if self.writer.descriptions and message.doc:
            details.append(f"  description: {literal(message.doc)},\n")
        if details:
            yield ", {\n"
            yield from details
            yield "}"

    def _ruled_field(self, field: Field, lenient: frozenset[str]) -> FieldText | None:
        if self.rules is None or not field.proto.HasField("options"):
            return None
        return self.rules.field(field, in_message_oneof=field.name in lenient)

    def _field(self, field: Field) -> FieldText:
        if field.map_key is not None:
            return field_text(field, self._element)
        key = (field.type_name or field.kind, field.is_repeated, field.presence, field.is_required)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = field_text(field, self._element)
        return text

    def _element(self, field: Field) -> Element:
        """One value of the field, whatever its cardinality."""
        kind = field.kind
        if kind is not Kind.MESSAGE and kind is not Kind.GROUP and kind is not Kind.ENUM:
            return self.writer.scalars.by_kind[kind]
        special = self.writer.scalars.well_known.get(field.type_name)
        if special is not None:
            return special
        if kind is Kind.ENUM:
            enum = field.enum
            scope = self._scope(enum.file)
            name, _, schema = self.writer.names_of(enum.file).types[enum.full_name]
            output = f"{scope}{name}" if enum.is_closed else f"{scope}{name} | number"
            return Element(output, f"keyof typeof {scope}{name} | number", f"{scope}{schema}")
        message = field.message
        scope = self._scope(message.file)
        name, input_, schema = self.writer.names_of(message.file).types[message.full_name]
        return Element(f"{scope}{name}", f"{scope}{input_}", f"{scope}{schema}")

    def _numbers(self, enum: Enum) -> str:
        """An expression for the numbers of an enum by their names."""
        if enum.full_name == NULL_VALUE:
            return "{ NULL_VALUE: 0 }"
        return f"{self._scope(enum.file)}{self.writer.names_of(enum.file).types[enum.full_name].schema}.numbers"

    def _scope(self, file: File) -> str:
        """What leads to a declaration of `file`: nothing, or its import and a dot."""
        if file is self.file:
            return ""
        alias = self.imports.get(file.name)
        if alias is None:
            alias = _alias(file.name)
            while alias in self.imports.values():
                alias += "_"
            self.imports[file.name] = alias
        return f"{alias}."

    def _extension(self, field: Field) -> str:
        name = self.names.extensions[field.full_name]
        element = self._element(field)
        if field.is_repeated:
            element = repeated_element(element)
        output, input_, schema = element
        doc = tsdoc(field.doc, deprecated=field.deprecated)
        return (
            f"\n{doc}export const {name}: $.Extension<{output}, {input_}> ="
            f' $.extension("{field.full_name}", {schema});\n'
        )


def _relative(path: str, importer: str) -> str:
    """The import path of `path` for the module of `importer`, both below one root."""
    folders, target = importer.split("/")[:-1], path.split("/")
    while folders and len(target) > 1 and folders[0] == target[0]:
        del folders[0], target[0]
    return "../" * len(folders) + "/".join(target) if folders else "./" + "/".join(target)


def _alias(name: str) -> str:
    """No proto name has a dollar, so an alias is never taken."""
    return "$" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name.removesuffix(".proto"))

"""TypeScript from Python dataclasses, enums, TypedDicts, NamedTuples and aliases.

`protogate codegen ts` runs a script that builds one file with it::

    from protogate.codegen.typescript import TypeScriptEmitter
    from shop import models


    def build_output() -> str:
        emitter = TypeScriptEmitter(source_description="the models of the shop")
        emitter.add_enum(models.Status)
        emitter.add_interface(models.Order)
        return emitter.render()

A type says what a value is once it is JSON. The text depends on the types and the profile only.
"""

from __future__ import annotations

import dataclasses
import enum
import os
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.codegen.typescript_annotations import (
    alias_value,
    documentation,
    evaluated,
    is_named_tuple,
    is_record,
    is_type_alias,
    parameters_of,
)
from protogate.codegen.typescript_enums import enum_as_constants, enum_as_enum, has_typescript_enum
from protogate.codegen.typescript_fields import FieldReader, Record, own_bindings
from protogate.codegen.typescript_text import RESERVED, comment, declared_names, property_name, referenced_names
from protogate.codegen.typescript_types import (
    PRIMITIVES,
    Names,
    Profile,
    TypeWriter,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

    from protogate.codegen.typescript_fields import Field

__all__ = [
    "PRIMITIVE_TYPE_MAP",
    "PROFILES",
    "PROFILE_VARIABLE",
    "Profile",
    "TypeScriptEmitter",
    "generate_enum",
    "generate_interface",
    "python_type_to_typescript",
]

PRIMITIVE_TYPE_MAP: Final[Mapping[type, str]] = PRIMITIVES
"""Classes that are one value of JSON, and its TypeScript type."""
PROFILES: Final = ("strict", "compat")
PROFILE_VARIABLE: Final = "PROTOGATE_TS_PROFILE"
"""The environment variable by which `protogate codegen ts --profile` reaches a script."""
_LINE: Final = "// " + "=" * 77
_CLOSED: Final = Names({}, {}, frozenset(), {}, {})


class TypeScriptEmitter:
    """Collects declarations and renders one TypeScript file; the order is that of the calls.

    Types may refer to what is declared later. `render` raises ValueError when one of them refers to what is not
    declared at all, and names the field.
    """

    def __init__(
        self,
        *,
        source_description: str = "Python types",
        script_hint: str | None = None,
        profile: Profile | None = None,
        types: Mapping[Any, str] | None = None,
    ) -> None:
        """Begin an empty file.

        Args:
            source_description: what the head says the file is made from.
            script_hint: how to make it anew, as the head says it.
            profile: `strict` or `compat`; default: PROTOGATE_TS_PROFILE, or `compat`.
            types: TypeScript types for classes of your own, such as `{Money: "string"}`.
        """
        self.profile: Final[Profile] = _profile(profile)
        self._source = source_description
        self._hint = script_hint
        self._types: Mapping[object, str] = dict(types or {})
        self._text_base: type | None = None
        self._items: list[_Item] = []

    def with_entity_id_base(self, base: type) -> TypeScriptEmitter:
        """Write subclasses of a class as strings in the interfaces that are added from here on."""
        self._text_base = base
        return self

    def add_raw(self, content: str) -> TypeScriptEmitter:
        """Add hand-written TypeScript; what it declares or imports may be referred to."""
        self._items.append(_Raw(content))
        return self

    def add_section(self, title: str) -> TypeScriptEmitter:
        """Add a headline."""
        self._items.append(_Raw(f"{_LINE}\n// {_one_line(title)}\n{_LINE}"))
        return self

    def add_enum(self, enum_class: type[enum.Enum], *, name: str | None = None) -> TypeScriptEmitter:
        """Declare an enum, by the name of its class unless another is given."""
        _check_enum(enum_class)
        return self._declare(_Declared(name or enum_class.__name__, enum_class))

    def add_enums(self, enum_classes: Iterable[type[enum.Enum]]) -> TypeScriptEmitter:
        """Declare enums."""
        for each in enum_classes:
            self.add_enum(each)
        return self

    def add_interface(
        self,
        dataclass_type: type,
        *,
        entity_id_base: type | None = None,
        skip_private: bool = True,
        name: str | None = None,
    ) -> TypeScriptEmitter:
        """Declare a dataclass or TypedDict as an interface, a NamedTuple as a tuple with labels.

        Args:
            dataclass_type: the class.
            entity_id_base: a class whose subclasses are written as strings.
            skip_private: whether fields that start with an underscore are left out.
            name: of the interface; default: that of the class.
        """
        _check_record(dataclass_type)
        record = Record(dataclass_type, entity_id_base or self._text_base, skip_private)
        return self._declare(_Declared(name or dataclass_type.__name__, dataclass_type, record))

    def add_interfaces(
        self, dataclass_types: Iterable[type], *, entity_id_base: type | None = None
    ) -> TypeScriptEmitter:
        """Declare dataclasses, TypedDicts and NamedTuples."""
        for each in dataclass_types:
            self.add_interface(each, entity_id_base=entity_id_base)
        return self

    def add_alias(self, alias: object, value: object = None, *, description: str = "") -> TypeScriptEmitter:
        """Declare a type alias: `add_alias("Status", Literal["on", "off"])`, a NewType, or what `type X = ...` made.

        Fields whose type is that very NewType, alias or `Literal[...]` then refer to it by name.
        """
        if isinstance(alias, str):
            return self._declare(_Declared(alias, value, is_alias=True, is_named_here=True, description=description))
        if isinstance(alias, typing.NewType) or is_type_alias(alias):
            return self._declare(_Declared(_called(alias), alias, is_alias=True, description=description))
        raise ValueError(f"{_called(alias)}: has no name of its own; use add_alias(name, type)")

    def add_module(self, module: ModuleType) -> TypeScriptEmitter:
        """Declare all that a module defines, in its order: enums, records, NewTypes, and aliases of literals.

        Classes inside of classes stand before them. Names with an underscore in front are left out.
        """
        self._add_all(module, module.__name__)
        return self

    def _add_all(self, owner: object, module: str) -> None:
        for name, value in list(vars(owner).items()):
            if name.startswith("_"):
                continue
            if typing.get_origin(value) is typing.Literal:
                self.add_alias(name, value)
            elif getattr(value, "__module__", None) != module:
                continue
            elif isinstance(value, typing.NewType) or is_type_alias(value):
                self.add_alias(value)
            elif isinstance(value, type) and issubclass(value, enum.Enum):
                self.add_enum(value)
            elif isinstance(value, type) and is_record(value):
                if value is not owner:
                    self._add_all(value, module)
                self.add_interface(value)

    def add_dto_projections(self, projections: Mapping[str, str] | Sequence[tuple[str, str]]) -> TypeScriptEmitter:
        """Declare names for TypeScript types: `{"DeviceDto": "Device"}`."""
        for name, target in _pairs(projections):
            self._project(name, target, f"Conflicting DTO projection for {name}")
        return self

    def add_legacy_name_mappings(
        self, canonical_to_legacy: Mapping[str, str] | Sequence[tuple[str, str]]
    ) -> TypeScriptEmitter:
        """Declare old names of types: `{"Device": "DeviceDto"}` is canonical to legacy."""
        for canonical, legacy in _pairs(canonical_to_legacy):
            self._project(legacy, canonical, f"Legacy mapping conflict for {legacy}")
        return self

    def header(self) -> str:
        """Return the comment at the top of the file; it has no date, so that the same types make the same file."""
        lines = [_LINE, "// AUTO-GENERATED FILE - DO NOT EDIT MANUALLY", f"// Generated from {_one_line(self._source)}"]
        if self._hint:
            lines.append(f"// Run: {_one_line(self._hint)}")
        return "\n".join([*lines, _LINE]) + "\n"

    def render(self) -> str:
        """Return the file.

        Raises:
            ValueError: when a name is declared twice or not at all, or a type has no TypeScript counterpart.
        """
        return "\n".join([self.header(), *(f"{text}\n" for text in _Rendering(self._items, self.profile, self._types))])

    def _declare(self, item: _Declared) -> TypeScriptEmitter:
        if not item.name.isidentifier() or item.name in RESERVED:
            raise ValueError(f"{item.name!r}: cannot be the name of a TypeScript type; give another with name=")
        for other in self._items:
            if isinstance(other, (_Declared, _Projection)) and other.name == item.name:
                if other == item:
                    return self
                raise ValueError(f"{item.name}: is declared already, for another type; give another name with name=")
        self._items.append(item)
        return self

    def _project(self, name: str, target: str, conflict: str) -> None:
        for other in self._items:
            if isinstance(other, _Projection) and other.name == name:
                if other.target == target:
                    return
                raise ValueError(f"{conflict}: {other.target} vs {target}")
            if isinstance(other, _Declared) and other.name == name:
                raise ValueError(f"{conflict}: it is declared as a type of its own")
        if not name.isidentifier() or name in RESERVED:
            raise ValueError(f"{name!r}: cannot be the name of a TypeScript type")
        self._items.append(_Projection(name, target))


def python_type_to_typescript(
    py_type: object, *, entity_id_base: type | None = None, profile: Profile | None = None
) -> str:
    """Return the TypeScript type of a Python annotation, with classes by their names.

    Raises:
        ValueError: when there is none.
    """
    writer = TypeWriter(_profile(profile), _CLOSED)
    return writer.write(py_type, _called(py_type), text_base=entity_id_base).text


def generate_enum(enum_class: type[enum.Enum], *, profile: Profile | None = None) -> str:
    """Return the declaration of one enum."""
    _check_enum(enum_class)
    return _enum(enum_class, enum_class.__name__, _profile(profile))


def generate_interface(
    dataclass_type: type,
    *,
    entity_id_base: type | None = None,
    skip_private: bool = True,
    profile: Profile | None = None,
) -> str:
    """Return the declaration of one class with all its fields, inherited ones too.

    Raises:
        ValueError: when a type has no TypeScript counterpart; it names the field.
    """
    _check_record(dataclass_type)
    record = Record(dataclass_type, entity_id_base, skip_private)
    name = dataclass_type.__name__
    writer = TypeWriter(_profile(profile), _CLOSED._replace(of={dataclass_type: name}, known={name: dataclass_type}))
    return _record(name, record, writer, FieldReader(writer), {})


class _Raw(NamedTuple):
    text: str


class _Projection(NamedTuple):
    name: str
    target: str


class _Declared(NamedTuple):
    name: str
    subject: object
    """The class, NewType or alias; the type that `add_alias` gives a name to."""
    record: Record | None = None
    is_alias: bool = False
    is_named_here: bool = False
    """Whether the subject itself knows nothing of its name."""
    description: str = ""


_Item: typing.TypeAlias = _Raw | _Projection | _Declared


class _Rendering:
    """Renders the items of one file, which know of each other."""

    def __init__(self, items: Sequence[_Item], profile: Profile, chosen: Mapping[object, str]) -> None:
        self._items = items
        self._profile: Profile = profile
        declared = [each for each in items if isinstance(each, _Declared)]
        self._raw = frozenset(name for each in items if isinstance(each, _Raw) for name in declared_names(each.text))
        self._names = {each.name for each in items if not isinstance(each, _Raw)}
        self._records = {each.record.cls: each.record for each in declared if each.record}
        known = {name: type(name, (), {}) for name in self._raw} | {each.name: each.subject for each in declared}
        self._writer = TypeWriter(profile, _names(declared, profile, chosen)._replace(known=known))
        self._parameters = {each.name: each.subject for each in declared}
        self._reader = FieldReader(self._writer)

    def __iter__(self) -> Iterator[str]:
        texts = [self._text(each) for each in self._items]
        self._check_names()
        return iter(texts)

    def _text(self, item: _Item) -> str:
        if isinstance(item, _Raw):
            return item.text.removesuffix("\n")
        if isinstance(item, _Projection):
            return self._projection(item)
        if item.record is not None:
            return _record(item.name, item.record, self._writer, self._reader, self._records)
        if item.is_alias:
            return self._alias(item)
        return _enum(typing.cast("type[enum.Enum]", item.subject), item.name, self._profile)

    def _projection(self, item: _Projection) -> str:
        where = f"{item.name} = {item.target}"
        for name in sorted(referenced_names(item.target)):
            self._writer.refer(name, where)
        target = self._parameters.get(item.target)
        arguments = ", ".join(str(getattr(each, "__name__", each)) for each in parameters_of(target))
        given = f"<{arguments}>" if arguments else ""
        return f"export type {item.name}{self._writer.parameters(target, where)} = {item.target}{given};"

    def _alias(self, item: _Declared) -> str:
        # Written as what it stands for: its own name is only for those that refer to it.
        writer = self._writer
        hint = self._stands_for(item)
        if typing.get_origin(hint) is typing.Literal:
            writer = TypeWriter(self._profile, self._writer.names._replace(literals={}))
        term = writer.write(hint, item.name, bindings=own_bindings(item.subject), in_alias=True)
        head = comment(item.description)
        return f"{head}export type {item.name}{self._writer.parameters(item.subject, item.name)} = {term.text};"

    def _stands_for(self, item: _Declared) -> object:
        known = self._writer.names.known
        if isinstance(item.subject, typing.NewType):
            return evaluated(item.subject.__supertype__, item.subject, item.name, known)
        if is_type_alias(item.subject):
            return alias_value(item.subject, item.name, known)
        return evaluated(item.subject, None, item.name, known)

    def _check_names(self) -> None:
        problems = []
        for name, where in self._writer.needed.items():
            if name not in self._names and name not in self._raw:
                problems.append(f"{where}: {name} is not declared")
            elif name in self._writer.strangers and name not in self._raw:
                stranger = self._writer.strangers[name]
                problems.append(f"{stranger}: {name} is not the class that is declared by this name")
        twice = sorted(self._raw & self._names)
        problems += [f"{name}: is declared by add_raw and once more" for name in twice]
        if problems:
            raise ValueError(
                f"{'; '.join(problems)} (declare types with add_interface, add_enum, add_alias or add_raw)"
            )


def _names(declared: Sequence[_Declared], profile: Profile, chosen: Mapping[object, str]) -> Names:
    # Of two names for the same literals the first counts.
    named_here = [each for each in declared if each.is_named_here and typing.get_origin(each.subject) is typing.Literal]
    literals = {each.subject: each.name for each in reversed(named_here)}
    of = {each.subject: each.name for each in declared if not each.is_named_here}
    members = frozenset(
        each
        for each in of
        if profile == "compat" and isinstance(each, type) and issubclass(each, enum.Enum) and has_typescript_enum(each)
    )
    return Names(of, literals, members, chosen, {})


def _enum(cls: type[enum.Enum], name: str, profile: Profile) -> str:
    written = enum_as_enum if profile == "compat" and has_typescript_enum(cls) else enum_as_constants
    return comment(documentation(cls)) + written(cls, name)


def _record(name: str, record: Record, writer: TypeWriter, reader: FieldReader, declared: Mapping[type, Record]) -> str:
    head = comment(documentation(record.cls))
    title = f"{name}{writer.parameters(record.cls, name)}"
    fields = reader.fields(record)
    if is_named_tuple(record.cls):
        return f"{head}export type {title} = {_tuple(fields, frozen=writer.profile == 'strict')};"
    extended, provided = _extended(record, fields, writer, reader, declared)
    own = [each for each in fields if each.name not in provided]
    body = "".join(f"{comment(each.documentation, '  ')}  {_property(each)};\n" for each in own)
    extends = f" extends {', '.join(extended)}" if extended else ""
    return f"{head}export interface {title}{extends} " + (f"{{\n{body}}}" if body else "{}")


def _extended(
    record: Record, fields: Sequence[Field], writer: TypeWriter, reader: FieldReader, declared: Mapping[type, Record]
) -> tuple[list[str], set[str]]:
    """The declared bases of a class, without what it redefines; and the names of the fields that they give it."""
    if not dataclasses.is_dataclass(record.cls):
        return [], set()  # a TypedDict does not know its bases before Python 3.12
    mine = {each.name: each for each in fields}
    written: list[str] = []
    provided: set[str] = set()
    for base, bindings in _declared_bases(record, reader, declared):
        theirs = reader.fields(declared[base], bindings)
        changed = [each.name for each in theirs if mine.get(each.name, each).meaning != each.meaning]
        changed += [each.name for each in theirs if each.name not in mine]
        provided.update(each.name for each in theirs if each.name not in changed)
        arguments = ", ".join(bindings[each].text for each in parameters_of(base))
        text = writer.names.of[base] + (f"<{arguments}>" if arguments else "")
        keys = " | ".join(f'"{each}"' for each in changed)
        written.append(f"Omit<{text}, {keys}>" if changed else text)
    return written, provided


def _declared_bases(
    record: Record, reader: FieldReader, declared: Mapping[type, Record]
) -> Iterator[tuple[type, Mapping[object, Any]]]:
    """The nearest ancestors that are declared, none of them above another."""
    found: dict[type, Mapping[object, Any]] = {}
    waiting: list[tuple[type, Mapping[object, Any]]] = [(record.cls, {})]
    for cls, bindings in waiting:
        for base, bound in reader.base_bindings(record._replace(cls=cls), bindings):
            if base in declared and dataclasses.is_dataclass(base):
                found.setdefault(base, bound)
            else:
                waiting.append((base, bound))
    for base, bound in found.items():
        if not any(base in other.__mro__[1:] for other in found):
            yield base, bound


def _tuple(fields: Sequence[Field], *, frozen: bool) -> str:
    elements = ", ".join(_element(each) for each in fields)
    return f"{'readonly ' if frozen else ''}[{elements}]"


def _element(field: Field) -> str:
    # A label is for readers only, and most reserved words cannot be one.
    label = f"{field.name}_" if field.name in RESERVED else field.name
    return f"{label}{'?' if field.optional else ''}: {field.type}"


def _property(field: Field) -> str:
    mark = "readonly " if field.read_only else ""
    return f"{mark}{property_name(field.name)}{'?' if field.optional else ''}: {field.type}"


def _check_enum(cls: object) -> None:
    if not (isinstance(cls, type) and issubclass(cls, enum.Enum)):
        raise TypeError(f"{_called(cls)}: is no Enum class")


def _check_record(cls: object) -> None:
    if not (isinstance(cls, type) and is_record(cls)):
        raise TypeError(f"{_called(cls)}: is no dataclass, TypedDict or NamedTuple class")


def _profile(given: Profile | None) -> Profile:
    profile = given or os.environ.get(PROFILE_VARIABLE) or "compat"
    if profile == "strict":
        return "strict"
    if profile == "compat":
        return "compat"
    raise ValueError(f"profile {profile!r} is not known; use one of {', '.join(PROFILES)}")


def _pairs(given: Mapping[str, str] | Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return given.items() if isinstance(given, Mapping) else given


def _called(value: object) -> str:
    return str(getattr(value, "__name__", None) or value)


def _one_line(text: str) -> str:
    return " ".join(text.split())

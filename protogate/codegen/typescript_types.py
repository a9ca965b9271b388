"""Python annotations as TypeScript types: what their values look like in a JSON document."""

from __future__ import annotations

import collections
import collections.abc
import datetime as dt
import decimal
import enum
import ipaddress
import pathlib
import re
import types
import typing
import uuid
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from protogate.codegen.typescript_annotations import (
    alias_value,
    bound_of,
    default_of,
    is_record,
    is_type_alias,
    kind_of,
    packed,
    parameters_of,
    unpacked,
)
from protogate.codegen.typescript_text import literal, referenced_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "PRIMITIVES",
    "Names",
    "Profile",
    "Term",
    "TypeWriter",
    "one",
]

Profile = Literal["strict", "compat"]
Bindings: typing.TypeAlias = "Mapping[object, Term]"

_STRINGS: Final = (
    str,
    bytes,
    bytearray,
    dt.datetime,
    dt.date,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    uuid.UUID,
    pathlib.PurePath,
    re.Pattern,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)
PRIMITIVES: Final[Mapping[type, str]] = types.MappingProxyType(
    {bool: "boolean", int: "number", float: "number", types.NoneType: "null", **dict.fromkeys(_STRINGS, "string")}
)
"""Classes whose values, and those of their subclasses, are one value of JSON."""

_MUTABLE_LISTS: Final = frozenset(
    {list, set, collections.deque, collections.abc.MutableSequence, collections.abc.MutableSet}
)
_LISTS: Final = _MUTABLE_LISTS | {
    frozenset,
    collections.abc.Sequence,
    collections.abc.Set,
    collections.abc.Collection,
    collections.abc.Iterable,
    collections.abc.Iterator,
    collections.abc.Reversible,
    collections.abc.Container,
}
_MAPPINGS: Final = frozenset(
    {
        dict,
        collections.OrderedDict,
        collections.defaultdict,
        collections.Counter,
        collections.ChainMap,
        collections.abc.Mapping,
        collections.abc.MutableMapping,
        types.MappingProxyType,
    }
)
_READ_ONLY_MAPPINGS: Final = frozenset({collections.abc.Mapping, types.MappingProxyType})
_QUALIFIERS: Final = frozenset({"Annotated", "Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "InitVar"})
_OPEN_KEYS: Final = ("string", "number")
_WORD: Final = re.compile(r"\w+")
_UNNAMED: Final = frozenset({"builtins", "typing", "typing_extensions", "collections.abc", "types"})


class Term(NamedTuple):
    """A written type: the alternatives of a union, one for every other type."""

    parts: tuple[str, ...]
    loose: bool = False
    """Whether `[]` after the only part would bind to its last word."""

    @property
    def text(self) -> str:
        """The type by itself."""
        return " | ".join(self.parts)

    @property
    def item(self) -> str:
        """The type where something binds tighter than `|` does."""
        return f"({self.text})" if self.loose or len(self.parts) > 1 else self.text


def one(text: str, *, loose: bool = False) -> Term:
    """A type that is no union."""
    return Term((text,), loose)


class Names(NamedTuple):
    """What a type may refer to by its name."""

    of: Mapping[object, str]
    """Declared classes, NewTypes and aliases."""
    literals: Mapping[object, str]
    """Declared aliases of `Literal[...]`, by what they stand for."""
    members: frozenset[object]
    """Enum classes whose members are types, as those of a TypeScript `enum` are."""
    types: Mapping[object, str]
    """TypeScript types that the caller chose for classes of their own."""
    known: dict[str, object]
    """What a name in an annotation means where its module does not say."""


class TypeWriter:
    """Writes annotations as TypeScript types and remembers which names they need."""

    def __init__(self, profile: Profile, names: Names) -> None:
        self.profile: Final = profile
        self.any: Final = "unknown" if profile == "strict" else "any"
        self.names: Final = names
        self.needed: Final[dict[str, str]] = {}
        """Names that the written types refer to, with the first place that does."""
        self.strangers: Final[dict[str, str]] = {}
        """The names of classes among them, which no declared type has unless it is hand-written."""

    def write(
        self,
        hint: object,
        where: str,
        *,
        bindings: Bindings = types.MappingProxyType({}),
        text_base: type | None = None,
        in_alias: bool = False,
    ) -> Term:
        """Return the type of an annotation.

        Args:
            hint: the annotation, evaluated.
            where: what an error names, such as `User.email`.
            bindings: what stands for the type variables.
            text_base: a class whose subclasses are written as strings.
            in_alias: whether an alias is written, which TypeScript lets refer to itself only inside brackets.
        """
        return _Writing(self, where, bindings, text_base, in_alias).term(hint)

    def refer(self, name: str, where: str) -> str:
        """Return the name and remember that it must be declared."""
        self.needed.setdefault(name, where)
        return name

    def parameters(self, owner: object, where: str) -> str:
        """Return the type parameters of a generic class or alias, with brackets; nothing for other ones."""
        written = [self._parameter(each, where) for each in parameters_of(owner)]
        return f"<{', '.join(written)}>" if written else ""

    def _parameter(self, variable: object, where: str) -> str:
        name = str(getattr(variable, "__name__", variable))
        if name in self.names.known:
            raise ValueError(f"{where}: the type variable {name} hides the declared type {name}; rename one of them")
        if kind_of(variable) == "TypeVarTuple":
            return f"{name} extends {self.any}[]"
        if kind_of(variable) != "TypeVar":
            raise ValueError(f"{where}: {name} is a {kind_of(variable)}, which has no TypeScript counterpart")
        bound = bound_of(variable)
        written = f"{name} extends {self.write(bound, where).text}" if bound is not None else name
        default = default_of(variable)
        if default is not None:
            written += f" = {self.write(default, where).text}"
        return written


class _Writing:
    """One annotation on its way to TypeScript."""

    def __init__(
        self,
        writer: TypeWriter,
        where: str,
        bindings: Bindings,
        text_base: type | None,
        in_alias: bool,  # noqa: FBT001 - internal
    ) -> None:
        self._writer = writer
        self._where = where
        self._bindings = bindings
        self._text_base = text_base
        self._in_alias = in_alias
        self._strict = writer.profile == "strict"
        self._inlined: list[object] = []

    def term(self, hint: object) -> Term:
        named = self._named(hint)
        if named is not None:
            return named
        if hint is None or hint is types.NoneType:
            return one("null")
        if hint is typing.Any or hint is object:
            return one(self._writer.any)
        if isinstance(hint, (str, typing.ForwardRef)):
            return self._forward(hint)
        if kind_of(hint) in {"TypeVar", "TypeVarTuple", "ParamSpec"}:
            return self._variable(hint)
        if isinstance(hint, typing.NewType):
            return self.term(hint.__supertype__)
        if is_type_alias(hint):
            return self._alias(hint, ())
        if isinstance(hint, type) and typing.get_origin(hint) is None:
            return self._class(hint)
        return self._special(hint)

    def _named(self, hint: object) -> Term | None:
        """The name that was declared for exactly this, or the type that the caller chose for it."""
        names = self._writer.names
        try:
            chosen = names.types.get(hint)
            if chosen is not None:
                for name in sorted(referenced_names(chosen)):
                    self._writer.refer(name, self._where)
                return one(f"({chosen})" if "=>" in chosen else chosen, loose=not _WORD.fullmatch(chosen))
            if typing.get_origin(hint) is Literal:
                return one(names.literals[hint]) if hint in names.literals else None
            named = names.of.get(hint)
        except TypeError:
            return None  # not hashable, such as Literal[[...]] or Annotated[int, []]
        return one(named + self._open_arguments(hint)) if named else None

    def _open_arguments(self, owner: object) -> str:
        """What stands for type parameters that an annotation leaves out."""
        written = ", ".join(self._open_argument(each) for each in parameters_of(owner))
        return f"<{written}>" if written else ""

    def _open_argument(self, variable: object) -> str:
        """The default of a type variable, or its bound, or anything."""
        if kind_of(variable) == "TypeVarTuple":
            return f"{self._writer.any}[]"
        default, bound = default_of(variable), bound_of(variable)
        if default is not None:
            return self.term(default).text
        return self._writer.any if bound is None else self.term(bound).text

    def _forward(self, hint: str | typing.ForwardRef) -> Term:
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        if not text.isidentifier():
            raise ValueError(f"{self._where}: {text!r} cannot be resolved; use a name that its module has")
        return one(self._writer.refer(text, self._where))

    def _variable(self, variable: object) -> Term:
        bound = self._bindings.get(variable)
        if bound is not None:
            return bound
        limit = bound_of(variable)
        return one(self._writer.any) if limit is None else self.term(limit)

    def _alias(self, alias: object, arguments: Sequence[object]) -> Term:
        name = self._writer.names.of.get(alias)
        if name:
            return one(name + self._arguments(alias, arguments))
        shown = str(getattr(alias, "__name__", alias))
        if alias in self._inlined:
            raise ValueError(f"{self._where}: {shown} refers to itself; declare it with add_alias({shown})")
        bound = dict(zip(parameters_of(alias), [self.term(each) for each in arguments], strict=False))
        outer, self._bindings = self._bindings, {**self._bindings, **bound}
        self._inlined.append(alias)
        try:
            return self.term(alias_value(alias, self._where, self._writer.names.known))
        finally:
            self._inlined.pop()
            self._bindings = outer

    def _class(self, cls: type) -> Term:
        if self._is_text(cls):
            return one("string")
        if issubclass(cls, enum.Enum) or is_record(cls):
            return self._reference(cls)
        for base in cls.__mro__:
            if base in PRIMITIVES:
                return one(PRIMITIVES[base])
        if cls is tuple or cls in _LISTS:
            return self._list(cls, self._writer.any)
        if cls in _MAPPINGS:
            return self._mapping(cls, ())
        if kind_of(cls) == "TypeAliasType" or cls.__module__ in _UNNAMED:
            raise self._no_counterpart(cls)
        return self._reference(cls)

    def _reference(self, cls: type, arguments: Sequence[object] = ()) -> Term:
        name = self._writer.names.of.get(cls)
        if name is None:
            name = self._writer.refer(cls.__name__, self._where)
            self._writer.strangers.setdefault(name, self._where)
        return one(name + self._arguments(cls, arguments))

    def _arguments(self, owner: object, arguments: Sequence[object]) -> str:
        if not arguments:
            return self._open_arguments(owner)
        written = [self._tuple_element(each) for each in arguments]
        return f"<{', '.join(packed(parameters_of(owner), written, _bracketed))}>"

    def _special(self, hint: object) -> Term:
        origin = typing.get_origin(hint)
        arguments = typing.get_args(hint)
        if origin in {typing.Union, types.UnionType}:
            return self._union([self.term(each) for each in arguments])
        if origin is Literal:
            return self._union([self._literal(each) for each in arguments])
        if kind_of(origin) in _QUALIFIERS or kind_of(hint) in {"Annotated", "_AnnotatedAlias"}:
            return self.term(arguments[0])
        if origin is None:
            return self._bare(hint)
        if is_type_alias(origin):
            return self._alias(origin, arguments)
        if origin is tuple:
            return self._tuple(hint, arguments)
        if origin in _LISTS:
            return self._list(origin, self.term(arguments[0]).item if arguments else self._writer.any)
        if origin in _MAPPINGS:
            return self._mapping(origin, arguments)
        if isinstance(origin, type) and issubclass(origin, (type, *_STRINGS)):
            return self._pattern(origin)
        if isinstance(origin, type) and origin.__module__ not in _UNNAMED:
            return self._reference(origin, arguments)
        raise self._no_counterpart(hint)

    def _bare(self, hint: object) -> Term:
        match kind_of(hint):
            case "Self" if "Self" in self._bindings:
                return self._bindings["Self"]
            case "Never" | "NoReturn":
                return one("never")
            case "LiteralString":
                return one("string")
            case "Final" | "Required" | "NotRequired" | "ReadOnly":
                return one(self._writer.any)
        raise self._no_counterpart(hint)

    def _pattern(self, origin: type) -> Term:
        if issubclass(origin, type):
            raise self._no_counterpart(origin)
        return one("string")

    def _literal(self, value: object) -> Term:
        if isinstance(value, enum.Enum):
            if type(value) in self._writer.names.members and value.name.isidentifier():
                return one(f"{self._writer.names.of[type(value)]}.{value.name}")
            value = value.value
        written = literal(value)
        if written is None:
            raise ValueError(f"{self._where}: Literal[{value!r}] is no value of JSON that TypeScript can tell apart")
        return one(written)

    def _union(self, terms: Sequence[Term]) -> Term:
        parts = dict.fromkeys(part for term in terms for part in term.parts)
        if self._writer.any in parts:
            return one(self._writer.any)  # it takes in every other type, null too
        parts.pop("never", None)
        # null at the end: an Optional reads the same however it was spelled.
        ordered = (*(part for part in parts if part != "null"), *(part for part in parts if part == "null"))
        return Term(ordered or ("never",), any(term.loose for term in terms))

    def _list(self, origin: object, item: str) -> Term:
        return self._frozen(f"{item}[]", frozen=origin not in _MUTABLE_LISTS)

    def _frozen(self, text: str, *, frozen: bool) -> Term:
        return one(f"readonly {text}", loose=True) if frozen and self._strict else one(text)

    def _tuple(self, hint: object, arguments: Sequence[object]) -> Term:
        if hint is typing.Tuple:  # noqa: UP006 - the bare one, which is not tuple[()]
            return self._list(tuple, self._writer.any)
        if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[item, ...]
            return self._list(tuple, self.term(arguments[0]).item)
        return self._frozen(_bracketed([self._tuple_element(each) for each in arguments]), frozen=True)

    def _tuple_element(self, hint: object) -> str:
        spread = unpacked(hint)
        if spread is None:
            return self.term(hint).text
        inner = self.term(spread)
        return f"...{inner.text.removeprefix('readonly ')}"

    def _mapping(self, origin: object, arguments: Sequence[object]) -> Term:
        key = arguments[0] if arguments else str
        value: object = int if origin is collections.Counter else (*arguments, typing.Any)[1 if arguments else 0]
        keys = self._keys(key)
        item = self.term(value).text
        frozen = self._strict and origin in _READ_ONLY_MAPPINGS
        mark = "readonly " if frozen else ""
        open_keys = [each for each in keys if each in _OPEN_KEYS]
        if not open_keys:
            return one(f"{{ {mark}[{_fresh('K', item)} in {' | '.join(keys)}]?: {item} }}")
        if self._in_alias:
            return one(f"{{ {mark}[key: {open_keys[0]}]: {item} }}")
        record = f"Record<{open_keys[0]}, {item}>"
        return one(f"Readonly<{record}>" if frozen else record)

    def _keys(self, hint: object) -> tuple[str, ...]:
        """The keys that JSON makes of it: `string`, `number` for numbers in digits, or the only ones there are."""
        if isinstance(hint, typing.NewType):
            return self._keys(hint.__supertype__)
        if is_type_alias(hint):
            keys = self._keys(alias_value(hint, self._where, self._writer.names.known))
            name = self._writer.names.of.get(hint)
            return (name,) if name and not parameters_of(hint) and keys[0] not in _OPEN_KEYS else keys
        if isinstance(hint, type) and issubclass(hint, enum.Flag):
            return ("number",)
        if isinstance(hint, type) and is_record(hint) and not self._is_text(hint):
            raise self._no_key(hint.__name__)
        if kind_of(hint) == "TypeVar":
            return ("string",)
        found = dict.fromkeys(key for part in self.term(hint).parts for key in self._written_keys(part))
        # Where any string is a key, so is every other one.
        return ("string",) if "string" in found else tuple(found)

    def _written_keys(self, part: str) -> tuple[str, ...]:
        if part == self._writer.any:
            return ("string",)
        if part == "boolean":
            return ('"true"', '"false"')
        if part in {"null", "true", "false"}:
            return (f'"{part}"',)
        if part[0] in "[{(" or part[-1] in "]>":
            raise self._no_key(part)
        return (part,)

    def _is_text(self, cls: type) -> bool:
        return self._text_base in cls.__mro__

    def _no_key(self, shown: str) -> ValueError:
        return ValueError(f"{self._where}: {shown} cannot be a key of a JSON object; use strings, numbers or enums")

    def _no_counterpart(self, hint: object) -> ValueError:
        shown = hint.__name__ if isinstance(hint, type) else str(hint)
        return ValueError(
            f"{self._where}: {shown} has no TypeScript counterpart; name one with types={{{_last(shown)}: ...}}"
        )


def _bracketed(elements: Sequence[str]) -> str:
    return f"[{', '.join(elements)}]"


def _fresh(name: str, text: str) -> str:
    """Return a name that the text does not use, but to name the keys of a type inside of it."""
    used = _WORD.findall(text.replace(f"[{name} in ", "["))
    while name in used:
        name += "_"
    return name


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]

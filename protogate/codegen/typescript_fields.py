"""The fields of dataclasses, TypedDicts and NamedTuples, with their types as TypeScript."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from protogate.codegen.typescript_annotations import annotations_of, evaluated, is_named_tuple, packed, parameters_of
from protogate.codegen.typescript_types import Term, one

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protogate.codegen.typescript_types import TypeWriter

__all__ = ["Field", "FieldReader", "Record", "bases_of", "own_bindings"]

Bindings: typing.TypeAlias = "Mapping[object, Term]"
_NO_BINDINGS: Bindings = types.MappingProxyType({})
_FORM_QUALIFIERS = frozenset({"Required", "NotRequired", "ReadOnly", "Annotated", "Final", "InitVar"})


class Record(NamedTuple):
    """A class that becomes an interface or a tuple, and how its author wants it."""

    cls: type
    text_base: type | None = None
    """Subclasses of this class are written as strings."""
    skip_private: bool = True
    """Whether fields that start with an underscore are left out."""


class Field(NamedTuple):
    """One property of an interface, or one element of a tuple."""

    name: str
    type: str
    optional: bool
    read_only: bool
    documentation: str

    @property
    def meaning(self) -> tuple[str, bool, bool]:
        """What must be equal for two fields to be the same to TypeScript."""
        return self.type, self.optional, self.read_only


class FieldReader:
    """Reads the fields of classes in the words of one profile."""

    def __init__(self, writer: TypeWriter) -> None:
        self._writer = writer
        self._strict = writer.profile == "strict"

    def fields(self, record: Record, bindings: Bindings = _NO_BINDINGS) -> tuple[Field, ...]:
        """Return all fields in order, inherited ones too.

        Args:
            record: the class.
            bindings: what its type variables stand for; themselves by default.
        """
        cls = record.cls
        bindings = {**own_bindings(cls), **bindings}
        bindings = {**bindings, "Self": self._self(cls, bindings)}
        if dataclasses.is_dataclass(cls):
            found = self._of_dataclass(record, bindings)
        elif is_named_tuple(cls):
            found = self._of_named_tuple(record, bindings)
        else:
            found = self._of_typed_dict(record, bindings)
        return tuple(each for each in found if not (record.skip_private and each.name.startswith("_")))

    def _self(self, cls: type, bindings: Bindings) -> Term:
        name = self._writer.names.of.get(cls, cls.__name__)
        arguments = ", ".join(bindings[each].text for each in parameters_of(cls))
        return one(f"{name}<{arguments}>" if arguments else name)

    def base_bindings(self, record: Record, bindings: Bindings) -> Iterator[tuple[type, Bindings]]:
        """Yield the bases of a class, nearest first, with what their type variables stand for."""
        bindings = {**own_bindings(record.cls), **bindings}
        for base, arguments in bases_of(record.cls):
            where = f"{record.cls.__name__}({base.__name__})"
            write = partial(self._writer.write, where=where, text_base=record.text_base)
            terms = [
                write(evaluated(each, record.cls, where, self._writer.names.known), bindings=bindings)
                for each in arguments
            ]
            parameters = parameters_of(base)
            bound = dict(zip(parameters, packed(parameters, terms, _tuple), strict=False)) if terms else {}
            # A generic base without arguments is one of anything.
            bound |= {each: write(each) for each in parameters if each not in bound}
            yield base, bound

    def _of_dataclass(self, record: Record, bindings: Bindings) -> Iterator[Field]:
        owners = dict(self._owners(record, bindings))
        frozen = record.cls.__dataclass_params__.frozen  # type: ignore[attr-defined] # asked for dataclasses only
        for field in dataclasses.fields(record.cls):
            source = owners.get(field.name, _Source(record.cls, field.type, bindings))
            has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
            made = self._field(
                record,
                field.name,
                source,
                optional=has_default and not self._strict,
                may_be_null=field.default is None,
            )
            said = getattr(field, "doc", None) or made.documentation
            yield made._replace(read_only=frozen and self._strict, documentation=said)

    def _owners(self, record: Record, bindings: Bindings) -> Iterator[tuple[str, _Source]]:
        """Yield who annotates each field, the nearest class last, as a later one hides an earlier."""
        bound = self._bindings_of_ancestors(record, bindings)
        for cls in reversed(record.cls.__mro__):
            if "__dataclass_fields__" in cls.__dict__:
                for name, annotation in annotations_of(cls).items():
                    yield name, _Source(cls, annotation, {**bound.get(cls, {}), "Self": bindings["Self"]})

    def _bindings_of_ancestors(self, record: Record, bindings: Bindings) -> dict[type, Bindings]:
        found: dict[type, Bindings] = {record.cls: bindings}
        waiting = [record.cls]
        for cls in waiting:
            for base, bound in self.base_bindings(record._replace(cls=cls), found[cls]):
                if base not in found:
                    found[base] = bound
                    waiting.append(base)
        return found

    def _of_named_tuple(self, record: Record, bindings: Bindings) -> Iterator[Field]:
        cls = record.cls
        # A class below a NamedTuple has its elements; annotations of its own are no elements.
        owner = next((each for each in reversed(cls.__mro__) if is_named_tuple(each)), cls)
        annotations = annotations_of(owner)
        bound = self._bindings_of_ancestors(record, bindings).get(owner, bindings)
        defaults = owner._field_defaults  # type: ignore[attr-defined] # asked for NamedTuples only
        for name in owner._fields:  # type: ignore[attr-defined] # as above
            yield self._field(
                record,
                name,
                _Source(owner, annotations.get(name, typing.Any), {**bound, "Self": bindings["Self"]}),
                optional=name in defaults and not self._strict,
                may_be_null=name in defaults and defaults[name] is None,
            )

    def _of_typed_dict(self, record: Record, bindings: Bindings) -> Iterator[Field]:
        ancestors = self._bindings_of_ancestors(record, bindings)
        required = record.cls.__required_keys__  # type: ignore[attr-defined] # asked for TypedDicts only
        for name, annotation in annotations_of(record.cls).items():
            # A TypedDict has the annotations of its bases too: the farthest that has this one wrote it.
            owner = [cls for cls in ancestors if annotations_of(cls).get(name) == annotation][-1]
            source = _Source(owner, annotation, {**ancestors[owner], "Self": bindings["Self"]})
            yield self._field(record, name, source, optional=name not in required)

    def _field(self, record: Record, name: str, source: _Source, *, optional: bool, may_be_null: bool = False) -> Field:
        where = f"{record.cls.__name__}.{name}"
        hint = evaluated(source.annotation, source.owner, where, self._writer.names.known)
        written = self._writer.write(hint, where, bindings=source.bindings, text_base=record.text_base)
        if may_be_null and not {"null", self._writer.any} & set(written.parts):
            # `name: str = None`: what the annotation forgets, the documents have.
            written = Term((*written.parts, "null"), written.loose)
        forms = _Forms(hint)
        if forms.has("NotRequired") or forms.has("Required"):
            # A TypedDict does not see them in annotations that are text.
            optional = forms.has("NotRequired")
        return Field(name, written.text, optional, self._strict and forms.has("ReadOnly"), forms.documentation)


class _Source(NamedTuple):
    """Where a field's annotation stands."""

    owner: type
    annotation: object
    bindings: Bindings


class _Forms:
    """What wraps an annotation: `Required[...]`, `Annotated[..., Doc("...")]` and their like."""

    def __init__(self, hint: object) -> None:
        self._names: set[str] = set()
        self.documentation = ""
        while True:
            metadata = getattr(hint, "__metadata__", ())
            name = "Annotated" if metadata else _form(typing.get_origin(hint))
            if name not in _FORM_QUALIFIERS:
                return
            self._names.add(name)
            texts = [each.documentation for each in metadata if isinstance(getattr(each, "documentation", None), str)]
            self.documentation = self.documentation or "\n".join(texts)
            hint = typing.get_args(hint)[0]

    def has(self, name: str) -> bool:
        return name in self._names


def _tuple(elements: Sequence[Term]) -> Term:
    return one(f"[{', '.join(each.text for each in elements)}]")


def own_bindings(owner: object) -> Bindings:
    """Return the type variables of a generic class or alias as what they are called."""
    return {variable: one(str(getattr(variable, "__name__", variable))) for variable in parameters_of(owner)}


def bases_of(cls: type) -> Iterator[tuple[type, tuple[object, ...]]]:
    """Yield the direct bases of a class with the arguments that it gives to generic ones."""
    listed = cls.__dict__.get("__orig_bases__", cls.__bases__)
    for base in listed:
        origin = typing.get_origin(base) or base
        if isinstance(origin, type) and origin not in {object, typing.Generic, typing.Protocol}:
            yield origin, typing.get_args(base)


def _form(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) else str(getattr(hint, "_name", None) or "")

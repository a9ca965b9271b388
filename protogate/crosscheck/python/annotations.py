"""What frameworks ask of an annotation: its metadata, the members of its union, which classes those are.

`types.py` says which documents a type stands for; FastAPI decides by the type itself where a parameter comes from.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.expressions import annotation_term, term_of
from protogate.crosscheck.python.lineage import lineage
from protogate.crosscheck.python.names import ClassDefinition, Known, resolve
from protogate.crosscheck.python.terms import (
    NONE_TYPE,
    AliasType,
    AnnotatedType,
    ClassType,
    KnownType,
    MadeType,
    UnionType,
)
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.python.lineage import Ancestor
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.terms import Metadata, Term

__all__ = [
    "BASE_MODELS",
    "ENUMS",
    "Annotation",
    "class_names",
    "data_members",
    "decorators_of",
    "is_a",
    "is_class_of",
    "is_dataclass",
    "metadata_of",
    "type_of",
]

BASE_MODELS: Final = frozenset({"pydantic.BaseModel", "pydantic.RootModel", "pydantic.create_model"})
ENUMS: Final = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "enum.ReprEnum"})
_DATACLASSES: Final = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_DEEPEST: Final = 20
"""Aliases of aliases."""


class Annotation(NamedTuple):
    """The expression of a type, and where its names are looked up."""

    node: ast.expr
    scope: Scope


def type_of(annotation: Annotation) -> Term:
    """Return a type without `Annotated` and names that stand for it."""
    return _bare(annotation_term(*annotation))


def metadata_of(annotation: Annotation) -> tuple[Metadata, ...]:
    """Return what `Annotated` adds to a type, in the order of the text."""
    term = annotation_term(*annotation)
    for _ in range(_DEEPEST):
        if isinstance(term, AnnotatedType):
            return term.metadata
        if not isinstance(term, AliasType):
            break
        term = _value(term)
    return ()


def data_members(term: Term) -> tuple[Term, ...]:
    """Return the members of a union but None; the type itself if it is none."""
    term = _bare(term)
    parts = term.members if isinstance(term, UnionType) else (term,)
    return tuple(_bare(one) for one in parts if _bare(one) != NONE_TYPE)


def class_names(term: Term) -> tuple[str, ...]:
    """Return the known names that a type is or inherits from; none where nobody can tell."""
    match term:
        case KnownType(name=name):
            return (name,)
        case MadeType(maker=maker):
            return (maker,)
        case ClassType(definition=definition):
            return _known_above(definition)
        case _:
            return ()


def is_a(term: Term, names: frozenset[str]) -> bool:
    """Return whether a type is a class of one of these names, or inherits from it."""
    return any(name in names for name in class_names(term))


def is_class_of(definition: ClassDefinition, names: frozenset[str]) -> bool:
    """Return whether a class inherits from one of these names."""
    return any(name in names for name in _known_above(definition))


def is_dataclass(definition: ClassDefinition) -> bool:
    """Return whether a class, or one above it, is decorated as a dataclass."""
    above = lineage(definition)
    classes = (definition,) if isinstance(above, Unresolved) else above
    return any(
        name in _DATACLASSES for one in classes if isinstance(one, ClassDefinition) for name in decorators_of(one)
    )


def decorators_of(definition: ClassDefinition) -> tuple[str, ...]:
    """Return the known names of the decorators of a class."""
    found: list[str] = []
    for decorator in definition.node.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        meaning = resolve(node, definition.outer)
        if isinstance(meaning, Known):
            found.append(meaning.name)
    return tuple(found)


def _bare(term: Term) -> Term:
    for _ in range(_DEEPEST):
        if isinstance(term, AnnotatedType):
            term = term.inner
        elif isinstance(term, AliasType):
            term = _value(term)
        elif isinstance(term, KnownType) and term.name in {"typing.Final", "typing.ClassVar"} and term.arguments:
            term = term.arguments[0]
        else:
            break
    return term


def _value(alias: AliasType) -> Term:
    """Return what a `type` statement says; its type parameters stay as they are."""
    variable = alias.variable
    if variable.value is None:
        return Unresolved(f"'{variable.name}' has no value", variable.place)
    return term_of(variable.value, variable.scope)


def _known_above(definition: ClassDefinition) -> tuple[str, ...]:
    """Return the names of what a class inherits from, also of classes of packages whose source was read."""
    above = lineage(definition)
    return () if isinstance(above, Unresolved) else tuple(map(_name, above))


def _name(ancestor: Ancestor) -> str:
    match ancestor:
        case Known(name=name):
            return name
        case MadeType(maker=maker):
            return maker
        case ClassDefinition():
            return f"{ancestor.module.name}.{ancestor.name}"

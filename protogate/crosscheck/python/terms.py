"""What type expressions say, worked out once for both directions: names are resolved, aliases are followed.

Terms are values: equal terms are the same type, so records can be kept by them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import ClassDefinition, Variable
    from protogate.crosscheck.shapes import Scalar
    from protogate.findings import Place

__all__ = [
    "ANY_TYPE",
    "NONE_TYPE",
    "SELF",
    "AliasType",
    "AnnotatedType",
    "ClassType",
    "Environment",
    "KnownType",
    "LiteralType",
    "LiteralValue",
    "MadeType",
    "Metadata",
    "Term",
    "TypeVariable",
    "UnionType",
    "annotated",
    "size_of",
    "substitute",
    "variables_of",
]


class KnownType(NamedTuple):
    """A type of the standard library or of pydantic, and what stands in its brackets."""

    name: str
    arguments: tuple[Term, ...] = ()


class ClassType(NamedTuple):
    """A class of the code that is read."""

    definition: ClassDefinition
    arguments: tuple[Term, ...] = ()


class LiteralValue(NamedTuple):
    """One value of a Literal, as it stands in documents."""

    value: Scalar
    place: Place


class LiteralType(NamedTuple):
    """`Literal[...]`."""

    values: tuple[LiteralValue, ...]
    place: Place


class UnionType(NamedTuple):
    """`A | B`, `Union`, `Optional`."""

    members: tuple[Term, ...]


class Metadata(NamedTuple):
    """What stands behind the type in `Annotated`."""

    expression: ast.expr
    scope: Scope
    line: int | None


class AnnotatedType(NamedTuple):
    """`Annotated[...]`; never directly in another one."""

    inner: Term
    metadata: tuple[Metadata, ...]


class TypeVariable(NamedTuple):
    """A type parameter for which nothing is put in."""

    name: str
    node: ast.AST
    """What tells it from others of its name."""
    kind: str
    bound: Term | None
    constraints: tuple[Term, ...]
    default: Term | None


class AliasType(NamedTuple):
    """`type X = ...` or `TypeAliasType`, which may hold itself: it is looked into only when its shape is made."""

    variable: Variable
    arguments: tuple[Term, ...] = ()


class MadeType(NamedTuple):
    """A class made by a call: `TypedDict("X", {...})`, `Enum("E", "A B")`, `create_model("M", x=(int, 1))`."""

    maker: str
    """The canonical name of what is called."""
    name: str
    call: ast.Call
    scope: Scope


Term: TypeAlias = (
    KnownType | ClassType | LiteralType | UnionType | AnnotatedType | TypeVariable | AliasType | MadeType | Unresolved
)
Environment: TypeAlias = "Mapping[ast.AST, Term]"
"""What is put in for type variables, by their nodes."""

SELF = ast.Name("Self", ast.Load())
"""Stands for `typing.Self` among type variables."""
ANY_TYPE = KnownType("typing.Any")
NONE_TYPE = KnownType("None")


def substitute(term: Term, environment: Environment) -> Term:  # noqa: PLR0911 - one for each kind of term
    """Return a term in which type variables are replaced."""
    if not environment:
        return term
    match term:
        case TypeVariable():
            return environment.get(term.node, term)
        case KnownType(name, arguments) if arguments:
            return KnownType(name, tuple(substitute(one, environment) for one in arguments))
        case ClassType(definition, arguments) if arguments:
            return ClassType(definition, tuple(substitute(one, environment) for one in arguments))
        case AliasType(variable, arguments) if arguments:
            return AliasType(variable, tuple(substitute(one, environment) for one in arguments))
        case UnionType(members):
            return UnionType(tuple(substitute(one, environment) for one in members))
        case AnnotatedType(inner, metadata):
            return annotated(substitute(inner, environment), metadata)
        case _:
            return term


def annotated(inner: Term, metadata: tuple[Metadata, ...]) -> Term:
    """Return a term with metadata; that of an inner one stands first."""
    if isinstance(inner, AnnotatedType):
        return AnnotatedType(inner.inner, inner.metadata + metadata)
    return AnnotatedType(inner, metadata) if metadata else inner


def variables_of(term: Term) -> tuple[TypeVariable, ...]:
    """Return the type variables in a term, each once, in the order in which they appear."""
    found: dict[ast.AST, TypeVariable] = {}
    _gather(term, found)
    return tuple(found.values())


def size_of(term: Term, most: int) -> int:
    """Return the number of parts of a term; counting stops above `most`."""
    match term:
        case KnownType(_, parts) | ClassType(_, parts) | AliasType(_, parts) | UnionType(parts):
            total = 1
            for part in parts:
                total += size_of(part, most - total)
                if total > most:
                    break
            return total
        case AnnotatedType(inner, _):
            return 1 + size_of(inner, most - 1)
        case _:
            return 1


def _gather(term: Term, found: dict[ast.AST, TypeVariable]) -> None:
    match term:
        case TypeVariable():
            found.setdefault(term.node, term)
        case KnownType(_, parts) | ClassType(_, parts) | AliasType(_, parts) | UnionType(parts):
            for part in parts:
                _gather(part, found)
        case AnnotatedType(inner, _):
            _gather(inner, found)
        case _:
            pass

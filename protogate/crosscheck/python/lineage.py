"""The order in which classes inherit, with what is put in for the type parameters of generic ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from protogate.crosscheck.python.expressions import term_of
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.names import ClassDefinition, Known, definition_of_known
from protogate.crosscheck.python.newer_syntax import type_parameters
from protogate.crosscheck.python.terms import (
    AliasType,
    AnnotatedType,
    ClassType,
    Environment,
    KnownType,
    MadeType,
    Term,
    TypeVariable,
    substitute,
    variables_of,
)
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Ancestor", "Base", "bases_of", "environment_of", "known_ancestors", "lineage", "parameters_of"]

Ancestor: TypeAlias = ClassDefinition | Known | MadeType


class Base(NamedTuple):
    """One base of a class."""

    ancestor: Ancestor
    arguments: tuple[Term, ...]
    """In terms of the type parameters of the class."""


_LEAVES = ("typing.", "enum.", "abc.", "pydantic.", "collections.", "pydantic_core.")
"""Known names whose source is not read for their bases."""


def bases_of(definition: ClassDefinition) -> tuple[Base, ...] | Unresolved:
    """Return the bases of a class as they are written, resolved."""
    return remember(
        definition.cache,
        "bases",
        Unresolved(f"'{definition.name}' inherits from itself", definition.place),
        lambda: _bases(definition),
    )


def _bases(definition: ClassDefinition) -> tuple[Base, ...] | Unresolved:
    scope = definition.outer.around(definition.node)
    found: list[Base] = []
    for expression in definition.node.bases:
        if isinstance(expression, ast.Starred):
            return Unresolved("bases are worked out when the code runs", definition.module.place(expression))
        term = term_of(expression, scope, line=definition.node.lineno)
        base = _base(definition, term)
        if isinstance(base, Unresolved):
            return base._replace(reason=f"base of '{definition.name}': {base.reason}")
        found.append(base)
    return tuple(found)


def _base(definition: ClassDefinition, term: Term) -> Base | Unresolved:
    match term:
        case ClassType(ancestor, arguments):
            return Base(ancestor, arguments)
        case KnownType(name, arguments):
            source = None if name.startswith(_LEAVES) or "." not in name else _source(definition, name)
            return Base(source or Known(name), arguments)
        case MadeType():
            return Base(term, ())
        case AnnotatedType() | AliasType() | TypeVariable():
            return Unresolved("a base that is no class", definition.place)
        case Unresolved():
            return term
        case _:
            return Unresolved("a base that is no class", definition.place)


def _source(definition: ClassDefinition, name: str) -> ClassDefinition | None:
    found = definition_of_known(definition.module.workspace, name)
    return found if isinstance(found, ClassDefinition) else None


def lineage(definition: ClassDefinition) -> tuple[Ancestor, ...] | Unresolved:
    """Return a class and all that it inherits from, in the order of method resolution."""
    known = definition.cache.get("lineage")
    if isinstance(known, tuple):
        return known  # asked for dozens of times for each class
    return remember(
        definition.cache,
        "lineage",
        Unresolved(f"'{definition.name}' inherits from itself", definition.place),
        lambda: _lineage(definition),
    )


def _lineage(definition: ClassDefinition) -> tuple[Ancestor, ...] | Unresolved:
    bases = bases_of(definition)
    if isinstance(bases, Unresolved):
        return bases
    sequences: list[list[Ancestor]] = []
    for base in bases:
        above = lineage(base.ancestor) if isinstance(base.ancestor, ClassDefinition) else (base.ancestor,)
        if isinstance(above, Unresolved):
            return above
        sequences.append(list(above))
    # `Generic` is written anywhere, and comes last.
    ordered = [base.ancestor for base in bases if base.ancestor not in _MARKERS]
    merged = _merge([*(_unmarked(one) for one in sequences), ordered])
    if merged is None:
        return Unresolved(f"the bases of '{definition.name}' have no order", definition.place)
    return (definition, *merged)


_MARKERS = (Known("typing.Generic"), Known("typing.Protocol"), Known("object"), Known("abc.ABC"))


def _unmarked(sequence: list[Ancestor]) -> list[Ancestor]:
    return [one for one in sequence if one not in _MARKERS]


def _merge(sequences: list[list[Ancestor]]) -> list[Ancestor] | None:
    """C3: the first head that stands in no tail, again and again."""
    merged: list[Ancestor] = []
    while sequences := [one for one in sequences if one]:
        head = next((one[0] for one in sequences if not any(one[0] in other[1:] for other in sequences)), None)
        if head is None:
            return None
        merged.append(head)
        for sequence in sequences:
            if sequence[0] == head:
                del sequence[0]
    return merged


def known_ancestors(definition: ClassDefinition) -> tuple[str, ...] | Unresolved:
    """Return the known names among what a class inherits from, in order; those of made classes are their makers."""
    found = lineage(definition)
    if isinstance(found, Unresolved):
        return found
    names = [
        one.maker if isinstance(one, MadeType) else one.name for one in found if not isinstance(one, ClassDefinition)
    ]
    return tuple(names)


def parameters_of(definition: ClassDefinition) -> tuple[TypeVariable, ...]:
    """Return the type parameters of a class, in the order in which arguments are given."""
    return remember(definition.cache, "parameters", (), lambda: tuple(_parameters(definition)))


def _parameters(definition: ClassDefinition) -> Iterator[TypeVariable]:
    listed = type_parameters(definition.node)
    if listed:
        scope = definition.outer.around(definition.node)
        for one in listed:
            term = term_of(ast.copy_location(ast.Name(one.name, ast.Load()), definition.node), scope)
            if isinstance(term, TypeVariable):
                yield term
        return
    bases = bases_of(definition)
    if isinstance(bases, Unresolved):
        return
    marked = [one for one in bases if one.ancestor in _MARKERS[:2] and one.arguments]
    found: dict[ast.AST, TypeVariable] = {}
    for base in marked or bases:
        for argument in base.arguments:
            for variable in variables_of(argument):
                found.setdefault(variable.node, variable)
    yield from found.values()


def environment_of(definition: ClassDefinition, arguments: tuple[Term, ...]) -> Environment:
    """Return what arguments put in for the type parameters of a class."""
    parameters = parameters_of(definition)
    if not arguments or not parameters:
        return {}
    if any(one.kind == "TypeVarTuple" for one in parameters):
        # Which argument belongs to which depends on their number.
        reason = f"'{definition.name}' takes any number of type arguments"
        return {one.node: Unresolved(reason, definition.place) for one in parameters}
    environment: dict[ast.AST, Term] = dict(zip((one.node for one in parameters), arguments, strict=False))
    for one in parameters[len(arguments) :]:
        if one.default is not None:
            environment[one.node] = substitute(one.default, environment)
    return environment

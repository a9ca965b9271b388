"""What becomes of the values that models and dataclasses are made of: which are kept, and under which keys.

Shapes say what may stand in a document; here it is asked whether a value in the code is the one that stands there.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.annotations import BASE_MODELS, decorators_of, is_class_of
from protogate.crosscheck.python.bodies import annotated_names
from protogate.crosscheck.python.config import EMPTY
from protogate.crosscheck.python.expressions import annotation_term
from protogate.crosscheck.python.hooks import hooks_of
from protogate.crosscheck.python.lineage import lineage
from protogate.crosscheck.python.models import ModelFacts as PydanticFacts
from protogate.crosscheck.python.models import model_facts
from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Known, in_scope, resolve
from protogate.crosscheck.python.terms import AnnotatedType, KnownType, UnionType
from protogate.crosscheck.shapes import Altered, Record, Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.python.config import Config
    from protogate.crosscheck.python.hooks import Hook
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.terms import Metadata, Term
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Shape

__all__ = ["ModelFacts", "ModelField", "facts_of"]


class ModelField(NamedTuple):
    """One field of a model."""

    accepts: Shape
    """What is taken for it."""
    written: str
    """The key that it is written under; empty where it is not."""
    default: tuple[ast.expr, Scope] | None
    """The value that it has when none is given, and where its names are looked up."""
    hooked: bool
    """Whether a validator may change what is given."""
    rewritten: bool
    """Whether a serializer may change what is written."""


class ModelFacts(NamedTuple):
    """What becomes of values that a class is made of."""

    fields: dict[str, ModelField]
    """By attribute, in the order of the class."""
    names_in: dict[str, str]
    """From what a call names to attributes."""
    validates: bool
    """Whether a call checks its values: pydantic does, the dataclasses of the standard library do not."""
    hooked: bool
    """Whether a validator of the whole model may change any field."""
    rewritten: bool
    """Whether a serializer of the whole model decides what is written."""
    opaque_init: bool
    """Whether code runs when an object is made."""
    validates_assignment: bool
    opaque_assignment: bool
    """Whether code runs when an attribute is assigned, or nobody can tell."""


_INITS: Final = ("__init__", "__new__", "__post_init__", "model_post_init", "__post_init_post_parse__")
_TEXT_SETTINGS: Final = ("str_to_lower", "str_to_upper", "str_strip_whitespace")
_FIELDS: Final = frozenset({"pydantic.Field", "dataclasses.field", "pydantic.FieldInfo"})
_HARMLESS: Final = (*_FIELDS, "pydantic.Discriminator", "pydantic.Tag", "pydantic.WithJsonSchema", "typing.Doc")
_CONSTRAINTS: Final = frozenset({"pydantic.StringConstraints", "pydantic.constr"})
_CHANGES_TEXT: Final = frozenset({"strip_whitespace", "to_upper", "to_lower"})
_DEEPEST: Final = 20


def facts_of(workspace: Workspace, definition: ClassDefinition) -> ModelFacts | None:
    """Return what is known of a model or dataclass; None when that is not enough to follow its values."""
    accepted = _record(workspace.shape_of(definition, "input"))
    written = _record(workspace.shape_of(definition, "output"))
    if accepted is None or written is None:
        return None
    classes = _classes(definition)
    hooks = {name: hook for one in reversed(classes) for name, hook in hooks_of(one).items()}
    pydantic = model_facts(definition) if is_class_of(definition, BASE_MODELS) else None
    if isinstance(pydantic, Unresolved):
        return None
    config = EMPTY if pydantic is None else pydantic.config
    terms = _terms(pydantic, classes)
    keys = {field.python_name: field.name for field in written.fields}
    fields = {
        field.python_name: ModelField(
            field.shape,
            keys.get(field.python_name, ""),
            _default(field.python_name, classes),
            _is_hooked(field.python_name, terms.get(field.python_name), hooks, config),
            _is_rewritten(field.python_name, hooks),
        )
        for field in accepted.fields
    }
    validate_assignment = config.value("validate_assignment")
    return ModelFacts(
        fields,
        {key: field.python_name for field in accepted.fields for key in (field.name, *field.other_names)},
        validates=pydantic is not None or "pydantic.dataclasses.dataclass" in decorators_of(definition),
        hooked=_has(hooks, "model_validator"),
        rewritten=_has(hooks, "model_serializer"),
        opaque_init=any(_defines(one, name) for one in classes for name in _INITS),
        validates_assignment=validate_assignment is True,
        opaque_assignment=isinstance(validate_assignment, Unresolved)
        or any(_defines(one, "__setattr__") for one in classes),
    )


def _record(shape: Shape) -> Record | None:
    while isinstance(shape, Altered):
        shape = shape.shape
    return shape if isinstance(shape, Record) else None


def _classes(definition: ClassDefinition) -> list[ClassDefinition]:
    above = lineage(definition)
    if isinstance(above, Unresolved):
        return [definition]
    return [one for one in above if isinstance(one, ClassDefinition)]


def _defines(definition: ClassDefinition, name: str) -> bool:
    return isinstance(in_scope(definition.scope, name), FunctionDefinition)


def _has(hooks: dict[str, Hook], kind: str) -> bool:
    return any(hook.kind == kind for hook in hooks.values())


def _terms(pydantic: PydanticFacts | None, classes: list[ClassDefinition]) -> dict[str, Term]:
    if pydantic is not None:
        return {name: field.term for name, field in pydantic.fields.items()}
    return {
        name: annotation_term(statement.annotation, one.scope)
        for one in reversed(classes)
        for name, (statement, _) in annotated_names(one)
    }


def _default(name: str, classes: list[ClassDefinition]) -> tuple[ast.expr, Scope] | None:
    """Return the default of a field, out of `Field(...)` too; None where it is made by a function, or there is none."""
    for one in classes:
        statement = next((found for key, (found, _) in annotated_names(one) if key == name), None)
        if statement is None:
            continue
        value = statement.value
        if not isinstance(value, ast.Call):
            return None if value is None else (value, one.scope)
        meaning = resolve(value.func, one.scope) if isinstance(value.func, ast.Name | ast.Attribute) else None
        if not isinstance(meaning, Known) or meaning.name not in _FIELDS:
            return value, one.scope
        given = value.args[0] if value.args else next((k.value for k in value.keywords if k.arg == "default"), None)
        return None if given is None or _is_ellipsis(given) else (given, one.scope)
    return None


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _is_rewritten(name: str, hooks: dict[str, Hook]) -> bool:
    return any(hook.kind == "field_serializer" and hook.is_about(name) for hook in hooks.values())


def _is_hooked(name: str, term: Term | None, hooks: dict[str, Hook], config: Config) -> bool:
    if any(hook.kind == "field_validator" and hook.is_about(name) for hook in hooks.values()):
        return True
    if any(config.value(setting) for setting in _TEXT_SETTINGS):
        return True
    return term is None or _may_change(term, 0)


def _may_change(term: Term, depth: int) -> bool:
    """Return whether something in `Annotated` may change a value, at any depth of a type."""
    if depth > _DEEPEST:
        return True
    match term:
        case AnnotatedType(inner=inner, metadata=metadata):
            return any(map(_changes, metadata)) or _may_change(inner, depth + 1)
        case UnionType(members=members):
            return any(_may_change(one, depth + 1) for one in members)
        case KnownType(name=name, arguments=arguments):
            return name in _CONSTRAINTS or any(_may_change(one, depth + 1) for one in arguments)
        case _:
            return False


def _changes(metadata: Metadata) -> bool:
    node = metadata.expression
    if isinstance(node, ast.Constant):
        return False
    call = node if isinstance(node, ast.Call) else None
    named = node.func if isinstance(node, ast.Call) else node
    meaning = resolve(named, metadata.scope) if isinstance(named, ast.Name | ast.Attribute) else None
    if not isinstance(meaning, Known):
        return True
    if meaning.name in _CONSTRAINTS and call is not None:
        return any(one.arg is None or one.arg in _CHANGES_TEXT for one in call.keywords)
    return meaning.name not in _HARMLESS and not meaning.name.startswith(("annotated_types.", "fastapi."))

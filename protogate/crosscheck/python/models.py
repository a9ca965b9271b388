"""Pydantic models: which fields they have, under which keys, and what stands there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.bodies import annotated_names, undecorated_reason
from protogate.crosscheck.python.config import EMPTY, Config, class_config, config_of_expression
from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.expressions import annotation_term, term_of
from protogate.crosscheck.python.fields import FieldFacts, field_facts, names_of, unwrapped, with_generated
from protogate.crosscheck.python.hooks import Hook, hooks_of
from protogate.crosscheck.python.lineage import Base, bases_of, environment_of, known_ancestors, lineage
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.metadata import behind_code, with_field, written_by
from protogate.crosscheck.python.names import ClassDefinition, Known, Variable, in_scope, resolve, shown
from protogate.crosscheck.python.placing import placed
from protogate.crosscheck.python.terms import SELF, ClassType, KnownType, MadeType, Term, substitute
from protogate.crosscheck.shapes import Field, Mapping, Record, Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.python.terms import Environment
    from protogate.crosscheck.python.types import Shaper
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["ModelFacts", "ModelField", "is_model", "made_model_shape", "model_facts", "model_shape"]


class ModelField(NamedTuple):
    """One field, for both directions."""

    name: str
    term: Term
    """In terms of the type parameters of the class."""
    facts: FieldFacts
    place: Place
    default: ast.expr | None = None


class ModelFacts(NamedTuple):
    """All that is known of a model."""

    config: Config
    fields: dict[str, ModelField]
    """By attribute, in the order in which pydantic has them."""
    hooks: dict[str, Hook]
    """By method, with those that are inherited."""
    is_root: bool


def is_model(definition: ClassDefinition) -> bool:
    """Whether a class is a model of pydantic v2."""
    names = known_ancestors(definition)
    return not isinstance(names, Unresolved) and not _MODELS.isdisjoint(names)


_MODELS: Final = frozenset({"pydantic.BaseModel", "pydantic.RootModel"})


def model_facts(definition: ClassDefinition) -> ModelFacts | Unresolved:
    """Return what is known of a model; unresolved when nobody can tell what it has."""
    return remember(
        definition.cache,
        "model",
        Unresolved(f"'{definition.name}' needs itself", definition.place),
        lambda: _model_facts(definition),
    )


def _model_facts(definition: ClassDefinition) -> ModelFacts | Unresolved:
    ancestors, bases = lineage(definition), bases_of(definition)
    if isinstance(ancestors, Unresolved):
        return ancestors
    if isinstance(bases, Unresolved):
        return bases
    reason = undecorated_reason(definition) or _metaclass_reason(definition)
    if reason is not None:
        return reason
    hook = in_scope(definition.scope, "__get_pydantic_core_schema__")
    if hook is not None:
        return Unresolved(f"{definition.name}.__get_pydantic_core_schema__ decides what it is", definition.place)
    inherited = EMPTY
    for base in bases:
        facts = _facts_of_base(base.ancestor)
        if isinstance(facts, Unresolved):
            return facts
        inherited = inherited if facts is None else inherited.merged(facts.config)
    hooks: dict[str, Hook] = {}
    for ancestor in reversed(ancestors):
        if isinstance(ancestor, ClassDefinition):
            hooks |= hooks_of(ancestor)
    names = known_ancestors(definition)
    is_root = not isinstance(names, Unresolved) and "pydantic.RootModel" in names
    config = class_config(definition, inherited)
    fields = _fields(definition, ancestors[1:], _fields_of_bases(definition, bases))
    return ModelFacts(config, _with_aliases(fields, config), hooks, is_root)


def _with_aliases(fields: dict[str, ModelField], config: Config) -> dict[str, ModelField]:
    return {
        name: field._replace(facts=with_generated(name, field.facts, config, field.place))
        for name, field in fields.items()
    }


def _fields_of_bases(definition: ClassDefinition, bases: tuple[Base, ...]) -> dict[str, ModelField]:
    """The fields that a class inherits; of those with one name that of the first base."""
    found: dict[str, ModelField] = {}
    for base in reversed(bases):
        facts = _facts_of_base(base.ancestor)
        if isinstance(facts, ModelFacts):
            above = base.ancestor
            environment = environment_of(above, base.arguments) if isinstance(above, ClassDefinition) else {}
            for name, field in facts.fields.items():
                found[name] = field._replace(term=substitute(field.term, environment))
        elif base.ancestor == Known("pydantic.RootModel") and base.arguments:
            found["root"] = ModelField("root", base.arguments[0], FieldFacts(), definition.place)
    return found


def _facts_of_base(ancestor: object) -> ModelFacts | Unresolved | None:
    """None for what is no model."""
    if isinstance(ancestor, MadeType) and ancestor.maker == "pydantic.create_model":
        return made_facts(ancestor)
    if isinstance(ancestor, ClassDefinition) and is_model(ancestor):
        return model_facts(ancestor)
    return None


_METACLASSES: Final = frozenset(
    {"abc.ABCMeta", "pydantic._internal._model_construction.ModelMetaclass", "pydantic.ModelMetaclass"}
)


def _metaclass_reason(definition: ClassDefinition) -> Unresolved | None:
    for keyword in definition.node.keywords:
        if keyword.arg == "metaclass":
            meaning = resolve(keyword.value, definition.outer, line=definition.node.lineno)
            if isinstance(meaning, Known) and meaning.name in _METACLASSES:
                continue
            if isinstance(meaning, ClassDefinition) and meaning.module.name.startswith("sqlmodel"):
                continue
            place = definition.module.place(keyword.value)
            return Unresolved(f"metaclass {shown(keyword.value)} makes '{definition.name}'", place)
    return None


def _fields(
    definition: ClassDefinition, above: tuple[object, ...], parents: dict[str, ModelField]
) -> dict[str, ModelField]:
    """The fields of a class, in the order of pydantic: those of the furthest ancestor first."""
    own = dict(annotated_names(definition))
    mixed_in = {
        name: (statement, ancestor)
        for ancestor in reversed(above)
        if isinstance(ancestor, ClassDefinition)
        for name, (statement, _) in annotated_names(ancestor)
    }
    fields: dict[str, ModelField] = {}
    for name in dict.fromkeys([*mixed_in, *parents, *own]):
        field: ModelField | None = None
        if name.startswith("_") or name == "model_config":
            continue
        if name in own:
            statement, problem = own[name]
            field = _own_field(definition, name, statement, above)
            field = field._replace(term=problem) if field is not None and problem is not None else field
        elif name in parents:
            field = _inherited_field(definition, parents[name])
        elif not is_model(mixed_in[name][1]):
            statement, ancestor = mixed_in[name]
            field = _own_field(ancestor, name, statement, above)
        if field is not None:
            fields[name] = field
    return fields


def _own_field(
    definition: ClassDefinition, name: str, statement: ast.AnnAssign, above: tuple[object, ...]
) -> ModelField | None:
    scope = definition.scope
    term, qualifiers = unwrapped(annotation_term(statement.annotation, scope))
    default = statement.value or _inherited_default(name, above)
    if "class_var" in qualifiers or (
        "final" in qualifiers and default is not None and _is_default(default, term, scope)
    ):
        return None
    facts = field_facts(term, default, scope)
    return ModelField(name, term, facts, definition.module.place(statement), default)


def _is_default(default: ast.expr, term: Term, scope: object) -> bool:
    """Whether a value makes a Final a constant of the class: `Field(...)` without one does not."""
    from protogate.crosscheck.python.modules import Scope

    return isinstance(scope, Scope) and field_facts(term, default, scope).has_default


def _inherited_default(name: str, above: tuple[object, ...]) -> ast.expr | None:
    """The attribute of a mixin that is no model, which pydantic takes as the default."""
    for ancestor in above:
        if isinstance(ancestor, ClassDefinition) and not is_model(ancestor):
            found = in_scope(ancestor.scope, name)
            if isinstance(found, Variable) and found.value is not None:
                return found.value
    return None


def _inherited_field(definition: ClassDefinition, field: ModelField) -> ModelField:
    """A field of a base, unless the class assigns it anew, which pydantic refuses."""
    found = in_scope(definition.scope, field.name)
    if isinstance(found, Variable) and found.scope is definition.scope:
        reason = f"'{field.name}' is overridden without an annotation"
        return field._replace(term=Unresolved(reason, found.place))
    return field


def model_shape(shaper: Shaper, term: ClassType) -> Shape:
    """Return what a model accepts or writes: a record, or what its root is."""
    definition = term.definition
    facts = model_facts(definition)
    if isinstance(facts, Unresolved):
        return facts
    problem = facts.config.problem or (None if facts.is_root else _unknown_keys(facts))
    if problem is not None:
        return problem

    def make() -> Shape:
        environment: Environment = {**environment_of(definition, term.arguments), SELF: term}
        name = definition.name
        if facts.is_root:
            shape = _root_shape(shaper, facts, environment, definition.place)
        else:
            record = Record(
                name, definition.place, lambda: _record_fields(shaper, facts, environment), facts.config.extra
            )
            shaper.keep(("model", definition, term.arguments), record)
            shape = record
        return _with_model_hooks(shaper, facts, shape, environment)

    return shaper.kept(("model", definition, term.arguments), make, definition.place)


def _unknown_keys(facts: ModelFacts) -> Unresolved | None:
    """Why the keys of a model are not certain: an alias generator that has to be run; None when they are."""
    problems = (field.facts.generator_problem for field in facts.fields.values())
    return next((one for one in problems if one is not None), None)


def _root_shape(shaper: Shaper, facts: ModelFacts, environment: Environment, place: Place) -> Shape:
    root = facts.fields.get("root")
    if root is None:
        return Unresolved("a root model without a root", place)
    return placed(_field_shape(shaper, facts, root, environment), root.place)


def _record_fields(shaper: Shaper, facts: ModelFacts, environment: Environment) -> tuple[Field, ...]:
    found: dict[str, Field] = {}
    for field in facts.fields.values():
        made = _field(shaper, facts, field, environment)
        if made is not None:
            found[made.name] = made
    if shaper.direction == "output":
        for hook in facts.hooks.values():
            if hook.kind == "computed_field":
                made = _computed(shaper, facts, hook, environment)
                found[made.name] = made
    return tuple(found.values())


def _field(shaper: Shaper, facts: ModelFacts, field: ModelField, environment: Environment) -> Field | None:
    said = field.facts
    is_input = shaper.direction == "input"
    if said.is_relationship or (said.excluded and not is_input):
        return None
    names = names_of(field.name, said, facts.config, field.place)
    problem = names.problem or (names.inside if is_input else None)
    shape = placed(problem or _field_shape(shaper, facts, field, environment), field.place)
    is_known = names.problem is None
    if is_input:
        return Field(
            names.accepted, shape, not said.has_default, field.place, field.name, names.other_accepted, is_known
        )
    return Field(names.written, shape, not said.maybe_excluded, field.place, field.name, (), is_known)


def _field_shape(shaper: Shaper, facts: ModelFacts, field: ModelField, environment: Environment) -> Shape:
    shape = shaper.shape(substitute(field.term, environment), facts.config)
    if isinstance(field.default, ast.Call):
        shape = with_field(shaper, shape, {str(one.arg): one.value for one in field.default.keywords}, field.place)
    for hook in facts.hooks.values():
        if not hook.is_about(field.name):
            continue
        if hook.kind == "field_validator" and shaper.direction == "input":
            shape = _validated(shaper, facts, shape, hook)
        elif hook.kind == "field_serializer" and shaper.direction == "output":
            shape = _serialized(shaper, facts, shape, hook, environment)
    return shape


def _validated(shaper: Shaper, facts: ModelFacts, shape: Shape, hook: Hook) -> Shape:
    if hook.mode == "after":
        return shape
    given = hook.keywords.get("json_schema_input_type")
    if given is not None:
        return shaper.shape(term_of(given, hook.owner.scope, line=given.lineno), facts.config)
    return behind_code(shape, f'field_validator(mode="{hook.mode}") {hook.name}', hook.place)


def _serialized(shaper: Shaper, facts: ModelFacts, shape: Shape, hook: Hook, environment: Environment) -> Shape:
    result = _hook_result(shaper, facts, hook, environment)
    return written_by(shape, result, _when_used(hook), f"field_serializer {hook.name}", hook.place)


def _when_used(hook: Hook) -> str:
    given = hook.keywords.get("when_used")
    found = constant(given, hook.owner.scope) if given is not None else None
    return str(found.value) if found is not None and not isinstance(found, Unresolved) else "always"


def _hook_result(shaper: Shaper, facts: ModelFacts, hook: Hook, environment: Environment) -> Shape | None:
    """What a serializer or computed field is said to return; None when nothing is said."""
    given = hook.keywords.get("return_type")
    if given is not None:
        term = term_of(given, hook.owner.scope, line=given.lineno)
        return shaper.shape(substitute(term, environment), facts.config)
    returns = getattr(hook.function.node, "returns", None) if hook.function is not None else None
    if hook.function is None or not isinstance(returns, ast.expr):
        return None
    term = annotation_term(returns, hook.function.outer.around(hook.function.node))
    return shaper.shape(substitute(term, environment), facts.config)


def _computed(shaper: Shaper, facts: ModelFacts, hook: Hook, environment: Environment) -> Field:
    shape = _hook_result(shaper, facts, hook, environment)
    if shape is None:
        shape = Unresolved(f"computed field '{hook.name}' has no return type", hook.place)
    for other in facts.hooks.values():
        if other.kind == "field_serializer" and other.is_about(hook.name):
            shape = _serialized(shaper, facts, shape, other, environment)
    name, problem = hook.name, None
    said = FieldFacts()
    if "alias" in hook.keywords:
        alias = constant(hook.keywords["alias"], hook.owner.scope)
        if isinstance(alias, Unresolved):
            problem = alias
        elif isinstance(alias.value, str):
            said = FieldFacts(serialization_alias=alias.value, alias=alias.value, priority=2)
    names = names_of(name, said, facts.config, hook.place)
    is_certain = "exclude_if" not in hook.keywords
    problem = problem or names.problem
    shape = placed(problem or shape, hook.place)
    return Field(names.written, shape, is_certain, hook.place, name, (), problem is None)


def _with_model_hooks(shaper: Shaper, facts: ModelFacts, shape: Shape, environment: Environment) -> Shape:
    for hook in facts.hooks.values():
        if hook.kind == "model_validator" and shaper.direction == "input" and hook.mode != "after":
            shape = behind_code(shape, f'model_validator(mode="{hook.mode}") {hook.name}', hook.place)
        elif hook.kind == "model_serializer" and shaper.direction == "output":
            shape = _written_model(shaper, facts, shape, hook, environment)
    return shape


def _written_model(shaper: Shaper, facts: ModelFacts, shape: Shape, hook: Hook, environment: Environment) -> Shape:
    by = f"model_serializer {hook.name}"
    result = _hook_result(shaper, facts, hook, environment)
    if result is None or isinstance(result, Mapping):
        # A dictionary says nothing about keys.
        return behind_code(shape, by, hook.place)
    return written_by(shape, result, _when_used(hook), by, hook.place)


def made_model_shape(shaper: Shaper, term: MadeType) -> Shape:
    """Return the shape of `create_model("Name", field=(type, default), ...)`."""
    place = term.scope.module.place(term.call)
    facts = made_facts(term)
    if isinstance(facts, Unresolved):
        return facts
    problem = facts.config.problem or _unknown_keys(facts)
    if problem is not None:
        return problem

    def make() -> Shape:
        record = Record(term.name, place, lambda: _record_fields(shaper, facts, {}), facts.config.extra)
        return _with_model_hooks(shaper, facts, record, {})

    return shaper.kept(("made", term.call), make, place)


def made_facts(term: MadeType) -> ModelFacts | Unresolved:
    """Return what is known of a model that `create_model` makes."""
    cache = term.scope.cache
    place = term.scope.module.place(term.call)
    return remember(
        cache,
        ("facts", term.call),
        Unresolved("create_model() with a base that is made of it", place),
        lambda: _made_facts(term, place),
    )


def _made_facts(term: MadeType, place: Place) -> ModelFacts | Unresolved:
    scope, call = term.scope, term.call
    config, fields, hooks = EMPTY, dict[str, ModelField](), dict[str, Hook]()
    for keyword in call.keywords:
        if keyword.arg == "__base__":
            base = term_of(keyword.value, scope, line=call.lineno)
            ancestor = base.definition if isinstance(base, ClassType) else base
            facts = None if base == KnownType("pydantic.BaseModel") else _facts_of_base(ancestor)
            if isinstance(facts, Unresolved):
                return facts
            if facts is not None:
                config, hooks = facts.config.merged(config), dict(facts.hooks)
                fields = {**facts.fields, **fields}
            elif base != KnownType("pydantic.BaseModel"):
                return Unresolved("create_model() with a base that cannot be resolved", place)
        elif keyword.arg == "__config__":
            config = config.merged(config_of_expression(keyword.value, scope))
        elif keyword.arg == "__module__":
            continue
        elif keyword.arg is None or keyword.arg.startswith("__"):
            return Unresolved("create_model() with fields that are worked out when the code runs", place)
        else:
            fields[keyword.arg] = _made_field(keyword.arg, keyword.value, term)
    return ModelFacts(config, _with_aliases(fields, config), hooks, is_root=False)


def _made_field(name: str, value: ast.expr, term: MadeType) -> ModelField:
    place = term.scope.module.place(value)
    annotation, default = value, None
    if isinstance(value, ast.Tuple) and len(value.elts) == 2:  # noqa: PLR2004 - a type and a default
        annotation, default = value.elts
    elif isinstance(value, ast.Constant):
        return ModelField(name, Unresolved("a field without a type", place), FieldFacts(has_default=True), place)
    read, qualifiers = unwrapped(term_of(annotation, term.scope, line=value.lineno))
    del qualifiers
    return ModelField(name, read, field_facts(read, default, term.scope), place, default)

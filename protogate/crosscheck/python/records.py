"""Classes with fields that are no models: dataclasses, TypedDict, NamedTuple, and those that a call makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.bodies import annotated_names, undecorated_reason
from protogate.crosscheck.python.config import EMPTY, Config, config_of_expression
from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.expressions import annotation_term, term_of
from protogate.crosscheck.python.fields import FieldFacts, field_facts, names_of, unwrapped
from protogate.crosscheck.python.hooks import hooks_of
from protogate.crosscheck.python.lineage import bases_of, environment_of, lineage
from protogate.crosscheck.python.metadata import behind_code
from protogate.crosscheck.python.names import ClassDefinition, Known, Variable, in_scope, resolve, shown
from protogate.crosscheck.python.placing import placed
from protogate.crosscheck.python.terms import ANY_TYPE, SELF, ClassType, KnownType, MadeType, Term, substitute
from protogate.crosscheck.shapes import Choice, Field, Items, Record, Unresolved
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.terms import Environment
    from protogate.crosscheck.python.types import Shaper
    from protogate.crosscheck.shapes import Extra, Shape

__all__ = ["dataclass_shape", "is_dataclass", "made_record_shape", "named_tuple_shape", "typed_dict_shape"]

_DATACLASS: Final = "dataclasses.dataclass"
_PYDANTIC_DATACLASS: Final = "pydantic.dataclasses.dataclass"


class _Part(NamedTuple):
    """One field of a class."""

    name: str
    term: Term
    facts: FieldFacts
    place: Place
    required: bool
    qualifiers: frozenset[str]


def is_dataclass(definition: ClassDefinition) -> bool:
    """Whether a class, or one that it inherits from, is a dataclass."""
    ancestors = lineage(definition)
    if isinstance(ancestors, Unresolved):
        return False
    return any(isinstance(one, ClassDefinition) and _decorator(one) is not None for one in ancestors)


def _decorator(definition: ClassDefinition) -> ast.expr | None:
    """The decorator that makes a class itself a dataclass."""
    for decorator in definition.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        meaning = resolve(named, definition.outer, line=definition.node.lineno)
        if isinstance(meaning, Known) and meaning.name in {_DATACLASS, _PYDANTIC_DATACLASS}:
            return decorator
    return None


def dataclass_shape(shaper: Shaper, term: ClassType, config: Config | None) -> Shape:
    """Return what a dataclass accepts or writes."""
    definition = term.definition
    reason = undecorated_reason(definition)
    if reason is not None:
        return reason
    own = _dataclass_config(definition)
    if own is not None and own.problem is not None:
        return own.problem
    used = own or config or EMPTY

    def fields() -> tuple[Field, ...]:
        environment: Environment = {**environment_of(definition, term.arguments), SELF: term}
        parts = _inherited_parts(definition, environment, _dataclass_parts).values()
        return tuple(_fields(shaper, [one for one in parts if _is_present(shaper, one)], used, definition))

    key = ("dataclass", definition, term.arguments, used)
    return shaper.kept(
        key,
        lambda: _hooked(shaper, definition, Record(definition.name, definition.place, fields, used.extra)),
        definition.place,
    )


def _hooked(shaper: Shaper, definition: ClassDefinition, shape: Shape) -> Shape:
    for ancestor in lineage(definition) or ():
        for hook in hooks_of(ancestor).values() if isinstance(ancestor, ClassDefinition) else ():
            is_before = hook.kind == "model_validator" and hook.mode != "after" and shaper.direction == "input"
            if is_before or (hook.kind == "model_serializer" and shaper.direction == "output"):
                shape = behind_code(shape, f"{hook.kind} {hook.name}", hook.place)
    return shape


def _dataclass_config(definition: ClassDefinition) -> Config | None:
    """The configuration of a dataclass itself; None when it has that of the model around it."""
    ancestors = lineage(definition)
    for ancestor in ancestors if not isinstance(ancestors, Unresolved) else ():
        if not isinstance(ancestor, ClassDefinition):
            continue
        found = _own_config(ancestor)
        if found is not None:
            return found
    return None


def _own_config(definition: ClassDefinition) -> Config | None:
    for decorator in definition.node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        meaning = resolve(decorator.func, definition.outer, line=definition.node.lineno)
        name = meaning.name if isinstance(meaning, Known) else ""
        given: ast.expr | None = next((one.value for one in decorator.keywords if one.arg == "config"), None)
        if name == "pydantic.with_config":
            if decorator.args:
                given = decorator.args[0]
            else:
                given = ast.Call(ast.Name("dict", ast.Load()), [], decorator.keywords)
                ast.copy_location(given, decorator)
                ast.copy_location(given.func, decorator)
        if given is not None and name in {"pydantic.with_config", _PYDANTIC_DATACLASS}:
            return config_of_expression(given, definition.outer)
    found = in_scope(definition.scope, "__pydantic_config__")
    if isinstance(found, Variable) and found.value is not None:
        return config_of_expression(found.value, found.scope)
    made_by = _decorator(definition)
    if made_by is None:
        return None
    named = made_by.func if isinstance(made_by, ast.Call) else made_by
    meaning = resolve(named, definition.outer, line=definition.node.lineno)
    return EMPTY if meaning == Known(_PYDANTIC_DATACLASS) else None


def _inherited_parts(
    definition: ClassDefinition, environment: Environment, own: Callable[[ClassDefinition], list[_Part]]
) -> dict[str, _Part]:
    """The fields of a class and of its bases, the furthest first."""
    found: dict[str, _Part] = {}
    bases = bases_of(definition)
    for base in reversed(bases if not isinstance(bases, Unresolved) else ()):
        if isinstance(base.ancestor, ClassDefinition):
            inner = environment_of(base.ancestor, tuple(substitute(one, environment) for one in base.arguments))
            found |= _inherited_parts(base.ancestor, inner, own)
        elif isinstance(base.ancestor, MadeType):
            found |= {one.name: one for one in _made_parts(base.ancestor)}
    for part in own(definition):
        found[part.name] = part._replace(term=substitute(part.term, environment))
    return found


def _dataclass_parts(definition: ClassDefinition) -> list[_Part]:
    if _decorator(definition) is None:
        # A mixin, or a subclass that adds nothing: what it annotates are no fields.
        return []
    parts: list[_Part] = []
    for name, (statement, problem) in annotated_names(definition):
        term, qualifiers = unwrapped(annotation_term(statement.annotation, definition.scope))
        if "class_var" in qualifiers or (isinstance(term, KnownType) and term.name == "dataclasses.KW_ONLY"):
            continue
        facts = field_facts(term, statement.value, definition.scope)
        place = definition.module.place(statement)
        parts.append(_Part(name, problem or term, facts, place, not facts.has_default, qualifiers))
    return parts


def _is_present(shaper: Shaper, part: _Part) -> bool:
    if not part.facts.in_init and not part.facts.has_default:
        # Pydantic leaves alone what only `__post_init__` sets.
        return False
    return "init_var" not in part.qualifiers or shaper.direction == "input"


def _fields(shaper: Shaper, parts: list[_Part], config: Config, definition: ClassDefinition | None) -> list[Field]:
    found: dict[str, Field] = {}
    for part in parts:
        if part.facts.excluded and shaper.direction == "output":
            continue
        names = names_of(part.name, part.facts, config, part.place)
        problem = names.problem or (names.inside if shaper.direction == "input" else None)
        shape = problem or shaper.shape(part.term, config)
        if definition is not None:
            shape = _with_field_hooks(shaper, definition, part.name, shape)
        shape = placed(shape, part.place)
        if shaper.direction == "input":
            others = names.other_accepted
            made = Field(names.accepted, shape, part.required, part.place, part.name, others, names.problem is None)
        else:
            is_required = not part.facts.maybe_excluded and (part.required or "typed_dict" not in part.qualifiers)
            made = Field(names.written, shape, is_required, part.place, part.name, (), names.problem is None)
        found[made.name] = made
    return list(found.values())


def _with_field_hooks(shaper: Shaper, definition: ClassDefinition, name: str, shape: Shape) -> Shape:
    for ancestor in lineage(definition) or ():
        for hook in hooks_of(ancestor).values() if isinstance(ancestor, ClassDefinition) else ():
            if not hook.is_about(name):
                continue
            is_before = hook.kind == "field_validator" and hook.mode != "after" and shaper.direction == "input"
            if is_before or (hook.kind == "field_serializer" and shaper.direction == "output"):
                shape = behind_code(shape, f"{hook.kind} {hook.name}", hook.place)
    return shape


def typed_dict_shape(shaper: Shaper, term: ClassType, config: Config | None) -> Shape:
    """Return what a TypedDict accepts or writes."""
    definition = term.definition
    own = _dataclass_config(definition)
    if own is not None and own.problem is not None:
        return own.problem
    used = own or config or EMPTY

    def fields() -> tuple[Field, ...]:
        environment: Environment = {**environment_of(definition, term.arguments), SELF: term}
        parts = _inherited_parts(definition, environment, _typed_dict_parts).values()
        return tuple(_fields(shaper, list(parts), used, definition))

    key = ("typed-dict", definition, term.arguments, used)
    extra = _typed_dict_extra(definition, used.extra)
    return shaper.kept(key, lambda: Record(definition.name, definition.place, fields, extra), definition.place)


def _typed_dict_extra(definition: ClassDefinition, configured: Extra) -> Extra:
    """What becomes of other keys: `closed` and `extra_items` of the nearest class that says it."""
    ancestors = lineage(definition)
    for ancestor in ancestors if not isinstance(ancestors, Unresolved) else ():
        if not isinstance(ancestor, ClassDefinition):
            continue
        for keyword in ancestor.node.keywords:
            if keyword.arg == "closed":
                value = constant(keyword.value, ancestor.outer)
                return "forbid" if not isinstance(value, Unresolved) and value.value is True else configured
            if keyword.arg == "extra_items":
                return "forbid" if shown(keyword.value).endswith("Never") else "allow"
    return configured


def _typed_dict_parts(definition: ClassDefinition) -> list[_Part]:
    total = True
    for keyword in definition.node.keywords:
        if keyword.arg == "total":
            value = constant(keyword.value, definition.outer)
            total = isinstance(value, Unresolved) or value.value is not False
    parts: list[_Part] = []
    for name, (statement, problem) in annotated_names(definition):
        annotation = annotation_term(statement.annotation, definition.scope)
        parts.append(
            _typed_dict_part(name, annotation, definition.scope, definition.module.place(statement), total=total)
        )
        if problem is not None:
            parts[-1] = parts[-1]._replace(term=problem)
    return parts


def _typed_dict_part(name: str, annotation: Term, scope: Scope, place: Place, *, total: bool) -> _Part:
    term, qualifiers = unwrapped(annotation)
    facts = field_facts(term, None, scope)
    required = "required" in qualifiers or (total and "not_required" not in qualifiers)
    return _Part(name, term, facts, place, required, qualifiers | {"typed_dict"})


def named_tuple_shape(shaper: Shaper, term: ClassType, config: Config | None) -> Shape:
    """Return what a NamedTuple accepts or writes: an array with a place for each field."""
    definition = term.definition
    environment = environment_of(definition, term.arguments)
    parts: list[Shape] = []
    for ancestor in reversed(lineage(definition) or ()):
        if isinstance(ancestor, ClassDefinition):
            for _, (statement, problem) in annotated_names(ancestor):
                part = annotation_term(statement.annotation, ancestor.scope)
                parts.append(problem or shaper.shape(substitute(part, environment), config))
        elif isinstance(ancestor, MadeType):
            parts += [shaper.shape(one.term, config) for one in _made_parts(ancestor)]
    return Items(Choice((), Place("")), tuple(parts))


def made_record_shape(shaper: Shaper, term: MadeType, config: Config | None) -> Shape:
    """Return the shape of `TypedDict("X", {...})`, `NamedTuple("X", [...])` or `namedtuple("X", "a b")`."""
    place = term.scope.module.place(term.call)
    if term.maker == "dataclasses.make_dataclass":
        return Unresolved("make_dataclass() makes it", place)
    if term.maker != "typing.TypedDict":
        parts = _made_parts(term)
        if not parts:
            return Unresolved(f"the fields of {term.name} are worked out when the code runs", place)
        return Items(Choice((), Place("")), tuple(shaper.shape(one.term, config) for one in parts))
    if not isinstance(term.call.args[1] if len(term.call.args) > 1 else None, ast.Dict):
        return Unresolved(f"the fields of {term.name} are worked out when the code runs", place)
    used = config or EMPTY
    return shaper.kept(
        ("made", term.call, used),
        lambda: Record(term.name, place, lambda: tuple(_fields(shaper, _made_parts(term), used, None)), used.extra),
        place,
    )


def _made_parts(made: MadeType) -> list[_Part]:
    """The fields of a class that a call makes."""
    scope, call = made.scope, made.call
    listed = call.args[1] if len(call.args) > 1 else None
    parts: list[_Part] = []
    if isinstance(listed, ast.Dict):
        total = next((one.value for one in call.keywords if one.arg == "total"), None)
        is_total = not (isinstance(total, ast.Constant) and total.value is False)
        for key, value in zip(listed.keys, listed.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                annotation = term_of(value, scope, line=call.lineno)
                parts.append(_typed_dict_part(key.value, annotation, scope, scope.module.place(key), total=is_total))
    elif isinstance(listed, (ast.List, ast.Tuple)):
        for pair in listed.elts:
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and isinstance(pair.elts[0], ast.Constant):  # noqa: PLR2004
                term = term_of(pair.elts[1], scope, line=call.lineno)
                parts.append(_plain_part(str(pair.elts[0].value), term, scope.module.place(pair)))
            elif isinstance(pair, ast.Constant) and isinstance(pair.value, str):
                parts.append(_plain_part(pair.value, ANY_TYPE, scope.module.place(pair)))
    elif isinstance(listed, ast.Constant) and isinstance(listed.value, str):
        place = scope.module.place(listed)
        parts += [_plain_part(one, ANY_TYPE, place) for one in listed.value.replace(",", " ").split()]
    return parts


def _plain_part(name: str, term: Term, place: Place) -> _Part:
    return _Part(name, term, FieldFacts(), place, required=True, qualifiers=frozenset())

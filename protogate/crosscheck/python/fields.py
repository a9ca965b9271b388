"""What `Field(...)`, a default and the metadata of an annotation say about one field of a model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.functions import call_function, call_known, evaluate
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    Variable,
    resolve,
    shown,
)
from protogate.crosscheck.python.terms import AnnotatedType, KnownType, Metadata, Term
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.python.config import Config
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Meaning
    from protogate.findings import Place

__all__ = ["Alias", "FieldFacts", "Names", "field_facts", "is_field_call", "names_of", "unwrapped", "with_generated"]


class Alias(NamedTuple):
    """An alias: one or several keys, each with the way into what stands there."""

    paths: tuple[tuple[str | int, ...], ...]


class FieldFacts(NamedTuple):
    """What was said, last word wins."""

    has_default: bool = False
    alias: str | None = None
    validation_alias: Alias | None = None
    serialization_alias: str | None = None
    priority: int | None = None
    excluded: bool = False
    maybe_excluded: bool = False
    """Whether `exclude_if` decides."""
    in_init: bool = True
    is_relationship: bool = False
    """Whether it is no field of documents at all: `Relationship()` of SQLModel."""
    metadata: tuple[Metadata, ...] = ()
    """What the call itself adds: `discriminator` and the like are of no interest."""
    problem: Unresolved | None = None
    """Why the key is not certain."""
    generator_problem: Unresolved | None = None
    """Why what an alias generator makes of it is not certain."""


class Names(NamedTuple):
    """The keys of a field in documents."""

    accepted: str
    other_accepted: tuple[str, ...]
    written: str
    problem: Unresolved | None = None
    """Why they are not certain."""
    inside: Unresolved | None = None
    """Why what is accepted behind its key is not known."""


_QUALIFIERS: Final = {
    "typing.Final": "final",
    "typing.Required": "required",
    "typing.NotRequired": "not_required",
    "typing.ReadOnly": "read_only",
    "typing.ClassVar": "class_var",
    "dataclasses.InitVar": "init_var",
}


def unwrapped(term: Term) -> tuple[Term, frozenset[str]]:
    """Return a term without the qualifiers around it, and which these are."""
    qualifiers: set[str] = set()
    metadata: tuple[Metadata, ...] = ()
    while True:
        if isinstance(term, AnnotatedType) and _qualifier(term.inner):
            metadata = term.metadata + metadata
            term = term.inner
        name = _qualifier(term)
        if name is None or not isinstance(term, KnownType):
            break
        qualifiers.add(name)
        if not term.arguments:
            term = KnownType("typing.Any")
            break
        term = term.arguments[0]
    if metadata:
        inner, own = (term.inner, term.metadata) if isinstance(term, AnnotatedType) else (term, ())
        term = AnnotatedType(inner, own + metadata)
    return term, frozenset(qualifiers)


def _qualifier(term: Term) -> str | None:
    return _QUALIFIERS.get(term.name) if isinstance(term, KnownType) else None


def field_facts(term: Term, default: ast.expr | None, scope: Scope) -> FieldFacts:
    """Return what an annotation and a default say about a field.

    Args:
        term: the annotation, without qualifiers.
        default: what is assigned, None when nothing is.
        scope: where the default is looked up.
    """
    facts = FieldFacts()
    if isinstance(term, AnnotatedType):
        for one in term.metadata:
            facts = _with_expression(facts, one.expression, one.scope, is_default=False)
    if default is not None:
        facts = _with_expression(facts, default, scope, is_default=True)
    return facts


def is_field_call(call: ast.Call, scope: Scope) -> str | None:
    """Return which function a call makes a field with: the canonical name, None when it does not."""
    return _maker(resolve(call.func, scope, line=call.lineno))


def _maker(meaning: Meaning) -> str | None:
    if isinstance(meaning, Known):
        return meaning.name if meaning.name in _MAKERS else None
    if isinstance(meaning, (FunctionDefinition, ClassDefinition)):
        name = f"{meaning.module.name}.{meaning.name}"
        if name in {"sqlmodel.main.Field", "sqlmodel.Field"}:
            return "pydantic.Field"
        if name in {"sqlmodel.main.Relationship", "sqlmodel.Relationship"}:
            return "sqlmodel.Relationship"
    return None


_FASTAPI: Final = ("Query", "Path", "Header", "Cookie", "Body", "Form", "File", "Param")
_MAKERS: Final = frozenset(
    {
        "pydantic.Field",
        "pydantic.PrivateAttr",
        "pydantic.FieldInfo",
        "dataclasses.field",
        *(f"fastapi.{name}" for name in _FASTAPI),
        *(f"fastapi.param_functions.{name}" for name in _FASTAPI),
        *(f"fastapi.params.{name}" for name in _FASTAPI),
    }
)


def _with_expression(  # noqa: PLR0911 - one for each kind of expression
    facts: FieldFacts, expression: ast.expr, scope: Scope, *, is_default: bool
) -> FieldFacts:
    """Facts with the word of a default or of a piece of metadata."""
    if isinstance(expression, ast.Call):
        meaning = resolve(expression.func, scope, line=expression.lineno)
        maker = _maker(meaning)
        if maker == "sqlmodel.Relationship":
            return facts._replace(is_relationship=True)
        if maker is not None:
            return _with_call(facts, expression, scope, maker)
        if is_default:
            return _with_default_call(facts, expression, meaning, scope)
        return facts
    if isinstance(expression, (ast.Name, ast.Attribute)):
        meaning = resolve(expression, scope, line=expression.lineno)
        if isinstance(meaning, Variable) and isinstance(meaning.value, ast.Call):
            # A field that several models share.
            return _with_expression(facts, meaning.value, meaning.scope, is_default=is_default)
    if not is_default:
        return facts
    is_ellipsis = isinstance(expression, ast.Constant) and expression.value is ...
    return facts._replace(has_default=not is_ellipsis)


def _with_default_call(facts: FieldFacts, call: ast.Call, meaning: Meaning, scope: Scope) -> FieldFacts:
    """A call that is assigned: most make a default, some make the field."""
    has_default = facts._replace(has_default=True)
    if isinstance(meaning, FunctionDefinition):
        returned = _returned_call(meaning)
        if returned is not None:
            made = _with_call(facts, returned, meaning.scope, "pydantic.Field")
            if made.alias is None and made.validation_alias is None and made.problem is None:
                given = {one.arg for one in call.keywords}
                if not given & {"alias", "validation_alias", "serialization_alias", None}:
                    return made
            reason = f"{shown(call)} makes the field"
            return has_default._replace(problem=Unresolved(reason, scope.module.place(call)))
        annotation = getattr(meaning.node, "returns", None)
        is_open = annotation is None or shown(annotation).rpartition(".")[2] in {"Any", "FieldInfo"}
        if is_open and _can_make_fields(meaning):
            reason = f"{shown(call)} may make the field"
            return has_default._replace(problem=Unresolved(reason, scope.module.place(call)))
    elif isinstance(meaning, Unresolved) and "Field" in shown(call.func):
        return has_default._replace(problem=meaning)
    return has_default


def _can_make_fields(function: FunctionDefinition) -> bool:
    """Whether the code of a function speaks of fields at all."""
    return any(
        isinstance(one, (ast.Name, ast.Attribute)) and "Field" in (one.id if isinstance(one, ast.Name) else one.attr)
        for one in ast.walk(function.node)
    )


def _returned_call(function: FunctionDefinition) -> ast.Call | None:
    """The `Field(...)` that is all a function returns."""
    body = getattr(function.node, "body", [])
    returns = [one for one in body if isinstance(one, ast.Return)] if isinstance(body, list) else []
    if len(returns) != 1 or not isinstance(returns[0].value, ast.Call):
        return None
    meaning = resolve(returns[0].value.func, function.scope)
    return returns[0].value if _maker(meaning) == "pydantic.Field" else None


def _with_call(facts: FieldFacts, call: ast.Call, scope: Scope, maker: str) -> FieldFacts:
    given: dict[str, ast.expr] = {}
    if call.args and maker != "dataclasses.field" and not isinstance(call.args[0], ast.Starred):
        given["default"] = call.args[0]
    place = scope.module.place(call)
    for keyword in call.keywords:
        if keyword.arg is None:
            spread = _spread(keyword.value, scope)
            if spread is None:
                reason = f"{shown(call)} takes keywords that are worked out when the code runs"
                return facts._replace(has_default=True, problem=Unresolved(reason, place))
            given |= spread
        else:
            given[keyword.arg] = keyword.value
    if "default" in given:
        facts = facts._replace(has_default=not _is_missing(given["default"], scope))
    if _is_given(given, "default_factory"):
        facts = facts._replace(has_default=True)
    facts = _with_aliases(facts, given, scope)
    if "exclude" in given:
        excluded = constant(given["exclude"], scope)
        is_all = not isinstance(excluded, Unresolved) and excluded.value is True
        facts = facts._replace(excluded=is_all)
    if _is_given(given, "exclude_if"):
        facts = facts._replace(maybe_excluded=True)
    if "init" in given:
        init = constant(given["init"], scope)
        facts = facts._replace(in_init=isinstance(init, Unresolved) or init.value is not False)
    return facts


def _is_given(given: dict[str, ast.expr], key: str) -> bool:
    value = given.get(key)
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _spread(expression: ast.expr, scope: Scope) -> dict[str, ast.expr] | None:
    """Keywords of `**COMMON`, where that is written out."""
    if isinstance(expression, (ast.Name, ast.Attribute)):
        meaning = resolve(expression, scope, line=expression.lineno)
        if isinstance(meaning, Variable) and meaning.value is not None and meaning.scope is scope.module.scope:
            expression = meaning.value
    if isinstance(expression, ast.Dict):
        pairs = list(zip(expression.keys, expression.values, strict=True))
        if all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key, _ in pairs):
            return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
    if not isinstance(expression, ast.Call):
        return None
    if shown(expression.func) == "dict" and not expression.args:
        return {one.arg: one.value for one in expression.keywords if one.arg is not None}
    made = evaluate(expression, scope)
    if not isinstance(made, dict) or not all(isinstance(one, _PLAIN) for one in made.values()):
        return None
    return {str(key): ast.copy_location(ast.Constant(value), expression) for key, value in made.items()}


_PLAIN: Final = (str, int, float, bool, type(None))


def _is_missing(value: ast.expr, scope: Scope) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is ...
    if isinstance(value, (ast.Name, ast.Attribute)):
        meaning = resolve(value, scope, line=value.lineno)
        return isinstance(meaning, Known) and meaning.name.endswith(
            ("PydanticUndefined", "Undefined", "dataclasses.MISSING")
        )
    return False


def _with_aliases(facts: FieldFacts, given: dict[str, ast.expr], scope: Scope) -> FieldFacts:
    alias, problem = _alias_text(given.get("alias"), scope)
    validation, validation_problem = _alias_paths(given.get("validation_alias"), scope)
    serialization, serialization_problem = _alias_text(given.get("serialization_alias"), scope)
    problem = problem or validation_problem or serialization_problem
    if problem is not None:
        return facts._replace(problem=problem)
    if alias is None and validation is None and serialization is None:
        return facts
    if serialization is None and alias is not None:
        serialization = alias
    if validation is None and alias is not None:
        validation = Alias(((alias,),))
    priority = constant(given["alias_priority"], scope) if "alias_priority" in given else None
    number = priority.value if priority is not None and not isinstance(priority, Unresolved) else None
    return facts._replace(
        alias=alias if alias is not None else facts.alias,
        validation_alias=validation if validation is not None else facts.validation_alias,
        serialization_alias=serialization if serialization is not None else facts.serialization_alias,
        priority=number if isinstance(number, int) and number else 2,
        problem=None,
    )


def _alias_text(value: ast.expr | None, scope: Scope) -> tuple[str | None, Unresolved | None]:
    if value is None:
        return None, None
    found = constant(value, scope, line=value.lineno)
    if isinstance(found, Unresolved):
        return None, found._replace(reason=f"its alias: {found.reason}")
    text = found.value
    return (text, None) if isinstance(text, str) else (None, None)


def _alias_paths(value: ast.expr | None, scope: Scope) -> tuple[Alias | None, Unresolved | None]:
    if isinstance(value, (ast.Name, ast.Attribute)):
        meaning = resolve(value, scope, line=value.lineno)
        if isinstance(meaning, Variable) and isinstance(meaning.value, ast.Call):
            value, scope = meaning.value, meaning.scope
    if not isinstance(value, ast.Call):
        text, problem = _alias_text(value, scope)
        return (None if text is None else Alias(((text,),))), problem
    meaning = resolve(value.func, scope, line=value.lineno)
    name = meaning.name if isinstance(meaning, Known) else ""
    if name == "pydantic.AliasPath":
        parts = constant(ast.copy_location(ast.Tuple(value.args, ast.Load()), value), scope)
        if isinstance(parts, Unresolved):
            return None, parts
        path = parts.value if isinstance(parts.value, tuple) else ()
        return Alias((tuple(one for one in path if isinstance(one, (str, int))),)), None
    if name == "pydantic.AliasChoices":
        paths: list[tuple[str | int, ...]] = []
        for argument in value.args:
            alias, problem = _alias_paths(argument, scope)
            if alias is None:
                return None, problem or Unresolved(f"{shown(value)} makes its alias", scope.module.place(value))
            paths += alias.paths
        return Alias(tuple(paths)), None
    return None, Unresolved(f"{shown(value)} makes its alias", scope.module.place(value))


def names_of(python_name: str, facts: FieldFacts, config: Config, place: Place) -> Names:
    """Return the keys of a field in documents.

    Args:
        python_name: the attribute.
        facts: what is said about it.
        config: of its model: alias generators, and whether the attribute is accepted.
        place: of the field.
    """
    facts = with_generated(python_name, facts, config, place)
    problem = facts.problem or facts.generator_problem
    if problem is not None:
        return Names(python_name, (), python_name, problem)
    return _in_documents(python_name, facts.validation_alias, facts.serialization_alias, config, place)


def with_generated(python_name: str, facts: FieldFacts, config: Config, place: Place) -> FieldFacts:
    """Return what is said of a field after the alias generator of its class had its word; subclasses inherit that.

    Args:
        python_name: the attribute.
        facts: what was said before.
        config: of the class.
        place: of the field.
    """
    if "alias_generator" not in config.settings:
        return facts
    is_generated = facts.priority is None or facts.priority <= 1
    if not (is_generated or facts.validation_alias is None or facts.serialization_alias is None):
        return facts
    generated = _generated(python_name, config, place)
    if isinstance(generated, Unresolved):
        return facts._replace(generator_problem=generated)
    if generated is None:
        # No generator: what that of a base made stays.
        return facts
    accepted, written = generated
    if is_generated:
        return facts._replace(
            priority=1, validation_alias=accepted, serialization_alias=written, generator_problem=None
        )
    return facts._replace(
        validation_alias=facts.validation_alias or accepted,
        serialization_alias=written if facts.serialization_alias is None else facts.serialization_alias,
    )


def _in_documents(
    python_name: str, validation: Alias | None, serialization: str | None, config: Config, place: Place
) -> Names:
    by_name = config.value("validate_by_name") is True or config.value("populate_by_name") is True
    by_alias = config.value("validate_by_alias") is not False
    written = python_name if serialization is None else serialization
    if validation is None or (by_name and not by_alias):
        return Names(python_name, (), written)
    plain = [str(path[0]) for path in validation.paths if len(path) == 1]
    nested = [path for path in validation.paths if len(path) > 1]
    if by_name:
        plain.append(python_name)
    if not plain or (nested and plain == [python_name] and by_name):
        reason = f"it is read from inside of '{nested[0][0]}'" if nested else "it has no key"
        return Names(str(nested[0][0]) if nested else python_name, (), written, inside=Unresolved(reason, place))
    others = tuple(dict.fromkeys(one for one in plain[1:] if one != plain[0]))
    return Names(plain[0], others, written)


def _generated(name: str, config: Config, place: Place) -> tuple[Alias | None, str | None] | Unresolved | None:
    """What an alias generator gives for accepted and written keys; None when there is none."""
    setting = config.settings["alias_generator"]
    expression, scope = setting.expression, setting.scope
    if isinstance(expression, ast.Constant) and expression.value is None:
        return None
    meaning = resolve(expression, scope) if isinstance(expression, (ast.Name, ast.Attribute)) else None
    if isinstance(meaning, Variable) and meaning.value is not None:
        expression, scope = meaning.value, meaning.scope
    if isinstance(expression, ast.Call):
        called = resolve(expression.func, scope)
        if isinstance(called, Known) and called.name == "pydantic.AliasGenerator":
            return _generated_by_parts(name, expression, scope, place)
    text = _applied(expression, scope, name, place)
    if isinstance(text, Unresolved):
        return text
    return Alias(((text,),)), text


def _generated_by_parts(
    name: str, call: ast.Call, scope: Scope, place: Place
) -> tuple[Alias | None, str | None] | Unresolved:
    keywords = {one.arg: one.value for one in call.keywords}
    for key, argument in zip(("alias", "validation_alias", "serialization_alias"), call.args, strict=False):
        keywords.setdefault(key, argument)
    results: dict[str, str] = {}
    for key in ("alias", "validation_alias", "serialization_alias"):
        expression = keywords.get(key)
        if expression is None or (isinstance(expression, ast.Constant) and expression.value is None):
            continue
        text = _applied(expression, scope, name, place)
        if isinstance(text, Unresolved):
            return text
        results[key] = text
    accepted = results.get("validation_alias", results.get("alias"))
    written = results.get("serialization_alias", results.get("alias"))
    return (None if accepted is None else Alias(((accepted,),))), written


def _applied(expression: ast.expr, scope: Scope, name: str, place: Place) -> str | Unresolved:
    """What a function that is named by an expression gives for a name."""
    function: FunctionDefinition | Known | None = None
    if isinstance(expression, ast.Lambda):
        function = FunctionDefinition(expression, scope)
    else:
        meaning = resolve(expression, scope)
        if isinstance(meaning, Unresolved):
            return meaning._replace(reason=f"the alias generator: {meaning.reason}")
        if isinstance(meaning, Variable) and isinstance(meaning.value, ast.Lambda):
            function = FunctionDefinition(meaning.value, meaning.scope)
        elif isinstance(meaning, (FunctionDefinition, Known)):
            function = meaning
    result = None if function is None else _called(function, scope, name, place)
    if isinstance(result, (str, Unresolved)):
        return result
    return Unresolved(f"alias_generator {shown(expression)} has to be run", place)


def _called(function: FunctionDefinition | Known, scope: Scope, name: str, place: Place) -> object:
    """What a function gives for a name; many models have fields of one name."""
    key = ("alias", function if isinstance(function, Known) else function.node, name)
    kept = scope.module.workspace.shapes
    if key not in kept:
        if isinstance(function, Known):
            kept[key] = call_known(scope, function.name, (name,), place)
        else:
            kept[key] = call_function(function, (name,), place)
    found = kept[key]
    return found._replace(place=place) if isinstance(found, Unresolved) else found

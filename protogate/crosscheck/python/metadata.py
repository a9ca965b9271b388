"""What stands behind the type in `Annotated`, as far as it changes what documents hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.constants import Constant, constant
from protogate.crosscheck.python.core_schemas import HOOK, core_shape
from protogate.crosscheck.python.expressions import annotation_term, term_of
from protogate.crosscheck.python.lineage import known_ancestors
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    Variable,
    member,
    resolve,
    shown,
)
from protogate.crosscheck.shapes import Altered, AnyOf, Anything, Primitive, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.crosscheck.python.config import Config
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Meaning
    from protogate.crosscheck.python.terms import Metadata, Term
    from protogate.crosscheck.python.types import Shaper
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["apply_metadata", "behind_code", "result_shape", "with_field", "written_by"]

_VALIDATORS: Final = frozenset({"pydantic.BeforeValidator", "pydantic.WrapValidator", "pydantic.PlainValidator"})
_SERIALIZERS: Final = frozenset({"pydantic.PlainSerializer", "pydantic.WrapSerializer"})
_PATHS: Final = {"file": "file-path", "dir": "directory-path", "new": "path", "socket": "path"}


def apply_metadata(shaper: Shaper, shape: Shape, metadata: tuple[Metadata, ...], config: Config | None) -> Shape:
    """Return the shape of `Annotated[X, *metadata]`.

    Args:
        shaper: makes further shapes.
        shape: of X.
        metadata: in the order of the text.
        config: of the model around it.
    """
    for one in metadata:
        shape = _applied(shaper, shape, one.expression, one.scope, config)
    return shape


def _applied(shaper: Shaper, shape: Shape, expression: ast.expr, scope: Scope, config: Config | None) -> Shape:
    call = expression if isinstance(expression, ast.Call) else None
    named = expression.func if isinstance(expression, ast.Call) else expression
    if not isinstance(named, (ast.Name, ast.Attribute)):
        if isinstance(named, ast.Subscript):
            meaning = resolve(named.value, scope, line=expression.lineno)
            return _by_meaning(shaper, shape, meaning, call, scope, expression, config)
        return shape
    meaning = resolve(named, scope, line=expression.lineno)
    if call is None and isinstance(meaning, Variable) and meaning.value is not None:
        if isinstance(meaning.value, (ast.Call, ast.Name, ast.Attribute)) and meaning.value is not expression:
            return _applied(shaper, shape, meaning.value, meaning.scope, config)
        return shape
    return _by_meaning(shaper, shape, meaning, call, scope, expression, config)


def _by_meaning(  # noqa: PLR0913, PLR0917 - what is called, how, and where
    shaper: Shaper,
    shape: Shape,
    meaning: Meaning,
    call: ast.Call | None,
    scope: Scope,
    expression: ast.expr,
    config: Config | None,
) -> Shape:
    place = scope.module.place(expression)
    if isinstance(meaning, Known):
        return _known(shaper, shape, meaning.name, call, scope, place, config)
    if isinstance(meaning, ClassDefinition):
        inherited = _inherited_marker(meaning)
        if inherited is not None:
            return _known(shaper, shape, inherited, call, scope, place, config)
        return _by_class(shaper, shape, meaning, place, config)
    if isinstance(meaning, FunctionDefinition) and call is not None:
        return _by_function(shaper, shape, meaning, place, config)
    if isinstance(meaning, Unresolved):
        return behind_code(shape, shown(expression), place)
    return shape


def _inherited_marker(definition: ClassDefinition) -> str | None:
    """The marker of pydantic that a class is a kind of, unless the class has a word in it: `PlainSerializer`."""
    names = known_ancestors(definition)
    own = member(definition, HOOK, definition.place)
    if isinstance(names, Unresolved) or not isinstance(own, Unresolved):
        return None
    return next((name for name in names if name.startswith("pydantic.")), None)


def _by_class(shaper: Shaper, shape: Shape, definition: ClassDefinition, place: Place, config: Config | None) -> Shape:
    described = core_shape(shaper, definition, place, shape, config)
    if described is not None:
        return described
    hook = member(definition, "__get_pydantic_json_schema__", place)
    return shape if isinstance(hook, Unresolved) else behind_code(shape, definition.name, place)


def _by_function(
    shaper: Shaper, shape: Shape, function: FunctionDefinition, place: Place, config: Config | None
) -> Shape:
    """Metadata that a function makes: what it is annotated to return tells what it does."""
    returns = getattr(function.node, "returns", None)
    if isinstance(returns, (ast.Name, ast.Attribute)):
        made = resolve(returns, function.outer, line=returns.lineno)
        if isinstance(made, ClassDefinition):
            return _by_class(shaper, shape, made, place, config)
        if isinstance(made, Known) and made.name not in {"typing.Any", "object"}:
            return shape
    return behind_code(shape, f"{function.name}()", place)


def _known(  # noqa: C901, PLR0911, PLR0913, PLR0917 - one for each family; as above
    shaper: Shaper,
    shape: Shape,
    name: str,
    call: ast.Call | None,
    scope: Scope,
    place: Place,
    config: Config | None,
) -> Shape:
    keywords = {str(one.arg): one.value for one in call.keywords} if call is not None else {}
    arguments = call.args if call is not None else []
    if name in _VALIDATORS and shaper.direction == "input":
        given = keywords.get("json_schema_input_type", arguments[1] if len(arguments) > 1 else None)
        if given is not None:
            return shaper.shape(term_of(given, scope, line=place.line or None), config)
        return behind_code(shape, name.rpartition(".")[2], place)
    if name in _SERIALIZERS and shaper.direction == "output":
        return _serialized(shaper, shape, keywords, arguments, scope, place, config)
    if name == "pydantic.PathType" and arguments and isinstance(arguments[0], ast.Constant):
        return Primitive("string", _PATHS.get(str(arguments[0].value), "path"))
    if name == "pydantic.UuidVersion" and arguments and isinstance(arguments[0], ast.Constant):
        return Primitive("string", f"uuid{arguments[0].value!r}")
    if name in {"pydantic.EncodedBytes", "pydantic.EncodedStr", "pydantic.GetPydanticSchema"}:
        return Unresolved(f"{name} decides what it is", place)
    if name == "pydantic.Json":
        return Primitive("string") if shaper.direction == "input" else shape
    if name in {"pydantic.SkipValidation", "pydantic.OnErrorOmit"}:
        return behind_code(shape, name, place) if shaper.direction == "input" else shape
    if name in {"pydantic.SerializeAsAny", "pydantic.InstanceOf", "pydantic.WithJsonSchema", "pydantic.SkipJsonSchema"}:
        return behind_code(shape, name, place)
    if name == "pydantic.Field":
        return with_field(shaper, shape, keywords, place)
    return shape


def with_field(shaper: Shaper, shape: Shape, keywords: Mapping[str, ast.expr], place: Place) -> Shape:
    """Return a shape after what `Field(...)` says of it.

    Args:
        shaper: knows the direction.
        shape: of the type.
        keywords: as they are given.
        place: where it is.
    """
    if "pattern" in keywords and shaper.direction == "output" and not _is_text(shape):
        # Pydantic takes it for text from there on; a default is written all the same.
        shape = behind_code(shape, "a pattern", place)
    extra = keywords.get("json_schema_extra")
    return shape if extra is None else with_extra_schema(shape, extra, place)


def _is_text(shape: Shape) -> bool:
    if isinstance(shape, AnyOf):
        return all(map(_is_text, shape.members))
    return isinstance(shape, Primitive) and shape.kind in {"string", "null"}


_STRUCTURAL: Final = frozenset(
    {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "properties", "items", "format"}
)


def with_extra_schema(shape: Shape, extra: ast.expr, place: Place) -> Shape:
    """Return a shape whose published schema says something else than its type."""
    if isinstance(extra, ast.Dict):
        keys = {key.value for key in extra.keys if isinstance(key, ast.Constant)}
        return behind_code(shape, "json_schema_extra", place) if keys & _STRUCTURAL else shape
    return behind_code(shape, "json_schema_extra", place) if isinstance(extra, ast.Lambda) else shape


def _serialized(  # noqa: PLR0913, PLR0917 - as above
    shaper: Shaper,
    shape: Shape,
    keywords: Mapping[str, ast.expr],
    arguments: list[ast.expr],
    scope: Scope,
    place: Place,
    config: Config | None,
) -> Shape:
    given = keywords.get("return_type", arguments[1] if len(arguments) > 1 else None)
    function = keywords.get("func", arguments[0] if arguments else None)
    when = keywords.get("when_used")
    when_used = constant(when, scope) if when is not None else None
    mode: object = when_used.value if isinstance(when_used, Constant) else "always"
    result: Term | None = None
    if given is not None:
        result = term_of(given, scope, line=place.line or None)
    elif isinstance(function, (ast.Name, ast.Attribute)):
        meaning = resolve(function, scope, line=place.line or None)
        if isinstance(meaning, FunctionDefinition):
            result = returned_term(meaning)
    return written_by(shape, None if result is None else shaper.shape(result, config), mode, "a serializer", place)


def returned_term(function: FunctionDefinition) -> Term | None:
    """Return the annotated result of a function, None without an annotation."""
    returns = getattr(function.node, "returns", None)
    if not isinstance(returns, ast.expr):
        return None
    return annotation_term(returns, function.outer.around(function.node))


def written_by(shape: Shape, result: Shape | None, mode: object, by: str, place: Place) -> Shape:
    """Return what stands in documents after a serializer.

    Args:
        shape: what the type says.
        result: what the serializer is annotated to return; None without an annotation.
        mode: its `when_used`.
        by: what it is, for people.
        place: where it is.
    """
    if result is None or isinstance(result, Anything):
        return behind_code(shape, by, place)
    if mode in {"unless-none", "json-unless-none"} and _takes_null(shape) and not _takes_null(result):
        return AnyOf((*(result.members if isinstance(result, AnyOf) else (result,)), Primitive("null")))
    return result


def _takes_null(shape: Shape) -> bool:
    if isinstance(shape, AnyOf):
        return any(map(_takes_null, shape.members))
    return shape == Primitive("null")


def result_shape(shaper: Shaper, function: FunctionDefinition, config: Config | None) -> Shape | None:
    """Return the shape of what a function is annotated to return, None without an annotation."""
    term = returned_term(function)
    return None if term is None else shaper.shape(term, config)


def behind_code(shape: Shape, by: str, place: Place) -> Shape:
    """Return a shape with code between it and the document."""
    return shape if isinstance(shape, (Unresolved, Altered)) else Altered(shape, by, place)

"""Models that Protogate generated: their documents are ProtoJSON, which their annotations do not show.

Keys are the JSON names of the contract, enums are written by the names of their values, 64-bit integers as text. A
document may hold null where a field may be absent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.bodies import annotated_names
from protogate.crosscheck.python.constants import constant, json_value
from protogate.crosscheck.python.enums import enum_facts, json_key
from protogate.crosscheck.python.expressions import annotation_term
from protogate.crosscheck.python.fields import field_facts
from protogate.crosscheck.python.lineage import lineage
from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Variable, in_scope, resolve
from protogate.crosscheck.python.placing import placed
from protogate.crosscheck.python.protogate_zeros import refuses_default
from protogate.crosscheck.python.terms import AnnotatedType, ClassType, KnownType, UnionType
from protogate.crosscheck.shapes import (
    ANY,
    AnyOf,
    Choice,
    Field,
    Items,
    Mapping,
    Member,
    Primitive,
    Record,
    Unresolved,
)
from protogate.findings import Place

if TYPE_CHECKING:
    from protogate.crosscheck.python.terms import Metadata, Term
    from protogate.crosscheck.python.types import Shaper
    from protogate.crosscheck.shapes import Direction, Scalar, Shape

__all__ = ["protogate_shape", "runtime_name"]

_PACKAGE: Final = "protogate.models"
_NULL: Final = Primitive("null")
_STRING: Final = Primitive("string")
_INTEGER: Final = Primitive("integer")
_SPECIAL: Final = Choice(tuple(Member(text, Place("")) for text in ("NaN", "Infinity", "-Infinity")), Place(""))
_WIDE: Final = {"Int64": "int64", "UInt64": "uint64"}
_FORMATS: Final[dict[object, str]] = {
    **{name: name for name in ("email", "hostname", "ipv4", "ipv6", "uri", "uuid")},
    "uri_ref": "uri-reference",
}
"""What rules call the forms of text that JSON Schema has a format for."""
_KEYS: Final = frozenset({"Int32Key", "UInt32Key", "Int64Key", "UInt64Key"})


def runtime_name(definition: ClassDefinition) -> str | None:
    """Return the name under which `protogate.models` has a class, None for what is not of it."""
    module = definition.module.name
    return definition.name if module == _PACKAGE or module.startswith(f"{_PACKAGE}.") else None


def protogate_shape(shaper: Shaper, term: ClassType) -> Shape | None:
    """Return the shape of a generated class, or of one of the runtime; None for any other class."""
    definition = term.definition
    name = runtime_name(definition)
    if name is not None:
        return _runtime_shape(name, definition)
    ancestors = lineage(definition)
    if isinstance(ancestors, Unresolved):
        return None
    kinds = {runtime_name(one) for one in ancestors if isinstance(one, ClassDefinition)}
    if "Message" in kinds:
        return shaper.kept(("message", definition), lambda: _message(shaper, definition), definition.place)
    if "ProtoEnum" in kinds:
        return _enum(definition, shaper.direction, is_open="OpenEnum" in kinds)
    return None


def scalar_shape(name: str, direction: Direction) -> Shape | None:
    """Return the shape of a scalar of the runtime (`protogate.models.Int64`); None for anything else."""
    return _scalar(name.rpartition(".")[2], direction)


def _scalar(name: str, direction: Direction) -> Shape | None:  # noqa: C901, PLR0911 - one for each type
    is_input = direction == "input"
    if name in {"Int32", "UInt32"}:
        return _INTEGER
    if name in _WIDE:
        text = Primitive("string", _WIDE[name])
        return AnyOf((text, _INTEGER)) if is_input else text
    if name in _KEYS:
        return _STRING
    if name == "Bool":
        return Primitive("boolean")
    if name == "BoolKey":
        return Choice((Member("true", Place("")), Member("false", Place(""))), Place(""))
    if name in {"Float", "Double"}:
        number = Primitive("number")
        return AnyOf((number, _SPECIAL, _STRING)) if is_input else AnyOf((number, _SPECIAL))
    if name == "Bytes":
        return Primitive("string", "byte")
    if name == "Struct":
        return Mapping(_STRING, ANY)
    if name == "ListValue":
        return Items(ANY)
    if name in {"Value", "ValueItem"}:
        return ANY
    return _NULL if name == "OptionalNull" else None


def _runtime_shape(name: str, definition: ClassDefinition) -> Shape:
    match name:
        case "Timestamp":
            return Primitive("string", "date-time")
        case "Duration" | "FieldMask":
            return _STRING
        case "NullValue":
            return _NULL
        case "Empty":
            return Record("Empty", definition.place, lambda: (), "forbid")
        case "AnyMessage":
            return Mapping(_STRING, ANY)
        case _:
            return Unresolved(f"'{name}' itself says nothing about documents", definition.place)


def _enum(definition: ClassDefinition, direction: Direction, *, is_open: bool) -> Shape:
    facts = enum_facts(definition)
    if isinstance(facts, Unresolved):
        return facts
    escaped = _texts(definition, "__proto_names__")
    names = facts.by_name if direction == "input" else {one.name: one for one in facts.members}
    members = [Member(escaped.get(name, name), one.place) for name, one in names.items()]
    if direction == "output":
        # An open one may hold a number that only a newer contract names: no drift between this one and its models.
        return Choice(tuple(members), definition.place)
    text = Choice(tuple(members), definition.place)
    if is_open:
        return AnyOf((text, _INTEGER))
    numbers = {json_key(one.value): Member(one.value, one.place) for one in facts.members if isinstance(one.value, int)}
    return Choice((*text.members, *numbers.values()), definition.place)


def _texts(definition: ClassDefinition, name: str) -> dict[str, str]:
    """A dictionary of texts that the body of a class assigns."""
    found = in_scope(definition.scope, name)
    value = found.value if isinstance(found, Variable) else None
    if not isinstance(value, ast.Dict):
        return {}
    return {
        key.value: text.value
        for key, text in zip(value.keys, value.values, strict=True)
        if isinstance(key, ast.Constant)
        and isinstance(text, ast.Constant)
        and isinstance(key.value, str)
        and isinstance(text.value, str)
    }


def _message(shaper: Shaper, definition: ClassDefinition) -> Record:
    return Record(definition.name, definition.place, lambda: tuple(_message_fields(shaper, definition)), "forbid")


def _message_fields(shaper: Shaper, definition: ClassDefinition) -> list[Field]:
    fields: list[Field] = []
    proto_names = _texts(definition, "__proto_names__")
    for attribute, (statement, _) in annotated_names(definition):
        if attribute.startswith("__"):
            continue
        term = annotation_term(statement.annotation, definition.scope)
        facts = field_facts(term, statement.value, definition.scope)
        key = facts.serialization_alias or json_name(attribute)
        place = definition.module.place(statement)
        shape = placed(shape_of_field(shaper, term), place)
        metadata = term.metadata if isinstance(term, AnnotatedType) else ()
        is_optional = facts.has_default and not refuses_default(statement.value, metadata)
        if shaper.direction == "input":
            proto_name = proto_names.get(attribute, attribute)
            others = (proto_name,) if proto_name != key else ()
            accepted = _or_null(shape) if is_optional else shape
            fields.append(Field(key, accepted, not is_optional, place, attribute, others))
        else:
            # A field at its zero value is left out.
            fields.append(Field(key, _without_null(shape), not is_optional, place, attribute))
    return fields


def json_name(name: str) -> str:
    """Return the lowerCamelCase name that protoc gives a field.

    >>> json_name("first_name")
    'firstName'
    """
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def _or_null(shape: Shape) -> Shape:
    if shape == _NULL or shape is ANY or (isinstance(shape, AnyOf) and _NULL in shape.members):
        return shape
    return AnyOf((*(shape.members if isinstance(shape, AnyOf) else (shape,)), _NULL))


def _without_null(shape: Shape) -> Shape:
    if not isinstance(shape, AnyOf):
        return shape
    members = tuple(one for one in shape.members if one != _NULL)
    return members[0] if len(members) == 1 else AnyOf(members)


def shape_of_field(shaper: Shaper, term: Term) -> Shape:
    """Return the shape of the annotation of a generated field."""
    match term:
        case AnnotatedType(inner, metadata):
            return _annotated(shaper, inner, metadata)
        case KnownType("list" | "typing.List", (item,)):
            return Items(shape_of_field(shaper, item))
        case KnownType("dict" | "typing.Dict", (key, value)):
            from protogate.crosscheck.python.types import key_shape

            return Mapping(key_shape(shape_of_field(shaper, key)), shape_of_field(shaper, value))
        case UnionType(members):
            from protogate.crosscheck.python.types import union

            return union([shape_of_field(shaper, one) for one in members])
        case _:
            return shaper.shape(term)


def _annotated(shaper: Shaper, inner: Term, metadata: tuple[Metadata, ...]) -> Shape:
    shape = shape_of_field(shaper, inner)
    for one in metadata:
        if not isinstance(one.expression, ast.Call):
            continue
        meaning = resolve(one.expression.func, one.scope, line=one.line)
        if not isinstance(meaning, FunctionDefinition) or not meaning.module.name.startswith(_PACKAGE):
            continue
        shape = _ruled(shaper, shape, inner, meaning.name, one)
    return shape


_ZEROS: Final[dict[str, Scalar]] = {"string": "", "bool": False}
_VALUE_KINDS: Final = frozenset({"string", "int32", "uint32", "sint32", "bool"})
"""Kinds of which a document holds the value as the rule says it."""


def _ruled(shaper: Shaper, shape: Shape, inner: Term, rule: str, one: Metadata) -> Shape:
    """What a rule of the contract leaves of a shape."""
    call = one.expression
    if not isinstance(call, ast.Call):
        return shape
    if rule == "unless_zero":
        return _unless_zero(shaper, shape, inner, one)
    if rule == "defined_only" and isinstance(inner, ClassType):
        return _enum(inner.definition, shaper.direction, is_open=False)
    if rule == "text" and call.args and isinstance(call.args[0], ast.Constant):
        form = _FORMATS.get(call.args[0].value, "")
        return Primitive("string", form) if form and shape == _STRING else shape
    if rule in {"one_of", "const", "none_of"} and call.args:
        return _listed(shape, inner, rule, call, one)
    return _bounded(shape, rule, call, one) if rule in {"bounds", "finite"} else shape


def _bounded(shape: Shape, rule: str, call: ast.Call, one: Metadata) -> Shape:
    """A float without the texts that bounds refuse; NaN is in none."""
    if not isinstance(shape, AnyOf) or _SPECIAL not in shape.members:
        return shape
    given = {keyword.arg: constant(keyword.value, one.scope) for keyword in call.keywords}
    upper, lower = given.get("lt", given.get("lte")), given.get("gt", given.get("gte"))
    is_outer = _number(upper) < _number(lower)
    kept = {
        text
        for text, bound in (("Infinity", upper), ("-Infinity", lower))
        if rule != "finite" and (bound is None or is_outer)
    }
    left = Choice(tuple(member for member in _SPECIAL.members if member.value in kept), _SPECIAL.place)
    members = tuple(left if each == _SPECIAL else each for each in shape.members if each != _SPECIAL or kept)
    return members[0] if len(members) == 1 else AnyOf(members)


def _number(bound: object) -> float:
    """The value of a bound; 0 for what is none."""
    value = getattr(bound, "value", None)
    return value if isinstance(value, (int, float)) else 0.0


def _listed(shape: Shape, inner: Term, rule: str, call: ast.Call, one: Metadata) -> Shape:
    """What a list of values leaves."""
    kind = constant(call.args[0], one.scope)
    wanted = [(_wanted(argument, one), one.scope.module.place(argument)) for argument in call.args[1:]]
    values = [value for value, _ in wanted if not isinstance(value, Unresolved)]
    if isinstance(kind, Unresolved) or len(values) < len(wanted):
        return shape
    if kind.value == "enum" and isinstance(inner, ClassType):
        return _of_enum(shape, inner.definition, values, rule)
    if rule == "none_of" or kind.value not in _VALUE_KINDS:
        return shape
    members = [Member(value, place) for value, place in wanted if not isinstance(value, Unresolved)]
    return Choice(tuple({json_key(member.value): member for member in members}.values()), one.scope.module.place(call))


def _unless_zero(shaper: Shaper, shape: Shape, inner: Term, one: Metadata) -> Shape:
    """Rules that hold for all values but the one of a field that is not set."""
    call = one.expression
    for argument in call.args if isinstance(call, ast.Call) else ():
        if not isinstance(argument, ast.Call):
            continue
        meaning = resolve(argument.func, one.scope, line=one.line)
        if isinstance(meaning, FunctionDefinition):
            ruled = _ruled(shaper, shape, inner, meaning.name, one._replace(expression=argument))
            if isinstance(ruled, Choice) and not isinstance(shape, Choice):
                ruled = _with_zero(ruled, argument)
            # No text is of a form and may be empty as well.
            shape = shape if isinstance(ruled, Primitive) else ruled
    return shape


def _with_zero(choice: Choice, call: ast.Call) -> Choice:
    kind = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    zero = _ZEROS.get(str(kind), 0)
    if json_key(zero) in {json_key(one.value) for one in choice.members}:
        return choice
    return Choice((*choice.members, Member(zero, choice.place)), choice.place)


def _wanted(argument: ast.expr, one: Metadata) -> Scalar | Unresolved:
    found = constant(argument, one.scope)
    return found if isinstance(found, Unresolved) else json_value(found.value)


def _of_enum(shape: Shape, definition: ClassDefinition, values: list[Scalar], rule: str) -> Shape:
    """A choice of an enum's values without those that a rule takes away."""
    facts = enum_facts(definition)
    if isinstance(facts, Unresolved) or not isinstance(shape, Choice):
        return shape
    escaped = _texts(definition, "__proto_names__")
    named = {escaped.get(name, name) for name, one in facts.by_name.items() if one.value in values}
    wanted = rule != "none_of"
    kept = (one for one in shape.members if (one.value in named or one.value in values) is wanted)
    return Choice(tuple(kept), shape.place)

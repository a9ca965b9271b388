"""From terms to shapes: what a type accepts and writes.

Pydantic is the measure: what its `model_json_schema` says in both modes, save where that is known to be wrong about
documents, which is `Altered` or `Unresolved`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python import enums, records
from protogate.crosscheck.python.bodies import HOOKS, undecorated_reason
from protogate.crosscheck.python.core_schemas import core_shape
from protogate.crosscheck.python.expressions import postpones_annotations, term_of, term_of_meaning
from protogate.crosscheck.python.known_types import ARRAYS, BEHIND_CODE, MAPPINGS, NOT_IN_DOCUMENTS, simple_shape
from protogate.crosscheck.python.lineage import known_ancestors
from protogate.crosscheck.python.metadata import apply_metadata
from protogate.crosscheck.python.models import made_model_shape, model_shape
from protogate.crosscheck.python.names import ClassDefinition, Known, Variable, definition_of_known, member
from protogate.crosscheck.python.newer_syntax import type_parameters
from protogate.crosscheck.python.protogate_models import protogate_shape, scalar_shape
from protogate.crosscheck.python.terms import (
    ANY_TYPE,
    AliasType,
    AnnotatedType,
    ClassType,
    KnownType,
    LiteralType,
    MadeType,
    Term,
    TypeVariable,
    UnionType,
    substitute,
    variables_of,
)
from protogate.crosscheck.shapes import (
    ANY,
    Altered,
    AnyOf,
    Choice,
    Items,
    Mapping,
    Member,
    Primitive,
    Record,
    Unresolved,
)
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogate.crosscheck.python.config import Config
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Meaning
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Direction, Shape

__all__ = ["Shaper", "shape_of", "union"]

_DEEPEST: Final = 100
_OLD_HOOK: Final = "__get_validators__"


def shape_of(
    workspace: Workspace,
    target: Meaning | ast.expr,
    direction: Direction,
    *,
    scope: Scope | None = None,
    line: int | None = None,
) -> Shape:
    """Return the documents that a type accepts or writes.

    Args:
        workspace: all code that is read.
        target: what a name means, or the expression of a type.
        direction: accepts (`input`) or writes (`output`).
        scope: where an expression stands.
        line: where it is evaluated; None for the end of the module.
    """
    try:
        if isinstance(target, ast.expr):
            if scope is None:
                return Unresolved("an expression without a scope", Place(""))
            term = term_of(target, scope, line=line, quoted=postpones_annotations(scope.module))
        else:
            node = ast.Name(target.name if not isinstance(target, Unresolved) else "", ast.Load())
            term = _term(target, node)
        return shaper_of(workspace, direction).shape(term)
    except RecursionError:
        return Unresolved("a type that is nested too deeply", Place(""))


def _term(target: Meaning, node: ast.expr) -> Term:
    if isinstance(target, Known):
        return KnownType(target.name)
    if isinstance(target, ClassDefinition):
        return ClassType(target)
    if isinstance(target, Variable):
        return term_of_meaning(target, node, target.scope)
    if isinstance(target, Unresolved):
        return target
    return Unresolved(f"'{target.name}' is no type", getattr(target, "place", Place("")))


def shaper_of(workspace: Workspace, direction: Direction) -> Shaper:
    """Return the one shaper of a workspace for a direction."""
    key = ("shaper", direction)
    found = workspace.shapes.get(key)
    if not isinstance(found, Shaper):
        found = workspace.shapes[key] = Shaper(workspace, direction)
    return found


class Shaper:
    """Makes shapes for one direction; one record for each type."""

    def __init__(self, workspace: Workspace, direction: Direction) -> None:
        self.workspace = workspace
        self.direction: Direction = direction
        self._records: dict[object, Shape] = {}
        self._depth = 0
        self._aliases: list[tuple[object, ...]] = []

    def shape(self, term: Term, config: Config | None = None) -> Shape:
        """Return the shape of a term.

        Args:
            term: the type.
            config: of the model that it is a part of.
        """
        if self._depth > _DEEPEST:
            return Unresolved("a type that is nested too deeply", Place(""))
        self._depth += 1
        try:
            return self._shape(term, config)
        except RecursionError:
            # Fields are made when they are asked for: the way there may be long already.
            return Unresolved("a type that is nested too deeply", Place(""))
        finally:
            self._depth -= 1

    def _shape(self, term: Term, config: Config | None) -> Shape:  # noqa: PLR0911 - one for each kind of term
        match term:
            case KnownType():
                return self._known(term, config)
            case ClassType():
                return self._class(term, config)
            case LiteralType(values, place):
                members = (Member(one.value, one.place) for one in values)
                return union([_choice(members)._replace(place=place)])
            case UnionType():
                return union([self.shape(one, config) for one in dict.fromkeys(_alternatives(term))])
            case AnnotatedType(inner, metadata):
                return apply_metadata(self, self.shape(inner, config), metadata, config)
            case TypeVariable():
                return self._variable(term, config)
            case AliasType():
                return self._alias(term, config)
            case MadeType():
                return self._made(term, config)
            case Unresolved():
                return term

    def kept(self, key: object, make: Callable[[], Shape], place: Place) -> Shape:
        """Return the shape of a class, made once.

        Args:
            key: what tells the type from others.
            make: makes it.
            place: of the class, for a class that needs itself to be made.
        """
        if key not in self._records:
            self._records[key] = Unresolved("a type that is made of itself", place)
            self._records[key] = make()
        return self._records[key]

    def keep(self, key: object, shape: Shape) -> None:
        """Let a class that is being made be seen by its own parts."""
        self._records[key] = shape

    def _variable(self, term: TypeVariable, config: Config | None) -> Shape:
        """An open type parameter, as pydantic takes it."""
        if term.default is not None:
            return self.shape(term.default, config)
        if term.constraints:
            return union([self.shape(one, config) for one in term.constraints])
        if term.bound is not None:
            return self.shape(term.bound, config)
        return ANY if term.kind == "TypeVar" else Unresolved(f"type parameter '{term.name}' is open", Place(""))

    def _alias(self, term: AliasType, config: Config | None) -> Shape:
        variable = term.variable
        if variable.value is None:
            return Unresolved(f"'{variable.name}' has no value", variable.place)
        key = (variable.node, term.arguments)
        if key in self._aliases:
            return Unresolved(f"type '{variable.name}' holds itself", variable.place)
        inner = term_of(variable.value, variable.scope, quoted=True)
        parameters = self._alias_parameters(variable, inner)
        if term.arguments and parameters:
            inner = substitute(inner, dict(zip(parameters, term.arguments, strict=False)))
        self._aliases.append(key)
        try:
            return self.shape(inner, config)
        finally:
            self._aliases.pop()

    def _alias_parameters(self, variable: Variable, inner: Term) -> list[ast.AST]:
        listed = type_parameters(variable.node)
        if listed:
            return [one.node for one in listed]
        call = getattr(variable.node, "value", None)
        if isinstance(call, ast.Call):
            for keyword in call.keywords:
                if keyword.arg == "type_params" and isinstance(keyword.value, ast.Tuple):
                    terms = [term_of(one, variable.scope) for one in keyword.value.elts]
                    return [one.node for one in terms if isinstance(one, TypeVariable)]
        return [one.node for one in variables_of(inner)]

    def _known(self, term: KnownType, config: Config | None) -> Shape:  # noqa: C901, PLR0911, PLR0912 - one for each family
        name, arguments = term
        if name.startswith("protogate.models."):
            found = scalar_shape(name, self.direction)
            return found or Unresolved(f"{name} is not a type that can be read here", Place(""))
        if name in {"tuple", "typing.Tuple"}:
            return self._tuple(arguments, config)
        if name in ARRAYS:
            return Items(self.shape(arguments[0], config) if arguments else ANY)
        if name in MAPPINGS:
            keys, values = (*arguments, ANY_TYPE, ANY_TYPE)[:2]
            return Mapping(key_shape(self.shape(keys, config)), self.shape(values, config))
        if name in {"typing.Counter", "collections.Counter"}:
            keys = arguments[0] if arguments else ANY_TYPE
            return Mapping(key_shape(self.shape(keys, config)), Primitive("integer"))
        if name in BEHIND_CODE and arguments:
            direction, by = BEHIND_CODE[name]
            inner = self.shape(arguments[0], config)
            return altered(inner, by, place_of(inner)) if direction in {"", self.direction} else inner
        if name == "pydantic.RootModel" and arguments:
            return self.shape(arguments[0], config)
        if name == "pydantic.Json" and arguments:
            return Primitive("string") if self.direction == "input" else self.shape(arguments[0], config)
        if name == "pydantic.Secret" and arguments and self.direction == "input":
            return self.shape(arguments[0], config)
        if name in {"typing.Required", "typing.NotRequired", "typing.ReadOnly", "typing.Final", "dataclasses.InitVar"}:
            return self.shape(arguments[0], config) if arguments else ANY
        if arguments and name in {"re.Pattern", "typing.Pattern", "os.PathLike", "pathlib.Path"}:
            arguments = ()
        if not arguments:
            simple = simple_shape(name, self.direction)
            if simple is not None:
                return simple if config is None else config.applied(name, simple, self.direction)
        return self._unlisted(KnownType(name, arguments), config)

    def _unlisted(self, term: KnownType, config: Config | None) -> Shape:  # noqa: PLR0911 - as above
        name = term.name
        if name == "pydantic.BaseModel":
            return self.kept(name, lambda: Record(name, Place(""), lambda: ()), Place(""))
        if name == "pydantic.RootModel":
            return ANY
        if name in NOT_IN_DOCUMENTS:
            return Unresolved(f"{name} has no place in documents", Place(""))
        standard = enums.standard_enum(name)
        if standard is not None:
            return _choice(Member(value, Place("")) for _, value in standard if isinstance(value, (str, int)))
        found = definition_of_known(self.workspace, name)
        if isinstance(found, ClassDefinition):
            return self.shape(ClassType(found, term.arguments), config)
        if isinstance(found, Variable):
            return self.shape(term_of_meaning(found, ast.Name(found.name, ast.Load()), found.scope), config)
        return Unresolved(f"{name} is not a type that can be read here", Place(""))

    def _tuple(self, arguments: tuple[Term, ...], config: Config | None) -> Shape:
        if not arguments:
            return Items(ANY)
        if len(arguments) == 2 and arguments[1] == KnownType("..."):  # noqa: PLR2004 - a type and an ellipsis
            return Items(self.shape(arguments[0], config))
        if any(isinstance(one, KnownType) and one.name == "*" for one in arguments):
            return Unresolved("a tuple of variable length", Place(""))
        if arguments == (KnownType("[]"),):
            arguments = ()
        return Items(NOTHING, tuple(self.shape(one, config) for one in arguments))

    def _class(self, term: ClassType, config: Config | None) -> Shape:  # noqa: PLR0911 - as above
        definition = term.definition
        special = protogate_shape(self, term)
        if special is not None:
            return special
        names = known_ancestors(definition)
        if isinstance(names, Unresolved):
            return names
        if "pydantic.BaseModel" in names or "pydantic.RootModel" in names:
            return model_shape(self, term)
        described = core_shape(self, definition, definition.place, config=config)
        if described is not None:
            return described
        if not isinstance(member(definition, _OLD_HOOK, definition.place), Unresolved):
            return Unresolved(f"{definition.name}.{_OLD_HOOK} decides what it is", definition.place)
        if "typing.TypedDict" in names:
            return records.typed_dict_shape(self, term, config)
        if any(name.startswith("enum.") for name in names):
            return self._enum(definition)
        if "typing.NamedTuple" in names or "collections.namedtuple" in names:
            return records.named_tuple_shape(self, term, config)
        if records.is_dataclass(definition):
            return records.dataclass_shape(self, term, config)
        return self._other_class(definition, names, config)

    def _other_class(self, definition: ClassDefinition, names: tuple[str, ...], config: Config | None) -> Shape:
        for name in names:
            if name.startswith("pydantic.v1"):
                return Unresolved(f"'{definition.name}' is a model of pydantic v1", definition.place)
            if name.startswith("pydantic.") and simple_shape(name, self.direction) is not None:
                return self.shape(KnownType(name), config)
        return Unresolved(f"class '{definition.name}' is no model", definition.place)

    def _enum(self, definition: ClassDefinition) -> Shape:
        reason = undecorated_reason(definition, enums.HARMLESS, HOOKS)
        if reason is not None:
            return reason
        facts = enums.enum_facts(definition)
        return facts if isinstance(facts, Unresolved) else self._choice_of(facts, definition.name, definition.place)

    def _choice_of(self, facts: enums.EnumFacts, name: str, place: Place) -> Shape:
        choice = enums.choice_of(facts, place)
        if isinstance(choice, Unresolved):
            return choice
        if facts.is_flag:
            return Altered(choice, f"combinations of {name}", place)
        if facts.missing is not None and self.direction == "input":
            return Altered(choice, f"{name}._missing_", facts.missing)
        return choice

    def _made(self, term: MadeType, config: Config | None) -> Shape:
        place = term.scope.module.place(term.call)
        if term.maker.startswith("enum."):
            facts = enums.made_enum(term)
            return facts if isinstance(facts, Unresolved) else self._choice_of(facts, term.name, place)
        if term.maker == "pydantic.create_model":
            return made_model_shape(self, term)
        return records.made_record_shape(self, term, config)


NOTHING: Final = Choice((), Place(""))
"""What stands behind the last place of a tuple."""


def key_shape(shape: Shape) -> Shape:
    """Return what keys are in documents: text, whatever they are in memory."""
    match shape:
        case Choice(members, place):
            texts = [Member(_key_text(one.value), one.place) for one in members]
            return _choice(texts)._replace(place=place)
        case Primitive(kind, form):
            return Primitive("string", form if kind == "string" else "")
        case AnyOf(members):
            return union([key_shape(one) for one in members])
        case Altered(inner, by, place):
            return Altered(key_shape(inner), by, place)
        case Unresolved():
            return shape
        case _:
            return Primitive("string")


def _key_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "None" if value is None else str(value)


def altered(shape: Shape, by: str, place: Place) -> Shape:
    """Return a shape with code between it and the document; unresolved ones and any value stay what they are."""
    if isinstance(shape, (Unresolved, Altered)):
        return shape
    return Altered(shape, by, place)


def place_of(shape: Shape) -> Place:
    """Return where a shape is defined, as far as it says."""
    place = getattr(shape, "place", None)
    return place if isinstance(place, Place) else Place("")


def _alternatives(term: Term) -> Iterator[Term]:
    """The members of a union, of unions in it too, as `typing` has them."""
    if isinstance(term, UnionType):
        for one in term.members:
            yield from _alternatives(one)
    else:
        yield term


def union(shapes: list[Shape]) -> Shape:
    """Return one of several shapes: never nested, each once, all values in one choice, null by itself."""
    flat: list[Shape] = []
    for one in shapes:
        flat += one.members if isinstance(one, AnyOf) else (one,)
    members: list[Member] = []
    others: list[Shape] = []
    at = 0
    place = Place("")
    for one in flat:
        if isinstance(one, Choice):
            if not members:
                at, place = len(others), one.place
            members += one.members
        elif not any(_same(one, other) for other in others):
            others.append(one)
    null = next((one for one in members if one.value is None), None)
    values = [one for one in members if one.value is not None]
    if values or not (others or null):
        others.insert(at, _choice(values)._replace(place=place))
    if null is not None and Primitive("null") not in others:
        others.append(Primitive("null"))
    return others[0] if len(others) == 1 else AnyOf(tuple(others))


def _same(one: Shape, other: Shape) -> bool:
    return one is other or (isinstance(one, Primitive) and one == other) or (one == ANY and other == ANY)


def _choice(members: Iterable[Member]) -> Choice:
    kept: dict[tuple[type, object], Member] = {}
    for one in members:
        kept.setdefault(enums.json_key(one.value), one)
    return Choice(tuple(kept.values()), Place(""))

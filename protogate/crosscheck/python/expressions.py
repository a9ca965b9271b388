"""From the expression of a type to its term."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.constants import EnumMember, constant, json_value
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    ModuleDefinition,
    Parameter,
    TypeParameterDefinition,
    Variable,
    resolve,
    shown,
)
from protogate.crosscheck.python.newer_syntax import type_parameters
from protogate.crosscheck.python.terms import (
    ANY_TYPE,
    NONE_TYPE,
    SELF,
    AliasType,
    ClassType,
    KnownType,
    LiteralType,
    LiteralValue,
    MadeType,
    Metadata,
    Term,
    TypeVariable,
    UnionType,
    annotated,
    size_of,
    substitute,
    variables_of,
)
from protogate.crosscheck.shapes import Unresolved
from protogate.crosscheck.values import same

if TYPE_CHECKING:
    from collections.abc import Hashable

    from protogate.crosscheck.python.modules import Module, Scope
    from protogate.crosscheck.python.names import Meaning

__all__ = ["MAKERS", "annotation_term", "postpones_annotations", "term_of", "term_of_meaning"]

_LARGEST: Final = 5_000
_DEEPEST: Final = 100
"""Brackets in brackets and aliases of aliases; documents of such types would be as deep."""

MAKERS: Final = frozenset(
    {
        "typing.TypedDict", "typing.NamedTuple", "collections.namedtuple", "pydantic.create_model",
        "dataclasses.make_dataclass", "enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag",
    }
)  # fmt: skip
"""What makes a class when it is called with a name."""

PROTOGATE_SCALARS: Final = frozenset({"protogate.models.scalars", "protogate.models.wellknown"})
"""Modules of the runtime of generated models whose aliases are types of their own."""

_CONSTRAINED: Final = {
    "pydantic.conint": "int",
    "pydantic.confloat": "float",
    "pydantic.constr": "str",
    "pydantic.conbytes": "bytes",
    "pydantic.condecimal": "decimal.Decimal",
    "pydantic.condate": "datetime.date",
    "pydantic.conlist": "list",
    "pydantic.conset": "set",
    "pydantic.confrozenset": "frozenset",
}


def postpones_annotations(module: Module) -> bool:
    """Whether annotations of a module are text when it runs: `from __future__ import annotations`."""
    key = "postpones"
    if key not in module.scope.cache:
        module.scope.cache[key] = any(
            isinstance(one, ast.ImportFrom)
            and one.module == "__future__"
            and any(alias.name == "annotations" for alias in one.names)
            for one in module.tree.body
        )
    return bool(module.scope.cache[key])


def annotation_term(annotation: ast.expr, scope: Scope) -> Term:
    """Return the term of an annotation of a class, a parameter or a result, seen from where it stands."""
    return term_of(annotation, scope, line=annotation.lineno, quoted=postpones_annotations(scope.module))


def term_of(
    expression: ast.expr, scope: Scope, *, line: int | None = None, quoted: bool = False, depth: int = 0
) -> Term:
    """Return what the expression of a type says.

    Args:
        expression: an annotation, the value of an alias, what stands in brackets.
        scope: where it stands.
        line: where it is evaluated; None for the end of the module.
        quoted: whether it was text.
        depth: steps that led here.
    """
    return _Reader(scope, line, quoted=quoted).read(expression, depth)


class _Reader:
    """Reads expressions that stand at one place."""

    __slots__ = ("_line", "_quoted", "_scope")

    def __init__(self, scope: Scope, line: int | None, *, quoted: bool) -> None:
        self._scope = scope
        self._line = line
        self._quoted = quoted

    def read(self, expression: ast.expr, depth: int) -> Term:  # noqa: C901, PLR0911 - one for each kind of expression
        if depth > _DEEPEST:
            return self._unresolved("a type that is nested too deeply", expression)
        match expression:
            case ast.Name() | ast.Attribute():
                return term_of_meaning(self._meaning(expression), expression, self._scope, depth + 1)
            case ast.Constant(value=None):
                return NONE_TYPE
            case ast.Constant(value=str() as text):
                return self._text(text, expression, depth)
            case ast.Constant(value=value) if value is ...:
                return KnownType("...")
            case ast.Subscript(value=base, slice=inside):
                return self._subscript(expression, base, inside, depth)
            case ast.BinOp(op=ast.BitOr()):
                return self._alternatives(expression, depth)
            case ast.Call():
                return self._call(expression, depth)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                # The parameters of a Callable.
                return KnownType("[]", tuple(self.read(one, depth + 1) for one in parts))
            case ast.Starred(value=value):
                return KnownType("*", (self.read(value, depth + 1),))
            case _:
                return self._unresolved(f"{shown(expression)} is worked out when the code runs", expression)

    def _meaning(self, expression: ast.expr) -> Meaning:
        return resolve(expression, self._scope, line=self._line, quoted=self._quoted)

    def _unresolved(self, reason: str, node: ast.AST) -> Unresolved:
        return Unresolved(reason, self._scope.module.place(node))

    def _text(self, text: str, node: ast.expr, depth: int) -> Term:
        parsed = _parsed(text)
        if parsed is None:
            return self._unresolved(f"'{text[:60]}' is no type", node)
        for one in ast.walk(parsed):
            if isinstance(one, (ast.expr, ast.keyword)):
                # Behind the quote; of text with prefixes or on many lines it is near.
                one.col_offset += node.col_offset + 1 if one.lineno == 1 else 0
                one.lineno += node.lineno - 1
        return _Reader(self._scope, self._line, quoted=True).read(parsed, depth + 1)

    def _alternatives(self, expression: ast.expr, depth: int) -> Term:
        """The members of `A | B | ...`, of which there may be thousands: the tree of it is as deep."""
        parts: list[ast.expr] = []
        while isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.BitOr):
            parts.append(expression.right)
            expression = expression.left
        parts.append(expression)
        return UnionType(tuple(self.read(one, depth + 1) for one in reversed(parts)))

    def _subscript(self, expression: ast.expr, base: ast.expr, inside: ast.expr, depth: int) -> Term:
        meaning = self._meaning(base)
        if isinstance(meaning, Known):
            return self._known(meaning.name, expression, inside, depth)
        arguments = tuple(self.read(one, depth + 1) for one in _parts(inside))
        if isinstance(meaning, ClassDefinition):
            return ClassType(meaning, arguments)
        if isinstance(meaning, Variable):
            return self._generic_alias(meaning, base, arguments, depth)
        if isinstance(meaning, Unresolved):
            return meaning
        return self._unresolved(f"{shown(base)} is no type that takes arguments", expression)

    def _generic_alias(self, alias: Variable, base: ast.expr, arguments: tuple[Term, ...], depth: int) -> Term:
        """`Pair[int]`, where `Pair = tuple[T, T]`."""
        term = term_of_meaning(alias, base, self._scope, depth + 1)
        if isinstance(term, AliasType):
            return AliasType(term.variable, arguments)
        variables = variables_of(term)
        if isinstance(term, Unresolved) or not variables:
            return term if isinstance(term, Unresolved) else self._unresolved(f"{shown(base)} takes no arguments", base)
        return substitute(term, {one.node: value for one, value in zip(variables, arguments, strict=False)})

    def _known(self, name: str, expression: ast.expr, inside: ast.expr, depth: int) -> Term:  # noqa: PLR0911
        parts = _parts(inside)
        match name:
            case "typing.Literal":
                return self._literal(parts, expression, depth)
            case "typing.Optional":
                return UnionType((self.read(inside, depth + 1), NONE_TYPE))
            case "typing.Union":
                return UnionType(tuple(self.read(one, depth + 1) for one in parts))
            case "typing.Annotated" if parts:
                metadata = self._metadata(parts[1:])
                if isinstance(metadata, Unresolved):
                    return metadata
                return annotated(self.read(parts[0], depth + 1), metadata)
            case "typing.Unpack":
                return KnownType("*", (self.read(inside, depth + 1),))
            case "typing.Callable" | "collections.abc.Callable":
                return KnownType("typing.Callable")
            case _:
                return KnownType(name, tuple(self.read(one, depth + 1) for one in parts))

    def _metadata(self, parts: list[ast.expr]) -> tuple[Metadata, ...] | Unresolved:
        """What stands behind the type in `Annotated`; `*SHARED` is a tuple that is written out."""
        found: list[Metadata] = []
        for part in parts:
            if not isinstance(part, ast.Starred):
                found.append(Metadata(part, self._scope, self._line))
                continue
            meaning = self._meaning(part.value) if isinstance(part.value, ast.Name | ast.Attribute) else None
            value = meaning.value if isinstance(meaning, Variable) else part.value
            if not isinstance(value, ast.Tuple | ast.List) or any(isinstance(one, ast.Starred) for one in value.elts):
                return self._unresolved(f"{shown(part)} is worked out when the code runs", part)
            scope = meaning.scope if isinstance(meaning, Variable) else self._scope
            found += [Metadata(one, scope, self._line if scope is self._scope else None) for one in value.elts]
        return tuple(found)

    def _literal(self, parts: list[ast.expr], expression: ast.expr, depth: int) -> Term:
        # Each value once: aliases that name each other twice would double a list with every step.
        values: dict[Hashable, LiteralValue] = {}
        for part in parts:
            found = self._literal_part(part, depth)
            if isinstance(found, Unresolved):
                return found
            for one in found:
                values.setdefault(same(one.value), one)
        return LiteralType(tuple(values.values()), self._scope.module.place(expression))

    def _literal_part(self, part: ast.expr, depth: int) -> tuple[LiteralValue, ...] | Unresolved:
        """The values of one argument: a constant, a member, or an alias of another Literal."""
        if isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)):
            nested = self._nested_literal(part, depth)
            if nested is not None:
                return nested
        found = constant(part, self._scope, line=self._line)
        if isinstance(found, Unresolved):
            return found
        value = json_value(found.value)
        if isinstance(value, Unresolved):
            return value._replace(place=found.place)
        is_member = isinstance(found.value, EnumMember)
        place = found.place if is_member else self._scope.module.place(part)
        return (LiteralValue(value, place),)

    def _nested_literal(self, part: ast.expr, depth: int) -> tuple[LiteralValue, ...] | None:
        if isinstance(part, ast.Subscript):
            term = self.read(part, depth + 1)
        else:
            meaning = self._meaning(part)
            if not isinstance(meaning, Variable) or meaning.scope.kind == "class":
                return None
            if not isinstance(meaning.value, ast.Subscript) and not meaning.is_alias:
                return None
            term = term_of_meaning(meaning, part, self._scope, depth + 1)
            if isinstance(term, AliasType) and meaning.value is not None:
                term = term_of(meaning.value, meaning.scope, depth=depth + 1)
        return term.values if isinstance(term, LiteralType) else None

    def _call(self, call: ast.Call, depth: int) -> Term:
        meaning = self._meaning(call.func)
        if isinstance(meaning, Known):
            made = _made(meaning.name, call, self._scope, "")
            if made is not None:
                return made
            if meaning.name in _CONSTRAINED:
                return self._constrained(meaning.name, call, depth)
            if meaning.name == "type" and len(call.args) == 1 and shown(call.args[0]) == "None":
                return NONE_TYPE
        if isinstance(meaning, Unresolved):
            return meaning
        return self._unresolved(f"{shown(call)} is called to make it", call)

    def _constrained(self, name: str, call: ast.Call, depth: int) -> Term:
        items = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "item_type")]
        if _CONSTRAINED[name] in {"list", "set", "frozenset"}:
            inner = tuple(self.read(one, depth + 1) for one in items[:1])
            return KnownType(_CONSTRAINED[name], inner or (ANY_TYPE,))
        return KnownType(_CONSTRAINED[name])


def term_of_meaning(meaning: Meaning, node: ast.expr, scope: Scope, depth: int = 0) -> Term:  # noqa: PLR0911
    """Return the term of what a name means.

    Args:
        meaning: what it means.
        node: where the name stands, for messages.
        scope: the scope of the node.
        depth: steps that led here.
    """
    match meaning:
        case Known("typing.Self"):
            return TypeVariable("Self", SELF, "TypeVar", None, (), None)
        case Known("None" | "types.NoneType"):
            return NONE_TYPE
        case Known(name):
            return KnownType(name)
        case ClassDefinition():
            return ClassType(meaning)
        case Variable():
            return _term_of_variable(meaning, node, scope, depth)
        case TypeParameterDefinition(name, parameter, around):
            return _term_of_parameter(name, parameter, around, depth)
        case Unresolved():
            return meaning
        case FunctionDefinition() | ModuleDefinition() | Parameter():
            return Unresolved(f"{shown(node)} is no type", scope.module.place(node))


def _term_of_variable(variable: Variable, node: ast.expr, scope: Scope, depth: int) -> Term:
    key = ("term", variable.node)
    cache = variable.scope.cache
    if key in cache:
        return cache[key]  # type: ignore[return-value]  # what this function put there
    cache[key] = Unresolved(f"'{variable.name}' is defined by itself", variable.place)
    term: Term
    if depth > _DEEPEST:
        term = Unresolved(f"'{variable.name}' leads through too many aliases", variable.place)
    elif variable.is_alias:
        term = AliasType(variable)
    elif variable.scope.module.name in PROTOGATE_SCALARS and variable.name[:1].isupper():
        # Their annotations are for memory; documents have the forms of ProtoJSON.
        term = KnownType(f"protogate.models.{variable.name}")
    elif variable.value is None:
        term = Unresolved(f"{shown(node)} is no type", scope.module.place(node))
    elif isinstance(variable.value, ast.Call):
        term = _term_of_call(variable, variable.value, depth)
    elif isinstance(variable.value, ast.Constant) and not isinstance(variable.value.value, (str, type(None))):
        term = Unresolved(f"'{variable.name}' is a value, no type", variable.place)
    else:
        line = getattr(variable.node, "lineno", None)
        term = term_of(variable.value, variable.scope, line=line, depth=depth + 1)
    if size_of(term, _LARGEST) > _LARGEST:
        # Aliases that double what they name grow faster than anybody reads.
        term = Unresolved(f"'{variable.name}' is a type of more than {_LARGEST:,} parts", variable.place)
    cache[key] = term
    return term


def _term_of_call(variable: Variable, call: ast.Call, depth: int) -> Term:
    """What an assigned call makes: a type variable, a new name for a type, a class."""
    scope, line = variable.scope, call.lineno
    meaning = resolve(call.func, scope, line=line)
    name = meaning.name if isinstance(meaning, Known) else ""
    match name:
        case "typing.TypeVar" | "typing.TypeVarTuple" | "typing.ParamSpec":
            return _type_variable(variable, call, name.rpartition(".")[2], depth)
        case "typing.NewType" if len(call.args) > 1:
            return term_of(call.args[1], scope, line=line, depth=depth + 1)
        case "typing.TypeAliasType" if len(call.args) > 1:
            value = call.args[1]
            return AliasType(variable._replace(value=value, is_alias=True))
        case _:
            made = _made(name, call, scope, variable.name) if name else None
            return term_of(call, scope, line=line, depth=depth + 1) if made is None else made


def _made(maker: str, call: ast.Call, scope: Scope, name: str) -> MadeType | None:
    if maker not in MAKERS or not (call.args or call.keywords):
        return None
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        name = first.value
    return MadeType(maker, name or maker.rpartition(".")[2], call, scope)


def _type_variable(variable: Variable, call: ast.Call, kind: str, depth: int) -> TypeVariable:
    scope, line = variable.scope, call.lineno

    def read(expression: ast.expr) -> Term:
        return term_of(expression, scope, line=line, quoted=True, depth=depth + 1)

    keywords = {one.arg: one.value for one in call.keywords}
    return TypeVariable(
        variable.name,
        variable.node,
        kind,
        read(keywords["bound"]) if "bound" in keywords else None,
        tuple(map(read, call.args[1:])) if kind == "TypeVar" else (),
        read(keywords["default"]) if "default" in keywords else None,
    )


def _term_of_parameter(name: str, node: ast.AST, around: Scope, depth: int) -> Term:
    """A name in the brackets of a class or an alias."""
    found = next((one for one in type_parameters(around.node) if one.node is node), None)
    if found is None:
        return Unresolved(f"'{name}' is no type", around.module.place(node))
    key = ("parameter", node)
    if key not in around.cache:
        around.cache[key] = TypeVariable(name, node, found.kind, None, (), None)
        bound = found.bound
        constraints: tuple[Term, ...] = ()
        if isinstance(bound, ast.Tuple):
            constraints = tuple(term_of(one, around, quoted=True, depth=depth + 1) for one in bound.elts)
            bound = None
        around.cache[key] = TypeVariable(
            name,
            node,
            found.kind,
            None if bound is None else term_of(bound, around, quoted=True, depth=depth + 1),
            constraints,
            None if found.default is None else term_of(found.default, around, quoted=True, depth=depth + 1),
        )
    return around.cache[key]  # type: ignore[return-value]  # what this function put there


def _parts(inside: ast.expr) -> list[ast.expr]:
    return list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]


_LONGEST: Final = 20_000


def _parsed(text: str) -> ast.expr | None:
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None

"""Types and names of an expression against the contract it talks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.cel.errors import CelTypeError
from protogate.cel.functions import FUNCTIONS, overloads
from protogate.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    ListExpr,
    Literal,
    MapExpr,
    MessageExpr,
    Select,
    Unary,
)
from protogate.cel.terms import (
    Apply,
    Comprehend,
    Const,
    Field,
    HasField,
    HasKey,
    If,
    ListOf,
    Logic,
    MapOf,
    NewMessage,
    Var,
)
from protogate.cel.types import (
    BOOL,
    DYN,
    INT,
    NUMERIC,
    STRING,
    TYPE,
    Type,
    list_of,
    map_of,
    message,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.cel.functions import Overload
    from protogate.cel.syntax import Expr
    from protogate.cel.terms import Term
    from protogate.cel.types import Env, FieldType

__all__ = ["check"]

_ORDERINGS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
_EQUALITIES = {"==": "equals", "!=": "not_equals"}

_ORDERED = frozenset({"bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"})

_TYPE_NAMES = frozenset({"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"})

_NULLABLE = frozenset({"wrapper", "message", "timestamp", "duration", "null"})


def check(expr: Expr, env: Env) -> Term:
    """The checked tree of `expr`.

    Raises:
        CelTypeError: a name is not known, or no overload takes the types at hand; the message names the column.
    """
    return _Checker(env, {}).term(expr)


class _Checker:
    def __init__(self, env: Env, locals_: Mapping[str, Type]) -> None:
        self.env = env
        self.locals = locals_

    def term(self, expr: Expr) -> Term:
        match expr:
            case Literal(kind, value):
                return Const(value, Type(kind))
            case Ident():
                return self.identifier(expr)
            case Select(operand, field, offset):
                return self.constant(expr) or self.select(self.term(operand), field, offset)
            case Has(operand, field, offset):
                return self.has(self.term(operand), field, offset)
            case Index(operand, index, offset):
                return self.call("[]", (self.term(operand), self.term(index)), offset)
            case Call():
                return self.named_call(expr)
            case Unary(operator, operand, offset):
                return self.call(operator, (self.term(operand),), offset)
            case Binary():
                return self.binary(expr)
            case Conditional():
                return self.conditional(expr)
            case ListExpr(items):
                terms = tuple(self.term(item) for item in items)
                return ListOf(terms, list_of(_join(term.type for term in terms)))
            case MapExpr():
                return self.map(expr)
            case MessageExpr():
                return self.message(expr)
            case Comprehension():
                return self.comprehension(expr)

    def identifier(self, ident: Ident) -> Term:
        name = ident.name
        if not ident.rooted:
            if name in self.locals:
                return Var(name, self.locals[name], local=True)
            if name in self.env.variables:
                return Var(name, self.env.variables[name], local=False)
        found = self.constant(ident)
        if found is not None:
            return found
        if name in _TYPE_NAMES:
            return Const(name, TYPE)
        known = ", ".join(sorted((*self.env.variables, *self.locals)))
        raise CelTypeError(f"name {name!r} is not known; there are {known}", ident.offset)

    def constant(self, expr: Ident | Select) -> Const | None:
        """An enum value by its full name, unless the name starts with a variable."""
        name = _dotted(expr)
        if name is None:
            return None
        first = name.partition(".")[0]
        if first and (first in self.locals or first in self.env.variables):
            return None
        number = self.env.constant(name.removeprefix("."))
        if number is not None:
            return Const(number, INT)
        known_type = message(name.removeprefix("."))
        return Const(known_type.kind, TYPE) if known_type.kind in {"timestamp", "duration"} else None

    def select(self, operand: Term, name: str, offset: int) -> Term:
        match operand.type.kind:
            case "message":
                field = self.field(operand.type, name, offset)
                return Field(operand, operand.type.name, field, field.type)
            case "map":
                return Apply("index_map", (operand, Const(name, STRING)), operand.type.params[1])
            case "dyn":
                return Apply("dynamic", (operand,), DYN)
        raise CelTypeError(f"{operand.type} has no field {name!r}", offset)

    def has(self, operand: Term, name: str, offset: int) -> Term:
        match operand.type.kind:
            case "message":
                return HasField(operand, operand.type.name, self.field(operand.type, name, offset))
            case "map":
                return HasKey(operand, name)
            case "dyn":
                return Apply("dynamic", (operand,), BOOL)
        raise CelTypeError(f"{operand.type} has no field {name!r}", offset)

    def field(self, owner: Type, name: str, offset: int) -> FieldType:
        fields = self.env.fields(owner.name)
        if fields is None:
            raise CelTypeError(f"message {owner.name} is not in the contract", offset)
        if name not in fields:
            some = ", ".join(fields) or "none"
            raise CelTypeError(f"{owner.name} has no field {name!r}; its fields are {some}", offset)
        return fields[name]

    def named_call(self, call: Call) -> Term:
        args = tuple(self.term(arg) for arg in call.args)
        if call.target is None:
            if call.function == "getField" and len(args) == len(("message", "name")):
                return self.get_field(args[0], args[1], call.offset)
            if call.function == "type" and len(args) == 1:
                return _type_of(args[0])
            return self.call(call.function, args, call.offset)
        return self.call(call.function, (self.term(call.target), *args), call.offset, member=True)

    def get_field(self, operand: Term, name: Term, offset: int) -> Term:
        if isinstance(name, Const) and isinstance(name.value, str):
            return self.select(operand, name.value, offset)
        return Apply("dynamic", (operand, name), DYN)

    def binary(self, expr: Binary) -> Term:
        left, right = self.term(expr.left), self.term(expr.right)
        operator, offset = expr.operator, expr.offset
        if operator in {"&&", "||"}:
            return Logic(operator, _boolean(left, offset), _boolean(right, offset))
        if operator in _EQUALITIES:
            return self.equality(operator, left, right, offset)
        if operator in _ORDERINGS:
            return self.ordering(operator, left, right, offset)
        if operator == "in" and right.type.kind == "list":
            if not _comparable(left.type, right.type.params[0]):
                raise CelTypeError(f"{left.type} cannot be in {right.type}", offset)
            return Apply("in_list", (left, right), BOOL)
        return self.call(operator, (left, right), offset)

    def equality(self, operator: str, left: Term, right: Term, offset: int) -> Term:
        if not _comparable(left.type, right.type):
            raise CelTypeError(f"{left.type} {operator} {right.type} compares different types", offset)
        if isinstance(left, Const) and isinstance(right, Const) and left.type == TYPE:
            return Const((left.value == right.value) is (operator == "=="), BOOL)
        return Apply(_EQUALITIES[operator], (left, right), BOOL)

    def ordering(self, operator: str, left: Term, right: Term, offset: int) -> Term:
        left, right = _unwrapped(left), _unwrapped(right)
        one, other = left.type, right.type
        if DYN in {one, other}:
            return Apply("dynamic", (left, right), BOOL)
        if one.kind not in _ORDERED or not (one == other or {one, other} <= NUMERIC):
            raise CelTypeError(f"{one} {operator} {other} has no meaning in CEL", offset)
        return Apply(_ORDERINGS[operator], (left, right), BOOL)

    def call(self, name: str, args: tuple[Term, ...], offset: int, *, member: bool = False) -> Term:
        candidates = overloads(name, len(args), member=member)
        found = [(o, bound) for o in candidates if (bound := _bind(o, args)) is not None]
        if not found:
            raise CelTypeError(_no_overload(name, args, member=member), offset)
        if len(found) > 1:
            results = [_substitute(overload.result, bound) for overload, bound in found]
            return Apply("dynamic", args, _join(results))
        overload, bound = found[0]
        if overload.id == "identity":
            return _as_param(args[0], overload.params[0])
        coerced = tuple(map(_as_param, args, overload.params))
        return Apply(overload.id, coerced, _substitute(overload.result, bound))

    def conditional(self, expr: Conditional) -> Term:
        condition = _boolean(self.term(expr.condition), expr.offset)
        then, otherwise = self.term(expr.then), self.term(expr.otherwise)
        return If(condition, then, otherwise, _join((then.type, otherwise.type)))

    def map(self, expr: MapExpr) -> Term:
        entries = tuple((self.term(key), self.term(value)) for key, value in expr.entries)
        key = _join(key.type for key, _ in entries)
        return MapOf(entries, map_of(key, _join(value.type for _, value in entries)))

    def message(self, expr: MessageExpr) -> Term:
        name = expr.name.removeprefix(".")
        owner = Type("message", (), name)
        fields = []
        for init in expr.fields:
            value = self.term(init.value)
            field = self.field(owner, init.field, expr.offset)
            if not _comparable(field.type, value.type):
                raise CelTypeError(f"{name}.{init.field} is {field.type}, not {value.type}", expr.offset)
            fields.append((init.field, value))
        if self.env.fields(name) is None:
            raise CelTypeError(f"message {name} is not in the contract", expr.offset)
        return NewMessage(tuple(fields), message(name))

    def comprehension(self, expr: Comprehension) -> Term:
        source = self.term(expr.target)
        item = _item_type(source.type)
        if item is None:
            raise CelTypeError(f"{expr.macro}() needs a list or a map, not {source.type}", expr.offset)
        inner = _Checker(self.env, {**self.locals, expr.variable: item})
        condition = None
        if expr.condition is not None:
            condition = _boolean(inner.term(expr.condition), expr.offset)
        transform = None if expr.transform is None else inner.term(expr.transform)
        variable = Var(expr.variable, item, local=True)
        result = {"map": transform and list_of(transform.type), "filter": list_of(item)}
        return Comprehend(expr.macro, source, variable, condition, transform, result.get(expr.macro) or BOOL)


def _dotted(expr: Expr) -> str | None:
    match expr:
        case Ident(name, rooted):
            return f".{name}" if rooted else name
        case Select(operand, field):
            scope = _dotted(operand)
            return None if scope is None else f"{scope}.{field}"
        case _:
            return None


def _item_type(source: Type) -> Type | None:
    if source.kind in {"list", "map"}:
        return source.params[0]
    return DYN if source == DYN else None


def _type_of(term: Term) -> Term:
    if term.type == DYN:
        return Apply("dynamic", (term,), TYPE)
    kind = term.type.kind
    names = {"null": "null_type", "message": term.type.name, "wrapper": "dyn"}
    if kind == "wrapper":
        return Apply("dynamic", (term,), TYPE)
    return Const(names.get(kind, kind), TYPE)


def _boolean(term: Term, offset: int) -> Term:
    term = _unwrapped(term)
    if term.type not in {BOOL, DYN}:
        raise CelTypeError(f"{term.type} stands where a bool is needed", offset)
    return term


def _unwrapped(term: Term) -> Term:
    if term.type.kind != "wrapper":
        return term
    return Apply("unwrap", (term,), term.type.params[0])


def _as_param(term: Term, param: Type) -> Term:
    return term if param.kind in {"param", "dyn", "wrapper"} else _unwrapped(term)


def _comparable(left: Type, right: Type) -> bool:
    if DYN in {left, right} or left == right or {left, right} <= NUMERIC:
        return True
    if "null" in {left.kind, right.kind}:
        return {left.kind, right.kind} <= _NULLABLE
    if "wrapper" in {left.kind, right.kind}:
        return _comparable(*(t.params[0] if t.kind == "wrapper" else t for t in (left, right)))
    return (
        left.kind == right.kind
        and left.name == right.name
        and len(left.params) > 0
        and all(map(_comparable, left.params, right.params))
    )


def _bind(overload: Overload, args: tuple[Term, ...]) -> dict[str, Type] | None:
    bound: dict[str, Type] = {}
    fits = all(_fits(param, arg.type, bound) for param, arg in zip(overload.params, args, strict=True))
    return bound if fits else None


def _fits(param: Type, arg: Type, bound: dict[str, Type]) -> bool:
    if param.kind == "param":
        known = bound.setdefault(param.name, arg)
        if known == DYN:
            bound[param.name] = arg
        return _comparable(known, arg)
    if DYN in {param, arg}:
        return True
    if arg.kind == "wrapper" and param.kind != "wrapper":
        return _fits(param, arg.params[0], bound)
    if param.kind != arg.kind:
        return False
    return all(_fits(p, a, bound) for p, a in zip(param.params, arg.params, strict=True))


def _substitute(result: Type, bound: Mapping[str, Type]) -> Type:
    if result.kind == "param":
        return bound.get(result.name, DYN)
    return result._replace(params=tuple(_substitute(param, bound) for param in result.params))


def _join(types: Iterable[Type]) -> Type:
    different = set(types)
    return different.pop() if len(different) == 1 else DYN


def _no_overload(name: str, args: tuple[Term, ...], *, member: bool) -> str:
    if name not in FUNCTIONS:
        return f"function {name}() is not known"
    types = [str(arg.type) for arg in args]
    if member:
        call = f"{types[0]}.{name}({', '.join(types[1:])})"
    elif name.isidentifier() and name != "in":
        call = f"{name}({', '.join(types)})"
    elif name == "[]":
        call = f"{types[0]}[{types[1]}]"
    else:
        call = f" {name} ".join(types) if len(types) > 1 else f"{name}{types[0]}"
    return f"{call} has no meaning in CEL"

"""Checked CEL to a Python expression over generated pydantic models.

The expression calls `protogate.models.cel` for everything that Python does otherwise. Inside it, timestamps and
durations are ints of nanoseconds; a message that is not set is None and reads as an empty one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from protogate.cel.directives import Text, directives
from protogate.cel.errors import NotCarried
from protogate.cel.functions import spelling
from protogate.cel.regex import Engine, translate_pattern
from protogate.cel.shared import SCALARS, check_comparable, check_supported, null_comparison
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
    can_fail,
)
from protogate.cel.types import DOUBLE

if TYPE_CHECKING:
    from protogate.cel.directives import Directive
    from protogate.cel.terms import Term
    from protogate.cel.types import Type

__all__ = ["Names", "translate"]


class Names(Protocol):
    """How generated code spells what CEL names."""

    @property
    def runtime(self) -> str:
        """The name that `protogate.models.cel` has in the generated module."""
        ...

    def variable(self, name: str) -> str:
        """An expression for a variable: `this`, `rule`; for `now` one that gives nanoseconds since 1970."""
        ...

    def field(self, message: str, field: str) -> str:
        """The attribute of the class for `message` that holds `field`."""
        ...


def translate(term: Term, names: Names) -> str:
    """A Python expression with the value of `term`; it raises `CelError` where CEL has an error.

    Raises:
        NotCarried: Python cannot say it with the same meaning.
    """
    return _Python(names).code(term)


# @ stands for the runtime module, {0} for the first argument.
_TEMPLATES = {
    **dict.fromkeys(("add_double", "add_string", "add_bytes", "add_list"), "({0} + {1})"),
    "add_int": "@signed({0} + {1})",
    "add_uint": "@unsigned({0} + {1})",
    "add_timestamp_duration": "@add_timestamp({0}, {1})",
    "add_duration_timestamp": "@add_timestamp({0}, {1})",
    "subtract_int": "@signed({0} - {1})",
    "subtract_uint": "@unsigned({0} - {1})",
    "subtract_double": "({0} - {1})",
    "subtract_timestamp": "@add_duration({0}, -{1})",
    "subtract_timestamp_duration": "@add_timestamp({0}, -{1})",
    "subtract_duration": "@add_duration({0}, -{1})",
    "multiply_int": "@signed({0} * {1})",
    "multiply_uint": "@unsigned({0} * {1})",
    "multiply_double": "({0} * {1})",
    **dict.fromkeys(("divide_int", "divide_uint"), "@divide({0}, {1})"),
    **dict.fromkeys(("modulo_int", "modulo_uint"), "@modulo({0}, {1})"),
    "negate_int": "@signed(-{0})",
    "negate_double": "(-{0})",
    "not": "(not {0})",
    "less": "({0} < {1})",
    "less_equal": "({0} <= {1})",
    "greater": "({0} > {1})",
    "greater_equal": "({0} >= {1})",
    "index_list": "@at({0}, {1})",
    "index_map": "@key({0}, {1})",
    "in_map": "({0} in {1})",
    **dict.fromkeys(("size_string", "size_bytes", "size_list", "size_map"), "len({0})"),
    **dict.fromkeys(("contains_string", "contains_bytes"), "({1} in {0})"),
    **dict.fromkeys(("starts_with_string", "starts_with_bytes"), "{0}.startswith({1})"),
    **dict.fromkeys(("ends_with_string", "ends_with_bytes"), "{0}.endswith({1})"),
    "index_of": "{0}.find({1})",
    "index_of_from": "@index_of({0}, {1}, {2})",
    "last_index_of": "{0}.rfind({1})",
    "last_index_of_from": "@last_index_of({0}, {1}, {2})",
    "join_with": "@join({0}, {1})",
    "replace": "{0}.replace({1}, {2})",
    "replace_count": "@replace({0}, {1}, {2}, {3})",
    "split_count": "@split({0}, {1}, {2})",
    "substring_to": "@substring({0}, {1}, {2})",
    "reverse": "{0}[::-1]",
    "int_of_uint": "@signed({0})",
    "int_of_timestamp": "({0} // 1000000000)",
    "uint_of_int": "@unsigned({0})",
    **dict.fromkeys(("double_of_int", "double_of_uint"), "float({0})"),
    "string_of_bool": '("true" if {0} else "false")',
    **dict.fromkeys(("string_of_int", "string_of_uint"), "@decimal({0})"),
    "bytes_of_string": "{0}.encode()",
    "duration_hours": "@quotient({0}, 3600000000000)",
    "duration_minutes": "@quotient({0}, 60000000000)",
    "duration_seconds": "@quotient({0}, 1000000000)",
    "duration_milliseconds": "@modulo(@quotient({0}, 1000000), 1000)",
    "is_nan": "({0} != {0})",
    "is_ip_prefix_strict": "@is_ip_prefix({0}, 0, {1})",
    "unwrap": "@some({0})",
}

_SAME_NAME = frozenset(
    "add_duration divide_double char_at join lower_ascii upper_ascii split substring trim bool_of_string"
    " int_of_double int_of_string uint_of_double uint_of_string double_of_string string_of_bytes"
    " string_of_timestamp string_of_duration duration_of_string timestamp_of_string timestamp_of_int"
    " get_full_year get_month get_day_of_year get_day_of_month get_date get_day_of_week get_hours"
    " get_minutes get_seconds get_milliseconds is_inf unique is_email is_hostname is_host_and_port is_ip"
    " is_ip_prefix is_uri is_uri_ref".split()
)

_TIMES = frozenset({"timestamp", "duration"})

_DEFAULTS = {
    "bool": "False",
    "int": "0",
    "uint": "0",
    "double": "0.0",
    "string": '""',
    "bytes": 'b""',
    "list": "[]",
    "map": "{}",
}


class _Python:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.at = names.runtime + "."

    def code(self, term: Term) -> str:
        match term:
            case Const():
                return _constant(term)
            case Var(name, _, local):
                if local:
                    return _local(name)
                code = self.names.variable(name)
                return code if name == "now" else self.from_host(code, term.type)
            case Field():
                return self.field(term)
            case HasField():
                return self.has_field(term)
            case HasKey(operand, key):
                return f"({key!r} in {self.code(operand)})"
            case Logic():
                return self.logic(term)
            case If(condition, then, otherwise):
                return f"({self.code(then)} if {self.code(condition)} else {self.code(otherwise)})"
            case ListOf(items):
                return f"[{', '.join(map(self.code, items))}]"
            case MapOf():
                return self.map(term)
            case Comprehend():
                return self.comprehension(term)
            case Apply():
                return self.apply(term)
            case NewMessage():
                raise NotCarried(f"a message {term.type} is built")

    # --- reading the model

    def from_host(self, code: str, of: Type) -> str:
        """`code` as CEL sees it."""
        if of.kind == "dyn" or any(param.kind == "dyn" for param in of.params):
            raise NotCarried("google.protobuf.Any, Value, Struct and ListValue have no static type")
        if of.kind in _TIMES:
            return f"{self.at}nanos({code})"
        if of.kind in {"list", "map"} and of.params[-1].kind in _TIMES:
            return f"{self.at}nanos_{of.kind}({code})"
        return code

    def field(self, term: Field) -> str:
        of = term.type
        code = self.attribute(term)
        if of.kind not in _DEFAULTS:
            return self.from_host(code, of)
        default = _DEFAULTS[of.kind]
        if term.field.default is not None:
            default = repr(term.field.default)
        if not term.field.presence and not _may_be_unset(term.operand):
            return self.from_host(code, of)
        if _may_be_unset(term.operand):
            return self.from_host(f"{self.at}present({code}, {default})", of)
        return self.from_host(f"({code} if {code} is not None else {default})", of)

    def attribute(self, term: Field | HasField) -> str:
        """The attribute as the model has it, None below a message that is not set."""
        operand = self.code(term.operand)
        attribute = self.names.field(term.message, term.field.name)
        if not _may_be_unset(term.operand):
            return f"{operand}.{attribute}"
        return f"(None if {operand} is None else {operand}.{attribute})"

    def has_field(self, term: HasField) -> str:
        code = self.attribute(term)
        if term.field.presence:
            return f"({code} is not None)"
        if term.field.type == DOUBLE:
            return f"{self.at}nonzero({self.at}present({code}, 0.0))"
        return f"bool({code})"

    # --- logic and macros

    def logic(self, term: Logic) -> str:
        left, right = self.code(term.left), self.code(term.right)
        if can_fail(term.left):
            function = "both" if term.operator == "&&" else "either"
            return f"{self.at}{function}(lambda: {left}, lambda: {right})"
        return f"({left} {'and' if term.operator == '&&' else 'or'} {right})"

    def comprehension(self, term: Comprehend) -> str:
        source, variable = self.code(term.source), _local(term.variable.name)
        where = "" if term.condition is None else self.code(term.condition)
        each = f"for {variable} in {source}"
        match term.macro:
            case "all" | "exists" if term.condition is not None and can_fail(term.condition):
                function = {"all": "all_of", "exists": "exists"}[term.macro]
                return f"{self.at}{function}({source}, lambda {variable}: {where})"
            case "all":
                return f"all({where} {each})"
            case "exists":
                return f"any({where} {each})"
            case "exists_one":
                return f"{self.at}exactly_one({where} {each})"
            case "filter":
                return f"[{variable} {each} if {where}]"
            case _:
                result = variable if term.transform is None else self.code(term.transform)
                return f"[{result} {each}{f' if {where}' if where else ''}]"

    def map(self, term: MapOf) -> str:
        keys = [key for key, _ in term.entries]
        pairs = [(self.code(key), self.code(value)) for key, value in term.entries]
        if all(isinstance(key, Const) for key in keys) and len(set(keys)) == len(keys):
            return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
        return f"{self.at}map_of({', '.join(f'({key}, {value})' for key, value in pairs)})"

    # --- calls

    def apply(self, term: Apply) -> str:
        check_supported(term)
        match term.overload:
            case "equals" | "not_equals":
                return self.equality(term)
            case "in_list":
                return self.in_list(*term.args)
            case "matches":
                return self.matches(*term.args)
            case "format":
                return self.format(*term.args)
        return self.call(term.overload, [self.code(arg) for arg in term.args])

    def call(self, overload: str, args: list[str]) -> str:
        template = _TEMPLATES.get(overload)
        if template is not None:
            return template.replace("@", self.at).format(*args)
        if overload not in _SAME_NAME:
            raise NotCarried(f"{spelling(overload)} has no counterpart in Python")
        return f"{self.at}{overload}({', '.join(args)})"

    def equality(self, term: Apply) -> str:
        left, right = term.args
        negated = term.overload == "not_equals"
        value = null_comparison(left, right)
        if value is not None:
            if value.type.kind != "wrapper":
                # A message field always reads as a message, never as null.
                return str(negated)
            return f"({self.code(value)} is {'not ' if negated else ''}None)"
        check_comparable(left)
        check_comparable(right)
        one, other = self.code(left), self.code(right)
        if left.type.kind in {"list", "map"}:
            return f"({'not ' if negated else ''}{self.at}equal({one}, {other}))"
        return f"({one} {'!=' if negated else '=='} {other})"

    def in_list(self, item: Term, items: Term) -> str:
        check_comparable(item)
        check_comparable(items)
        code = f"{self.code(item)}, {self.code(items)}"
        if item.type in SCALARS - {DOUBLE} and items.type.params[0] != DOUBLE:
            return f"({' in '.join((self.code(item), self.code(items)))})"
        return f"{self.at}in_list({code})"

    def matches(self, text: Term, pattern: Term) -> str:
        if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
            raise NotCarried("a pattern that is computed at run time")
        try:
            translated = translate_pattern(pattern.value, Engine.PYTHON)
        except NotCarried:
            # Python has no Unicode classes; pydantic's engine, which has them, is at hand.
            translated = translate_pattern(pattern.value, Engine.RUST)
            return f"{self.at}regex({translated!r})({self.code(text)})"
        return f"{self.at}matches({self.code(text)}, {translated!r})"

    def format(self, template: Term, args: Term) -> str:
        pieces = [
            repr(piece.text) if isinstance(piece, Text) else self.directive(piece)
            for piece in directives(template, args)
        ]
        return f"({' + '.join(pieces)})" if len(pieces) > 1 else "".join(pieces) or '""'

    def directive(self, piece: Directive) -> str:
        value, of = self.code(piece.value), piece.value.type
        precision = "" if piece.precision is None else f", {piece.precision}"
        match piece.verb:
            case "s" if of.kind == "string":
                return value
            case "s":
                return f"{self.at}show({value}, {str(of)!r})"
            case "d" | "o":
                return f"{self.at}decimal({value}, {piece.verb!r})"
            case "b":
                return f"{self.at}decimal({value}, 'b')"
            case "f":
                return f"{self.at}fixed({value}{precision})"
            case "e":
                return f"{self.at}exponent({value}{precision})"
            case _ if of.kind in {"string", "bytes"}:
                upper = ".upper()" if piece.verb == "X" else ""
                return f"{self.at}hexadecimal({value}){upper}"
            case _:
                return f"{self.at}decimal({value}, {piece.verb!r})"


def _local(name: str) -> str:
    # A name of its own space: it can clash with no keyword and nothing that the module imports.
    return f"v_{name}"


def _constant(constant: Const) -> str:
    value = constant.value
    if constant.type.kind == "type":
        raise NotCarried("a type is used as a value")
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124 - NaN
        return f'float("{value}")'
    text = repr(value)
    return f"({text})" if text.startswith("-") else text


def _may_be_unset(term: Term) -> bool:
    """Whether the code of a message is None when the message is not set."""
    match term:
        case Field(_, _, field):
            return field.type.kind == "message"
        case If(_, then, otherwise):
            return _may_be_unset(then) or _may_be_unset(otherwise)
        case _:
            return False

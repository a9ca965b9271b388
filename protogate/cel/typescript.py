"""Checked CEL to a TypeScript expression over ProtoJSON values.

The expression calls the runtime module `protogate/cel.ts` for everything that JavaScript does otherwise, field reads
included. Inside it an int or uint is a bigint, a timestamp or duration a bigint of nanoseconds, bytes are a string with
one character a byte, a map is a Map, and a message is its JSON object or undefined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from protogate.cel.directives import Text, directives
from protogate.cel.errors import NotCarried
from protogate.cel.functions import spelling
from protogate.cel.regex import Engine, translate_pattern
from protogate.cel.shared import (
    DYNAMIC,
    SCALARS,
    check_comparable,
    check_supported,
    null_comparison,
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
    can_fail,
)
from protogate.cel.types import DOUBLE, INT, STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.cel.directives import Directive
    from protogate.cel.terms import Term, Value
    from protogate.cel.types import FieldType, Type

__all__ = ["Names", "translate"]


class Names(Protocol):
    """How generated code spells what CEL names."""

    @property
    def runtime(self) -> str:
        """The name that the runtime module has in the generated module."""
        ...

    def variable(self, name: str) -> str:
        """The ProtoJSON value of a variable: `this`, `rule`; for `now` nanoseconds since 1970 as a bigint."""
        ...

    def field(self, message: str, field: str) -> tuple[str, str]:
        """The JSON name and the proto name of a field."""
        ...

    def enum_numbers(self, message: str, field: str) -> str | None:
        """An object from value names to numbers where the field holds an enum, None where it does not.

        `message` is empty for a variable, and `field` its name.
        """
        ...


def translate(term: Term, names: Names) -> str:
    """A TypeScript expression with the value of `term`; it throws `CelError` where CEL has an error.

    Raises:
        NotCarried: TypeScript cannot say it with the same meaning.
    """
    return _TypeScript(names).code(term)


# @ stands for the runtime module, {0} for the first argument.
_TEMPLATES = {
    **dict.fromkeys(("add_double", "add_string", "add_bytes"), "({0} + {1})"),
    "add_list": "[...{0}, ...{1}]",
    "add_int": "@signed({0} + {1})",
    "add_uint": "@unsigned({0} + {1})",
    "add_timestamp_duration": "@addTimestamp({0}, {1})",
    "add_duration_timestamp": "@addTimestamp({0}, {1})",
    "subtract_int": "@signed({0} - {1})",
    "subtract_uint": "@unsigned({0} - {1})",
    "subtract_double": "({0} - {1})",
    "subtract_timestamp": "@addDuration({0}, -{1})",
    "subtract_timestamp_duration": "@addTimestamp({0}, -{1})",
    "subtract_duration": "@addDuration({0}, -{1})",
    "multiply_int": "@signed({0} * {1})",
    "multiply_uint": "@unsigned({0} * {1})",
    "multiply_double": "({0} * {1})",
    **dict.fromkeys(("divide_int", "divide_uint"), "@divide({0}, {1})"),
    "divide_double": "({0} / {1})",
    **dict.fromkeys(("modulo_int", "modulo_uint"), "@modulo({0}, {1})"),
    "negate_int": "@signed(-{0})",
    "negate_double": "(-{0})",
    "not": "!{0}",
    "index_list": "@at({0}, {1})",
    "index_map": "@key({0}, {1})",
    "in_map": "{1}.has({0})",
    "size_string": "@size({0})",
    **dict.fromkeys(("size_bytes", "size_list"), "BigInt({0}.length)"),
    "size_map": "BigInt({0}.size)",
    **dict.fromkeys(("contains_string", "contains_bytes"), "{0}.includes({1})"),
    **dict.fromkeys(("starts_with_string", "starts_with_bytes"), "{0}.startsWith({1})"),
    **dict.fromkeys(("ends_with_string", "ends_with_bytes"), "{0}.endsWith({1})"),
    "join": '{0}.join("")',
    "join_with": "{0}.join({1})",
    "int_of_uint": "@signed({0})",
    "int_of_timestamp": "@secondsOf({0})",
    "uint_of_int": "@unsigned({0})",
    **dict.fromkeys(("double_of_int", "double_of_uint"), "Number({0})"),
    **dict.fromkeys(("string_of_bool", "string_of_int", "string_of_uint"), "String({0})"),
    "duration_hours": "({0} / BigInt(3600000000000))",
    "duration_minutes": "({0} / BigInt(60000000000))",
    "duration_seconds": "({0} / BigInt(1000000000))",
    "duration_milliseconds": "(({0} / BigInt(1000000)) % BigInt(1000))",
    "is_nan": "Number.isNaN({0})",
    "is_ip_prefix_strict": "@isIpPrefix({0}, BigInt(0), {1})",
    "unwrap": "@some({0})",
}

_SAME_NAME = frozenset(
    "add_duration char_at index_of index_of_from last_index_of last_index_of_from lower_ascii upper_ascii"
    " replace replace_count split split_count substring substring_to trim reverse bool_of_string"
    " int_of_double int_of_string uint_of_double uint_of_string double_of_string string_of_bytes"
    " bytes_of_string string_of_timestamp string_of_duration duration_of_string timestamp_of_string"
    " timestamp_of_int get_full_year get_month get_day_of_year get_day_of_month get_date get_day_of_week"
    " get_hours get_minutes get_seconds get_milliseconds is_inf unique is_email is_hostname"
    " is_host_and_port is_ip is_ip_prefix is_uri is_uri_ref".split()
)

_COMPARISONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}

_READERS = {
    "bool": "bool",
    "int": "int",
    "uint": "int",
    "double": "double",
    "string": "string",
    "bytes": "bytes",
    "timestamp": "timestamp",
    "duration": "duration",
    "message": "message",
}

_ZEROS: dict[str, Value] = {
    "bool": False,
    "int": 0,
    "uint": 0,
    "double": 0.0,
    "string": "",
    "bytes": b"",
}

_SAFE = 2**53


class _TypeScript:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.at = names.runtime + "."

    def code(self, term: Term) -> str:
        match term:
            case Const():
                return _constant(term.value, term.type)
            case Var(name, of, local):
                if local:
                    return _local(name)
                code = self.names.variable(name)
                return code if name == "now" else self.read(code, of, self.enum("", name))
            case Field():
                return self.field(term)
            case HasField():
                return self.has_field(term)
            case HasKey(operand, key):
                return f"{self.code(operand)}.has({_text(key)})"
            case Logic():
                return self.logic(term)
            case If(condition, then, otherwise):
                return f"({self.code(condition)} ? {self.code(then)} : {self.code(otherwise)})"
            case ListOf(items):
                return f"[{', '.join(map(self.code, items))}]"
            case MapOf(entries):
                pairs = (f"[{self.code(key)}, {self.code(value)}]" for key, value in entries)
                return f"{self.at}mapOf({', '.join(pairs)})"
            case Comprehend():
                return self.comprehension(term)
            case Apply():
                return self.apply(term)
            case NewMessage():
                raise NotCarried(f"a message {term.type} is built")

    # --- reading ProtoJSON

    def enum(self, message: str, field: str) -> str | None:
        return self.names.enum_numbers(message, field)

    def reader(self, of: Type, enum: str | None, *, single: bool = False) -> str:
        """A function from a JSON value to what CEL sees, for the items of lists and maps."""
        if enum is not None and of == INT:
            return f"(value: unknown) => {self.at}enumNumber(value, {enum})"
        if single and of == DOUBLE:
            return f"{self.at}float"
        return self.at + _READERS[of.kind]

    def read(self, code: str, of: Type, enum: str | None, *, default: str = "", single: bool = False) -> str:
        """`code`, a JSON value, as CEL sees it."""
        unset = f", {default}" if default else ""
        if of.kind == "dyn" or any(param.kind == "dyn" for param in of.params):
            raise NotCarried("google.protobuf.Any, Value, Struct and ListValue have no static type")
        if enum is not None and of == INT:
            return f"{self.at}enumNumber({code}, {enum}{unset})"
        match of.kind:
            case "list":
                return f"{self.at}list({code}, {self.item_reader(of, enum, single=single)})"
            case "map":
                reader = self.item_reader(of, enum, single=single)
                return f"{self.at}map({code}, {self.reader(of.params[0], None)}, {reader})"
            case "wrapper":
                return f"{self.at}optional({code}, {self.reader(of.params[0], None, single=single)})"
            case "message":
                return code
            case _:
                name = "float" if single else _READERS[of.kind]
                return f"{self.at}{name}({code}{unset})"

    def item_reader(self, of: Type, enum: str | None, *, single: bool) -> str:
        item = of.params[-1]
        if item.kind == "wrapper":
            item = item.params[0]
        return self.reader(item, enum, single=single)

    def field(self, term: Field) -> str:
        default = ""
        if term.field.default is not None:
            default = _constant(term.field.default, term.type)
        enum = self.enum(term.message, term.field.name)
        single = term.field.single
        return self.read(self.json_value(term), term.type, enum, default=default, single=single)

    def json_value(self, term: Field | HasField, function: str = "get") -> str:
        json_name, proto_name = self.names.field(term.message, term.field.name)
        names = f"{_text(json_name)}, {_text(proto_name)}"
        return f"{self.at}{function}({self.code(term.operand)}, {names})"

    def has_field(self, term: HasField) -> str:
        if term.field.presence:
            return self.json_value(term, "has")
        of: FieldType = term.field
        value = self.code(Field(term.operand, term.message, of, of.type))
        if of.type.kind in {"list", "map"}:
            return f"({value}.{'size' if of.type.kind == 'map' else 'length'} > 0)"
        if of.type == DOUBLE:
            return f"{self.at}nonzero({value})"
        return f"({value} !== {_constant(_ZEROS[of.type.kind], of.type)})"

    # --- logic and macros

    def logic(self, term: Logic) -> str:
        left, right = self.code(term.left), self.code(term.right)
        if can_fail(term.left):
            function = "both" if term.operator == "&&" else "either"
            return f"{self.at}{function}(() => {left}, () => {right})"
        return f"({left} {term.operator} {right})"

    def comprehension(self, term: Comprehend) -> str:
        source, variable = self.code(term.source), _local(term.variable.name)
        if term.source.type.kind == "map":
            source = f"{self.at}keys({source})"
        holds = "" if term.condition is None else f"({variable}) => {self.code(term.condition)}"
        may_fail = term.condition is not None and can_fail(term.condition)
        match term.macro:
            case "all" | "exists" if may_fail:
                function = {"all": "allOf", "exists": "exists"}[term.macro]
                return f"{self.at}{function}({source}, {holds})"
            case "all" | "exists" | "filter":
                method = {"all": "every", "exists": "some", "filter": "filter"}[term.macro]
                return f"{source}.{method}({holds})"
            case "exists_one":
                return f"{self.at}exactlyOne({source}, {holds})"
            case _:
                return self.map_macro(source, holds, variable, term.transform)

    def map_macro(self, source: str, holds: str, variable: str, transform: Term | None) -> str:
        chosen = f"{source}.filter({holds})" if holds else source
        result = variable if transform is None else self.code(transform)
        return f"{chosen}.map(({variable}) => {result})"

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
            case "less" | "less_equal" | "greater" | "greater_equal":
                return self.ordering(_COMPARISONS[term.overload], *term.args)
            case "index_map" | "in_map":
                _check_key(term)
        return self.call(term.overload, [self.code(arg) for arg in term.args])

    def call(self, overload: str, args: list[str]) -> str:
        template = _TEMPLATES.get(overload)
        if template is not None:
            return template.replace("@", self.at).format(*args)
        if overload not in _SAME_NAME:
            raise NotCarried(f"{spelling(overload)} has no counterpart in TypeScript")
        name = overload.removesuffix("_from").removesuffix("_count").removesuffix("_to")
        return f"{self.at}{_camel(name)}({', '.join(args)})"

    def ordering(self, operator: str, left: Term, right: Term) -> str:
        one, other = self.code(left), self.code(right)
        if left.type == STRING:
            return f"({self.at}compare({one}, {other}) {operator} 0)"
        if left.type.kind == "bool":
            return f"(Number({one}) {operator} Number({other}))"
        return f"({one} {operator} {other})"

    def equality(self, term: Apply) -> str:
        left, right = term.args
        negated = term.overload == "not_equals"
        value = null_comparison(left, right)
        if value is not None:
            if value.type.kind != "wrapper":
                # A message field always reads as a message, never as null.
                return "true" if negated else "false"
            return f"({self.code(value)} {'!==' if negated else '==='} null)"
        check_comparable(left)
        check_comparable(right)
        one, other = self.code(left), self.code(right)
        if left.type == right.type and left.type.kind not in {"list", "map"}:
            return f"({one} {'!==' if negated else '==='} {other})"
        return f"{'!' if negated else ''}{self.at}equal({one}, {other})"

    def in_list(self, item: Term, items: Term) -> str:
        check_comparable(item)
        check_comparable(items)
        one, other = self.code(item), self.code(items)
        if item.type in SCALARS - {DOUBLE} and item.type == items.type.params[0]:
            return f"{other}.includes({one})"
        return f"{self.at}inList({one}, {other})"

    def matches(self, text: Term, pattern: Term) -> str:
        if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
            raise NotCarried("a pattern that is computed at run time")
        translated = translate_pattern(pattern.value, Engine.ECMASCRIPT)
        return f"{self.at}matches({self.code(text)}, {_text(translated)})"

    def format(self, template: Term, args: Term) -> str:
        pieces = list(self.pieces(template, args))
        return f"({' + '.join(pieces)})" if len(pieces) > 1 else "".join(pieces) or '""'

    def pieces(self, template: Term, args: Term) -> Iterator[str]:
        for piece in directives(template, args):
            yield _text(piece.text) if isinstance(piece, Text) else self.directive(piece)

    def directive(self, piece: Directive) -> str:
        value, of = self.code(piece.value), piece.value.type
        precision = "" if piece.precision is None else f", {piece.precision}"
        match piece.verb:
            case "s" if of == STRING:
                return value
            case "s":
                return f"{self.at}show({value}, {_text(str(of))})"
            case "f":
                return f"{self.at}fixed({value}{precision})"
            case "e":
                return f"{self.at}exponent({value}{precision})"
            case "x" | "X":
                return self.hexadecimal(value, of, upper=piece.verb == "X")
            case verb:
                return f"{self.at}decimal({value}, {({'b': 2, 'o': 8, 'd': 10})[verb]})"

    def hexadecimal(self, value: str, of: Type, *, upper: bool) -> str:
        suffix = ".toUpperCase()" if upper else ""
        if of == STRING:
            return f"{self.at}hexadecimal({self.at}bytesOfString({value})){suffix}"
        if of.kind == "bytes":
            return f"{self.at}hexadecimal({value}){suffix}"
        return f"{self.at}decimal({value}, 16){suffix}"


def _check_key(term: Apply) -> None:
    container, key = term.args if term.overload == "index_map" else reversed(term.args)
    if (key.type == DOUBLE) is not (container.type.params[0] == DOUBLE):
        raise NotCarried("a double is looked up among integer keys")
    if DYNAMIC in str(container.type.params[0]):
        raise NotCarried("the type of a value is known at run time only")


def _local(name: str) -> str:
    # A name of its own space: it can clash with no keyword and nothing that the module imports.
    return f"v_{name}"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _text(value: str) -> str:
    import json  # noqa: PLC0415 - half a millisecond that contracts without CEL do not pay

    return json.dumps(value)


def _constant(value: Value, of: Type) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str() if of.kind == "type":
            raise NotCarried("a type is used as a value")
        case str():
            return _text(value)
        case bytes():
            return _text(value.decode("latin-1"))
        case float():
            return _double(value)
        case int() if of == DOUBLE:
            return _double(float(value))
        case int():
            # Not a literal such as 5n: those need a target of ES2020.
            return f"BigInt({value})" if abs(value) < _SAFE else f'BigInt("{value}")'


def _double(value: float) -> str:
    text = repr(value)
    special = {"inf": "Infinity", "-inf": "(-Infinity)", "nan": "NaN"}
    return special.get(text) or (f"({text})" if text.startswith("-") else text)

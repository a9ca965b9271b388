"""A contract for expressions to talk about, and protovalidate as the judge of what they mean."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import protovalidate
from google.protobuf import wrappers_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MessageOptions,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from protovalidate._gen.buf.validate import validate_pb

from protogate.cel import types, unparse
from protogate.cel.syntax import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.message import Message

    from protogate.cel import Type

_MESSAGE_RULES_EXTENSION = 1159
"""`buf.validate.message` in MessageOptions."""

_TYPES = {
    "int64": (FieldDescriptorProto.TYPE_INT64, types.INT),
    "int32": (FieldDescriptorProto.TYPE_INT32, types.INT),
    "uint64": (FieldDescriptorProto.TYPE_UINT64, types.UINT),
    "double": (FieldDescriptorProto.TYPE_DOUBLE, types.DOUBLE),
    "string": (FieldDescriptorProto.TYPE_STRING, types.STRING),
    "bytes": (FieldDescriptorProto.TYPE_BYTES, types.BYTES),
    "bool": (FieldDescriptorProto.TYPE_BOOL, types.BOOL),
}
_MESSAGES = {
    "Timestamp": "google.protobuf.Timestamp",
    "Duration": "google.protobuf.Duration",
    "Int64Value": "google.protobuf.Int64Value",
    "StringValue": "google.protobuf.StringValue",
    "Sub": "t.Sub",
}

FIELDS = {
    "t.Sub": "int64 a, string b, Sub sub, optional int64 oa, repeated int64 many",
    "t.Main": (
        "int64 i, int64 j, uint64 u, uint64 w, double d, double e, string s, string t, bytes b, bytes c,"
        " bool x, bool y, repeated int64 li, repeated string ls, repeated Sub ms, repeated double ld,"
        " repeated bytes lb, map string int64 mi, map int64 string ms2, map string Sub mm, map bool int64 mb,"
        " Timestamp ts, Timestamp ts2, Duration du, Duration du2, Sub sub, optional int64 oi,"
        " optional string os, optional bool ox, Color color, Int64Value wi, StringValue ws, int32 i32,"
        " repeated Timestamp lt, map string Duration md, repeated Color lc"
    ),
}


class Declared(NamedTuple):
    """A field of the contract: `label` is optional, repeated, map or empty."""

    label: str
    key: str
    kind: str
    name: str

    @property
    def type(self) -> Type:
        """The type in CEL."""
        of = types.INT if self.kind == "Color" else _type(self.kind)
        if self.label == "map":
            return types.map_of(_type(self.key), of)
        return types.list_of(of) if self.label == "repeated" else of

    @property
    def presence(self) -> bool:
        """Whether the field knows that it was not set."""
        return self.label == "optional" or (not self.label and self.kind in _MESSAGES)


def _type(kind: str) -> Type:
    return _TYPES[kind][1] if kind in _TYPES else types.message(_MESSAGES[kind])


def declared(message: str) -> Iterator[Declared]:
    """The fields of a message of the contract."""
    for text in FIELDS[message].split(", "):
        *labels, kind, name = text.replace(",", "").split()
        label, key = (*labels, "", "")[:2]
        yield Declared(label, key, kind, name)


def fields_of(message: str) -> dict[str, types.FieldType] | None:
    """The callback of an `Env`."""
    if message not in FIELDS:
        return None
    return {f.name: types.FieldType(f.name, f.type, f.presence) for f in declared(message)}


ENV = types.Env(
    variables={"this": types.message("t.Main"), "now": types.TIMESTAMP},
    fields=fields_of,
    constant={"t.Color.RED": 1, "t.Color.BLUE": 2}.get,
)


def _file(expression: str) -> FileDescriptorProto:
    file = FileDescriptorProto(name="t.proto", package="t", syntax="proto3")
    file.dependency.extend(
        f"{path}.proto"
        for path in (
            "buf/validate/validate",
            "google/protobuf/duration",
            "google/protobuf/timestamp",
            "google/protobuf/wrappers",
        )
    )
    color = file.enum_type.add(name="Color")
    for number, name in enumerate(("NONE", "RED", "BLUE")):
        color.value.add(name=name, number=number)
    for name in FIELDS:
        message = file.message_type.add(name=name.removeprefix("t."))
        for number, field in enumerate(declared(name), 1):
            _add_field(message, field, number)
    file.message_type[1].options.MergeFrom(_rule_options(expression))
    return file


def _add_field(message: DescriptorProto, field: Declared, number: int) -> None:
    label = (
        FieldDescriptorProto.LABEL_REPEATED
        if field.label in {"repeated", "map"}
        else FieldDescriptorProto.LABEL_OPTIONAL
    )
    added = message.field.add(name=field.name, number=number, label=label)
    kind = field.kind
    if field.label == "map":
        entry = message.nested_type.add(name=f"{field.name.capitalize()}Entry")
        entry.options.map_entry = True
        _add_field(entry, Declared("", "", field.key, "key"), 1)
        _add_field(entry, Declared("", "", kind, "value"), 2)
        added.type = FieldDescriptorProto.TYPE_MESSAGE
        added.type_name = f".t.{message.name}.{entry.name}"
    elif kind == "Color":
        added.type = FieldDescriptorProto.TYPE_ENUM
        added.type_name = ".t.Color"
    elif kind in _MESSAGES:
        added.type = FieldDescriptorProto.TYPE_MESSAGE
        added.type_name = "." + _MESSAGES[kind]
    else:
        added.type = _TYPES[kind][0]
    if field.label == "optional":
        added.proto3_optional = True
        added.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def _rule_options(expression: str) -> MessageOptions:
    rules = validate_pb.MessageRules(cel=[validate_pb.Rule(id="rule", expression=expression)])
    data = rules.to_binary()
    options = MessageOptions()
    options.MergeFromString(_varint(_MESSAGE_RULES_EXTENSION << 3 | 2) + _varint(len(data)) + data)
    return options


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _varint(number >> 7)


def validate_pool() -> DescriptorPool:
    """A pool with buf/validate/validate.proto and what it imports."""
    pool = DescriptorPool()
    _add_with_imports(validate_pb.desc(), pool, set())
    return pool


def matches_in_re2(pattern: str) -> Callable[[str], bool | None]:
    """Whether RE2 finds `pattern` in a text, as the judge's `matches()` does; None when it is no pattern."""
    expression = f"this.s.matches({unparse(Literal('string', pattern))})"

    def matches(text: str) -> bool | None:
        message: Any = judged_by(expression)()
        message.s = text
        judged = verdict(expression, message.SerializeToString())
        return None if judged == "error" else judged == "ok"

    return matches


@cache
def judged_by(expression: str) -> type[Message]:
    """The class `t.Main` with `expression` as its rule."""
    pool = validate_pool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_file(expression).SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("t.Main"))


def _add_with_imports(file: Any, pool: DescriptorPool, seen: set[str]) -> None:
    if file.name not in seen:
        seen.add(file.name)
        for imported in file.dependencies:
            _add_with_imports(imported, pool, seen)
        pool.AddSerializedFile(file.proto.to_binary())


@cache
def _validator(_expression: str) -> protovalidate.Validator:
    # A validator keeps the rules of a message by its name, so each rule of t.Main needs one of its own.
    return protovalidate.Validator()


@cache
def verdict(expression: str, values: bytes) -> str:
    """`ok`, `error`, or the text of the violation, as protovalidate has it for a serialised `t.Main`."""
    message = judged_by(expression)()
    message.MergeFromString(values)
    try:
        found = _validator(expression).collect_violations(message)
    except (protovalidate.CompilationError, protovalidate.EvaluationError):
        return "error"
    return found[0].proto.message if found else "ok"


def expected(result: object, expression: str) -> str:
    """What protovalidate says when the rule gives `result`."""
    if result is True or result == "":
        return "ok"
    return f'"{expression}" returned false' if result is False else str(result)


# --- random values

_INTS = [0, 0, 1, -1, 2, 3, 5, 7, 10, 100, -5, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63 - 2]
_UINTS = [0, 0, 1, 2, 3, 7, 10, 100, 2**53 + 1, 2**63, 2**64 - 1]
_DOUBLES = [0.0, -0.0, 1.0, 1.5, -2.5, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 3.0, 100.0]
_STRINGS = [
    "",
    "a",
    "abc",
    "ABC",
    "aXbXc",
    "é😀z",
    " pad\t",
    "a@example.com",
    "example.com",
    "10",
    "-7",
    "ab\n",
    "a,b,c",
    "127.0.0.1",
    "https://x.y/z?q#f",
    "\uffffk",
    "😀",
    "true",
    "K\u212a",
    "\u00a0x\u3000",
]
_BYTES = [b"", b"a", b"abc", b"\x00\xff", b"\xc3\xa9", b"zz"]
_SECONDS = [0, 1, -1, 1_700_000_000, -62135596800, 253402300799, 951782400, -1_000_000_007, 86399]
_NANOS = [0, 0, 1, 999_999_999, 500_000_000, 123_456_000]


@cache
def random_main(seed: int) -> Message:
    """A message `t.Main` without rule; the same object for the same seed, not to be changed."""
    message = judged_by("true")()
    dice = random.Random(seed)
    _fill(message, "t.Main", dice, depth=2)
    return message


def _fill(message: Any, name: str, dice: random.Random, depth: int) -> None:
    for field in declared(name):
        if dice.random() < 0.3:
            continue
        target = getattr(message, field.name)
        if field.label == "repeated":
            for _ in range(dice.randrange(4)):
                _append(target, field, dice, depth)
        elif field.label == "map":
            for _ in range(dice.randrange(3)):
                _put(target, field, dice, depth)
        elif field.kind in _MESSAGES:
            _fill_message(target, field.kind, dice, depth)
        else:
            setattr(message, field.name, _scalar(field.kind, dice))


def _append(target: Any, field: Declared, dice: random.Random, depth: int) -> None:
    if field.kind in _MESSAGES:
        _fill_message(target.add(), field.kind, dice, depth)
    else:
        target.append(_scalar(field.kind, dice))


def _put(target: Any, field: Declared, dice: random.Random, depth: int) -> None:
    key = _scalar(field.key, dice)
    if field.kind in _MESSAGES:
        _fill_message(target[key], field.kind, dice, depth)
    else:
        target[key] = _scalar(field.kind, dice)


def _fill_message(target: Any, kind: str, dice: random.Random, depth: int) -> None:
    target.SetInParent()
    if kind == "Sub":
        if depth:
            _fill(target, "t.Sub", dice, depth - 1)
    elif kind == "Timestamp":
        target.seconds, target.nanos = dice.choice(_SECONDS), dice.choice(_NANOS)
    elif kind == "Duration":
        seconds = dice.choice([0, 1, -1, 5, 3600, 86400, -90, 9_000_000_000])
        target.seconds = seconds
        target.nanos = dice.choice(_NANOS) * (-1 if seconds < 0 else 1)
    else:
        target.value = _scalar("int64" if kind == "Int64Value" else "string", dice)


def _scalar(kind: str, dice: random.Random) -> Any:
    pools: dict[str, list[Any]] = {
        "int64": _INTS,
        "int32": [0, 1, -1, 2**31 - 1, -(2**31), 7],
        "uint64": _UINTS,
        "double": _DOUBLES,
        "string": _STRINGS,
        "bytes": _BYTES,
        "bool": [True, False],
        "Color": [0, 1, 2, 9],
    }
    if kind == "int64" and dice.random() < 0.4:
        return dice.randint(-20, 20)
    return dice.choice(pools[kind])

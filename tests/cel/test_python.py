from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from protogate.cel import NotCarried, check, parse, python
from protogate.models import cel
from tests.cel.contract import ENV, declared, expected, random_main, verdict
from tests.cel.expressions import EXPRESSIONS

if TYPE_CHECKING:
    from google.protobuf.message import Message

SEEDS = range(40)


class Instant(NamedTuple):
    seconds: int
    nanos: int


class Names:
    runtime = "cel"

    def variable(self, name: str) -> str:
        return {"now": "now()"}.get(name, name)

    def field(self, message: str, field: str) -> str:
        assert message.startswith("t.")
        return f"{field}_"


def model(message: Message, name: str) -> SimpleNamespace:
    """What a generated model holds for `message`."""
    return SimpleNamespace(**{f"{f.name}_": _held(message, f, getattr(message, f.name)) for f in declared(name)})


def _held(message: Message, field: Any, value: Any) -> object:
    if field.label == "repeated":
        return [_value(field.kind, item) for item in value]
    if field.label == "map":
        return {key: _value(field.kind, value[key]) for key in value}
    if field.presence and not message.HasField(field.name):
        return None
    return _value(field.kind, value)


def _value(kind: str, value: Any) -> object:
    if kind == "Sub":
        return model(value, "t.Sub")
    if kind in {"Timestamp", "Duration"}:
        return Instant(value.seconds, value.nanos)
    return value.value if kind.endswith("Value") else value


def evaluate(code: str, message: Message) -> object:
    names = {"cel": cel, "this": model(message, "t.Main"), "now": time.time_ns}
    return eval(code, names)  # noqa: S307 - the code under test


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_python_agrees_with_protovalidate(expression: str) -> None:
    code = python.translate(check(parse(expression), ENV), Names())
    for seed in SEEDS:
        message = random_main(seed)
        try:
            ours = expected(evaluate(code, message), expression)
        except cel.CelError:
            ours = "error"
        assert ours == verdict(expression, message.SerializeToString()), (seed, code, message)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("this.sub == this.sub", "messages t.Sub are compared"),
        ("this.s.matches(this.t)", "a pattern that is computed at run time"),
        ("string(this.d) == '1'", "implementations of CEL write doubles differently"),
        ("t.Sub{a: 1}.a == 1", "a message t.Sub is built"),
        ("this.ms.unique()", "unique() on list(t.Sub)"),
        ("type(this.i) == type(this.wi)", "a type is used as a value"),
    ],
    ids=lambda value: value if " " not in value else None,
)
def test_what_python_cannot_say_is_not_carried(expression: str, reason: str) -> None:
    with pytest.raises(NotCarried) as caught:
        python.translate(check(parse(expression), ENV), Names())
    assert caught.value.reason == reason

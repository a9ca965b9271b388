from __future__ import annotations

import pytest

from protogate.cel import CelTypeError, check, compile_rule, parse
from protogate.cel.terms import Apply, Const, can_fail
from protogate.cel.types import BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT, Type, list_of, map_of
from tests.cel.contract import ENV


def type_of(text: str) -> Type:
    return check(parse(text), ENV).type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("this.i + 1", INT),
        ("this.u * 2u", UINT),
        ("-this.d", DOUBLE),
        ("this.ts - this.ts2", DURATION),
        ("this.ts + this.du", TIMESTAMP),
        ("this.color", INT),
        ("t.Color.RED", INT),
        (".t.Color.RED == this.color", BOOL),
        ("this.wi", Type("wrapper", (INT,))),
        ("this.wi + 1", INT),
        ("this.ms", list_of(Type("message", (), "t.Sub"))),
        ("this.ms[0].b", STRING),
        ("this.mm['a'].sub.a", INT),
        ("this.mi", map_of(STRING, INT)),
        ("this.mi.all(k, this.mi[k] > 0)", BOOL),
        ("this.li.map(n, string(n))", list_of(STRING)),
        ("this.s.split(',')", list_of(STRING)),
        ("this.x ? 1 : 2", INT),
        ("this.x ? 1 : 'a'", Type("dyn")),
        ("[1, 'a']", list_of(Type("dyn"))),
        ("{'a': [1]}", map_of(STRING, list_of(INT))),
        ("getField(this, 's')", STRING),
        ("now", TIMESTAMP),
    ],
)
def test_types(text: str, expected: Type) -> None:
    assert type_of(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("that.i == 1", "column 1: name 'that' is not known; there are now, this"),
        ("this.sub.c", "column 9: t.Sub has no field 'c'; its fields are a, b, sub, oa, many"),
        ("this.i.a", "column 7: int has no field 'a'"),
        ("this.i == 'a'", "column 8: int == string compares different types"),
        ("this.i + this.u", "column 8: int + uint has no meaning in CEL"),
        ("this.i + 1.0", "column 8: int + double has no meaning in CEL"),
        ("this.s < 1", "column 8: string < int has no meaning in CEL"),
        ("!this.i", "column 1: !int has no meaning in CEL"),
        ("this.i && true", "column 8: int stands where a bool is needed"),
        ("this.s.size(1)", "column 7: string.size(int) has no meaning in CEL"),
        ("this.s.sise()", "column 7: function sise() is not known"),
        ("this.s[0]", "column 7: string[int] has no meaning in CEL"),
        ("this.i in this.ls", "column 8: int cannot be in list(string)"),
        ("this.i.all(x, true)", "column 7: all() needs a list or a map, not int"),
        ("this.li.all(x, x)", "column 8: int stands where a bool is needed"),
        ("t.Nope{}", "column 1: message t.Nope is not in the contract"),
        ("t.Sub{a: 'x'}", "column 1: t.Sub.a is int, not string"),
        ("this.i +\n  1 + 'a'", "line 2, column 5: int + string has no meaning in CEL"),
        ("this.i + 1", "column 1: a rule gives bool or string, this one gives int"),
    ],
)
def test_what_does_not_fit_the_contract_is_refused_with_its_column(text: str, message: str) -> None:
    with pytest.raises(CelTypeError) as caught:
        compile_rule(text, ENV)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "gives_text"),
    [("this.i > 0", False), ("this.i > 0 ? '' : 'no'", True), ("this.x ? true : 'no'", False)],
    ids=["condition", "message", "either"],
)
def test_a_rule_tells_whether_it_gives_text(text: str, *, gives_text: bool) -> None:
    assert compile_rule(text, ENV).gives_text is gives_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 < 2 && this.x", "this.x"),
        ("this.x || 'a' == 'a'", "true"),
        ("1 in [1, 2] ? this.x : this.y", "this.x"),
        ("this.s.startsWith('a' + 'b')", "this.s.startsWith('ab')"),
        ("this.i > 2 * 3 - 1", "this.i > 5"),
        ("uint('ab'.size()) == 2u ? this.x : false", "this.x"),
        ("this.ts > timestamp('1970-01-01T00:00:01+00:00')", "this.ts > timestamp('1970-01-01T00:00:01Z')"),
    ],
)
def test_constant_parts_are_worked_out(text: str, expected: str) -> None:
    assert compile_rule(text, ENV).term == compile_rule(expected, ENV).term


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775807 + 1 > 0",
        "1 / 0 > 0",
        "timestamp('2020-02-30T00:00:00Z') < this.ts",
        "duration('x') < this.du",
    ],
)
def test_what_fails_at_run_time_is_left_to_fail_there(text: str) -> None:
    term = compile_rule(text, ENV).term
    assert isinstance(term, Apply)
    assert can_fail(term)


def test_durations_and_timestamps_become_nanoseconds() -> None:
    term = compile_rule("duration('-1h0.5s') < this.du", ENV).term
    assert isinstance(term, Apply)
    assert term.args[0] == Const(-3600_500_000_000, DURATION)

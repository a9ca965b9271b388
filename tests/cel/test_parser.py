from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.cel import CelSyntaxError, parse, unparse
from protogate.cel.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Entry,
    Expr,
    FieldInit,
    Has,
    Ident,
    Index,
    ListExpr,
    Literal,
    MapExpr,
    MessageExpr,
    Select,
    Unary,
    without_offsets,
)
from tests.cel.expressions import EXPRESSIONS
from tests.cel.standard_rules import standard_rules

if TYPE_CHECKING:
    from collections.abc import Callable

a, b, c = (Ident(name) for name in "abc")


def tree(text: str) -> Expr:
    return without_offsets(parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Literal("int", 1)),
        ("-9223372036854775808", Literal("int", -(2**63))),
        ("0xFf", Literal("int", 255)),
        ("-0x1", Literal("int", -1)),
        ("7u", Literal("uint", 7)),
        ("0x10U", Literal("uint", 16)),
        ("18446744073709551615u", Literal("uint", 2**64 - 1)),
        ("1.5", Literal("double", 1.5)),
        (".5e1", Literal("double", 5.0)),
        ("1e3", Literal("double", 1000.0)),
        ("-2.5", Literal("double", -2.5)),
        ("true", Literal("bool", value=True)),
        ("null", Literal("null", None)),
        ("'a\"b'", Literal("string", 'a"b')),
        ('"it\'s"', Literal("string", "it's")),
        (r"'\a\b\f\n\r\t\v\\\?\'\"\`'", Literal("string", "\a\b\f\n\r\t\v\\?'\"`")),
        (r"'\x41\101\u00e9\U0001F600'", Literal("string", "AAé😀")),
        (r"r'\d'", Literal("string", r"\d")),
        (r"R'''\d'x'''", Literal("string", r"\d'x")),
        ('"""a\n"b" """', Literal("string", 'a\n"b" ')),
        (r"b'\xff\377é'", Literal("bytes", b"\xff\xff\xc3\xa9")),
        (r"br'\d'", Literal("bytes", rb"\d")),
        ("a", a),
        (".a", Ident("a", rooted=True)),
        ("a.b", Select(a, "b")),
        ("a.as", Select(a, "as")),
        ("a.`b-c`", Select(a, "b-c")),
        ("a[b]", Index(a, b)),
        ("f()", Call("f", None, ())),
        ("a.f(b, c)", Call("f", a, (b, c))),
        ("a.all(b)", Call("all", a, (b,))),
        ("has(a.b)", Has(a, "b")),
        ("a.exists(b, c)", Comprehension("exists", a, "b", c)),
        ("a.map(b, c)", Comprehension("map", a, "b", None, c)),
        ("a.map(b, c, a)", Comprehension("map", a, "b", c, a)),
        ("[]", ListExpr(())),
        ("[a, b,]", ListExpr((a, b))),
        ("{a: b}", MapExpr((Entry(a, b),))),
        ("a.b{c: a}", MessageExpr("a.b", (FieldInit("c", a),))),
        (".a{}", MessageExpr(".a", ())),
        ("!!a", Unary("!", Unary("!", a))),
        ("-a.b", Unary("-", Select(a, "b"))),
        ("-1.5.isNan()", Call("isNan", Literal("double", -1.5), ())),
        ("a + b * c", Binary("+", a, Binary("*", b, c))),
        ("a - b - c", Binary("-", Binary("-", a, b), c)),
        ("a < b == c", Binary("==", Binary("<", a, b), c)),
        ("a in b && c", Binary("&&", Binary("in", a, b), c)),
        ("a || b && c", Binary("||", a, Binary("&&", b, c))),
        ("a ? b : c ? a : b", Conditional(a, b, Conditional(c, a, b))),
        ("a // the rest is talk\n&& b", Binary("&&", a, b)),
        ("a&&'in'", Binary("&&", a, Literal("string", "in"))),
    ],
)
def test_text_parses_to(text: str, expected: Expr) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 1: the text ends where an expression should be"),
        ("a b", "column 3: found 'b' where the end should be"),
        ("a.", "column 3: the text ends where a name should be"),
        ("a.in", "column 3: found 'in' where a name should be"),
        ("(a", "column 3: the text ends where ')' should be"),
        ("f(a,)", "column 5: found ')' where an argument should be"),
        ("while", "column 1: 'while' is reserved and cannot be a name"),
        ("a $ b", "column 3: '$' does not belong here"),
        ("1a", "column 2: 'a' cannot follow a number"),
        ("'abc", "column 1: the string that starts here has no closing '"),
        ("'a\nb'", "line 1, column 1: the string that starts here has no closing '"),
        (r"'\q'", "column 2: escape '\\\\q' is not known"),
        (r"b'\u0041'", r"column 3: \u0041 is for strings; use \x.. in bytes"),
        (r"'\ud800'", r"column 2: \ud800 is no character"),
        (
            "9223372036854775808",
            "column 1: 9223372036854775808 does not fit int (-9223372036854775808 to 9223372036854775807)",
        ),
        ("has(a)", "column 1: has() takes one field selection such as a.b"),
        ("a.all(b.c, true)", "column 8: the first argument of all() must be a plain name"),
        ("true &&\n  %", "line 2, column 3: found '%' where an expression should be"),
        ("(" * 65 + "a", "column 65: more than 64 levels of nesting"),
    ],
)
def test_wrong_text_is_refused_with_its_column(text: str, message: str) -> None:
    with pytest.raises(CelSyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_a_chain_that_would_exhaust_the_stack_is_refused() -> None:
    assert parse(" || ".join("a" * 150))
    with pytest.raises(CelSyntaxError, match="more than 150 operators hang on each other"):
        parse(" || ".join("a" * 400))


def test_offsets_point_into_the_text() -> None:
    text = "aa  && b.c(d)"
    expr = parse(text)
    assert isinstance(expr, Binary)
    assert (text[expr.offset :][:2], text[expr.left.offset :][:2]) == ("&&", "aa")
    assert text[expr.right.offset] == "."


names = st.sampled_from(["a", "b", "x1", "_y"])
literals = (
    st.integers(-(2**63), 2**63 - 1).map(lambda value: Literal("int", value))
    | st.integers(0, 2**64 - 1).map(lambda value: Literal("uint", value))
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda value: Literal("double", value))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(lambda value: Literal("string", value))
    | st.binary(max_size=5).map(lambda value: Literal("bytes", value))
    | st.sampled_from([Literal("bool", value=True), Literal("bool", value=False), Literal("null", None)])
)


def node(kind: Callable[..., Expr], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Expr]:
    return st.tuples(*parts).map(lambda found: kind(*found))


def compound(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    args = st.lists(inner, max_size=3).map(tuple)
    operators = st.sampled_from(["||", "&&", "<", "<=", ">", ">=", "==", "!=", "in", "+", "-", "*", "/", "%"])
    entries = st.lists(st.tuples(inner, inner).map(lambda pair: Entry(*pair)), max_size=2).map(tuple)
    fields = st.lists(st.tuples(names, inner).map(lambda pair: FieldInit(*pair)), max_size=2).map(tuple)
    return (
        node(Select, inner, st.sampled_from(["f", "as", "b-c"]))
        | node(Has, inner, names)
        | node(Index, inner, inner)
        | node(Call, names, st.none() | inner, args)
        | node(Unary, st.sampled_from("!-"), inner)
        | node(Binary, operators, inner, inner)
        | node(Conditional, inner, inner, inner)
        | node(ListExpr, args)
        | node(MapExpr, entries)
        | node(MessageExpr, st.sampled_from(["m", "p.m", ".p.m"]), fields)
        | node(Comprehension, st.sampled_from(["all", "exists", "exists_one", "filter"]), inner, names, inner)
        | node(Comprehension, st.just("map"), inner, names, st.none() | inner, inner)
    )


trees = st.recursive(literals | names.map(Ident) | st.just(Ident("a", rooted=True)), compound, max_leaves=15)


@given(trees)
def test_unparsed_trees_parse_to_themselves(expr: Expr) -> None:
    assert tree(unparse(expr)) == without_offsets(expr)


pieces = st.sampled_from(
    [
        "a",
        "in",
        "has(",
        "x.all(",
        "1",
        "2u",
        ".5",
        "1e",
        "'",
        '"""',
        "b'",
        'r"',
        "\\",
        "\\u12",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        ":",
        "?",
        "!",
        "-",
        "&&",
        "|",
        "==",
        " ",
        "\n",
        "//",
        "`",
        "é",
    ]
)


@given(st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_parsed_or_refused_with_its_column(text: str) -> None:
    error = refusal(text)
    if error is None:
        assert tree(unparse(parse(text))) == tree(text)
    else:
        assert "column " in str(error)
        assert 0 <= error.offset <= len(text)


def refusal(text: str) -> CelSyntaxError | None:
    try:
        parse(text)
    except CelSyntaxError as error:
        return error
    return None


@pytest.mark.parametrize("text", [*EXPRESSIONS, *sorted({rule.expression for rule in standard_rules()})])
def test_real_expressions_survive_unparsing(text: str) -> None:
    assert tree(unparse(parse(text))) == tree(text)

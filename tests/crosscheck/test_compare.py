from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.compare import compare_block
from protogate.crosscheck.shapes import ANY, AnyOf
from protogate.crosscheck.values import same
from protogate.findings import Severity
from tests.crosscheck.shape_words import (
    NULL,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    altered,
    either,
    field,
    items,
    one,
    record,
    unknown,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from protogate.crosscheck.drifts import Block, Drift, WirePath
    from protogate.crosscheck.shapes import Record, Scalar, Shape

BEYOND = "output-beyond-contract"
DEAD = "contract-beyond-output"
FREE = "unrestricted-output"
REFUSED = "contract-beyond-input"
NO_KEY = "no-such-field"
UNKNOWN = "unresolved"


def compare(contract: Record, code: Shape, block: Block = "output") -> list[Drift]:
    return list(compare_block("X", block, contract, code))


def told(drifts: list[Drift]) -> list[str]:
    """Rule and path of each finding."""
    return [f"{one.finding.rule.removeprefix('crosscheck/')} {one.finding.path}" for one in drifts]


def of_field(contract: Shape, code: Shape, block: Block = "output") -> list[str]:
    """The rules that a field breaks."""
    drifts = compare(record("contract", x=contract), record(x=code), block)
    return [line.removesuffix(f" X.{block}.x") for line in told(drifts)]


AB = one("a", "b")

OUTPUT: dict[str, tuple[Shape, Shape, list[str]]] = {
    "equal": (AB, one("b", "a"), []),
    "within": (AB, one("a"), [DEAD]),
    "beyond": (AB, one("a", "b", "c"), [BEYOND]),
    "both": (AB, one("b", "c"), [BEYOND, DEAD]),
    "disjoint": (AB, one("c"), [BEYOND, DEAD]),
    "null of the code is not compared": (AB, either(one("a", "b"), NULL), []),
    "null among the values is not compared": (one("a", "b", None), one("a", "b"), []),
    "null only": (AB, NULL, [DEAD]),
    "contract lists nothing": (TEXT, one("a"), []),
    "contract lists null only": (one(None), TEXT, []),
    "union of lists": (AB, either(one("a"), one("b")), []),
    "union of lists beyond": (AB, either(one("a"), one("b", "c")), [BEYOND]),
    "any string": (AB, TEXT, [FREE]),
    "any string or a listed value": (AB, either(one("a"), TEXT), [FREE]),
    "any value": (AB, ANY, [FREE]),
    "open list of the contract": (either(AB, TEXT), TEXT, []),
    "open list of the contract, listed": (either(AB, TEXT), one("a", "b", "c"), []),
    "any integer for strings": (AB, WHOLE, [DEAD, BEYOND]),
    "any integer for integers": (one(1, 2), WHOLE, [FREE]),
    "any number for integers": (one(1, 2), NUMBER, [FREE]),
    "object for strings": (AB, record("Inner"), [DEAD, BEYOND]),
    "array for strings": (AB, items(TEXT), [DEAD, BEYOND]),
    "1 is 1.0": (one(1, 2.0), one(1.0, 2), []),
    "1 is not true": (one(1), one(True), [BEYOND, DEAD]),  # noqa: FBT003 - the value of a list
    "0 is not false": (one(False), one(0), [BEYOND, DEAD]),  # noqa: FBT003 - as above
    "1 is not '1'": (one("1"), one(1), [BEYOND, DEAD]),
    "boolean is both values": (one(True, False), TRUTH, []),  # noqa: FBT003 - as above
    "boolean beyond true": (one(True), TRUTH, [BEYOND]),  # noqa: FBT003 - as above
    "unresolved": (AB, unknown(), [UNKNOWN]),
    "unresolved or beyond": (AB, either(one("c"), unknown()), [UNKNOWN, BEYOND]),
    "unresolved or within": (AB, either(one("a"), unknown()), [UNKNOWN]),
    "altered and equal": (AB, altered(one("a", "b")), [UNKNOWN]),
    "altered and beyond": (AB, altered(one("a", "b", "c")), [UNKNOWN]),
    "altered and within": (AB, altered(one("a")), [UNKNOWN]),
    "contract that says more than can be compared": (either(AB, unknown()), one("a", "b"), [UNKNOWN]),
}

INPUT: dict[str, tuple[Shape, Shape, list[str]]] = {
    "equal": (AB, one("b", "a"), []),
    "contract within": (AB, one("a", "b", "c"), []),
    "contract beyond": (AB, one("a"), [REFUSED]),
    "disjoint": (AB, one("c"), [REFUSED]),
    "null is not compared": (one("a", None), one("a"), []),
    "any string": (AB, TEXT, []),
    "any value": (AB, ANY, []),
    "any integer for strings": (AB, WHOLE, [REFUSED]),
    "any integer for strings of digits": (one("1", "2"), WHOLE, []),
    "any number for integers": (one(1, 2), NUMBER, []),
    "any integer for fractions": (one(1, 1.5), WHOLE, [REFUSED]),
    "any string for numbers": (one(1, 2), TEXT, [REFUSED]),
    "boolean for words of truth": (one("yes", "off", 0), TRUTH, []),
    "boolean for other words": (one("maybe"), TRUTH, [REFUSED]),
    "1 is not true": (one(1), one(True), [REFUSED]),  # noqa: FBT003 - as above
    "unresolved": (AB, unknown(), [UNKNOWN]),
    "unresolved or all of them": (AB, either(one("a", "b"), unknown()), [UNKNOWN]),
    "altered and wider": (AB, altered(one("a", "b", "c")), []),
    "altered and narrower": (AB, altered(one("a")), [UNKNOWN]),
}


@pytest.mark.parametrize(("contract", "code", "expected"), OUTPUT.values(), ids=OUTPUT)
def test_values_of_outputs(contract: Shape, code: Shape, expected: list[str]) -> None:
    assert sorted(of_field(contract, code)) == sorted(expected)
    assert sorted(of_field(contract, code, "payload")) == sorted(expected)


@pytest.mark.parametrize(("contract", "code", "expected"), INPUT.values(), ids=INPUT)
def test_values_of_inputs(contract: Shape, code: Shape, expected: list[str]) -> None:
    assert of_field(contract, code, "input") == expected


def tree() -> Record:
    """A model that holds itself."""
    made: Record = record("Tree", state=one("a", "c"), children=field("children", items(either())))
    children = items(made)
    made._fields = (made.fields[0], field("children", children))
    return made


PLACES: dict[str, tuple[Record, Shape, list[str]]] = {
    "nested": (record(a=record(b=AB)), record(a=record(b=one("a", "b", "c"))), [f"{BEYOND} X.output.a.b"]),
    "items": (record(a=items(AB)), record(a=items(one("a", "b", "c"))), [f"{BEYOND} X.output.a[]"]),
    "items of records": (
        record(a=items(record(b=AB))),
        record(a=items(record(b=one("a")))),
        [f"{DEAD} X.output.a[].b"],
    ),
    "list in a list": (
        record(a=items(items(AB))),
        record(a=items(items(one("c", "a", "b")))),
        [f"{BEYOND} X.output.a[][]"],
    ),
    "tuples place by place": (
        record(a=items(either(), AB, one("c"))),
        record(a=items(either(), one("a", "b"), one("d", "c"))),
        [f"{BEYOND} X.output.a[]"],
    ),
    "tuple in a list": (record(a=items(AB)), record(a=items(either(), one("a"), one("b"))), []),
    "values of a mapping": (record(a=values(AB)), record(a=values(one("c", "a", "b"))), [f"{BEYOND} X.output.a{{}}"]),
    "keys against a mapping": (
        record(a=record(p=AB, q=one("c"))),
        record(a=values(one("a", "b"))),
        [f"{BEYOND} X.output.a.q", f"{DEAD} X.output.a.q"],
    ),
    "mapping against keys": (
        record(a=values(AB)),
        record(a=record(p=one("a"), q=one("b", "c"))),
        [f"{BEYOND} X.output.a{{}}"],
    ),
    "optional record": (
        record(a=record(b=AB)),
        record(a=either(record(b=one("c", "a", "b")), NULL)),
        [f"{BEYOND} X.output.a.b"],
    ),
    "no such key": (record(a=AB), record(b=one("a")), [f"{NO_KEY} X.output.a"]),
    "no such key, listing nothing": (record(a=TEXT), record(b=one("a")), []),
    "no such key, which may be there": (record(a=AB), record(extra="allow", b=one("a")), [f"{FREE} X.output.a"]),
    "no such key of an altered model": (record(a=AB), altered(record(b=TEXT)), [f"{UNKNOWN} X.output.a"]),
    "below an altered model": (record(a=AB), altered(record(a=one("c"))), [f"{UNKNOWN} X.output.a"]),
    "no object": (record(a=record(b=AB)), record(a=TEXT), [f"{NO_KEY} X.output.a"]),
    "no array": (record(a=items(AB)), record(a=TEXT), [f"{NO_KEY} X.output.a"]),
    "no mapping": (record(a=values(AB)), record(a=TEXT), [f"{NO_KEY} X.output.a"]),
    "any object": (record(a=record(b=AB, c=TEXT)), record(a=ANY), [f"{FREE} X.output.a.b"]),
    "unresolved object": (record(a=record(b=AB, c=AB)), record(a=unknown()), [f"{UNKNOWN} X.output.a"]),
    "whole model unresolved": (record(a=AB, b=AB), unknown(), [f"{UNKNOWN} X.output"]),
    "one unresolved type at two places": (
        record(a=AB, b=AB),
        record(a=unknown(), b=unknown()),
        [f"{UNKNOWN} X.output.a"],
    ),
    "other key is none of ours": (record(a=AB), record(a=one("a", "b"), b=one("z")), []),
    "union of records, key by key": (
        record(a=AB, b=AB),
        either(record(a=one("a", "c")), record(a=one("b"), b=one("a", "b"))),
        [f"{BEYOND} X.output.a"],
    ),
    "record that holds itself": (
        record(state=AB, children=items(record(state=AB))),
        tree(),
        [f"{rule} X.output.{path}" for path in ("state", "children[].state") for rule in (BEYOND, DEAD)],
    ),
    "contract that holds itself": (
        tree(),
        record(state=one("a", "c"), children=items(ANY)),
        [f"{FREE} X.output.children[].state"],
    ),
}


@pytest.mark.parametrize(("contract", "code", "expected"), PLACES.values(), ids=PLACES)
def test_places(contract: Record, code: Shape, expected: list[str]) -> None:
    assert told(compare(contract, code)) == expected


class TestBranches:
    """Members of unions are compared with their own partners."""

    CONTRACT = record(
        "contract",
        shape=either(record(kind=one("circle"), unit=one("mm")), record(kind=one("square"), unit=one("cm"))),
    )

    @staticmethod
    def code(circle: Shape, square: Shape) -> Record:
        return record(
            shape=either(
                record("Circle", kind=one("circle"), unit=circle), record("Square", kind=one("square"), unit=square)
            )
        )

    def test_same(self) -> None:
        assert compare(self.CONTRACT, self.code(one("mm"), one("cm"))) == []

    def test_values_of_another_branch_do_not_count(self) -> None:
        expected = [f"{BEYOND} X.output.shape.unit", f"{DEAD} X.output.shape.unit"]
        assert told(compare(self.CONTRACT, self.code(one("cm"), one("cm")))) == expected

    def test_branch_without_a_partner_is_a_value_beyond(self) -> None:
        code = record(
            shape=either(*(record(kind=one(kind), unit=one(unit)) for kind, unit in [("circle", "mm"), ("star", "x")]))
        )
        assert told(compare(self.CONTRACT, code)) == [f"{BEYOND} X.output.shape.kind", f"{DEAD} X.output.shape.kind"]

    def test_branches_that_nothing_tells_apart_are_merged(self) -> None:
        contract = record("contract", shape=either(record(a=one("x")), record(a=one("y"), b=TEXT)))
        code = record(shape=either(record(a=one("y")), record(a=one("x", "z"))))
        assert told(compare(contract, code)) == [f"{BEYOND} X.output.shape.a"]


class TestInputKeys:
    def test_other_names_are_accepted_too(self) -> None:
        code = record(mode=field("mode", one("a", "b"), "mode", "Mode"))
        assert compare(record("contract", Mode=AB), code, "input") == []
        assert told(compare(record("contract", Mode=one("c")), code, "input")) == [f"{REFUSED} X.input.Mode"]

    def test_key_that_is_not_read_warns(self) -> None:
        (drift,) = compare(record("contract", a=AB), record(b=TEXT), "input")
        assert (drift.finding.rule, drift.finding.severity) == (f"crosscheck/{NO_KEY}", Severity.WARNING)

    def test_key_that_is_forbidden_fails(self) -> None:
        (drift,) = compare(record("contract", a=AB), record(extra="forbid", b=TEXT), "input")
        assert (drift.finding.rule, drift.finding.severity) == (f"crosscheck/{REFUSED}", Severity.ERROR)


class TestMessages:
    def test_both_places_and_both_sides_are_named(self) -> None:
        contract = one("ok", "error", file="a.query.json")
        code = one("ok", "error", "degraded")
        (drift,) = compare(record("contract", x=contract), record(x=code))
        assert drift.finding.place == contract.place
        assert str(code.members[2].place) in drift.finding.message
        assert '"degraded"' in drift.finding.message
        assert '"ok", "error"' in drift.finding.message
        assert "client" in drift.finding.message

    def test_first_dead_value_is_the_place(self) -> None:
        contract = one("ok", "gone", file="a.query.json")
        (drift,) = compare(record("contract", x=contract), record(x=one("ok")))
        assert drift.finding.place == contract.members[1].place

    def test_long_lists_are_cut(self) -> None:
        (drift,) = compare(record("contract", x=one("a")), record(x=one("a", *(f"v{n}" for n in range(300)))))
        assert "and 292 more" in drift.finding.message

    @pytest.mark.parametrize(
        ("name", "hint"),
        [("stauts", "nearest key of the model is 'status'"), ("python_name", "documents call it 'status'")],
    )
    def test_hint_names_the_key_that_is_meant(self, name: str, hint: str) -> None:
        code = record(status=field("status", one("a"), "python_name"))
        fields: dict[str, Any] = {name: AB}
        (drift,) = compare(record("contract", **fields), code)
        assert hint in drift.finding.hint


class TestFixes:
    def test_dead_values_are_to_be_removed(self) -> None:
        contract = one("a", "z", "b")
        (drift,) = compare(record("contract", x=contract), record(x=one("a")))
        assert drift.fix is not None
        assert (drift.fix.action, drift.fix.values, drift.fix.path) == ("remove_extra", ("b", "z"), "x")
        assert (drift.fix.block, drift.fix.place, drift.fix.severity) == ("output", contract.place, Severity.WARNING)

    def test_values_beyond_are_to_be_added(self) -> None:
        (drift,) = compare(record("contract", x=one("a")), record(x=one("c", "a", "b")))
        assert drift.fix is not None
        assert (drift.fix.action, drift.fix.values) == ("expand_contract", ("b", "c"))

    def test_input_is_never_fixed(self) -> None:
        assert [one.fix for one in compare(record("contract", x=AB), record(x=one("a")), "input")] == [None]

    def test_values_that_a_handler_writes_are_not_dead(self) -> None:
        contract, code = record("contract", a=items(record(x=one("a", "b", "c")))), record(a=items(record(x=one("a"))))
        emitted: dict[WirePath, frozenset[Hashable]] = {("a", "[]", "x"): frozenset({same("b")})}
        (drift,) = compare_block("X", "output", contract, code, emitted=emitted)
        assert drift.fix is not None
        assert drift.fix.values == ("c",)

    def test_two_lists_of_one_place_are_not_added_to(self) -> None:
        contract = record("contract", x=either(one("a"), one("b")))
        assert [drift.fix for drift in compare(contract, record(x=one("a", "b", "c")))] == [None]


SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.sampled_from("abc"), st.integers(0, 3), st.booleans(), st.sampled_from([0.5, 1.0])
)
LISTS = st.lists(SCALARS, min_size=1, unique_by=same)


@given(LISTS, LISTS)
def test_output_rules_are_those_of_sets(contract: list[Scalar], code: list[Scalar]) -> None:
    ours, theirs = set(map(same, contract)), set(map(same, code))
    expected = [BEYOND] * bool(theirs - ours) + [DEAD] * bool(ours - theirs)
    assert of_field(one(*contract), one(*code)) == expected


@given(LISTS, LISTS)
def test_input_rule_is_that_of_sets(contract: list[Scalar], code: list[Scalar]) -> None:
    beyond = set(map(same, contract)) - set(map(same, code))
    assert of_field(one(*contract), one(*code), "input") == [REFUSED] * bool(beyond)


def unions(parts: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    return st.lists(parts, min_size=2, max_size=3).map(
        lambda shapes: either(
            *(one for shape in shapes for one in (shape.members if isinstance(shape, AnyOf) else (shape,)))
        )
    )


def records(parts: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    def made(fields: dict[str, Any]) -> Shape:
        return record(**fields)

    return st.dictionaries(st.sampled_from("abcd"), parts, max_size=3).map(made)


SHAPES: st.SearchStrategy[Shape] = st.recursive(
    st.one_of(LISTS.map(lambda listed: one(*listed)), st.sampled_from([TEXT, WHOLE, TRUTH, NULL, ANY])),
    lambda parts: st.one_of(
        parts.map(items),
        st.tuples(parts, parts).map(lambda two: items(*two)),
        parts.map(values),
        records(parts),
        unions(parts),
    ),
    max_leaves=12,
)


@given(SHAPES, st.sampled_from(["input", "output", "payload"]))
def test_whatever_is_the_same_on_both_sides_agrees(shape: Shape, block: Block) -> None:
    assert compare(record("contract", x=shape), record(x=shape), block) == []

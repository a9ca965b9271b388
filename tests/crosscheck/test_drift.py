from __future__ import annotations

import pytest

from protogate.crosscheck.drift import check_drift
from protogate.crosscheck.shapes import ANY, Primitive, Record, Shape
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

DAY = Primitive("string", "date-time")
ID = Primitive("string", "uuid")


def rules(contract: Record, code: Shape, block: str = "output") -> list[str]:
    """Severity, rule and path of each finding."""
    drifts = check_drift("X", block, contract, code)  # type: ignore[arg-type] # the table says which
    return [
        f"{one.finding.severity.name.lower()} {one.finding.rule.removeprefix('crosscheck/')}"
        f" {one.finding.path.removeprefix(f'X.{block}.')}"
        for one in drifts
    ]


def optional(shape: Shape) -> Record:
    return record(x=field("x", shape, required=False))


# Each case is read twice: of an input, and of an output.
TYPES: dict[str, tuple[Shape, Shape, str, str]] = {
    "same": (TEXT, TEXT, "", ""),
    "string and integer": (TEXT, WHOLE, "error type", "error type"),
    "integer for a number": (NUMBER, WHOLE, "error type", ""),
    "number for an integer": (WHOLE, NUMBER, "", "error type"),
    "boolean for an integer": (WHOLE, TRUTH, "error type", "error type"),
    "boolean where an integer is taken": (TRUTH, WHOLE, "warning type", "error type"),
    "contract says nothing": (ANY, WHOLE, "", ""),
    "code says nothing": (TEXT, ANY, "", "warning type"),
    "format of the code only": (TEXT, DAY, "warning type", ""),
    "format of the contract only": (DAY, TEXT, "", "warning type"),
    "bytes take any string": (Primitive("string", "byte"), Primitive("string", "binary"), "", "warning type"),
    "other formats": (DAY, ID, "error type", "error type"),
    "union within": (either(TEXT, WHOLE), TEXT, "error type", ""),
    "union beyond": (TEXT, either(TEXT, WHOLE), "", "error type"),
    "any string for a few": (TEXT, one("a"), "error type", ""),
    "a few for any string": (one("a"), TEXT, "", ""),
    "lists are compared elsewhere": (one("a"), one("b"), "", ""),
    "list of another type": (WHOLE, one("a"), "error type", "error type"),
    "object and string": (record(), TEXT, "error type", "error type"),
    "array and string": (items(TEXT), TEXT, "error type", "error type"),
    "object and mapping": (record(), values(TEXT), "", ""),
    "null of the code": (TEXT, either(TEXT, NULL), "", "error nullable"),
    "null of the contract": (either(TEXT, NULL), TEXT, "error nullable", "warning nullable"),
    "null of both": (either(TEXT, NULL), either(TEXT, NULL), "", ""),
    "null in a list": (one("a", None), one("a"), "error nullable", "warning nullable"),
    "altered": (TEXT, altered(WHOLE), "warning type", "warning type"),
    "unresolved": (TEXT, unknown(), "warning unresolved", "warning unresolved"),
    "unresolved list": (one("a"), unknown(), "", ""),
}


@pytest.mark.parametrize(("contract", "code", "of_input", "of_output"), TYPES.values(), ids=TYPES)
def test_types(contract: Shape, code: Shape, of_input: str, of_output: str) -> None:
    for block, expected in (("input", of_input), ("output", of_output), ("payload", of_output)):
        found = rules(record("contract", x=contract), record(x=code), block)
        assert found == ([f"{expected} x"] if expected else [])


KEYS: dict[str, tuple[Record, Record, list[str], list[str]]] = {
    "needed by the code": (optional(TEXT), record(x=TEXT), ["error required x"], []),
    "needed by the contract": (record(x=TEXT), optional(TEXT), ["warning required x"], ["error required x"]),
    "optional on both sides": (optional(TEXT), optional(TEXT), [], []),
    "key of the contract only": (
        record(x=TEXT),
        record(),
        ["warning unknown-field x"],
        ["error unknown-field x"],
    ),
    "optional key of the contract only": (
        optional(TEXT),
        record(),
        ["warning unknown-field x"],
        ["warning unknown-field x"],
    ),
    "key of the contract only, forbidden": (
        optional(TEXT),
        record(extra="forbid"),
        ["error unknown-field x"],
        ["warning unknown-field x"],
    ),
    "key of the contract only, any allowed": (optional(TEXT), record(extra="allow"), [], []),
    "key of the contract only that lists values": (optional(one("a")), record(), [], []),
    "key that the code needs and the contract does not know": (
        record(),
        record(x=TEXT),
        ["error required x"],
        ["warning unknown-field x"],
    ),
    "optional key of the code only": (record(), optional(TEXT), [], ["warning unknown-field x"]),
    "key of the code only, closed contract": (
        record(extra="forbid"),
        optional(TEXT),
        [],
        ["error unknown-field x"],
    ),
}


@pytest.mark.parametrize(("contract", "code", "of_input", "of_output"), KEYS.values(), ids=KEYS)
def test_keys(contract: Record, code: Record, of_input: list[str], of_output: list[str]) -> None:
    assert rules(contract, code, "input") == of_input
    assert rules(contract, code, "output") == of_output


PLACES: dict[str, tuple[Record, Shape, list[str]]] = {
    "nested": (record(a=record(b=TEXT)), record(a=record(b=WHOLE)), ["error type a.b"]),
    "items": (record(a=items(TEXT)), record(a=items(WHOLE)), ["error type a[]"]),
    "values of a mapping": (record(a=values(TEXT)), record(a=values(WHOLE)), ["error type a{}"]),
    "keys against a mapping": (record(a=record(b=TEXT)), record(a=values(WHOLE)), ["error type a.b"]),
    "mapping against keys": (record(a=values(TEXT)), record(a=record(b=WHOLE)), ["error type a{}"]),
    "below an altered model": (record(a=TEXT), altered(record(a=WHOLE)), ["warning type a"]),
    "keys of an altered model": (record(a=TEXT), altered(record()), ["warning unknown-field a"]),
    "below what is unresolved": (record(a=TEXT, b=TEXT), unknown(), ["warning unresolved X.output"]),
    "branches": (
        record(s=either(record(k=one("a"), v=TEXT), record(k=one("b"), v=WHOLE))),
        record(s=either(record(k=one("a"), v=WHOLE), record(k=one("b"), v=WHOLE))),
        ["error type s.v"],
    ),
    "unions that nothing tells apart do not say which keys are needed": (
        record(s=either(record(a=TEXT), record(b=TEXT))),
        record(s=either(record(a=TEXT), record(c=TEXT))),
        [],
    ),
}


@pytest.mark.parametrize(("contract", "code", "expected"), PLACES.values(), ids=PLACES)
def test_places(contract: Record, code: Shape, expected: list[str]) -> None:
    assert rules(contract, code) == expected


def test_record_that_holds_itself_comes_to_an_end() -> None:
    def loop(leaf: Shape) -> Record:
        made = record(leaf=leaf, inner=TEXT)
        made._fields = (made.fields[0], field("inner", made))
        return made

    assert rules(loop(TEXT), loop(WHOLE)) == ["error type leaf"]


def test_message_names_both_sides() -> None:
    code = record(x=WHOLE)
    (drift,) = check_drift("X", "output", record("contract", x=TEXT), code)
    assert str(code.fields[0].place) in drift.finding.message
    assert "an integer" in drift.finding.message
    assert "a string" in drift.finding.message
    assert drift.finding.severity is Severity.ERROR
    assert drift.fix is None

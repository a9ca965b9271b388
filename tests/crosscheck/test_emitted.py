from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.emitted import check_emissions, emitted_values
from protogate.crosscheck.python.emissions import Emission
from protogate.crosscheck.shapes import ANY
from protogate.crosscheck.values import same
from protogate.findings import Place, Severity
from tests.crosscheck.shape_words import (
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    altered,
    either,
    items,
    one,
    record,
    unknown,
    values,
)

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Scalar, Shape

AB = one("a", "b")


def emission(value: Scalar, shape: Shape, *path: str, line: int = 9) -> Emission:
    return Emission(path or ("x",), value, Place("app.py", line, 5), shape)


CASES: dict[str, tuple[Shape, Shape, Scalar, str]] = {
    "within both": (AB, AB, "a", ""),
    "outside the type": (AB, one("a"), "b", "which its type does not allow"),
    "outside the type, contract lists nothing": (TEXT, one("a"), "b", "which its type does not allow"),
    "outside both": (AB, AB, "z", "which neither its type nor the contract allows"),
    "outside the contract, any string": (AB, TEXT, "z", "which the contract does not list"),
    "outside the contract, any value": (AB, ANY, "z", "which the contract does not list"),
    "outside the contract, unresolved type": (AB, unknown(), "z", "which the contract does not list"),
    "outside the contract, altered type": (AB, altered(TEXT), "z", "which the contract does not list"),
    "what the type lists is told elsewhere": (AB, one("a", "z"), "z", ""),
    "open list of the contract": (either(AB, TEXT), TEXT, "z", ""),
    "altered type lists another one": (AB, altered(one("b")), "a", ""),
    "number for a string": (TEXT, TEXT, 1, "which its type does not allow"),
    "digits for a number": (WHOLE, WHOLE, "12", ""),
    "integer for a number": (NUMBER, NUMBER, 1, ""),
    "fraction for an integer": (WHOLE, WHOLE, 1.5, "which its type does not allow"),
    "boolean for a boolean": (TRUTH, TRUTH, True, ""),
    "true is not 1": (one(1), one(1), True, "which neither its type nor the contract allows"),
    "null is not compared": (AB, AB, None, ""),
}


@pytest.mark.parametrize(("contract", "shape", "value", "words"), CASES.values(), ids=CASES)
def test_value_that_is_written(contract: Shape, shape: Shape, value: Scalar, words: str) -> None:
    found = check_emissions("X", "output", record("contract", x=contract), [emission(value, shape)])
    assert bool(found) == bool(words)
    for drift in found:
        assert drift.finding.message.startswith("output 'x' of X is set to ")
        assert words in drift.finding.message
        assert (drift.finding.rule, drift.finding.severity) == ("crosscheck/emitted-value", Severity.ERROR)
        assert (drift.finding.place, drift.finding.path) == (Place("app.py", 9, 5), "X.output.x")
        assert (drift.values, drift.fix) == ((value,), None)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("a", "b"), True),
        (("list", "[]"), True),
        (("list", "[]", "b"), False),
        (("map", "key"), True),
        (("tuple", "[]"), True),
        (("none",), False),
    ],
    ids=["key", "item", "nothing there", "value of a mapping", "place of a tuple", "key that the contract has not"],
)
def test_place_in_the_contract_is_found(path: tuple[str, ...], told: bool) -> None:  # noqa: FBT001 - of a table
    contract = record("contract", a=record(b=AB), list=items(AB), map=values(AB), tuple=items(either(), AB))
    assert bool(check_emissions("X", "output", contract, [emission("z", TEXT, *path)])) is told


def test_value_on_many_lines_is_told_at_the_first() -> None:
    emissions = [emission("z", TEXT, line=line) for line in (3, 8, 12)] + [emission("y", TEXT, line=5)]
    found = check_emissions("X", "output", record("contract", x=AB), emissions)
    assert [(one.values, one.finding.place.line) for one in found] == [(("z",), 3), (("y",), 5)]


def test_values_are_collected_by_place() -> None:
    emissions = [emission("a", TEXT), emission(1, TEXT), emission("a", TEXT, "y", "[]")]
    assert emitted_values(emissions) == {
        ("x",): frozenset({same("a"), same(1)}),
        ("y", "[]"): frozenset({same("a")}),
    }

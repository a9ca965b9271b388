from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.cel import NotCarried, compile_rule, python, typescript
from tests.cel.standard_rules import StandardRule, standard_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.cel import Bound

RULES = tuple(standard_rules())

NEEDS_A_PATTERN = {
    "string.pattern",
    "bytes.pattern",
    "string.well_known_regex.header_name",
    "string.well_known_regex.header_value",
}


class PythonNames:
    runtime = "cel"

    def variable(self, name: str) -> str:
        return name

    def field(self, message: str, field: str) -> str:
        del message
        return field


class TypeScriptNames(PythonNames):
    def field(self, message: str, field: str) -> tuple[str, str]:  # type: ignore[override]  # pairs of names here
        del message
        return field, field

    def enum_numbers(self, message: str, field: str) -> str | None:
        del message, field
        return None


def carried(rule: StandardRule, bound: Mapping[str, Bound] | None = None) -> bool:
    term = compile_rule(rule.expression, rule.env, bound).term
    try:
        python.translate(term, PythonNames())
        typescript.translate(term, TypeScriptNames())
    except NotCarried:
        return False
    return True


def test_the_corpus_is_whole() -> None:
    assert len(RULES) >= 300


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_standard_rules_check_and_are_carried(rule: StandardRule) -> None:
    assert carried(rule) is (rule.id not in NEEDS_A_PATTERN)


@pytest.mark.parametrize("rule_id", sorted(NEEDS_A_PATTERN))
def test_rules_with_a_pattern_are_carried_once_the_contract_fixes_it(rule_id: str) -> None:
    bound = {"rules": {"pattern": "^a+$", "well_known_regex": 1 if rule_id.endswith("name") else 2}}
    (rule,) = (rule for rule in RULES if rule.id == rule_id)
    assert carried(rule, bound)


@pytest.mark.parametrize(
    ("rule_id", "rules", "expected"),
    [
        ("int32.gt_lt", {"gt": 5, "lt": 10}, "int32.gt_lt: 5 < this < 10"),
        ("int32.gt_lt", {"gt": 5}, "''"),
        ("string.email", {"email": True}, "((this == '') or cel.is_email(this))"),
        ("string.email", {}, "True"),
        ("repeated.unique", {"unique": True}, "cel.unique(this)"),
    ],
)
def test_bound_rules_are_worked_out(rule_id: str, rules: dict[str, Bound], expected: str) -> None:
    (rule,) = (rule for rule in RULES if rule.id == rule_id)
    code = python.translate(compile_rule(rule.expression, rule.env, {"rules": rules}).term, PythonNames())
    if expected.startswith(rule_id):
        assert "if ((this >= 10) or (this <= 5)) else ''" in code
    else:
        assert code == expected


def test_timestamps_and_field_masks_are_bound_by_their_fields() -> None:
    rules = {rule.id: rule for rule in RULES}
    lt = rules["timestamp.lt"]
    bound = compile_rule(lt.expression, lt.env, {"rules": {"lt": (1, 5)}})
    assert "1000000005" in python.translate(bound.term, PythonNames())
    const = rules["field_mask.const"]
    mask = compile_rule(const.expression, const.env, {"rules": {"const": ("a", "b")}})
    assert "cel.equal(this.paths, ['a', 'b'])" in python.translate(mask.term, PythonNames())

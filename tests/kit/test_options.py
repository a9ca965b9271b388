"""Options: typed values, or one clear error that lists what is allowed."""

from __future__ import annotations

import pytest

from protoc_gen_protogate.kit.options import Choice, Flag, Text, parse_options
from protogate.errors import UserError

KNOWN = (
    Choice("draft", ("draft-07", "2020-12"), "the dialect"),
    Flag("rules", "carry rules", default=True),
    Text("prefix", "put before ids"),
)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        pytest.param("", {"draft": "draft-07", "rules": True, "prefix": ""}, id="defaults"),
        pytest.param("draft=2020-12", {"draft": "2020-12", "rules": True, "prefix": ""}, id="choice"),
        pytest.param("rules=false, prefix=a=b", {"draft": "draft-07", "rules": False, "prefix": "a=b"}, id="blank"),
        pytest.param(",rules,", {"draft": "draft-07", "rules": True, "prefix": ""}, id="bare flag"),
    ],
)
def test_values(parameter: str, expected: dict[str, str | bool]) -> None:
    assert parse_options(parameter, KNOWN) == expected


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("drfat=1", "option 'drfat' is not known; use one of draft, rules, prefix"),
        ("draft=4", "option 'draft': '4' is not known; use one of draft-07, 2020-12"),
        ("rules=maybe", "option 'rules': 'maybe' is not known; use one of true, false"),
        ("rules,rules=true", "option 'rules' is given twice; give it once"),
    ],
)
def test_errors_list_what_is_allowed(parameter: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_options(parameter, KNOWN)
    assert str(caught.value) == message


def test_a_target_without_options_says_so() -> None:
    with pytest.raises(UserError, match="option 'x' is not known; this target has no options"):
        parse_options("x=1", ())

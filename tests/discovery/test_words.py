"""The words of names, by the quick way and by the whole one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.words import words


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("aws_lambda_hook", ("aws", "lambda", "hook")),
        ("AwsLambdaHook", ("aws", "lambda", "hook")),
        ("aws-lambda.hook", ("aws", "lambda", "hook")),
        ("HTTPServer", ("http", "server")),
        ("order_order_v1", ("order",)),
        ("", ()),
    ],
)
def test_a_name_is_made_of_words(name: str, found: tuple[str, ...]) -> None:
    assert words(name) == found


@given(st.text("abz_09éß²ABZ-. ", max_size=20) | st.text(max_size=12))
def test_plain_names_are_read_as_all_others(name: str) -> None:
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    parts = [part.lower() for part in re.split(r"[\W_]+", humps) if len(part) >= 3 and not part.isdigit()]
    assert words(name) == tuple(dict.fromkeys(parts))

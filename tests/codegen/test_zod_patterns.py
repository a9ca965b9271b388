"""Patterns: what Node takes as a regular expression, and what it then matches."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from typing import Any

import pytest

from protogate.codegen.zod_patterns import PatternError, ecma_pattern

PIECES = [
    "a", "b", "é", "😀", "-", "/", "]", "}", "{", "[", "(", ")", "|", "^", "$", ".", "*", "+", "?", "*?", "{2}",
    "{1,}", "{2,1}", "{,3}", "\\d", "\\D", "\\w", "\\s", "\\b", "\\B", "\\-", "\\@", "\\_", "\\.", "\\/", "\\\\",
    "\\x41",
    "\\x4",
    "\\u0041", "\\u{1F600}", "\\u{110000}", "\\ud83d\\ude00", "\\cA", "\\c", "\\0", "\\01", "\\1", "\\k<n>", "(?<n>",
    "(?:", "(?=", "(?!", "(?<=", "(?P<n>", "(?i)", "\\A", "\\Z", "\\p{L}", "\\p{Lu}", "\\P{Script=Greek}", "\\p{Nope}",
    "\\pL", "[a-z]", "[^a]", "[z-a]", "[\\w-.]", "[a-\\d]", "[\\b]", "[\\B]", "[]", "[]a]", "[a-z-9]", "[[:alpha:]]",
    "[\\ud83d\\ude00-\\ud83d\\ude02]", "\n", "\u2028", '"', "\\",
]  # fmt: skip
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "aa",
    "A",
    "-",
    "@",
    "]",
    "}",
    "{",
    "é",
    "😀",
    "a/b",
    "1",
    " ",
    "\n",
    "z",
    "Ω",
    "_",
    ".",
    "\\",
]

pytestmark = pytest.mark.node


def patterns() -> list[str]:
    rng = random.Random("patterns")
    made = ["".join(rng.choices(PIECES, k=rng.randint(1, 4))) for _ in range(6000)]
    return list(dict.fromkeys([*PIECES, *made]))


def translated(pattern: str) -> str | None:
    try:
        return ecma_pattern(pattern)
    except PatternError:
        return None


@pytest.fixture(scope="module")
def said_by_node() -> dict[str, Any]:
    """For every pattern: whether it is one with `u`, without it, and which texts what we made of it matches."""
    asked = [[pattern, translated(pattern)] for pattern in patterns()]
    script = """
const [asked, texts] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const made = (text, flags) => { try { return new RegExp(text, flags); } catch { return null; } };
const matches = (regex) => regex && texts.map((text) => regex.test(text));
process.stdout.write(JSON.stringify(asked.map(([pattern, ours]) =>
  ({
    strict: matches(made(pattern, "u")),
    loose: matches(made(pattern, "")),
    ours: ours !== null && matches(made(ours, "u")),
  }))));
"""
    done = subprocess.run(
        [shutil.which("node") or "node", "-e", script],
        input=json.dumps([asked, TEXTS]),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(patterns(), json.loads(done.stdout), strict=True))


def test_what_is_written_is_always_a_regular_expression(said_by_node: dict[str, Any]) -> None:
    assert not [pattern for pattern, said in said_by_node.items() if said["ours"] is None]


def test_what_is_one_already_means_the_same(said_by_node: dict[str, Any]) -> None:
    strict = {pattern: said for pattern, said in said_by_node.items() if said["strict"] is not None}
    assert len(strict) > 500
    # An empty class and one that looks like POSIX's mean something else in other engines, so they are refused.
    unclear = ("[]", "[[:")
    refused = [
        one for one, said in strict.items() if said["ours"] is False and not any(part in one for part in unclear)
    ]
    assert not refused
    assert not [one for one, said in strict.items() if said["ours"] and said["ours"] != said["strict"]]


def test_what_was_put_right_means_what_it_meant_without_the_flag(said_by_node: dict[str, Any]) -> None:
    repaired = {
        pattern: said
        for pattern, said in said_by_node.items()
        if said["ours"] and said["strict"] is None and not re.search(r"[😀éΩ]|\\[upP]|\[\^", pattern)
    }
    assert len(repaired) > 50
    assert not [one for one, said in repaired.items() if said["ours"] != said["loose"]]


REFUSED = {
    "flags of Python": "(?i)a",
    "group name of Python": "(?P<n>a)",
    "anchors of Python": "\\Aa\\Z",
    "repetition of Python": "a{,3}",
    "possessive": "a++",
    "class of POSIX": "[[:alpha:]]",
    "open group": "(a",
    "open class": "[a",
    "range backwards": "[b-a]",
    "nothing to repeat": "*a",
    "lookahead that is repeated": "(?=a)*",
    "unknown property": "\\p{Nope}",
    "group that is not there": "\\2(a)",
    "lone backslash": "a\\",
}


@pytest.mark.parametrize("pattern", REFUSED.values(), ids=REFUSED)
def test_what_is_none_or_unclear_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        ecma_pattern(pattern)

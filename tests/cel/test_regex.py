from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.cel import NotCarried
from protogate.cel.regex import Engine, translate_pattern
from protogate.models import cel
from tests.cel.contract import matches_in_re2
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# fmt: off
PATTERNS = (
    r"abc", r"^abc$", r"\Aab\z", r"a.c", r"(?s)a.c", r"a*b+c?", r"a{2}", r"a{2,}", r"a{1,3}b", r"a{,2}", r"a{x}",
    r"[abc]", r"[^abc]", r"[a-c-e]", r"[]a]", r"[^]a]", r"[a\]b]", r"[\d_]", r"[^\s\w]", r"[\x41-\x43]", r"[-a]",
    r"\d+", r"\D", r"\w", r"\W", r"\s", r"\S", r"\bab\b", r"a\Bb", r"\B", r"\x41", r"\x{1F600}", r"\101",
    r"\a\f\t\n\r\v", r"(?i)abc", r"(?i)k", r"(?i)[^s]", r"(?i:a)b", r"a(?i)b|c", r"(?m)^b$", r"(?m)b$", r"(?-s).",
    r"(?U)a+?", r"(?i)[A-Z]{2}", r"(a|b)c", r"(?P<name>a)", r"(?<name>a)b", r"(?:ab)+", r"(a|)b", r"|a", r"()",
    r"(?:)+", r"^*a", r"x*", r"\pL", r"\p{Lu}+", r"\P{L}", r"[\p{Greek}\d]", r"\p{^Lu}", r"[^\pL]", r"\p{Any}",
    r"[[:alpha:]]", r"[[:^digit:]]", r"[[:space:][:upper:]]", r"\Qa.c\E", r"\Q+\E+", r"\Qab\E*c", r"\.", r"\/",
    r"\-", r"\{", r"é", r"[à-ü]", r"😀+", r"[^\x00-\x7F]", r"^[^\x00\n\r]+$", r"\$", r"[$^.]", r"a|b|", r"\z",
    r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$", r"^[A-Za-z_][\w.-]*@[a-z]+\.[a-z]{2,}$", r"^\+?[1-9]\d{1,14}$",
    # not RE2
    r"(", r")", r"[a", r"a**", r"*a", r"a{1001}", r"a{3}{2}", r"\1", r"\8", r"(?=a)", r"(?!a)", r"a++", r"\_",
    r"[b-a]", r"[[:nope:]]", r"\p{Nope}", r"(?P<1>a)", r"(?x)a", r"\x{110000}", r"\xg", "\\", r"[a-\d]",
    r"(?P=n)", r"\Z", r"\h",
)

TEXTS: tuple[str, ...] = (
    "", "a", "b", "ab", "abc", "xabcx", "ABC", "aab", "aaab", "a\nb", "b\n", "\n", "a b", "a.c", "a+c", "++",
    "A1_", "k", "K", "K", "s", "S", "ſ", "é", "É", "α3", "Ω", "😀", "😀😀", "x y\tz", "\x07\x0c\t\n\r\x0b", "]", "-",
    "_", "\\", "/", "{", "a{,2}", "a{x}", "127.0.0.1", "me@example.com", "+4912345", "1234", "\xa0", "\x7f", "ß",
    "$^", "ab\x00", "à", "e", "abab", "c", "aabbcc", "\u2028", "\r", "a\r\nb", "٣",
)
# fmt: on


def python_matcher(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(translate_pattern(pattern, Engine.PYTHON))
    return lambda text: compiled.search(text) is not None


def rust_matcher(pattern: str) -> Callable[[str], bool]:
    return cel.regex(translate_pattern(pattern, Engine.RUST))


def carried_by(engine: Engine) -> list[str]:
    return [pattern for pattern in PATTERNS if is_carried(pattern, engine)]


def is_carried(pattern: str, engine: Engine) -> bool:
    try:
        translate_pattern(pattern, engine)
    except NotCarried:
        return False
    return True


@pytest.mark.parametrize("pattern", carried_by(Engine.PYTHON))
def test_python_finds_what_re2_finds(pattern: str) -> None:
    ours, theirs = python_matcher(pattern), matches_in_re2(pattern)
    assert {text: ours(text) for text in TEXTS} == {text: theirs(text) for text in TEXTS}


@pytest.mark.parametrize("pattern", carried_by(Engine.RUST))
def test_rust_finds_what_re2_finds(pattern: str) -> None:
    ours, theirs = rust_matcher(pattern), matches_in_re2(pattern)
    assert {text: ours(text) for text in TEXTS} == {text: theirs(text) for text in TEXTS}


@pytest.fixture(scope="module")
def found_by_node() -> dict[str, dict[str, bool]]:
    patterns = carried_by(Engine.ECMASCRIPT)
    request = {"patterns": [translate_pattern(p, Engine.ECMASCRIPT) for p in patterns], "texts": TEXTS}
    script = """
      const { patterns, texts } = JSON.parse(require("fs").readFileSync(0));
      const found = patterns.map((p) => texts.map((t) => new RegExp(p, "u").test(t)));
      console.log(JSON.stringify(found));
    """
    node = shutil.which("node") or "node"
    run = subprocess.run([node, "-e", script], input=json.dumps(request), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rows = (dict(zip(TEXTS, row, strict=True)) for row in json.loads(run.stdout))
    return dict(zip(patterns, rows, strict=True))


@pytest.mark.node
@pytest.mark.parametrize("pattern", carried_by(Engine.ECMASCRIPT))
def test_ecmascript_finds_what_re2_finds(pattern: str, found_by_node: dict[str, dict[str, bool]]) -> None:
    theirs = matches_in_re2(pattern)
    assert found_by_node[pattern] == {text: theirs(text) for text in TEXTS}


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    with PostgresServer.running() as server, psycopg.connect(server.url) as connection:
        yield connection


@pytest.mark.postgres
@pytest.mark.parametrize("pattern", carried_by(Engine.POSTGRESQL))
def test_postgresql_finds_what_re2_finds(pattern: str, postgres: psycopg.Connection[Any]) -> None:
    translated, theirs = translate_pattern(pattern, Engine.POSTGRESQL), matches_in_re2(pattern)
    texts = [text for text in TEXTS if "\0" not in text]
    query = "SELECT text, text ~ %s FROM unnest(%s::text[]) AS text"
    with postgres.transaction():
        ours = dict(postgres.execute(query, (translated, texts)).fetchall())
    assert ours == {text: theirs(text) for text in texts}


@pytest.mark.parametrize("pattern", [p for p in PATTERNS if not is_carried(p, Engine.ECMASCRIPT)])
def test_a_pattern_that_no_engine_carries_is_none_for_re2_either(pattern: str) -> None:
    assert matches_in_re2(pattern)("a") is None


@pytest.mark.parametrize(
    ("pattern", "engine", "reason"),
    [
        (r"\pL", Engine.PYTHON, r"\p{L} in a pattern"),
        (r"\p{Greek}", Engine.POSTGRESQL, r"\p{Greek} in a pattern"),
        (r"\ba", Engine.POSTGRESQL, "a boundary in a pattern"),
        (r"a\B", Engine.RUST, "a no boundary in a pattern"),
        ("a{256}", Engine.POSTGRESQL, "a repetition above 255"),
        ("(?i)é", Engine.ECMASCRIPT, "(?i) on letters outside ASCII"),
        (r"\C", Engine.PYTHON, r"\C (a single byte)"),
        ("a**", Engine.PYTHON, "pattern 'a**' is not RE2 syntax at 3: two repetitions in a row"),
    ],
)
def test_what_an_engine_cannot_say_is_not_carried(pattern: str, engine: Engine, reason: str) -> None:
    with pytest.raises(NotCarried) as caught:
        translate_pattern(pattern, engine)
    assert caught.value.reason == reason


atoms = st.sampled_from(
    [*"abkZ09_-. \n", r"\d", r"\W", r"\s", "[a-f]", "[^k]", ".", "[[:alpha:]]", "^", "$", r"\b", "é", "😀"]
)
patterns = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?"])).map(lambda p: f"(?:{p[0]}){p[1]}")
        | inner.map(lambda part: f"(?i:{part})" if part.isascii() else f"(?:{part})")
        | inner.map(lambda part: f"(?m:{part})")
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(patterns, st.lists(st.text("abkKfZ09_- \n.é😀\u212a", max_size=6), min_size=5, max_size=5))
def test_random_patterns_find_what_re2_finds(pattern: str, texts: list[str]) -> None:
    ours, theirs = python_matcher(pattern), matches_in_re2(pattern)
    assert [ours(text) for text in texts] == [theirs(text) for text in texts]


pieces = st.sampled_from(
    [
        *"abk01_-^$.|()[]{}*+?,:=<>!\\/ \n",
        "(?",
        "(?i)",
        "(?P<n>",
        "[:alpha:]",
        "[^",
        "{2,}",
        "{0,2}",
        "\\d",
        "\\Q",
        "\\E",
        "\\x4",
        "\\x{41}",
        "\\pL",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=8).map("".join))
def test_any_text_is_a_pattern_exactly_when_it_is_one_for_re2(pattern: str) -> None:
    theirs = matches_in_re2(pattern)
    texts = ["", "a", "ab0", "k_1", "A", "(-)", "a\nb", "[:alpha:]", "{2,}"]
    try:
        ours: list[bool | None] = [rust_matcher(pattern)(text) for text in texts]
    except NotCarried as verdict:
        if "is not RE2 syntax" not in verdict.reason:
            return
        ours = [None] * len(texts)
    assert ours == [theirs(text) for text in texts]

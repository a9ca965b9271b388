"""docs/compatibility.md: every rule has its place there, every example shows its rule, every verdict is what we say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.compat import PROFILES, Direction, Effect, Mode, Rule, check
from protogate.compat.profiles.buf.categories import CATEGORIES
from protogate.compat.profiles.confluent import EFFECTS
from protogate.findings import Severity
from tests.compat.compiled_pairs import CompiledPair, compile_pairs
from tests.compat.generated_pairs import Pair
from tests.compat.wire_effects import profile_effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
_SECTION = re.compile(r"^### (?P<rule>[A-Z0-9_]+)\n(?P<body>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"```diff\n(.*?)\n```", re.DOTALL)
_VERDICTS = re.compile(r"^\| \| `wire` .*?\n\|[-|]+\n(?P<rows>(?:\|.*\n)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What the page says of a rule."""

    rule: str
    body: str

    @property
    def pair(self) -> Pair:
        """The example: old and new version, below a package of the rule."""
        found = _EXAMPLE.search(self.body)
        assert found is not None, f"{self.rule}: no example"
        root = self.rule.lower()
        lines = found[1].splitlines()
        return Pair(root, self.rule, _files(lines, " -", root), _files(lines, " +", root))

    @property
    def verdicts(self) -> str:
        """The rows of its table."""
        found = _VERDICTS.search(self.body)
        assert found is not None, f"{self.rule}: no table"
        return found["rows"]


def _files(lines: Iterable[str], marks: str, root: str) -> dict[str, str]:
    """The files of one version: those that have a line in it."""
    path, texts = "a.proto", dict[str, list[str]]()
    for line in lines:
        mark, text = line[:1], line[2:]
        if text.startswith("// "):
            path = text.removeprefix("// ")
        elif mark in marks:
            texts.setdefault(path, []).append(text)
    return {f"{root}/{path}": _source("\n".join(found), root) for path, found in texts.items()}


def _source(text: str, root: str) -> str:
    head, body = re.fullmatch(r"((?:(?:syntax|edition) = .*?;)?)\s*(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    package = "" if "package " in body else f"package {root}.v1;"
    body = re.sub(r'import "(?!google/)', f'import "{root}/', body.replace("package acme.", f"package {root}."))
    syntax = head or 'syntax = "proto3";'
    return f"{syntax}\n{package}\n{body}\n"


def _sections() -> tuple[Section, ...]:
    return tuple(Section(found["rule"], found["body"]) for found in _SECTION.finditer(_PAGE.read_text("utf-8")))


@pytest.fixture(scope="module")
def compiled() -> Mapping[str, CompiledPair]:
    return {pair.label: pair for pair in compile_pairs([section.pair for section in _sections()])}


each_section = pytest.mark.parametrize("section", _sections(), ids=lambda section: section.rule)


def test_every_rule_has_one_heading() -> None:
    headings = [section.rule for section in _sections()]
    assert sorted(headings) == sorted(Rule)


@pytest.mark.parametrize("word", [*PROFILES, *Mode, *(effect.value for effect in Effect)])
def test_every_profile_mode_and_effect_is_explained(word: str) -> None:
    assert f"`{word}`" in _PAGE.read_text("utf-8")


def test_every_refusal_of_confluent_is_explained() -> None:
    page = _PAGE.read_text("utf-8")
    assert [kind for kind in EFFECTS if f"`{kind}`" not in page] == []


@each_section
def test_the_example_shows_the_rule(section: Section, compiled: Mapping[str, CompiledPair]) -> None:
    assert section.rule in {change.rule for change in compiled[section.rule].comparison.changes}


def test_the_tables_say_what_the_profiles_say(compiled: Mapping[str, CompiledPair], *, update_golden: bool) -> None:
    expected = {section.rule: _rows(compiled[section.rule]) for section in _sections()}
    if update_golden:
        _PAGE.write_text(_SECTION.sub(lambda found: _with_rows(found, expected), _PAGE.read_text("utf-8")), "utf-8")
    differing = {one.rule: expected[one.rule] for one in _sections() if one.verdicts != expected[one.rule]}
    assert differing == {}, "accept with pytest --update-golden"


def _with_rows(found: re.Match[str], rows: Mapping[str, str]) -> str:
    def table(head: re.Match[str]) -> str:
        return head[0].removesuffix(head["rows"]) + rows[found["rule"]]

    return _VERDICTS.sub(table, found[0])


def _rows(pair: CompiledPair) -> str:
    return "".join(f"| {direction.value} | {' | '.join(_cells(pair, direction))} |\n" for direction in Direction)


def _cells(pair: CompiledPair, direction: Direction) -> Iterator[str]:
    index = 0 if direction is Direction.BACKWARD else 1
    for profile, format_ in (("wire", "wire"), ("wire_json", "json")):
        effect = profile_effects(pair.comparison, format_)[index]  # type: ignore[arg-type]
        verdict = _verdict(pair, profile, direction)
        yield f"{effect.value}, {verdict}" if verdict else effect.value
    yield _refusals(pair, direction) or "ok"
    categories = [one for one in CATEGORIES if _verdict(pair, f"buf:{one}", direction)]
    yield ", ".join(categories) or "ok"
    yield _verdict(pair, "source", direction) or "ok"


_WORDS = {Severity.ERROR: "fails", Severity.WARNING: "warns", Severity.NOTE: "notes"}


def _verdict(pair: CompiledPair, profile: str, direction: Direction) -> str:
    comparison = pair.comparison
    found = check(comparison.old, comparison.new, profiles=[profile], mode=Mode(direction.name))
    return _WORDS[max(one.severity for one in found)] if found else ""


def _refusals(pair: CompiledPair, direction: Direction) -> str:
    comparison = pair.comparison
    found = check(comparison.old, comparison.new, profiles=["confluent"], mode=Mode(direction.name))
    return ", ".join(sorted({f"`{one.rule.removeprefix('confluent/')}`" for one in found}))

"""The profiles against the runtime: what really becomes of data is never worse than what they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import pytest

from protogate.compat import Direction, Effect, Mode, Rule, check, is_compatible
from protogate.compat.profiles import wire, wire_json
from tests.compat.catalogue import ROWS, Row
from tests.compat.compiled_pairs import CompiledPair, compile_pairs, pairs_of_rows
from tests.compat.generated_pairs import Pair, generated_pairs
from tests.compat.wire_effects import profile_effects
from tests.compat.wire_truth import RANK, Format, Observation, Version, observe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a profile says of a pair, beside what was seen."""

    label: str
    format: Format
    direction: Direction
    said: Effect
    observation: Observation

    def __str__(self) -> str:
        seen = self.observation
        return f"{self.label}, {self.format} {self.direction.value}: said {self.said.value}, seen {seen.effect.value}"

    @property
    def is_missed(self) -> bool:
        """Whether the profile says something milder than what happens."""
        return _badness(self.said, self.format) < _badness(self.observation.effect, self.format)

    @property
    def is_false_alarm(self) -> bool:
        """Whether the profile says something worse than what happens."""
        return _badness(self.said, self.format) > _badness(self.observation.effect, self.format)


def _badness(effect: Effect, format_: Format) -> int:
    """How bad an effect is; what fails alike counts alike."""
    if format_ == "wire" and effect is Effect.ERROR:
        # A required field that is lost makes the reader refuse all the rest: whether it is required, an enum that
        # many fields hold does not know.
        return RANK[Effect.LOST]
    return RANK[effect]


def _look(pairs: Iterable[CompiledPair]) -> Iterator[_Seen]:
    for pair in pairs:
        seen = observe(Version(pair.old, pair.old_main), Version(pair.new, pair.new_main))
        for format_ in _FORMATS:
            said = profile_effects(pair.comparison, format_)
            for direction, effect in zip(Direction, said, strict=True):
                yield _Seen(pair.label, format_, direction, effect, seen[format_, direction])


def _missed(seen: Iterable[_Seen]) -> list[str]:
    return [f"{one}: {one.observation.example}" for one in seen if one.is_missed]


@pytest.fixture(scope="module")
def rows() -> Mapping[str, CompiledPair]:
    return {pair.label: pair for pair in compile_pairs(pairs_of_rows())}


_STRICTER_ROWS = {
    ("bool to enum", "json", Direction.BACKWARD): "Python takes true for 1, other parsers refuse it",
    ("proto2 bytes to string", "wire", Direction.BACKWARD): "Python gives the bytes where the text is no UTF-8, "
    "other runtimes replace what they cannot read",
    ("message to map", "json", Direction.FORWARD): "the keys of the map are unknown keys to the message; a parser that "
    "is told to ignore those reads nothing",
}
"""Where a row is stricter than google.protobuf in Python, on purpose."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_runtime_does_what_the_row_says(row: Row, rows: Mapping[str, CompiledPair]) -> None:
    expected = {"wire": row.wire, "json": row.json}
    for one in _look([rows[row.name]]):
        if (row.name, one.format, one.direction) not in _STRICTER_ROWS:
            index = 0 if one.direction is Direction.BACKWARD else 1
            assert one.observation.effect is expected[one.format][index], f"{one}: {one.observation.example}"


def test_rows_that_are_stricter_than_the_runtime_are_known(rows: Mapping[str, CompiledPair]) -> None:
    alarms = {(one.label, one.format, one.direction) for one in _look(rows.values()) if one.is_false_alarm}
    assert alarms == set(_STRICTER_ROWS)


def _check_generated(seed: int, count: int) -> None:
    seen = list(_look(compile_pairs(generated_pairs(seed, count))))
    assert _missed(seen) == []
    alarms = [str(one) for one in seen if one.is_false_alarm]
    # Enums and extensions of types that no data reaches, and files that go with all that they hold.
    assert len(alarms) <= len(seen) * 0.05, "\n".join(alarms)
    effects = Counter(one.observation.effect for one in seen)
    assert len(effects) >= 5, "the pairs are too tame to tell anything"


def test_no_loss_is_missed_in_generated_changes() -> None:
    _check_generated(seed=20261125, count=60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_loss_is_missed_in_many_generated_changes(seed: int) -> None:
    _check_generated(seed=seed, count=250)


@pytest.fixture(scope="module")
def observed(rows: Mapping[str, CompiledPair]) -> list[tuple[CompiledPair, _Seen]]:
    return [(pair, one) for pair in rows.values() for one in _look([pair])]


_TABLES = {"wire": wire.EFFECTS, "json": wire_json.EFFECTS}


@pytest.mark.parametrize(("format_", "rule"), [(name, rule) for name, table in _TABLES.items() for rule in table])
def test_a_rule_that_a_profile_forgets_is_missed(
    format_: Format,
    rule: Rule,
    observed: Iterable[tuple[CompiledPair, _Seen]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(_TABLES[format_], rule)
    said = [
        replace(one, said=profile_effects(pair.comparison, format_)[0 if one.direction is Direction.BACKWARD else 1])
        for pair, one in observed
        if one.format == format_
    ]
    # Message sets are no rows of the catalogue: see below.
    assert bool(_missed(said)) == (rule is not Rule.MESSAGE_OPTION_CHANGED)


_SET = "message_set_wire_format = true"
_CONTRACT = """
syntax = "proto2"; package s000000;
message M {{ option {option}; extensions 4 to 1000; }}
message X {{ optional int32 x = 1; }}
extend M {{ optional X ext = 100; }}
"""


def test_a_message_that_becomes_a_message_set_loses_its_extensions() -> None:
    """No row of the catalogue: buf refuses message sets."""
    old, new = (_CONTRACT.format(option=option) for option in ("deprecated = true", _SET))
    pair = Pair("s000000", "message set", {"s000000/a.proto": old}, {"s000000/a.proto": new})
    seen = list(_look(compile_pairs([pair])))
    assert _missed(seen) == []
    # upb reads the plain form as a message set too; other runtimes need not.
    assert {one.observation.effect for one in seen if one.format == "wire"} == {Effect.OK, Effect.LOST}
    assert {one.said for one in seen if one.format == "wire"} == {Effect.LOST}


def test_a_check_that_passes_loses_nothing_on_the_wire(rows: Mapping[str, CompiledPair]) -> None:
    lost = {Effect.LAST, Effect.RAW, Effect.SWAP, Effect.LOST, Effect.ERROR}
    for one in _look(rows.values()):
        if one.format == "wire" and one.observation.effect in lost:
            comparison = rows[one.label].comparison
            mode = Mode(one.direction.name)
            assert not is_compatible(check(comparison.old, comparison.new, profiles=["wire"], mode=mode)), str(one)

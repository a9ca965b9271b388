"""Contracts that use every key, and mutants of them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from protogate.crosscheck.contracts.validate import SUFFIXES
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.contracts.validate import Word

WORDS: list[Word] = list(SUFFIXES.values())
EVERY_KEY = {
    "type": "object",
    "description": "d",
    "required": ["a"],
    "enum": ["a", 1],
    "const": "a",
    "nullable": False,
    "format": "uuid",
    "properties": {"a": {"type": "string"}},
    "additionalProperties": {"type": ["string", "null"]},
    "propertyNames": {"enum": ["a"]},
    "items": {"type": "integer", "minimum": 1, "maximum": 2.5},
    "prefixItems": [{}],
    "oneOf": [{"const": 1}],
    "anyOf": [{"required": True}],
    "allOf": [{"$ref": "#/$defs/A"}],
}
RICH: dict[Word, dict[str, Any]] = {
    "command": {**COMMAND, "input": {"x": EVERY_KEY}, "$defs": {"A": {}}, "events": {"success": ["A", "B"]}},
    "query": {**QUERY, "output": {"x": EVERY_KEY}, "definitions": {"A": {"type": "string"}}, "x-mine": 1},
    "event": {**EVENT, "payload": {"x": EVERY_KEY}, "consumers": {"a": "b"}, "layers": {"python": "a.py"}},
}

# As text, so that no two places of a mutant share a value.
simple: st.SearchStrategy[Any] = st.sampled_from(
    ["null", "true", "false", "0", "1", "-1.5", '""', '"a"', '"string"', "[]", "{}", '"CQRS_QUERY"', '"DOMAIN_EVENT"']
).map(json.loads)
names = st.sampled_from([*EVERY_KEY, *COMMAND, "payload", "producers", "consumers", "http", "method", "x-a", "$ref"])
values: st.SearchStrategy[Any] = st.recursive(
    simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)


def containers(value: object) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for part in list(value.values()) if isinstance(value, dict) else value:
            yield from containers(part)


@st.composite
def mutants(draw: st.DrawFn, word: Word) -> Any:  # noqa: ANN401 - any JSON
    """Contracts in which up to three values were replaced, removed or added."""
    mutant = copy.deepcopy(draw(st.sampled_from([RICH[word], {**RICH[word], word: "X"}])))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(list(containers(mutant))))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace" if keys:
                place[draw(st.sampled_from(keys))] = draw(values)
            case "remove" if keys:
                del place[draw(st.sampled_from(keys))]
            case _ if isinstance(place, dict):
                place[draw(names)] = draw(values)
            case _:
                place.append(draw(values))
    return mutant

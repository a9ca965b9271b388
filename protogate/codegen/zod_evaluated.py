"""What a schema looks at, for `unevaluatedProperties` and `unevaluatedItems`.

Which parts of a value count as looked at depends on the value: a branch of `anyOf` counts when it accepts it. So the
answer is a list of conditions that the runtime module asks of each value (its `Evaluated`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protogate.codegen.zod_documents import Location
from protogate.codegen.zod_values import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.codegen.zod_expressions import Expression

__all__ = ["SchemaReader", "evaluated"]


class SchemaReader(Protocol):
    """What knows the dialect and the other documents."""

    @property
    def dialect(self) -> str:
        """Return `2020-12`, `2019-09` or `draft-07`."""
        raise NotImplementedError

    def write(self, schema: Any, place: Location, *, in_place: bool = True) -> Expression:  # noqa: ANN401 - any JSON
        """Return the expression of a schema."""
        raise NotImplementedError

    def effective(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keywords that count."""
        raise NotImplementedError

    def regex(self, pattern: object, place: Location) -> str:
        """Return a regular expression; empty when there is none."""
        raise NotImplementedError

    def follow(self, reference: object, place: Location) -> Location | None:
        """Return where a reference leads."""
        raise NotImplementedError

    def schema_at(self, place: Location) -> Any:  # noqa: ANN401 - any JSON
        """Return the value at a place."""
        raise NotImplementedError


def evaluated(reader: SchemaReader, schema: Mapping[str, Any], place: Location, keyword: str) -> list[str]:
    """Return what counts as looked at beside `keyword`, as values of the runtime."""
    return [*_Search(reader, keyword).everywhere(schema, place, frozenset())]


class _Search:
    def __init__(self, reader: SchemaReader, keyword: str) -> None:
        self._reader = reader
        self._keyword = keyword
        self._here = self._properties if keyword == "unevaluatedProperties" else self._items

    def everywhere(self, schema: object, place: Location, above: frozenset[Location]) -> Iterator[str]:
        """Yield what a schema and those that it applies to the same value look at."""
        if not isinstance(schema, dict) or place in above:
            return
        schema = self._reader.effective(schema)
        is_own = not above
        above |= {place}
        if self._keyword in schema and not is_own:
            yield "{ everything: true }"
        yield from self._here(schema, place)
        target = self._reader.follow(schema["$ref"], _in(place, "$ref")) if "$ref" in schema else None
        if target is not None:
            yield from self.everywhere(self._reader.schema_at(target), target, above)
        for index, one in enumerate(_list(schema.get("allOf"))):
            yield from self.everywhere(one, _in(place, "allOf", str(index)), above)
        yield from self._branches(schema, place, above)

    def _branches(self, schema: Mapping[str, Any], place: Location, above: frozenset[Location]) -> Iterator[str]:
        """Yield what is looked at only if a value is of some form."""
        for keyword in ("anyOf", "oneOf"):
            for index, one in enumerate(_list(schema.get(keyword))):
                where = _in(place, keyword, str(index))
                yield from _guarded(self._code(one, where), self.everywhere(one, where, above))
        if "if" in schema:
            where = _in(place, "if")
            test = self._code(schema["if"], where)
            yield from _guarded(test, self.everywhere(schema["if"], where, above))
            yield from _guarded(test, self.everywhere(schema.get("then"), _in(place, "then"), above))
            yield from _guarded(f"$.not({test})", self.everywhere(schema.get("else"), _in(place, "else"), above))
        for name, one in _dict(schema.get("dependentSchemas")).items():
            where = _in(place, "dependentSchemas", name)
            has_key = self._code({"type": "object", "required": [name]}, where)
            yield from _guarded(has_key, self.everywhere(one, where, above))

    def _properties(self, schema: Mapping[str, Any], place: Location) -> Iterator[str]:
        if "additionalProperties" in schema:
            yield "{ everything: true }"
        names = _dict(schema.get("properties"))
        if names:
            yield f"{{ keys: {literal(list(names))} }}"
        patterns = [self._reader.regex(one, place) for one in _dict(schema.get("patternProperties"))]
        if patterns:
            yield f"{{ patterns: [{', '.join(patterns)}] }}"

    def _items(self, schema: Mapping[str, Any], place: Location) -> Iterator[str]:
        is_2020 = self._reader.dialect == "2020-12"
        first, rest = ("prefixItems", "items") if is_2020 else ("items", "additionalItems")
        has_first = isinstance(schema.get(first), list)
        if (rest in schema and (is_2020 or has_first)) or (first in schema and not has_first):
            yield "{ everything: true }"
        elif has_first:
            yield f"{{ first: {len(schema[first])} }}"
        if is_2020 and "contains" in schema:
            yield f"{{ items: {self._code(schema['contains'], _in(place, 'contains'))} }}"

    def _code(self, schema: object, place: Location) -> str:
        # The schema is written as a part of the declaration too; what it refers to in place is known from there.
        return self._reader.write(schema, place, in_place=False).code


def _guarded(test: str, inside: Iterator[str]) -> Iterator[str]:
    found = [*inside]
    if found:
        yield f"{{ when: {test}, inside: [{', '.join(found)}] }}"


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _in(place: Location, *parts: str) -> Location:
    return Location(place.file, (*place.pointer, *parts))

"""What pydantic says of a model at run time, held against the shape that was read from its source.

Both sides are brought to the same facts, place by place: which types and values may stand there, whether null may,
which keys an object has, which of them must be there, what becomes of others.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

from protogate.crosscheck.shapes import (
    Altered,
    AnyOf,
    Anything,
    Choice,
    Items,
    Mapping,
    Primitive,
    Record,
    Shape,
    Unresolved,
)
from tests.support.pydantic_schemas import INVALID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


__all__ = ["Comparison", "Verdict", "compare"]

_Ours = TypeVar("_Ours")
_Theirs = TypeVar("_Theirs")
_Traits: TypeAlias = frozenset[object]

_NOT_IN_DOCUMENTS = ("not in documents", "")
_FOREIGN = ("has no place in documents", "is no model")
_UNION_KEYS = ("anyOf", "oneOf")


class Verdict(NamedTuple):
    """What became of one place: the root, a property, what stands in arrays and mappings belongs to them."""

    path: str
    outcome: Literal["equal", "unresolved", "wrong", "open"]
    """`open`: code stands in between, and pydantic says nothing of what it does either."""
    detail: str = ""


def compare(shape: Shape, schema: dict[str, Any]) -> list[Verdict]:
    """Return a verdict for each place that either side knows."""
    return list(Comparison(schema.get("$defs", {})).verdicts("", shape, schema))


class _Facts:
    """What may stand at one place."""

    def __init__(self) -> None:
        self.kinds: set[tuple[str, str]] = set()
        self.values: set[tuple[bool, object]] = set()
        self.has_null = False
        self.has_any = False
        self.problem = ""
        self.altered = ""
        self.foreign = ""
        self.arrays: list[tuple[Any, tuple[Any, ...]]] = []
        self.objects: list[Any] = []

    def flat(self) -> tuple[object, ...]:
        return (
            frozenset(self.kinds),
            frozenset(self.values),
            # Anything may be null too.
            self.has_null and not self.has_any,
            self.has_any,
            len(self.arrays),
            len(self.objects),
        )

    def traits(self, objects: Iterable[frozenset[object]], length: int) -> frozenset[object]:
        """What tells one array from another: what is in it, how long it is."""
        return frozenset(
            {
                *self.flat()[:4],
                ("length", length),
                ("arrays", len(self.arrays)),
                *(key for one in objects for key in one),
            }
        )

    def __str__(self) -> str:
        parts = [f"{kind}:{form}".rstrip(":") for kind, form in sorted(self.kinds)]
        parts += sorted(repr(value) for _, value in self.values)
        parts += ["null"] * self.has_null + ["any"] * self.has_any
        parts += ["array"] * len(self.arrays) + ["object"] * len(self.objects)
        return " | ".join(parts) or "nothing"


def _value_key(value: object) -> tuple[bool, object]:
    """1 and 1.0 are the same value of JSON, 1 and true are not."""
    return isinstance(value, bool), value if not isinstance(value, float) or not math.isnan(value) else "nan"


def _is_nothing(shape: Shape) -> bool:
    return isinstance(shape, Choice) and not shape.members


def _excused(verdict: Verdict) -> Verdict:
    return verdict._replace(outcome="unresolved") if verdict.outcome == "wrong" else verdict


def _paired(
    ours: list[_Ours],
    theirs: list[_Theirs],
    ours_of: Callable[[_Ours], _Traits],
    theirs_of: Callable[[_Theirs], _Traits],
) -> Iterator[tuple[_Ours, _Theirs]]:
    """Pair the members of unions by likeness: their order is no fact, `typing` remembers one union for both orders."""
    if len(ours) == 1:
        yield ours[0], theirs[0]
        return
    left = dict(enumerate((one, theirs_of(one)) for one in theirs))
    unlike: list[tuple[_Ours, _Traits]] = []
    for one in ours:
        traits = ours_of(one)
        same = next((at for at, (_, other) in left.items() if other == traits), None)
        if same is None:
            unlike.append((one, traits))
        else:
            yield one, left.pop(same)[0]
    for one, traits in unlike:
        likeness = {at: len(traits & other) / (len(traits | other) or 1) for at, (_, other) in left.items()}
        best = max(left, key=likeness.__getitem__)
        yield one, left.pop(best)[0]


def _keys_of_shape(shape: Record | Mapping) -> _Traits:
    if isinstance(shape, Mapping):
        return frozenset({("mapping",)})
    return frozenset({("name", shape.name.rpartition(".")[2]), *(one.name for one in shape.fields)})


def _keys_of_schema(found: tuple[str, dict[str, Any]]) -> _Traits:
    reference, schema = found
    is_mapping = "properties" not in schema and schema.get("additionalProperties") not in (None, False)
    if is_mapping:
        return frozenset({("mapping",)})
    name = re.split("__|/", reference)[-1]
    return frozenset({("name", name), *schema.get("properties", ())})


class Comparison:
    """Holds shapes against schemas that share definitions; each pair of a record and a definition once."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        """Compare nothing yet.

        Args:
            definitions: what `$ref` leads to, by name.
        """
        self._definitions = definitions
        self._seen: set[tuple[int, str, bool]] = set()
        self._records: list[tuple[str, Record, dict[str, Any], bool]] = []

    def verdicts(self, path: str, shape: Shape, schema: Any) -> Iterator[Verdict]:  # noqa: ANN401 - JSON
        """Give the verdicts on a place and on all below it that was not compared before.

        Code that alters a place excuses what is wrong in the record that stands there, not in the records below it.
        """
        yield from self._place(path, shape, schema)
        while self._records:
            at, record, found, is_altered = self._records.pop()
            if is_altered and not found.get("properties") and record.fields:
                yield Verdict(at, "open", "code makes the document")
            else:
                yield from (_excused(one) if is_altered else one for one in self._record(at, record, found))

    def properties(self, schema: Any) -> int:  # noqa: ANN401 - JSON
        """Return how many keys a schema has, at least one."""
        return max(1, len(self._resolved(schema)[1].get("properties", ())))

    def _place(self, path: str, shape: Shape, schema: Any) -> Iterator[Verdict]:  # noqa: ANN401 - JSON
        static, runtime = _Facts(), _Facts()
        self._add_shape(static, shape)
        self._add_schema(runtime, schema)
        if static.problem and static.problem == self._repeated(schema):
            # Both say that the type stands there again.
            yield Verdict(path, "equal")
            return
        doubt = static.problem or static.altered
        if doubt and str(runtime) == "any":
            yield Verdict(path, "open", doubt)
            return
        if static.problem:
            yield Verdict(path, "unresolved", static.problem)
            return
        if static.flat() != runtime.flat():
            outcome: Literal["unresolved", "wrong"] = "unresolved" if static.altered or static.foreign else "wrong"
            detail = static.foreign or f"static {static}, run time {runtime} {static.altered}".strip()
            yield Verdict(path, outcome, detail)
            return
        inner = [*self._arrays(path, static, runtime), *self._objects(path, static, runtime)]
        if static.altered:
            inner = list(map(_excused, inner))
        yield Verdict(path, "equal")
        yield from inner

    def _repeated(self, schema: Any) -> str:  # noqa: ANN401 - JSON
        """How the static side calls a type alias that stands in itself."""
        reference, _ = self._resolved(schema)
        return f"type '{reference.rpartition('/')[2]}' holds itself"

    def _arrays(self, path: str, static: _Facts, runtime: _Facts) -> Iterator[Verdict]:
        for ours, theirs in _paired(static.arrays, runtime.arrays, self._shape_array, self._schema_array):
            yield from self._parts(f"{path}[]", ours[0], theirs[0])
            if len(ours[1]) != len(theirs[1]):
                yield Verdict(path, "wrong", f"a tuple of {len(ours[1])}, at run time of {len(theirs[1])}")
                continue
            for index, (one, other) in enumerate(zip(ours[1], theirs[1], strict=True)):
                yield from self._parts(f"{path}[{index}]", one, other)

    def _parts(self, path: str, ours: Any, theirs: Any) -> Iterator[Verdict]:  # noqa: ANN401 - a shape, a schema
        """Verdicts on what stands in arrays and mappings; equal ones are no fields of their own."""
        if ours is None or theirs is None:
            return
        verdicts = list(self._place(path, ours, theirs))
        yield from (one for one in verdicts if one.path != path or one.outcome != "equal")

    def _objects(self, path: str, static: _Facts, runtime: _Facts) -> Iterator[Verdict]:
        for ours, theirs in _paired(static.objects, runtime.objects, _keys_of_shape, _keys_of_schema):
            reference, schema = theirs
            is_record = "properties" in schema or not isinstance(schema.get("additionalProperties"), (dict, bool))
            if isinstance(ours, Record) and not isinstance(schema.get("patternProperties"), dict):
                is_altered = bool(static.altered)
                pair = (id(ours), reference or path)
                if not self._seen.isdisjoint(((*pair, False), (*pair, is_altered))):
                    continue
                self._seen.add((*pair, is_altered))
                self._records.append((path, ours, schema, is_altered))
            elif isinstance(ours, Mapping) and not (is_record and "properties" in schema):
                yield from self._mapping(path, ours, schema)
            else:
                yield Verdict(path, "wrong", "a record and a mapping")

    def _mapping(self, path: str, ours: Mapping, schema: dict[str, Any]) -> Iterator[Verdict]:
        patterns = schema.get("patternProperties")
        values = next(iter(patterns.values())) if patterns else schema.get("additionalProperties", True)
        yield from self._parts(f"{path}{{}}", ours.values, {} if values is True else values)
        keys = schema.get("propertyNames")
        if keys is not None and not isinstance(ours.keys, Unresolved):
            found = self._resolved(keys)[1]
            if "enum" in found or "const" in found:
                wanted = {str(one) for one in found.get("enum", [found.get("const")])}
                known = {str(one.value) for one in ours.keys.members} if isinstance(ours.keys, Choice) else set()
                if wanted != known and not isinstance(ours.keys, Altered):
                    yield Verdict(f"{path}{{keys}}", "wrong", f"keys {sorted(known)}, at run time {sorted(wanted)}")

    def _record(self, path: str, ours: Record, schema: dict[str, Any]) -> Iterator[Verdict]:
        properties: dict[str, Any] = dict(schema.get("properties", {}))
        required = set(schema.get("required", ()))
        extra = schema.get("additionalProperties")
        expected = "ignore" if extra is None else "forbid" if extra is False else "allow"
        if ours.extra != expected:
            yield Verdict(path, "wrong", f"other keys: {ours.extra}, at run time {expected}")
        missing: list[str] = []
        for field in ours.fields:
            at = f"{path}.{field.name}"
            found = properties.pop(field.name, None)
            if found is None and isinstance(field.shape, Unresolved):
                properties.pop(field.python_name, None)
                missing.append(field.name)
                yield Verdict(at, "unresolved", field.shape.reason)
            elif found is None:
                yield self._left_out(at, field.shape)
            elif field.required != (field.name in required) and not isinstance(field.shape, Unresolved):
                yield Verdict(at, "wrong", f"required: {field.required}, at run time {not field.required}")
            else:
                yield from self._place(at, field.shape, found)
        for name in properties:
            # A key that an alias generator makes may be the one that could not be worked out.
            outcome: Literal["unresolved", "wrong"] = "unresolved" if missing else "wrong"
            yield Verdict(f"{path}.{name}", outcome, "a key at run time only")

    @staticmethod
    def _left_out(at: str, shape: Shape) -> Verdict:
        verdict = Verdict(at, "wrong", "there is no such key at run time")
        return _excused(verdict) if isinstance(shape, Altered) else verdict

    def _shape_array(self, array: tuple[Any, tuple[Any, ...]]) -> frozenset[object]:
        facts = _Facts()
        for one in (*([] if array[0] is None else [array[0]]), *array[1]):
            self._add_shape(facts, one)
        return facts.traits(map(_keys_of_shape, facts.objects), len(array[1]))

    def _schema_array(self, array: tuple[Any, tuple[Any, ...]]) -> frozenset[object]:
        facts = _Facts()
        for one in (*([] if array[0] is None else [array[0]]), *array[1]):
            self._add_schema(facts, one)
        return facts.traits(map(_keys_of_schema, facts.objects), len(array[1]))

    def _add_shape(self, facts: _Facts, shape: Shape) -> None:
        match shape:
            case Primitive():
                self._add_kind(facts, shape.kind, "", {"format": shape.format})
            case Anything():
                facts.has_any = True
            case Choice(members):
                self._add_values(facts, [member.value for member in members])
            case Items(items, prefix):
                facts.arrays.append((None if prefix or _is_nothing(items) else items, prefix))
            case Mapping() | Record():
                facts.objects += [] if any(one is shape for one in facts.objects) else [shape]
            case AnyOf(members):
                for one in members:
                    self._add_shape(facts, one)
            case Altered() | Unresolved():
                self._add_doubt(facts, shape)

    def _add_doubt(self, facts: _Facts, shape: Altered | Unresolved) -> None:
        if isinstance(shape, Altered):
            facts.altered = shape.by
            self._add_shape(facts, shape.shape)
        elif shape.reason.endswith(_FOREIGN):
            facts.kinds.add(_NOT_IN_DOCUMENTS)
            facts.foreign = f"{shape.reason} ({shape.place})"
        elif "holds itself" in shape.reason:
            facts.problem = shape.reason
        else:
            facts.problem = f"{shape.reason} ({shape.place})"

    def _add_schema(self, facts: _Facts, schema: Any) -> None:  # noqa: ANN401 - JSON
        reference, found = self._resolved(schema)
        if found in (True, {}) or not isinstance(found, dict):
            facts.has_any = True
            return
        if INVALID in found:
            facts.kinds.add(_NOT_IN_DOCUMENTS)
            return
        for key in _UNION_KEYS:
            if key in found:
                for one in found[key]:
                    self._add_schema(facts, one)
                return
        if "const" in found or "enum" in found:
            self._add_values(facts, found.get("enum", [found.get("const")]))
            return
        kinds = found.get("type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            self._add_kind(facts, kind, reference, found)

    def _add_kind(self, facts: _Facts, kind: object, reference: str, found: dict[str, Any]) -> None:
        if kind == "null":
            facts.has_null = True
        elif kind == "array":
            prefix = tuple(found.get("prefixItems", ()))
            is_closed = bool(prefix) or found.get("maxItems") == 0
            facts.arrays.append((None if is_closed else found.get("items", {}), prefix))
        elif kind == "object":
            facts.objects += [] if any(one == reference != "" for one, _ in facts.objects) else [(reference, found)]
        elif kind is None:
            facts.has_any = True
        else:
            facts.kinds.add((str(kind), found.get("format", "")))

    def _add_values(self, facts: _Facts, values: Iterable[object]) -> None:
        for value in values:
            if value is None:
                facts.has_null = True
            elif isinstance(value, (list, dict)):
                facts.kinds.add(("a value with parts", ""))
            else:
                facts.values.add(_value_key(value))

    def _resolved(self, schema: Any) -> tuple[str, Any]:  # noqa: ANN401 - JSON
        """The name of a definition and the definition itself."""
        reference = ""
        for _ in range(100):
            if not isinstance(schema, dict):
                break
            if "$ref" in schema:
                reference = schema["$ref"]
                schema = self._definitions.get(reference.removeprefix("#/$defs/"), {})
            elif len(schema.get("allOf", ())) == 1 and "type" not in schema:
                schema = schema["allOf"][0]
            else:
                break
        return reference, schema

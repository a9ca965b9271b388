"""JSON Schema to zod: one expression for each schema, together with the type of what it makes.

A schema is a list of conditions that all hold. Those of one kind of value (its length, its properties) become one zod
schema when `type` says which kind that is; everything else, and whatever zod has no word for, comes from the runtime
module, which generated code knows as `$`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from protogate.codegen.zod_documents import Location, Pointer
from protogate.codegen.zod_evaluated import evaluated
from protogate.codegen.zod_patterns import PatternError, ecma_pattern
from protogate.codegen.zod_values import (
    certainly_accepts,
    comment_text,
    is_inherited,
    json_kind,
    key,
    literal,
    literal_type,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.codegen.zod_documents import DocumentSet

__all__ = ["ANYTHING", "Expression", "ExpressionWriter", "Surroundings"]


class Expression(NamedTuple):
    """A zod schema in TypeScript."""

    code: str
    type: str
    """The type of what it makes of a value."""


class Surroundings(Protocol):
    """What an expression needs of the module that it stands in."""

    def reference(self, target: Location, *, in_place: bool) -> Expression:
        """Return what refers to another schema; `in_place` says that it is about the same value."""
        raise NotImplementedError

    def error(self, rule: str, place: Location, message: str, hint: str = "") -> None:
        """Report what cannot be translated at all."""

    def warning(self, rule: str, place: Location, message: str, hint: str = "") -> None:
        """Report what a schema says and its translation does not."""


ANYTHING: Final = Expression("z.unknown()", "unknown")
_NOTHING: Final = Expression("z.never()", "never")
_NULL: Final = Expression("z.null()", "null")

_KINDS: Final = ("null", "boolean", "integer", "number", "string", "array", "object")
_IGNORED: Final = frozenset(
    """
    $anchor $comment $defs $id $schema $vocabulary contentEncoding contentMediaType contentSchema default definitions
    deprecated description discriminator example examples externalDocs readOnly title writeOnly xml
    """.split()  # noqa: SIM905 - two dozen strings are harder to read
)
"""Keywords that refuse no value: the standard calls them annotations, or OpenAPI adds them."""
_OF_STRINGS: Final = frozenset({"minLength", "maxLength", "pattern", "format"})
_OF_NUMBERS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_OF_ARRAYS: Final = frozenset({"items", "prefixItems", "additionalItems", "minItems", "maxItems"})
_OF_OBJECTS: Final = frozenset({"properties", "required", "additionalProperties", "patternProperties"})
_OF_ANY: Final = frozenset(
    """
    $ref allOf anyOf const contains dependencies dependentRequired dependentSchemas else enum if maxContains
    maxProperties minContains minProperties not nullable oneOf propertyNames then type unevaluatedItems
    unevaluatedProperties uniqueItems
    """.split()  # noqa: SIM905 - as above
)
_KNOWN: Final = _IGNORED | _OF_STRINGS | _OF_NUMBERS | _OF_ARRAYS | _OF_OBJECTS | _OF_ANY
_SINCE_2019: Final = frozenset(
    """
    dependentRequired dependentSchemas maxContains minContains prefixItems unevaluatedItems unevaluatedProperties
    """.split()  # noqa: SIM905 - as above
)
_UNTIL_2019: Final = frozenset({"dependencies"})
_REFUSED: Final = {
    "$dynamicRef": "is decided when a value is read; write $ref",
    "$recursiveRef": "is decided when a value is read; write $ref",
}
_FORMATS: Final = {
    "base64": "base64", "base64url": "base64url", "byte": "base64", "date": "date", "date-time": "date-time",
    "duration": "duration", "email": "email", "hostname": "hostname", "ipv4": "ipv4", "ipv6": "ipv6",
    "ipvanyaddress": "ip", "json-pointer": "json-pointer", "regex": "regex", "time": "time", "uri": "uri",
    "uri-reference": "uri-reference", "uuid": "uuid", **{f"uuid{version}": "uuid" for version in range(1, 9)},
}  # fmt: skip
"""The runtime's name by that of JSON Schema, OpenAPI or pydantic."""
_UNRESTRICTED: Final = frozenset({"binary", "password", "path", "file-path", "directory-path", "textarea"})
"""Formats that every text has: they say what it is for."""


class ExpressionWriter:
    """Writes the expressions of one document."""

    def __init__(self, documents: DocumentSet, dialect: str, module: Surroundings) -> None:
        self._documents: Final = documents
        self.dialect: Final = dialect
        self._module: Final = module
        self._known: Final = _KNOWN - (_SINCE_2019 if dialect == "draft-07" else _UNTIL_2019)

    def write(self, schema: Any, place: Location, *, in_place: bool = True) -> Expression:  # noqa: ANN401 - any JSON
        """Return the expression of a schema.

        Args:
            schema: any JSON value; what is no schema is reported.
            place: where it stands.
            in_place: whether it is about the value that the declaration is about, rather than a part of it.
        """
        if isinstance(schema, bool):
            return ANYTHING if schema else _NOTHING
        if not isinstance(schema, dict):
            self._wrong(place, "is no schema; write an object, true or false")
            return ANYTHING
        if "$ref" in schema and self.dialect == "draft-07":
            return self._only_reference(schema, place, in_place=in_place)
        self._look_at_keywords(schema, place)
        return _all([*self._conditions(self.effective(schema), place, in_place=in_place)])

    def effective(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keywords that the dialect of the document knows."""
        return {keyword: value for keyword, value in schema.items() if keyword in self._known}

    def _only_reference(self, schema: Mapping[str, Any], place: Location, *, in_place: bool) -> Expression:
        """In draft-07 nothing beside a reference counts."""
        for keyword in sorted(schema.keys() - _IGNORED - {"$ref"}):
            if keyword in _KNOWN:
                self._module.warning(
                    "codegen/zod-beside-ref",
                    _in(place, keyword),
                    f"{keyword} beside $ref does not count in draft-07",
                    "put the $ref into an allOf",
                )
        return self._reference(schema["$ref"], _in(place, "$ref"), in_place=in_place)

    def _look_at_keywords(self, schema: Mapping[str, Any], place: Location) -> None:
        for keyword in schema:
            if keyword in _REFUSED:
                self._module.error("codegen/zod-unsupported", _in(place, keyword), f"{keyword} {_REFUSED[keyword]}")
            elif keyword not in self._known and not keyword.startswith(("x-", "$dynamicAnchor", "$recursiveAnchor")):
                self._module.warning(
                    "codegen/zod-unknown-keyword",
                    _in(place, keyword),
                    f"{keyword} is no keyword of {self.dialect}",
                    "it restricts nothing; correct it, or begin it with x-",
                )

        if schema.get("nullable") is True and "type" not in schema:
            self._module.warning(
                "codegen/zod-unknown-keyword",
                _in(place, "nullable"),
                "nullable adds null to a type, and there is none beside it",
                'write anyOf with {"type": "null"}',
            )

    def _conditions(self, schema: Mapping[str, Any], place: Location, *, in_place: bool) -> Iterator[Expression]:
        values = self._values(schema, place)
        if values is not None:
            yield values
        of_kinds = self._of_kinds(schema, place, is_listed=values is not None)
        if of_kinds is not None:
            yield of_kinds
        if "$ref" in schema:
            yield self._reference(schema["$ref"], _in(place, "$ref"), in_place=in_place)
        yield from self._combined(schema, place, in_place=in_place)
        yield from self._of_whole_arrays(schema, place)
        yield from self._of_whole_objects(schema, place, in_place=in_place)
        yield from self._unevaluated(schema, place)

    # Values and kinds

    def _values(self, schema: Mapping[str, Any], place: Location) -> Expression | None:
        """What `enum` and `const` leave of the values, and `type` of those."""
        lists = [[schema["const"]]] if "const" in schema else []
        if "enum" in schema:
            if not isinstance(schema["enum"], list):
                self._wrong(_in(place, "enum"), "is no list of values")
                return None
            lists.append(schema["enum"])
        if not lists:
            return None
        kinds = self._kinds(schema, place)
        left: list[Any] = []
        for value in lists[0]:
            is_in_all = all(any(same(value, one) for one in other) for other in lists[1:])
            if is_in_all and _has_kind(value, kinds) and not any(same(value, one) for one in left):
                left.append(value)
        try:
            for value in left:
                self._look_at_precision(value, place)
            return _literals(left)
        except (ValueError, OverflowError) as error:
            self._wrong(_in(place, "enum"), str(error))
            return None

    def _kinds(self, schema: Mapping[str, Any], place: Location) -> tuple[str, ...] | None:
        """The kinds of values that `type` allows; None for all."""
        if "type" not in schema:
            return None
        given = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not given or not all(isinstance(one, str) and one in _KINDS for one in given):
            self._wrong(_in(place, "type"), f"is {schema['type']!r}; use one of {', '.join(_KINDS)}, or a list of them")
            return None
        kinds = [kind for kind in dict.fromkeys(given) if not (kind == "integer" and "number" in given)]
        if schema.get("nullable") is True and "null" not in kinds:
            kinds.append("null")
        return tuple(kinds)

    def _of_kinds(self, schema: Mapping[str, Any], place: Location, *, is_listed: bool) -> Expression | None:
        """What `type` and the keywords that are about one kind of value say."""
        kinds = self._kinds(schema, place)
        writers = {
            "string": (_OF_STRINGS, self._string),
            "number": (_OF_NUMBERS, self._number),
            "integer": (_OF_NUMBERS, self._integer),
            "array": (_OF_ARRAYS, self._array),
            "object": (_OF_OBJECTS, self._object),
        }
        if kinds is None or is_listed:
            # `enum` has looked at the type already.
            found = {
                kind: writers[kind][1](schema, place)
                for kind in ("string", "number", "array", "object")
                if schema.keys() & writers[kind][0]
            }
            arms = ", ".join(f"{kind}: {arm.code}" for kind, arm in found.items() if arm.code != _PLAIN.get(kind))
            return Expression(f"$.where({{ {arms} }})", "unknown") if arms else None
        if "format" in schema and "string" not in kinds and schema["format"] not in _FORMATS:
            self._format(schema["format"], _in(place, "format"))
        simple = {"null": _NULL, "boolean": Expression("z.boolean()", "boolean")}
        found_arms = [simple[kind] if kind in simple else writers[kind][1](schema, place) for kind in kinds]
        return _any(found_arms)

    def _string(self, schema: Mapping[str, Any], place: Location) -> Expression:
        code = "z.string()"
        least, most = self._count(schema, "minLength", place), self._count(schema, "maxLength", place)
        if (least or 0) > 1 or (most or 0) > 0:
            # Characters, where zod counts code units; about empty texts both say the same.
            code += f".check($.length({_bounds(least or 0, most)}))"
        else:
            code += f"{'.min(1)' if least else ''}{'.max(0)' if most == 0 else ''}"
        if "pattern" in schema:
            pattern = self.regex(schema["pattern"], _in(place, "pattern"))
            code += f".regex({pattern})" if pattern else ""
        if "format" in schema:
            code += self._format(schema["format"], _in(place, "format"))
        return Expression(code, "string")

    def _format(self, name: object, place: Location) -> str:
        if not isinstance(name, str):
            self._wrong(place, "is no text")
        elif name in _FORMATS:
            return f".check($.format({literal(_FORMATS[name])}))"
        elif name not in _UNRESTRICTED:
            self._module.warning(
                "codegen/zod-format", place, f"format {name!r} is not checked", "say it by a pattern as well"
            )
        return ""

    def regex(self, pattern: object, place: Location) -> str:
        """Return a regular expression; empty when there is none."""
        if not isinstance(pattern, str):
            self._wrong(place, "is no text")
            return ""
        try:
            return f'new RegExp({literal(ecma_pattern(pattern))}, "u")'
        except PatternError as error:
            self._module.error(
                "codegen/zod-pattern",
                place,
                f"{pattern!r} is no regular expression of ECMAScript: {error}",
                "write it as ECMAScript with the u flag does",
            )
            return ""

    def _integer(self, schema: Mapping[str, Any], place: Location) -> Expression:
        number = self._number(schema, place)
        return Expression(f"{number.code}.check($.integer())", "number")

    def _number(self, schema: Mapping[str, Any], place: Location) -> Expression:
        code = "z.number()"
        methods = {"minimum": "gte", "maximum": "lte", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
        for keyword, method in methods.items():
            limit = self._limit(schema, keyword, place)
            code += f".{method}({limit})" if limit else ""
        step = self._limit(schema, "multipleOf", place)
        if step and schema["multipleOf"] <= 0:
            self._wrong(_in(place, "multipleOf"), f"is {step}; write a number above 0")
        elif step:
            code += f".check($.multipleOf({step}))"
        return Expression(code, "number")

    def _array(self, schema: Mapping[str, Any], place: Location) -> Expression:
        first, rest, rest_place = self._items(schema, place)
        least, most = self._count(schema, "minItems", place) or 0, self._count(schema, "maxItems", place)
        items = self.write(rest, rest_place, in_place=False)
        if not first:
            code = f"z.array({items.code})"
            return Expression(code + _sizes(least, most), f"{_grouped(items.type)}[]")
        shown = first if most is None else first[:most]
        codes, types = [], []
        for index, one in enumerate(shown):
            required = index < least
            codes.append(one.code if required else f"{one.code}.optional()")
            types.append(one.type if required else f"({one.type} | undefined)?")
        code = f"z.tuple([{', '.join(codes)}])"
        if items is not _NOTHING and (most is None or most > len(first)):
            code += f".rest({items.code})"
            types.append(f"...{_grouped(items.type)}[]")
        made = Expression(code, f"[{', '.join(types)}]")
        fills_in = any(not one.code.startswith(_NEVER_ABSENT) for one in first[:least])
        if fills_in or least > len(shown) or (most is not None and most > len(first)):
            # A tuple of zod has no sizes of its own, and takes an item that is absent for `undefined`.
            return _all([made, Expression(f"z.array(z.unknown()){_sizes(least, most)}", "unknown")])
        return made

    def _items(self, schema: Mapping[str, Any], place: Location) -> tuple[list[Expression], Any, Location]:
        """Schemas of the first items, that of all others, and its place."""
        keyword, rest_keyword = ("prefixItems", "items")
        if self.dialect != "2020-12":
            keyword, rest_keyword = ("items", "additionalItems")
            if not isinstance(schema.get("items"), list):
                return [], schema.get("items", True), _in(place, "items")
        elif isinstance(schema.get("items"), list):
            self._wrong(_in(place, "items"), "is a list; that is prefixItems in 2020-12")
            return [], True, place
        listed = self._schemas(schema, keyword, place, in_place=False) if keyword in schema else []
        return listed, schema.get(rest_keyword, True), _in(place, rest_keyword)

    def _object(self, schema: Mapping[str, Any], place: Location) -> Expression:
        properties = self._table(schema, "properties", place)
        patterns = self._table(schema, "patternProperties", place)
        required = self._names(schema, "required", place)
        rest = self.write(schema.get("additionalProperties", True), _in(place, "additionalProperties"), in_place=False)
        members = [
            self._member(name, one, _in(place, "properties", name), is_required=name in required)
            for name, one in properties.items()
        ]
        undeclared = [name for name in required if name not in properties]
        is_typed_rest = rest is not ANYTHING and rest is not _NOTHING and bool(properties or required)
        # The type that zod gives a `catchall` wants every property to be of the type of the rest as well.
        if patterns or is_typed_rest or any(is_inherited(name) for name in (*properties, *required)):
            return self._odd_object(members, patterns, required, rest, place)
        members += [_Member(name, rest.code, f"{key(name)}: {rest.type}") for name in undeclared]
        return _plain_object(members, rest)

    def _odd_object(
        self,
        members: Sequence[_Member],
        patterns: Mapping[str, Any],
        required: Sequence[str],
        rest: Expression,
        place: Location,
    ) -> Expression:
        rules = []
        if required:
            rules.append(f"required: {literal(list(required))}")
        if patterns:
            found = [
                (self.regex(text, _in(place, "patternProperties", text)), _in(place, "patternProperties", text), one)
                for text, one in patterns.items()
            ]
            pairs = ", ".join(
                f"[{pattern}, {self.write(one, where, in_place=False).code}]"
                for pattern, where, one in found
                if pattern
            )
            rules.append(f"patterns: [{pairs}]")
        if rest is not ANYTHING:
            rules.append(f"rest: {rest.code}")
        return Expression(
            f"$.object({_braces(member.code_line for member in members)}, {{ {', '.join(rules)} }})",
            _braces([*(member.type_line for member in members), "[key: string]: unknown;"]),
        )

    def _member(self, name: str, schema: Any, place: Location, *, is_required: bool) -> _Member:  # noqa: ANN401 - JSON
        made = self.write(schema, place, in_place=False)
        docs = _comment(schema)
        if is_required:
            return _Member(name, made.code, f"{key(name)}: {made.type}", docs)
        if isinstance(schema, dict) and "default" in schema:
            default = self._default(schema, place)
            if default is not None:
                return _Member(name, f"{made.code}.default({default})", f"{key(name)}: {made.type}", docs)
        return _Member(name, f"{made.code}.optional()", f"{key(name)}?: {made.type} | undefined", docs)

    def _default(self, schema: Mapping[str, Any], place: Location) -> str | None:
        """The value that is filled in; none when it might not be one that the schema accepts."""

        def resolve(reference: object) -> object:
            # Beside a reference of another document others may stand: their places are not known here.
            if not isinstance(reference, str) or not reference.startswith("#"):
                raise LookupError(reference)
            return self._documents.at(self._documents.resolve(reference, place))

        value = schema["default"]
        try:
            if certainly_accepts(schema, value, resolve):
                return literal(value)
        except (ValueError, OverflowError, RecursionError):
            pass
        self._module.warning(
            "codegen/zod-default",
            _in(place, "default"),
            "the default is not filled in: the schema does not, or not certainly, accept it",
            "the property stays optional",
        )
        return None

    # Conditions on whole values

    def _combined(self, schema: Mapping[str, Any], place: Location, *, in_place: bool) -> Iterator[Expression]:
        if "allOf" in schema:
            yield from self._schemas(schema, "allOf", place, in_place=in_place)
        if "anyOf" in schema:
            yield _any(self._schemas(schema, "anyOf", place, in_place=in_place))
        if "oneOf" in schema:
            yield _exactly_one(self._schemas(schema, "oneOf", place, in_place=in_place))
        if "not" in schema:
            refused = self.write(schema["not"], _in(place, "not"), in_place=in_place)
            yield Expression(f"$.not({refused.code})", "unknown")
        if "if" in schema and ("then" in schema or "else" in schema):
            test, then, otherwise = (
                self.write(schema.get(keyword, True), _in(place, keyword), in_place=in_place).code
                for keyword in ("if", "then", "else")
            )
            yield Expression(f"$.when({test}, {then}, {otherwise})", "unknown")

    def _of_whole_arrays(self, schema: Mapping[str, Any], place: Location) -> Iterator[Expression]:
        if schema.get("uniqueItems") is True:
            yield Expression("$.unique()", "unknown")
        if "contains" not in schema:
            return
        item = self.write(schema["contains"], _in(place, "contains"), in_place=False)
        least: int | None = 1
        most: int | None = None
        if self.dialect != "draft-07":
            found = self._count(schema, "minContains", place)
            least, most = 1 if found is None else found, self._count(schema, "maxContains", place)
        yield Expression(f"$.contains({item.code}, {_bounds(least or 0, most)})", "unknown")

    def _of_whole_objects(self, schema: Mapping[str, Any], place: Location, *, in_place: bool) -> Iterator[Expression]:
        least, most = self._count(schema, "minProperties", place), self._count(schema, "maxProperties", place)
        if least or most is not None:
            yield Expression(f"$.properties({_bounds(least or 0, most)})", "unknown")
        if "propertyNames" in schema:
            names = self.write(schema["propertyNames"], _in(place, "propertyNames"), in_place=False)
            yield Expression(f"$.names({names.code})", "unknown")
        together, given = self._dependencies(schema, place)
        if together:
            yield Expression(f"$.together({literal([list(pair) for pair in together.items()])})", "unknown")
        for name, where, one in given:
            then = self.write(one, where, in_place=in_place)
            yield Expression(f"$.given({literal(name)}, {then.code})", "unknown")

    def _dependencies(
        self, schema: Mapping[str, Any], place: Location
    ) -> tuple[dict[str, list[str]], list[tuple[str, Location, Any]]]:
        """Keys that go with a key, and schemas that do; in draft-07 one keyword says both."""
        together: dict[str, list[str]] = {}
        given: list[tuple[str, Location, Any]] = []
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            if keyword not in schema:
                continue
            for name, one in self._table(schema, keyword, place).items():
                where = _in(place, keyword, name)
                if keyword == "dependentSchemas" or (keyword == "dependencies" and not isinstance(one, list)):
                    given.append((name, where, one))
                elif isinstance(one, list) and all(isinstance(other, str) for other in one):
                    together[name] = [*together.get(name, []), *one]
                else:
                    self._wrong(where, "is no list of names")
        return together, given

    def _unevaluated(self, schema: Mapping[str, Any], place: Location) -> Iterator[Expression]:
        for keyword, name in (("unevaluatedProperties", "otherProperties"), ("unevaluatedItems", "otherItems")):
            if schema.get(keyword, True) is not True:
                rest = self.write(schema[keyword], _in(place, keyword), in_place=False)
                seen = ", ".join(evaluated(self, schema, place, keyword))
                yield Expression(f"$.{name}([{seen}], {rest.code})", "unknown")

    # References, keywords and their values

    def follow(self, reference: object, place: Location) -> Location | None:
        """Return where a reference leads; None when nowhere."""
        try:
            return self._documents.resolve(reference, place) if isinstance(reference, str) else None
        except LookupError:
            return None

    def schema_at(self, place: Location) -> Any:  # noqa: ANN401 - any JSON
        """Return the value at a place that `follow` has found."""
        return self._documents.at(place)

    def _reference(self, reference: object, place: Location, *, in_place: bool) -> Expression:
        if not isinstance(reference, str):
            self._wrong(place, "is no text")
            return ANYTHING
        target = self.follow(reference, place)
        if target is None:
            self._module.error(
                "codegen/zod-unresolved",
                place,
                f"{reference!r} leads to no schema of the directory",
                "add the document that it names",
            )
            return ANYTHING
        return self._module.reference(target, in_place=in_place)

    def _schemas(self, schema: Mapping[str, Any], keyword: str, place: Location, *, in_place: bool) -> list[Expression]:
        listed = schema[keyword]
        if not isinstance(listed, list) or not listed:
            self._wrong(_in(place, keyword), "is no list of schemas")
            return [ANYTHING]
        return [self.write(one, _in(place, keyword, str(index)), in_place=in_place) for index, one in enumerate(listed)]

    def _table(self, schema: Mapping[str, Any], keyword: str, place: Location) -> Mapping[str, Any]:
        table = schema.get(keyword, {})
        if isinstance(table, dict):
            return table
        self._wrong(_in(place, keyword), "is no object")
        return {}

    def _names(self, schema: Mapping[str, Any], keyword: str, place: Location) -> list[str]:
        listed = schema.get(keyword, [])
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return list(dict.fromkeys(listed))
        self._wrong(_in(place, keyword), f"is {listed!r}; write a list of names")
        return []

    def _count(self, schema: Mapping[str, Any], keyword: str, place: Location) -> int | None:
        value = schema.get(keyword)
        if value is None and keyword not in schema:
            return None
        if json_kind(value) != "integer" or value < 0:  # type: ignore[operator] # an integer is a number
            self._wrong(_in(place, keyword), f"is {value!r}; write a whole number from 0")
            return None
        return int(value)  # type: ignore[arg-type] # as above

    def _limit(self, schema: Mapping[str, Any], keyword: str, place: Location) -> str:
        """A number as TypeScript; empty without the keyword."""
        if keyword not in schema:
            return ""
        value = schema[keyword]
        if json_kind(value) not in {"integer", "number"}:
            self._wrong(_in(place, keyword), f"is {value!r}; write a number")
            return ""
        try:
            text = literal(value)
        except (ValueError, OverflowError):
            self._wrong(_in(place, keyword), f"is {value!r}, which is no number of JavaScript")
            return ""
        self._look_at_precision(value, _in(place, keyword))
        return text

    def _look_at_precision(self, value: Any, place: Location) -> None:  # noqa: ANN401 - any JSON
        if isinstance(value, int) and int(float(value)) != value:
            self._module.warning(
                "codegen/zod-precision",
                place,
                f"{value} becomes {int(float(value))}: JavaScript has no such number",
                "write numbers beyond 2^53 as texts",
            )

    def _wrong(self, place: Location, message: str) -> None:
        self._module.error("codegen/zod-wrong-shape", place, message)


_PLAIN: Final = {
    "string": "z.string()",
    "number": "z.number()",
    "array": "z.array(z.unknown())",
    "object": "z.looseObject({})",
}


_NEVER_ABSENT: Final = (
    *("z.string(", "z.number(", "z.boolean(", "z.null(", "z.enum(", "z.literal("),
    *("z.array(", "z.tuple(", "z.object(", "z.looseObject(", "z.strictObject("),
)
"""How expressions begin that refuse `undefined`."""


class _Member(NamedTuple):
    name: str
    code: str
    type: str
    docs: str = ""

    @property
    def code_line(self) -> str:
        return f"{self.docs}{key(self.name)}: {self.code},"

    @property
    def type_line(self) -> str:
        return f"{self.docs}{self.type};"


def _plain_object(members: Sequence[_Member], rest: Expression) -> Expression:
    shape = _braces(member.code_line for member in members)
    own = [member.type_line for member in members]
    if rest is ANYTHING:
        return Expression(f"z.looseObject({shape})", _braces([*own, "[key: string]: unknown;"]))
    if rest is _NOTHING:
        return Expression(f"z.strictObject({shape})", _braces(own) if own else "{ [key: string]: never }")
    return Expression(f"z.object({shape}).catchall({rest.code})", f"{{ [key: string]: {rest.type} }}")


def _braces(lines: Iterable[str]) -> str:
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{{\n  {body}\n}}" if body else "{}"


def _comment(schema: object) -> str:
    """The description of a property as a comment above it."""
    text = schema.get("description") if isinstance(schema, dict) else None
    if not isinstance(text, str) or not text.strip():
        return ""
    return f"/** {' '.join(comment_text(text).split())} */\n"


def _all(conditions: Sequence[Expression]) -> Expression:
    told = [one for one in dict.fromkeys(conditions) if one is not ANYTHING]
    if not told:
        return ANYTHING
    if len(told) == 1:
        return told[0]
    types = [one.type for one in told if one.type != "unknown"]
    return Expression(
        f"$.all({', '.join(one.code for one in told)})", " & ".join(map(_grouped, types)) if types else "unknown"
    )


def _any(choices: Sequence[Expression]) -> Expression:
    told = list(dict.fromkeys(choices))
    others = [one for one in told if one != _NULL]
    if len(told) == 1:
        return told[0]
    if len(others) == 1:
        return Expression(f"{others[0].code}.nullable()", f"{others[0].type} | null")
    return Expression(f"z.union([{', '.join(one.code for one in told)}])", _union(told))


def _exactly_one(choices: Sequence[Expression]) -> Expression:
    if len(choices) == 1:
        return choices[0]
    return Expression(f"$.exactlyOne({', '.join(one.code for one in choices)})", _union(choices))


def _union(choices: Sequence[Expression]) -> str:
    return " | ".join(dict.fromkeys(one.type for one in choices))


def _literals(values: Sequence[Any]) -> Expression:
    if not values:
        return _NOTHING
    if values == [None]:
        return _NULL
    listed = ", ".join(map(literal, values))
    if any(isinstance(value, (list, dict)) for value in values):
        return Expression(f"$.listed({listed})", "unknown")
    types = " | ".join(map(literal_type, values))
    if len(values) == 1:
        return Expression(f"z.literal({listed})", types)
    if all(isinstance(value, str) for value in values):
        return Expression(f"z.enum([{listed}])", types)
    return Expression(f"z.literal([{listed}])", types)


def _has_kind(value: object, kinds: Sequence[str] | None) -> bool:
    kind = json_kind(value)
    return kinds is None or kind in kinds or (kind == "integer" and "number" in kinds)


def _bounds(least: int, most: int | None) -> str:
    return f"{least}" if most is None else f"{least}, {most}"


def _sizes(least: int, most: int | None) -> str:
    return f"{f'.min({least})' if least else ''}{f'.max({most})' if most is not None else ''}"


def _grouped(text: str) -> str:
    """A type that may stand before `[]` or between `&`."""
    is_compound = " | " in text or " & " in text
    # Everything inside of an object is indented.
    is_one_object = text.startswith("{\n") and text.endswith("\n}") and text.count("\n}") == 1
    return f"({text})" if is_compound and not is_one_object else text


def _in(place: Location, *parts: str) -> Location:
    return Location(place.file, Pointer((*place.pointer, *parts)))

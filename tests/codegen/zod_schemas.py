"""Random schemas, and documents that are near to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

__all__ = ["FORMATS", "documents_for", "random_schema"]

KEYS = ["a", "b", "c-d", "x-1", "constructor", "é"]
TEXTS = ["", "a", "ab", "abc", "😀", "😀😀", "12", "a/b", "x\ny", "é"]
NUMBERS = [0, 1, 2, -1, 3, 10, 0.5, 1.5, 1e3, 0.1, 0.3, -2.5, 2**53, 1e15]
PATTERNS = ["^a", "b$", "^[a-z]*$", "\\d", "a/b", "^x-", "^.$", "\\w\\-?", "é|\\u{1F600}", "^(?:a|b)+$", "[^a]"]
FORMATS = {
    "date-time": ["2024-02-29T12:00:00Z", "2023-02-29T12:00:00Z", "2024-01-01t00:00:00.5+02:00", "2024-01-01",
                  "2024-13-01T00:00:00Z", "2016-12-31T23:59:60Z", "2016-12-31T22:59:60Z", "2024-01-01T25:00:00Z"],
    "date": ["2024-02-29", "2023-02-29", "2024-1-1", "1900-02-29", "2000-02-29", "2024-00-10", "2024-04-31"],
    "time": ["12:00:00Z", "23:59:60Z", "24:00:00Z", "12:00:00+05:30", "12:00Z", "12:60:00Z", "12:00:00.123Z"],
    "duration": ["P1D", "PT1H", "P1Y2M3DT4H5M6S", "P", "PT", "P1W", "1D", "P1DT", "PT5", "P1S"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "123e4567e89b12d3a456",
             "00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-42661417400g"],
    "email": ["a@example.com", "a.b+c@sub.example.org", "a@", "@b.com", "a b@example.com", "a..b@example.com",
              "plain", "a@b@c.com", "a@-b.com"],
    "uri": ["https://example.com/a?b#c", "urn:isbn:0451450523", "http://[::1]:80/", "/relative", "http://a b",
            "http://example.com/%zz", "mailto:a@example.com", "://x", "1http://x", "http://ex.com/#a#b"],
    "ipv4": ["127.0.0.1", "256.1.1.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "0.0.0.0", "1.2.3.4 "],  # noqa: S104 - a text
    "ipv6": ["::1", "::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1::2::3", "::ffff:1.2.3.4", "12345::", "fe80::1%eth0",
             "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", ":1", "1.2.3.4"],
    "hostname": ["example.com", "a", "-a.com", "a-.com", "a_b.com", "x" * 64 + ".com", "a.b.c"],
    "json-pointer": ["", "/a/b", "/a~0b", "/a~2", "a"],
    "regex": ["^a$", "(", "[a-z]+", "*"],
    "uri-reference": ["/a/b", "a?b", "#c", "//host/path", "\\\\x", "a b", "http://x"],
}  # fmt: skip


def random_schema(rng: random.Random, *, draft: str) -> dict[str, Any]:
    """A whole document with definitions that schemas in it refer to."""
    keyword = "definitions" if draft == "draft-07" else "$defs"
    uri = (
        "http://json-schema.org/draft-07/schema#"
        if draft == "draft-07"
        else "https://json-schema.org/draft/2020-12/schema"
    )
    maker = _Maker(rng, draft, f"#/{keyword}/")
    definitions = {
        "text": {"type": "string", "maxLength": rng.randint(1, 3)},
        "tree": {
            "type": "object",
            "properties": {"a": maker.schema(1), "kids": {"type": "array", "items": {"$ref": f"#/{keyword}/tree"}}},
        },
    }
    made = maker.schema(3)
    root = made if isinstance(made, dict) and made else {"not": False}
    return {"$schema": uri, keyword: definitions, **root}


def documents_for(schema: dict[str, Any], rng: random.Random, count: int) -> list[str]:
    """Documents as text, half of which look like what the schema wants."""
    root = schema
    made = [_near(schema, root, rng, 4) if index % 3 else _value(rng, 3) for index in range(count)]
    return list(dict.fromkeys(json.dumps(one) for one in made))


class _Maker:
    def __init__(self, rng: random.Random, draft: str, definitions: str) -> None:
        self.rng = rng
        self.draft = draft
        self.definitions = definitions

    def schema(self, depth: int) -> Any:  # noqa: ANN401 - any JSON
        rng = self.rng
        if depth <= 0:
            return rng.choice([True, {"type": "string"}, {"type": "integer"}, {"const": 1}, False, {"type": "null"}])
        if rng.random() < 0.08:
            return {"$ref": self.definitions + "tree"} if rng.random() < 0.5 else {"$ref": self.definitions + "text"}
        made: dict[str, Any] = {}
        kinds = ["string", "number", "integer", "boolean", "null", "array", "object"]
        chosen = rng.sample(kinds, rng.choice([1, 1, 1, 2, 3]))
        if rng.random() < 0.75:
            made["type"] = chosen[0] if len(chosen) == 1 else chosen
        for kind in chosen:
            getattr(self, f"add_{kind}", lambda *_: None)(made, depth)
        self.add_values(made)
        self.add_combinations(made, depth)
        return made

    def some(self, chance: float) -> bool:
        return self.rng.random() < chance

    def add_values(self, made: dict[str, Any]) -> None:
        if self.some(0.08):
            made["enum"] = [_value(self.rng, 1) for _ in range(self.rng.randint(1, 4))]
        elif self.some(0.05):
            made["const"] = _value(self.rng, 1)

    def add_combinations(self, made: dict[str, Any], depth: int) -> None:
        for keyword in ("allOf", "anyOf", "oneOf"):
            if self.some(0.1):
                made[keyword] = [self.schema(depth - 1) for _ in range(self.rng.randint(1, 3))]
        if self.some(0.06):
            made["not"] = self.schema(depth - 1)
        if self.some(0.06):
            made["if"], made["then"], made["else"] = (self.schema(depth - 1) for _ in range(3))
        if self.draft == "2020-12" and self.some(0.08):
            made["unevaluatedProperties"] = self.schema(depth - 1) if self.some(0.3) else False
        if self.draft == "2020-12" and self.some(0.08):
            made["unevaluatedItems"] = self.schema(depth - 1) if self.some(0.3) else False

    def add_string(self, made: dict[str, Any], _depth: int) -> None:
        if self.some(0.3):
            made["minLength"] = self.rng.randint(0, 3)
        if self.some(0.3):
            made["maxLength"] = self.rng.randint(0, 3)
        if self.some(0.3):
            made["pattern"] = self.rng.choice(PATTERNS)
        if self.some(0.15):
            made["format"] = self.rng.choice(list(FORMATS))

    def add_number(self, made: dict[str, Any], _depth: int) -> None:
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if self.some(0.25):
                made[keyword] = self.rng.choice(NUMBERS)
        if self.some(0.2):
            made["multipleOf"] = self.rng.choice([1, 2, 0.5, 0.1, 3, 1e3])

    add_integer = add_number

    def add_array(self, made: dict[str, Any], depth: int) -> None:
        first, rest = ("items", "additionalItems") if self.draft == "draft-07" else ("prefixItems", "items")
        if self.some(0.3):
            made[first] = [self.schema(depth - 1) for _ in range(self.rng.randint(1, 3))]
            if self.some(0.5):
                made[rest] = self.schema(depth - 1) if self.some(0.5) else False
        elif self.some(0.7):
            made["items"] = self.schema(depth - 1)
        if self.some(0.3):
            made["minItems"] = self.rng.randint(0, 3)
        if self.some(0.3):
            made["maxItems"] = self.rng.randint(0, 4)
        if self.some(0.2):
            made["uniqueItems"] = True
        if self.some(0.2):
            made["contains"] = self.schema(depth - 1)
            if self.draft == "2020-12" and self.some(0.5):
                made["minContains"], made["maxContains"] = self.rng.randint(0, 2), self.rng.randint(1, 3)

    def add_object(self, made: dict[str, Any], depth: int) -> None:
        keys = self.rng.sample(KEYS, self.rng.randint(0, 4))
        made["properties"] = {name: self.schema(depth - 1) for name in keys}
        made["required"] = self.rng.sample(KEYS, self.rng.choice([0, 0, 1, 2]))
        if self.some(0.4):
            made["additionalProperties"] = self.schema(depth - 1) if self.some(0.5) else False
        if self.some(0.2):
            made["patternProperties"] = {self.rng.choice(["^x-", "^.$", "d$"]): self.schema(depth - 1)}
        if self.some(0.15):
            made["propertyNames"] = {"pattern": self.rng.choice(["^[a-z]", "-"])}
        if self.some(0.15):
            made["minProperties"] = self.rng.randint(0, 2)
        if self.some(0.15):
            made["maxProperties"] = self.rng.randint(1, 3)
        if self.some(0.15):
            keyword = "dependencies" if self.draft == "draft-07" else "dependentRequired"
            made[keyword] = {self.rng.choice(KEYS): self.rng.sample(KEYS, 1)}
        if self.some(0.1):
            keyword = "dependencies" if self.draft == "draft-07" else "dependentSchemas"
            made[keyword] = {self.rng.choice(KEYS): self.schema(depth - 1)}


def _value(rng: random.Random, depth: int) -> Any:  # noqa: ANN401 - any JSON
    kind = rng.randrange(6 if depth > 0 else 4)
    match kind:
        case 0:
            return rng.choice([None, True, False])
        case 1:
            return rng.choice(NUMBERS)
        case 2 | 3:
            return rng.choice(TEXTS)
        case 4:
            return [_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]
        case _:
            return {name: _value(rng, depth - 1) for name in rng.sample(KEYS, rng.randint(0, 3))}


def _near(schema: Any, root: dict[str, Any], rng: random.Random, depth: int) -> Any:  # noqa: ANN401, C901, PLR0911 - JSON
    """A value that the schema may well accept."""
    if not isinstance(schema, dict) or depth <= 0 or rng.random() < 0.05:
        return _value(rng, 1)
    if "$ref" in schema:
        _, keyword, name = schema["$ref"].split("/")
        return _near(root[keyword][name], root, rng, depth - 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    branches = [one for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, [])]
    branches += [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
    if branches and rng.random() < (0.3 if "type" in schema else 0.7):
        return _near(rng.choice(branches), root, rng, depth - 1)
    kinds = schema.get("type", ["string", "number", "array", "object"])
    kind = rng.choice(kinds) if isinstance(kinds, list) else kinds
    match kind:
        case "string":
            return rng.choice(FORMATS[schema["format"]] if "format" in schema and rng.random() < 0.8 else TEXTS)
        case "number" | "integer":
            return rng.choice(NUMBERS)
        case "boolean":
            return rng.random() < 0.5
        case "null":
            return None
        case "array":
            return _near_array(schema, root, rng, depth)
        case _:
            return _near_object(schema, root, rng, depth)


def _near_array(schema: dict[str, Any], root: dict[str, Any], rng: random.Random, depth: int) -> list[Any]:
    items = schema.get("items", True)
    first = schema.get("prefixItems", items if isinstance(items, list) else [])
    rest = schema.get("additionalItems", True) if isinstance(items, list) else items
    size = rng.randint(schema.get("minItems", 0), 3)
    wanted = [*first, *([rest] * 4)][:size]
    return [_near(one, root, rng, depth - 1) for one in wanted]


def _near_object(schema: dict[str, Any], root: dict[str, Any], rng: random.Random, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    names = [*schema.get("required", []), *(name for name in properties if rng.random() < 0.6)]
    names += rng.sample(KEYS, rng.choice([0, 0, 1]))
    rest = schema.get("additionalProperties", True)
    return {name: _near(properties.get(name, rest), root, rng, depth - 1) for name in dict.fromkeys(names)}

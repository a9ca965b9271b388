"""Modules of pydantic models and contracts about them, both made by chance: the same seed makes the same."""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["contract_near", "program"]

STRINGS = ["a", "b", "c", "", "A", "1"]
NUMBERS = [1, 2, 0, -1]
NAMES = ["status", "mode", "my_kind", "state", "level_of"]
HEAD = """\
import dataclasses
import enum
import typing
import typing as t
from enum import Enum, IntEnum, StrEnum, auto
from typing import (
    Annotated, Any, Dict, Generic, List, Literal, Mapping, Optional, Sequence, TypeAlias, TypeVar, Union,
)

import typing_extensions as te
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_serializer, field_validator
from pydantic.alias_generators import to_camel, to_pascal
"""


def program(seed: int) -> dict[str, str]:
    """Return modules by path; `app.py` has a model `Root`."""
    return _Program(seed).files()


class _Program:
    """Writes types of any kind, each above the first that needs it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.postponed = self.random.random() < 0.3
        self.lines: list[str] = []
        self.generics: dict[str, int] = {}
        self.count = 0

    def files(self) -> dict[str, str]:
        """Write the root; in half of the programs, what stands first is in a module of its own."""
        self.write("class Root(BaseModel):", *self.config(), *self.fields(3))
        head = "from __future__ import annotations\n" * self.postponed + HEAD
        blocks = "\n".join(self.lines).split("\n\n")
        cut = self.random.randint(0, len(blocks) - 1) if self.random.random() < 0.5 else 0
        first, rest = "\n\n".join(blocks[:cut]), "\n\n".join(blocks[cut:])
        if not cut:
            return {"app.py": f"{head}\n{rest}\n"}
        return {"lib.py": f"{head}\n{first}\n", "app.py": f"{head}from lib import *\n\n{rest}\n"}

    def write(self, first: str, *body: str) -> None:
        self.lines += [first, *(f"    {line}" for line in body), ""]

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # Types.

    def type(self, depth: int) -> str:
        """Return the text of a type."""
        if depth <= 0 or self.random.random() < 0.3:
            return self.literal()
        makers = [
            *[self.enum, self.alias, self.wrapped, self.union, self.model] * 3,
            self.generic,
            self.tagged,
            self.scalar,
        ]
        return self.random.choice(makers)(depth)

    def literal(self, _depth: int = 0) -> str:
        pool: list[Any] = self.random.choice([STRINGS, STRINGS, NUMBERS, [*STRINGS, *NUMBERS, True]])
        values = [repr(value) for value in self.random.sample(pool, self.random.randint(1, 3))]
        if self.random.random() < 0.15:
            values.append("None")
        word = self.random.choice(["Literal", "Literal", "typing.Literal", "t.Literal", "te.Literal"])
        if self.random.random() < 0.15:
            return " | ".join(f"{word}[{value}]" for value in values)
        return f"{word}[{', '.join(values)}]"

    def enum(self, _depth: int) -> str:
        name = self.name("E")
        strings = [repr(value) for value in self.random.sample(STRINGS, 2)]
        base, values = self.random.choice(
            [
                ("str, Enum", strings),
                ("Enum", strings),
                ("enum.Enum", [*strings, "7"]),
                ("StrEnum", strings),
                ("StrEnum", ["auto()", "auto()"]),
                ("IntEnum", ["1", "auto()"]),
                ("Enum", ["auto()", "auto()", "auto()"]),
            ]
        )
        members = [f"{word} = {value}" for word, value in zip(["A", "B", "C"], values, strict=False)]
        more = self.random.choice([[], ["Same = A"], ["def shown(self): return 'x'"]])
        self.write(f"class {name}({base}):", *members, *more)
        return f"Literal[{name}.A]" if self.random.random() < 0.2 else name

    def alias(self, depth: int) -> str:
        name, inner = self.name("T"), self.type(depth - 1)
        forms = [
            f"{name} = {inner}",
            f"{name}: TypeAlias = {inner}",
            f"{name}: te.TypeAlias = {inner!r}",
            f"{name} = te.TypeAliasType({name!r}, {inner})",
        ]
        self.write(self.random.choice(forms))
        return name

    def wrapped(self, depth: int) -> str:
        forms = [
            *["list[{}]", "List[{}]", "Sequence[{}]", "tuple[{}, ...]", "dict[str, {}]", "Dict[str, {}]"],
            *["Mapping[str, {}]", "Optional[{}]", "Annotated[{}, Field(description='x')]"],
        ]
        return self.random.choice(forms).format(self.type(depth - 1))

    def union(self, depth: int) -> str:
        return f"Union[{self.type(depth - 1)}, {self.type(depth - 1)}]"

    def scalar(self, _depth: int) -> str:
        return self.random.choice(["str", "int", "bool", "Any", "float"])

    def generic(self, depth: int) -> str:
        """Return a generic model with its arguments, at times one that is there already."""
        if not self.generics or self.random.random() < 0.5:
            name, first, second = self.name("G"), self.name("V"), self.name("V")
            self.write(f"{first} = TypeVar({first!r})")
            self.write(f"{second} = TypeVar({second!r})")
            fields = [f"first: {first}", f"pair: tuple[{second}, ...] = ()", f"maybe: Optional[{first}] = None"]
            self.write(f"class {name}(BaseModel, Generic[{first}, {second}]):", *fields)
            self.generics[name] = 2
        name, count = self.random.choice(list(self.generics.items()))
        return f"{name}[{', '.join(self.type(depth - 1) for _ in range(count))}]"

    def tagged(self, depth: int) -> str:
        names = []
        for tag in self.random.sample(["cat", "dog", "bird"], 2):
            names.append(self.name("D"))
            self.write(f"class {names[-1]}(BaseModel):", f"kind: Literal[{tag!r}]", *self.plain_fields(depth - 1))
        return f"Annotated[Union[{', '.join(names)}], Field(discriminator='kind')]"

    # Models.

    def model(self, depth: int) -> str:
        """Return the name of a model, a dataclass, a TypedDict or a RootModel."""
        name, form = self.name("M"), self.random.random()
        if form < 0.1:
            self.write(f"class {name}(RootModel[{self.type(depth - 1)}]):", "pass")
            return name
        if form < 0.3:
            fields = self.plain_fields(depth - 1)
            if form < 0.2:
                self.write(f"@dataclasses.dataclass\nclass {name}:", *fields)
            else:
                self.write(f"class {name}(te.TypedDict):", *fields)
            return name
        base = "BaseModel"
        if self.random.random() < 0.25:
            base = self.name("B")
            self.write(f"class {base}(BaseModel):", *self.config(), *self.fields(depth - 1))
        self.write(f"class {name}({base}):", *self.config(), *self.fields(depth - 1))
        return name

    def config(self) -> list[str]:
        settings = ["alias_generator=to_camel", "alias_generator=to_pascal", "extra='allow'", "extra='forbid'"]
        chosen = self.random.choice([*settings, "use_enum_values=True", "populate_by_name=True"])
        return [f"model_config = ConfigDict({chosen})"] if self.random.random() < 0.25 else []

    def plain_fields(self, depth: int) -> list[str]:
        names = self.random.sample(NAMES, self.random.randint(1, 3))
        return [f"{name}: {self.type(depth)}" for name in names]

    def fields(self, depth: int) -> list[str]:
        """Return fields with aliases here and there, and what stands between them and the document."""
        made = []
        for line in self.plain_fields(depth):
            name, _, written = line.partition(": ")
            if self.random.random() < 0.1 and not self.postponed and "'" not in written:
                written = repr(written)
            kind = self.random.choice(["alias", "serialization_alias", "validation_alias"])
            alias = f" = Field({kind}={f'x_{name}'!r})" if self.random.random() < 0.2 else ""
            made.append(f"{name}: {written}{alias}")
        return [*made, *self.hook(made[0].partition(":")[0])]

    def hook(self, field: str) -> list[str]:
        name = self.name("h")
        chance = self.random.random()
        if chance < 0.08:
            return [f"@field_validator({field!r})", "@classmethod", f"def {name}(cls, value): return value"]
        if chance < 0.16:
            return [f"@field_serializer({field!r})", f"def {name}(self, value) -> {self.literal()}: return value"]
        if chance < 0.24:
            return ["@computed_field", "@property", f"def {name}(self) -> {self.literal()}: return None"]
        return []


def contract_near(schema: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the keys of a block that lists about the values of a JSON Schema, with mistakes here and there."""
    node = _Contract(schema, Random(seed)).node(schema, 0)
    found: dict[str, Any] = node.get("properties", {}) if node else {}
    return found


class _Contract:
    def __init__(self, root: dict[str, Any], random: Random) -> None:
        self.root = root
        self.random = random

    def node(self, schema: object, depth: int) -> dict[str, Any] | None:
        """Return what a contract says of a place; None where it says nothing."""
        found: dict[str, Any] | None = None
        match schema:
            case {"$ref": str(reference)} if depth < 7:
                found = self.node(self.root["$defs"][reference.rpartition("/")[2]], depth + 1)
            case {"const": value}:
                found = self.values([value])
            case {"enum": [*values]}:
                found = self.values(values)
            case {"anyOf": [*parts]} | {"oneOf": [*parts]}:
                found = self.union(parts, depth)
            case {"type": "array", "items": items}:
                found = self.array(items, depth)
            case {"type": "object", "properties": dict(keys)}:
                nodes = {key: self.node(one, depth + 1) for key, one in keys.items()}
                found = self.record({key: node for key, node in nodes.items() if node})
            case {"type": "object", "additionalProperties": values}:
                node = self.node(values, depth + 1)
                found = {"type": "object", "additionalProperties": node} if node else None
            case {"type": "string" | "integer" | "boolean" as kind} if self.random.random() < 0.5:
                found = {"enum": {"string": ["a", "b"], "integer": [1, 2], "boolean": [True]}[kind]}
        return found

    def array(self, schema: object, depth: int) -> dict[str, Any] | None:
        items = self.node(schema, depth + 1)
        return {"type": "array", "items": items} if items else None

    def values(self, values: list[Any]) -> dict[str, Any]:
        if self.random.random() < 0.3:
            values = values[:-1] or ["zz"]
        if self.random.random() < 0.3:
            values = [*values, self.random.choice(["zz", "new", 99])]
        return {"const": values[0]} if len(values) == 1 and self.random.random() < 0.5 else {"enum": values}

    def union(self, schemas: list[object], depth: int) -> dict[str, Any] | None:
        parts = [part for one in schemas if (part := self.node(one, depth + 1))]
        if not parts or sum("enum" not in part and "const" not in part for part in parts) > 1:
            return None  # which of two structures a document is, the rules do not ask
        return parts[0] if len(parts) == 1 else {"anyOf": parts}

    def record(self, nodes: dict[str, Any]) -> dict[str, Any] | None:
        named = {key + "x" * (self.random.random() < 0.04): node for key, node in nodes.items()}
        return {"type": "object", "properties": named} if named else None

"""What a contract says about a document, as a shape.

Places in shapes are pointers (`positions.pointer_place`), because most of them are never looked at: findings get their
lines by `positions.locate_findings`.

A node means what JSON Schema says, with four readings that hand-written contracts need: `properties` makes an object
and `items` an array even without `type`; listed values count even where `type` contradicts them (a warning says so);
`nullable: true` adds null; `required: true` of a field is about the field itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

from protogate.crosscheck.contracts.algebra import Intersections, choice, union
from protogate.crosscheck.contracts.nodes import is_node
from protogate.crosscheck.contracts.positions import pointer_place
from protogate.crosscheck.shapes import (
    ANY,
    Altered,
    Choice,
    Field,
    Items,
    Mapping,
    Member,
    Primitive,
    Record,
    Unresolved,
)
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from protogate.crosscheck.contracts.model import Block, Contract, Node
    from protogate.crosscheck.contracts.positions import Pointer
    from protogate.crosscheck.shapes import Extra, Kind, Scalar, Shape

    Schema: TypeAlias = Node | bool
    """A node, or whether there may be anything: `additionalProperties: false`."""

__all__ = ["block_shape"]

_MAX_DEPTH: Final = 100
"""Nodes inside each other when references are followed: a chain of them makes a short text deep."""
_NARROWING: Final = ("not", "if", "patternProperties", "dependentSchemas", "$dynamicRef")
"""Keys that say what no shape can hold."""
_KINDS: Final = frozenset({"string", "integer", "number", "boolean", "null"})
_STRING: Final = Primitive("string")
_NULL: Final = Primitive("null")


def block_shape(contract: Contract, block: str) -> Record:
    """Return the shape of `input`, `output` or `payload`: a record of its fields.

    Raises:
        KeyError: such a contract has no such block.
    """
    return _Reader(contract).block(block)


class _Target(NamedTuple):
    """What a reference leads to."""

    shape: Shape
    height: int
    """Nodes inside each other, its own included; those of records do not count, they are read when asked for."""


class _Reader:
    """Reads the nodes of one contract; each target of a reference once, so that a node may hold itself."""

    def __init__(self, contract: Contract) -> None:
        self._file = contract.document.path
        self._root = contract.document.value
        self._blocks = contract.blocks
        self._intersections = Intersections()
        self._targets: dict[Pointer, _Target | None] = {}
        self._open: set[Pointer] = set()
        self._depth = 0
        self._deepest = 0

    def block(self, name: str) -> Record:
        """Return the record of a block, which is an object of nodes rather than a node."""
        pointer = (name,)
        fields = self._blocks[name]
        return Record(name, self._place(pointer), lambda: tuple(self._fields(fields, pointer, ())))

    def _place(self, pointer: Pointer) -> Place:
        return pointer_place(self._file, pointer)

    def _fields(self, nodes: Block, pointer: Pointer, required: Collection[object]) -> Iterator[Field]:
        for name, node in nodes.items():
            at = (*pointer, name)
            is_required = node.get("required") is True or name in required
            yield Field(name, self._shape(node, at), is_required, self._place(at))

    def _shape(self, node: Schema, pointer: Pointer) -> Shape:
        if isinstance(node, bool):
            return ANY if node else Choice((), self._place(pointer))
        if self._depth >= _MAX_DEPTH:
            return Unresolved(f"nodes are inside each other more than {_MAX_DEPTH} times", self._place(pointer))
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        try:
            return self._whole(node, pointer)
        finally:
            self._depth -= 1

    def _whole(self, node: Node, pointer: Pointer) -> Shape:
        parts = [part for part in self._parts(node, pointer) if part is not ANY]
        shape = self._intersections.of(parts, self._place(pointer)) if len(parts) > 1 else (parts[0] if parts else ANY)
        narrowing = next((key for key in _NARROWING if key in node), None)
        if narrowing:
            shape = Altered(shape, narrowing, self._place((*pointer, narrowing)))
        return union((shape, _NULL), self._place(pointer)) if node.get("nullable") is True else shape

    def _parts(self, node: Node, pointer: Pointer) -> Iterator[Shape]:
        """Yield shapes that all hold for the value."""
        if "enum" in node:
            yield self._enum(node["enum"], (*pointer, "enum"))
        if "const" in node:
            place = self._place((*pointer, "const"))
            yield Choice((Member(node["const"], place),), place)
        if "enum" not in node and "const" not in node:
            yield self._typed(node, pointer)
        for key in ("anyOf", "oneOf"):
            if key in node:
                branches = self._branches(node[key], (*pointer, key))
                yield union(branches, self._place((*pointer, key)))
        if "allOf" in node:
            yield from self._branches(node["allOf"], (*pointer, "allOf"))
        if "$ref" in node:
            yield self._target(node["$ref"], (*pointer, "$ref"))

    def _branches(self, nodes: list[Node], pointer: Pointer) -> list[Shape]:
        return [self._shape(node, (*pointer, index)) for index, node in enumerate(nodes)]

    def _enum(self, values: list[Scalar], pointer: Pointer) -> Choice:
        place = self._place(pointer)
        members = (Member(value, Place(f"{place.file}/{index}")) for index, value in enumerate(values))
        return choice(members, place)

    def _typed(self, node: Node, pointer: Pointer) -> Shape:
        declared = node.get("type")
        if declared is None:
            if "properties" in node or "additionalProperties" in node:
                return self._object(node, pointer)
            return self._array(node, pointer) if "items" in node or "prefixItems" in node else ANY
        if isinstance(declared, str):
            return self._of_type(declared, node, pointer)
        return union([self._of_type(kind, node, pointer) for kind in declared], self._place((*pointer, "type")))

    def _of_type(self, kind: str, node: Node, pointer: Pointer) -> Shape:
        if kind in _KINDS:
            return Primitive(cast("Kind", kind), node.get("format", "") if kind == "string" else "")
        if kind == "object":
            return self._object(node, pointer)
        if kind == "array":
            return self._array(node, pointer)
        return Unresolved(f"{kind!r} is no type of JSON", self._place((*pointer, "type")))

    def _array(self, node: Node, pointer: Pointer) -> Items:
        prefix = self._branches(node.get("prefixItems", []), (*pointer, "prefixItems"))
        return Items(self._shape(node.get("items", True), (*pointer, "items")), tuple(prefix))

    def _object(self, node: Node, pointer: Pointer) -> Shape:
        others = node.get("additionalProperties")
        mapping = self._mapping(node, pointer) if "properties" not in node or isinstance(others, dict) else None
        if "properties" not in node and mapping:
            return mapping
        record = self._record(node, pointer)
        # Two readings of one object: its known keys, and all others.
        return union((record, mapping), self._place(pointer)) if mapping else record

    def _record(self, node: Node, pointer: Pointer) -> Record:
        others = node.get("additionalProperties")
        extra: Extra = "ignore" if others is None else "forbid" if others is False else "allow"
        name = ".".join(map(str, pointer))
        return Record(name, self._place(pointer), lambda: tuple(self._properties(node, pointer)), extra)

    def _properties(self, node: Node, pointer: Pointer) -> Iterator[Field]:
        required: Any = node.get("required")
        names: dict[str, int] = {}
        for index, name in enumerate(required if isinstance(required, list) else ()):
            names.setdefault(name, index)
        known = node["properties"]
        yield from self._fields(known, (*pointer, "properties"), names)
        others = node.get("additionalProperties") is not False
        for name, index in names.items():
            if name not in known:
                at = (*pointer, "required", index)
                yield Field(name, self._shape(others, at), required=True, place=self._place(at))

    def _mapping(self, node: Node, pointer: Pointer) -> Mapping:
        keys = self._shape(node.get("propertyNames", True), (*pointer, "propertyNames"))
        values = self._shape(node.get("additionalProperties", True), (*pointer, "additionalProperties"))
        return Mapping(_STRING if keys is ANY else keys, values)

    def _target(self, reference: str, pointer: Pointer) -> Shape:
        """Return what a reference leads to."""
        way = _way(reference)
        if way is None:
            return Unresolved(f"{reference!r} leads out of the file", self._place(pointer))
        if way in self._open:
            return Unresolved(f"{reference!r} refers to itself without an object between", self._place(pointer))
        if way not in self._targets:
            self._targets[way] = self._read_target(way)
        known = self._targets[way]
        if known is None:
            return Unresolved(f"{reference!r} leads to nothing that describes a value", self._place(pointer))
        if self._depth + known.height > _MAX_DEPTH:
            return Unresolved(f"nodes are inside each other more than {_MAX_DEPTH} times", self._place(pointer))
        self._deepest = max(self._deepest, self._depth + known.height)
        return known.shape

    def _read_target(self, way: Pointer) -> _Target | None:
        if not way or way[0] not in {"$defs", "definitions", *self._blocks}:
            return None
        if len(way) == 1 and way[0] in self._blocks:
            return _Target(self.block(str(way[0])), 0)
        node = _at(self._root, way)
        if not is_node(node):
            return None
        before, self._deepest = self._deepest, self._depth
        self._open.add(way)
        shape = self._shape(cast("Node", node), way)
        self._open.discard(way)
        height = self._deepest - self._depth
        self._deepest = max(before, self._deepest)
        return _Target(shape, height)


def _way(reference: str) -> Pointer | None:
    """Return the pointer that a reference into the same file has; None for any other one."""
    if not reference.startswith("#/"):
        return () if reference == "#" else None
    if "%" in reference:
        from urllib.parse import unquote

        reference = unquote(reference)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))


def _at(value: object, way: Pointer) -> object:
    """Return the value at the end of a way, None where there is none."""
    for part in way:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list):
            # By spelling, as only that says which digits are an index.
            value = {str(index): one for index, one in enumerate(value)}.get(str(part))
        else:
            return None
    return value

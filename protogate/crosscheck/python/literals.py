"""The document that a handler without a type returns: where every return is a dictionary that is written out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from protogate.crosscheck.python.values import Reference, certain, constants
from protogate.crosscheck.shapes import Choice, Field, Items, Member, Record, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protogate.crosscheck.python.names import FunctionDefinition
    from protogate.crosscheck.python.values import State, Value
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["returns_literals", "written"]


def returns_literals(function: FunctionDefinition) -> bool:
    """Return whether every return of a function is a dictionary or list that is written out."""
    found = list(_returns(function.node))
    return bool(found) and all(isinstance(one.value, ast.Dict | ast.List) for one in found)


def written(workspace: Workspace, function: FunctionDefinition) -> Shape | None:
    """Return what a function writes by its own literals; None where that is not all of it."""
    if not returns_literals(function):
        return None
    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.frames import TooLongError
    from protogate.crosscheck.python.lookups import Lookups

    lookups = Lookups.of(workspace)
    try:
        outcome = Follower(lookups).follow(lookups.function(function))
    except (TooLongError, RecursionError):
        return None
    if outcome.state is None:
        return None
    return _Writing(workspace, function, outcome.state).shape(outcome.value, function.place)


class _Writing:
    def __init__(self, workspace: Workspace, function: FunctionDefinition, state: State) -> None:
        self._workspace = workspace
        self._function = function
        self._heap = state.heap
        self._depth = 0

    def shape(self, value: Value, place: Place) -> Shape:
        """Return what a value looks like in a document."""
        if certain(value):
            found: dict[object, Member] = {}
            for atom in constants(value):
                found.setdefault((type(atom.value) is bool, atom.value), Member(atom.value, atom.place))
            return Choice(tuple(found.values()), next(iter(found.values())).place)
        things = [self._heap[atom.key] for atom in value if isinstance(atom, Reference)]
        if len(things) != len(value) or not things or self._depth > 20:  # noqa: PLR2004 - deeper than anybody writes
            return Unresolved("what stands there is worked out when the code runs", place)
        self._depth += 1
        try:
            if all(one.kind == "dict" and not one.open and not one.items for one in things):
                return self._record([one.fields for one in things], place)
            if all(one.kind == "list" for one in things) and len(things) == 1:
                return Items(self.shape(things[0].items, place))
            if len(things) == 1 and things[0].kind == "instance" and things[0].cls is not None:
                return self._workspace.shape_of(things[0].cls, "output")
        finally:
            self._depth -= 1
        return Unresolved("what stands there is worked out when the code runs", place)

    def _record(self, dictionaries: Sequence[Mapping[str, Value]], place: Place) -> Shape:
        names = list(dict.fromkeys(name for one in dictionaries for name in one))
        fields: list[Field] = []
        for name in names:
            values = [one[name] for one in dictionaries if name in one]
            merged = tuple(dict.fromkeys(atom for value in values for atom in value))
            at = next((atom.place for atom in constants(merged)), place)
            fields.append(Field(name, self.shape(merged, at), len(values) == len(dictionaries), at, name))
        made = tuple(fields)
        return Record(self._function.name, place, lambda: made)


def _returns(node: ast.AST) -> Iterator[ast.Return]:
    """Yield the returns of a function, not of those inside."""
    waiting: list[ast.AST] = list(getattr(node, "body", [])) if not isinstance(node, ast.Lambda) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Return):
            yield one
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(one))

"""Values that code writes into documents, whatever its types say: `status = "bad"  # type: ignore`.

Only what is certain is told: a constant, the very key that it stands under, and a way of the code that leads there.
Null is not told.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.carried import keeps
from protogate.crosscheck.python.flow import Follower
from protogate.crosscheck.python.frames import TooLongError
from protogate.crosscheck.python.handlers import handler_of
from protogate.crosscheck.python.lookups import Lookups
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.mentions import Mentions
from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition
from protogate.crosscheck.python.replies import leaves_out_defaults, reply_of
from protogate.crosscheck.python.routes import route_of
from protogate.crosscheck.python.values import NOTHING, Constant, Reference, where
from protogate.crosscheck.shapes import AnyOf, Anything, Choice, Items, Mapping, Primitive, Record
from protogate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protogate.crosscheck.python.lookups import FunctionTarget
    from protogate.crosscheck.python.modules import Module
    from protogate.crosscheck.python.values import State, Thing, Value
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Field, Scalar, Shape
    from protogate.findings import Place

__all__ = ["Emission", "emissions"]

_DEEPEST: Final = 30
"""Objects in objects."""


class Emission(NamedTuple):
    """One value that is written."""

    path: tuple[str, ...]
    """Keys in the document, `[]` for items."""
    value: Scalar
    place: Place
    """The expression that gives it."""
    shape: Shape
    """What the type allows there."""


def emissions(workspace: Workspace, path: str, dotted: str, also: Sequence[str] = ()) -> tuple[Emission, ...]:
    """Return what a symbol certainly writes, each value of a place once.

    Of a handler it is what it returns; of a model it is what the functions of its module put into its objects.

    Args:
        workspace: where code is read.
        path: the file, relative to the root of the layers.
        dotted: `Class`, `function`, `Class.method`.
        also: of a model, further files whose functions make it.
    """
    definition = workspace.symbol(path, dotted)
    if isinstance(definition, Finding):
        return ()
    function = handler_of(definition)
    if function is not None:
        found = _of_handler(workspace, function)
    elif isinstance(definition, ClassDefinition):
        found = _of_model(workspace, definition, also)
    else:
        found = ()
    return tuple({(one.path, type(one.value), one.value, one.place): one for one in found}.values())


def _of_handler(workspace: Workspace, function: FunctionDefinition) -> Iterable[Emission]:
    """Return what a function returns; what it writes without a type is its shape already."""
    route = route_of(function)
    reply = reply_of(workspace, function, route)
    lookups = Lookups.of(workspace)
    target = lookups.function(function)
    if not reply.typed or lookups.is_replaced(function):
        return ()
    try:
        follower = Follower(lookups, defaults=route is None or not leaves_out_defaults(route))
        outcome = follower.follow(target)
        found: list[Emission] = []
        for value, state in outcome.returns:
            given = (
                tuple(item for thing in _things(value, state) for item in thing.items) if target.generator else value
            )
            found += _Walk(follower, target, state).walk(given, reply.shape, (), 0)
    except (TooLongError, RecursionError):
        return ()
    return found


def _of_model(workspace: Workspace, definition: ClassDefinition, also: Sequence[str]) -> Iterator[Emission]:
    """Yield what the functions of modules put into objects of a class, as each of them leaves it."""
    shape = workspace.shape_of(definition, "output")
    modules = [definition.module, *(one for one in map(workspace.module, also) if not isinstance(one, Finding))]
    lookups = Lookups.of(workspace)
    for module in dict.fromkeys(modules):
        body = module.tree.body if module is not definition.module else _mentions(workspace, module, definition)
        for followed in _followed(_functions(body, module, lookups), lookups, workspace):
            followed.follower.renew()
            walk = _Walk(followed.follower, followed.function, followed.state)
            try:
                made = followed.made.get(definition, ())
                yield from [one for key in made for one in walk.walk((Reference(key),), shape, (), 0)]
            except (TooLongError, RecursionError):
                continue


def _mentions(workspace: Workspace, module: Module, definition: ClassDefinition) -> list[ast.stmt]:
    """Return the statements of the module of a class that can make objects of it; no other module need be asked."""
    mentions = remember(workspace.shapes, ("mentions", module), None, lambda: Mentions(module))
    return module.tree.body if mentions is None else mentions.statements(definition.node.name)


class _Followed(NamedTuple):
    """A function that was followed to its end."""

    follower: Follower
    function: FunctionTarget
    state: State
    made: dict[ClassDefinition, list[int]]
    """The objects that are there at the end, by their classes."""


def _followed(functions: Iterable[FunctionTarget], lookups: Lookups, workspace: Workspace) -> Iterator[_Followed]:
    """Yield the functions that make objects of classes; each is followed once, however many ask."""
    for function in functions:
        key = ("followed", function)
        if key not in workspace.shapes:
            workspace.shapes[key] = _follow(function, lookups)
        found = workspace.shapes[key]
        if isinstance(found, _Followed):
            yield found


def _follow(function: FunctionTarget, lookups: Lookups) -> _Followed | None:
    follower = Follower(lookups)
    try:
        state = follower.follow(function).state
    except (TooLongError, RecursionError):
        return None
    made: dict[ClassDefinition, list[int]] = {}
    for key, thing in state.heap.items() if state is not None else ():
        if thing.cls is not None:
            made.setdefault(thing.cls, []).append(key)
    return _Followed(follower, function, state, made) if state is not None and made else None


def _functions(body: Iterable[ast.stmt], module: Module, lookups: Lookups) -> Iterator[FunctionTarget]:
    """Yield the functions and methods in statements at the top of a module."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield lookups.nested(node, module.scope)
        elif isinstance(node, ast.ClassDef):
            scope = module.scope.inner(node)
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield lookups.nested(inner, scope)


def _things(value: Value, state: State) -> list[Thing]:
    return [state.heap[atom.key] for atom in value if isinstance(atom, Reference)]


class _Instance(NamedTuple):
    """An object of a class."""

    reference: Reference
    thing: Thing
    cls: ClassDefinition


class _Walk:
    """Goes through what a function returned, along the shape of the document."""

    def __init__(self, follower: Follower, target: FunctionTarget, state: State) -> None:
        self._follower = follower
        self._lookups = follower.lookups
        self._target = target
        self._state = state

    def walk(self, value: Value, shape: Shape, path: tuple[str, ...], depth: int) -> Iterator[Emission]:
        """Yield the constants in a value.

        Args:
            value: what may stand there.
            shape: what the type allows there.
            path: where it is.
            depth: how deep.
        """
        if depth > _DEEPEST:
            return
        for atom in value:
            if isinstance(atom, Constant):
                if atom.value is not None and _is_scalar(shape):
                    yield Emission(path, atom.value, atom.place, shape)
            elif isinstance(atom, Reference):
                yield from self._object(atom, shape, path, depth)

    def _object(self, atom: Reference, shape: Shape, path: tuple[str, ...], depth: int) -> Iterator[Emission]:
        thing = self._state.heap[atom.key]
        if atom.when:
            # What contradicts the way on which this object stands here stands in it on another way.
            fields = {name: where(value, atom.when) for name, value in thing.fields.items()}
            thing = thing._replace(fields=fields, items=where(thing.items, atom.when))
        if thing.kind == "list":
            for one in _members(shape):
                if isinstance(one, Items):
                    items = one.items if not one.prefix else AnyOf((*one.prefix, one.items))
                    if not one.prefix:
                        yield from self.walk(thing.items, items, (*path, "[]"), depth + 1)
            return
        if thing.kind == "dict":
            yield from self._dictionary(thing, shape, path, depth)
            return
        if thing.cls is not None:
            record = self._record_of(thing.cls, shape)
            if record is not None:
                yield from self._instance(_Instance(atom, thing, thing.cls), record, path, depth)
            elif self._is_read_by_attribute(thing.cls):
                yield from self._dictionary(thing, shape, path, depth)

    def _is_read_by_attribute(self, cls: ClassDefinition) -> bool:
        """Return whether FastAPI checks the attributes of an object, where a route answers with another class."""
        facts = self._lookups.model(cls)
        return facts is not None and not facts.rewritten

    def _record_of(self, cls: ClassDefinition, shape: Shape) -> Record | None:
        """Return which record of a union an object is written as: that of its class, or of the one it inherits from."""
        records = [one for one in _members(shape) if isinstance(one, Record)]
        for one in self._lookups.line(cls):
            for record in records:
                if record.place == one.place:
                    return record
        return None

    def _instance(self, one: _Instance, record: Record, path: tuple[str, ...], depth: int) -> Iterator[Emission]:
        facts = self._lookups.model(one.cls)
        if facts is None or facts.rewritten:
            return
        for field in record.fields:
            name = field.python_name
            own = facts.fields.get(name)
            value = one.thing.fields.get(name, NOTHING)
            if own is None:
                value = self._computed(one, name)
            elif own.rewritten:
                continue
            yield from self.walk(value, field.shape, (*path, field.name), depth + 1)

    def _computed(self, one: _Instance, name: str) -> Value:
        """Return what a computed field gives."""
        function = self._lookups.method(one.cls, name)
        if function is None or not function.is_property:
            return NOTHING
        return self._follower.ask(function, one.reference, self._target, self._state)

    def _dictionary(self, thing: Thing, shape: Shape, path: tuple[str, ...], depth: int) -> Iterator[Emission]:
        members = _members(shape)
        records = [one for one in members if isinstance(one, Record)]
        if len(records) == 1:
            for key, field in self._keys(records[0], thing):
                yield from self._checked(thing.fields[key], field, (*path, field.name), depth)
            return
        for one in members:
            if isinstance(one, Mapping) and not records:
                for key, value in thing.fields.items():
                    yield from self.walk(value, one.values, (*path, key), depth + 1)

    def _keys(self, record: Record, thing: Thing) -> Iterator[tuple[str, Field]]:
        """Yield the keys of a dictionary that a record takes, with the fields that they are written as."""
        cls = self._lookups.class_at(record)
        facts = None if cls is None else self._lookups.model(cls)
        if cls is not None and facts is None and self._lookups.kind(cls) != "typed dict":
            return
        if facts is not None and (facts.hooked or facts.rewritten or facts.opaque_init):
            return
        by_name = {field.python_name or field.name: field for field in record.fields}
        for key in thing.fields:
            name = key if facts is None else facts.names_in.get(key, "")
            field = by_name.get(name)
            own = None if facts is None else facts.fields.get(name)
            if field is not None and (own is None or not (own.hooked or own.rewritten)):
                yield key, field

    def _checked(self, value: Value, field: Field, path: tuple[str, ...], depth: int) -> Iterator[Emission]:
        """Yield constants of the kind that is written there: others are converted when the document is checked."""
        kept = tuple(atom for atom in value if not isinstance(atom, Constant) or keeps(field.shape, atom.value))
        yield from self.walk(kept, field.shape, path, depth + 1)


def _members(shape: Shape) -> tuple[Shape, ...]:
    return shape.members if isinstance(shape, AnyOf) else (shape,)


def _is_scalar(shape: Shape) -> bool:
    """Return whether nothing stands between the type and the document, and a constant can stand there."""
    return all(isinstance(one, Anything | Choice | Primitive | Record | Items | Mapping) for one in _members(shape))

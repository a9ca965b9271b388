"""Works out what expressions may give: constants, objects, functions, or something unknown."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from protogate.crosscheck.python.calls import COLLECTIONS, call
from protogate.crosscheck.python.containers import drop_constants, item, items_of, update
from protogate.crosscheck.python.facts import contradict, entailed, facts_of, known_by, without
from protogate.crosscheck.python.frames import Site
from protogate.crosscheck.python.lookups import ConstantTarget, ExpressionTarget, FunctionTarget, KnownTarget
from protogate.crosscheck.python.names import ClassDefinition
from protogate.crosscheck.python.narrowing import Outcome, Peek, comes_out, decide, mentions, narrowed, places
from protogate.crosscheck.python.values import (
    LOST,
    NOTHING,
    UNKNOWN,
    Arguments,
    Bound,
    Class,
    Closure,
    Constant,
    Reference,
    State,
    Thing,
    certain,
    constants,
    join,
    join_states,
    references,
    ruled_out,
    union,
    where,
)
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.frames import Frame
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.values import Value

__all__ = ["Evaluation"]

_NOWHERE: Final = Place("")


class Evaluation:
    """Expressions at one point of a function."""

    __slots__ = ("_follower", "_frame", "_lookups", "_state")

    def __init__(self, follower: Follower, frame: Frame, state: State) -> None:
        self._follower = follower
        self._lookups = follower.lookups
        self._frame = frame
        self._state = state

    def value(self, node: ast.expr) -> Value:
        """Return what an expression may give; objects that it makes or changes are in the state."""
        self._follower.spend()
        handler = _HANDLERS.get(type(node))
        return self._plain(node) if handler is None else handler(self, node)

    def assign(self, target: ast.expr, value: Value) -> None:
        """Assign to a name, an attribute, a key, or several of them."""
        match target:
            case ast.Name(id=name):
                if name not in self._frame.target.outer_names:
                    self._state.env[name] = value
                    self._state.facts = without(self._state.facts, name)
            case ast.Attribute():
                self._state.facts = without(self._state.facts, target.attr)
                self._follower.store(self.value(target.value), target.attr, value, self._state)
            case ast.Subscript():
                self._store_item(target, value)
            case ast.Starred():
                self.assign(target.value, UNKNOWN)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for element in parts:
                    self.assign(element, items_of(value, self._state))
            case _:
                pass

    def delete(self, target: ast.expr) -> None:
        """Follow `del`."""
        if isinstance(target, ast.Subscript):
            self._follower.forget([self.value(target.value)], self._state)
        else:
            self.assign(target, UNKNOWN)

    def assume(self, test: ast.expr, *, hold: bool, strict: bool, again: bool = False) -> State | None:
        """Return the state where a test came out one way; None when it cannot.

        Args:
            test: the condition.
            hold: which way.
            strict: whether constants about which the test says what cannot be worked out become unknown.
            again: whether it is the test of a loop, which comes out one way and later the other.
        """
        peek = self.peek
        if not decide(test, peek).can(hold=hold):
            return None
        if not again:
            facts = facts_of(test, lambda one: comes_out(one, peek), hold=hold, frame=self._frame.uid)
            if any(contradict(one, other) for one in facts for other in facts):
                return None
            known = entailed(self._state.facts | facts, self._frame.uid)
            if known is None or any(contradict(one, other) for one in facts for other in known):
                return None
            ruled_out(self._state, known - self._state.facts)
            self._state.facts = known
        if not self._narrow_objects(test, hold=hold):
            return None
        left = [(place, narrowed(test, peek, place, hold=hold, strict=strict)) for place in places(test)]
        for place, value in left:
            if value is None:
                continue
            if not value:
                return None
            self._narrow(place, value)
        return self._state

    def _narrow_objects(self, test: ast.expr, *, hold: bool) -> bool:
        """Drop the objects of which a test cannot come out this way; return whether any is left."""
        for place in places(test):
            value = self._state.env.get(place.id, NOTHING) if isinstance(place, ast.Name) else NOTHING
            if not isinstance(place, ast.Name) or len(value) == 1 or not references(value):
                continue
            left = tuple(
                atom
                for atom in value
                if not isinstance(atom, Reference) or self._alone(place.id, atom, test).can(hold=hold)
            )
            if not left:
                return False
            self._state.env[place.id] = left
        return True

    def _alone(self, name: str, atom: Reference, test: ast.expr) -> Outcome:
        """Return how a test can come out where a variable is one of the objects that it may be."""
        state = State({**self._state.env, name: (atom,)}, self._state.heap, self._state.facts | atom.when)
        return decide(test, self._elsewhere(state).peek)

    def _narrow(self, place: ast.expr, value: Value) -> None:
        state = self._state
        if isinstance(place, ast.Name):
            if place.id in state.env:
                state.env[place.id] = value
        elif (found := self._locations(place)) is not None and len(found) == 1:
            (one, name) = found[0]
            state.heap[one.key] = state.heap[one.key].with_field(name, value)

    def _new(self, thing: Thing) -> Value:
        return self._follower.new(self._state, thing)

    def _place(self, node: ast.AST) -> Place:
        return self._lookups.place(node, self._frame.scope)

    def _is_local(self, name: str) -> bool:
        return self._frame.binds(name, self._state)

    def _store_item(self, target: ast.Subscript, value: Value) -> None:
        state = self._state
        state.facts = without(state.facts, "[")
        owners = self.value(target.value)
        keys = self.value(target.slice)
        names = [atom.value for atom in constants(keys)]
        for reference in references(owners):
            thing = state.heap[reference.key]
            if thing.kind == "list":
                state.heap[reference.key] = thing._replace(items=join(drop_constants(thing.items), value))
            elif thing.kind == "dict" and certain(keys) and len(names) == 1 and isinstance(names[0], str):
                one = reference if len(owners) == 1 else None
                self._follower.store(owners if one is None else (one,), names[0], value, state)
            elif thing.kind == "dict":
                self._follower.forget([(reference,)], state)

    # -- values

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if value is None or isinstance(value, str | int | float):
            return (Constant(value, self._place(node)),)
        return UNKNOWN

    def _inner(self, node: ast.Await | ast.Starred) -> Value:
        return self.value(node.value)

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.assign(node.target, value)
        return value

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        items = union(
            items_of(self.value(one.value), self._state) if isinstance(one, ast.Starred) else self.value(one)
            for one in node.elts
        )
        return self._new(Thing("list", None, {}, items))

    def _dict(self, node: ast.Dict) -> Value:
        state = self._state
        made = self._new(Thing("dict", None, {}))
        (key_of_it,) = (reference.key for reference in references(made))
        for key, held in zip(node.keys, node.values, strict=True):
            value = self.value(held)
            if key is None:
                update(self._follower, made, value, state)
                continue
            names = self.value(key)
            name = names[0].value if len(names) == 1 and isinstance(names[0], Constant) else None
            thing = state.heap[key_of_it]
            if isinstance(name, str):
                state.heap[key_of_it] = thing.with_field(name, value)
            else:
                # The key may be any of those before.
                fields = {one: drop_constants(before) for one, before in thing.fields.items()}
                state.heap[key_of_it] = thing._replace(fields=fields, items=join(thing.items, value), open=True)
        return made

    def _closure(self, node: ast.Lambda) -> Value:
        target = self._lookups.nested(node, self._frame.scope)
        return (Closure(node, target, self._state.env, self._frame.uid),)

    def _yield(self, node: ast.Yield) -> Value:
        self._frame.yields.append(UNKNOWN if node.value is None else self.value(node.value))
        self._frame.ends.append(self._state.copy())
        return UNKNOWN

    def _yield_from(self, node: ast.YieldFrom) -> Value:
        self._frame.yields.append(items_of(self.value(node.value), self._state))
        return UNKNOWN

    def _call(self, node: ast.Call) -> Value:
        return call(Site(self._follower, node, self._frame, self._state), node)

    def _plain(self, node: ast.expr) -> Value:
        """Return the constant that an expression of constants gives; follow its parts for what they change."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.value(part)
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.JoinedStr) and not _reads(node, self._state.env):
            found = self._lookups.constant(node, self._frame.scope)
            if found is not None:
                return (Constant(found.value, self._place(node)),)
        return UNKNOWN

    # -- ways

    def _conditional(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        found: list[Value] = []
        ways: list[State] = []
        for arm, hold in ((node.body, True), (node.orelse, False)):
            way = self._elsewhere(self._state.copy()).assume(node.test, hold=hold, strict=True)
            if way is not None:
                facts = way.facts - self._state.facts
                found.append(where(self._elsewhere(way).value(arm), facts))
                ways.append(way)
        self._take(join_states(ways))
        return union(found)

    def _boolean(self, node: ast.BoolOp) -> Value:
        """Return what `a or b` gives: those values of `a` that are true, and `b` where `a` is not."""
        stops = isinstance(node.op, ast.Or)
        found: list[Value] = []
        ways: list[State] = []
        way: State | None = self._state.copy()
        for part in node.values:
            if way is None:
                break
            value = where(self._elsewhere(way).value(part), way.facts - self._state.facts)
            if any(LOST[0] in one for one in found):
                # Whether it comes to this part is not certain.
                value = drop_constants(value)
            ways.append(way)
            if part is node.values[-1]:
                found.append(value)
                break
            found.append(tuple(a for a in value if not isinstance(a, Constant) or bool(a.value) is stops))
            if certain(value) and all(bool(atom.value) is stops for atom in constants(value)):
                break
            way = self._elsewhere(way.copy()).assume(part, hold=not stops, strict=True)
        self._take(join_states(ways))
        return union(found)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        inside = self._state.copy()
        there = self._elsewhere(inside)
        made = Thing("list", None, {}, NOTHING)
        if there.iterates(node.generators):
            if isinstance(node, ast.DictComp):
                there.value(node.key)
                made = Thing("dict", None, {}, there.value(node.value), open=True)
            else:
                made = made._replace(items=there.value(node.elt))
        facts = self._state.facts & inside.facts
        self._take(join_states((State({}, self._state.heap.copy(), facts), State({}, inside.heap, facts))))
        return self._new(made)

    def iterates(self, generators: Sequence[ast.comprehension]) -> bool:
        """Bind the variables of a comprehension; return whether its conditions can hold."""
        for generator in generators:
            items = items_of(self.value(generator.iter), self._state)
            self.assign(generator.target, items or UNKNOWN)
            for condition in generator.ifs:
                self.value(condition)
                if self.assume(condition, hold=True, strict=True) is None:
                    return False
        return True

    def _elsewhere(self, state: State) -> Evaluation:
        return Evaluation(self._follower, self._frame, state)

    def _take(self, after: State | None) -> None:
        """Let the state be as it is behind the ways through an expression."""
        if after is not None:
            self._state.env.update(after.env)
            self._state.heap.update(after.heap)
            self._state.facts = after.facts

    # -- names

    def _name(self, node: ast.Name) -> Value:
        if node.id in self._state.env:
            return self._state.env[node.id]
        if node.id in self._frame.target.local_names:
            return UNKNOWN
        if self._frame.outer is not None and node.id in self._frame.outer:
            return self._frame.outer[node.id]
        return self.named(node)

    def named(self, node: ast.Name | ast.Attribute) -> Value:
        """Return what a name of the module, or a dotted name, stands for."""
        match self._lookups.resolve(node, self._frame.scope):
            case ConstantTarget(value=value, member=member):
                return (Constant(value, self._place(node), member),)
            case ClassDefinition() as cls:
                return (Class(cls),)
            case FunctionTarget() as function:
                return (Bound(function, self._class_before(node) if function.of_class else None),)
            case ExpressionTarget(node=expression, scope=scope):
                return self._table(expression, scope)
            case _:
                return UNKNOWN

    def _class_before(self, node: ast.Name | ast.Attribute) -> Value | None:
        """Return the class in `Class.method`."""
        owner = self._lookups.resolve(node.value, self._frame.scope) if isinstance(node, ast.Attribute) else None
        return (Class(owner),) if isinstance(owner, ClassDefinition) else None

    def _table(self, node: ast.expr, scope: Scope) -> Value:
        """Return a dictionary or list of constants that a module holds."""
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            known = self._lookups.resolve(node.func, scope)
            if isinstance(known, KnownTarget) and known.name in COLLECTIONS:
                node = node.args[0]
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._new(Thing("list", None, {}, union(self._table_item(one, scope) for one in node.elts)))
        if not isinstance(node, ast.Dict):
            return UNKNOWN
        fields: dict[str, Value] = {}
        rest: list[Value] = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = None if key is None else self._lookups.constant(key, scope)
            if name is not None and isinstance(name.value, str | int):
                fields[str(name.value)] = self._table_item(value, scope)
            else:
                rest.append(self._table_item(value, scope))
        return self._new(Thing("dict", None, fields, union(rest)))

    def _table_item(self, node: ast.expr, scope: Scope) -> Value:
        found = self._lookups.constant(node, scope)
        if found is not None:
            return (Constant(found.value, self._lookups.place(node, scope), found.member),)
        return self._table(node, scope) if isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set) else UNKNOWN

    # -- attributes

    def _attribute(self, node: ast.Attribute) -> Value:
        root = _root(node)
        if root is not None and not self._is_local(root):
            found = self.named(node)
            if found != UNKNOWN:
                return found
        return self.attribute(self.value(node.value), node.attr, node)

    def callees(self, node: ast.Attribute, owners: Value) -> Value:
        """Return the functions that `owner.name` may be."""
        root = _root(node)
        if root is not None and not self._is_local(root):
            found = self.named(node)
            if found != UNKNOWN:
                return found
        return self.attribute(owners, node.attr, node)

    def attribute(self, owners: Value, name: str, node: ast.AST) -> Value:
        """Return what an attribute of a value may be."""
        return union(self._attribute_of(atom, name, node) for atom in owners)

    def _attribute_of(self, atom: object, name: str, node: ast.AST) -> Value:
        match atom:
            case Constant(member=member) if member and name == "value":
                return (atom._replace(member=""),)
            case Class(target=cls):
                function = self._lookups.method(cls, name)
                if function is None:
                    return UNKNOWN
                return (Bound(function, (atom,) if function.of_class else None),)
            case Reference(key=key):
                return self._field_or_method(atom, self._state.heap[key], name, node)
            case _:
                return UNKNOWN

    def _field_or_method(self, atom: Reference, thing: Thing, name: str, node: ast.AST) -> Value:
        if thing.kind != "instance" or thing.cls is None:
            return UNKNOWN
        if name in thing.fields:
            return where(thing.fields[name], atom.when)
        function = self._lookups.method(thing.cls, name)
        if function is None:
            return self._typed_attribute(atom, thing.cls, name, node)
        if thing.open and self._lookups.is_overridden(thing.cls, name):
            return UNKNOWN
        if function.is_property:
            return self._follower.call(function, Arguments(((atom,),)), self._frame, self._state)
        return (Bound(function, None if function.static else (atom,)),)

    def _typed_attribute(self, atom: Reference, cls: ClassDefinition, name: str, node: ast.AST) -> Value:
        """Return an attribute by its annotation, the same object each time."""
        constant = self._lookups.class_constant(cls, name)
        if constant is not None:
            return (Constant(constant.value, self._place(node), constant.member),)
        found = self._lookups.attribute_class(cls, name)
        if found is None:
            return UNKNOWN
        value = self._follower.instance(self._state, found)
        self._state.heap[atom.key] = self._state.heap[atom.key].with_field(name, value)
        return value

    def _subscript(self, node: ast.Subscript) -> Value:
        owners = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            return owners if references(owners) else UNKNOWN
        keys = self.value(node.slice)
        found: list[Value] = []
        for atom in owners:
            if isinstance(atom, Class):
                found.append(self._class_item(atom.target, keys, node))
            elif isinstance(atom, Reference):
                found.append(where(item(self._state.heap[atom.key], keys), atom.when))
            else:
                found.append(UNKNOWN)
        return union(found)

    def _class_item(self, cls: ClassDefinition, keys: Value, node: ast.Subscript) -> Value:
        """Return `Status["BAD"]`, or the class itself for `Page[Item]`."""
        if self._lookups.kind(cls) != "enum":
            return (Class(cls),)
        if not certain(keys):
            return UNKNOWN
        members = [self._lookups.enum_member(cls, str(atom.value)) for atom in constants(keys)]
        place = self._place(node)
        return union(UNKNOWN if one is None else (Constant(one.value, place, one.member),) for one in members)

    # -- looking without running

    @property
    def peek(self) -> Peek:
        """What stands where, at this point."""
        return Peek(self._peek_value, self._peek_items, lambda test: known_by(test, self._state.facts, self._frame.uid))

    def _peek_value(self, node: ast.expr) -> Value | None:
        match node:
            case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                found = self._lookups.constant(node, self._frame.scope)
                return None if found is None else (Constant(found.value, self._place(node)),)
            case ast.Name(id=name) if self._is_local(name):
                return self._name(node)
            case ast.Name() | ast.Attribute():
                return self._peek_dotted(node)
            case ast.Subscript():
                return self._peek_field(node)
            case _:
                return None

    def _peek_field(self, node: ast.expr) -> Value | None:
        found = self._locations(node)
        if found is None:
            return None
        values = [(self._state.heap[one.key].fields.get(name), one.when) for one, name in found]
        return (
            None
            if any(value is None for value, _ in values)
            else union(where(value, when) for value, when in values if value is not None)
        )

    def _peek_dotted(self, node: ast.Name | ast.Attribute) -> Value | None:
        root = _root(node)
        if root is None:
            return None
        if not self._is_local(root):
            return self._peek_global(node)
        if not isinstance(node, ast.Attribute):
            return None
        if node.attr == "value":
            owner = self._peek_value(node.value)
            if owner and all(isinstance(atom, Constant) and atom.member for atom in owner):
                return tuple(atom._replace(member="") for atom in constants(owner))
        return self._peek_field(node)

    def _peek_global(self, node: ast.Name | ast.Attribute) -> Value | None:
        match self._lookups.resolve(node, self._frame.scope):
            case ConstantTarget(value=value, member=member):
                return (Constant(value, self._place(node), member),)
            case KnownTarget(name=name) if name.endswith("TYPE_CHECKING"):
                checked: bool = False
                return (Constant(checked, self._place(node)),)
            case _:
                return None

    def _peek_items(self, node: ast.expr) -> Sequence[Value | None] | None:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return [None if isinstance(one, ast.Starred) else self._peek_value(one) for one in node.elts]
        if isinstance(node, ast.Name) and self._is_local(node.id):
            return _listed(self._name(node), self._state)
        if isinstance(node, ast.Name | ast.Attribute):
            scratch = State({}, {})
            return _listed(self._elsewhere(scratch).named(node), scratch)
        return None

    def _locations(self, place: ast.expr) -> list[tuple[Reference, str]] | None:
        """Return the objects and the field that a place names; None where there may be others."""
        match place:
            case ast.Attribute(value=owner, attr=name):
                pass
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as name)):
                pass
            case _:
                return None
        held = self._peek_value(owner)
        if not held or len(references(held)) != len(held):
            return None
        return [(one, name) for one in references(held)]


_HANDLERS: Final[dict[type[ast.expr], Callable[[Evaluation, Any], Value]]] = {
    ast.Constant: Evaluation._constant,  # noqa: SLF001 - a table of its own methods, as below
    ast.Name: Evaluation._name,  # noqa: SLF001
    ast.Attribute: Evaluation._attribute,  # noqa: SLF001
    ast.Subscript: Evaluation._subscript,  # noqa: SLF001
    ast.Call: Evaluation._call,  # noqa: SLF001
    ast.Await: Evaluation._inner,  # noqa: SLF001
    ast.Starred: Evaluation._inner,  # noqa: SLF001
    ast.NamedExpr: Evaluation._walrus,  # noqa: SLF001
    ast.IfExp: Evaluation._conditional,  # noqa: SLF001
    ast.BoolOp: Evaluation._boolean,  # noqa: SLF001
    ast.Dict: Evaluation._dict,  # noqa: SLF001
    ast.List: Evaluation._sequence,  # noqa: SLF001
    ast.Tuple: Evaluation._sequence,  # noqa: SLF001
    ast.Set: Evaluation._sequence,  # noqa: SLF001
    ast.ListComp: Evaluation._comprehension,  # noqa: SLF001
    ast.SetComp: Evaluation._comprehension,  # noqa: SLF001
    ast.GeneratorExp: Evaluation._comprehension,  # noqa: SLF001
    ast.DictComp: Evaluation._comprehension,  # noqa: SLF001
    ast.Lambda: Evaluation._closure,  # noqa: SLF001
    ast.Yield: Evaluation._yield,  # noqa: SLF001
    ast.YieldFrom: Evaluation._yield_from,  # noqa: SLF001
}


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _reads(node: ast.expr, env: Mapping[str, Value]) -> bool:
    return any(mentions(node, name) for name in env)


def _listed(value: Value, state: State) -> Sequence[Value | None] | None:
    """Return what a list holds, or the keys of a dictionary, where that is all."""
    if len(value) != 1 or not isinstance(value[0], Reference):
        return None
    thing = state.heap[value[0].key]
    if thing.open:
        return None
    if thing.kind == "dict":
        return None if thing.items else [(Constant(key, _NOWHERE),) for key in thing.fields]
    return [(atom,) for atom in thing.items] if certain(thing.items) else None

"""Follows functions without running them: which constants they can return, in which fields of which objects.

Ways that a test rules out are not taken, and a value that is overwritten is gone. A call is followed where its function
is known; where it is not, what it returns is unknown, and so is what it may have changed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal

from protogate.crosscheck.python.calls import assigned
from protogate.crosscheck.python.containers import drop_constants
from protogate.crosscheck.python.evaluation import Evaluation
from protogate.crosscheck.python.facts import without
from protogate.crosscheck.python.frames import Frame, Outcome, TooLongError
from protogate.crosscheck.python.lookups import KnownTarget
from protogate.crosscheck.python.statements import Body
from protogate.crosscheck.python.values import (
    NOTHING,
    UNKNOWN,
    Arguments,
    Class,
    Closure,
    Constant,
    NoReturnError,
    Reference,
    State,
    Thing,
    join,
    join_states,
    references,
    union,
    where,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.crosscheck.python.lookups import FunctionTarget, Lookups
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import ClassDefinition
    from protogate.crosscheck.python.values import Value

__all__ = ["Follower"]

_STEPS: Final = 6_000
"""Expressions and statements for one root, more where there are many objects: a handler takes a few hundred."""
_DEPTH: Final = 8
"""Calls inside calls."""


class Follower:
    """Follows one root function and what it calls."""

    def __init__(self, lookups: Lookups, *, defaults: bool = True) -> None:
        """Follow nothing yet.

        Args:
            lookups: what is known of the code.
            defaults: whether fields hold their defaults when nothing is given for them.
        """
        self.lookups = lookups
        self.defaults = defaults
        self._steps = _STEPS
        self._frames = 0
        self._objects = 0
        self._active: list[ast.AST] = []

    def renew(self) -> None:
        """Allow as much work again, for another question about what was followed."""
        self._steps = _STEPS

    def spend(self, steps: int = 1) -> None:
        """Count work.

        Raises:
            TooLongError: if it is too much.
        """
        self._steps -= steps
        if self._steps < 0:
            raise TooLongError

    # -- functions

    def follow(self, target: FunctionTarget) -> Outcome:
        """Return what a function can return when it is called from outside.

        Raises:
            TooLongError: if it is too long to be followed.
        """
        try:
            return self._follow(target)
        except NoReturnError:
            # The default of a parameter fails.
            return Outcome(NOTHING, None)

    def _follow(self, target: FunctionTarget) -> Outcome:
        state = State({}, {})
        frame = self._frame(target, 0, None)
        named = target.parameters
        if target.owner is not None and not target.static and target.positional:
            receiver = (Class(target.owner),) if target.of_class else self.instance(state, target.owner)
            state.env[named[0].arg] = receiver
            named = named[1:]
        for parameter in named:
            given = self.declared(parameter.annotation, frame, state)
            default = target.defaults.get(parameter.arg)
            value = NOTHING if default is None else self._default(default, frame, state)
            state.env[parameter.arg] = join(given, tuple(atom for atom in value if isinstance(atom, Constant)))
        return self._run(target, frame, state)

    def call(
        self,
        target: FunctionTarget,
        given: Arguments,
        frame: Frame,
        state: State,
        outer: dict[str, Value] | None = None,
    ) -> Value:
        """Return what a call returns; `state` holds the objects afterwards.

        Args:
            target: what is called.
            given: the arguments, with the object of a method.
            frame: the function that calls.
            state: the point of the call.
            outer: the variables around a function that is defined in another one.

        Raises:
            NoReturnError: if it never returns.
        """
        if frame.depth >= _DEPTH or target.node in self._active or target.opaque:
            self.forget(given.handed, state)
            return self._promised(target, state)
        inner = self._frame(target, frame.depth + 1, outer)
        env = self._bind(target, given, inner, state)
        outcome = self._run(target, inner, State(env, state.heap.copy()))
        if outcome.state is None:
            raise NoReturnError
        _take_over(state, outcome.state, outcome.value)
        if all(not isinstance(atom, Constant | Reference) for atom in outcome.value):
            return join(outcome.value, self._promised(target, state))
        return outcome.value

    def call_closure(self, closure: Closure, given: Arguments, frame: Frame, state: State) -> Value:
        """Return what a call of a function inside a function returns."""
        outer = state.env
        if closure.uid != frame.uid:
            # It is called elsewhere: the variables around it may have changed since.
            outer = {name: drop_constants(value) for name, value in closure.env.items()}
        value = self.call(closure.target, given, frame, state, outer)
        _lose(closure, state)
        return value

    def ask(self, target: FunctionTarget, owner: Reference, root: FunctionTarget, state: State) -> Value:
        """Return what a property of an object gives behind the end of a function."""
        try:
            return self.call(target, Arguments(((owner,),)), self._frame(root, 0, None), state)
        except NoReturnError:
            return NOTHING

    def known(self, func: ast.expr, frame: Frame, state: State) -> str:
        """Return the name of a function of the standard library, FastAPI or pydantic; empty for other code."""
        root = func
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or frame.binds(root.id, state):
            return ""
        found = self.lookups.resolve(func, frame.scope)
        return found.name if isinstance(found, KnownTarget) else ""

    def _frame(self, target: FunctionTarget, depth: int, outer: dict[str, Value] | None) -> Frame:
        self._frames += 1
        return Frame(target, self._frames, depth, outer)

    def _run(self, target: FunctionTarget, frame: Frame, state: State) -> Outcome:
        node = target.node
        if isinstance(node, ast.Lambda):
            try:
                value = self.value(node.body, frame, state)
            except NoReturnError:
                return Outcome(NOTHING, None)
            return Outcome(value, state, ((value, state),))
        before = frozenset(state.heap)
        self._active.append(node)
        try:
            end = Body(self, frame).block(node.body, state)
        finally:
            self._active.pop()
        if end is not None:
            frame.returns.append((UNKNOWN, end))
        after = join_states([*(one for _, one in frame.returns), *frame.ends])
        if after is None:
            return Outcome(NOTHING, None)
        if target.generator:
            value = self.new(after, Thing("list", None, {}, union(frame.yields)))
            return Outcome(value, after, ((value, after),))
        _keep_apart(after, frame.returns, before)
        return Outcome(union(value for value, _ in frame.returns), after, tuple(frame.returns))

    def _bind(self, target: FunctionTarget, given: Arguments, inner: Frame, state: State) -> dict[str, Value]:
        """Return the variables of a function at its beginning."""
        env: dict[str, Value] = {}
        rest = dict(given.keywords)
        for index, parameter in enumerate(target.parameters):
            name = parameter.arg
            if index < target.positional and index < len(given.positional):
                value = given.positional[index]
            elif name in rest:
                value = rest.pop(name)
            elif given.complete and name in target.defaults:
                value = self._default(target.defaults[name], inner, state)
            else:
                value = UNKNOWN
            if value == UNKNOWN:
                value = join(value, self.declared(parameter.annotation, inner, state))
            env[name] = value
        arguments = target.node.args
        if arguments.vararg:
            items = union(given.positional[target.positional :]) if given.complete else UNKNOWN
            env[arguments.vararg.arg] = self.new(state, Thing("list", None, {}, items))
        if arguments.kwarg:
            env[arguments.kwarg.arg] = self.new(state, Thing("dict", None, rest, open=not given.complete))
        return env

    def _default(self, default: ast.expr, frame: Frame, state: State) -> Value:
        return self.outside(default, frame.scope.parent or frame.scope, frame, state)

    def _promised(self, target: FunctionTarget, state: State) -> Value:
        """Return an object of the class that a function is annotated to return."""
        returns = None if isinstance(target.node, ast.Lambda) or target.generator else target.node.returns
        cls = None if returns is None else self.lookups.annotation_class(returns, target.scope)
        return UNKNOWN if cls is None else (*self.instance(state, cls), *UNKNOWN)

    # -- expressions

    def value(self, node: ast.expr, frame: Frame, state: State) -> Value:
        """Return what an expression may give; objects that it makes or changes are in `state`."""
        return Evaluation(self, frame, state).value(node)

    def outside(self, node: ast.expr, scope: Scope, frame: Frame, state: State) -> Value:
        """Return what an expression gives that stands outside of functions: the default of a field."""
        there = Frame(frame.target, frame.uid, frame.depth, None)
        there.scope = scope
        return self.value(node, there, State({}, state.heap))

    # -- objects

    def new(self, state: State, thing: Thing) -> Value:
        """Return a new object."""
        self._objects += 1
        state.heap[self._objects] = thing
        return (Reference(self._objects),)

    def instance(self, state: State, cls: ClassDefinition) -> Value:
        """Return an object of a class about which nothing else is known."""
        kind: Literal["dict", "instance"] = "dict" if self.lookups.kind(cls) == "typed dict" else "instance"
        return self.new(state, Thing(kind, cls, {}, open=True))

    def declared(self, annotation: ast.expr | None, frame: Frame, state: State) -> Value:
        """Return an object of the class that an annotation names, so that its methods and attributes are known."""
        cls = None if annotation is None else self.lookups.annotation_class(annotation, frame.scope)
        return UNKNOWN if cls is None else self.instance(state, cls)

    def forget(self, handed: Iterable[Value], state: State) -> None:
        """Take what unknown code was handed as changed: all that it can reach is unknown."""
        atoms = [atom for value in handed for atom in value]
        for closure in [atom for atom in atoms if isinstance(atom, Closure)]:
            # Whoever calls it changes what it changes.
            names = {node.id for node in ast.walk(closure.node) if isinstance(node, ast.Name)}
            atoms += [atom for name in names & closure.env.keys() for atom in references(closure.env[name])]
            _lose(closure, state)
        for key in _reached(tuple(atoms), state):
            thing = state.heap[key]
            fields = {name: drop_constants(value) for name, value in thing.fields.items()}
            state.heap[key] = thing._replace(fields=fields, items=drop_constants(thing.items), open=True)
        state.facts = without(without(state.facts, "."), "[")

    def store(self, owners: Value, name: str, value: Value, state: State) -> None:
        """Assign to an attribute or a key of objects."""
        for reference in references(owners):
            thing = state.heap[reference.key]
            kept = assigned(self, thing, name, value)
            kept = where(kept, reference.when)
            if len(owners) > 1:
                # It may be another object: what was there before is not certain any more. Which of several values goes
                # into which object is not certain either.
                before = drop_constants(thing.fields.get(name, NOTHING))
                kept = join(before, kept if len(kept) == 1 else drop_constants(kept))
            state.heap[reference.key] = thing.with_field(name, kept)


def _take_over(state: State, after: State, value: Value) -> None:
    """Let the objects be as a call leaves them, without those that only the call could reach."""
    kept = {reference.key for key in state.heap for reference in _inside(after.heap[key])}
    kept |= {reference.key for reference in references(value)}
    kept = _reached_from(kept - state.heap.keys(), after) | state.heap.keys()
    state.heap.update((key, after.heap[key]) for key in kept)


def _lose(closure: Closure, state: State) -> None:
    """Forget the variables that a function inside a function binds by `nonlocal`."""
    state.env.update(dict.fromkeys(closure.target.outer_names & state.env.keys(), UNKNOWN))


def _keep_apart(after: State, returns: Sequence[tuple[Value, State]], before: frozenset[int]) -> None:
    """Let objects that only some ways return be as they are there; what was there before is the business of all."""
    things: dict[int, list[Thing]] = {}
    for value, state in returns:
        for key in _reached(value, state) - before:
            things.setdefault(key, []).append(state.heap[key])
    for key, found in things.items():
        joined = join_states([State({}, {key: thing}) for thing in found])
        if joined is not None:
            after.heap[key] = joined.heap[key]


def _reached(value: Value, state: State) -> set[int]:
    """Return the objects that a value leads to."""
    return _reached_from({reference.key for reference in references(value)}, state)


def _reached_from(keys: set[int], state: State) -> set[int]:
    waiting = list(keys)
    seen: set[int] = set()
    while waiting:
        key = waiting.pop()
        if key not in seen and key in state.heap:
            seen.add(key)
            waiting += [reference.key for reference in _inside(state.heap[key])]
    return seen


def _inside(thing: Thing) -> list[Reference]:
    """Return the objects that another one holds."""
    return [one for value in (*thing.fields.values(), thing.items) for one in references(value)]

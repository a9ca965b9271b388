"""What variables and objects hold while a function is followed: sets of constants, objects and the unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.python.facts import contradict

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping

    from protogate.crosscheck.python.facts import Fact
    from protogate.crosscheck.python.lookups import FunctionTarget
    from protogate.crosscheck.python.names import ClassDefinition
    from protogate.crosscheck.shapes import Scalar
    from protogate.findings import Place

__all__ = [
    "LOST",
    "NOTHING",
    "UNKNOWN",
    "Arguments",
    "Atom",
    "Bound",
    "Class",
    "Closure",
    "Constant",
    "Heap",
    "NoReturnError",
    "Reference",
    "State",
    "Thing",
    "Unknown",
    "Value",
    "certain",
    "constants",
    "join",
    "join_states",
    "references",
    "ruled_out",
    "told_apart",
    "union",
    "where",
]

_FEW: Final = 32
_MANY: Final = 256
"""More values than this at one place are no longer told apart: a table of constants has fewer."""


class Constant(NamedTuple):
    """One value that is written in the code."""

    value: Scalar
    """As it stands in documents: the value of an enum member."""
    place: Place
    member: str = ""
    """`Status.BAD`, when it is the member itself; empty for its `.value` and for plain constants."""
    when: frozenset[Fact] = frozenset()
    """What is known where it is assigned, and not where it is not."""


class Reference(NamedTuple):
    """An object that the code made or was given; what it holds is in `State.heap`."""

    key: int
    when: frozenset[Fact] = frozenset()
    """As of a constant."""


class Class(NamedTuple):
    """A class as a value: it can be called."""

    target: ClassDefinition


class Bound(NamedTuple):
    """A function or a method of an object."""

    target: FunctionTarget
    receiver: Value | None = None


class Closure(NamedTuple):
    """A function that is defined inside the one that is followed."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    target: FunctionTarget
    env: dict[str, Value]
    """The variables around it where it is defined."""
    uid: int
    """The call in which it is defined."""

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same definition."""
        return isinstance(other, Closure) and other.node is self.node

    def __hash__(self) -> int:
        """Return the same for one definition."""
        return id(self.node)


class Unknown(NamedTuple):
    """Anything else."""

    lost: bool = False
    """Whether it was known, and is not told apart any more: then it need not be anything at all."""


Atom: TypeAlias = Constant | Reference | Class | Bound | Closure | Unknown
Value: TypeAlias = tuple[Atom, ...]
"""What may stand there; each atom once. Empty: nothing can, the code is not reached."""

UNKNOWN: Final[Value] = (Unknown(),)
LOST: Final[Value] = (Unknown(lost=True),)
NOTHING: Final[Value] = ()


class Thing(NamedTuple):
    """What an object holds; a change makes a new one."""

    kind: Literal["instance", "dict", "list"]
    cls: ClassDefinition | None
    fields: Mapping[str, Value]
    """Attributes of an instance, values of a dictionary by key."""
    items: Value = NOTHING
    """The items of a list; the values of a dictionary whose keys are not known."""
    open: bool = False
    """Whether there may be fields that are not listed."""

    def with_field(self, name: str, value: Value) -> Thing:
        """Return it after an assignment."""
        return self._replace(fields={**self.fields, name: value})


class Arguments(NamedTuple):
    """What a call hands over."""

    positional: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = {}
    complete: bool = True
    """Whether there is no `*x` or `**x` that could hold more."""

    @property
    def handed(self) -> list[Value]:
        """All of it."""
        return [*self.positional, *self.keywords.values()]

    def behind(self, receiver: Value) -> Arguments:
        """Return them behind the object of a method."""
        return self._replace(positional=(receiver, *self.positional))


class NoReturnError(Exception):
    """A call never returns: what comes behind it is not reached."""


class Heap(dict[int, Thing]):
    """What each object holds; nothing is known of one that is not there, such as one of a call that is over."""

    def __missing__(self, key: int) -> Thing:
        """Return an object of which nothing is known."""
        return Thing("instance", None, {}, open=True)

    def copy(self) -> Heap:
        """Return one that can go another way."""
        return Heap(self)


class State:
    """The variables of one function and all objects, at one point of the code."""

    __slots__ = ("env", "facts", "heap")

    env: dict[str, Value]
    heap: Heap
    facts: frozenset[Fact]
    """How tests came out on all ways that lead here."""

    def __init__(self, env: dict[str, Value], heap: dict[int, Thing], facts: frozenset[Fact] = frozenset()) -> None:
        self.env = env
        self.heap = heap if isinstance(heap, Heap) else Heap(heap)
        self.facts = facts

    def copy(self) -> State:
        """Return one that can go another way."""
        return State(self.env.copy(), self.heap.copy(), self.facts)


def union(values: Iterable[Value]) -> Value:
    """Return all that may stand in one of them."""
    atoms: dict[Atom, None] = {}
    for value in values:
        atoms.update(dict.fromkeys(value))
    if len(atoms) <= _FEW:
        return tuple(atoms)
    # Many ways lead here: it is not worth to tell them apart.
    on_some_ways = any(isinstance(atom, Constant | Reference) and atom.when for atom in atoms)
    return UNKNOWN if on_some_ways or len(atoms) > _MANY else tuple(atoms)


def constants(value: Value) -> tuple[Constant, ...]:
    """Return the constants of a value."""
    return tuple(atom for atom in value if isinstance(atom, Constant))


def references(value: Value) -> tuple[Reference, ...]:
    """Return the objects of a value."""
    return tuple(atom for atom in value if isinstance(atom, Reference))


def certain(value: Value) -> bool:
    """Return whether a value is one of known constants."""
    return bool(value) and all(isinstance(atom, Constant) for atom in value)


def join(first: Value, second: Value) -> Value:
    """Return what may stand there when either way was taken."""
    return first if first == second else union((first, second))


def told_apart(then: State, other: State, held: frozenset[Fact], failed: frozenset[Fact]) -> None:
    """Note which values stand only where a test came out one way: what another test rules out later.

    Args:
        then: the state where it held.
        other: the state where it did not.
        held: what is known where it held.
        failed: what is known where it did not.
    """
    for name, value in then.env.items():
        rest = other.env.get(name, NOTHING)
        if value != rest:
            then.env[name], other.env[name] = _only(value, rest, held), _only(rest, value, failed)
    for key, thing in then.heap.items():
        counterpart = other.heap.get(key)
        if counterpart is None or counterpart is thing:
            continue
        names = thing.fields.keys() & counterpart.fields.keys()
        pairs = {name: (thing.fields[name], counterpart.fields[name]) for name in names}
        here = {name: _only(one, two, held) for name, (one, two) in pairs.items()}
        there = {name: _only(two, one, failed) for name, (one, two) in pairs.items()}
        then.heap[key] = thing._replace(
            fields={**thing.fields, **here}, items=_only(thing.items, counterpart.items, held)
        )
        other.heap[key] = counterpart._replace(
            fields={**counterpart.fields, **there}, items=_only(counterpart.items, thing.items, failed)
        )


def ruled_out(state: State, facts: frozenset[Fact]) -> None:
    """Drop the values that stand only where a test came out another way."""
    for name, value in state.env.items():
        state.env[name] = _without(value, facts)
    for key, thing in state.heap.items():
        fields = {name: _without(value, facts) for name, value in thing.fields.items()}
        items = _without(thing.items, facts)
        if items is not thing.items or any(fields[name] is not value for name, value in thing.fields.items()):
            state.heap[key] = thing._replace(fields=fields, items=items)


def where(value: Value, facts: frozenset[Fact]) -> Value:
    """Return a value that stands there only if some facts hold; what contradicts them cannot."""
    if not facts:
        return value
    return tuple(
        atom._replace(when=atom.when | facts) if isinstance(atom, Constant | Reference) else atom
        for atom in _without(value, facts)
    )


def _only(value: Value, rest: Value, facts: frozenset[Fact]) -> Value:
    return tuple(
        atom._replace(when=atom.when | facts) if isinstance(atom, Constant | Reference) and atom not in rest else atom
        for atom in value
    )


def _without(value: Value, facts: frozenset[Fact]) -> Value:
    if not any(isinstance(atom, Constant | Reference) and atom.when for atom in value):
        return value
    return tuple(
        atom
        for atom in value
        if not isinstance(atom, Constant | Reference)
        or not any(contradict(one, fact) for one in atom.when for fact in facts)
    )


def join_states(states: Iterable[State | None]) -> State | None:
    """Return the point where ways meet; ways that end before it are None."""
    result: State | None = None
    for state in states:
        if state is None:
            continue
        result = state if result is None else _join_two(result, state)
    return result


def _join_two(first: State, second: State) -> State:
    if first is second:
        return first
    env = _join_fields(first.env, second.env)
    heap = Heap({**first.heap, **second.heap})
    for key, thing in first.heap.items():
        other = second.heap.get(key)
        if other is not None and other is not thing:
            heap[key] = thing._replace(
                fields=_join_fields(thing.fields, other.fields),
                items=join(thing.items, other.items),
                open=thing.open or other.open,
            )
    return State(env, heap, first.facts & second.facts)


def _join_fields(first: Mapping[str, Value], second: Mapping[str, Value]) -> dict[str, Value]:
    joined = {name: join(value, second.get(name, UNKNOWN)) for name, value in first.items()}
    for name, value in second.items():
        if name not in first:
            joined[name] = join(UNKNOWN, value)
    return joined

"""The function that is followed, and the point in it: what statements, expressions and calls hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ast

    from protogate.crosscheck.python.evaluation import Evaluation
    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.lookups import FunctionTarget
    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.values import State, Thing, Value
    from protogate.findings import Place

__all__ = ["Frame", "Outcome", "Site", "TooLongError"]


class TooLongError(Exception):
    """The code is too long to follow: nothing is certain."""


class Outcome(NamedTuple):
    """What a call gives back."""

    value: Value
    """Everything that it may return; items of a generator stand in a list."""
    state: State | None
    """The objects afterwards; None when it never returns."""
    returns: tuple[tuple[Value, State], ...] = ()
    """Each way out by itself: what is returned there, and the objects there."""


class Frame:
    """One function while it is followed."""

    __slots__ = ("depth", "ends", "outer", "returns", "scope", "target", "tries", "uid", "waiting", "yields")

    def __init__(self, target: FunctionTarget, uid: int, depth: int, outer: dict[str, Value] | None) -> None:
        self.target = target
        self.scope: Scope = target.scope
        self.uid = uid
        self.depth = depth
        """Calls around it."""
        self.outer = outer
        """The variables of the function in which it is defined."""
        self.returns: list[tuple[Value, State]] = []
        """For each `return` that is reached what it gives, and the objects there."""
        self.ends: list[State] = []
        """The objects where an item is given out."""
        self.yields: list[Value] = []
        self.tries: list[list[State]] = []
        """For each `try` around this point: the states at its `raise`s."""
        self.waiting: list[tuple[list[State], list[State]]] = []
        """For each loop around this point: the states at its `break`s and `continue`s."""

    def binds(self, name: str, state: State) -> bool:
        """Return whether a name is a variable of this function or one around it."""
        return name in state.env or name in self.target.local_names or (self.outer is not None and name in self.outer)


class Site(NamedTuple):
    """A call that is followed, and all around it."""

    follower: Follower
    node: ast.expr
    frame: Frame
    state: State

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.follower.lookups.place(self.node, self.frame.scope)

    @property
    def here(self) -> Evaluation:
        """Expressions at this point."""
        from protogate.crosscheck.python.evaluation import Evaluation  # expressions ask for calls

        return Evaluation(self.follower, self.frame, self.state)

    def value(self, node: ast.expr) -> Value:
        """Return what a part of it gives."""
        return self.follower.value(node, self.frame, self.state)

    def new(self, thing: Thing) -> Value:
        """Return an object that it makes."""
        return self.follower.new(self.state, thing)

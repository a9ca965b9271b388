"""Follows the statements of a function: which ways lead where, and what holds behind them."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any, Final

from protogate.crosscheck.python.containers import items_of, update
from protogate.crosscheck.python.evaluation import Evaluation
from protogate.crosscheck.python.facts import Fact, either
from protogate.crosscheck.python.narrowing import decide, place_text, places
from protogate.crosscheck.python.values import (
    UNKNOWN,
    Closure,
    NoReturnError,
    Reference,
    constants,
    join,
    join_states,
    references,
    told_apart,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.frames import Frame
    from protogate.crosscheck.python.values import State, Value

__all__ = ["Body"]

_SIMPLE: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Pass)
_FAILING: Final = (
    ast.Call, ast.Subscript, ast.Await, ast.BinOp, ast.Assert, ast.Import, ast.ImportFrom, ast.For,
    ast.AsyncFor, ast.With, ast.AsyncWith, ast.Yield, ast.YieldFrom,
)  # fmt: skip
_SHORT: Final = 8
"""Items of a list that is written out, each of which is followed by itself."""
_ROUNDS: Final = 2
"""How often a loop is followed: the second round sees what the first one left."""


class Body:
    """The statements of one function."""

    __slots__ = ("_follower", "_frame")

    def __init__(self, follower: Follower, frame: Frame) -> None:
        self._follower = follower
        self._frame = frame

    def block(self, body: Sequence[ast.stmt], state: State) -> State | None:
        """Return the state behind some statements; None when their end is never reached."""
        after: State | None = state
        for statement in body:
            if after is None:
                return None
            self._follower.spend(1 + len(after.heap) // 4)
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                try:
                    after = handler(self, statement, after)
                except NoReturnError:
                    return None
        return after

    def _at(self, state: State) -> Evaluation:
        return Evaluation(self._follower, self._frame, state)

    def _value(self, node: ast.expr, state: State) -> Value:
        return Evaluation(self._follower, self._frame, state).value(node)

    # -- ways out

    def _return(self, node: ast.Return, state: State) -> None:
        value = UNKNOWN if node.value is None else self._value(node.value, state)
        self._frame.returns.append((value, state))

    def _raise(self, node: ast.Raise, state: State) -> None:
        del node
        if self._frame.tries:
            self._frame.tries[-1].append(state)

    def _break(self, node: ast.Break, state: State) -> None:
        del node
        self._frame.waiting[-1][0].append(state)

    def _continue(self, node: ast.Continue, state: State) -> None:
        del node
        self._frame.waiting[-1][1].append(state)

    # -- assignments

    def _expression(self, node: ast.Expr, state: State) -> State:
        self._value(node.value, state)
        return state

    def _assignment(self, node: ast.Assign, state: State) -> State:
        pairs = _pairs(node)
        values = [self._value(value, state) for _, value in pairs]
        for (target, _), value in zip(pairs, values, strict=True):
            self._at(state).assign(target, value)
        if pairs:
            return state
        value = self._value(node.value, state)
        for target in node.targets:
            self._at(state).assign(target, value)
        return state

    def _annotated(self, node: ast.AnnAssign, state: State) -> State:
        if node.value is None:
            if isinstance(node.target, ast.Name):
                state.env[node.target.id] = UNKNOWN
            return state
        found = self._value(node.value, state)
        if not constants(found) and not references(found):
            found = join(found, self._follower.declared(node.annotation, self._frame, state))
        self._at(state).assign(node.target, found)
        return state

    def _augmented(self, node: ast.AugAssign, state: State) -> State:
        value = self._value(node.value, state)
        held = references(self._value(node.target, state))
        for reference in held:
            thing = state.heap[reference.key]
            if thing.kind == "list":
                state.heap[reference.key] = thing._replace(items=join(thing.items, items_of(value, state)))
            elif thing.kind == "dict":
                update(self._follower, (reference,), value, state)
        if not held:
            self._at(state).assign(node.target, UNKNOWN)
        return state

    def _deleted(self, node: ast.Delete, state: State) -> State:
        for target in node.targets:
            self._at(state).delete(target)
        return state

    def _declared_outside(self, node: ast.Global | ast.Nonlocal, state: State) -> State:
        state.env.update(dict.fromkeys(node.names, UNKNOWN))
        return state

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> State:
        target = self._follower.lookups.nested(node, self._frame.scope)
        state.env[node.name] = UNKNOWN if target.opaque else (Closure(node, target, state.env, self._frame.uid),)
        return state

    def _class(self, node: ast.ClassDef, state: State) -> State:
        state.env[node.name] = UNKNOWN
        return state

    # -- ways

    def _assert(self, node: ast.Assert, state: State) -> State | None:
        return self._at(state).assume(node.test, hold=True, strict=True)

    def _if(self, node: ast.If, state: State) -> State | None:
        self._value(node.test, state)
        known = state.facts
        strict = _leaves(node.body) or _leaves(node.orelse) or _rebinds(node, node.test)
        then = self._at(state.copy()).assume(node.test, hold=True, strict=strict)
        other = self._at(state).assume(node.test, hold=False, strict=strict)
        facts = [frozenset() if way is None else way.facts - known for way in (then, other)]
        if then is not None:
            then = self.block(node.body, then)
        if other is not None:
            other = self.block(node.orelse, other)
        if then is not None and other is not None:
            told_apart(then, other, *facts)
        joined = join_states((then, other))
        if joined is not None and then is not None and other is not None:
            joined.facts |= either(then.facts, other.facts)
        return joined

    def _while(self, node: ast.While, state: State) -> State | None:
        def enter(at: State) -> State | None:
            self._value(node.test, at)
            return self._at(at.copy()).assume(node.test, hold=True, strict=True, again=True)

        endless = not decide(node.test, self._at(state).peek).fails
        known = state.facts
        exits, breaks = self._rounds(node.body, state, enter)
        done = None if endless else self._met(node, "loop", exits, known)
        if done is not None:
            done = self._at(done).assume(node.test, hold=False, strict=True, again=True)
        if done is not None:
            done = self.block(node.orelse, done)
        return self._met(node, "break", [done, *breaks], known)

    def _for(self, node: ast.For | ast.AsyncFor, state: State) -> State | None:
        if isinstance(node.iter, ast.List | ast.Tuple) and _is_short(node.iter):
            return self._unrolled(node, node.iter, state)
        items = items_of(self._value(node.iter, state), state)

        def enter(at: State) -> State | None:
            self._at(start := at.copy()).assign(node.target, items or UNKNOWN)
            return start

        known = state.facts
        exits, breaks = self._rounds(node.body, state, enter)
        if items and all(isinstance(atom, Reference) for atom in items):
            # A list of objects is not empty: what changes them all changes each.
            exits = exits[_ROUNDS:] or exits
        done = self._met(node, "loop", exits, known)
        if done is not None:
            done = self.block(node.orelse, done)
        return self._met(node, "break", [done, *breaks], known)

    def _met(
        self, node: ast.stmt, word: str, ways: Sequence[State | None], known: frozenset[Fact] = frozenset()
    ) -> State | None:
        """Return the state where ways meet; what stands there only on one of them is noted."""
        done: State | None = None
        for number, state in enumerate(ways):
            if done is not None and state is not None:
                name = f"{word}_{node.lineno}_{node.col_offset}_{number}"
                held, failed = (Fact(name, held=hold, frame=self._frame.uid) for hold in (True, False))
                told_apart(state, done, (state.facts - known) | {held}, (done.facts - known) | {failed})
            done = join_states((done, state))
        return done

    def _rounds(
        self, body: Sequence[ast.stmt], state: State, enter: Callable[[State], State | None]
    ) -> tuple[list[State | None], list[State]]:
        """Return the states where a loop may end, those before a round first, and the states at its `break`s."""
        exits: list[State | None] = []
        breaks: list[State] = []
        before = state
        entry: State | None = state
        for _ in range(_ROUNDS):
            if entry is None:
                break
            before = entry
            exits.append(before.copy())
            continues: list[State] = []
            self._frame.waiting.append((breaks, continues))
            start = enter(before)
            end = None if start is None else self.block(body, start)
            self._frame.waiting.pop()
            entry = join_states([end, *continues])
        if entry is not None:
            # What the last round still changed may change further.
            moved = [name for name, value in entry.env.items() if before.env.get(name, value) != value]
            entry.env.update({name: join(entry.env[name], UNKNOWN) for name in moved})
        exits.append(entry)
        return exits, breaks

    def _unrolled(self, node: ast.For | ast.AsyncFor, display: ast.List | ast.Tuple, state: State) -> State | None:
        """Follow a loop over a list that is written out, item by item."""
        values = [self._value(one, state) for one in display.elts]
        known = state.facts
        breaks: list[State] = []
        after: State | None = state
        for value in values:
            if after is None:
                break
            continues: list[State] = []
            self._frame.waiting.append((breaks, continues))
            self._at(after).assign(node.target, value)
            end = self.block(node.body, after)
            self._frame.waiting.pop()
            after = join_states([end, *continues])
        if after is not None:
            after = self.block(node.orelse, after)
        return self._met(node, "break", [after, *breaks], known)

    def _try(self, node: ast.Try | ast.TryStar, state: State) -> State | None:
        """Follow the body; a handler can begin before any of its statements that can fail, and at a `raise`."""
        ways_out = self._ways_out()
        before = [len(way) for way in ways_out]
        known = state.facts
        failed: list[State] = []
        after = self._tried(node.body, state, failed)
        if after is not None:
            after = self.block(node.orelse, after)
        start = join_states(failed)
        ends = [after]
        if start is not None:
            for handler in node.handlers:
                entry = start.copy()
                if handler.name:
                    entry.env[handler.name] = UNKNOWN
                ends.append(self.block(handler.body, entry))
        joined = self._met(node, "try", ends, known)
        return self._finally(node.finalbody, joined, ways_out, before) if node.finalbody else joined

    def _tried(self, body: Sequence[ast.stmt], state: State, failed: list[State]) -> State | None:
        after: State | None = state
        self._frame.tries.append(failed)
        for statement in body:
            if after is None:
                break
            if _can_fail(statement):
                failed.append(after.copy())
            after = self.block([statement], after)
            if after is not None and not isinstance(statement, _SIMPLE) and _can_fail(statement):
                failed.append(after.copy())
        self._frame.tries.pop()
        return after

    def _ways_out(self) -> list[list[Any]]:
        """Return where the ways are kept that leave a statement for elsewhere."""
        frame = self._frame
        loops = frame.waiting[-1] if frame.waiting else ()
        return [frame.returns, *loops, *frame.tries[-1:]]

    def _finally(
        self, body: Sequence[ast.stmt], after: State | None, ways_out: list[list[Any]], before: list[int]
    ) -> State | None:
        """Follow `finally` behind each way out: what it returns wins, what it changes is changed for all."""
        left = [way[start:] for way, start in zip(ways_out, before, strict=True)]
        for way, start in zip(ways_out, before, strict=True):
            del way[start:]
        for way, entries in zip(ways_out, left, strict=True):
            for entry in entries:
                value, state = entry if isinstance(entry, tuple) else (None, entry)
                end = self.block(body, state)
                if end is not None:
                    way.append(end if value is None else (value, end))
        return None if after is None else self.block(body, after)

    def _with(self, node: ast.With | ast.AsyncWith, state: State) -> State | None:
        for entered in node.items:
            self._value(entered.context_expr, state)
            if entered.optional_vars is not None:
                self._at(state).assign(entered.optional_vars, UNKNOWN)
        return self.block(node.body, state)

    def _match(self, node: ast.Match, state: State) -> State | None:
        """Follow the cases as a chain of tests on the subject."""
        subject = self._value(node.subject, state)
        known = state.facts
        strict = any(_leaves(case.body) for case in node.cases) or _rebinds(node, node.subject)
        ends: list[State | None] = []
        rest: State | None = state
        for case in node.cases:
            if rest is None:
                break
            test = _pattern_test(node.subject, case.pattern)
            entry: State | None = rest.copy()
            if test is not None:
                entry = self._at(rest.copy()).assume(test, hold=True, strict=strict)
            if entry is not None:
                ends.append(self._case(case, subject, entry))
            if case.guard is None:
                if test is None:
                    rest = None if _is_irrefutable(case.pattern) else rest
                else:
                    rest = self._at(rest).assume(test, hold=False, strict=strict)
        return self._met(node, "match", [*ends, rest], known)

    def _case(self, case: ast.match_case, subject: Value, entry: State) -> State | None:
        whole = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        for name in _captures(case.pattern):
            entry.env[name] = subject if whole else UNKNOWN
        start: State | None = entry
        if case.guard is not None:
            start = self._at(entry).assume(case.guard, hold=True, strict=True)
        return None if start is None else self.block(case.body, start)


_HANDLERS: Final[dict[type[ast.stmt], Callable[[Body, Any, State], State | None]]] = {
    ast.Return: Body._return,  # noqa: SLF001 - a table of its own methods, as below
    ast.Raise: Body._raise,  # noqa: SLF001
    ast.Break: Body._break,  # noqa: SLF001
    ast.Continue: Body._continue,  # noqa: SLF001
    ast.Expr: Body._expression,  # noqa: SLF001
    ast.Assign: Body._assignment,  # noqa: SLF001
    ast.AnnAssign: Body._annotated,  # noqa: SLF001
    ast.AugAssign: Body._augmented,  # noqa: SLF001
    ast.Delete: Body._deleted,  # noqa: SLF001
    ast.Global: Body._declared_outside,  # noqa: SLF001
    ast.Nonlocal: Body._declared_outside,  # noqa: SLF001
    ast.FunctionDef: Body._function,  # noqa: SLF001
    ast.AsyncFunctionDef: Body._function,  # noqa: SLF001
    ast.ClassDef: Body._class,  # noqa: SLF001
    ast.Assert: Body._assert,  # noqa: SLF001
    ast.If: Body._if,  # noqa: SLF001
    ast.While: Body._while,  # noqa: SLF001
    ast.For: Body._for,  # noqa: SLF001
    ast.AsyncFor: Body._for,  # noqa: SLF001
    ast.Try: Body._try,  # noqa: SLF001
    ast.TryStar: Body._try,  # noqa: SLF001
    ast.With: Body._with,  # noqa: SLF001
    ast.AsyncWith: Body._with,  # noqa: SLF001
    ast.Match: Body._match,  # noqa: SLF001
}


@functools.lru_cache(maxsize=1024)
def _can_fail(statement: ast.stmt) -> bool:
    """Return whether something but a `raise` in a statement can fail: what only moves values cannot."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _FAILING):
            return True
        if not isinstance(node, ast.Raise):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Return which part of `a, b = x, y` goes where; nothing where an assignment is not of this form."""
    target, value = node.targets[0], node.value
    if len(node.targets) > 1 or not isinstance(target, ast.Tuple | ast.List):
        return []
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(target.elts):
        return []
    if any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts)):
        return []
    return list(zip(target.elts, value.elts, strict=True))


def _is_short(display: ast.List | ast.Tuple) -> bool:
    return 0 < len(display.elts) <= _SHORT and not any(isinstance(one, ast.Starred) for one in display.elts)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Return whether some way through statements leaves the function or the loop."""
    return any(
        isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)
        for statement in body
        for node in ast.walk(statement)
    )


def _rebinds(node: ast.If | ast.Match, test: ast.expr) -> bool:
    """Return whether a place that the test mentions is assigned on one of its ways."""
    texts = {place_text(place) for place in places(test)}
    return any(
        place_text(inner) in texts
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute | ast.Subscript) and isinstance(inner.ctx, ast.Store)
    )


def _pattern_test(subject: ast.expr, pattern: ast.pattern) -> ast.expr | None:
    """Return a test that says the same as a pattern; None for patterns that take all."""
    match pattern:
        case ast.MatchValue(value=value):
            return ast.Compare(subject, [ast.Eq()], [value])
        case ast.MatchSingleton(value=value):
            return ast.Compare(subject, [ast.Is()], [ast.copy_location(ast.Constant(value), pattern)])
        case ast.MatchOr(patterns=patterns):
            tests = [_pattern_test(subject, one) for one in patterns]
            known = [test for test in tests if test is not None]
            return ast.BoolOp(ast.Or(), known) if len(known) == len(tests) else None
        case ast.MatchAs(pattern=inner) if inner is not None:
            return _pattern_test(subject, inner)
        case ast.MatchAs():
            return None
        case _:
            # A pattern of another kind asks something of the subject that is not worked out.
            function = ast.copy_location(ast.Name("isinstance", ast.Load()), pattern)
            return ast.copy_location(ast.Call(function, [subject], []), pattern)


def _is_irrefutable(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _is_irrefutable(pattern.pattern))


def _captures(pattern: ast.pattern) -> list[str]:
    names = (getattr(node, "name", None) or getattr(node, "rest", None) for node in ast.walk(pattern))
    return [name for name in names if name]

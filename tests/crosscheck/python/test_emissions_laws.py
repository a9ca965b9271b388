"""Whatever a program looks like: a value that is told is written by some call of it."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from protogate.crosscheck.python.emissions import emissions
from protogate.crosscheck.python.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

PREAMBLE = """\
from pydantic import BaseModel

class F(BaseModel):
    s: str = "f0"

class G(BaseModel):
    s: str = "g0"
    f: F = F()

def first(x):
    return x

def choose(a, x, y):
    if a:
        return x
    return y

FLAGS = []

def flag():
    return FLAGS.pop() if FLAGS else False

def change(g, x):
    g.s = x

"""
INPUTS = list(itertools.product((False, True), (False, True), (0, 1, 2, 3), (0, 1, 2)))
BITS = list(itertools.product((False, True), repeat=3))
NAMES = ("s", "t")
OBJECTS = ("g", "h")


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines] or ["    pass"]


ATOMS = ("a", "b", "n == 0", "n == 1", "n != 2", "n", "known")


@st.composite
def _tests(draw: st.DrawFn) -> str:
    """Return a condition; what follows from parts of several conditions together is not worked out."""
    atom = draw(st.sampled_from(ATOMS))
    if atom == "known":
        place = draw(st.sampled_from(["s", "t", "g.s", "h.f.s"]))
        atom = f"{place} {draw(st.sampled_from(['==', '!=']))} 'v{draw(st.integers(0, 5))}'"
    return f"not {atom}" if draw(st.booleans()) else atom


@st.composite
def _values(draw: st.DrawFn, depth: int = 0) -> str:
    kinds = ["constant", "s", "t", "g.s", "h.s", "g.f.s"]
    if depth < 2:
        kinds += ["if", "first", "choose", "or"]
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "constant":
            return f"'v{draw(st.integers(0, 5))}'"
        case "if":
            return f"({draw(_values(depth=depth + 1))} if {draw(_tests())} else {draw(_values(depth=depth + 1))})"
        case "first":
            return f"first({draw(_values(depth=depth + 1))})"
        case "choose":
            return f"choose(flag(), {draw(_values(depth=depth + 1))}, {draw(_values(depth=depth + 1))})"
        case "or":
            return f"({draw(st.sampled_from(['s', 't', 'g.s']))} or {draw(_values(depth=depth + 1))})"
        case _:
            return kind


@st.composite
def _statements(  # noqa: C901, PLR0911, PLR0912 - one for each form of a statement
    draw: st.DrawFn, depth: int, *, in_loop: bool = False
) -> list[str]:
    kinds = ["name", "name", "field", "field", "object", "alias", "nested", "change"]
    if depth:
        kinds += ["if", "if", "if", "try", "return", "match", "with-list"]
        # What loops in loops leave behind is taken as unknown, and may then be anything.
        kinds += ["break", "continue"] if in_loop else ["for"]
    kind = draw(st.sampled_from(kinds))
    name, thing = draw(st.sampled_from(NAMES)), draw(st.sampled_from(OBJECTS))
    match kind:
        case "name":
            return [f"{name} = {draw(_values())}"]
        case "field":
            return [f"{thing}.s = {draw(_values())}"]
        case "object":
            return [f"{thing} = G(s={draw(_values())})"]
        case "alias":
            return ["g = h"]
        case "nested":
            return [f"{thing}.f.s = {draw(_values())}"]
        case "change":
            return [f"change({thing}, {draw(_values())})"]
        case "return":
            return [f"if {draw(_tests())}:", f"    return {thing}"]
        case "if":
            lines = [f"if {draw(_tests())}:", *_indented(draw(_bodies(depth - 1, in_loop=in_loop)))]
            if draw(st.booleans()):
                lines += ["else:", *_indented(draw(_bodies(depth - 1, in_loop=in_loop)))]
            return lines
        case "for":
            items = draw(st.sampled_from(["range(m)", "('v1', 'v2')", "[s, t]"]))
            target = "s" if items.startswith(("(", "[")) else "_"
            return [f"for {target} in {items}:", *_indented(draw(_bodies(depth - 1, in_loop=True)))]
        case "try":
            moves = st.sampled_from(["s = 'v3'", "t = s", "g.s = 'v4'", "h.s = t", "g = h", "g.f.s = 'v5'"])
            body = [*draw(st.lists(moves, max_size=3)), f"if {draw(_tests())}:", "    raise ValueError"]
            lines = ["try:", *_indented(body), "except ValueError:"]
            lines += _indented(draw(_bodies(depth - 1, in_loop=in_loop)))
            if draw(st.booleans()):
                lines += ["finally:", *_indented(draw(_statements(0)))]
            return lines
        case "match":
            lines = ["match n:"]
            for pattern in ("0", "1 | 2" if draw(st.booleans()) else "_"):
                lines += [f"    case {pattern}:", *_indented(_indented(draw(_bodies(depth - 1, in_loop=in_loop))))]
            return lines
        case "with-list":
            return ["for one in [g, h]:", f"    one.s = {draw(st.sampled_from(['s', 't', repr('v2')]))}"]
        case _:
            return [f"if {draw(_tests())}:", f"    {kind}"]


@st.composite
def _bodies(draw: st.DrawFn, depth: int, *, in_loop: bool = False) -> list[str]:
    parts = draw(st.lists(_statements(depth, in_loop=in_loop), min_size=1, max_size=3))
    return [line for part in parts for line in part]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Return a function of three parameters that returns a model."""
    body = [line for part in draw(st.lists(_statements(2), min_size=2, max_size=6)) for line in part]
    lines = ["s = 'v0'", "t = 'v1'", "g = G(s='v2')", "h = G()", *body, f"return {draw(st.sampled_from(OBJECTS))}"]
    return "\n".join([PREAMBLE + "def handler(a: bool, b: bool, n: int, m: int) -> G:", *_indented(lines), ""])


EXAMPLES = 300
ALLOWED = 2
"""Programs of so many in which something may be told that no call writes: where several conditions together rule a way
out that each of them leaves open. Real handlers hardly look like that; whoever makes this number greater tells people
of bugs that they do not have."""


def test_whatever_is_told_is_written() -> None:
    wrong: list[str] = []

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate], database=None)
    @given(programs())
    def look(source: str) -> None:
        body = source.partition("def handler")[2]
        # More flags than the calls try out.
        assume(body.count("flag()") <= (0 if "for " in body else 3))
        if not _told(source) <= _written(source):
            wrong.append(source)

    look()
    assert len(wrong) <= ALLOWED, "\n\n".join(wrong)


def _told(source: str) -> set[tuple[tuple[str, ...], Any]]:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "app.py").write_text(source, "utf-8")
        found = emissions(Workspace(directory), "app.py", "handler")
    return {(one.path, one.value) for one in found}


def _written(source: str) -> set[tuple[tuple[str, ...], Any]]:
    module: dict[str, Any] = {"__name__": "program"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "app.py", "exec", dont_inherit=True), module)  # noqa: S102
    real: set[tuple[tuple[str, ...], Any]] = set()
    for given_values, flags in itertools.product(INPUTS, BITS if "flag()" in source.partition("handler")[2] else [()]):
        module["FLAGS"][:] = flags
        document = module["handler"](*given_values).model_dump(warnings=False)
        real.add((("s",), document["s"]))
        real.add((("f", "s"), document["f"]["s"]))
    return real

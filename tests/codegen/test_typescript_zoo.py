"""The whole output for types of every kind: as accepted before, and as the TypeScript compiler judges it."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import json
import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Optional, get_args

import pytest

from protogate.codegen.typescript import (
    TypeScriptEmitter,
    generate_interface,
    python_type_to_typescript,
)
from tests.codegen.typescript import zoo
from tests.codegen.typescript.project import compiler_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.codegen.typescript import Profile

EXPECTED = Path(__file__).parent / "typescript" / "expected"
PROFILES: tuple[Profile, ...] = ("compat", "strict")
# A string is no member of an `enum`; strict output has none.
WIRE = {
    "strict": "type Wire<T> = T;\n",
    "compat": """
type Wire<T> = [Json] extends [T] ? T
  : T extends string ? `${T}`
  : T extends object ? { [K in keyof T]: Wire<T[K]> }
  : T;
""",
}
SAME = """
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Flat<T> = { [K in keyof T]: T[K] };
"""
WRONG = '{"no": "value of any type"}'
RANDOM_TYPES = 300


@cache
def zoo_text(profile: Profile) -> str:
    emitter = TypeScriptEmitter(source_description="a zoo of types", script_hint="pytest", profile=profile)
    return emitter.add_module(zoo).render()


@pytest.mark.parametrize("profile", PROFILES)
def test_output_is_the_accepted_one(profile: Profile, *, update_golden: bool) -> None:
    path = EXPECTED / f"zoo.{profile}.ts"
    actual = zoo_text(profile)
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    changed = "\n".join(difflib.unified_diff(expected.splitlines(), actual.splitlines(), "accepted", "today"))
    assert actual == expected, f"{changed}\naccept with: pytest {Path(__file__).name} --update-golden"


@pytest.mark.node
def test_compiler_accepts_what_is_right_and_nothing_else(tmp_path: Path) -> None:
    files = {}
    for profile in PROFILES:
        text = zoo_text(profile) + WIRE[profile] + SAME
        files[f"documents.{profile}.ts"] = text + "".join(accepted_documents()) + "".join(random_documents(profile))
        files[f"refused.{profile}.ts"] = text + "".join(refused_documents())
        files[f"inherited.{profile}.ts"] = text + "".join(inherited(profile))
    files["optional.ts"] = (
        'import * as compat from "./documents.compat";\nimport * as strict from "./documents.strict";\n'
        'const few: compat.Frozen = { name: "n" };\n'
        "// @ts-expect-error strict documents have every field\n"
        'const none: strict.Frozen = { name: "n" };\n'
        "few.name = 'other';\n"
        "declare const frozen: strict.Frozen;\n"
        "// @ts-expect-error of a frozen dataclass\n"
        "frozen.name = 'other';\n"
        "// @ts-expect-error of a tuple\n"
        "frozen.path.push(1);\n"
        "declare const anything: strict.Scalars;\n"
        "// @ts-expect-error unknown is not any\n"
        "anything.anything.deep;\n"
    )
    assert compiler_errors(tmp_path, files) == ""


@pytest.mark.node
def test_strict_output_is_types_and_constants_that_other_tools_can_erase(tmp_path: Path) -> None:
    strict = zoo_text("strict")
    assert compiler_errors(tmp_path, {"zoo.ts": strict}, erasableSyntaxOnly=True, isolatedModules=True) == ""


def accepted_documents() -> Iterator[str]:
    """Documents of real values."""
    for index, (name, value) in enumerate(zoo.EXAMPLES):
        yield f"const right{index}: Wire<{name}> = {json.dumps(zoo.plain(value))};\n"


def refused_documents() -> Iterator[str]:
    """The same documents with one value after the other replaced by one that no type has."""
    for index, (name, value) in enumerate(zoo.EXAMPLES):
        for count, broken in enumerate(with_one_wrong(zoo.plain(value))):
            yield f"// @ts-expect-error\nconst wrong{index}_{count}: Wire<{name}> = {broken};\n"


def with_one_wrong(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in zoo.FREE:
                yield from (_object(value, key, broken) for broken in with_one_wrong(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for broken in with_one_wrong(item):
                yield f"[{', '.join(broken if at == index else json.dumps(one) for at, one in enumerate(value))}]"
    if value != {}:  # which takes everything but null
        yield WRONG if not isinstance(value, dict) else "7"


def _object(value: dict[str, object], key: str, broken: str) -> str:
    pairs = (f"{json.dumps(name)}: {broken if name == key else json.dumps(item)}" for name, item in value.items())
    return f"{{{', '.join(pairs)}}}"


def inherited(profile: Profile) -> Iterator[str]:
    """An interface with bases has the very properties of one that lists them all."""
    classes = [one for _, one in inspect.getmembers(zoo, dataclasses.is_dataclass) if inspect.isclass(one)]
    known = {id(one) for one in classes}
    for cls in classes:
        if not known.isdisjoint(map(id, cls.__mro__[1:])):
            name = cls.__name__
            yield f"namespace flat{name} {{\n{generate_interface(cls, profile=profile)}\n}}\n"
            given = f"{name}<number>" if getattr(cls, "__parameters__", ()) else name
            yield f"const same{name}: Same<Flat<{given}>, Flat<flat{name}.{given}>> = true;\n"


def random_documents(profile: Profile) -> Iterator[str]:
    """Types that nobody thought of, each with a value."""
    source = random.Random(7)
    for index in range(RANDOM_TYPES):
        hint, value = random_type(source, 4)
        yield f"const random{index}: {python_type_to_typescript(hint, profile=profile)} = {json.dumps(value)};\n"


def random_type(source: random.Random, depth: int) -> tuple[Any, object]:
    """A type and a value of it, as it is in a document."""
    leaves: list[tuple[Any, object]] = [
        (int, 1),
        (str, "s"),
        (bool, True),
        (float, 0.5),
        (None, None),
        (Any, [1]),
        (Literal["a", 2, False], source.choice(["a", 2, False])),
    ]
    if depth == 0:
        return source.choice(leaves)
    one: Any
    other: Any
    one, value = random_type(source, depth - 1)
    other, other_value = random_type(source, depth - 1)
    either = source.choice([value, other_value])
    made: list[tuple[Any, object]] = [
        (list[one], [value, value]),
        (frozenset[one], [value]),
        (tuple[one, other], [value, other_value]),
        (tuple[one, ...], [value, value]),
        (dict[str, one], {"k": value}),
        (dict[int, one], {"1": value}),
        (dict[Literal["a", "b"], one], {"a": value}),
        (Optional[one], source.choice([value, None])),  # noqa: UP045 - made at run time
        (one | other if one is not None and other is not None else Optional[one or other], either),  # noqa: UP045
        (list[Optional[one]], [None, value]),  # noqa: UP045 - as above
    ]
    return source.choice([*made, *leaves[:2]])


def test_zoo_holds_every_form() -> None:
    """What the examples leave out nobody has looked at."""
    declared = {
        name
        for name, one in vars(zoo).items()
        if inspect.isclass(one) and one.__module__ == zoo.__name__ and dataclasses.is_dataclass(one)
    }
    shown = {name.partition("<")[0] for name, _ in zoo.EXAMPLES}
    assert declared - shown == {"Audited", "Bounded", "Low", "Middle"}  # below others
    assert set(get_args(zoo.Size)) == {"s", "m", "l"}

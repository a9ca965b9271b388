from __future__ import annotations

import collections.abc
import datetime as dt
import decimal
import enum
import json
import sys
import typing
import uuid
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from datetime import date
from types import ModuleType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from protogate.codegen.typescript import (
    PRIMITIVE_TYPE_MAP,
    PROFILE_VARIABLE,
    TypeScriptEmitter,
    generate_enum,
    generate_interface,
    python_type_to_typescript,
)
from tests.codegen.typescript import elsewhere, zoo

T = TypeVar("T")
Plain = TypeAliasType("Plain", list[int | None])
Twice = TypeAliasType("Twice", tuple[T, T], type_params=(T,))
Endless = TypeAliasType("Endless", "list[Endless]")
Identity = NewType("Identity", uuid.UUID)
GuestId = NewType("GuestId", Identity)


class Key(str):
    __slots__ = ()


class Named(NamedTuple):
    a: int


@dataclass
class Top:
    top: str


@dataclass
class Middle(Top):
    middle: int


@dataclass
class Bottom(Middle):
    bottom: str = None  # type: ignore[assignment] # what people write


@dataclass
class Shadowed:
    date: date | None = None
    type_of: str | None = None


class EntityId:
    """An identity that is written as text."""


class OrderId(EntityId):
    pass


@dataclass
class Order:
    id: OrderId


class PAIRS(enum.Enum):
    A = (1, 2)


ODD: type[enum.Enum] = enum.Enum("ODD", {"1": "a", "NaN": "b"})
BOTH: list[tuple[object, str]] = [
    (list[Optional[int]], "(number | null)[]"),
    (list[int | None], "(number | null)[]"),
    (list[list[int | None] | None], "((number | null)[] | null)[]"),
    (Optional[list[int]], "number[] | null"),
    (Union[None, int, str], "number | string | null"),
    (Union[int, float], "number"),
    (Literal["a", "b"], '"a" | "b"'),
    (Literal[1, -2, True, None], "1 | -2 | true | null"),
    (list[Literal["a", "b"]], '("a" | "b")[]'),
    (Literal['say "hi"\n'], '"say \\"hi\\"\\n"'),
    (dt.datetime, "string"),
    (dt.date, "string"),
    (uuid.UUID, "string"),
    (decimal.Decimal, "string"),
    (bytes, "string"),
    (Key, "string"),
    (enum.IntEnum("Level", "A B"), "Level"),
    (set[int], "number[]"),
    (dict[int, str], "Record<number, string>"),
    (dict[str, list[int | None]], "Record<string, (number | null)[]>"),
    (dict[bool, int], '{ [K in "true" | "false"]?: number }'),
    (dict[Literal["a", "b"], int], '{ [K in "a" | "b"]?: number }'),
    (dict[uuid.UUID, int], "Record<string, number>"),
    (dict[Identity, int], "Record<string, number>"),
    (Annotated[int | None, "positive"], "number | null"),
    (Annotated[list[int], []], "number[]"),
    (Identity, "string"),
    (GuestId, "string"),
    (Plain, "(number | null)[]"),
    (typing.List[int], "number[]"),
    (typing.Dict[str, int], "Record<string, number>"),
    (list["Named"], "Named[]"),
    (None, "null"),
    (type(None), "null"),
    (typing.NoReturn, "never"),
    (typing.Pattern[str], "string"),
    (zoo.Page[int], "Page<number>"),
    (zoo.Page[Optional[int]], "Page<number | null>"),
    (list[zoo.User], "User[]"),
]
BY_PROFILE: list[tuple[object, str, str]] = [
    (Any, "any", "unknown"),
    (object, "any", "unknown"),
    (list, "any[]", "unknown[]"),
    (dict, "Record<string, any>", "Record<string, unknown>"),
    (Optional[Any], "any", "unknown"),
    (list[Any], "any[]", "unknown[]"),
    (tuple[int, str], "[number, string]", "readonly [number, string]"),
    (tuple[int, ...], "number[]", "readonly number[]"),
    (tuple[()], "[]", "readonly []"),
    (Twice[int], "[number, number]", "readonly [number, number]"),
    (tuple, "any[]", "readonly unknown[]"),
    (typing.Tuple, "any[]", "readonly unknown[]"),
    (tuple[int, typing.Unpack[tuple[str, ...]]], "[number, ...string[]]", "readonly [number, ...string[]]"),
    (frozenset[int], "number[]", "readonly number[]"),
    (list[tuple[int, ...]], "number[][]", "(readonly number[])[]"),
    (Optional[tuple[int]], "[number] | null", "readonly [number] | null"),
    (collections.abc.Mapping[str, int], "Record<string, number>", "Readonly<Record<string, number>>"),
    (zoo.Page, "Page<any>", "Page<unknown>"),
    (T, "any", "unknown"),
]


@pytest.mark.parametrize(("hint", "expected"), BOTH, ids=[str(one) for one, _ in BOTH])
def test_type_is_the_same_in_both_profiles(hint: object, expected: str) -> None:
    assert python_type_to_typescript(hint, profile="compat") == expected
    assert python_type_to_typescript(hint, profile="strict") == expected


@pytest.mark.parametrize(("hint", "compat", "strict"), BY_PROFILE, ids=[str(one[0]) for one in BY_PROFILE])
def test_type_depends_on_the_profile(hint: object, compat: str, strict: str) -> None:
    assert python_type_to_typescript(hint, profile="compat") == compat
    assert python_type_to_typescript(hint, profile="strict") == strict


@pytest.mark.parametrize("cls", PRIMITIVE_TYPE_MAP, ids=lambda cls: cls.__name__)
def test_primitives_are_what_the_map_says(cls: type) -> None:
    assert python_type_to_typescript(cls) == PRIMITIVE_TYPE_MAP[cls]


REFUSED: list[tuple[object, str]] = [
    (complex, "complex has no TypeScript counterpart"),
    (type, "type has no TypeScript counterpart"),
    (type[int], "type has no TypeScript counterpart"),
    (Callable[[], int], "Callable"),
    (Literal[b"raw"], "Literal\\[b'raw'\\] is no value of JSON"),
    (Literal[2**60], "is no value of JSON that TypeScript can tell apart"),
    (dict[tuple[int, int], int], "cannot be a key of a JSON object"),
    (dict[zoo.Entity, int], "Entity cannot be a key"),
    (Endless, "Endless refers to itself; declare it with add_alias"),
]


@pytest.mark.parametrize(("hint", "problem"), REFUSED, ids=[str(one) for one, _ in REFUSED])
def test_type_without_counterpart_is_refused_by_the_name_of_its_field(hint: object, problem: str) -> None:
    holder = make_dataclass("Holder", [("item", hint)])
    with pytest.raises(ValueError, match=rf"^Holder\.item: .*{problem}"):
        generate_interface(holder)


def test_unresolved_names_name_every_field() -> None:
    emitter = TypeScriptEmitter().add_interface(zoo.User).add_interface(zoo.Frozen)
    with pytest.raises(ValueError, match=r"User\.parent: Entity is not declared"):
        emitter.render()


@pytest.mark.parametrize(("cls", "name"), [(elsewhere.Lost, "Nowhere"), (elsewhere.Astray, "Missing")])
def test_name_that_nobody_knows_names_the_field(cls: type, name: str) -> None:
    problem = rf"^{cls.__name__}\.where: the name '{name}' cannot be resolved; import it in {elsewhere.__name__}"
    with pytest.raises(ValueError, match=problem):
        generate_interface(cls)


def test_names_that_only_type_checkers_see_are_found() -> None:
    assert generate_interface(elsewhere.Meeting) == (
        "export interface Meeting {\n  when: string;\n  guests: User[];\n  costs: string;\n}"
    )


def test_imports_for_type_checkers_are_the_declared_classes() -> None:
    text = TypeScriptEmitter().add_interface(elsewhere.Marker).add_interface(zoo.Point).render()
    assert "  at: Point;\n" in text


def test_another_class_of_the_same_name_is_no_stand_in() -> None:
    other = make_dataclass("Entity", [("x", int)])
    emitter = TypeScriptEmitter().add_interface(other).add_interface(make_dataclass("Holder", [("e", zoo.Entity)]))
    with pytest.raises(ValueError, match=r"Holder\.e: Entity is not the class that is declared by this name"):
        emitter.render()


def test_type_variable_hides_no_type() -> None:
    emitter = TypeScriptEmitter().add_interface(zoo.Page).add_alias("Item", int)
    with pytest.raises(ValueError, match=r"^Page: the type variable Item hides the declared type Item; rename one"):
        emitter.render()


def test_a_name_is_declared_once() -> None:
    emitter = TypeScriptEmitter().add_interface(zoo.Entity).add_interface(zoo.Entity)
    assert emitter.render().count("export interface Entity ") == 1
    with pytest.raises(ValueError, match="Entity: is declared already, for another type"):
        emitter.add_interface(make_dataclass("Entity", [("x", int)]))


@pytest.mark.parametrize("name", ["string", "Record", "any", "class", "two words"])
def test_words_of_typescript_name_no_type(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a TypeScript type"):
        TypeScriptEmitter().add_interface(zoo.Entity, name=name)


def test_order_of_declarations_does_not_matter_to_references() -> None:
    forward = (
        TypeScriptEmitter().add_interface(zoo.Users).add_interface(zoo.Page).add_interfaces([zoo.User, zoo.Entity])
    )
    assert (
        "export interface Users extends Page<User> {\n  total?: number;\n}\n" in forward.add_alias(zoo.UserId).render()
    )


def test_undeclared_bases_give_their_fields() -> None:
    assert generate_interface(zoo.Users) == (
        "export interface Users {\n  items: User[];\n  next?: Page<User> | null;\n  total?: number;\n}"
    )


def test_a_base_is_extended_without_what_its_heir_redefines() -> None:
    text = TypeScriptEmitter().add_module(zoo).render()
    assert 'export interface User extends Omit<Entity, "kind">, Omit<Audited, "by"> {\n' in text
    assert 'export interface Admin extends Omit<User, "me"> {\n' in text


def test_nearest_declared_ancestor_is_extended() -> None:
    text = TypeScriptEmitter().add_interface(Bottom).add_interface(Top).render()
    assert "export interface Bottom extends Top {\n  middle: number;\n  bottom?: string | null;\n}\n" in text


def test_default_makes_a_field_optional_in_compat_only() -> None:
    assert generate_interface(Bottom, profile="compat") == (
        "export interface Bottom {\n  top: string;\n  middle: number;\n  bottom?: string | null;\n}"
    )
    assert generate_interface(Bottom, profile="strict") == (
        "export interface Bottom {\n  top: string;\n  middle: number;\n  bottom: string | null;\n}"
    )


def test_fields_hidden_by_their_own_default_resolve() -> None:
    assert "  type_of?: string | null;\n" in generate_interface(Shadowed)
    assert "  date?: string | null;\n" in generate_interface(Shadowed)


def test_private_fields_are_left_out_unless_asked_for() -> None:
    assert "_secret" not in generate_interface(zoo.User)
    assert "  _secret?: string;\n" in generate_interface(zoo.User, skip_private=False)


def test_subclasses_of_the_identity_base_are_strings() -> None:
    assert python_type_to_typescript(list[OrderId], entity_id_base=EntityId) == "string[]"
    assert "  id: string;\n" in generate_interface(Order, entity_id_base=EntityId)
    assert "  id: string;\n" in TypeScriptEmitter().with_entity_id_base(EntityId).add_interface(Order).render()
    with pytest.raises(ValueError, match=r"Order\.id: OrderId is not declared"):
        TypeScriptEmitter().add_interface(Order).render()


def test_types_of_the_caller_come_first() -> None:
    chosen: dict[type, str] = {OrderId: "Branded<string>", EntityId: "(() => void)"}
    emitter = TypeScriptEmitter(types=chosen).add_interface(Order)
    with pytest.raises(ValueError, match=r"Order\.id: Branded is not declared"):
        emitter.render()
    emitter.add_raw('import type { Branded } from "./branded";')
    assert "  id: Branded<string>;\n" in emitter.render()


@pytest.mark.parametrize(
    "raw",
    [
        "export interface OrderId { a: string }",
        "type OrderId = string;",
        "export const enum OrderId {}",
        "export declare class OrderId {}",
        'import type { Other, OrderId } from "./ids";',
        'import { Id as OrderId } from "./ids";',
        'import OrderId, { type Other } from "./ids";',
    ],
)
def test_raw_declarations_can_be_referred_to(raw: str) -> None:
    assert TypeScriptEmitter().add_raw(raw).add_interface(Order).render().endswith("  id: OrderId;\n}\n")


@pytest.mark.parametrize("raw", ["// interface OrderId", "/* type OrderId = 1 */", 'const x = "type OrderId = 1";'])
def test_comments_and_strings_declare_nothing(raw: str) -> None:
    with pytest.raises(ValueError, match="OrderId is not declared"):
        TypeScriptEmitter().add_raw(raw).add_interface(Order).render()


def test_raw_and_generated_declarations_of_one_name_clash() -> None:
    with pytest.raises(ValueError, match="Top: is declared by add_raw and once more"):
        TypeScriptEmitter().add_raw("interface Top {}").add_interface(Top).render()


def test_aliases_are_referred_to_by_name() -> None:
    holder = make_dataclass("Holder", [("size", zoo.Size), ("id", zoo.UserId), ("sizes", list[zoo.Size])])
    emitter = TypeScriptEmitter().add_alias("Size", zoo.Size, description="How big.").add_alias(zoo.UserId)
    text = emitter.add_interface(holder).render()
    assert '/** How big. */\nexport type Size = "s" | "m" | "l";\n' in text
    assert "  size: Size;\n  id: UserId;\n  sizes: Size[];\n" in text


def test_alias_by_any_name_is_declared() -> None:
    emitter = TypeScriptEmitter().add_alias("Nothing", None).add_alias("Ids", list["Top"]).add_interface(Top)
    text = emitter.render()
    assert "export type Nothing = null;\n\nexport type Ids = Top[];\n" in text
    assert "  top: string;\n" in text


def test_alias_that_refers_to_itself_is_declared() -> None:
    text = TypeScriptEmitter().add_alias(Endless).add_interface(make_dataclass("Holder", [("e", Endless)])).render()
    assert "export type Endless = Endless[];\n" in text
    assert "  e: Endless;\n" in text


def test_alias_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has no name of its own; use add_alias\(name, type\)"):
        TypeScriptEmitter().add_alias(list[int])


def test_projections_and_old_names_are_aliases() -> None:
    emitter = TypeScriptEmitter().add_interface(Top).add_interface(zoo.Page)
    emitter.add_dto_projections({"TopDto": "Top", "TopName": 'Pick<Top, "top">'})
    emitter.add_legacy_name_mappings([("Top", "OldTop"), ("Page", "OldPage")])
    assert emitter.render().endswith(
        "export type TopDto = Top;\n\n"
        'export type TopName = Pick<Top, "top">;\n\n'
        "export type OldTop = Top;\n\n"
        "export type OldPage<Item> = Page<Item>;\n"
    )


def test_projection_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="Dto = Missing: Missing is not declared"):
        TypeScriptEmitter().add_dto_projections({"Dto": "Missing"}).render()


def test_one_old_name_for_two_types_is_refused() -> None:
    with pytest.raises(ValueError, match="Legacy mapping conflict for Old: A vs B"):
        TypeScriptEmitter().add_legacy_name_mappings([("A", "Old"), ("B", "Old")])


def test_enum_values_keep_their_types() -> None:
    assert generate_enum(zoo.Priority) == "export enum Priority {\n  LOW = -1,\n  HIGH = 10,\n}"
    assert generate_enum(zoo.Priority, profile="strict") == (
        "export const Priority = {\n  LOW: -1,\n  HIGH: 10,\n} as const;\n"
        "export type Priority = (typeof Priority)[keyof typeof Priority];"
    )


@pytest.mark.parametrize("cls", [zoo.Answer, zoo.Right, ODD])
def test_enum_that_typescript_cannot_have_is_an_object_of_constants(cls: type[enum.Enum]) -> None:
    assert generate_enum(cls, profile="compat") == generate_enum(cls, profile="strict")


def test_enum_value_that_json_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^PAIRS\.A: \(1, 2\) is no value that JSON and TypeScript have"):
        generate_enum(PAIRS)


def test_literal_of_a_member_is_the_member_of_a_declared_enum() -> None:
    holder = make_dataclass("Holder", [("red", Literal[zoo.Color.RED])])
    for profile, expected in (("compat", "Color.RED"), ("strict", '"red"')):
        emitter = TypeScriptEmitter(profile=profile).add_enum(zoo.Color).add_interface(holder)  # type: ignore[arg-type]
        assert f"  red: {expected};\n" in emitter.render()
    assert '  red: "red";\n' in generate_interface(holder)


@pytest.mark.parametrize("cls", [zoo.Scalars, Top, Named, zoo.Movie])
def test_signatures_that_python_writes_are_no_documentation(cls: type) -> None:
    assert "/**" not in generate_interface(cls)


def test_head_has_no_clock() -> None:
    texts = {TypeScriptEmitter(source_description="a\nb", script_hint="make types").render() for _ in range(2)}
    line = "// " + "=" * 77
    assert texts == {
        f"{line}\n// AUTO-GENERATED FILE - DO NOT EDIT MANUALLY\n// Generated from a b\n// Run: make types\n{line}\n"
    }


def test_profile_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROFILE_VARIABLE, raising=False)
    assert python_type_to_typescript(Any) == "any"
    monkeypatch.setenv(PROFILE_VARIABLE, "strict")
    assert python_type_to_typescript(Any) == "unknown"
    monkeypatch.setenv(PROFILE_VARIABLE, "loose")
    with pytest.raises(ValueError, match="profile 'loose' is not known; use one of strict, compat"):
        TypeScriptEmitter()


def test_module_gives_what_it_defines_only() -> None:
    module = ModuleType("shop")
    here = make_dataclass("Here", [("a", int)])
    here.__module__ = "shop"
    vars(module).update(Here=here, Top=Top, Size=zoo.Size, _Hidden=here, number=3)
    text = TypeScriptEmitter().add_module(module).render()
    assert "export interface Here" in text
    assert "export type Size" in text
    assert "Top" not in text


@pytest.mark.parametrize("given", [int, "Top", Top("x"), 3])
def test_what_has_no_fields_is_no_interface(given: Any) -> None:
    with pytest.raises(TypeError, match="is no dataclass, TypedDict or NamedTuple class"):
        generate_interface(given)


@given(st.text())
def test_any_docstring_is_one_comment(text: str) -> None:
    holder = make_dataclass("Holder", [("a", int)], namespace={"__doc__": text})
    before, _, after = generate_interface(holder).rpartition("export interface Holder {\n  a: number;\n}")
    assert after == ""
    assert before.count("*/") == (1 if before else 0)


@given(st.text(min_size=1), st.sampled_from(["compat", "strict"]))
def test_any_key_is_written_so_that_json_reads_it(key: str, profile: Any) -> None:
    keyed: Any = TypedDict("Holder", {key: int})  # type: ignore[misc] # a key of any text
    line = generate_interface(keyed, skip_private=False, profile=profile).split("{\n")[1]
    written = line.removeprefix("  ").removesuffix(": number;\n}")
    assert (json.loads(written) if written.startswith('"') else written) == key


NEW_SYNTAX = """
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypedDict

type Json = dict[str, Json] | list[Json] | str | None
type Pair[T] = tuple[T, T]
type Status = Literal["a", "b"]

@dataclass
class Box[T: (int, str), *Ts]:
    one: T
    rest: tuple[*Ts]
    pair: Pair[T]
    json: Json = None

@dataclass
class Sub[K](Box[int, K, K]):
    counts: dict[Status, K] = None

class Keyed[T](TypedDict):
    a: T

class Other(Keyed[Pair[int]]):
    b: str

class Named[T](NamedTuple):
    a: T
    b: "Named[T] | None" = None
"""
OLD_SYNTAX = """
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypedDict, TypeVar, TypeVarTuple
from typing_extensions import TypeAliasType

K, T, C, Ts = TypeVar("K"), TypeVar("T"), TypeVar("T", int, str), TypeVarTuple("Ts")
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | None")
Pair = TypeAliasType("Pair", tuple[T, T], type_params=(T,))
Status = TypeAliasType("Status", Literal["a", "b"])

@dataclass
class Box(Generic[C, *Ts]):
    one: C
    rest: tuple[*Ts]
    pair: Pair[C]
    json: Json = None

@dataclass
class Sub(Box[int, K, K]):
    counts: dict[Status, K] = None

class Keyed(TypedDict, Generic[T]):
    a: T

class Other(Keyed[Pair[int]]):
    b: str

class Named(NamedTuple, Generic[T]):
    a: T
    b: "Named[T] | None" = None
"""


@pytest.mark.parametrize("is_text", [False, True], ids=["evaluated", "text"])
def test_newest_syntax_of_the_interpreter_is_read(monkeypatch: pytest.MonkeyPatch, *, is_text: bool) -> None:
    source = NEW_SYNTAX if sys.version_info >= (3, 12) else OLD_SYNTAX
    module = ModuleType("newest_syntax")
    monkeypatch.setitem(sys.modules, "newest_syntax", module)
    exec(("from __future__ import annotations\n" if is_text else "") + source, vars(module))  # noqa: S102 - our text
    text = TypeScriptEmitter().add_module(module).render().partition("\n\n")[2]
    assert text == (
        "export type Json = { [key: string]: Json } | Json[] | string | null;\n\n"
        "export type Pair<T> = [T, T];\n\n"
        'export type Status = "a" | "b";\n\n'
        "export interface Box<T extends number | string, Ts extends any[]> {\n"
        "  one: T;\n  rest: [...Ts];\n  pair: Pair<T>;\n  json?: Json | null;\n}\n\n"
        "export interface Sub<K> extends Box<number, [K, K]> {\n  counts?: { [K_ in Status]?: K } | null;\n}\n\n"
        "export interface Keyed<T> {\n  a: T;\n}\n\n"
        "export interface Other {\n  a: Pair<number>;\n  b: string;\n}\n\n"
        "export type Named<T> = [a: T, b?: Named<T> | null];\n"
    )

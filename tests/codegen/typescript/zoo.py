"""Types of every kind that the TypeScript writer knows, and values of them."""

from __future__ import annotations

import abc
import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import pathlib
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Protocol,
    Required,
    Self,
    TypedDict,
    TypeVar,
    TypeVarTuple,
    Union,
)

from typing_extensions import Doc, ReadOnly, TypeAliasType
from typing_extensions import TypeVar as DefaultingTypeVar

Item = TypeVar("Item")
Text = TypeVar("Text", bound=str)
Choice = TypeVar("Choice", int, str)
K = TypeVar("K")  # what keys of other types are called
Rest = TypeVarTuple("Rest")
Other = DefaultingTypeVar("Other", default=int)


class Color(enum.Enum):
    """What a thing looks like."""

    RED = "red"
    DARK_BLUE = 'dark "blue"'
    CRIMSON = "red"  # noqa: PIE796 - an alias


class Priority(enum.IntEnum):
    LOW = -1
    HIGH = 10


class Mode(enum.StrEnum):
    ON = enum.auto()
    OFF = enum.auto()


class Mixed(enum.Enum):
    NUMBER = 1.5
    WORD = "word"


class Answer(enum.Enum):
    YES = True
    NO = False
    UNKNOWN = None


class Right(enum.IntFlag):
    READ = 1
    WRITE = 2


Size = Literal["s", "m", "l"]
UserId = NewType("UserId", int)
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | float | bool | None")
Pair = TypeAliasType("Pair", "tuple[Item, Item]", type_params=(Item,))


class Point(NamedTuple):
    """Where it is."""

    x: float
    y: float
    label: str | None = None


class Words(NamedTuple):
    default: int
    new: int
    größe: int  # noqa: PLC2401 - as a label
    enum: str = ""


class Labelled(NamedTuple, Generic[Item]):
    value: Item
    color: Color


class Address(TypedDict):
    street: str
    zip: NotRequired[str]


class Movie(Address, total=False):
    title: Required[str]
    year: int
    tags: ReadOnly[list[str]]


Headers = TypedDict("Headers", {"content-type": str, "class": Optional[int], "2nd": "Size"})


@dataclass
class Entity:
    """A thing with an identity.

    A comment may hold */ and `code`.
    """

    id: UserId
    created: dt.datetime
    kind: str
    parent: Optional[Entity] = None


@dataclass
class Audited:
    by: str
    at: dt.datetime


@dataclass
class User(Entity, Audited):
    kind: Literal["user"] = "user"
    by: str | None  # type: ignore[assignment] # a field may be redefined to anything
    friends: list[User] = field(default_factory=list)
    me: Self | None = None
    count: ClassVar[int] = 0
    _secret: str = ""
    länge: int = 0  # noqa: PLC2401 - as a key


@dataclass
class Admin(User):
    rights: Right = Right.READ


@dataclass
class Page(Generic[Item]):
    items: list[Item]
    next: Page[Item] | None = None


@dataclass
class Users(Page[User]):
    total: int = 0


@dataclass
class Bounded(Generic[Text, Choice]):
    text: Text
    choice: Choice
    either: Union[Text, Choice]


@dataclass
class Low(Generic[Item]):
    low: Item


@dataclass
class Middle(Low[list[Item]]):
    middle: Item


@dataclass
class High(Middle[str]):
    high: int


@dataclass
class Recursive(Generic[Item]):
    same: Self | None = None
    other: Recursive[list[Item]] | None = None
    items: list[Item] = field(default_factory=list)


@dataclass
class Variadic(Generic[Item, *Rest]):
    first: Item
    rest: tuple[*Rest]


@dataclass
class Narrower(Variadic[int, K, K]):
    by_size: dict[Size, K]


@dataclass
class Gaps(Page[Optional[int]]):
    count: int = 0


@dataclass
class Defaulted(Generic[Other]):
    other: Other


class HasArea(Protocol[Item]):
    area: Item


@dataclass
class Square(HasArea[float], abc.ABC):
    area: float


class Envelope(TypedDict, Generic[Item]):
    items: list[Item]


class Letters(Envelope[str]):
    count: int


class Farther(Point):
    """A subclass of a NamedTuple adds no element."""

    z: float = 0


@dataclass(slots=True, kw_only=True)
class Modern:
    class Inner(enum.Enum):
        ONE = 1

    limit: Final[int] = 3
    start: InitVar[int] = 1
    derived: int = field(init=False, default=2)
    inner: list[Inner] = field(default_factory=list)
    counter: ClassVar[int] = 1


@dataclass(frozen=True)
class Frozen:
    name: str
    sizes: frozenset[Size] = frozenset()
    path: tuple[int, ...] = ()


@dataclass
class Empty:
    pass


@dataclass
class Scalars:
    a_bool: bool
    an_int: int
    a_float: float
    text: str
    raw: bytes
    moment: dt.datetime
    day: dt.date
    time: dt.time
    span: dt.timedelta
    money: decimal.Decimal
    uid: uuid.UUID
    path: pathlib.PurePosixPath
    address: ipaddress.IPv4Address
    nothing: None
    anything: Any
    forgotten: str = None  # type: ignore[assignment] # what people write


@dataclass
class Collections:
    optional_items: list[Optional[int]]
    optional_list: list[int] | None
    nested: list[list[str | None] | None]
    pair: tuple[int, str]
    lone: tuple[str]
    no_items: tuple[()]
    many: tuple[int | None, ...]
    first_and_rest: tuple[int, *tuple[str, ...]]
    chosen: set[Size]
    fixed: frozenset[int]
    queue: deque[bool]
    sequence: Sequence[Literal["a", 1, True, None]]
    by_text: dict[str, Any]
    by_number: dict[int, str]
    by_flag: dict[bool, int]
    by_color: dict[Color, int]
    by_priority: Mapping[Priority, list[Point]]
    by_size: dict[Size, None]
    by_id: dict[UserId, User]
    by_day: OrderedDict[dt.date, int]
    by_either: dict[str | int, int]
    grouped: defaultdict[str, list[int]]
    counted: Counter[str]
    bare: list  # type: ignore[type-arg] # what people write
    bare_mapping: dict  # type: ignore[type-arg] # what people write
    readonly: Mapping[str, int]


@dataclass
class References:
    color: Color
    red: Literal[Color.RED]
    priority: Priority
    mode: Mode
    mixed: Mixed
    answer: Answer
    right: Right
    size: Size
    point: Point
    labelled: Labelled[int]
    movie: Movie
    headers: Headers
    json: Json
    pair: Pair[int]
    documented: Annotated[int, Doc("How many.")]
    bounded: Bounded[str, int]
    any_page: Page  # type: ignore[type-arg] # what people write
    users: Users
    frozen: Frozen
    empty: Empty
    defaulted: Defaulted


def plain(value: object) -> object:  # noqa: PLR0911 - a line for each kind of value
    """The JSON of a value, as encoders of Python write it."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value) if one.name[0] != "_"}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, deque)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.decode()
    return str(value)


def _key(key: object) -> str:
    key = plain(key)
    return {True: "true", False: "false", None: "null"}[key] if key is None or key is True or key is False else str(key)


NOON = dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC)
ENTITY = Entity(UserId(3), NOON, "entity")
ANN = User(id=UserId(1), by="x", at=NOON, created=NOON)
CAT = User(id=UserId(2), by=None, at=NOON, created=NOON, parent=ENTITY, friends=[ANN], me=ANN)
BOB = Admin(id=UserId(2), by=None, at=NOON, created=NOON, rights=Right.READ | Right.WRITE)

EXAMPLES: tuple[tuple[str, object], ...] = (
    ("Entity", Entity(UserId(4), NOON, "entity", ENTITY)),
    ("User", ANN),
    ("User", CAT),
    ("Admin", BOB),
    ("Users", Users([ANN, CAT], Page([ANN]), 2)),
    ("Page<Color | null>", Page([Color.RED, None])),
    ("Point", Point(1, 2.5)),
    ("Point", Point(1, 2.5, "home")),
    ("Words", Words(1, 2, 3, "x")),
    ("Address", Address(street="High Street")),
    ("Movie", Movie(street="High Street", title="Up", year=2009, tags=["a"])),
    ("Headers", {"content-type": "text/plain", "class": None, "2nd": "m"}),
    ("Frozen", Frozen("n", frozenset({"s"}), (1, 2))),
    ("Empty", Empty()),
    ("High", High(low=["a"], middle="b", high=1)),
    ("Recursive<number>", Recursive(Recursive(items=[1]), Recursive(items=[[2]]), [3])),
    ("Variadic<number, [string, boolean]>", Variadic(1, ("a", True))),
    ("Variadic<number, []>", Variadic(1, ())),
    ("Narrower<string>", Narrower(1, ("a", "b"), {"m": "c"})),
    ("Gaps", Gaps([1, None])),
    ("Defaulted", Defaulted(1)),
    ("Defaulted<string>", Defaulted("a")),
    ("Square", Square(2.5)),
    ("Letters", Letters(items=["a"], count=1)),
    ("Farther", Farther(1, 2, "x")),
    ("Modern", Modern(inner=[Modern.Inner.ONE])),
    (
        "Scalars",
        Scalars(
            a_bool=True,
            an_int=-3,
            a_float=0.5,
            text='a "quoted" \u2028 text',
            raw=b"bytes",
            moment=NOON,
            day=NOON.date(),
            time=NOON.time(),
            span=dt.timedelta(seconds=90),
            money=decimal.Decimal("9.90"),
            uid=uuid.UUID(int=7),
            path=pathlib.PurePosixPath("/tmp/x"),  # noqa: S108 - a value, no file
            address=ipaddress.IPv4Address("10.0.0.1"),
            nothing=None,
            anything={"deep": [1, None]},
        ),
    ),
    (
        "Collections",
        Collections(
            optional_items=[1, None],
            optional_list=None,
            nested=[["a", None], None],
            pair=(1, "a"),
            lone=("a",),
            no_items=(),
            many=(1, None, 3),
            first_and_rest=(1, "a", "b"),
            chosen={"s", "m"},
            fixed=frozenset({1, 2}),
            queue=deque([True, False]),
            sequence=["a", 1, True, None],
            by_text={"a": 1, "b": [None]},
            by_number={1: "one", -2: "minus two"},
            by_flag={True: 1, False: 0},
            by_color={Color.RED: 1},
            by_priority={Priority.LOW: [Point(0, 0)]},
            by_size={"l": None},
            by_id={UserId(1): ANN},
            by_day=OrderedDict({NOON.date(): 1}),
            by_either={"a": 1, 2: 2},
            grouped=defaultdict(list, {"a": [1]}),
            counted=Counter("abba"),
            bare=[1, "a", None],
            bare_mapping={"x": [1]},
            readonly={"a": 1},
        ),
    ),
    (
        "References",
        References(
            color=Color.DARK_BLUE,
            red=Color.RED,
            priority=Priority.HIGH,
            mode=Mode.OFF,
            mixed=Mixed.NUMBER,
            answer=Answer.UNKNOWN,
            right=Right.READ | Right.WRITE,
            size="l",
            point=Point(1, 2),
            labelled=Labelled(5, Color.RED),
            movie=Movie(street="s", title="t"),
            headers={"content-type": "a", "class": 1, "2nd": "s"},
            json={"a": [1, None, {"b": "c"}], "d": True},
            pair=(1, 2),
            documented=3,
            bounded=Bounded("a", 1, "b"),
            any_page=Page([1, "x", None]),
            users=Users([ANN]),
            frozen=Frozen("x"),
            empty=Empty(),
            defaulted=Defaulted(1),
        ),
    ),
)
"""TypeScript types and values of them."""
FREE = ("anything", "by_text", "bare", "bare_mapping", "json", "any_page")
"""Fields whose types let everything in, or nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.shapes import Altered, Choice, Unresolved

if TYPE_CHECKING:
    from tests.crosscheck.python.conftest import Code

IMPORTS = """
import enum, http
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, member, nonmember, unique
from typing import Literal
from pydantic import BaseModel
"""

ENUMS = {
    "plain": """
class E(Enum):
    A = "a"
    B = 2
    C = 1.5
    D = None
    F = True
""",
    "str-mixin": """
class E(str, Enum):
    A = "a"
    B = 1
""",
    "auto": """
class E(Enum):
    A = auto()
    B = auto()
    C = 10
    D = auto()
""",
    "auto-str-enum": """
class E(StrEnum):
    FIRST_ONE = auto()
    Second = auto()
    THIRD = "3"
""",
    "auto-str-mixin": """
class E(str, Enum):
    A = auto()
    B = auto()
""",
    "auto-int": """
class E(IntEnum):
    A = 5
    B = auto()
""",
    "auto-after-text": """
class E(Enum):
    A = "x"
    B = auto()
""",
    "own-auto": """
class Base(str, Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()
class E(Base):
    FIRST = auto()
    SECOND = auto()
""",
    "aliases": """
class E(Enum):
    A = 1
    B = 1
    C = A
    D = True
    F = 2
""",
    "not-members": """
class E(Enum):
    _ignore_ = ["skipped"]
    skipped = 3
    A = "a"
    hint: int
    typed: str = "t"
    __dunder__ = 2
    N = nonmember("n")
    M = member("m")
    def method(self): return 1
    @property
    def prop(self): return 1
    @classmethod
    def make(cls): return cls.A
    fn = lambda self: 1
    make2 = classmethod(lambda cls: 1)
""",
    "constants": """
PREFIX = "p."
class Other(StrEnum):
    X = "x"
class Names:
    one = "one"
class E(str, Enum):
    A = PREFIX + "a"
    B = f"{PREFIX}b"
    C = Other.X
    D = Other.X.value
    F = Names.one
    G = "a" "b"
    H = "x".upper() if False else "h"
""",
    "integers": """
class E(IntEnum):
    A = 1 << 3
    B = 0x10 | 1
    C = -1
    D = "7"
""",
    "own-new": """
class E(str, Enum):
    A = ("a", "Label A")
    B = ("b", "Label B")
    def __new__(cls, value, label):
        made = str.__new__(cls, value)
        made._value_ = value
        made.label = label
        return made
""",
    "own-init": """
class E(Enum):
    A = ("a", 1)
    B = ("b", 2)
    def __init__(self, code, number):
        self._value_ = code
        self.number = number
""",
    "decorated": """
@unique
class E(Enum):
    A = "a"
@enum.verify(enum.UNIQUE)
class F(Enum):
    A = "a"
""",
    "inherited": """
class Base(Enum):
    def shout(self): return self.value.upper()
class Text(str, Base): ...
class E(Text):
    A = "a"
class Int(int, Enum):
    @classmethod
    def all(cls): return list(cls)
class F(Int):
    ONE = 1
""",
    "functional": """
E = Enum("E", "A B C")
F = Enum("F", ["A", "B"])
G = Enum("G", {"A": "a", "B": "b"})
H = Enum("H", [("A", "a"), ("B", "b")], type=str)
I = StrEnum("I", ["ONE", "TWO"])
J = IntEnum("J", "A B", start=5)
K = enum.Enum(value="K", names="A B")
""",
    "metaclass": """
class Meta(enum.EnumMeta):
    def __contains__(cls, item): return True
class E(Enum, metaclass=Meta):
    A = "a"
""",
    "literals": """
class Color(str, Enum):
    RED = "red"
    BLUE = "blue"
    CRIMSON = "red"
E = Literal[Color.RED, Color.BLUE]
F = Literal[Color.CRIMSON]
""",
    "empty": """
class E(Enum): ...
""",
    "standard": """
class E(BaseModel):
    a: http.HTTPStatus
    b: Literal[http.HTTPStatus.OK, http.HTTPStatus.NOT_FOUND]
""",
    "nested": """
class M(BaseModel):
    class E(str, Enum):
        A = "a"
    e: E = E.A
    f: Literal[E.A]
E = M
""",
}


@pytest.mark.parametrize("text", ENUMS.values(), ids=ENUMS)
def test_an_enum_has_the_values_that_it_has_at_run_time(code: Code, text: str) -> None:
    code.write(IMPORTS + text)
    names = [name for name in "EFGHIJK" if f"class {name}(" in text or f"\n{name} = " in text]

    assert names
    assert code.differences(*names) == []


CANNOT_BE_KNOWN = {
    "text-of-a-member": "class O(str, Enum):\n    X = 'x'\nclass E(str, Enum):\n    A = O.X\n",
    "called": "class E(Enum):\n    A = make()\n",
    "made-in-a-loop": "class E(Enum):\n    for x in 'ab':\n        y = x\n",
    "with-parts": "class E(Enum):\n    A = ('a', 1)\n",
    "own-new": "class E(str, Enum):\n    A = 'a'\n    def __new__(cls, value): return str.__new__(cls, value.upper())\n",
    "decorated": "def change(cls): return make(cls)\n@change\nclass E(Enum):\n    A = 'a'\n",
    "metaclass": (
        "class Meta(enum.EnumMeta):\n    def __new__(m, *a, **k): return super().__new__(m, *a, **k)\n"
        "class E(Enum, metaclass=Meta):\n    A = 'a'\n"
    ),
    "functional": "E = Enum('E', names())\n",
    "unknown-base": "from nowhere import Base\nclass E(Base, Enum):\n    A = 'a'\n",
    "inherits-itself": "class E(E, Enum):\n    A = 'a'\n",
}


@pytest.mark.parametrize("text", CANNOT_BE_KNOWN.values(), ids=CANNOT_BE_KNOWN)
def test_an_enum_that_has_to_be_run_is_unresolved_with_a_place(code: Code, text: str) -> None:
    code.write(IMPORTS + text)

    shape = code.shape("E", "output")

    assert isinstance(shape, Unresolved)
    assert shape.reason
    assert shape.place.line > 0


def test_members_are_placed_where_they_are_written(code: Code) -> None:
    code.write("from enum import Enum\nclass E(Enum):\n    A = 'a'\n    B = 'b'\n")

    shape = code.shape("E", "output")

    assert isinstance(shape, Choice)
    assert [(one.value, one.place.line, one.place.column) for one in shape.members] == [("a", 3, 5), ("b", 4, 5)]


def test_missing_accepts_more_than_the_members(code: Code) -> None:
    code.write(
        "from enum import Enum\nclass E(Enum):\n    A = 'a'\n"
        "    @classmethod\n    def _missing_(cls, value): return cls.A\n"
    )

    assert isinstance(code.shape("E", "input"), Altered)
    assert isinstance(code.shape("E", "output"), Choice)


def test_flags_can_be_combined(code: Code) -> None:
    code.write("from enum import Flag, auto\nclass E(Flag):\n    A = auto()\n    B = auto()\n    C = auto()\n")

    shape = code.shape("E", "output")

    assert isinstance(shape, Altered)
    assert isinstance(shape.shape, Choice)
    assert [one.value for one in shape.shape.members] == [1, 2, 4]

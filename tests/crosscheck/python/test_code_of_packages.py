"""What packages do around their models, seen in their code and written down in small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.shapes import Altered, Record, Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Direction
    from tests.crosscheck.python.conftest import Code

IMPORTS = """
import enum
import re
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_snake
T = TypeVar("T")
"""

SAMPLES = {
    "generator-with-exceptions-to-its-rule": """
def name_of(string):
    try:
        special = {"exec_ids": "ExecIDs", "rw": "RW"}
        return special[string]
    except (TypeError, KeyError):
        return "".join(one.title() for one in string.split("_"))
class M(BaseModel):
    model_config = ConfigDict(alias_generator=name_of)
    exec_ids: list[str]
    rw: bool
    host_name: str
""",
    "generator-with-what-else": """
def name_of(string):
    try:
        number = int(string[-1:])
    except ValueError:
        pass
    else:
        return f"{string}-{number}"
    return string.upper()
class M(BaseModel):
    model_config = ConfigDict(alias_generator=name_of)
    line_1: str
    line: str
""",
    "generator-with-a-compiled-expression": """
WORDS = re.compile(r"_+([0-9A-Za-z]+)")
def to_camel(string: str) -> str:
    snake = to_snake(string)
    camel = WORDS.sub(lambda m: m.group(1).title(), snake)
    return camel
class M(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel))
    first_name: str
    lastName: str
""",
    "function-that-is-auto": """
class AutoEnum(str, enum.Enum):
    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name
    @staticmethod
    def auto() -> str:
        '''Another name.'''
        return enum.auto()
class State(AutoEnum):
    SCHEDULED = AutoEnum.auto()
    DONE = AutoEnum.auto()
class M(BaseModel):
    state: State
""",
    "function-that-makes-the-configuration": """
def configured(path=(), frozen=False):
    prefix = f"APP_{'_'.join(path)}"
    return ConfigDict(extra="forbid", alias_generator=str.upper, title=prefix, frozen=frozen)
class M(BaseModel):
    model_config = configured(("a", "b"))
    x: int
""",
    "value-for-what-is-missing": """
def custom(cls: type[T]) -> type[T]:
    setattr(cls, "__get_pydantic_core_schema__", classmethod(lambda cls, source, handler: handler(source)))
    return cls
@custom
class Unset(enum.Enum):
    _UNSET = "<UNSET>"
    def __bool__(self) -> Literal[False]:
        return False
UNSET: Final = Unset._UNSET
Missing: TypeAlias = Literal[Unset._UNSET] | T | None
class M(BaseModel):
    x: Missing[int] = UNSET
""",
    "registered-class": """
KNOWN: dict[str, Any] = {}
def register(cls: T) -> T:
    '''Remember a class.'''
    key = getattr(cls, "__dispatch_key__", None)
    if key is not None:
        KNOWN[key] = cls
    cls.is_known = True
    return cls
class Part(BaseModel):
    y: str
@register
class M(BaseModel):
    __dispatch_key__ = "m"
    x: int = Field(alias="X")
    part: Part | None = None
""",
}


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_both_sides_say_the_same(code: Code, text: str) -> None:
    code.write(IMPORTS + text)

    assert code.differences("M") == []


DECIDED = {
    "other-error": """
def name_of(string):
    try:
        return {"a": "A"}[string]
    except ValueError:
        return string
class M(BaseModel):
    model_config = ConfigDict(alias_generator=name_of)
    b: str
""",
    "slow-expression": """
WORDS = re.compile(r"(a+)+$")
def name_of(string):
    return WORDS.sub("", string)
class M(BaseModel):
    model_config = ConfigDict(alias_generator=name_of)
    b: str
""",
    "configuration-that-depends": """
def configured(strict):
    if strict:
        return ConfigDict(alias_generator=str.upper)
    return ConfigDict()
class M(BaseModel):
    model_config = configured(True)
    x: int
""",
    "configuration-of-a-parameter": """
def configured(generator):
    return ConfigDict(alias_generator=generator)
class M(BaseModel):
    model_config = configured(str.upper)
    x: int
""",
    "enum-with-a-hook-of-its-decorator": """
def custom(cls):
    setattr(cls, "__get_pydantic_core_schema__", classmethod(make))
    return cls
@custom
class State(enum.Enum):
    ON = "on"
class M(BaseModel):
    x: State
""",
    "model-with-a-hook-of-its-decorator": """
def custom(cls):
    cls.__get_pydantic_core_schema__ = classmethod(make)
    return cls
@custom
class M(BaseModel):
    x: int
""",
    "decorator-that-may-return-another": """
def register(cls):
    if cls.__name__ == "N":
        return None
    return cls
@register
class M(BaseModel):
    x: int
""",
    "decorator-that-adds-a-field": """
def extend(cls):
    cls.__annotations__["y"] = int
    cls.model_rebuild(force=True)
    return cls
@extend
class M(BaseModel):
    x: int
""",
    "decorator-that-is-made": """
def register(name):
    def decorate(cls):
        return cls
    return decorate
@register("m")
class M(BaseModel):
    x: int
""",
    "decorator-that-wraps": """
def wrap(cls):
    cls = make(cls)
    return cls
@wrap
class M(BaseModel):
    x: int
""",
}


@pytest.mark.parametrize("text", DECIDED.values(), ids=DECIDED)
def test_what_code_decides_is_unresolved(code: Code, text: str) -> None:
    code.write(IMPORTS + text)

    shape = code.shape("M", "output")

    found = shape if isinstance(shape, Unresolved) else shape.fields[0].shape  # type: ignore[union-attr]  # a record
    assert isinstance(found, Unresolved), found


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        pytest.param(
            "x: Literal['-'] | str = Field(default='-', pattern='^[a-z]+$')", "output", id="pattern-of-a-union"
        ),
        pytest.param("x: Annotated[Any, WithJsonSchema(None)] = None", "input", id="key-that-is-not-published"),
    ],
)
def test_what_the_published_schema_says_otherwise_is_told_to_be_altered(
    code: Code, text: str, direction: Direction
) -> None:
    code.write(f"{IMPORTS}class M(BaseModel):\n    {text}\n")

    shape = code.shape("M", direction)

    assert isinstance(shape, Record)
    assert isinstance(shape.fields[0].shape, Altered), shape.fields[0].shape
    assert all(one.startswith("unresolved") for one in code.differences("M"))

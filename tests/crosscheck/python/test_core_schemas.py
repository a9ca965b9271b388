from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.shapes import Altered, AnyOf, Items, Primitive, Record, Unresolved

if TYPE_CHECKING:
    from tests.crosscheck.python.conftest import Code

IMPORTS = """
from datetime import datetime
from typing import Annotated, Any, Optional
import pydantic_core
from pydantic import BaseModel
from pydantic_core import core_schema
from pydantic_core.core_schema import no_info_after_validator_function, str_schema
"""

READABLE = {
    "wrapped-type": (
        "class Own(datetime):",
        "return core_schema.no_info_wrap_validator_function(cls.check, core_schema.datetime_schema())",
    ),
    "checked-before": (
        "class Own(str):",
        "return core_schema.with_info_before_validator_function(cls.check, str_schema())",
    ),
    "checked-after": ("class Own(str):", "return no_info_after_validator_function(cls, handler(str))"),
    "keywords": (
        "class Own(str):",
        "return core_schema.no_info_after_validator_function(function=cls, schema=handler.generate_schema(int))",
    ),
    "local-names": (
        "class Own(str):",
        (
            "text: Any = core_schema.str_schema(min_length=1)\n        number = core_schema.int_schema()\n"
            "        return core_schema.union_schema([text, number])"
        ),
    ),
    "inner-function": (
        "class Own(str):",
        (
            "def check(value: Any) -> Any:\n            return cls(value)\n"
            "        return core_schema.no_info_after_validator_function(check, core_schema.str_schema())"
        ),
    ),
    "json-or-python": (
        "class Own:",
        (
            "return core_schema.json_or_python_schema(\n"
            "            json_schema=core_schema.chain_schema([str_schema(), "
            "core_schema.no_info_after_validator_function(cls.check, str_schema())]),\n"
            "            python_schema=core_schema.is_instance_schema(cls),\n"
            "            serialization=core_schema.to_string_ser_schema(),\n        )"
        ),
    ),
    "lax-or-strict": (
        "class Own(str):",
        "return core_schema.lax_or_strict_schema(lax_schema=str_schema(), strict_schema=core_schema.none_schema())",
    ),
    "own-serializer": (
        "class Own(int):",
        (
            "return core_schema.no_info_plain_validator_function(cls.check, "
            "json_schema_input_schema=core_schema.int_schema(), "
            "serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=str_schema()))"
        ),
    ),
    "collections": (
        "class Own(dict):",
        (
            "return core_schema.dict_schema(str_schema(), "
            "core_schema.nullable_schema(core_schema.list_schema(core_schema.float_schema())))"
        ),
    ),
    "literal": ("class Own(str):", "return core_schema.literal_schema(['a', 'b', 3])"),
    "uuid": ("class Own(str):", "return core_schema.uuid_schema(version=4)"),
    "long-name": ("class Own(str):", "return pydantic_core.core_schema.bool_schema()"),
}


def _class(head: str, body: str) -> str:
    return (
        f"{IMPORTS}{head}\n    @classmethod\n"
        "    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:\n"
        f"        {body}\n    @classmethod\n    def check(cls, value: Any, *more: Any) -> Any:\n        return value\n"
    )


@pytest.mark.parametrize(("head", "body"), READABLE.values(), ids=READABLE)
def test_a_core_schema_that_can_be_read_is_read(code: Code, head: str, body: str) -> None:
    code.write(_class(head, body) + "class M(BaseModel):\n    x: Own\n    y: Optional[list[Own]] = None\n")

    assert code.differences("M") == []


UNREADABLE = {
    "two-returns": (
        "class Own(str):",
        "if source is str:\n            return str_schema()\n        return handler(str)",
    ),
    "itself": ("class Own(str):", "return no_info_after_validator_function(cls, handler(source))"),
    "plain-validator": ("class Own(str):", "return core_schema.no_info_plain_validator_function(cls.check)"),
    "assigned-twice": ("class Own(str):", "one = str_schema()\n        one = handler(int)\n        return one"),
    "other-function": ("class Own(str):", "return make_schema(cls)"),
    "no-return": ("class Own(str):", "raise NotImplementedError"),
    "default": ("class Own(str):", "return core_schema.with_default_schema(core_schema.uuid_schema(), default=None)"),
    "own-names": ("class Own(str):", "return core_schema.literal_schema(list(NAMES))"),
}


@pytest.mark.parametrize(("head", "body"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_core_schema_that_code_decides_is_unresolved(code: Code, head: str, body: str) -> None:
    code.write(_class(head, body) + "class M(BaseModel):\n    x: Own\n")

    for direction in ("input", "output"):
        shape = code.shape("M", direction)
        assert isinstance(shape, Record)
        assert isinstance(shape.fields[0].shape, Unresolved), shape.fields[0].shape


def test_a_marker_leaves_the_type_before_it_as_it_is(code: Code) -> None:
    code.write(
        IMPORTS
        + "class Suffix:\n    def __init__(self, suffix: str) -> None:\n        self.suffix = suffix\n"
        + "    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:\n"
        + "        return no_info_after_validator_function(self.check, handler(source))\n"
        + "    def check(self, value: Any) -> Any:\n        return value\n"
        + "class M(BaseModel):\n    x: Annotated[str, Suffix('.py')]\n    y: list[Annotated[int, Suffix('')]]\n"
    )

    assert code.differences("M") == []
    shape = code.shape("M", "input")
    assert isinstance(shape, Record)
    assert [one.shape for one in shape.fields] == [Primitive("string"), Items(Primitive("integer"))]


def test_a_function_before_the_type_may_let_more_through(code: Code) -> None:
    code.write(_class(*READABLE["checked-before"]) + "class M(BaseModel):\n    x: Own | int\n")

    accepted, written = code.shape("M", "input"), code.shape("M", "output")

    assert isinstance(accepted, Record)
    assert isinstance(written, Record)
    assert isinstance(accepted.fields[0].shape, AnyOf)
    assert isinstance(accepted.fields[0].shape.members[0], Altered)
    assert written.fields[0].shape == AnyOf((Primitive("string"), Primitive("integer")))


def test_a_published_schema_of_its_own_does_not_change_documents(code: Code) -> None:
    code.write(
        _class(*READABLE["checked-after"])
        + "    @classmethod\n    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:\n"
        + "        return {'type': 'object'}\n"
        + "class M(BaseModel):\n    x: Own\n"
    )

    shape = code.shape("M", "output")

    assert isinstance(shape, Record)
    found = shape.fields[0].shape
    assert isinstance(found, Altered)
    assert found.shape == Primitive("string")

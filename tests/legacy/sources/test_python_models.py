"""Models are read as they are written, and say what pydantic and SQLAlchemy themselves say when they run."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from protogate.errors import UserError
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema
from protogate.legacy.sources import read_schemas

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

K = LegacyKind
PYDANTIC = """\
from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

from pydantic import BaseModel, Field

Name = Annotated[str, Field(max_length=40)]


class State(enum.Enum):
    NEW = "new"
    OLD = "old"


class Part(BaseModel):
    sku: str
    next: Part | None = None


class Base(BaseModel):
    id: UUID


class Order(Base):
    name: Name
    note: str | None = None
    count: Annotated[int, Field(ge=1, le=9)] = 1
    price: Decimal
    placed: datetime
    due: Optional[date] = None
    state: State = State.NEW
    kind: Literal["a", "b"]
    tags: list[str] = []
    labels: dict[str, int] = Field(default_factory=dict)
    part: Part
    parts: list[Part]
    other: Union[int, str] = 0
    renamed: str = Field(alias="oldName")
    anything: Any = None
"""
SQLALCHEMY = """\
from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Numeric, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Mood(enum.Enum):
    sad = 1
    ok = 2


class Base(DeclarativeBase):
    pass


class Stamped:
    created: Mapped[datetime]


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column("team_name", String(80), nullable=False)


class User(Stamped, Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    nick: Mapped[str | None]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    mood: Mapped[Mood] = mapped_column(sa.Enum(Mood))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


metadata = MetaData()
lines = Table("lines", metadata, Column("a", Integer, primary_key=True), Column("b", String(3)))
"""


def load(path: Path, name: str) -> ModuleType:
    """Run a file, as its own program does."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def by_name(path: Path, text: str) -> dict[str, LegacySchema]:
    (path / "models.py").write_text(text)
    return {one.name: one for one in read_schemas(str(path / "models.py"))}


def test_what_is_read_is_what_pydantic_says(tmp_path: Path) -> None:
    order = by_name(tmp_path, PYDANTIC)["Order"]
    module = load(tmp_path / "models.py", "legacy_pydantic_models")
    schema: dict[str, Any] = module.Order.model_json_schema()
    assert [field.name for field in order.fields] == list(schema["properties"])
    assert {field.name for field in order.fields if field.is_required} == set(schema["required"])
    said = read_back(tmp_path, schema)
    for field in order.fields:
        other = said[field.name]
        # JSON has no word for exact numbers, so pydantic takes numbers and text for them.
        wanted = K.DECIMAL if field.name == "price" else other.kind
        assert (field.kind, field.is_nullable, field.is_repeated) == (wanted, other.is_nullable, other.is_repeated), (
            field
        )
        assert (field.values, field.length, field.minimum, field.maximum) == (
            other.values, other.length, other.minimum, other.maximum,
        )  # fmt: skip
        assert [inner.name for inner in field.fields] == [inner.name for inner in other.fields]


def read_back(path: Path, schema: dict[str, Any]) -> dict[str, LegacyField]:
    """The same through our reader of JSON Schema, which has tests of its own."""
    import json  # noqa: PLC0415 - only here

    (path / "said.schema.json").write_text(json.dumps(schema))
    (found,) = read_schemas(str(path / "said.schema.json"))
    return {field.name: field for field in found.fields}


def test_a_model_that_contains_itself_ends(tmp_path: Path) -> None:
    part = by_name(tmp_path, PYDANTIC)["Part"]
    assert part.fields[1].reference == "Part"
    assert [one.name for one in part.definitions["Part"]] == ["sku", "next"]


def test_what_is_read_is_what_sqlalchemy_makes(tmp_path: Path) -> None:
    found = by_name(tmp_path, SQLALCHEMY)
    module = load(tmp_path / "models.py", "legacy_sqlalchemy_models")
    url = f"sqlite:///{tmp_path}/a.db"
    engine = sa.create_engine(url)
    module.Base.metadata.create_all(engine)
    module.metadata.create_all(engine)
    engine.dispose()
    reflected = {one.name: one for one in read_schemas(url)}
    assert set(found) == set(reflected) == {"teams", "users", "lines"}
    for name, schema in found.items():
        there = {field.name: field for field in reflected[name].fields}
        assert {field.name for field in schema.fields} == there.keys()
        for field in schema.fields:
            other = there[field.name]
            # SQLite keeps an enum as text.
            kind = K.STRING if field.kind is K.ENUM else field.kind
            length = 3 if field.kind is K.ENUM else field.length
            assert (kind, field.is_nullable, field.is_key, length) == (
                other.kind, other.is_nullable, other.is_key, other.length,
            ), field  # fmt: skip
            assert (field.precision, field.scale, field.references) == (other.precision, other.scale, other.references)


def test_a_name_selects_a_model(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(PYDANTIC)
    assert [one.name for one in read_schemas(f"{tmp_path}/models.py:Part")] == ["Part"]


def test_a_type_that_is_not_known_is_a_note(tmp_path: Path) -> None:
    model = by_name(tmp_path, "from pydantic import BaseModel\nclass A(BaseModel):\n  x: Strange[int]\n")["A"]
    assert model.fields[0].kind is K.ANY
    assert [(note.place.line, note.message) for note in model.notes] == [(3, "type Strange[int] is not known")]


@pytest.mark.parametrize(("text", "said"), [("class A(:\n", "models.py:1: is no Python"), ("\0", "is no Python")])
def test_mistakes_are_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        by_name(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_code_is_never_run(tmp_path: Path) -> None:
    text = "from pydantic import BaseModel\nraise SystemExit(3)\nclass A(BaseModel):\n  x: int\n"
    assert by_name(tmp_path, text)["A"].fields[0].kind is K.INTEGER

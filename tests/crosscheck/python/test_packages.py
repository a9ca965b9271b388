"""Models whose bases come from installed packages, of which the source is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.python.search import default_site
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Record, Unresolved
from protogate.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.crosscheck.shapes import Shape

PACKAGES = {
    "sqlmodel/__init__.py": "from .main import Field as Field, Relationship as Relationship, SQLModel as SQLModel\n",
    "sqlmodel/main.py": (
        "from pydantic import BaseModel\n"
        "from pydantic._internal._model_construction import ModelMetaclass\n"
        "from typing import Any, ClassVar\n"
        "class SQLModelMetaclass(ModelMetaclass):\n"
        "    def __new__(cls, *a, **k): ...\n"
        "class SQLModel(BaseModel, metaclass=SQLModelMetaclass, registry=object()):\n"
        "    __tablename__: ClassVar[str]\n"
        "def Field(default: Any = ..., **keywords: Any) -> Any: ...\n"
        "def Relationship(**keywords: Any) -> Any: ...\n"
    ),
    "pydantic_settings/__init__.py": "from .main import BaseSettings, SettingsConfigDict\n",
    "pydantic_settings/main.py": (
        "from pydantic import BaseModel, ConfigDict\n"
        "class SettingsConfigDict(ConfigDict, total=False):\n    env_prefix: str\n"
        "class BaseSettings(BaseModel):\n"
        "    model_config = SettingsConfigDict(extra='forbid', env_prefix='')\n"
    ),
    "compat/__init__.py": "",
    "compat/_compat.py": (
        "import pydantic\n"
        "if pydantic.VERSION.startswith('1.'):\n"
        "    class Base(pydantic.BaseModel):\n        old: int\n"
        "else:\n"
        "    class Base(pydantic.BaseModel):\n        new: int\n"
    ),
    "editable.pth": "linked\n",
    "linked/other.py": "from pydantic import BaseModel\nclass Linked(BaseModel):\n    x: int\n",
    "parts/one/a.py": "from pydantic import BaseModel\nclass A(BaseModel):\n    a: int\n",
    "native.abi3.so": "",
}
CODE = """
from typing import Literal, Optional
from sqlmodel import Field, Relationship, SQLModel
from pydantic_settings import BaseSettings, SettingsConfigDict
from compat._compat import Base
from other import Linked
from parts.one.a import A
from native import Compiled

class Team(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str = Field(alias="teamName")
    heroes: list[int] = Relationship(back_populates="team")

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="X_")
    level: Literal["x"] = "x"

class Child(Base):
    y: int

class FromLinked(Linked):
    y: int

class FromParts(A):
    y: int

class FromCompiled(Compiled):
    y: int
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    site = tmp_path / "site"
    for name, text in PACKAGES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    code = tmp_path / "code"
    code.mkdir()
    (code / "models.py").write_text(CODE)
    return Workspace(str(code), site=[str(site), *default_site(str(code))])


def _shape(workspace: Workspace, name: str) -> Shape:
    found = workspace.symbol("models.py", name)
    assert not isinstance(found, Finding)
    return workspace.shape_of(found, "input")


@pytest.mark.parametrize(
    ("name", "keys", "extra"),
    [
        ("Team", ["id", "teamName"], "ignore"),
        ("Settings", ["level"], "forbid"),
        ("Child", ["new", "y"], "ignore"),
        ("FromLinked", ["x", "y"], "ignore"),
        ("FromParts", ["a", "y"], "ignore"),
    ],
)
def test_a_base_of_an_installed_package_is_read(workspace: Workspace, name: str, keys: list[str], extra: str) -> None:
    shape = _shape(workspace, name)

    assert isinstance(shape, Record), shape
    assert [one.name for one in shape.fields] == keys
    assert shape.extra == extra


def test_a_compiled_base_is_unresolved(workspace: Workspace) -> None:
    shape = _shape(workspace, "FromCompiled")

    assert isinstance(shape, Unresolved)
    assert "compiled" in shape.reason


def test_the_environment_of_a_project_comes_before_the_one_that_runs(tmp_path: Path) -> None:
    own = tmp_path / ".venv/lib/python3.99/site-packages"
    own.mkdir(parents=True)

    assert default_site(str(tmp_path))[0] == str(own)

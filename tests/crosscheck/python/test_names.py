from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Known, ModuleDefinition, resolve
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Choice, Record, Unresolved
from protogate.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crosscheck.python.conftest import Code

A = "from enum import Enum\nclass Status(str, Enum):\n    A = 'a'\n"
B = "from enum import Enum\nclass Status(str, Enum):\n    B = 'b'\n"
MODEL = "from pydantic import BaseModel\nclass M(BaseModel):\n    s: Status\n"

# How a module comes to the name `Status`, and which values it then has.
WAYS = {
    "from": ("from .a import Status\n", "a"),
    "from-as": ("from .a import Status as X\nStatus = X\n", "a"),
    "absolute": ("from {package}.a import Status\n", "a"),
    "module": ("from . import a\nStatus = a.Status\n", "a"),
    "import-as": ("import {package}.a as other\nStatus = other.Status\n", "a"),
    "import-dotted": ("import {package}.a\nStatus = {package}.a.Status\n", "a"),
    "star": ("from .a import *\n", "a"),
    "star-then-own": ("from .a import *\nfrom .b import Status\n", "b"),
    "own-then-star": ("from .b import Status\nfrom .a import *\n", "a"),
    "two-stars": ("from .a import *\nfrom .b import *\n", "b"),
    "star-of-another-all": ("from .b import Status\nfrom .hidden import *\n", "b"),
    "re-exported": ("from .api import Status\n", "a"),
    "re-exported-by-package": ("from .package import Status\n", "a"),
    "relative-in-package": ("from .package.inner import Status\n", "a"),
    "type-checking": ("import typing\nif typing.TYPE_CHECKING:\n    from .a import Status\n", "a"),
    "type-checking-else": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import Status\nelse:\n    from .b import Status\n",
        "b",
    ),
    "not-type-checking": (
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from .b import Status\nelse:\n    from .a import Status\n",
        "b",
    ),
    "try": ("try:\n    from .a import Status\nexcept ImportError:\n    from .b import Status\n", "a"),
    "try-missing": ("try:\n    from nowhere import Status\nexcept ImportError:\n    from .b import Status\n", "b"),
    "try-missing-name": (
        "try:\n    from .a import Gone as Status\nexcept (ImportError, OSError):\n    from .b import Status\n",
        "b",
    ),
    "try-else": (
        "try:\n    import nowhere\nexcept ImportError:\n    from .b import Status\nelse:\n    from .a import Status\n",
        "b",
    ),
    "version": (
        "import sys\nif sys.version_info >= (3, 8):\n    from .a import Status\nelse:\n    from .b import Status\n",
        "a",
    ),
    "version-below": (
        "import sys\nif sys.version_info[:2] < (3, 8):\n    from .a import Status\nelse:\n    from .b import Status\n",
        "b",
    ),
    "version-index": (
        "import sys\nif sys.version_info[0] == 3:\n    from .a import Status\nelse:\n    from .b import Status\n",
        "a",
    ),
    "package-version": (
        "import pydantic\nV2 = pydantic.VERSION.startswith('2.')\n"
        "if V2:\n    from .a import Status\nelse:\n    from .b import Status\n",
        "a",
    ),
    "package-version-split": (
        "from pydantic import VERSION\nif int(VERSION.split('.')[0]) < 2:\n    from .a import Status\nelse:\n    from .b import Status\n",
        "b",
    ),
    "constant-condition": ("NEW = True\nif NEW:\n    from .a import Status\nelse:\n    from .b import Status\n", "a"),
    "last-wins": ("from .a import Status\nfrom .b import Status\n", "b"),
    "import-cycle": ("from .cycle import Status\n", "a"),
    "namespace-package": ("from .spaces.inner import Status\n", "a"),
    "conditional-same": (
        "import os\nif os.environ.get('X'):\n    from .a import Status\nelse:\n    from .a import Status\n",
        "a",
    ),
    "lazy-package": ("from .lazy import Status\n", "a"),
}


def _package(code: Code) -> None:
    code.write(A, "a")
    code.write(B, "b")
    code.write("from .a import Status\n__all__ = ['other']\nother = 1\n", "hidden")
    code.write("from .reexport import Status\n", "api")
    code.write("from .a import Status\n", "reexport")
    code.write("from ..a import Status as Status\n", "package/__init__")
    code.write("from ..a import Status\n", "package/inner")
    code.write("from ..a import Status\n", "spaces/inner")
    code.write("from .cycle2 import Status\n", "cycle")
    code.write("from .cycle import Missing\nfrom .a import Status\n", "cycle2")
    code.write(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import Status\n"
        "def __getattr__(name):\n    from . import a\n    return getattr(a, name)\n",
        "lazy",
    )


@pytest.mark.parametrize(("text", "value"), WAYS.values(), ids=WAYS)
def test_a_name_means_what_python_makes_of_it(code: Code, text: str, value: str) -> None:
    _package(code)
    code.write(text.replace("{package}", code.package) + MODEL)

    shape = code.shape("M", "output")

    assert isinstance(shape, Record)
    found = shape.fields[0].shape
    assert isinstance(found, Choice), found
    assert [one.value for one in found.members] == [value]


UNKNOWN = {
    "undefined": "",
    "condition": "import os\nif os.environ.get('X'):\n    from .a import Status\nelse:\n    from .b import Status\n",
    "missing-module": "from nowhere import Status\n",
    "missing-name": "from .a import Gone as Status\n",
    "cycle-of-nothing": "from .models import Status\n",
    "deleted": "from .a import Status\ndel Status\n",
    "loop": "for Status in ():\n    pass\n",
    "unpacked": "Status, other = make()\n",
    "called": "from .a import make\nStatus = make()\n",
    "leads-back": "Status = Other\nOther = Status\n",
    "compiled": "from _socket import Status\n",
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_a_name_that_nobody_can_tell_is_unresolved(code: Code, text: str) -> None:
    _package(code)
    code.write(text + MODEL)

    shape = code.shape("M", "output")

    assert isinstance(shape, Record)
    assert isinstance(shape.fields[0].shape, Unresolved), shape.fields[0].shape


def test_a_class_sees_itself_before_the_module(code: Code) -> None:
    code.write(
        "from typing import Literal\nfrom pydantic import BaseModel\nKind = Literal['outer']\n"
        "class M(BaseModel):\n    class Kind(BaseModel):\n        x: int\n    a: Kind\n    b: list[Kind]\n"
        "class N(BaseModel):\n    a: Kind\n"
    )

    assert code.differences("M", "N") == []


def test_a_method_of_a_class_does_not_see_the_body_of_the_class(code: Code) -> None:
    path = code.write("X = 1\nclass A:\n    X = 2\n    def f(self): return X\n")
    definition = code.workspace.symbol(path, "A.f")
    assert isinstance(definition, FunctionDefinition)

    found = resolve("X", definition.scope)

    assert getattr(found, "place").line == 1  # noqa: B009 - any meaning with a place


def test_a_model_in_a_function_sees_what_the_function_binds(code: Code) -> None:
    path = code.write(
        "from typing import Literal\nfrom pydantic import BaseModel\n"
        "def make():\n    Kind = Literal['inner']\n    class M(BaseModel):\n        k: Kind\n    return M\n"
    )
    definition = code.workspace.symbol(path, "make.M")
    assert isinstance(definition, ClassDefinition)

    shape = code.workspace.shape_of(definition, "output")

    assert isinstance(shape, Record)
    assert isinstance(shape.fields[0].shape, Choice)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BM", Known("pydantic.BaseModel")),
        ("pd.BaseModel", Known("pydantic.BaseModel")),
        ("pydantic.main.BaseModel", Known("pydantic.BaseModel")),
        ("te.Literal", Known("typing.Literal")),
        ("str", Known("str")),
        ("dt.datetime", Known("datetime.datetime")),
        ("abc.Sequence", Known("collections.abc.Sequence")),
    ],
)
def test_known_names_are_called_as_they_are_documented(code: Code, name: str, expected: Known) -> None:
    path = code.write(
        "from pydantic.main import BaseModel as BM\nimport pydantic as pd, pydantic.main\nimport typing_extensions as te\n"
        "import datetime as dt\nfrom collections import abc\n"
    )
    module = code.workspace.module(path)
    assert not isinstance(module, Finding)

    assert resolve(name, module.scope) == expected


def test_code_under_src_is_found(tmp_path: Path) -> None:
    (tmp_path / "src/pkg").mkdir(parents=True)
    (tmp_path / "src/pkg/a.py").write_text(A)
    (tmp_path / "main.py").write_text("from pkg.a import Status\n")
    workspace = Workspace(str(tmp_path), site=[])

    assert isinstance(workspace.symbol("main.py", "Status"), ClassDefinition)


def test_code_is_found_in_the_directory_that_holds_its_package(tmp_path: Path) -> None:
    (tmp_path / "services/api/app").mkdir(parents=True)
    (tmp_path / "services/api/app/__init__.py").touch()
    (tmp_path / "services/api/app/a.py").write_text(A)
    (tmp_path / "services/api/app/main.py").write_text("from app.a import Status\n")
    workspace = Workspace(str(tmp_path), site=[])

    assert isinstance(workspace.symbol("services/api/app/main.py", "Status"), ClassDefinition)


def test_code_is_found_above_a_file_without_a_package(tmp_path: Path) -> None:
    (tmp_path / "backend/routes").mkdir(parents=True)
    (tmp_path / "backend/shared").mkdir()
    (tmp_path / "backend/shared/a.py").write_text(A)
    (tmp_path / "backend/routes/main.py").write_text("from shared.a import Status\n")
    workspace = Workspace(str(tmp_path), site=[])

    assert isinstance(workspace.symbol("backend/routes/main.py", "Status"), ClassDefinition)


def test_the_configured_path_comes_first(tmp_path: Path) -> None:
    for name, text in (("one", A), ("two", B)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shared.py").write_text(text)
    (tmp_path / "shared.py").write_text("Status = 1\n")
    (tmp_path / "main.py").write_text("from shared import Status\n")
    workspace = Workspace(str(tmp_path), python_path=[str(tmp_path / "two"), str(tmp_path / "one")], site=[])

    found = workspace.symbol("main.py", "Status")

    assert isinstance(found, ClassDefinition)
    assert found.place.file.endswith("two/shared.py")


def test_what_was_read_and_looked_for_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from gone import Status\n")
    workspace = Workspace(str(tmp_path), site=[])

    workspace.symbol("main.py", "Status")

    assert list(workspace.files_read) == [str(tmp_path / "main.py")]
    assert str(tmp_path / "gone.py") in workspace.looked_for
    assert str(tmp_path / "gone/__init__.py") in workspace.looked_for


def test_a_symbol_that_is_not_there_is_a_finding_with_the_nearest_name(code: Code) -> None:
    path = code.write("class Device: ...\n")

    found = code.workspace.symbol(path, "Devise")

    assert isinstance(found, Finding)
    assert found.rule == "crosscheck/symbol-not-found"
    assert "Device" in found.hint


def test_a_module_without_a_file_has_its_modules(code: Code) -> None:
    code.write("x = 1\n", "spaces/inner")
    path = code.write("from . import spaces\nfrom .spaces import inner\n")
    module = code.workspace.module(path)
    assert not isinstance(module, Finding)

    assert isinstance(resolve("spaces", module.scope), ModuleDefinition)
    assert isinstance(resolve("spaces.inner", module.scope), ModuleDefinition)


def test_modules_that_import_each_other_with_a_star_have_what_was_bound_before(code: Code) -> None:
    code.write("from .bars import *\nfrom .snapshots import *\n", "data/__init__")
    code.write(A, "data/bars")
    code.write(
        "from . import Status\nfrom pydantic import BaseModel\nclass M(BaseModel):\n    s: Status\n", "data/snapshots"
    )

    shape = code.shape("M", "output", "data/snapshots")

    assert isinstance(shape, Record)
    assert isinstance(shape.fields[0].shape, Choice)

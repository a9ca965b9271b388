"""`protogate codegen json-schema` on modules that behave, and on those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from protogate.cli.codegen_schemas import run
from protogate.console import guard

MODELS = """
import sys, threading, time
from typing import Generic, TypeVar
from typing_extensions import TypedDict
from pydantic import BaseModel, Field
from pydantic.dataclasses import dataclass

print("noise on standard output")
sys.stdin.read()
threading.Thread(target=time.sleep, args=(1000,)).start()
T = TypeVar("T")

class HTTPServerError(BaseModel):
    status: int = Field(ge=400, alias="statusCode")
    tags: set[str] = {"a", "b", "c", "d"}

class Page(BaseModel, Generic[T]):
    items: list[T]

class _Hidden(BaseModel):
    x: int

UserPage = Page[HTTPServerError]
Alias = HTTPServerError

@dataclass
class Point:
    x: int

class Options(TypedDict):
    name: str
"""
OTHER = """
from pydantic import BaseModel
from acme.models import HTTPServerError

class Other(BaseModel):
    e: HTTPServerError
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module(tmp_path, "acme/models.py", MODELS)
    module(tmp_path, "acme/other.py", OTHER)


def module(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def generate(*arguments: str, out: str = "out") -> int:
    return guard(lambda words: run("codegen json-schema", words), ["--output-dir", out, *arguments])


def content(out: str = "out") -> dict[str, str]:
    return {path.name: path.read_text() for path in Path(out).iterdir()}


def test_public_models_get_a_file_each(capfd: pytest.CaptureFixture[str]) -> None:
    assert generate("--module", "acme.models", "--module", "acme.other", "--quiet") == 0
    out, err = capfd.readouterr()
    assert (out, err) == ("", "noise on standard output\n")
    files = content()
    assert sorted(files) == [
        "_index.json", "http-server-error.schema.json", "other.schema.json",
        "page.schema.json", "user-page.schema.json",
    ]  # fmt: skip
    schema = json.loads(files["http-server-error.schema.json"])
    assert schema["properties"]["statusCode"]["minimum"] == 400
    assert (
        schema["properties"]["tags"]["default"]
        == json.loads(content()["other.schema.json"])["$defs"]["HTTPServerError"]["properties"]["tags"]["default"]
    )


def test_second_run_writes_nothing_and_check_agrees(capfd: pytest.CaptureFixture[str]) -> None:
    assert generate("--module", "acme.models") == 0
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    capfd.readouterr()
    assert generate("--module", "acme.models") == 0
    assert capfd.readouterr().out == "out: 3 schemas\n"
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before
    assert generate("--module", "acme.models", "--check") == 0


def test_check_tells_what_differs_and_writes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    generate("--module", "acme.models")
    (tmp_path / "out/page.schema.json").write_text("{}")
    before = content()
    capfd.readouterr()
    assert generate("--include", "acme.models=Page", "--check") == 1
    err = capfd.readouterr().err
    assert "out/page.schema.json: is not up to date\n" in err
    assert "out/http-server-error.schema.json: belongs to no model any more\n" in err
    assert content() == before


def test_files_of_earlier_runs_are_removed_and_others_stay(tmp_path: Path) -> None:
    generate("--module", "acme.models")
    (tmp_path / "out/mine.schema.json").write_text("{}")
    assert generate("--include", "acme.models=Page") == 0
    assert sorted(content()) == ["_index.json", "mine.schema.json", "page.schema.json"]


def test_files_of_others_are_not_overwritten(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module(tmp_path, "out/page.schema.json", "{}")
    assert generate("--include", "acme.models=Page") == 2
    assert "out/page.schema.json: somebody else wrote it" in capfd.readouterr().err
    assert content() == {"page.schema.json": "{}"}


def test_include_takes_dataclasses_dicts_and_other_names() -> None:
    assert generate("--include", "acme.models=Point,Options,Page:Sheet,_Hidden") == 0
    assert json.loads(content()["_index.json"])["schemas"] == {
        "Options": "./options.schema.json",
        "Point": "./point.schema.json",
        "Sheet": "./sheet.schema.json",
        "_Hidden": "./hidden.schema.json",
    }


def test_modes_differ() -> None:
    module_arguments = ("--include", "acme.models=HTTPServerError")
    generate(*module_arguments, out="written")
    generate(*module_arguments, "--mode", "validation", out="read")
    assert json.loads(content("read")["http-server-error.schema.json"])["required"] == ["statusCode"]


BROKEN = {
    "raises": ("raise ValueError('no\\nsecond line')", "cannot be imported: ValueError: no (acme/bad.py:1)"),
    "syntax": ("x = (", "cannot be imported: SyntaxError: '(' was never closed (acme/bad.py:1)"),
    "exits": ("import sys; sys.exit(3)", "cannot be imported: it calls sys.exit(3) (acme/bad.py:1)"),
    "interrupts": ("raise KeyboardInterrupt", "cannot be imported: KeyboardInterrupt (acme/bad.py:1)"),
    "imports nothing": (
        "import nowhere_at_all",
        "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all' (acme/bad.py:1)",
    ),
    "dies": ("import os; os._exit(4)", "ended the process with exit code 4 when it was imported"),
    "hangs": ("import time; time.sleep(60)", "still running after 2 s; what does it wait for when it is imported?"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_module_that_cannot_be_imported_is_one_line_and_nothing_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    module(tmp_path, "acme/bad.py", text)
    timeout = "2" if "sleep" in text else "60"
    assert generate("--module", "acme.bad", "--timeout", timeout) == 2
    assert capfd.readouterr().err == f"acme.bad: {told}\n"
    assert not (tmp_path / "out").exists()


def test_module_that_is_not_there_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert generate("--module", "acme.nope", "--module", "acme.models") == 2
    assert "acme.nope: cannot be imported: ModuleNotFoundError: No module named 'acme.nope'\n" in capfd.readouterr().err


def test_name_that_is_not_there_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert generate("--include", "acme.other=Nope") == 2
    assert "acme.other: has no Nope; it has BaseModel, HTTPServerError, Other" in capfd.readouterr().err


def test_model_without_a_schema_is_a_finding(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module(
        tmp_path,
        "acme/odd.py",
        "import threading\nfrom pydantic import BaseModel, ConfigDict\n"
        "class Odd(BaseModel):\n    model_config = ConfigDict(arbitrary_types_allowed=True)\n    t: threading.Thread\n"
        "class Fine(BaseModel):\n    x: float = float('nan')\n",
    )
    assert generate("--module", "acme.odd") == 1
    not_a_number, odd = capfd.readouterr().err.splitlines()
    assert not_a_number.startswith("acme/odd.py: acme.odd.Fine has no JSON Schema: ValueError: Out of range float")
    assert odd.startswith("acme/odd.py: acme.odd.Odd has no JSON Schema: PydanticInvalidForJsonSchema: ")
    assert not (tmp_path / "out").exists()


def test_same_name_in_two_modules_asks_for_a_decision(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        module(tmp_path, f"acme/{name}.py", "from pydantic import BaseModel\nclass User(BaseModel):\n    x: int\n")
    both = ("--module", "acme.a", "--module", "acme.b")
    assert generate(*both) == 1
    assert "--include acme.b=User:OtherUser" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()
    assert generate(*both, "--include", "acme.b=User:OtherUser") == 0
    assert sorted(content()) == ["_index.json", "other-user.schema.json", "user.schema.json"]


def test_package_gives_the_models_of_its_own_modules(tmp_path: Path) -> None:
    module(tmp_path, "shop/__init__.py", "from shop.item import Item\nfrom acme.other import Other\n")
    module(tmp_path, "shop/item.py", "from pydantic import BaseModel\nclass Item(BaseModel):\n    x: int\n")
    assert generate("--module", "shop", "--module", "shop.item") == 0
    assert sorted(content()) == ["_index.json", "item.schema.json"]


def test_no_model_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module(tmp_path, "acme/empty.py", "")
    assert generate("--module", "acme.empty") == 1
    assert capfd.readouterr().err == "acme.empty: no public pydantic model; name others with --include\n"


USAGE = {
    "nothing": ((), "no module is named"),
    "path": (("--module", "acme/models.py"), "is no name of a module"),
    "include without names": (("--include", "acme.models"), "is no MODULE=NAME"),
    "name with a dash": (("--include", "acme.models=a-b"), "is no name"),
    "other name with a dash": (("--include", "acme.models=Page:../x"), "is no name"),
    "other name without a letter": (("--include", "acme.models=Page:__"), "is no name"),
    "root": (("--module", "a", "--project-root", "nowhere"), "nowhere: is no directory"),
}


@pytest.mark.parametrize(("arguments", "told"), USAGE.values(), ids=USAGE)
def test_mistakes_are_one_line(capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str) -> None:
    assert generate(*arguments) == 2
    err = capfd.readouterr().err
    assert told in err
    assert err.count("\n") == 1

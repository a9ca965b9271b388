"""`protogate codegen zod`: a directory of schemas into a directory of TypeScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.cli.codegen_zod import run
from protogate.console import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = {"type": "object", "properties": {"id": {"type": "integer"}}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    schemas(**{"user": USER, "shop/item": {"$ref": "../user.schema.json"}})


def schemas(**named: object) -> None:
    for name, schema in named.items():
        path = Path("in", f"{name}.schema.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema if isinstance(schema, str) else json.dumps(schema))


def generate(*arguments: str) -> int:
    return guard(lambda words: run("codegen zod", words), [*(arguments or ("in", "out"))])


def content() -> Mapping[str, str]:
    return {str(path.relative_to("out")): path.read_text() for path in Path("out").rglob("*") if path.is_file()}


def test_every_schema_gets_a_module_and_the_index_exports_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate() == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1] == "out: 2 schemas"
    assert sorted(content()) == ["index.ts", "json-schema.runtime.ts", "shop/item.validator.ts", "user.validator.ts"]
    assert '"../user.validator.js"' in content()["shop/item.validator.ts"]


def test_second_run_writes_nothing_and_check_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    generate()
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")}
    capsys.readouterr()
    assert generate() == 0
    assert capsys.readouterr().out == "out: 2 schemas\n"
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")} == before
    assert generate("in", "out", "--check", "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_check_tells_what_differs_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    generate()
    schemas(user={"type": "string"})
    Path("in/shop/item.schema.json").unlink()
    before = content()
    capsys.readouterr()
    assert generate("in", "out", "--check") == 1
    err = capsys.readouterr().err
    assert "out/user.validator.ts: is not up to date\n" in err
    assert "out/shop/item.validator.ts: belongs to no schema any more\n" in err
    assert content() == before


def test_modules_of_schemas_that_are_gone_are_removed_and_other_files_stay() -> None:
    generate()
    Path("in/shop/item.schema.json").unlink()
    Path("out/mine.validator.ts").write_text("// by hand\n")
    assert generate() == 0
    assert sorted(content()) == ["index.ts", "json-schema.runtime.ts", "mine.validator.ts", "user.validator.ts"]


def test_files_of_others_are_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir()
    Path("out/index.ts").write_text("// by hand\n")
    assert generate() == 2
    assert capsys.readouterr().err.startswith("out/index.ts: somebody else wrote it")
    assert content() == {"index.ts": "// by hand\n"}


def test_what_is_not_carried_is_told_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    schemas(user={"type": "string", "format": "postcode"})
    assert generate() == 0
    told = "#/format: format 'postcode' is not checked"
    assert capsys.readouterr().err == (
        f"in/user.schema.json: {told}; say it by a pattern as well (codegen/zod-format) [warning]\n"
    )
    assert f"//   {told}\n" in content()["user.validator.ts"]


ERRORS = {
    "not JSON": ("{", "is no JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
    "not a number": ('{"const": NaN}', "is no JSON: NaN is no number of JSON"),
    "key twice": ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
    "too deep": ("[" * 100_000, "is nested too deeply"),
    "pattern": ('{"pattern": "("}', "'(' is no regular expression of ECMAScript: a ( is never closed"),
    "reference": ('{"$ref": "x.json"}', "'x.json' leads to no schema of the directory"),
}


@pytest.mark.parametrize(("text", "told"), ERRORS.values(), ids=ERRORS)
def test_error_fails_the_run_and_nothing_is_written(capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    schemas(bad=text)
    assert generate() == 1
    err = capsys.readouterr().err
    assert err.startswith("in/bad.schema.json: ")
    assert told in err
    assert err.count("\n") == 1
    assert not Path("out").exists()


def test_bytes_that_are_no_text_are_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/bad.schema.json").write_bytes(b'{"title": "\xff"}')
    assert generate() == 1
    assert capsys.readouterr().err == "in/bad.schema.json: is not UTF-8 (codegen/unreadable)\n"


def test_directory_without_schemas_fails(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    assert generate("empty", "out") == 1
    assert capsys.readouterr().err == "empty: no *.schema.json in it\n"


def test_directory_that_is_not_there_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate("nowhere", "out") == 2
    assert capsys.readouterr().err.startswith("nowhere: is no directory")

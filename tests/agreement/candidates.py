"""Runs the generated code of each target on documents and says which it accepts."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs

from protogate.descriptors.names import python_module_path
from tests.agreement.schemas import Schema, generation_key
from tests.agreement.workspace import ROOT, ToolError, locked, run, tool
from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.agreement.rules import NotCarried


__all__ = ["TARGETS", "Document", "Target", "Verdict"]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON text for a message, by full name."""

    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate said of one document."""

    accepts: bool
    defect: str = ""
    """An error that is no refusal: a crash, a missing model. Never right, whatever the document is."""


@dataclass(frozen=True, slots=True)
class Target:
    """One judged generator: a plugin, its options, its runner and what it must reach."""

    name: str
    plugin: str
    options: str
    judge: Callable[[Schema, Path, Sequence[Document]], list[Verdict]]
    must_agree: float
    """The least share of decided documents, in percent."""

    def verdicts(self, schema: Schema, documents: Sequence[Document]) -> list[Verdict]:
        """What the generated code of a schema says of each document."""
        return self.judge(schema, self.generate(schema), documents)

    def not_carried(self, schema: Schema) -> frozenset[NotCarried]:
        """The rules that the target says, in its reports, that it cannot carry."""
        reports = self.generate(schema).rglob(f"*.{self.plugin}-report.json")
        entries = (entry for path in reports for entry in json.loads(path.read_text())["not_carried"])
        return frozenset((entry["element"], entry["rule"]) for entry in entries)

    def generate(self, schema: Schema) -> Path:
        """The folder with the outputs for a schema, generated when the plugin or the schema changed."""
        out = schema.place / self.name
        template = json.dumps(
            {
                "version": "v2",
                "plugins": [
                    {
                        "local": tool(f"protoc-gen-protogate-{self.plugin}"),
                        "out": str(out),
                        "strategy": "all",
                        "opt": [self.options] if self.options else [],
                    }
                ],
            }
        )
        key = generation_key(schema, template)
        stamp = out / ".generated-for"
        with locked(schema.place):
            if not stamp.exists() or stamp.read_text() != key:
                shutil.rmtree(out, ignore_errors=True)
                run([tool("buf"), "generate", str(schema.image_path), "--template", template], cwd=schema.place)
                stamp.write_text(key)
        return out


def _pydantic(schema: Schema, out: Path, documents: Sequence[Document]) -> list[Verdict]:
    def line(document: Document) -> dict[str, str]:
        message = schema.pool.FindMessageTypeByName(document.message)
        module = python_module_path(message.file.name, "_models").removesuffix(".py").replace("/", ".")
        return {"module": module, "name": document.message, "text": document.text}

    command = [sys.executable, str(_HERE / "pydantic_runner.py"), str(out)]
    return _ask(command, map(line, documents), env={"PYTHONPATH": str(ROOT)})


def _zod(schema: Schema, out: Path, documents: Sequence[Document]) -> list[Verdict]:
    compiled = _compiled_typescript(out)

    def line(document: Document) -> dict[str, str]:
        message = schema.pool.FindMessageTypeByName(document.message)
        module = compiled / (message.file.name.removesuffix(".proto") + ".zod.js")
        return {"module": str(module), "name": document.message, "text": document.text}

    return _ask([tool("node"), str(_HERE / "node" / "zod.mjs")], map(line, documents))


def _compiled_typescript(out: Path) -> Path:
    compiled = out / "compiled"
    with locked(out):
        if not compiled.exists():
            _compile_typescript(out, compiled)
    return compiled


def _compile_typescript(out: Path, compiled: Path) -> None:
    modules = out / "node_modules"
    if not modules.exists():
        modules.symlink_to(node_modules())
    (out / "package.json").write_text('{"type": "module"}')
    options = {
        "strict": True,
        "target": "es2022",
        "module": "nodenext",
        "rootDir": ".",
        "outDir": "compiled",
        "skipLibCheck": True,
        "types": [],
        "rewriteRelativeImportExtensions": True,
    }
    config = {"compilerOptions": options, "include": ["**/*.ts"], "exclude": ["node_modules", "compiled"]}
    (out / "tsconfig.json").write_text(json.dumps(config))
    try:
        run([str(node_modules() / ".bin" / "tsc"), "-p", "."], cwd=out)
    except ToolError:
        shutil.rmtree(compiled, ignore_errors=True)
        raise


def _ask(command: Sequence[str], lines: Iterable[dict[str, str]], env: dict[str, str] | None = None) -> list[Verdict]:
    """One process for all documents: a JSON object a line in, `[accepts, defect]` a line out."""
    stdin = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answers = run(command, stdin=stdin, env=env).out.splitlines()
    return [Verdict(*json.loads(answer)) for answer in answers]


def _json_schema(schema: Schema, out: Path, documents: Sequence[Document]) -> list[Verdict]:
    contents = {path.relative_to(out).as_posix(): json.loads(path.read_text()) for path in _schema_files(out)}
    base = "https://protogate.test/"
    registry = jsonschema_rs.Registry([(base + name, content) for name, content in contents.items()])
    validators: dict[str, jsonschema_rs.Draft7Validator | jsonschema_rs.Draft202012Validator] = {}
    verdicts = []
    for document in documents:
        if document.message not in validators:
            message = schema.pool.FindMessageTypeByName(document.message)
            name = message.file.name.removesuffix(".proto") + ".schema.json"
            validators[document.message] = _validator(contents[name], base + name, message.full_name, registry)
        verdicts.append(_validate(validators[document.message], document.text))
    return verdicts


def _schema_files(out: Path) -> list[Path]:
    return sorted(out.rglob("*.schema.json"))


def _validator(
    content: dict[str, object], uri: str, name: str, registry: jsonschema_rs.Registry
) -> jsonschema_rs.Draft7Validator | jsonschema_rs.Draft202012Validator:
    modern = "2020-12" in str(content["$schema"])
    kind = jsonschema_rs.Draft202012Validator if modern else jsonschema_rs.Draft7Validator
    reference = {"$schema": content["$schema"], "$ref": f"{uri}#/{'$defs' if modern else 'definitions'}/{name}"}
    return kind(reference, registry=registry, validate_formats=True)


def _validate(validator: jsonschema_rs.Draft7Validator | jsonschema_rs.Draft202012Validator, text: str) -> Verdict:
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(document, ensure_ascii=False).encode()
        return Verdict(validator.is_valid(document))
    except (ValueError, RecursionError):
        # Texts that are no JSON, and strings that are no Unicode, never reach a validator.
        return Verdict(accepts=False)


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


TARGETS = {
    target.name: target
    for target in (
        Target("pydantic", "pydantic", "", _pydantic, 99.5),
        Target("zod", "zod", "", _zod, 99.5),
        Target("jsonschema", "jsonschema", "", _json_schema, 98.5),
        Target("jsonschema-2020-12", "jsonschema", "draft=2020-12", _json_schema, 98.5),
    )
}
"""The judged generators by name."""

"""What generated validators and two implementations of JSON Schema say of documents, from one Node process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs

from protogate.codegen.zod_modules import generate_zod
from protogate.findings import Severity
from tests.targets.zod.project import Project, compile_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Answer", "Question", "ask", "judge_says", "zod_project"]

_OPTIONS = {"isolatedDeclarations": False}  # zod's own way is to infer types
_ASK = """
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
const options = { strict: false, logger: false };
const { schemas, questions } = JSON.parse(readFileSync(0, "utf8"));
const judges = {};
for (const [path, text] of Object.entries(schemas)) {
  const schema = JSON.parse(text);
  const ajv = new (String(schema.$schema).includes("draft-07") ? Ajv : Ajv2020)(options);
  formats.default(ajv);
  try { judges[path] = ajv.compile(schema); } catch { judges[path] = null; }
}
const answers = [];
for (const { path, module, constant, text } of questions) {
  const result = (await import(`./${module}`))[constant].safeParse(JSON.parse(text));
  const said = judges[path] ? judges[path](JSON.parse(text)) : null;
  answers.push({
    accepted: result.success,
    value: result.success ? JSON.stringify(result.data) : "",
    issues: result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join("/")}: ${message}`),
    ajv: said,
  });
}
process.stdout.write(JSON.stringify(answers));
"""


class Question(NamedTuple):
    """A document for the schema of a file."""

    path: str
    constant: str
    text: str


class Answer(NamedTuple):
    """What becomes of a document."""

    accepted: bool
    value: str
    """The parsed value as JSON text; empty when it was refused."""
    issues: Sequence[str]
    ajv: bool | None
    """What ajv says; None when it does not take the schema, or was not asked."""


def zod_project(
    folder: Path, documents: Mapping[str, Any], sources: Mapping[str, str] | None = None, *, is_checked: bool = True
) -> Project:
    """Generate validators for documents, add `sources`, compile all of it as strictly as tsc can, or without types."""
    made = generate_zod(documents)
    errors = [one for one in made.findings if one.severity is Severity.ERROR]
    assert not errors, errors
    options = _OPTIONS if is_checked else {**_OPTIONS, "noCheck": True, "declaration": False}
    return compile_project(folder, {**made.files, **(sources or {})}, options)


def ask(project: Project, questions: Sequence[Question], *, judged: Mapping[str, Any] | None = None) -> list[Answer]:
    """What becomes of documents; `judged` are the schemas that ajv reads as well."""
    asked = {
        "schemas": {path: json.dumps(schema) for path, schema in (judged or {}).items()},
        "questions": [
            {**one._asdict(), "module": one.path.removesuffix(".schema.json") + ".validator.js"} for one in questions
        ],
    }
    return [Answer(**answer) for answer in json.loads(project.run(_ASK, json.dumps(asked)))]


def judge_says(schema: Any) -> jsonschema_rs.Draft7Validator | jsonschema_rs.Draft202012Validator:  # noqa: ANN401 - JSON
    """A second judge, written in Rust."""
    kind = (
        jsonschema_rs.Draft7Validator
        if isinstance(schema, dict) and "draft-07" in schema.get("$schema", "")
        else jsonschema_rs.Draft202012Validator
    )
    return kind(schema, validate_formats=True)

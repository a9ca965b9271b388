"""A TypeScript project made of generated modules: type-checked, compiled and run."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from protoc_gen_protogate.targets.zod import PLUGIN
from tests.support.compiler import run_plugin
from tests.support.node import node_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Outcome", "Project", "write_project"]

STRICTEST = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitOverride": True,
    "noImplicitReturns": True,
    "noFallthroughCasesInSwitch": True,
    "noPropertyAccessFromIndexSignature": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "isolatedModules": True,
    "isolatedDeclarations": True,
    "verbatimModuleSyntax": True,
    "erasableSyntaxOnly": True,
    "declaration": True,
    "target": "es2022",
    "lib": ["es2022"],
    "types": [],
    "skipLibCheck": True,  # zod's own declarations want the library of browsers, ours must not
    "module": "nodenext",
    "rootDir": ".",
    "outDir": "out",
    "rewriteRelativeImportExtensions": True,
}

ASK = """
import { readFileSync } from "node:fs";
const answers = [];
for (const { module, schema, text } of JSON.parse(readFileSync(0, "utf8"))) {
  const result = (await import(`./${module}`))[schema].safeParse(JSON.parse(text));
  answers.push(result.success ? { value: JSON.stringify(result.data) } : { issues: result.error.issues });
}
process.stdout.write(JSON.stringify(answers));
"""


_NODE = shutil.which("node") or "node"


class Outcome:
    """What a schema makes of a document."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer

    @property
    def text(self) -> str | None:
        """The parsed value as JSON text; None when the document was refused."""
        return self._answer.get("value")

    @property
    def value(self) -> Any:  # noqa: ANN401 - any JSON
        assert "value" in self._answer, self._answer["issues"]
        return json.loads(self._answer["value"])

    @property
    def issues(self) -> list[dict[str, Any]]:
        """Why the document was refused."""
        return list(self._answer.get("issues", []))

    @property
    def rules(self) -> list[str]:
        """The ids of the rules that it breaks."""
        return [issue["params"]["rule"] for issue in self.issues if "rule" in issue.get("params", {})]


class Project:
    """A compiled project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, script: str, stdin: str = "") -> str:
        """What a script that may import compiled modules as `./x.zod.js` prints."""
        (self.folder / "out" / "script.mjs").write_text(script)
        done = subprocess.run(
            [_NODE, "out/script.mjs"], cwd=self.folder, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def parse(self, questions: Sequence[tuple[str, str]], *, module: str = "t.zod.js") -> list[Outcome]:
        """What becomes of documents (message, text), from one process."""
        asked = [{"module": module, "schema": f"{message}Schema", "text": text} for message, text in questions]
        return [Outcome(answer) for answer in json.loads(self.run(ASK, json.dumps(asked)))]


def write_project(
    folder: Path, protos: Mapping[str, str], sources: Mapping[str, str] | None = None, *, parameter: str = ""
) -> Project:
    """Generate modules for `protos`, add `sources`, and compile it all under the strictest options."""
    return compile_project(folder, {**run_plugin(PLUGIN, protos, parameter=parameter), **(sources or {})})


def compile_project(folder: Path, files: Mapping[str, str], options: Mapping[str, object] | None = None) -> Project:
    """Compile files (path to text); an error of the compiler fails the test."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}')
    config = {"compilerOptions": {**STRICTEST, **(options or {})}, "exclude": ["node_modules", "out"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(node_modules())
    done = subprocess.run(
        [node_modules() / ".bin" / "tsc", "-p", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return Project(folder)

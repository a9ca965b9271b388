from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson

from protogate.cel import NotCarried, check, parse, typescript
from tests.cel.contract import ENV, declared, expected, random_main, verdict
from tests.cel.expressions import EXPRESSIONS
from tests.support.node import node_modules

pytestmark = pytest.mark.node

SEEDS = range(40)
RUNTIME = Path(__file__).parents[2] / "protoc_gen_protogate" / "targets" / "zod" / "runtime" / "cel.ts"

OPTIONS = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noPropertyAccessFromIndexSignature": True,
    "noUnusedLocals": True,
    "noImplicitReturns": True,
    "target": "es2018",
    "lib": ["es2021"],
    "module": "nodenext",
    "outDir": "out",
    "rootDir": ".",
    "types": [],
}

RUN = """
import { rules } from "./rules.js";
import { CelError } from "./cel.js";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const messages = JSON.parse(text);
const answer = (rule, message) => {
  try {
    return rule(message);
  } catch (error) {
    return error instanceof CelError ? "error" : { crash: String(error.stack) };
  }
};
console.log(JSON.stringify(rules.map((rule) => messages.map((message) => answer(rule, message)))));
"""


class Names:
    runtime = "cel"

    def variable(self, name: str) -> str:
        return {"now": "cel.now()", "this": "self"}[name]

    def field(self, message: str, field: str) -> tuple[str, str]:
        assert message.startswith("t.")
        return field, field

    def enum_numbers(self, message: str, field: str) -> str | None:
        if not message:
            return None
        kinds = {f.name: f.kind for f in declared(message)}
        return "{ NONE: 0, RED: 1, BLUE: 2 }" if kinds[field] == "Color" else None


def translated(expression: str) -> str:
    return typescript.translate(check(parse(expression), ENV), Names())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each expression gives for the message of each seed, from one compilation and one process."""
    folder = tmp_path_factory.mktemp("typescript")
    rules = "".join(f"  (self: unknown): boolean | string => {translated(e)},\n" for e in EXPRESSIONS)
    (folder / "rules.ts").write_text(f'import * as cel from "./cel.js";\nexport const rules = [\n{rules}];\n')
    shutil.copy(RUNTIME, folder / "cel.ts")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS}))
    built = subprocess.run(
        [node_modules() / ".bin" / "tsc", "-p", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout
    (folder / "out" / "run.mjs").write_text(RUN)
    documents = [json.loads(MessageToJson(random_main(seed))) for seed in SEEDS]
    run = subprocess.run(
        [shutil.which("node") or "node", "out/run.mjs"],
        cwd=folder,
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(zip(EXPRESSIONS, json.loads(run.stdout), strict=True))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_typescript_agrees_with_protovalidate(expression: str, answers: dict[str, list[Any]]) -> None:
    for seed, answer in zip(SEEDS, answers[expression], strict=True):
        message = random_main(seed)
        theirs = verdict(expression, message.SerializeToString())
        ours = answer if answer == "error" else expected(answer, expression)
        assert ours == theirs, (seed, translated(expression), message)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("this.sub == this.sub", "messages t.Sub are compared"),
        ("this.s.matches(this.t)", "a pattern that is computed at run time"),
        ("this.d in this.ms2", "a double is looked up among integer keys"),
        ("t.Sub{a: 1}.a == 1", "a message t.Sub is built"),
    ],
    ids=["messages", "computed pattern", "double key", "new message"],
)
def test_what_typescript_cannot_say_is_not_carried(expression: str, reason: str) -> None:
    with pytest.raises(NotCarried) as caught:
        translated(expression)
    assert caught.value.reason == reason

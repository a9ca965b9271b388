"""Generated modules as TypeScript: they compile under the strictest options, and their types say what values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.zod import PLUGIN
from tests.support.compiler import run_plugin
from tests.targets.zod.project import Project, compile_project, write_project
from tests.test_golden import GOLDEN, generate_case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.node

CASES = sorted(path.name for path in (GOLDEN / "zod").iterdir())

PROTO = """
syntax = "proto3";
package acme.v1;
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
enum Color { NONE = 0; RED = 1; }
message User {
  int64 id = 1;
  optional string display_name = 2;
  repeated Color colors = 3;
  map<string, User> friends = 4;
  google.protobuf.Timestamp at = 5;
  google.protobuf.Value value = 6;
  double score = 7;
  User manager = 8;
  oneof contact { string email = 9; bytes phone = 10; }
}
"""

USES = """
import * as z from "zod";
import { Color, ColorSchema, UserSchema, type User, type UserInput } from "./t.zod.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_A extends true>(): void => undefined;

same<Same<z.infer<typeof UserSchema>, User>>();
same<Same<z.input<typeof UserSchema>, UserInput>>();
same<Same<User["id"], string>>();
same<Same<User["colors"], ("NONE" | "RED" | number)[]>>();
same<Same<User["friends"], { [key: string]: User }>>();
same<Same<Color, "NONE" | "RED">>();

const user: User = UserSchema.parse({ id: 1, manager: { at: null } } satisfies UserInput);
const manager: User | undefined = user.manager;
export const score: number = Number(manager?.score);
export const color: Color | number | undefined = user.colors[0];
export const isRed: boolean = color === Color.RED;
export const red: number | undefined = ColorSchema.numbers["RED"];

// What the schema of a message gives is a plain zod object, whose types follow.
const form = UserSchema.pick({ id: true, displayName: true }).extend({ agreed: z.boolean() });
const filled: { id: string; displayName?: string | undefined; agreed: boolean } = form.parse({ agreed: true });
const named: string | undefined = UserSchema.shape.displayName.parse("x");
const many: User[] = z.array(UserSchema).parse([]);
export const all: unknown[] = [filled, named, many];

// @ts-expect-error a 64-bit integer is no number
export const wrong: number = user.id;
// @ts-expect-error absent and undefined are different things
export const absent: User = { ...user, manager: undefined };
// @ts-expect-error no such field
UserSchema.pick({ unheard: true });
"""


def test_types_say_what_values_are(tmp_path: Path) -> None:
    write_project(tmp_path, {"t.proto": PROTO}, {"uses.ts": USES})


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = {
        f"{case}/{name}": text
        for case in CASES
        for name, text in generate_case(GOLDEN / "zod" / case).items()
        if name.endswith(".ts")
    }
    return compile_project(tmp_path_factory.mktemp("outputs"), files)


@pytest.mark.parametrize("case", CASES)
def test_outputs_of_golden_cases_compile_and_load(case: str, outputs: Project) -> None:
    modules = sorted((outputs.folder / "out" / case).rglob("*.js"))
    assert modules
    imports = "".join(f'import "./{path.relative_to(outputs.folder / "out").as_posix()}";\n' for path in modules)
    assert outputs.run(imports) == ""


@pytest.mark.parametrize(
    ("parameter", "options"),
    [
        ("import_extension=none", {"module": "esnext", "moduleResolution": "bundler"}),
        ("import_extension=ts", {"allowImportingTsExtensions": True}),
        ("", {"module": "commonjs", "moduleResolution": "bundler", "verbatimModuleSyntax": False}),
    ],
    ids=["bundler", "ts", "commonjs"],
)
def test_imports_suit_the_module_system(parameter: str, options: dict[str, object], tmp_path: Path) -> None:
    files = {
        "a/v1/a.proto": 'syntax = "proto3"; package a.v1; import "b/b.proto"; message A { b.B b = 1; }',
        "b/b.proto": """
            syntax = "proto3"; package b; import "buf/validate/validate.proto";
            message B { string s = 1 [(buf.validate.field).string.email = true]; }
        """,
    }
    compile_project(tmp_path, run_plugin(PLUGIN, files, parameter=parameter), options)

"""What zod itself offers works on generated schemas: parts, extensions, JSON Schema, encoding, compilation."""

from __future__ import annotations

import json

import pytest

from tests.targets.zod.project import Project, write_project

pytestmark = pytest.mark.node

PROTO = """
syntax = "proto2";
package acme.v1;
import "buf/validate/validate.proto";
// A user.
message User {
  optional int64 user_id = 1;
  optional string name = 2 [(buf.validate.field).string = {min_len: 1, max_len: 9}];
  optional User manager = 3;
  optional int32 age = 4 [(buf.validate.field).int32.gte = 18];
  map<string, User> friends = 5 [(buf.validate.field).map.max_pairs = 2];
  oneof contact { string email = 6; string phone = 7; }
  extensions 100 to max;
}
extend User { optional int64 score = 100; }
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_project(tmp_path_factory.mktemp("features"), {"t.proto": PROTO}, parameter="descriptions")


def lines(project: Project, script: str) -> list[str]:
    head = 'import * as z from "zod";\nimport { UserSchema, scoreExtension } from "./t.zod.js";\n'
    return project.run(f"{head}const log = (value) => console.log(JSON.stringify(value));\n{script}").splitlines()


def test_parts_read_protojson_and_leave_the_rules_of_the_whole(project: Project) -> None:
    assert lines(
        project,
        """
        log(UserSchema.pick({ userId: true, email: true }).parse({ user_id: 5, email: null }));
        log(UserSchema.omit({ name: true }).safeParse({ name: "x" }).success);
        log(UserSchema.partial().parse({}));
        log(UserSchema.pick({ email: true, phone: true }).safeParse({ email: "a", phone: "b" }).success);
        """,
    ) == ['{"userId":"5"}', "false", '{"friends":{}}', "true"]


def test_extended_schemas_keep_the_rules_of_the_whole(project: Project) -> None:
    assert lines(
        project,
        """
        const form = UserSchema.extend({ agreed: z.boolean().nullable() });
        log(form.parse({ user_id: 5, agreed: null }));
        log(form.safeParse({ agreed: true, email: "a", phone: "b" }).success);
        log(form.safeParse({ agreed: true, unheard: 1 }).success);
        """,
    ) == ['{"userId":"5","friends":{},"agreed":null}', "false", "false"]


def test_extensions_are_checked_and_unknown_ones_kept(project: Project) -> None:
    assert lines(
        project,
        """
        log(UserSchema.parse({ "[acme.v1.score]": 7, "[acme.v1.unheard]": [null], "[acme.v1.none]": null }));
        log(UserSchema.safeParse({ "[acme.v1.score]": "x" }).error.issues.map((issue) => issue.path));
        log(scoreExtension.parse(7));
        """,
    ) == ['{"friends":{},"[acme.v1.score]":"7","[acme.v1.unheard]":[null]}', '[["[acme.v1.score]"]]', '"7"']


def test_json_schema_describes_both_sides(project: Project) -> None:
    output, input_ = map(
        json.loads, lines(project, "for (const io of ['output', 'input']) log(z.toJSONSchema(UserSchema, { io }));")
    )
    assert output["description"] == "A user."
    assert output["additionalProperties"] is False
    assert output["required"] == ["friends"]
    assert output["properties"]["userId"] == {"type": "string", "pattern": "^-?[0-9]+$"}
    assert output["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 9}
    assert output["properties"]["manager"] == {"$ref": "#"}
    assert output["properties"]["age"] == {"type": "integer", "minimum": 18, "maximum": 2147483647}
    assert output["properties"]["friends"] == {
        "type": "object",
        "additionalProperties": {"$ref": "#"},
        "maxProperties": 2,
    }
    assert input_["properties"]["userId"] == {"type": ["string", "integer"]}
    assert "required" not in input_


def test_compiled_schemas_judge_alike(project: Project) -> None:
    assert lines(
        project,
        """
        const compiled = z.compile(UserSchema);
        for (const text of ['{"email":"a","phone":"b"}', '{"user_id":1,"name":null}', '{"age":1}', '{"a":1}', '{}']) {
          const [one, other] = [compiled, UserSchema].map((schema) => schema.safeParse(JSON.parse(text)));
          log([one.success, JSON.stringify(one.data) === JSON.stringify(other.data), other.success]);
        }
        """,
    ) == ["[false,true,false]", "[true,true,true]", "[false,true,false]", "[false,true,false]", "[true,true,true]"]


def test_schemas_work_inside_other_schemas(project: Project) -> None:
    assert lines(
        project,
        """
        const page = z.object({ users: z.array(UserSchema), next: UserSchema.optional() });
        log(page.parse({ users: [{ user_id: 1 }] }));
        log(UserSchema["~standard"].validate({ user_id: "x" }).issues.length);
        UserSchema.parseAsync({ user_id: 2 }).then(log);
        """,
    ) == ['{"users":[{"userId":"1","friends":{}}]}', "1", '{"userId":"2","friends":{}}']


def test_objects_that_are_no_json_are_refused(project: Project) -> None:
    assert lines(
        project,
        """
        const cycle = {};
        cycle.manager = cycle;
        log([cycle, new Date(), [], new Map(), null, undefined].map((value) => UserSchema.safeParse(value).success));
        """,
    ) == ["[false,false,false,false,false,false]"]

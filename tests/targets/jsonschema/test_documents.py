"""Documents as a whole: what is in them, how they refer to each other, and what every validator makes of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse

from protoc_gen_protogate.kit import respond
from protoc_gen_protogate.targets.jsonschema import PLUGIN
from tests.support.compiler import compile_protos, request_for, run_plugin
from tests.support.node import node_modules
from tests.targets.jsonschema.validators import documents_of, proto3, validator_of

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

GOLDEN = Path(__file__).parents[2] / "golden" / "jsonschema"
CASES = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
OPTIONS = ["", "draft=2020-12", "mode=canonical", "mode=canonical,draft=2020-12", "bundle=message", "bundle=package"]


def protos_of(case: Path) -> dict[str, str]:
    return {path.relative_to(case).as_posix(): path.read_text(encoding="utf-8") for path in case.rglob("*.proto")}


@cache
def image_of(files: tuple[tuple[str, str], ...]) -> FileDescriptorSet:
    return compile_protos(dict(files))


def generate(files: dict[str, str], parameter: str = "") -> dict[str, Any]:
    request = request_for(image_of(tuple(files.items())), files, parameter=parameter)
    response = CodeGeneratorResponse.FromString(respond(PLUGIN, request.SerializeToString()))
    assert not response.error
    return {file.name: json.loads(file.content) for file in response.file if file.name.endswith(".schema.json")}


ORDERS = {
    "acme/order/v1/order.proto": """
      syntax = "proto3"; package acme.order.v1;
      import "acme/common/v1/money.proto"; import "google/protobuf/timestamp.proto";
      message Order { acme.common.v1.Money total = 1; Order parent = 2; google.protobuf.Timestamp at = 3; }
    """,
    "acme/common/v1/money.proto": """
      syntax = "proto3"; package acme.common.v1;
      message Money { int64 units = 1; Currency currency = 2; }
      enum Currency { CURRENCY_UNSPECIFIED = 0; CURRENCY_EUR = 1; }
    """,
}
ORDER, MONEY = "acme/order/v1/order.schema.json", "acme/common/v1/money.schema.json"
GOOD = {"total": {"units": "5", "currency": "CURRENCY_EUR"}, "parent": {"total": {}}, "at": "2020-01-01T00:00:00Z"}
BAD = {"total": {"units": "5", "currency": "CURRENCY_USD"}}


@pytest.mark.parametrize("parameter", OPTIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_document_meets_its_meta_schema(case: Path, parameter: str) -> None:
    documents = generate(protos_of(case), parameter)
    assert documents
    for document in documents.values():
        jsonschema_rs.meta.validate(document)


def test_files_refer_to_each_other_by_relative_paths() -> None:
    documents = generate(ORDERS)
    assert set(documents) == {ORDER, MONEY}
    total = documents[ORDER]["definitions"]["acme.order.v1.Order"]["properties"]["total"]
    assert total["anyOf"][0]["$ref"] == "../../common/v1/money.schema.json#/definitions/acme.common.v1.Money"
    validator = validator_of(documents, ORDER, "acme.order.v1.Order")
    assert validator.is_valid(GOOD)
    assert not validator.is_valid(BAD)


def test_a_document_repeats_only_the_values_that_it_uses() -> None:
    definitions = generate(ORDERS)[MONEY]["definitions"]
    assert list(definitions) == ["acme.common.v1.Money", "acme.common.v1.Currency", "protojson-int64"]


def test_a_bundle_of_a_message_stands_alone() -> None:
    path = "acme/order/v1/acme.order.v1.Order.schema.json"
    documents = generate(ORDERS, "bundle=message")
    assert set(documents) == {path, "acme/common/v1/acme.common.v1.Money.schema.json"}
    assert {"acme.order.v1.Order", "acme.common.v1.Money"} <= set(documents[path]["definitions"])
    for draft in ("draft-07", "2020-12"):
        document = generate(ORDERS, f"bundle=message,draft={draft}")[path]
        validator = validator_of({path: document}, path)
        assert validator.is_valid(GOOD)
        assert not validator.is_valid(BAD)


def test_a_bundle_of_a_package_stands_alone() -> None:
    path = "acme/order/v1/acme.order.v1.schema.json"
    document = generate(ORDERS, "bundle=package")[path]
    validator = validator_of({path: document}, path, "acme.order.v1.Order")
    assert validator.is_valid(GOOD)
    assert not validator.is_valid(BAD)


def test_a_bundle_of_a_package_holds_all_its_files() -> None:
    files = {
        "a.proto": 'syntax = "proto3"; package p; message A {}',
        "b.proto": 'syntax = "proto3"; package p; message B {}',
        "c.proto": 'syntax = "proto3"; message C {}',
    }
    documents = generate(files, "bundle=package")
    assert {path: list(document["definitions"]) for path, document in documents.items()} == {
        "p/p.schema.json": ["p.A", "p.B"],
        "no_package.schema.json": ["C"],
    }
    assert documents["p/p.schema.json"]["$comment"].endswith("source: a.proto, b.proto")


def test_the_identity_of_a_document() -> None:
    parameter = "id_prefix=https://example.com/s/,registry_id=acme-users,proto_version=v3"
    document = generate({"a/b.proto": 'syntax = "proto3"; message M {}'}, parameter)["a/b.schema.json"]
    assert document["$id"] == "https://example.com/s/a/b.schema.json"
    assert document["x-registry-id"] == "acme-users"
    assert document["x-proto-version"] == "v3"


def test_the_source_is_told_in_the_first_kilobyte() -> None:
    text = run_plugin(PLUGIN, {"a/b.proto": 'syntax = "proto3"; message M {}'})["a/b.schema.json"]
    assert "source: a/b.proto" in text[:1000]


def test_a_file_without_messages_and_enums_has_no_document() -> None:
    assert generate({"a.proto": 'syntax = "proto3"; import "google/protobuf/empty.proto"; service S {}'}) == {}


def test_comments_and_deprecation_become_annotations() -> None:
    text = """
      syntax = "proto3"; package t;
      // A "message"
      // of two lines.
      message M {
        option deprecated = true;
        string a = 1 [deprecated = true]; // Trailing.
        // Refers.
        M b = 2;
      }
      // An enum.
      enum E {
        ZERO = 0; // Nothing.
        ONE = 1;
      }
    """
    definitions = documents_of(text)["t.schema.json"]["definitions"]
    assert definitions["t.M"]["title"] == "M"
    assert definitions["t.M"]["description"] == 'A "message"\nof two lines.'
    assert definitions["t.M"]["deprecated"] is True
    assert definitions["t.M"]["properties"]["a"] == {
        "description": "Trailing.",
        "deprecated": True,
        "type": ["string", "null"],
    }
    assert definitions["t.M"]["properties"]["b"]["description"] == "Refers."
    assert definitions["t.E"]["description"] == "An enum.\n\n- `ZERO`: Nothing."


def test_an_annotation_does_not_hide_a_reference() -> None:
    text = 'syntax = "proto2"; package t; message M {\n// Needed.\nrequired int32 a = 1;\n}'
    for draft in ("draft-07", "2020-12"):
        validator = validator_of(documents_of(text, f"draft={draft}"), "t.schema.json", "t.M")
        assert validator.is_valid({"a": 5})
        assert not validator.is_valid({"a": "x"})


def test_defaults_are_canonical_json() -> None:
    text = """
      syntax = "proto2"; package t;
      message M {
        optional int64 a = 1 [default = -5];
        optional int32 b = 2 [default = 7];
        optional bytes c = 3 [default = "\\001\\377"];
        optional double d = 4 [default = -inf];
        optional bool e = 5 [default = true];
        optional string f = 6 [default = "x\\"y"];
        optional float g = 7 [default = 0.1];
      }
    """
    properties = documents_of(text)["t.schema.json"]["definitions"]["t.M"]["properties"]
    defaults = {name: schema["default"] for name, schema in properties.items()}
    assert defaults == {"a": "-5", "b": 7, "c": "Af8=", "d": "-Infinity", "e": True, "f": 'x"y', "g": 0.1}


def test_types_that_ship_with_the_compiler_are_at_hand() -> None:
    definitions = documents_of(proto3("message M { google.protobuf.Api api = 1; }"))["t.schema.json"]["definitions"]
    assert {"google.protobuf.Api", "google.protobuf.Method", "google.protobuf.Syntax"} <= set(definitions)


def test_output_of_a_file_does_not_depend_on_the_others() -> None:
    alone = request_for(compile_protos(ORDERS), ["acme/order/v1/order.proto"])
    response = CodeGeneratorResponse.FromString(respond(PLUGIN, alone.SerializeToString()))
    together = run_plugin(PLUGIN, ORDERS)
    assert {file.name: file.content for file in response.file} == {ORDER: together[ORDER]}


def test_two_messages_for_one_bundle_are_an_error() -> None:
    files = {
        "p.proto": 'syntax = "proto3"; package p; message M {}',
        "q.proto": 'syntax = "proto3"; package p.M; message N {}',
    }
    with pytest.raises(AssertionError, match=r"p\.M"):
        run_plugin(PLUGIN, files, parameter="bundle=message")


@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        ("draft=4", "option 'draft': '4' is not known; use one of draft-07, 2020-12"),
        ("bundle=all", "option 'bundle': 'all' is not known; use one of file, message, package"),
        ("mode=strict", "option 'mode': 'strict' is not known; use one of input, canonical"),
        ("style=x", "option 'style' is not known"),
    ],
)
def test_wrong_options_are_told(parameter: str, complaint: str) -> None:
    request = request_for(compile_protos(ORDERS), ORDERS, parameter=parameter)
    response = CodeGeneratorResponse.FromString(respond(PLUGIN, request.SerializeToString()))
    assert complaint in response.error
    assert not response.file


AJV = """
const { createRequire } = require("node:module");
const load = createRequire(process.env.MODULES + "/x.js");
const { documents, asked } = JSON.parse(require("node:fs").readFileSync(0));
const is2020 = Object.values(documents)[0].$schema.includes("2020-12");
const Ajv = load(is2020 ? "ajv/dist/2020.js" : "ajv").default;
const warnings = [];
const logger = { log() {}, warn: (text) => warnings.push(text), error: (text) => warnings.push(text) };
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, logger });
for (const [path, document] of Object.entries(documents)) ajv.addSchema(document, path);
const verdicts = asked.map(([reference, document]) => ajv.getSchema(reference)(document));
console.log(JSON.stringify({ verdicts, warnings }));
"""


def asked_of(documents: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Every message with documents that pick at all of its properties."""
    values: list[Any] = [None, 0, -1, 1.5, 10**30, True, [], [None], ["a"], {}, {"a": 1}]
    values += ["", "a", "1", "NaN", "AA==", "1.5s", "2020-01-01T00:00:00Z", "ab@cd.ef", "1::8", "10.0.0.1"]
    values += ["foo.bar.com", "A.(x)abcdef?", "99999999999"]
    keyword = "$defs" if "$defs" in next(iter(documents.values())) else "definitions"
    return [
        (path, f"#/{keyword}/{name}", {key: value})
        for path, document in documents.items()
        for name, schema in document[keyword].items()
        for key in [*schema.get("properties", {}), *(p[1:-1] for p in schema.get("patternProperties", {}))]
        for value in values
        if schema.get("type") == "object" and "@type" not in schema["properties"]
    ]


@pytest.mark.node
@pytest.mark.parametrize("parameter", OPTIONS[:4])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ajv_compiles_every_schema_strictly_and_agrees(case: Path, parameter: str) -> None:
    documents = generate(protos_of(case), parameter)
    asked = asked_of(documents)
    request = {"documents": documents, "asked": [(path + pointer, value) for path, pointer, value in asked]}
    done = subprocess.run(
        [shutil.which("node") or "node", "-e", AJV],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env={"MODULES": str(node_modules())},
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["warnings"] == []
    places = {(path, pointer) for path, pointer, _ in asked}
    validators = {
        (path, pointer): validator_of(documents, path, pointer[pointer.rindex("/") + 1 :]) for path, pointer in places
    }
    ours = [validators[path, pointer].is_valid(value) for path, pointer, value in asked]
    assert answer["verdicts"] == ours

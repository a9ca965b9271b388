"""Layers are templates; those of models lead to what the pydantic target writes."""

from __future__ import annotations

import pytest

from protoc_gen_protogate.targets.pydantic import PLUGIN as PYDANTIC
from tests.support.compiler import run_plugin
from tests.targets.contract.outputs import contracts_of, error_of, service

METHOD = "service Users { rpc MakeIt(In) returns (Out.Deep); rpc Drop(google.protobuf.Empty) returns (None); }"
BEHAVIOR = 'import "google/api/field_behavior.proto";'
MESSAGES = "message In { string id = 1; } message Out { message Deep { string id = 1; } } message None {}"
TEXT = service(f"{METHOD} {MESSAGES} message ItHappened {{ string id = 1; }}")
MAKE, DROP, HAPPENED = (f"acme/user/v1/{name}.json" for name in ("MakeIt.command", "Drop.command", "ItHappened.event"))


def layers(path: str, parameter: str) -> dict[str, str]:
    found: dict[str, str] = contracts_of(TEXT, parameter)[path]["layers"]
    return found


def test_without_options_there_are_none() -> None:
    assert {path: one["layers"] for path, one in contracts_of(TEXT).items()} == {MAKE: {}, DROP: {}, HAPPENED: {}}


def test_every_placeholder() -> None:
    template = "{dir}|{stem}|{package}|{slice}|{service}|{method}|{method_snake}|{input}|{output}"
    said = "acme/user/v1|user|acme.user.v1|acme.user|Users|MakeIt|make_it|In|Out_Deep"
    for option, layer in (("python_layer", "python"), ("typescript", "typescript")):
        assert layers(MAKE, f"{option}={template}") == {layer: said}
    assert layers(HAPPENED, "python_payload={dir}|{stem}|{package}|{slice}|{message}") == {
        "python_payload": "acme/user/v1|user|acme.user.v1|acme.user|ItHappened"
    }


def test_a_template_wins_over_models() -> None:
    found = layers(MAKE, "models=gen,python_input=x.py::{method}Input")
    assert found == {
        "python_input": "x.py::MakeItInput",
        "python_output": "gen/acme/user/v1/user_models.py::Out_Deep",
    }


def test_what_a_contract_does_not_have_makes_no_layer() -> None:
    assert layers(DROP, "python_input={input},python_output={output}") == {"python_output": "None_"}


def test_files_at_the_root_have_no_folder() -> None:
    found = contracts_of({"user.proto": TEXT}, "python_layer={dir}/{stem}.py")
    assert found["MakeIt.command.json"]["layers"] == {"python": "user.py"}


def test_an_unknown_placeholder_is_one_clear_error() -> None:
    assert error_of(TEXT, "python_payload={method}.py") == (
        "protoc-gen-protogate-contract: option 'python_payload': '{method}' is not known; "
        "use one of {dir}, {stem}, {package}, {slice}, {message}"
    )


@pytest.mark.parametrize(
    ("beside", "layer"),
    [
        pytest.param("string note = 3;", {"python_input": "Body"}, id="text"),
        pytest.param("Color color = 3;", {}, id="an enum"),
        pytest.param("repeated Color color = 3;", {}, id="a list of enums"),
        pytest.param("Deep deep = 3; Deep other = 4;", {}, id="an enum in a definition"),
        pytest.param("Tree tree = 3;", {"python_input": "Body"}, id="a message that holds itself"),
        pytest.param(
            "Color color = 3 [(google.api.field_behavior) = OUTPUT_ONLY];",
            {"python_input": "Body"},
            id="an enum that callers do not send",
        ),
    ],
)
def test_a_body_is_the_input_if_nothing_beside_it_lists_values(beside: str, layer: dict[str, str]) -> None:
    method = 'rpc Do(In) returns (None) { option (google.api.http) = {post: "/{id}" body: "body"}; }'
    messages = f"message In {{ string id = 1; Body body = 2; {beside} }} message Body {{ string text = 1; }}"
    others = "enum Color { NO_COLOR = 0; } message Deep { Color color = 1; } message Tree { Tree a = 1; Tree b = 2; }"
    text = service(f"{BEHAVIOR} service S {{ {method} }} {messages} {others} message None {{}}")
    assert contracts_of(text, "python_input={input}")["acme/user/v1/Do.command.json"]["layers"] == layer


@pytest.mark.parametrize("path", ["acme/user/v1/user.proto", "acme/import/user-data.v1.proto"])
def test_models_are_where_the_pydantic_target_writes_them(path: str) -> None:
    modules = run_plugin(PYDANTIC, {path: TEXT})
    found = contracts_of({path: TEXT}, "models=gen/")
    pointed = {layer for one in found.values() if "layers" in one for layer in one["layers"].values()}
    assert len(pointed) == 4
    for layer in pointed:
        module, _, name = layer.partition("::")
        assert f"\nclass {name}(" in modules[module.removeprefix("gen/")]

"""Names, files, index and collisions of the schemas of models."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.codegen.json_schema import (
    INDEX,
    Model,
    Wanted,
    files_of,
    kebab_case,
    listed_files,
    parse_include,
    problems,
)

KEBAB = {
    "User": "user",
    "UserProfile": "user-profile",
    "HTTPServerError": "http-server-error",
    "OAuth2Token": "o-auth2-token",
    "UserV2": "user-v2",
    "SHA256Digest": "sha256-digest",
    "X": "x",
    "URL": "url",
    "Point2D": "point2-d",
    "snake_case_Model": "snake-case-model",
    "Größe": "größe",
}


def model(name: str, origin: str = "", schema: dict[str, object] | None = None, **more: str) -> Model:
    return Model(name, origin or f"acme.{name}", "acme.py", {"type": "object"} if schema is None else schema, **more)


@pytest.mark.parametrize(("name", "expected"), KEBAB.items())
def test_class_names_become_file_names(name: str, expected: str) -> None:
    assert kebab_case(name) == expected


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True))
def test_file_names_are_plain(name: str) -> None:
    parts = kebab_case(name).split("-")
    assert all(part.isalnum() and part == part.lower() for part in parts)
    assert "".join(parts) == name.replace("_", "").lower()


def test_index_lists_the_schemas_by_name() -> None:
    files = files_of([model("User"), model("Account")])
    index = json.loads(files[INDEX])
    assert list(index) == ["$schema", "description", "schemas"]
    assert index["schemas"] == {"Account": "./account.schema.json", "User": "./user.schema.json"}
    assert json.loads(files["user.schema.json"]) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
    }


def test_order_of_the_models_does_not_matter() -> None:
    models = [model("B"), model("A")]
    assert list(files_of(models).items()) == list(files_of(models[::-1]).items())


def test_texts_that_have_no_bytes_are_escaped() -> None:
    text = files_of([model("A", schema={"const": "é\ud800"})])["a.schema.json"]
    assert json.loads(text.encode())["const"] == "é\ud800"


@pytest.mark.parametrize(
    ("models", "rule", "told"),
    [
        pytest.param(
            [model("User", "a.User"), model("User", "b.User")],
            "codegen/duplicate-model",
            "User is the name of a.User and b.User; choose the models of a module or give one another name:"
            " --include b=User:OtherUser",
            id="one name in two modules",
        ),
        pytest.param(
            [model("HTTPError"), model("HttpError")],
            "codegen/same-file",
            "acme.HTTPError and acme.HttpError would both be http-error.schema.json",
            id="two names for one file",
        ),
    ],
)
def test_collisions_are_findings_that_say_what_to_do(models: list[Model], rule: str, told: str) -> None:
    (finding,) = problems(models)
    assert finding.rule == rule
    assert f"{finding.message}; {finding.hint}".startswith(told)


def test_model_without_a_schema_is_one_finding() -> None:
    (finding,) = problems([Model("A", "acme.A", "acme.py", None, error="PydanticUserError: no")])
    assert (finding.rule, finding.place.file) == ("codegen/no-schema", "acme.py")
    assert finding.message == "acme.A has no JSON Schema: PydanticUserError: no"


INCLUDES = {
    "acme.users=User": ("acme.users", (Wanted("User"),)),
    " acme = A , B:C ": ("acme", (Wanted("A"), Wanted("B", "C"))),
    "acme=Outer.Inner": ("acme", (Wanted("Outer.Inner"),)),
    "acme": ("acme", ()),
    "acme=,": ("acme", ()),
}


@pytest.mark.parametrize(("text", "expected"), INCLUDES.items())
def test_include_names_what_is_wanted(text: str, expected: tuple[str, tuple[Wanted, ...]]) -> None:
    assert parse_include(text) == expected


STRANGE_INDEXES = [
    "", "[]", "{", '{"schemas": []}', '{"schemas": {"A": 1}}', '{"schemas": {"A": "../a.schema.json"}}',
    '{"schemas": {"A": "./b/a.schema.json"}}', '{"schemas": {"A": "./a.txt"}}', '{"schemas": {"A": "/a.schema.json"}}',
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE_INDEXES)
def test_index_never_leads_out_of_its_directory(text: str) -> None:
    assert listed_files(text) == ()

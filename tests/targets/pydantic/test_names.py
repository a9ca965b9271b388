"""Names: every contract becomes a module that imports, whatever its author called things."""

from __future__ import annotations

import builtins
import enum
import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from protoc_gen_protogate.targets.pydantic import PLUGIN
from protoc_gen_protogate.targets.pydantic.names import TAKEN_ATTRIBUTES, TAKEN_MEMBERS
from protogate.models import Message, OpenEnum
from tests.support.compiler import run_plugin
from tests.targets.pydantic.generated import Contract, models


def test_taken_attributes_cover_the_installed_pydantic() -> None:
    assert {name for name in dir(BaseModel) if not name.startswith("_")} <= TAKEN_ATTRIBUTES
    assert {name for name in dir(Message) if not name.startswith("_")} <= TAKEN_ATTRIBUTES


def test_taken_members_cover_the_installed_python() -> None:
    assert {name for name in (*dir(int), *dir(enum.IntEnum), *dir(OpenEnum)) if name[0] != "_"} <= TAKEN_MEMBERS


def test_keywords_are_taken() -> None:
    assert set(keyword.kwlist) <= TAKEN_ATTRIBUTES & TAKEN_MEMBERS


ODD = ("_pg", "_p", "_t", "_r", "_cel", "self", "cls", "Soup", "Message", "Timestamp", "annotations", "__b")
NAMES = sorted(
    {
        # protoc itself refuses names that differ by case and underscores only.
        name.replace("_", "").lower(): name
        for name in (*dir(builtins), *dir(BaseModel), *ODD, *keyword.softkwlist, *keyword.kwlist)
        if not name.startswith("__") or name in ODD
    }.values()
)


def test_a_soup_of_field_names_is_a_model() -> None:
    fields = [f"optional string {name} = {n} [json_name = 'j{n}'];" for n, name in enumerate(NAMES, 1)]
    module = models(f'syntax = "proto3"; message Soup {{ {" ".join(fields)} }}')
    document = {f"j{n}": str(n) for n in range(1, len(NAMES) + 1)}
    soup = module.Soup.model_validate(document)
    assert soup.to_json_dict() == document
    by_proto_name = module.Soup.model_validate({name: str(n) for n, name in enumerate(NAMES, 1)})
    assert by_proto_name == soup
    assert module.Soup(**dict(soup)) == soup


def test_a_soup_of_enum_values_is_an_enum() -> None:
    names = [*NAMES, "value", "real", "__x", "_y_"]
    values = [f"{name} = {n};" for n, name in enumerate(names)]
    module = models(f'syntax = "proto3"; enum E {{ {" ".join(values)} }} message M {{ repeated E e = 1; }}')
    assert module.M.model_validate({"e": names}).to_json_dict() == {"e": names}


def test_a_soup_of_message_names_is_a_module() -> None:
    names = sorted({*NAMES} - {"bool", "bytes", "double", "float", "string"})
    messages = [f"message {name} {{ {name} one = 1; repeated {name} many = 2; }}" for name in names]
    files = {"soup/v1/soup.proto": f'syntax = "proto3"; package soup.v1; {" ".join(messages)}'}
    contract = Contract(files)
    for name in names:
        model = contract.models[f"soup.v1.{name}"]
        assert model.model_validate({"many": [{}]}).to_json_dict() == {"many": [{}]}


def test_flattened_names_do_not_meet() -> None:
    module = models(
        """syntax = "proto3";
        message Outer { message Inner { int32 nested = 1; } Inner inner = 1; }
        message Outer_Inner { int32 flat = 1; Outer.Inner nested = 2; }"""
    )
    assert set(module.Outer_Inner.model_fields) == {"flat", "nested"}
    assert module.Outer.model_validate({"inner": {"nested": 1}}).inner.nested == 1


def test_a_field_of_the_name_of_its_class_does_not_hide_it() -> None:
    module = models('syntax = "proto3"; message node { node node = 1; repeated node nodes = 2; }')
    tree = module.node.model_validate({"node": {"nodes": [{}]}})
    assert tree.to_json_dict() == {"node": {"nodes": [{}]}}


def test_modules_of_odd_paths_import_each_other() -> None:
    contract = Contract(
        {
            "odd/import/user-data.v1.proto": 'syntax = "proto3"; package a; message A { int32 n = 1; }',
            "odd/b_c.proto": 'syntax = "proto3"; package b; import "odd/import/user-data.v1.proto";'
            ' import "odd/b/c.proto"; message B { a.A a = 1; c.C c = 2; c.E e = 3; }',
            "odd/b/c.proto": 'syntax = "proto3"; package c; message C { int32 n = 1; } enum E { None = 0; X = 1; }',
        }
    )
    document = {"a": {"n": 1}, "c": {"n": 2}, "e": "X"}
    assert contract.models["b.B"].model_validate(document).to_json_dict() == document


@pytest.mark.parametrize("parameter", ["import_prefix=gen.python"])
def test_imports_start_at_the_prefix(parameter: str) -> None:
    outputs = run_plugin(
        PLUGIN,
        {
            "x/a.proto": 'syntax = "proto3"; package a; message A {}',
            "x/b.proto": 'syntax = "proto3"; package b; import "x/a.proto"; message B { a.A a = 1; }',
        },
        parameter=parameter,
    )
    assert "import gen.python.x.a_models as _gen_python_x_a_models\n" in outputs["x/b_models.py"]


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.from_regex(r"_{0,2}[a-z]{1,4}_{0,2}", fullmatch=True),
        min_size=1,
        max_size=6,
        unique_by=lambda n: n.replace("_", ""),
    )
)
def test_attributes_are_as_many_as_fields(names: list[str]) -> None:
    fields = " ".join(f"int32 {name} = {n};" for n, name in enumerate(names, 1))
    module = models(f'syntax = "proto3"; message M {{ {fields} }}')
    assert len(module.M.model_fields) == len(names)

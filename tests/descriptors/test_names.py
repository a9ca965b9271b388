"""Names: as protoc derives them, and injective where they have to change."""

from __future__ import annotations

import keyword

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from hypothesis import given
from hypothesis import strategies as st

from protogate.descriptors import free_names, json_name, python_module_path
from protogate.descriptors.names import PYTHON_KEYWORDS

identifiers = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,8}\Z")


@given(identifiers)
def test_json_name_is_the_one_of_protobuf(name: str) -> None:
    field = FieldDescriptorProto(
        name=name, number=1, type=FieldDescriptorProto.TYPE_BOOL, label=FieldDescriptorProto.LABEL_OPTIONAL
    )
    file = FileDescriptorProto(name="a.proto", message_type=[DescriptorProto(name="M", field=[field])])
    pool = DescriptorPool()
    pool.Add(file)
    assert json_name(name) == pool.FindMessageTypeByName("M").fields[0].json_name


@given(st.sets(identifiers), st.sets(identifiers))
def test_free_names_is_injective_and_avoids_what_is_taken(names: set[str], taken: set[str]) -> None:
    chosen = free_names(sorted(names), is_taken=taken.__contains__)
    assert len(set(chosen.values())) == len(names)
    assert not set(chosen.values()) & taken
    assert all(chosen[name] == name for name in names - taken)


@given(st.sets(identifiers, min_size=1), st.sets(identifiers), identifiers)
def test_a_new_name_never_moves_one_that_was_free(names: set[str], taken: set[str], new: str) -> None:
    before = free_names(sorted(names), is_taken=taken.__contains__)
    after = free_names(sorted(names | {new}), is_taken=taken.__contains__)
    assert all(after[name] == before[name] for name in names - taken)


def test_keywords_are_those_of_this_python() -> None:
    assert set(keyword.kwlist) == PYTHON_KEYWORDS


def test_every_part_of_a_module_path_is_an_identifier() -> None:
    path = python_module_path("acme/class/2fa-codes.v1.proto", "_models")
    assert path == "acme/class_/_2fa_codes_v1_models.py"

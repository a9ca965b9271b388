"""Names and comments of generated declarations."""

from __future__ import annotations

import re

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.targets.zod import PLUGIN
from protoc_gen_protogate.targets.zod.docs import tsdoc
from protoc_gen_protogate.targets.zod.names import file_names, literal, object_key, type_key
from protogate.descriptors import Schema
from tests.support.compiler import run_plugin

WORDS = st.sampled_from(
    [
        "User",
        "UserInput",
        "UserInputInput",
        "UserSchema",
        "User_",
        "string",
        "string_",
        "class",
        "Object",
        "A",
        "A_B",
        "B",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> FileDescriptorProto:
    file = FileDescriptorProto(name="t.proto", package="p", syntax="proto3")
    names = draw(st.lists(WORDS, unique=True, max_size=6))
    for name in names:
        if draw(st.booleans()):
            message = file.message_type.add(name=name)
            for nested in draw(st.lists(WORDS, unique=True, max_size=3)):
                message.nested_type.add(name=nested)
        else:
            file.enum_type.add(name=name).value.add(name=f"{name}_ZERO", number=0)
    return file


@given(files())
def test_no_declaration_is_made_twice(file: FileDescriptorProto) -> None:
    (parsed,) = Schema([file], [file.name]).files_to_generate
    names = file_names(parsed)
    messages = [names.types[m.full_name] for m in parsed.all_messages()]
    enums = [names.types[e.full_name] for e in parsed.all_enums()]
    types = [n.type for n in (*messages, *enums)] + [n.input for n in messages]
    constants = [n.type for n in enums] + [n.schema for n in (*messages, *enums)]
    assert len(set(types)) == len(types)
    assert len(set(constants)) == len(constants)


@given(files(), st.sampled_from(["Zebra", "UserInput", "A_B"]))
def test_another_message_never_renames_a_type(file: FileDescriptorProto, name: str) -> None:
    def types(proto: FileDescriptorProto) -> dict[str, str]:
        (parsed,) = Schema([proto], [proto.name]).files_to_generate
        return {full_name: n.type for full_name, n in file_names(parsed).types.items()}

    larger = FileDescriptorProto()
    larger.CopyFrom(file)
    if name in {m.name for m in file.message_type} | {e.name for e in file.enum_type}:
        return
    larger.message_type.add(name=name)
    before, after = types(file), types(larger)
    # A nested type may give way to a top-level one of its flattened name, nothing else may.
    assert {n for n in before if n.count(".") == 1 and before[n] != after[n]} == set()


@pytest.mark.parametrize(
    ("name", "in_interface", "in_object"),
    [
        ("plain", "plain", "plain"),
        ("class", "class", "class"),
        ("two words", '"two words"', '"two words"'),
        ("żółw", '"\\u017c\\u00f3\\u0142w"', '"\\u017c\\u00f3\\u0142w"'),
        ("__proto__", "__proto__", '["__proto__"]'),
        ('"', '"\\""', '"\\""'),
        ("", '""', '""'),
    ],
)
def test_keys_are_quoted_when_they_must_be(name: str, in_interface: str, in_object: str) -> None:
    assert (type_key(name), object_key(name)) == (in_interface, in_object)


def test_literals_have_no_line_ends_of_javascript() -> None:
    assert literal("a\u2028\n") == '"a\\u2028\\n"'


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", {}, ""),
        ("One line.", {}, "/** One line. */\n"),
        ("Ends */ early", {}, "/** Ends *\\/ early */\n"),
        ("Two\n\nparagraphs", {"indent": "  "}, "  /**\n   * Two\n   *\n   * paragraphs\n   */\n"),
        ("", {"deprecated": True}, "/** @deprecated */\n"),
        ("Old.", {"deprecated": True}, "/**\n * Old.\n *\n * @deprecated\n */\n"),
        ("", {"notes": "Noted."}, "/** Noted. */\n"),
    ],
    ids=["nothing", "line", "end of comment", "paragraphs", "deprecated", "deprecated with text", "notes"],
)
def test_comments_become_tsdoc(text: str, options: dict[str, object], expected: str) -> None:
    assert tsdoc(text, **options) == expected  # type: ignore[arg-type] # a table of options


def test_files_that_declare_no_types_have_no_module() -> None:
    protos = {
        "a.proto": 'syntax = "proto3"; message A {}',
        "b.proto": 'syntax = "proto3"; import "a.proto"; service S { rpc Get(A) returns (A); }',
    }
    assert sorted(run_plugin(PLUGIN, protos)) == ["a.zod.ts", "protogate/protojson.ts"]


def test_google_files_come_along_when_they_are_used() -> None:
    proto = 'syntax = "proto3"; import "google/protobuf/type.proto"; message A { google.protobuf.Type type = 1; }'
    outputs = run_plugin(PLUGIN, {"a/b.proto": proto})
    assert {name for name in outputs if name.startswith("google/")} == {
        "google/protobuf/type.zod.ts",
        "google/protobuf/source_context.zod.ts",
    }
    imports = re.findall(r'from "(.*)";', outputs["a/b.zod.ts"])
    assert imports == ["../protogate/protojson.js", "../google/protobuf/type.zod.js"]

"""What is printed compiles back to an equal descriptor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.vendor import write_vendored_protos
from protogate.vendor.option_text import quote
from protogate.vendor.printer import print_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.vendor.conftest import Compiler, Files

CONTRACTS = Path(__file__).parents[2] / "contracts"

PROTO2 = """
syntax = "proto2";
package acme.old;
import "google/protobuf/descriptor.proto";
import public "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
option java_package = "acme.old";
option optimize_for = CODE_SIZE;
message Old {
  option deprecated = true;
  extensions 1000 [
    verification = DECLARATION,
    declaration = { number: 1000 full_name: ".acme.old.note" type: "string" }
  ];
  extensions 1001 to 1999, 3000 to max;
  reserved 40, 42 to 50, 90 to 99;
  reserved "gone", "also_gone";
  required string id = 1;
  optional int32 count = 2 [default = -7];
  optional string text = 3 [default = "say \\"hi\\"\\n\\tÄ \\\\", json_name = "TEXT"];
  optional bytes raw = 4 [default = "\\x00\\xffa\\"b'\\\\"];
  optional double far = 5 [default = -inf];
  optional float unknown = 6 [default = nan];
  optional Color color = 7 [default = GREEN];
  optional bool yes = 8 [default = true, deprecated = true];
  repeated int32 packed = 9 [packed = true];
  map<string, Inner> before = 10;
  message Inner { optional Inner again = 1; message Deep { message Deeper {} } }
  map<int32, bytes> after = 11;
  optional group Box = 12 { option deprecated = true; optional Old.Inner.Deep.Deeper inner = 1; }
  oneof choice {
    group First = 13 { optional string a = 1; }
    string plain = 15;
    group Second = 14 { optional string a = 1; }
  }
  message Last {}
  repeated group Rows = 16 [deprecated = true] { repeated group Cells = 1 {} }
  enum Color {
    option allow_alias = true;
    reserved -5 to -3, 100, 200 to max;
    reserved "PINK";
    GREEN = 1;
    VERDE = 1 [deprecated = true];
    COLD = -1;
  }
  extend Old { optional string inside = 1001; }
}
extend Old {
  optional string note = 1000;
  optional group Extra = 1002 { optional int32 a = 1; }
  repeated .acme.old.Old.Inner more = 1003;
}
message Legacy { option message_set_wire_format = true; extensions 4 to max; }
message Empty {}
extend google.protobuf.FieldOptions { repeated Old rule = 50000; }
message Ruled {
  optional string a = 1 [
    (rule) = { id: "x" box { inner {} } rows {} rows { cells {} } [acme.old.note]: "n" },
    (rule) = { id: "y" second { a: "s" } [acme.old.Old.inside]: "i" [acme.old.extra] { a: 3 } }
  ];
}
service Olds {
  option deprecated = true;
  rpc Get(Old) returns (Empty);
  rpc Watch(stream Empty) returns (stream .acme.old.Old) { option idempotency_level = IDEMPOTENT; }
  rpc Nothing(Empty) returns (Empty) {}
}
"""

PROTO3 = """
syntax = "proto3";
import "google/protobuf/descriptor.proto";
message Values {
  double d = 1; float f = 2; int64 i = 3; uint64 u = 4; string s = 5; bytes b = 6; bool o = 7;
  Kind k = 8; repeated string list = 9; map<string, int32> counts = 10;
  map<int64, Values> nested = 11; optional string maybe = 12; repeated Values many = 13;
  oneof one { string left = 14; Values right = 15; }
  optional Kind kind = 16; sfixed64 fixed = 17 [jstype = JS_STRING];
}
enum Kind { KIND_UNSPECIFIED = 0; KIND_GOOD = 1 [(on_value) = "v"]; }
extend google.protobuf.FileOptions { Values on_file = 50001; }
extend google.protobuf.MessageOptions { repeated Values on_message = 50001; optional float ratio = 50002; }
extend google.protobuf.FieldOptions { Values on_field = 50001; repeated Kind kinds = 50002; double big = 50003; }
extend google.protobuf.OneofOptions { string on_oneof = 50001; }
extend google.protobuf.EnumOptions { uint64 on_enum = 50001; }
extend google.protobuf.EnumValueOptions { string on_value = 50001; }
extend google.protobuf.ServiceOptions { bytes on_service = 50001; }
extend google.protobuf.MethodOptions { Values on_method = 50001; }
extend google.protobuf.ExtensionRangeOptions { int32 on_range = 50001; }
option (on_file) = {
  d: -0.1 f: 3.4028235e+38 i: -9223372036854775808 u: 18446744073709551615
  s: "line\\none \\"two\\" \\\\ \\001 é \\U0001F600" b: "\\000\\377\\200~" o: true k: KIND_GOOD
  list: ["a", "b"] counts: { key: "x" value: 1 } counts: { key: "a" value: -2 }
  nested: { key: 5 value: { d: inf } } maybe: "" many: {} many: { f: -inf } right: { left: "" }
};
message Used {
  option (on_message) = { s: "first" };
  option (on_message) = {};
  option (ratio) = 0.1;
  string a = 1 [(on_field).s = "x", (on_field).many = {}, (kinds) = KIND_GOOD, (kinds) = KIND_UNSPECIFIED,
                (big) = 1e300, deprecated = true];
  oneof choice { option (on_oneof) = "it's"; string b = 2 [json_name = "B"]; string c_d2_e = 3; }
}
enum Big { option (on_enum) = 18446744073709551615; BIG_UNSPECIFIED = 0; }
service Calls {
  option (on_service) = "\\001\\002";
  rpc Call(Used) returns (Used) { option (on_method) = { many: [{ s: "a" }, {}] }; option deprecated = true; }
}
"""

SHADOWS = {
    "outer.proto": """
        syntax = "proto3";
        package acme;
        message Thing { string acme = 1; }
        """,
    "shadow.proto": """
        syntax = "proto3";
        package acme.acme.foo;
        import "outer.proto";
        message string_ {}
        message optional { .acme.acme.foo.optional optional = 1; }
        message Thing {
          message Thing { .acme.Thing out = 1; .acme.acme.foo.Thing up = 2; Thing here = 3; }
          message acme { .acme.Thing out = 1; .acme.acme.foo.Thing mid = 2; acme self = 3; }
          .acme.acme.foo.optional word = 3;
          repeated .acme.acme.foo.optional words = 4;
        }
        service foo { rpc Thing(.acme.Thing) returns (.acme.acme.foo.Thing); }
        """,
}

EDITION_2023 = """
edition = "2023";
package acme.modern;
import "google/protobuf/descriptor.proto";
option features.field_presence = IMPLICIT;
option features.enum_type = CLOSED;
message Modern {
  reserved gone, also_gone;
  reserved 5 to 7;
  extensions 100 to 200;
  string implicit = 1;
  string explicit = 2 [features.field_presence = EXPLICIT, default = "d"];
  string needed = 3 [features.field_presence = LEGACY_REQUIRED];
  Inner inner = 4 [features.message_encoding = DELIMITED];
  repeated int32 spread = 8 [features.repeated_field_encoding = EXPANDED];
  map<string, string> pairs = 9 [features.utf8_validation = NONE];
  message Inner { option features.json_format = LEGACY_BEST_EFFORT; string a = 1; }
  enum Open { option features.enum_type = OPEN; reserved BAD; OPEN_UNSPECIFIED = 0; }
}
extend Modern { string note = 100; Modern.Inner boxed = 101 [features.message_encoding = DELIMITED]; }
extend google.protobuf.MessageOptions { Modern marked = 50001; }
message Marked { option (marked) = { implicit: "x" needed: "y" [acme.modern.note]: "n" }; }
"""

EDITION_2024 = {
    "option.proto": """
        edition = "2024";
        package acme.option;
        import "google/protobuf/descriptor.proto";
        extend google.protobuf.MessageOptions { string mark = 50010; }
        """,
    "new.proto": """
        edition = "2024";
        package acme.new;
        import option "option.proto";
        export message Shown { local enum Secret { SECRET_UNSPECIFIED = 0; } Secret secret = 1; }
        local message Hidden { option (acme.option.mark) = "m"; Shown shown = 1; }
        """,
}

CASES = {
    "proto2 with groups, extensions and defaults": {"old.proto": PROTO2},
    "proto3 with custom options of every kind": {"options.proto": PROTO3},
    "names that hide other names": SHADOWS,
    "edition 2023": {"modern.proto": EDITION_2023},
    "edition 2024": EDITION_2024,
    "a default longer than a line": {
        "long.proto": f'syntax = "proto2"; message A {{ optional string s = 1 [default = "{"a" * 120}"]; }}'
    },
    "an empty file": {"empty.proto": 'syntax = "proto3";\n'},
}


def printed(files: Files, names: Iterable[str]) -> dict[str, str]:
    return {name: print_file(files[name], imports_of(files, name)) for name in names}


def imports_of(files: Files, name: str) -> tuple[FileDescriptorProto, ...]:
    found: Files = {}
    waiting = [name]
    while waiting:
        file = files[waiting.pop()]
        for dependency in (*file.dependency, *file.option_dependency):
            if dependency not in found:
                found[dependency] = files[dependency]
                waiting.append(dependency)
    return tuple(found.values())


def assert_round_trip(compile_texts: Compiler, texts: Mapping[str, str]) -> None:
    before = compile_texts(texts)
    after = compile_texts(printed(before, texts))
    for name in texts:
        assert meaning(after, name) == meaning(before, name), name


def meaning(files: Files, name: str) -> bytes:
    """The file in canonical bytes, with the options read by the types that the files declare.

    To a reader without those types a custom option is mere bytes, in which the order of a map counts.
    """
    pool = descriptor_pool.DescriptorPool()
    for file in in_dependency_order(files):
        pool.AddSerializedFile(file.SerializeToString())
    if "google/protobuf/descriptor.proto" not in files:
        return files[name].SerializeToString(deterministic=True)
    kind = pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto")
    message = message_factory.GetMessageClass(kind).FromString(files[name].SerializeToString())
    serialized: bytes = message.SerializeToString(deterministic=True)
    return serialized


def in_dependency_order(files: Files) -> list[FileDescriptorProto]:
    return sorted(files.values(), key=lambda file: len(imports_of(files, file.name)))


@pytest.mark.parametrize("texts", CASES.values(), ids=CASES.keys())
def test_a_printed_file_compiles_back_to_an_equal_descriptor(compile_texts: Compiler, texts: dict[str, str]) -> None:
    assert_round_trip(compile_texts, texts)


def test_every_file_of_googleapis_round_trips(compile_texts: Compiler, googleapis_texts: dict[str, str]) -> None:
    assert len(googleapis_texts) >= 60
    assert_round_trip(compile_texts, googleapis_texts)


def test_the_contracts_and_what_they_import_round_trip(compile_texts: Compiler, tmp_path: Path) -> None:
    write_vendored_protos(tmp_path / "vendored")
    texts = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for root in (CONTRACTS, tmp_path / "vendored")
        for path in root.rglob("*.proto")
    }
    assert_round_trip(compile_texts, texts)


def test_printing_is_a_fixed_point(compile_texts: Compiler) -> None:
    once = printed(compile_texts({"old.proto": PROTO2}), ["old.proto"])
    assert printed(compile_texts(once), once) == once


# buf reads some decimal numbers one unit in the last place off: 5.798212719003294e-302 for one.
@pytest.mark.parametrize("compile_texts", ["protoc"], indirect=True)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=30),
    blobs=st.lists(st.binary(), max_size=30),
    floats=st.lists(st.floats(width=32, allow_nan=False), max_size=30),
    doubles=st.lists(st.floats(allow_nan=False), max_size=30),
)
def test_any_option_value_round_trips(
    compile_texts: Compiler,
    texts: list[str],
    blobs: list[bytes],
    floats: list[float],
    doubles: list[float],
) -> None:
    values = [f"s: {quote(text)}" for text in texts]
    values += [f"b: {quote(blob)}" for blob in blobs]
    values += [f"f: {number!r}" for number in floats]
    values += [f"d: {number!r}" for number in doubles]
    own_values = "".join(f"  option (on_message) = {{ {value} }};\n" for value in values)
    text = f"{PROTO3}message Generated {{\n{own_values}}}\n"
    before = compile_texts({"options.proto": text})
    after = compile_texts(printed(before, before.keys() & {"options.proto"}))
    assert meaning(after, "options.proto") == meaning(before, "options.proto")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_stays_on_its_line(text: str) -> None:
    assert "\n" not in quote(text)
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', quote(text))


def test_a_quoted_literal_is_readable() -> None:
    assert quote('say "hi"\n\\ é') == '"say \\"hi\\"\\n\\\\ é"'
    assert quote(b"\x00a\xff\\") == '"\\000a\\377\\\\"'


def test_references_are_short_where_nothing_hides_them(compile_texts: Compiler) -> None:
    texts = {
        "acme/user/v1/user.proto": """
            syntax = "proto3";
            package acme.user.v1;
            import "google/protobuf/timestamp.proto";
            message User { google.protobuf.Timestamp since = 1; Address home = 2; }
            message Address {}
            """
    }
    files = compile_texts(texts)
    text = printed(files, texts)["acme/user/v1/user.proto"]
    assert "  google.protobuf.Timestamp since = 1;\n  Address home = 2;\n" in text


def test_an_option_that_no_given_file_declares_is_refused(compile_texts: Compiler) -> None:
    files = compile_texts(EDITION_2024)
    without_imports = FileDescriptorProto()
    without_imports.CopyFrom(files["new.proto"])
    del without_imports.option_dependency[:]
    with pytest.raises(UserError, match=r"google\.protobuf\.MessageOptions: field 50010 is set"):
        print_file(without_imports)

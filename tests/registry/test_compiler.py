from __future__ import annotations

import os
import subprocess
import sys
import threading
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.options import PROTO_PATH, proto_text
from registry.canonical import parse_file, sort_file
from registry.compiler import CompiledSchema, Imports, compile_schema, gather_imports, suggest_file_name
from registry.errors import InvalidSchemaError, ReferenceNotFoundError
from registry.imports import built_in
from registry.values import Reference, StoredVersion
from tests.registry.samples import message_text
from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NO_IMPORTS = Imports({}, {})

EVERYTHING = """\
// A licence.
syntax = "proto3";

package acme.all;

import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import public "google/protobuf/duration.proto";

option java_package = "com.acme";

/* A user. */
message User {
  reserved 9, 20 to 30;
  reserved "old";
  string first_name = 1 [(buf.validate.field).string.min_len = 1, (buf.validate.field).string.max_len = 9];
  optional int32 age = 2 [deprecated = true];
  map<string, Kind> kinds = 3;
  oneof contact {
    string mail = 4;
    bytes phone = 5 [json_name = "tel"];
  }
  google.protobuf.Timestamp at = 6;
  repeated double packed = 7 [packed = false];
  message Inner {
    User parent = 1;
  }
  Inner inner = 8;
}

enum Kind {
  option allow_alias = true;
  KIND_UNSPECIFIED = 0;
  KIND_A = 1;
  KIND_B = 1;
}

service Users {
  rpc Get(User) returns (stream User) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}
"""

PROTO2 = """\
syntax = "proto2";
package acme.old;
message Old {
  required string name = 1 [default = "x\\n\\""];
  optional group Part = 2 { optional bytes raw = 1 [default = "\\001a"]; }
  repeated int32 numbers = 3 [packed = true];
  extensions 100 to 199;
  extend Old { optional string nested_extra = 101; }
}
extend Old { optional float extra = 100 [default = -inf]; }
"""

EDITION = """\
edition = "2023";
package acme.newest;
option features.field_presence = IMPLICIT;
message New {
  string name = 1 [features.field_presence = EXPLICIT];
  New part = 2 [features.message_encoding = DELIMITED];
}
enum Closed { option features.enum_type = CLOSED; ONE = 1; }
"""

CUSTOM = """\
syntax = "proto3";
package acme.custom;
import "google/protobuf/descriptor.proto";
message Note { string text = 1; repeated int32 numbers = 2; }
extend google.protobuf.FieldOptions { Note note = 50002; int32 weight = 50001; repeated string words = 50003; }
extend google.protobuf.MessageOptions { string owner = 50001; }
message Noted {
  option (owner) = "me";
  string name = 1 [
    (words) = "b", (note) = {text: "t", numbers: [3, 1]}, (weight) = 7, (words) = "a", deprecated = true];
}
"""

SOURCES = {"everything": EVERYTHING, "proto2": PROTO2, "edition": EDITION, "custom options": CUSTOM}


def compile_text(text: str, *, normalize: bool = False, file_name: str = "acme/user.proto") -> CompiledSchema:
    return compile_schema(text, (), NO_IMPORTS, file_name=file_name, normalize=normalize)


def packed(file: FileDescriptorProto | FileDescriptorSet) -> str:
    return b64encode(file.SerializeToString()).decode()


def protoc_file(text: str, tmp_path: Path) -> FileDescriptorProto:
    """The descriptor as a client has it: from the Python code that protoc wrote, custom options not known."""
    (tmp_path / "client.proto").write_text(text, encoding="utf-8")
    image = compile_protos({"client.proto": text})
    return FileDescriptorProto.FromString(
        next(file for file in image.file if file.name == "client.proto").SerializeToString()
    )


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_text_and_its_descriptor_are_the_same_content(text: str, tmp_path: Path) -> None:
    file = protoc_file(text, tmp_path)
    from_text = compile_text(text)
    for sent in _as_clients_send_it(file):
        from_descriptor = compile_schema(packed(sent), (), NO_IMPORTS)
        assert from_descriptor.content_id == from_text.content_id
        assert from_descriptor.canonical == from_text.canonical


def _as_clients_send_it(file: FileDescriptorProto) -> tuple[FileDescriptorProto | FileDescriptorSet, ...]:
    bare = FileDescriptorProto.FromString(file.SerializeToString())
    bare.ClearField("source_code_info")
    for field in (field for message in bare.message_type for field in message.field):
        # Generated code carries a JSON name only where it is not the usual one.
        if field.json_name in (field.name, "firstName"):
            field.ClearField("json_name")
    if not bare.syntax:
        bare.syntax = "proto2"
    return file, bare, FileDescriptorSet(file=[file])


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_printed_text_is_the_same_content(text: str) -> None:
    original = compile_text(text)
    printed = compile_schema(packed(_named(original)), (), NO_IMPORTS).text
    assert compile_text(printed).content_id == original.content_id


def _named(compiled: CompiledSchema) -> FileDescriptorProto:
    return FileDescriptorProto.FromString(compiled.file().SerializeToString())


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    once = compile_text(text, normalize=True)
    assert compile_text(once.text, normalize=True) == once
    assert compile_text(once.text).content_id == once.content_id


def test_comments_layout_and_file_name_are_no_content() -> None:
    plain = message_text("string name = 1;")
    assert (
        compile_text(plain).content_id
        == compile_text("// hello\n" + plain.replace(" ", "  "), file_name="other.proto").content_id
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first_name = 1", "first_name = 10"),
        ('json_name = "tel"', 'json_name = "fon"'),
        ("deprecated = true", "deprecated = false"),
        ("string.max_len = 9", "string.max_len = 8"),
        ("KIND_B = 1", "KIND_C = 1"),
        ("stream User", "User"),
        ("NO_SIDE_EFFECTS", "IDEMPOTENT"),
        ("reserved 9, ", "reserved "),
        ("package acme.all", "package acme.some"),
        ("import public", "import"),
    ],
)
def test_what_a_schema_says_is_content(old: str, new: str) -> None:
    assert old in EVERYTHING
    assert compile_text(EVERYTHING).content_id != compile_text(EVERYTHING.replace(old, new)).content_id


@given(st.permutations(["string a = 1;", "int32 b = 2;", "bool c = 3;"]), st.permutations(["M", "N", "O"]))
@settings(max_examples=15, deadline=None)
def test_normalized_content_does_not_depend_on_order(fields: list[str], names: list[str]) -> None:
    texts = {
        normal: "".join(f"message {name} {{ {' '.join(order)} }}\n" for name in listed)
        for normal, order, listed in ((True, sorted(fields), sorted(names)), (False, fields, names))
    }
    ids = {compile_text('syntax = "proto3";\n' + text, normalize=True).content_id for text in texts.values()}
    assert len(ids) == 1


def test_sorting_keeps_the_zero_first_and_imports_public() -> None:
    file = parse_file(
        compile_protos(
            {
                "x.proto": 'syntax = "proto3"; import public "google/protobuf/timestamp.proto";'
                'import "google/protobuf/any.proto"; enum E { Z = 0; B = 2; N = -1; A = 1; }'
            }
        )
        .file[-1]
        .SerializeToString()
    )
    ordered = sort_file(file)
    assert [value.number for value in ordered.enum_type[0].value] == [0, -1, 1, 2]
    assert list(ordered.dependency) == ["google/protobuf/any.proto", "google/protobuf/timestamp.proto"]
    assert list(ordered.public_dependency) == [1]


def test_a_file_that_needs_no_reference_can_be_registered_too() -> None:
    compiled = compile_schema(proto_text(), (), NO_IMPORTS, file_name=PROTO_PATH)
    assert compiled.file_name == PROTO_PATH


@pytest.mark.parametrize(
    "name",
    [
        "google/protobuf/timestamp.proto",
        "google/protobuf/struct.proto",
        "google/protobuf/descriptor.proto",
        "google/protobuf/compiler/plugin.proto",
        "google/type/money.proto",
        "google/api/annotations.proto",
        "buf/validate/validate.proto",
        "protogate/options/v1/options.proto",
        "confluent/meta.proto",
        "confluent/type/decimal.proto",
    ],
)
def test_what_everybody_imports_needs_no_reference(name: str) -> None:
    compiled = compile_text(f'syntax = "proto3"; import "{name}"; message M {{}}')
    assert [file.name for file in compiled.imports][-1] == name
    # Every import of an import is there, too, and stands before it.
    seen: set[str] = set()
    for file in compiled.imports:
        assert seen.issuperset(file.dependency)
        seen.add(file.name)


@pytest.mark.parametrize("name", ["google/type/../../secret.proto", "setuptools/x.proto", "confluent/nope.proto"])
def test_nothing_else_is_built_in(name: str) -> None:
    assert built_in(name) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('syntax = "proto3";\nmessage M {\n  string x 1;\n}\n', "acme/user.proto:3:12: Missing field number."),
        ('syntax = "proto3";\nmessage M { Nope x = 1; }\n', 'acme/user.proto:2:13: "Nope" is not defined.'),
        ("message", "acme/user.proto:1:8: Expected message name."),
        ("garbage text", 'acme/user.proto:1:1: Expected top-level statement (e.g. "message").'),
        (
            'syntax = "proto3"; import "acme/nope.proto";',
            "acme/user.proto: imports 'acme/nope.proto', for which there is no reference; add one with this name",
        ),
        ('syntax = "proto3"; message M { string \ud800 = 1; }', "acme/user.proto: the schema holds half a surrogate"),
        ("AAAA", "the schema is neither Protobuf text nor base64 of a descriptor"),
        ("QQ", 'acme/user.proto:1:1: Expected top-level statement (e.g. "message").'),
    ],
)
def test_what_does_not_compile_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidSchemaError) as caught:
        compile_text(text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_every_line_of_protoc_is_kept() -> None:
    with pytest.raises(InvalidSchemaError) as caught:
        compile_text('syntax = "proto3"; message M { A a = 1; B b = 2; }')
    assert len(caught.value.details) == 2


def test_a_descriptor_that_no_compiler_wrote_is_refused() -> None:
    file = FileDescriptorProto(name="x.proto", syntax="proto3")
    file.message_type.add(name="M").field.add(name="a", number=1, type="TYPE_MESSAGE", type_name=".Nope")
    with pytest.raises(InvalidSchemaError, match="Nope"):
        compile_schema(packed(file), (), NO_IMPORTS)


def test_a_descriptor_with_text_that_is_not_utf8_is_refused() -> None:
    file = FileDescriptorProto(name="x.proto", syntax="proto3")
    file.message_type.add(name="M").field.add(name="abc", json_name="xyz", number=1, type=9)
    content = file.SerializeToString().replace(b"xyz", b"x\xffz")
    with pytest.raises(InvalidSchemaError, match="not UTF-8"):
        compile_schema(b64encode(content).decode(), (), NO_IMPORTS)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_descriptors_are_refused_and_never_crash(data: st.DataObject) -> None:
    content = bytearray(_named(compile_text(EVERYTHING if data.draw(st.booleans()) else PROTO2)).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InvalidSchemaError):
        compile_schema(b64encode(content).decode(), (), NO_IMPORTS)


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_refused_or_compile(content: bytes) -> None:
    with suppress(InvalidSchemaError):
        compile_schema(b64encode(content).decode(), (), NO_IMPORTS)


@pytest.mark.parametrize(
    "name", ["--plugin=evil", "../../etc/passwd", "a b\0.proto", "", "/etc/passwd.proto", "é.proto"]
)
def test_hostile_file_names_never_reach_the_command_line(name: str) -> None:
    file = FileDescriptorProto(name=name, syntax="proto3")
    file.message_type.add(name="M")
    compiled = compile_schema(packed(file), (), NO_IMPORTS)
    assert compiled.file_name == "schema.proto"


def test_protoc_writes_nothing_to_our_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    compile_text('syntax = "proto3"; import "google/protobuf/any.proto"; message M {}')  # warns of an unused import
    with pytest.raises(InvalidSchemaError):
        compile_text("nonsense")
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_threads_compile_side_by_side() -> None:
    ids: dict[int, str] = {}

    def work(number: int) -> None:
        for _ in range(10):
            ids[number] = compile_text(message_text(f"string name{number} = 1;")).content_id

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids == {number: compile_text(message_text(f"string name{number} = 1;")).content_id for number in range(4)}


def test_content_ids_do_not_depend_on_what_the_process_imported() -> None:
    script = (
        "import sys\n"
        "from registry.compiler import Imports, compile_schema\n"
        "from tests.registry.test_compiler import CUSTOM, EVERYTHING\n"
        "print(*[compile_schema(each, (), Imports({}, {})).content_id for each in (CUSTOM, EVERYTHING)])\n"
    )
    root = Path(__file__).parents[2]
    prints = {
        subprocess.run(
            [sys.executable, "-c", before + script], capture_output=True, text=True, check=True, cwd=root
        ).stdout
        for before in ("", "import protogate.options.v1.options_pb2\n")
    }
    assert prints == {f"{compile_text(CUSTOM).content_id} {compile_text(EVERYTHING).content_id}\n"}


# References.

MONEY = message_text("int64 units = 1;", name="Money")
PRICE = message_text("acme.Money money = 1;", name="Price", imports=("acme/money.proto",))
ORDER = message_text("acme.Price price = 1;", name="Order", imports=("acme/price.proto",))


def stored(subject: str, compiled: CompiledSchema) -> StoredVersion:
    return StoredVersion(
        subject, 1, 1, compiled.content_id, compiled.file_name, compiled.text, compiled.canonical, b"",
        compiled.references, {}, deleted=False,
    )  # fmt: skip


def library(**texts: str) -> Callable[[Reference], StoredVersion | None]:
    kept: dict[str, StoredVersion] = {}
    resolve: Callable[[Reference], StoredVersion | None] = lambda reference: kept.get(reference.subject)  # noqa: E731
    references: Mapping[str, tuple[Reference, ...]] = {
        "price": (Reference("acme/money.proto", "money", 1),),
    }
    for subject, text in texts.items():
        own = references.get(subject, ())
        kept[subject] = stored(subject, compile_schema(text, own, gather_imports(own, resolve)))
    return resolve


def test_references_are_loaded_with_their_own_references() -> None:
    references = (Reference("acme/price.proto", "price", 1),)
    imports = gather_imports(references, library(money=MONEY, price=PRICE))
    compiled = compile_schema(ORDER, references, imports, file_name="acme/order.proto")
    assert [file.name for file in compiled.imports] == ["acme/money.proto", "acme/price.proto"]
    assert [str(message) for message in compiled.schema().files_to_generate[0].messages] == ["message acme.Order"]


def test_a_change_of_what_is_imported_is_another_content() -> None:
    references = (Reference("acme/money.proto", "money", 1),)
    ids = {
        compile_schema(PRICE, references, gather_imports(references, library(money=money))).content_id
        for money in (MONEY, MONEY, MONEY.replace("int64", "int32"))
    }
    assert len(ids) == 2


def test_a_reference_that_nothing_imports_is_no_content() -> None:
    references = (Reference("acme/money.proto", "money", 1),)
    text = message_text("string name = 1;")
    with_reference = compile_schema(text, references, gather_imports(references, library(money=MONEY)))
    assert with_reference.content_id == compile_text(text).content_id
    assert with_reference.references == references


def test_a_direct_reference_wins_over_one_further_away() -> None:
    resolve = library(money=MONEY, price=PRICE, other=MONEY.replace("units", "cents"))
    references = (Reference("acme/price.proto", "price", 1), Reference("acme/money.proto", "other", 1))
    imports = gather_imports(references, resolve)
    assert imports.files["acme/money.proto"].message_type[0].field[0].name == "cents"


def test_a_reference_that_is_not_there_is_named() -> None:
    with pytest.raises(ReferenceNotFoundError, match=r"reference 'x\.proto': version 3 of subject 'nobody' is not in"):
        gather_imports([Reference("x.proto", "nobody", 3)], lambda _: None)


def test_a_reference_never_stands_for_what_comes_with_the_compiler() -> None:
    references = (Reference("google/protobuf/timestamp.proto", "mine", 1),)
    imports = gather_imports(references, library(mine=MONEY))
    text = 'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp t = 1; }'
    assert compile_schema(text, references, imports).content_id == compile_text(text).content_id


def test_a_long_chain_of_imports_is_no_recursion() -> None:
    files = {
        f"f{number}.proto": parse_file(
            FileDescriptorProto(dependency=[f"f{number + 1}.proto"], name=f"f{number}.proto").SerializeToString()
        )
        for number in range(3000)
    }
    found = Imports(files, {}).behind(["f0.proto"])
    assert [found[0].name, found[-1].name] == ["f2999.proto", "f0.proto"]


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("acme/user/v1/user.proto", "acme/user/v1/user.proto"),
        (":.ctx:acme/user.proto", "acme/user.proto"),
        ("orders-value", ""),
        ("-I.proto", ""),
        ("a\nb.proto", ""),
        ("a/" * 200 + ".proto", ""),
    ],
)
def test_a_subject_may_say_the_file_name(subject: str, name: str) -> None:
    assert suggest_file_name(subject) == name

"""Edits of whole files: package, name, syntax, options, features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import (
    EDITION_2023,
    FeatureSet,
    FileDescriptorProto,
    FileOptions,
)

from tests.compat.edits.contract import (
    F,
    edit,
    settle_oneofs,
    walk,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import (
        FieldDescriptorProto,
    )

    from tests.compat.edits.contract import (
        Contract,
    )


@edit("package changed")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    new = f"{file.package}.{contract.new_name('v')}"
    old = file.package
    for message in file.message_type:
        contract.rename(f"{old}.{message.name}", f"{new}.{message.name}")
    for enum in file.enum_type:
        contract.rename(f"{old}.{enum.name}", f"{new}.{enum.name}")
    file.package = new


@edit("file renamed")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    new = file.name.replace(".proto", f"_{contract.random.randrange(100)}.proto")
    for other in contract.files:
        names = [new if name == file.name else name for name in other.dependency]
        other.ClearField("dependency")
        other.dependency.extend(names)
    file.name = new


@edit("two files of a package swap names")
def _(contract: Contract) -> None:
    one = contract.pick(contract.files)
    other = contract.pick(f for f in contract.files if f.package == one.package and f is not one)
    names = {one.name: other.name, other.name: one.name}
    for file in contract.files:
        imports = [names.get(name, name) for name in file.dependency]
        file.ClearField("dependency")
        file.dependency.extend(imports)
        file.name = names.get(file.name, file.name)


@edit("file removed")
def _(contract: Contract) -> None:
    used = {name for file in contract.files for name in file.dependency}
    file = contract.pick(f for f in contract.files if f.name not in used)
    contract.files.remove(file)


@edit("file added")
def _(contract: Contract) -> None:
    near = contract.pick(contract.files)
    name = contract.new_name("fresh")
    file = FileDescriptorProto(name=f"{near.name.rpartition('/')[0]}/{name}.proto", syntax="proto3")
    file.package = near.package
    file.message_type.add(name=name.capitalize())
    contract.files.append(file)


_TEXT_OPTIONS = (
    "java_package",
    "java_outer_classname",
    "go_package",
    "objc_class_prefix",
    "csharp_namespace",
    "swift_prefix",
    "php_class_prefix",
    "php_namespace",
    "php_metadata_namespace",
    "ruby_package",
)
_FLAG_OPTIONS = (
    "java_multiple_files",
    "java_string_check_utf8",
    "cc_generic_services",
    "java_generic_services",
    "py_generic_services",
    "cc_enable_arenas",
    "deprecated",
)


@edit("text option of a file changed")
def _(contract: Contract) -> None:
    options: Any = contract.pick(contract.files).options
    name = contract.pick(_TEXT_OPTIONS)
    if options.HasField(name) and contract.random.random() < 0.5:
        options.ClearField(name)
    else:
        setattr(options, name, contract.new_name("Some"))


@edit("three text options of a file changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.files).options
    for name in contract.random.sample(_TEXT_OPTIONS, 3):
        setattr(options, name, contract.new_name("Some"))


@edit("flag option of a file changed")
def _(contract: Contract) -> None:
    options: Any = contract.pick(f for f in contract.files if f.syntax != "editions").options
    name = contract.pick(_FLAG_OPTIONS)
    value = not getattr(options, name)
    if name == "cc_enable_arenas" and not options.HasField(name):
        value = False
    setattr(options, name, value)


@edit("optimize_for changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.files).options
    choices = (FileOptions.SPEED, FileOptions.CODE_SIZE)
    options.optimize_for = contract.pick(c for c in choices if c != options.optimize_for)


@edit("feature of an editions file changed")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax == "editions")
    features: Any = file.options.features
    name = contract.pick(
        ("field_presence", "repeated_field_encoding", "utf8_validation", "message_encoding", "json_format")
    )
    values = {
        "field_presence": FeatureSet.EXPLICIT,
        "repeated_field_encoding": FeatureSet.EXPANDED,
        "utf8_validation": FeatureSet.NONE,
        "message_encoding": FeatureSet.DELIMITED,
        "json_format": FeatureSet.LEGACY_BEST_EFFORT,
    }
    if features.HasField(name):
        features.ClearField(name)
    else:
        setattr(features, name, values[name])


@edit("proto3 file becomes an editions file")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax == "proto3")
    file.syntax = "editions"
    file.edition = EDITION_2023
    presence = FeatureSet.IMPLICIT if contract.random.random() < 0.7 else FeatureSet.EXPLICIT
    file.options.features.field_presence = presence
    for message in walk(file, file.package, file.message_type):
        for field in message.proto.field:
            field.options.ClearField("packed")
            if field.proto3_optional:
                field.ClearField("proto3_optional")
                field.ClearField("oneof_index")
                field.options.features.field_presence = FeatureSet.EXPLICIT
        settle_oneofs(message.proto)


@edit("proto2 file becomes an editions file")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax in {"", "proto2"})
    file.syntax = "editions"
    file.edition = EDITION_2023
    features = file.options.features
    features.enum_type = FeatureSet.CLOSED
    features.repeated_field_encoding = FeatureSet.EXPANDED
    features.json_format = FeatureSet.LEGACY_BEST_EFFORT
    if contract.random.random() < 0.7:
        features.utf8_validation = FeatureSet.NONE
    for message in walk(file, file.package, file.message_type):
        for field in message.proto.field:
            _as_edition(field)
    for field in file.extension:
        _as_edition(field)


def _as_edition(field: FieldDescriptorProto) -> None:
    if field.label == F.LABEL_REQUIRED:
        field.label = F.LABEL_OPTIONAL
        field.options.features.field_presence = FeatureSet.LEGACY_REQUIRED
    if field.type == F.TYPE_GROUP:
        field.type = F.TYPE_MESSAGE
        field.options.features.message_encoding = FeatureSet.DELIMITED
    if field.options.packed:
        field.options.ClearField("packed")
        field.options.features.repeated_field_encoding = FeatureSet.PACKED


def _custom_feature(contract: Contract, library: str) -> FeatureSet:
    """Features to set one of a language in; the file imports what declares it."""
    file = contract.pick(f for f in contract.files if f.syntax == "editions")
    if library not in file.dependency:
        file.dependency.append(library)
    if contract.random.random() < 0.4:
        return file.options.features
    fields = (f for m in walk(file, file.package, file.message_type) for f in m.proto.field)
    return contract.pick(f for f in fields if f.type == F.TYPE_STRING).options.features


_JAVA_VERIFY = b"\xca\x3e\x02\x10\x02"
"""Extension 1001 of `FeatureSet`: `(pb.java).utf8_validation = VERIFY`."""
_CPP_STRING_TYPES = tuple(b"\xc2\x3e\x02\x10" + value for value in (b"\x01", b"\x02", b"\x03"))
"""Extension 1000: `(pb.cpp).string_type`, which is `VIEW`, `CORD` or `STRING`."""


@edit("UTF-8 validation in Java changed")
def _(contract: Contract) -> None:
    features = _custom_feature(contract, "google/protobuf/java_features.proto")
    features.utf8_validation = FeatureSet.NONE
    features.MergeFromString(_JAVA_VERIFY)


@edit("string type in C++ changed")
def _(contract: Contract) -> None:
    features = _custom_feature(contract, "google/protobuf/cpp_features.proto")
    features.MergeFromString(contract.pick(_CPP_STRING_TYPES))

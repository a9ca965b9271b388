"""The Python names of a contract: classes, attributes, enum members, modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.model_names import BUILTINS, WITH_RUNTIME, class_names, models_path, public_name
from protogate.descriptors import free_names
from protogate.descriptors.names import PYTHON_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Enum, File, Message, Schema

__all__ = ["TAKEN_ATTRIBUTES", "TAKEN_MEMBERS", "Names"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BASE_MODEL: Final = _words(
    "construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json update_forward_refs validate "
    "model_computed_fields model_config model_construct model_copy model_dump model_dump_json model_extra model_fields "
    "model_fields_set model_json_schema model_parametrized_name model_post_init model_rebuild model_validate "
    "model_validate_json model_validate_strings"
)
"""Attributes of pydantic's `BaseModel`, the deprecated ones too; written out so that output depends on no library."""

_MESSAGE: Final = _words("from_proto to_json_dict to_proto value_or_default which_oneof")
"""Attributes of `protogate.models.Message`."""

TAKEN_ATTRIBUTES: Final = PYTHON_KEYWORDS | BUILTINS | _BASE_MODEL | _MESSAGE
"""Fields of these names become attributes with an underscore behind."""

TAKEN_MEMBERS: Final = PYTHON_KEYWORDS | _words(
    "as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer is_known mro name "
    "numerator proto_name real to_bytes value"
)
"""Names of enum values that Python's `IntEnum` needs for itself."""

_RUNTIME_PACKAGE: Final = "protogate.models.google_protobuf"


class Names:
    """The names of one request; all of them depend on the file that declares them only."""

    __slots__ = ("_classes", "_members", "_prefix", "_schema")

    def __init__(self, schema: Schema, import_prefix: str) -> None:
        self._schema: Final = schema
        self._prefix: Final = f"{import_prefix}." if import_prefix else ""
        self._classes: Final[dict[str, Mapping[str, str]]] = {}
        self._members: Final[dict[str, Mapping[str, str]]] = {}

    def classes(self, file: File) -> Mapping[str, str]:
        """Class by full name of all messages and enums of `file`."""
        found = self._classes.get(file.name)
        if found is None:
            found = self._classes[file.name] = class_names(file)
        return found

    def members(self, enum: Enum) -> Mapping[str, str]:
        """Member by name of all values of `enum`."""
        found = self._members.get(enum.full_name)
        if found is None:
            found = self._members[enum.full_name] = free_names(
                [value.name for value in enum.values], is_taken=TAKEN_MEMBERS.__contains__, first_try=public_name
            )
        return found

    def attributes(self, message: Message) -> Mapping[str, str]:
        """Attribute by name of all fields of `message`."""
        names = [field.name for field in message.fields]
        classes = self.classes(message.file)
        # A field of the same name would hide from type checkers the class that its annotation means.
        types = [classes[name] for field in message.fields if (name := (field.map_value or field).type_name) in classes]
        taken = TAKEN_ATTRIBUTES.union(types) if types else TAKEN_ATTRIBUTES
        if taken.isdisjoint(names) and "_" not in {name[0] for name in names}:
            return dict(zip(names, names, strict=True))
        return free_names(names, is_taken=taken.__contains__, first_try=public_name)

    def module(self, file_name: str) -> str:
        """The module that holds the models of a file, as it is imported."""
        path = models_path(file_name).removesuffix(".py")
        if file_name in WITH_RUNTIME:
            return f"{_RUNTIME_PACKAGE}.{path.rpartition('/')[2]}"
        return self._prefix + path.replace("/", ".")

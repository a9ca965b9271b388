"""A frozen, typed view of compiled Protobuf files: what generators, rules and the registry read."""

from protogate.descriptors.comments import Comments
from protogate.descriptors.features import Features
from protogate.descriptors.model import (
    Enum,
    EnumValue,
    Field,
    File,
    Kind,
    Message,
    Method,
    Oneof,
    Schema,
    Service,
)
from protogate.descriptors.names import free_names, json_name, python_module_path, snake_case

__all__ = [
    "Comments",
    "Enum",
    "EnumValue",
    "Features",
    "Field",
    "File",
    "Kind",
    "Message",
    "Method",
    "Oneof",
    "Schema",
    "Service",
    "free_names",
    "json_name",
    "python_module_path",
    "snake_case",
]

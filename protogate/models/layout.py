"""What a model's class says about its fields, compiled once for reading and writing documents."""

from __future__ import annotations

import inspect
import math
import sys
import types
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from protogate.models.codecs import Codec
from protogate.models.enums import NullValue, ProtoEnum, enum_codec

if TYPE_CHECKING:
    from protogate.models.message import Message

__all__ = [
    "FieldLayout",
    "Layout",
    "Omit",
    "compile_layout",
    "is_omitted",
    "json_name",
    "layout_of",
    "resolved_annotations",
]

ToJson = Callable[[Any], Any]


class Omit:
    """When a field does not appear in a document."""

    NEVER: Final = 0
    NONE: Final = 1
    """When it is None."""
    EMPTY: Final = 2
    """When it is zero or empty."""
    ZERO_FLOAT: Final = 3
    """When it is 0.0, but not when it is -0.0."""


class FieldLayout(NamedTuple):
    """One field."""

    attribute: str
    proto_name: str
    json_name: str
    omit: int
    to_json: ToJson | None
    """None when the Python value is JSON already."""


class Layout(NamedTuple):
    """All fields of a model, by the names under which documents may have them."""

    fields: tuple[FieldLayout, ...]
    json_names: frozenset[str]
    aliases: Mapping[str, str]
    """Every other name of a document to the JSON name."""
    attributes: Mapping[str, str]
    """Python attribute to JSON name, for Python values."""
    nullable: frozenset[str]
    """JSON names of fields for which null is a value."""
    checked_defaults: Mapping[str, Callable[[], Any]]
    """The defaults that may break a rule, by JSON name."""


def json_name(name: str) -> str:
    """The lowerCamelCase name that protoc gives a field without `json_name`."""
    if "_" not in name:
        return name
    head, *tail = name.split("_")
    return head + "".join([part[:1].upper() + part[1:] for part in tail])


def layout_of(model: type[Message]) -> Layout:
    """The layout of `model`, whose schema is built for it when it is not there yet."""
    if "__layout__" not in model.__dict__:
        model.model_rebuild(force=True)
    return model.__layout__


def compile_layout(model: type[Message], schema: Any) -> Layout:
    """The layout of `model`, whose annotations can all be resolved by now.

    Args:
        model: the class.
        schema: what pydantic made of it; the class's own fields may still lack what forward references hide.
    """
    annotations = resolved_annotations(model)
    fields: list[FieldLayout] = []
    nullable: list[str] = []
    checked_defaults: dict[str, Callable[[], Any]] = {}
    for attribute, described in _fields_schema(schema)["fields"].items():
        annotation = annotations.get(attribute)
        alias = described.get("serialization_alias", attribute)
        proto_name = model.__proto_names__.get(attribute, attribute)
        default = _default(described["schema"])
        omit = Omit.NEVER if default is None else _omit(default())
        fields.append(FieldLayout(attribute, proto_name, alias, omit, _to_json(annotation)))
        if _takes_null(annotation):
            nullable.append(alias)
        if default is not None and described["schema"].get("validate_default"):
            checked_defaults[alias] = default
    return Layout(
        fields=tuple(fields),
        json_names=frozenset(field.json_name for field in fields),
        aliases={field.proto_name: field.json_name for field in fields},
        attributes={field.attribute: field.json_name for field in fields},
        nullable=frozenset(nullable),
        checked_defaults=checked_defaults,
    )


def _fields_schema(schema: Any) -> Any:
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return schema


def _default(schema: Any) -> Callable[[], Any] | None:
    """What gives the default of a field, None when it has none."""
    if schema["type"] != "default":
        return None
    factory: Callable[[], Any] | None = schema.get("default_factory")
    return partial(copy, schema["default"]) if factory is None else factory


def _omit(default: Any) -> int:
    if default is None:
        return Omit.NONE
    if isinstance(default, float):
        return Omit.ZERO_FLOAT if default == 0 else Omit.NEVER
    return Omit.NEVER if default else Omit.EMPTY


def resolved_annotations(model: type[Message]) -> dict[str, Any]:
    """The resolved annotations of every class between `model` and `Message`."""
    found: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        if not hasattr(base, "__proto_names__"):
            continue
        namespace = vars(sys.modules[base.__module__]) if base.__module__ in sys.modules else {}
        for name, annotation in inspect.get_annotations(base).items():
            if name in model.__pydantic_fields__:
                found[name] = _resolved(annotation, namespace)
    return found


def _resolved(annotation: Any, namespace: dict[str, Any]) -> Any:
    # The text is that of a module which has been imported already.
    return eval(annotation, namespace) if isinstance(annotation, str) else annotation  # noqa: S307


def _to_json(annotation: Any) -> ToJson | None:
    if isinstance(annotation, type):
        return _class_to_json(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        codec = next((item for item in annotation.__metadata__ if isinstance(item, Codec)), None)
        return codec.to_json if codec is not None else _to_json(args[0])
    if origin in {Union, types.UnionType}:
        members = [arg for arg in args if arg is not type(None)]
        return _to_json(members[0]) if len(members) == 1 else None
    if origin is list:
        item = _to_json(args[0])
        return None if item is None else partial(_list_to_json, item)
    if origin is dict:
        return _map_to_json(_to_json(args[0]), _to_json(args[1]))
    return None


def _class_to_json(annotation: type[Any]) -> ToJson | None:
    to_json_dict: ToJson | None = getattr(annotation, "to_json_dict", None)
    if to_json_dict is not None:
        return _message_to_json
    if issubclass(annotation, ProtoEnum):
        return enum_codec(annotation).to_json
    codec: Codec | None = getattr(annotation, "codec", None)
    return codec.to_json if isinstance(codec, Codec) else None


def _message_to_json(value: Message) -> dict[str, Any]:
    return value.to_json_dict()


def _list_to_json(item: ToJson, values: list[Any]) -> list[Any]:
    return [item(value) for value in values]


def _map_to_json(key: ToJson | None, value: ToJson | None) -> ToJson | None:
    if key is None and value is None:
        return None
    key_text = key or str
    if value is None:
        return lambda values: {key_text(k): v for k, v in values.items()}
    return lambda values: {key_text(k): value(v) for k, v in values.items()}


def _takes_null(annotation: Any) -> bool:
    """Whether a null in a document is a value of this field: Value and NullValue."""
    if annotation is NullValue:
        return True
    origin = get_origin(annotation)
    if origin is Annotated:
        return _takes_null(get_args(annotation)[0])
    return origin in {Union, types.UnionType} and any(_takes_null(arg) for arg in get_args(annotation))


def is_omitted(field: FieldLayout, value: Any) -> bool:
    """Whether `value` stands in no document."""
    if field.omit == Omit.NONE:
        return value is None
    if field.omit == Omit.EMPTY:
        return not value
    return field.omit == Omit.ZERO_FLOAT and value == 0 and math.copysign(1, value) > 0

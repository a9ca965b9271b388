"""Models to messages of `google.protobuf` and back, field by field.

What a message carries and its model does not know (unknown fields of a newer contract) is left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pool, json_format, message_factory

from protogate.models.anys import AnyMessage
from protogate.models.enums import NullValue
from protogate.models.layout import is_omitted, layout_of
from protogate.models.times import Duration, Timestamp
from protogate.models.wellknown import FieldMask

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message as ProtoMessage

    from protogate.models.message import Message

__all__ = ["default_class", "fill_proto", "read_proto"]


def default_class(full_name: str) -> type[ProtoMessage]:
    """The class of a message that some imported module of protoc has declared.

    Raises:
        LookupError: none has.
    """
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(full_name)
    except KeyError:
        raise LookupError(
            f"message '{full_name}' is not loaded; import the module that protoc wrote for it (..._pb2), "
            "or pass its class: to_proto(UserMessage)"
        ) from None
    return message_factory.GetMessageClass(descriptor)


# --- model to message


def fill_proto(model: Message, target: Any) -> None:
    """Set in `target` every field that is set in `model`.

    Raises:
        TypeError: `target` is another message, or one of another version of the contract.
    """
    descriptor: Descriptor = target.DESCRIPTOR
    if descriptor.full_name != model.__proto__:
        raise TypeError(f"{type(model).__name__} is '{model.__proto__}', the message is '{descriptor.full_name}'")
    for field in layout_of(type(model)).fields:
        value = model.__dict__[field.attribute]
        if is_omitted(field, value):
            continue
        found = descriptor.fields_by_name.get(field.proto_name)
        if found is None:
            raise TypeError(f"message '{descriptor.full_name}' has no field '{field.proto_name}'")
        _set(target, found, value)
    if model.__pydantic_extra__:
        json_format.ParseDict(model.__pydantic_extra__, target, descriptor_pool=descriptor.file.pool)


def _set(target: Any, field: FieldDescriptor, value: Any) -> None:
    message = field.message_type
    if message is None:
        if field.is_repeated:
            getattr(target, field.name).extend(value)
        else:
            setattr(target, field.name, value)
    elif field.is_repeated and message.GetOptions().map_entry:
        _set_map(getattr(target, field.name), message.fields_by_name["value"].message_type, value)
    elif field.is_repeated:
        for item in value:
            _fill(getattr(target, field.name).add(), message, item)
    else:
        part = getattr(target, field.name)
        part.SetInParent()
        _fill(part, message, value)


def _set_map(target: Any, message: Descriptor | None, values: dict[Any, Any]) -> None:
    for key, value in values.items():
        if message is None:
            target[key] = value
        else:
            _fill(target[key], message, value)


def _fill(target: Any, descriptor: Descriptor, value: Any) -> None:
    if isinstance(value, (Timestamp, Duration)):
        target.seconds, target.nanos = value.seconds, value.nanos
    elif isinstance(value, FieldMask):
        target.paths.extend(value.paths)
    elif isinstance(value, AnyMessage):
        _fill_any(target, value, descriptor.file.pool)
    elif descriptor.full_name in _WRAPPERS:
        target.value = value
    elif descriptor.full_name in _JSON:
        document: Any = None if isinstance(value, NullValue) else value
        json_format.ParseDict(document, target)
    else:
        fill_proto(value, target)


def _fill_any(target: Any, value: AnyMessage, pool: DescriptorPool) -> None:
    if not value.type_url:
        return
    try:
        json_format.ParseDict({"@type": value.type_url, **value.content}, target, descriptor_pool=pool)
    except (json_format.ParseError, TypeError) as error:
        raise _unknown_type(value.type_url, error) from error


def _unknown_type(type_url: str, error: Exception) -> LookupError:
    return LookupError(f"Any of '{type_url}': {error}; its type has to be in the pool of the message that holds it")


_WRAPPERS: Final = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)
_JSON: Final = frozenset({"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"})


# --- message to model


def read_proto(message: ProtoMessage) -> dict[str, Any]:
    """What `model_validate` takes for the model of `message`."""
    values: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.is_extension:
            values.update(_extension(message, field, value))
        else:
            values[field.name] = _read(field, value)
    return values


def _read(field: FieldDescriptor, value: Any) -> Any:
    message = field.message_type
    if message is None:
        return list(value) if field.is_repeated else value
    if field.is_repeated and message.GetOptions().map_entry:
        inner = message.fields_by_name["value"].message_type
        read = _same if inner is None else _reader(inner)
        return {key: read(value[key]) for key in value}
    read = _reader(message)
    return [read(item) for item in value] if field.is_repeated else read(value)


def _same(value: Any) -> Any:
    return value


def _reader(descriptor: Descriptor) -> Callable[[Any], Any]:
    name = descriptor.full_name
    if name in _WRAPPERS:
        return _wrapped
    if name in _JSON:
        return json_format.MessageToDict
    return _READERS.get(name, read_proto)


def _wrapped(message: Any) -> Any:
    return message.value


def _timestamp(message: Any) -> Timestamp:
    return Timestamp(message.seconds, message.nanos)


def _duration(message: Any) -> Duration:
    return Duration(message.seconds, message.nanos)


def _mask(message: Any) -> FieldMask:
    return FieldMask(message.paths)


def _any(message: Any) -> AnyMessage:
    if not message.type_url:
        return AnyMessage()
    pool = message.DESCRIPTOR.file.pool
    try:
        content = json_format.MessageToDict(message, descriptor_pool=pool)
    except TypeError as error:
        raise _unknown_type(message.type_url, error) from error
    return AnyMessage(content.pop("@type"), content)


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    "google.protobuf.FieldMask": _mask,
    "google.protobuf.Any": _any,
}


def _extension(message: ProtoMessage, field: FieldDescriptor, value: Any) -> dict[str, Any]:
    """`[full.name]` and the value as JSON."""
    alone: Any = type(message)()
    pool: Any = message.DESCRIPTOR.file.pool
    if field.is_repeated:
        alone.Extensions[field].extend(value)
    elif field.message_type is not None:
        alone.Extensions[field].CopyFrom(value)
    else:
        alone.Extensions[field] = value
    return json_format.MessageToDict(alone, descriptor_pool=pool)

"""`google.protobuf.Any`: a message of any type, kept as the JSON that it stands for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import JsonValue, Strict, TypeAdapter, ValidationError

from protogate.models import scalars, times, wellknown
from protogate.models.codecs import Codec, bad_value
from protogate.models.registry import registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from protogate.models.message import Message

__all__ = ["AnyMessage"]

_M = TypeVar("_M", bound="Message")

_PREFIX: Final = "type.googleapis.com/"


class AnyMessage:
    """A `google.protobuf.Any`: `type_url` and the JSON of the message, which `unpack` turns into a model.

    The content is checked when a model of that type is imported, and kept as it is otherwise.
    """

    __slots__ = ("content", "type_url")

    codec: ClassVar[Codec]
    type_url: str
    content: dict[str, JsonValue]
    """The document without `@type`; well-known types stand under `value`."""

    def __init__(self, type_url: str = "", content: Mapping[str, JsonValue] | None = None) -> None:
        self.type_url = type_url
        self.content = dict(content or {})

    @classmethod
    def pack(cls, message: Message) -> Self:
        """An Any that holds `message`."""
        return cls(_PREFIX + message.__proto__, message.to_json_dict())

    def unpack(self, model: type[_M]) -> _M:
        """The message it holds.

        Raises:
            TypeError: it holds another type.
            ValidationError: what it holds is no valid `model`.
        """
        if not self.holds(model):
            raise TypeError(f"this Any holds '{self.full_name}', not '{model.__proto__}'")
        return model.model_validate(self.content)

    def holds(self, model: type[Message]) -> bool:
        """Whether the message is of type `model`."""
        return self.full_name == model.__proto__

    @property
    def full_name(self) -> str:
        """The full name of the type it holds, empty for none."""
        return self.type_url.rpartition("/")[2]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnyMessage):
            return NotImplemented
        return self.type_url == other.type_url and self.content == other.content

    __hash__ = None  # type: ignore[assignment] # it can be changed

    def __repr__(self) -> str:
        return f"AnyMessage(type_url={self.type_url!r}, content={self.content!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return cls.codec.core_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return cls.codec.__get_pydantic_json_schema__(schema, handler)


def _parse(value: Any) -> AnyMessage:
    if isinstance(value, AnyMessage):
        return value
    if not isinstance(value, dict):
        raise bad_value("any", "an object with '@type'")
    if not value:
        return AnyMessage()
    type_url = value.get("@type")
    if not isinstance(type_url, str) or not type_url.rpartition("/")[2]:
        raise bad_value("any", "an object whose '@type' ends with the full name of a message")
    content = {key: item for key, item in value.items() if key != "@type"}
    return AnyMessage(type_url, _checked(type_url.rpartition("/")[2], content))


def _checked(full_name: str, content: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if full_name in _WELL_KNOWN:
        if content.keys() != {"value"}:
            raise bad_value("any", f"an object with '@type' and 'value': {full_name} is a well-known type")
        return {"value": _checked_value(full_name, content["value"])}
    if full_name == "google.protobuf.Empty":
        if content and content != {"value": {}}:
            raise bad_value("any", "an object with '@type' only: google.protobuf.Empty has no fields")
        return {}
    model = registered(full_name)
    if model is None:
        return wellknown.parse_struct(content)
    return model.model_validate(content).to_json_dict()


def _checked_value(full_name: str, value: JsonValue) -> JsonValue:
    adapter = _adapter(full_name)
    try:
        canonical: JsonValue = adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        raise bad_value("any", f"an object whose 'value' is a {full_name}") from error
    return canonical


@cache
def _adapter(full_name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_WELL_KNOWN[full_name])


def _to_json(value: AnyMessage) -> dict[str, JsonValue]:
    return {"@type": value.type_url, **value.content} if value.type_url else {}


_WELL_KNOWN: Final[dict[str, Any]] = {
    "google.protobuf.Any": AnyMessage,
    "google.protobuf.Duration": times.Duration,
    "google.protobuf.Timestamp": times.Timestamp,
    "google.protobuf.FieldMask": wellknown.FieldMask,
    "google.protobuf.Struct": wellknown.Struct,
    "google.protobuf.ListValue": wellknown.ListValue,
    "google.protobuf.Value": wellknown.ValueItem,
    "google.protobuf.BoolValue": scalars.Bool,
    "google.protobuf.BytesValue": scalars.Bytes,
    "google.protobuf.DoubleValue": scalars.Double,
    "google.protobuf.FloatValue": scalars.Float,
    "google.protobuf.Int32Value": scalars.Int32,
    "google.protobuf.Int64Value": scalars.Int64,
    "google.protobuf.StringValue": Annotated[str, Strict()],
    "google.protobuf.UInt32Value": scalars.UInt32,
    "google.protobuf.UInt64Value": scalars.UInt64,
}
"""Types that have a JSON form which is no object of fields."""

AnyMessage.codec = Codec(
    _parse,
    accepted={
        "type": "object",
        "properties": {"@type": {"type": "string", "description": "The full name of the type, behind a slash."}},
        "additionalProperties": True,
    },
    to_json=_to_json,
)

"""Messages whose rules a contract says to ignore where they stand in a certain field."""

from __future__ import annotations

import types
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Union, get_args, get_origin

from pydantic import Field, Strict, create_model
from pydantic_core import core_schema

from protogate.models.codecs import Codec
from protogate.models.layout import resolved_annotations

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from protogate.models.message import Message

__all__ = ["UNCHECKED", "Unchecked"]


class Unchecked:
    """Put into `Annotated`: a message, and everything in it, that is read without its rules."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any, _with_rules: object) -> Any:
            if isinstance(value, source):
                return value
            twin = _twin(source)
            # The twin's fields hold the very instances that the class itself would.
            return _as(source, twin.model_validate(value))

        return core_schema.no_info_wrap_validator_function(read, handler(source))


UNCHECKED: Final = Unchecked()


def _as(model: type[Message], twin: Message) -> Message:
    found = model.model_construct(twin.model_fields_set, **dict(twin))
    # model_construct takes what a model allows beyond its fields for values to convert.
    object.__setattr__(found, "__pydantic_extra__", twin.__pydantic_extra__)
    return found


@cache
def _twin(model: type[Message]) -> type[Message]:
    """`model` without any rule."""
    annotations = resolved_annotations(model)
    fields: dict[str, Any] = {}
    for attribute, info in model.model_fields.items():
        annotation = _stripped(annotations[attribute])
        given: dict[str, Any] = {
            "validation_alias": info.validation_alias,
            "serialization_alias": info.serialization_alias,
        }
        if not info.is_required():
            given["default"] = info.get_default(call_default_factory=True, validated_data={})
        elif attribute not in model.__legacy_required__:
            annotation, given["default"] = Union[annotation, None], None  # noqa: UP007 - not known before run time
        fields[attribute] = (annotation, Field(**given))
    return create_model(model.__name__, __base__=_base_of(model), **fields)


def _base_of(model: type[Message]) -> type[Message]:
    from protogate.models.message import Message  # noqa: PLC0415 - it imports this module's users

    class Twin(Message):
        model_config = model.model_config
        __proto_names__: ClassVar = model.__proto_names__
        __oneofs__: ClassVar = model.__oneofs__

    return Twin


def _stripped(annotation: Any) -> Any:
    """The type with what only reads it, messages unchecked."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kept = tuple(item for item in annotation.__metadata__ if isinstance(item, (Codec, Strict)))
        inner = args[0] if kept else _stripped(args[0])
        return Annotated[(inner, *kept)] if kept else inner
    if origin in {Union, types.UnionType}:
        return Union[tuple(_stripped(arg) for arg in args)]  # noqa: UP007
    if origin in {list, dict}:
        return origin[tuple(_stripped(arg) for arg in args)]
    if isinstance(annotation, type) and hasattr(annotation, "to_json_dict"):
        return Annotated[annotation, UNCHECKED]
    return annotation

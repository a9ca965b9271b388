"""The base class of every generated model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, overload

from pydantic import AliasGenerator, BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from protogate.models.codecs import data_error
from protogate.models.layout import Layout, Omit, compile_layout, is_omitted, json_name, layout_of
from protogate.models.registry import register
from protogate.models.schemas import tidy_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.message import Message as ProtoMessage
    from pydantic import (
        GetCoreSchemaHandler,
        GetJsonSchemaHandler,
        SerializationInfo,
        SerializerFunctionWrapHandler,
        ValidationInfo,
    )
    from pydantic_core import CoreSchema

    from protogate.models.rules import Check

__all__ = ["Message"]

_P = TypeVar("_P", bound="ProtoMessage")


class Message(BaseModel):
    """A Protobuf message: reads every ProtoJSON form of it, writes the canonical one.

    A field that is not set is None when the contract knows "not set", and its zero value otherwise.
    """

    model_config = ConfigDict(
        extra="forbid",
        # A contract set has thousands of models of which a process uses a few.
        defer_build=True,
        protected_namespaces=(),
        alias_generator=AliasGenerator(validation_alias=json_name, serialization_alias=json_name),
        # Any constraint makes pydantic look at the text itself, and so refuse lone surrogates.
        str_min_length=0,
        arbitrary_types_allowed=False,
    )

    __proto__: ClassVar[str] = ""
    """The full name of the message."""
    __proto_names__: ClassVar[Mapping[str, str]] = {}
    """Attribute to field name, where they differ."""
    __oneofs__: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Attributes by the name of their oneof."""
    __defaults__: ClassVar[Mapping[str, Any]] = {}
    """What fields that are not set are read as, by attribute, where the contract gives a default."""
    __legacy_required__: ClassVar[tuple[str, ...]] = ()
    """Attributes that the contract requires by themselves, not by a rule."""
    __checks__: ClassVar[tuple[Check, ...]] = ()
    """Rules of the contract on the message as a whole."""
    __layout__: ClassVar[Layout]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        # The class is deferred by now. Told on, a TypeAdapter of it would be deferred too, and FastAPI's adapters then
        # warn at the first request, as they silence pydantic only while they are made.
        cls.model_config = ConfigDict(**{**cls.model_config, "defer_build": False})
        if "__proto__" in cls.__dict__:
            register(cls.__proto__, cls)

    def to_json_dict(self) -> dict[str, Any]:
        """The canonical ProtoJSON document, as what `json.dumps` takes."""
        values = self.__dict__
        document: dict[str, Any] = {}
        for field in layout_of(type(self)).fields:
            attribute, _, name, omit, to_json = field
            value = values[attribute]
            if value is None or (omit != Omit.NONE and not value and is_omitted(field, value)):
                continue
            document[name] = value if to_json is None else to_json(value)
        if self.__pydantic_extra__:
            document.update(self.__pydantic_extra__)
        return document

    def which_oneof(self, oneof: str) -> str | None:
        """The attribute of `oneof` that is set, None when none is.

        Raises:
            KeyError: there is no such oneof.
        """
        return next((name for name in self.__oneofs__[oneof] if getattr(self, name) is not None), None)

    def value_or_default(self, attribute: str) -> Any:
        """The value of a field; when it is not set, the default that the contract gives, or None without one."""
        value = getattr(self, attribute)
        return self.__defaults__.get(attribute) if value is None else value

    @overload
    def to_proto(self) -> ProtoMessage: ...
    @overload
    def to_proto(self, message_class: type[_P]) -> _P: ...
    def to_proto(self, message_class: type[Any] | None = None) -> Any:
        """The same as a message of `google.protobuf`.

        Args:
            message_class: any class of a message with this name; None for the one that is imported.

        Raises:
            LookupError: no such class is imported, or an Any in it is of a type that is not.
        """
        from protogate.models import bridge  # noqa: PLC0415 - whoever has no messages needs no google.protobuf

        message = (message_class or bridge.default_class(self.__proto__))()
        bridge.fill_proto(self, message)
        return message

    @classmethod
    def from_proto(cls, message: ProtoMessage) -> Self:
        """The model of a message of `google.protobuf`; fields that the contract does not know are left behind.

        Raises:
            TypeError: it is another message.
            ValidationError: it breaks rules of the contract.
        """
        from protogate.models import bridge  # noqa: PLC0415 - as above

        if message.DESCRIPTOR.full_name != cls.__proto__:
            raise TypeError(f"{cls.__name__} is '{cls.__proto__}', the message is '{message.DESCRIPTOR.full_name}'")
        return cls.model_validate(bridge.read_proto(message))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        if cls is Message:
            return schema
        # The definition itself is rewrapped, so that references to it lead to the wrapped one.
        definition: Any = handler.resolve_ref_schema(schema)
        ref = definition.pop("ref")
        inner = dict(definition)
        cls.__layout__ = compile_layout(cls, inner)
        definition.clear()
        definition.update(_wrapped(cls, inner), ref=ref)
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        if cls is not Message:
            writing = handler.mode == "serialization"
            tidy_schema(handler.resolve_ref_schema(described), layout_of(cls), cls.__defaults__, writing=writing)
        return described


def _wrapped(model: type[Message], inner: Any) -> Any:
    schema: Any = core_schema.with_info_before_validator_function(_reader(model), inner)
    if model.__oneofs__:
        schema = core_schema.no_info_after_validator_function(_check_oneofs, schema)
    if model.__checks__:
        schema = core_schema.no_info_after_validator_function(_check_rules, schema)
    if layout_of(model).nullable:
        schema["serialization"] = core_schema.wrap_serializer_function_ser_schema(
            _write_with_nulls, info_arg=True, schema=inner
        )
    else:
        schema["serialization"] = core_schema.plain_serializer_function_ser_schema(
            _write, info_arg=True, when_used="json"
        )
    return schema


def _reader(model: type[Message]) -> Callable[[Any, ValidationInfo], Any]:
    """What brings a document into the one form that pydantic's own validator of `model` reads."""
    layout = layout_of(model)
    json_names, absent_by_null = layout.json_names, layout.json_names - layout.nullable
    from_json = layout.aliases
    checked_defaults = layout.checked_defaults
    from_python = {**layout.attributes, **layout.aliases}
    is_extendable = model.model_config.get("extra") == "allow"

    def read(data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        if not data.keys() <= json_names:
            data = _renamed(data, json_names, from_json if info.mode == "json" else from_python)
            if is_extendable:
                _check_extensions(data, json_names)
        if checked_defaults and not checked_defaults.keys() <= data.keys():
            # Given by name, so that an error says where in the document it is.
            data = {**{name: default() for name, default in checked_defaults.items()}, **data}
        if None in data.values():
            return {name: value for name, value in data.items() if value is not None or name not in absent_by_null}
        return data

    return read


def _renamed(data: Mapping[str, Any], json_names: frozenset[str], aliases: Mapping[str, str]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in data.items():
        name = key if key in json_names else aliases.get(key, key)
        if name in renamed:
            raise _at(name, value, PydanticCustomError("protobuf_twice", "Field is given twice, under both its names"))
        renamed[name] = value
    return renamed


def _check_extensions(data: Mapping[str, Any], json_names: frozenset[str]) -> None:
    for key, value in data.items():
        if key not in json_names and not (key.startswith("[") and key.endswith("]")):
            raise _at(key, value, "extra_forbidden")


def _at(name: str, value: object, kind: PydanticCustomError | str) -> ValidationError:
    details = InitErrorDetails(type=kind, loc=(name,), input=value)
    return ValidationError.from_exception_data("Message", [details])


def _check_oneofs(message: Message) -> Message:
    values = message.__dict__
    for oneof, attributes in message.__oneofs__.items():
        given = [attribute for attribute in attributes if values[attribute] is not None]
        if len(given) > 1:
            raise PydanticCustomError(
                "protobuf_oneof",
                "At most one of the oneof '{oneof}' may be set, not {given}",
                {"oneof": oneof, "given": " and ".join(given)},
            )
    return message


def _check_rules(message: Message) -> Message:
    found = [
        (check.id, violation) for check in message.__checks__ if (violation := check.violation(message)) is not None
    ]
    if found:
        raise ValidationError.from_exception_data(
            type(message).__name__,
            [
                InitErrorDetails(
                    type=data_error(rule_id, violation),
                    loc=(),
                    input=message,
                )
                for rule_id, violation in found
            ],
        )
    return message


def _write(message: Message, info: SerializationInfo) -> dict[str, Any]:
    document = message.to_json_dict()
    if info.include is None and info.exclude is None:
        return document
    return _selected(message, document, info.include, info.exclude)


def _write_with_nulls(
    message: Message, handler: SerializerFunctionWrapHandler, info: SerializationInfo
) -> dict[str, Any]:
    """For models in which None in a Python dump would read back as the null of a Value: absent ones are left out."""
    if info.mode == "json":
        return _write(message, info)
    dumped: dict[str, Any] = handler(message)
    layout = layout_of(type(message))
    for field in layout.fields:
        if field.json_name in layout.nullable and message.__dict__[field.attribute] is None:
            dumped.pop(field.attribute, None)
            dumped.pop(field.json_name, None)
    return dumped


def _selected(message: Message, document: dict[str, Any], include: Any, exclude: Any) -> dict[str, Any]:
    """`document` with what pydantic's `include` and `exclude` ask for, which name attributes."""
    kept: dict[str, Any] = {}
    for field in layout_of(type(message)).fields:
        if field.json_name not in document:
            continue
        wanted, unwanted = _choice(include, field.attribute), _choice(exclude, field.attribute)
        if (include is not None and wanted is None) or unwanted is True:
            continue
        part = document[field.json_name]
        value = message.__dict__[field.attribute]
        if isinstance(value, Message) and ((wanted is not None and wanted is not True) or unwanted is not None):
            part = _selected(value, part, None if wanted is True else wanted, unwanted)
        kept[field.json_name] = part
    return kept


def _choice(choices: Any, attribute: str) -> Any:
    """True, a choice for the parts of the attribute, or None when it is not chosen."""
    if choices is None:
        return None
    if isinstance(choices, dict):
        chosen = choices.get(attribute)
        return True if chosen is ... else chosen or None
    return True if attribute in choices else None

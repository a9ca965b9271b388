"""How a value that JSON has no type for is read, written and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Codec", "JsonSchema", "bad_value", "data_error"]

JsonSchema = Mapping[str, Any]


class Codec:
    """Put into `Annotated`: the ProtoJSON form of a Python type."""

    __slots__ = ("accepted", "canonical", "parse", "to_json", "wants_mode")

    def __init__(
        self,
        parse: Callable[..., Any],
        *,
        accepted: JsonSchema,
        canonical: JsonSchema | None = None,
        to_json: Callable[[Any], Any] | None = None,
        wants_mode: bool = False,
    ) -> None:
        """Describe one form.

        Args:
            parse: any accepted form to the Python value; raises `PydanticCustomError`.
            accepted: the schema of everything that `parse` takes from a document.
            canonical: the schema of what `to_json` gives; None when it is the same.
            to_json: the Python value to what stands in the document; None when both are the same.
            wants_mode: whether `parse` also takes pydantic's `ValidationInfo`.
        """
        self.parse: Final = parse
        self.accepted: Final = accepted
        self.canonical: Final = accepted if canonical is None else canonical
        self.to_json: Final = to_json
        self.wants_mode: Final = wants_mode

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.core_schema()

    def core_schema(self, ref: str | None = None) -> CoreSchema:
        """The schema that pydantic validates with."""
        to_json = self.to_json
        serialization = to_json and core_schema.plain_serializer_function_ser_schema(to_json, when_used="json")
        if self.wants_mode:
            return core_schema.with_info_plain_validator_function(self.parse, ref=ref, serialization=serialization)
        return core_schema.no_info_plain_validator_function(self.parse, ref=ref, serialization=serialization)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.accepted if handler.mode == "validation" else self.canonical)


def bad_value(kind: str, expected: str) -> PydanticCustomError:
    """The error for a value that is no `kind`; pydantic adds the value itself."""
    return data_error(f"protobuf_{kind}", f"Input should be {expected}")


def data_error(error_type: str, message: str) -> PydanticCustomError:
    """An error whose words are data, in which braces mean nothing."""
    any_type: Any = error_type  # pydantic asks for literals, for fear of braces
    return PydanticCustomError(any_type, "{message}", {"message": message})

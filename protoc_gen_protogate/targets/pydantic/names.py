"""The Python names of a contract: classes, attributes, enum members, modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.descriptors import free_names, python_module_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Enum, File, Message, Schema

__all__ = ["TAKEN_ATTRIBUTES", "TAKEN_MEMBERS", "WITH_RUNTIME", "Names"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYWORDS: Final = _words(
    "False None True and as assert async await break class continue def del elif else except finally for from global "
    "if import in is lambda nonlocal not or pass raise return try while with yield"
)
_BUILTINS: Final = _words("dict list str")
"""What generated annotations use; a class or a field of that name would hide them from type checkers."""

_BASE_MODEL: Final = _words(
    "construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json update_forward_refs validate "
    "model_computed_fields model_config model_construct model_copy model_dump model_dump_json model_extra model_fields "
    "model_fields_set model_json_schema model_parametrized_name model_post_init model_rebuild model_validate "
    "model_validate_json model_validate_strings"
)
"""Attributes of pydantic's `BaseModel`, the deprecated ones too; written out so that output depends on no library."""

_MESSAGE: Final = _words("from_proto to_json_dict to_proto value_or_default which_oneof")
"""Attributes of `protogate.models.Message`."""

TAKEN_ATTRIBUTES: Final = _KEYWORDS | _BUILTINS | _BASE_MODEL | _MESSAGE
"""Fields of these names become attributes with an underscore behind."""

TAKEN_MEMBERS: Final = _KEYWORDS | _words(
    "as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer is_known mro name "
    "numerator proto_name real to_bytes value"
)
"""Names of enum values that Python's `IntEnum` needs for itself."""

_SHADOWED: Final = _words(
    "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError "
    "BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError "
    "ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception "
    "ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError "
    "ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError "
    "KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented "
    "NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError "
    "PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning "
    "StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError "
    "TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError "
    "UnicodeWarning UserWarning ValueError Warning ZeroDivisionError abs aiter all anext any ascii bin bool breakpoint "
    "bytearray bytes callable chr classmethod compile complex copyright credits delattr dir divmod enumerate eval exec "
    "exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter "
    "len license locals map max memoryview min next object oct open ord pow print property quit range repr reversed "
    "round set setattr slice sorted staticmethod sum super tuple type vars zip"
)
"""The other builtins, of Python 3.11 to 3.14: an annotation before the class would be resolved to them."""

_TAKEN_CLASSES: Final = _KEYWORDS | _BUILTINS | _SHADOWED

_GOOGLE: Final = "google/protobuf/"

WITH_RUNTIME: Final = frozenset(
    f"{_GOOGLE}{name}.proto"
    for name in _words(
        "any api compiler/plugin descriptor duration empty field_mask source_context struct timestamp type wrappers"
    )
)
"""Files whose models come with Protogate: the google package on PyPI leaves no room for modules of ours."""

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
            found = self._classes[file.name] = _class_names(file)
        return found

    def members(self, enum: Enum) -> Mapping[str, str]:
        """Member by name of all values of `enum`."""
        found = self._members.get(enum.full_name)
        if found is None:
            found = self._members[enum.full_name] = free_names(
                [value.name for value in enum.values], is_taken=TAKEN_MEMBERS.__contains__, first_try=_public
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
        return free_names(names, is_taken=taken.__contains__, first_try=_public)

    def module(self, file_name: str) -> str:
        """The module that holds the models of a file, as it is imported."""
        path = python_module_path(file_name, "_models").removesuffix(".py")
        if file_name in WITH_RUNTIME:
            return f"{_RUNTIME_PACKAGE}.{path.rpartition('/')[2]}"
        return self._prefix + path.replace("/", ".")


def _class_names(file: File) -> Mapping[str, str]:
    local = {message.local_name: message.full_name for message in file.all_messages()}
    local.update({enum.local_name: enum.full_name for enum in file.all_enums()})
    chosen = free_names(local, is_taken=_TAKEN_CLASSES.__contains__, first_try=_flat)
    return {full_name: chosen[name] for name, full_name in local.items()}


def _flat(local_name: str) -> str:
    return _public(local_name.replace(".", "_"))


def _public(name: str) -> str:
    """A leading underscore means "private" to Python, pydantic and enum, each in its own way."""
    return f"f{name}" if name[0] == "_" else name

"""Where the pydantic models of a contract are and what their classes are called.

The pydantic target writes them; other targets point at them. All names depend on the file that declares a type only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.descriptors import free_names, python_module_path
from protogate.descriptors.names import PYTHON_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import File

__all__ = ["BUILTINS", "WITH_RUNTIME", "class_names", "models_path", "public_name"]


BUILTINS: Final = frozenset({"dict", "list", "str"})
"""What generated annotations use; a class or a field of that name would hide them from type checkers."""

_SHADOWED: Final = frozenset(
    """
    ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
    BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
    ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception
    ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError
    ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError
    KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented
    NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
    PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
    StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError
    TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
    UnicodeWarning UserWarning ValueError Warning ZeroDivisionError abs aiter all anext any ascii bin bool breakpoint
    bytearray bytes callable chr classmethod compile complex copyright credits delattr dir divmod enumerate eval exec
    exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter
    len license locals map max memoryview min next object oct open ord pow print property quit range repr reversed
    round set setattr slice sorted staticmethod sum super tuple type vars zip
    """.split()  # noqa: SIM905 - a list of 150 strings is harder to read
)
"""The other builtins, of Python 3.11 to 3.14: an annotation before the class would be resolved to them."""

_TAKEN_CLASSES: Final = PYTHON_KEYWORDS | BUILTINS | _SHADOWED

WITH_RUNTIME: Final = frozenset(
    f"google/protobuf/{stem}.proto"
    for stem in (
        *("any", "api", "compiler/plugin", "descriptor", "duration", "empty", "field_mask", "source_context"),
        *("struct", "timestamp", "type", "wrappers"),
    )
)
"""Files whose models come with Protogate: the google package on PyPI leaves no room for modules of ours."""


def models_path(file_name: str) -> str:
    """The module that holds the models of a file, as a path below the output directory of the pydantic target."""
    return python_module_path(file_name, "_models")


def class_names(file: File) -> Mapping[str, str]:
    """Class by full name of all messages and enums of `file`."""
    local = {message.local_name: message.full_name for message in file.all_messages()}
    local.update({enum.local_name: enum.full_name for enum in file.all_enums()})
    chosen = free_names(local, is_taken=_TAKEN_CLASSES.__contains__, first_try=_flat)
    return {full_name: chosen[name] for name, full_name in local.items()}


def _flat(local_name: str) -> str:
    return public_name(local_name.replace(".", "_"))


def public_name(name: str) -> str:
    """A leading underscore means "private" to Python, pydantic and enum, each in its own way."""
    return f"f{name}" if name[0] == "_" else name

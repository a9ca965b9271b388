"""Reads annotations: which form they have, and what the names in them mean."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections import ChainMap
from typing import TYPE_CHECKING

from protogate.codegen.typescript_checker_imports import checker_import

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Argument = typing.TypeVar("Argument")

__all__ = [
    "alias_value",
    "annotations_of",
    "bound_of",
    "default_of",
    "documentation",
    "evaluated",
    "is_named_tuple",
    "is_record",
    "is_type_alias",
    "kind_of",
    "packed",
    "parameters_of",
    "unpacked",
]


def evaluated(annotation: object, owner: object, where: str, known: dict[str, object]) -> object:
    """Return an annotation with all names in its strings resolved.

    Args:
        annotation: a type, or text.
        owner: the class, alias or NewType that has it: the names of its module, of a class itself and of type
            parameters count.
        where: what an error names.
        known: other names, such as those of declared classes.
    """
    module_name = str(getattr(owner, "__module__", ""))
    module = sys.modules.get(module_name)
    outside = vars(module) if module else {}
    inside = dict(vars(owner)) if isinstance(owner, type) else {}
    parameters = {str(getattr(each, "__name__", "")): each for each in parameters_of(owner)}
    # The module counts before the class, whose attribute `date` is a default rather than a type.
    names = ChainMap(parameters, outside, inside, known)
    holder = type("Holder", (), {"__annotations__": {"hint": annotation}, "__module__": module_name})
    while True:
        try:
            return typing.get_type_hints(holder, globalns=outside, localns=names, include_extras=True)["hint"]
        except NameError as error:
            missing = str(error.name)
            found = {} if missing in names else _for_checkers(module_name, missing)
            if not found:
                raise ValueError(
                    f"{where}: the name {missing!r} cannot be resolved; import it in {module_name}, or declare it"
                ) from None
            names.maps.append(found)
        except (TypeError, SyntaxError, AttributeError) as error:
            raise ValueError(f"{where}: {_shown(annotation)} is no type: {error}") from None


def alias_value(alias: object, where: str, known: dict[str, object]) -> object:
    """Return what a type alias stands for."""
    try:
        value = alias.__value__  # type: ignore[attr-defined] # asked for type aliases only
    except NameError as error:
        raise ValueError(f"{where}: the name {error.name!r} of {alias} cannot be resolved") from None
    return evaluated(value, alias, where, known)


def annotations_of(cls: type) -> Mapping[str, object]:
    """Return the annotations that a class has itself, text as text."""
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return inspect.get_annotations(cls)


def documentation(cls: type) -> str:
    """Return the docstring that somebody wrote; not the signature that `dataclass` puts in its place."""
    text = cls.__dict__.get("__doc__")
    if not isinstance(text, str):
        return ""
    first = text.partition("\n")[0]
    if first.startswith(f"{cls.__name__}(") and text.endswith(")"):
        return ""
    return inspect.cleandoc(text)


def is_named_tuple(cls: object) -> bool:
    """Tell a NamedTuple, whose JSON is a list."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def is_record(cls: object) -> bool:
    """Tell the classes with named and typed fields: dataclasses, TypedDicts and NamedTuples."""
    return dataclasses.is_dataclass(cls) or _is_typed_dict(cls) or is_named_tuple(cls)


def is_type_alias(hint: object) -> bool:
    """Tell what `type X = ...` made, or TypeAliasType of typing_extensions."""
    return kind_of(hint) == "TypeAliasType" and hasattr(hint, "__value__")


def parameters_of(owner: object) -> tuple[object, ...]:
    """Return the type variables of a generic class or alias."""
    found = getattr(owner, "__type_params__" if is_type_alias(owner) else "__parameters__", ())
    return tuple(found) if isinstance(found, tuple) else ()


def kind_of(hint: object) -> str:
    """The name of a special form or of its class: typing and typing_extensions have some of them twice."""
    if isinstance(hint, type):
        return hint.__name__
    return str(getattr(hint, "_name", None) or type(hint).__name__)


def packed(
    parameters: Sequence[object], arguments: Sequence[Argument], pack: Callable[[Sequence[Argument]], Argument]
) -> tuple[Argument, ...]:
    """Return one argument for each parameter: `pack` makes one of those that a TypeVarTuple takes."""
    at = next((index for index, each in enumerate(parameters) if kind_of(each) == "TypeVarTuple"), None)
    if at is None:
        return tuple(arguments)
    end = len(arguments) - (len(parameters) - at - 1)
    return (*arguments[:at], pack(arguments[at:end]), *arguments[end:])


def bound_of(variable: object) -> object:
    """What a type variable is limited to; None when it is not."""
    constraints = getattr(variable, "__constraints__", ())
    return typing.Union[constraints] if constraints else getattr(variable, "__bound__", None)  # noqa: UP007 - built


def default_of(variable: object) -> object:
    """What a type variable is when nobody says; None when it has no default."""
    has_default = getattr(variable, "has_default", None)
    return getattr(variable, "__default__", None) if has_default is not None and has_default() else None


def unpacked(hint: object) -> object:
    """What `*X` or `Unpack[X]` spreads; None for other hints."""
    if getattr(hint, "__unpacked__", False):
        return typing.get_origin(hint)[typing.get_args(hint)]  # type: ignore[index] # tuple, at run time
    if kind_of(typing.get_origin(hint)) == "Unpack":
        return typing.get_args(hint)[0]
    return None


def _for_checkers(module_name: str, name: str) -> dict[str, object]:
    try:
        return {name: checker_import(sys.modules[module_name], name)}
    except LookupError:
        return {}


def _is_typed_dict(cls: object) -> bool:
    return isinstance(cls, type) and issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def _shown(annotation: object) -> str:
    return repr(annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation)

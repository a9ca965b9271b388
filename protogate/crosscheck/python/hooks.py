"""The methods of a model that pydantic calls: validators, serializers, computed fields."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.names import (
    FunctionDefinition,
    Known,
    definition_of_function,
    resolve,
)
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.names import ClassDefinition
    from protogate.findings import Place

__all__ = ["Hook", "hooks_of"]


HookKind: TypeAlias = Literal[
    "field_validator", "model_validator", "field_serializer", "model_serializer", "computed_field"
]


class Hook(NamedTuple):
    """One method that pydantic calls."""

    kind: HookKind
    name: str
    """Of the method."""
    fields: tuple[str, ...]
    """The attributes that it is about; `*` for all."""
    mode: str
    keywords: dict[str, ast.expr]
    """As they are given to the decorator."""
    function: FunctionDefinition | None
    owner: ClassDefinition
    place: Place

    def is_about(self, field: str) -> bool:
        """Whether it is called for a field."""
        return field in self.fields or "*" in self.fields


_KINDS: Final[dict[str, HookKind]] = {
    "pydantic.field_validator": "field_validator",
    "pydantic.validator": "field_validator",
    "pydantic.class_validators.validator": "field_validator",
    "pydantic.deprecated.class_validators.validator": "field_validator",
    "pydantic.model_validator": "model_validator",
    "pydantic.root_validator": "model_validator",
    "pydantic.field_serializer": "field_serializer",
    "pydantic.model_serializer": "model_serializer",
    "pydantic.computed_field": "computed_field",
}
_DEFAULT_MODES: Final = {"field_validator": "after", "field_serializer": "plain", "model_serializer": "plain"}


def hooks_of(definition: ClassDefinition) -> dict[str, Hook]:
    """Return the hooks that the body of a class itself defines, by the names of the methods."""
    return remember(definition.cache, "hooks", {}, lambda: {one.name: one for one in _hooks(definition)})


def _hooks(definition: ClassDefinition) -> Iterator[Hook]:
    for name, bindings in definition.scope.bindings.items():
        for binding in bindings:
            node = binding.node
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                function = definition_of_function(definition.scope, node)
                for decorator in node.decorator_list:
                    hook = _hook(definition, name, decorator, function, node)
                    if hook is not None:
                        yield hook
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                yield from _assigned(definition, name, node.value)


def _assigned(definition: ClassDefinition, name: str, call: ast.Call) -> Iterator[Hook]:
    """`check = field_validator("x")(function)`."""
    if isinstance(call.func, ast.Call) and len(call.args) == 1:
        meaning = resolve(call.args[0], definition.scope, line=call.lineno)
        function = meaning if isinstance(meaning, FunctionDefinition) else None
        hook = _hook(definition, name, call.func, function, call)
        if hook is not None:
            yield hook


def _hook(
    definition: ClassDefinition, name: str, decorator: ast.expr, function: FunctionDefinition | None, node: ast.AST
) -> Hook | None:
    call = decorator if isinstance(decorator, ast.Call) else None
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(named, (ast.Name, ast.Attribute)):
        return None
    meaning = resolve(named, definition.scope, line=decorator.lineno)
    kind = _KINDS.get(meaning.name) if isinstance(meaning, Known) else None
    if kind is None or not isinstance(meaning, Known):
        return None
    keywords = {str(one.arg): one.value for one in call.keywords} if call is not None else {}
    fields = tuple(_field_names(definition, call)) if call is not None else ()
    mode = _mode(definition, kind, keywords)
    if kind == "model_validator" and meaning.name == "pydantic.root_validator":
        fields = ()
    place = definition.module.place(node)
    return Hook(kind, name, fields, mode, keywords, function, definition, place)


def _field_names(definition: ClassDefinition, call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        found = constant(argument.value if isinstance(argument, ast.Starred) else argument, definition.scope)
        if isinstance(found, Unresolved):
            # It may be about any field.
            yield "*"
        elif isinstance(found.value, str):
            yield found.value
        elif isinstance(found.value, tuple):
            yield from (one for one in found.value if isinstance(one, str))


def _mode(definition: ClassDefinition, kind: str, keywords: dict[str, ast.expr]) -> str:
    given = keywords.get("mode")
    if given is not None:
        found = constant(given, definition.scope)
        return "before" if isinstance(found, Unresolved) else str(found.value)
    pre = keywords.get("pre")
    if isinstance(pre, ast.Constant) and pre.value is True:
        return "before"
    return _DEFAULT_MODES.get(kind, "after")

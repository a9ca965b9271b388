"""What `__get_pydantic_core_schema__` says of a class or of a marker, where its result can be read off its text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.expressions import term_of
from protogate.crosscheck.python.known_types import simple_shape
from protogate.crosscheck.python.names import FunctionDefinition, Known, member, resolve
from protogate.crosscheck.shapes import ANY, Altered, Choice, Items, Mapping, Member, Primitive, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.crosscheck.python.config import Config
    from protogate.crosscheck.python.names import ClassDefinition
    from protogate.crosscheck.python.types import Shaper
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["HOOK", "core_shape"]

HOOK: Final = "__get_pydantic_core_schema__"

_MODULE: Final = "pydantic_core.core_schema."
_SIMPLE: Final = {
    "any_schema": "typing.Any",
    "bool_schema": "bool",
    "bytes_schema": "bytes",
    "complex_schema": "complex",
    "date_schema": "datetime.date",
    "datetime_schema": "datetime.datetime",
    "decimal_schema": "decimal.Decimal",
    "float_schema": "float",
    "int_schema": "int",
    "multi_host_url_schema": "pydantic_core.MultiHostUrl",
    "none_schema": "None",
    "str_schema": "str",
    "time_schema": "datetime.time",
    "timedelta_schema": "datetime.timedelta",
    "url_schema": "pydantic_core.Url",
    "uuid_schema": "uuid.UUID",
}
"""Functions that describe one type."""

_AFTER: Final = frozenset({"no_info_after_validator_function", "with_info_after_validator_function"})
_AHEAD: Final = frozenset(
    {
        "no_info_before_validator_function", "with_info_before_validator_function", "no_info_wrap_validator_function",
        "with_info_wrap_validator_function", "no_info_plain_validator_function", "with_info_plain_validator_function",
    }
)  # fmt: skip
_ARRAYS: Final = frozenset({"list_schema", "set_schema", "frozenset_schema", "generator_schema"})
_INNER: Final = {
    "json_or_python_schema": (0, "json_schema"),
    "lax_or_strict_schema": (0, "lax_schema"),
}
"""Functions that describe what one of their arguments does, as far as documents go: its position and keyword."""


def core_shape(
    shaper: Shaper, definition: ClassDefinition, place: Place, inner: Shape | None = None, config: Config | None = None
) -> Shape | None:
    """Return what a class says by its hook, None when it has no hook.

    Args:
        shaper: makes the shapes of types that the hook names.
        definition: the class.
        place: where it is used.
        inner: of the type that stands before a marker in `Annotated`.
        config: of the model around it.
    """
    hook = member(definition, HOOK, place)
    if isinstance(hook, Unresolved):
        return None
    doubt = Unresolved(f"{definition.name}.{HOOK} decides what it is", place)
    if not isinstance(hook, FunctionDefinition) or not isinstance(hook.node, ast.FunctionDef):
        return doubt
    shape = _Reader(shaper, hook, hook.node, doubt, inner, config).result()
    published = member(definition, "__get_pydantic_json_schema__", place)
    if isinstance(shape, (Altered, Unresolved)) or isinstance(published, Unresolved):
        return shape
    return Altered(shape, f"{definition.name}.__get_pydantic_json_schema__", place)


class _Reader:
    """Reads one function that makes a core schema."""

    def __init__(  # noqa: PLR0913, PLR0917 - as `core_shape`
        self,
        shaper: Shaper,
        function: FunctionDefinition,
        node: ast.FunctionDef,
        doubt: Unresolved,
        inner: Shape | None,
        config: Config | None,
    ) -> None:
        self._shaper = shaper
        self._function = function
        self._node = node
        self._doubt = doubt
        self._inner = inner
        self._config = config
        self._assigned = dict(_assigned_once(node.body))
        parameters = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
        is_static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
        self._source, self._handler = ([*parameters, "", ""] if is_static else [*parameters[1:], "", ""])[:2]

    def result(self) -> Shape:
        """What the one `return` at the end gives; in doubt when there are others."""
        last = self._node.body[-1]
        returns = list(_returns(self._node.body))
        if returns != [last] or not isinstance(last, ast.Return) or last.value is None:
            return self._doubt
        return self._read(last.value, 0)

    def _read(self, expression: ast.expr, depth: int) -> Shape:
        if isinstance(expression, ast.Name) and expression.id in self._assigned:
            return self._read(self._assigned[expression.id], depth + 1) if depth < _DEEPEST else self._doubt
        if not isinstance(expression, ast.Call) or depth > _DEEPEST:
            return self._doubt
        called = expression.func
        is_generator = isinstance(called, ast.Attribute) and called.attr == "generate_schema"
        if _is_named(called.value if isinstance(called, ast.Attribute) and is_generator else called, self._handler):
            return self._handled(expression)
        meaning = resolve(called, self._function.scope, line=expression.lineno)
        if not isinstance(meaning, Known) or not meaning.name.startswith(_MODULE):
            return self._doubt
        return self._known(meaning.name.removeprefix(_MODULE), expression, depth)

    def _handled(self, call: ast.Call) -> Shape:
        """`handler(X)`: what pydantic says of X; of the class itself it would ask this function again."""
        if len(call.args) != 1:
            return self._doubt
        wanted = call.args[0]
        if _is_named(wanted, self._source):
            return self._doubt if self._inner is None else self._inner
        term = term_of(wanted, self._function.scope, line=wanted.lineno)
        return self._shaper.shape(term, self._config)

    def _known(self, name: str, call: ast.Call, depth: int) -> Shape:
        written = _argument(call, -1, "serialization")
        if written is None or self._shaper.direction == "input":
            return self._described(name, call, depth)
        found = self._written(written)
        if found is not None:
            return found
        shape = self._described(name, call, depth)
        return shape if isinstance(shape, (Altered, Unresolved)) else Altered(shape, "a serializer", self._doubt.place)

    def _written(self, serialization: ast.expr) -> Shape | None:
        """What a serializer says that it writes, None when it says nothing."""
        if isinstance(serialization, ast.Name) and serialization.id in self._assigned:
            serialization = self._assigned[serialization.id]
        if not isinstance(serialization, ast.Call):
            return None
        meaning = resolve(serialization.func, self._function.scope, line=serialization.lineno)
        name = meaning.name.removeprefix(_MODULE) if isinstance(meaning, Known) else ""
        if name in {"to_string_ser_schema", "format_ser_schema"}:
            return simple_shape("str", "output")
        given = _argument(serialization, -1, "return_schema")
        return None if given is None else self._read(given, 0)

    def _described(self, name: str, call: ast.Call, depth: int) -> Shape:
        if name in _SIMPLE:
            return simple_shape(_SIMPLE[name], self._shaper.direction) or self._doubt
        if name in _INNER:
            return self._argument_shape(call, *_INNER[name], depth)
        if name in _AFTER:
            return self._argument_shape(call, 1, "schema", depth)
        if name in _AHEAD:
            return self._behind_validator(call, depth)
        if name in _ARRAYS:
            return Items(self._argument_shape(call, 0, "items_schema", depth, ANY))
        return self._composed(name, call, depth)

    def _composed(self, name: str, call: ast.Call, depth: int) -> Shape:
        from protogate.crosscheck.python.types import key_shape

        if name == "dict_schema":
            keys = self._argument_shape(call, 0, "keys_schema", depth, ANY)
            return Mapping(key_shape(keys), self._argument_shape(call, 1, "values_schema", depth, ANY))
        if name == "nullable_schema":
            inner = self._argument_shape(call, 0, "schema", depth)
            return inner if isinstance(inner, Unresolved) else _union([inner, Primitive("null")])
        if name == "literal_schema":
            return self._literal(_argument(call, 0, "expected"))
        return self._of_several(name, call, depth)

    def _of_several(self, name: str, call: ast.Call, depth: int) -> Shape:
        parts = _argument(call, 0, "steps" if name == "chain_schema" else "choices")
        if not isinstance(parts, (ast.List, ast.Tuple)) or not parts.elts:
            return self._doubt
        if name == "chain_schema":
            return self._read(parts.elts[0 if self._shaper.direction == "input" else -1], depth + 1)
        return _union([self._read(one, depth + 1) for one in parts.elts]) if name == "union_schema" else self._doubt

    def _behind_validator(self, call: ast.Call, depth: int) -> Shape:
        """What a function that is asked before the type may let through."""
        if self._shaper.direction == "output":
            return self._argument_shape(call, 1, "schema", depth)
        # A plain validator has no type of its own.
        accepted = _argument(call, -1, "json_schema_input_schema")
        if accepted is not None:
            return self._read(accepted, depth + 1)
        shape = self._argument_shape(call, 1, "schema", depth)
        return shape if isinstance(shape, (Altered, Unresolved)) else Altered(shape, "a validator", self._doubt.place)

    def _literal(self, expected: ast.expr | None) -> Shape:
        if not isinstance(expected, (ast.List, ast.Tuple)):
            return self._doubt
        members: list[Member] = []
        for one in expected.elts:
            found = constant(one, self._function.scope)
            if isinstance(found, Unresolved) or not isinstance(found.value, (str, int, bool)):
                return self._doubt
            members.append(Member(found.value, self._function.module.place(one)))
        return _union([Choice(tuple(members), self._doubt.place)])

    def _argument_shape(
        self, call: ast.Call, position: int, keyword: str, depth: int, absent: Shape | None = None
    ) -> Shape:
        given = _argument(call, position, keyword)
        if given is None:
            return self._doubt if absent is None else absent
        return self._read(given, depth + 1)


_DEEPEST: Final = 50


def _union(shapes: list[Shape]) -> Shape:
    from protogate.crosscheck.python.types import union

    return union(shapes)


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    named = next((one.value for one in call.keywords if one.arg == keyword), None)
    if named is None and 0 <= position < len(call.args):
        return call.args[position]
    return named


def _is_named(expression: ast.expr, name: str) -> bool:
    return isinstance(expression, ast.Name) and expression.id == name and bool(name)


def _assigned_once(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """The names that the body gives one value and no other."""
    stores = [
        one.id
        for line in body
        for one in ast.walk(line)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    ]
    for statement in body:
        match statement:
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                if stores.count(name) == 1:
                    yield name, value
            case _:
                pass


def _returns(body: Sequence[ast.stmt]) -> Iterator[ast.Return]:
    """All `return` of a function, without those of functions in it."""
    for statement in body:
        if isinstance(statement, ast.Return):
            yield statement
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody"):
                yield from _returns(getattr(statement, name, ()))
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                yield from _returns(part.body)

"""What the body of a class annotates, and whether something stands between the class and its statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.conditions import Verdict, verdict
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.modules import Condition
from protogate.crosscheck.python.names import FunctionDefinition, Known, resolve, shown
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.crosscheck.python.names import ClassDefinition

__all__ = ["HOOKS", "annotated_names", "returned", "undecorated_reason"]


def annotated_names(definition: ClassDefinition) -> list[tuple[str, tuple[ast.AnnAssign, Unresolved | None]]]:
    """Return the names that a class itself annotates, in order, and why one may not be there."""
    return remember(
        definition.cache, "annotated", [], lambda: list(dict(_annotated(definition, definition.node.body, ())).items())
    )


def _annotated(
    definition: ClassDefinition, body: Sequence[ast.stmt], conditions: tuple[Condition, ...]
) -> Iterator[tuple[str, tuple[ast.AnnAssign, Unresolved | None]]]:
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            made = verdict(definition.scope, conditions)
            if made in {Verdict.NO, Verdict.TYPE_CHECKING}:
                continue
            name = statement.target.id
            problem = None
            if made is Verdict.UNKNOWN:
                place = definition.module.place(statement)
                problem = Unresolved(f"'{name}' depends on a condition", place)
            yield name, (statement, problem)
        elif isinstance(statement, ast.If):
            yield from _annotated(definition, statement.body, (*conditions, Condition(statement.test, "then")))
            yield from _annotated(definition, statement.orelse, (*conditions, Condition(statement.test, "else")))


_HARMLESS: Final = frozenset(
    {
        "typing.final", "typing.deprecated", "warnings.deprecated", "typing.runtime_checkable",
        "typing.dataclass_transform", "functools.total_ordering", "pydantic.with_config", "dataclasses.dataclass",
        "pydantic.dataclasses.dataclass", "enum.unique", "typing.no_type_check",
    }
)  # fmt: skip


HOOKS: Final = frozenset(
    {"__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "__get_validators__", "__modify_schema__"}
)
"""What tells pydantic that a class is something else in documents."""

_REBUILDING: Final = HOOKS | {
    "__annotations__", "model_fields", "model_rebuild", "model_config", "__pydantic_fields__", "create_model",
}  # fmt: skip
"""One of them a function has to name that changes the fields of a class."""


def undecorated_reason(
    definition: ClassDefinition, harmless: frozenset[str] = _HARMLESS, changing: frozenset[str] = _REBUILDING
) -> Unresolved | None:
    """Return why the decorators of a class may make it something else, None when they do not.

    Args:
        definition: the class.
        harmless: names of known decorators that leave it as it is.
        changing: what a decorator has to name, when it gives back the class that it gets, to change it.
    """
    for decorator in definition.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        meaning = resolve(named, definition.outer, line=definition.node.lineno)
        if isinstance(meaning, Known) and meaning.name in harmless:
            continue
        if named is decorator and isinstance(meaning, FunctionDefinition) and _gives_back(meaning, changing):
            continue
        place = definition.module.place(decorator)
        return Unresolved(f"'{definition.name}' is decorated by {shown(named)}", place)
    return None


def returned(function: FunctionDefinition) -> ast.expr | None:
    """Return the expression that a function always gives, None where it may give another: names and one `return`."""
    node = function.node
    if not isinstance(node, ast.FunctionDef) or {shown(one) for one in node.decorator_list} - _PLAIN:
        return None
    *before, last = node.body
    is_plain = all(isinstance(one, (ast.Assign, ast.AnnAssign)) or _is_text(one) for one in before)
    return last.value if is_plain and isinstance(last, ast.Return) else None


_PLAIN: Final = frozenset({"staticmethod", "classmethod"})


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _gives_back(function: FunctionDefinition, changing: frozenset[str]) -> bool:
    """Return whether a decorator returns the class that it gets, as it is: it registers it."""
    node = function.node
    if not isinstance(node, ast.FunctionDef) or node.decorator_list or len(node.args.args) != 1:
        return False
    name = node.args.args[0].arg
    inside = [one for statement in node.body for one in ast.walk(statement)]
    returned = [one.value for one in inside if isinstance(one, ast.Return)]
    return (
        isinstance(node.body[-1], ast.Return)
        and all(isinstance(one, ast.Name) and one.id == name for one in returned)
        and not any(isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) for one in inside)
        and not any(isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id == name for one in inside)
        and changing.isdisjoint(_words(inside))
    )


def _words(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(word) | ast.Attribute(attr=word) | ast.Constant(str() as word):
                yield word
            case _:
                pass

"""Conditions as JSON Schema keywords, and how several of them become one schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ANYTHING", "NOTHING", "Condition", "both", "either", "negated", "render", "union"]

Condition = dict[str, str]
"""Keywords of one schema with their values as JSON text."""

ANYTHING: Final = "{}"
NOTHING: Final = '{"not": {}}'


def render(condition: Condition) -> str:
    """The schema as JSON text."""
    members = [f'"{keyword}": {value}' for keyword, value in condition.items()]
    return f"{{{', '.join(members)}}}"


def negated(condition: Condition) -> Condition:
    """What `condition` refuses."""
    return {"not": render(condition)}


def either(conditions: Sequence[Condition]) -> Condition:
    """What at least one condition accepts."""
    if len(conditions) == 1:
        return conditions[0]
    return {"anyOf": f"[{', '.join(map(render, conditions))}]"}


def both(base: Condition, conditions: Iterable[Condition], *, is_2020: bool) -> Condition:
    """What `base` and all conditions accept; a keyword that is taken goes into `allOf`."""
    merged: Condition = {}
    apart: list[str] = []
    for condition in (base, *conditions):
        if not condition:
            continue
        # In draft-07 whatever stands beside a $ref is ignored.
        if merged.keys() & condition.keys() or ("$ref" in condition and not is_2020):
            apart.append(render(condition))
        else:
            merged.update(condition)
    if not apart:
        return merged
    if not merged and len(apart) == 1 and "$ref" in base:
        return base
    return {**merged, "allOf": f"[{', '.join(apart)}]"}


def union(branches: Sequence[str]) -> str:
    """The schema that accepts what at least one branch, given as JSON text, accepts."""
    if not branches:
        return NOTHING
    return branches[0] if len(branches) == 1 else f'{{"anyOf": [{", ".join(branches)}]}}'

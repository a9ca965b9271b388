"""What handlers write in plain sight: `status="degraded"` reaches clients whatever the types say.

A type checker that was told `# type: ignore` and a model that is made without validation let through what nobody lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.crosscheck.drifts import Drifts, Spot
from protogate.crosscheck.values import coerces, fits, listed, same, show
from protogate.crosscheck.views import field_named, look

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from protogate.crosscheck.drifts import Block, Drift, WirePath
    from protogate.crosscheck.python.emissions import Emission
    from protogate.crosscheck.shapes import Record, Shape
    from protogate.crosscheck.views import View

__all__ = ["check_emissions", "emitted_values"]


def emitted_values(emissions: Iterable[Emission]) -> Mapping[WirePath, frozenset[Hashable]]:
    """Return what is written at each place of the output, as keys of `values.same`."""
    found: dict[WirePath, set[Hashable]] = {}
    for one in emissions:
        found.setdefault(one.path, set()).add(same(one.value))
    return {path: frozenset(values) for path, values in found.items()}


def check_emissions(element: str, block: Block, contract: Record, emissions: Iterable[Emission]) -> tuple[Drift, ...]:
    """Compare what handlers write with its type, and with the contract where the type lists no values.

    What a type lists and the contract does not is found by `compare.py`.
    """
    drifts = Drifts(element, block)
    promises: dict[WirePath, View] = {}
    # A value that is written on many lines is told at the first.
    first = {(one.path, same(one.value)): one for one in reversed(list(emissions)) if one.value is not None}
    for one in reversed(first.values()):
        if one.path not in promises:
            promises[one.path] = look(_at((contract,), one.path))
        _check(drifts, promises[one.path], one)
    return tuple(drifts.found)


def _check(drifts: Drifts, promised: View, emission: Emission) -> None:
    own = look((emission.shape,))
    value = emission.value
    in_contract = not promised.members() or _promises(promised, emission)
    if _allows(own, emission):
        if in_contract or any(same(one.value) == same(value) for one in own.members()):
            return
        why = f"which the contract does not list ({_values(promised)}): a client that trusts it cannot read the answer"
        hint = f"add {show(value)} to the contract, or do not write it"
    elif in_contract:
        why = f"which its type does not allow ({_values(own)}): the answer fails its own validation, or skips it"
        hint = f"add {show(value)} to the type, or do not write it"
    else:
        why = "which neither its type nor the contract allows: a client that trusts the contract cannot read the answer"
        hint = f"add {show(value)} to both, or do not write it"
    spot = Spot(emission.path, emission.place, emission.place)
    drifts.find("emitted-value", spot, f"of {drifts.element} is set to {show(value)}, {why}", hint, values=(value,))


def _at(shapes: Sequence[Shape], path: WirePath) -> Sequence[Shape]:
    """Return what a contract says about a place below; nothing where it says nothing."""
    for step in path:
        view = look(shapes)
        if step == "[]":
            shapes = [shape for array in view.arrays for shape in (*array.prefix, array.items)]
        else:
            fields = [field.shape for record in view.records if (field := field_named(record, step))]
            shapes = fields or [mapping.values for mapping in view.mappings]
    return shapes


def _promises(view: View, emission: Emission) -> bool:
    value = emission.value
    return (
        view.anything
        or any(same(one.value) == same(value) for one in view.members())
        or any(fits(value, one.kind) for one in view.primitives)
    )


def _allows(view: View, emission: Emission) -> bool:
    """Tell whether a type takes a value, or may do so."""
    value = emission.value
    return bool(
        view.anything
        or view.unresolved
        or view.altered
        or any(same(one.value) == same(value) for one in view.members())
        or any(coerces(value, one.kind) for one in view.primitives)
    )


def _values(view: View) -> str:
    return listed(one.value for one in view.members()) or "another type"

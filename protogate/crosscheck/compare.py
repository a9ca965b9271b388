"""The rules of the cross-check: the values that a contract lists, against those that the code takes or writes.

C stands for the values of the contract, P for those of the Python type:

=================  =======================  ====================================================
block              relation                 verdict
=================  =======================  ====================================================
output, payload    P within C               compatible
output, payload    P beyond C               error ``crosscheck/output-beyond-contract``
output, payload    C beyond P               warning ``crosscheck/contract-beyond-output``
output, payload    P unrestricted           warning ``crosscheck/unrestricted-output``
input              C within P               compatible
input              C beyond P               error ``crosscheck/contract-beyond-input``
input              P forbids such a key     error ``crosscheck/contract-beyond-input``
input              P beyond C               compatible
any                P without such a key     warning ``crosscheck/no-such-field``
any                P cannot be worked out   warning ``crosscheck/unresolved``
=================  =======================  ====================================================

Only places where the contract lists values are compared, and null never is: ``drift.py`` compares the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.crosscheck.drifts import Drifts, Fix, Spot, path_text
from protogate.crosscheck.shapes import ANY, Member, Unresolved
from protogate.crosscheck.values import KIND_NAMES, coerces, fits, listed, ordered, same
from protogate.crosscheck.views import branches, field_named, lists_values, look, place_of
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from protogate.crosscheck.drifts import Action, Block, Drift, WirePath
    from protogate.crosscheck.shapes import Choice, Field, Kind, Record, Scalar, Shape
    from protogate.crosscheck.views import View
    from protogate.findings import Place

__all__ = ["compare_block"]

_SAME_TYPE: Final = "make the types in the code and in the contract the same"


def compare_block(
    element: str,
    block: Block,
    contract: Record,
    code: Shape,
    *,
    emitted: Mapping[WirePath, frozenset[Hashable]] | None = None,
) -> tuple[Drift, ...]:
    """Compare the values that a block of a contract lists with those of the code behind it.

    Args:
        element: the contract's name, for findings.
        block: which of its parts.
        contract: what it says.
        code: what the code takes (input) or writes.
        emitted: what handlers are known to write, type or no type, as keys of `values.same`: no dead values.
    """
    comparison = _Comparison(Drifts(element, block), emitted or {})
    if lists_values((contract,)):
        comparison.compare(Spot((), contract.place, place_of(code)), (contract,), (code,))
    return tuple(comparison.drifts.found)


class _Comparison:
    """One walk over both sides."""

    def __init__(self, drifts: Drifts, emitted: Mapping[WirePath, frozenset[Hashable]]) -> None:
        self.drifts: Final = drifts
        self._is_input: Final = drifts.block == "input"
        self._emitted: Final = emitted
        self._compared: set[tuple[frozenset[int], frozenset[int]]] = set()

    def compare(self, spot: Spot, contract: Sequence[Shape], code: Sequence[Shape]) -> None:
        """Compare one place and all below it, where a contract lists values."""
        ours, theirs = look(contract), look(code)
        if ours.altered:
            theirs = theirs._replace(altered=(*theirs.altered, *ours.altered))
        for unknown in ours.unresolved:
            self.drifts.unread(spot, unknown)
        for unknown in theirs.unresolved:
            self.drifts.unresolved(_listing(spot, ours), unknown)
        if ours.members():
            (self._accepted if self._is_input else self._written)(_listing(spot, ours), ours, theirs)
        if ours.records and lists_values(ours.records):
            self._records(spot, ours, theirs)
        if ours.mappings and lists_values(ours.mappings):
            self._mappings(spot, ours, theirs)
        if ours.arrays and lists_values(ours.arrays):
            self._arrays(spot, ours, theirs)

    # Values.

    def _accepted(self, spot: Spot, ours: View, theirs: View) -> None:
        """Compare what clients may send with what the server takes."""
        known = _keys(theirs.members())
        refused = [
            member
            for member in ours.members()
            if same(member.value) not in known and not any(coerces(member.value, one.kind) for one in theirs.primitives)
        ]
        if not refused or theirs.anything or theirs.unresolved:
            return
        at = spot._replace(contract=refused[0].place)
        if theirs.altered:
            self.drifts.altered(at, theirs.altered[0], _values(refused))
            return
        values = listed(_values(refused))
        self.drifts.find(
            "contract-beyond-input",
            at,
            f"lists {values}, which the server refuses with HTTP 422: it takes {_taken(theirs)}{_at(spot, theirs)}",
            f"accept {values} in the model, or take {_it(refused)} out of the contract",
            values=_values(refused),
        )

    def _written(self, spot: Spot, ours: View, theirs: View) -> None:
        """Compare what the server may write with what clients expect."""
        known = _keys(ours.members())
        possible = [*theirs.members(), *_truth(spot, theirs)]
        beyond = [one for one in possible if same(one.value) not in known and not _is_free(ours, one.value)]
        dead = self._dead(spot, ours, theirs, possible)
        if theirs.altered:
            # Whatever the type lists, something else may be written.
            self.drifts.altered(spot, theirs.altered[0], _values(beyond or dead))
            return
        if beyond:
            self._beyond(spot, ours, beyond)
        if dead:
            gone = _keys(dead)
            for choice in ours.choices:
                self._dead_values(spot, choice, theirs, [one for one in choice.members if same(one.value) in gone])
        self._unrestricted(spot, ours, theirs)

    def _dead(self, spot: Spot, ours: View, theirs: View, possible: Sequence[Member]) -> list[Member]:
        """Return what the contract lists and nothing writes."""
        if theirs.anything or theirs.unresolved:
            return []
        emitted = (values for at, values in self._emitted.items() if _is_at(at, spot.path))
        written = _keys(possible).union(*emitted)
        return [one for one in ours.members() if same(one.value) not in written and not _is_free(theirs, one.value)]

    def _beyond(self, spot: Spot, ours: View, beyond: Sequence[Member]) -> None:
        values = listed(_values(beyond))
        fix = None
        if len(ours.choices) == 1:
            fix = self._fix(spot, ours.choices[0], "expand_contract", beyond, "the code may write them")
        self.drifts.find(
            "output-beyond-contract",
            spot,
            f"may be {values} ({beyond[0].place}), which the contract does not list ({listed(_values(ours.members()))})"
            ": a client that trusts it cannot read the answer",
            f"add {values} to the contract, or do not write {_it(beyond)}",
            values=_values(beyond),
            fix=fix,
        )

    def _dead_values(self, spot: Spot, choice: Choice, theirs: View, dead: Sequence[Member]) -> None:
        if not dead:
            return
        values = listed(_values(dead))
        self.drifts.find(
            "contract-beyond-output",
            spot._replace(contract=dead[0].place),
            f"lists {values}, which the code never writes{_at(spot, theirs)}: dead branches in clients",
            f"take {values} out of the contract, or write {_it(dead)}",
            values=_values(dead),
            fix=self._fix(spot, choice, "remove_extra", dead, "the code never writes them"),
        )

    def _unrestricted(self, spot: Spot, ours: View, theirs: View) -> None:
        """Tell of types that hold more than a list can; one that could hold a listed value may well keep to them."""
        if ours.anything:
            return
        free: dict[Kind, None] = dict.fromkeys(
            one.kind for one in theirs.primitives if one.kind not in {"boolean", "null"}
        )
        covered = {one.kind for one in ours.primitives}
        kinds: list[Kind] = [
            one for one in free if one not in covered and not (one == "integer" and "number" in covered)
        ]
        fitting: list[Kind] = [one for one in kinds if any(_is_like(member.value, one) for member in ours.members())]
        if fitting or theirs.anything:
            what = "any value" if theirs.anything else " or ".join(KIND_NAMES[one] for one in fitting)
            self.drifts.find(
                "unrestricted-output",
                spot,
                f"lists {listed(_values(ours.members()))}, while the code may write {what}{_at(spot, theirs)}"
                ": nothing keeps it within the contract",
                "narrow the type to a Literal or an Enum of these values",
            )
        other = [KIND_NAMES[one] for one in kinds if one not in fitting]
        other += ["an object"] if (theirs.records or theirs.mappings) and not (ours.records or ours.mappings) else []
        other += ["an array"] if theirs.arrays and not ours.arrays else []
        if other:
            message = (
                f"may be {' or '.join(other)}{_at(spot, theirs)}, while the contract lists"
                f" {listed(_values(ours.members()))}: a client that trusts it cannot read the answer"
            )
            self.drifts.find("output-beyond-contract", spot, message, _SAME_TYPE)

    # Structure.

    def _records(self, spot: Spot, ours: View, theirs: View) -> None:
        if not (theirs.records or theirs.mappings or theirs.anything):
            self._no_structure(spot, "an object", theirs)
            return
        pair = (frozenset(map(id, ours.records)), frozenset(map(id, (*theirs.records, *theirs.mappings))))
        if pair in self._compared:
            return
        self._compared.add(pair)
        key, paired = branches(ours.records, theirs.records)
        for contract, code in paired:
            partners = theirs._replace(records=code)
            for name in dict.fromkeys(field.name for record in contract for field in record.fields):
                if name != key:
                    self._field(spot, name, contract, partners)
        if key:
            self._field(spot, key, ours.records, theirs)

    def _field(self, spot: Spot, name: str, contract: Sequence[Record], theirs: View) -> None:
        ours = [field for record in contract if (field := field_named(record, name))]
        shapes = [field.shape for field in ours]
        if not lists_values(shapes):
            return
        fields = [field for record in theirs.records if (field := field_named(record, name))]
        more = [mapping.values for mapping in theirs.mappings]
        if not self._is_input and any(one.extra == "allow" and not field_named(one, name) for one in theirs.records):
            more.append(ANY)
        below = theirs.below([*(field.shape for field in fields), *more])
        code = fields[0].place if fields else theirs.records[0].place if theirs.records else None
        at = spot.below(name, ours[0].place, code)
        if below:
            self.compare(at, shapes, below)
        else:
            self._no_such_field(at, name, theirs)

    def _no_such_field(self, spot: Spot, name: str, theirs: View) -> None:
        fields = [field for record in theirs.records for field in record.fields]
        hidden = next(
            (one.shape for one in fields if not one.has_known_key and isinstance(one.shape, Unresolved)), None
        )
        if hidden is not None:
            self.drifts.unresolved(spot, hidden)
            return
        if theirs.altered:
            self.drifts.altered(spot, theirs.altered[0])
            return
        refused = self._is_input and any(record.extra == "forbid" for record in theirs.records)
        rule = "contract-beyond-input" if refused else "no-such-field"
        verb = "refuses this key with HTTP 422" if refused else "has no such key"
        models = " and ".join(dict.fromkeys(record.name for record in theirs.records))
        self.drifts.find(rule, spot, f"lists values, but {models} ({spot.code}) {verb}", _nearest(name, theirs.records))

    def _mappings(self, spot: Spot, ours: View, theirs: View) -> None:
        if not (theirs.records or theirs.mappings or theirs.anything):
            self._no_structure(spot, "an object", theirs)
            return
        named = {field.name for record in ours.records for field in record.fields}
        fields = [field for record in theirs.records for field in record.fields if field.name not in named]
        below = theirs.below([*(one.values for one in theirs.mappings), *(field.shape for field in fields)])
        if below:
            at = spot.below("{}", code=fields[0].place if fields else None)
            self.compare(at, [mapping.values for mapping in ours.mappings], below)

    def _arrays(self, spot: Spot, ours: View, theirs: View) -> None:
        if not (theirs.arrays or theirs.anything):
            self._no_structure(spot, "an array", theirs)
            return
        inside = spot.below("[]")
        lengths = {len(array.prefix) for array in (*ours.arrays, *theirs.arrays)}
        if len(lengths) > 1:
            # Nothing says which place is which: all of one side against all of the other.
            code = [shape for array in theirs.arrays for shape in (*array.prefix, array.items)]
            contract = [shape for array in ours.arrays for shape in (*array.prefix, array.items)]
            self.compare(inside, contract, theirs.below(code))
            return
        for index in range(lengths.pop()):
            contract = [array.prefix[index] for array in ours.arrays]
            self.compare(inside, contract, theirs.below([array.prefix[index] for array in theirs.arrays]))
        self.compare(inside, [array.items for array in ours.arrays], theirs.below([one.items for one in theirs.arrays]))

    def _no_structure(self, spot: Spot, wanted: str, theirs: View) -> None:
        if theirs.unresolved:
            return
        if theirs.altered:
            self.drifts.altered(spot, theirs.altered[0])
            return
        verb = "takes" if self._is_input else "writes"
        message = f"is {wanted} with listed values, while the code {verb} {_taken(theirs)}{_at(spot, theirs)}"
        self.drifts.find("no-such-field", spot, message, _SAME_TYPE)

    def _fix(self, spot: Spot, choice: Choice, action: Action, members: Sequence[Member], why: str) -> Fix:
        severity = Severity.WARNING if action == "remove_extra" else Severity.ERROR
        values = tuple(ordered(_values(members)))
        return Fix(self.drifts.block, path_text(spot.path), choice.place, action, values, severity, why)


def _is_at(path: WirePath, pattern: WirePath) -> bool:
    """Tell whether a path leads to a place of a contract, where `{}` stands for any key."""
    return len(path) == len(pattern) and all(step in {"{}", own} for own, step in zip(path, pattern, strict=True))


def _listing(spot: Spot, ours: View) -> Spot:
    """Return the place with the list of values itself, where there is one."""
    return spot._replace(contract=ours.choices[0].place) if ours.choices else spot


def _values(members: Sequence[Member]) -> list[Scalar]:
    return [member.value for member in members]


def _keys(members: Sequence[Member]) -> set[Hashable]:
    return {same(member.value) for member in members}


def _truth(spot: Spot, view: View) -> list[Member]:
    """Return the two values of a boolean, which is a list of values too."""
    if not any(one.kind == "boolean" for one in view.primitives):
        return []
    return [Member(value, spot.code or spot.contract) for value in (True, False)]


def _is_free(view: View, value: Scalar) -> bool:
    return view.anything or any(fits(value, one.kind) for one in view.primitives)


def _is_like(value: Scalar, kind: str) -> bool:
    """Tell whether a type could hold a value, or one of its sort."""
    return fits(value, "string") if kind == "string" else fits(value, "number")


def _taken(view: View) -> str:
    """Return what a type holds, for people."""
    parts = [listed(_values(view.members()))] if view.members() else []
    parts += dict.fromkeys(KIND_NAMES[one.kind] for one in view.primitives if one.kind != "null")
    parts += ["an object"] if view.records or view.mappings else []
    parts += ["an array"] if view.arrays else []
    return " or ".join(parts) or "null"


def _it(members: Sequence[Member]) -> str:
    return "it" if len(members) == 1 else "them"


def _at(spot: Spot, view: View) -> str:
    """Return the place in the code, in brackets."""
    place: Place | None = view.choices[0].place if view.choices else spot.code
    return "" if place is None else f" ({place})"


def _nearest(name: str, records: Sequence[Record]) -> str:
    from difflib import get_close_matches

    fields: list[Field] = [field for record in records for field in record.fields]
    for field in fields:
        if field.python_name == name:
            return f"documents call it '{field.name}'"
    near = get_close_matches(name, [field.name for field in fields], 1)
    if near:
        return f"the nearest key of the model is '{near[0]}'"
    return "name the key in the model, or take it out of the contract"

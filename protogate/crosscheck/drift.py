"""Drift beyond listed values, by flag: required keys, types, null and keys that one side does not know.

What breaks a client or makes a server refuse is an error, what is merely loose a warning:

=============================  ====================================================  ========
rule                           what differs                                          severity
=============================  ====================================================  ========
``crosscheck/required``        input: the code needs a key that the contract         error
                               leaves out or leaves optional
``crosscheck/required``        output: the contract promises a key that the code     error
                               may leave out
``crosscheck/required``        input: the contract needs a key that the code does    warning
                               not
``crosscheck/type``            input: a type that the code refuses                   error
``crosscheck/type``            output: a type that the contract does not name        error
``crosscheck/type``            a format that one side does not say; any value at     warning
                               all; a boolean where a number is taken
``crosscheck/nullable``        input: null that the code refuses                     error
``crosscheck/nullable``        output: null that the contract does not allow         error
``crosscheck/nullable``        output: null that the code never writes               warning
``crosscheck/unknown-field``   input: a key that the code forbids                    error
``crosscheck/unknown-field``   output: a key that a closed contract forbids          error
``crosscheck/unknown-field``   input: a key that the code does not read              warning
``crosscheck/unknown-field``   output: a key that only one side has                  warning
=============================  ====================================================  ========

Where code stands between type and document, an error becomes a warning. Listed values are compared by ``compare.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.drifts import Drift, Spot, path_text
from protogate.crosscheck.values import kind_of
from protogate.crosscheck.views import branches, field_named, lists_values, look, place_of
from protogate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.crosscheck.drifts import Block
    from protogate.crosscheck.shapes import Field, Record, Shape
    from protogate.crosscheck.views import View
    from protogate.findings import Place

__all__ = ["check_drift"]

_ERROR: Final = Severity.ERROR
_WARNING: Final = Severity.WARNING


class _Types(NamedTuple):
    """The types of JSON that stand at a place."""

    formats: dict[str, frozenset[str]]
    """By type, the formats of a string; an empty one where any string stands."""
    closed: frozenset[str]
    """Types of which only listed values stand there."""
    null: bool
    anything: bool


def check_drift(element: str, block: Block, contract: Record, code: Shape) -> tuple[Drift, ...]:
    """Compare required keys, types, null and unknown keys of a block.

    Args:
        element: the contract's name, for findings.
        block: which of its parts.
        contract: what it says.
        code: what the code takes (input) or writes.
    """
    walk = _Walk(element, block)
    walk.compare(Spot((), contract.place, place_of(code)), (contract,), (code,))
    return tuple(Drift(one) for one in walk.found)


class _Walk:
    """One walk over both sides."""

    def __init__(self, element: str, block: Block) -> None:
        self.found: list[Finding] = []
        self._element: Final = element
        self._block: Final = block
        self._is_input: Final = block == "input"
        self._compared: set[tuple[frozenset[int], frozenset[int]]] = set()
        self._told: set[Place] = set()

    def compare(self, spot: Spot, contract: Sequence[Shape], code: Sequence[Shape]) -> None:
        """Compare one place and all below it."""
        ours, theirs = look(contract), look(code)
        for unknown in theirs.unresolved:
            self._unresolved(spot, contract, unknown.reason, unknown.place)
        if ours.anything or ours.unresolved or theirs.unresolved:
            return
        unsure = theirs.altered or ours.altered
        self._null(spot, ours, theirs, unsure=bool(unsure))
        self._types(spot, _types(ours), _types(theirs), unsure=bool(unsure))
        if theirs.anything:
            return
        if ours.records and theirs.records:
            self._records(spot, ours, theirs)
        elif ours.records or ours.mappings:
            self._values(spot, ours, theirs)
        if ours.arrays and theirs.arrays:
            contract_items = [shape for array in ours.arrays for shape in (*array.prefix, array.items)]
            code_items = [shape for array in theirs.arrays for shape in (*array.prefix, array.items)]
            self.compare(spot.below("[]"), contract_items, theirs.below(code_items))

    def _null(self, spot: Spot, ours: View, theirs: View, *, unsure: bool) -> None:
        allowed, possible = _types(ours).null, _types(theirs).null
        if allowed == possible or theirs.anything or (self._is_input and possible):
            return
        if self._is_input:
            message, hint = "may be null, which the server refuses with HTTP 422", "accept null, or do not allow it"
        elif possible:
            message, hint = "may be null, which the contract does not allow", "say nullable, or never write null"
        else:
            message, hint = "may be null, and the code never writes null", "take null out of the contract"
        severity = _WARNING if allowed and not self._is_input else _ERROR
        self._find("nullable", spot, message, hint, severity, unsure=unsure)

    def _types(self, spot: Spot, ours: _Types, theirs: _Types, *, unsure: bool) -> None:
        given, taken = (ours, theirs) if self._is_input else (theirs, ours)
        who, whose = ("the contract", "the server") if self._is_input else ("the code", "the contract")
        if given.anything and not self._is_input:
            message = "may be of any type, as far as the code says"
            self._find("type", spot, message, "give it the type of the contract", _WARNING, unsure=unsure)
        if taken.anything:
            return
        hint = "make the types in the code and in the contract the same"
        for kind, formats in given.formats.items():
            verdict = _kept(kind, formats, given, taken, is_input=self._is_input)
            if verdict is not None:
                severity, what = verdict
                message = f"is {what} for {who}, and {_named(taken)} for {whose}"
                self._find("type", spot, message, hint, severity, unsure=unsure)

    def _values(self, spot: Spot, ours: View, theirs: View) -> None:
        """Compare keys of one side with a mapping of the other."""
        for record in ours.records:
            for field in record.fields:
                values = theirs.below([mapping.values for mapping in theirs.mappings])
                if values:
                    self.compare(spot.below(field.name, field.place), (field.shape,), values)
        for mapping in ours.mappings:
            shapes = [one.values for one in theirs.mappings]
            shapes += [field.shape for record in theirs.records for field in record.fields]
            if shapes:
                self.compare(spot.below("{}"), (mapping.values,), theirs.below(shapes))

    def _records(self, spot: Spot, ours: View, theirs: View) -> None:
        pair = (frozenset(map(id, ours.records)), frozenset(map(id, theirs.records)))
        if pair in self._compared:
            return
        self._compared.add(pair)
        _, paired = branches(ours.records, theirs.records)
        for contract, code in paired:
            for name in dict.fromkeys(field.name for record in contract for field in record.fields):
                self._field(spot, name, contract, theirs._replace(records=code))
            # What a key means in a union that nothing tells apart is not known.
            if len(contract) == len(code) == 1 and not theirs.mappings:
                self._keys(spot, contract[0], code[0], unsure=bool(theirs.altered or ours.altered))

    def _field(self, spot: Spot, name: str, contract: Sequence[Record], theirs: View) -> None:
        ours = [field for record in contract if (field := field_named(record, name))]
        fields = [field for record in theirs.records if (field := field_named(record, name))]
        if fields:
            shapes = theirs.below([field.shape for field in fields])
            self.compare(spot.below(name, ours[0].place, fields[0].place), [field.shape for field in ours], shapes)

    def _keys(self, spot: Spot, contract: Record, code: Record, *, unsure: bool) -> None:
        """Compare which keys two records have and need."""
        paired = {field.name: field_named(code, field.name) for field in contract.fields}
        for field in contract.fields:
            at = spot.below(field.name, field.place, code.place)
            partner = paired[field.name]
            if partner is None:
                self._only_in_contract(at, field, code, unsure=unsure)
            else:
                self._required(at._replace(code=partner.place), field, partner, unsure=unsure)
        for field in code.fields:
            if all(partner is not field for partner in paired.values()):
                self._only_in_code(spot.below(field.name, code=field.place), field, contract, unsure=unsure)

    def _required(self, spot: Spot, ours: Field, theirs: Field, *, unsure: bool) -> None:
        if ours.required == theirs.required or (theirs.required and not self._is_input):
            return
        if not self._is_input:
            message, hint = "is promised, and the code may leave it out", "say that it is optional, or always write it"
        elif theirs.required:
            message, hint = "is optional, and the server refuses with HTTP 422 what lacks it", "say required: true"
        else:
            message, hint = "is required, and the server does without", "say that it is optional, or require it"
        severity = _WARNING if self._is_input and ours.required else _ERROR
        self._find("required", spot, message, hint, severity, unsure=unsure)

    def _only_in_contract(self, spot: Spot, field: Field, code: Record, *, unsure: bool) -> None:
        if code.extra == "allow" or lists_values((field.shape,)):
            return  # anything may be there, or `compare.py` has told
        severity = _WARNING
        if not self._is_input:
            message = f"is a key that {code.name} never writes"
            severity = _ERROR if field.required else _WARNING
        elif code.extra == "forbid":
            message, severity = f"is a key that {code.name} refuses with HTTP 422", _ERROR
        else:
            message = f"is a key that {code.name} does not read"
        self._find("unknown-field", spot, message, "name it in the model, or take it out", severity, unsure=unsure)

    def _only_in_code(self, spot: Spot, field: Field, contract: Record, *, unsure: bool) -> None:
        if self._is_input:
            if field.required:
                message = "is not in the contract, and the server refuses with HTTP 422 what lacks it"
                self._find("required", spot, message, "add it to the contract", _ERROR, unsure=unsure)
            return
        severity = _ERROR if contract.extra == "forbid" else _WARNING
        message = "is written by the code, and not in the contract"
        self._find("unknown-field", spot, message, "add it to the contract", severity, unsure=unsure)

    def _unresolved(self, spot: Spot, contract: Sequence[Shape], reason: str, place: Place) -> None:
        if place in self._told or lists_values(contract):
            return  # told by `compare.py`
        self._told.add(place)
        message = f"cannot be compared, for nobody can tell what the code has there: {reason}"
        hint = "write the type so that it can be read without running the code"
        self._find("unresolved", spot._replace(code=place), message, hint, _WARNING, unsure=False)

    def _find(  # noqa: PLR0913 - as a finding has
        self, rule: str, spot: Spot, message: str, hint: str, severity: Severity, *, unsure: bool
    ) -> None:
        name = path_text(spot.path)
        element = ".".join(filter(None, (self._element, self._block, name)))
        subject = f"{self._block} '{name}'" if name else self._block
        at = f" ({spot.code})" if spot.code else ""
        told = f"{subject} {message}{at}"
        self.found.append(
            Finding(
                f"crosscheck/{rule}",
                spot.contract,
                told,
                hint,
                min(severity, _WARNING) if unsure else severity,
                element,
            )
        )


def _types(view: View) -> _Types:
    formats: dict[str, set[str]] = {}
    closed: set[str] = set()
    for member in (member for choice in view.choices for member in choice.members):
        closed.add(kind_of(member.value))
        formats.setdefault(kind_of(member.value), set())
    for one in view.primitives:
        # `bytes` takes and writes any text, whatever the name of its format says.
        formats.setdefault(one.kind, set()).add("" if one.format == "binary" else one.format)
        closed.discard(one.kind)
    if view.records or view.mappings:
        formats["object"] = {""}
    if view.arrays:
        formats["array"] = {""}
    null = formats.pop("null", None) is not None
    frozen = {kind: frozenset(found) for kind, found in formats.items()}
    return _Types(frozen, frozenset(closed), null or view.anything, view.anything)


def _kept(
    kind: str, formats: Iterable[str], given: _Types, taken: _Types, *, is_input: bool
) -> tuple[Severity, str] | None:
    """Return how badly values of a type fit what is taken, and what they are; None where they fit."""
    taking = "number" if kind == "integer" and "integer" not in taken.formats else kind
    if taking not in taken.formats:
        lax = is_input and kind == "boolean" and ("integer" in taken.formats or "number" in taken.formats)
        return (_WARNING if lax else _ERROR), _ARTICLES[kind]
    if kind in taken.closed and kind not in given.closed and is_input:
        return _ERROR, f"any {kind}"
    known = taken.formats[taking]
    if kind != "string" or "" in known or not known:
        return None
    for form in formats:
        if form not in known:
            return (_ERROR, f"a string of format {form}") if form else (_WARNING, "a string")
    return None


_ARTICLES: Final = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
}


def _named(types: _Types) -> str:
    names = []
    for kind, formats in types.formats.items():
        known = sorted(filter(None, formats)) if "" not in formats else []
        listed = kind in types.closed
        names.append(
            f"one of a few {kind}s" if listed else _ARTICLES[kind] + (f" of format {known[0]}" if known else "")
        )
    return " or ".join(names) or "null"

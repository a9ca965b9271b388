"""Changes of the lists of values in contracts: the fewest bytes, in the style that the file has.

Pure: text in, text out. Which drift may be repaired is decided here too, and only drifts of output and payload are.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.crosscheck.contracts.positions import Positions, parse_place
from protogate.crosscheck.values import fits, listed, ordered, same
from protogate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.crosscheck.contracts.positions import Pointer
    from protogate.crosscheck.drifts import Action, Drift, Fix
    from protogate.crosscheck.shapes import Kind, Scalar

__all__ = ["Repair", "edit_values", "repair"]

_PLAIN: Final = re.compile(r"[^\x00-\x7f]")
_ESCAPED: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


class Repair(NamedTuple):
    """What became of the fixes of all contracts."""

    texts: Mapping[str, str]
    """The new text of each contract that changes, by file."""
    done: tuple[Fix, ...]
    refused: tuple[Finding, ...]
    """Fixes that were asked for and cannot be made, with the reason."""


def repair(drifts: Iterable[Drift], texts: Mapping[str, str], actions: frozenset[Action]) -> Repair:
    """Return contracts without the drifts that a change of their lists of values ends.

    Args:
        drifts: what was found.
        texts: the contracts, by file.
        actions: what may be done.
    """
    contracts: dict[str, _Contract] = {}
    done: list[Fix] = []
    refused: list[Finding] = []
    for fix in _each(drifts, actions):
        reason = _apply(fix, texts, contracts)
        if reason:
            refused.append(_refusal(fix, reason))
        else:
            done.append(fix)
    changed = {file: contract.text() for file, contract in contracts.items() if contract.lists}
    return Repair(changed, tuple(done), tuple(refused))


def edit_values(text: str, pointer: Pointer, *, add: Sequence[Scalar] = (), remove: Sequence[Scalar] = ()) -> str:
    """Return a JSON text with values added to and removed from one array of scalars; all other bytes stay.

    Values that are there already are not added again, those that are not there are not missed.

    Raises:
        KeyError: the text has no such value.
        ValueError: there is no array of scalars, or no value would be left.
    """
    contract = _Contract(text)
    contract.edit(pointer, add, remove)
    return contract.text()


class _Contract:
    """A contract while it is repaired: its lists change one by one, the text is read once and written once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._escapes = _escapes(text)
        self.positions = Positions(text)
        self.document: Any = json.loads(text)
        self.lists: dict[Pointer, str] = {}
        """The lists that have changed, as they stand now."""

    def edit(self, pointer: Pointer, add: Sequence[Scalar], remove: Sequence[Scalar]) -> bool:
        """Change a list of values; tell whether anything was to change."""
        start, end = self.positions.span(pointer)
        array = self.lists.get(pointer, self._text[start:end])
        new = _changed(array, add, remove, escapes=self._escapes, compact=self._text[start - 1 : start] == ":")
        if new == array:
            return False
        self.lists[pointer] = new
        return True

    def text(self) -> str:
        """The contract with its changed lists."""
        parts: list[str] = []
        done = 0
        for (start, end), new in sorted((self.positions.span(pointer), new) for pointer, new in self.lists.items()):
            parts += [self._text[done:start], new]
            done = end
        return "".join(parts) + self._text[done:]


def _changed(array: str, add: Sequence[Scalar], remove: Sequence[Scalar], *, escapes: bool, compact: bool) -> str:
    """Return the text of an array with values added and removed."""
    values: Any = json.loads(array)
    if not isinstance(values, list) or any(isinstance(value, (list, dict)) for value in values):
        raise ValueError("there is no list of values")
    gone = {same(value) for value in remove}
    kept = [index for index, value in enumerate(values) if same(value) not in gone]
    there = {same(values[index]) for index in kept}
    new = [value for value in ordered(add) if same(value) not in there]
    if not new and all(values[index] is None for index in kept) and len(kept) < len(values):
        raise ValueError("no value would be left")
    if len(kept) == len(values) and not new:
        return array
    words = [json.dumps(value, ensure_ascii=escapes) for value in new]
    return _edited(array, kept, words, compact=compact)


def _edited(array: str, kept: Sequence[int], words: Sequence[str], *, compact: bool) -> str:
    """Return an array with some of its values and new ones behind, divided as it divides its own."""
    positions = Positions(array)
    spans = [positions.span((index,)) for index in range(len(json.loads(array)))]
    if not spans:
        return f"[{(',' if compact else ', ').join(words)}]"
    before = [array[: spans[0][0]], *(array[end:start] for (_, end), (start, _) in pairwise(spans))]
    between = before[-1] if len(spans) > 1 else _division(before[0], compact=compact)
    parts: list[str] = []
    for index in kept:
        start, end = spans[index]
        parts += [before[index] if parts else before[0], array[start:end]]
    for word in words:
        parts += [between if parts else before[0], word]
    return "".join(parts) + array[spans[-1][1] :]


def _division(opening: str, *, compact: bool) -> str:
    """Return what divides two values of an array that has one only."""
    if "\n" in opening:
        return f",{opening[1:]}"
    return "," if compact else ", "


def _escapes(text: str) -> bool:
    """Tell whether values are to be written with escapes only, as the file writes others."""
    return not _PLAIN.search(text) and bool(_ESCAPED.search(text))


def _each(drifts: Iterable[Drift], actions: frozenset[Action]) -> Iterable[Fix]:
    """Return the fixes that may be made; additions first, so that a list may be replaced as a whole."""
    fixes = dict.fromkeys(one.fix for one in drifts if one.fix and one.fix.action in actions)
    return sorted(fixes, key=lambda fix: fix.action != "expand_contract")


def _apply(fix: Fix, texts: Mapping[str, str], contracts: dict[str, _Contract]) -> str:
    """Make one fix; return why it cannot be made, or nothing."""
    parsed = parse_place(fix.place)
    if parsed is None or parsed[0] not in texts:
        return "its place in the contract is not known"
    file, names = parsed
    contract = contracts.get(file)
    if contract is None:
        contract = contracts[file] = _Contract(texts[file])
    pointer = _typed(contract.positions, names)
    add, remove = (fix.values, ()) if fix.action == "expand_contract" else ((), fix.values)
    obstacle = _obstacle(contract.document, pointer, add)
    if obstacle:
        return obstacle
    try:
        is_changed = contract.edit(pointer, add, remove)
    except ValueError as error:
        return str(error)
    return "" if is_changed else "other parts of the contract narrow this list"


def _obstacle(document: object, pointer: Pointer, add: Sequence[Scalar]) -> str:
    """Return what speaks against a change of a list of values, or nothing."""
    if not pointer or pointer[-1] != "enum":
        return f"its values stand in {pointer[-1] if pointer else 'the contract'}, not in an enum"
    if any(isinstance(value, str) and _SURROGATE.search(value) for value in add):
        return "half of a surrogate pair is no character"
    declared = _declared_types(document, pointer)
    if declared and not all(any(fits(value, kind) for kind in declared) for value in add):
        return f"its type is {' or '.join(declared)}"
    return ""


def _declared_types(document: Any, pointer: Pointer) -> list[Kind]:  # noqa: ANN401 - JSON
    """Return what stands in `type` beside a list of values."""
    for name in pointer[:-1]:
        document = document[name]
    declared = document.get("type", [])
    return declared if isinstance(declared, list) else [declared]


def _typed(positions: Positions, names: Sequence[str]) -> Pointer:
    pointer: Pointer = ()
    for name in names:
        pointer = (*pointer, positions.typed(pointer, name))
    return pointer


def _refusal(fix: Fix, reason: str) -> Finding:
    verb = "add" if fix.action == "expand_contract" else "remove"
    message = f"{fix.block} '{fix.path}' was left as it is: cannot {verb} {listed(fix.values)}: {reason}"
    return Finding("crosscheck/not-fixed", fix.place, message, "change the contract by hand", Severity.WARNING)

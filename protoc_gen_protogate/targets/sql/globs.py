"""Regular expressions that SQLite can say without any: GLOB patterns and lengths.

Carried are patterns that stand for the whole text, or its start or end, and consist of single characters and classes
with fixed counts, one of which may have a variable count if the whole text is meant: `^[a-z0-9-]{3,63}$`,
`^user_[0-9]+$`, `^[A-Z]{2}$`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["glob_condition"]

_SHORTHANDS: Final = {"d": "0-9", "w": "A-Za-z0-9_"}
_CLASS_LITERALS: Final = frozenset("[]^-\\./+*?(){}|$@_,:;!~ #%&='\"<>`")
_META: Final = frozenset(".[](){}*+?|^$\\")
_LONGEST_FIXED: Final = 200


class _NotSimpleError(Exception):
    """The pattern says more than GLOB can."""


class _Atom(NamedTuple):
    members: str
    """What stands between the brackets of a GLOB class."""
    negated: bool
    least: int
    most: int | None


def glob_condition(pattern: str, x: str) -> tuple[str, ...] | None:
    """The terms that hold when `x` matches an RE2 pattern; None when GLOB cannot say it."""
    from_start = pattern.startswith("^")
    to_end = pattern.endswith("$") and not pattern.endswith("\\$")
    body = pattern[from_start : len(pattern) - to_end]
    try:
        atoms = _parse(body)
    except (_NotSimpleError, IndexError, ValueError):
        return None
    variable = [i for i, atom in enumerate(atoms) if atom.least != atom.most]
    if sum(atom.least for atom in atoms) > _LONGEST_FIXED:
        return None
    if not variable:
        fixed = "".join(_glob(atom) for atom in atoms)
        return (f"{x} GLOB {_text(('' if from_start else '*') + fixed + ('' if to_end else '*'))}",)
    if len(variable) > 1 or not from_start or not to_end:
        return None
    return _around(atoms, variable[0], x)


def _around(atoms: list[_Atom], i: int, x: str) -> tuple[str, ...]:
    before, middle, after = atoms[:i], atoms[i], atoms[i + 1 :]
    head, tail = sum(atom.least for atom in before), sum(atom.least for atom in after)
    least = head + middle.least + tail
    terms = []
    if middle.most is None:
        if least:
            terms.append(f"length({x}) >= {least}")
    else:
        terms.append(f"length({x}) BETWEEN {least} AND {head + middle.most + tail}")
    if before:
        terms.append(f"substr({x}, 1, {head}) GLOB {_text(''.join(map(_glob, before)))}")
    if after:
        terms.append(f"substr({x}, -{tail}) GLOB {_text(''.join(map(_glob, after)))}")
    between = f"substr({x}, {head + 1}, length({x}) - {head + tail})" if head + tail else x
    others = f"[{'' if middle.negated else '^'}{middle.members}]"
    terms.append(f"{between} NOT GLOB {_text(f'*{others}*')}")
    return tuple(terms)


def _glob(atom: _Atom) -> str:
    if not atom.negated and len(atom.members) == 1 and atom.members not in "*?[":
        return atom.members * atom.least
    return f"[{'^' if atom.negated else ''}{atom.members}]" * atom.least


def _text(glob: str) -> str:
    return "'" + glob.replace("'", "''") + "'"


def _parse(body: str) -> list[_Atom]:
    atoms = []
    position = 0
    while position < len(body):
        members, negated, position = _members(body, position)
        least, most, position = _count(body, position)
        atoms.append(_Atom(members, negated, least, most))
    return atoms


def _members(body: str, position: int) -> tuple[str, bool, int]:
    char = body[position]
    if char == "[":
        return _class(body, position + 1)
    if char == "\\":
        return _escape(body[position + 1]), False, position + 2
    if char in _META or char < " ":
        raise _NotSimpleError
    return char, False, position + 1


def _escape(char: str) -> str:
    if char in _SHORTHANDS:
        return _SHORTHANDS[char]
    if char.isalnum() or char not in _CLASS_LITERALS or char in "^]-":
        raise _NotSimpleError
    return char


def _class(body: str, position: int) -> tuple[str, bool, int]:
    negated = body[position] == "^"
    position += negated
    ranges: list[str] = []
    singles: set[str] = set()
    start = position
    while body[position] != "]" or position == start:
        char = body[position]
        if char == "[" and body[position + 1] == ":":
            raise _NotSimpleError
        if char == "\\":
            position += 1
            char = body[position]
            if char in _SHORTHANDS:
                ranges.append(_SHORTHANDS[char])
                position += 1
                continue
            if char.isalnum():
                raise _NotSimpleError
        if body[position + 1] == "-" and body[position + 2] != "]":
            last = body[position + 2]
            if last == "\\" or not (char.isalnum() and last.isalnum() and char <= last):
                raise _NotSimpleError
            ranges.append(f"{char}-{last}")
            position += 3
        else:
            singles.add(char)
            position += 1
    if any(char < " " for char in singles):
        raise _NotSimpleError
    return _arranged(ranges, singles), negated, position + 1


def _arranged(ranges: list[str], singles: set[str]) -> str:
    """Members in an order in which none means anything else: `]` first, `^` not first, `-` last."""
    middle = "".join(sorted(singles - {"]", "^", "-"}))
    written = f"{']' if ']' in singles else ''}{''.join(ranges)}{middle}"
    if "^" in singles and not written:
        raise _NotSimpleError
    return f"{written}{'^' if '^' in singles else ''}{'-' if '-' in singles else ''}"


def _count(body: str, position: int) -> tuple[int, int | None, int]:
    char = body[position : position + 1]
    least: int
    most: int | None
    if char == "*":
        least, most, position = 0, None, position + 1
    elif char == "+":
        least, most, position = 1, None, position + 1
    elif char == "?":
        least, most, position = 0, 1, position + 1
    elif char == "{":
        end = body.index("}", position)
        low, comma, high = body[position + 1 : end].partition(",")
        least = int(low)
        most = (int(high) if high else None) if comma else least
        position = end + 1
    else:
        return 1, 1, position
    if body[position : position + 1] in {"?", "+", "*", "{"}:
        raise _NotSimpleError
    return least, most, position

r"""Patterns of JSON Schema as regular expressions of ECMAScript with the `u` flag, which is what the standard asks for.

What people write is often a pattern of Python or of Rust. One that means the same in all of them, yet is no valid `u`
pattern (`\@`, `a]`), is put right; anything else that ECMAScript would refuse, or read in another way, is an error.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["PatternError", "ecma_pattern"]

_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
_QUANTIFIER: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP_NAME: Final = re.compile(r"\?<([A-Za-z_$][\w$]*)>")
_PROPERTY: Final = re.compile(r"\{([A-Za-z0-9_]+)(?:=([A-Za-z0-9_]+))?\}")
_HEX: Final = re.compile(r"x([0-9A-Fa-f]{2})")
_PAIR: Final = re.compile(r"u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_UNICODE: Final = re.compile(r"u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]+)\})")
_DIGITS: Final = re.compile(r"[1-9]\d*")
_CONTROLS: Final = frozenset("fnrtv")
_CLASSES: Final = frozenset("dDsSwW")
_LAST_CODE_POINT: Final = 0x10FFFF
_KINDS: Final = {"?:", "?=", "?!", "?<=", "?<!"}
_GENERAL_CATEGORY: Final = frozenset({"General_Category", "gc"})
_SCRIPT: Final = frozenset({"Script", "sc", "Script_Extensions", "scx"})
_CATEGORIES: Final = frozenset(
    """
    C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs
    Other Control Format Unassigned Private_Use Surrogate Letter Cased_Letter Lowercase_Letter Modifier_Letter
    Other_Letter Titlecase_Letter Uppercase_Letter Mark Combining_Mark Spacing_Mark Enclosing_Mark Nonspacing_Mark
    Number Decimal_Number Letter_Number Other_Number Punctuation Connector_Punctuation Dash_Punctuation
    Close_Punctuation Final_Punctuation Initial_Punctuation Other_Punctuation Open_Punctuation Symbol Currency_Symbol
    Modifier_Symbol Math_Symbol Other_Symbol Separator Line_Separator Paragraph_Separator Space_Separator
    """.split()  # noqa: SIM905 - a list of eighty strings is harder to read
)
_BINARY: Final = frozenset(
    """
    ASCII ASCII_Hex_Digit Alphabetic Any Assigned Case_Ignorable Cased Dash Default_Ignorable_Code_Point Diacritic
    Emoji Emoji_Component Emoji_Modifier Emoji_Modifier_Base Emoji_Presentation Extended_Pictographic Extender
    Grapheme_Base Grapheme_Extend Hex_Digit ID_Continue ID_Start Ideographic Lowercase Math Quotation_Mark
    Regional_Indicator Sentence_Terminal Soft_Dotted Terminal_Punctuation Unified_Ideograph Uppercase White_Space
    XID_Continue XID_Start
    """.split()  # noqa: SIM905 - as above
)
_SCRIPTS: Final = frozenset(
    """
    Arabic Armenian Bengali Bopomofo Braille Cherokee Common Coptic Cyrillic Devanagari Ethiopic Georgian Gothic Greek
    Gujarati Gurmukhi Han Hangul Hebrew Hiragana Inherited Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar
    Ogham Oriya Runic Sinhala Syriac Tamil Telugu Thaana Thai Tibetan Yi
    """.split()  # noqa: SIM905 - as above
)


class PatternError(ValueError):
    """No regular expression of ECMAScript, with the reason."""


def ecma_pattern(pattern: str) -> str:
    r"""Return a pattern that ECMAScript takes with the `u` flag and that means what `pattern` means.

    >>> ecma_pattern(r"^\w+\@[a-z]{2,}}$")
    '^\\w+@[a-z]{2,}\\}$'

    Raises:
        PatternError: there is none, or not only one.
    """
    return _Reader(pattern).read()


class _Reader:
    """Reads a pattern from left to right and writes it anew."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out: list[str] = []
        self._names: set[str] = set()
        self._groups = 0
        self._largest_reference = 0
        self._named_references: set[str] = set()

    def read(self) -> str:
        depth = self._alternatives()
        if depth:
            raise PatternError("a ( is never closed")
        if self._largest_reference > self._groups or self._named_references - self._names:
            raise PatternError("it refers to a group that it does not have")
        return "".join(self._out)

    def _alternatives(self) -> int:
        """Read to the end; return how many groups are still open."""
        open_groups: list[bool] = []
        is_atom = False
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "(":
                open_groups.append(self._open_group())
                is_atom = False
            elif char == ")":
                if not open_groups:
                    raise PatternError("a ) closes nothing")
                is_atom = open_groups.pop()
                self._take(")")
            elif char in "*+?" or (char == "{" and _QUANTIFIER.match(self._text, self._at)):
                if not is_atom:
                    raise PatternError(f"{char} repeats nothing")
                self._quantifier()
                is_atom = False
            else:
                is_atom = self._atom(char)
        return len(open_groups)

    def _take(self, text: str, written: str | None = None) -> None:
        self._at += len(text)
        self._out.append(text if written is None else written)

    def _open_group(self) -> bool:
        """Read the head of a group; tell whether it may be repeated."""
        rest = self._text[self._at + 1 :]
        if not rest.startswith("?"):
            self._groups += 1
            self._take("(")
            return True
        named = _GROUP_NAME.match(rest)
        if named:
            if named[1] in self._names:
                raise PatternError(f"two groups are named {named[1]}")
            self._names.add(named[1])
            self._groups += 1
            self._take(f"({named[0]}")
            return True
        kind = next((one for one in _KINDS if rest.startswith(one)), None)
        if kind is None:
            raise PatternError(f"({rest[:3]} is no group of ECMAScript")
        self._take(f"({kind}")
        return kind == "?:"

    def _quantifier(self) -> None:
        match = _QUANTIFIER.match(self._text, self._at)
        if match:
            if match[3] and int(match[3]) < int(match[1]):
                raise PatternError(f"{match[0]} has its numbers in the wrong order")
            self._take(match[0])
        else:
            self._take(self._text[self._at])
        following = self._text[self._at : self._at + 1]
        if following == "?":
            self._take("?")
        elif following == "+":
            raise PatternError("a possessive quantifier is none of ECMAScript")

    def _atom(self, char: str) -> bool:
        """Read one atom or assertion; tell whether it may be repeated."""
        if char == "[":
            self._character_class()
            return True
        if char == "\\":
            return self._escape(in_class=False)
        if char in "^$|":
            self._take(char)
            return False
        if char == "{" and self._text.startswith("{,", self._at):
            raise PatternError("{, repeats in other engines; write {0,")
        # A lone bracket means itself everywhere, but must be escaped under `u`.
        self._take(char, f"\\{char}" if char in "]{}" else char)
        return True

    def _escape(self, *, in_class: bool) -> bool:
        """Read an escape; tell whether it is an atom."""
        rest = self._text[self._at + 1 :]
        if not rest:
            raise PatternError("it ends in \\")
        char = rest[0]
        if char in "bB":
            return self._boundary(char, in_class=in_class)
        if char in _CLASSES or char in _CONTROLS:
            self._take(f"\\{char}")
        elif char in "pP":
            self._property(rest)
        elif char in "xu":
            self._code_point(rest)
        elif char == "c" and re.match(r"c[A-Za-z]", rest):
            self._take(f"\\{rest[:2]}")
        elif char == "0" and not rest[1:2].isdecimal():
            self._take("\\0")
        elif char == "k" or char.isdecimal():
            self._reference(rest, in_class=in_class)
        elif char.isalpha():
            raise PatternError(f"\\{char} is no escape of ECMAScript")
        else:
            self._identity(char, in_class=in_class)
        return True

    def _boundary(self, char: str, *, in_class: bool) -> bool:
        if in_class and char == "B":
            raise PatternError("\\B is no character")
        self._take(f"\\{char}")
        return in_class

    def _identity(self, char: str, *, in_class: bool) -> None:
        needed = char in _SYNTAX or (in_class and char == "-")
        self._take(f"\\{char}", f"\\{char}" if needed else char)

    def _property(self, rest: str) -> None:
        match = _PROPERTY.match(rest, 1)
        if not match or not _is_property(match[1], match[2]):
            raise PatternError(f"\\{rest[:1]}{match[0] if match else ''} is no property of characters in ECMAScript")
        self._take(f"\\{rest[0]}{match[0]}")

    def _code_point(self, rest: str) -> None:
        # Two escapes of a surrogate pair are one character under `u`.
        match = _HEX.match(rest) or _PAIR.match(rest) or _UNICODE.match(rest)
        if not match or (match.re is _UNICODE and match[2] and int(match[2], 16) > _LAST_CODE_POINT):
            raise PatternError(f"\\{rest[0]} is not followed by a code point")
        self._take(f"\\{match[0]}")

    def _reference(self, rest: str, *, in_class: bool) -> None:
        if in_class:
            raise PatternError("a class refers to a group")
        named = re.match(r"k<([A-Za-z_$][\w$]*)>", rest)
        if named:
            self._named_references.add(named[1])
            self._take(f"\\{named[0]}")
            return
        number = _DIGITS.match(rest)
        if not number:
            raise PatternError(f"\\{rest[0]} is no escape of ECMAScript")
        self._largest_reference = max(self._largest_reference, int(number[0]))
        self._take(f"\\{number[0]}")

    def _character_class(self) -> None:
        self._take("[")
        if self._text.startswith("^", self._at):
            self._take("^")
        if self._text.startswith("]", self._at):
            # Empty in ECMAScript, a character of the class everywhere else.
            raise PatternError("a class starts with ]; write \\]")
        previous: int | None = None
        is_range = False
        while not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise PatternError("a [ is never closed")
            if self._text.startswith(("[:", "[=", "[."), self._at):
                raise PatternError("[: in a class starts something else in other engines; write \\[")
            if self._is_range(previous):
                self._take("-")
                is_range = True
                continue
            current = self._class_member()
            if is_range:
                if current is None:
                    raise PatternError("a range ends in a class of characters")
                if previous is not None and current < previous:
                    raise PatternError("a range has its ends in the wrong order")
                current, is_range = None, False
            previous = current
        self._take("]")

    def _is_range(self, previous: int | None) -> bool:
        following = self._text[self._at : self._at + 2]
        return previous is not None and len(following) > 1 and following[0] == "-" and following[1] != "]"

    def _class_member(self) -> int | None:
        """Read one member; return its code point, None when it is many."""
        start = len(self._out)
        char = self._text[self._at]
        if char == "\\":
            self._escape(in_class=True)
            return _single("".join(self._out[start:]))
        # `[\w-.]` and `[a-z-9]` are refused under `u`, and mean a plain `-` elsewhere.
        self._take(char, "\\-" if char == "-" else char)
        return ord(char)


def _single(written: str) -> int | None:
    """The code point of a member of a class as it was written."""
    if not written.startswith("\\"):
        return ord(written)
    char = written[1]
    if char in _CLASSES or char in "pP":
        return None
    pair = _PAIR.fullmatch(written, 1)
    if pair:
        return ord((bytes.fromhex(pair[1]) + bytes.fromhex(pair[2])).decode("utf-16-be"))
    if char in "xu":
        return int(written[2:].strip("{}"), 16)
    if char == "c":
        return ord(written[2]) % 32
    known = {"f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "b": 8, "0": 0}
    return known.get(char, ord(char))


def _is_property(name: str, value: str | None) -> bool:
    if value is None:
        return name in _CATEGORIES or name in _BINARY
    return (name in _GENERAL_CATEGORY and value in _CATEGORIES) or (name in _SCRIPT and value in _SCRIPTS)

"""RE2 patterns in the syntax of other engines, so that the same texts match.

A rule asks only whether a pattern matches somewhere. So captures, greediness and names do not matter, and a pattern is
first reduced to what it accepts: sets of characters, sequences, choices, repetitions and assertions. That is then
written in the words of each engine, without flags and without shorthand classes, which differ between engines.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import NamedTuple

from protogate.cel.errors import NotCarried

__all__ = ["Engine", "translate_pattern"]


@unique
class Engine(Enum):
    """A regular expression engine."""

    PYTHON = "python"
    """`re` on str, without flags."""
    ECMASCRIPT = "ecmascript"
    """`RegExp` with the `u` flag; also what JSON Schema asks for."""
    RUST = "rust"
    """The `regex` crate, which pydantic's `pattern=` uses."""
    POSTGRESQL = "postgresql"
    """Advanced regular expressions, the `~` operator."""
    MYSQL = "mysql"
    """ICU, `REGEXP_LIKE(text, pattern, 'c')` of MySQL 8."""


def translate_pattern(pattern: str, engine: Engine) -> str:
    """`pattern` in the syntax of `engine`, to be searched for anywhere in the text.

    Raises:
        NotCarried: `engine` cannot say it exactly, or it is no RE2 pattern.
    """
    return _WRITERS[engine].write(_Parser(pattern).parse())


Ranges = tuple[tuple[int, int], ...]

_MAX = 0x10FFFF
_FULL: Ranges = ((0, _MAX),)
_NEWLINE: Ranges = ((10, 10),)
_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGIT,
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}

_CATEGORIES = frozenset(
    "C Cc Cf Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)

_SCRIPTS = frozenset(
    """
    Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki
    Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Common
    Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Duployan Egyptian_Hieroglyphs Elbasan Ethiopic Georgian
    Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic
    Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer
    Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Malayalam Mandaic Manichaean
    Marchen Masaram_Gondi Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro
    Multani Myanmar Nabataean New_Tai_Lue Newa Nko Nushu Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian
    Old_Permic Old_Persian Old_South_Arabian Old_Turkic Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau
    Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala
    Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangut
    Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai Warang_Citi Yi Zanabazar_Square
    """.split()
)
"""The scripts of Unicode 10, which every engine knows."""

_MAX_REPEAT = 1000
"""RE2 refuses more."""


class _Chars(NamedTuple):
    ranges: Ranges
    properties: tuple[tuple[str, bool], ...] = ()
    """Unicode properties and whether each is negated."""
    negated: bool = False
    """Only with properties; without them the ranges are the complement already."""


class _Sequence(NamedTuple):
    parts: tuple[_Node, ...]


class _Choice(NamedTuple):
    parts: tuple[_Node, ...]


class _Repeat(NamedTuple):
    part: _Node
    least: int
    most: int | None


class _Assertion(NamedTuple):
    kind: str
    """text start, text end, line start, line end, boundary, no boundary."""


_Node = _Chars | _Sequence | _Choice | _Repeat | _Assertion


def _normal(ranges: Ranges) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(ranges: Ranges) -> Ranges:
    gaps = []
    start = 0
    for low, high in _normal(ranges):
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= _MAX:
        gaps.append((start, _MAX))
    return tuple(gaps)


def _folded(ranges: Ranges) -> Ranges:
    """The ranges and every character that differs from one of them by case only."""
    extra: list[tuple[int, int]] = []
    for low, high in ranges:
        for first, last, shift in ((65, 90, 32), (97, 122, -32)):
            start, end = max(low, first), min(high, last)
            if start <= end:
                extra.append((start + shift, end + shift))
        # Kelvin and long s are the only characters outside ASCII that fold into it.
        extra += [(special, special) for letter, special in _INTO_ASCII if low <= letter <= high]
        if high > 127 and (low, high) != _FULL[0]:
            _refuse_case(max(low, 128), high)
    return _normal((*ranges, *extra))


_INTO_ASCII = ((75, 0x212A), (107, 0x212A), (83, 0x17F), (115, 0x17F))


def _refuse_case(low: int, high: int) -> None:
    # Which letters pair up depends on the Unicode version of the engine.
    if high - low > 0x400 or any(chr(c).lower() != chr(c).upper() for c in range(low, high + 1)):
        raise NotCarried("(?i) on letters outside ASCII")


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.flags: frozenset[str] = frozenset()

    def parse(self) -> _Node:
        node = self.choice()
        if self.position < len(self.pattern):
            raise self.bad("unexpected )")
        return node

    def bad(self, why: str) -> NotCarried:
        return NotCarried(f"pattern {self.pattern!r} is not RE2 syntax at {self.position + 1}: {why}")

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def accept(self, text: str) -> bool:
        if not self.peek(text):
            return False
        self.position += len(text)
        return True

    def next(self) -> str:
        if self.position >= len(self.pattern):
            raise self.bad("the pattern ends too early")
        self.position += 1
        return self.pattern[self.position - 1]

    def until(self, text: str) -> str:
        end = self.pattern.find(text, self.position)
        if end < 0:
            raise self.bad(f"no {text} follows")
        found = self.pattern[self.position : end]
        self.position = end + len(text)
        return found

    def choice(self) -> _Node:
        parts = [self.sequence()]
        while self.accept("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts))

    def sequence(self) -> _Node:
        parts: list[_Node] = []
        while self.position < len(self.pattern) and not self.peek("|") and not self.peek(")"):
            if self.accept(r"\Q"):
                parts += map(self.literal, self.quoted())
            else:
                parts += self.atom()
            if parts:
                parts[-1] = self.repeated(parts[-1])
        return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))

    def quoted(self) -> str:
        end = self.pattern.find(r"\E", self.position)
        text = self.pattern[self.position : end if end >= 0 else None]
        self.position += len(text) + (len(r"\E") if end >= 0 else 0)
        return text

    def literal(self, char: str) -> _Chars:
        return self.chars(((ord(char), ord(char)),))

    def chars(self, ranges: Ranges, *, negated: bool = False) -> _Chars:
        folded = _folded(ranges) if "i" in self.flags else _normal(ranges)
        return _Chars(_complement(folded) if negated else folded)

    def repeated(self, node: _Node) -> _Node:
        bounds = self.bounds()
        if bounds is None:
            return node
        self.accept("?")
        position = self.position
        if self.bounds() is not None:
            self.position = position
            raise self.bad("two repetitions in a row")
        return _Repeat(node, *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        for operator, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.accept(operator):
                return bounds
        if not self.peek("{"):
            return None
        start = self.position
        text = self.pattern[start + 1 : max(start, self.pattern.find("}", start))]
        least, comma, most = text.partition(",")
        digits = least.isdecimal() and (most.isdecimal() or not most) and text.isascii()
        if not digits:
            return None
        self.position = start + len(text) + 2
        low = int(least)
        high = low if not comma else int(most) if most else None
        if max(low, high or 0) > _MAX_REPEAT or (high is not None and high < low):
            raise self.bad("repetition bounds")
        return low, high

    def atom(self) -> tuple[_Node, ...]:
        char = self.next()
        match char:
            case "(":
                return self.group()
            case "[":
                return (self.char_class(),)
            case ".":
                return (_Chars(_FULL if "s" in self.flags else _complement(_NEWLINE)),)
            case "^":
                return (_Assertion("line start" if "m" in self.flags else "text start"),)
            case "$":
                return (_Assertion("line end" if "m" in self.flags else "text end"),)
            case "*" | "+" | "?" | "{":
                self.position -= 1
                if self.bounds() is not None:
                    raise self.bad("nothing to repeat")
                self.position += 1
                return (self.literal(char),)
            case "\\":
                return (self.escape(),)
            case _:
                return (self.literal(char),)

    def group(self) -> tuple[_Node, ...]:
        before = self.flags
        if self.accept("?"):
            if self.accept("P<") or self.accept("<"):
                name = self.until(">")
                if not name.replace("_", "a").isalnum():
                    raise self.bad("group name")
            elif self.set_flags() == ")":
                # Flags without a group hold to the end of the enclosing group.
                return ()
        node = self.choice()
        if not self.accept(")"):
            raise self.bad("a group is not closed")
        self.flags = before
        # A one-part sequence keeps a repetition outside from landing on one inside.
        return (_Sequence((node,)),)

    def set_flags(self) -> str:
        turn_on = True
        while True:
            flag = self.next()
            if flag in ":)":
                return flag
            if flag == "-" and turn_on:
                turn_on = False
            elif flag in "imsU":
                self.flags = self.flags | {flag} if turn_on else self.flags - {flag}
            else:
                raise self.bad("group flag")

    def escape(self) -> _Node:
        simple = {"A": "text start", "z": "text end", "b": "boundary", "B": "no boundary"}
        char = self.next()
        if char in simple:
            return _Assertion(simple[char])
        if char == "C":
            raise NotCarried(r"\C (a single byte)")
        shorthand = self.shorthand(char)
        return shorthand or self.literal(chr(self.escaped(char)))

    def shorthand(self, char: str) -> _Chars | None:
        r"""`\d`, `\w`, `\s`, `\p` and their opposites; `char` has been taken."""
        classes = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
        if char.lower() in classes:
            return self.chars(classes[char.lower()], negated=char.isupper())
        if char not in "pP":
            return None
        name = self.until("}") if self.accept("{") else self.next()
        negated = (char == "P") is not name.startswith("^")
        name = name.removeprefix("^")
        if name == "Any":
            return _Chars(() if negated else _FULL)
        if "i" in self.flags:
            raise NotCarried(f"(?i) on \\p{{{name}}}")
        if name not in _CATEGORIES and name not in _SCRIPTS:
            raise self.bad(f"property {name}")
        return _Chars((), ((name, negated),))

    def escaped(self, char: str) -> int:
        """The code point of an escape; `char` has been taken."""
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "x":
            digits = self.until("}") if self.accept("{") else self.next() + self.next()
            return self.code_point(digits, 16)
        if char in "01234567":
            return self.octal(char)
        if char.isascii() and not char.isalnum():
            return ord(char)
        raise self.bad(f"escape \\{char}")

    def octal(self, first: str) -> int:
        digits = first
        while len(digits) < 3 and self.pattern[self.position : self.position + 1] in set("01234567"):
            digits += self.next()
        if first != "0" and len(digits) == 1:
            raise self.bad("references to groups")
        return self.code_point(digits, 8)

    def code_point(self, digits: str, base: int) -> int:
        try:
            number = int(digits, base) if digits.isalnum() else -1
        except ValueError:
            number = -1
        if not 0 <= number <= _MAX:
            raise self.bad(f"code point {digits}")
        return number

    def char_class(self) -> _Chars:
        negated = self.accept("^")
        ranges: list[tuple[int, int]] = []
        properties: list[tuple[str, bool]] = []
        first = True
        while first or not self.accept("]"):
            found = self.class_member()
            first = False
            ranges += found.ranges
            properties += found.properties
        if not properties:
            # Members are folded already; folding twice changes nothing.
            return _Chars(_complement(tuple(ranges)) if negated else _normal(tuple(ranges)))
        return _Chars(_normal(tuple(ranges)), tuple(properties), negated)

    def class_member(self) -> _Chars:
        if self.accept("[:"):
            name = self.until(":]")
            negated = name.startswith("^")
            name = name.removeprefix("^")
            if name not in _POSIX:
                raise self.bad(f"class [:{name}:]")
            return self.chars(_POSIX[name], negated=negated)
        start = self.position
        if self.accept("\\"):
            found = self.shorthand(self.next())
            if found is not None:
                return found
            self.position = start
        return self.chars((self.class_range(),))

    def class_range(self) -> tuple[int, int]:
        low = self.class_char()
        if self.peek("-") and not self.peek("-]") and self.position + 1 < len(self.pattern):
            self.position += 1
            high = self.class_char()
            if high < low:
                raise self.bad("range")
            return low, high
        return low, low

    def class_char(self) -> int:
        char = self.next()
        return self.escaped(self.next()) if char == "\\" else ord(char)


class _Writer:
    """Writes patterns for one engine."""

    def __init__(  # noqa: PLR0913 - what engines differ in
        self,
        *,
        code_point: str,
        wide: str,
        assertions: dict[str, str],
        properties: str = "",
        scripts: str = "",
        plain: str = " !#%+,.:;=?@_",
        lowest: int = 0,
        max_repeat: int = _MAX_REPEAT,
    ) -> None:
        self.code_point = code_point
        self.wide = wide
        self.assertions = assertions
        self.properties = properties
        self.scripts = scripts
        self.plain = plain
        self.lowest = lowest
        self.max_repeat = max_repeat

    def write(self, node: _Node) -> str:
        match node:
            case _Chars():
                return self.chars(node)
            case _Sequence(parts):
                return "".join(map(self.part, parts))
            case _Choice(parts):
                return "|".join(map(self.write, parts))
            case _Repeat(part, least, most):
                return self.atom(part) + self.bounds(least, most)
            case _Assertion(kind):
                if kind not in self.assertions:
                    raise NotCarried(f"a {kind} in a pattern")
                return self.assertions[kind]

    def part(self, node: _Node) -> str:
        return f"(?:{self.write(node)})" if isinstance(node, _Choice) else self.write(node)

    def atom(self, node: _Node) -> str:
        return self.chars(node) if isinstance(node, _Chars) else f"(?:{self.write(node)})"

    def bounds(self, least: int, most: int | None) -> str:
        if max(least, most or 0) > self.max_repeat:
            raise NotCarried(f"a repetition above {self.max_repeat}")
        short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
        if short:
            return short
        if most is None:
            return f"{{{least},}}"
        return f"{{{least}}}" if least == most else f"{{{least},{most}}}"

    def chars(self, chars: _Chars) -> str:
        if not chars.properties:
            return self.ranges(chars.ranges)
        if not self.properties:
            raise NotCarried(f"\\p{{{chars.properties[0][0]}}} in a pattern")
        names = "".join(self.property(*item) for item in chars.properties)
        if not chars.ranges and not chars.negated and len(chars.properties) == 1:
            return names
        return f"[{'^' if chars.negated else ''}{names}{self.members(chars.ranges)}]"

    def property(self, name: str, negated: bool) -> str:  # noqa: FBT001 - a pair of the tree
        template = self.properties if name in _CATEGORIES else self.scripts
        return template.format("P" if negated else "p", name)

    def ranges(self, ranges: Ranges) -> str:
        ranges = self.usable(ranges)
        if not ranges:
            # RE2 matches nothing here; no text has a character before its own start.
            return f"[^{self.members(self.usable(_FULL))}]"
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return self.single(ranges[0][0])
        outside = self.usable(_complement(ranges))
        if ranges[0][0] == self.lowest and ranges[-1][1] == _MAX and outside:
            return f"[^{self.members(outside)}]"
        return f"[{self.members(ranges)}]"

    def usable(self, ranges: Ranges) -> Ranges:
        """Without surrogates, which no text has, and without what the engine cannot hold."""
        kept = _complement((*_complement(ranges), (0xD800, 0xDFFF), *self.below()))
        return kept if kept != ((self.lowest, 0xD7FF), (0xE000, _MAX)) else ((self.lowest, _MAX),)

    def below(self) -> Ranges:
        return ((0, self.lowest - 1),) if self.lowest else ()

    def members(self, ranges: Ranges) -> str:
        return "".join(
            self.member(low) + ("" if low == high else ("-" if high > low + 1 else "") + self.member(high))
            for low, high in ranges
        )

    def member(self, code: int) -> str:
        char = chr(code)
        return char if char.isascii() and (char.isalnum() or char in self.plain) else self.escaped(code)

    def single(self, code: int) -> str:
        char = chr(code)
        if char in r"\.+*?()|[]{}^$/":
            return f"\\{char}"
        return char if char.isascii() and char.isprintable() else self.escaped(code)

    def escaped(self, code: int) -> str:
        return (self.code_point if code < 0x10000 else self.wide).format(code)


_TEXT_ENDS = {"text start": "^", "text end": "$"}
_LINE_ENDS = {"line start": r"(?<![^\n])", "line end": r"(?![^\n])"}

_BEFORE, _NOT_BEFORE = "(?<=[0-9A-Za-z_])", "(?<![0-9A-Za-z_])"
_AFTER, _NOT_AFTER = "(?=[0-9A-Za-z_])", "(?![0-9A-Za-z_])"

_WRITERS = {
    Engine.PYTHON: _Writer(
        code_point=r"\u{:04x}",
        wide=r"\U{:08x}",
        assertions={
            "text start": "^",
            "text end": r"\Z",
            "line start": "(?m:^)",
            "line end": "(?m:$)",
            "boundary": r"(?a:\b)",
            "no boundary": r"(?:(?a:\B)|^\Z)",
        },
    ),
    Engine.ECMASCRIPT: _Writer(
        code_point=r"\u{:04x}",
        wide=r"\u{{{:x}}}",
        assertions={
            **_TEXT_ENDS,
            **_LINE_ENDS,
            # Spelled out because validators of JSON Schema read this dialect with engines whose \b knows all letters.
            "boundary": f"(?:{_BEFORE}{_NOT_AFTER}|{_NOT_BEFORE}{_AFTER})",
            "no boundary": f"(?:{_BEFORE}{_AFTER}|{_NOT_BEFORE}{_NOT_AFTER})",
        },
        properties=r"\{}{{{}}}",
        scripts=r"\{}{{Script={}}}",
    ),
    Engine.RUST: _Writer(
        code_point=r"\x{{{:x}}}",
        wide=r"\x{{{:x}}}",
        assertions={
            **_TEXT_ENDS,
            "line start": "(?m:^)",
            "line end": "(?m:$)",
            "boundary": r"(?-u:\b)",
        },
        properties=r"\{}{{{}}}",
        scripts=r"\{}{{{}}}",
    ),
    Engine.POSTGRESQL: _Writer(
        code_point=r"\u{:04x}",
        wide=r"\U{:08x}",
        assertions={**_TEXT_ENDS, **_LINE_ENDS},
        lowest=1,  # its texts have no NUL
        max_repeat=255,
    ),
    Engine.MYSQL: _Writer(
        code_point=r"\x{{{:x}}}",
        wide=r"\x{{{:x}}}",
        assertions={"text start": r"\A", "text end": r"\z", **_LINE_ENDS},
        plain="_",
        properties=r"\{}{{{}}}",
        scripts=r"\{}{{Script={}}}",
    ),
}

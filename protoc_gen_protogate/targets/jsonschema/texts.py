"""Strings and bytes under `buf.validate` rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.jsonschema.conditions import Condition, either, negated
from protoc_gen_protogate.targets.jsonschema.formats import FORMATS, HEADERS
from protoc_gen_protogate.targets.jsonschema.patterns import BASE64_ALPHABET, any_of, escape
from protoc_gen_protogate.targets.jsonschema.values import quote
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.cel.regex import Engine, translate_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from protogate.descriptors.rules import RuleValue

__all__ = ["bytes_conditions", "string_conditions"]

_UTF8_WIDEST: Final = 4
_BYTE_LENGTHS: Final = {"ip": (4, 16), "ipv4": (4, 4), "ipv6": (16, 16), "uuid": (16, 16)}
_NO_BYTES: Final = "a pattern sees base64, not the bytes"


def string_conditions(standard: Mapping[str, RuleValue], report: Callable[[str, str], None]) -> list[Condition]:
    """What a string must meet; `report` hears of what that leaves out."""
    conditions = [_lengths(standard, report)]
    for rule, value in standard.items():
        conditions += _string_condition(rule, value, standard, report)
    return conditions


def _lengths(standard: Mapping[str, RuleValue], report: Callable[[str, str], None]) -> Condition:
    """`minLength` and `maxLength`, which count code points as `min_len` does; bytes only bound them."""
    least = [_count(standard, "len"), _count(standard, "min_len")]
    most = [_count(standard, "len"), _count(standard, "max_len")]
    for rule in ("len_bytes", "min_bytes", "max_bytes"):
        size = _count(standard, rule)
        if size is None:
            continue
        report(f"string.{rule}", "JSON Schema counts characters; bytes are told by the bounds they set to those")
        if rule != "max_bytes":
            least.append(-(-size // _UTF8_WIDEST))
        if rule != "min_bytes":
            most.append(size)
    keywords: Condition = {}
    if any(least):
        keywords["minLength"] = str(max(n for n in least if n is not None))
    if limits := [n for n in most if n is not None]:
        keywords["maxLength"] = str(min(limits))
    return keywords


def _count(standard: Mapping[str, RuleValue], rule: str) -> int | None:
    value = standard.get(rule)
    return value if isinstance(value, int) else None


def _string_condition(
    rule: str, value: RuleValue, standard: Mapping[str, RuleValue], report: Callable[[str, str], None]
) -> Iterator[Condition]:
    if rule == "pattern" and isinstance(value, str):
        try:
            yield _pattern(translate_pattern(value, Engine.ECMASCRIPT))
        except NoTranslation as reason:
            report("string.pattern", str(reason))
    elif rule in _AFFIXES and isinstance(value, str):
        yield _pattern(_AFFIXES[rule](escape(value)))
    elif rule == "not_contains" and isinstance(value, str):
        yield negated(_pattern(escape(value)))
    elif rule == "const" and isinstance(value, str):
        yield {"const": quote(value)}
    elif rule in {"in", "not_in"} and isinstance(value, tuple):
        listed = {"enum": f"[{', '.join(quote(str(item)) for item in value)}]"}
        yield listed if rule == "in" else negated(listed)
    elif rule in FORMATS and value:
        form = FORMATS[rule]
        if form.gap:
            report(f"string.{rule}", form.gap)
        yield _alternatives(form.alternatives)
    elif rule == "well_known_regex" and isinstance(value, int):
        form = HEADERS[value, bool(standard.get("strict", True))]
        yield _alternatives(form.alternatives)


_AFFIXES: Final[Mapping[str, Callable[[str], str]]] = {
    "prefix": lambda text: f"^{text}",
    "suffix": lambda text: f"{text}$",
    "contains": lambda text: text,
}


def _pattern(pattern: str) -> Condition:
    return {"pattern": quote(pattern)}


def _alternatives(alternatives: Iterable[tuple[str, str]]) -> Condition:
    return either([{**_pattern(yes), **(negated(_pattern(no)) if no else {})} for yes, no in alternatives])


def bytes_conditions(
    standard: Mapping[str, RuleValue], report: Callable[[str, str], None], *, is_canonical: bool
) -> list[Condition]:
    """What base64 text must meet beside being base64."""
    conditions = list(_byte_lengths(standard))
    for rule, value in standard.items():
        if rule in {"const", "in", "not_in"}:
            values = value if isinstance(value, tuple) else (value,)
            pattern = any_of(_encoded(item, is_canonical=is_canonical) for item in values if isinstance(item, bytes))
            listed = _pattern(f"^{pattern}={{0,2}}$")
            conditions.append(negated(listed) if rule == "not_in" else listed)
        elif rule == "prefix" and isinstance(value, bytes):
            conditions.append(_pattern(f"^{_encoded(value, is_canonical=is_canonical, is_whole=False)}"))
        elif rule in {"suffix", "contains", "pattern"}:
            report(f"bytes.{rule}", _NO_BYTES)
    return conditions


def _byte_lengths(standard: Mapping[str, RuleValue]) -> Iterator[Condition]:
    exact, least, most = (_count(standard, rule) for rule in ("len", "min_len", "max_len"))
    sizes = [(n, n) for n in (exact,) if n is not None]
    if least is not None or most is not None:
        sizes.append((least or 0, most if most is not None else -1))
    for low, high in sizes:
        yield _pattern(_characters(low, high))
    for rule, lengths in _BYTE_LENGTHS.items():
        if standard.get(rule):
            patterns = [_characters(size, size)[1:-1] for size in dict.fromkeys(lengths)]
            yield _pattern(f"^{any_of(patterns)}$")


def _characters(least: int, most: int) -> str:
    """As many base64 characters as `least` to `most` bytes take (-1: any number), padding apart."""
    upper = "" if most < 0 else str(_encoded_length(most))
    return f"^{BASE64_ALPHABET}{{{_encoded_length(least)},{upper}}}={{0,2}}$"


def _encoded_length(size: int) -> int:
    return -(-size * 8 // 6)


_STANDARD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _encoded(value: bytes, *, is_canonical: bool, is_whole: bool = True) -> str:
    """A pattern for the base64 forms of `value`, or of what starts with it; padding apart.

    Parsers ignore the bits that the last character has to spare, so it may be one of several.
    """
    bits = "".join(f"{byte:08b}" for byte in value)
    pattern = ""
    for at in range(0, len(bits), 6):
        chunk = bits[at : at + 6]
        spare = 6 - len(chunk)
        first = int(chunk, 2) << spare
        choices = 1 if spare and is_whole and is_canonical else 1 << spare
        pattern += _one_of(_STANDARD[first : first + choices], is_canonical=is_canonical)
    return pattern


def _one_of(characters: str, *, is_canonical: bool) -> str:
    if not is_canonical:
        characters += "_" if "/" in characters else ""
        characters += "-" if "+" in characters else ""
    return escape(characters) if len(characters) == 1 else f"[{characters}]"

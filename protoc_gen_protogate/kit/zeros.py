"""Whether standard rules allow the zero value: what a field without presence holds when a document leaves it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.cel.errors import NotCarried as NoTranslation
from protogate.cel.regex import Engine, translate_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors.rules import RuleValue

__all__ = ["allows_empty_string", "allows_no_bytes"]

_MEASURES: Final = frozenset({"len", "min_len", "len_bytes", "min_bytes"})
_AFFIXES: Final = frozenset({"prefix", "suffix", "contains", "const"})
_NEVER_EMPTY: Final = frozenset(
    """
    email hostname ip ipv4 ipv6 uri address uuid tuuid ip_with_prefixlen ipv4_with_prefixlen ipv6_with_prefixlen
    ip_prefix ipv4_prefix ipv6_prefix host_and_port ulid protobuf_fqn protobuf_dot_fqn
    """.split()  # noqa: SIM905 - a list of twenty strings is harder to read
)
_HEADER_NAME: Final = 1


def allows_empty_string(standard: Mapping[str, RuleValue]) -> bool:
    """Whether the rules of a string allow the empty one."""
    return not any(_refuses(rule, value, "") or _refuses_empty_text(rule, value) for rule, value in standard.items())


def allows_no_bytes(standard: Mapping[str, RuleValue]) -> bool:
    """Whether the rules of a bytes field allow none; a `pattern` counts as if it did."""
    return not any(_refuses(rule, value, b"") for rule, value in standard.items())


def _refuses(rule: str, value: RuleValue, empty: str | bytes) -> bool:
    if rule in _MEASURES:
        return value != 0
    if rule in _AFFIXES:
        return value != empty
    if rule in _NEVER_EMPTY:
        return value is True
    return isinstance(value, tuple) and (empty in value) is (rule == "not_in")


def _refuses_empty_text(rule: str, value: RuleValue) -> bool:
    if rule == "pattern" and isinstance(value, str):
        return not _matches_empty(value)
    if rule == "not_contains":
        return value == ""
    return rule == "well_known_regex" and value == _HEADER_NAME


def _matches_empty(pattern: str) -> bool:
    """Whether an RE2 pattern matches the empty string; yes when nothing here can tell."""
    import re  # noqa: PLC0415 - protobuf has loaded it already

    try:
        return re.search(translate_pattern(pattern, Engine.PYTHON), "") is not None
    except NoTranslation:
        return True

"""The `buf.validate` rules for which pydantic has no constraint of its own.

A generated field carries them in its `Annotated`. Names, ids and messages are those of protovalidate; the id is the
`type` of the error. Source: https://protovalidate.com/reference/rules/
"""

from __future__ import annotations

import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import core_schema

from protogate.models import cel as _cel
from protogate.models.codecs import data_error
from protogate.models.enums import ProtoEnum
from protogate.models.layout import is_omitted, layout_of
from protogate.models.scalars import double_to_json
from protogate.models.times import Duration, Timestamp
from protogate.models.unchecked import UNCHECKED

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from protogate.models.message import Message

__all__ = [
    "UNCHECKED",
    "Check",
    "Rule",
    "any_in",
    "any_not_in",
    "at_most_one",
    "bounds",
    "bytes_text",
    "cel",
    "check",
    "const",
    "contains",
    "count",
    "defined_only",
    "finite",
    "future",
    "mask_const",
    "mask_in",
    "mask_not_in",
    "none_of",
    "not_contains",
    "one_of",
    "oneof_required",
    "past",
    "pattern",
    "prefix",
    "required",
    "size",
    "suffix",
    "text",
    "text_bytes",
    "unique",
    "unless_zero",
    "within",
]

Holds = Callable[[Any], bool]


class Rule:
    """A rule on one value: checked after the value was read, and told in the JSON Schema where it can be."""

    __slots__ = ("id", "schema", "violation")

    def __init__(
        self, rule_id: str, violation: Callable[[Any], str | None], schema: Mapping[str, Any] | None = None
    ) -> None:
        """Make a rule.

        Args:
            rule_id: the name that protovalidate gives it.
            violation: what is wrong with a value, None for nothing.
            schema: keywords that say the same.
        """
        self.id: Final = rule_id
        self.violation: Final = violation
        self.schema: Final = schema or {}

    def __call__(self, value: Any) -> Any:
        """The value itself, when it keeps the rule."""
        found = self.violation(value)
        if found is None:
            return value
        raise data_error(self.id, found)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = dict(handler(schema))
        for keyword, value in self.schema.items():
            if keyword in described:
                described["allOf"] = [*described.get("allOf", ()), {keyword: value}]
            else:
                described[keyword] = value
        return described


def _rule(rule_id: str, message: str, holds: Holds, schema: Mapping[str, Any] | None = None) -> Rule:
    return Rule(rule_id, lambda value: None if holds(value) else message, schema)


# --- any kind of value


def required() -> Rule:
    """A field that does not know "not set" has to hold more than its zero value."""
    return _rule("required", "value is required", _nonzero)


def _nonzero(value: Any) -> bool:
    return bool(value) or (isinstance(value, float) and math.copysign(1, value) < 0)


def unless_zero(*rules: Rule) -> Rule:
    """`rules`, but not for the zero value."""

    def violation(value: Any) -> str | None:
        if _nonzero(value):
            for rule in rules:
                rule(value)
        return None

    return Rule("unless_zero", violation)


def const(kind: str, wanted: Any) -> Rule:
    """The value is `wanted`."""
    message = f"must be {_shown(wanted)}" if kind == "bytes" else f"must equal {_shown(wanted)}"
    return _rule(f"{kind}.const", message, lambda value: bool(value == wanted), {"enum": _in_document(kind, [wanted])})


def one_of(kind: str, *wanted: Any) -> Rule:
    """The value is one of `wanted`."""
    message = f"must be in list {_shown_list(wanted)}"
    return _rule(f"{kind}.in", message, lambda value: value in wanted, {"enum": _in_document(kind, wanted)})


def none_of(kind: str, *unwanted: Any) -> Rule:
    """The value is none of `unwanted`."""
    message = f"must not be in list {_shown_list(unwanted)}"
    schema = {"not": {"enum": _in_document(kind, unwanted)}}
    return _rule(f"{kind}.not_in", message, lambda value: value not in unwanted, schema)


_WIDE: Final = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})


def _in_document(kind: str, values: Iterable[Any]) -> list[Any]:
    """Every usual form of `values` in a document."""
    return [form for value in values for form in _forms(kind, value)]


def _forms(kind: str, value: Any) -> list[Any]:
    if isinstance(value, ProtoEnum):
        return [value.proto_name, int(value)]
    if isinstance(value, bytes):
        return [binascii.b2a_base64(value, newline=False).decode("ascii")]
    if isinstance(value, (Timestamp, Duration)):
        return [str(value)]
    if isinstance(value, float) and not math.isfinite(value):
        return [double_to_json(value)]
    return [str(value), value] if kind in _WIDE else [value]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, ProtoEnum):
        return value.proto_name
    return value.hex() if isinstance(value, bytes) else str(value)


def _shown_list(values: Iterable[Any]) -> str:
    return f"[{', '.join(_shown(value).strip('`') for value in values)}]"


# --- numbers, timestamps, durations


def bounds(kind: str, *, gt: Any = None, gte: Any = None, lt: Any = None, lte: Any = None) -> Rule:
    """The value is above or below a limit or both; with a lower limit above the upper one, it is outside of them."""
    low, high = _limit(gt, gte), _limit(lt, lte)
    above = "" if low is None else f"greater than {_or_equal(gt)}{low}"
    below = "" if high is None else f"less than {_or_equal(lt)}{high}"
    name = "_".join([key for key, limit in (("gt", gt), ("gte", gte), ("lt", lt), ("lte", lte)) if limit is not None])
    is_above, is_below = _above(gt, gte), _below(lt, lte)
    if low is not None and high is not None and high < low:
        message = f"must be {above} or {below}"
        return _rule(f"{kind}.{name}_exclusive", message, lambda value: is_above(value) or is_below(value))
    message = f"must be {above}{' and ' if above and below else ''}{below}"
    schema = {
        keyword: limit
        for keyword, limit in (
            ("exclusiveMinimum", gt),
            ("minimum", gte),
            ("exclusiveMaximum", lt),
            ("maximum", lte),
        )
        if isinstance(limit, (int, float))
    }
    return _rule(f"{kind}.{name}", message, lambda value: is_above(value) and is_below(value), schema)


def _above(gt: Any, gte: Any) -> Holds:
    if gt is not None:
        return lambda value: bool(value > gt)
    return _always if gte is None else lambda value: bool(value >= gte)


def _below(lt: Any, lte: Any) -> Holds:
    if lt is not None:
        return lambda value: bool(value < lt)
    return _always if lte is None else lambda value: bool(value <= lte)


def _limit(open_end: Any, closed_end: Any) -> Any:
    return closed_end if open_end is None else open_end


def _or_equal(open_end: object) -> str:
    return "or equal to " if open_end is None else ""


def _always(_value: object) -> bool:
    return True


def finite(kind: str) -> Rule:
    """Neither NaN nor an infinity."""
    return _rule(f"{kind}.finite", "must be finite", math.isfinite)


def past() -> Rule:
    """Not after the present moment."""
    return _rule("timestamp.lt_now", "must be less than now", lambda value: _cel.nanos(value) <= _cel.now())


def future() -> Rule:
    """Not before the present moment."""
    return _rule("timestamp.gt_now", "must be greater than now", lambda value: _cel.nanos(value) >= _cel.now())


def within(distance: Duration) -> Rule:
    """At most `distance` away from the present moment."""
    limit = _cel.nanos(distance)
    message = f"must be within {distance} of now"
    return _rule("timestamp.within", message, lambda value: abs(_cel.nanos(value) - _cel.now()) <= limit)


# --- text and bytes


def size(kind: str, *, length: int | None = None, at_least: int | None = None, at_most: int | None = None) -> Rule:
    """Length of text in characters, of bytes in bytes."""
    unit = "bytes" if kind == "bytes" else "characters"
    return _sized(kind, ("len", "min_len", "max_len"), unit, len, (length, at_least, at_most))


def count(kind: str, *, at_least: int | None = None, at_most: int | None = None) -> Rule:
    """Items of a list, entries of a map."""
    names = ("", "min_pairs", "max_pairs") if kind == "map" else ("", "min_items", "max_items")
    return _sized(kind, names, "entries" if kind == "map" else "item(s)", len, (None, at_least, at_most))


def text_bytes(*, length: int | None = None, at_least: int | None = None, at_most: int | None = None) -> Rule:
    """Length of text as UTF-8."""
    names = ("len_bytes", "min_bytes", "max_bytes")
    return _sized("string", names, "bytes", _utf8_length, (length, at_least, at_most))


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _sized(
    kind: str,
    names: tuple[str, str, str],
    unit: str,
    measure: Callable[[Any], int],
    limits: tuple[int | None, int | None, int | None],
) -> Rule:
    exact, low, high = limits
    name = next(f"{kind}.{name}" for name, limit in zip(names, limits, strict=True) if limit is not None)

    def violation(value: Any) -> str | None:
        found = measure(value)
        if exact is not None and found != exact:
            return f"must be {exact} {unit}"
        if low is not None and found < low:
            return f"must be at least {low} {unit}"
        if high is not None and found > high:
            return f"must be at most {high} {unit}"
        return None

    return Rule(name, violation)


def pattern(kind: str, expression: str, shown: str, schema: Mapping[str, Any] | None = None) -> Rule:
    """The text matches somewhere.

    Args:
        kind: `string` or `bytes`.
        expression: the pattern in the syntax of Rust, which pydantic's own `pattern` has.
        shown: the pattern as the contract has it.
        schema: keywords that say the same.
    """
    matches = _cel.regex(expression)
    if kind == "bytes":
        return _rule("bytes.pattern", f"must match regex pattern `{shown}`", lambda value: matches(_decoded(value)))
    return _rule("string.pattern", f"does not match regex pattern `{shown}`", matches, schema)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise data_error("bytes.pattern", "must be valid UTF-8 to apply regexp") from None


def prefix(kind: str, wanted: str | bytes) -> Rule:
    """The value starts with `wanted`."""
    message = f"does not have prefix {_shown(wanted)}"
    return _rule(f"{kind}.prefix", message, lambda value: value.startswith(wanted), _searched("^", wanted, ""))


def suffix(kind: str, wanted: str | bytes) -> Rule:
    """The value ends with `wanted`."""
    message = f"does not have suffix {_shown(wanted)}"
    return _rule(f"{kind}.suffix", message, lambda value: value.endswith(wanted), _searched("", wanted, "$"))


def contains(kind: str, wanted: str | bytes) -> Rule:
    """`wanted` stands somewhere in the value."""
    what = "does not contain" if kind == "bytes" else "does not contain substring"
    return _rule(
        f"{kind}.contains", f"{what} {_shown(wanted)}", lambda value: wanted in value, _searched("", wanted, "")
    )


def not_contains(unwanted: str) -> Rule:
    """`unwanted` stands nowhere in the text."""
    message = f"contains substring {_shown(unwanted)}"
    schema = {"not": _searched("", unwanted, "")}
    return _rule("string.not_contains", message, lambda value: unwanted not in value, schema)


_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}/")


def _searched(before: str, wanted: str | bytes, after: str) -> dict[str, str]:
    if isinstance(wanted, bytes):
        return {}
    escaped = "".join(f"\\{character}" if character in _SPECIAL else character for character in wanted)
    return {"pattern": before + escaped + after}


class _Format(NamedTuple):
    what: str
    holds: Holds
    keyword: str = ""
    """`format` of JSON Schema that means the same."""


def _matches(expression: str) -> Holds:
    def holds(value: str) -> bool:
        return _cel.matches(value, expression)

    return holds


_NAME: Final = r"[A-Za-z_][A-Za-z_0-9]*"

_FORMATS: Final = {
    "email": _Format("email address", _cel.is_email, "email"),
    "hostname": _Format("hostname", _cel.is_hostname, "hostname"),
    "ip": _Format("IP address", _cel.is_ip),
    "ipv4": _Format("IPv4 address", lambda value: _cel.is_ip(value, 4), "ipv4"),
    "ipv6": _Format("IPv6 address", lambda value: _cel.is_ip(value, 6), "ipv6"),
    "uri": _Format("URI", _cel.is_uri, "uri"),
    "address": _Format("hostname, or ip address", lambda value: _cel.is_hostname(value) or _cel.is_ip(value)),
    "uuid": _Format(
        "UUID", _matches(r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z"), "uuid"
    ),
    "tuuid": _Format("trimmed UUID", _matches(r"^[0-9a-fA-F]{32}\Z")),
    "ip_with_prefixlen": _Format("IP prefix", _cel.is_ip_prefix),
    "ipv4_with_prefixlen": _Format("IPv4 address with prefix length", lambda value: _cel.is_ip_prefix(value, 4)),
    "ipv6_with_prefixlen": _Format("IPv6 address with prefix length", lambda value: _cel.is_ip_prefix(value, 6)),
    "ip_prefix": _Format("IP prefix", lambda value: _cel.is_ip_prefix(value, strict=True)),
    "ipv4_prefix": _Format("IPv4 prefix", lambda value: _cel.is_ip_prefix(value, 4, strict=True)),
    "ipv6_prefix": _Format("IPv6 prefix", lambda value: _cel.is_ip_prefix(value, 6, strict=True)),
    "host_and_port": _Format(
        "host (hostname or IP address) and port pair", lambda value: _cel.is_host_and_port(value, port_required=True)
    ),
    "ulid": _Format("ULID", _matches(r"^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}\Z")),
    "protobuf_fqn": _Format("fully-qualified Protobuf name", _matches(rf"^{_NAME}(\.{_NAME})*\Z")),
    "protobuf_dot_fqn": _Format(
        "fully-qualified Protobuf name with a leading dot", _matches(rf"^\.{_NAME}(\.{_NAME})*\Z")
    ),
    "header_name": _Format("HTTP header name", _matches(r"^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+\Z")),
    "header_name_loose": _Format("HTTP header name", _matches(r"^[^\u0000\u000A\u000D]+\Z")),
}

_MAY_BE_EMPTY: Final = {
    "uri_ref": _Format("URI Reference", _cel.is_uri_ref, "uri-reference"),
    "header_value": _Format("HTTP header value", _matches(r"^[^\u0000-\u0008\u000A-\u001F\u007F]*\Z")),
    "header_value_loose": _Format("HTTP header value", _matches(r"^[^\u0000\u000A\u000D]*\Z")),
}

_ID: Final = {
    "header_name": "well_known_regex.header_name",
    "header_name_loose": "well_known_regex.header_name",
    "header_value": "well_known_regex.header_value",
    "header_value_loose": "well_known_regex.header_value",
}


def text(name: str) -> Rule:
    """The text is of a well-known form such as `email`."""
    rule_id = f"string.{_ID.get(name, name)}"
    form = _MAY_BE_EMPTY.get(name)
    holds = form.holds if form is not None else _filled(_FORMATS[name].holds)
    form = form or _FORMATS[name]
    schema = {"format": form.keyword} if form.keyword else None
    return _rule(rule_id, f"must be a valid {form.what}", holds, schema)


def _filled(holds: Holds) -> Holds:
    def both(value: str) -> bool:
        return value != "" and holds(value)

    return both


_BYTES_FORMATS: Final = {
    "ip": ("IP address", (4, 16)),
    "ipv4": ("IPv4 address", (4,)),
    "ipv6": ("IPv6 address", (16,)),
    "uuid": ("UUID", (16,)),
}


def bytes_text(name: str) -> Rule:
    """The bytes are of a well-known form such as `ipv4`."""
    what, lengths = _BYTES_FORMATS[name]
    return _rule(f"bytes.{name}", f"must be a valid {what}", lambda value: len(value) in lengths)


# --- enums, lists, messages


def defined_only() -> Rule:
    """The contract names the number."""
    return _rule(
        "enum.defined_only",
        "must be one of the defined enum values",
        lambda value: value._name_ in type(value).__members__,
    )


def unique() -> Rule:
    """No item stands twice in the list."""
    message = "repeated value must contain unique items"
    return _rule("repeated.unique", message, _cel.unique, {"uniqueItems": True})


def any_in(*wanted: str) -> Rule:
    """The Any holds one of these type URLs."""
    return _rule("any.in", "type URL must be in the allow list", lambda value: value.type_url in wanted)


def any_not_in(*unwanted: str) -> Rule:
    """The Any holds none of these type URLs."""
    return _rule("any.not_in", "type URL must not be in the block list", lambda value: value.type_url not in unwanted)


def mask_const(*paths: str) -> Rule:
    """The mask has exactly these paths, in this order."""
    return _rule("field_mask.const", f"must equal paths {_shown_list(paths)}", lambda value: value.paths == paths)


def mask_in(*paths: str) -> Rule:
    """Every path of the mask is one of `paths` or below one."""
    message = f"must only contain paths in {_shown_list(paths)}"
    return _rule("field_mask.in", message, lambda value: all(_is_covered(path, paths) for path in value.paths))


def mask_not_in(*paths: str) -> Rule:
    """No path of the mask is one of `paths` or below one."""
    message = f"must not contain any paths in {_shown_list(paths)}"
    return _rule("field_mask.not_in", message, lambda value: not any(_is_covered(path, paths) for path in value.paths))


def _is_covered(path: str, paths: tuple[str, ...]) -> bool:
    return path in paths or path.startswith(tuple(f"{known}." for known in paths))


# --- CEL and whole messages


def cel(rule_id: str, message: str, expression: Callable[[Any], Any]) -> Rule:
    """A rule of the contract's own, translated from CEL."""
    return Rule(rule_id, lambda value: _cel.verdict(lambda: expression(value), message))


class Check(NamedTuple):
    """A rule on a whole message."""

    id: str
    violation: Callable[[Any], str | None]


def check(rule_id: str, message: str, expression: Callable[[Any], Any]) -> Check:
    """A rule of the contract's own on a whole message, translated from CEL."""
    return Check(rule_id, lambda value: _cel.verdict(lambda: expression(value), message))


def oneof_required(oneof: str) -> Check:
    """One member of the oneof is set."""

    def violation(message: Message) -> str | None:
        return "exactly one field is required in oneof" if message.which_oneof(oneof) is None else None

    return Check("required", violation)


def at_most_one(*attributes: str, required: bool = False) -> Check:
    """At most one of some fields is set, or exactly one."""

    def violation(message: Message) -> str | None:
        given = [
            field.attribute
            for field in layout_of(type(message)).fields
            if field.attribute in attributes and not is_omitted(field, message.__dict__[field.attribute])
        ]
        names = ", ".join(attributes)
        if len(given) > 1:
            return f"only one of {names} can be set"
        return f"one of {names} must be set" if required and not given else None

    return Check("message.oneof", violation)

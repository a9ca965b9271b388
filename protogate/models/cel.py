"""CEL's functions for generated models: one function for each thing that Python does otherwise than CEL.

Inside an expression a timestamp or duration is an int of nanoseconds, everything else is the Python value that the
model holds. A failed evaluation raises :class:`CelError`; the rule counts as broken then.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "CelError",
    "Civil",
    "Instant",
    "add_duration",
    "add_timestamp",
    "all_of",
    "at",
    "bool_of_string",
    "both",
    "char_at",
    "civil",
    "contains_key",
    "decimal",
    "divide",
    "divide_double",
    "double_of_string",
    "duration_of_string",
    "either",
    "equal",
    "exactly_one",
    "exists",
    "exponent",
    "fixed",
    "get_date",
    "get_day_of_month",
    "get_day_of_week",
    "get_day_of_year",
    "get_full_year",
    "get_hours",
    "get_milliseconds",
    "get_minutes",
    "get_month",
    "get_seconds",
    "hexadecimal",
    "in_list",
    "index_of",
    "int_of_double",
    "int_of_string",
    "is_email",
    "is_host_and_port",
    "is_hostname",
    "is_inf",
    "is_ip",
    "is_ip_prefix",
    "is_uri",
    "is_uri_ref",
    "join",
    "key",
    "last_index_of",
    "lower_ascii",
    "map_of",
    "matches",
    "modulo",
    "nanos",
    "nanos_list",
    "nanos_map",
    "nonzero",
    "now",
    "present",
    "quotient",
    "regex",
    "replace",
    "show",
    "signed",
    "some",
    "split",
    "string_of_bytes",
    "string_of_duration",
    "string_of_timestamp",
    "substring",
    "timestamp_of_int",
    "timestamp_of_string",
    "trim",
    "uint_of_double",
    "uint_of_string",
    "unique",
    "unsigned",
    "upper_ascii",
    "verdict",
]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**63 - 1
_UINT_MAX: Final = 2**64 - 1
_SECOND: Final = 1_000_000_000
_TIMESTAMP_MIN: Final = -62135596800 * _SECOND
"""0001-01-01T00:00:00Z."""
_TIMESTAMP_MAX: Final = 253402300800 * _SECOND - 1
"""9999-12-31T23:59:59.999999999Z."""
_DURATION_MAX: Final = 315576000001 * _SECOND - 1
"""What `google.protobuf.Duration` can hold."""


class CelError(ValueError):
    """An expression has no value: overflow, division by zero, a missing key, text that does not convert."""


class Instant(Protocol):
    """What a model holds for `google.protobuf.Timestamp` and `Duration`."""

    @property
    def seconds(self) -> int:
        """Whole seconds."""
        ...

    @property
    def nanos(self) -> int:
        """The rest, in nanoseconds, with the sign of `seconds` in a duration."""
        ...


# --- a rule as a whole


def verdict(rule: Callable[[], bool | str], message: str) -> str | None:
    """None when `rule` holds, otherwise what to tell the user."""
    try:
        result = rule()
    except CelError as error:
        return f"{message}: {error}" if message else str(error)
    if result is True or result == "":
        return None
    return message or (result if isinstance(result, str) else "")


# --- reading a model


def nanos(value: Instant | None) -> int:
    """A timestamp or duration in nanoseconds, 0 when unset."""
    return 0 if value is None else value.seconds * _SECOND + value.nanos


def nanos_list(values: Iterable[Instant]) -> list[int]:
    """Timestamps or durations in nanoseconds."""
    return [nanos(value) for value in values]


def nanos_map(values: Mapping[K, Instant]) -> dict[K, int]:
    """A map whose values are timestamps or durations, in nanoseconds."""
    return {key: nanos(value) for key, value in values.items()}


def present(value: T | None, default: T) -> T:
    """`value`, or `default` when the field is unset."""
    return default if value is None else value


def nonzero(value: float) -> bool:
    """Whether a double without presence counts as set: protobuf writes -0.0."""
    return value != 0 or str(value) == "-0.0"


def some(value: T | None) -> T:
    """What a wrapper holds.

    Raises:
        CelError: the wrapper is unset.
    """
    if value is None:
        raise CelError("null where a value is needed")
    return value


def now() -> int:
    """The present, in nanoseconds since 1970."""
    from time import time_ns  # noqa: PLC0415 - few rules need it

    return time_ns()


# --- logic: an error on one side yields to a decisive other side


def both(left: Callable[[], bool], right: Callable[[], bool]) -> bool:
    """`left && right`."""
    try:
        return left() and right()
    except CelError:
        if not _or_error(right):
            return False
        raise


def either(left: Callable[[], bool], right: Callable[[], bool]) -> bool:
    """`left || right`."""
    try:
        return left() or right()
    except CelError:
        if _or_error(right) is True:
            return True
        raise


def _or_error(side: Callable[[], bool]) -> bool | CelError:
    try:
        return side()
    except CelError as error:
        # An exception instance is true, so the caller raises the error of the other side.
        return error


def all_of(items: Iterable[T], holds: Callable[[T], bool]) -> bool:
    """`items.all(x, holds)`."""
    return not exists(items, lambda item: not holds(item))


def exists(items: Iterable[T], holds: Callable[[T], bool]) -> bool:
    """`items.exists(x, holds)`."""
    failure: CelError | None = None
    for item in items:
        try:
            if holds(item):
                return True
        except CelError as error:
            failure = error
    if failure is not None:
        raise failure
    return False


def exactly_one(items: Iterable[bool]) -> bool:
    """Whether one item is true, no more."""
    return sum(items) == 1


# --- equality and containers


def equal(left: object, right: object) -> bool:
    """Deep equality in which NaN differs from itself, as `==` on lists and maps does not have it."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        same = left.keys() == right.keys()
        return same and all(equal(value, right[key]) for key, value in left.items())
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return left == right


def in_list(item: object, items: Iterable[object]) -> bool:
    """`item in items`, where NaN is in no list."""
    return any(equal(item, other) for other in items)


def contains_key(items: Mapping[K, V], key: K) -> bool:
    """`key in items`."""
    return key in items


def at(items: Sequence[T], index: int) -> T:
    """`items[index]`.

    Raises:
        CelError: there is no such item.
    """
    if 0 <= index < len(items):
        return items[index]
    raise CelError(f"no item {index} in a list of {len(items)}")


def key(items: Mapping[K, V], wanted: K) -> V:
    """`items[wanted]`.

    Raises:
        CelError: there is no such key.
    """
    if wanted in items:
        return items[wanted]
    raise CelError(f"no key {wanted!r} in the map")


def map_of(*entries: tuple[K, V]) -> dict[K, V]:
    """A map written out.

    Raises:
        CelError: a key stands twice.
    """
    found = dict(entries)
    if len(found) != len(entries):
        raise CelError("a key stands twice in the map")
    return found


def unique(items: Sequence[object]) -> bool:
    """Whether no scalar stands twice; NaN equals nothing."""
    comparable = [item for item in items if item == item]  # noqa: PLR0124 - NaN is not itself
    return len(set(comparable)) == len(comparable)


# --- numbers


def signed(value: int) -> int:
    """`value`, if it fits 64 bits.

    Raises:
        CelError: it does not.
    """
    if _INT_MIN <= value <= _INT_MAX:
        return value
    raise CelError("integer overflow")


def unsigned(value: int) -> int:
    """`value`, if it fits 64 bits without a sign.

    Raises:
        CelError: it does not.
    """
    if 0 <= value <= _UINT_MAX:
        return value
    raise CelError("unsigned integer overflow")


def quotient(left: int, right: int) -> int:
    """`left / right`, cut towards zero, for a divisor that is not 0."""
    result = abs(left) // abs(right)
    return result if (left < 0) is (right < 0) else -result


def divide(left: int, right: int) -> int:
    """`left / right`, cut towards zero.

    Raises:
        CelError: `right` is 0, or the result does not fit.
    """
    if right == 0:
        raise CelError("division by zero")
    result = quotient(left, right)
    if result > _INT_MAX and right < 0:
        raise CelError("integer overflow")
    return result


def modulo(left: int, right: int) -> int:
    """`left % right`, with the sign of `left`.

    Raises:
        CelError: `right` is 0, or the quotient does not fit.
    """
    if right == 0:
        raise CelError("modulus by zero")
    if left == _INT_MIN and right == -1:
        raise CelError("integer overflow")
    result = abs(left) % abs(right)
    return -result if left < 0 else result


def divide_double(left: float, right: float) -> float:
    """`left / right` as IEEE 754 has it."""
    if right != 0:
        return left / right
    if left == 0 or left != left:  # noqa: PLR0124 - NaN is not itself
        return float("nan")
    return float("inf") if (left > 0) is not str(right).startswith("-") else float("-inf")


def int_of_double(value: float) -> int:
    """`int(value)`, cut towards zero.

    Raises:
        CelError: it does not fit 64 bits.
    """
    # The open interval is the one of the reference implementations: -2^63 itself is out.
    if -(2.0**63) < value < 2.0**63:
        return int(value)
    raise CelError("double does not fit int")


def uint_of_double(value: float) -> int:
    """`uint(value)`, cut towards zero.

    Raises:
        CelError: it does not fit 64 bits without a sign.
    """
    if 0 <= value < 2.0**64:
        return int(value)
    raise CelError("double does not fit uint")


_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE)


def int_of_string(text: str) -> int:
    """`int(text)`.

    Raises:
        CelError: it is no 64-bit number.
    """
    if _INTEGER.fullmatch(text) is None:
        raise CelError("text is no int")
    return signed(int(text))


def uint_of_string(text: str) -> int:
    """`uint(text)`.

    Raises:
        CelError: it is no 64-bit number without sign.
    """
    if _INTEGER.fullmatch(text) is None or text.startswith("-"):
        raise CelError("text is no uint")
    return unsigned(int(text))


def double_of_string(text: str) -> float:
    """`double(text)`.

    Raises:
        CelError: it is no number.
    """
    if _DECIMAL.fullmatch(text) is None:
        raise CelError("text is no double")
    return float(text)


_BOOLS: Final = {
    **dict.fromkeys(("1", "t", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "false", "FALSE", "False"), False),
}


def bool_of_string(text: str) -> bool:
    """`bool(text)`.

    Raises:
        CelError: it says neither true nor false.
    """
    if text in _BOOLS:
        return _BOOLS[text]
    raise CelError("text is no bool")


def is_inf(value: float, sign: int = 0) -> bool:
    """Whether `value` is infinite, on the side of `sign` if that is not 0."""
    return value in {float("inf"), float("-inf")} and (sign == 0 or (value > 0) is (sign > 0))


# --- text

_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_TO_LOWER: Final = str.maketrans(_UPPER, _LOWER)
_TO_UPPER: Final = str.maketrans(_LOWER, _UPPER)
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space; `str.strip` would also take U+001C to U+001F."""


def lower_ascii(text: str) -> str:
    """`text` with A-Z lowered, nothing else."""
    return text.translate(_TO_LOWER)


def upper_ascii(text: str) -> str:
    """`text` with a-z raised, nothing else."""
    return text.translate(_TO_UPPER)


def trim(text: str) -> str:
    """`text` without white space at its ends."""
    return text.strip(_SPACE)


def char_at(text: str, index: int) -> str:
    """The character at `index`, empty at the very end.

    Raises:
        CelError: `index` is outside.
    """
    return substring(text, index, min(index + 1, len(text)))


def substring(text: str, start: int, end: int | None = None) -> str:
    """The characters from `start` up to `end`.

    Raises:
        CelError: they are outside or in the wrong order.
    """
    stop = len(text) if end is None else end
    if 0 <= start <= stop <= len(text):
        return text[start:stop]
    raise CelError(f"no substring {start} to {stop} in {len(text)} characters")


def index_of(text: str, wanted: str, start: int) -> int:
    """Where `wanted` first stands at or after `start`, -1 when nowhere.

    Raises:
        CelError: `start` is outside.
    """
    if 0 <= start <= len(text):
        return text.find(wanted, start)
    raise CelError(f"no index {start} in {len(text)} characters")


def last_index_of(text: str, wanted: str, start: int) -> int:
    """Where `wanted` last starts at or before `start`, -1 when nowhere.

    Raises:
        CelError: `start` is outside.
    """
    if 0 <= start <= len(text):
        return text.rfind(wanted, 0, start + len(wanted))
    raise CelError(f"no index {start} in {len(text)} characters")


def replace(text: str, old: str, new: str, count: int) -> str:
    """`text` with the first `count` of `old` replaced, all of them when `count` is negative."""
    return text.replace(old, new, count)


def split(text: str, separator: str, count: int = -1) -> list[str]:
    """`text` cut at `separator` into at most `count` pieces, any number when `count` is negative."""
    if count == 0:
        return []
    if separator:
        return text.split(separator, count - 1 if count > 0 else -1)
    if count < 0 or count > len(text):
        return list(text) or [""]
    return [*text[: count - 1], text[count - 1 :]]


def join(items: Iterable[str], separator: str = "") -> str:
    """`items` with `separator` between them."""
    return separator.join(items)


def string_of_bytes(data: bytes) -> str:
    """`string(data)`.

    Raises:
        CelError: it is not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CelError("bytes are not UTF-8") from None


@lru_cache(maxsize=1024)
def regex(pattern: str) -> Callable[[str], bool]:
    """A matcher for a pattern of Rust's `regex`, which knows Unicode classes and takes linear time."""
    from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415 - few rules need it

    validator = SchemaValidator(core_schema.str_schema(pattern=pattern, strict=True))

    def matches_somewhere(text: str) -> bool:
        return validator.isinstance_python(text)

    return matches_somewhere


def matches(text: str, pattern: str) -> bool:
    """Whether `pattern`, translated to Python's `re`, matches somewhere in `text`."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# --- timestamps and durations


def add_timestamp(left: int, right: int) -> int:
    """A timestamp that many nanoseconds off.

    Raises:
        CelError: it leaves the years 1 to 9999.
    """
    if _TIMESTAMP_MIN <= left + right <= _TIMESTAMP_MAX:
        return left + right
    raise CelError("timestamp overflow")


def add_duration(left: int, right: int) -> int:
    """The sum of two durations, which CEL keeps in 64 bits of nanoseconds.

    Raises:
        CelError: it does not fit.
    """
    return signed(left + right)


def timestamp_of_int(seconds: int) -> int:
    """`timestamp(seconds)`.

    Raises:
        CelError: it is outside the years 1 to 9999.
    """
    return add_timestamp(seconds * _SECOND, 0)


_TIMESTAMP: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def timestamp_of_string(text: str) -> int:
    """`timestamp(text)` for RFC 3339.

    Raises:
        CelError: it is not RFC 3339, or outside the years 1 to 9999.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 - few rules need it

    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise CelError("text is no RFC 3339 timestamp")
    day, time, fraction, sign, hours, minutes = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
    except ValueError:
        raise CelError("text is no RFC 3339 timestamp") from None
    since = local - datetime(1970, 1, 1, tzinfo=UTC)
    offset = (int(hours) * 60 + int(minutes)) * 60 if hours else 0
    seconds = since.days * 86400 + since.seconds - (offset if sign == "+" else -offset)
    return add_timestamp(seconds * _SECOND, int((fraction or "").ljust(9, "0")))


_DURATION: Final = re.compile(r"([+-]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:h|ms|m|s|us|ns))+|0)")
_DURATION_PART: Final = re.compile(r"([0-9]*)\.?([0-9]*)(h|ms|m|s|us|ns)")
_UNITS: Final = {
    "h": 3600 * _SECOND,
    "m": 60 * _SECOND,
    "s": _SECOND,
    "ms": 1_000_000,
    "us": 1000,
    "ns": 1,
}


def duration_of_string(text: str) -> int:
    """`duration(text)` for `1h30m`, `1.5s` and the like.

    Raises:
        CelError: it is no duration, or one that `google.protobuf.Duration` cannot hold.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise CelError("text is no duration")
    total = 0
    for whole, fraction, unit in _DURATION_PART.findall(found[2]):
        scale = _UNITS[unit]
        total += int(whole or 0) * scale + int(fraction or 0) * scale // 10 ** len(fraction)
    if total > _DURATION_MAX:
        raise CelError("duration overflow")
    return -total if found[1] == "-" else total


def string_of_timestamp(value: int) -> str:
    """`string(value)`, in UTC, with as many groups of three decimals as it takes."""
    return f"{_date_and_time(value)}{_decimals(value % _SECOND)}Z"


def _date_and_time(value: int) -> str:
    at = civil(value)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}"


def string_of_duration(value: int) -> str:
    """`string(value)`, in seconds."""
    seconds, rest = divmod(abs(value), _SECOND)
    return f"{'-' if value < 0 else ''}{seconds}{_decimals(rest)}s"


def _decimals(rest: int) -> str:
    if rest == 0:
        return ""
    digits = f"{rest:09}"
    return "." + digits.removesuffix("000").removesuffix("000")


_OFFSET: Final = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")
_DAY: Final = 86400
_FOUR_CENTURIES: Final = 146097
"""Days until the calendar repeats, weekdays included."""


class Civil(NamedTuple):
    """What clock and calendar show; months, days of the month and of the year count from 1, Sunday is 0."""

    year: int
    month: int
    day: int
    weekday: int
    year_day: int
    hour: int
    minute: int
    second: int


def civil(value: int, zone: str = "UTC") -> Civil:
    """The calendar view of a timestamp in a zone: a name of the tz database or an offset such as `+02:00`.

    Raises:
        CelError: there is no such zone.
    """
    from datetime import date  # noqa: PLC0415 - few rules need it

    seconds = value // _SECOND
    days, second = divmod(seconds + _offset(seconds, zone), _DAY)
    # The year may be 0 or 10000 in local time, which `date` cannot say, so it is looked at 400 years from there.
    cycle = days // _FOUR_CENTURIES
    local = date.fromordinal(days - cycle * _FOUR_CENTURIES + _EPOCH_ORDINAL)
    hour, minute = divmod(second // 60, 60)
    return Civil(
        local.year + 400 * cycle,
        local.month,
        local.day,
        local.isoweekday() % 7,
        local.timetuple().tm_yday,
        hour,
        minute,
        second % 60,
    )


_EPOCH_ORDINAL: Final = 719163
"""1970-01-01 in the count of `datetime.date`."""


def _offset(seconds: int, zone: str) -> int:
    if zone in {"UTC", ""}:
        return 0
    found = _OFFSET.fullmatch(zone)
    if found is not None:
        offset = int(found[2]) * 3600 + int(found[3]) * 60
        return -offset if found[1] == "-" else offset
    from datetime import datetime, timedelta  # noqa: PLC0415 - few rules need it
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few rules need it

    # A zone is constant at both ends of the calendar, and `datetime` must not run over them.
    inside = min(max(seconds, _TIMESTAMP_MIN // _SECOND + 2 * _DAY), _TIMESTAMP_MAX // _SECOND - 2 * _DAY)
    try:
        there = ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        raise CelError(f"no time zone {zone!r}") from None
    moment = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(seconds=inside)
    shift = moment.astimezone(there).utcoffset() or timedelta()
    return shift.days * _DAY + shift.seconds


def get_full_year(value: int, zone: str = "UTC") -> int:
    """`value.getFullYear(zone)`."""
    return civil(value, zone).year


def get_month(value: int, zone: str = "UTC") -> int:
    """`value.getMonth(zone)`, January is 0."""
    return civil(value, zone).month - 1


def get_day_of_year(value: int, zone: str = "UTC") -> int:
    """`value.getDayOfYear(zone)`, from 0."""
    return civil(value, zone).year_day - 1


def get_day_of_month(value: int, zone: str = "UTC") -> int:
    """`value.getDayOfMonth(zone)`, from 0."""
    return civil(value, zone).day - 1


def get_date(value: int, zone: str = "UTC") -> int:
    """`value.getDate(zone)`, the day of the month from 1."""
    return civil(value, zone).day


def get_day_of_week(value: int, zone: str = "UTC") -> int:
    """`value.getDayOfWeek(zone)`, Sunday is 0."""
    return civil(value, zone).weekday


def get_hours(value: int, zone: str = "UTC") -> int:
    """`value.getHours(zone)`."""
    return civil(value, zone).hour


def get_minutes(value: int, zone: str = "UTC") -> int:
    """`value.getMinutes(zone)`."""
    return civil(value, zone).minute


def get_seconds(value: int, zone: str = "UTC") -> int:
    """`value.getSeconds(zone)`."""
    return civil(value, zone).second


def get_milliseconds(value: int, zone: str = "UTC") -> int:
    """`value.getMilliseconds(zone)`, of the second."""
    _offset(0, zone)
    return value % _SECOND // 1_000_000


# --- format


def show(value: object, kind: str) -> str:
    """`%s`: `value` of a CEL type, as people read it."""
    outer, _, inner = kind.removesuffix(")").partition("(")
    if isinstance(value, list):
        return f"[{', '.join(show(item, inner) for item in value)}]"
    if isinstance(value, dict):
        key_kind, _, value_kind = inner.partition(", ")
        pairs = sorted((show(k, key_kind), show(v, value_kind)) for k, v in value.items())
        return f"{{{', '.join(': '.join(pair) for pair in pairs)}}}"
    if isinstance(value, int):
        return _show_int(int(value), inner if outer == "wrapper" else outer)
    if isinstance(value, float):
        return _finite(value, "g")
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "null" if value is None else str(value)


def _show_int(value: int, kind: str) -> str:
    if kind == "bool":
        return "true" if value else "false"
    if kind == "timestamp":
        decimals = f".{value % _SECOND:09}".rstrip("0").rstrip(".")
        return f"{_date_and_time(value)}{decimals}Z"
    return string_of_duration(value) if kind == "duration" else str(value)


def _finite(value: float, spec: str) -> str:
    if value != value:  # noqa: PLR0124 - NaN is not itself
        return "NaN"
    if is_inf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return format(value, spec)


def fixed(value: float, precision: int = 6) -> str:
    """`%f`."""
    return _finite(value, f".{precision}f")


def exponent(value: float, precision: int = 6) -> str:
    """`%e`."""
    return _finite(value, f".{precision}e")


def decimal(value: int, base: str = "d") -> str:
    """`%d`, `%o`, `%b`, and `%x` of a number."""
    return format(int(value), base)


def hexadecimal(value: str | bytes) -> str:
    """`%x` of text or bytes."""
    return (value.encode() if isinstance(value, str) else value).hex()


# --- formats of protovalidate

_EMAIL: Final = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
_LABEL: Final = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_DIGITS: Final = re.compile(r"[0-9]+")
_NATURAL: Final = re.compile(r"0|[1-9][0-9]{0,4}")
_HEXTET: Final = re.compile(r"[0-9a-fA-F]{1,4}")

_HOSTNAME_MAX: Final = 253
_PORT_MAX: Final = 65535
_OCTET_MAX: Final = 255
_IPV4_BITS: Final = 32
_IPV6_BITS: Final = 128


def is_email(text: str) -> bool:
    """Whether `text` is an address as the HTML standard has it."""
    return _EMAIL.fullmatch(text) is not None


def is_hostname(text: str) -> bool:
    """Whether `text` is a host name by RFC 1034 whose last label is no number."""
    if len(text) > _HOSTNAME_MAX:
        return False
    labels = text.removesuffix(".").split(".")
    if _DIGITS.fullmatch(labels[-1]):
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def is_ip(text: str, version: int = 0) -> bool:
    """Whether `text` is an IP address of `version` 4 or 6, of any when that is 0."""
    if version in {0, 4} and _ipv4(text) is not None:
        return True
    return version in {0, 6} and _ipv6(text, zone=True) is not None


def is_ip_prefix(text: str, version: int = 0, strict: bool = False) -> bool:  # noqa: FBT001, FBT002 - CEL's own order
    """Whether `text` is `address/length`; strict ones have only zeros after the prefix."""
    address, slash, length = text.rpartition("/")
    if not slash:
        return False
    for family, bits, parse in ((4, _IPV4_BITS, _ipv4), (6, _IPV6_BITS, _ipv6)):
        number = parse(address) if version in {0, family} else None
        if number is not None:
            fits = _NATURAL.fullmatch(length) is not None and int(length) <= bits
            return fits and not (strict and number & ((1 << (bits - int(length))) - 1))
    return False


def is_host_and_port(text: str, port_required: bool) -> bool:  # noqa: FBT001 - CEL's own order
    """Whether `text` is a host name or IP address (IPv6 in brackets), with `:port` or, if not required, without."""
    if text.startswith("["):
        host, bracket, rest = text[1:].rpartition("]")
        if not bracket or not is_ip(host, 6):
            return False
        return _is_port(rest[1:]) if rest.startswith(":") else not rest and not port_required
    host, colon, port = text.rpartition(":")
    if not colon:
        return not port_required and (is_hostname(text) or is_ip(text, 4))
    return (is_hostname(host) or is_ip(host, 4)) and _is_port(port)


def _is_port(text: str) -> bool:
    return _NATURAL.fullmatch(text) is not None and int(text) <= _PORT_MAX


def _ipv4(text: str) -> int | None:
    octets = text.split(".")
    number = 0
    for octet in octets:
        if _NATURAL.fullmatch(octet) is None or int(octet) > _OCTET_MAX:
            return None
        number = number << 8 | int(octet)
    return number if len(octets) == len(("a", "b", "c", "d")) else None


def _ipv6(text: str, *, zone: bool = False) -> int | None:
    if zone and "%" in text:
        text, _, name = text.partition("%")
        if not name or "\0" in name:
            return None
    head, gap, tail = text.partition("::")
    left, right = _hextets(head, last=not gap), _hextets(tail, last=True)
    if left is None or right is None:
        return None
    missing = 8 - len(left) - len(right)
    if missing < 1 if gap else missing:
        return None
    number = 0
    for hextet in (*left, *[0] * missing, *right):
        number = number << 16 | hextet
    return number


def _hextets(text: str, *, last: bool) -> list[int] | None:
    if not text:
        return []
    *groups, final = text.split(":")
    numbers = []
    if last and "." in final:
        embedded = _ipv4(final)
        if embedded is None:
            return None
        numbers = [embedded >> 16, embedded & 0xFFFF]
    else:
        groups.append(final)
    if not all(map(_HEXTET.fullmatch, groups)):
        return None
    return [*(int(group, 16) for group in groups), *numbers]


_PCHAR: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_AUTHORITY: Final = (
    r"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[(?P<literal>[^\]/?#]*)\]|(?P<host>(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*))"
    r"(?::[0-9]*)?"
)
_PATH: Final = rf"(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{{first}}(?:/{_PCHAR}*)*|)"
_TAIL: Final = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
_URI: Final = r"[A-Za-z][A-Za-z0-9+.\-]*:" + _PATH.replace("{first}", f"{_PCHAR}+") + _TAIL
_RELATIVE: Final = _PATH.replace("{first}", _PCHAR.replace(":@", "@") + "+") + _TAIL
_FUTURE_IP: Final = re.compile(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+")
_ZONE: Final = re.compile(r"(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})+")


def is_uri(text: str) -> bool:
    """Whether `text` is a URI by RFC 3986, with IPv6 zones by RFC 6874."""
    return _is_reference(text, _URI)


def is_uri_ref(text: str) -> bool:
    """Whether `text` is a URI or a relative reference by RFC 3986."""
    return _is_reference(text, _URI) or _is_reference(text, _RELATIVE)


def _is_reference(text: str, pattern: str) -> bool:
    found = _compiled(pattern).fullmatch(text)
    if found is None:
        return False
    literal, host = found["literal"], found["host"]
    if literal is not None:
        return _is_ip_literal(literal)
    return host is None or _is_percent_encoded_text(host)


def _is_ip_literal(literal: str) -> bool:
    if literal[:1] in {"v", "V"}:
        return _FUTURE_IP.fullmatch(literal) is not None
    address, marker, zone = literal.partition("%25")
    if marker and (not _ZONE.fullmatch(zone) or not _is_percent_encoded_text(zone)):
        return False
    return _ipv6(address) is not None


def _is_percent_encoded_text(text: str) -> bool:
    if "%" not in text:
        return True
    try:
        bytes(_decoded(text)).decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(text: str) -> Iterator[int]:
    plain, *escaped = text.split("%")
    yield from plain.encode()
    for piece in escaped:
        yield int(piece[:2], 16)
        yield from piece[2:].encode()

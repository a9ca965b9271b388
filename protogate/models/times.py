"""`google.protobuf.Timestamp` and `Duration`: to the nanosecond, over the whole range of Protobuf."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from protogate.models.codecs import Codec, bad_value

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Duration", "Timestamp"]

_BILLION: Final = 1_000_000_000
_DAY: Final = 86_400
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_FIRST_SECOND: Final = -62_135_596_800
"""0001-01-01T00:00:00Z."""
_LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z."""
_LONGEST: Final = 315_576_000_000
"""Seconds of ten thousand years, the range of a Duration; every implementation lets the nanoseconds go beyond."""


class _Span:
    """Seconds and nanoseconds that never change."""

    __slots__ = ("nanos", "seconds")

    codec: ClassVar[Codec]
    seconds: int
    nanos: int

    def __init__(self, seconds: int = 0, nanos: int = 0) -> None:
        self._check(seconds, nanos)
        object.__setattr__(self, "seconds", seconds)
        object.__setattr__(self, "nanos", nanos)

    @classmethod
    def _check(cls, seconds: int, nanos: int) -> None:
        raise NotImplementedError

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is a value: '{name}' cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is a value: '{name}' cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.seconds == other.seconds and self.nanos == other.nanos

    def __lt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) < (other.seconds, other.nanos)

    # Written out: for type checkers `total_ordering` compares with the base class only.
    def __le__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) <= (other.seconds, other.nanos)

    def __gt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) > (other.seconds, other.nanos)

    def __ge__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) >= (other.seconds, other.nanos)

    def __hash__(self) -> int:
        return hash((type(self), self.seconds, self.nanos))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seconds={self.seconds}, nanos={self.nanos})"

    def __reduce__(self) -> tuple[type[Self], tuple[int, int]]:
        return type(self), (self.seconds, self.nanos)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return cls.codec.core_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return cls.codec.__get_pydantic_json_schema__(schema, handler)


_RFC3339: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])"
    r"(?:\.([0-9]{1,9}))?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))",
    re.ASCII,
)


class Timestamp(_Span):
    """A point in time, from year 1 to year 9999, to the nanosecond; ordered, hashable, never changes.

    >>> Timestamp.parse("2024-02-29T12:00:00.5+02:00")
    Timestamp(seconds=1709200800, nanos=500000000)
    >>> str(Timestamp(0, 1000))
    '1970-01-01T00:00:00.000001Z'
    """

    __slots__ = ()

    @classmethod
    def _check(cls, seconds: int, nanos: int) -> None:
        if not (_FIRST_SECOND <= seconds <= _LAST_SECOND and 0 <= nanos < _BILLION):
            raise ValueError(f"timestamp of {seconds} s and {nanos} ns is not within the years 1 to 9999")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The timestamp that an RFC 3339 text means.

        Raises:
            ValueError: it is not one.
        """
        found = _RFC3339.fullmatch(text)
        if found is None:
            raise ValueError(f"'{text}' is no RFC 3339 timestamp such as 2024-02-29T12:00:00.5Z")
        year, month, day, hour, minute, second, fraction, sign, offset_hour, offset_minute = found.groups()
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_ORDINAL
        seconds = days * _DAY + int(hour) * 3600 + int(minute) * 60 + int(second)
        if sign is not None:
            offset = int(offset_hour) * 3600 + int(offset_minute) * 60
            seconds += offset if sign == "-" else -offset
        return cls(seconds, int(fraction.ljust(9, "0")) if fraction else 0)

    @classmethod
    def from_datetime(cls, moment: datetime) -> Self:
        """The timestamp of `moment`, which has to know its zone.

        Raises:
            ValueError: it has no zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone; give one, such as datetime.now(UTC)")
        since = moment - _EPOCH
        return cls(since.days * _DAY + since.seconds, since.microseconds * 1000)

    @classmethod
    def now(cls) -> Self:
        """The present moment, to the microsecond."""
        return cls.from_datetime(datetime.now(UTC))

    def to_datetime(self) -> datetime:
        """The moment in UTC; nanoseconds below a microsecond are cut off."""
        return _EPOCH + timedelta(seconds=self.seconds, microseconds=self.nanos // 1000)

    def __str__(self) -> str:
        """RFC 3339 in UTC with no, 3, 6 or 9 digits of a fraction: the canonical ProtoJSON form."""
        days, rest = divmod(self.seconds, _DAY)
        day = date.fromordinal(days + _EPOCH_ORDINAL).isoformat()
        return f"{day}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}{_fraction(self.nanos)}Z"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DURATION: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{0,9}))?s", re.ASCII)


class Duration(_Span):
    """A length of time of up to ten thousand years, to the nanosecond; ordered, hashable, never changes.

    Seconds and nanoseconds have the same sign.

    >>> Duration.parse("-1.5s")
    Duration(seconds=-1, nanos=-500000000)
    >>> str(Duration(3, 1_000_000))
    '3.001s'
    """

    __slots__ = ()

    @classmethod
    def _check(cls, seconds: int, nanos: int) -> None:
        if not (-_LONGEST <= seconds <= _LONGEST and -_BILLION < nanos < _BILLION):
            raise ValueError(f"duration of {seconds} s and {nanos} ns is longer than ten thousand years")
        if (seconds < 0 < nanos) or (nanos < 0 < seconds):
            raise ValueError(f"duration of {seconds} s and {nanos} ns has two signs; give both the same")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The duration that a text such as `1.5s` means.

        Raises:
            ValueError: it is not one.
        """
        found = _DURATION.fullmatch(text)
        if found is None:
            raise ValueError(f"'{text}' is no duration such as 1.5s")
        sign, whole, fraction = found.groups()
        seconds, nanos = int(whole), int((fraction or "").ljust(9, "0"))
        if seconds > _LONGEST:
            raise ValueError(f"'{text}' is longer than ten thousand years")
        return cls(-seconds, -nanos) if sign else cls(seconds, nanos)

    @classmethod
    def from_timedelta(cls, length: timedelta) -> Self:
        """The duration of `length`."""
        total = length // timedelta(microseconds=1)
        seconds, micros = divmod(abs(total), 1_000_000)
        return cls(seconds, micros * 1000) if total >= 0 else cls(-seconds, -micros * 1000)

    def to_timedelta(self) -> timedelta:
        """The same length; nanoseconds below a microsecond are cut off."""
        micros = abs(self.nanos) // 1000
        return timedelta(seconds=self.seconds, microseconds=micros if self.nanos >= 0 else -micros)

    def __str__(self) -> str:
        """Seconds with no, 3, 6 or 9 digits of a fraction: the canonical ProtoJSON form."""
        sign = "-" if self.seconds < 0 or self.nanos < 0 else ""
        return f"{sign}{abs(self.seconds)}{_fraction(abs(self.nanos))}s"


def _fraction(nanos: int) -> str:
    if not nanos:
        return ""
    digits = f"{nanos:09}"
    if digits.endswith("000000"):
        return "." + digits[:3]
    return "." + (digits[:6] if digits.endswith("000") else digits)


def _parse_timestamp(value: Any) -> Timestamp:
    if type(value) is str:
        try:
            return Timestamp.parse(value)
        except ValueError:
            raise bad_value("timestamp", "an RFC 3339 timestamp such as 2024-02-29T12:00:00.5Z") from None
    if type(value) is Timestamp:
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise bad_value("timestamp", "a datetime with a time zone")
        return Timestamp.from_datetime(value)
    raise bad_value("timestamp", "an RFC 3339 text, a datetime or a Timestamp")


def _parse_duration(value: Any) -> Duration:
    if type(value) is str:
        try:
            return Duration.parse(value)
        except ValueError:
            raise bad_value("duration", "a duration such as 1.5s, at most 315576000000s either way") from None
    if type(value) is Duration:
        return value
    if isinstance(value, timedelta):
        return Duration.from_timedelta(value)
    raise bad_value("duration", "a text such as 1.5s, a timedelta or a Duration")


Timestamp.codec = Codec(
    _parse_timestamp,
    accepted={"type": "string", "format": "date-time"},
    to_json=str,
)
Duration.codec = Codec(
    _parse_duration,
    accepted={"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{0,9})?s$"},
    canonical={"type": "string", "pattern": r"^-?[0-9]+(\.([0-9]{3}){1,3})?s$"},
    to_json=str,
)

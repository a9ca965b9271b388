"""Converts single values between a column and a field, in both directions.

Each function makes a `Converter` of what a mapping says. Adapters that were written as Python source import them from
here, so names and arguments stay. `forward` takes what a database driver gives and never null; it raises `ValueError`
with the reason when a value has no place in the field. `back` takes canonical ProtoJSON and gives what the driver of a
column of the kind `column` takes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Converter",
    "base64s",
    "date_messages",
    "dates",
    "decimals",
    "durations",
    "enums",
    "json_values",
    "lists",
    "midnights",
    "numbers",
    "scaled",
    "splits",
    "texts",
    "times",
    "timestamps",
    "truths",
    "uuids",
    "wholes",
]

Json: TypeAlias = Any
"""What `json.loads` gives; Any because JSON nests."""

_SECOND: Final = 1_000_000
_UNITS: Final = {"s": _SECOND, "ms": 1_000, "us": 1}
"""Microseconds of each."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE: Final = (1, "1", "t", "T", "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on")
_FALSE: Final = (0, "0", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off")
_WHOLE: Final = re.compile(r"\s*[+-]?\d{1,400}\s*")
_DURATION: Final = re.compile(r"(-?)(\d+)(?:\.(\d{1,9}))?s")


class Converter(NamedTuple):
    """Both directions of one conversion."""

    forward: Callable[[Any], Json]
    back: Callable[[Json], Any]
    is_lossless: bool = True
    """Whether `back(forward(value)) == value` for every value of the column that `forward` takes."""


def texts(column: str = "string", *, trim: bool = False) -> Converter:
    """Text, and everything that has one way to be written as text."""

    def forward(value: Any) -> str:
        text = value if isinstance(value, str) else _written(value)
        return text.strip() if trim else text

    return Converter(forward, _READERS.get(column, _same), not trim)


def uuids(column: str = "string") -> Converter:
    """UUIDs in the canonical spelling, whatever the column keeps: text, a UUID, sixteen bytes."""

    def forward(value: Any) -> str:
        if isinstance(value, bytes | memoryview):
            return str(UUID(bytes=bytes(value)))
        return str(value if isinstance(value, UUID) else UUID(str(value)))

    def back(value: str) -> Any:
        return UUID(value).bytes if column == "bytes" else value

    return Converter(forward, back, column == "bytes")


def wholes(column: str = "int") -> Converter:
    """Whole numbers."""

    def forward(value: Any) -> int:
        if type(value) is int:
            return value
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value)
        if isinstance(value, float | Decimal) and value == int(value):
            return int(value)
        raise ValueError(f"is no whole number: {value!r}")

    return Converter(forward, _from_whole(column), column in {"int", "bool"})


def numbers(column: str = "float") -> Converter:
    """Binary floating point."""

    def forward(value: Any) -> float:
        if isinstance(value, float):
            return value
        if isinstance(value, int | Decimal | str):
            return float(value)
        raise ValueError(f"is no number: {value!r}")

    def back(value: Json) -> Any:
        number = float(value)
        return Decimal(repr(number)) if column == "decimal" else str(number) if column == "string" else number

    return Converter(forward, back, column == "float")


def decimals(column: str = "decimal") -> Converter:
    """Exact numbers as text: `12.50`."""

    def forward(value: Any) -> str:
        return format(_exact(value), "f")

    def back(value: str) -> Any:
        return float(value) if column == "float" else value if column == "string" else Decimal(value)

    return Converter(forward, back, column in {"decimal", "float"})


def scaled(scale: int, column: str = "decimal") -> Converter:
    """Exact numbers as whole ones of a smaller unit: 12.50 with scale 2 is 1250."""

    def forward(value: Any) -> int:
        exact = _exact(value)
        if isinstance(value, float):
            # What a database keeps in binary is meant to have this many digits.
            exact = round(exact, scale)
        whole = exact.scaleb(scale)
        if whole != whole.to_integral_value():
            raise ValueError(f"has more than {scale} digits behind the point: {value!r}")
        return int(whole)

    def back(value: Json) -> Any:
        exact = Decimal(int(value)).scaleb(-scale)
        return float(exact) if column == "float" else str(exact) if column == "string" else exact

    return Converter(forward, back, column == "decimal")


def truths(
    column: str = "bool", true: Sequence[object] = _TRUE, false: Sequence[object] = _FALSE
) -> Converter:  # fmt: skip
    """Yes and no, and the values that stand for them in the column; the first of each is written back."""
    yes, no = frozenset(map(_hashed, true)), frozenset(map(_hashed, false))

    def forward(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        key = _hashed(value)
        if key in yes:
            return True
        if key in no:
            return False
        raise ValueError(f"is neither yes nor no: {value!r}")

    def back(value: bool) -> Any:  # noqa: FBT001 - of a document
        return value if column == "bool" else true[0] if value else false[0]

    return Converter(forward, back, column == "bool" or (len(true) == 1 and len(false) == 1))


def enums(names: Mapping[Any, str], column: str = "string") -> Converter:
    """A choice: values of the column, and the names of the enum that they become."""
    by_value = {_hashed(value): name for value, name in names.items()}
    by_name: dict[str, Any] = {}
    for value, name in names.items():
        by_name.setdefault(name, value)

    def forward(value: Any) -> str:
        name = by_value.get(_hashed(value))
        if name is None:
            raise ValueError(f"is none of {', '.join(map(repr, names))}: {value!r}")
        return name

    def back(value: Json) -> Any:
        if value not in by_name:
            raise ValueError(f"the column has no value for {value!r}")
        found = by_name[value]
        return str(found) if column == "string" else found

    return Converter(forward, back, len(by_name) == len(names))


def timestamps(
    column: str = "timestamp", zone: str = "UTC", pattern: str = "", unit: str = ""
) -> Converter:  # fmt: skip
    """Moments as `google.protobuf.Timestamp`.

    Args:
        column: its kind.
        zone: of moments that name none; a name of the tz database.
        pattern: of texts, as `strptime` has it; empty for ISO 8601.
        unit: of numbers since 1970: `s`, `ms` or `us`.
    """
    local: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)

    def forward(value: Any) -> str:
        moment = value
        if isinstance(value, str):
            moment = datetime.strptime(value, pattern) if pattern else _iso(value)  # noqa: DTZ007 - the zone comes below
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            if not unit:
                raise ValueError(f"is a number; say its unit, s, ms or us: {value!r}")
            return _moment_text(_EPOCH + timedelta(microseconds=int(Decimal(str(value)) * _UNITS[unit])))
        elif type(value) is date:
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as above
        if not isinstance(moment, datetime):
            raise ValueError(f"is no moment: {value!r}")  # noqa: TRY004 - values are told by one error
        return _moment_text(moment.replace(tzinfo=local) if moment.tzinfo is None else moment)

    def back(value: str) -> Any:
        moment = _iso(value)
        if column in {"int", "float", "decimal"}:
            return ((moment - _EPOCH) // timedelta(microseconds=1)) // _UNITS[unit or "s"]
        naive = moment.astimezone(local).replace(tzinfo=None)
        if column == "string":
            return naive.strftime(pattern) if pattern else naive.isoformat(sep=" ")
        return naive.date() if column == "date" else naive

    return Converter(forward, back, column == "timestamp" and zone == "UTC")


def midnights(column: str = "date", zone: str = "UTC") -> Converter:
    """Days as the moment at which they begin."""
    return timestamps(column, zone)._replace(is_lossless=column == "date")


def dates(column: str = "date", pattern: str = "") -> Converter:
    """Days as ISO text: `2026-01-31`."""

    def forward(value: Any) -> str:
        return _day(value, pattern).isoformat()

    def back(value: str) -> Any:
        return _day_back(date.fromisoformat(value), column, pattern)

    return Converter(forward, back, column == "date")


def date_messages(column: str = "date", pattern: str = "") -> Converter:
    """Days as a message with the fields year, month and day, such as `google.type.Date`."""

    def forward(value: Any) -> dict[str, int]:
        day = _day(value, pattern)
        return {"year": day.year, "month": day.month, "day": day.day}

    def back(value: Mapping[str, int]) -> Any:
        return _day_back(date(value["year"], value["month"], value["day"]), column, pattern)

    return Converter(forward, back, column == "date")


def times(column: str = "time") -> Converter:
    """Times of day as ISO text: `12:30:00`."""

    def forward(value: Any) -> str:
        if isinstance(value, timedelta):
            # As drivers of MySQL give them.
            value = (_EPOCH + value).time()
        return (value if isinstance(value, time) else time.fromisoformat(str(value))).isoformat()

    def back(value: str) -> Any:
        return value if column == "string" else time.fromisoformat(value)

    return Converter(forward, back, column == "time")


def durations(column: str = "duration", unit: str = "s") -> Converter:
    """Spans as `google.protobuf.Duration`; numbers are in `unit`: `s`, `ms` or `us`."""

    def forward(value: Any) -> str:
        if isinstance(value, timedelta):
            micros = value // timedelta(microseconds=1)
        elif isinstance(value, int | float | Decimal):
            micros = int(Decimal(str(value)) * _UNITS[unit])
        else:
            raise ValueError(f"is no span of time: {value!r}")  # noqa: TRY004 - as above
        sign = "-" if micros < 0 else ""
        seconds, rest = divmod(abs(micros), _SECOND)
        return f"{sign}{seconds}.{rest:06d}s" if rest else f"{sign}{seconds}s"

    def back(value: str) -> Any:
        parts = _DURATION.fullmatch(value)
        if parts is None:
            raise ValueError(f"is no duration: {value!r}")
        micros = int(parts[2]) * _SECOND + int(f"{parts[3] or '':0<6}"[:6])
        span = timedelta(microseconds=-micros if parts[1] else micros)
        return span if column == "duration" else (span // timedelta(microseconds=1)) // _UNITS[unit]

    return Converter(forward, back, column == "duration")


def base64s(column: str = "bytes", encoding: str = "base64") -> Converter:
    """Bytes; a column of text has them as `base64` or `hex`."""

    def forward(value: Any) -> str:
        if isinstance(value, str):
            try:
                raw = bytes.fromhex(value) if encoding == "hex" else base64.b64decode(value, validate=True)
            except (ValueError, binascii.Error):
                raise ValueError(f"is no {encoding}: {value!r:.40}") from None
        else:
            raw = bytes(value)
        return base64.b64encode(raw).decode()

    def back(value: str) -> Any:
        raw = base64.b64decode(value)
        return raw if column == "bytes" else raw.hex() if encoding == "hex" else value

    return Converter(forward, back, column == "bytes")


def json_values(column: str = "object") -> Converter:
    """Documents: what drivers read of a JSON column, or its text."""

    def forward(value: Any) -> Json:
        if not isinstance(value, str | bytes):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError(f"is no JSON: {value!r:.60}") from None

    def back(value: Json) -> Any:
        if column == "string":
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return value

    return Converter(forward, back, column != "string")


def splits(item: Converter, separator: str = ",") -> Converter:
    """Lists that a column keeps as text with a separator; an empty text is an empty list."""

    def forward(value: Any) -> list[Json]:
        return [item.forward(part.strip()) for part in str(value).split(separator)] if value else []

    def back(value: Sequence[Json]) -> str:
        return separator.join(str(item.back(one)) for one in value)

    return Converter(forward, back, is_lossless=False)


def lists(item: Converter) -> Converter:
    """Lists of a column that has lists, or JSON text of one."""

    def forward(value: Any) -> list[Json]:
        found = json.loads(value) if isinstance(value, str) else value
        if not isinstance(found, list | tuple):
            raise ValueError(f"is no list: {value!r:.60}")  # noqa: TRY004 - as above
        if None in found:
            raise ValueError("has null among its items, which a repeated field cannot hold")
        return [item.forward(one) for one in found]

    def back(value: Sequence[Json]) -> list[Any]:
        return [item.back(one) for one in value]

    return Converter(forward, back, item.is_lossless)


def _written(value: Any) -> str:
    """The text of a value that has one."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float | UUID):
        return str(value)
    raise ValueError(f"has no text: {value!r:.60}")


def _exact(value: Any) -> Decimal:
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"is no number: {value!r}") from None
    if not exact.is_finite():
        raise ValueError(f"is no number: {value!r}")
    return exact


def _hashed(value: object) -> object:
    """A key that tells 1 from "1", and takes true for neither."""
    return (type(value) is bool, value) if isinstance(value, bool) else value


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is no moment of ISO 8601: {text!r:.60}") from None


def _moment_text(moment: datetime) -> str:
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='microseconds' if utc.microsecond else 'seconds')}Z"


def _day(value: Any, pattern: str) -> date:
    if isinstance(value, datetime):
        if value.time() != time.min:
            raise ValueError(f"has a time beside its day: {value!r}")
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value)
    if pattern:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
    return _day(_iso(text), "")


def _day_back(day: date, column: str, pattern: str) -> Any:
    if column == "timestamp":
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - as the column has it
    if column == "string":
        return day.strftime(pattern) if pattern else day.isoformat()
    return day


def _same(value: Any) -> Any:
    return value


def _from_whole(column: str) -> Callable[[Json], Any]:
    wanted: dict[str, Callable[[Any], Any]] = {"decimal": Decimal, "string": str, "float": float, "bool": bool}
    make = wanted.get(column, int)
    return lambda value: make(int(value))


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "int": int,
    "float": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
"""How a column takes back what was written as text."""

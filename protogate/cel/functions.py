"""Every function and operator of CEL, of its string extension and of protovalidate, as a table of overloads."""

from __future__ import annotations

import re
from typing import NamedTuple

from protogate.cel.types import Type

__all__ = ["FALLIBLE", "FUNCTIONS", "Overload", "overloads", "spelling"]


class Overload(NamedTuple):
    """One signature; translators go by `id`."""

    id: str
    params: tuple[Type, ...]
    result: Type
    member: bool
    """Called as `a.f(b)`; `a` is the first of `params`."""


# id: name(params) -> result, with `!` where a call can fail at run time. A leading dot makes it a member function.
_TABLE = """
add_int: +(int, int) -> int !
add_uint: +(uint, uint) -> uint !
add_double: +(double, double) -> double
add_string: +(string, string) -> string
add_bytes: +(bytes, bytes) -> bytes
add_list: +(list(A), list(A)) -> list(A)
add_timestamp_duration: +(timestamp, duration) -> timestamp !
add_duration_timestamp: +(duration, timestamp) -> timestamp !
add_duration: +(duration, duration) -> duration !
subtract_int: -(int, int) -> int !
subtract_uint: -(uint, uint) -> uint !
subtract_double: -(double, double) -> double
subtract_timestamp: -(timestamp, timestamp) -> duration !
subtract_timestamp_duration: -(timestamp, duration) -> timestamp !
subtract_duration: -(duration, duration) -> duration !
multiply_int: *(int, int) -> int !
multiply_uint: *(uint, uint) -> uint !
multiply_double: *(double, double) -> double
divide_int: /(int, int) -> int !
divide_uint: /(uint, uint) -> uint !
divide_double: /(double, double) -> double
modulo_int: %(int, int) -> int !
modulo_uint: %(uint, uint) -> uint !
negate_int: -(int) -> int !
negate_double: -(double) -> double
not: !(bool) -> bool
index_list: [](list(A), int) -> A !
index_map: [](map(A, B), A) -> B !
in_map: in(A, map(A, B)) -> bool

size_string: size(string) -> int
size_bytes: size(bytes) -> int
size_list: size(list(A)) -> int
size_map: size(map(A, B)) -> int
size_string: .size(string) -> int
size_bytes: .size(bytes) -> int
size_list: .size(list(A)) -> int
size_map: .size(map(A, B)) -> int

contains_string: .contains(string, string) -> bool
contains_bytes: .contains(bytes, bytes) -> bool
starts_with_string: .startsWith(string, string) -> bool
starts_with_bytes: .startsWith(bytes, bytes) -> bool
ends_with_string: .endsWith(string, string) -> bool
ends_with_bytes: .endsWith(bytes, bytes) -> bool
matches: .matches(string, string) -> bool
matches: matches(string, string) -> bool

char_at: .charAt(string, int) -> string !
index_of: .indexOf(string, string) -> int
index_of_from: .indexOf(string, string, int) -> int !
last_index_of: .lastIndexOf(string, string) -> int
last_index_of_from: .lastIndexOf(string, string, int) -> int !
join: .join(list(string)) -> string
join_with: .join(list(string), string) -> string
lower_ascii: .lowerAscii(string) -> string
upper_ascii: .upperAscii(string) -> string
replace: .replace(string, string, string) -> string
replace_count: .replace(string, string, string, int) -> string
split: .split(string, string) -> list(string)
split_count: .split(string, string, int) -> list(string)
substring: .substring(string, int) -> string !
substring_to: .substring(string, int, int) -> string !
trim: .trim(string) -> string
reverse: .reverse(string) -> string
format: .format(string, list(dyn)) -> string !

identity: bool(bool) -> bool
bool_of_string: bool(string) -> bool !
identity: int(int) -> int
int_of_uint: int(uint) -> int !
int_of_double: int(double) -> int !
int_of_string: int(string) -> int !
int_of_timestamp: int(timestamp) -> int
identity: uint(uint) -> uint
uint_of_int: uint(int) -> uint !
uint_of_double: uint(double) -> uint !
uint_of_string: uint(string) -> uint !
identity: double(double) -> double
double_of_int: double(int) -> double
double_of_uint: double(uint) -> double
double_of_string: double(string) -> double !
identity: string(string) -> string
string_of_bool: string(bool) -> string
string_of_int: string(int) -> string
string_of_uint: string(uint) -> string
string_of_double: string(double) -> string
string_of_bytes: string(bytes) -> string !
string_of_timestamp: string(timestamp) -> string
string_of_duration: string(duration) -> string
identity: bytes(bytes) -> bytes
bytes_of_string: bytes(string) -> bytes
identity: duration(duration) -> duration
duration_of_string: duration(string) -> duration !
identity: timestamp(timestamp) -> timestamp
timestamp_of_string: timestamp(string) -> timestamp !
timestamp_of_int: timestamp(int) -> timestamp !
identity: dyn(A) -> A

get_full_year: .getFullYear(timestamp) -> int
get_full_year: .getFullYear(timestamp, string) -> int !
get_month: .getMonth(timestamp) -> int
get_month: .getMonth(timestamp, string) -> int !
get_day_of_year: .getDayOfYear(timestamp) -> int
get_day_of_year: .getDayOfYear(timestamp, string) -> int !
get_day_of_month: .getDayOfMonth(timestamp) -> int
get_day_of_month: .getDayOfMonth(timestamp, string) -> int !
get_date: .getDate(timestamp) -> int
get_date: .getDate(timestamp, string) -> int !
get_day_of_week: .getDayOfWeek(timestamp) -> int
get_day_of_week: .getDayOfWeek(timestamp, string) -> int !
get_hours: .getHours(timestamp) -> int
get_hours: .getHours(timestamp, string) -> int !
get_minutes: .getMinutes(timestamp) -> int
get_minutes: .getMinutes(timestamp, string) -> int !
get_seconds: .getSeconds(timestamp) -> int
get_seconds: .getSeconds(timestamp, string) -> int !
get_milliseconds: .getMilliseconds(timestamp) -> int
get_milliseconds: .getMilliseconds(timestamp, string) -> int !
duration_hours: .getHours(duration) -> int
duration_minutes: .getMinutes(duration) -> int
duration_seconds: .getSeconds(duration) -> int
duration_milliseconds: .getMilliseconds(duration) -> int

is_nan: .isNan(double) -> bool
is_inf: .isInf(double) -> bool
is_inf: .isInf(double, int) -> bool
unique: .unique(list(A)) -> bool
is_email: .isEmail(string) -> bool
is_hostname: .isHostname(string) -> bool
is_host_and_port: .isHostAndPort(string, bool) -> bool
is_ip: .isIp(string) -> bool
is_ip: .isIp(string, int) -> bool
is_ip_prefix: .isIpPrefix(string) -> bool
is_ip_prefix: .isIpPrefix(string, int) -> bool
is_ip_prefix_strict: .isIpPrefix(string, bool) -> bool
is_ip_prefix: .isIpPrefix(string, int, bool) -> bool
is_uri: .isUri(string) -> bool
is_uri_ref: .isUriRef(string) -> bool
"""

_LINE = re.compile(
    r"(?P<id>\w+): (?P<dot>\.?)(?P<name>\w+|\[\]|[^\s\w])\((?P<params>.*)\) -> (?P<result>\S.*?)(?P<fallible> !)?"
)

_TYPE = re.compile(r"(\w+)(?:\((.*)\))?")


def _type(text: str) -> Type:
    found = _TYPE.fullmatch(text)
    assert found is not None, text  # noqa: S101 - the table above is ours
    name, params = found.groups()
    if params is not None:
        return Type(name, tuple(_type(part) for part in params.split(", ")))
    return Type("param", (), name) if name.isupper() else Type(name)


_PARAM = re.compile(r"\w+(?:\([^)]*\))?")


def _read_table() -> tuple[dict[str, tuple[Overload, ...]], frozenset[str]]:
    functions: dict[str, tuple[Overload, ...]] = {}
    fallible = set()
    for line in _TABLE.split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        params = tuple(_type(text) for text in _PARAM.findall(found["params"]))
        overload = Overload(found["id"], params, _type(found["result"]), bool(found["dot"]))
        functions[found["name"]] = (*functions.get(found["name"], ()), overload)
        if found["fallible"]:
            fallible.add(f"{overload.id}/{len(params)}")
    return functions, frozenset(fallible)


FUNCTIONS, FALLIBLE = _read_table()
"""Overloads by name; and `id/arity` of those that can fail at run time."""


def overloads(name: str, arity: int, *, member: bool) -> tuple[Overload, ...]:
    """The overloads of `name` that take `arity` arguments, the target of a member call included."""
    return tuple(
        overload for overload in FUNCTIONS.get(name, ()) if overload.member == member and len(overload.params) == arity
    )


def spelling(overload_id: str) -> str:
    """How users know an overload: `isIp()` for `is_ip`."""
    for name, found in FUNCTIONS.items():
        if any(overload.id == overload_id for overload in found):
            return f"{name}()" if name.isidentifier() else name
    return overload_id

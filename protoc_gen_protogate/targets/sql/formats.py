"""The string formats of buf.validate as conditions.

Regular expressions are written in what PostgreSQL's and MySQL's engines share: ASCII classes, bounds up to 255, groups
and lookahead. They are matched against the whole text. SQLite has no regular expressions: there, the formats that can
be said with GLOB and string functions are.

Sources: the rules in buf/validate/validate.proto; RFC 3986 for URIs; RFC 4291 for IPv6 addresses; the e-mail address
of the HTML standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from protoc_gen_protogate.targets.sql.dialects import Dialect

__all__ = ["Terms", "format_condition", "header_condition"]

Terms = tuple[str, ...]
"""Conditions that must hold together."""

_HEX: Final = "[0-9A-Fa-f]"
_ALNUM: Final = "[A-Za-z0-9]"
_ANY: Final = "(?:[^!]|!)"
"""Every character: `.` leaves out line ends in some engines."""
_LABEL: Final = f"{_ALNUM}(?:[A-Za-z0-9-]{{0,61}}{_ALNUM})?"
_EMAIL: Final = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*"
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16: Final = f"{_HEX}{{1,4}}"
_LS32: Final = f"(?:{_H16}:{_H16}|{_IPV4})"
_IPV6: Final = (
    "(?:"
    + "|".join(
        [
            f"(?:{_H16}:){{6}}{_LS32}",
            f"::(?:{_H16}:){{5}}{_LS32}",
            f"(?:{_H16})?::(?:{_H16}:){{4}}{_LS32}",
            f"(?:(?:{_H16}:){{0,1}}{_H16})?::(?:{_H16}:){{3}}{_LS32}",
            f"(?:(?:{_H16}:){{0,2}}{_H16})?::(?:{_H16}:){{2}}{_LS32}",
            f"(?:(?:{_H16}:){{0,3}}{_H16})?::{_H16}:{_LS32}",
            f"(?:(?:{_H16}:){{0,4}}{_H16})?::{_LS32}",
            f"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
            f"(?:(?:{_H16}:){{0,6}}{_H16})?::",
        ]
    )
    + ")"
)
_IPV6_ZONED: Final = f"{_IPV6}(?:%{_ANY}+)?"
_UP_TO_32: Final = "(?:3[0-2]|[12]?[0-9])"
_UP_TO_128: Final = "(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])"
_IPV4_PREFIX: Final = f"{_IPV4}/{_UP_TO_32}"
_IPV6_PREFIX: Final = f"{_IPV6}/{_UP_TO_128}"
_PORT: Final = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}|0)"
_HOSTNAME: Final = rf"(?:{_LABEL}\.)*(?![0-9]+\.?$){_LABEL}\.?"
_HOST_BEFORE_PORT: Final = rf"(?=[^:]{{1,253}}:)(?:{_LABEL}\.)*(?![0-9]+\.?:){_LABEL}\.?"
_HOST_AND_PORT: Final = rf"(?:\[{_IPV6_ZONED}\]|{_IPV4}|{_HOST_BEFORE_PORT}):{_PORT}"
_FQN: Final = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_UUID: Final = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_ULID: Final = "[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}"

_UNRESERVED: Final = "A-Za-z0-9._~"
_SUB_DELIMS: Final = "!$&'()*+,;="
_PCT: Final = f"%{_HEX}{{2}}"
_TAIL: Final = f"%[89ABab]{_HEX}"
_PCT_UTF8: Final = (
    f"(?:%[0-7]{_HEX}|%(?:[Cc][2-9A-Fa-f]|[Dd]{_HEX}){_TAIL}"
    f"|%(?:[Ee]0%[ABab]{_HEX}|[Ee][1-9A-CE-Fa-ce-f]{_TAIL}|[Ee][Dd]%[89]{_HEX}){_TAIL}"
    f"|%(?:[Ff]0%[9ABab]{_HEX}|[Ff][1-3]{_TAIL}|[Ff]4%8{_HEX}){_TAIL}{_TAIL})"
)
"""Percent-encoded bytes that are UTF-8, which host names must be."""
_PCHAR: Final = f"(?:[{_UNRESERVED}{_SUB_DELIMS}:@-]|{_PCT})"
_SEGMENTS: Final = f"(?:/{_PCHAR}*)*"
_USER: Final = f"(?:(?:[{_UNRESERVED}{_SUB_DELIMS}:-]|{_PCT})*@)?"
_IP_LITERAL: Final = (
    rf"\[(?:{_IPV6}(?:%25(?:[{_UNRESERVED}-]|{_PCT_UTF8})+)?|[Vv]{_HEX}+\.[{_UNRESERVED}{_SUB_DELIMS}:-]+)\]"
)
_REG_NAME: Final = f"(?:[{_UNRESERVED}{_SUB_DELIMS}-]|{_PCT_UTF8})*"
_AUTHORITY: Final = f"//{_USER}(?:{_IP_LITERAL}|{_REG_NAME})(?::[0-9]*)?"
_QUERY_FRAGMENT: Final = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_ABSOLUTE: Final = f"/(?:{_PCHAR}+{_SEGMENTS})?"
_ROOTLESS: Final = f"{_PCHAR}+{_SEGMENTS}"
_NO_SCHEME: Final = f"(?:[{_UNRESERVED}{_SUB_DELIMS}@-]|{_PCT})+{_SEGMENTS}"
_URI: Final = rf"[A-Za-z][A-Za-z0-9+.-]*:(?:{_AUTHORITY}{_SEGMENTS}|{_ABSOLUTE}|{_ROOTLESS}|){_QUERY_FRAGMENT}"
_RELATIVE: Final = f"(?:{_AUTHORITY}{_SEGMENTS}|{_ABSOLUTE}|{_NO_SCHEME}|){_QUERY_FRAGMENT}"

_PATTERNS: Final = {
    "email": _EMAIL,
    "hostname": _HOSTNAME,
    "ip": f"(?:{_IPV4}|{_IPV6_ZONED})",
    "ipv4": _IPV4,
    "ipv6": _IPV6_ZONED,
    "uri": _URI,
    "uri_ref": f"(?:{_URI}|{_RELATIVE})",
    "address": f"(?:{_HOSTNAME}|{_IPV4}|{_IPV6_ZONED})",
    "uuid": _UUID,
    "tuuid": f"{_HEX}{{32}}",
    "ip_with_prefixlen": f"(?:{_IPV4_PREFIX}|{_IPV6_PREFIX})",
    "ipv4_with_prefixlen": _IPV4_PREFIX,
    "ipv6_with_prefixlen": _IPV6_PREFIX,
    "host_and_port": _HOST_AND_PORT,
    "ulid": _ULID,
    "protobuf_fqn": _FQN,
    "protobuf_dot_fqn": rf"\.{_FQN}",
}

_PREFIX_FORMATS: Final = {
    "ip_prefix": "ip_with_prefixlen",
    "ipv4_prefix": "ipv4_with_prefixlen",
    "ipv6_prefix": "ipv6_with_prefixlen",
}

_LONGEST_HOSTNAME: Final = 253


def format_condition(name: str, x: str, dialect: Dialect) -> Terms | None:
    """The terms that hold when the text `x` has the format; None when the dialect cannot say it."""
    if dialect.name == "sqlite":
        writer = _SQLITE.get(name)
        return None if writer is None else writer(x)
    if name in _PREFIX_FORMATS:
        return _prefix_condition(_PREFIX_FORMATS[name], x, dialect)
    condition = dialect.matches(x, _PATTERNS[name])
    if name == "hostname":
        return condition, f"{dialect.length(x)} <= {_LONGEST_HOSTNAME}"
    if name == "address":
        # Only an IPv6 address, which has colons, may be longer: its zone is free text.
        has_colon = f"{dialect.position(x, dialect.text(':'))} > 0"
        return condition, f"({dialect.length(x)} <= {_LONGEST_HOSTNAME} OR {has_colon})"
    return (condition,)


def _prefix_condition(name: str, x: str, dialect: Dialect) -> Terms | None:
    if dialect.name != "postgresql":
        return None
    # CASE keeps the cast away from what is no address; AND gives no such promise.
    is_address = dialect.matches(x, _PATTERNS[name])
    return (f"CASE WHEN NOT {is_address} THEN FALSE ELSE network({x}::inet) = {x}::inet END",)


def header_condition(x: str, dialect: Dialect, *, name: bool, strict: bool) -> Terms:
    """The terms that hold when `x` may be the name, or the value, of an HTTP header."""
    if dialect.name == "sqlite":
        return _sqlite_header(x, name=name, strict=strict)
    # U+0000 is in no pattern: PostgreSQL holds none, and MySQL's engine takes \x00 as any other character.
    low = r"\x01-\x08" if dialect.name == "postgresql" else r"\x00-\x08"
    if name:
        pattern = ":?[0-9a-zA-Z!#$%&'*+,.^_|~`-]+" if strict else _without_line_ends(dialect) + "+"
    else:
        pattern = rf"[^{low}\x0a-\x1f\x7f]*" if strict else _without_line_ends(dialect) + "*"
    return (dialect.matches(x, pattern),)


def _without_line_ends(dialect: Dialect) -> str:
    return r"[^\x0a\x0d]" if dialect.name == "postgresql" else r"[^\x00\x0a\x0d]"


def _sqlite_header(x: str, *, name: bool, strict: bool) -> Terms:
    no_nul = f"instr({x}, char(0)) = 0"
    if strict and name:
        rest = f"substr({x}, 1 + ({x} GLOB ':*'))"
        return f"{rest} <> ''", f"{rest} NOT GLOB '*[^0-9a-zA-Z!#$%&''*+,.^_|~`-]*'", no_nul
    if strict:
        controls = "char(1) || '-' || char(8) || char(10) || '-' || char(31) || char(127)"
        return f"{x} NOT GLOB '*[' || {controls} || ']*'", no_nul
    one_line = (f"instr({x}, char(10)) = 0", f"instr({x}, char(13)) = 0", no_nul)
    return (f"{x} <> ''", *one_line) if name else one_line


def _sqlite_labels(domain: str) -> Terms:
    """The terms that hold when all labels of a domain are well-formed: a dot at both ends makes the edges plain."""
    dotted = f"'.' || {domain} || '.'"
    long_label = "[^.]" * 64
    return (
        f"{domain} NOT GLOB '*[^A-Za-z0-9.-]*'",
        f"{dotted} NOT GLOB '*..*'",
        f"{dotted} NOT GLOB '*.-*'",
        f"{dotted} NOT GLOB '*-.*'",
        f"{domain} NOT GLOB '*{long_label}*'",
    )


def _sqlite_email(x: str) -> Terms:
    at = f"instr({x}, '@')"
    return (
        f"{at} > 1",
        f"substr({x}, 1, {at} - 1) NOT GLOB '*[^A-Za-z0-9.!#$%&''*+/=?^_`{{|}}~-]*'",
        *_sqlite_labels(f"substr({x}, {at} + 1)"),
    )


def _sqlite_hostname(x: str) -> Terms:
    bare = f"substr({x}, 1, length({x}) - ({x} GLOB '*.'))"
    # What is left when the digits are trimmed from the end: nothing, or a dot, when the last label is a number.
    rest = f"rtrim({bare}, '0123456789')"
    return (
        f"length({x}) <= {_LONGEST_HOSTNAME}",
        *_sqlite_labels(bare),
        f"{rest} <> ''",
        f"{rest} NOT GLOB '*.'",
    )


def _sqlite_ipv4(x: str) -> Terms:
    # As a JSON list of four numbers: JSON knows no leading zeros either.
    numbers = f"'[' || replace({x}, '.', ',') || ']'"
    parts = " AND ".join(f"json_extract({numbers}, '$[{i}]') <= 255" for i in range(4))
    is_list = f"json_array_length({numbers}) = 4 AND {parts}"
    return f"{x} NOT GLOB '*[^0-9.]*'", f"CASE WHEN json_valid({numbers}) THEN {is_list} ELSE {x} IS NULL END"


def _sqlite_fqn(x: str) -> Terms:
    dotted = f"'.' || {x} || '.'"
    return f"{x} NOT GLOB '*[^A-Za-z0-9_.]*'", f"{dotted} NOT GLOB '*..*'", f"{dotted} NOT GLOB '*.[0-9]*'"


_SQLITE_UUID: Final = "-".join(_HEX * count for count in (8, 4, 4, 4, 12))
_SQLITE_ULID: Final = "[0-7]" + "[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]" * 25

_SQLITE: Final[dict[str, Callable[[str], Terms]]] = {
    "uuid": lambda x: (f"{x} GLOB '{_SQLITE_UUID}'",),
    "tuuid": lambda x: (f"{x} GLOB '{_HEX * 32}'",),
    "ulid": lambda x: (f"{x} GLOB '{_SQLITE_ULID}'",),
    "email": _sqlite_email,
    "hostname": _sqlite_hostname,
    "ipv4": _sqlite_ipv4,
    "protobuf_fqn": _sqlite_fqn,
    "protobuf_dot_fqn": lambda x: (f"substr({x}, 1, 1) = '.'", *_sqlite_fqn(f"substr({x}, 2)")),
}

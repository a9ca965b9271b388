"""The string formats of `buf.validate` as patterns.

What takes a lookahead elsewhere is a pattern of its own here, which must not match: JSON Schema has `not`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["FORMATS", "HEADERS", "Format"]


class Format(NamedTuple):
    """How a format is told in patterns."""

    alternatives: tuple[tuple[str, str], ...]
    """A pattern that must match and one that must not (empty for none); one alternative suffices."""
    gap: str = ""
    """What the patterns leave out; empty when they are exact."""


_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME: Final = f"{_LABEL}(?:\\.{_LABEL})*\\.?"
_NO_HOSTNAME: Final = "(?:^|\\.)[0-9]+\\.?$|^.{254}"
"""A last label of digits alone, or more than 253 characters."""

_OCTET: Final = "(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4: Final = f"{_OCTET}(?:\\.{_OCTET}){{3}}"
_HEXTET: Final = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """All of RFC 4291: eight groups, or fewer with `::` once, the last two perhaps as an IPv4 address."""
    last = f"(?:{_HEXTET}:{_HEXTET}|{_IPV4})"
    forms = [f"(?:{_HEXTET}:){{6}}{last}"]
    for before in range(8):
        head = _groups(before)
        after = 7 - before
        tails = [f"{_HEXTET}(?::{_HEXTET}){{0,{after - 1}}}"] if after else []
        tails += [f"(?:{_HEXTET}:){{0,{after - 2}}}{_IPV4}"] if after >= len("ab") else []
        tail = f"(?:{'|'.join(tails)})?" if tails else ""
        forms.append(f"{head}::{tail}")
    return f"(?:{'|'.join(forms)})"


def _groups(count: int) -> str:
    if not count:
        return ""
    return f"{_HEXTET}(?::{_HEXTET}){{{count - 1}}}"


_IPV6: Final = _ipv6()
_IPV6_ZONE: Final = f"{_IPV6}(?:%[^\\u0000]+)?"
_LENGTH_4: Final = "(?:[0-9]|[12][0-9]|3[0-2])"
_LENGTH_6: Final = "(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])"
_PORT: Final = "(?:0|[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_HOST_BITS: Final = "a pattern cannot tell whether the bits after the prefix are zero"

_PCHAR: Final = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_SEGMENT_NO_COLON: Final = "(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+"
_ZONE_ID: Final = "(?:%25(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)?"
_HOST: Final = (
    f"(?:\\[(?:{_IPV6}{_ZONE_ID}|[vV][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\\]|"
    "(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
)
_AUTHORITY: Final = f"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{{2}})*@)?{_HOST}(?::[0-9]*)?"
_HIERARCHY: Final = f"//{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
_TAIL: Final = f"(?:\\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_URI: Final = f"[A-Za-z][A-Za-z0-9+.-]*:(?:{_HIERARCHY}|{_PCHAR}+(?:/{_PCHAR}*)*)?{_TAIL}"
_RELATIVE: Final = f"(?:{_HIERARCHY}|{_SEGMENT_NO_COLON}(?:/{_PCHAR}*)*)?{_TAIL}"
_ESCAPED_HOST: Final = "a pattern cannot tell whether percent-encoded bytes of a host are UTF-8"

_PROTO_NAME: Final = "[A-Za-z_][A-Za-z_0-9]*(?:\\.[A-Za-z_][A-Za-z_0-9]*)*"

_TEXTS: Final = {
    "email": f"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\\.{_LABEL})*",
    "ip": f"(?:{_IPV4}|{_IPV6_ZONE})",
    "ipv4": _IPV4,
    "ipv6": _IPV6_ZONE,
    "uuid": "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "tuuid": "[0-9a-fA-F]{32}",
    "ip_with_prefixlen": f"(?:{_IPV4}/{_LENGTH_4}|{_IPV6}/{_LENGTH_6})",
    "ipv4_with_prefixlen": f"{_IPV4}/{_LENGTH_4}",
    "ipv6_with_prefixlen": f"{_IPV6}/{_LENGTH_6}",
    "ulid": "[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}",
    "protobuf_fqn": _PROTO_NAME,
    "protobuf_dot_fqn": f"\\.{_PROTO_NAME}",
}

_HOST_AND_PORT: Final = (
    (f"^(?:\\[{_IPV6_ZONE}\\]|{_IPV4}):{_PORT}$", ""),
    (f"^{_HOSTNAME}:{_PORT}$", "(?:^|\\.)[0-9]+\\.?:[0-9]+$|^.{254,}:"),
)

FORMATS: Final = {
    **{name: Format(((f"^{text}$", ""),)) for name, text in _TEXTS.items()},
    "hostname": Format(((f"^{_HOSTNAME}$", _NO_HOSTNAME),)),
    "address": Format(((f"^(?:{_IPV4}|{_IPV6_ZONE})$", ""), (f"^{_HOSTNAME}$", _NO_HOSTNAME))),
    "host_and_port": Format(_HOST_AND_PORT),
    "uri": Format(((f"^{_URI}$", ""),), gap=_ESCAPED_HOST),
    "uri_ref": Format(((f"^(?:{_URI}|{_RELATIVE})$", ""),), gap=_ESCAPED_HOST),
    "ip_prefix": Format(((f"^{_TEXTS['ip_with_prefixlen']}$", ""),), gap=_HOST_BITS),
    "ipv4_prefix": Format(((f"^{_TEXTS['ipv4_with_prefixlen']}$", ""),), gap=_HOST_BITS),
    "ipv6_prefix": Format(((f"^{_TEXTS['ipv6_with_prefixlen']}$", ""),), gap=_HOST_BITS),
}
"""By the name of the rule in `StringRules.well_known`."""

HEADERS: Final = {
    (1, True): Format((("^:?[0-9a-zA-Z!#$%&'*+,.^_|~`-]+$", ""),)),
    (1, False): Format((("^[^\\u0000\\n\\r]+$", ""),)),
    (2, True): Format((("^[^\\u0000-\\u0008\\n-\\u001f\\u007f]*$", ""),)),
    (2, False): Format((("^[^\\u0000\\n\\r]*$", ""),)),
}
"""By `KnownRegex` (header name, header value) and `strict`."""

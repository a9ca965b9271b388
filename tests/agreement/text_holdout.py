# ruff: noqa: E501, RUF001 - columns of values, look-alikes among them
"""Strings for rules on text, for the final score only: see `pool_holdout`."""

from __future__ import annotations

__all__ = ["TEXTS"]

_ADDRESSES = (
    "10.0.0.255", "192.168.1.1", "8.8.8.8", "300.8.8.8", "8.8.8", "8.8.8.8.8", "008.8.8.8", "8,8,8,8", "8.8.8.8\n", "0x8.8.8.8",
    "٨.8.8.8", "::2", "a::b", "2a00:1450:400f:80d::200e", "A:B:C:D:E:F:0:1", "0:0:0:0:0:0:0:0", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
    "::1:2:3:4:5:6:7:8", "64:ff9b::192.0.2.33", "1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:7:192.0.2.33", "::192.0.2.333", "::2%lo",
    "::2%%", "02001::1", "1:2", ":1:2:3:4:5:6:7", "10.0.0.0/8", "10.1.0.0/8", "10.0.0.1/32", "10.0.0.0/08", "10.0.0.0/99",
    "10.0.0.0/+8", "10.0.0.0 /8", "10.0.0.0/8 ", "2a00::/16", "2a00:1::/16", "2a00::/0016", "2a00::/200", "::2%lo/64", "/8",
)  # fmt: skip
_HOSTS = (
    "protogate", "docs.protogate.test", "docs.protogate.test.", "p", "p.q.r.s.t", "x--y.z", "-start.test", "end-.test", "two..dots",
    ".lead", "under_score.test", "UPPER.TEST", "xn--80ak6aa92e.test", "domena.śląsk", "007", "1a.2b", "a.b.3c", "ends.with.42",
    "tab\there.test", "protogate.test:443", "protogate.test:1", "protogate.test:65537", "protogate.test:00443", "protogate.test:a",
    "443", ":443", "10.0.0.1:443", "[2a00::1]:443", "2a00::1:443", "[2a00::1]443", "[10.0.0.1]:443", "[]:443", "p" * 63, "p" * 64,
    ".".join(["p" * 50] * 6), "protogate.test:-1", "protogate.test:4_4", "protogate.test:999999", "[::2%lo]:443",
)  # fmt: skip
_EMAILS = (
    "jan@protogate.test", "jan.kowalski@protogate.test", "j@p", "jan@", "@protogate.test", "jan", "jan@@protogate.test",
    "jan kowalski@protogate.test", "jan@protogate .test", "jan@protogate.test.", "jan@.protogate.test", "jan@proto..gate.test",
    "jan+filter@protogate.test", "jan@[IPv6:::1]", "jan@p-.test", "łukasz@protogate.test", "jan@żółw.test", "<jan@protogate.test>",
    "jan@protogate.test\r", "\tjan@protogate.test", "jan;x@protogate.test", '"jan kowalski"@protogate.test', "j\\an@p.test",
    "jan@42", "jan@" + "p" * 64, "jan@" + "p" * 63, "~@p", "j.@p", "jan@p_q", "mailto:jan@protogate.test",
)  # fmt: skip
_URIS = (
    "https://protogate.test/a/b?c=d#e", "ws://h:1/", "data:,x", "tel:+48123", "x-y.z+1:rest", "c:", "c:/dir", "//h", "///p", "./x",
    "..", "?", "#", "a?b?c", "a#b?c", "http://h/%41", "http://h/%4", "http://h/%", "http://h/ ", "http://h/\t", 'http://h/"',
    "http://h/`", "http://h/é", "http://h/[x]", "http://h?x[0]=1", "http://h:/", "http://h:8o80/", "http://[::2]:80/", "http://[::2/",
    "http://::2/", "http://[2001:db8::zz]/", "http://[v7.a:b]/", "http://[v.a]/", "http://[fe80::2%25lo]", "http://[fe80::2%lo]",
    "http://u:p:q@h/", "http://u%40@h/", "9a:b", "+a:b", "a+:b", "a b:c", ":x", "x/y:z", "http://h/a|b", "http://h/~tilde'(x)*!",
    "http://h/{}", "urn:", "http://h#", "http://h/\\",
)  # fmt: skip
_IDS = (
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "f81d4fae7dec11d0a76500a0c91e6bf6", "F81D4FAE7DEC11D0A76500A0C91E6BF6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae-7dec-11d0-a765",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6\n", " f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "h81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "f81d4fae-7dec-11d0-a76500a0c91e6bf6", "01BX5ZZKBKACTAV9WEVGEMMVRZ", "01bx5zzkbkactav9wevgemmvrz", "7BX5ZZKBKACTAV9WEVGEMMVRZ",
    "9BX5ZZKBKACTAV9WEVGEMMVRZ1", "01BX5ZZKBKACTAV9WEVGEMMVRL", "01BX5ZZKBKACTAV9WEVGEMMVRO", "01BX5ZZKBKACTAV9WEVGEMMVR", "acme.v1.User",
    ".acme.v1.User", "acme..User", "acme.v1.", "acme.1v.User", "_", "._", "acme.User-x", "acme/User", "Acme2.User_3", ".acme.", "ácme.User",
)  # fmt: skip
_HEADERS = (
    "Accept", ":authority", ":scheme ", "x-trace-id", "X.Y", "with space", "semi;colon", "a=b", "q@h", "\u0080", "tab\tinside", "line\u000bfeed",
    "del\u007f", "\u001f", "ends\r", "nul\u0000", "~ok~", "{", "text/html; q=0.9",
)  # fmt: skip
_PATTERNED = (
    "xyz", "XYZ", "ac", "bbc", "zbbcz", "bBc", "99", "9999", "99999", "٩٩", "foo bar", "foo\u00a0bar", "foo_1 bar", "Abc", "aBC", "abC\n", "ab\r",
    "łąka", "łąka!", "Ⅷ", "²", "Abcdef", "a\rc", "a\u2028c", "ażc", "onee", "one\n", "/a/b-d", "aaab", "aaaa b", "cats", "black cat", "cat_", "1999",
    "99", "😂", "😀😀", "x\nb", "b\ny", "{b}", "\"'`$\\", "a.bc", "aXb", "no digits", "tab\t", "ﬁ", "İ", "ı", "ffff", "abcdefg", "yes", "taken",
    "ala", "xx", "axxa", "one x",
)  # fmt: skip

TEXTS = (*_ADDRESSES, *_HOSTS, *_EMAILS, *_URIS, *_IDS, *_HEADERS, *_PATTERNED)
"""All of them: each rule sees the near misses of every other rule, too."""

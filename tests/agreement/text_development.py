# ruff: noqa: E501, RUF001, S104 - columns of values, look-alikes among them
"""Strings for rules on text, for authors to look at: formats, near misses, patterns."""

from __future__ import annotations

__all__ = ["TEXTS"]

_ADDRESSES = (
    "127.0.0.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ",
    " 1.2.3.4", "1.2.3.", "::", "::1", "1::", "2001:db8::8a2e:370:7334", "2001:0db8:0000:0000:0000:ff00:0042:8329",
    "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4", "1::2::3", ":::", "fe80::1%eth0",
    "fe80::1%", "::g", "12345::", "[::1]", "::1.2.3.256", "1.2.3.4/32", "1.2.3.4/24", "1.2.3.0/24", "0.0.0.0/0",
    "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/", "1.2.3.4/024", "1.2.3.4/2a", "::/0", "::1/128", "2001:db8::/32",
    "2001:db8::1/32", "::1/129", "::1/", "fe80::1%eth0/64", "1.2.3.4/24/8",
)  # fmt: skip
_HOSTS = (
    "localhost", "example.com", "example.com.", "a", "a.b", "a-b.c", "-a.b", "a-.b", "a..b", ".a", "exa_mple.com",
    "EXAMPLE.com", "xn--nxasmq6b", "żółw.pl", "123", "1.2.3.4.com", "a.1", "a.1a", "com.123", "a b", "example.com:80",
    "example.com:0", "example.com:65535", "example.com:65536", "example.com:080", "example.com:", ":80", "1.2.3.4:80",
    "[::1]:80", "::1:80", "[::1]", "[::1%eth0]:80", "a" * 63 + ".com", "a" * 64 + ".com", ".".join(["a" * 62] * 5),
    "a" * 63 + "." + "b" * 63 + "." + "c" * 63 + "." + "d" * 61, "host:+80", "host: 80", "host:8x",
)  # fmt: skip
_EMAILS = (
    "a@b", "a@b.c", "user.name+tag@example.com", "user@", "@example.com", "a@b@c", "a b@c.d", '"quoted"@example.com',
    "a@[1.2.3.4]", "a@-b.c", "a@b-.c", ".a@b.c", "a.@b.c", "a..b@c.d", "ż@b.c", "a@ż.pl", "a@b.c ", "Name <a@b.c>",
    "!#$%&'*+/=?^_`{|}~-@b.c", "a(comment)@b.c", "a@b..c", "a@b_c.d", "a@b.c\n", "x" * 65 + "@example.com",
    "a@" + "b" * 63 + ".c", "a@" + "b" * 64 + ".c", "a,b@c.d", "a@123", "a@1.2.3.4",
)  # fmt: skip
_URIS = (
    "https://example.com", "http://example.com:80/p?q#f", "ftp://u:p@h/", "mailto:a@b.c", "urn:isbn:1", "file:///etc",
    "a:", "//host/path", "/path", "path", "?q", "#f", "../up", "", "http://", "http:///x", "http://[::1]/", "http://[::1",
    "http://[v1.x]/", "http://[fe80::1%25eth0]/", "http://[::g]/", "1http://x", "-a:b", "http://ex ample.com", "http://a%",
    "http://a%2", "http://a%zz", "http://a%20b", "http://ż.pl", "https://a/<b>", "https://a/{b}", "https://a/b|c",
    "https://a:port", "https://a:99999", "https://a:", "https://a?b[c]", "https://a/b\\c", "https://a/^", "a/b:c", "a:b/c",
    "http://a#b#c", "http://a/\u0001", "http://user@a@b", "http://a/%C5%BC", "https://a/;p=1,2", "HTTPS://A",
)  # fmt: skip
_IDS = (
    "123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000",
    "00000000-0000-0000-0000-000000000000", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
    "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-4266141740000", "123e4567-e89b-12d3-a456_426614174000",
    "g23e4567-e89b-12d3-a456-426614174000", "123e4567e89b-12d3-a456-426614174000", "urn:uuid:123e4567-e89b-12d3-a456-426614174000",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
    "foo.bar.Baz", ".foo.bar", "foo..bar", "foo.", "_a._b1", "1a.b", "foo.1b", "foo-bar", ".", "Foo", ".Foo", "..foo",
)  # fmt: skip
_HEADERS = (
    "Content-Type", ":path", ":", "::path", "X_Custom!", "a b", "a\tb", "a:b", "a\nb", "a\rb", "a\u0000b", "\u007f", "é",
    "value, with; marks", "\u0001", "name\r\n", "()", "a/b", "*", "^`|~",
)  # fmt: skip
_PATTERNED = (
    "abc", "ABC", "aBc", "abc\n", "\nabc", "b", "bc", "bbbc", "b c", "xbc", "12", "1", "12345", "1234\n", "１２", "a b", "a\tb",
    "a  b", "ab", "ab\n", "żółw", "żółw1", "1½", "٣", "a.c", "a\nc", "axc", "a😀c", "acc", "one", "two", "onetwo", "/a/b-c",
    "/a/b-/", "aab", "aa", "cat", "a cat!", "concat", "2020", "202a", "😀", "😁", "a\nb\nc", "bb", "{a}", '"', "'", "`", "$",
    "\\", "a.b", "axb", "a-b", "_", "é", "ß", "SS", "ſ", "K",
)  # fmt: skip

TEXTS = (*_ADDRESSES, *_HOSTS, *_EMAILS, *_URIS, *_IDS, *_HEADERS, *_PATTERNED)
"""All of them: each rule sees the near misses of every other rule, too."""

"""Names of tables, columns and constraints: snake_case, plural, short enough and never two the same."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_BYTES", "NameSpace", "plural", "shorten", "version_suffix"]

MAX_BYTES: Final = 63
"""PostgreSQL's limit; MySQL allows 64 characters, SQLite any number. One limit keeps names alike in all dialects."""

_HASH_BYTES: Final = 9
"""An underscore and eight hexadecimal digits."""

_IRREGULAR: Final = {
    "child": "children",
    "data": "data",
    "index": "indexes",
    "info": "info",
    "metadata": "metadata",
    "person": "people",
}
_HISSING: Final = ("ss", "us", "as", "x", "z", "ch", "sh")
_VOWELS: Final = frozenset("aeiou")


def plural(name: str) -> str:
    """The plural of the last word of a snake_case name; a name that looks plural stays as it is.

    >>> [plural(n) for n in ("user", "address", "company", "day", "analysis", "settings", "sales_person")]
    ['users', 'addresses', 'companies', 'days', 'analyses', 'settings', 'sales_people']
    """
    head, separator, word = name.rpartition("_")
    return head + separator + _plural_word(word)


def _plural_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("is"):
        return word[:-2] + "es"
    if word.endswith(_HISSING):
        return word + "es"
    if word.endswith("s"):
        return word
    if word.endswith("y") and len(word) > 1 and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def version_suffix(package: str) -> str:
    """What sets the tables of a later version of a package apart: empty for the first.

    >>> version_suffix("user.v1"), version_suffix("user.v2"), version_suffix("user.v1beta1"), version_suffix("user")
    ('', '_v2', '_v1beta1', '')
    """
    last = package.rpartition(".")[2]
    is_version = last[:1] == "v" and last[1:2].isdigit()
    return f"_{last}" if is_version and last != "v1" else ""


def shorten(name: str, limit: int = MAX_BYTES) -> str:
    """The name, cut to `limit` bytes with a hash of the whole at its end when it is longer."""
    encoded = name.encode()
    if len(encoded) <= limit:
        return name
    from zlib import crc32  # noqa: PLC0415 - names this long are rare

    return f"{encoded[: limit - _HASH_BYTES].decode(errors='ignore')}_{crc32(encoded):08x}"


class NameSpace:
    """Hands out names that no database takes for one another: short enough, unique without regard to case."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: Final[set[str]] = set()

    def take(self, wanted: str) -> str:
        """`wanted` itself, or with a number behind it when it is taken."""
        name = shorten(wanted)
        count = 1
        while name.lower() in self._taken:
            count += 1
            number = f"_{count}"
            name = shorten(wanted, MAX_BYTES - len(number)) + number
        self._taken.add(name.lower())
        return name

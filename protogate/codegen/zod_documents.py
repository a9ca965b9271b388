"""A set of JSON Schema documents, and where their references lead."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, unquote, urldefrag, urljoin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DocumentSet", "Location", "Pointer", "dialect", "show_pointer"]

Pointer = tuple[str, ...]
"""The way from the root of a document to a value in it."""

_BASE: Final = "https://documents.invalid/"
"""What paths are relative to, so that a reference to another file is a URL like any other."""

_SCHEMA: Final = frozenset(
    """
    additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems
    unevaluatedProperties
    """.split()  # noqa: SIM905 - a dozen strings are harder to read
)
_SCHEMAS: Final = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
_NAMED_SCHEMAS: Final = frozenset(
    {"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"}
)


class Location(NamedTuple):
    """A schema: its document and its place there."""

    file: str
    pointer: Pointer = ()

    def __str__(self) -> str:
        """Return `file: #/pointer`."""
        return f"{self.file}: {show_pointer(self.pointer)}"


class DocumentSet:
    """Documents by path; answers what a reference means."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self._documents: Final = documents
        self._bases: Final[dict[Location, str]] = {}
        self._known: Final[dict[str, Location]] = {}
        self.ambiguous: Final[dict[Location, Location]] = {}
        """Schemas whose `$id` or `$anchor` another one has, which is found under it."""
        for file in sorted(documents):
            self._known[_url(file)] = Location(file)
        for file in sorted(documents):
            self._read(Location(file), documents[file], _url(file))

    def at(self, place: Location) -> Any:  # noqa: ANN401 - any JSON
        """Return the value at a place; raise LookupError when there is none."""
        value = self._documents[place.file]
        for part in place.pointer:
            if isinstance(value, list):
                value = value[int(part)] if part.isdecimal() and int(part) < len(value) else _missing(place)
            elif isinstance(value, dict) and part in value:
                value = value[part]
            else:
                _missing(place)
        return value

    def resolve(self, reference: str, place: Location) -> Location:
        """Return where a reference that stands at `place` leads; raise LookupError when nowhere."""
        url, fragment = urldefrag(_join(self._base(place), reference))
        whole = f"{url}#{fragment}"
        if whole in self._known:
            return self._known[whole]
        document = self._known.get(url) or self._known.get(_join(_url(place.file), urldefrag(reference)[0]))
        if document is None or (fragment and not fragment.startswith("/")):
            raise LookupError(reference)
        parts = tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in fragment.split("/")[1:])
        found = Location(document.file, (*document.pointer, *parts))
        self.at(found)
        return found

    def definitions(self, file: str) -> Iterator[Location]:
        """Yield what a document defines under names, in its order."""
        document = self._documents[file]
        for keyword in ("$defs", "definitions"):
            named = document.get(keyword) if isinstance(document, dict) else None
            if isinstance(named, dict):
                yield from (Location(file, (keyword, name)) for name in named)

    def _base(self, place: Location) -> str:
        for end in range(len(place.pointer), -1, -1):
            base = self._bases.get(Location(place.file, place.pointer[:end]))
            if base is not None:
                return base
        return _url(place.file)

    def _read(self, place: Location, schema: object, base: str) -> None:
        """Note the ids and anchors of a schema and of those in it."""
        waiting: list[tuple[Location, object, str]] = [(place, schema, base)]
        while waiting:
            place, schema, base = waiting.pop()
            if not isinstance(schema, dict):
                continue
            base = self._identify(place, schema, base)
            waiting += [(Location(place.file, (*place.pointer, *way)), one, base) for way, one in _inside(schema)]

    def _identify(self, place: Location, schema: Mapping[str, Any], base: str) -> str:
        identifier = schema.get("$id")
        if isinstance(identifier, str):
            base, fragment = urldefrag(_join(base, identifier))
            self._name(f"{base}#{fragment}" if fragment else base, place)
            self._bases[place] = base
        anchor = schema.get("$anchor")
        if isinstance(anchor, str):
            self._name(f"{base}#{anchor}", place)
        return base

    def _name(self, url: str, place: Location) -> None:
        owner = self._known.setdefault(url, place)
        if owner != place:
            self.ambiguous[place] = owner


def dialect(document: object) -> str:
    """Return `2020-12`, `2019-09` or `draft-07` for what a document says of itself; empty for any other.

    >>> dialect({"$schema": "http://json-schema.org/draft-07/schema#"}), dialect({})
    ('draft-07', '2020-12')
    """
    said = document.get("$schema", "2020-12") if isinstance(document, dict) else "2020-12"
    known = {"2020-12": "2020-12", "2019-09": "2019-09", "draft-07": "draft-07", "draft-06": "draft-07"}
    return next((name for part, name in known.items() if isinstance(said, str) and part in said), "")


def show_pointer(pointer: Pointer) -> str:
    """Return a place in a document as people write it: `#/properties/a`."""
    return "/".join(["#", *(part.replace("~", "~0").replace("/", "~1") for part in pointer)])


def _inside(schema: Mapping[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    for keyword, value in schema.items():
        if keyword in _SCHEMA and isinstance(value, dict):
            yield (keyword,), value
        elif keyword in _SCHEMAS and isinstance(value, list):
            yield from (((keyword, str(index)), one) for index, one in enumerate(value))
        elif keyword in _NAMED_SCHEMAS and isinstance(value, dict):
            yield from (((keyword, name), one) for name, one in value.items())


def _url(file: str) -> str:
    return urljoin(_BASE, quote(posixpath.normpath(file)))


def _join(base: str, reference: str) -> str:
    if reference.startswith("#"):
        return base + reference  # urljoin knows nothing of `urn:`
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _missing(place: Location) -> Any:  # noqa: ANN401 - never returns
    raise LookupError(str(place))

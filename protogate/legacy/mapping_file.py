"""Reads and writes mapping files: YAML with every mistake told at its line."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import yaml

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.mapping import BridgeMapping, ClaimRule, ColumnMapping, Conversion, Effect, EventNames
from protogate.legacy.model import NO_DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.legacy.mapping import Fold

__all__ = ["SUFFIX", "dump_mapping", "find_mappings", "load_mapping", "parse_mapping"]

SUFFIX: Final = ".mapping.yaml"
_KEYS: Final = (
    *("subject", "source", "table", "message", "stream", "columns", "ignored"),
    *("constants", "events", "metadata", "claims"),
)
_COLUMN_KEYS: Final = ("field", "convert", "default")
"""Everything else of a column is an argument of its conversion."""
_FOLDS: Final = ("exact", "casefold")


def find_mappings(places: Sequence[str]) -> tuple[str, ...]:
    """Give the mapping files below some directories, or those that are named, sorted.

    Raises:
        UserError: a place does not exist.
    """
    found: set[str] = set()
    for place in places:
        path = Path(place)
        if path.is_file():
            found.add(place)
        elif path.is_dir():
            found |= {str(one) for one in path.rglob(f"*{SUFFIX}")}
        else:
            raise UserError(f"{place}: no such file or directory; name a mapping, *{SUFFIX}, or where they are")
    return tuple(sorted(found))


def load_mapping(path: str) -> BridgeMapping:
    """Read a mapping.

    Raises:
        UserError: it cannot be read, or says something that no mapping says; with its line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "is no UTF-8"
        raise UserError(f"{path}: {reason}") from None
    return parse_mapping(text, path)


def parse_mapping(text: str, path: str) -> BridgeMapping:
    """Read the text of a mapping; `path` is for messages and as its place.

    Raises:
        UserError: as of `load_mapping`.
    """
    try:
        node = yaml.compose(text, Loader=_JsonLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise UserError(f"{path}{line}: is no YAML: {getattr(error, 'problem', None) or error}") from None
    if node is None:
        raise UserError(f"{path}: is empty; a mapping begins with `subject:`")
    return _mapping(_Reader(path, node))


class _Reader:
    """A node of the document, and how to complain about it."""

    def __init__(self, path: str, node: yaml.Node, name: str = "") -> None:
        self.path = path
        self.node = node
        self.name = name

    @property
    def place(self) -> Place:
        return Place(self.path, self.node.start_mark.line + 1)

    def refuse(self, problem: str) -> NoReturn:
        what = f"{self.name}: " if self.name else ""
        raise UserError(f"{self.place}: {what}{problem}")

    def members(self, allowed: Sequence[str] = ()) -> dict[str, _Reader]:
        """A mapping by its keys, each once; with `allowed` no others."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse("is no mapping; write `key: value` lines")
        found: dict[str, _Reader] = {}
        for key_node, value in self.node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                _Reader(self.path, key_node).refuse("is no name")
            key: str = key_node.value
            reader = _Reader(self.path, value, f"{self.name}.{key}" if self.name else key)
            if key in found:
                _Reader(self.path, key_node).refuse(f"{key!r} is there twice")
            if allowed and key not in allowed:
                _Reader(self.path, key_node).refuse(f"{key!r} is not known; {_nearest(key, allowed)}")
            found[key] = reader
        return found

    def text(self) -> str:
        value = self.value()
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"is {value!r}; a text is expected")
        return value

    def texts(self) -> tuple[str, ...]:
        if not isinstance(self.node, yaml.SequenceNode):
            return (self.text(),)
        return tuple(_Reader(self.path, one, self.name).text() for one in self.node.value)

    def items(self) -> Iterator[_Reader]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse("is no list; write `- ` before each item")
        for one in self.node.value:
            yield _Reader(self.path, one, self.name)

    def value(self) -> Any:
        return _construct(self.node)


class _JsonLoader(yaml.SafeLoader):
    """YAML with the values of JSON: dates are text, and so are yes, no, on and off."""


_JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_JsonLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF")
)


class _JsonDumper(yaml.SafeDumper):
    """Quotes what the loader above would not read as text, and no more."""


_JsonDumper.yaml_implicit_resolvers = _JsonLoader.yaml_implicit_resolvers


def _construct(node: yaml.Node) -> Any:
    loader = _JsonLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _mapping(reader: _Reader) -> BridgeMapping:
    members = reader.members(_KEYS)
    missing = [key for key in ("subject", "table", "message", "stream", "columns") if key not in members]
    if missing:
        reader.refuse(f"has no {missing[0]!r}; every mapping says {', '.join(missing)}")
    message = members["message"].text()
    stream = members["stream"].members(("category", "key"))
    if set(stream) != {"category", "key"}:
        members["stream"].refuse("needs a category and a key: {category: user, key: [id]}")
    columns = tuple(_column(name, one) for name, one in members["columns"].members().items())
    made = BridgeMapping(
        subject=members["subject"].text(),
        table=members["table"].text(),
        message=message,
        category=stream["category"].text(),
        key=stream["key"].texts(),
        columns=columns,
        ignored=_ignored(members.get("ignored"), columns),
        events=_events(members.get("events"), message),
        constants=_values(members.get("constants")),
        metadata=_values(members.get("metadata")),
        claims=tuple(map(_claim, members["claims"].items())) if "claims" in members else (),
        source=members["source"].text() if "source" in members else "",
        place=reader.place._replace(line=0),
    )
    if "/" in made.category:
        stream["category"].refuse(f"is {made.category!r}; a category has no '/'")
    return made._replace(digest=_digest(made))


def _column(name: str, reader: _Reader) -> ColumnMapping:
    if isinstance(reader.node, yaml.ScalarNode):
        return ColumnMapping(name, reader.text(), place=reader.place)
    members = reader.members()
    if "field" not in members:
        reader.refuse("names no field: {field: created_at, convert: timestamp}")
    arguments = {key: one.value() for key, one in members.items() if key not in _COLUMN_KEYS}
    convert = members["convert"].text() if "convert" in members else ""
    if arguments and not convert:
        reader.refuse(f"{next(iter(arguments))!r} is not known; {_nearest(next(iter(arguments)), _COLUMN_KEYS)}")
    default = members["default"].value() if "default" in members else NO_DEFAULT
    return ColumnMapping(name, members["field"].text(), Conversion(convert, arguments), default, reader.place)


def _ignored(reader: _Reader | None, columns: Sequence[ColumnMapping]) -> dict[str, str]:
    if reader is None or reader.node.tag == "tag:yaml.org,2002:null":
        return {}
    mapped = {one.column for one in columns}
    found = {}
    for name, one in reader.members().items():
        if name in mapped:
            one.refuse("is mapped and ignored; say one of them")
        value = one.value()
        if not isinstance(value, str) or not value.strip():
            one.refuse("say why this column is not taken over")
        found[name] = value
    return found


def _events(reader: _Reader | None, message: str) -> EventNames:
    if reader is None:
        return EventNames(message)
    members = reader.members(("created", "changed", "deleted", "effects"))
    effects = {}
    if "effects" in members:
        for name, one in members["effects"].members().items():
            inner = one.members(("set",))
            effects[name] = Effect(_values(inner.get("set")))
    names = {key: members[key].text() for key in ("created", "changed", "deleted") if key in members}
    return EventNames(names.get("created", message), names.get("changed", ""), names.get("deleted", ""), effects)


def _claim(reader: _Reader) -> ClaimRule:
    members = reader.members(("space", "field", "fold"))
    if not {"space", "field"} <= set(members):
        reader.refuse("needs a space and a field: {space: user.email, field: email}")
    fold = members["fold"].text() if "fold" in members else "exact"
    if fold not in _FOLDS:
        members["fold"].refuse(f"is {fold!r}; use one of {', '.join(_FOLDS)}")
    return ClaimRule(members["space"].text(), members["field"].text(), cast("Fold", fold))


def _values(reader: _Reader | None) -> dict[str, Any]:
    if reader is None:
        return {}
    return {name: one.value() for name, one in reader.members().items()}


def _nearest(name: str, allowed: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, allowed, 1)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(allowed)}"


def dump_mapping(mapping: BridgeMapping, comments: Mapping[str, str] | None = None) -> str:
    """Write a mapping as people review it; `comments` stand behind the columns that they are about.

    Reading it again gives the same mapping.
    """
    said = comments or {}
    lines = [f"subject: {_flow(mapping.subject)}"]
    if mapping.source:
        lines.append(f"source: {_flow(mapping.source)}")
    lines += [
        f"table: {_flow(mapping.table)}",
        f"message: {_flow(mapping.message)}",
        f"stream: {_flow({'category': mapping.category, 'key': list(mapping.key)})}",
        "columns:" if mapping.columns else "columns: {}",
    ]
    lines += [
        _commented(f"  {_flow(one.column)}: {_flow(_said(one))}", said.get(one.column)) for one in mapping.columns
    ]
    lines += _section("ignored", mapping.ignored, said)
    lines += _section("constants", mapping.constants, {})
    lines += _event_lines(mapping)
    lines += _section("metadata", mapping.metadata, {})
    if mapping.claims:
        lines.append("claims:")
        lines += [f"  - {_flow(one._asdict())}" for one in mapping.claims]
    return "".join(f"{line}\n" for line in lines)


def _event_lines(mapping: BridgeMapping) -> Iterator[str]:
    events = mapping.events
    named = {"changed": events.changed, "deleted": events.deleted}
    if events.created != mapping.message:
        named = {"created": events.created, **named}
    named = {key: name for key, name in named.items() if name}
    if not named and not events.effects:
        return
    yield "events:"
    yield from (f"  {key}: {_flow(name)}" for key, name in named.items())
    if events.effects:
        yield "  effects:"
        for name, effect in events.effects.items():
            yield f"    {_flow(name)}: {_flow({'set': dict(effect.set)} if effect.set else {})}"


def _section(name: str, values: Mapping[str, Any], comments: Mapping[str, str]) -> Iterable[str]:
    if values:
        yield f"{name}:"
        for key, value in values.items():
            yield _commented(f"  {_flow(key)}: {_flow(value)}", comments.get(key))


def _commented(line: str, comment: str | None) -> str:
    return f"{line}  # {comment}" if comment else line


def _said(one: ColumnMapping) -> Any:
    parts: dict[str, Any] = {"field": one.field}
    if one.conversion.name:
        parts |= {"convert": one.conversion.name, **one.conversion.arguments}
    if one.default is not NO_DEFAULT:
        parts["default"] = one.default
    return one.field if len(parts) == 1 else parts


def _flow(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_JsonDumper, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _digest(mapping: BridgeMapping) -> str:
    """Of all that it says; order of columns and layout do not count."""
    said = {
        **mapping._asdict(),
        "columns": sorted((one.column, _said(one)) for one in mapping.columns),
        "place": None,
        "digest": None,
        "source": None,
        "events": [*mapping.events[:3], {name: dict(one.set) for name, one in mapping.events.effects.items()}],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=list).encode()).hexdigest()

"""All contracts as `REGISTRY.md`: what people read, first as tables, then one by one.

The text of contracts is text: what Markdown or HTML would take for markup in a cell is escaped.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.crosscheck.contracts.discovery import relative_path
from protogate.crosscheck.contracts.listing import NONE, by_name, endpoint
from protogate.crosscheck.contracts.model import Command, Event, Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from protogate.crosscheck.contracts.model import Block, Contract, Node

__all__ = ["escaped", "registry_markdown"]

_NO_CODE: Final = re.compile(r"[`|\\\r\n]")
"""What cannot stand between backticks in a cell of a table: there nothing can be escaped."""
_MARKUP: Final = re.compile(r"(?=[\\`*\[~|])|(?<!\S)(?=#)|(?<!\w)(?=_)|(?=_(?!\w))|\A(?=[>+=-])")
"""Before what Markdown would read as more than text."""
_QUIET: Final = re.compile(r"[^\W\d_][^\W_]*+(?:[ .,:;()'/-]++[^\W_]++)*+[.)]?")
"""Words that mean nothing to Markdown: most texts, told at once."""
_NUMBERED: Final = re.compile(r"\A\d{1,9}(?=[.)])")
"""What begins a list if it begins a paragraph."""
_NAME: Final = 100
"""Letters of a name that a table shows."""
_YES: Final = "✅"


class _Row(NamedTuple):
    """A field, or a field of a field."""

    path: str
    node: Node
    required: bool


def registry_markdown(contracts: Iterable[Contract], directory: str) -> str:
    """Return the page about contracts, by kind and name; of two with one name the first one.

    Args:
        contracts: sorted by path.
        directory: where they were found; their files are named from there.
    """
    listed = list(contracts)
    commands, queries, events = by_name(listed, Command), by_name(listed, Query), by_name(listed, Event)
    blocks = [
        *_head(len(commands), len(queries), len(events)),
        "## Command Map",
        _table(
            ("Command", "Module", "HTTP Endpoint", "WS Channel", "Python Layer", "Events"),
            [(*_reached(one), _code(one.layers.get("python", "")), _outcomes(one.events)) for one in commands],
        ),
        "## Query Map",
        _table(
            ("Query", "Module", "HTTP Endpoint", "WS Channel", "Python Layer"),
            [(*_reached(one), _code(one.layers.get("python", ""))) for one in queries],
        ),
        "## Event Map",
        _table(("Event", "Kind", "Module", "Producer (python)", "Consumers"), map(_event_row, events)),
        "## Command Details",
        *(block for one in commands for block in _command(one, directory)),
        "## Query Details",
        *(block for one in queries for block in _query(one, directory)),
        "## Event Details",
        *(block for one in events for block in _event(one, directory)),
    ]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    r"""Return text as it is read inside a cell or a paragraph: on one line, without HTML.

    >>> print(escaped("a | b\n<c>"))
    a \| b<br>&lt;c>
    """
    text = text.strip()
    if _QUIET.fullmatch(text):
        return text
    text = _NUMBERED.sub(r"\g<0>\\", _MARKUP.sub(r"\\", text))
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
    return re.sub(r"\r\n?|\n", "<br>", text)


def _head(commands: int, queries: int, events: int) -> list[str]:
    total = f"{commands + queries + events:,} (commands: {commands:,}, queries: {queries:,}, events: {events:,})"
    quoted = [
        f"> Contracts: {total}.",
        "> Source: `*.command.json`, `*.query.json`, `*.event.json`.",
        "> Written by `protogate codegen registry`. DO NOT EDIT.",
    ]
    return ["# Contract Registry", "\n>\n".join(quoted)]


def _reached(contract: Command | Query) -> tuple[str, str, str, str]:
    http, channel = endpoint(contract)
    return _code(contract.name), _cell(contract.module), _code(http), _code(channel)


def _event_row(event: Event) -> tuple[str, ...]:
    producer = _code(event.producers.get("python", ""))
    return _code(event.name), event.kind, _cell(event.module), producer, _consumers(event)


def _command(command: Command, directory: str) -> Iterator[str]:
    yield from _about(command, directory)
    yield from _accepted("Input", command.input)
    yield from _written("Output", command.output)
    yield from _pairs("Storage", command.storage)
    yield from _pairs("Layers", command.layers)
    yield from _pairs("Events", command.events)


def _query(query: Query, directory: str) -> Iterator[str]:
    yield from _about(query, directory)
    yield from _accepted("Input", query.input)
    yield from _written("Output", query.output)
    yield from _pairs("Layers", query.layers)


def _event(event: Event, directory: str) -> Iterator[str]:
    yield from _about(event, directory)
    yield from _written("Payload", event.payload)
    yield from _pairs("Producers", event.producers)
    yield f"**Consumers**: {_consumers(event)}"


def _about(contract: Contract, directory: str) -> Iterator[str]:
    yield f"### {escaped(contract.name)}"
    version, file = _code(contract.version), _code(relative_path(contract.document.path, directory))
    yield f"Kind: `{contract.kind}` · Module: {_cell(contract.module)} · Version: {version} · File: {file}"
    if contract.description.strip():
        yield escaped(contract.description)


def _accepted(title: str, block: Block) -> Iterator[str]:
    yield f"**{title}**"
    rows = [
        (_code(row.path), _code(_type(row.node)), _YES if row.required else NONE, _meaning(row.node))
        for row in _rows(block, "", ())
    ]
    yield _table(("Field", "Type", "Required", "Description"), rows)


def _written(title: str, block: Block) -> Iterator[str]:
    yield f"**{title}**"
    rows = [(_code(row.path), _code(_type(row.node)), _meaning(row.node)) for row in _rows(block, "", ())]
    yield _table(("Field", "Type", "Description"), rows)


def _rows(nodes: Block, prefix: str, required: Collection[object]) -> Iterator[_Row]:
    """Yield fields and, below each, what it is made of; references are named, not followed."""
    for name, node in nodes.items():
        path = prefix + (name if len(name) <= _NAME else f"{name[:_NAME]}…")
        yield _Row(path, node, node.get("required") is True or name in required)
        yield from _inner_rows(node, path)


def _inner_rows(node: Node, path: str) -> Iterator[_Row]:
    names = node.get("required")
    yield from _rows(node.get("properties", {}), f"{path}.", frozenset(names) if isinstance(names, list) else ())
    items = node.get("items")
    if isinstance(items, dict):
        yield from _inner_rows(items, f"{path}[]")


def _type(node: Node) -> str:
    """Return what kind of value a node describes, in a few words.

    >>> _type({"type": "array", "items": {"type": "string", "format": "uuid"}})
    'array of string (uuid)'
    """
    declared = node.get("type")
    kind = " or ".join(declared) if isinstance(declared, list) else declared or _implied(node)
    if kind == "array" and isinstance(node.get("items"), dict):
        kind = f"array of {_type(node['items'])}"
    if node.get("format"):
        kind = f"{kind} ({node['format']})"
    return f"{kind} or null" if node.get("nullable") is True else kind


def _implied(node: Node) -> str:
    if "$ref" in node:
        return str(node["$ref"].rpartition("/")[2])
    if "properties" in node or "additionalProperties" in node:
        return "object"
    if "items" in node or "prefixItems" in node:
        return "array"
    branches = node.get("oneOf") or node.get("anyOf")
    if branches:
        return " or ".join(dict.fromkeys(map(_type, branches)))
    return "value" if _values(node) else "any"


def _values(node: Node) -> list[Any]:
    """Return the values that a node or the items of it lists."""
    if "const" in node:
        return [node["const"]]
    items = node.get("items")
    listed: list[Any] = node.get("enum", [])
    return _values(items) if not listed and isinstance(items, dict) else listed


def _meaning(node: Node) -> str:
    values = _list(_values(node))
    parts = [escaped(node.get("description", "")), f"one of {values}" if values else ""]
    return "; ".join(filter(None, parts)) or NONE


def _list(values: Sequence[Any]) -> str:
    return ", ".join(_code(value if isinstance(value, str) and value else _json(value)) for value in values)


def _outcomes(events: Mapping[str, str | list[str]]) -> str:
    names = [name for one in events.values() for name in ([one] if isinstance(one, str) else one)]
    return _list(list(dict.fromkeys(names))) or NONE


def _consumers(event: Event) -> str:
    consumers = event.consumers
    return _list(consumers if isinstance(consumers, list) else list(consumers.values())) or NONE


def _pairs(title: str, pairs: Mapping[str, Any]) -> Iterator[str]:
    if not pairs:
        yield f"**{title}**: {NONE}"
        return
    texts = {name: value if isinstance(value, str) else _json(value) for name, value in pairs.items()}
    lines = [f"- {escaped(name)}: {_code(text)}" for name, text in texts.items()]
    yield "\n".join([f"**{title}**", "", *lines])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    if len(lines) == 2:  # noqa: PLR2004 - head and rule only
        return "None."
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return escaped(text) or NONE


def _code(text: str) -> str:
    """Return text in the letters of code, where that can be written."""
    if not text or text == NONE:
        return NONE
    return escaped(text) or NONE if _NO_CODE.search(text) or text.isspace() else f"`{text}`"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

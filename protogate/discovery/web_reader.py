"""Reads TypeScript, JavaScript, Vue and Svelte: one parse and one query a file, then little work for each capture.

Calls are searched in the text, and the tree is asked what stands there: a query for them keeps one state for each link
of a chain, and a generated chain has thousands.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from protogate.discovery.facts import (
    DefinitionFact,
    EventFact,
    FileFacts,
    HttpCallFact,
    ImportFact,
    IncludeFact,
    ProblemFact,
    RouteFact,
    TableFact,
)
from protogate.discovery.python_reader import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["read_web"]

_LANGUAGES: Final = {
    ".ts": ("typescript", "typescript"),
    ".mts": ("typescript", "typescript"),
    ".cts": ("typescript", "typescript"),
    ".tsx": ("typescript", "tsx"),
    ".js": ("javascript", "javascript"),
    ".jsx": ("javascript", "javascript"),
    ".mjs": ("javascript", "javascript"),
    ".cjs": ("javascript", "javascript"),
    ".vue": ("vue", ""),
    ".svelte": ("svelte", ""),
}
"""The name of the language and the grammar; a component's grammar is said by its `<script lang>`."""
_GRAMMAR_OF_LANG: Final = {b"ts": "typescript", b"typescript": "typescript", b"tsx": "tsx"}

_UNKNOWN: Final = "{}"
_LONGEST_CHAIN: Final = 32
"""How far a chain of calls is followed: generated ones have thousands of links, and each would be followed."""
_LONGEST_OWNER: Final = 1_000
"""Characters of the object of a call; what is longer has no name that people would know."""
_DEEPEST_REQUIRE: Final = 8
"""How far above a `require()` its function is looked for before all functions of the file are."""
_MINIFIED: Final = 1_000_000
"""Bytes, of a file with long lines only; people write no such file, and a program can be asked to write it again."""
_LONG_LINES: Final = 1_000
"""Bytes of a line, in the mean."""
_MOST_STATES: Final = 1_024
"""How many matches a query may have begun at the same time; code that people write has a few dozen."""
_ANY: Final = "ANY"
_EVENT_ENDINGS: Final = (
    "Loaded",
    "Set",
    "Saved",
    "Deleted",
    "Completed",
    "Created",
    "Updated",
    "Filtered",
    "Toggled",
    "Tested",
    "Failed",
)
_FRAMEWORKS: Final = {
    "express": "express",
    "fastify": "fastify",
    "koa-router": "koa",
    "@koa/router": "koa",
    "hono": "hono",
}
_APPLICATIONS: Final = frozenset({"app", "server", "fastify"})
"""What people call an application that is handed to a function."""
_STORES: Final = frozenset({"redux", "react-redux", "@reduxjs/toolkit", "pinia", "vuex", "zustand", "mobx"})
_STORE_FAMILIES: Final = ("redux-", "mobx-", "zustand/", "@reduxjs/toolkit/")
_BUSES: Final = frozenset({"mitt", "tiny-emitter", "eventemitter3", "events", "node:events", "nanoevents", "pubsub-js"})
_DOM: Final = frozenset({b"document", b"window"})
_REQUIRE: Final = frozenset({b"require"})
_AUTH: Final = frozenset({"token", "tokens", "auth", "session", "sessions"})
_MAY_BE_AUTH: Final = re.compile("token|auth|session")
_COLUMNS: Final = frozenset(
    {
        "Column",
        "PrimaryColumn",
        "PrimaryGeneratedColumn",
        "CreateDateColumn",
        "UpdateDateColumn",
        "DeleteDateColumn",
        "VersionColumn",
    }
)
_RELATIONS: Final = frozenset({"ManyToOne", "OneToOne", "OneToMany", "ManyToMany"})

# What a query finds comes in no order.
_NAMES_QUERY: Final = "[(identifier) (shorthand_property_identifier)] @name\n"
_TYPE_NAMES_QUERY: Final = "(type_identifier) @type\n"
_QUERY: Final = """
["if" "for" "while" "case" "catch" "&&" "||" "??"] @branch
(ternary_expression) @branch
(import_clause (identifier) @own)
(import_specifier (identifier) @own)
(namespace_import (identifier) @own)
(namespace_export (identifier) @own)
(export_statement (export_clause (export_specifier (identifier) @own)) source: (string))
(ERROR) @error
"""
_TYPESCRIPT_QUERY: Final = """
(import_require_clause (identifier) @own)
(property_signature type: (type_annotation [(literal_type) (union_type)])) @signature
"""
_FUNCTIONS_QUERY: Final = """
[(arrow_function) (function_declaration) (function_expression) (generator_function) (generator_function_declaration)
 (method_definition)] @function
"""
_JSX_QUERY: Final = """
[(jsx_element) (jsx_self_closing_element)] @jsx
(jsx_closing_element name: [(identifier) @own (member_expression object: (identifier) @own)])
"""

_FUNCTIONS: Final = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
_HANDLERS: Final = frozenset(
    {
        "array",
        "arrow_function",
        "call_expression",
        "function_expression",
        "identifier",
        "member_expression",
    }
)
_WRAPPED: Final = frozenset(
    {
        "as_expression",
        "await_expression",
        "non_null_expression",
        "parenthesized_expression",
        "satisfies_expression",
        "template_substitution",
    }
)
_PASSED_ON: Final = frozenset({*_WRAPPED, "member_expression"})
_KINDS: Final = {
    "abstract_class_declaration": "class",
    "class": "class",
    "class_declaration": "class",
    "enum_declaration": "enum",
    "function_declaration": "function",
    "function_signature": "function",
    "generator_function_declaration": "function",
    "interface_declaration": "interface",
    "internal_module": "constant",
    "type_alias_declaration": "type",
}
_VALUE_KINDS: Final = {
    "arrow_function": "function",
    "class": "class",
    "function_expression": "function",
    "generator_function": "function",
}
_WITHIN_FUNCTIONS: Final = frozenset({("property_identifier", "member_expression"), ("import", "import")})
"""What is called is the second of them, where the name that was found is the first."""
_CALLS: Final = frozenset({"call_expression", "new_expression"})
_VARIABLES: Final = frozenset({"lexical_declaration", "variable_declaration"})
_STATEMENTS: Final = frozenset(
    {"ambient_declaration", "export_statement", "expression_statement", "import_statement", *_KINDS, *_VARIABLES}
)

_STYLES: Final = (".css", ".less", ".sass", ".scss", ".styl")
_NOT_IN_NAMES: Final = bytes(
    byte if chr(byte).isalnum() or byte in b"_$" or byte > 0x7F else 0x20  # noqa: PLR2004
    for byte in range(256)
)
_NOT_IN_TAGS: Final = bytes(byte if byte in b"<-" else _NOT_IN_NAMES[byte] for byte in range(256))

_EMPTY_LINE: Final = re.compile(rb"\n[ \t\f\v]*+(?:(?=\n|\Z)|//|/\*|\*(?=[ /\n]|\Z))")
"""Also one with nothing but a comment."""
_DYNAMIC_IMPORT: Final = re.compile(rb"import(?<![\w$.]import)(?=\s*+[(/])")
_TEXT_OF: Final = attrgetter("text")
_START_OF: Final = attrgetter("start_byte")
_FIRST: Final = itemgetter(0)

_Fact = DefinitionFact | EventFact | HttpCallFact | ImportFact | IncludeFact | RouteFact | TableFact
_Kind = TypeVar("_Kind", DefinitionFact, EventFact, HttpCallFact, ImportFact, IncludeFact, RouteFact, TableFact)


class _Parts(NamedTuple):
    """A file, cut: both parts keep the lines of the whole."""

    script: bytes
    markup: bytes
    grammar: str
    types: bytes = b""
    """What was taken out of the script for the grammar's sake; its names are uses."""


class _Declared(NamedTuple):
    """A statement at the top of a module, without its `export`."""

    node: Node
    is_exported: bool
    is_default: bool


class _Context(NamedTuple):
    """What the reader of a call needs to know of the file around it."""

    texts: Mapping[str, str]
    """Constants of the module whose text is known."""
    values: Mapping[str, Node]
    """What variables of the module are set to."""
    framework: str
    """Whose routes this file may declare; empty for none."""
    code: _Script
    """Which tells what is above the call that is read."""


def read_web(source: bytes, suffix: str) -> FileFacts:
    """Read what one file says; what cannot be read is a problem in the facts, never an exception.

    Args:
        source: the bytes of the file.
        suffix: of its name, with the dot: `.ts`, `.tsx`, `.js`, `.jsx`, `.vue`, `.svelte` and their kin.
    """
    language, grammar = _LANGUAGES[suffix]
    source = source.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in source:
        return FileFacts(language, 0, 0, 0, problems=(ProblemFact(1, "line 1 cannot be read; the file is no text"),))
    if len(source) > _MINIFIED and len(source) > _LONG_LINES * (source.count(b"\n") + 1):
        count = source.count(b"\n") + 1
        return FileFacts(language, count, count, 0, problems=(ProblemFact(1, "is minified; nothing of it was read"),))
    parts = _Parts(source, b"", grammar) if grammar else _parts(source)
    root = _parser(parts.grammar).parse(parts.script).root_node
    if root.has_error and parts.grammar != "javascript" and b">`" in parts.script:
        parts = _without_types_of_templates(parts)
        root = _parser(parts.grammar).parse(parts.script).root_node
    has_names = any(word in parts.script for word in _WORDS)
    captures = QueryCursor(_query(parts.grammar, has_names=has_names), match_limit=_MOST_STATES).captures(root)

    statements = tuple(_statements(root))
    code = _Script(parts, root, captures.get("name", ()))
    imports = _imports(statements, code)
    definitions = _definitions(statements, imports, sorted(map(_START_OF, captures.get("jsx", ()))))
    found = [*_calls(code, statements, imports), *_declared_events(captures), *_markup_events(parts.markup)]
    lines, code_lines = _line_counts(source)
    if parts.markup:
        definitions = [*(fact for fact in definitions if fact.name != "default"), _component(lines)]
    return FileFacts(
        language=language,
        lines=lines,
        code_lines=code_lines,
        branches=len(captures.get("branch", ())),
        imports=_with_references(imports, code, captures, parts),
        definitions=tuple(definitions),
        routes=_only(RouteFact, found),
        includes=_only(IncludeFact, found),
        http_calls=_only(HttpCallFact, found),
        tables=_only(TableFact, found),
        events=_only(EventFact, found),
        problems=_problems(root, captures),
        features=_features(imports, code),
    )


@cache
def _language(grammar: str) -> Language:
    if grammar == "typescript":
        return Language(tree_sitter_typescript.language_typescript())
    if grammar == "tsx":
        return Language(tree_sitter_typescript.language_tsx())
    return Language(tree_sitter_javascript.language())


@cache
def _parser(grammar: str) -> Parser:
    return Parser(_language(grammar))


@cache
def _query(grammar: str, *, has_names: bool) -> Query:
    """Make the query of a grammar; names are most of what it finds, and few files need them."""
    is_typescript = grammar != "javascript"
    text = _QUERY
    if is_typescript:
        text += _TYPESCRIPT_QUERY
    if grammar != "typescript":
        text += _JSX_QUERY
    if has_names:
        text += _NAMES_QUERY + (_TYPE_NAMES_QUERY if is_typescript else "")
    return Query(_language(grammar), text)


@cache
def _query_of_functions(grammar: str) -> Query:
    return Query(_language(grammar), _FUNCTIONS_QUERY)


def _only(kind: type[_Kind], found: Iterable[_Fact]) -> tuple[_Kind, ...]:
    return tuple(sorted((fact for fact in found if isinstance(fact, kind)), key=lambda fact: fact.line))


def _line_counts(source: bytes) -> tuple[int, int]:
    """Return how many lines there are, and how many of them are code."""
    if b"\r" in source:
        source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = source.count(b"\n") + (0 if source.endswith(b"\n") or not source else 1)
    counted = b"\n" + source.removesuffix(b"\n")
    return lines, lines - len(_EMPTY_LINE.findall(counted)) if source else 0


def _problems(root: Node, captures: Mapping[str, Sequence[Node]]) -> tuple[ProblemFact, ...]:
    if not root.has_error:
        return ()
    errors = captures.get("error") or _missing(root)
    line = min(map(_line, errors), default=1)
    return (ProblemFact(line, f"line {line} cannot be read; what stands around it may be missing"),)


def _missing(root: Node) -> Iterator[Node]:
    """Find what the parser put in where something was missing."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            yield node
        waiting.extend(child for child in node.children if child.has_error or child.is_missing)


# Nodes


def _text(node: Node | None) -> str:
    return "" if node is None else (node.text or b"").decode("utf-8", "replace")


def _type(node: Node | None) -> str:
    return "" if node is None else node.type


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _end(node: Node) -> int:
    return node.end_point[0] + 1


def _field(node: Node | None, name: str) -> Node | None:
    return None if node is None else node.child_by_field_name(name)


def _string(node: Node | None) -> str:
    """Give the text of a string, without its quotes; empty for anything else."""
    return _text(node)[1:-1] if node is not None and node.type == "string" else ""


def _has_token(node: Node, token: str) -> bool:
    return node.child_count > 1 and any(child.type == token for child in node.children)


def _arguments(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return []
    return [node for node in arguments.named_children if node.type != "comment"]


def _option(options: Node | None, *names: str) -> Node | None:
    """Find the value of a key in an object that is written out."""
    if options is None or options.type != "object":
        return None
    for pair in options.named_children:
        if pair.type == "pair" and _text(_field(pair, "key")).strip("'\"") in names:
            return _field(pair, "value")
    return None


class _Script:
    """The code of a file, with its names; the tree is asked for what is above them in the order of the file."""

    def __init__(self, parts: _Parts, root: Node, names: Sequence[Node]) -> None:
        self.source = parts.script
        self.grammar = parts.grammar
        self.root = root
        self.names = names
        self.texts: list[bytes] = list(map(_TEXT_OF, names))
        self.has = set(self.texts)
        self.places = Places(root)
        self.last = 0
        self.functions: tuple[list[int], list[int]] | None = None

    def named(self, texts: AbstractSet[bytes]) -> list[tuple[int, int]]:
        """Return where names of the code stand, in order."""
        if self.has.isdisjoint(texts):
            return []
        found = [node for node, text in zip(self.names, self.texts, strict=True) if text in texts]
        return sorted((node.start_byte, node.end_byte) for node in found)

    def above(self, start: int, end: int) -> tuple[Node, Node | None]:
        """Return what stands at a place, and what is above it; for places in order, or from the first one again."""
        if start < self.last:
            self.places = Places(self.root)
        self.last = start
        node = self.places.at(start, end)
        return node, self.places.above(node)

    def call(self, start: int, end: int) -> Node | None:
        """Return the call of the function or method whose name stands at a place."""
        name, above = self.above(start, end)
        function = name
        if above is not None and (name.type, above.type) in _WITHIN_FUNCTIONS:
            function, above = above, self.places.above(above)
        is_call = above is not None and above.type == "call_expression" and _field(above, "function") == function
        return above if is_call else None

    def is_in_function(self, node: Node) -> bool:
        """Tell whether something stands in a function; of what stands deep, all functions of the file are asked."""
        above = self.places.above(node)
        for _ in range(_DEEPEST_REQUIRE):
            if above is None:
                return False
            if above.type in _FUNCTIONS:
                return True
            above = self.places.above(above)
        if self.functions is None:
            self.functions = _outermost(QueryCursor(_query_of_functions(self.grammar)).captures(self.root))
        starts, ends = self.functions
        place = bisect_right(starts, node.start_byte) - 1
        return place >= 0 and node.end_byte <= ends[place]


def _outermost(captures: Mapping[str, Sequence[Node]]) -> tuple[list[int], list[int]]:
    """Return where functions begin and end that are in no other."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((node.start_byte, node.end_byte) for node in captures.get("function", ())):
        if not ends or start >= ends[-1]:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _is_sum(node: Node) -> bool:
    return node.type == "binary_expression" and _text(_field(node, "operator")) == "+"


def _known_text(node: Node, texts: Mapping[str, str]) -> str:
    """Give what an expression says, with `{}` for what is not known."""
    pieces: list[str] = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        kind = part.type
        if kind == "string":
            pieces.append(_string(part))
        elif kind in {"string_fragment", "escape_sequence"}:
            pieces.append(_text(part))
        elif kind == "template_string" or _is_sum(part):
            waiting.extend(reversed(part.named_children))
        elif kind in _WRAPPED and part.named_child_count:
            waiting.append(part.named_children[0])
        else:
            pieces.append(texts.get(_text(part), _UNKNOWN) if kind == "identifier" else _UNKNOWN)
    text = "".join(pieces)
    while _UNKNOWN * 2 in text:
        text = text.replace(_UNKNOWN * 2, _UNKNOWN)
    return text


def _without_types_of_templates(parts: _Parts) -> _Parts:
    """Blank the type arguments of ``styled.p<Props>`...` ``, which the grammar does not know."""
    script = parts.script
    kept: list[bytes] = []
    taken: list[bytes] = []
    position = 0
    while (end := script.find(b">`", position) + 1) > 0:
        start = _opening_angle(script, position, end)
        if start > position and (script[start - 1 : start].isalnum() or script[start - 1] in b")_$"):
            taken.append(script[start:end])
            kept += (script[position:start], b"".join(b"\n" if byte == ord("\n") else b" " for byte in taken[-1]))
        else:
            kept.append(script[position:end])
        position = end
    kept.append(script[position:])
    return parts._replace(script=b"".join(kept), types=b" ".join(taken))


def _opening_angle(script: bytes, first: int, end: int) -> int:
    """Find the `<` of the `>` before a place; -1 for none. That of an arrow closes nothing."""
    depth = 0
    for place in range(end - 1, first - 1, -1):
        byte = script[place]
        if byte == ord("<"):
            depth -= 1
        elif byte == ord(">") and script[place - 1] != ord("="):
            depth += 1
        elif byte == ord("`"):
            return -1
        if depth == 0:
            return place
    return -1


# Components: markup with scripts


def _parts(source: bytes) -> _Parts:
    """Cut the scripts out of a component; comments and styles belong to neither part."""
    script: list[bytes] = []
    markup: list[bytes] = []
    grammar = "javascript"
    position = 0
    for start in _block_starts(source):
        if start < position:
            continue
        opened, end = _block(source, start)
        is_script = source.startswith(b"<script", start)
        markup += (source[position:start], _blank(source[start:end]))
        script += (_blank(source[position:opened]), source[opened:end] if is_script else _blank(source[opened:end]))
        if is_script:
            grammar = _GRAMMAR_OF_LANG.get(_attribute(source[start:opened], b"lang"), grammar)
        position = end
    markup.append(source[position:])
    return _Parts(b"".join(script), b"".join(markup) or b"\n", grammar)


def _blank(text: bytes) -> bytes:
    """Keep only the lines; a semicolon parts two scripts on one line."""
    return b"\n" * text.count(b"\n") or b";"


def _block_starts(source: bytes) -> list[int]:
    """Find where scripts, styles and comments may begin."""
    starts: list[int] = []
    for opening in (b"<script", b"<style", b"<!--"):
        place = source.find(opening)
        while place >= 0:
            starts.append(place)
            place = source.find(opening, place + 1)
    return sorted(starts)


def _block(source: bytes, start: int) -> tuple[int, int]:
    """Say where the content of a block begins, and where it ends."""
    if source.startswith(b"<!--", start):
        end = source.find(b"-->", start)
        return start, len(source) if end < 0 else end + len(b"-->")
    opened = _tag_end(source, start)
    if source[opened - 2 : opened] == b"/>":
        return opened, opened
    end = source.find(b"</script" if source.startswith(b"<script", start) else b"</style", opened)
    return opened, len(source) if end < 0 else end


def _tag_end(source: bytes, start: int) -> int:
    """Find what follows the `>` of a tag; one in quotes, as in `generics="A<B>"`, is none."""
    position = start
    while (close := source.find(b">", position)) >= 0:
        quotes = [place for quote in (b'"', b"'") if (place := source.find(quote, position, close)) >= 0]
        if not quotes:
            return close + 1
        opening = min(quotes)
        closing = source.find(source[opening : opening + 1], opening + 1)
        if closing < 0:
            return close + 1
        position = closing + 1
    return len(source)


def _attribute(tag: bytes, name: bytes) -> bytes:
    _, _, value = tag.partition(name + b"=")
    quote = value[:1]
    if quote in {b'"', b"'"}:
        return value[1:].partition(quote)[0]
    return value.partition(b">")[0].partition(b" ")[0]


def _component(lines: int) -> DefinitionFact:
    return DefinitionFact(1, max(lines, 1), "component", "default", (), is_exported=True)


def _markup_events(markup: bytes) -> Iterator[EventFact]:
    """Find `$emit("name")` in a template."""
    opening = b"$emit("
    line, counted = 1, 0
    position = markup.find(opening)
    while position >= 0:
        line, counted = line + markup.count(b"\n", counted, position), position
        start = position + len(opening)
        quote = markup[start : start + 1]
        end = markup.find(quote, start + 1) if quote in {b"'", b'"', b"`"} else -1
        name = markup[start + 1 : end].decode("utf-8", "replace") if end >= 0 else ""
        if _is_event_name(name):
            yield EventFact(line, name, "emits", "event")
        position = markup.find(opening, start)


# Imports


def _statements(root: Node) -> Iterator[Node]:
    """Give what stands at the top of a module, also around what could not be read."""
    for node in root.named_children:
        kind = node.type
        if kind in _STATEMENTS:
            yield node
        elif kind == "ERROR":
            yield from (inner for inner in node.named_children if inner.type in _STATEMENTS)


def _imports(statements: Iterable[Node], code: _Script) -> list[ImportFact]:
    found: list[ImportFact] = []
    for node in statements:
        if node.type == "import_statement":
            found += _static_import(node)
        elif node.type == "export_statement":
            found += _export_from(node)
    for start, end in code.named(_REQUIRE):
        if (call := code.call(start, end)) is not None:
            found += _called_import(call, code, is_dynamic=False)
    for called in _DYNAMIC_IMPORT.finditer(code.source):
        if (call := code.call(*called.span())) is not None:
            found += _called_import(call, code, is_dynamic=True)
    found.sort(key=lambda fact: fact.line)
    return found


def _static_import(node: Node) -> Iterator[ImportFact]:
    line = _line(node)
    clause = next((child for child in node.named_children if child.type.startswith("import_")), None)
    module = _string(_field(node, "source") or _field(clause, "source"))
    is_type = _has_token(node, "type")
    if clause is None:
        yield _import(line, module)
        return
    if clause.type == "import_require_clause":
        yield _import(line, module, alias=_text(clause.named_children[0]), is_type=is_type)
        return
    for part in clause.named_children:
        if part.type == "identifier":
            yield _import(line, module, "default", _text(part), is_type=is_type)
        elif part.type == "namespace_import":
            yield _import(line, module, "*", _text(part.named_children[0]), is_type=is_type)
        elif part.type == "named_imports":
            yield from _named_imports(part, module, is_type=is_type)


def _named_imports(node: Node, module: str, *, is_type: bool) -> Iterator[ImportFact]:
    for part in node.named_children:
        if part.type == "import_specifier":
            name = _text(_field(part, "name"))
            alias = _text(_field(part, "alias")) or name
            yield _import(_line(part), module, name, alias, is_type=is_type or _has_token(part, "type"))


def _export_from(node: Node) -> Iterator[ImportFact]:
    source = _field(node, "source")
    if source is None:
        return
    module = _string(source)
    is_type = _has_token(node, "type")
    names = _specifiers(node)
    if not names:
        yield _import(_line(node), module, "*", is_type=is_type)
    for part in names:
        is_type_only = is_type or _has_token(part, "type")
        yield _import(_line(part), module, _text(_field(part, "name")), is_type=is_type_only)


def _specifiers(node: Node) -> list[Node]:
    """Give the names of `export { a, b as c }`."""
    clauses = (child for child in node.named_children if child.type == "export_clause")
    return [part for clause in clauses for part in clause.named_children if part.type == "export_specifier"]


def _called_import(call: Node, code: _Script, *, is_dynamic: bool) -> Iterator[ImportFact]:
    """Read `require("x")` and `import("x")`, with the names that the result is given."""
    arguments = _arguments(call)
    module = _known_text(arguments[0], {}) if arguments else ""
    if not module or _UNKNOWN in module:
        return
    line = _line(call)
    node, part = _result_of(call, code.places)
    is_lazy = is_dynamic or code.is_in_function(call)
    whole = "*" if is_dynamic else ""
    target = _field(node, "name") if node is not None and node.type == "variable_declarator" else None
    if target is not None and target.type == "object_pattern" and not part:
        for name, alias, own in _pattern_names(target):
            yield _import(line, module, name, alias, is_lazy=is_lazy, own=own)
    elif target is not None and target.type == "identifier":
        yield _import(line, module, part or whole, _text(target), is_lazy=is_lazy, own=1)
    else:
        yield _import(line, module, part or whole, is_lazy=is_lazy)


def _result_of(call: Node, places: Places) -> tuple[Node | None, str]:
    """Say who takes the result of a call, and which member of it."""
    part = ""
    node = places.above(call)
    for _ in range(_LONGEST_CHAIN):
        if node is None or node.type not in _PASSED_ON:
            break
        if node.type == "member_expression":
            if part:
                break
            part = _text(_field(node, "property"))
        node = places.above(node)
    return node, "" if part == "then" else part


def _pattern_names(pattern: Node) -> Iterator[tuple[str, str, int]]:
    """Give the names of `{ a, b: c, d = 1 }`: of the member, of the variable, and how often the query meets it."""
    for part in pattern.named_children:
        if part.type == "shorthand_property_identifier_pattern":
            yield _text(part), _text(part), 0
        elif part.type == "object_assignment_pattern":
            name = _text(_field(part, "left"))
            yield name, name, 0
        elif part.type == "pair_pattern":
            value = _field(part, "value")
            value = _field(value, "left") or value
            if value is not None and value.type == "identifier":
                yield _text(_field(part, "key")), _text(value), 1


def _import(
    line: int,
    module: str,
    name: str = "",
    alias: str = "",
    *,
    is_type: bool = False,
    is_lazy: bool = False,
    own: int = 0,
) -> ImportFact:
    """Make an import; until uses are counted, `references` holds what its own variable takes from them."""
    return ImportFact(line, module, 0, name.strip("'\""), alias, is_type, is_lazy, -own)


def _with_references(
    imports: Sequence[ImportFact], code: _Script, captures: Mapping[str, Sequence[Node]], parts: _Parts
) -> tuple[ImportFact, ...]:
    """Count the uses of each alias: names of the code less those of imports, and words of the markup."""
    if not imports:
        return ()
    uses = Counter(code.texts)
    uses.update(map(_TEXT_OF, captures.get("type", ())))
    uses.subtract(map(_TEXT_OF, captures.get("own", ())))
    uses.update(parts.types.translate(_NOT_IN_NAMES).split())
    markup = parts.markup
    if markup:
        uses.update(markup.replace(b"</", b"_").translate(_NOT_IN_NAMES).split())
        uses.update(word for word in markup.translate(_NOT_IN_TAGS).split() if word.startswith(b"<") and b"-" in word)
    return tuple(
        fact._replace(references=max(0, fact.references + _uses(fact.alias, uses, is_component=bool(markup))))
        for fact in imports
    )


def _uses(alias: str, uses: Mapping[bytes, int], *, is_component: bool) -> int:
    if not alias:
        return 0
    name = alias.encode()
    if not is_component:
        return uses[name]
    kebab = _kebab(alias).encode()
    return uses[name] + uses[b"$" + name] + (uses[b"<" + kebab] if b"-" in kebab else 0)


def _kebab(name: str) -> str:
    """Write `UserCard` as a tag of Vue: `user-card`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("-")


# Definitions


def _definitions(statements: Iterable[Node], imports: Iterable[ImportFact], jsx: Sequence[int]) -> list[DefinitionFact]:
    """Read what stands at the top of a module, and what it passes on from elsewhere."""
    found: list[DefinitionFact] = []
    exported: list[tuple[int, str, str]] = []
    for node in statements:
        kind = node.type
        is_bare = kind == "export_statement" and _field(node, "declaration") is None
        if is_bare and _field(node, "source") is not None:
            found += _re_exports(node)
        elif is_bare and (names := _specifiers(node)):
            exported += (_exported_name(part) for part in names)
        elif kind == "import_statement":
            continue
        elif kind == "expression_statement":
            found += _common_js_definitions(node, jsx)
            exported += _common_js_exports(node)
        elif is_bare and (value := _field(node, "value")) is not None and value.type == "identifier":
            exported.append((_line(node), _text(value), "default"))
        elif (declared := _declared(node)) is not None:
            found += _declaration(declared, jsx)
    return _with_exports(found, exported, imports) if exported else found


def _declared(node: Node) -> _Declared | None:
    """Take the `export` and the `declare` off a declaration."""
    is_exported = is_default = False
    if node.type == "export_statement":
        is_exported, is_default = True, _has_token(node, "default")
        inner = _field(node, "declaration") or _field(node, "value")
        if inner is None:
            return None
        node = inner
    if node.type == "ambient_declaration" and node.named_child_count:
        node = node.named_children[0]
    if node.type == "expression_statement" and node.named_child_count:
        node = node.named_children[0]
    return _Declared(node, is_exported, is_default)


def _declaration(declared: _Declared, jsx: Sequence[int]) -> Iterator[DefinitionFact]:
    node, is_exported, is_default = declared
    if node.type in _VARIABLES:
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                yield from _variable(declarator, jsx, is_exported=is_exported)
    elif (kind := _KINDS.get(node.type)) is not None and (name := _text(_field(node, "name")).strip("'\"")):
        if kind == "function" and _is_component(name, node, jsx):
            kind = "component"
        yield DefinitionFact(_line(node), _end(node), kind, name, _bases(node), is_exported)
    elif is_default:
        kind = _kind_of_value("Default", node, jsx)
        yield DefinitionFact(_line(node), _end(node), kind, "default", _bases(node), is_exported)


def _variable(declarator: Node, jsx: Sequence[int], *, is_exported: bool) -> Iterator[DefinitionFact]:
    name, value = _field(declarator, "name"), _field(declarator, "value")
    line, end = _line(declarator), _end(declarator)
    if name is None or _is_import(value):
        return
    if name.type == "object_pattern":
        for _, alias, _ in _pattern_names(name):
            yield DefinitionFact(line, end, "constant", alias, (), is_exported)
    elif name.type == "identifier":
        shown = _text(name)
        bases = _bases(value) if value is not None and value.type == "class" else ()
        yield DefinitionFact(line, end, _kind_of_value(shown, value, jsx), shown, bases, is_exported)


def _is_import(value: Node | None) -> bool:
    """Tell `require(...)` and its members from other values."""
    while value is not None and value.type == "member_expression":
        value = _field(value, "object")
    return value is not None and value.type == "call_expression" and _text(_field(value, "function")) == "require"


def _kind_of_value(name: str, value: Node | None, jsx: Sequence[int]) -> str:
    kind = "constant" if value is None else _VALUE_KINDS.get(value.type, "constant")
    if value is None or kind == "class" or (kind == "constant" and value.type != "call_expression"):
        return kind
    return "component" if _is_component(name, value, jsx) else kind


def _is_component(name: str, node: Node, jsx: Sequence[int]) -> bool:
    """Tell a function whose name is capitalised and that holds JSX."""
    place = bisect_left(jsx, node.start_byte)
    return place < len(jsx) and jsx[place] < node.end_byte and name[:1].isupper()


def _bases(node: Node) -> tuple[str, ...]:
    """Give what a class or an interface extends, without type arguments."""
    for part in node.named_children:
        if part.type == "class_heritage":
            clauses = [child for child in part.named_children if child.type == "extends_clause"]
            values = clauses[0].children_by_field_name("value") if clauses else part.named_children
            return tuple(_text(value) for value in values if value.type != "implements_clause")
        if part.type == "extends_type_clause":
            types = part.children_by_field_name("type")
            return tuple(_text(_field(base, "name") if base.type == "generic_type" else base) for base in types)
    return ()


def _re_exports(node: Node) -> Iterator[DefinitionFact]:
    module = _string(_field(node, "source"))
    names = [(line, shown) for line, _, shown in map(_exported_name, _specifiers(node))]
    if not names:
        spaces = [child for child in node.named_children if child.type == "namespace_export"]
        names = [(_line(node), _text(spaces[0].named_children[0]) if spaces else "*")]
    for line, name in names:
        yield DefinitionFact(line, line, "re-export", name, (module,), is_exported=True)


def _exported_name(part: Node) -> tuple[int, str, str]:
    """Give the line, the name here and the name outside of `a as b`."""
    name = _text(_field(part, "name")).strip("'\"")
    return _line(part), name, _text(_field(part, "alias")).strip("'\"") or name


def _common_js_definitions(node: Node, jsx: Sequence[int]) -> Iterator[DefinitionFact]:
    """Read `exports.name = function () {...}`; a mere name or `require()` of it defines nothing."""
    target, value = _assignment(node)
    owner, _, name = target.rpartition(".")
    if value is None or owner not in {"exports", "module.exports"} or value.type == "identifier" or _is_import(value):
        return
    kind = _kind_of_value(name, value, jsx)
    yield DefinitionFact(_line(node), _end(node), kind, name, _bases(value), is_exported=True)


def _common_js_exports(node: Node) -> Iterator[tuple[int, str, str]]:
    """Read `module.exports = {a, b: c}` and `exports.a = b`."""
    target, value = _assignment(node)
    if value is None or not target.startswith(("exports.", "module.exports")):
        return
    if value.type == "identifier":
        name = target.rpartition(".")[2]
        yield _line(node), _text(value), "default" if target == "module.exports" else name
    elif value.type == "object" and target == "module.exports":
        for part in value.named_children:
            if part.type == "shorthand_property_identifier":
                yield _line(part), _text(part), _text(part)
            elif part.type == "pair" and (inner := _field(part, "value")) is not None and inner.type == "identifier":
                yield _line(part), _text(inner), _text(_field(part, "key")).strip("'\"")


def _assignment(node: Node) -> tuple[str, Node | None]:
    """Give both sides of a statement that sets a member of something."""
    inner = node.named_children[0] if node.named_child_count else None
    if inner is None or inner.type != "assignment_expression":
        return "", None
    left = _field(inner, "left")
    return (
        (_text(left), _field(inner, "right")) if left is not None and left.type == "member_expression" else ("", None)
    )


def _with_exports(
    found: Sequence[DefinitionFact], exported: Iterable[tuple[int, str, str]], imports: Iterable[ImportFact]
) -> list[DefinitionFact]:
    """Mark what is exported apart from its definition; what was imported is passed on."""
    by_name = {fact.name: fact for fact in found}
    modules = {fact.alias: fact.module for fact in imports if fact.alias}
    outside = dict.fromkeys(name for _, name, _ in exported)
    marked = [fact._replace(is_exported=True) if fact.name in outside else fact for fact in found]
    for line, name, shown in exported:
        if name in by_name:
            if shown not in {name, "default"}:
                marked.append(by_name[name]._replace(name=shown, is_exported=True))
        elif name in modules:
            marked.append(DefinitionFact(line, line, "re-export", shown, (modules[name],), is_exported=True))
    return marked


# Calls


def _context(statements: Iterable[Node], imports: Iterable[ImportFact], code: _Script) -> _Context:
    texts: dict[str, str] = {}
    values: dict[str, Node] = {}
    for node in statements:
        declared = _declared(node)
        if declared is None or declared.node.type not in _VARIABLES:
            continue
        for declarator in declared.node.named_children:
            value = _field(declarator, "value")
            if value is None:
                continue
            name = _text(_field(declarator, "name"))
            values[name] = value
            if value.type == "string":
                texts[name] = _string(value)
    frameworks = (_FRAMEWORKS[fact.module] for fact in imports if fact.module in _FRAMEWORKS)
    return _Context(texts, values, next(frameworks, ""), code)


def _calls(code: _Script, statements: Iterable[Node], imports: Iterable[ImportFact]) -> Iterator[_Fact]:
    source = code.source
    found = [(start, end, _OF_FUNCTION[source[start:end]]) for start, end in code.named(_OF_FUNCTION.keys())]
    found += [(*name.span(1), _OF_METHOD[name.group(1)]) for name in _CALL_OF_METHOD.finditer(source)]
    if not found:
        return
    context = _context(statements, imports, code)
    for start, end, reader in sorted(found, key=_FIRST):
        call = code.call(start, end)
        if call is not None:
            yield from reader(call, context)


def _owner(call: Node) -> Node | None:
    """Give the object whose method is called."""
    return _field(_field(call, "function"), "object")


def _shown_owner(call: Node) -> str:
    """Write the object of a call as people would name it: of a chain its beginning."""
    owner = _owner(call)
    for _ in range(_LONGEST_CHAIN):
        if owner is None or owner.type not in _CALLS:
            break
        function = _field(owner, "function") or _field(owner, "constructor")
        owner = _field(function, "object") or function
    if owner is None or owner.type in _CALLS or owner.end_byte - owner.start_byte > _LONGEST_OWNER:
        return ""
    return "".join(_text(owner).split())


def _read_fetch(call: Node, context: _Context) -> Iterator[HttpCallFact]:
    arguments = _arguments(call)
    if arguments and _shown_owner(call) in {"", "window", "globalThis", "self"}:
        options = arguments[1] if len(arguments) > 1 else None
        yield HttpCallFact(_line(call), _method(options, context), _path(_url(arguments[0], context)), "fetch")


def _read_axios(call: Node, context: _Context) -> Iterator[HttpCallFact]:
    """Read `axios(url, options)` and `axios({url, method})`."""
    arguments = _arguments(call)
    if not arguments:
        return
    url = _option(arguments[0], "url") if arguments[0].type == "object" else arguments[0]
    options = arguments[0] if arguments[0].type == "object" else (*arguments[1:], None)[0]
    path = _UNKNOWN if url is None else _path(_url(url, context))
    yield HttpCallFact(_line(call), _method(options, context), path, "axios")


def _read_request(call: Node, context: _Context) -> Iterator[HttpCallFact]:
    if _shown_owner(call) == "axios":
        yield from _read_axios(call, context)


def _read_options(call: Node, context: _Context) -> Iterator[HttpCallFact]:
    """Read `request(OpenAPI, {method: "GET", url: "/x/{id}"})`, as generated clients have it."""
    for options in _arguments(call):
        url = _option(options, "url")
        if url is not None:
            text = _path(_url(url, context))
            if _is_request(text):
                yield HttpCallFact(_line(call), _method(options, context), text, "request")
            return


def _method(options: Node | None, context: _Context) -> str:
    """Give the method that options name; `ANY` where it cannot be known."""
    if options is None:
        return "GET"
    value = _option(options, "method")
    if value is not None:
        text = _known_text(value, context.texts)
        return _ANY if _UNKNOWN in text else text.upper()
    if options.type != "object":
        return _ANY
    is_open = any(part.type == "spread_element" or part.text == b"method" for part in options.named_children)
    return _ANY if is_open else "GET"


def _url(node: Node, context: _Context) -> str:
    if node.type == "new_expression" and _text(_field(node, "constructor")) == "URL" and (inner := _arguments(node)):
        node = inner[0]
    return _known_text(node, context.texts)


def _path(url: str) -> str:
    """Take scheme, host and query off."""
    before, separator, after = url.partition("//")
    if separator and before in {"", "http:", "https:"}:
        url = "/" + after.partition("/")[2]
    return url.partition("?")[0].partition("#")[0]


def _is_request(url: str) -> bool:
    return url.startswith(("/", "http://", "https://", "{}/"))


def _read_verb(call: Node, context: _Context) -> Iterator[HttpCallFact | RouteFact]:
    """Read `api.get("/users")`, or `router.get("/users", handler)` in a file of a server."""
    arguments = _arguments(call)
    if not arguments:
        return
    owner, method = _shown_owner(call), _text(_field(_field(call, "function"), "property")).upper()
    if context.framework and owner != "axios" and (path := _route_path(call, arguments, context)) is not None:
        yield _route(call, method, path, arguments[-1], context)
        return
    url = _url(arguments[0], context)
    if owner == "axios" or _is_request(url):
        yield HttpCallFact(_line(call), method, _path(url), owner)


def _read_all(call: Node, context: _Context) -> Iterator[RouteFact]:
    arguments = _arguments(call)
    if context.framework and arguments and (path := _route_path(call, arguments, context)) is not None:
        yield _route(call, _ANY, path, arguments[-1], context)


def _route_path(call: Node, arguments: Sequence[Node], context: _Context) -> str | None:
    """Give the path of a route; nothing for a call that declares none. Nobody awaits a route."""
    if arguments[-1].type not in _HANDLERS or _type(context.code.places.above(call)) == "await_expression":
        return None
    if len(arguments) > 1:
        path = _known_text(arguments[0], context.texts)
        return path if path.startswith(("/", "*")) else None
    return _chained_path(call, context)


def _chained_path(call: Node, context: _Context) -> str | None:
    """Find the path of `router.route("/x").get(handler).post(handler)`."""
    owner = _owner(call)
    for _ in range(_LONGEST_CHAIN):
        function = _field(owner, "function")
        if owner is None or function is None:
            break
        if _text(_field(function, "property")) == "route" and (arguments := _arguments(owner)):
            return _known_text(arguments[0], context.texts)
        owner = _field(function, "object")
    return None


def _route(call: Node, method: str, path: str, handler: Node, context: _Context) -> RouteFact:
    line = _line(_field(_field(call, "function"), "property") or call)
    router = _router(_shown_owner(call), context)
    return RouteFact(line, method, path, router, _handler(handler), context.framework)


def _router(name: str, context: _Context) -> str:
    """Give the name of a router; empty for the application itself."""
    value = context.values.get(name)
    if value is None:
        return "" if name in _APPLICATIONS else name
    is_application = value.type == "call_expression" and _text(_field(value, "function")).lower() in _FRAMEWORKS
    return "" if is_application else name


def _handler(node: Node) -> str:
    """Name a handler: `users.list`, also within `wrap(users.list)` and `[check, users.list]`."""
    for _ in range(_LONGEST_CHAIN):
        if node.type not in {"call_expression", "array"}:
            break
        inner = node.named_children if node.type == "array" else _arguments(node)
        if not inner:
            return ""
        node = inner[-1]
    return _text(node) if node.type in {"identifier", "member_expression"} else ""


def _read_mount(call: Node, context: _Context) -> Iterator[IncludeFact]:
    """Read `app.use("/users", router)`, of hono `app.route("/users", router)`."""
    arguments = _arguments(call)
    if not context.framework or not arguments:
        return
    has_prefix = len(arguments) > 1
    prefix = _known_text(arguments[0], context.texts) if has_prefix else ""
    target = _target(arguments[-1])
    if target and prefix.startswith("/") is has_prefix:
        yield IncludeFact(_line(call), _router(_shown_owner(call), context), prefix, target)


def _read_register(call: Node, context: _Context) -> Iterator[IncludeFact]:
    """Read `fastify.register(routes, {prefix: "/users"})`."""
    arguments = _arguments(call)
    if context.framework != "fastify" or not arguments or not (target := _target(arguments[0])):
        return
    prefix = _option(arguments[1], "prefix") if len(arguments) > 1 else None
    shown = "" if prefix is None else _known_text(prefix, context.texts)
    yield IncludeFact(_line(call), _router(_shown_owner(call), context), shown, target)


def _target(node: Node) -> str:
    """Name what is mounted: `users`, of `users.routes()` too, and the module of `require("./users")`."""
    if node.type == "call_expression":
        if _is_import(node) or _text(_field(node, "function")) == "import":
            return _known_text(_arguments(node)[0], {}) if _arguments(node) else ""
        is_routes = _text(_field(_field(node, "function"), "property")) == "routes"
        return _text(_owner(node)) if is_routes else ""
    return _text(node) if node.type in {"identifier", "member_expression"} else ""


# Events


def _read_emit(call: Node, context: _Context) -> Iterator[EventFact]:
    """Read `emit("saved")`, `dispatch({type: "SAVED"})`, `dispatchEvent(new CustomEvent("saved"))`."""
    arguments = _arguments(call)
    if not arguments:
        return
    told = arguments[0]
    if told.type == "new_expression" and (inner := _arguments(told)):
        told = inner[0]
    told = _option(told, "type") or told
    name = _known_text(told, context.texts)
    if _is_event_name(name):
        yield EventFact(_line(call), name, "emits", "event")


def _read_listen(call: Node, context: _Context) -> Iterator[EventFact]:
    """Read `on("saved", handler)`; jQuery takes several names in one text."""
    arguments = _arguments(call)
    if len(arguments) > 1:
        for name in _known_text(arguments[0], context.texts).split():
            if _is_event_name(name):
                yield EventFact(_line(call), name, "handles", "event")


def _is_event_name(name: str) -> bool:
    """Tell a name from a sentence, as `git.commit("fix it")` has one."""
    return bool(name) and _UNKNOWN not in name and len(name.split()) == 1


def _declared_events(captures: Mapping[str, Sequence[Node]]) -> Iterator[EventFact]:
    """Read types with `type: "UserSaved"`."""
    for node in sorted(captures.get("signature", ()), key=_START_OF):
        name, annotation = _field(node, "name"), _field(node, "type")
        if name is None or annotation is None or name.text != b"type":
            continue
        waiting = [annotation]
        while waiting:
            part = waiting.pop()
            shown = _string(part)
            if shown[:1].isupper() and _is_event_name(shown):
                kind = "event" if shown.endswith(_EVENT_ENDINGS) else "command"
                yield EventFact(_line(part), shown, "declares", kind)
            elif part.type in {"type_annotation", "union_type", "literal_type"}:
                waiting.extend(reversed(part.named_children))


# Tables


def _read_entity(call: Node, context: _Context) -> Iterator[TableFact]:
    """Read a class that TypeORM makes a table of."""
    places = context.code.places
    decorator = places.above(call)
    if decorator is None or decorator.type != "decorator":
        return
    owner = places.above(decorator)
    model = _field(owner, "declaration") or owner
    if model is None or model.type not in {"class_declaration", "abstract_class_declaration"}:
        return
    columns: list[str] = []
    references: list[str] = []
    for name, decorated in _decorated(_field(model, "body")):
        function = _text(_field(decorated, "function"))
        if function in _COLUMNS:
            columns.append(name)
        elif function in _RELATIONS and (related := _related(decorated)):
            references.append(related)
    named = _field(model, "name") or model
    yield TableFact(
        _line(named), _table_name(call, context), _text(named), tuple(columns), tuple(references), "typeorm"
    )


def _table_name(call: Node, context: _Context) -> str:
    arguments = _arguments(call)
    value = (_option(arguments[0], "name") or arguments[0]) if arguments else None
    name = "" if value is None else _known_text(value, context.texts)
    return "" if _UNKNOWN in name else name


def _decorated(body: Node | None) -> Iterator[tuple[str, Node]]:
    """Give the properties of a class with the calls that decorate them."""
    for field in body.named_children if body is not None else ():
        for decorator in field.children_by_field_name("decorator"):
            inner = decorator.named_children[0] if decorator.named_child_count else None
            if inner is not None and inner.type == "call_expression":
                yield _text(_field(field, "name") or _field(field, "property")), inner


def _related(call: Node) -> str:
    """Give the model of `ManyToOne(() => User)`."""
    arguments = _arguments(call)
    if not arguments:
        return ""
    body = _field(arguments[0], "body") or arguments[0]
    return _string(body) or (_text(body) if body.type in {"identifier", "member_expression"} else "")


# Features


def _features(imports: Iterable[ImportFact], code: _Script) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    counts["store"] = sum(_is_store(module) for _, module in {(fact.line, fact.module) for fact in imports})
    for fact in imports:
        text = f"{fact.module} {fact.name} {fact.alias}"
        lower = text.lower()
        if _MAY_BE_AUTH.search(lower) and not _AUTH.isdisjoint(_words(text)):
            counts["auth"] += 1
        if fact.module in _BUSES or ("bus" in lower and "eventbus" in "".join(_words(text))):
            counts["event-bus"] += 1
        if fact.module.endswith(_STYLES) and ".module." not in fact.module:
            counts["global-css"] += 1
    counts["dom"] = sum(_is_object(*code.above(start, end)) for start, end in code.named(_DOM))
    return tuple(sorted((name, count) for name, count in counts.items() if count))


def _is_object(node: Node, above: Node | None) -> bool:
    return above is not None and above.type == "member_expression" and _field(above, "object") == node


def _is_store(module: str) -> bool:
    return module in _STORES or module.startswith(_STORE_FAMILIES)


@lru_cache(maxsize=4096)
def _words(text: str) -> list[str]:
    """Part `useAuthToken` and `auth/session` into their words, so that an author is no auth."""
    spaced = (
        f" {letter}" if letter.isupper() and not before.isupper() else letter if letter.isalnum() else " "
        for before, letter in zip(" " + text, text, strict=False)
    )
    return "".join(spaced).lower().split()


_Reader = Callable[[Node, _Context], Iterable[_Fact]]
_OF_FUNCTION: Final[Mapping[bytes, _Reader]] = {
    b"fetch": _read_fetch,
    b"axios": _read_axios,
    b"request": _read_options,
    b"__request": _read_options,
    b"emit": _read_emit,
    b"$emit": _read_emit,
    b"dispatch": _read_emit,
    b"dispatchEvent": _read_emit,
    b"commit": _read_emit,
    b"on": _read_listen,
    b"addEventListener": _read_listen,
    b"Entity": _read_entity,
}
_OF_METHOD: Final[Mapping[bytes, _Reader]] = {
    b"fetch": _read_fetch,
    b"request": _read_request,
    b"get": _read_verb,
    b"post": _read_verb,
    b"put": _read_verb,
    b"patch": _read_verb,
    b"delete": _read_verb,
    b"all": _read_all,
    b"use": _read_mount,
    b"route": _read_mount,
    b"register": _read_register,
    b"emit": _read_emit,
    b"$emit": _read_emit,
    b"dispatch": _read_emit,
    b"dispatchEvent": _read_emit,
    b"commit": _read_emit,
    b"on": _read_listen,
    b"$on": _read_listen,
    b"once": _read_listen,
    b"addEventListener": _read_listen,
}
_CALL_OF_METHOD: Final = re.compile(rb"\.\s*+(%b)(?=\s*+[(<?/])" % b"|".join(map(re.escape, sorted(_OF_METHOD))))
_WORDS: Final = (b"import", b"require", *sorted((*_OF_FUNCTION, *_DOM)))
"""Only a file with one of these has names that matter."""

"""Reads JSON Schema of every draft from 4 to 2020-12, and the `nullable` of OpenAPI.

What says several things at once, `not`, `if`, a choice of types, becomes a value of any kind with a note: the bridge
then asks for a conversion instead of guessing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urldefrag

from protogate.errors import UserError
from protogate.findings import Finding, Place, Severity
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["read_json_schema"]

_TYPES: Final = {
    "string": LegacyKind.STRING,
    "integer": LegacyKind.INTEGER,
    "number": LegacyKind.NUMBER,
    "boolean": LegacyKind.BOOLEAN,
    "object": LegacyKind.OBJECT,
}
_FORMAT_KINDS: Final = {
    "date-time": LegacyKind.TIMESTAMP,
    "date": LegacyKind.DATE,
    "time": LegacyKind.TIME,
    "byte": LegacyKind.BYTES,
    "binary": LegacyKind.BYTES,
    "decimal": LegacyKind.DECIMAL,
}
_NUMERIC_FORMATS: Final = {"int32": 32, "int64": 64, "float": 32, "double": 64}
_FORMATS: Final = frozenset(
    {
        *("email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "uuid"),
        *("iri-reference", "uri-template", "json-pointer", "relative-json-pointer", "regex", "password", "duration"),
    }
)
_UNREAD: Final = ("not", "if", "dependentSchemas", "unevaluatedProperties", "contains", "propertyNames")
_DEEPEST: Final = 60


class _Context(NamedTuple):
    """Where we are: the file, and the references that lead here."""

    file: _File
    path: str
    """For messages: `properties.address`."""
    trail: tuple[tuple[str, str], ...]
    """File and fragment of each reference on the way."""


class _File:
    """One document, its definitions by `$id` and `$anchor`, and the lines of its members."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8-sig")
            self.document = json.loads(self.text)
        except FileNotFoundError:
            raise UserError(f"{path}: no such file") from None
        except (OSError, UnicodeDecodeError, RecursionError) as error:
            raise UserError(f"{path}: cannot be read: {error}") from None
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{error.lineno}: is no JSON: {error.msg}") from None
        if not isinstance(self.document, dict | bool):
            raise UserError(f"{path}: is no JSON Schema; a schema is an object")
        self.named: dict[str, Any] = {}
        self._name(self.document, 0)

    def line_of(self, name: str) -> int:
        """The first line that has a member of this name; 0 for none."""
        place = self.text.find(f"{json.dumps(name, ensure_ascii=False)}:")
        if place < 0:
            place = self.text.find(f"{json.dumps(name)} :")
        return self.text.count("\n", 0, place) + 1 if place >= 0 else 0

    def _name(self, node: Any, depth: int) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(node, dict):
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    self.named.setdefault(f"#{node[key]}", node)
            for key in ("$id", "id"):
                if isinstance(node.get(key), str):
                    self.named.setdefault(node[key], node)
            for value in node.values():
                self._name(value, depth + 1)
        elif isinstance(node, list):
            for value in node:
                self._name(value, depth + 1)


def read_json_schema(source: str, names: Sequence[str] = ()) -> tuple[LegacySchema, ...]:
    """Give the schema of a file, or some of its definitions by their names.

    Raises:
        UserError: it cannot be read, or refers to something that does not exist.
    """
    file = _File(Path(source))
    reader = _Reader()
    document = file.document if isinstance(file.document, dict) else {}
    own = str(document.get("title") or Path(source).name.partition(".")[0])
    found = []
    if not names or own in names:
        found.append(reader.schema(own, document, _Context(file, own, ())))
    for section in ("$defs", "definitions"):
        for name, definition in _members(document, section).items():
            if name in names:
                found.append(reader.schema(name, definition, _Context(file, name, ())))
    return tuple(found)


class _Reader:
    """Reads schemas; collects notes and the objects that contain themselves."""

    def __init__(self) -> None:
        self._files: dict[Path, _File] = {}
        self._notes: list[Finding] = []
        self._definitions: dict[str, tuple[LegacyField, ...]] = {}
        self._wanted: set[str] = set()

    def schema(self, name: str, node: Any, context: _Context) -> LegacySchema:
        """One record type."""
        self._files.setdefault(context.file.path.resolve(), context.file)
        self._notes, self._definitions, self._wanted = [], {}, set()
        root = self._value(name, node, context._replace(trail=((str(context.file.path.resolve()), ""),)))
        place = Place(str(context.file.path), context.file.line_of("properties"))
        if root.kind is not LegacyKind.OBJECT:
            self._note(context, "is no object, so it has no fields", "name a definition that is one")
        definitions = {key: value for key, value in self._definitions.items() if key in self._wanted}
        return LegacySchema(
            name, SchemaFormat.JSON_SCHEMA, root.fields, place._replace(line=0), definitions, tuple(self._notes)
        )

    def _value(self, name: str, node: Any, context: _Context) -> LegacyField:
        """A property, whatever its schema says."""
        if isinstance(node, bool) or not isinstance(node, dict):
            return LegacyField(name, LegacyKind.ANY, self._place(name, context))
        if len(context.trail) > _DEEPEST or context.path.count(".") > _DEEPEST:
            self._note(context, "is nested too deep", "it is taken for any value")
            return LegacyField(name, LegacyKind.ANY, self._place(name, context))
        if "$ref" in node or "$dynamicRef" in node or "$recursiveRef" in node:
            return self._referred(name, node, context)
        merged, is_nullable = self._merged(node, context)
        made = self._typed(name, merged, context)
        nullable = is_nullable or node.get("nullable") is True
        default = merged.get("default", NO_DEFAULT)
        return made._replace(
            is_nullable=nullable,
            default=default,
            description=" ".join(str(merged.get("description") or merged.get("title") or "").split()),
        )

    def _referred(self, name: str, node: Mapping[str, Any], context: _Context) -> LegacyField:
        reference = str(node.get("$ref") or node.get("$dynamicRef") or node.get("$recursiveRef"))
        file, fragment, target = self._resolve(reference, context)
        step = (str(file.path.resolve()), fragment)
        label = fragment.rpartition("/")[2] or file.path.name.partition(".")[0]
        if step in context.trail:
            self._wanted.add(label)
            return LegacyField(name, LegacyKind.OBJECT, self._place(name, context), reference=label, is_nullable=False)
        inner = self._value(name, target, _Context(file, context.path, (*context.trail, step)))
        if inner.kind is LegacyKind.OBJECT and inner.fields:
            self._definitions.setdefault(label, inner.fields)
        place = self._place(name, context)
        is_nullable = inner.is_nullable or node.get("nullable") is True
        # Drafts before 2019-09 ignore what stands beside a reference; later ones mean it too.
        extra = {key: value for key, value in node.items() if key in {"default", "description"}}
        return inner._replace(
            place=place,
            is_nullable=is_nullable,
            default=extra.get("default", inner.default),
            description=" ".join(str(extra.get("description", inner.description)).split()),
        )

    def _resolve(self, reference: str, context: _Context) -> tuple[_File, str, Any]:
        base, fragment = urldefrag(reference)
        file = context.file
        if base and reference in file.named:
            return file, reference, file.named[reference]
        if base and base in file.named:
            return file, f"{base}#{fragment}", self._pointed(file.named[base], fragment, reference, context)
        if base:
            path = (context.file.path.parent / unquote(base)).resolve()
            if "://" in base:
                path = context.file.path.parent / base.rpartition("/")[2]
            file = self._files.get(path) or self._opened(path, reference, context)
        if fragment and not fragment.startswith("/"):
            named = file.named.get(f"#{fragment}")
            if named is None:
                raise UserError(f"{self._place('$ref', context)}: {reference} leads nowhere")
            return file, fragment, named
        return file, fragment, self._pointed(file.document, fragment, reference, context)

    def _opened(self, path: Path, reference: str, context: _Context) -> _File:
        if not path.is_file():
            raise UserError(f"{self._place('$ref', context)}: {reference}: there is no {path.name} beside it")
        file = _File(path)
        self._files[path] = file
        return file

    def _pointed(self, node: Any, fragment: str, reference: str, context: _Context) -> Any:
        for part in fragment.split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise UserError(f"{self._place('$ref', context)}: {reference} leads nowhere")
        return node

    def _merged(self, node: Mapping[str, Any], context: _Context) -> tuple[dict[str, Any], bool]:
        """One schema of `allOf` and of a choice between something and null; whether null is allowed."""
        merged = dict(node)
        is_nullable = False
        for part in _listed(node, "allOf"):
            inner, null = self._merged(self._followed(part, context), context)
            is_nullable = is_nullable or null
            merged = _both(inner, merged)
        for key in ("anyOf", "oneOf"):
            choices = _listed(node, key)
            if not choices:
                continue
            real = [one for one in choices if not _is_null(one)]
            is_nullable = is_nullable or len(real) < len(choices)
            merged.pop(key, None)
            constants = [_constants(one) for one in real]
            if len(real) == 1:
                inner, null = self._merged(self._followed(real[0], context), context)
                is_nullable = is_nullable or null
                merged = _both(inner, merged)
            elif all(constants):
                merged["enum"] = [value for some in constants for value in some]
            else:
                merged["$choice"] = key
        types = merged.get("type")
        if isinstance(types, list):
            is_nullable = is_nullable or "null" in types
            rest = [one for one in types if one != "null"]
            merged["type"] = rest[0] if len(rest) == 1 else rest
        if None in _listed(merged, "enum"):
            is_nullable = True
        return merged, is_nullable

    def _followed(self, node: Any, context: _Context, depth: int = 0) -> Mapping[str, Any]:
        """A part of `allOf` and the like, behind its reference."""
        if isinstance(node, dict) and "$ref" in node and depth < _DEEPEST:
            file, fragment, target = self._resolve(str(node["$ref"]), context)
            step = (str(file.path.resolve()), fragment)
            if step in context.trail:
                return {}
            return self._followed(target, context._replace(file=file), depth + 1)
        return node if isinstance(node, dict) else {}

    def _typed(self, name: str, node: dict[str, Any], context: _Context) -> LegacyField:
        place = self._place(name, context)
        any_value = LegacyField(name, LegacyKind.ANY, place)
        unread = [key for key in _UNREAD if key in node]
        if unread:
            self._note(context, f"{unread[0]!r} is not understood", "what it says is left out")
        values = [value for value in _constants(node) if value is not None]
        if values:
            return self._choice(name, values, place, context)
        types = node.get("type")
        if "$choice" in node or isinstance(types, list):
            what = node.get("$choice") or ", ".join(map(str, types or ()))
            self._note(context, f"is one of several types ({what})", "it is taken for any value; say a conversion")
            return any_value
        if types == "array" or (types is None and ("items" in node or "prefixItems" in node)):
            return self._list(name, node, context)
        if types == "object" or (types is None and ("properties" in node or "additionalProperties" in node)):
            return self._object(name, node, context)
        kind = _TYPES.get(str(types), LegacyKind.ANY)
        if types is None:
            kind = _implied(node)
        return self._scalar(name, kind, node, context)

    def _choice(self, name: str, values: Sequence[Any], place: Place, context: _Context) -> LegacyField:
        if all(isinstance(value, str) for value in values):
            return LegacyField(name, LegacyKind.ENUM, place, values=tuple(values), type_text="string enum")
        if all(isinstance(value, bool) for value in values):
            return LegacyField(name, LegacyKind.BOOLEAN, place, type_text="boolean")
        if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            return LegacyField(name, LegacyKind.ENUM, place, values=tuple(values), type_text="integer enum")
        self._note(context, "is a choice of values of several types", "it is taken for any value; say a conversion")
        return LegacyField(name, LegacyKind.ANY, place)

    def _list(self, name: str, node: Mapping[str, Any], context: _Context) -> LegacyField:
        items = node.get("items", True)
        if isinstance(items, list) or "prefixItems" in node:
            self._note(context, "is a tuple", "it is taken for a list of any values")
            items = True
        inner = self._value(name, items, context._replace(path=f"{context.path}[]"))
        if inner.is_repeated:
            self._note(context, "is a list of lists, which no repeated field holds", "it is taken for any values")
            inner = LegacyField(name, LegacyKind.ANY, inner.place)
        return inner._replace(is_repeated=True, type_text=f"array of {inner.type_text or inner.kind.value}")

    def _object(self, name: str, node: Mapping[str, Any], context: _Context) -> LegacyField:
        place = self._place(name, context)
        properties = _members(node, "properties")
        patterns = list(_members(node, "patternProperties").values())
        extra = node.get("additionalProperties")
        if not properties and (patterns or isinstance(extra, dict)):
            value = self._value("value", patterns[0] if patterns else extra, context._replace(path=f"{context.path}.*"))
            return LegacyField(name, LegacyKind.MAP, place, type_text="object", fields=(value,))
        required = set(_listed(node, "required"))
        fields = tuple(
            self._value(key, inner, context._replace(path=f"{context.path}.{key}"))._replace(
                is_required=key in required
            )
            for key, inner in properties.items()
        )
        return LegacyField(name, LegacyKind.OBJECT, place, type_text="object", fields=fields)

    def _scalar(self, name: str, kind: LegacyKind, node: Mapping[str, Any], context: _Context) -> LegacyField:
        form = str(node.get("format") or "")
        text = f"{node.get('type', 'any')}/{form}" if form else str(node.get("type", "any"))
        bits = _NUMERIC_FORMATS.get(form)
        if kind is LegacyKind.STRING and (form in _FORMAT_KINDS or node.get("contentEncoding") == "base64"):
            kind = _FORMAT_KINDS.get(form, LegacyKind.BYTES)
        elif form and bits is None and form not in _FORMATS and form not in _FORMAT_KINDS:
            self._note(context, f"format {form!r} is not known", "it is kept and not checked")
        return LegacyField(
            name,
            kind,
            self._place(name, context),
            type_text=text,
            format=form if kind is LegacyKind.STRING else "",
            length=_whole(node.get("maxLength")),
            bits=bits,
            minimum=_bound(node, "minimum", "exclusiveMinimum"),
            maximum=_bound(node, "maximum", "exclusiveMaximum"),
            pattern=str(node.get("pattern") or ""),
        )

    def _place(self, name: str, context: _Context) -> Place:
        return Place(str(context.file.path), context.file.line_of(name))

    def _note(self, context: _Context, problem: str, hint: str) -> None:
        place = self._place(context.path.rpartition(".")[2].removesuffix("[]"), context)
        path = context.path
        self._notes.append(Finding("legacy/NOT_UNDERSTOOD", place, f"{path}: {problem}", hint, Severity.NOTE, path))


def _members(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def _listed(node: Mapping[str, Any], key: str) -> list[Any]:
    found = node.get(key)
    return found if isinstance(found, list) else []


def _constants(node: Any) -> list[Any]:
    """The values of `enum` or `const`."""
    if not isinstance(node, dict):
        return []
    return [node["const"]] if "const" in node else _listed(node, "enum")


def _is_null(node: Any) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or node.get("const", 0) is None)


def _both(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """What two schemas say together; the right one wins where they cannot both be told."""
    merged = {**left, **right}
    if isinstance(left.get("properties"), dict) and isinstance(right.get("properties"), dict):
        merged["properties"] = {**left["properties"], **right["properties"]}
    if _listed(left, "required") or _listed(right, "required"):
        merged["required"] = [*_listed(left, "required"), *_listed(right, "required")]
    merged.pop("allOf", None)
    return merged


def _implied(node: Mapping[str, Any]) -> LegacyKind:
    """A type that only its rules give away."""
    if any(key in node for key in ("minLength", "maxLength", "pattern", "format")):
        return LegacyKind.STRING
    if any(key in node for key in ("minimum", "maximum", "multipleOf")):
        return LegacyKind.NUMBER
    return LegacyKind.ANY


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _bound(node: Mapping[str, Any], plain: str, exclusive: str) -> float | None:
    """A bound; `exclusiveMinimum` is a flag in draft 4 and a number since."""
    value = node.get(exclusive)
    if isinstance(value, bool) or value is None:
        value = node.get(plain)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None

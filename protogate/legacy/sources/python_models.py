"""Reads pydantic and SQLAlchemy models out of Python source, without importing it.

Annotations are read as they are written: names are followed inside of the file, and what comes from elsewhere is known
by its usual name (`datetime`, `UUID`, `EmailStr`). What cannot be told is any value, with a note.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.errors import UserError
from protogate.findings import Finding, Place, Severity
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.sources.sql_types import sql_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["read_models"]

_PLAIN: Final[dict[str, tuple[LegacyKind, str]]] = {
    "str": (LegacyKind.STRING, ""),
    "int": (LegacyKind.INTEGER, ""),
    "float": (LegacyKind.NUMBER, ""),
    "bool": (LegacyKind.BOOLEAN, ""),
    "bytes": (LegacyKind.BYTES, ""),
    "Decimal": (LegacyKind.DECIMAL, ""),
    "datetime": (LegacyKind.TIMESTAMP, ""),
    "AwareDatetime": (LegacyKind.TIMESTAMP, ""),
    "NaiveDatetime": (LegacyKind.TIMESTAMP, ""),
    "date": (LegacyKind.DATE, ""),
    "time": (LegacyKind.TIME, ""),
    "timedelta": (LegacyKind.DURATION, ""),
    "UUID": (LegacyKind.STRING, "uuid"),
    "EmailStr": (LegacyKind.STRING, "email"),
    "AnyUrl": (LegacyKind.STRING, "uri"),
    "HttpUrl": (LegacyKind.STRING, "uri"),
    "IPv4Address": (LegacyKind.STRING, "ipv4"),
    "IPv6Address": (LegacyKind.STRING, "ipv6"),
    "dict": (LegacyKind.MAP, ""),
    "Any": (LegacyKind.ANY, ""),
    "object": (LegacyKind.ANY, ""),
    "PositiveInt": (LegacyKind.INTEGER, ""),
    "NonNegativeInt": (LegacyKind.INTEGER, ""),
    "StrictStr": (LegacyKind.STRING, ""),
    "StrictInt": (LegacyKind.INTEGER, ""),
    "StrictBool": (LegacyKind.BOOLEAN, ""),
    "StrictFloat": (LegacyKind.NUMBER, ""),
}
_LISTS: Final = frozenset({"list", "List", "set", "Set", "frozenset", "FrozenSet", "Sequence", "tuple", "Tuple"})
_MAPS: Final = frozenset({"dict", "Dict", "Mapping"})
_WRAPPERS: Final = frozenset({"Annotated", "Mapped", "Final", "Required", "NotRequired", "ReadOnly"})
_ENUMS: Final = frozenset({"Enum", "StrEnum", "IntEnum"})
_MODELS: Final = frozenset({"BaseModel", "RootModel"})
_COLUMNS: Final = frozenset({"Column", "mapped_column"})
_SQL: Final = {
    "String": "varchar", "Text": "text", "Unicode": "varchar", "UnicodeText": "text", "Integer": "integer",
    "SmallInteger": "smallint", "BigInteger": "bigint", "Boolean": "boolean", "Float": "float", "Double": "double",
    "Numeric": "numeric", "DateTime": "timestamp", "Date": "date", "Time": "time", "Interval": "interval",
    "LargeBinary": "blob", "JSON": "json", "JSONB": "jsonb", "Uuid": "uuid", "UUID": "uuid", "Enum": "enum",
}  # fmt: skip
"""Types of SQLAlchemy, as databases call them."""


class _Type(NamedTuple):
    kind: LegacyKind
    format: str = ""
    is_nullable: bool = False
    is_repeated: bool = False
    values: tuple[str | int, ...] = ()
    fields: tuple[LegacyField, ...] = ()
    reference: str = ""
    length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""


def read_models(source: str) -> tuple[LegacySchema, ...]:
    """Give the models of a file, in its order; pydantic's by their class, SQLAlchemy's by their table.

    Raises:
        UserError: it cannot be read, or is no Python.
    """
    path = Path(source)
    try:
        tree = ast.parse(path.read_bytes(), filename=source)
    except FileNotFoundError:
        raise UserError(f"{source}: no such file") from None
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UserError(f"{source}{f':{line}' if line else ''}: is no Python: {error}") from None
    except OSError as error:
        raise UserError(f"{source}: {(error.strerror or str(error)).lower()}") from None
    return tuple(_Module(source, tree).schemas())


class _Module:
    """A file with its classes."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        self._source = source
        self._tree = tree
        self._classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        self._aliases = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self._notes: list[Finding] = []
        self._definitions: dict[str, tuple[LegacyField, ...]] = {}

    def schemas(self) -> Iterator[LegacySchema]:
        for node in self._tree.body:
            self._notes, self._definitions = [], {}
            if isinstance(node, ast.ClassDef) and self._is_table(node):
                yield self._table(node)
            elif isinstance(node, ast.ClassDef) and self._is_a(node, _MODELS):
                fields = self._model_fields(node, (node.name,))
                yield self._schema(node.name, SchemaFormat.PYDANTIC, fields, node.lineno)
            elif isinstance(node, ast.Assign) and _called(node.value) == "Table":
                yield from self._core_table(node)

    def _schema(
        self, name: str, form: SchemaFormat, fields: tuple[LegacyField, ...], line: int
    ) -> LegacySchema:  # fmt: skip
        wanted = {one for field in fields for one in _references(field)}
        known = {key: value for key, value in self._definitions.items() if key in wanted}
        if name in wanted:
            known[name] = fields
        return LegacySchema(name, form, fields, Place(self._source, line), known, tuple(self._notes))

    def _is_a(self, node: ast.ClassDef, names: frozenset[str], depth: int = 0) -> bool:
        bases = [_last(base) for base in node.bases]
        if any(name in names for name in bases):
            return True
        return depth < _DEEPEST and any(
            self._is_a(self._classes[name], names, depth + 1) for name in bases if name in self._classes
        )

    def _is_table(self, node: ast.ClassDef) -> bool:
        if any(
            isinstance(one, ast.Assign) and any(_last(target) == "__tablename__" for target in one.targets)
            for one in node.body
        ):
            return True
        return any(word.arg == "table" and _constant(word.value) is True for word in node.keywords)

    # Models of pydantic.

    def _model_fields(self, node: ast.ClassDef, path: tuple[str, ...]) -> tuple[LegacyField, ...]:
        found: dict[str, LegacyField] = {}
        for base in node.bases:
            parent = self._classes.get(_last(base))
            if parent is not None and parent.name not in path:
                found |= {one.name: one for one in self._model_fields(parent, (*path, parent.name))}
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id[0] != "_":
                if _last(one.annotation) == "ClassVar" or _subscripted(one.annotation) == "ClassVar":
                    continue
                field = self._model_field(one, path)
                found[field.name] = field
        return tuple(found.values())

    def _model_field(self, node: ast.AnnAssign, path: tuple[str, ...]) -> LegacyField:
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        made = self._typed(node.annotation, path)
        default: Any = NO_DEFAULT
        is_required = node.value is None
        if node.value is not None and _called(node.value) == "Field":
            arguments = _arguments(node.value)
            made = _constrained(made, arguments)
            first = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else None
            is_required = first is None and "default" not in arguments and "default_factory" not in arguments
            if isinstance(first, ast.Constant) and first.value is ...:
                is_required, first = True, None
            value = first if first is not None else arguments.get("default")
            default = _json(value)
            alias = _constant(arguments.get("alias")) or _constant(arguments.get("validation_alias"))
            name = alias if isinstance(alias, str) else name
        elif node.value is not None:
            default = _json(node.value)
        return self._field(name, made, node, default)._replace(is_required=is_required)

    def _field(self, name: str, made: _Type, node: ast.stmt, default: Any = NO_DEFAULT) -> LegacyField:
        annotation = getattr(node, "annotation", None)
        return LegacyField(
            name,
            made.kind,
            Place(self._source, node.lineno),
            is_nullable=made.is_nullable,
            is_repeated=made.is_repeated,
            type_text=ast.unparse(annotation) if annotation is not None else "",
            format=made.format,
            values=made.values,
            length=made.length,
            minimum=made.minimum,
            maximum=made.maximum,
            pattern=made.pattern,
            default=default,
            fields=made.fields,
            reference=made.reference,
        )

    def _typed(self, node: ast.expr, path: tuple[str, ...]) -> _Type:
        """What an annotation means."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self._typed(ast.parse(node.value, mode="eval").body, path)
            except SyntaxError:
                return self._any(node, node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([node.left, node.right], node, path)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, path)
        if isinstance(node, ast.Constant) and node.value is None:
            return _Type(LegacyKind.ANY, is_nullable=True)
        name = _last(node)
        if name in self._classes:
            return self._class(self._classes[name], path)
        if name in self._aliases and isinstance(node, ast.Name):
            return self._typed(self._aliases[name], path)
        if name in _LISTS:
            return _Type(LegacyKind.ANY, is_repeated=True)
        if name in _PLAIN:
            kind, form = _PLAIN[name]
            return _Type(kind, form)
        return self._any(node, ast.unparse(node))

    def _subscript(self, node: ast.Subscript, path: tuple[str, ...]) -> _Type:
        name = _last(node.value)
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Annotated":
            made = self._typed(inside[0], path)
            for extra in inside[1:]:
                made = _constrained(made, _arguments(extra))
            return made
        if name in _WRAPPERS:
            return self._typed(inside[0], path)
        if name == "Optional":
            return self._typed(inside[0], path)._replace(is_nullable=True)
        if name == "Union":
            return self._union(inside, node, path)
        if name == "Literal":
            return _choice([one.value for one in inside if isinstance(one, ast.Constant)])
        if name in _MAPS:
            value = self._typed(inside[-1], path)
            return _Type(LegacyKind.MAP, fields=(self._field("value", value, ast.Pass(lineno=node.lineno)),))
        if name in _LISTS:
            item = self._typed(inside[0], path)
            return self._any(node, ast.unparse(node)) if item.is_repeated else item._replace(is_repeated=True)
        if name in {"constr", "conint"} or name in _PLAIN:
            return self._typed(node.value, path)
        return self._any(node, ast.unparse(node))

    def _union(self, parts: Sequence[ast.expr], node: ast.expr, path: tuple[str, ...]) -> _Type:
        flat = list(_flat(parts))
        real = [one for one in flat if not (isinstance(one, ast.Constant) and one.value is None)]
        is_nullable = len(real) < len(flat)
        if len(real) == 1:
            made = self._typed(real[0], path)
            return made._replace(is_nullable=made.is_nullable or is_nullable)
        choices = [self._typed(one, path) for one in real]
        if all(one.values for one in choices):
            return _choice([value for one in choices for value in one.values])._replace(is_nullable=is_nullable)
        return self._any(node, ast.unparse(node))._replace(is_nullable=is_nullable)

    def _class(self, node: ast.ClassDef, path: tuple[str, ...]) -> _Type:
        if self._is_a(node, _ENUMS):
            values = [_constant(one.value) for one in node.body if isinstance(one, ast.Assign)]
            return _choice([value for value in values if isinstance(value, str | int)])
        if node.name in path:
            return _Type(LegacyKind.OBJECT, reference=node.name)
        fields = self._model_fields(node, (*path, node.name))
        self._definitions[node.name] = fields
        return _Type(LegacyKind.OBJECT, fields=fields)

    def _any(self, node: ast.expr, text: str) -> _Type:
        place = Place(self._source, getattr(node, "lineno", 0))
        hint = "it is taken for any value; say a conversion in the mapping"
        self._notes.append(
            Finding("legacy/NOT_UNDERSTOOD", place, f"type {text} is not known", hint, Severity.NOTE)
        )  # fmt: skip
        return _Type(LegacyKind.ANY)

    # Tables of SQLAlchemy.

    def _table(self, node: ast.ClassDef) -> LegacySchema:
        name = next(
            (
                str(_constant(one.value))
                for one in node.body
                if isinstance(one, ast.Assign) and any(_last(target) == "__tablename__" for target in one.targets)
            ),
            node.name.lower(),
        )
        fields = tuple(self._columns(node))
        is_sqlmodel = not any(_is_column(field_node) for field_node in node.body)
        form = SchemaFormat.SQLALCHEMY
        if is_sqlmodel and not fields:
            fields = self._model_fields(node, (node.name,))
        return self._schema(name, form, fields, node.lineno)

    def _columns(self, node: ast.ClassDef) -> Iterator[LegacyField]:
        for base in node.bases:
            parent = self._classes.get(_last(base))
            if parent is not None and parent is not node:
                yield from self._columns(parent)
        for one in node.body:
            if isinstance(one, ast.Assign) and _called(one.value) in _COLUMNS:
                yield self._column(_last(one.targets[0]), one.value, None, one)
            elif isinstance(one, ast.AnnAssign) and self._is_mapped(one):
                yield self._column(_last(one.target), one.value, one.annotation, one)

    def _is_mapped(self, node: ast.AnnAssign) -> bool:
        if _called(node.value) in {"relationship", "association_proxy"}:
            return False
        return _subscripted(node.annotation) == "Mapped" or _called(node.value) in {*_COLUMNS, "Field"}

    def _column(
        self, name: str, value: ast.expr | None, annotation: ast.expr | None, node: ast.stmt
    ) -> LegacyField:  # fmt: skip
        arguments = _arguments(value)
        positional = value.args if isinstance(value, ast.Call) else []
        said = self._typed(annotation, ()) if annotation is not None else None
        declared = next((one for one in positional if _last(one) in _SQL or _called(one) in _SQL), None)
        field = LegacyField(name, LegacyKind.ANY, Place(self._source, node.lineno))
        if declared is not None:
            field = self._with_sql_type(field, declared)
        elif said is not None:
            field = self._field(name, said, node)
        first = positional[0] if positional else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            field = field._replace(name=first.value)
        is_key = _constant(arguments.get("primary_key")) is True
        nullable = _constant(arguments.get("nullable"))
        if nullable is None:
            nullable = said.is_nullable if said is not None else True
        is_nullable = bool(nullable) and not is_key
        foreign = next((one for one in positional if _called(one) == "ForeignKey"), None)
        target = _constant(foreign.args[0]) if isinstance(foreign, ast.Call) and foreign.args else ""
        return field._replace(
            is_key=is_key,
            is_nullable=is_nullable,
            is_required=not is_nullable,
            references=str(target or ""),
            default=_json(arguments.get("default")),
            description=str(_constant(arguments.get("comment")) or _constant(arguments.get("doc")) or ""),
        )

    def _with_sql_type(self, field: LegacyField, declared: ast.expr) -> LegacyField:
        name = _called(declared) or _last(declared)
        positional = declared.args if isinstance(declared, ast.Call) else []
        keywords = _arguments(declared)
        if name == "Enum":
            return self._enum_column(field, positional, declared)
        sizes = [_constant(one) for one in positional]
        sizes += [_constant(keywords[key]) for key in ("length", "precision", "scale") if key in keywords]
        listed = ", ".join(str(size) for size in sizes if isinstance(size, int) and not isinstance(size, bool))
        text = f"{_SQL[name]}({listed})" if listed else _SQL[name]
        made = sql_type(text)
        return field._replace(
            kind=made.kind,
            type_text=ast.unparse(declared),
            format=made.format,
            length=made.length,
            precision=made.precision,
            scale=made.scale,
            bits=made.bits,
        )

    def _enum_column(self, field: LegacyField, positional: Sequence[ast.expr], declared: ast.expr) -> LegacyField:
        first = self._classes.get(_last(positional[0])) if positional else None
        if first is not None:
            # SQLAlchemy keeps the names of an enum, not its values.
            values: list[Any] = [_last(one.targets[0]) for one in first.body if isinstance(one, ast.Assign)]
        else:
            values = [_constant(one) for one in positional]
        found = tuple(value for value in values if isinstance(value, str))
        return field._replace(kind=LegacyKind.ENUM, values=found, type_text=ast.unparse(declared))

    def _core_table(self, node: ast.Assign) -> Iterator[LegacySchema]:
        call = node.value
        if not isinstance(call, ast.Call) or not call.args or not isinstance(_constant(call.args[0]), str):
            return
        fields = tuple(
            self._column(str(_constant(one.args[0])), one, None, node)
            for one in call.args[1:]
            if isinstance(one, ast.Call) and _called(one) == "Column" and one.args
        )
        yield self._schema(str(_constant(call.args[0])), SchemaFormat.SQLALCHEMY, fields, node.lineno)


_DEEPEST: Final = 20


def _choice(values: Sequence[Any]) -> _Type:
    if values and all(isinstance(value, bool) for value in values):
        return _Type(LegacyKind.BOOLEAN)
    found = tuple(value for value in values if isinstance(value, str | int))
    is_nullable = None in values
    return _Type(LegacyKind.ENUM if found else LegacyKind.ANY, values=found, is_nullable=is_nullable)


def _constrained(made: _Type, arguments: dict[str, ast.expr]) -> _Type:
    """With what `Field(...)` or `StringConstraints(...)` says."""
    values = {name: _constant(node) for name, node in arguments.items()}
    length, low, high = (
        next((values[name] for name in names if values.get(name) is not None), None)
        for names in (("max_length",), ("ge", "gt"), ("le", "lt"))
    )
    return made._replace(
        length=length if isinstance(length, int) else made.length,
        minimum=low if isinstance(low, int | float) else made.minimum,
        maximum=high if isinstance(high, int | float) else made.maximum,
        pattern=str(values.get("pattern") or made.pattern),
    )


def _flat(parts: Sequence[ast.expr]) -> Iterator[ast.expr]:
    for one in parts:
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr):
            yield from _flat([one.left, one.right])
        else:
            yield one


def _references(field: LegacyField) -> Iterator[str]:
    if field.reference:
        yield field.reference
    for inner in field.fields:
        yield from _references(inner)


def _is_column(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    return _called(value) in _COLUMNS


def _last(node: ast.expr | None) -> str:
    """The last word of a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _subscripted(node: ast.expr | None) -> str:
    return _last(node.value) if isinstance(node, ast.Subscript) else ""


def _called(node: ast.expr | None) -> str:
    return _last(node.func) if isinstance(node, ast.Call) else ""


def _arguments(node: ast.expr | None) -> dict[str, ast.expr]:
    return {word.arg: word.value for word in node.keywords if word.arg} if isinstance(node, ast.Call) else {}


def _constant(node: ast.expr | None) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _constant(node.operand)
        return -value if isinstance(value, int | float) else None
    return node.value if isinstance(node, ast.Constant) else None


def _json(node: ast.expr | None) -> Any:
    """A default that is JSON; nothing for what is worked out when the program runs."""
    if node is None:
        return NO_DEFAULT
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NO_DEFAULT
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else NO_DEFAULT

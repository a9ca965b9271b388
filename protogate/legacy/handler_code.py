"""What legacy code says of the fields of a slice: columns of tables, bodies and parameters of handlers.

Code is parsed, never run. Models of SQLAlchemy, SQLModel and pydantic are read as the bridge to legacy databases reads
them; those of Django here.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.sources import read_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Handler", "LegacyCode", "unknown_columns"]

_DJANGO: Final = {
    "AutoField": LegacyKind.INTEGER,
    "BigAutoField": LegacyKind.INTEGER,
    "BigIntegerField": LegacyKind.INTEGER,
    "BinaryField": LegacyKind.BYTES,
    "BooleanField": LegacyKind.BOOLEAN,
    "DateField": LegacyKind.DATE,
    "DateTimeField": LegacyKind.TIMESTAMP,
    "DecimalField": LegacyKind.DECIMAL,
    "DurationField": LegacyKind.DURATION,
    "FloatField": LegacyKind.NUMBER,
    "IntegerField": LegacyKind.INTEGER,
    "JSONField": LegacyKind.OBJECT,
    "NullBooleanField": LegacyKind.BOOLEAN,
    "PositiveIntegerField": LegacyKind.INTEGER,
    "PositiveSmallIntegerField": LegacyKind.INTEGER,
    "SmallIntegerField": LegacyKind.INTEGER,
    "TimeField": LegacyKind.TIME,
}
_RELATIONS: Final = frozenset({"ForeignKey", "OneToOneField"})
_SIMPLE: Final = {
    "bool": LegacyKind.BOOLEAN,
    "bytes": LegacyKind.BYTES,
    "date": LegacyKind.DATE,
    "datetime": LegacyKind.TIMESTAMP,
    "Decimal": LegacyKind.DECIMAL,
    "dict": LegacyKind.OBJECT,
    "float": LegacyKind.NUMBER,
    "int": LegacyKind.INTEGER,
    "str": LegacyKind.STRING,
    "time": LegacyKind.TIME,
    "timedelta": LegacyKind.DURATION,
    "UUID": LegacyKind.STRING,
}
_NOT_DATA: Final = frozenset(
    {"cls", "self", "session", "db", "request", "response", "user", "current_user", "background_tasks"}
)
"""Parameters that a framework or a caller hands in, and that are no data."""


class Handler(NamedTuple):
    """What a handler takes, without what stands in the path."""

    fields: tuple[LegacyField, ...]
    note: str
    """What could not be told; empty where nothing is missing."""


class LegacyCode:
    """The modules of a slice, read once."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        """Take the repository, and files of Python in it.

        Args:
            root: of the legacy repository.
            paths: relative to it.
        """
        self._root = root
        self.notes: list[str] = []
        self._trees: dict[str, ast.Module] = {}
        self._schemas: dict[str, LegacySchema] = {}
        for path in sorted({path for path in paths if path.endswith(".py")}):
            self._read(path)

    def _read(self, path: str) -> None:
        try:
            text = (self._root / path).read_text("utf-8")
            self._trees[path] = ast.parse(text)
        except OSError as error:
            self.notes.append(f"{path}: cannot be read: {error.strerror}; nothing of it was inferred")
            return
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", 0)
            self.notes.append(f"{path}:{line}: cannot be parsed; nothing of it was inferred")
            return
        try:
            for schema in read_schemas(str(self._root / path)):
                self._schemas.setdefault(schema.name, schema)
        except UserError:
            # A module without models of its own; what is asked of it is looked up by its classes below.
            return

    def table(self, name: str, model: str, path: str, line: int) -> LegacySchema | None:
        """Return a table with its columns and their types; None where the code does not say."""
        for known in (name, model):
            if known in self._schemas and self._schemas[known].fields:
                return self._schemas[known]
        found = next((node for node in self._classes(path) if node.name == model or node.lineno == line), None)
        fields = tuple(_django_fields(found, path)) if found is not None else ()
        if not fields:
            return None
        if not any(field.is_key for field in fields):
            place = Place(path, line)
            key = LegacyField("id", LegacyKind.INTEGER, place, is_nullable=False, is_key=True, type_text="AutoField")
            fields = (key, *fields)
        return LegacySchema(name, SchemaFormat.SQLALCHEMY, fields, Place(path, line))

    def handler(self, path: str, line: int, name: str, in_path: Sequence[str]) -> Handler:
        """Return what a handler takes beside what stands in its path."""
        function = self._function(path, line, name)
        if function is None:
            return Handler((), f"{path}:{line}: {name or 'the handler'} is no function that can be read")
        fields: dict[str, LegacyField] = {}
        missing = []
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        for argument in arguments:
            if argument.arg in _NOT_DATA or argument.arg in in_path:
                continue
            written = _annotation(argument.annotation)
            schema = self._schemas.get(written)
            if schema is not None:
                fields |= {field.name: field for field in schema.fields if field.name not in in_path}
            elif written in _SIMPLE:
                field = LegacyField(argument.arg, _SIMPLE[written], Place(path, argument.lineno), type_text=written)
                fields[argument.arg] = field
            elif written:
                missing.append(f"{argument.arg}: {written}")
        note = f"{path}:{function.lineno}: {', '.join(missing)} of {function.name} is of no type that was found"
        return Handler(tuple(fields.values()), note if missing else "")

    def _classes(self, path: str) -> Iterator[ast.ClassDef]:
        tree = self._trees.get(path)
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)) if tree is not None else ()

    def _function(self, path: str, line: int, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        tree = self._trees.get(path)
        last = name.rpartition(".")[2]
        found = [
            node
            for node in (ast.walk(tree) if tree is not None else ())
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == last
        ]
        return min(found, key=lambda node: abs(node.lineno - line), default=None)


def _annotation(node: ast.expr | None) -> str:
    """Return the last name of an annotation: `Order` of `schemas.Order`, `Order | None` and `Annotated[Order, ...]`."""
    found = ""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            found = name
        case ast.Constant(value=str(text)):
            found = text.rpartition(".")[2]
        case ast.BinOp(left=left):
            found = _annotation(left)
        case ast.Subscript(value=value, slice=inside) if _annotation(value) in {"Annotated", "Optional"}:
            found = _annotation(inside.elts[0] if isinstance(inside, ast.Tuple) else inside)
        case ast.Subscript(value=value):
            found = _annotation(value)
    return found


def _django_fields(model: ast.ClassDef, path: str) -> Iterator[LegacyField]:
    for statement in model.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                kind = _annotation(call.func)
            case _:
                continue
        words = {word.arg: word.value for word in call.keywords if word.arg}
        place = Place(path, statement.lineno)
        is_nullable = _is_true(words.get("null"))
        if kind in _RELATIONS:
            first = words.get("to") or (call.args[0] if call.args else None)
            referred = first.value if isinstance(first, ast.Constant) else _annotation(first)
            yield LegacyField(
                f"{name}_id",
                LegacyKind.INTEGER,
                place,
                not is_nullable,
                is_nullable,
                type_text=kind,
                references=str(referred),
            )
        elif kind in _DJANGO or kind.endswith("Field"):
            length = words.get("max_length")
            yield LegacyField(
                name,
                _DJANGO.get(kind, LegacyKind.STRING),
                place,
                not is_nullable,
                is_nullable,
                is_key=_is_true(words.get("primary_key")),
                type_text=kind,
                length=length.value if isinstance(length, ast.Constant) and isinstance(length.value, int) else None,
            )


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def unknown_columns(name: str, columns: Sequence[str], place: Place) -> LegacySchema:
    """Return a table of which only the names of columns are known: they become texts."""
    fields = tuple(
        LegacyField(column, LegacyKind.STRING, place, is_key=column == "id", type_text="not known")
        for column in columns
    )
    return LegacySchema(name, SchemaFormat.SQLALCHEMY, fields, place)

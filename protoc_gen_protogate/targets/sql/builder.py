"""Collects the columns of one table from the fields of a message, and the tables of its lists and maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.annotations import CHILD_TABLE, EMBED, JSON, FieldSql, field_sql
from protoc_gen_protogate.targets.sql.constraints import Constraints
from protoc_gen_protogate.targets.sql.messages import element_message, rule_names, rules_inside
from protoc_gen_protogate.targets.sql.modes import many_mode, message_mode
from protoc_gen_protogate.targets.sql.names import NameSpace
from protoc_gen_protogate.targets.sql.naming import TableName, written
from protoc_gen_protogate.targets.sql.rules import refuses_zero, text_length
from protoc_gen_protogate.targets.sql.scopes import Element, Group, Place, Scope
from protoc_gen_protogate.targets.sql.tables import Column, ForeignKey, Role, Shape, Storage, Table
from protogate.descriptors.rules import Ignore, field_rules, message_rules
from protogate.errors import UserError

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.annotations import MessageSql
    from protoc_gen_protogate.targets.sql.layout import Layout
    from protoc_gen_protogate.targets.sql.tables import Parameter
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import FieldRules

__all__ = ["Builder"]

_NO_SQL: Final = FieldSql()


class _Pending(NamedTuple):
    """A list, map or message that gets a table of its own, once the key of this one stands."""

    field: Field
    sql: FieldSql
    rules: FieldRules | None
    scope: Scope
    shape: Shape


class Builder:
    """One table in the making."""

    def __init__(self, layout: Layout, name: TableName, element: str, shape: Shape) -> None:
        self.layout: Final = layout
        self.project: Final = layout.project
        self.dialect: Final = layout.project.dialect
        self.storage: Final = layout.project.storage
        self.name: Final = name
        self.element: Final = element
        self.shape: Final = shape
        self.path: tuple[str, ...] = ()
        self.field_numbers: tuple[int, ...] = ()
        """Along `path`."""
        self._numbers: Final[dict[tuple[str, ...], tuple[int, ...]]] = {(): ()}
        """Field numbers along the paths to the messages whose fields are columns of this table."""
        self.depth = 0
        self.singular = ""
        """What columns that point to this table start with."""
        self.key_fields: tuple[str, ...] = ()
        self.keyed: frozenset[str] = frozenset()
        """Names of the row's own fields that stand in an index of several columns."""
        self.primary_key: tuple[str, ...] = ()
        self.columns: Final[list[Column]] = []
        self.foreign_keys: Final[list[ForeignKey]] = []
        self._names: Final = NameSpace()
        self.key_strings = 0
        """How many strings are in the primary key."""
        self._pending: Final[list[_Pending]] = []
        self.constraints: Final = Constraints(self)
        for column in sorted(self.dialect.reserved_columns):
            self._names.take(column)

    def table(self, doc: str) -> Table:
        """The finished table."""
        self.constraints.finish()
        return Table(
            name=self.name.name,
            schema=self.name.schema,
            sql_name=self.name.sql_name,
            source=self.layout.file.name,
            element=self.element,
            shape=self.shape,
            path=self.path,
            columns=tuple(self.columns),
            primary_key=self.primary_key,
            checks=tuple(self.constraints.checks),
            uniques=tuple(self.constraints.uniques),
            foreign_keys=tuple(self.foreign_keys),
            indexes=tuple(self.constraints.indexes),
            children=tuple(self._child(pending) for pending in self._pending),
            doc=doc,
            numbers=self.field_numbers,
        )

    def set_key(self, scope: Scope, fields: tuple[str, ...]) -> None:
        """Make the columns of `fields` the primary key."""
        columns = [scope.places[name].column for name in fields]
        self.primary_key = tuple(column.name for column in columns if column is not None)

    def add_indexes(self, message: Message, sql: MessageSql, scope: Scope) -> None:
        """Add the indexes that the message asks for."""
        for index in sql.indexes:
            for name in index.fields:
                if name not in scope.places or scope.places[name].column is None:
                    raise UserError(
                        f"{message.place}: {message}: sql.indexes: '{name}' is no field with a column of its own; "
                        f"use one of {', '.join(n for n, p in scope.places.items() if p.column is not None)}"
                    )
            self.constraints.index(index, scope)

    def take(self, *parts: str) -> str:
        """A free name for a constraint or index, made of the table's name and `parts`."""
        return self.layout.names.space.take("_".join((self.name.name, *parts)))

    def sql(self, column: str) -> str:
        """A column's name as it stands in SQL."""
        return self.dialect.identifier(column)

    # Columns

    def numbers_of(self, field: Field, scope: Scope) -> tuple[int, ...]:
        """Field numbers from the row's object to the field."""
        return (*self._numbers[scope.path], field.number)

    def add_column(self, column: Column) -> Column:
        """Append a column; it gets another name when its own is taken."""
        named = column._replace(name=self._names.take(column.name))
        self.columns.append(named)
        return named

    def add_scope(
        self, message: Message, prefix: str, path: tuple[str, ...], group: Group, active: tuple[str, ...]
    ) -> Scope:
        """Place all fields of a message."""
        whole = message_rules(message) if self.layout.ruled else None
        lenient = () if whole is None else (name for oneof in whole.oneofs for name in oneof.fields)
        is_root = self.shape is Shape.ROOT and not path
        scope = Scope(
            message,
            group,
            prefix=prefix,
            path=path,
            active=(*active, message.full_name),
            lenient=frozenset(lenient),
            is_snapshot=not is_root and self.project.is_table(message),
        )
        self.constraints.scopes.append(scope)
        for field in message.fields:
            self._add_field(field, scope)
        if message.is_extendable:
            self.layout.drop(message.full_name, "extensions", "tables have columns for the message's own fields only")
        return scope

    def _add_field(self, field: Field, scope: Scope) -> None:
        has_options = field.proto.HasField("options")
        sql = field_sql(field) if has_options and self.layout.annotated else _NO_SQL
        rules = field_rules(field) if has_options and self.layout.ruled else None
        if sql.skip:
            for rule in () if rules is None else rule_names(rules):
                self.layout.drop(field.full_name, rule, "the contract leaves the field out of the table")
            return
        if rules is not None and field.name in scope.lenient and rules.ignore is Ignore.UNSPECIFIED:
            rules = rules._replace(ignore=Ignore.IF_ZERO_VALUE)
        if field.is_repeated or field.map_key is not None:
            place = self._add_many(field, sql, rules, scope)
        else:
            storage = self.storage.storage_of(field)
            if storage is not None:
                place = self._add_leaf(field, sql, rules, scope, storage)
            else:
                place = self._add_message(field, sql, rules, scope)
        if place.column is None and (sql.unique or sql.indexed or sql.references or sql.default or sql.types):
            raise UserError(
                f"{field.place}: {field}: has no column of its own, so sql.unique, index, references, default and type "
                "say nothing; drop them or use NESTED_MODE_JSON"
            )
        scope.places[field.name] = place

    def _add_leaf(self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope, storage: Storage) -> Place:
        if sql.nested and storage < Storage.JSON_OBJECT:
            raise UserError(f"{field.place}: {field}: sql.nested is for messages, lists and maps; drop it")
        return self._place_column(field, sql, rules, scope, storage)

    def _place_column(
        self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope, storage: Storage
    ) -> Place:
        single = not field.is_repeated and field.map_key is None
        enum = self.storage.enum_of(field) if single else None
        is_key = not scope.path and self.depth == 0 and field.name in self.key_fields
        has_presence = field.presence and single
        must = is_key or not has_presence or field.is_required or (rules is not None and rules.required)
        may_point_nowhere = sql.references is not None and not scope.is_snapshot and not is_key
        if may_point_nowhere and not has_presence and (rules is None or not refuses_zero(rules)):
            # A reference that is not set is NULL: no row has the zero value for its key.
            must, has_presence = False, True
        keyed = is_key or self._is_indexed(field, sql, scope)
        column_type = sql.type_in(self.dialect.name) or self.storage.type_of(
            storage, enum, length=text_length(rules), keyed=keyed
        )
        zero = None if has_presence else self.storage.zero(storage, enum)
        default = self.dialect.written_default(sql.default, storage) if sql.default else None
        if default is None and not scope.group.optional and not is_key:
            value = self.storage.written_default(field, storage, enum) if has_presence else zero
            default = self._default(value, rules, storage, column_type)
        column = self.add_column(
            Column(
                name=scope.prefix + (sql.column or field.name),
                type=column_type,
                storage=storage,
                role=Role.VALUE,
                nullable=scope.group.optional or not must,
                default=default,
                path=(*scope.path, field.json_name),
                field=field.full_name,
                absent=zero,
                enum=() if enum is None else enum.values,
                doc=_doc(field),
                numbers=self.numbers_of(field, scope),
            )
        )
        if is_key and storage is Storage.TEXT:
            self.key_strings += 1
        (scope.group.must if must else scope.group.may).append(self.sql(column.name))
        self.constraints.report_values(field, field, rules, column, keyed=keyed)
        return Place(field, sql, rules, column, None)

    def _is_indexed(self, field: Field, sql: FieldSql, scope: Scope) -> bool:
        if not scope.is_snapshot and (sql.unique or sql.indexed or sql.references is not None):
            return True
        return not scope.path and self.depth == 0 and field.name in self.keyed

    def _default(self, value: Parameter, rules: FieldRules | None, storage: Storage, column_type: str) -> str | None:
        if value is None or (rules is not None and refuses_zero(rules)):
            return None
        literal = self.storage.literal(value, storage)
        return None if literal is None else self.dialect.default(literal, storage, column_type)

    # Messages

    def _add_message(self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope) -> Place:
        mode = message_mode(field, sql, scope, self)
        if mode == EMBED:
            return self._embed(field, sql, rules, scope)
        if mode == CHILD_TABLE:
            self._pending.append(_Pending(field, sql, rules, scope, Shape.SINGLE))
            return Place(field, sql, rules, None, None)
        return self._add_json(field, sql, rules, scope, Storage.JSON_OBJECT)

    def _embed(self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope) -> Place:
        message = field.message
        path = (*scope.path, field.json_name)
        self._numbers[path] = self.numbers_of(field, scope)
        stem = scope.prefix + (sql.column or field.name)
        if field.is_required or (rules is not None and rules.required):
            inside = self.add_scope(message, f"{stem}_", path, scope.group, scope.active)
            return Place(field, sql, rules, None, inside)
        group = Group(optional=True)
        if not self._has_witness(message):
            flag = self.add_column(self._flag(field, f"has_{stem}", path))
            group.flag = self.sql(flag.name)
        inside = self.add_scope(message, f"{stem}_", path, group, scope.active)
        self.constraints.close(group, scope.group, stem)
        return Place(field, sql, rules, None, inside)

    def _flag(self, field: Field, name: str, path: tuple[str, ...]) -> Column:
        """The column that tells whether a message is set when no field of it does."""
        return Column(
            name=name,
            type=self.dialect.types[Storage.BOOL],
            storage=Storage.BOOL,
            role=Role.PRESENCE,
            default=self.dialect.false,
            path=path,
            field=field.full_name,
            absent=False,
            doc=_doc(field),
            numbers=self._numbers[path],
        )

    def _has_witness(self, message: Message) -> bool:
        """Whether a column of the message is sure to hold a value when the message is set."""
        return any(
            (not field.presence or field.is_required)
            and not field.is_repeated
            and field.map_key is None
            and self.storage.storage_of(field) is not None
            and not (self.layout.annotated and (field_sql(field).skip or field_sql(field).references))
            for field in message.fields
        )

    def _add_json(self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope, storage: Storage) -> Place:
        place = self._place_column(field, sql, rules, scope, storage)
        inner = element_message(field)
        if inner is not None and self.layout.ruled and self._is_written_out(field):
            for element, rule in rules_inside(inner):
                self.layout.drop(element, rule, f"{field.full_name} is kept as JSON")
        return place

    def _is_written_out(self, field: Field) -> bool:
        """Whether the messages in the field are the author's: well-known types have no rules inside."""
        return self.storage.storage_of(field.map_value or field) is None

    # Lists and maps

    def _add_many(self, field: Field, sql: FieldSql, rules: FieldRules | None, scope: Scope) -> Place:
        if many_mode(field, sql, scope, self) == JSON:
            storage = Storage.JSON_ARRAY if field.map_key is None else Storage.JSON_OBJECT
            return self._add_json(field, sql, rules, scope, storage)
        shape = Shape.LIST if field.map_key is None else Shape.MAP
        self._pending.append(_Pending(field, sql, rules, scope, shape))
        return Place(field, sql, rules, None, None)

    def _child(self, pending: _Pending) -> Table:
        field, scope = pending.field, pending.scope
        stem = scope.prefix + (pending.sql.column or field.name)
        name = self.layout.names.space.take(f"{self.name.name}_{stem}")
        sql_name = written(name, self.name.schema, self.dialect)
        child = Builder(self.layout, TableName(name, self.name.schema, sql_name), field.full_name, pending.shape)
        child.path = (*scope.path, field.json_name)
        child.field_numbers = self.numbers_of(field, scope)
        child.depth = self.depth + 1
        child.singular = stem
        child.point_to(self)
        child.add_position(field, pending.rules)
        child.constraints.many(field, pending.rules)
        child.add_elements(field, pending.rules, scope.active)
        return child.table(_doc(field))

    def point_to(self, parent: Builder) -> None:
        """Start with the key of the parent's row."""
        by_name = {column.name: column for column in parent.columns}
        names = []
        for name in parent.primary_key:
            key = by_name[name]
            column_type = key.type
            if key.role is Role.SYNTHETIC_KEY:
                column_type = self.storage.type_of(Storage.INT64, None, length=None, keyed=True)
            wanted = name
            if key.role is not Role.PARENT_KEY and not name.startswith(f"{parent.singular}_"):
                wanted = f"{parent.singular}_{name}"
            column = self.add_column(Column(wanted, column_type, key.storage, Role.PARENT_KEY))
            names.append(column.name)
        self.primary_key = tuple(names)
        self.key_strings = parent.key_strings
        self.foreign_keys.append(
            ForeignKey(
                name=self.take("fkey"),
                columns=self.primary_key,
                table=parent.name.sql_name,
                target_columns=parent.primary_key,
                on_delete="CASCADE",
                source=self.layout.file.name,
            )
        )

    def add_position(self, field: Field, rules: FieldRules | None) -> None:
        """Add what tells the rows of one parent apart: the place in the list, or the key of the map."""
        if self.shape is Shape.LIST:
            column_type = self.storage.type_of(Storage.INT32, None, length=None, keyed=True)
            column = self.add_column(Column("position", column_type, Storage.INT32, Role.POSITION))
            self.primary_key += (column.name,)
            self.constraints.position(column)
        elif field.map_key is not None and self.shape is Shape.MAP:
            storage = self.storage.storage_of(field.map_key)
            assert storage is not None  # noqa: S101 - protobuf allows only scalars as keys
            keys = None if rules is None else rules.keys
            column_type = self.storage.type_of(storage, None, length=text_length(keys), keyed=True)
            column = self.add_column(Column("key", column_type, storage, Role.MAP_KEY))
            self.key_strings += storage is Storage.TEXT
            self.primary_key += (column.name,)
            self.constraints.elements.append(Element(field, field.map_key, column, keys))
            self.constraints.report_values(field, field.map_key, keys, column, keyed=True)

    def add_elements(self, field: Field, rules: FieldRules | None, active: tuple[str, ...]) -> None:
        """Add the columns of what the list or map holds."""
        held = field.map_value or field
        element_rules = _element_rules(field, rules, self.shape)
        storage = self.storage.storage_of(held)
        if storage is None:
            self.add_scope(held.message, "", (), Group(optional=False), active)
            self.constraints.whole(field, element_rules)
            return
        unique = self.constraints.is_unique(field, rules)
        enum = self.storage.enum_of(held)
        column_type = self.storage.type_of(storage, enum, length=text_length(element_rules), keyed=unique)
        values = () if enum is None else enum.values
        column = self.add_column(Column("value", column_type, storage, Role.VALUE, field=field.full_name, enum=values))
        self.constraints.elements.append(Element(field, held, column, element_rules))
        self.constraints.report_values(field, held, element_rules, column, keyed=unique)
        if unique:
            self.constraints.unique(column)


def _element_rules(field: Field, rules: FieldRules | None, shape: Shape) -> FieldRules | None:
    if rules is None or shape is Shape.SINGLE:
        return None
    return rules.items if field.map_key is None else rules.values


def _doc(field: Field) -> str:
    doc = field.doc
    if not field.deprecated:
        return doc
    return f"{doc}\n\nDeprecated." if doc else "Deprecated."

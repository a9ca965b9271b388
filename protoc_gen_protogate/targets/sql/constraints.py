"""The constraints of one table: what types, presence, oneofs, rules and options ask of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.sql.keys import target_of
from protoc_gen_protogate.targets.sql.messages import rule_names
from protoc_gen_protogate.targets.sql.modes import has_room_for_string
from protoc_gen_protogate.targets.sql.rules import Operand, text_length, value_conditions
from protoc_gen_protogate.targets.sql.tables import Check, ForeignKey, Index, Storage, Unique
from protogate.descriptors import Kind
from protogate.descriptors.rules import Ignore, message_rules, oneof_is_required
from protogate.errors import UserError

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.annotations import IndexSql, References
    from protoc_gen_protogate.targets.sql.builder import Builder
    from protoc_gen_protogate.targets.sql.scopes import Element, Group, Place, Scope
    from protoc_gen_protogate.targets.sql.tables import Column
    from protogate.descriptors import Field, Oneof
    from protogate.descriptors.rules import CelRule, FieldRules, MessageOneofRule

__all__ = ["Constraints"]

_UNIQUE_LENGTH: Final = 255
"""Longer strings go into no UNIQUE constraint: PostgreSQL's index rows end at 2704 bytes, InnoDB's at 3072."""
_ONE_ROW: Final = "a CHECK sees one row, and the elements are rows of a table of their own"
_LOCKED: Final = "MySQL takes no CHECK on a column that ON DELETE SET NULL may change"
_COUNTS: Final = {"min_items": ">=", "max_items": "<=", "min_pairs": ">=", "max_pairs": "<="}
_TEXT_TYPES: Final = ("TEXT", "VARCHAR", "CHAR", "LONGTEXT", "MEDIUMTEXT", "TINYTEXT", "CITEXT", "NVARCHAR")
_BOTH_BOUNDS: Final = 2
_FLOATS: Final = frozenset({Storage.FLOAT, Storage.DOUBLE})


class Constraints:
    """Constraints in the making; `finish` adds those that need all columns to be known."""

    __slots__ = (
        "_builder",
        "_dialect",
        "_groups",
        "_layout",
        "_locked",
        "checks",
        "elements",
        "indexes",
        "scopes",
        "uniques",
    )

    def __init__(self, builder: Builder) -> None:
        self._builder: Final = builder
        self._dialect: Final = builder.dialect
        self._layout: Final = builder.layout
        self._groups: Final[list[tuple[str, str]]] = []
        self._locked: Final[dict[str, str]] = {}
        """Full names of fields by the SQL names of their columns, see `_drop_locked`."""
        self.checks: Final[list[Check]] = []
        self.uniques: Final[list[Unique]] = []
        self.indexes: Final[list[Index]] = []
        self.scopes: Final[list[Scope]] = []
        self.elements: Final[list[Element]] = []

    def finish(self) -> None:
        """Add the constraints of all columns, then those that span several."""
        for element in self.elements:
            self._element(element)
        for scope in self.scopes:
            for place in scope.places.values():
                self._field(place, scope)
        for name, term in self._groups:
            self._check(name, term)
        for scope in self.scopes:
            self._message(scope)
        self._drop_locked()

    def _drop_locked(self) -> None:
        """Take back the checks on columns that a deletion elsewhere changes: MySQL refuses such tables."""
        for x, field in self._locked.items():
            kept = [check for check in self.checks if not any(_names_column(term, x) for term in check.terms)]
            for check in set(self.checks) - set(kept):
                self._layout.drop(field, f"check:{check.name}", _LOCKED)
            self.checks[:] = kept

    def _check(self, suffix: str, *terms: str) -> None:
        self.checks.append(Check(self._builder.take(suffix), terms))

    # Single columns

    def _field(self, place: Place, scope: Scope) -> None:
        field, rules, column = place.field, place.rules, place.column
        if column is None:
            if place.scope is not None and rules is not None:
                self._message_cel(rules.cel, field.full_name, place.scope)
            return
        x = self._builder.sql(column.name)
        if self._is_locked(place, scope):
            self._locked[x] = field.full_name
            for rule in () if rules is None else rule_names(rules):
                self._layout.drop(field.full_name, rule, _LOCKED)
            self._options(place, column)
            return
        if not _is_bounded(rules):
            self._type(field, rules, column, x)
        if rules is not None:
            if field.is_repeated or field.map_key is not None:
                self._json_rules(field, rules, column, x)
            else:
                zero = None if column.absent is None else self._zero_of(field, column)
                self._rules(field.full_name, field, rules, column, zero)
        if not scope.is_snapshot:
            self._options(place, column)

    def _is_locked(self, place: Place, scope: Scope) -> bool:
        references = place.sql.references
        return (
            self._dialect.name == "mysql"
            and references is not None
            and references.on_delete == "SET NULL"
            and not scope.is_snapshot
        )

    def _options(self, place: Place, column: Column) -> None:
        if place.sql.unique:
            self.uniques.append(Unique(self._builder.take(column.name, "key"), (column.name,)))
        if place.sql.indexed:
            self.indexes.append(Index(self._builder.take(column.name, "idx"), (column.name,), unique=False))
        if place.sql.references is not None:
            self._reference(place.field, place.sql.references, column)

    def _type(self, field: Field, rules: FieldRules | None, column: Column, x: str) -> None:
        if not self._has_natural_type(column):
            return
        checked = self._dialect.type_check(column.storage, x)
        if checked is not None:
            suffix, *terms = checked
            self._check(f"{column.name}_{suffix}", *terms)
        if column.enum:
            held = field.map_value or field
            enum = self._builder.storage.enum_of(held)
            if enum is not None:
                term = self._builder.storage.enum_check(held, enum, column.storage, x, rules)
                if term is not None:
                    self._check(f"{column.name}_enum", term)

    def _has_natural_type(self, column: Column) -> bool:
        """Whether conditions on the storage also hold for the type, which the contract may have named itself."""
        natural = self._dialect.types[column.storage]
        if column.type == natural or natural in _TEXT_TYPES or column.storage is Storage.ENUM_NAME:
            is_text = natural in _TEXT_TYPES or column.storage is Storage.ENUM_NAME
            return not is_text or column.type.upper().partition("(")[0].strip() in _TEXT_TYPES
        return column.type.startswith("VARBINARY") and column.storage is Storage.BYTES

    def _element(self, element: Element) -> None:
        x = self._builder.sql(element.column.name)
        self._type(element.field, element.rules, element.column, x)
        if element.rules is not None:
            zero = self._zero_of(element.field, element.column)
            self._rules(element.owner.full_name, element.field, element.rules, element.column, zero)

    def _rules(self, name: str, field: Field, rules: FieldRules, column: Column, zero: str | None) -> None:
        """Take the rules about one value; `zero` is what stands for "not set", None when there is presence."""
        x = self._builder.sql(column.name)
        if not self._has_natural_type(column):
            for rule in rule_names(rules):
                self._layout.drop(name, rule, f"the contract gives the column the type {column.type}")
            return
        if rules.required and zero is not None:
            self._check(f"{column.name}_required", f"{x} <> {zero}")
        ignored = zero if rules.ignore is Ignore.IF_ZERO_VALUE else None
        operand = Operand(x, column.storage, column.enum, column.type)
        for condition in value_conditions(rules, operand, self._dialect):
            if condition.terms is None:
                self._layout.drop(name, condition.rule, condition.reason)
            elif condition.terms:
                suffix = condition.rule.rpartition(".")[2]
                self._check(f"{column.name}_{suffix}", *_unless_zero(condition.terms, x, ignored))
        self._value_cel(name, field, rules, column, ignored)

    def _value_cel(self, name: str, field: Field, rules: FieldRules, column: Column, ignored: str | None) -> None:
        if not rules.cel:
            return
        from protoc_gen_protogate.targets.sql.expressions import LostRuleError, value_condition  # noqa: PLC0415

        x = self._builder.sql(column.name)
        for cel in rules.cel:
            try:
                term = value_condition(cel, field, column, rules, self._dialect)
            except LostRuleError as error:
                self._layout.drop(name, f"cel:{cel.id}", str(error))
                continue
            unless = [*((f"{x} IS NULL",) if column.nullable else ()), *((f"{x} = {ignored}",) if ignored else ())]
            self._check(f"{column.name}_{_plain(cel.id)}", " OR ".join([*unless, term]))

    def _message_cel(self, rules: tuple[CelRule, ...], name: str, scope: Scope) -> None:
        """Rules whose `this` is the message of a scope; they apply when the message is set."""
        if not rules:
            return
        from protoc_gen_protogate.targets.sql.expressions import LostRuleError, message_condition  # noqa: PLC0415

        for cel in rules:
            try:
                term = message_condition(cel, scope, self._dialect)
            except LostRuleError as error:
                self._layout.drop(name, f"cel:{cel.id}", str(error))
                continue
            absent = scope.group.absent
            self._check(f"{scope.prefix}{_plain(cel.id)}", term if absent is None else f"{absent} OR {term}")

    def _zero_of(self, field: Field, column: Column) -> str | None:
        if field.kind is Kind.MESSAGE or field.kind is Kind.GROUP:
            return None
        zero = self._builder.storage.zero(column.storage, self._builder.storage.enum_of(field))
        return self._builder.storage.literal(zero, column.storage)

    def _lose_cel(self, name: str, rules: FieldRules) -> None:
        for cel in rules.cel:
            self._layout.drop(name, f"cel:{cel.id}", _ONE_ROW)

    def whole(self, field: Field, rules: FieldRules | None) -> None:
        """Report the rules about each message of a list or map as a whole."""
        if rules is not None:
            for rule in rule_names(rules):
                self._layout.drop(field.full_name, rule, "a CHECK sees columns, not the message")

    def _reference(self, field: Field, references: References, column: Column) -> None:
        builder = self._builder
        target = target_of(field, references, builder.project)
        if target.type and target.type.partition("(")[0] != column.type.partition("(")[0]:
            raise UserError(
                f"{field.place}: {field}: is {column.type} but {target.table}.{target.column} is {target.type}; "
                "give both fields one type"
            )
        own = {table.sql_name for table in self._layout.names.tables.values()}
        if target.source != self._layout.file.name and target.table in own:
            raise UserError(
                f"{field.place}: {field}: {references.message or references.table} and a message of this file share "
                f"the table name {target.table}; set sql.table_name, or the option names=package"
            )
        if references.on_delete == "SET DEFAULT" and builder.dialect.name == "mysql":
            raise UserError(f"{field.place}: {field}: InnoDB refuses ON_DELETE_SET_DEFAULT; use another action")
        if references.on_delete == "SET NULL" and not column.nullable:
            raise UserError(
                f"{field.place}: {field}: ON_DELETE_SET_NULL, but the column is never NULL; make it optional"
            )
        builder.foreign_keys.append(
            ForeignKey(
                name=builder.take(column.name, "fkey"),
                columns=(column.name,),
                table=target.table,
                target_columns=(target.column,),
                on_delete=references.on_delete,
                source=target.source,
            )
        )

    def report_values(
        self, owner: Field, held: Field, rules: FieldRules | None, column: Column, *, keyed: bool
    ) -> None:
        """Put values that are valid but that the column cannot hold, or not to the last digit, into the report."""
        reason = self._lost_values(rules, column, keyed=keyed)
        if column.enum and self._builder.storage.is_narrowed(held, rules):
            reason = "numbers that the enum does not name are refused; open_enums takes them"
        if reason:
            self._layout.drop(owner.full_name, "value", reason)

    def _lost_values(self, rules: FieldRules | None, column: Column, *, keyed: bool) -> str:
        dialect, storage = self._dialect, column.storage
        if storage in _FLOATS:
            return self._lost_floats(rules, column)
        if storage is Storage.TIMESTAMP and dialect.name != "sqlite":
            return f"{column.type} keeps microseconds; timestamp=text keeps nanoseconds"
        if storage is Storage.TIMESTAMP_NANOS:
            return "64 bits of nanoseconds reach from 1677-09-21 to 2262-04-11; timestamp=text has no such bounds"
        if storage is Storage.DURATION and dialect.name == "sqlite":
            return "64 bits of nanoseconds reach 292 years"
        if keyed and column.type.startswith("VAR") and not _has_length(rules):
            return f"{column.type}: MySQL needs a length for a key or index; give the field the rule max_len"
        return ""

    def _lost_floats(self, rules: FieldRules | None, column: Column) -> str:
        # Where NULL is allowed, NaN is taken for it, whatever the rules say.
        strict = rules is not None and rules.ignore is not Ignore.IF_ZERO_VALUE
        standard = rules.standard if strict and rules is not None else {}
        listed = {"finite", "in", "const"} & standard.keys()
        bounds = standard.keys() & {"gt", "gte", "lt", "lte"}
        lost = []
        if self._dialect.drops_nan and (column.nullable or not (listed or bounds)):
            lost.append("NaN")
        if self._dialect.drops_infinity and not listed and len(bounds) < _BOTH_BOUNDS:
            lost.append("Infinity")
        return f"{self._dialect.name} keeps no {' and no '.join(lost)}" if lost else ""

    # Lists and maps

    def position(self, column: Column) -> None:
        """The places of a list count from 0."""
        self._check(column.name, f"{self._builder.sql(column.name)} >= 0")

    def many(self, field: Field, rules: FieldRules | None) -> None:
        """Take what the rules say about a list, map or message that stands in a table of its own."""
        if rules is None:
            return
        name = field.full_name
        if rules.required:
            self._layout.drop(name, "required", _ONE_ROW)
        for rule, value in rules.standard.items():
            if rule == "max_items":
                self._check("max_items", f"{self._builder.sql('position')} < {value!r}")
            elif rule == "unique":
                if value is True and not self.is_unique(field, rules):
                    self._layout.drop(name, "repeated.unique", self._why_not_unique(field))
            elif value != 0:
                self._layout.drop(name, f"{rules.kind}.{rule}", _ONE_ROW)
        self._lose_cel(name, rules)

    def is_unique(self, field: Field, rules: FieldRules | None) -> bool:
        """Whether the elements of a list go into a UNIQUE constraint."""
        if rules is None or rules.standard.get("unique") is not True or field.map_key is not None:
            return False
        storage = self._builder.storage.storage_of(field)
        if storage in _FLOATS and not self._dialect.drops_nan:
            return False
        if self._dialect.name == "sqlite" or storage not in {Storage.TEXT, Storage.BYTES}:
            return True
        length = text_length(rules.items)
        return length is not None and length <= _UNIQUE_LENGTH and has_room_for_string(self._builder)

    def _why_not_unique(self, field: Field) -> str:
        if self._builder.storage.storage_of(field) in _FLOATS:
            return f"NaN differs from NaN, but not in an index of {self._dialect.name}"
        return "the elements may be too long for an index; give them a max_len"

    def unique(self, column: Column) -> None:
        """Each value once in its list."""
        builder = self._builder
        parent = builder.primary_key[:-1]
        self.uniques.append(Unique(builder.take(column.name, "key"), (*parent, column.name)))

    # Lists and maps as JSON

    def _json_rules(self, field: Field, rules: FieldRules, column: Column, x: str) -> None:
        name = field.full_name
        size = self._dialect.json_length(x, column.storage)
        bounds = {"required": ">= 1"} if rules.required else {}
        bounds |= {
            f"{rules.kind}.{rule}": f"{_COUNTS[rule]} {value!r}"
            for rule, value in rules.standard.items()
            if rule in _COUNTS
        }
        lenient = rules.ignore is Ignore.IF_ZERO_VALUE
        for rule, bound in bounds.items():
            if size is None:
                self._layout.drop(name, rule, f"{self._dialect.name} cannot count the entries of an object in a CHECK")
                continue
            term = f"{size} = 0 OR {size} {bound}" if lenient and rule != "required" else f"{size} {bound}"
            self._check(f"{column.name}_{rule.rpartition('.')[2]}", term)
        for rule in rule_names(rules):
            if rule not in bounds:
                self._layout.drop(name, rule, "the elements are kept as JSON")

    # Messages

    def close(self, group: Group, outer: Group, name: str) -> None:
        """All columns of a message have been placed: say that they are NULL together."""
        columns = [*group.must, *group.may]
        if group.flag is not None:
            group.present, group.absent = group.flag, f"NOT {group.flag}"
        else:
            group.present, group.absent = f"{group.must[0]} IS NOT NULL", f"{group.must[0]} IS NULL"
        flag = [group.flag] if group.flag is not None else []
        present = [*flag, *(f"{c} IS NOT NULL" for c in group.must)]
        absent = [*(f"{c} IS NULL" for c in columns), *(f"NOT {inner}" for inner in group.flags)]
        if len(present) > 1:
            absent = [*(f"NOT {own}" for own in flag), *absent]
        elif not flag:
            absent = [condition for condition in absent if condition != group.absent]
        if absent:
            self._groups.append((f"{name}_set", _either(" AND ".join(present), " AND ".join(absent))))
        outer.may.extend(columns)
        outer.flags.extend([*flag, *group.flags])

    def _message(self, scope: Scope) -> None:
        message = scope.message
        for oneof in message.oneofs:
            self._oneof(oneof, scope)
        rules = message_rules(message) if self._layout.ruled else None
        if rules is not None:
            for i, oneof_rule in enumerate(rules.oneofs):
                self._oneof_rule(oneof_rule, i, scope)
            self._message_cel(rules.cel, message.full_name, scope)

    def _oneof(self, oneof: Oneof, scope: Scope) -> None:
        required = self._layout.ruled and oneof_is_required(oneof)
        places = [scope.places[field.name] for field in oneof.fields if field.name in scope.places]
        conditions = [self._is_set(place, scope) for place in places]
        known = [condition for condition in conditions if condition is not None]
        if len(known) < len(oneof.fields):
            reason = "some of its fields are in tables of their own, or in none"
            self._layout.drop(oneof.full_name, "required" if required else "oneof", reason)
            required = False
        if len(known) > 1 or (known and required):
            self._at_most_one(f"{scope.prefix}{oneof.name}", known, scope, required=required)

    def _oneof_rule(self, rule: MessageOneofRule, number: int, scope: Scope) -> None:
        conditions = [
            self._is_populated(scope.places[name], scope) if name in scope.places else None for name in rule.fields
        ]
        known = [condition for condition in conditions if condition is not None]
        required = rule.required
        if len(known) < len(rule.fields):
            reason = "some of its fields are in tables of their own, or in none"
            self._layout.drop(scope.message.full_name, "message.oneof", reason)
            required = False
        if len(known) > 1 or (known and required):
            suffix = "fields" if number == 0 else f"fields_{number + 1}"
            self._at_most_one(f"{scope.prefix}{suffix}", known, scope, required=required)

    def _at_most_one(self, name: str, conditions: list[str], scope: Scope, *, required: bool) -> None:
        term = f"{self._dialect.count(conditions)} {'=' if required else '<='} 1"
        if required and scope.group.absent is not None:
            term = f"{scope.group.absent} OR {term}"
        self._check(f"{name}_oneof", term)

    def _is_set(self, place: Place, scope: Scope) -> str | None:
        """The condition that a field with presence is set, None when SQL cannot tell."""
        if place.column is not None:
            return f"{self._builder.sql(place.column.name)} IS NOT NULL"
        if place.scope is None:
            return None
        return self._dialect.true if place.scope.group is scope.group else place.scope.group.present

    def _is_populated(self, place: Place, scope: Scope) -> str | None:
        """The condition that a field is set, or holds more than its zero value if it has no presence."""
        column = place.column
        if column is None or column.absent is None:
            return self._is_set(place, scope)
        x = self._builder.sql(column.name)
        if place.field.is_repeated or place.field.map_key is not None:
            size = self._dialect.json_length(x, column.storage)
            return None if size is None else f"{size} > 0"
        zero = self._builder.storage.literal(column.absent, column.storage)
        return None if zero is None else f"{x} <> {zero}"

    def index(self, index: IndexSql, scope: Scope) -> None:
        """Add an index over several fields."""
        names = tuple(column.name for f in index.fields if (column := scope.places[f].column) is not None)
        space = self._layout.names.space
        name = space.take(index.name) if index.name else self._builder.take(*names, "idx")
        self.indexes.append(Index(name, names, index.unique))


_WIDTH: Final = 90


def _either(one: str, other: str) -> str:
    between = " OR " if len(one) + len(other) < _WIDTH else "\n    OR "
    return f"{one}{between}{other}"


def _is_bounded(rules: FieldRules | None) -> bool:
    """Whether the rules leave nothing to check of a type's range."""
    if rules is None or rules.ignore is Ignore.IF_ZERO_VALUE:
        return False
    low = rules.standard.get("gte", rules.standard.get("gt"))
    high = rules.standard.get("lte", rules.standard.get("lt"))
    return isinstance(low, int) and isinstance(high, int) and low <= high


def _names_column(term: str, x: str) -> bool:
    import re  # noqa: PLC0415 - only for such columns

    return re.search(rf"(?<![\w`]){re.escape(x)}(?![\w`])", term) is not None


def _plain(rule_id: str) -> str:
    """The id of a rule as part of a name."""
    return "".join(c if c.isalnum() else "_" for c in rule_id.lower()).strip("_") or "cel"


def _unless_zero(terms: tuple[str, ...], x: str, zero: str | None) -> tuple[str, ...]:
    return terms if zero is None else (f"{x} = {zero} OR {' AND '.join(terms)}",)


def _has_length(rules: FieldRules | None) -> bool:
    length = text_length(rules)
    return length is not None and length <= _UNIQUE_LENGTH

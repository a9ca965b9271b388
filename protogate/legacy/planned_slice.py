"""A slice out of a delegation plan: contract, handlers, tests and mapping, inferred from the code that it replaces."""

from __future__ import annotations

import difflib
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.errors import UserError
from protogate.findings import Place
from protogate.legacy.contract_proposal import proto_field, unique_names
from protogate.legacy.handler_code import LegacyCode, unknown_columns
from protogate.legacy.model import LegacyKind
from protogate.legacy.naming import pascal, words
from protogate.scaffold.names import names_of
from protogate.scaffold.plan import plan_slice, rendered, slice_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from protogate.legacy.contract_proposal import ProtoField
    from protogate.legacy.model import LegacyField, LegacySchema
    from protogate.scaffold.names import Names
    from protogate.scaffold.plan import Plan

__all__ = ["PlannedSlice", "find_row", "plan_from_row"]

_CREATES: Final = frozenset({
    "add", "book", "create", "import", "insert", "invite", "make", "new", "open", "order", "place", "post", "publish",
    "register", "save", "start", "submit", "upload",
})  # fmt: skip
_DELETES: Final = frozenset({"delete", "destroy", "drop", "remove"})
_PAST: Final = {
    "begin": "Begun",
    "buy": "Bought",
    "cancel": "Cancelled",
    "get": "Got",
    "make": "Made",
    "pay": "Paid",
    "put": "Put",
    "reset": "Reset",
    "run": "Run",
    "sell": "Sold",
    "send": "Sent",
    "set": "Set",
    "ship": "Shipped",
    "stop": "Stopped",
    "submit": "Submitted",
    "take": "Taken",
    "write": "Written",
}
_FILES: Final = {
    "google.protobuf.Timestamp": "google/protobuf/timestamp.proto",
    "google.protobuf.Duration": "google/protobuf/duration.proto",
    "google.protobuf.Struct": "google/protobuf/struct.proto",
    "google.protobuf.Value": "google/protobuf/struct.proto",
}
_PARAMETER: Final = re.compile(r"\{([^}:]+)[^}]*\}")
_SAMPLES: Final = {
    LegacyKind.BOOLEAN: True,
    LegacyKind.DATE: "2026-01-31",
    LegacyKind.DECIMAL: "12.50",
    LegacyKind.NUMBER: 1.5,
    LegacyKind.TIME: "12:00:00",
    LegacyKind.TIMESTAMP: "2026-01-31T12:00:00Z",
    LegacyKind.DURATION: "60s",
    LegacyKind.OBJECT: {"a": "b"},
    LegacyKind.MAP: {"a": "b"},
    LegacyKind.ANY: "a",
    LegacyKind.BYTES: "AAEC",
}


class PlannedSlice(NamedTuple):
    """What is written, and what somebody has to look at."""

    plan: Plan
    notes: tuple[str, ...]
    """What could not be inferred, each with file and line where there is one."""
    event: str
    """Full name of the event that carries a row of the table."""
    table: LegacySchema | None
    """The table that the slice takes first; None where it takes none."""
    mapping: str
    """Where its mapping belongs."""
    category: str
    """Of the streams of the slice."""


class _Field(NamedTuple):
    """A field as templates write it."""

    declaration: str
    options: tuple[str, ...]
    comment: str
    name: str
    json: str


class _Origin(NamedTuple):
    """The legacy code that a command replaces; empty for a command that has none."""

    place: str
    """`shop/orders/api.py:12`"""
    legacy: str
    """`POST /api/orders`, or the function."""
    creates: bool
    deletes: bool = False


class _Command(NamedTuple):
    name: str
    """`PlaceOrder`"""
    method: str
    """`place_order`"""
    path: str
    """`/commands/order/place-order`"""
    event: str
    """`OrderPlaced`"""
    source: str
    """`shop/orders/api.py:12`"""
    legacy: str
    """`POST /api/orders`, or the function."""
    creates: bool
    deletes: bool
    fields: tuple[_Field, ...]
    sample: Mapping[str, Any]


def find_row(rows: object, module: str, file: str) -> Mapping[str, Any]:
    """Return the row of a module, or of a slice, in a delegation plan.

    Raises:
        UserError: the document is no plan, or has no such module; the nearest is named.
    """
    listed = [row for row in rows if isinstance(row, dict) and "slice" in row] if isinstance(rows, list) else []
    if not listed:
        raise UserError(f"{file}: has no slices; delegation-plan.generated.json is wanted")
    names = {str(row["module"]): row for row in listed}
    names |= {str(row["slice"]["slice_name"]): row for row in listed}
    if module in names:
        found: Mapping[str, Any] = names[module]
        return found
    near = difflib.get_close_matches(module, names, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(str(row['module']) for row in listed)}"
    raise UserError(f"{file}: {module!r} is not in the plan; {hint}")


def plan_from_row(root: Path, row: Mapping[str, Any], legacy: Path, directory: str, name: str = "") -> PlannedSlice:
    """Work out what the slice of a row adds to a project.

    Args:
        root: the project.
        row: of `delegation-plan.generated.json`.
        legacy: the repository that the plan is about.
        directory: where slices stand.
        name: of the slice; empty for that of the plan.

    Raises:
        UserError: as `plan_slice`.
    """
    name = name or str(row["slice"]["slice_name"])
    names = names_of(name)
    gateway = row["slice"]["gateway"]
    files = [one["path"] for one in row["contents"]["modules"]]
    files += [one["file"] for side in ("commands", "queries") for one in gateway[side]]
    code = LegacyCode(legacy, files)
    notes = list(code.notes)
    tables = _tables(row, code, notes)
    first = _first(tables, name)
    state = [field for field in first.fields if not field.is_key] if first is not None else []
    commands = _commands(gateway["commands"], code, state, names, notes)
    if not any(one.creates for one in commands):
        notes.append(
            f"the plan has no command that creates {names.article} {names.words}: Create{names.pascal} was added"
        )
        commands = (_created(names, state), *commands)
    shown = [_field(field, names.pascal, is_answer=True) for field in state]
    notes += _left_queries(gateway["queries"])
    base = plan_slice(root, name, directory)
    extra: dict[str, Any] = {
        "commands": commands,
        "creating": next(one for one in commands if one.creates),
        "fields": shown,
        "imported": sorted(
            [
                *(one.event for one in commands),
                *(f"{one.name}Response" for one in commands),
                f"Get{names.pascal}Response",
            ]
        ),
        "asked_types": sorted([*(f"{one.name}Request" for one in commands), f"Get{names.pascal}Request"]),
        "imports": _imports(state, commands),
        "table": first.name if first is not None else "",
        "asked": [
            f"{one['method']} {one['path']} at {one['file']}:{one['line']}" for one in gateway["queries"] if one["path"]
        ],
    }
    plan = _rewritten(base, root, name, directory, extra)
    event = f"{name}.v1.{extra['creating'].event}"
    return PlannedSlice(
        plan, tuple(dict.fromkeys(notes)), event, first, f"contracts/legacy_bridge/{name}.mapping.yaml", name
    )


def _tables(row: Mapping[str, Any], code: LegacyCode, notes: list[str]) -> list[LegacySchema]:
    found = []
    for one in row["data"]:
        if one["owner"] != "slice":
            continue
        schema = code.table(one["table"], one["model"], one["file"], one["line"])
        if schema is None:
            notes.append(
                f"{one['file']}:{one['line']}: the types of {one['table']} are not known; its columns became texts"
            )
            schema = unknown_columns(one["table"], one["columns"], Place(one["file"], one["line"]))
        found.append(schema)
    return found


def _first(tables: Sequence[LegacySchema], name: str) -> LegacySchema | None:
    """Return the table that the slice is about: the one most like its name, then the widest."""
    wanted = set(words(name))

    def worth(schema: LegacySchema) -> tuple[int, int, str]:
        likeness = sum(
            any(one.startswith(word) or word.startswith(one) for word in wanted) for one in words(schema.name)
        )
        return -likeness, -len(schema.fields), schema.name

    return min(tables, key=worth, default=None)


def _commands(
    rows: Sequence[Mapping[str, Any]], code: LegacyCode, state: Sequence[LegacyField], names: Names, notes: list[str]
) -> tuple[_Command, ...]:
    found: dict[str, _Command] = {}
    events: set[str] = set()
    for row in rows:
        in_path = _PARAMETER.findall(str(row["path"]))
        handler = code.handler(row["file"], row["line"], row["handler"], in_path)
        if handler.note:
            notes.append(handler.note)
        name = pascal(str(row["name"])) if "_" in str(row["name"]) else str(row["name"])
        verb = (words(name) or ("do",))[0]
        creates = verb in _CREATES and not in_path
        deletes = verb in _DELETES or row["method"] == "DELETE"
        taken = list(handler.fields)
        if not taken and not deletes and verb in {*_CREATES, "update", "edit", "change"}:
            taken = list(state)
        if creates:
            taken = _with(taken, state)
        origin = _Origin(f"{row['file']}:{row['line']}", _legacy(row), creates, deletes)
        command = _command(name, taken, names, origin)
        while command.event in events:
            command = command._replace(event=f"{command.event}Again")
        if command.name not in found:
            found[command.name] = command
            events.add(command.event)
    return tuple(found.values())


def _with(fields: Sequence[LegacyField], state: Sequence[LegacyField]) -> list[LegacyField]:
    """Return what a creating command takes, and the other columns, which may be left out: a bootstrap fills them."""
    known = {field.name for field in fields}
    rest = [field._replace(is_required=False, is_nullable=True) for field in state if field.name not in known]
    return [*fields, *rest]


def _created(names: Names, state: Sequence[LegacyField]) -> _Command:
    fields = [field._replace(is_required=False, is_nullable=True) for field in state]
    return _command(f"Create{names.pascal}", fields, names, _Origin("", "", creates=True))


def _command(name: str, fields: Sequence[LegacyField], names: Names, origin: _Origin) -> _Command:
    parts = words(name)
    dashed = "-".join(parts)
    data = [field for field in fields if not field.is_key]
    samples = {_json(field.name, data): _sample(field) for field in data}
    return _Command(
        name,
        "_".join(parts),
        f"/commands/{names.kebab}/{dashed}" if origin.creates else f"/commands/{names.kebab}/{{id}}/{dashed}",
        _event(name, names.pascal),
        origin.place,
        origin.legacy,
        origin.creates,
        origin.deletes,
        tuple(_field(field, name) for field in data),
        {key: value for key, value in samples.items() if value is not None},
    )


def _event(command: str, noun: str) -> str:
    """Return what has happened after a command.

    >>> _event("PlaceOrder", "Order"), _event("Cancel", "Order"), _event("ChangeEmail", "User")
    ('OrderPlaced', 'OrderCancelled', 'EmailChanged')
    """
    verb, *rest = words(command) or ("do",)
    past = _PAST.get(verb) or _regular(verb)
    return f"{pascal('_'.join(rest)) if rest else noun}{past}"


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d".capitalize()
    if verb.endswith("y") and verb[-2:-1] not in set("aeiou"):
        return f"{verb[:-1]}ied".capitalize()
    return f"{verb}ed".capitalize()


def _field(field: LegacyField, scope: str, *, is_answer: bool = False) -> _Field:
    """Return a field as it is declared; what is answered may be missing and obeys no rule."""
    plain = field._replace(kind=LegacyKind.STRING) if field.kind is LegacyKind.ENUM else field
    plain = plain._replace(kind=LegacyKind.STRING) if field.kind is LegacyKind.ANY and field.references else plain
    if is_answer:
        plain = plain._replace(is_required=False, is_nullable=True)
    name = unique_names([field])[field.name]
    made: ProtoField = proto_field(plain, name, scope)
    return _Field(made.declaration, () if is_answer else made.options, made.comment, name, _camel(name))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _json(name: str, fields: Sequence[LegacyField]) -> str:
    return _camel(unique_names(fields)[name])


def _sample(field: LegacyField) -> object:
    if field.is_repeated:
        return None
    if field.kind is LegacyKind.INTEGER:
        return 7
    text = "a" * min(field.length or 1, 1)
    return _SAMPLES.get(field.kind, text)


def _imports(state: Sequence[LegacyField], commands: Sequence[_Command]) -> list[str]:
    """Return the files that the contract imports beside those of every slice."""
    lines = [field.declaration for one in commands for field in one.fields]
    lines += [_field(field, "X", is_answer=True).declaration for field in state]
    return sorted({path for line in lines for word, path in _FILES.items() if word in line})


def _legacy(row: Mapping[str, Any]) -> str:
    return f"{row['method']} {row['path']}" if row["path"] else str(row["handler"])


def _left_queries(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the queries that ask more than for one thing by its id."""
    return [
        f"{row['file']}:{row['line']}: {_legacy(row)} asks for more than one record by its id: give it a read model"
        for row in rows
        if len(_PARAMETER.findall(str(row["path"]))) != 1 or not str(row["path"]).rstrip("/").endswith("}")
    ]


def _rewritten(base: Plan, root: Path, name: str, directory: str, extra: Mapping[str, Any]) -> Plan:
    """Return the plan of a plain slice with the texts that a legacy plan decides."""
    contracts = slice_words(root, name, directory)["contracts"]
    folder = f"{PurePosixPath(directory)}/{name}"
    files = {
        f"{contracts}/{name}/v1/{name}.proto": "from_plan/contract.proto",
        f"{folder}/state.py": "from_plan/state.py",
        f"{folder}/handlers.py": "from_plan/handlers.py",
        base.test: "from_plan/test_slice.py",
    }
    known = slice_words(root, name, directory)
    texts = rendered(files, {**known, **extra, "name_json": _camel(f"{name}_id")}, trims=True)
    return base._replace(created={**base.created, **texts})

"""The members of Enum classes, and what their values are in documents."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.python.bodies import returned, undecorated_reason
from protogate.crosscheck.python.constants import Constant, EnumMember, Value, constant, json_value
from protogate.crosscheck.python.functions import call_function
from protogate.crosscheck.python.lineage import known_ancestors, lineage
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Known, in_scope, resolve, shown
from protogate.crosscheck.shapes import Choice, Member, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.terms import MadeType
    from protogate.findings import Place

__all__ = [
    "HARMLESS",
    "EnumFacts",
    "choice_of",
    "enum_facts",
    "is_enum",
    "made_enum",
    "standard_enum",
    "standard_member",
]


class EnumFacts(NamedTuple):
    """What is known of an Enum."""

    members: tuple[EnumMember, ...]
    """Without aliases, in the order of their definition."""
    by_name: dict[str, EnumMember]
    """Aliases too: they lead to the member."""
    is_flag: bool
    """Whether its members can be combined, which gives further values."""
    missing: Place | None
    """Where it takes values that are no member's: its `_missing_`."""


_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_KINDS: Final = ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "enum.ReprEnum")
_FLAGS: Final = ("enum.Flag", "enum.IntFlag")
HARMLESS: Final = frozenset({"enum.unique", "enum.verify", "typing.final", "enum.global_enum", "typing.deprecated"})
"""Decorators that leave an Enum as it is."""
_CHANGING: Final = frozenset({"_value_", "_name_", "_member_map_", "_value2member_map_", "_member_names_", "_missing_"})
"""One of them a decorator has to name that changes the members."""
_METACLASSES: Final = frozenset({"enum.EnumMeta", "enum.EnumType", "abc.ABCMeta"})


def is_enum(definition: ClassDefinition) -> bool:
    """Whether a class is an Enum."""
    names = known_ancestors(definition)
    return not isinstance(names, Unresolved) and any(name in _KINDS for name in names)


def enum_facts(definition: ClassDefinition) -> EnumFacts | Unresolved:
    """Return the members of an Enum; unresolved when one of them has to be run to be known."""
    return remember(
        definition.cache,
        "enum",
        Unresolved(f"'{definition.name}' needs itself", definition.place),
        lambda: _facts(definition),
    )


def choice_of(facts: EnumFacts, place: Place) -> Choice | Unresolved:
    """Return the values of an Enum as they stand in documents."""
    members: dict[tuple[type, object], Member] = {}
    for one in facts.members:
        value = json_value(one)
        if isinstance(value, Unresolved):
            return Unresolved(f"the value of '{one.name}' has parts", one.place)
        members.setdefault(json_key(value), Member(value, one.place))
    return Choice(tuple(members.values()), place)


def json_key(value: object) -> tuple[type, object]:
    """Return what tells JSON values apart: 1 and true are two, 1 and 1.0 are one."""
    return (bool if isinstance(value, bool) else object, value)


def _facts(definition: ClassDefinition) -> EnumFacts | Unresolved:
    names = known_ancestors(definition)
    if isinstance(names, Unresolved):
        return names
    reason = undecorated_reason(definition, HARMLESS, _CHANGING) or _metaclass_reason(definition)
    if reason is not None:
        return reason
    return _Members(definition, names).facts()


def _metaclass_reason(definition: ClassDefinition) -> Unresolved | None:
    """Why the metaclass may make other members; None when it does not."""
    for ancestor in lineage(definition) or ():
        if not isinstance(ancestor, ClassDefinition):
            continue
        for keyword in ancestor.node.keywords:
            if keyword.arg != "metaclass":
                continue
            meaning = resolve(keyword.value, ancestor.outer, line=ancestor.node.lineno)
            if isinstance(meaning, Known) and meaning.name in _METACLASSES:
                continue
            if isinstance(meaning, ClassDefinition) and not _makes_members(meaning):
                continue
            place = ancestor.module.place(keyword.value)
            return Unresolved(f"metaclass {shown(keyword.value)} makes '{ancestor.name}'", place)
    return None


def _makes_members(metaclass: ClassDefinition) -> bool:
    return any(name in metaclass.scope.bindings for name in ("__new__", "__prepare__", "__init__", "__call__"))


class _Members:
    """Works out the members of one class."""

    def __init__(self, definition: ClassDefinition, ancestors: tuple[str, ...]) -> None:
        self._definition = definition
        self._scope: Scope = definition.scope
        self._ancestors = ancestors
        self._kind = next((name for name in ancestors if name in _KINDS), "enum.Enum")
        self._data_type = self._find_data_type()
        self._by_name: dict[str, EnumMember] = {}
        self._members: list[EnumMember] = []
        self._by_value: dict[str | int | float | bytes, EnumMember] = {}
        self._last_values: list[Value] = []
        """As they are assigned, before a mixin converts them: what `auto()` goes on from."""

    def facts(self) -> EnumFacts | Unresolved:
        ignored = self._ignored()
        if isinstance(ignored, Unresolved):
            return ignored
        for name, node, value in self._assignments():
            if name in ignored or not _is_member_name(name, self._definition.node.name):
                continue
            problem = self._add(name, node, value)
            if problem is not None:
                return problem
        if self._is_filled_by_code():
            return Unresolved(f"'{self._definition.name}' gets its members when the code runs", self._definition.place)
        own = self._method("value") or self._method("_value_")
        if own is not None:
            return Unresolved(f"'{self._definition.name}' has a 'value' of its own", own.place)
        missing = self._method("_missing_")
        return EnumFacts(
            tuple(self._members),
            dict(self._by_name),
            self._kind in _FLAGS,
            None if missing is None else missing.place,
        )

    def _is_filled_by_code(self) -> bool:
        """Whether the body writes into its own names: `vars().update(...)`, `locals()[name] = ...`."""
        statements = [one for one in self._definition.node.body if not isinstance(one, _DEFINITIONS)]
        return any(
            isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in {"vars", "locals", "exec"}
            for statement in statements
            for one in ast.walk(statement)
        )

    def _add(self, name: str, node: ast.AST, value: ast.expr | None) -> Unresolved | None:
        place = self._scope.module.place(node)
        if value is None:
            return Unresolved(f"'{self._definition.name}.{name}' is made by a statement that has to run", place)
        if self._is_method(value):
            return None
        found = self._value(name, value)
        if isinstance(found, Unresolved):
            return found._replace(reason=f"'{self._definition.name}.{name}': {found.reason}")
        same = self._same(found)
        if same is None:
            same = EnumMember(self._definition, name, found, place)
            self._members.append(same)
            if isinstance(found, (str, int, float, bytes)):
                self._by_value[found] = same
        self._by_name[name] = same
        return None

    def _same(self, value: Value) -> EnumMember | None:
        """An earlier member with this value, which the new name is then one more name of."""
        if isinstance(value, (str, int, float, bytes)):
            return self._by_value.get(value)
        return next((one for one in self._members if one.value == value), None)

    def _assignments(self) -> Iterator[tuple[str, ast.AST, ast.expr | None]]:
        """What the body assigns, in order; None for what a loop or an unpacking assigns."""
        for name, bindings in self._scope.bindings.items():
            binding = bindings[-1]
            if binding.kind == "value":
                if isinstance(binding.node, ast.Assign) or (
                    isinstance(binding.node, ast.AnnAssign) and binding.node.value is not None
                ):
                    yield name, binding.node, binding.node.value
            elif binding.kind in {"opaque", "from", "import"}:
                yield name, binding.node, None

    def _ignored(self) -> frozenset[str] | Unresolved:
        found = in_scope(self._scope, "_ignore_")
        value = getattr(found, "value", None)
        if found is None or value is None:
            return frozenset()
        listed = constant(value, self._scope)
        if isinstance(listed, Unresolved):
            return listed
        if isinstance(listed.value, str):
            return frozenset(listed.value.replace(",", " ").split())
        return (
            frozenset(one for one in listed.value if isinstance(one, str))
            if isinstance(listed.value, tuple)
            else frozenset()
        )

    def _is_method(self, value: ast.expr) -> bool:
        """Whether an assigned value makes no member: functions, descriptors, `nonmember()`."""
        if isinstance(value, ast.Lambda):
            return True
        if isinstance(value, ast.Call):
            meaning = self._resolve(value.func)
            return isinstance(meaning, Known) and meaning.name in _NO_MEMBERS
        if isinstance(value, (ast.Name, ast.Attribute)):
            return isinstance(self._resolve(value), FunctionDefinition)
        return False

    def _resolve(self, expression: ast.expr) -> object:
        return resolve(expression, self._scope, line=getattr(expression, "lineno", None))

    def _value(self, name: str, value: ast.expr) -> Value | Unresolved:
        if isinstance(value, ast.Call):
            meaning = self._resolve(value.func)
            called = meaning.name if isinstance(meaning, Known) else ""
            if isinstance(meaning, FunctionDefinition) and _gives_auto(meaning):
                called = "enum.auto"
            if called == "enum.auto" and not value.args:
                generated = self._automatic(name, self._scope.module.place(value))
                if isinstance(generated, Unresolved):
                    return generated
                self._last_values.append(generated)
                return self._converted(generated, value)
            if called == "enum.member" and len(value.args) == 1:
                return self._value(name, value.args[0])
        sibling = self._sibling(value)
        if sibling is not None:
            self._last_values.append(sibling.value)
            return sibling.value
        found = constant(value, self._scope, line=value.lineno)
        if isinstance(found, Unresolved):
            return self._of_first_part(value) or found
        self._last_values.append(found.value.value if isinstance(found.value, EnumMember) else found.value)
        return self._converted(found.value, value)

    def _sibling(self, value: ast.expr) -> EnumMember | None:
        """The member that an alias in the body names; in a combination of flags the values count."""
        return self._by_name.get(value.id) if isinstance(value, ast.Name) else None

    def _of_first_part(self, value: ast.expr) -> Value | None:
        """The value of `"a", SomeClass()`, of which `__new__` takes a part that is certain."""
        index = self._chosen_part()
        if not isinstance(index, int) or not isinstance(value, ast.Tuple) or index >= len(value.elts):
            return None
        found = constant(value.elts[index], self._scope, line=value.lineno)
        return None if isinstance(found, Unresolved) else found.value

    def _automatic(self, name: str, place: Place) -> Value | Unresolved:  # noqa: PLR0911 - one for each kind of Enum
        """What `auto()` gives."""
        custom = self._method("_generate_next_value_")
        if custom is not None:
            last = tuple(self._last_values)
            generated: Value | Unresolved = call_function(custom, (name, 1, len(self._members), last), place)
            return generated
        if self._kind == "enum.StrEnum":
            return name.lower()
        numbers = [one for one in self._last_values if isinstance(one, int)]
        if self._kind in _FLAGS:
            return 1 << max(0, *(number.bit_length() for number in numbers), 0) if numbers else 1
        if len(numbers) < len(self._last_values):
            if not numbers:
                # Text has no next value: it starts at one.
                return 1
            return Unresolved("auto() behind values that are no numbers", place)
        if not numbers:
            return 1
        if numbers[-1] != max(numbers):
            return Unresolved("auto() behind a value that is not the highest: it depends on the version", place)
        return numbers[-1] + 1

    def _converted(self, value: Value, node: ast.expr) -> Value | Unresolved:  # noqa: PLR0911 - one for each type
        """The value after `__new__` and the data type of a mixin have had it."""
        place = self._scope.module.place(node)
        if isinstance(value, EnumMember):
            if self._data_type == "str" and not _is_text_enum(value.owner):
                return Unresolved("str() of a member makes the value", place)
            value = value.value
        part = self._chosen_part()
        if isinstance(part, Unresolved):
            return part
        if isinstance(part, int):
            parts: tuple[Value, ...] = value if isinstance(value, tuple) else (value,)
            chosen = parts[part] if part < len(parts) else None
            return chosen if part < len(parts) else Unresolved("a value with too few parts", place)
        if self._data_type == "str":
            return self._text(value, place)
        if self._data_type == "int":
            return self._number(value, place)
        if self._data_type == "float" and isinstance(value, (int, float)):
            return float(value)
        if self._data_type in {"", "float", "bytes"}:
            return value
        return Unresolved(f"{self._data_type} makes the value", place)

    def _text(self, value: Value, place: Place) -> Value | Unresolved:
        parts = value if isinstance(value, tuple) else (value,)
        if len(parts) == 1 and isinstance(parts[0], (str, int, float)):
            return str(parts[0])
        return Unresolved("str() makes the value", place)

    def _number(self, value: Value, place: Place) -> Value | Unresolved:
        if isinstance(value, tuple):
            return value[0] if len(value) == 1 and isinstance(value[0], int) else Unresolved("int() makes it", place)
        if isinstance(value, (int, float)):
            return int(value)
        if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
            return int(value)
        return Unresolved("int() makes the value", place)

    def _chosen_part(self) -> int | Unresolved | None:
        """Which part of an assigned tuple `__new__` makes the value; None when there is no `__new__`."""
        for name in ("__new__", "__init__"):
            method = self._method(name)
            if method is None:
                continue
            chosen = _value_parameter(method)
            if chosen is not None:
                return chosen
            if name == "__new__":
                return Unresolved(f"__new__ of '{self._definition.name}' makes the values", method.place)
        return None

    def _method(self, name: str) -> FunctionDefinition | None:
        for ancestor in lineage(self._definition) or ():
            if isinstance(ancestor, ClassDefinition):
                found = in_scope(ancestor.scope, name)
                if isinstance(found, FunctionDefinition):
                    return found
        return None

    def _find_data_type(self) -> str:
        """The type that members are made with: of `class A(str, Enum)` it is str."""
        for name in self._ancestors:
            if name in {"enum.IntEnum", "enum.IntFlag"}:
                return "int"
            if name == "enum.StrEnum":
                return "str"
            if name in {"str", "int", "float", "bytes"}:
                return name
            if name not in _KINDS and not name.startswith(("typing.", "abc.")) and name != "object":
                return name
        return ""


def _is_text_enum(owner: object) -> bool:
    """Whether `str()` of a member gives its value, which that of `class A(str, Enum)` does not."""
    names = known_ancestors(owner) if isinstance(owner, ClassDefinition) else ()
    return not isinstance(names, Unresolved) and "enum.StrEnum" in names


_NO_MEMBERS: Final = frozenset(
    {"enum.nonmember", "property", "classmethod", "staticmethod", "functools.cached_property"}
)


def _is_member_name(name: str, class_name: str) -> bool:
    is_sunder = name.startswith("_") and name.endswith("_") and len(name) > 2 and not name.startswith("__")  # noqa: PLR2004
    is_dunder = name.startswith("__") and name.endswith("__")
    is_private = name.startswith("__") and not is_dunder
    return not (is_sunder or is_dunder or is_private or name == "mro") and bool(class_name)


def _value_parameter(method: FunctionDefinition) -> int | None:
    """Which of its parameters, counted behind the first, a method assigns to `_value_`."""
    names = [one.arg for one in method.node.args.args][1:]
    body = [] if isinstance(method.node, ast.Lambda) else method.node.body
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and target.attr == "_value_" and statement.value.id in names:
                    return names.index(statement.value.id)
    return None


def made_enum(made: MadeType) -> EnumFacts | Unresolved:
    """Return the members of `Enum("Name", ...)`."""
    scope, call = made.scope, made.call
    place = scope.module.place(call)
    keywords = {one.arg: one.value for one in call.keywords}
    listed = call.args[1] if len(call.args) > 1 else keywords.get("names")
    start = constant(keywords["start"], scope) if "start" in keywords else None
    data_type = _mixed_type(keywords.get("type"), scope)
    if listed is None or isinstance(start, Unresolved) or data_type is None:
        return Unresolved(f"{shown(call)} is called to make it", place)
    pairs = _pairs(listed, scope, call.lineno)
    if isinstance(pairs, Unresolved):
        return pairs
    first = start.value if start is not None and isinstance(start.value, int) else 1
    members: list[EnumMember] = []
    for index, (name, value) in enumerate(pairs):
        number: Value = 1 << index if made.maker in _FLAGS else first + index
        made_value = (name.lower() if made.maker == "enum.StrEnum" else number) if value is None else value.value
        if data_type == "str" and not isinstance(made_value, str):
            made_value = str(made_value)
        # Enums made by a call have no class statement: the value is what counts.
        members.append(EnumMember(made, name, made_value, value.place if value is not None else place))
    return EnumFacts(tuple(members), {one.name: one for one in members}, made.maker in _FLAGS, None)


def _mixed_type(expression: ast.expr | None, scope: Scope) -> str | None:
    """The name of the mixed-in type, empty without one, None for one that is not known."""
    if expression is None:
        return ""
    meaning = resolve(expression, scope)
    return meaning.name if isinstance(meaning, Known) and meaning.name in {"str", "int"} else None


def _pairs(listed: ast.expr, scope: Scope, line: int) -> list[tuple[str, Constant | None]] | Unresolved:
    """Names of members, and their values where they are given."""
    place = scope.module.place(listed)
    if isinstance(listed, ast.Dict):
        found = [
            (key, constant(value, scope, line=line)) for key, value in zip(listed.keys, listed.values, strict=True)
        ]
        pairs: list[tuple[str, Constant | None]] = []
        for key, value in found:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or isinstance(value, Unresolved):
                return Unresolved("members that have to be run to be known", place)
            pairs.append((key.value, value))
        return pairs
    names = constant(listed, scope, line=line)
    if isinstance(names, Unresolved):
        return names
    if isinstance(names.value, str):
        return [(name, None) for name in names.value.replace(",", " ").split()]
    if isinstance(names.value, tuple):
        return _listed_pairs(names.value, listed, scope, place)
    return Unresolved("members that have to be run to be known", place)


def _listed_pairs(
    values: tuple[Value, ...], listed: ast.expr, scope: Scope, place: Place
) -> list[tuple[str, Constant | None]] | Unresolved:
    nodes = listed.elts if isinstance(listed, (ast.List, ast.Tuple)) else [listed] * len(values)
    pairs: list[tuple[str, Constant | None]] = []
    for value, node in zip(values, nodes, strict=False):
        if isinstance(value, str):
            pairs.append((value, None))
        elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):  # noqa: PLR2004 - a pair
            pairs.append((value[0], Constant(value[1], scope.module.place(node))))
        else:
            return Unresolved("members that have to be run to be known", place)
    return pairs


_STANDARD: Final = frozenset({"http.HTTPStatus", "http.HTTPMethod"})
"""Enums of the standard library that models use; their values are those of this interpreter."""


def standard_enum(name: str) -> tuple[tuple[str, Value], ...] | None:
    """Return names and values of an Enum of the standard library, None for anything else."""
    if name not in _STANDARD:
        return None
    import http

    found = getattr(http, name.rpartition(".")[2], ())
    return tuple((one.name, one.value) for one in found)


def standard_member(name: str) -> EnumMember | None:
    """Return the member of an Enum of the standard library: `http.HTTPStatus.OK`."""
    from protogate.findings import Place

    owner, _, member = name.rpartition(".")
    for one, value in standard_enum(owner) or ():
        if one == member:
            return EnumMember(owner, one, value, Place(""))
    return None


def _gives_auto(function: FunctionDefinition) -> bool:
    """Return whether a function is another name of `auto`: `def auto(): return enum.auto()`."""
    made = returned(function)
    if not isinstance(made, ast.Call) or made.args or made.keywords:
        return False
    meaning = resolve(made.func, function.scope, line=made.lineno)
    return isinstance(meaning, Known) and meaning.name == "enum.auto"

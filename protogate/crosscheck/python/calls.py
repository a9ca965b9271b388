"""What calls give: models that are made, objects that are changed, functions that are followed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal

from protogate.crosscheck.python.carried import carried
from protogate.crosscheck.python.containers import dict_method, drop_constants, items_of, list_method, only, update
from protogate.crosscheck.python.values import (
    NOTHING,
    UNKNOWN,
    Arguments,
    Bound,
    Class,
    Closure,
    Constant,
    NoReturnError,
    Reference,
    Thing,
    certain,
    constants,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.frames import Site
    from protogate.crosscheck.python.making import ModelFacts
    from protogate.crosscheck.python.names import ClassDefinition
    from protogate.crosscheck.python.values import Value

__all__ = ["COLLECTIONS", "assigned", "call"]

COLLECTIONS: Final = frozenset(
    {"list", "tuple", "set", "frozenset", "sorted", "reversed", "dict", "types.MappingProxyType", "iter"}
)
"""Calls whose result holds the same values as their argument."""

_ENCODES: Final = frozenset({"fastapi.encoders.jsonable_encoder", "asyncio.shield", "asyncio.wait_for"})
"""Calls that give back their first argument, or something that reads the same."""
_COPIES: Final = frozenset({"copy.copy", "copy.deepcopy"})
_RUNS: Final = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "fastapi.concurrency.run_in_threadpool",
        "starlette.concurrency.run_in_threadpool",
    }
)
"""Calls that call their first argument with the others."""
_ENDS: Final = frozenset({"sys.exit", "os._exit", "os.abort", "exit", "quit"})
_REPLACES: Final = frozenset({"dataclasses.replace", "copy.replace"})
_JSON: Final = ("JSONResponse", "ORJSONResponse", "UJSONResponse")
_DEEPEST: Final = 10
"""Lists in lists that are copied."""
_SUCCESS: Final = range(200, 300)
_LOOKS: Final = frozenset(
    {
        "abs", "all", "any", "bool", "bytes", "callable", "enumerate", "float", "format", "hash", "id", "int",
        "isinstance", "issubclass", "len", "max", "min", "print", "repr", "round", "str", "sum", "type", "zip",
    }
)  # fmt: skip
"""Built-in functions that change nothing they are handed."""
_KEEPS: Final = frozenset(
    {
        "add", "add_all", "append", "commit", "create", "critical", "debug", "dispatch", "emit", "enqueue", "error",
        "exception", "execute", "extend", "flush", "info", "insert", "insert_one", "log", "notify", "persist",
        "publish", "put", "save", "send", "set", "store", "submit", "warn", "warning", "write",
    }
)  # fmt: skip
"""Methods of unknown objects that store, send or log what they are handed, and leave it as it is."""
_TEXT: Final = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "swapcase"})
_CONSTRUCTS: Final = frozenset({"model_construct", "construct"})
_VALIDATES: Final = frozenset({"model_validate", "model_validate_json", "parse_obj", "parse_raw", "from_orm"})


def call(site: Site, node: ast.Call) -> Value:
    """Return what a call gives."""
    known = site.follower.known(node.func, site.frame, site.state)
    if known:
        return _known(site, known, _arguments(site, node))
    if isinstance(node.func, ast.Attribute):
        return _method(site, node, node.func)
    functions = site.value(node.func)
    return _apply(site, functions, _arguments(site, node))


def assigned(follower: Follower, thing: Thing, name: str, value: Value) -> Value:
    """Return what is kept of a value that is assigned to an attribute or a key."""
    facts = None if thing.kind != "instance" or thing.cls is None else follower.lookups.model(thing.cls)
    if facts is None:
        return value
    if facts.opaque_assignment:
        return drop_constants(value)
    field = facts.fields.get(name)
    if field is None or not facts.validates_assignment:
        return value
    return drop_constants(value) if facts.hooked else carried(value, field)


def _arguments(site: Site, node: ast.Call) -> Arguments:
    """Return what a call hands over, evaluated from left to right."""
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    complete = True
    for argument in node.args:
        value = site.value(argument.value if isinstance(argument, ast.Starred) else argument)
        complete = complete and not isinstance(argument, ast.Starred)
        if complete:
            positional.append(value)
    for keyword in node.keywords:
        value = site.value(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        spread = only(value, site.state)
        if spread is None or spread.kind != "dict":
            complete = False
        else:
            keywords.update(spread.fields)
            complete = complete and not spread.open and not spread.items
    return Arguments(tuple(positional), keywords, complete)


def _apply(site: Site, functions: Value, given: Arguments) -> Value:
    """Return what the call of a value gives: of each function that it may be."""
    found: list[Value] = []
    for function in functions:
        if isinstance(function, Class):
            found.append(_made(site, function.target, given))
        elif isinstance(function, Bound):
            own = given if function.receiver is None or function.target.static else given.behind(function.receiver)
            found.append(site.follower.call(function.target, own, site.frame, site.state))
        elif isinstance(function, Closure):
            found.append(site.follower.call_closure(function, given, site.frame, site.state))
        else:
            site.follower.forget(given.handed, site.state)
            found.append(UNKNOWN)
    return union(found)


# -- objects


def _made(site: Site, cls: ClassDefinition, given: Arguments, how: Literal["call", "construct"] = "call") -> Value:
    """Return a new object of a class."""
    match site.follower.lookups.kind(cls):
        case "enum":
            return _member(site, cls, given)
        case "typed dict":
            return site.new(Thing("dict", cls, dict(given.keywords), open=not given.complete))
        case "protocol":
            return UNKNOWN
        case _:
            facts = site.follower.lookups.model(cls)
            return _plain_object(site, cls, given) if facts is None else _made_model(site, cls, facts, given, how)


def _made_model(
    site: Site, cls: ClassDefinition, facts: ModelFacts, given: Arguments, how: Literal["call", "construct"]
) -> Value:
    is_called = how == "call"
    fields = _validated(site, given, facts) if is_called and facts.validates else _unchecked(given, facts)
    runs_code = is_called and facts.opaque_init
    if runs_code:
        fields = dict.fromkeys(fields, UNKNOWN)
    if given.complete and site.follower.defaults and not runs_code and not (facts.hooked and is_called):
        for name, field in facts.fields.items():
            if name not in fields and field.default is not None:
                fields[name] = site.follower.outside(*field.default, site.frame, site.state)
    return site.new(Thing("instance", cls, fields, open=not given.complete))


def _validated(site: Site, given: Arguments, facts: ModelFacts) -> dict[str, Value]:
    """Return the fields of a model that checks what it is given: other types are refused or converted, lists copied."""
    fields: dict[str, Value] = {}
    for key, value in given.keywords.items():
        name = facts.names_in.get(key)
        if name is not None:
            kept = drop_constants(value) if facts.hooked else carried(value, facts.fields[name])
            fields[name] = _recopied(site, kept, 0)
    return fields


def _recopied(site: Site, value: Value, depth: int) -> Value:
    """Return a value in which lists and dictionaries are other ones; models stay the same objects."""
    if depth > _DEEPEST:
        return UNKNOWN
    found: list[Value] = []
    for atom in value:
        thing = site.state.heap[atom.key] if isinstance(atom, Reference) else None
        if thing is None or thing.kind == "instance":
            found.append((atom,))
            continue
        fields = {name: _recopied(site, held, depth + 1) for name, held in thing.fields.items()}
        items = _recopied(site, thing.items, depth + 1)
        found.append(site.new(thing._replace(fields=fields, items=items)))
    return union(found)


def _unchecked(given: Arguments, facts: ModelFacts) -> dict[str, Value]:
    """Return the fields of an object that takes what it is given."""
    fields = dict(zip(facts.fields, given.positional, strict=False))
    for key, value in given.keywords.items():
        fields[key if key in facts.fields else facts.names_in.get(key, key)] = value
    return fields


def _plain_object(site: Site, cls: ClassDefinition, given: Arguments) -> Value:
    """Return an object of a class that is no model, as its `__init__` leaves it."""
    new = site.new(Thing("instance", cls, {}, open=False))
    init = site.follower.lookups.method(cls, "__init__")
    if init is not None:
        site.follower.call(init, given.behind(new), site.frame, site.state)
    return new


def _member(site: Site, cls: ClassDefinition, given: Arguments) -> Value:
    """Return the member that `Status("bad")` gives."""
    if len(given.positional) != 1 or not certain(given.positional[0]):
        return UNKNOWN
    members = site.follower.lookups.enum_members(cls)
    found: list[Value] = []
    for atom in constants(given.positional[0]):
        name = next((name for name, value in members.items() if value == atom.value), None)
        found.append(UNKNOWN if name is None else (Constant(atom.value, site.place, f"{cls.name}.{name}"),))
    return union(found)


# -- functions of the standard library, of FastAPI and pydantic


def _known(site: Site, name: str, given: Arguments) -> Value:  # noqa: PLR0911 - one for each function
    """Return what a call of a function gives that is known by its name."""
    if name in _ENDS:
        raise NoReturnError
    first = given.positional[0] if given.positional else UNKNOWN
    if name.startswith(("fastapi.", "starlette.")) and name.endswith(_JSON):
        return _response(given)
    match name, given.positional:
        case "typing.cast", (_, value):
            return value
        case "setattr", (owners, names, value):
            return _set_attribute(site, owners, names, value)
        case "getattr", (owners, names, *_):
            key = _text(names)
            return UNKNOWN if key is None else site.here.attribute(owners, key, site.node)
        case "next", (iterated, *defaults):
            return union((items_of(iterated, site.state), *defaults))
        case "str", (value,) if certain(value):
            return tuple(one for one in constants(value) if isinstance(one.value, str) and not one.member) or UNKNOWN
        case "dataclasses.asdict", (value, *_):
            return _dumped(site, value, by_alias=False)
        case "dict", _:
            return _new_dict(site, given)
        case _:
            return _by_group(site, name, first, given)


def _by_group(site: Site, name: str, first: Value, given: Arguments) -> Value:
    if name in _ENCODES:
        return first
    if name in _COPIES:
        return _copied(site, first)
    if name in _RUNS:
        return _apply(site, first, Arguments(given.positional[1:], given.keywords, given.complete))
    if name in _REPLACES:
        return _replaced(site, first, given.keywords)
    if name in COLLECTIONS:
        return site.new(Thing("list", None, {}, items_of(first, site.state)))
    if name not in _LOOKS and not name.startswith("logging."):
        site.follower.forget(given.handed, site.state)
    return UNKNOWN


def _response(given: Arguments) -> Value:
    """Return the content of a JSON response that says success: nobody validates it."""
    status = given.positional[1] if len(given.positional) > 1 else given.keywords.get("status_code")
    if status is not None and not all(isinstance(atom, Constant) and atom.value in _SUCCESS for atom in status):
        return UNKNOWN
    return given.positional[0] if given.positional else given.keywords.get("content", UNKNOWN)


def _text(value: Value) -> str | None:
    """Return the text that a value is, if it is exactly one."""
    if len(value) == 1 and isinstance(value[0], Constant) and isinstance(value[0].value, str):
        return value[0].value
    return None


def _set_attribute(site: Site, owners: Value, names: Value, value: Value) -> Value:
    name = _text(names)
    if name is None:
        site.follower.forget([owners], site.state)
    else:
        site.follower.store(owners, name, value, site.state)
    return UNKNOWN


def _new_dict(site: Site, given: Arguments) -> Value:
    new = site.new(Thing("dict", None, {}, open=not given.complete))
    if given.positional:
        update(site.follower, new, given.positional[0], site.state)
    for name, value in given.keywords.items():
        site.follower.store(new, name, value, site.state)
    return new


def _copied(site: Site, value: Value) -> Value:
    thing = only(value, site.state)
    return drop_constants(value) if thing is None else site.new(thing)


def _replaced(site: Site, value: Value, changes: Mapping[str, Value]) -> Value:
    """Return a copy with other fields."""
    thing = only(value, site.state)
    if thing is None:
        return UNKNOWN
    facts = None if thing.cls is None else site.follower.lookups.model(thing.cls)
    if facts is not None and facts.opaque_init:
        changes = dict.fromkeys(changes, UNKNOWN)
    return site.new(thing._replace(fields={**thing.fields, **changes}))


def _dumped(site: Site, value: Value, *, by_alias: bool) -> Value:
    """Return the dictionary that a model is written to, where its keys are known; models inside are not followed."""
    thing = only(value, site.state)
    facts = None if thing is None or thing.cls is None else site.follower.lookups.model(thing.cls)
    if thing is None or facts is None or facts.rewritten:
        return UNKNOWN
    fields: dict[str, Value] = {}
    for name, held in thing.fields.items():
        field = facts.fields.get(name)
        if field is not None and field.written:
            key = field.written if by_alias else name
            fields[key] = UNKNOWN if field.rewritten else tuple(constants(held)) or UNKNOWN
    return site.new(Thing("dict", None, fields, open=True))


# -- methods


def _method(site: Site, node: ast.Call, func: ast.Attribute) -> Value:
    owners = site.value(func.value)
    functions = site.here.callees(func, owners)
    given = _arguments(site, node)
    if functions and all(isinstance(one, Bound | Closure | Class) for one in functions):
        return _apply(site, functions, given)
    return union(_method_of(site, owner, func.attr, given) for owner in owners)


def _method_of(site: Site, owner: object, name: str, given: Arguments) -> Value:
    lookups = site.follower.lookups
    match owner:
        case Constant(value=str()) if name in _TEXT and not given.handed:
            return (owner._replace(value=getattr(owner.value, name)(), member=""),)
        case Class(target=cls) if lookups.model(cls) is not None:
            return _class_method(site, cls, name, given)
        case Reference(key=key) if site.state.heap[key].kind == "dict":
            return dict_method(site, owner, name, given)
        case Reference(key=key) if site.state.heap[key].kind == "list":
            return list_method(site, owner, name, given)
        case Reference(key=key) if _is_model(site, site.state.heap[key]):
            return _model_method(site, owner, name, given)
        case _:
            if name not in _KEEPS:
                own: list[Value] = [(owner,)] if isinstance(owner, Reference) else []
                site.follower.forget([*given.handed, *own], site.state)
            return UNKNOWN


def _is_model(site: Site, thing: Thing) -> bool:
    return thing.cls is not None and site.follower.lookups.model(thing.cls) is not None


def _class_method(site: Site, cls: ClassDefinition, name: str, given: Arguments) -> Value:
    """Return what a method gives that pydantic adds to a model."""
    if name in _CONSTRUCTS:
        return _made(site, cls, given, "construct")
    if name not in _VALIDATES:
        return UNKNOWN
    thing = only(given.positional[0], site.state) if given.positional else None
    if thing is not None and thing.kind == "dict" and not thing.items:
        return _made(site, cls, Arguments((), thing.fields, not thing.open))
    return site.follower.instance(site.state, cls)


def _model_method(site: Site, owner: Reference, name: str, given: Arguments) -> Value:
    """Return what a method gives that pydantic adds to the objects of a model."""
    if name in {"model_copy", "copy"}:
        return _model_copy(site, owner, given)
    if name in {"model_dump", "dict"}:
        by_alias = given.keywords.get("by_alias", NOTHING)
        if set(given.keywords) - {"by_alias", "mode"} or len(by_alias) > 1:
            return UNKNOWN
        alias = bool(by_alias and isinstance(by_alias[0], Constant) and by_alias[0].value)
        return _dumped(site, (owner,), by_alias=alias)
    if not name.startswith(("model_dump", "json")):
        site.follower.forget([(owner,), *given.handed], site.state)
    return UNKNOWN


def _model_copy(site: Site, owner: Reference, given: Arguments) -> Value:
    changes = given.keywords.get("update")
    if set(given.keywords) - {"update", "deep"}:
        return UNKNOWN
    copied = _copied(site, (owner,))
    if changes is not None:
        update(site.follower, copied, changes, site.state)
    return copied

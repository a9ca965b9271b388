"""What dictionaries and lists hold, and what their methods do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.crosscheck.python.values import (
    LOST,
    NOTHING,
    UNKNOWN,
    Constant,
    Reference,
    Thing,
    certain,
    constants,
    join,
    references,
    union,
    where,
)

if TYPE_CHECKING:
    from protogate.crosscheck.python.flow import Follower
    from protogate.crosscheck.python.frames import Site
    from protogate.crosscheck.python.values import Arguments, State, Value

__all__ = ["dict_method", "drop_constants", "item", "items_of", "list_method", "only", "update"]


def only(value: Value, state: State) -> Thing | None:
    """Return the object that a value is, if it is exactly one."""
    if len(value) == 1 and isinstance(value[0], Reference):
        return state.heap[value[0].key]
    return None


def drop_constants(value: Value) -> Value:
    """Return a value of which only the objects are certain."""
    return (*references(value), *LOST)


def items_of(value: Value, state: State) -> Value:
    """Return what an iteration gives."""
    return union(
        where(state.heap[atom.key].items, atom.when)
        if isinstance(atom, Reference) and state.heap[atom.key].kind == "list"
        else UNKNOWN
        for atom in value
    )


def item(thing: Thing, keys: Value) -> Value:
    """Return what stands at a key or an index; all that may, when the key is not known."""
    if thing.kind == "list":
        return thing.items or UNKNOWN
    if thing.kind != "dict":
        return UNKNOWN
    if not certain(keys):
        return union((*thing.fields.values(), thing.items, UNKNOWN if thing.open else NOTHING))
    return union(thing.fields.get(str(atom.value), thing.items or UNKNOWN) for atom in constants(keys))


def update(follower: Follower, owners: Value, value: Value, state: State) -> None:
    """Take the keys of a dictionary over into another one."""
    source = only(value, state)
    if source is not None and source.kind == "dict" and not source.items and not source.open:
        for name, held in source.fields.items():
            follower.store(owners, name, held, state)
        return
    known = source.fields if source is not None and source.kind == "dict" else {}
    for reference in references(owners):
        thing = state.heap[reference.key]
        fields = {name: drop_constants(held) for name, held in thing.fields.items()}
        state.heap[reference.key] = thing._replace(fields={**fields, **known}, open=True)


def dict_method(site: Site, owner: Reference, name: str, given: Arguments) -> Value:
    """Return what a method of a dictionary gives, and change it as that does."""
    follower, state = site.follower, site.state
    thing = state.heap[owner.key]
    if name in {"get", "pop", "setdefault"} and given.positional:
        return _looked_up(site, owner, name, given)
    if name == "update":
        for value in given.positional:
            update(follower, (owner,), value, state)
        for key, value in given.keywords.items():
            follower.store((owner,), key, value, state)
    elif name == "copy":
        return site.new(thing)
    elif name == "values":
        values = union((*thing.fields.values(), thing.items, UNKNOWN if thing.open else NOTHING))
        return site.new(Thing("list", None, {}, values))
    elif name not in {"keys", "items"}:
        follower.forget([(owner,)], state)
    return UNKNOWN


def _looked_up(site: Site, owner: Reference, name: str, given: Arguments) -> Value:
    """Return what `get`, `pop` or `setdefault` gives: the default too, unless the key is there for certain."""
    state = site.state
    thing = state.heap[owner.key]
    keys, *defaults = given.positional
    default = defaults[0] if defaults else given.keywords.get("default", NOTHING)
    found = item(thing, keys)
    is_there = certain(keys) and all(str(atom.value) in thing.fields for atom in constants(keys))
    result = found if is_there else join(found, default)
    if name == "pop":
        gone = {atom.value for atom in constants(keys)} if certain(keys) else set(thing.fields)
        left = {key: value for key, value in thing.fields.items() if key not in gone}
        state.heap[owner.key] = thing._replace(fields=left)
    elif name == "setdefault":
        if len(keys) == 1 and isinstance(keys[0], Constant) and isinstance(keys[0].value, str):
            site.follower.store((owner,), keys[0].value, result, state)
        else:
            site.follower.forget([(owner,)], state)
    return result


def list_method(site: Site, owner: Reference, name: str, given: Arguments) -> Value:
    """Return what a method of a list or set gives, and change it as that does."""
    follower, state = site.follower, site.state
    thing = state.heap[owner.key]
    added = _added(name, given, state)
    if added is not None:
        state.heap[owner.key] = thing._replace(items=join(thing.items, added))
    elif name == "clear":
        state.heap[owner.key] = thing._replace(items=NOTHING)
    elif name in {"pop", "popleft"}:
        return thing.items or UNKNOWN
    elif name == "copy":
        return site.new(thing)
    elif name not in {"sort", "reverse", "index", "count"}:
        # `remove`, `discard` and others: which items are left is not known.
        follower.forget([(owner,)], state)
    return UNKNOWN


def _added(name: str, given: Arguments, state: State) -> Value | None:
    if name in {"append", "add", "appendleft"} and given.positional:
        return given.positional[0]
    if name == "insert" and len(given.positional) > 1:
        return given.positional[1]
    if name in {"extend", "update"} and given.positional:
        return items_of(given.positional[0], state)
    return None

"""`/config` and `/mode`: of one subject, or for all that have none of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import AccessModeNotSetError, LevelNotSetError, SubjectNotFoundError
from registry.server.answers import answer
from registry.server.bodies import read_level, read_mode
from registry.server.lookups import qualify
from registry.server.routing import Route, Work
from registry.values import GLOBAL

if TYPE_CHECKING:
    from registry.server.desk import Desk
    from registry.server.http import Call, Reply

__all__ = ["ROUTES"]


def _scope(call: Call) -> str | None:
    """The subject whose setting it is, or `GLOBAL`."""
    subject = call.params.get("subject")
    return GLOBAL if subject is None else qualify(subject, call.context)


def _get_level(desk: Desk, call: Call) -> Reply:
    scope = _scope(call)
    level = desk.registry.level(scope) if scope is GLOBAL or _asks_for_global(call) else desk.registry.own_level(scope)
    if level is None:
        raise LevelNotSetError(f"Subject '{scope}' does not have subject-level compatibility configured")
    return answer({"compatibilityLevel": level})


def _set_level(desk: Desk, call: Call) -> Reply:
    level, scope = read_level(call), _scope(call)
    if level is None:
        # Settings that are not kept here, such as an alias: the answer says what holds.
        return answer({"compatibility": desk.registry.level(scope)})
    desk.registry.set_level(scope, level)
    return answer({"compatibility": level})


def _delete_level(desk: Desk, call: Call) -> Reply:
    scope = _scope(call)
    level = desk.registry.level() if scope is GLOBAL else desk.registry.own_level(scope)
    if level is None:
        raise SubjectNotFoundError(f"Subject '{scope}' not found.")
    desk.registry.set_level(scope, None)
    return answer({"compatibilityLevel": level})


def _get_mode(desk: Desk, call: Call) -> Reply:
    scope, registry = _scope(call), desk.registry
    general = scope is GLOBAL or _asks_for_global(call)
    mode = registry.access_mode(scope) if general else registry.own_access_mode(scope)
    if mode is None:
        raise AccessModeNotSetError(f"Subject '{scope}' does not have subject-level mode configured")
    return answer({"mode": mode})


def _set_mode(desk: Desk, call: Call) -> Reply:
    mode = read_mode(call)
    desk.registry.set_access_mode(_scope(call), mode, force=call.flag("force"))
    return answer({"mode": mode})


def _delete_mode(desk: Desk, call: Call) -> Reply:
    scope, registry = _scope(call), desk.registry
    mode = registry.access_mode() if scope is GLOBAL else registry.own_access_mode(scope)
    if mode is None:
        raise SubjectNotFoundError(f"Subject '{scope}' not found.")
    if call.flag("recursive"):
        _forget_modes(desk, scope or "")
    registry.set_access_mode(scope, None)
    return answer({"mode": mode})


def _forget_modes(desk: Desk, prefix: str) -> None:
    for subject, _, mode in desk.store.settings():
        if subject is not None and mode is not None and subject.startswith(prefix):
            desk.registry.set_access_mode(subject, None)


def _asks_for_global(call: Call) -> bool:
    return call.flag("defaultToGlobal", "default_to_global")


ROUTES = (
    *(Route("GET", pattern, _get_level) for pattern in ("/config", "/config/{subject}")),
    *(Route("PUT", pattern, _set_level, Work.WRITE) for pattern in ("/config", "/config/{subject}")),
    *(Route("DELETE", pattern, _delete_level, Work.WRITE) for pattern in ("/config", "/config/{subject}")),
    *(Route("GET", pattern, _get_mode) for pattern in ("/mode", "/mode/{subject}")),
    *(Route("PUT", pattern, _set_mode, Work.WRITE) for pattern in ("/mode", "/mode/{subject}")),
    *(Route("DELETE", pattern, _delete_mode, Work.WRITE) for pattern in ("/mode", "/mode/{subject}")),
)

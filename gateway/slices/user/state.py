"""What the events of a user amount to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.cqrs.replay import Fold

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent

__all__ = ["CATEGORY", "IN_LEGACY", "USER", "User"]

CATEGORY = "user"
IN_LEGACY = "in_legacy"
"""In the metadata of `UserCreated`: the legacy database has this user as well, and must hear what becomes of it."""


class User(NamedTuple):
    """A user as it is now."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    age: int | None = None
    is_active: bool = False
    is_in_legacy: bool = False


_WHOLE = frozenset({"UserCreated", "UserChanged"})
"""Events that carry all that a user is."""


def _apply(user: User, event: StoredEvent) -> User:
    data = event.data
    if event.type in _WHOLE:
        return User(
            str(data.get("email", "")),
            str(data.get("firstName", "")),
            str(data.get("lastName", "")),
            data.get("age"),
            # Users come over from the legacy system as they are there, and some are shut out.
            bool(data.get("isActive", True)),
            user.is_in_legacy or bool(event.metadata.get(IN_LEGACY, False)),
        )
    if event.type == "UserRemoved":
        # The row that would hear of it is gone.
        return user._replace(is_active=False, is_in_legacy=False)
    if event.type == "EmailChanged":
        return user._replace(email=str(data.get("email", "")))
    if event.type == "UserDeactivated":
        return user._replace(is_active=False)
    # Events of a newer version of this slice: their fields are not ours.
    return user


def _dump(user: User) -> Any:  # noqa: ANN401 - JSON
    return user._asdict()


def _read(state: Any) -> User:  # noqa: ANN401 - JSON
    return User(**state)


USER: Fold[User] = Fold("user-2", User(), _apply, _dump, _read)
"""Change its name when `User` or `_apply` changes: snapshots of the old one are then left alone."""

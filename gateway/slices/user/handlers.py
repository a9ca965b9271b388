"""What commands do to users, and what queries say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateway._gen.user.v1.user_models import (
    ChangeEmailResponse,
    CreateUserResponse,
    DeactivateUserResponse,
    DualCreateUserResponse,
    EmailChanged,
    GetUserResponse,
    UserCreated,
    UserDeactivated,
    UserState,
)
from gateway.slices.user.legacy import legacy_row
from gateway.slices.user.state import CATEGORY, IN_LEGACY, USER, User
from protogate.cqrs.errors import DataError, RefusedError, UnknownAggregateError
from protogate.cqrs.handling import Decision
from protogate.cqrs.ids import uuid7
from protogate.cqrs.messages import Claim, NewEvent, stream_name

if TYPE_CHECKING:
    from gateway._gen.user.v1.user_models import (
        ChangeEmailRequest,
        CreateUserCommand,
        CreateUserRequest,
        DeactivateUserRequest,
        DualCreateUserCommand,
        DualCreateUserRequest,
        GetUserRequest,
    )
    from protogate.cqrs.handling import Context
    from protogate.cqrs.messages import Outgoing, StoredEvent
    from protogate.cqrs.replay import Loaded
    from protogate.http import QueryContext
    from protogate.models import Message

__all__ = ["UserCommands", "UserQueries"]

_EMAILS = "user.email"
"""The space of the names that only one user may have."""

Response = TypeVar("Response")


class UserCommands:
    """Implements `UserCommandServiceHandlers`."""

    async def create_user(self, request: CreateUserRequest, context: Context) -> Decision[CreateUserResponse]:
        """Create a user in the new system only."""
        user_id = uuid7(context.now_us)

        def respond(events: tuple[StoredEvent, ...], position: int) -> CreateUserResponse:
            last = events[-1]
            return CreateUserResponse(
                id=user_id,
                event_id=last.id,
                version=last.version,
                state=_state(user_id, request.command.email, is_active=True, version=last.version),
                position=position,
            )

        return await self._created(user_id, request.command, context, respond)

    async def dual_create_user(
        self, request: DualCreateUserRequest, context: Context
    ) -> Decision[DualCreateUserResponse]:
        """Create a user here and, by the outbox of the same commit, in the legacy database."""
        user_id = uuid7(context.now_us)

        def respond(events: tuple[StoredEvent, ...], position: int) -> DualCreateUserResponse:
            last = events[-1]
            return DualCreateUserResponse(
                status="success",
                event_id=last.id,
                aggregate_id=user_id,
                version=last.version,
                state=_state(user_id, request.command.email, is_active=True, version=last.version),
                position=position,
            )

        decision = await self._created(user_id, request.command, context, respond, {IN_LEGACY: True})
        command = request.command
        user = User(command.email, command.first_name, command.last_name, command.age, is_active=True)
        return decision._replace(outgoing=(legacy_row(user_id, user, version=1),))

    async def change_email(self, request: ChangeEmailRequest, context: Context) -> Decision[ChangeEmailResponse]:
        """Give a user another e-mail address."""
        stream = _stream(request.id)
        loaded = await _active(stream, request.id, context)
        email = request.command.new_email
        event = _event(EmailChanged(user_id=request.id, email=email))

        def respond(events: tuple[StoredEvent, ...], position: int) -> ChangeEmailResponse:
            last = events[-1]
            state = _state(request.id, email, is_active=True, version=last.version)
            return ChangeEmailResponse(
                id=request.id, event_id=last.id, version=last.version, state=state, position=position
            )

        claims = (
            Claim(_EMAILS, _folded(loaded.state.email), stream, is_release=True),
            Claim(_EMAILS, _folded(email), stream),
        )
        outgoing = _told(request.id, loaded.state._replace(email=email), loaded)
        return Decision((context.append(stream, event),), respond, outgoing, claims)

    async def deactivate_user(
        self, request: DeactivateUserRequest, context: Context
    ) -> Decision[DeactivateUserResponse]:
        """Shut a user out."""
        stream = _stream(request.id)
        loaded = await _active(stream, request.id, context)
        reason = request.command.reason if request.command is not None else ""
        event = _event(UserDeactivated(user_id=request.id, reason=reason))

        def respond(events: tuple[StoredEvent, ...], position: int) -> DeactivateUserResponse:
            last = events[-1]
            state = _state(request.id, loaded.state.email, is_active=False, version=last.version)
            return DeactivateUserResponse(
                id=request.id, event_id=last.id, version=last.version, state=state, position=position
            )

        outgoing = _told(request.id, loaded.state._replace(is_active=False), loaded)
        return Decision((context.append(stream, event),), respond, outgoing)

    async def _created(
        self,
        user_id: str,
        command: CreateUserCommand | DualCreateUserCommand,
        context: Context,
        respond: Any,  # noqa: ANN401 - makes the response of either command
        metadata: dict[str, Any] | None = None,
    ) -> Decision[Any]:
        stream = stream_name(CATEGORY, user_id)
        created = UserCreated(
            user_id=user_id,
            email=command.email,
            first_name=command.first_name,
            last_name=command.last_name,
            age=command.age,
            is_active=True,
        )
        # Nothing to load: nobody knows the id yet.
        return Decision(
            (context.append_new(stream, _event(created, metadata or {})),),
            respond,
            claims=(Claim(_EMAILS, _folded(command.email), stream),),
        )


class UserQueries:
    """Implements `UserQueryServiceHandlers`."""

    async def get_user(self, request: GetUserRequest, context: QueryContext) -> GetUserResponse:
        """Give the present state of a user."""
        loaded = await context.existing(_stream(request.id), USER)
        return GetUserResponse(
            id=request.id, email=loaded.state.email, active=loaded.state.is_active, version=loaded.version
        )


def _stream(user_id: str) -> str:
    """The stream of a user whom a caller names.

    Raises:
        UnknownAggregateError: no user can have such an id.
    """
    try:
        return stream_name(CATEGORY, user_id)
    except DataError:
        raise UnknownAggregateError(CATEGORY, user_id) from None


async def _active(stream: str, user_id: str, context: Context) -> Loaded[User]:
    """A user to whom things can be done."""
    loaded = await context.existing(stream, USER)
    if not loaded.state.is_active:
        raise RefusedError(f"user {user_id!r} is not active")
    return loaded


def _event(message: Message, metadata: dict[str, Any] | None = None) -> NewEvent:
    return NewEvent(type(message).__name__, message.to_json_dict(), metadata or {})


def _state(user_id: str, email: str, *, is_active: bool, version: int) -> UserState:
    return UserState(id=user_id, email=email, active=is_active, version=version)


def _told(user_id: str, user: User, loaded: Loaded[User]) -> tuple[Outgoing, ...]:
    """What the legacy database must hear, if it has this user."""
    return (legacy_row(user_id, user, version=loaded.version + 1),) if loaded.state.is_in_legacy else ()


def _folded(email: str) -> str:
    """The form in which addresses are compared: most hosts tell no capitals apart, and people do not either."""
    return email.casefold()

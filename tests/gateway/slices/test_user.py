"""The rules of users, at their routes, on a store in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
from fastapi import FastAPI

from gateway._gen.user.v1.user_routes import user_command_service_router, user_query_service_router
from gateway.legacy.rows import DESTINATION, row_of
from gateway.slices.user.handlers import UserCommands, UserQueries
from gateway.slices.user.slice import SLICE
from gateway.slices.user.state import USER, User
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import NewEvent
from protogate.cqrs.replay import load, replay
from protogate.http import Runtime, install_problems
from protogate.models.documents import PLAIN
from protogate.slices import delegated

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

Body: TypeAlias = "Mapping[str, str | int]"

ANN = {"email": "Ann@example.com", "first_name": "Ann", "last_name": "Lee"}


class Api:
    """One process of a gateway that has users only."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        app = FastAPI()
        runtime = Runtime(store, style=PLAIN)
        app.include_router(user_command_service_router(UserCommands(), runtime))
        app.include_router(user_query_service_router(UserQueries(), runtime))
        install_problems(app)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")

    async def post(self, path: str, body: Body | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/commands/user/{path}", json=body, headers=named)

    async def get(self, user_id: str) -> httpx.Response:
        return await self.client.get(f"/queries/user/{user_id}")

    async def created(self, **fields: str | int) -> str:
        answer = await self.post("create", {**ANN, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def dual_created(self, **fields: str | int) -> httpx.Response:
        return await self.post("dual-create", {"command_id": "c1", **ANN, **fields})


def run(test: Callable[[Api], Coroutine[Any, Any, None]]) -> None:
    async def work() -> None:
        api = Api(MemoryStore())
        async with api.client:
            await test(api)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("path", "body"), [("ghost/change-email", {"new_email": "g@example.com"}), ("ghost/deactivate", None)]
)
def test_nothing_can_be_done_to_a_user_who_does_not_exist(path: str, body: Body | None) -> None:
    async def test(api: Api) -> None:
        answer = await api.post(path, body)
        assert (answer.status_code, await api.store.position()) == (404, 0)
        assert (await api.get("ghost")).status_code == 404

    run(test)


@pytest.mark.parametrize(
    ("path", "body"), [("change-email", {"new_email": "new@example.com"}), ("deactivate", {"reason": "again"})]
)
def test_nothing_more_can_be_done_to_a_user_who_is_shut_out(path: str, body: Body | None) -> None:
    async def test(api: Api) -> None:
        user_id = await api.created()
        assert (await api.post(f"{user_id}/deactivate")).status_code == 200
        answer = await api.post(f"{user_id}/{path}", body)
        assert answer.status_code == 409
        assert "not active" in answer.json()["detail"]
        assert await api.store.version(f"user/{user_id}") == 2

    run(test)


@pytest.mark.parametrize("email", ["Ann@example.com", "ann@example.com", "ANN@EXAMPLE.COM"])
def test_an_address_belongs_to_one_user_whatever_its_capitals(email: str) -> None:
    async def test(api: Api) -> None:
        await api.created()
        other = await api.created(email="other@example.com")
        assert (await api.post("create", {**ANN, "email": email})).status_code == 409
        assert (await api.dual_created(email=email)).status_code == 409
        assert (await api.post(f"{other}/change-email", {"new_email": email})).status_code == 409
        assert await api.store.position() == 2

    run(test)


def test_an_address_that_was_given_up_is_free_and_ones_own_can_be_written_otherwise() -> None:
    async def test(api: Api) -> None:
        ann = await api.created()
        assert (await api.post(f"{ann}/change-email", {"new_email": "ann@EXAMPLE.com"})).status_code == 200
        assert (await api.post(f"{ann}/change-email", {"new_email": "lee@example.com"})).status_code == 200
        await api.created()
        assert (await api.get(ann)).json()["email"] == "lee@example.com"

    run(test)


def test_many_who_want_one_address_at_once_leave_it_to_one() -> None:
    async def test(api: Api) -> None:
        answers = await asyncio.gather(*(api.post("create", ANN) for _ in range(30)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 29

    run(test)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"age": -5}, id="age-below-zero"),
        pytest.param({"age": 151}, id="age-too-high"),
        pytest.param({"age": "x"}, id="age-no-number"),
        pytest.param({"first_name": ""}, id="no-first-name"),
        pytest.param({"last_name": "x" * 101}, id="long-last-name"),
        pytest.param({"first_name": " Ann"}, id="space-before"),
        pytest.param({"email": "no address"}, id="no-address"),
        pytest.param({"email": ""}, id="empty-address"),
        pytest.param({"email": f"{'x' * 65}@example.com"}, id="long-local-part"),
    ],
)
def test_what_the_contract_forbids_is_refused(fields: Body) -> None:
    async def test(api: Api) -> None:
        assert (await api.post("create", {**ANN, **fields})).status_code == 422
        assert await api.store.position() == 0

    run(test)


@pytest.mark.parametrize("command_id", ["", "x" * 256])
def test_a_command_id_has_1_to_255_characters(command_id: str) -> None:
    async def test(api: Api) -> None:
        assert (await api.dual_created(command_id=command_id)).status_code == 422

    run(test)


def test_fifty_of_one_command_at_once_are_one_event_and_are_told_once() -> None:
    async def work() -> None:
        store = MemoryStore()
        # Four processes of a gateway.
        crew = [Api(store) for _ in range(4)]
        told: list[str] = []

        async def listen() -> None:
            async for events in store.subscribe():
                told.extend(event.id for event in events)

        listening = asyncio.create_task(listen())
        answers = await asyncio.gather(*(crew[number % 4].dual_created() for number in range(50)))
        statuses = {answer.status_code for answer in answers}
        assert statuses <= {201, 409}
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)
        again = [await api.dual_created() for api in crew]
        bodies = {answer.text for answer in [*answers, *again] if answer.status_code == 201}
        assert len(bodies) == 1
        assert [answer.status_code for answer in again] == [201] * 4
        assert all(answer.headers["idempotent-replayed"] == "true" for answer in again)
        assert await store.position() == 1
        assert len(await store.pending(DESTINATION)) == 1
        await asyncio.sleep(0.01)
        assert len(told) == 1
        listening.cancel()
        for api in crew:
            await api.client.aclose()

    asyncio.run(work())


def test_a_command_id_with_another_body_is_refused_and_a_refused_command_leaves_its_id_free() -> None:
    async def test(api: Api) -> None:
        await api.created()
        assert (await api.dual_created()).status_code == 409
        assert (await api.dual_created(email="b@example.com")).status_code == 201
        assert (await api.dual_created(email="c@example.com")).status_code == 422

    run(test)


def test_a_version_that_the_caller_does_not_expect_is_a_conflict() -> None:
    async def test(api: Api) -> None:
        user_id = await api.created()
        body = {"new_email": "new@example.com"}
        assert (await api.post(f"{user_id}/change-email", body, if_match='"7"')).status_code in {409, 412}
        assert (await api.post(f"{user_id}/change-email?expected_version=2", body)).status_code == 409
        assert (await api.post(f"{user_id}/change-email?expected_version=1", body)).status_code == 200

    run(test)


def test_only_users_that_the_legacy_database_has_are_told_to_it_with_all_their_values() -> None:
    async def test(api: Api) -> None:
        new = await api.created()
        assert (await api.post(f"{new}/deactivate")).status_code == 200
        assert await api.store.pending(DESTINATION) == ()
        old = (await api.dual_created(email="b@example.com", age=40)).json()["aggregate_id"]
        await api.post(f"{old}/change-email", {"new_email": "c@example.com"})
        await api.post(f"{old}/deactivate")
        rows = [row_of(entry.body) for _, entry in await api.store.pending(DESTINATION)]
        assert [(row.table, dict(row.key), row.version) for row in rows] == [
            ("users", {"id": old}, version) for version in (1, 2, 3)
        ]
        same = {"first_name": "Ann", "last_name": "Lee", "age": 40}
        assert [dict(row.values) for row in rows] == [
            {**same, "email": "b@example.com", "is_active": True},
            {**same, "email": "c@example.com", "is_active": True},
            {**same, "email": "c@example.com", "is_active": False},
        ]

    run(test)


def test_users_who_come_over_shut_out_stay_so() -> None:
    async def work() -> None:
        store = MemoryStore()
        data = {"userId": "1", "email": "o@example.com", "isActive": False}
        await store.append("user/1", [NewEvent("UserCreated", data)])
        assert not (await load(store, "user/1", USER)).state.is_active

    asyncio.run(work())


def test_rows_that_changed_in_the_legacy_system_are_taken_whole() -> None:
    async def work() -> None:
        store = MemoryStore()
        before = {"userId": "1", "email": "o@example.com", "firstName": "Ann", "age": 41}
        after = {"userId": "1", "email": "n@example.com", "lastName": "Lee", "isActive": False}
        created = NewEvent("UserCreated", before, metadata={"in_legacy": True})
        await store.append("user/1", [created, NewEvent("UserChanged", after)])
        assert (await load(store, "user/1", USER)).state == User("n@example.com", last_name="Lee", is_in_legacy=True)

    asyncio.run(work())


def test_a_row_that_is_gone_shuts_its_user_out_and_is_not_told_of_more() -> None:
    async def work() -> None:
        store = MemoryStore()
        created = NewEvent("UserCreated", {"userId": "1", "email": "o@example.com"}, metadata={"in_legacy": True})
        await store.append("user/1", [created, NewEvent("UserRemoved", {"userId": "1"})])
        assert (await load(store, "user/1", USER)).state == User("o@example.com")

    asyncio.run(work())


def test_a_snapshot_is_what_the_events_amount_to() -> None:
    async def test(api: Api) -> None:
        user_id = await api.created(age=7)
        await api.post(f"{user_id}/deactivate")
        events = await api.store.read(f"user/{user_id}")
        state = replay(USER, events)
        assert USER.read(USER.dump(state)) == state
        assert state == (await load(api.store, f"user/{user_id}", USER)).state

    run(test)


def test_the_slice_says_what_it_has() -> None:
    one = delegated(SLICE)
    assert (one.name, one.phase, one.frontend, one.transports) == ("user", "live", "none", ("http", "ws", "sse"))
    assert one.contract_paths == ("contracts/user/v1/user.proto",)
    assert one.command_routes == (
        "/commands/user/create",
        "/commands/user/dual-create",
        "/commands/user/{id}/change-email",
        "/commands/user/{id}/deactivate",
    )
    assert one.query_routes == ("/queries/user/{id}",)

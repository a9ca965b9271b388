"""Phases change at run time, by an admin's call, never below the bar unless somebody says why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gateway.delegation.cutover import Bar
from gateway.delegation.parity import Observation, ParityBook
from gateway.delegation.phases import PHASE_CHANGED, Phases
from gateway.slices.user.slice import SLICE
from protogate.comparison import Difference
from protogate.cqrs.errors import ConflictError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import NewEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

    from tests.gateway.delegation.conftest import Served

ONE = SLICE._replace(phase="phase-1")
WRONG = (Difference("email", "value", "a", "b"),)
ROUTE = "GET /queries/user/{id}"


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve(one=ONE, bar=Bar(0.9, 10))


def move(served: Served, **body: object) -> httpx.Response:
    with served.client() as client:
        return client.post("/delegation/slices/user/phase", json=body)


def observe(served: Served, right: int, wrong: int) -> None:
    book = served.front.delegation.cut_over.parity
    for number in range(right + wrong):
        book.record(Observation("user", ROUTE, 0, "GET /queries/user/1", WRONG if number < wrong else ()))


def history(served: Served) -> list[dict[str, Any]]:
    events = served.run(served.front.store.read("delegation/user"))
    assert all(event.type == PHASE_CHANGED for event in events)
    return [dict(event.data) for event in events]


@pytest.mark.parametrize(("right", "wrong"), [(0, 0), (9, 0), (8, 2)], ids=["nothing", "too-few", "too-different"])
def test_a_slice_that_does_not_answer_alike_gets_no_callers(served: Served, right: int, wrong: int) -> None:
    observe(served, right, wrong)
    for body in ({"phase": "live"}, {"phase": "phase-2", "percent": 1}):
        answer = move(served, **body)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert "90.0% over at least 10 are needed" in answer.json()["detail"]
    assert history(served) == []


def test_a_slice_that_answers_alike_is_moved_on_and_the_events_say_so(served: Served) -> None:
    observe(served, 9, 1)
    assert move(served, phase="phase-2", percent=12.5).json() == {
        "name": "user",
        "phase": "phase-2",
        "percent": 12.5,
        "version": 1,
    }
    assert move(served, phase="live", reason="all is well").json()["percent"] == 100
    first, second = history(served)
    assert first | {"from": "phase-1", "phase": "phase-2", "compared": 10, "matched": 9, "forced": False} == first
    assert second | {"from": "phase-2", "phase": "live", "reason": "all is well"} == second
    with served.client() as client:
        assert client.get("/queries/user/ann").status_code == 404, "the slice answers at once"


def test_force_needs_a_reason_and_is_recorded(served: Served) -> None:
    assert move(served, phase="live", force=True).status_code == 422
    assert move(served, phase="live", force=True, reason="  ").status_code == 422
    assert move(served, phase="live", force=True, reason="legacy burns").status_code == 200
    assert history(served)[-1] | {"forced": True, "reason": "legacy burns", "compared": 0} == history(served)[-1]


def test_the_way_back_is_always_open(served: Served) -> None:
    move(served, phase="live", force=True, reason="try")
    for body in ({"phase": "phase-2", "percent": 50}, {"phase": "phase-2", "percent": 5}, {"phase": "planned"}):
        assert move(served, **body).status_code == 200
    assert move(served, phase="phase-2", percent=6).status_code == 409


def test_going_back_to_shadow_begins_to_compare_anew(served: Served) -> None:
    observe(served, 0, 20)
    move(served, phase="planned")
    move(served, phase="phase-1")
    with served.client() as client:
        (one,) = client.get("/delegation/parity").json()["slices"]
    assert (one["phase"], one["compared"], one["ratio"], one["routes"]) == ("phase-1", 0, None, [])


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "phase: is missing"),
        ({"phase": "phase-3"}, 422, "use one of planned, phase-1, phase-2, live"),
        ({"phase": "phase-2", "percent": 0}, 422, "between 0 and 100"),
        ({"phase": "phase-2", "percent": 101}, 422, "between 0 and 100"),
        ({"phase": "phase-2", "percent": True}, 422, "percent: is no float"),
        ({"phase": "phase-2", "percent": "5"}, 422, "percent: is no float"),
        ({"phase": "planned", "percent": 5}, 422, "only phase-2 has a share"),
        ({"phase": "planned", "reason": "x" * 501}, 422, "more than 500 characters"),
        ({"phase": "planned", "reason": "a\u0000b"}, 422, "one line of text"),
        ({"phase": "planned", "to": 1}, 422, "'to' is not known"),
    ],
)
def test_mistakes_are_told_in_one_line(served: Served, body: dict[str, Any], status: int, said: str) -> None:
    answer = move(served, **body)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"phase=live", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * 20_000 + b'"', "application/json", 413),
    ],
    ids=["broken", "list", "form", "large"],
)
def test_bodies_that_are_no_json_object_are_refused(served: Served, content: bytes, kind: str, status: int) -> None:
    with served.client() as client:
        answer = client.post("/delegation/slices/user/phase", content=content, headers={"content-type": kind})
    assert answer.status_code == status


def test_unknown_slices_are_not_there(served: Served) -> None:
    with served.client() as client:
        assert client.post("/delegation/slices/nope/phase", json={"phase": "live"}).status_code == 404
        assert client.get("/delegation/parity?slice=nope").status_code == 404
        assert client.get("/delegation/parity?slce=user").status_code == 400
        assert client.get("/delegation/parity?examples=6").status_code == 400


def test_parity_can_be_narrowed_down(served: Served) -> None:
    observe(served, 6, 4)
    served.front.delegation.cut_over.parity.flush()
    with served.client() as client:
        document = client.get("/delegation/parity").json()
        assert (document["threshold"], document["comparisons"], document["lost"]) == (0.9, 10, 0)
        (one,) = document["slices"]
        assert (one["compared"], one["matched"], one["ratio"], one["ready"]) == (10, 6, 0.6, False)
        (field,) = one["routes"][0]["fields"]
        assert (field["path"], field["kind"], field["count"], len(field["examples"])) == ("email", "value", 4, 4)
        narrow = client.get("/delegation/parity?slice=user&route=GET&path=na&examples=0").json()["slices"][0]
        assert narrow["routes"][0]["fields"] == []
        assert narrow["compared"] == 10
        assert client.get("/delegation/parity?route=POST").json()["slices"][0]["routes"] == []


def test_phases_survive_a_restart_and_reach_other_processes() -> None:
    async def main() -> None:
        store = MemoryStore()
        async with Phases(store, {"user": "phase-1"}) as here, Phases(store, {"user": "planned"}) as there:
            await here.change("user", "phase-2", 5, {"reason": "r"}, "ann")
            async with asyncio.timeout(5):
                while there.get("user") != here.get("user"):  # noqa: ASYNC110 - standings give no sign
                    await asyncio.sleep(0.01)
        later = Phases(store, {"user": "phase-1"})
        await later.load()
        standing = later.get("user")
        assert standing is not None
        assert (standing.phase, standing.percent, standing.actor, standing.reason) == ("phase-2", 5.0, "ann", "r")

    asyncio.run(main())


def test_two_changes_at_once_do_not_overwrite_each_other() -> None:
    async def main() -> None:
        store = MemoryStore()
        one, two = Phases(store, {"user": "phase-1"}), Phases(store, {"user": "phase-1"})
        await one.change("user", "planned", 0, {}, "")
        with pytest.raises(ConflictError):
            await two.change("user", "live", 100, {}, "")

    asyncio.run(main())


def test_events_of_a_newer_version_change_nothing() -> None:
    async def main() -> None:
        store = MemoryStore()
        await store.append("delegation/user", [NewEvent("SliceFrozen", {}), NewEvent(PHASE_CHANGED, {"phase": "new"})])
        phases = Phases(store, {"user": "phase-1"})
        await phases.load()
        standing = phases.get("user")
        assert standing is not None
        assert (standing.phase, standing.version) == ("phase-1", 2)
        await phases.change("user", "planned", 0, {}, "")

    asyncio.run(main())


def test_the_book_is_closed_with_everything_in_it(tmp_path: Path) -> None:
    book = ParityBook(tmp_path / "parity.db")
    for _ in range(500):
        book.record(Observation("user", ROUTE, 0))
    book.close()
    again = ParityBook(tmp_path / "parity.db")
    assert again.read("user", 0).compared == 500
    again.close()

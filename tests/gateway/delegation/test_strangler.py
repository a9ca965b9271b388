"""Who answers in which phase, what runs beside it, and what becomes of both, before a real legacy application."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from gateway.delegation.routing import share_of
from gateway.slices.user.slice import SLICE
from protogate.comparison import Comparison
from protogate.cqrs.messages import NewEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.delegation.parity import SliceParity
    from gateway.delegation.phases import Standing
    from protogate.http import Runtime
    from protogate.slices import Phase, Resources, Slice
    from tests.gateway.delegation.conftest import Served

RULES = Comparison(ignored=("by",))
SAME = {"firstName": "Ann", "lastName": "Lee"}


def slice_in(phase: Phase, comparison: Comparison = RULES) -> Slice:
    return SLICE._replace(phase=phase, comparison=comparison)


def know(served: Served, name: str, email: str = "") -> None:
    """Let the slice have a user; the legacy application has everybody."""
    data = {"userId": name, "email": email or f"{name}@legacy.example", **SAME}
    served.run(served.front.store.append(f"user/{name}", [NewEvent("UserCreated", data)]))


def parity(served: Served, expected: int = 1, name: str = "user") -> SliceParity:
    """What was observed, once so many answers were compared or skipped."""
    book = served.front.delegation.cut_over.parity
    for _ in range(200):
        book.flush()
        standing: Standing | None = served.front.delegation.phases.get(name)
        assert standing is not None
        found = book.read(name, standing.window)
        if found.compared + sum(sum(route.skipped.values()) for route in found.routes) >= expected:
            return found
        time.sleep(0.02)
    pytest.fail("nothing was observed")


def positions(served: Served) -> int:
    position: int = served.run(served.front.store.position())
    return position


@pytest.mark.parametrize(
    ("phase", "expected"), [("planned", "legacy"), ("phase-1", "legacy"), ("live", None)], ids=["planned", "1", "live"]
)
def test_the_phase_says_who_answers(serve: Callable[..., Served], phase: Phase, expected: str | None) -> None:
    served = serve(one=slice_in(phase))
    know(served, "ann")
    with served.client() as client:
        answer = client.get("/queries/user/ann")
        assert answer.json().get("by") == expected
        assert client.head("/queries/user/ann").status_code == 200
        # What the slice does not have stays where it was, on the same path as well.
        assert client.put("/queries/user/ann").json()["method"] == "PUT"
        assert client.get("/queries/user").json()["target"] == "/queries/user"


def test_the_gateway_keeps_its_own_paths_but_the_first_page(serve: Callable[..., Served]) -> None:
    with serve().client() as client:
        assert client.get("/health").json() == {"by": "gateway"}
        assert client.post("/health").status_code == 405
        assert client.get("/healthy").json()["target"] == "/healthy"
        for path in ("/", "/favicon.ico"):
            assert client.get(path).json()["target"] == path


def test_a_preflight_goes_where_its_request_will_go(serve: Callable[..., Served]) -> None:
    with serve(one=slice_in("live")).client() as client:
        asked = {"origin": "http://a.example", "access-control-request-method": "GET"}
        assert client.options("/queries/user/ann", headers=asked).status_code == 405
        assert client.options("/queries/user/ann", headers={**asked, "access-control-request-method": "PUT"}).is_success


def test_planned_slices_do_not_run(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("planned"))
    with served.client() as client:
        client.get("/queries/user/ann")
        served.run(asyncio.sleep(0.2))
    served.front.delegation.cut_over.parity.flush()
    assert served.front.delegation.cut_over.parity.read("user", 0).routes == ()


def test_answers_are_compared_field_by_field(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-1"))
    know(served, "ann")
    know(served, "bob", "bob@new.example")
    with served.client() as client:
        for name in ("ann", "ann", "bob", "nobody"):
            assert client.get(f"/queries/user/{name}?token=abc").json()["by"] == "legacy"
    (route,) = parity(served, 4).routes
    assert (route.route, route.compared, route.matched) == ("GET /queries/user/{id}", 4, 2)
    found = {field.path: field for field in route.fields}
    assert set(found) == {"email", "$status"}
    (example,) = found["email"].examples
    assert (example.legacy, example.slice) == ('"bob@legacy.example"', '"bob@new.example"')
    assert example.request == "GET /queries/user/bob?token=***"
    assert (found["$status"].examples[0].legacy, found["$status"].examples[0].slice) == ("200", "404")


def test_refusals_are_alike_whatever_their_words(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-1"))
    with served.client() as client:
        assert client.get("/queries/user/gone").json() == {"error": "no such user"}
    assert parity(served).ratio == 1.0


@pytest.mark.parametrize(
    ("name", "headers", "reason"),
    [("broken", {}, "legacy-failed"), ("zipped", {}, ""), ("ann", {"if-none-match": '"1"', "range": "bytes=0-1"}, "")],
    ids=["legacy-fails", "compressed", "conditional"],
)
def test_what_cannot_be_compared_is_counted_apart(
    serve: Callable[..., Served], name: str, headers: dict[str, str], reason: str
) -> None:
    served = serve(one=slice_in("phase-1"))
    know(served, name)
    with served.client() as client:
        client.get(f"/queries/user/{name}", headers=headers)
    found = parity(served)
    assert (found.compared, found.matched) == ((0, 0) if reason else (1, 1))
    assert found.routes[0].skipped == ({reason: 1} if reason else {})


def test_commands_are_left_alone_by_default(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-1"))
    know(served, "ann")
    before = positions(served)
    with served.client() as client:
        assert client.post("/commands/user/ann/deactivate", json={"reason": "x"}).json()["by"] == "legacy"
        client.get("/queries/user/ann")
    assert [route.route for route in parity(served).routes] == ["GET /queries/user/{id}"]
    assert positions(served) == before


def test_commands_in_a_dry_run_are_decided_and_not_carried_out(serve: Callable[..., Served]) -> None:
    rules = Comparison(ignored=("**",), commands="dry-run")
    served = serve(one=slice_in("phase-1", rules))
    know(served, "ann")
    before = positions(served)
    body = {"email": "new@x.example", "first_name": "a", "last_name": "b"}
    with served.client() as client:
        for _ in range(2):
            answer = client.post("/commands/user/ann/deactivate", json={"reason": "x"})
            assert answer.json() == {"by": "legacy", "path": "/commands/user/ann/deactivate", "body": '{"reason":"x"}'}
        client.post("/commands/user/create", json=body, headers={"idempotency-key": "k"})
        client.post("/commands/user/create", json={**body, "email": "no address"})
    found = {route.route: route for route in parity(served, 4).routes}
    assert positions(served) == before, "nothing was written"
    assert found["POST /commands/user/{id}/deactivate"].matched == 2, (
        "it could be deactivated twice, as nothing happened"
    )
    created = found["POST /commands/user/create"]
    # The legacy application answers 200 to all; the slice would have created one and refused the other.
    assert [example.slice for example in created.fields[0].examples] == ["422", "201"]
    assert served.run(served.front.store.owner("user.email", "new@x.example")) is None


class Broken:
    """A slice that fails, hangs or answers in its own time."""

    def __init__(self, behaviour: str) -> None:
        self._behaviour = behaviour

    def mount(self, runtime: Runtime, resources: Resources) -> Sequence[APIRouter]:
        router = APIRouter()
        for one in SLICE.mount(runtime, resources):
            for route in one.routes:
                if isinstance(route, APIRoute):
                    router.add_api_route(route.path, self._endpoint, methods=list(route.methods or ()))
        return [router]

    async def _endpoint(self) -> dict[str, str]:
        if self._behaviour == "hangs":
            await asyncio.sleep(30)
        raise RuntimeError("broken")


@pytest.mark.parametrize("behaviour", ["fails", "hangs"])
def test_a_slice_that_misbehaves_in_the_shadow_disturbs_nobody(serve: Callable[..., Served], behaviour: str) -> None:
    served = serve(one=slice_in("phase-1")._replace(mount=Broken(behaviour).mount))
    with served.client() as client:
        began = time.monotonic()
        for _ in range(60):
            assert client.get("/queries/user/ann").status_code == 200
        assert time.monotonic() - began < 5
    if behaviour == "fails":
        assert parity(served, 60).routes[0].fields[0].path == "$status"
    else:
        # Those that wait take all the room there is; what comes then is not compared, and that is counted.
        assert parity(served, 28).routes[0].skipped == {"busy": 28}


def callers(percent: float) -> tuple[str, str]:
    """Somebody on the side of the slice and somebody on the other."""
    names = [f"caller{number}" for number in range(200)]
    inside = [name for name in names if share_of("user", f"principal {name}") < percent * 100]
    return inside[0], next(name for name in names if name not in inside)


def test_a_share_of_callers_sees_the_slice_and_each_sees_one_side(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-2"))
    know(served, "ann")
    inside, outside = callers(10)
    with served.client() as client:
        for _ in range(5):
            assert "by" not in client.get("/queries/user/ann", headers={"x-test-caller": inside}).json()
            assert client.get("/queries/user/ann", headers={"x-test-caller": outside}).json()["by"] == "legacy"
    # Those who see the legacy application are compared further.
    assert parity(served, 5).compared == 5


def test_without_a_principal_the_aggregate_decides(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-2"))
    names = [f"u{number}" for number in range(40)]
    for name in names:
        know(served, name)
    with served.client() as client:
        ours = {name for name in names if "by" not in client.get(f"/queries/user/{name}").json()}
        for name in names:
            is_ours = "by" not in client.post(f"/commands/user/{name}/deactivate", json={}).json()
            assert is_ours == (name in ours), "commands and queries of one aggregate go to one side"
    assert ours == {name for name in names if share_of("user", f"aggregate {name}") < 1000}


def test_a_failing_slice_falls_back_for_questions_only(serve: Callable[..., Served]) -> None:
    served = serve(one=slice_in("phase-2")._replace(mount=Broken("fails").mount))
    inside, _ = callers(10)
    with served.client() as client:
        assert client.get("/queries/user/ann", headers={"x-test-caller": inside}).json()["by"] == "legacy"
        assert client.head("/queries/user/ann", headers={"x-test-caller": inside}).status_code == 200
        failed = client.post("/commands/user/ann/deactivate", json={}, headers={"x-test-caller": inside})
        assert failed.status_code == 500, "nobody knows what became of the command, so it is not sent again"
    found = parity(served, 2)
    assert (found.compared, found.matched) == (2, 0)


def test_a_dead_legacy_host_does_not_reach_callers_of_the_slice(serve: Callable[..., Served]) -> None:
    served = serve({"url": "http://127.0.0.1:1"}, one=slice_in("phase-2"))
    know(served, "ann")
    inside, outside = callers(10)
    with served.client() as client:
        assert client.get("/queries/user/ann", headers={"x-test-caller": inside}).status_code == 200
        assert client.get("/queries/user/ann", headers={"x-test-caller": outside}).status_code == 502
    assert parity(served).routes[0].skipped == {"legacy-failed": 1}


def test_requests_that_are_refused_leave_no_shadow_behind(serve: Callable[..., Served]) -> None:
    served = serve({"body_limit": 10}, one=slice_in("phase-1", Comparison(commands="dry-run")))
    with served.client() as client:
        assert client.post("/commands/user/ann/deactivate", json={"reason": "x" * 100}).status_code == 413
    assert parity(served).routes[0].skipped == {"legacy-failed": 1}

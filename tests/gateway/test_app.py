"""What the gateway answers, over a real socket: shapes, statuses, problems."""

from __future__ import annotations

import concurrent.futures
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.support.gateway import RunningGateway

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
ABSENT = "018bcfe5-6800-7000-8000-000000000000"


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer, which must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= document.keys()
    assert document["status"] == status
    assert document["type"].startswith("urn:protogate:problem:")
    assert "Traceback" not in answer.text
    return document


def test_the_first_page_is_the_search_page(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/static/search_v2.html")


def test_created_users_have_id_event_version_state_and_position(gateway: RunningGateway, client: httpx.Client) -> None:
    created = gateway.create_user(client, "shape@example.com")
    assert created.keys() == {"id", "event_id", "version", "state", "position"}
    assert UUID.fullmatch(created["id"])
    assert UUID.fullmatch(created["event_id"])
    assert created["version"] == 1
    assert created["state"] == {"id": created["id"], "email": "shape@example.com", "active": True, "version": 1}
    assert created["position"] >= 1


def test_a_user_goes_through_its_life(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    changed = client.post(f"/commands/user/{user}/change-email", json={"new_email": "life@example.com"})
    assert changed.status_code == 200
    assert changed.headers["etag"] == '"2"'
    assert changed.json().keys() == {"id", "event_id", "version", "state", "position"}
    assert changed.json()["state"] == {"id": user, "email": "life@example.com", "active": True, "version": 2}
    ended = client.post(f"/commands/user/{user}/deactivate")
    assert ended.status_code == 200
    assert ended.json()["state"] == {"id": user, "email": "life@example.com", "active": False, "version": 3}
    found = client.get(f"/queries/user/{user}")
    assert found.json() == {"id": user, "email": "life@example.com", "active": False, "version": 3}
    assert found.headers["etag"] == '"3"'


def test_dual_created_users_say_so_and_the_same_command_id_gives_the_same_answer(client: httpx.Client) -> None:
    body = {"command_id": "dual-1", "email": "dual@example.com", "first_name": "A", "last_name": "B", "age": 30}
    first = client.post("/commands/user/dual-create", json=body)
    again = client.post("/commands/user/dual-create", json=body)
    assert first.status_code == again.status_code == 201
    assert first.json().keys() == {"status", "event_id", "aggregate_id", "version", "state", "position"}
    assert first.json()["status"] == "success"
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(client.get("/events", params={"aggregate_id": first.json()["aggregate_id"]}).json()) == 1


def test_a_key_with_another_body_is_refused(client: httpx.Client) -> None:
    key = {"Idempotency-Key": '"k-1"'}
    body = {"email": "key1@example.com", "first_name": "A", "last_name": "B"}
    assert client.post("/commands/user/create", json=body, headers=key).status_code == 201
    assert client.post("/commands/user/create", json=body, headers=key).status_code == 201
    assert problem(client.post("/commands/user/create", json={**body, "email": "key2@example.com"}, headers=key), 422)[
        "type"
    ].endswith("key-reused")


def test_the_same_command_sent_fifty_times_at_once_is_carried_out_once(
    gateway: RunningGateway, client: httpx.Client
) -> None:
    body = {"command_id": "storm", "email": "storm@example.com", "first_name": "A", "last_name": "B"}
    with concurrent.futures.ThreadPoolExecutor(25) as pool, gateway.client() as other:
        sent = [pool.submit(other.post, "/commands/user/dual-create", json=body) for _ in range(50)]
        answers = [one.result() for one in sent]
    assert {one.status_code for one in answers} <= {201, 409}
    assert all(one.headers["retry-after"] for one in answers if one.status_code == 409)
    ids = {one.json()["aggregate_id"] for one in answers if one.status_code == 201}
    assert len(ids) == 1
    assert len(client.get("/events", params={"aggregate_id": ids.pop()}).json()) == 1


@pytest.mark.parametrize(("action", "body"), [("change-email", {"new_email": "a@example.com"}), ("deactivate", {})])
def test_commands_on_unknown_users_are_refused_and_start_no_stream(
    client: httpx.Client, action: str, body: dict[str, str]
) -> None:
    answer = client.post(f"/commands/user/{ABSENT}/{action}", json=body)
    assert problem(answer, 404)["type"].endswith("unknown-aggregate")
    assert client.get("/events", params={"aggregate_id": ABSENT}).json() == []


def test_users_who_are_shut_out_stay_as_they_are(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    assert client.post(f"/commands/user/{user}/deactivate").status_code == 200
    assert problem(client.post(f"/commands/user/{user}/deactivate"), 409)["type"].endswith("refused")
    again = client.post(f"/commands/user/{user}/change-email", json={"new_email": "late@example.com"})
    assert problem(again, 409)["type"].endswith("refused")


def test_an_address_belongs_to_one_user(gateway: RunningGateway, client: httpx.Client) -> None:
    gateway.create_user(client, "taken@example.com")
    body = {"email": "TAKEN@example.com", "first_name": "A", "last_name": "B"}
    problem(client.post("/commands/user/create", json=body), 409)


def test_a_stale_version_is_a_conflict(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    url = f"/commands/user/{user}/change-email"
    assert client.post(url, json={"new_email": "v2@example.com"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = client.post(url, json={"new_email": "v3@example.com"}, headers={"If-Match": '"1"'})
    assert problem(stale, 409)["current_version"] == 2
    assert problem(client.post(url, json={"new_email": "v3@example.com"}, params={"expected_version": 7}), 409)


def test_changes_at_once_succeed_or_conflict(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    url = f"/commands/user/{user}/change-email"
    with concurrent.futures.ThreadPoolExecutor(20) as pool, gateway.client() as other:
        sent = [pool.submit(other.post, url, json={"new_email": f"storm{n}@example.com"}) for n in range(60)]
        statuses = [one.result().status_code for one in sent]
    assert set(statuses) <= {200, 409}
    events = client.get("/events", params={"aggregate_id": user}).json()
    assert [one["version"] for one in events] == list(range(1, statuses.count(200) + 2))


def test_unknown_users_and_paths_are_problems(client: httpx.Client) -> None:
    assert problem(client.get(f"/queries/user/{ABSENT}"), 404)["instance"] == f"/queries/user/{ABSENT}"
    problem(client.get("/nowhere"), 404)
    problem(client.delete("/health"), 405)
    problem(client.get("/commands/user/create"), 405)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="no-json"),
        pytest.param(b"\xff\xfe", 400, id="no-text"),
        pytest.param(b"[1]", 422, id="a-list"),
        pytest.param(b"{}", 422, id="nothing"),
        pytest.param(b'{"email":"a@example.com","first_name":"","last_name":"x"}', 422, id="empty-name"),
        pytest.param(b'{"email":"nope","first_name":"a","last_name":"b"}', 422, id="no-address"),
        pytest.param(b'{"email":"a@example.com","first_name":"a","last_name":"b","zip":1}', 422, id="unknown-field"),
        pytest.param(b"[" * 100_000, 400, id="deep"),
        pytest.param(b'"' + b"x" * (2 << 20) + b'"', 413, id="large"),
    ],
)
def test_bad_bodies_are_problems(client: httpx.Client, body: bytes, status: int) -> None:
    before = client.get("/health").json()["position"]
    answer = client.post("/commands/user/create", content=body, headers={"content-type": "application/json"})
    problem(answer, status)
    assert client.get("/health").json()["position"] == before


def test_ages_below_zero_and_empty_command_ids_are_refused(client: httpx.Client) -> None:
    body = {"command_id": "x", "email": "age@example.com", "first_name": "A", "last_name": "B", "age": -5}
    found = problem(client.post("/commands/user/dual-create", json=body), 422)
    assert [one["pointer"] for one in found["errors"]] == ["/age"]
    problem(client.post("/commands/user/dual-create", json={**body, "age": 5, "command_id": ""}), 422)


def test_a_form_is_no_command(client: httpx.Client) -> None:
    problem(client.post("/commands/user/create", data={"email": "a@example.com"}), 415)


def test_what_a_user_is_called_is_nothing_to_other_slices(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    assert [one["category"] for one in client.get("/events", params={"aggregate_id": user}).json()] == ["user"]
    assert client.get("/events", params={"aggregate_id": user, "category": "search"}).json() == []


def test_a_query_waits_for_the_position_that_its_caller_names(gateway: RunningGateway, client: httpx.Client) -> None:
    created = gateway.create_user(client)
    seen = client.get(f"/queries/user/{created['id']}", headers={"X-Min-Position": str(created["position"])})
    assert seen.status_code == 200
    problem(client.get(f"/queries/user/{created['id']}", headers={"X-Min-Position": "soon"}), 400)


def test_correlation_and_trace_go_along_with_events(client: httpx.Client) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    body = {"email": "trace@example.com", "first_name": "A", "last_name": "B"}
    answer = client.post("/commands/user/create", json=body, headers={"X-Request-Id": "r-1", "traceparent": trace})
    assert answer.headers["x-correlation-id"] == "r-1"
    event = client.get("/events", params={"aggregate_id": answer.json()["id"]}).json()[0]
    assert event["metadata"] == {"correlation_id": "r-1", "traceparent": trace}


def test_probes_say_that_all_is_well(client: httpx.Client) -> None:
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {
        "status": "ready",
        "checks": {"store": "ok", "disk": "ok", "outbox": "ok"},
    }


def test_answers_are_counted_by_route_and_outcome(gateway: RunningGateway, client: httpx.Client) -> None:
    gateway.create_user(client, "counted@example.com")
    client.post("/commands/user/create", json={"email": "counted@example.com", "first_name": "A", "last_name": "B"})
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    command = 'protogate_gateway_commands_total{outcome="%s",route="/commands/user/create"}'
    assert float(lines[command % "done"]) >= 1
    assert float(lines[command % "conflict"]) >= 1
    assert float(lines["protogate_gateway_position"]) >= 1
    assert 'protogate_gateway_outbox_lag_seconds{destination="legacy"}' in lines
    # A path that anybody may make up must not become a series of its own.
    client.get("/made-up-path")
    client.request("BREW", "/livez")
    text = client.get("/metrics").text
    assert "made-up-path" not in text
    assert "BREW" not in text


def test_the_description_names_all_routes_and_problems(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["info"]["title"] == "Protogate gateway"
    create = document["paths"]["/commands/user/create"]["post"]
    assert {"201", "400", "409", "413", "415", "422", "500", "503"} <= create["responses"].keys()
    assert "/events" in document["paths"]
    assert "/events/stream" in document["paths"]
    assert "/readyz" in document["paths"]


@pytest.mark.parametrize("path", ["/", "/health", "/readyz", "/events", "/events/stream", "/queries/search"])
def test_heads_are_answered_without_a_body(client: httpx.Client, path: str) -> None:
    answer = client.head(path)
    assert answer.status_code in {200, 307}
    assert answer.content == b""
    problem_without_body = client.head(f"/queries/user/{ABSENT}")
    assert (problem_without_body.status_code, problem_without_body.content) == (404, b"")


def test_answers_forbid_to_guess_their_type(client: httpx.Client) -> None:
    assert client.get("/health").headers["x-content-type-options"] == "nosniff"

"""The events as a list, as a stream and over a WebSocket: the same events, each once, in order."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.messages import NewEvent
from tests.gateway.test_app import problem
from tests.support.event_clients import open_socket, open_stream
from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

KEYS = ["id", "aggregate_id", "event_type", "payload", "version", "timestamp", "position", "category", "metadata"]


def position(client: httpx.Client) -> int:
    found: int = client.get("/health").json()["position"]
    return found


def test_events_are_listed_as_the_contract_says(gateway: RunningGateway, client: httpx.Client) -> None:
    created = gateway.create_user(client, "listed@example.com")
    (event,) = client.get("/events", params={"aggregate_id": created["id"]}).json()
    assert list(event) == KEYS
    assert event["id"] == created["event_id"]
    assert event["aggregate_id"] == created["id"]
    assert event["event_type"] == "UserCreated"
    assert event["payload"]["email"] == "listed@example.com"
    assert event["payload"]["firstName"] == "Ann"
    assert (event["version"], event["position"], event["category"]) == (1, created["position"], "user")
    assert event["timestamp"].endswith("Z")


def test_the_list_comes_in_pages(gateway: RunningGateway, client: httpx.Client) -> None:
    start = position(client)
    made = [gateway.create_user(client)["event_id"] for _ in range(7)]
    found: list[str] = []
    after = start
    while page := client.get("/events", params={"after": after, "limit": 3}).json():
        assert len(page) <= 3
        found += [event["id"] for event in page]
        after = page[-1]["position"]
    assert found == made


def test_the_list_can_be_narrowed(gateway: RunningGateway, client: httpx.Client) -> None:
    user = gateway.create_user(client)["id"]
    client.post(f"/commands/user/{user}/deactivate")
    events = client.get("/events", params={"aggregate_id": user}).json()
    assert [event["version"] for event in events] == [1, 2]
    later = client.get("/events", params={"aggregate_id": user, "after": events[0]["position"]}).json()
    assert later == events[1:]
    assert client.get("/events", params={"category": "user", "limit": 10_000}).json()[-1] == events[1]
    assert client.get("/events", params={"category": "nothing"}).json() == []


@pytest.mark.parametrize(
    "parameters",
    [{"limit": 0}, {"limit": -1}, {"limit": 10_001}, {"limit": "x"}, {"after": -1}, {"after": "x"}, {"after": 2**64}],
    ids=str,
)
def test_bad_pages_are_problems(client: httpx.Client, parameters: dict[str, str]) -> None:
    problem(client.get("/events", params=parameters), 422)
    if "after" in parameters:
        problem(client.get("/events/stream", params=parameters), 422)


def test_a_stream_gives_history_and_then_what_happens_in_one_form(
    gateway: RunningGateway, client: httpx.Client
) -> None:
    start = position(client)
    past = [gateway.create_user(client) for _ in range(3)]
    with open_stream(gateway.url, after=start) as frames:
        history = list(islice(frames, 3))
        present = [gateway.create_user(client) for _ in range(3)]
        live = list(islice(frames, 3))
    frames_seen = [*history, *live]
    assert [frame.position for frame in frames_seen] == [one["position"] for one in (*past, *present)]
    assert all(frame.fields.keys() == {"id", "event", "data"} for frame in frames_seen)
    assert {frame.fields["event"] for frame in frames_seen} == {"UserCreated"}
    listed = client.get("/events", params={"after": start}).json()
    assert [frame.event for frame in frames_seen] == listed


def test_without_a_position_a_stream_starts_at_the_first_event(gateway: RunningGateway, client: httpx.Client) -> None:
    gateway.create_user(client)
    with open_stream(gateway.url) as frames:
        assert next(frames).position == 1


def test_a_stream_goes_on_after_the_last_id_that_was_seen(gateway: RunningGateway, client: httpx.Client) -> None:
    start = position(client)
    made = [gateway.create_user(client)["position"] for _ in range(4)]
    with open_stream(gateway.url, after=start) as frames:
        seen = [frame.position for frame in islice(frames, 2)]
    # The header wins: a browser that comes back asks for the same URL.
    with open_stream(gateway.url, {"Last-Event-ID": str(seen[-1])}, after=start) as frames:
        seen += [frame.position for frame in islice(frames, 2)]
    assert seen == made


def test_a_last_id_that_is_none_is_a_problem(client: httpx.Client) -> None:
    for name in ("abc", "-1", "9" * 5000):
        problem(client.get("/events/stream", headers={"Last-Event-ID": name}), 400)


def test_a_position_that_does_not_exist_yet_stops_no_stream(gateway: RunningGateway, client: httpx.Client) -> None:
    with open_stream(gateway.url, after=2**62) as frames:
        created = gateway.create_user(client)
        assert next(frames).position == created["position"]


def test_a_stream_can_be_narrowed_in_history_and_present(gateway: RunningGateway, client: httpx.Client) -> None:
    one, other = gateway.create_user(client)["id"], gateway.create_user(client)["id"]
    with open_stream(gateway.url, aggregate_ids=[one], category="user") as frames:
        assert next(frames).event["version"] == 1
        for user in (other, one):
            assert client.post(f"/commands/user/{user}/deactivate").status_code == 200
        found = next(frames).event
        assert (found["aggregate_id"], found["version"]) == (one, 2)
    with open_stream(gateway.url, category="user", after=position(client) - 1) as frames:
        assert next(frames).event["aggregate_id"] == one


def test_no_event_is_lost_or_doubled_while_history_becomes_present(
    gateway: RunningGateway, client: httpx.Client
) -> None:
    start = position(client)
    enough = threading.Event()

    def write() -> None:
        with gateway.client() as own:
            while not enough.is_set():
                gateway.create_user(own)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(5):
            with open_stream(gateway.url, after=start) as frames:
                seen = [frame.position for frame in islice(frames, 60)]
            assert seen == list(range(start + 1, start + 61))
    finally:
        enough.set()
        for writer in writers:
            writer.join()


def test_a_reader_that_sleeps_misses_nothing_of_what_another_process_writes(tmp_path: Path) -> None:
    # More than the hub keeps, and more than the buffers of both sides hold.
    count = 6000
    with serve_gateway(tmp_path / "data") as gateway, open_stream(gateway.url, timeout=30) as frames:
        asyncio.run(write_many(tmp_path / "data/events.db", count))
        time.sleep(0.3)
        assert [frame.position for frame in islice(frames, count)] == list(range(1, count + 1))


async def write_many(path: Path, count: int) -> None:
    """Write events of three kilobytes as another process does."""
    store = SqliteStore(path)
    for start in range(0, count, 200):
        await store.append("user/many", [NewEvent("Told", {"text": "x" * 3000, "number": start})] * 200)
    await store.aclose()


def test_silence_is_broken_by_heartbeats(tmp_path: Path) -> None:
    with (
        serve_gateway(tmp_path / "data", "--heartbeat", "0.5") as gateway,
        open_stream(gateway.url) as frames,
    ):
        assert [next(frames).comments, next(frames).comments] == [("ping",), ("ping",)]


def test_listeners_that_go_away_are_forgotten(gateway: RunningGateway, client: httpx.Client) -> None:
    def listeners() -> float:
        lines = client.get("/metrics").text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith("protogate_gateway_listeners ")))

    before = listeners()
    for _ in range(20):
        with open_stream(gateway.url, after=0):
            pass
    with open_socket(gateway.port):
        assert listeners() >= 1
    deadline = time.monotonic() + 5
    while listeners() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert listeners() <= before


def test_a_socket_tells_what_happens_and_listens_to_nothing(gateway: RunningGateway, client: httpx.Client) -> None:
    with open_socket(gateway.port) as ws:
        ws.send("anybody there?")
        created = gateway.create_user(client)
        told = ws.receive()
        assert told.keys() == {"event", "data", "position"}
        assert (told["event"], told["position"]) == ("UserCreated", created["position"])
        assert [told["data"]] == client.get("/events", params={"aggregate_id": created["id"]}).json()


def test_a_socket_can_start_in_the_past_and_be_narrowed(gateway: RunningGateway, client: httpx.Client) -> None:
    created = gateway.create_user(client)
    gateway.create_user(client)
    with open_socket(gateway.port, f"/ws?after=0&aggregate_ids={created['id']}") as ws:
        assert ws.receive()["position"] == created["position"]
        assert client.post(f"/commands/user/{created['id']}/deactivate").status_code == 200
        assert ws.receive()["event"] == "UserDeactivated"
    with open_socket(gateway.port, "/ws?after=x") as ws:
        assert ws.status == 403


def test_replayed_commands_are_told_once(gateway: RunningGateway, client: httpx.Client) -> None:
    body = {"command_id": "told-once", "email": "told-once@example.com", "first_name": "A", "last_name": "B"}
    with open_socket(gateway.port) as ws:
        for _ in range(3):
            assert client.post("/commands/user/dual-create", json=body).status_code == 201
        last = gateway.create_user(client)
        told = [ws.receive(), ws.receive()]
    assert [one["position"] for one in told] == [last["position"] - 1, last["position"]]


def test_a_socket_that_hangs_holds_up_nobody(gateway: RunningGateway, client: httpx.Client) -> None:
    with open_socket(gateway.port, "/ws?after=0", receive_buffer=2048), open_socket(gateway.port) as other:
        begun = time.monotonic()
        made = [gateway.create_user(client)["position"] for _ in range(20)]
        assert [other.receive()["position"] for _ in made] == made
        assert time.monotonic() - begun < 5

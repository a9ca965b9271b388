"""One recorded stream of events, decoded by parsers that know nothing of each other, with data that breaks bad ones."""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
import pytest
from httpx_sse import EventSource, connect_sse

from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.messages import NewEvent
from tests.support.browser import browser, started_browser  # noqa: F401 - fixtures
from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.browser import Browser

TEXTS: Final = {
    "Plain": "plain",
    "Empty": "",
    "LineFeed": "a\nb\n\nc\n",
    "CarriageReturn": "a\rb\r\rc\r",
    "Both": "a\r\nb\r\n\r\n",
    "LeadingSpaces": "  two",
    "OnlySpace": " ",
    "Colon": ": no comment\ndata: no field\nid: 99\nretry: 1\nevent: other",
    "Nul": "a\0b",
    "Separators": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei",
    "Astral": "\U0001f600 \U00010348 zażółć",
    "ByteOrderMark": "\ufeffa",
    "Quotes": "\"\\'\\n<!--</script>",
    "Megabyte": "ż\n\u2028" * 200_000,
    "Wörld": "a type that is not ASCII",
}


class Decoded(NamedTuple):
    """One event, as a parser gives it."""

    id: str
    kind: str
    data: str


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    data = tmp_path_factory.mktemp("telling") / "data"
    asyncio.run(_record(data / "events.db"))
    with serve_gateway(data) as running:
        yield running


async def _record(path: Path) -> None:
    store = SqliteStore(path)
    for kind, text in TEXTS.items():
        await store.append("user/told", [NewEvent(kind, {"text": text, text[:50]: ["in a name", text[:50]]})])
    await store.aclose()


@pytest.fixture(scope="module")
def listed(telling: RunningGateway) -> list[Decoded]:
    """What a stream must give: the same as the list."""
    with telling.client() as client:
        events: list[dict[str, Any]] = client.get("/events").json()
    assert [one["payload"]["text"] for one in events] == list(TEXTS.values())
    return [Decoded(str(one["position"]), one["event_type"], canonical(one)) for one in events]


@pytest.fixture(scope="module")
def recorded(telling: RunningGateway) -> bytes:
    """The bytes of a stream up to its last event."""
    content = b""
    last = b"\nid: %d\n" % len(TEXTS)
    with telling.client() as client, client.stream("GET", "/events/stream") as answer:
        for part in answer.iter_raw():
            content += part
            if last in content and content.endswith(b"\n\n"):
                return content
    raise AssertionError(content[-200:])


def canonical(document: object) -> str:
    return json.dumps(document, sort_keys=True)


def of_documents(decoded: list[Decoded]) -> list[Decoded]:
    return [one._replace(data=canonical(json.loads(one.data))) for one in decoded]


def events_of(source: EventSource) -> Iterator[Decoded]:
    # It gives the block that only says when to come back, too, which is no event.
    return (Decoded(one.id, one.event, one.data) for one in source.iter_sse() if one.id)


def by_the_standard(content: bytes) -> list[Decoded]:
    """The algorithm of the HTML standard, 9.2.6, step by step."""
    text = content.decode("utf-8").removeprefix("\ufeff")
    found: list[Decoded] = []
    data: list[str] = []
    kind = last_id = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line:
            if data:
                found.append(Decoded(last_id, kind or "message", "\n".join(data)))
            data, kind = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return found


def test_the_standard_reads_what_the_list_gives(recorded: bytes, listed: list[Decoded]) -> None:
    assert of_documents(by_the_standard(recorded)) == listed


def test_no_line_ends_where_only_some_parsers_see_an_end(recorded: bytes, listed: list[Decoded]) -> None:
    # Those of Python split at U+2028 and others, too.
    assert recorded.decode().splitlines() == recorded.decode().split("\n")[:-1]
    assert recorded.count(b"\nid: ") == len(listed)
    assert recorded.startswith(b"retry: 2000\n\n")


def test_another_parser_reads_the_same(recorded: bytes, listed: list[Decoded]) -> None:
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=recorded)
    found = [*events_of(EventSource(answer))]
    assert of_documents(found) == listed


def test_a_stream_goes_on_exactly_behind_any_event(telling: RunningGateway, listed: list[Decoded]) -> None:
    with telling.client() as client:
        for place, one in enumerate(listed[:-1]):
            with connect_sse(client, "GET", "/events/stream", headers={"Last-Event-ID": one.id}) as source:
                assert source.response.headers["cache-control"] == "no-store"
                rest = listed[place + 1 : place + 3]
                found = [*islice(events_of(source), len(rest))]
            assert of_documents(found) == rest


def test_a_browser_reads_the_same(
    telling: RunningGateway,
    browser: Browser,  # noqa: F811 - the fixture
    listed: list[Decoded],
) -> None:
    browser.driver.get(f"{telling.url}/static/search_v2.html")
    found = browser.run_async(
        """
        const [kinds, last] = arguments, found = [], source = new EventSource("/events/stream");
        source.onerror = () => done("the stream broke");
        for (const kind of kinds) {
          source.addEventListener(kind, (one) => {
            found.push([one.lastEventId, one.type, one.data]);
            if (one.lastEventId === last) { source.close(); done(found); }
          });
        }
        """,
        list(TEXTS),
        str(len(TEXTS)),
    )
    assert isinstance(found, list), found
    assert of_documents([Decoded(*one) for one in found]) == listed

"""The same requests to gateways on different stores: the same answers, apart from ids and times.

`test_model.py` says what the answers must be; here the stores judge each other, also about what nobody thought of.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from gateway import wiring
from gateway.settings import read_settings
from protogate.cqrs.memory import MemoryStore
from tests.gateway.stores.test_postgres import fresh_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protogate.cqrs.ports import EventStore
    from tests.support.postgres import PostgresServer

_RUNS: Final = itertools.count()
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
_ABSENT: Final = "018bcfe5-6800-7000-8000-000000000000"
_HEADERS: Final = ("content-type", "etag", "idempotent-replayed", "retry-after")
_MEMORY: Final = "memory"

NAMES: Final = st.sampled_from(
    ["A", "Zażółć \U0001f600", "a\u2028b", "nul\x00nul", "\x7f", " ", "", "'; DROP TABLE events"]
)
EMAILS: Final = st.sampled_from(["a", "B", "b", "c"])
VERSIONS: Final = st.sampled_from(["", "1", "2", "3", "999", "0", "x"])
KEYS: Final = st.sampled_from(["", "k1", "k2", '"k1"'])
ODD: Final = st.sampled_from(
    [
        "",
        "user",
        "user/",
        "search",
        "%",
        "_",
        "\x00",
        "a\x00b",
        "\x1f",
        "'",
        '"',
        "é" * 60,
        "\U0001f600",
        "\u2028",
        "\\",
        "x" * 128,
    ]
)
QUERIES: Final = st.sampled_from(
    ['"', "a AND", "nosuch:x", "c2004-x", "NEAR(", "*", "\x00", "(" * 50, "a OR", "-", "zażółć", "💥"]
)


class Backend:
    """A gateway in this process, on a store that outlives it."""

    def __init__(self, data: Path, database: str) -> None:
        self.ids: dict[str, str] = {}
        self.names: list[str] = []
        self._settings = read_settings(data_dir=data, db=database)
        self._stack = AsyncExitStack()
        self._client: httpx.AsyncClient

    async def start(self) -> None:
        opened = await self._stack.enter_async_context(wiring.open_gateway(self._settings))
        transport = httpx.ASGITransport(app=opened.app)
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://localhost")
        )

    async def stop(self) -> None:
        await self._stack.aclose()

    async def ask(self, verb: str, path: str, **about: Any) -> tuple[int, dict[str, str], str]:  # noqa: ANN401 - as httpx takes it
        """Status, headers and body, with ids and times in the order in which they were met first."""
        named = re.sub(r"<(\d+)>", lambda found: self.names[int(found[1])], path)
        answer = await self._client.request(verb, named, **about)
        headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
        return answer.status_code, headers, _TIME.sub("TIME", _UUID.sub(self._named, answer.text))

    def _named(self, found: re.Match[str]) -> str:
        if found[0] not in self.ids:
            self.ids[found[0]] = f"<{len(self.names)}>"
            self.names.append(found[0])
        return self.ids[found[0]]


class Backends:
    """All of them in one loop."""

    def __init__(self, runner: asyncio.Runner, backends: dict[str, Backend]) -> None:
        self._runner = runner
        self._backends = backends

    def all(self, action: str) -> None:
        for backend in self._backends.values():
            self._runner.run(getattr(backend, action)())

    def ask(self, verb: str, path: str, **about: Any) -> tuple[int, dict[str, str], str]:  # noqa: ANN401 - as above
        """What all of them answer."""
        answers = {name: self._runner.run(one.ask(verb, path, **about)) for name, one in self._backends.items()}
        first = next(iter(answers.values()))
        assert all(answer == first for answer in answers.values()), (verb, path, about, answers)
        assert first[0] < 500, (verb, path, about, first)
        return first


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Backends]:
    data = tmp_path_factory.mktemp("stateful")
    kept = MemoryStore()
    opened = wiring.open_store

    async def open_store(database: str) -> EventStore:
        return kept if database == _MEMORY else await opened(database)

    databases = {"memory": _MEMORY, "sqlite": "", "postgres": fresh_url(postgres_server)}
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(wiring, "open_store", open_store)
        # It would be closed with its first gateway.
        patch.setattr(kept, "aclose", _nothing)
        made = Backends(runner, {name: Backend(data / name, url) for name, url in databases.items()})
        made.all("start")
        yield made
        made.all("stop")


async def _nothing() -> None:
    """Leave the store open."""


class Differential(RuleBasedStateMachine):
    """Each run has addresses and keys of its own, so all runs can share the gateways."""

    backends: Backends
    users = Bundle("users")

    @initialize(target=users)
    def begin(self) -> str:
        self.run = next(_RUNS)
        self.is_restarted = False
        return _ABSENT

    def _create(self, path: str, email: str, name: str, headers: dict[str, str], more: dict[str, str]) -> str:
        body = {"email": f"{email}@r{self.run}.example", "first_name": name, "last_name": "B", **more}
        status, _, text = self.backends.ask("POST", path, json=body, headers=headers)
        created = re.search(r'"(?:aggregate_id|id)":"(<\d+>)"', text)
        return created[1] if status == 201 and created else _ABSENT

    def _headers(self, key: str, version: str = "") -> dict[str, str]:
        headers = {"If-Match": f'"{version}"'} if version else {}
        if key:
            quote = '"' if key.startswith('"') else ""
            headers["Idempotency-Key"] = f"{quote}{self.run}-{key.strip(quote)}{quote}"
        return headers

    @rule(target=users, email=EMAILS, name=NAMES, key=KEYS)
    def create(self, email: str, name: str, key: str) -> str:
        return self._create("/commands/user/create", email, name, self._headers(key), {})

    @rule(target=users, email=EMAILS, name=NAMES, key=st.sampled_from(["d1", "d2", ""]))
    def dual_create(self, email: str, name: str, key: str) -> str:
        command = {"command_id": f"{self.run}-{key}" if key else ""}
        return self._create("/commands/user/dual-create", email, name, {}, command)

    @rule(user=users, email=EMAILS, key=KEYS, version=VERSIONS)
    def change_email(self, user: str, email: str, key: str, version: str) -> None:
        body = {"new_email": f"{email}@r{self.run}.example"}
        self.backends.ask("POST", f"/commands/user/{user}/change-email", json=body, headers=self._headers(key, version))

    @rule(user=users, version=VERSIONS, reason=NAMES)
    def deactivate(self, user: str, version: str, reason: str) -> None:
        parameters = {"expected_version": version} if version else {}
        self.backends.ask("POST", f"/commands/user/{user}/deactivate", params=parameters, json={"reason": reason})

    @rule(name=ODD, text=NAMES, key=KEYS)
    def index(self, name: str, text: str, key: str) -> None:
        body = {"id": name, "title": text or "t", "content": text, "metadata": {"k": text}}
        self.backends.ask("POST", "/commands/search/index", json=body, headers=self._headers(key))

    @rule(name=ODD)
    def query_by_odd_name(self, name: str) -> None:
        quoted = httpx.URL("http://x", params={"n": name}).query.decode().partition("=")[2].replace("+", "%20")
        self.backends.ask("GET", f"/queries/user/{quoted}")
        self.backends.ask("POST", f"/commands/user/{quoted}/deactivate")

    @rule(category=ODD, aggregate=ODD, after=st.sampled_from(["0", "3", str(2**63 - 1), str(2**63), str(2**64 - 1)]))
    def events(self, category: str, aggregate: str, after: str) -> None:
        self.backends.ask("GET", "/events", params={"category": category, "aggregate_id": aggregate, "after": after})

    @rule(user=users)
    def history(self, user: str) -> None:
        self.backends.ask("GET", f"/events?aggregate_id={user}")
        self.backends.ask("GET", f"/queries/user/{user}")

    @rule(text=QUERIES, category=ODD)
    def search(self, text: str, category: str) -> None:
        # Ranks and snippets are the engine's own: what is found in all is not.
        self.backends.ask(
            "GET", "/queries/search", params={"q": text, "category": category[:64], "limit": "1", "offset": "9000"}
        )

    @precondition(lambda self: not self.is_restarted)
    @rule()
    def restart(self) -> None:
        self.is_restarted = True
        self.backends.all("stop")
        self.backends.all("start")

    def teardown(self) -> None:
        self.backends.ask("GET", "/events", params={"limit": "10000"})


def run(backends: Backends, examples: int, steps: int) -> None:
    Differential.backends = backends
    run_machine(
        Differential,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # What the stores disagree about is short enough as it is, and a step costs three gateways.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.mark.postgres
def test_all_stores_answer_alike(backends: Backends) -> None:
    run(backends, 10, 15)


@pytest.mark.slow
@pytest.mark.postgres
def test_all_stores_answer_alike_for_long(backends: Backends) -> None:
    run(backends, 60, 40)

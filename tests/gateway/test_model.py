"""Users over HTTP, against a model of a dozen lines: whatever is asked, in whatever order, with restarts in between."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

ABSENT: Final = "018bcfe5-6800-7000-8000-000000000000"
EMAILS: Final = st.sampled_from([f"{name}@example.com" for name in "abcd"])
VERSIONS: Final = st.sampled_from(["none", "right", "stale", "future"])
_RUNS = itertools.count()


class User:
    """What the model knows of a user."""

    def __init__(self, email: str) -> None:
        self.email, self.active, self.version = email, True, 1


class Server:
    """A gateway that can be started again on its data."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._stack = ExitStack()
        self.client: httpx.Client
        self.start()

    def start(self) -> None:
        running: RunningGateway = self._stack.enter_context(serve_gateway(self._data))
        self.client = self._stack.enter_context(running.client())

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        self._stack.close()


class Users(RuleBasedStateMachine):
    """Each run has addresses and keys of its own, so all runs can share a server."""

    server: Server
    users = Bundle("users")
    sent = Bundle("sent")

    @initialize()
    def begin(self) -> None:
        self.run = next(_RUNS)
        self.model: dict[str, User] = {}
        self.keys = itertools.count()
        self.position = self.server.client.get("/health").json()["position"]

    def email(self, email: str) -> str:
        return f"run{self.run}.{email}"

    def is_taken(self, email: str, by: User | None = None) -> bool:
        # A user who was shut out keeps the address.
        return any(user.email == email and user is not by for user in self.model.values())

    def ask(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        answer = self.server.client.post(path, json=body, headers=headers)
        if answer.status_code < 300 and "idempotent-replayed" not in answer.headers:
            # Whoever is told a position later was given a later one.
            assert answer.json()["position"] > self.position
            self.position = answer.json()["position"]
        return answer

    def key(self) -> dict[str, str]:
        return {"Idempotency-Key": f"{self.run}-{next(self.keys)}"}

    @rule(target=users, email=EMAILS)
    def create(self, email: str) -> str:
        address = self.email(email)
        body = {"email": address, "first_name": "A", "last_name": "B"}
        taken = self.is_taken(address)
        answer = self.ask("/commands/user/create", body, self.key())
        assert answer.status_code == (409 if taken else 201), answer.text
        if taken:
            return ABSENT
        name: str = answer.json()["id"]
        self.model[name] = User(address)
        return name

    @rule(target=sent, user=users, email=EMAILS, version=VERSIONS)
    def change_email(self, user: str, email: str, version: str) -> tuple[str, dict[str, Any], dict[str, str], bytes]:
        address, known = self.email(email), self.model.get(user)
        headers = {**self.key(), **self.match(known, version)}
        path, body = f"/commands/user/{user}/change-email", {"new_email": address}
        answer = self.ask(path, body, headers)
        if known is None:
            assert answer.status_code == 404, answer.text
        elif not known.active or version in {"stale", "future"} or self.is_taken(address, known):
            assert answer.status_code == 409, answer.text
        else:
            assert answer.status_code == 200, answer.text
            known.email = address
            known.version += 1
            assert answer.json()["state"] == {"id": user, "email": address, "active": True, "version": known.version}
        return path, body, headers, answer.content if answer.status_code == 200 else b""

    @rule(user=users, version=VERSIONS)
    def deactivate(self, user: str, version: str) -> None:
        known = self.model.get(user)
        answer = self.ask(f"/commands/user/{user}/deactivate", {}, self.match(known, version))
        if known is None:
            assert answer.status_code == 404, answer.text
        elif not known.active or version in {"stale", "future"}:
            assert answer.status_code == 409, answer.text
        else:
            assert answer.status_code == 200, answer.text
            known.active = False
            known.version += 1

    @rule(request=consumes(sent))
    def send_again(self, request: tuple[str, dict[str, Any], dict[str, str], bytes]) -> None:
        path, body, headers, answered = request
        if not answered:
            return
        # What was answered once is answered again, whatever has happened since.
        again = self.ask(path, body, headers)
        assert (again.status_code, again.content) == (200, answered)
        assert again.headers["idempotent-replayed"] == "true"
        other = self.ask(path, {"new_email": self.email("other@example.com")}, headers)
        assert other.status_code == 422, other.text

    @rule(chance=st.integers(0, 15))
    def restart(self, chance: int) -> None:
        # It takes its time, so not each time.
        if chance == 11:
            self.server.restart()

    @invariant()
    def queries_agree(self) -> None:
        for name, user in getattr(self, "model", {}).items():
            found = self.server.client.get(f"/queries/user/{name}", headers={"X-Min-Position": str(self.position)})
            assert found.json() == {"id": name, "email": user.email, "active": user.active, "version": user.version}

    def match(self, known: User | None, version: str) -> dict[str, str]:
        number = {"right": 0, "stale": -1, "future": 1}.get(version)
        if number is None or known is None or known.version + number < 1:
            return {} if version in {"none", "right"} or known is None else {"If-Match": '"999"'}
        return {"If-Match": f'"{known.version + number}"'}

    def teardown(self) -> None:
        for name, user in getattr(self, "model", {}).items():
            events = self.server.client.get("/events", params={"aggregate_id": name}).json()
            assert [event["version"] for event in events] == list(range(1, user.version + 1))


def test_users_are_as_the_model_says(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    Users.server = server
    try:
        run_machine(
            Users,
            settings=settings(
                max_examples=10,
                stateful_step_count=16,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            ),
        )
        events = server.client.get("/events", params={"limit": 10_000}).json()
        assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    finally:
        server.stop()


@pytest.mark.slow
def test_users_are_as_the_model_says_for_long(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    Users.server = server
    try:
        run_machine(Users, settings=settings(max_examples=200, stateful_step_count=40, deadline=None))
    finally:
        server.stop()

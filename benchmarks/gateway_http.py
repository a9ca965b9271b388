"""`python -m benchmarks gateway`: commands and queries over HTTP, beside a FastAPI application that does nothing."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from benchmarks.gateway_figures import Part, at_least, at_most, load_table, median_ratio
from benchmarks.http_load import Load, generate, get, loaded, median, running, send, serve, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.http_load import Request, Server

__all__ = ["create_requests", "measure_http", "running_gateway"]

_CONNECTIONS = 64
_REQUESTS = 12_000
_USERS = 500
_LOOKS = 500
_PAUSE = 0.002
"""Seconds between two looks at `/health`."""
_STORM = 8
"""Times as many requests as a round has: more than are answered while health is looked at."""
_WORST_CREATE = 150


@contextmanager
def running_gateway(folder: Path, *options: str) -> Iterator[Server]:
    """Run a gateway of one worker as users start it, with everything it keeps in a folder."""
    command = [sys.executable, "-P", "-m", "gateway", "serve", "--port", "0", "--data-dir", str(folder), *options]
    with running(command) as server:
        yield server


def create_requests(count: int, path: str = "/commands/user/create") -> list[Request]:
    """Commands of which each makes another user."""
    return [send("POST", path, _command(number, path)) for number in range(count)]


def measure_http(say: Callable[[str], object], *, rounds: int, scale: float = 1.0) -> Part:
    """Measure the floor and the gateway in turn, in every round."""
    found: dict[str, list[Load]] = {}
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        for number in range(rounds):
            say(f"HTTP, round {number + 1} of {rounds}")
            for what, load in _round(Path(name) / str(number), scale):
                found.setdefault(what, []).append(load)
    header, rows = load_table({what: median(loads) for what, loads in found.items()})
    return Part(
        "Commands and queries over HTTP",
        f"{_CONNECTIONS} connections. Each `create` is validated, given a claim on its e-mail address, counted, and\n"
        "acknowledged when `fsync` has returned. `dual-create` also keeps the answer with its key and leaves an entry\n"
        "in the outbox, which the relay tells the legacy database meanwhile. The no-ops are FastAPI endpoints: POST\n"
        "with the same fields in a pydantic model, and GET with a path parameter, which answer a constant.",
        _goals(found),
        header,
        rows,
    )


def _round(folder: Path, scale: float) -> Iterator[tuple[str, Load]]:
    count = max(_CONNECTIONS, int(_REQUESTS * scale))
    with running([sys.executable, "-m", "benchmarks.gateway_http", "no-op"]) as server:
        yield "POST no-op", generate(server, spread(create_requests(count, "/create"), _CONNECTIONS))
        yield "GET no-op", generate(server, spread([get(f"/user/{number}") for number in range(count)], _CONNECTIONS))
    with running_gateway(folder / "create") as server:
        yield "POST create", generate(server, spread(create_requests(count), _CONNECTIONS))
    with running_gateway(folder / "get") as server:
        users = [_created(server, number) for number in range(max(1, int(_USERS * scale)))]
        asked = [get(f"/queries/user/{users[number % len(users)]}") for number in range(count)]
        yield "GET user", generate(server, spread(asked, _CONNECTIONS))
    with running_gateway(folder / "dual") as server:
        dual = create_requests(count, "/commands/user/dual-create")
        yield "POST dual-create", generate(server, spread(dual, _CONNECTIONS))
    with running_gateway(folder / "health") as server:
        looks = [[get("/health")] * max(10, int(_LOOKS * scale))]
        yield "GET /health, idle", generate(server, looks, pause=_PAUSE)
        with loaded(server, spread(create_requests(count * _STORM), _CONNECTIONS)):
            yield "GET /health, while 64 connections write", generate(server, looks, pause=_PAUSE)


def _goals(found: dict[str, list[Load]]) -> list[Any]:
    def rate(ours: str, floor: str) -> float:
        return median_ratio([one.rate for one in found[ours]], [one.rate for one in found[floor]])

    def late(ours: str, floor: str) -> float:
        return median_ratio([one.p99 for one in found[ours]], [one.p99 for one in found[floor]])

    return [
        at_least("T1 create / POST no-op", 0.5, rate("POST create", "POST no-op")),
        at_least("T2 dual-create / POST no-op", 0.3, rate("POST dual-create", "POST no-op")),
        at_most("T3 create p99 / POST no-op p99", 6, late("POST create", "POST no-op")),
        at_most("T3 create p99", _WORST_CREATE, median(found["POST create"]).p99, "ms"),
        at_least("T4 GET user / GET no-op", 0.8, rate("GET user", "GET no-op")),
        at_most(
            "/health p99 while 64 connections write / idle",
            3,
            late("GET /health, while 64 connections write", "GET /health, idle"),
        ),
    ]


def _command(number: int, path: str) -> dict[str, Any]:
    command = {
        "email": f"user-{number}@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "age": 36,
    }
    return {**command, "command_id": str(uuid4())} if "dual" in path else command


def _created(server: Server, number: int) -> str:
    connection = HTTPConnection("127.0.0.1", server.port)
    body = orjson.dumps(_command(number, ""))
    connection.request("POST", "/commands/user/create", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return str(orjson.loads(said)["id"])


def _no_op() -> object:
    """The floor: what FastAPI itself costs."""
    import fastapi  # noqa: PLC0415 - only this process needs it
    import pydantic  # noqa: PLC0415 - as above

    app = fastapi.FastAPI()

    class Command(pydantic.BaseModel):
        email: str
        first_name: str
        last_name: str
        age: int | None = None

    async def create(command: Command) -> dict[str, str]:
        return {"id": command.email}

    async def user(user_id: str) -> dict[str, str]:
        return {"id": user_id}

    # The annotation of a local class is text here, which FastAPI cannot look up.
    create.__annotations__["command"] = Command
    app.post("/create", status_code=201)(create)
    app.get("/user/{user_id}")(user)
    return app


if __name__ == "__main__":
    sys.exit(serve(_no_op()))

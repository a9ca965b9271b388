"""`python -m benchmarks.registry_speed`: the registry over HTTP, beside a trivial application and an empty one."""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from benchmarks.http_load import Load, generate, get, median, running, send, serve, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.http_load import Request

    Say = Callable[[str], object]
    Scope = dict[str, Any]

__all__ = ["Goal", "Row", "goals", "measure", "render"]

_CONNECTIONS = 8
_KIND = "application/vnd.schemaregistry.v1+json"
_ROUNDS = 5
_REGISTERS = 3_000
_READS = 20_000
_VERSIONS_OF_A_SUBJECT = 20
_MANY_SUBJECTS = 1_000
_MANY_VERSIONS = 100
_MOST_BYTES = 1_600
_TRIVIAL_REGISTERS = 5_650
_TRIVIAL_READS = 10_700
"""Requests a second of the trivial application on the machine for which the rates were promised."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, the median of its rounds."""

    what: str
    server: str
    rate: float
    """Requests a second."""
    p50: float
    """Milliseconds."""
    p99: float
    cpu: float
    """Microseconds of the server and its helpers for a request: what a busy machine disturbs least."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What was promised, and what came out."""

    what: str
    promised: str
    measured: str
    met: bool


def measure(say: Say = print, *, scale: float = 1.0, rounds: int = _ROUNDS) -> list[Row]:
    """Measure all servers in turn, every round of them after another so that a busy moment strikes all."""
    registers, reads = int(_REGISTERS * scale), int(_READS * scale)
    rows: dict[tuple[str, str], list[Load]] = {}
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for server in ("empty", "trivial", "registry"):
                with running(_command(server, Path(name) / f"{server}-{number}.db")) as found:
                    for what, requests in _loads(server, registers, reads):
                        rows.setdefault((what, server), []).append(generate(found, requests))
        say("100,000 versions")
        rows |= _measure_many(Path(name) / "many.db", int(_MANY_SUBJECTS * scale) or 1, reads, rounds)
    return [_row(what, server, loads) for (what, server), loads in rows.items()]


def goals(rows: Sequence[Row]) -> list[Goal]:
    """The promises that these figures speak of."""
    by_name = {(row.what, row.server): row for row in rows}
    register, their_register = by_name["register", "registry"], by_name["register", "trivial"]
    read, trivial_read = by_name["read by id", "registry"], by_name["read by id", "trivial"]
    latest = by_name["read latest", "registry"]
    found = [
        _at_least("register, compile and FULL check", 1_500, register.rate),
        _at_least("read by id", 8_000, read.rate),
        _at_least("read latest", 8_000, latest.rate),
        _ratio("register / trivial FastAPI + SQLite", 1_500 / _TRIVIAL_REGISTERS, register.rate / their_register.rate),
        _ratio("read by id / trivial FastAPI + SQLite", 8_000 / _TRIVIAL_READS, read.rate / trivial_read.rate),
    ]
    found += [
        Goal(f"100,000 versions, {row.what}: p99", "< 1 ms", f"{row.p99:.2f} ms", met=row.p99 < 1)
        for row in rows
        if row.what.startswith("lookup")
    ]
    size = next((row.rate for row in rows if row.what == "bytes a version"), None)
    if size is not None:
        found.append(
            Goal("100,000 versions: bytes a version", f"<= {_MOST_BYTES:,}", f"{size:,.0f}", met=size <= _MOST_BYTES)
        )
    return found


def render(rows: Sequence[Row], found: Sequence[Goal]) -> str:
    """Two Markdown tables: goals, then all figures."""
    lines = ["| goal | promised | measured | |", "|---|---|---|---|"]
    lines += [f"| {g.what} | {g.promised} | {g.measured} | {'met' if g.met else 'missed'} |" for g in found]
    lines += ["", "| what | server | requests/s | p50 ms | p99 ms | CPU us |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.server} | {row.rate:,.0f} | {row.p50:.2f} | {row.p99:.2f} | {row.cpu:,.0f} |"
        for row in rows
        if row.what != "bytes a version"
    ]
    return "\n".join(lines) + "\n"


def _at_least(what: str, limit: int, measured: float) -> Goal:
    return Goal(what, f">= {limit:,}/s", f"{measured:,.0f}/s", met=measured >= limit)


def _ratio(what: str, limit: float, measured: float) -> Goal:
    return Goal(what, f">= {limit:.2f} x", f"{measured:.2f} x", met=measured >= limit)


def _row(what: str, server: str, loads: Sequence[Load]) -> Row:
    found = median(loads)
    return Row(what, server, found.rate, found.p50, found.p99, found.cpu)


# What is asked. One list of requests a connection: the versions of a subject come one after another.


def _loads(server: str, registers: int, reads: int) -> list[tuple[str, list[list[Request]]]]:
    if server == "empty":
        return [("read by id", spread([get("/schemas/ids/1")] * reads, _CONNECTIONS))]
    highest = registers
    chosen = random.Random(7)  # noqa: S311 - the same requests every time
    by_id = [get(f"/schemas/ids/{chosen.randint(1, highest)}") for _ in range(reads)]
    found = [("register", _registrations(server, registers)), ("read by id", spread(by_id, _CONNECTIONS))]
    if server == "registry":
        latest = [get(f"/subjects/{_subject(chosen.randrange(_subjects(registers)))}/versions/latest") for _ in by_id]
        found.append(("read latest", spread(latest, _CONNECTIONS)))
    return found


def _registrations(server: str, count: int) -> list[list[Request]]:
    """Registrations by connection, behind the request that asks for FULL compatibility."""
    lists: list[list[Request]] = [[] for _ in range(_CONNECTIONS)]
    for subject in range(_subjects(count)):
        path = f"/subjects/{_subject(subject)}/versions"
        lists[subject % _CONNECTIONS] += [
            send("POST", path, {"schemaType": "PROTOBUF", "schema": _text(subject, version)}, _KIND)
            for version in range(_VERSIONS_OF_A_SUBJECT)
        ]
    if server == "registry":
        lists[0].insert(0, send("PUT", "/config", {"compatibility": "FULL"}, _KIND))
    return lists


def _subjects(registers: int) -> int:
    return max(registers // _VERSIONS_OF_A_SUBJECT, 1)


def _subject(number: int) -> str:
    return f"bench%2Fv1%2Fuser_{number}.proto"


def _text(subject: int, version: int) -> str:
    """A contract like that of the example; no two of them are alike, so that nothing is compiled once for all."""
    more = "".join(f"  string extra_{number} = {number + 20};\n" for number in range(version))
    return (
        f'syntax = "proto3";\npackage bench.v1.s{subject};\n'
        "// A person who may log in.\nmessage User {\n"
        "  string id = 1;\n  string email = 2;\n  string first_name = 3;\n  string last_name = 4;\n"
        "  int32 age = 5;\n  bool active = 6;\n  repeated string tags = 7;\n  Role role = 8;\n"
        f"{more}}}\n"
        "enum Role {\n  ROLE_UNSPECIFIED = 0;\n  ROLE_ADMIN = 1;\n  ROLE_GUEST = 2;\n}\n"
        "message CreateUser {\n  string email = 1;\n  string first_name = 2;\n}\n"
    )


# The servers.


def _command(server: str, database: Path) -> list[str]:
    """How a server of one worker is started on a free port."""
    if server == "registry":
        return [sys.executable, "-P", "-m", "registry", "serve", "--port", "0", "--db", str(database)]
    return [sys.executable, "-m", "benchmarks.registry_speed", server, str(database)]


def _empty_app() -> object:
    """The floor: what the HTTP server itself costs."""

    async def app(scope: Scope, _receive: object, send: Callable[[Scope], Any]) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return app


def _trivial_app(database: str) -> object:
    """FastAPI and SQLite as a tutorial has it: an insert a request, neither compiled nor compared."""
    import sqlite3  # noqa: PLC0415 - only this process needs it

    import fastapi  # noqa: PLC0415 - as above

    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE schemas (id INTEGER PRIMARY KEY, subject TEXT, schema TEXT)")
    app = fastapi.FastAPI()

    async def register(subject: str, request: fastapi.Request) -> dict[str, Any]:
        sent = await request.json()
        values = (subject, sent["schema"])
        made = connection.execute("INSERT INTO schemas (subject, schema) VALUES (?, ?)", values)
        return {"id": made.lastrowid}

    async def read(schema_id: int) -> dict[str, Any]:
        row = connection.execute("SELECT schema FROM schemas WHERE id = ?", (schema_id,)).fetchone()
        return {"schemaType": "PROTOBUF", "schema": row[0]}

    # The annotation of a local class is text here, which FastAPI cannot look up.
    register.__annotations__["request"] = fastapi.Request
    app.post("/subjects/{subject:path}/versions")(register)
    app.get("/schemas/ids/{schema_id}")(read)
    return app


# A large registry.


def _measure_many(database: Path, subjects: int, reads: int, rounds: int) -> dict[tuple[str, str], list[Load]]:
    _fill(database, subjects)
    size = database.stat().st_size / (subjects * _MANY_VERSIONS)
    chosen = random.Random(11)  # noqa: S311 - as above
    by_id = [get(f"/schemas/ids/{chosen.randint(1, subjects * _MANY_VERSIONS)}") for _ in range(reads)]
    by_version = [
        get(f"/subjects/{_subject(chosen.randrange(subjects))}/versions/{chosen.randint(1, _MANY_VERSIONS)}")
        for _ in range(reads)
    ]
    latest = [get(f"/subjects/{_subject(chosen.randrange(subjects))}/versions/latest") for _ in range(reads)]
    rows: dict[tuple[str, str], list[Load]] = {("bytes a version", "registry"): [Load(size, 0, 0)]}
    with running(_command("registry", database)) as found:
        asked = {"lookup by id": by_id, "lookup by version": by_version, "lookup of the latest": latest}
        for what, requests in asked.items():
            rows[what, "registry"] = [generate(found, [requests[start::rounds]]) for start in range(rounds)]
    return rows


def _fill(database: Path, subjects: int) -> None:
    from registry.sqlite import SqliteStore  # noqa: PLC0415 - the benchmark of the plugins does without it
    from registry.values import NewVersion  # noqa: PLC0415 - as above

    store = SqliteStore(database)
    for subject in range(subjects):
        name = f"bench/v1/user_{subject}.proto"
        with store.transaction():
            for version in range(_MANY_VERSIONS):
                text, canonical = _text(subject, 0).replace("age", f"age_{version}"), _canonical(subject, version)
                content_id = hashlib.sha256(canonical).hexdigest()
                store.add(name, NewVersion(content_id, name, text, canonical, b""), lambda: None)
    store.close()


def _canonical(subject: int, version: int) -> bytes:
    """A descriptor of the size that the example has."""
    file = FileDescriptorProto(package=f"bench.v1.s{subject}", syntax="proto3")
    user = file.message_type.add(name="User")
    for number in range(1, 9):
        user.field.add(
            name=f"field_{version}_{number}",
            number=number,
            json_name=f"field{version}{number}",
            type=FieldDescriptorProto.TYPE_STRING,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
        )
    return file.SerializeToString(deterministic=True)


def main(arguments: Sequence[str]) -> int:
    """Measure and print, or be one of the processes that take part."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.registry_speed", description=__doc__)
    made.add_argument("--scale", type=float, default=1.0, help="a part of the load, for a quick look")
    made.add_argument("part", nargs="*", help=argparse.SUPPRESS)
    options = made.parse_args(arguments)
    if options.part:
        return _take_part(options.part)
    rows = measure(lambda text: sys.stderr.write(f"{text}\n"), scale=options.scale)
    found = goals(rows)
    if options.scale < 1:
        sys.stdout.write(f"A quick look at {options.scale:g} of the load: versions are as much fewer.\n\n")
    sys.stdout.write(render(rows, found))
    return 0 if all(goal.met for goal in found) else 1


def _take_part(part: Sequence[str]) -> int:
    match part:
        case ["empty", _]:
            return serve(_empty_app())
        case ["trivial", database]:
            return serve(_trivial_app(database))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

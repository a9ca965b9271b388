"""What is remembered of observations: bounded, without secrets, never in anybody's way."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gateway.delegation.masking import masked, masked_query
from gateway.delegation.parity import Observation, ParityBook
from protogate.comparison import Difference
from protogate.cqrs.errors import StoreUnavailableError
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROUTE = "GET /queries/user/{id}"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[ParityBook]:
    made = ParityBook(tmp_path / "parity.db")
    yield made
    made.close()


def differing(*paths: str, window: int = 0) -> Observation:
    return Observation("user", ROUTE, window, "GET /x", tuple(Difference(path, "value", 1, 2) for path in paths))


def test_places_of_a_route_are_bounded(book: ParityBook) -> None:
    for number in range(250):
        book.record(differing(f"by_id.{number}"))
    book.flush()
    (route,) = book.read("user", 0).routes
    assert len(route.fields) == 201
    assert {field.path: field.times for field in route.fields}["(others)"] == 50
    assert route.compared == 250


def test_examples_are_the_last_few(book: ParityBook) -> None:
    for number in range(20):
        book.record(Observation("user", ROUTE, 0, f"GET /{number}", (Difference("a", "value", number, 0),)))
    book.flush()
    (field,) = book.read("user", 0).routes[0].fields
    assert [example.request for example in field.examples] == ["GET /19", "GET /18", "GET /17", "GET /16", "GET /15"]


def test_one_answer_counts_once_for_each_place(book: ParityBook) -> None:
    book.record(differing("items[].a", "items[].a", "items[].b"))
    book.flush()
    assert {field.path: field.times for field in book.read("user", 0).routes[0].fields} == {
        "items[].a": 1,
        "items[].b": 1,
    }


def test_long_values_and_paths_are_cut(book: ParityBook) -> None:
    book.record(Observation("user", ROUTE, 0, "", (Difference("p" * 5000, "value", "x" * 5000, "\ud800"),)))
    book.flush()
    (field,) = book.read("user", 0).routes[0].fields
    assert len(field.path) == len(field.examples[0].legacy) == 203
    assert field.examples[0].slice


def test_windows_are_counted_apart_and_old_ones_forgotten(book: ParityBook) -> None:
    book.record(differing("a"))
    book.record(differing("a", window=7))
    book.record(differing(window=7))
    book.flush()
    assert (book.read("user", 0).ratio, book.read("user", 7).ratio, book.read("user", 9).ratio) == (0.0, 0.5, None)
    book.forget_before("user", 7)
    assert (book.read("user", 0).compared, book.read("user", 7).compared) == (0, 2)


def test_several_processes_add_up(book: ParityBook, tmp_path: Path) -> None:
    other = ParityBook(tmp_path / "parity.db")
    for one in (book, other) * 50:
        one.record(differing("a"))
    book.flush()
    other.flush()
    other.close()
    assert book.read("user", 0).routes[0].fields[0].times == 100


def test_nobody_waits_for_a_file_that_is_locked_and_what_is_lost_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.delegation.parity._TIMEOUT", 0.1)
    book = ParityBook(tmp_path / "parity.db")
    lock = sqlite3.connect(tmp_path / "parity.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    for _ in range(10_000):
        book.record(differing("a"))
    assert time.monotonic() - began < 1
    threading.Event().wait(0.3)
    assert book.lost > 1000
    lock.execute("ROLLBACK")
    lock.close()
    lost = book.lost
    while not book.flush(5):
        pass
    book.record(differing("a"))
    assert book.flush(5)
    assert book.read("user", 0).compared == 10_001 - max(lost, book.lost)
    book.close()


def test_a_file_that_breaks_is_an_unavailable_store_and_stops_nothing(book: ParityBook, tmp_path: Path) -> None:
    book.record(differing("a"))
    assert book.flush()
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "parity.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreUnavailableError):
        book.read("user", 0)
    book.forget_before("user", 7)


@pytest.mark.parametrize("content", [b"no database at all, whatever its name says", None], ids=["text", "directory"])
def test_a_file_that_is_none_of_ours_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "parity.db"
    path.mkdir() if content is None else path.write_bytes(content * 100)
    with pytest.raises(UserError, match=r"parity\.db: .*; give another --data-dir, or delete the file"):
        ParityBook(path)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "parity.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UserError, match="newer protogate"):
        ParityBook(tmp_path / "parity.db")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("password", "hunter2"),
        ("user.api_key", "abc"),
        ("user.accessToken.value", "abc"),
        ("note", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
        ("note", "Bearer abcdefghijkl"),
        ("note", "pay with 4111111111111111 please"),
        ("cards[]", {"cardNumber": "4111", "cvv": 123}),
    ],
    ids=["name", "snake", "nested", "jwt", "bearer", "card", "inside"],
)
def test_secrets_are_masked_by_name_and_by_looks(path: str, value: object) -> None:
    text = str(masked(value, path))
    assert "***" in text
    for secret in ("hunter2", "abc", "4111"):
        assert secret not in text


def test_what_is_no_secret_stays() -> None:
    value = {"email": "a@b.example", "version": 3, "passenger": "ann", "tags": ["x"]}
    assert masked(value, "user") == value


def test_secrets_in_queries_are_masked() -> None:
    assert masked_query("q=a%20b&Access%5FToken=xyz&n=1&flag") == "q=a%20b&Access%5FToken=***&n=1&flag"

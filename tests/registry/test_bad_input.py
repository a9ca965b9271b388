"""Bad input and bad disks: the right error, and nothing half-written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from registry.errors import (
    InvalidSchemaError,
    InvalidSubjectError,
    NotFoundError,
    ReferenceNotFoundError,
    SchemaTooLargeError,
    StoreError,
    StoreTimeoutError,
)
from registry.service import LARGEST_SCHEMA, Registry
from registry.settings import open_store
from registry.sqlite import SqliteStore
from registry.values import Reference
from tests.registry.samples import accept_all, message_text, new_version, user_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.ports import Store
    from tests.support.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
_MOUNT = shutil.which("mount") or "mount"
_UMOUNT = shutil.which("umount") or "umount"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    database = str(path)
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = f"bad_input_{uuid4().hex}"
        with closing(open_store(server.url)) as public:
            public._rows(f"CREATE SCHEMA {name}")  # type: ignore[attr-defined]  # noqa: SLF001 - one of our own
        database = f"{server.url}&options=-csearch_path%3D{name}"
    with closing(open_store(database)) as opened:
        yield opened


# Names.

STRANGE = {
    "slashes": "a/b//c/../d",
    "percent": "a%2Fb%00",
    "quotes": "a'b\"c`d\\e",
    "statement": "'; DROP TABLE versions; --",
    "wildcards": "%_*?[",
    "spaces": " a  b ",
    "unicode": "za\u017c\u00f3\u0142\u0107-\U0001f600-\u202e",
    "context": ":.ctx:a:b:c",
    "half a context": ":.ctx",
    "no context": ":ctx:a",
    "long": "x" * 1024,
    "dots": "..",
    "json": '{"a": [null]}',
}
REFUSED = {
    "empty": "",
    "zero byte": "a\0b",
    "line end": "a\nb",
    "escape": "a\x1b[31mb",
    "half a surrogate pair": "a\ud800b",
    "ten kilobytes": "x" * 10_000,
    "ten kilobytes of unicode": "\u017c" * 5_000,
    "only a context": ":.ctx:",
}


@pytest.mark.parametrize("subject", STRANGE.values(), ids=STRANGE)
def test_a_strange_subject_is_a_subject_like_any_other(store: Store, subject: str) -> None:
    registry = Registry(store)
    registry.set_level(subject, "FULL")
    stored = registry.register(subject, registry.compile(user_text(), subject=subject)).stored
    assert registry.subjects() == (subject,)
    assert registry.get(subject, 1) == stored
    assert registry.lookup(subject, registry.compile(user_text(), subject=subject)) == stored
    assert registry.level(subject).value == "FULL"
    assert registry.subjects(subject) == (subject,)
    assert registry.import_lines(registry.export_lines()) == 0
    assert registry.delete_subject(subject) == (1,)
    assert registry.delete_subject(subject, permanent=True) == (1,)


@pytest.mark.parametrize("subject", REFUSED.values(), ids=REFUSED)
def test_a_subject_that_is_no_name_is_refused(store: Store, subject: str) -> None:
    registry = Registry(store)
    compiled = registry.compile(user_text(), subject=subject)
    for write in (
        lambda: registry.register(subject, compiled),
        lambda: registry.check(subject, compiled),
        *((lambda: registry.set_level(subject, "FULL"),) if subject != ":.ctx:" else ()),
    ):
        with pytest.raises(InvalidSubjectError) as caught:
            write()
        assert (caught.value.status, caught.value.code) == (422, 42208)
        assert len(str(caught.value)) < 200
    assert registry.subjects(deleted=True) == ()
    assert store.settings() == ()


@pytest.mark.parametrize("subject", REFUSED.values(), ids=REFUSED)
def test_reading_by_a_name_that_none_can_have_finds_nothing(store: Store, subject: str) -> None:
    registry = Registry(store)
    for read in (
        lambda: registry.get(subject, 1),
        lambda: registry.versions(subject),
        lambda: registry.lookup(subject, registry.compile(user_text())),
        lambda: registry.delete_subject(subject),
    ):
        with pytest.raises((NotFoundError, InvalidSubjectError)):
            read()
    assert registry.subjects(subject or "none") == ()
    assert registry.own_level(subject or "none") is None


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_a_reference_to_no_name_is_not_found(store: Store, name: str) -> None:
    registry = Registry(store)
    for reference in (Reference("acme/x.proto", name, 1), Reference(name, "nobody", 1)):
        with pytest.raises(ReferenceNotFoundError):
            registry.compile(user_text(), [reference])


# Schemas.


def test_a_schema_of_50_megabytes_is_refused_before_it_is_compiled(store: Store) -> None:
    registry = Registry(store)
    with pytest.raises(
        SchemaTooLargeError, match=r"has 52,428,800 characters, this registry takes 8,388,608"
    ) as caught:
        registry.compile("x" * (50 * 1024 * 1024))
    assert (caught.value.status, caught.value.code) == (422, 42209)


def test_a_schema_at_the_limit_is_taken(store: Store) -> None:
    registry = Registry(store)
    text = user_text()
    text += "//" + "x" * (LARGEST_SCHEMA - len(text) - 2)
    assert registry.register("user", registry.compile(text)).new
    assert registry.get("user", 1).text == text


def test_a_schema_that_nests_too_deep_is_refused(store: Store) -> None:
    text = 'syntax = "proto3";' + "message M {" * 5000 + "}" * 5000
    with pytest.raises(InvalidSchemaError):
        Registry(store).compile(text)


def test_a_schema_of_many_fields_is_taken(store: Store) -> None:
    registry = Registry(store)
    text = message_text(*(f"string field_{number} = {number};" for number in range(1, 3001)))
    assert registry.register("big", registry.compile(text)).new
    assert not registry.check("big", registry.compile(text.replace("string field_7 ", "int32 field_7 "))).compatible


# Files.


def test_a_locked_database_is_a_timeout(path: Path) -> None:
    with closing(SqliteStore(path, timeout=0.1)) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreTimeoutError, match=r"kept the database locked for 0\.1 s; try again") as caught:
            store.add("a", new_version(), accept_all)
        assert (caught.value.status, caught.value.code) == (500, 50002)
        # Readers never wait.
        assert store.subjects() == ()
        other.rollback()
        assert store.add("a", new_version(), accept_all)[1]


def test_a_damaged_database_says_so(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        for number in range(200):
            store.add("a", new_version(f"Message{number}"), accept_all)
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xa5" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="the database is damaged; restore it from a backup or an export") as caught:  # noqa: SIM117 - it may show at once
        with closing(SqliteStore(path)) as store:
            store.versions("a")
    assert (caught.value.status, caught.value.code) == (500, 50001)


def test_a_database_that_was_cut_off_says_so(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        for number in range(200):
            store.add("a", new_version(f"Message{number}"), accept_all)
    os.truncate(path, 10_000)
    with pytest.raises(StoreError, match="the database is damaged"):  # noqa: SIM117 - as above
        with closing(SqliteStore(path)) as store:
            store.versions("a")


@contextmanager
def open_to_everybody() -> Iterator[Path]:
    """A folder outside of pytest's, which only its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="protogate-registry-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


def test_a_database_that_may_not_be_written_says_so() -> None:
    with open_to_everybody() as folder:
        path = folder / "registry.db"
        with closing(SqliteStore(path)) as store:
            store.add("a", new_version(), accept_all)
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        before = path.read_bytes()
        script = (
            "import os, sys\n"
            "from registry.errors import StoreError\n"
            "from registry.sqlite import SqliteStore\n"
            "from tests.registry.samples import accept_all, new_version\n"
            "if os.geteuid() == 0: os.seteuid(65534)\n"
            "try:\n"
            f"    SqliteStore({str(path)!r}).add('b', new_version('Other'), accept_all)\n"
            "except StoreError as error:\n"
            "    print(error)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
        assert "read-only" in done.stdout or "cannot be opened" in done.stdout
        assert path.read_bytes() == before


FILL = """\
import resource
import sys
from registry.errors import StoreError
from registry.sqlite import SqliteStore
from tests.registry.samples import accept_all, new_version

path, limit = sys.argv[1], int(sys.argv[2])
store = SqliteStore(path)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(100_000):
    try:
        results = store.batch(
            [lambda n=n: store.add("a", new_version(f"Message{number}x{n}" + "x" * 500), accept_all) for n in range(3)]
        )
        failed = [result for result in results if isinstance(result, Exception)]
        if failed:
            raise failed[0]
    except StoreError as error:
        print("refused", error)
        break
    for stored, _ in results:
        print(stored.version)
# What is there can still be read, and the next attempt fails the same way.
print("read", len(store.heads("a")))
"""


def fill(path: Path, limit: int = 0) -> tuple[list[int], str, int]:
    """Add versions until the disk is full; give what was acknowledged, the error and what can be read after it."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), str(limit)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    *numbers, refused, read = done.stdout.splitlines()
    return [int(number) for number in numbers], refused, int(read.split()[1])


def assert_whole(path: Path, acknowledged: list[int]) -> None:
    with closing(SqliteStore(path)) as store:
        assert [head.version for head in store.heads("a")] == acknowledged
        assert store._rows("PRAGMA integrity_check") == [("ok",)]  # noqa: SLF001 - nothing else shows it
        assert store.add("a", new_version("Room again"), accept_all)[0].version == len(acknowledged) + 1


def test_a_file_that_may_not_grow_loses_nothing(path: Path) -> None:
    acknowledged, refused, read = fill(path, 300_000)
    assert refused.startswith(f"refused {path}: the disk ")
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert read == len(acknowledged) > 0
    assert_whole(path, acknowledged)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk; the test above limits the file instead")
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    disk, elsewhere = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    mounted = subprocess.run(
        [_MOUNT, "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this container may not mount; the test above limits the file instead")
    try:
        acknowledged, refused, read = fill(disk / "registry.db")
        assert refused == f"refused {disk}/registry.db: the disk is full; nothing was written"
        assert read == len(acknowledged) > 0
        shutil.copytree(disk, elsewhere)
    finally:
        subprocess.run([_UMOUNT, str(disk)], check=True)
    assert_whole(elsewhere / "registry.db", acknowledged)


@pytest.mark.parametrize("database", ["", "mysql://host/db", "sqlite://relative.db", "a\0b"])
def test_a_database_that_is_no_database_is_refused(database: str) -> None:
    with pytest.raises(StoreError, match="is neither a path nor"):
        open_store(database)

"""Stored schemas as images, judged by the real `buf breaking` over HTTP."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.registry.server.conftest import quoted
from tests.registry.server.contracts import MONEY, ORDER, ORDER_BROKEN, ORDER_WIDER
from tests.registry.server.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_ORDER_FILE = "shop/v1/order.proto"
_MONEY_FILE = "shop/v1/money.proto"
_PLACES = [
    f"subjects/{quoted(_ORDER_FILE)}/versions/1.binpb",
    f"subjects/{quoted(_ORDER_FILE)}/versions/latest.binpb.gz",
    f"images/{_ORDER_FILE}/1.binpb",
    f"images/{_ORDER_FILE}/latest.binpb.gz",
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A registry with an order and the money that it imports."""
    with serve(str(tmp_path_factory.mktemp("registry") / "registry.db")) as server, server.client() as rest:
        fill(rest)
        yield rest


def fill(rest: httpx.Client) -> None:
    for name, text, references in (
        (_MONEY_FILE, MONEY, []),
        (_ORDER_FILE, ORDER, [{"name": _MONEY_FILE, "subject": _MONEY_FILE, "version": 1}]),
    ):
        body = {"schemaType": "PROTOBUF", "schema": text, "references": references}
        rest.post(f"/subjects/{quoted(name)}/versions", json=body).raise_for_status()


def breaking(project: Path, address: str, order: str) -> subprocess.CompletedProcess[str]:
    """Ask buf whether a module with this order breaks what is stored there."""
    (project / "shop" / "v1").mkdir(parents=True, exist_ok=True)
    (project / "buf.yaml").write_text("version: v2\nbreaking:\n  use: [FILE]\n")
    (project / _MONEY_FILE).write_text(MONEY)
    (project / _ORDER_FILE).write_text(order)
    return run_buf(project, ".", address)


def run_buf(project: Path, module: str, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    buf = Path(sys.executable).with_name("buf")
    command = [str(buf), "breaking", module, "--against", address, *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", _PLACES)
def test_buf_reads_stored_images(shop: httpx.Client, tmp_path: Path, place: str) -> None:
    address = f"{shop.base_url}/{place}"
    same = breaking(tmp_path, address, ORDER_WIDER)
    assert (same.returncode, same.stdout) == (0, ""), same.stderr
    broken = breaking(tmp_path, address, ORDER_BROKEN)
    assert broken.returncode == 100, broken.stderr
    assert 'shop/v1/order.proto:8:3:Field "1" with name "id" on message "Order" changed type' in broken.stdout


def test_buf_knows_what_is_only_imported(shop: httpx.Client, tmp_path: Path) -> None:
    """The module of orders imports money from another one: without its imports it has no money to delete."""
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules: [{path: orders}, {path: common}]\n")
    for module, name, text in (("orders", _ORDER_FILE, ORDER_WIDER), ("common", _MONEY_FILE, MONEY)):
        (tmp_path / module / name).parent.mkdir(parents=True)
        (tmp_path / module / name).write_text(text)
    done = run_buf(tmp_path, "orders", f"{shop.base_url}/{_PLACES[0]}", "--exclude-imports")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_image_holds_imports_and_source_info(shop: httpx.Client) -> None:
    image = FileDescriptorSet.FromString(shop.get(f"/{_PLACES[0]}").content)
    names = [file.name for file in image.file]
    assert names == ["google/protobuf/timestamp.proto", _MONEY_FILE, _ORDER_FILE]
    comments = [location.leading_comments for location in image.file[-1].source_code_info.location]
    assert " What a customer wants.\n" in comments


def test_zipped_image_is_the_same_image_and_the_same_bytes_every_time(shop: httpx.Client) -> None:
    first, again = (shop.get(f"/{_PLACES[1]}").content for _ in range(2))
    assert first == again
    assert gzip.decompress(first) == shop.get(f"/{_PLACES[0]}").content


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("images/nobody/1.binpb", 40401),
        (f"images/{_ORDER_FILE}/2.binpb", 40402),
        (f"images/{_ORDER_FILE}/nonsense", 42202),
        (f"subjects/{quoted(_ORDER_FILE)}/versions/x.binpb", 42202),
        ("images/1.binpb", 42208),
    ],
)
def test_missing_image_has_the_code_of_a_missing_version(shop: httpx.Client, path: str, code: int) -> None:
    assert shop.get(f"/{path}").json()["error_code"] == code

"""A registry as the tests of its page find it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.registry.server.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

    from tests.registry.server.running import RunningServer

__all__ = ["BIG", "HOSTILE", "MONEY", "ORDER", "Shop", "big_text", "fill", "open_shop"]

MONEY = "shop/v1/money.proto"
ORDER = "shop/v1/order.proto"
BIG = "shop/v1/big.proto"
HOSTILE = """<img src=x onerror="hacked=1">&amp;/"'><script>hacked=2</script>/versions/1"""
"""A name that is a danger to whoever takes it for markup or for an address."""

_MONEY = """syntax = "proto3";
package shop.v1;
message Money {
  string currency = 1;
  int64 units = 2;
}
"""
_ORDER = """syntax = "proto3";
package shop.v1;
import "shop/v1/money.proto";

// What a customer wants.
message Order {
  string id = 1;
  Money total = 2;
  int32 amount = 3;
  string nick = 4;
  repeated string tags = 5;
}

// How far it is.
enum State {
  STATE_UNSPECIFIED = 0;
  STATE_OPEN = 1;
  STATE_PAID = 2;
  STATE_SENT = 3;
}

/* A page of
   a list. */
message OrderPage {
  repeated Order orders = 1;
  string next_page_token = 2;
}

message ListOrders {
  int32 page_size = 1;
}
"""
_ORDER_WIDER = _ORDER.replace("int32 page_size = 1;", "int32 page_size = 1;\n  string page_token = 2;")
_ORDER_BROKEN = _ORDER_WIDER.replace("int32 amount = 3;", "string amount = 3;").replace("  string nick = 4;\n", "")
_NOTE = 'syntax = "proto3";\n// {}\nmessage Note {{\n  {} text = 1;\n}}\n'


@dataclass(frozen=True, slots=True)
class Shop:
    """A running registry and the addresses of its page."""

    server: RunningServer
    client: httpx.Client

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"{self.server.url}/ui/"

    def at(self, fragment: str) -> str:
        """The address of a place of the page."""
        return f"{self.page}#/{fragment}"

    def register(self, subject: str, text: str, references: Mapping[str, int] | None = None) -> None:
        """Add a version; a reference goes by the name that is imported."""
        named = [{"name": name, "subject": name, "version": version} for name, version in (references or {}).items()]
        body = {"schemaType": "PROTOBUF", "schema": text, "references": named}
        self._call("POST", f"/subjects/{quote(subject, safe='')}/versions", body)

    def set_level(self, subject: str, level: str) -> None:
        """Set the compatibility level of a subject."""
        self._call("PUT", f"/config/{quote(subject, safe='')}", {"compatibility": level})

    def delete(self, subject: str, version: int) -> None:
        """Delete a version softly."""
        self._call("DELETE", f"/subjects/{quote(subject, safe='')}/versions/{version}")

    def _call(self, method: str, path: str, body: object = None) -> None:
        answer = self.client.request(method, path, json=body)
        assert answer.status_code == 200, answer.text


@contextmanager
def open_shop(folder: Path, *, port: str = "0", token: str = "") -> Iterator[Shop]:
    """A registry that runs until the block ends; it is found again in its folder."""
    env = {"PROTOGATE_REGISTRY_TOKEN": token} if token else {}
    with serve(str(folder / "registry.db"), "--port", port, env=env) as server, server.client() as client:
        if token:
            client.headers["Authorization"] = f"Bearer {token}"
        yield Shop(server, client)


def big_text(kind: str = "string", messages: int = 500) -> str:
    """A schema of ten lines a message."""
    fields = "".join(f"  {kind} field_{number} = {number};\n" for number in range(1, 9))
    return 'syntax = "proto3";\n' + "".join(f"message M{number} {{\n{fields}}}\n" for number in range(messages))


def fill(shop: Shop) -> None:
    """Register what the tests look at."""
    shop.register(MONEY, _MONEY)
    shop.set_level(ORDER, "NONE")
    for text in (_ORDER, _ORDER_WIDER, _ORDER_BROKEN):
        shop.register(ORDER, text, {MONEY: 1})
    shop.set_level(ORDER, "FULL")
    shop.register(BIG, big_text())
    shop.set_level(HOSTILE, "NONE")
    shop.register(HOSTILE, _NOTE.format(HOSTILE, "string"))
    shop.register(HOSTILE, _NOTE.format(f"{HOSTILE} changed", "bytes"))

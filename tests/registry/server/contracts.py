"""Contracts for the tests of clients: an order that imports money, in two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pool, message_factory

from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.message import Message

__all__ = ["MONEY", "ORDER", "ORDER_BROKEN", "ORDER_WIDER", "image", "message_class"]

MONEY = """syntax = "proto3";
package shop.v1;
// What something costs.
message Money {
  string currency = 1;
  int64 units = 2;
}
"""

ORDER = """syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "shop/v1/money.proto";
// What a customer wants.
message Order {
  // Chosen by us.
  string id = 1;
  Money total = 2;
  google.protobuf.Timestamp placed_at = 3;
  repeated Line lines = 4;
  message Line {
    string sku = 1;
    uint32 amount = 2;
  }
}
"""

ORDER_WIDER = ORDER.replace("  repeated Line", "  string note = 5;\n  repeated Line")
"""Compatible with ORDER both ways."""

ORDER_BROKEN = ORDER.replace("string id = 1;", "bool id = 1;")
"""Compatible with ORDER neither way."""


def image(order: str = ORDER) -> FileDescriptorSet:
    """The compiled order with its imports."""
    return compile_protos({"shop/v1/money.proto": MONEY, "shop/v1/order.proto": order})


def message_class(name: str, order: str = ORDER) -> type[Message]:
    """The class of a message, as generated code has it."""
    pool = descriptor_pool.DescriptorPool()
    for file in image(order).file:
        file.ClearField("source_code_info")
        pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))

"""What the events of an order amount to, and what is for sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.cqrs.replay import Fold

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent

__all__ = ["CATALOG", "CATEGORY", "ORDER", "Order"]

CATEGORY = "order"
"""Of the streams: `order/42`."""
CATALOG = {"tea": ("Green tea, 100 g", 540), "cup": ("A cup", 890), "pot": ("A pot for four", 3200)}
"""Title and price in cents of each product; a shop with more of them has a slice for that."""


class Order(NamedTuple):
    """An order as it is now."""

    product_id: str = ""
    quantity: int = 0
    customer: str = ""


def _apply(state: Order, event: StoredEvent) -> Order:
    if event.type == "OrderPlaced":
        data = event.data
        return Order(str(data.get("productId", "")), int(data.get("quantity", 0)), str(data.get("customer", "")))
    # Events of a newer version of this slice: they are not ours to read.
    return state


def _dump(state: Order) -> Any:
    return state._asdict()


def _read(document: Any) -> Order:
    return Order(**document)


ORDER: Fold[Order] = Fold("order-1", Order(), _apply, _dump, _read)
"""Change its name when `Order` or `_apply` changes: snapshots of the old one are then left alone."""

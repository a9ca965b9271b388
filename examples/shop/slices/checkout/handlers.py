"""What the commands of the checkout do, and what its queries say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.cqrs.errors import UnknownAggregateError
from protogate.cqrs.handling import Decision
from protogate.cqrs.ids import uuid7
from protogate.cqrs.messages import NewEvent, stream_name
from slices._gen.shop.catalog.v1.catalog_models import Product
from slices._gen.shop.checkout.v1.checkout_models import (
    GetOrderResponse,
    ListProductsResponse,
    OrderPlaced,
    PlaceOrderResponse,
    State,
)
from slices.checkout.state import CATALOG, CATEGORY, ORDER

if TYPE_CHECKING:
    from protogate.cqrs.handling import Context
    from protogate.cqrs.messages import StoredEvent
    from protogate.http import QueryContext
    from slices._gen.shop.checkout.v1.checkout_models import GetOrderRequest, ListProductsRequest, PlaceOrderRequest

__all__ = ["CheckoutCommands", "CheckoutQueries"]


class CheckoutCommands:
    """Implements `CheckoutCommandServiceHandlers`. A handler decides; the runtime writes."""

    async def place_order(self, request: PlaceOrderRequest, context: Context) -> Decision[PlaceOrderResponse]:
        """Place an order for what is for sale."""
        command = request.command
        if command.product_id not in CATALOG:
            raise UnknownAggregateError("product", command.product_id)
        new_id = uuid7(context.now_us)
        event = OrderPlaced(
            order_id=new_id, product_id=command.product_id, quantity=command.quantity, customer=command.customer
        )

        def respond(events: tuple[StoredEvent, ...], position: int) -> PlaceOrderResponse:
            return PlaceOrderResponse(id=new_id, state=State.STATE_OPEN, version=events[-1].version, position=position)

        recorded = NewEvent("OrderPlaced", event.to_json_dict())
        return Decision((context.append_new(stream_name(CATEGORY, new_id), recorded),), respond)


class CheckoutQueries:
    """Implements `CheckoutQueryServiceHandlers`."""

    async def list_products(self, request: ListProductsRequest, context: QueryContext) -> ListProductsResponse:
        """Give everything that is for sale."""
        products = [Product(id=key, title=title, price_cents=price) for key, (title, price) in sorted(CATALOG.items())]
        return ListProductsResponse(products=products)

    async def get_order(self, request: GetOrderRequest, context: QueryContext) -> GetOrderResponse:
        """Give the present state; 404 for one that nobody placed."""
        loaded = await context.existing(stream_name(CATEGORY, request.id), ORDER)
        state = loaded.state
        return GetOrderResponse(
            id=request.id,
            product_id=state.product_id,
            quantity=state.quantity,
            customer=state.customer,
            state=State.STATE_OPEN,
            version=loaded.version,
        )

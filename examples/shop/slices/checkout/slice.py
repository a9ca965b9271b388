"""The checkout slice, as the gateway and `service/app.py` mount it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.slices import Slice
from slices._gen.shop.checkout.v1.checkout_routes import (
    ROUTES,
    checkout_command_service_router,
    checkout_query_service_router,
)
from slices.checkout.handlers import CheckoutCommands, CheckoutQueries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from protogate.http import Runtime
    from protogate.slices import Resources

__all__ = ["SLICE", "routers"]


def routers(runtime: Runtime) -> Sequence[APIRouter]:
    """Return what answers commands and queries."""
    return (
        checkout_command_service_router(CheckoutCommands(), runtime),
        checkout_query_service_router(CheckoutQueries(), runtime),
    )


def _mount(runtime: Runtime, resources: Resources) -> Sequence[APIRouter]:
    return routers(runtime)


SLICE = Slice(
    name="checkout",
    # The old shop knows no such paths, so nothing is compared with it: see `protogate slice phase` where it does.
    phase="live",
    routes=ROUTES,
    mount=_mount,
    categories=("order",),
    smoke_checks=(
        "GET /queries/checkout/products -> 200 products",
        "GET /queries/checkout/orders/absent -> 404 type, title, status, detail",
        (
            'POST /commands/checkout/place {"product_id": "tea", "quantity": 2, "customer": "smoke {unique}"}'
            " -> 201 id, state, version, position"
        ),
    ),
)

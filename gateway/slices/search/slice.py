"""The search slice, as the gateway mounts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway._gen.search.v1.search_routes import ROUTES, search_command_service_router, search_query_service_router
from gateway.slices.search.handlers import SearchCommands, SearchQueries
from gateway.slices.search.projection import SearchProjection
from gateway.stores.search import open_search_index
from protogate.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from protogate.http import Runtime
    from protogate.slices import Resources

__all__ = ["SLICE"]


def _mount(runtime: Runtime, resources: Resources) -> Sequence[APIRouter]:
    index = open_search_index(resources.database, resources.data_directory)
    projection = SearchProjection(resources.store, index)
    resources.run(projection)
    resources.add_read_model(projection)
    return (
        search_command_service_router(SearchCommands(), runtime),
        search_query_service_router(SearchQueries(projection), runtime),
    )


SLICE = Slice(
    name="search",
    phase="live",
    routes=ROUTES,
    mount=_mount,
    frontend="static",
    frontend_paths=("gateway/web/search.html",),
    read_models=(SearchProjection.name,),
    smoke_checks=(
        'POST /commands/search/index {"id": "smoke-{unique}", "title": "Smoke check"} -> 201 status, id, event_id',
        "GET /queries/search?limit=1 -> 200 results, total_count",
        "GET /queries/search?q=%22 -> 200 results, total_count",
    ),
)

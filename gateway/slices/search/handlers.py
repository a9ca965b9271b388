"""What commands do to the index, and what queries find in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway._gen.search.v1.search_models import EntryIndexed, IndexEntryResponse, SearchResponse, SearchResult
from gateway.slices.search.grammar import parse
from gateway.slices.search.ports import Page
from gateway.slices.search.projection import CATEGORY
from protogate.cqrs.handling import Decision
from protogate.cqrs.messages import NewEvent, stream_name

if TYPE_CHECKING:
    from gateway._gen.search.v1.search_models import IndexEntryRequest, SearchRequest
    from gateway.slices.search.projection import SearchProjection
    from protogate.cqrs.handling import Context
    from protogate.cqrs.messages import StoredEvent
    from protogate.http import QueryContext

__all__ = ["SearchCommands", "SearchQueries"]

_LIMIT: Final = 20


class SearchCommands:
    """Implements `SearchCommandServiceHandlers`."""

    async def index_entry(self, request: IndexEntryRequest, context: Context) -> Decision[IndexEntryResponse]:
        """Record an entry; the projection puts it into the index, in the place of one with its id."""
        command = request.command
        indexed = EntryIndexed(
            id=command.id,
            title=command.title,
            category=command.category,
            content=command.content,
            metadata=command.metadata,
        )
        event = NewEvent(EntryIndexed.__name__, indexed.to_json_dict())

        def respond(events: tuple[StoredEvent, ...], position: int) -> IndexEntryResponse:
            return IndexEntryResponse(status="indexed", id=command.id, event_id=events[-1].id, position=position)

        # Nothing to load: whatever the entry was, now it is this.
        return Decision((context.append(stream_name(CATEGORY, command.id), event),), respond)


class SearchQueries:
    """Implements `SearchQueryServiceHandlers`."""

    def __init__(self, projection: SearchProjection) -> None:
        """Answer from an index that catches up first."""
        self._projection = projection

    async def search(self, request: SearchRequest, context: QueryContext) -> SearchResponse:  # noqa: ARG002 - all see the same
        """Find entries, best first; without a text, all of them."""
        await self._projection.catch_up()
        limit = _LIMIT if request.limit is None else request.limit
        page = Page(limit, request.offset or 0, request.category)
        found = await self._projection.index.search(parse(request.q), page)
        results = [
            SearchResult(
                id=hit.id,
                title=hit.title,
                category=hit.category,
                rank=hit.rank,
                snippet=hit.snippet,
                metadata=dict(hit.metadata),
            )
            for hit in found.hits
        ]
        return SearchResponse(results=results, total_count=found.total)

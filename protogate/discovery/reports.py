"""All documents of a repository, and the text of every file that is written; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.discovery import documents
from protogate.discovery.cqrs import cqrs_markdown
from protogate.discovery.markdown import PAGES
from protogate.discovery.page import page
from protogate.discovery.pictures import dot, mermaid
from protogate.discovery.profile import profile_markdown
from protogate.discovery.rows import candidate_rows, short_row
from protogate.discovery.service_boundaries import service_boundaries, settings_of
from protogate.discovery.service_boundary_pages import pages
from protogate.discovery.shared_ts import shared_ts_candidates, shared_ts_markdown
from protogate.discovery.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.discovery.analysis import Analysis
    from protogate.discovery.candidates import Candidate
    from protogate.discovery.facts import FileFacts
    from protogate.discovery.settings import Settings

__all__ = ["ALL", "document_texts", "page_texts", "report", "report_texts", "table_texts"]

_TABLE: Final = "module-candidates"

ALL: Final = (
    "repository-profile",
    "module-candidates",
    "module-boundaries",
    "service-boundaries",
    "cqrs-pattern-clusters",
    "shared-ts-candidates",
    "delegation-plan.generated",
    "migration-wave-plan",
    "delegation-decisions",
    "excluded-candidates",
    "service-boundary-decisions",
    "migration-discovery.summary",
)
"""Names of the documents."""


def report(
    analysis: Analysis, facts: Mapping[str, FileFacts], settings: Settings, *, is_shown: bool = False
) -> dict[str, object]:
    """Return every document by its name.

    Args:
        analysis: of the repository.
        facts: what its files say.
        settings: of the run.
        is_shown: whether `module-candidates` has those rows only that pages show; `table_texts` has all of them.
    """
    # What asks for no pattern and no plan comes first: these may be found on another processor meanwhile.
    planned = {one.candidate.unit.name for one in analysis.slices} if is_shown else None
    made: dict[str, object] = {
        "repository-profile": documents.repository_profile(analysis.inventory),
        "module-boundaries": documents.boundary_rows(analysis),
        "shared-ts-candidates": shared_ts_candidates(analysis.inventory, facts),
        "delegation-decisions": documents.decisions(analysis),
        "excluded-candidates": documents.excluded(analysis),
        "module-candidates": candidate_rows(analysis.ranked, planned),
    }
    boundaries = service_boundaries(
        analysis.inventory,
        settings_of(settings.table),
        analysis.boundaries.of,
        [short_row(one) for one in analysis.ranked],
        facts,
    )
    made |= {
        "service-boundaries": boundaries,
        "service-boundary-decisions": documents.service_boundary_decisions(boundaries),
        "cqrs-pattern-clusters": analysis.clusters,
        "delegation-plan.generated": documents.delegation_plan(analysis),
        "migration-wave-plan": documents.wave_plan(analysis, settings.of("analysis.max_waves")),
    }
    artifacts = {name: f"{name}.json" for name in ALL} | {"page": "migration-discovery.html"}
    return made | {"migration-discovery.summary": documents.summary(analysis, made, artifacts)}


def table_texts(ranked: Sequence[Candidate]) -> dict[str, str]:
    """Return the texts of all candidates by the names of their files: by far the largest document."""
    rows = candidate_rows(ranked)
    return {f"{_TABLE}.json": json_text(rows), f"{_TABLE}.md": PAGES[_TABLE](rows)}


def document_texts(made: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of the other documents by the names of their files."""
    return {f"{name}.json": json_text(made[name]) for name in ALL if name != _TABLE}


def page_texts(made: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of the other pages in Markdown, and of the pictures, by the names of their files."""
    found = {f"{name}.md": write(made[name]) for name, write in PAGES.items() if name != _TABLE}
    boundaries = made["service-boundaries"]
    found["repository-profile.md"] = profile_markdown(_table(made["repository-profile"]))
    found["cqrs-pattern-clusters.md"] = cqrs_markdown(_table(made["cqrs-pattern-clusters"]))
    found["shared-ts-candidates.md"] = shared_ts_markdown(_table(made["shared-ts-candidates"]))
    found |= pages(_table(boundaries))
    found["module-boundaries.dot"] = dot(made)
    found["module-boundaries.mmd"] = mermaid(made)
    return found


def report_texts(made: Mapping[str, object]) -> dict[str, str]:
    """Return the text of the page to look at by the name of its file."""
    return {"migration-discovery.html": page(made)}


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}

"""All documents of a repository, and the text of every file that is written; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.discovery import documents
from protogate.discovery.cqrs import cqrs_markdown
from protogate.discovery.markdown import PAGES
from protogate.discovery.page import page
from protogate.discovery.pictures import dot, mermaid
from protogate.discovery.profile import profile_markdown
from protogate.discovery.service_boundaries import service_boundaries, settings_of
from protogate.discovery.service_boundary_pages import pages
from protogate.discovery.shared_ts import shared_ts_candidates, shared_ts_markdown
from protogate.discovery.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.discovery.analysis import Analysis
    from protogate.discovery.facts import FileFacts
    from protogate.discovery.settings import Settings

__all__ = ["ALL", "report", "texts"]

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
"""Names of the documents, in the order in which they are made."""


def report(analysis: Analysis, facts: Mapping[str, FileFacts], settings: Settings) -> dict[str, object]:
    """Return every document by its name."""
    candidates = documents.candidate_rows(analysis)
    boundaries = service_boundaries(
        analysis.inventory,
        settings_of(settings.table),
        analysis.boundaries.of,
        [{**row, "modules": sorted(one.unit.modules)} for row, one in zip(candidates, analysis.ranked, strict=True)],
        facts,
    )
    waves = documents.wave_plan(analysis, settings.of("analysis.max_waves"))
    profile = documents.repository_profile(analysis.inventory)
    made: dict[str, object] = {
        "repository-profile": profile,
        "module-candidates": candidates,
        "module-boundaries": documents.boundary_rows(analysis),
        "service-boundaries": boundaries,
        "cqrs-pattern-clusters": analysis.clusters,
        "shared-ts-candidates": shared_ts_candidates(analysis.inventory, facts),
        "delegation-plan.generated": documents.delegation_plan(analysis),
        "migration-wave-plan": waves,
        "delegation-decisions": documents.decisions(analysis),
        "excluded-candidates": documents.excluded(analysis),
        "service-boundary-decisions": documents.service_boundary_decisions(boundaries),
    }
    artifacts = {name: f"{name}.json" for name in ALL}
    artifacts["page"] = "migration-discovery.html"
    made["migration-discovery.summary"] = documents.summary(analysis, profile, boundaries, waves, artifacts)
    return made


def texts(made: Mapping[str, object]) -> dict[str, str]:
    """Return the text of every file by its name: documents, their pages, the page to look at, the pictures."""
    found = {f"{name}.json": json_text(made[name]) for name in ALL}
    found |= {f"{name}.md": write(made[name]) for name, write in PAGES.items()}
    boundaries = made["service-boundaries"]
    found["repository-profile.md"] = profile_markdown(_table(made["repository-profile"]))
    found["cqrs-pattern-clusters.md"] = cqrs_markdown(_table(made["cqrs-pattern-clusters"]))
    found["shared-ts-candidates.md"] = shared_ts_markdown(_table(made["shared-ts-candidates"]))
    found |= pages(_table(boundaries))
    found["migration-discovery.html"] = page(made)
    found["module-boundaries.dot"] = dot(made)
    found["module-boundaries.mmd"] = mermaid(made)
    return found


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}

"""All routes of the server."""

from __future__ import annotations

from registry.server import about, compatibility, diffs, images, schemas, settings, subjects

__all__ = ["ROUTES"]

ROUTES = (
    *about.ROUTES,
    *schemas.ROUTES,
    *subjects.ROUTES,
    *diffs.ROUTES,
    *compatibility.ROUTES,
    *settings.ROUTES,
    *images.ROUTES,
)

"""Health: `GET /api/v3/id/health`."""

from fastapi import APIRouter

from backend.api.models import Checks, Health

router = APIRouter(prefix="/api/v3/id")
database = {"reachable": True}


@router.get("/health")
def get_health() -> Health:
    """Tell how the service is; a broken part degrades the whole."""
    if database["reachable"]:
        return Health(status="ok", checks=Checks(database="ok"))
    return Health(status="degraded", checks=Checks(database="error"))

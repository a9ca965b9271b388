"""Devices: `POST /api/v3/data/devices`."""

from fastapi import APIRouter

from backend.api.models import CreateDevice, CreationStatus, Device, DeviceCreated

router = APIRouter(prefix="/api/v3/data")
known: dict[str, str] = {}
"""Ids by serial number; a database in a real service."""
published: list[DeviceCreated] = []
"""A message bus in a real service."""


@router.post("/devices")
def create_device(body: CreateDevice) -> Device:
    """Register a device; the same serial number twice is the same device."""
    if body.serial in known:
        return Device(id=known[body.serial], status=CreationStatus.EXISTS)
    known[body.serial] = f"d{len(known) + 1}"
    published.append(DeviceCreated(id=known[body.serial], origin="api"))
    return Device(id=known[body.serial], status=CreationStatus.CREATED)

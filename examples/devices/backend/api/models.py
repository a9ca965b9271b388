"""The documents that go in and out."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

Mode = Literal["auto", "manual"]


class CreationStatus(StrEnum):
    """What became of a request for a device."""

    CREATED = "created"
    EXISTS = "exists"


class CreateDevice(BaseModel):
    """What a client sends."""

    serial: str
    mode: Mode


class Device(BaseModel):
    """What it gets back."""

    id: str
    status: CreationStatus


class DeviceCreated(BaseModel):
    """What other services hear."""

    id: str
    origin: Literal["ui", "api"]


class Checks(BaseModel):
    """The parts of the service."""

    database: Literal["ok", "error"]


class Health(BaseModel):
    """The service as a whole."""

    status: Literal["ok", "degraded"]
    checks: Checks

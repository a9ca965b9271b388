"""The service: `uvicorn backend.main:app`."""

from fastapi import FastAPI

from backend.api.routes import devices, health

app = FastAPI(title="Devices")
app.include_router(devices.router)
app.include_router(health.router)

"""`uvicorn service.app:app`: the generated FastAPI routers and the page, for a look without a gateway.

Events are in memory here and gone at the end; `protogate gateway` keeps them.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from slices.checkout.slice import routers

from protogate.cqrs.memory import MemoryStore
from protogate.http import Runtime, install_problems

WEB = Path(__file__).resolve().parents[1] / "web"

app = FastAPI(title="The shop")
for router in routers(Runtime(MemoryStore())):
    app.include_router(router)
install_problems(app)
app.mount("/web", StaticFiles(directory=WEB), name="web")


@app.get("/", include_in_schema=False)
def page() -> RedirectResponse:
    """Lead to the page."""
    return RedirectResponse("/web/index.html")

"""Health of slices: what must be there, and what is said when it is not."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateway.health import Places, Readiness, slice_health
from gateway.registration import Registration
from gateway.slices.search.slice import SLICE as SEARCH
from gateway.slices.user.slice import SLICE as USER
from gateway.wiring import load_slices
from protogate._apps import app_command, app_environment
from protogate.config import load_config
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import Append, Commit, NewEvent, Outgoing
from protogate.errors import UserError
from protogate.slices import delegated
from tests.gateway.test_app import problem
from tests.support.gateway import ROOT, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

CONTRACT = "contracts/user/v1/user.proto"


def nobody_knows(_contract: str) -> None:
    return None


def settled(client: httpx.Client, ok: int) -> dict[str, Any]:
    """Health once so many modules are well: the search index of a new gateway is built behind its back."""
    deadline = time.monotonic() + 10
    while (whole := client.get("/health").json())["modules"]["ok"] < ok and time.monotonic() < deadline:
        time.sleep(0.02)
    found: dict[str, Any] = whole
    return found


def test_health_has_the_shape_that_monitors_know(client: httpx.Client) -> None:
    whole = settled(client, 2)
    assert whole["status"] == "ok"
    assert whole["modules"] == {"total": 2, "ok": 2, "degraded": 0}
    modules = client.get("/health/modules").json()
    assert modules.keys() == {"status", "module_count", "ok_count", "degraded_count", "slices"}
    search, user = modules["slices"]
    assert search == {
        "name": "search",
        "phase": SEARCH.phase,
        "backend": "delegated",
        "frontend": "static",
        "status": "ok",
        "missing_required": [],
        "command_count": 1,
        "query_count": 1,
        "smoke_check_count": 3,
    }
    assert user["name"] == "user"
    assert client.get("/delegation/slices").json() == [search, user]


def test_a_module_lists_what_it_needs(client: httpx.Client) -> None:
    module = client.get("/health/modules/user").json()
    assert module == {
        "status": "ok",
        "missing_required": [],
        "contracts": [{"path": CONTRACT, "required": True, "exists": True}],
        "read_models": [{"path": "events", "required": True, "exists": True}],
        "frontend_assets": [],
    }


def test_a_slice_is_described_by_its_contract(client: httpx.Client) -> None:
    described = client.get("/delegation/slices/user").json()
    assert list(described) == [
        "name",
        "phase",
        "backend",
        "frontend",
        "transports",
        "contract_paths",
        "command_routes",
        "query_routes",
        "read_model_paths",
        "frontend_paths",
        "smoke_checks",
        "health",
    ]
    assert described["contract_paths"] == [CONTRACT]
    assert described["query_routes"] == ["/queries/user/{id}"]
    assert "/commands/user/dual-create" in described["command_routes"]
    assert described["transports"] == ["http", "ws", "sse"]
    assert described["health"]["status"] == "ok"


@pytest.mark.parametrize("path", ["/health/modules/nope", "/delegation/slices/nope"])
def test_unknown_slices_are_problems(client: httpx.Client, path: str) -> None:
    assert problem(client.get(path), 404)["detail"] == "Delegated slice 'nope' not found"


def test_what_is_missing_degrades_a_slice(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    found = slice_health(delegated(USER), Places(tmp_path, tmp_path / "contracts"), {"events": False}, nobody_knows)
    assert found.status == "degraded"
    assert found.missing_required == (CONTRACT, "events")
    assert found.contracts == ({"path": CONTRACT, "required": True, "exists": False},)


def test_pages_that_are_planned_need_no_files(tmp_path: Path) -> None:
    files = ("pages/none.html",)
    for frontend, missing in (("static", files), ("planned", ()), ("none", ())):
        one = delegated(USER._replace(frontend=frontend, frontend_paths=files))
        found = slice_health(one, Places(tmp_path), {"events": True}, nobody_knows)
        assert found.missing_required == missing
        assert found.frontend_assets == ({"path": files[0], "required": bool(missing), "exists": False},)


def test_a_contract_that_the_registry_does_not_know_degrades_a_slice() -> None:
    def registered(known: bool) -> Callable[[str], bool]:  # noqa: FBT001 - what it answers
        return lambda _contract: known

    one, places = delegated(USER), Places(ROOT)
    found = slice_health(one, places, {"events": True}, registered(known=False))
    assert found.missing_required == (f"{CONTRACT}: contract not registered",)
    assert slice_health(one, places, {"events": True}, registered(known=True)).status == "ok"
    assert found.contracts[0]["registered"] is False


def test_our_contracts_need_not_stand_in_the_registry_of_a_project(tmp_path: Path) -> None:
    def status(places: Places) -> str:
        return slice_health(delegated(USER), places, {"events": True}, lambda _contract: False).status

    assert status(Places(tmp_path, registers_ours=False)) == "ok"
    assert status(Places(tmp_path)) == "degraded"
    assert status(Places(ROOT, registers_ours=False)) == "degraded"
    assert status(Places(tmp_path, ROOT / "contracts", registers_ours=False)) == "degraded"


def test_contracts_are_those_of_the_project_or_else_our_own(tmp_path: Path) -> None:
    assert Places(tmp_path).contract(CONTRACT) == ROOT / CONTRACT
    (tmp_path / CONTRACT).parent.mkdir(parents=True)
    (tmp_path / CONTRACT).write_text("")
    assert Places(tmp_path).contract(CONTRACT) == tmp_path / CONTRACT
    assert Places(tmp_path, Path("/srv/protos")).contract(CONTRACT) == Path("/srv/protos/user/v1/user.proto")


SLICE = """
    from gateway._gen.identification.v1.identification_routes import ROUTES
    from protogate.slices import Slice

    SLICE = Slice(
        name="identification",
        phase="planned",
        routes=ROUTES,
        mount=lambda runtime, resources: [],
        frontend="static",
        frontend_paths=("web/identify.html",),
        smoke_checks=("GET /health",),
    )
"""


def project(tmp_path: Path, slices: str, code: str = SLICE) -> Path:
    """A repository with a slice of its own, and with folders that are called like ours."""
    root = tmp_path / "project"
    for folder in ("acme", "gateway", "contracts/identification/v1", "web"):
        (root / folder).mkdir(parents=True)
    (root / "acme/slices.py").write_text(textwrap.dedent(code))
    (root / "gateway/__init__.py").write_text("raise RuntimeError('not this one')")
    (root / "contracts/identification/v1/identification.proto").write_text("")
    (root / "pyproject.toml").write_text(f"[tool.protogate]\nslices = {slices}\n")
    return root


def test_slices_of_a_project_are_mounted_and_registered_contracts_are_asked_for(tmp_path: Path) -> None:
    root = project(tmp_path, '["acme.slices:SLICE"]')
    with serve_gateway(tmp_path / "data", "-C", str(root)) as gateway, gateway.client() as client:
        assert [one["name"] for one in client.get("/delegation/slices").json()] == ["identification", "search", "user"]
        module = client.get("/health/modules/identification").json()
        assert module["missing_required"] == ["web/identify.html"]
        # Our own slices have the contracts that came with them.
        assert settled(client, 2)["modules"] == {"total": 3, "ok": 2, "degraded": 1}
        assert client.get("/health").status_code == 200
        (root / "web/identify.html").write_text("")
        assert client.get("/health/modules/identification").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("slices", "code", "said"),
    [
        ('["acme.slices"]', SLICE, "is no package.module:NAME"),
        ('["acme.nowhere:SLICE"]', SLICE, "cannot be imported: No module named 'acme.nowhere'"),
        ('["acme.slices:NONE"]', SLICE, "cannot be imported"),
        ('["acme.slices:SLICE"]', "SLICE = 1", "is no Slice of protogate.slices"),
        ('["acme.slices:SLICE"]', "def f(:", "cannot be imported"),
        ('["acme.slices:SLICE"]', SLICE.replace('"planned"', '"phase-9"'), "phase 'phase-9' is not known"),
        ('["acme.slices:SLICE"]', SLICE.replace('"identification"', '"user"'), "which is taken"),
    ],
)
def test_slices_that_cannot_be_mounted_are_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slices: str, code: str, said: str
) -> None:
    root = project(tmp_path, slices, code)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("acme", "acme.slices"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    try:
        with pytest.raises(UserError, match=re.escape(said)) as refused:
            load_slices(load_config(str(root)), root)
    finally:
        for name in ("acme", "acme.slices"):
            sys.modules.pop(name, None)
    assert "\n" not in str(refused.value)


def test_registration_knows_the_subjects_of_a_registry(tmp_path: Path) -> None:
    async def ask(database: str, contract: str = "user/v1/user.proto") -> bool | None:
        registration = Registration(database, tmp_path)
        await registration.ask()
        return registration.knows(contract)

    assert asyncio.run(ask("registry.db")) is None
    (tmp_path / "contracts/a/v1").mkdir(parents=True)
    (tmp_path / "contracts/a/v1/a.proto").write_text('syntax = "proto3";\npackage a.v1;\nmessage A {}\n')
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: contracts\n")
    plugins = "plugins:\n  - local: protoc-gen-protogate-pydantic\n    out: gen\n"
    (tmp_path / "buf.gen.yaml").write_text(f"version: v2\ninputs:\n  - directory: contracts\n{plugins}")
    command = app_command("registry", ["register", "-C", str(tmp_path), "--db", "registry.db"])
    done = subprocess.run(command, env=app_environment(os.environ), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert asyncio.run(ask("registry.db")) is False
    assert asyncio.run(ask("registry.db", "a/v1/a.proto")) is True


class Ailing(MemoryStore):
    """A store that does not answer."""

    async def position(self) -> int:
        raise StoreUnavailableError("away")

    def is_healthy(self) -> bool:
        return self.writes

    writes = True


def checks(store: Any, data: Path, max_lag: float = 900) -> dict[str, str]:  # noqa: ANN401 - a store
    return asyncio.run(Readiness(store, data, max_lag).checks())


def test_a_store_that_is_away_keeps_requests_away(tmp_path: Path) -> None:
    store = Ailing()
    assert checks(store, tmp_path) == {"store": "does not answer", "disk": "ok", "outbox": "ok"}
    store.writes = False
    assert checks(store, tmp_path)["store"] == "the writer does not work"
    assert checks(MemoryStore(), tmp_path / "gone")["disk"] == "is gone"


def test_an_outbox_that_is_far_behind_keeps_requests_away(tmp_path: Path) -> None:
    async def filled() -> MemoryStore:
        store = MemoryStore(now_us=lambda: 1)
        appends = (Append("user/1", (NewEvent("A", {}),)),)
        await store.commit(Commit(appends, outgoing=(Outgoing("legacy", {}),)))
        return store

    store = asyncio.run(filled())
    assert checks(store, tmp_path)["outbox"].startswith("1 entries wait")
    assert checks(store, tmp_path, max_lag=1e12)["outbox"] == "ok"

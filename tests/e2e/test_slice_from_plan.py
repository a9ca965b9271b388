"""From a legacy repository to a slice that answers: discovery, plan, scaffold, generation, tests, mapping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.conftest import Shell
from tests.support.repositories import SHOP, write

if TYPE_CHECKING:
    from pathlib import Path

_MORE = {
    "shop/orders/schemas.py": """
        from pydantic import BaseModel, Field

        class PlaceOrder(BaseModel):
            product_id: int
            note: str = Field(max_length=80)
        """,
    "shop/orders/api.py": """
        from fastapi import APIRouter
        from shop.orders.schemas import PlaceOrder
        from shop.orders.service import cancel, place

        router = APIRouter()

        @router.post("/")
        def place_order(body: PlaceOrder):
            return place(None, body.product_id)

        @router.post("/{order_id}/cancel")
        def cancel_order(order_id: int, reason: str):
            return cancel(None, order_id)

        @router.get("/{order_id}")
        def get_order(order_id: int):
            return None
        """,
}


def test_a_slice_of_a_plan_works_at_once(tmp_path: Path, installed: Path) -> None:
    write(tmp_path / "legacy", {**SHOP, **_MORE})
    project = tmp_path / "project"
    project.mkdir()
    shell = Shell(project, installed)
    (project / "chosen.json").write_text(json.dumps([{"module": "shop.orders"}]))
    shell.run("protogate init")
    shell.run(f"protogate delegation-plan --repo-root ../legacy --input {project}/chosen.json")
    plan = "../legacy/reports/migration-discovery/delegation-plan.generated.json"
    said = shell.run(f"protogate slice new --from-plan {plan} --module shop.orders --repo-root ../legacy")
    assert "new     contracts/legacy_bridge/orders.mapping.yaml" in said
    shell.run("protogate vendor .protogate/protos")
    shell.run("buf lint --path contracts/orders")
    shell.run("buf format --diff --exit-code --path contracts/orders")
    shell.run("protogate generate")
    assert "3 passed" in shell.run("python -m pytest -q -p no:cacheprovider tests/test_orders_slice.py")
    mapping = (project / "contracts/legacy_bridge/orders.mapping.yaml").read_text()
    assert "stream: {category: orders, key: [id]}" in mapping
    assert "status: status" in mapping
    shell.run("protogate legacy register orders ../legacy/shop/orders/models.py --table orders")
    said = shell.run("protogate legacy diff --mapping contracts/legacy_bridge/orders.mapping.yaml")
    assert "Migration Readiness: 100.0%" in said
    again = shell.run(f"protogate slice new --from-plan {plan} --module shop.orders --repo-root ../legacy", code=2)
    assert "is there already and stays as it is" in again

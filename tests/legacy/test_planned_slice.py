"""Slices out of delegation plans: what is inferred from legacy code, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protogate.errors import UserError
from protogate.legacy.handler_code import LegacyCode
from protogate.legacy.planned_slice import find_row, plan_from_row
from tests.support.repositories import write

if TYPE_CHECKING:
    from pathlib import Path

_CODE = {
    "shop/orders/models.py": """
        from django.db import models

        class Order(models.Model):
            number = models.CharField(max_length=12)
            total = models.DecimalField(max_digits=10, decimal_places=2, null=True)
            paid = models.BooleanField(default=False)
            placed_at = models.DateTimeField()
            customer = models.ForeignKey("users.User", on_delete=models.CASCADE)
        """,
    "shop/orders/api.py": """
        from datetime import date
        from typing import Annotated
        from fastapi import APIRouter, Depends
        from pydantic import BaseModel, Field

        router = APIRouter()

        class NewOrder(BaseModel):
            number: str = Field(max_length=12)
            customer_id: int

        @router.post("/orders")
        def place_order(body: NewOrder, session: Session = Depends(None)): ...

        @router.post("/orders/{order_id}/ship")
        async def ship_order(order_id: int, on: date, carrier: Carrier): ...

        @router.delete("/orders/{order_id}")
        def delete_order(order_id: int): ...
        """,
    "shop/orders/broken.py": "def f(:\n",
}


def _row() -> dict[str, Any]:
    def asked(name: str, method: str, path: str, handler: str, line: int) -> dict[str, Any]:
        place = {"file": "shop/orders/api.py", "line": line}
        return {"name": name, "gateway": "", "method": method, "path": path, "handler": handler, **place}

    return {
        "module": "shop.orders",
        "slice": {
            "slice_name": "order",
            "gateway": {
                "commands": [
                    asked("PlaceOrder", "POST", "/orders", "place_order", 13),
                    asked("ShipOrder", "POST", "/orders/{order_id}/ship", "ship_order", 16),
                    asked("DeleteOrder", "DELETE", "/orders/{order_id}", "delete_order", 19),
                ],
                "queries": [
                    asked("GetOrder", "GET", "/orders/{order_id}", "get_order", 3),
                    asked("ListOrders", "GET", "/orders", "list_orders", 5),
                ],
            },
        },
        "contents": {"modules": [{"path": path} for path in _CODE]},
        "data": [
            {
                "table": "orders_order",
                "owner": "slice",
                "model": "Order",
                "file": "shop/orders/models.py",
                "line": 3,
                "columns": ["number", "total", "paid", "placed_at", "customer"],
            },
            {"table": "users_user", "owner": "legacy-host", "model": "", "file": "", "line": 0, "columns": []},
        ],
    }


def _contract(tmp_path: Path, row: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    project = tmp_path / "project"
    project.mkdir()
    found = plan_from_row(project, row, write(tmp_path / "legacy", _CODE), "slices")
    return found.plan.created["contracts/order/v1/order.proto"], found.notes


def test_the_contract_has_what_the_code_takes_and_the_table_keeps(tmp_path: Path) -> None:
    text, notes = _contract(tmp_path, _row())
    for line in (
        "// It takes over the table `orders_order` of the legacy system.",
        "  rpc PlaceOrder(PlaceOrderRequest) returns (PlaceOrderResponse) {",
        "  // PlaceOrder: what POST /orders did, shop/orders/api.py:13.",
        '      post: "/commands/order/{id}/ship-order"',
        '    option (protogate.options.v1.method) = {emits: "order.v1.OrderShipped"};',
        '    option (protogate.options.v1.method) = {emits: "order.v1.OrderDeleted"};',
        "  string number = 1 [(buf.validate.field).string.max_len = 12];",
        "  int64 customer_id = 2;",
        "  google.protobuf.Timestamp placed_at = 5;",
        "  optional string total = ",
        "  // In place of GET /orders/{order_id} at shop/orders/api.py:3.",
    ):
        assert line in text, line
    assert "session" not in text
    assert set(notes) == {
        "shop/orders/broken.py:1: cannot be parsed; nothing of it was inferred",
        "shop/orders/api.py:16: carrier: Carrier of ship_order is of no type that was found",
        "shop/orders/api.py:5: GET /orders asks for more than one record by its id: give it a read model",
    }


def test_a_table_whose_types_nobody_knows_has_texts_and_a_note(tmp_path: Path) -> None:
    row = _row()
    row["data"][0] |= {"file": "shop/orders/schema.sql", "model": ""}
    text, notes = _contract(tmp_path, row)
    assert "optional string placed_at" in text
    assert "shop/orders/schema.sql:3: the types of orders_order are not known; its columns became texts" in notes


def test_a_plan_without_a_creating_command_gets_one_and_says_so(tmp_path: Path) -> None:
    row = _row()
    del row["slice"]["gateway"]["commands"][0]
    text, notes = _contract(tmp_path, row)
    assert "rpc CreateOrder(" in text
    assert "the plan has no command that creates an order: CreateOrder was added" in notes


def test_code_is_never_run(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "raise SystemExit('run')\n\ndef place(size: int): ...\n"})
    handler = LegacyCode(tmp_path, ["a.py", "none.py"]).handler("a.py", 3, "place", [])
    assert [field.name for field in handler.fields] == ["size"]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("shop.order", "'shop.order' is not in the plan; did you mean 'shop.orders'?"),
        ("zzz", "'zzz' is not in the plan; it has shop.orders"),
    ],
)
def test_a_module_that_is_not_planned_is_one_line(module: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        find_row([_row()], module, "plan.json")
    assert said in str(caught.value)
    with pytest.raises(UserError, match=r"plan.json: has no slices; delegation-plan.generated.json is wanted"):
        find_row({}, module, "plan.json")
    assert find_row([_row()], "order", "plan.json") == find_row([_row()], "shop.orders", "plan.json")

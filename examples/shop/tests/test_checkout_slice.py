"""The checkout over HTTP, with a store in memory."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from service.app import app

client = TestClient(app)


def test_what_is_ordered_can_be_asked_for() -> None:
    placed = client.post("/commands/checkout/place", json={"product_id": "pot", "quantity": 2, "customer": "Ann"})
    assert placed.status_code == 201
    order = client.get(f"/queries/checkout/orders/{placed.json()['id']}").json()
    assert (order["productId"], order["quantity"], order["state"], order["version"]) == ("pot", 2, "STATE_OPEN", 1)


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        ({"product_id": "tea", "quantity": 0, "customer": "Ann"}, "/quantity"),
        ({"product_id": "Tea!", "quantity": 1, "customer": "Ann"}, "/product_id"),
        ({"product_id": "tea", "quantity": 1, "customer": ""}, "/customer"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place(command: dict[str, object], pointer: str) -> None:
    refused = client.post("/commands/checkout/place", json=command)
    assert refused.status_code == 422
    assert pointer in [one["pointer"] for one in refused.json()["errors"]]


def test_sending_a_command_again_orders_once() -> None:
    command = {"product_id": "cup", "quantity": 1, "customer": "Bob"}
    again = [
        client.post("/commands/checkout/place", json=command, headers={"Idempotency-Key": "k-1"}).json()["id"]
        for _ in range(2)
    ]
    assert again[0] == again[1]


def test_what_nobody_sells_or_placed_is_not_there() -> None:
    unknown = {"product_id": "sofa", "quantity": 1, "customer": "Ann"}
    assert client.post("/commands/checkout/place", json=unknown).status_code == 404
    assert client.get("/queries/checkout/orders/absent").status_code == 404

"""Read an order with the generated models, and refuse one that breaks a rule."""

import sys

sys.path.insert(0, "generated/python")

from pydantic import ValidationError
from shop.orders.v1.orders_models import Order

order = Order.model_validate(
    {"id": "0190163d-8694-739b-aea5-966c26f8ad91", "lines": [{"productId": "tea", "quantity": "3"}]}
)
assert order.lines[0].quantity == 3
try:
    Order.model_validate({"id": "not a uuid"})
except ValidationError as error:
    print(f"refused as it should be: {error.error_count()} violations")
else:
    sys.exit("an order without a proper id was accepted")

"""The shop as one small server: the generated routers of the checkout, and the page that asks them."""

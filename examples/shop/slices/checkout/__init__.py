"""Checkout: products to look at, orders to place."""

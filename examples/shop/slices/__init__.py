"""The slices of the shop, one package each."""

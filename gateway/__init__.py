"""The gateway: extracted slices behind HTTP, with the legacy host behind them."""

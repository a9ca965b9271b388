"""CQRS contracts in JSON, and whether the Python code behind them says the same."""

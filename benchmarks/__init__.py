"""Corpora, checks and timing: `python -m benchmarks --help`."""

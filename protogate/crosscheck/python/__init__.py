"""Reads Python code without running it: which documents its models and handlers accept and write."""

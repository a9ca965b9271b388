"""Compatibility of two versions of a contract: one pass over descriptors, judged by profiles; no I/O, no storage."""

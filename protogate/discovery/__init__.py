"""Finds what to take out of a legacy repository next, and exactly where to cut."""

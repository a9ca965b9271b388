"""Search: entries of any slice, found by their text."""

"""Commands, events and the stores that keep them: what extracted slices are written against.

Nothing here knows HTTP or SQL. A slice imports messages, ports and folds from here; the gateway brings the stores.
"""

"""Moves the rows of a legacy database into the event store, keeps them in step, and proves that nothing is lost."""

"""The schema of the stores as numbered steps, see `protogate.schema_steps`."""

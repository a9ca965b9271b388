"""Generators from Python code and JSON Schemas, for what has no Protobuf contract yet."""

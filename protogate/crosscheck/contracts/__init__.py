"""Reads, checks and lists the CQRS contracts of a directory: `*.command.json`, `*.query.json`, `*.event.json`."""

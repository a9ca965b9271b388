"""The databases of events: each passes `protogate.cqrs.testing.EventStoreContract`."""

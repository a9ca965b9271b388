from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.testing import EventStoreContract


class TestMemoryStore(EventStoreContract):
    async def open(self) -> MemoryStore:
        return MemoryStore()

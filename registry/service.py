"""The registry itself: what the command line and the REST server call.

Planned face (built out in this module)::

    class Registry:
        def __init__(self, store: Store) -> None
        def compile(self, source: Source, references: Sequence[Reference]) -> CompiledSchema
        def register(self, subject, compiled, *, normalize=False, metadata=None, schema_id=0) -> tuple[StoredVersion, bool]
        def lookup(self, subject, compiled, *, deleted=False) -> StoredVersion
        def check(self, subject, compiled, against="latest" | int | "all") -> Verdict(findings, compared versions)
        def diff(self, subject, old: int, new: int) -> tuple[Finding, ...]
        def image(self, subject, version) -> FileDescriptorSet      # imports included, source info included
        def level(subject) / set_level / mode / set_mode / delete / export / import_
"""

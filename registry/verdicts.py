"""Verdicts on two versions, remembered: contents never change, so neither does what was found between two of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from protogate.findings import Severity, sort_findings
from registry.cache import WeightedCache
from registry.values import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from protogate.compat.changes import Mode
    from protogate.descriptors import Schema
    from protogate.findings import Finding
    from registry.compiler import CompiledSchema
    from registry.values import Head

    Judge = Callable[[Schema, Schema, Mode], tuple[Finding, ...]]
    """Old, new and how far they must be compatible, to what was found."""

__all__ = ["Judges", "default_judge"]

_REMEMBERED: Final = 20_000
"""Pairs without findings weigh 1, others 1 more for each finding."""


def default_judge(profiles: Sequence[str] | None = None) -> Judge:
    """Judge by `protogate.compat`, with its default profiles or these."""

    def judge(old: Schema, new: Schema, mode: Mode) -> tuple[Finding, ...]:
        from protogate.compat import DEFAULT_PROFILES, check  # noqa: PLC0415 - not before something is compared

        return check(old, new, profiles=DEFAULT_PROFILES if profiles is None else tuple(profiles), mode=mode)

    return judge


class Judges:
    """Compares schemas with the stored versions of a subject."""

    def __init__(self, judge: Judge, schema_of: Callable[[CompiledSchema], Schema]) -> None:
        self._judge = judge
        self._schema_of = schema_of
        self._remembered: WeightedCache[tuple[Finding, ...]] = WeightedCache(_REMEMBERED)

    def verdict(
        self, new: CompiledSchema, heads: Iterable[Head], mode: Mode, load: Callable[[Head], Schema]
    ) -> Verdict:
        """Compare `new` with every one of `heads`; `load` is called only where nothing is remembered."""
        listed = tuple(heads) if mode.directions else ()
        findings = [finding for head in listed for finding in self._findings(head, new, mode, load)]
        return Verdict(
            compatible=all(each.severity < Severity.ERROR for each in findings),
            findings=sort_findings(findings),
            level=mode.value,
            compared=tuple(head.version for head in listed),
        )

    def _findings(
        self, old: Head, new: CompiledSchema, mode: Mode, load: Callable[[Head], Schema]
    ) -> tuple[Finding, ...]:
        if old.content_id == new.content_id:
            return ()
        # The places in findings are named after the files.
        key = (old.content_id, old.file_name, new.content_id, new.file_name, mode.directions)
        known = self._remembered.get(key)
        if known is not None:
            return known
        found = self._judge(load(old), self._schema_of(_as_the_same_file(old, new)), mode)
        return self._remembered.put(key, found, 1 + len(found))


def _as_the_same_file(old: Head, new: CompiledSchema) -> CompiledSchema:
    """Give `new` under the name of `old`: a subject is one file, whatever its clients call it."""
    taken = any(each.name == old.file_name for each in new.imports)
    return new if taken or new.file_name == old.file_name else replace(new, file_name=old.file_name)

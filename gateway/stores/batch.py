"""Which commits of a batch are written: decided on what the database said at the start of the transaction.

Nothing here touches a database, so all stores decide alike. A commit that cannot be written fails alone, before its
first row, and what an earlier commit of the batch will have written counts for the later ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.stores.rows import answer_of, plan
from protogate.cqrs.errors import DataError, KeyReusedError
from protogate.cqrs.messages import Committed, claimed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.stores.rows import EventRow, KeyRow, OutboxRow, Planned, Prepared
    from protogate.cqrs.messages import Answer, Claim, IdempotencyKey

__all__ = ["Decided", "KeptKey", "Known", "Needs", "checked_answer", "decide", "needs_of"]

KeptKey: TypeAlias = "tuple[bytes, int | None, str | None, bytes | None]"
"""fingerprint, status, headers, body of a key that did not expire."""


class Needs(NamedTuple):
    """What a batch must know of the database."""

    streams: frozenset[str]
    keys: frozenset[tuple[str, str]]
    ids: frozenset[bytes]
    claims: frozenset[tuple[str, str]]
    """Space and name."""


class Known:
    """What the database holds, and what the batch will have added to it."""

    def __init__(
        self,
        position: int,
        versions: dict[str, int],
        keys: dict[tuple[str, str], KeptKey],
        ids: Iterable[bytes] = (),
        owners: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """Take what was asked for by `Needs`.

        Args:
            position: of the newest event.
            versions: of the streams that have events.
            keys: those that are kept.
            ids: those that are in the store.
            owners: of the names that are claimed.
        """
        self.position = position
        self.versions = versions
        self.keys = keys
        self.ids = set(ids)
        self.owners = dict(owners or {})

    def add(self, planned: Planned, owners: Mapping[tuple[str, str], str | None]) -> None:
        """Count a commit in, and whose names are from then on."""
        for place, owner in owners.items():
            if owner is None:
                self.owners.pop(place, None)
            else:
                self.owners[place] = owner
        self.position += len(planned.events)
        for row in planned.events:
            self.versions[row[1]] = row[2]
            self.ids.add(row[3])
        if planned.key is not None:
            scope, key, fingerprint, _, status, headers, body = planned.key
            self.keys[scope, key] = fingerprint, status, headers, body


class Decided(NamedTuple):
    """What becomes of a batch."""

    outcomes: list[Committed | Exception]
    """One for each commit; they hold once the rows are on disk."""
    planned: list[Planned]
    claims: dict[tuple[str, str], str | None]
    """Names that change hands, with their new owners; None for a name that is free again."""

    @property
    def events(self) -> list[EventRow]:
        """Rows for `events`, in order of their positions."""
        return [row for one in self.planned for row in one.events]

    @property
    def keys(self) -> list[KeyRow]:
        """Rows for `keys`; each stands in the place of an expired one."""
        return [one.key for one in self.planned if one.key is not None]

    @property
    def outbox(self) -> list[OutboxRow]:
        """Rows for `outbox`, in order."""
        return [row for one in self.planned for row in one.outbox]


def needs_of(batch: Sequence[Prepared]) -> Needs:
    """Say what to ask the database for."""
    return Needs(
        frozenset(append.stream for one in batch for append in one.commit.appends),
        frozenset((one.commit.key.scope, one.commit.key.key) for one in batch if one.commit.key is not None),
        frozenset(name for one in batch for name in one.own_ids),
        frozenset((claim.space, claim.name) for one in batch for claim in one.commit.claims),
    )


def decide(batch: Sequence[Prepared], known: Known, now_us: int) -> Decided:
    """Say what is written; `known` ends as the database will be."""
    decided = Decided([], [], {})
    before = dict(known.owners)
    for prepared in batch:
        try:
            outcome = _decide_one(prepared, known, now_us)
        except Exception as error:  # noqa: BLE001 - of this command alone; a handler's answer may raise anything
            decided.outcomes.append(error)
            continue
        if isinstance(outcome, Committed):
            decided.outcomes.append(outcome)
            continue
        planned, owners = outcome
        known.add(planned, owners)
        decided.planned.append(planned)
        decided.outcomes.append(Committed(planned.stored, known.position, planned.answer))
    if before != known.owners:
        for place in before.keys() | known.owners.keys():
            if before.get(place) != known.owners.get(place):
                decided.claims[place] = known.owners.get(place)
    return decided


def checked_answer(key: IdempotencyKey, kept: KeptKey) -> Answer | None:
    """The answer that was kept with a key.

    Raises:
        KeyReusedError: it was kept for another body.
    """
    fingerprint, status, headers, body = kept
    if bytes(fingerprint) != key.fingerprint:
        raise KeyReusedError(key.scope, key.key)
    return answer_of(status, headers, body)


def _decide_one(
    prepared: Prepared, known: Known, now_us: int
) -> Committed | tuple[Planned, Mapping[tuple[str, str], str | None]]:
    """What a commit writes, or what was answered to its key before."""
    commit = prepared.commit
    key = commit.key
    if key is not None:
        kept = known.keys.get((key.scope, key.key))
        if kept is not None:
            return Committed((), known.position, checked_answer(key, kept), is_replay=True)
    for name in prepared.own_ids:
        if name in known.ids:
            raise DataError(f"event id {name.hex()}: is in the store already; leave it empty for a new one")
    # A version that is not there any more is told first: whoever hears of it looks again.
    planned = plan(prepared, known.versions, known.position, now_us)
    return planned, _owners(known, commit.claims) if commit.claims else _NOBODY


_NOBODY: Final[Mapping[tuple[str, str], str | None]] = {}


def _owners(known: Known, claims: Sequence[Claim]) -> dict[tuple[str, str], str | None]:
    """Whose the names of some claims are after them."""
    places = [(claim.space, claim.name) for claim in claims]
    after = claimed({place: known.owners[place] for place in places if place in known.owners}, claims)
    return {place: after.get(place) for place in places}
